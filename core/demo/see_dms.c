/* see_dms.c: what the simulated Database Migration Service tells of its tasks. */
#include "base/lsn.h"
#include "base/mem.h"
#include "demo/sim_int.h"

#include <assert.h>
#include <string.h>

static const char *const words[] = {
    [SIM_RUNNING] = "running", [SIM_PAUSED] = "stopped",      [SIM_STOPPED] = "stopped",
    [SIM_FAILED] = "failed",   [SIM_RESTARTING] = "starting",
};
static_assert(ARRAY_LEN(words) == SIM_RESTARTING + 1, "a word per state");

/* The task and what it is made of are one there. */
static const char *status_of(const struct sim_source *s)
{
    return words[s->state == SIM_RUNNING ? s->task.state : s->state];
}

enum { RELOAD_MS = 20 * 1000 };

static bool reloads(const struct sim *sim, const struct sim_table *t)
{
    return t->reloaded_ms > 0 && sim->now_ms - t->reloaded_ms < RELOAD_MS;
}

static void put_tables(const struct sim *sim, struct arena *a, struct dms_task *t,
                       const struct sim_source *s)
{
    t->tables = arena_array(a, (size_t)s->ntables, sizeof(*t->tables));
    for (int i = 0; i < s->ntables; i++) {
        if (i == s->heartbeat || i == s->signal)
            continue;
        const struct sim_table *table = &s->tables[i];
        int64_t changes = table->changes - (int64_t)table->pending - table->made->rows;
        t->tables[t->ntables++] = (struct dms_table){
            .schema = "public",
            .name = arena_strdup(a, table->made->name),
            .state = reloads(sim, table) ? "Table is being reloaded" : "Table completed",
            .validation = "Not enabled",
            .inserts = changes * 2 / 3,
            .updates = changes / 3,
            .deletes = 0,
            .ddls = 0,
            .applied = changes,
            .loaded = table->made->rows,
            .load_errors = 0,
            .pending = UNKNOWN,
            .failed = UNKNOWN,
            .suspended = UNKNOWN,
            .load_ended_ms = reloads(sim, table) ? UNKNOWN
                             : table->reloaded_ms > 0
                                 ? sim_wall(sim, table->reloaded_ms + RELOAD_MS)
                                 : sim->base_ms - INT64_C(60) * 86400000,
            .updated_ms = sim_wall(sim, sim->now_ms),
        };
    }
    t->tables_total = t->ntables;
    t->tables_loaded = (int64_t)t->ntables;
    t->tables_read = true;
}

static const struct dms_task *task_of(const struct sim *sim, struct arena *a,
                                      const struct sim_source *s)
{
    struct dms_task *t = arena_alloc(a, sizeof(*t));
    bool stands = s->state != SIM_RUNNING || s->task.state == SIM_FAILED;
    int64_t first = sim->base_ms - INT64_C(61) * 86400000;
    *t = (struct dms_task){
        .arn = arena_printf(a, "arn:aws:dms:eu-central-1:123456789012:task:%s", s->name),
        .id = arena_strdup(a, s->name),
        .resource = arena_strdup(a, s->name),
        .migration = "full-load-and-cdc",
        .status = status_of(s),
        .stop_reason =
            stands ? arena_strdup(a, s->reason != NULL ? s->reason : "Stop Reason NORMAL") : NULL,
        .failure = stands ? arena_strdup(a, s->failure) : NULL,
        .load_percent = 100,
        .fresh_start_ms = first,
        .started_ms = stands ? first : sim_wall(sim, s->task.since_ms),
        .stopped_ms = stands ? sim_wall(sim, s->task.since_ms) : UNKNOWN,
        .load_started_ms = first,
        .load_finished_ms = first + INT64_C(5400) * 1000,
        .instance = "dms-prod",
        .instance_class = "dms.r6i.large",
        .instance_status = "available",
        .engine_version = "3.5.4",
        .storage_gib = 100,
        .capacity_units = UNKNOWN,
        .min_units = UNKNOWN,
        .max_units = UNKNOWN,
        .deprovision_ms = UNKNOWN,
        .source_engine = sim->made->aurora ? "aurora-postgresql" : "postgres",
        .source_host = arena_printf(a, "%s-db.internal", sim->made->database),
        .source_database = arena_strdup(a, sim->made->database),
        .source_user = "dms",
        .plugin = "pglogical",
        .capture_ddls = TRI_YES,
        .slot = arena_strdup(a, s->slot_name),
        .heartbeat = s->beat_ms > 0 ? TRI_YES : TRI_NO,
        .target_engine = "kafka",
        .target_topic = arena_strdup(a, s->prefix),
        .target_brokers =
            arena_printf(a, "b-1.%s.c4.kafka.eu-central-1.amazonaws.com:9098", sim->made->name),
    };
    put_tables(sim, a, t, s);
    return t;
}

struct snapshot *sim_see_dms(const struct sim *sim)
{
    struct snapshot *snap = snapshot_new(SOURCE_DMS);
    struct connect_snap *c = &snap->connect;
    snapshot_tls(snap, true, NULL, sim_wall(sim, sim->now_ms) + INT64_C(200) * 86400000);
    c->connectors = arena_array(snap->arena, (size_t)sim->nsources, sizeof(*c->connectors));
    for (int i = 0; i < sim->nsources; i++) {
        const struct sim_source *s = &sim->sources[i];
        if (!s->made->dms)
            continue;
        const struct dms_task *task = task_of(sim, snap->arena, s);
        bool failed = strcmp(task->status, "failed") == 0;
        c->connectors[c->nconnectors++] = (struct connect_connector){
            .name = arena_strdup(snap->arena, s->name),
            .type = "source",
            .state = status_of(s),
            .class_name = "DMS",
            .lsn = LSN_NONE,
            .source_ms = UNKNOWN,
            .service = SERVICE_DMS,
            .dms = task,
            .trace = failed ? task->failure : NULL,
            .cause = failed ? task->failure : NULL,
        };
    }
    sim_sort_connectors(c);
    return snap;
}
