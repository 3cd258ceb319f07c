/* see_connect.c: what the simulated workers of Kafka Connect tell. */
#include "base/lsn.h"
#include "base/mem.h"
#include "demo/sim_int.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const char *const state_names[] = {
    [SIM_RUNNING] = "RUNNING", [SIM_PAUSED] = "PAUSED",         [SIM_STOPPED] = "STOPPED",
    [SIM_FAILED] = "FAILED",   [SIM_RESTARTING] = "RESTARTING",
};
static_assert(ARRAY_LEN(state_names) == SIM_RESTARTING + 1, "a name per state");

static const char *worker_of(int task)
{
    static const char *const workers[] = {"10.0.4.11:8083", "10.0.4.12:8083"};
    return workers[task % 2];
}

static void put_task(struct arena *a, struct connect_connector *c, const struct sim_task *t, int id)
{
    c->tasks[c->ntasks++] = (struct connect_task){
        .id = id,
        .state = state_names[t->state],
        .worker = worker_of(id),
        .trace = t->fault != NULL ? arena_strdup(a, t->fault->trace) : NULL,
        .cause = t->fault != NULL ? arena_strdup(a, t->fault->cause) : NULL,
    };
}

static void put_config(struct arena *a, struct connect_connector *c, const struct kv *config,
                       size_t n)
{
    c->nconfig = n;
    c->config = arena_array(a, n, sizeof(*c->config));
    for (size_t i = 0; i < n; i++)
        c->config[i] =
            (struct kv){arena_strdup(a, config[i].key), arena_strdup(a, config[i].value)};
    c->class_name = kv_find(c->config, c->nconfig, "connector.class");
}

/* ---- sources --------------------------------------------------------------------------------- */

static void add(struct arena *a, struct connect_offset *o, size_t *cap, const char *key,
                const char *value)
{
    struct kv *kv = arena_push(a, &o->values, &o->nvalues, cap, sizeof(*kv));
    *kv = (struct kv){key, value};
}

/* As Java writes an Object[] that holds one Integer. */
static const char *java_key(struct arena *a, int64_t key)
{
    return arena_printf(
        a,
        "aced0005757200135b4c6a6176612e6c616e672e4f626a6563743b90ce589f1073296c02000078700000000173"
        "7200116a6176612e6c616e672e496e746567657212e2a0a4f781873802000149000576616c7565787200106a61"
        "76612e6c616e672e4e756d62657286ac951d0b94e08b0200007870%08x",
        (unsigned)key);
}

static void put_shot(struct arena *a, struct connect_offset *o, size_t *cap,
                     const struct sim_source *s)
{
    const struct sim_shot *shot = &s->shot;
    if (s->in_snapshot)
        add(a, o, cap, "snapshot", "true");
    if (!shot->runs || shot->blocking)
        return;
    const char *list = "";
    for (int i = shot->current; i < shot->ntables; i++)
        list =
            arena_printf(a,
                         "%s%s{\"incremental_snapshot_collections_id\":\"public.%s\","
                         "\"incremental_snapshot_collections_additional_condition\":null,"
                         "\"incremental_snapshot_collections_surrogate_key\":null}",
                         list, i > shot->current ? "," : "", s->tables[shot->tables[i]].made->name);
    add(a, o, cap, "incremental_snapshot_collections", arena_printf(a, "[%s]", list));
    add(a, o, cap, "incremental_snapshot_correlation_id", arena_strdup(a, shot->id));
    add(a, o, cap, "incremental_snapshot_maximum_key", java_key(a, shot->total));
    add(a, o, cap, "incremental_snapshot_primary_key", java_key(a, shot->chunk_done));
}

static void put_source_offset(const struct sim *sim, struct arena *a, struct connect_connector *c,
                              const struct sim_source *s)
{
    char lsn[LSN_TEXT];
    size_t cap = 0;
    c->offsets_read = true;
    c->offsets_ms = sim_wall(sim, sim->now_ms);
    c->source_ms = UNKNOWN;
    if (!s->has_offset)
        return;
    c->noffsets = 1;
    c->offsets = arena_array(a, 1, sizeof(*c->offsets));
    struct connect_offset *o = &c->offsets[0];
    *o = (struct connect_offset){.partition = arena_printf(a, "{\"server\":\"%s\"}", s->prefix),
                                 .number = -1};
    const char *text = arena_strdup(a, lsn_text(s->stored, lsn, sizeof(lsn)));
    c->lsn = s->stored;
    c->source_ms = sim_wall(sim, s->stored_ms);
    put_shot(a, o, &cap, s);
    add(a, o, &cap, "lsn", text);
    add(a, o, &cap, "lsn_commit", text);
    add(a, o, &cap, "lsn_proc", text);
    add(a, o, &cap, "messageType", "INSERT");
    add(a, o, &cap, "ts_usec", arena_printf(a, "%lld", (long long)c->source_ms * 1000));
    add(a, o, &cap, "txId", arena_printf(a, "%u", sim->xid));
}

void sim_put_source(const struct sim *sim, struct arena *a, struct connect_connector *c,
                    const struct sim_source *s)
{
    *c = (struct connect_connector){.name = arena_strdup(a, s->name),
                                    .type = "source",
                                    .state = state_names[s->state],
                                    .worker = worker_of(0)};
    c->tasks = arena_array(a, 1, sizeof(*c->tasks));
    if (s->state != SIM_STOPPED)
        put_task(a, c, &s->task, 0);
    put_config(a, c, s->config, s->nconfig);
    put_source_offset(sim, a, c, s);
    c->topics = arena_array(a, (size_t)s->ntables + 2, sizeof(*c->topics));
    for (int i = 0; i < s->ntables; i++) {
        const struct sim_topic *t = &sim->topics[s->tables[i].topic];
        if (t->parts[0].end > 0)
            c->topics[c->ntopics++] = arena_strdup(a, t->name);
    }
    if (s->beat_ms > 0)
        c->topics[c->ntopics++] = arena_strdup(a, sim->topics[s->beat_topic].name);
    c->topics[c->ntopics++] = arena_strdup(a, sim->topics[s->note_topic].name);
}

/* ---- sinks ----------------------------------------------------------------------------------- */

static void put_sink_offsets(const struct sim *sim, struct arena *a, struct connect_connector *c,
                             const struct sim_sink *s)
{
    size_t n = 0;
    for (int t = 0; t < s->ntopics; t++)
        n += (size_t)sim->topics[s->topics[t]].nparts;
    c->offsets = arena_array(a, n, sizeof(*c->offsets));
    struct kv *values = arena_array(a, n, sizeof(*values));
    c->topics = arena_array(a, (size_t)s->ntopics, sizeof(*c->topics));
    for (int t = 0; t < s->ntopics; t++) {
        const struct sim_topic *topic = &sim->topics[s->topics[t]];
        const char *name = c->topics[c->ntopics++] = arena_strdup(a, topic->name);
        for (int p = 0; p < topic->nparts; p++) {
            values[c->noffsets] = (struct kv){
                "kafka_offset", arena_printf(a, "%lld", (long long)topic->parts[p].committed)};
            c->offsets[c->noffsets] =
                (struct connect_offset){.partition = arena_printf(a, "%s %d", name, p),
                                        .topic = name,
                                        .number = p,
                                        .values = &values[c->noffsets],
                                        .nvalues = 1};
            c->noffsets++;
        }
    }
    c->offsets_read = true;
    c->offsets_ms = sim_wall(sim, sim->now_ms);
}

void sim_put_sink(const struct sim *sim, struct arena *a, struct connect_connector *c,
                  const struct sim_sink *s)
{
    *c = (struct connect_connector){.name = arena_strdup(a, s->name),
                                    .type = "sink",
                                    .state = state_names[s->state],
                                    .worker = worker_of(1),
                                    .source_ms = UNKNOWN};
    c->tasks = arena_array(a, (size_t)s->ntasks, sizeof(*c->tasks));
    for (int i = 0; s->state != SIM_STOPPED && i < s->ntasks; i++)
        put_task(a, c, &s->tasks[i], i);
    put_config(a, c, s->config, s->nconfig);
    put_sink_offsets(sim, a, c, s);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct connect_connector *)a)->name,
                  ((const struct connect_connector *)b)->name);
}

void sim_sort_connectors(struct connect_snap *c)
{
    qsort(c->connectors, c->nconnectors, sizeof(*c->connectors), by_name);
}

struct snapshot *sim_see_connect(const struct sim *sim)
{
    struct snapshot *snap = snapshot_new(SOURCE_CONNECT);
    struct connect_snap *c = &snap->connect;
    size_t n = (size_t)sim->nsources + (size_t)sim->nsinks;
    snapshot_tls(snap, true, NULL, sim_wall(sim, sim->now_ms) + INT64_C(200) * 86400000);
    c->url = "https://connect.internal:8083";
    c->version = "3.9.1";
    c->kafka_cluster_id = "5L6g3nShT-eMCtK--X86sw";
    c->connectors = arena_array(snap->arena, n, sizeof(*c->connectors));
    for (int i = 0; i < sim->nsources; i++)
        sim_put_source(sim, snap->arena, &c->connectors[c->nconnectors++], &sim->sources[i]);
    for (int i = 0; i < sim->nsinks; i++)
        sim_put_sink(sim, snap->arena, &c->connectors[c->nconnectors++], &sim->sinks[i]);
    sim_sort_connectors(c);
    c->nurls = 1;
    c->urls = arena_array(snap->arena, 1, sizeof(*c->urls));
    c->urls[0] = (struct connect_url){.url = c->url};
    return snap;
}
