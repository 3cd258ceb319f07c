/* see_kafka.c: what the simulated brokers tell. */
#include "base/mem.h"
#include "demo/sim_int.h"

#include <stdlib.h>
#include <string.h>

#define WEEK_MS INT64_C(604800000)

static void put_topics(const struct sim *sim, struct snapshot *snap)
{
    struct kafka_snap *k = &snap->kafka;
    k->ntopics = (size_t)sim->ntopics;
    k->topics_visible = k->ntopics + 3;
    k->topics = arena_array(snap->arena, k->ntopics, sizeof(*k->topics));
    for (int i = 0; i < sim->ntopics; i++) {
        const struct sim_topic *t = &sim->topics[i];
        struct kafka_topic *out = &k->topics[i];
        *out = (struct kafka_topic){.name = arena_strdup(snap->arena, t->name),
                                    .retention_ms = WEEK_MS,
                                    .retention_bytes = -1,
                                    .max_message_bytes = 1048588,
                                    .min_insync = sim->made->brokers > 1 ? 2 : 1,
                                    .cleanup_policy = "delete",
                                    .npartitions = (size_t)t->nparts};
        out->partitions = arena_array(snap->arena, out->npartitions, sizeof(*out->partitions));
        for (int p = 0; p < t->nparts; p++)
            out->partitions[p] = (struct kafka_partition){
                .id = p,
                .leader = t->parts[p].leader,
                .replicas = t->parts[p].replicas,
                .isr = t->parts[p].isr,
                .begin = t->parts[p].begin,
                .end = t->parts[p].end,
                .newest_ms = t->parts[p].end > t->parts[p].begin
                                 ? sim_wall(sim, t->parts[p].newest_ms)
                                 : UNKNOWN,
                .record_bytes = t->record,
            };
    }
}

static const char *group_state(const struct sim *sim, const struct sim_sink *s)
{
    if (sim_sink_running(s) == 0 && s->state != SIM_PAUSED)
        return "Empty";
    return sim->now_ms < s->settle_ms ? "PreparingRebalance" : "Stable";
}

static void put_group(const struct sim *sim, struct snapshot *snap, const struct sim_sink *s,
                      struct kafka_group *g)
{
    size_t n = 0;
    for (int t = 0; t < s->ntopics; t++)
        n += (size_t)sim->topics[s->topics[t]].nparts;
    *g = (struct kafka_group){
        .name = arena_printf(snap->arena, "connect-%s", s->name),
        .state = group_state(sim, s),
        .protocol_type = "consumer",
        .members = s->state == SIM_PAUSED ? s->ntasks : sim_sink_running(s),
        .offsets = arena_array(snap->arena, n, sizeof(*g->offsets)),
        .offsets_read = true,
    };
    for (int t = 0; t < s->ntopics; t++) {
        const struct sim_topic *topic = &sim->topics[s->topics[t]];
        for (int p = 0; p < topic->nparts; p++)
            g->offsets[g->noffsets++] = (struct kafka_offset){snap->kafka.topics[s->topics[t]].name,
                                                              p, topic->parts[p].committed};
    }
}

/* Of the partition of each topic that has waited longest. */
static void put_unread(const struct sim *sim, struct snapshot *snap, const struct sim_sink *s,
                       const char *group)
{
    struct kafka_snap *k = &snap->kafka;
    for (int t = 0; t < s->ntopics; t++) {
        const struct sim_topic *topic = &sim->topics[s->topics[t]];
        for (int p = 0; p < topic->nparts; p++) {
            const struct sim_part *part = &topic->parts[p];
            if (part->committed >= part->end || part->opened_ms > sim->now_ms - 60000)
                continue;
            k->unread[k->nunread++] = (struct kafka_unread){
                .group = group,
                .topic = k->topics[s->topics[t]].name,
                .partition = p,
                .offset = part->committed,
                .time_ms = sim_wall(sim, sim_topic_time(sim, topic, p, part->committed))};
        }
    }
}

static void put_groups(const struct sim *sim, struct snapshot *snap)
{
    enum { UNREAD_MAX = 512 };
    struct kafka_snap *k = &snap->kafka;
    size_t parts = 0;
    k->groups = arena_array(snap->arena, (size_t)sim->nsinks, sizeof(*k->groups));
    for (int i = 0; i < sim->nsinks; i++) {
        put_group(sim, snap, &sim->sinks[i], &k->groups[k->ngroups++]);
        parts += k->groups[i].noffsets;
    }
    if (parts > UNREAD_MAX)
        return;
    k->unread = arena_array(snap->arena, parts, sizeof(*k->unread));
    for (int i = 0; i < sim->nsinks; i++)
        put_unread(sim, snap, &sim->sinks[i], k->groups[i].name);
}

static void add(struct arena *a, struct dbz_notification *d, size_t *cap, const char *key,
                const char *value)
{
    struct kv *kv = arena_push(a, &d->data, &d->ndata, cap, sizeof(*kv));
    *kv = (struct kv){key, value};
}

static void put_note(const struct sim *sim, struct arena *a, struct dbz_notification *d,
                     const struct sim_note *n)
{
    size_t cap = 0;
    bool scanned = strcmp(n->type, "TABLE_SCAN_COMPLETED") == 0;
    *d = (struct dbz_notification){.topic = arena_strdup(a, n->topic),
                                   .id = arena_strdup(a, n->id),
                                   .aggregate_type =
                                       n->incremental ? "Incremental Snapshot" : "Initial Snapshot",
                                   .type = arena_strdup(a, n->type),
                                   .offset = n->offset,
                                   .time_ms = sim_wall(sim, n->time_ms)};
    add(a, d, &cap, "connector_name", arena_strdup(a, n->connector));
    if (n->tables[0] != '\0')
        add(a, d, &cap, "data_collections", arena_strdup(a, n->tables));
    if (n->table[0] != '\0')
        add(a, d, &cap, scanned ? "scanned_collection" : "current_collection_in_progress",
            arena_strdup(a, n->table));
    if (n->rows != UNKNOWN)
        add(a, d, &cap, "total_rows_scanned", arena_printf(a, "%lld", (long long)n->rows));
    if (scanned)
        add(a, d, &cap, "status", "SUCCEEDED");
    if (n->last_key != UNKNOWN) {
        add(a, d, &cap, "last_processed_key", arena_printf(a, "%lld", (long long)n->last_key));
        add(a, d, &cap, "maximum_key", arena_printf(a, "%lld", (long long)n->maximum));
    }
}

static void put_notes(const struct sim *sim, struct snapshot *snap)
{
    struct kafka_snap *k = &snap->kafka;
    k->notifications = arena_array(snap->arena, (size_t)sim->nnotes, sizeof(*k->notifications));
    for (int i = 0; i < sim->nnotes; i++)
        put_note(sim, snap->arena, &k->notifications[k->nnotifications++], &sim->notes[i]);
}

static void put_lasts(const struct sim *sim, struct snapshot *snap)
{
    struct kafka_snap *k = &snap->kafka;
    k->lasts = arena_array(snap->arena, (size_t)sim->nsources, sizeof(*k->lasts));
    for (int i = 0; i < sim->nsources; i++) {
        const struct sim_topic *t = &sim->topics[sim->sources[i].beat_topic];
        k->lasts[k->nlasts++] = (struct kafka_last){
            .topic = snap->kafka.topics[sim->sources[i].beat_topic].name,
            .time_ms = t->parts[0].end > 0 ? sim_wall(sim, t->parts[0].newest_ms) : UNKNOWN};
    }
}

static void put_cluster(const struct sim *sim, struct snapshot *snap)
{
    static const char *const internals[] = {"connect-configs", "connect-offsets", "connect-status"};
    struct kafka_snap *k = &snap->kafka;
    k->cluster_id = "5L6g3nShT-eMCtK--X86sw";
    k->brokers = arena_array(snap->arena, (size_t)sim->made->brokers, sizeof(*k->brokers));
    for (int i = 1; i <= sim->made->brokers; i++) {
        if (i != sim->broker_down)
            k->brokers[k->nbrokers++] =
                (struct kafka_broker){i, arena_printf(snap->arena, "kafka-%d.internal", i), 9093};
    }
    k->ninternals = ARRAY_LEN(internals);
    k->internals = arena_array(snap->arena, k->ninternals, sizeof(*k->internals));
    for (size_t i = 0; i < k->ninternals; i++)
        k->internals[i] = (struct kafka_topic){.name = internals[i],
                                               .retention_ms = WEEK_MS,
                                               .retention_bytes = -1,
                                               .max_message_bytes = 1048588,
                                               .min_insync = 2,
                                               .cleanup_policy = "compact"};
}

/* Last: the others find topics by their place. */
static void hide_topics(const struct sim *sim, struct snapshot *snap)
{
    struct kafka_snap *k = &snap->kafka;
    size_t kept = 0;
    for (size_t i = 0; i < k->ntopics; i++) {
        if (!sim->topics[i].hidden)
            k->topics[kept++] = k->topics[i];
    }
    k->ntopics = kept;
}

struct snapshot *sim_see_kafka(const struct sim *sim)
{
    struct snapshot *snap = snapshot_new(SOURCE_KAFKA);
    put_cluster(sim, snap);
    put_topics(sim, snap);
    put_groups(sim, snap);
    put_notes(sim, snap);
    put_lasts(sim, snap);
    hide_topics(sim, snap);
    return snap;
}
