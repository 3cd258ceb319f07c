/* kafkaclient_config.c: the configuration of topics, by DescribeConfigs.
 *
 * An admin call, and yet none of those that abort: for topics it looks up the controller, not a
 * coordinator. Measured with librdkafka 2.0.2 against Kafka 3.9.1: four processes called it in a
 * loop (on one handle; on a new handle each time; destroying the handle while the answer was
 * pending) through 60 freezes of the broker of 0 to 4 s, 6 kills with restarts and a freeze of 15
 * s. 11,347 calls, of them 1,667 destroyed while pending: none aborted, every answer came at most
 * 18 ms after its time-out, no destruction took more than 19 ms. It runs on a handle of its own all
 * the same, which is closed afterwards.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "net/kafkaclient_int.h"

#include <errno.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ASK_MS = 2000, LOOK_MS = 100, VALUE_MAX_BYTES = 256, ENTRIES_MAX = 500 };

static int64_t number_of(const char *text)
{
    char *end;
    errno = 0;
    long long v = strtoll(text, &end, 10);
    return end != text && *end == '\0' && errno == 0 ? v : KAFKACLIENT_NONE;
}

static void take_entry(struct kafkaclient_topic_config *out, struct arena *arena, const char *name,
                       const char *value)
{
    const struct {
        const char *name;
        int64_t *field;
    } numbers[] = {
        {"retention.ms",        &out->retention_ms     },
        {"retention.bytes",     &out->retention_bytes  },
        {"max.message.bytes",   &out->max_message_bytes},
        {"min.insync.replicas", &out->min_insync       },
    };
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        if (strcmp(name, numbers[i].name) == 0)
            *numbers[i].field = number_of(value);
    }
    if (strcmp(name, "cleanup.policy") == 0)
        out->cleanup_policy = arena_strndup(arena, value, strnlen(value, VALUE_MAX_BYTES));
}

static void take_topic(const rd_kafka_ConfigResource_t *in, struct kafkaclient_topic_config *out,
                       struct arena *arena)
{
    rd_kafka_resp_err_t code = rd_kafka_ConfigResource_error(in);
    out->denied = code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
                  code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return;
    size_t n = 0;
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(in, &n);
    for (size_t i = 0; i < n && i < ENTRIES_MAX; i++) {
        const char *name = rd_kafka_ConfigEntry_name(entries[i]);
        const char *value = rd_kafka_ConfigEntry_value(entries[i]);
        if (name != NULL && value != NULL)
            take_entry(out, arena, name, value);
    }
    out->read = true;
}

static bool take_answer(struct kafkaclient_handle *handle, rd_kafka_event_t *event,
                        struct arena *arena, struct kafkaclient_topic_config *topics, size_t n,
                        struct err *err)
{
    rd_kafka_resp_err_t code = rd_kafka_event_error(event);
    const rd_kafka_DescribeConfigs_result_t *result = rd_kafka_event_DescribeConfigs_result(event);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR || result == NULL)
        return kafkaclient_fail(handle, code, "topic configuration", err);
    size_t count = 0;
    const rd_kafka_ConfigResource_t **got =
        rd_kafka_DescribeConfigs_result_resources(result, &count);
    for (size_t i = 0; i < count; i++) {
        const char *name = rd_kafka_ConfigResource_name(got[i]);
        for (size_t k = 0; name != NULL && k < n; k++) {
            if (strcmp(topics[k].topic, name) == 0)
                take_topic(got[i], &topics[k], arena);
        }
    }
    return true;
}

static void send_request(rd_kafka_t *rk, rd_kafka_queue_t *queue, int timeout_ms,
                         const struct kafkaclient_topic_config *topics, size_t n)
{
    char text[128];
    rd_kafka_ConfigResource_t **ask = mem_calloc(n, sizeof(*ask));
    rd_kafka_AdminOptions_t *options =
        rd_kafka_AdminOptions_new(rk, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    (void)rd_kafka_AdminOptions_set_request_timeout(options, timeout_ms, text, sizeof(text));
    for (size_t i = 0; i < n; i++)
        ask[i] = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topics[i].topic);
    rd_kafka_DescribeConfigs(rk, ask, n, options, queue);
    rd_kafka_ConfigResource_destroy_array(ask, n);
    rd_kafka_AdminOptions_destroy(options);
    free(ask);
}

bool kafkaclient_topic_configs(struct kafkaclient *client, const struct kafkaclient_until *until,
                               struct arena *arena, struct kafkaclient_topic_config *topics,
                               size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        topics[i] = (struct kafkaclient_topic_config){.topic = topics[i].topic,
                                                      .retention_ms = KAFKACLIENT_NONE,
                                                      .retention_bytes = KAFKACLIENT_NONE,
                                                      .max_message_bytes = KAFKACLIENT_NONE,
                                                      .min_insync = KAFKACLIENT_NONE};
    if (n == 0)
        return true;
    if (n > KAFKACLIENT_CONFIGS_MAX)
        n = KAFKACLIENT_CONFIGS_MAX;
    if (kafkaclient_over(until, err))
        return false;
    struct kafkaclient_handle *handle =
        kafkaclient_handle_new(client, KAFKACLIENT_ASKER, NULL, err);
    if (handle == NULL)
        return false;
    rd_kafka_queue_t *queue = rd_kafka_queue_new(handle->rk);
    int timeout_ms = kafkaclient_slice(until, ASK_MS);
    struct kafkaclient_until mine = *until;
    mine.deadline_ms = clock_mono_ms() + timeout_ms;
    send_request(handle->rk, queue, timeout_ms, topics, n);
    rd_kafka_event_t *event = NULL;
    struct err over = ERR_INIT;
    while (event == NULL && !kafkaclient_over(&mine, &over))
        event = rd_kafka_queue_poll(queue, kafkaclient_slice(&mine, LOOK_MS));
    bool ok = false;
    if (event != NULL)
        ok = take_answer(handle, event, arena, topics, n, err);
    else if (over.kind == ERR_STOPPED)
        err_set(err, over.kind, 0, "%s", over.text);
    else
        kafkaclient_fail(handle, RD_KAFKA_RESP_ERR__TIMED_OUT, "topic configuration", err);
    if (event != NULL)
        rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    kafkaclient_handle_close(handle);
    return ok;
}
