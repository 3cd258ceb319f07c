/* kafkaclient_query.c: metadata, edges, groups, committed offsets. */
#include "base/clock.h"
#include "base/mem.h"
#include "net/kafkaclient_int.h"

#include <librdkafka/rdkafka.h>
#include <stdlib.h>
#include <string.h>

enum {
    NAME_MAX_BYTES = 1024,
    MAX_TOPICS = 50 * 1000,
    MAX_PARTITIONS = 500 * 1000,
    MAX_GROUPS = 20 * 1000,
    EDGE_CHUNK = 1000, /* the library's merge of the answers is quadratic */
    SLICE_MS = 1000,
    SLICE_MAX_MS = 5000,
    ALONE_MS = 4000,      /* for the only leader */
    LEADER_MS = 2000,     /* for one leader, if others wait */
    LEADER_HUNG_MS = 400, /* for one that did not answer lately */
    HUNG_MEMORY_MS = 15000
};

static const char *copy_name(struct arena *arena, const char *s)
{
    return s == NULL ? NULL : arena_strndup(arena, s, strnlen(s, NAME_MAX_BYTES));
}

/* ---- metadata ---- */

static void copy_topic(struct arena *arena, const rd_kafka_metadata_topic_t *in,
                       struct kafkaclient_topic *out, size_t room)
{
    out->name = copy_name(arena, in->topic);
    out->error = in->err == RD_KAFKA_RESP_ERR_NO_ERROR
                     ? NULL
                     : arena_strdup(arena, rd_kafka_err2str(in->err));
    size_t n = in->partition_cnt < 0 ? 0 : (size_t)in->partition_cnt;
    out->nparts = n < room ? n : room;
    out->parts = arena_array(arena, out->nparts, sizeof(*out->parts));
    for (size_t i = 0; i < out->nparts; i++) {
        const rd_kafka_metadata_partition_t *p = &in->partitions[i];
        out->parts[i] = (struct kafkaclient_part){
            .id = p->id, .leader = p->leader, .replicas = p->replica_cnt, .isr = p->isr_cnt};
    }
}

static void copy_meta(struct arena *arena, const struct rd_kafka_metadata *in,
                      struct kafkaclient_meta *out)
{
    *out = (struct kafkaclient_meta){.nbrokers = in->broker_cnt < 0 ? 0 : (size_t)in->broker_cnt};
    out->brokers = arena_array(arena, out->nbrokers, sizeof(*out->brokers));
    for (size_t i = 0; i < out->nbrokers; i++) {
        out->brokers[i] = (struct kafkaclient_broker){.id = in->brokers[i].id,
                                                      .host = copy_name(arena, in->brokers[i].host),
                                                      .port = in->brokers[i].port};
    }
    size_t n = in->topic_cnt < 0 ? 0 : (size_t)in->topic_cnt;
    out->ntopics = n < MAX_TOPICS ? n : MAX_TOPICS;
    out->topics = arena_array(arena, out->ntopics, sizeof(*out->topics));
    size_t room = MAX_PARTITIONS;
    for (size_t i = 0; i < out->ntopics; i++) {
        copy_topic(arena, &in->topics[i], &out->topics[i], room);
        room -= out->topics[i].nparts;
    }
}

/* Nothing will come within this poll: saying why is worth more than waiting. */
static bool hopeless(const struct kafkaclient_handle *handle)
{
    return handle->all_down && handle->trouble != ERR_NONE;
}

bool kafkaclient_metadata(struct kafkaclient *client, const struct kafkaclient_until *until,
                          struct arena *arena, struct kafkaclient_meta *meta, struct err *err)
{
    struct kafkaclient_handle *handle = client->asker;
    const struct rd_kafka_metadata *answer = NULL;
    kafkaclient_serve(handle);
    for (int slice = SLICE_MS;; slice = slice < SLICE_MAX_MS / 2 ? slice * 2 : SLICE_MAX_MS) {
        struct err over = ERR_INIT;
        if (kafkaclient_over(until, &over)) {
            if (over.kind == ERR_STOPPED)
                return err_set(err, over.kind, 0, "%s", over.text);
            return kafkaclient_fail(handle, RD_KAFKA_RESP_ERR__TIMED_OUT, "metadata", err);
        }
        rd_kafka_resp_err_t code =
            rd_kafka_metadata(handle->rk, 1, NULL, &answer, kafkaclient_slice(until, slice));
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
            break;
        kafkaclient_serve(handle);
        if (hopeless(handle))
            return kafkaclient_fail(handle, code, "metadata", err);
    }
    kafkaclient_success(handle);
    copy_meta(arena, answer, meta);
    rd_kafka_metadata_destroy(answer);
    if (client->cluster_id == NULL) {
        char *id = rd_kafka_clusterid(handle->rk, 1);
        client->cluster_id = mem_strdup(id);
        if (id != NULL)
            rd_kafka_mem_free(handle->rk, id);
    }
    meta->cluster_id = arena_strdup(arena, client->cluster_id);
    return true;
}

/* ---- edges ---- */

static bool is_hung(const struct kafkaclient *client, int32_t leader)
{
    for (size_t i = 0; i < ARRAY_LEN(client->hung); i++) {
        if (client->hung[i].since_ms != 0 && client->hung[i].leader == leader &&
            clock_mono_ms() - client->hung[i].since_ms < HUNG_MEMORY_MS)
            return true;
    }
    return false;
}

static void note_hung(struct kafkaclient *client, int32_t leader, bool hung)
{
    size_t oldest = 0;
    for (size_t i = 0; i < ARRAY_LEN(client->hung); i++) {
        if (client->hung[i].leader == leader || client->hung[i].since_ms == 0)
            client->hung[i].since_ms = 0;
        if (client->hung[i].since_ms < client->hung[oldest].since_ms)
            oldest = i;
    }
    if (hung) {
        client->hung[oldest].leader = leader;
        client->hung[oldest].since_ms = clock_mono_ms();
    }
}

/* One call: parts[index[0..n)] have the same leader. ask: a time, or one of the library's names for
 * an end of the log. */
static rd_kafka_resp_err_t ask_edges(struct kafkaclient_handle *handle, int64_t ask,
                                     struct kafkaclient_offset *parts, const size_t *index,
                                     size_t n, int timeout_ms, bool *stale)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)n);
    for (size_t i = 0; i < n; i++) {
        const struct kafkaclient_offset *p = &parts[index[i]];
        rd_kafka_topic_partition_list_add(list, p->topic, p->partition)->offset = ask;
    }
    rd_kafka_resp_err_t code = rd_kafka_offsets_for_times(handle->rk, list, timeout_ms);
    /* The library sorts nothing here, but it does not promise that either: match by name. */
    for (size_t i = 0; i < n && code == RD_KAFKA_RESP_ERR_NO_ERROR; i++) {
        struct kafkaclient_offset *p = &parts[index[i]];
        const rd_kafka_topic_partition_t *got = &list->elems[i];
        if (got->partition != p->partition || strcmp(got->topic, p->topic) != 0)
            got = rd_kafka_topic_partition_list_find(list, p->topic, p->partition);
        if (got != NULL && got->err == RD_KAFKA_RESP_ERR_NO_ERROR && got->offset >= 0)
            p->offset = got->offset;
        else if (ask < 0 || got == NULL || got->err != RD_KAFKA_RESP_ERR_NO_ERROR)
            *stale = true; /* of a time there may be no record */
    }
    rd_kafka_topic_partition_list_destroy(list);
    return code;
}

struct edge_run {
    struct kafkaclient *client;
    const struct kafkaclient_until *until;
    int64_t ask;
    struct kafkaclient_offset *parts;
    size_t n;
    size_t *index;
    bool stale;
    size_t answered;
    rd_kafka_resp_err_t code; /* of the latest failure */
};

static void ask_leader(struct edge_run *run, int32_t leader, int budget_ms)
{
    struct kafkaclient_until until = *run->until;
    int64_t end = clock_mono_ms() + budget_ms;
    if (end < until.deadline_ms)
        until.deadline_ms = end;
    size_t i = 0;
    while (i < run->n && !kafkaclient_over(&until, NULL)) {
        size_t k = 0;
        for (; i < run->n && k < EDGE_CHUNK; i++) {
            if (run->parts[i].leader == leader)
                run->index[k++] = i;
        }
        if (k == 0)
            return;
        rd_kafka_resp_err_t code = ask_edges(run->client->asker, run->ask, run->parts, run->index,
                                             k, kafkaclient_slice(&until, LEADER_MS), &run->stale);
        note_hung(run->client, leader, code == RD_KAFKA_RESP_ERR__TIMED_OUT);
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
            run->code = code;
            run->stale = true;
            return;
        }
        run->answered += k;
    }
}

static size_t leaders_of(const struct kafkaclient_offset *parts, size_t n, int32_t *leaders,
                         size_t max)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < count && leaders[k] != parts[i].leader)
            k++;
        if (k == count && count < max && parts[i].leader >= 0)
            leaders[count++] = parts[i].leader;
    }
    return count;
}

static bool ask_all(struct kafkaclient *client, const struct kafkaclient_until *until, int64_t ask,
                    const char *what, struct kafkaclient_offset *parts, size_t n, bool *stale,
                    struct err *err)
{
    int32_t leaders[512];
    size_t nleaders = leaders_of(parts, n, leaders, ARRAY_LEN(leaders));
    for (size_t i = 0; i < n; i++)
        parts[i].offset = KAFKACLIENT_NONE;
    if (nleaders == 0)
        return true;
    struct edge_run run = {.client = client, .until = until, .ask = ask, .parts = parts, .n = n};
    run.index = mem_calloc(n < EDGE_CHUNK ? n : EDGE_CHUNK, sizeof(*run.index));
    for (int pass = 0; pass < 2; pass++) { /* those that let us wait lately come last */
        for (size_t i = 0; i < nleaders; i++) {
            if (leaders[i] < 0 || (pass == 0 && nleaders > 1 && is_hung(client, leaders[i])))
                continue;
            int budget = nleaders == 1 ? ALONE_MS : pass == 0 ? LEADER_MS : LEADER_HUNG_MS;
            ask_leader(&run, leaders[i], budget);
            leaders[i] = -1;
        }
    }
    free(run.index);
    if (run.stale)
        *stale = true;
    kafkaclient_serve(client->asker);
    if (run.answered > 0) {
        kafkaclient_success(client->asker);
        return true;
    }
    struct err over = ERR_INIT;
    if (kafkaclient_over(until, &over) && over.kind == ERR_STOPPED)
        return err_set(err, over.kind, 0, "%s", over.text);
    return kafkaclient_fail(client->asker, run.code != 0 ? run.code : RD_KAFKA_RESP_ERR__TIMED_OUT,
                            what, err);
}

bool kafkaclient_edges(struct kafkaclient *client, const struct kafkaclient_until *until,
                       enum kafkaclient_edge edge, struct kafkaclient_offset *parts, size_t n,
                       bool *stale, struct err *err)
{
    bool end = edge == KAFKACLIENT_END;
    return ask_all(client, until, end ? RD_KAFKA_OFFSET_END : RD_KAFKA_OFFSET_BEGINNING,
                   end ? "end offsets" : "begin offsets", parts, n, stale, err);
}

bool kafkaclient_times(struct kafkaclient *client, const struct kafkaclient_until *until,
                       int64_t time_ms, struct kafkaclient_offset *parts, size_t n, bool *stale,
                       struct err *err)
{
    return ask_all(client, until, time_ms > 0 ? time_ms : 0, "offsets of a time", parts, n, stale,
                   err);
}

/* ---- groups ---- */

bool kafkaclient_groups(struct kafkaclient *client, const struct kafkaclient_until *until,
                        struct arena *arena, struct kafkaclient_group **groups, size_t *ngroups,
                        bool *partial, struct err *err)
{
    const struct rd_kafka_group_list *list = NULL;
    if (kafkaclient_over(until, err))
        return false;
    rd_kafka_resp_err_t code =
        rd_kafka_list_groups(client->asker->rk, NULL, &list, kafkaclient_slice(until, LEADER_MS));
    *partial = code == RD_KAFKA_RESP_ERR__PARTIAL;
    if ((code != RD_KAFKA_RESP_ERR_NO_ERROR && !*partial) || list == NULL)
        return kafkaclient_fail(client->asker, code, "group list", err);
    size_t n = list->group_cnt < 0 ? 0 : (size_t)list->group_cnt;
    n = n < MAX_GROUPS ? n : MAX_GROUPS;
    *groups = arena_array(arena, n, sizeof(**groups));
    *ngroups = n;
    for (size_t i = 0; i < n; i++) {
        const struct rd_kafka_group_info *g = &list->groups[i];
        (*groups)[i] =
            (struct kafkaclient_group){.name = copy_name(arena, g->group),
                                       .state = copy_name(arena, g->state),
                                       .protocol_type = copy_name(arena, g->protocol_type),
                                       .members = g->member_cnt};
    }
    rd_kafka_group_list_destroy(list);
    kafkaclient_serve(client->asker);
    return true;
}

/* ---- committed offsets ---- */

static struct kafkaclient_handle **find_kept(struct kafkaclient *client, const char *group)
{
    struct kafkaclient_handle **free_slot = NULL, **oldest = &client->kept[0];
    for (size_t i = 0; i < KAFKACLIENT_KEPT; i++) {
        struct kafkaclient_handle **slot = &client->kept[i];
        if (*slot == NULL)
            free_slot = slot;
        else if (strcmp((*slot)->group, group) == 0)
            return slot;
        else if (*oldest != NULL && (*slot)->used_ms < (*oldest)->used_ms)
            oldest = slot;
    }
    if (free_slot != NULL)
        return free_slot;
    kafkaclient_handle_close(*oldest);
    *oldest = NULL;
    return oldest;
}

static bool ask_committed(struct kafkaclient_handle *handle, const struct kafkaclient_until *until,
                          struct kafkaclient_offset *parts, size_t n, struct err *err)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)n);
    for (size_t i = 0; i < n; i++) {
        parts[i].offset = KAFKACLIENT_NONE;
        rd_kafka_topic_partition_list_add(list, parts[i].topic, parts[i].partition);
    }
    rd_kafka_resp_err_t code =
        rd_kafka_committed(handle->rk, list, kafkaclient_slice(until, LEADER_MS));
    for (size_t i = 0; i < n && code == RD_KAFKA_RESP_ERR_NO_ERROR; i++) {
        const rd_kafka_topic_partition_t *got = &list->elems[i];
        if (got->partition != parts[i].partition || strcmp(got->topic, parts[i].topic) != 0)
            got = rd_kafka_topic_partition_list_find(list, parts[i].topic, parts[i].partition);
        if (got != NULL && got->err == RD_KAFKA_RESP_ERR_NO_ERROR && got->offset >= 0)
            parts[i].offset = got->offset;
    }
    rd_kafka_topic_partition_list_destroy(list);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return kafkaclient_fail(handle, code, "committed offsets", err);
    kafkaclient_serve(handle);
    kafkaclient_success(handle);
    return true;
}

bool kafkaclient_committed(struct kafkaclient *client, const struct kafkaclient_until *until,
                           const char *group, bool keep, struct kafkaclient_offset *parts, size_t n,
                           struct err *err)
{
    if (n == 0)
        return true;
    if (kafkaclient_over(until, err))
        return false;
    if (!keep) {
        struct kafkaclient_handle *once =
            kafkaclient_handle_new(client, KAFKACLIENT_COMMITS, group, err);
        bool ok = once != NULL && ask_committed(once, until, parts, n, err);
        kafkaclient_handle_close(once);
        return ok;
    }
    struct kafkaclient_handle **slot = find_kept(client, group);
    if (*slot == NULL)
        *slot = kafkaclient_handle_new(client, KAFKACLIENT_COMMITS, group, err);
    return *slot != NULL && ask_committed(*slot, until, parts, n, err);
}
