/* kafkaclient_read.c: reading records at explicit offsets, without a group. */
#include "base/mem.h"
#include "net/kafkaclient_int.h"

#include <librdkafka/rdkafka.h>
#include <stdlib.h>
#include <string.h>

enum { POLL_MS = 200, INTRODUCE_MS = 1000 };

struct reading {
    struct kafkaclient_range *ranges;
    bool *done;
    size_t n, left;
    kafkaclient_record_fn *fn;
    void *user;
    size_t records;
    bool enough;
    rd_kafka_resp_err_t code; /* of a partition that could not be read */
};

static void finish(struct reading *r, size_t i, bool read)
{
    if (!r->done[i]) {
        r->ranges[i].read = read;
        r->done[i] = true;
        r->left--;
    }
}

bool kafkaclient_header(const struct kafkaclient_record *record, const char *name,
                        const char **value, size_t *len)
{
    rd_kafka_headers_t *headers;
    const void *bytes = NULL;
    if (record->message == NULL ||
        rd_kafka_message_headers(record->message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
        rd_kafka_header_get_last(headers, name, &bytes, len) != RD_KAFKA_RESP_ERR_NO_ERROR ||
        bytes == NULL)
        return false;
    *value = bytes;
    return true;
}

bool kafkaclient_header_at(const struct kafkaclient_record *record, size_t i, const char **name,
                           const char **value, size_t *len)
{
    rd_kafka_headers_t *headers;
    const void *bytes = NULL;
    if (record->message == NULL ||
        rd_kafka_message_headers(record->message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
        rd_kafka_header_get_all(headers, i, name, &bytes, len) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return false;
    *value = bytes;
    return true;
}

static void take(struct reading *r, const rd_kafka_message_t *msg)
{
    size_t i = 0;
    const char *topic = msg->rkt != NULL ? rd_kafka_topic_name(msg->rkt) : "";
    while (i < r->n &&
           (r->ranges[i].partition != msg->partition || strcmp(r->ranges[i].topic, topic) != 0))
        i++;
    if (i == r->n)
        return; /* an event of the handle, or a late record of an earlier assignment */
    if (msg->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        bool end = msg->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
        if (!end)
            r->code = msg->err;
        finish(r, i, end);
        return;
    }
    if (r->done[i] || msg->offset < r->ranges[i].from)
        return;
    if (msg->offset < r->ranges[i].upto) {
        rd_kafka_timestamp_type_t type;
        int64_t time_ms = rd_kafka_message_timestamp(msg, &type);
        struct kafkaclient_record record = {
            .topic = topic,
            .partition = msg->partition,
            .offset = msg->offset,
            .time_ms = type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || time_ms < 0 ? KAFKACLIENT_NONE
                                                                               : time_ms,
            .key = msg->key,
            .value = msg->payload,
            .key_len = msg->key_len,
            .value_len = msg->len,
            .message = msg};
        r->records++;
        r->enough = !r->fn(r->user, &record);
    }
    if (msg->offset + 1 >= r->ranges[i].upto)
        finish(r, i, true);
}

static rd_kafka_resp_err_t assign(rd_kafka_t *rk, const struct kafkaclient_range *ranges, size_t n)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)n);
    for (size_t i = 0; i < n; i++)
        rd_kafka_topic_partition_list_add(list, ranges[i].topic, ranges[i].partition)->offset =
            ranges[i].from;
    rd_kafka_resp_err_t code = rd_kafka_assign(rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    return code;
}

/* A topic that the handle meets for the first time has no leader until a timer of the library runs,
 * once a second. Asking for its metadata makes it known at once. */
static void introduce(struct kafkaclient_handle *handle, const struct kafkaclient_until *until,
                      const char *topic)
{
    for (size_t i = 0; i < handle->ntopics; i++) {
        if (strcmp(handle->topics[i], topic) == 0)
            return;
    }
    rd_kafka_topic_t *rkt = rd_kafka_topic_new(handle->rk, topic, NULL);
    const struct rd_kafka_metadata *answer;
    if (rkt == NULL)
        return;
    if (rd_kafka_metadata(handle->rk, 0, rkt, &answer, kafkaclient_slice(until, INTRODUCE_MS)) ==
        RD_KAFKA_RESP_ERR_NO_ERROR) {
        rd_kafka_metadata_destroy(answer);
        handle->topics =
            mem_realloc(handle->topics, (handle->ntopics + 1) * sizeof(*handle->topics));
        handle->topics[handle->ntopics++] = mem_strdup(topic);
    }
    rd_kafka_topic_destroy(rkt);
}

bool kafkaclient_read(struct kafkaclient *client, const struct kafkaclient_until *until,
                      struct kafkaclient_range *ranges, size_t n, kafkaclient_record_fn *fn,
                      void *user, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        ranges[i].read = false;
    if (n == 0)
        return true;
    if (kafkaclient_over(until, err))
        return false;
    if (client->reader == NULL) {
        /* A group.id is demanded for assign, but no group is joined and nothing is committed. */
        client->reader = kafkaclient_handle_new(client, KAFKACLIENT_READER, "cdctop", err);
        if (client->reader == NULL)
            return false;
    }
    struct kafkaclient_handle *handle = client->reader;
    struct reading r = {.ranges = ranges, .n = n, .left = n, .fn = fn, .user = user};
    struct err over = ERR_INIT;
    for (size_t i = 0; i < n; i++)
        introduce(handle, until, ranges[i].topic);
    rd_kafka_resp_err_t code = assign(handle->rk, ranges, n);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return kafkaclient_fail(handle, code, "read", err);
    r.done = mem_calloc(n, sizeof(*r.done));
    while (r.left > 0 && !r.enough && !kafkaclient_over(until, &over)) {
        rd_kafka_message_t *msg =
            rd_kafka_consumer_poll(handle->rk, kafkaclient_slice(until, POLL_MS));
        if (msg != NULL) {
            take(&r, msg);
            rd_kafka_message_destroy(msg);
        } else {
            kafkaclient_serve(handle);
        }
    }
    /* Unassigned, the handle stops fetching and costs nothing. */
    (void)rd_kafka_assign(handle->rk, NULL);
    kafkaclient_serve(handle);
    free(r.done);
    if (over.kind == ERR_STOPPED)
        return err_set(err, over.kind, 0, "%s", over.text);
    if (r.records == 0 && (over.kind != ERR_NONE || r.code != 0))
        return kafkaclient_fail(handle, r.code != 0 ? r.code : RD_KAFKA_RESP_ERR__TIMED_OUT, "read",
                                err);
    kafkaclient_success(handle);
    return true;
}
