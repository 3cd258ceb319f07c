#include "tui/view/detail_dms.h"

#include "base/clock.h"
#include "base/human.h"
#include "base/mem.h"
#include "model/connector_facts.h"
#include "model/dms_task.h"
#include "model/metrics.h"
#include "tui/view/action_lines.h"
#include "tui/view/detail_log.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *or_dash(const char *text)
{
    return text != NULL && text[0] != '\0' ? text : "–";
}

static bool is(const char *a, const char *b)
{
    return a != NULL && strcmp(a, b) == 0;
}

/* "2026-11-20T14:03:22Z, 20m ago" by DMS's own clock. */
static const char *when(const struct scene *s, int64_t ms)
{
    char iso[40];
    char age[HUMAN_SIZE];
    if (ms == UNKNOWN)
        return "–";
    int64_t now = world_server_now(s->m->world, s->app->pipeline, SOURCE_DMS);
    return scene_text(s, "%s, %s ago", clock_iso(ms, iso, sizeof(iso)),
                      human_age_ms(age, now - ms));
}

static const struct cw_metric *figure(const struct scene *s, const char *object, const char *name)
{
    const struct snapshot *snap = world_snap(s->m->world, s->app->pipeline, SOURCE_CLOUDWATCH);
    return snap != NULL && object != NULL
               ? cloudwatch_find(&snap->cloudwatch, SPACE_DMS, name, object)
               : NULL;
}

/* Each with its own age: CloudWatch is minutes late. */
static void put_figure(const struct scene *s, struct doc *d, const char *label, const char *object,
                       const char *name)
{
    const struct cw_metric *m = figure(s, object, name);
    char value[HUMAN_SIZE];
    char age[METRIC_AGE];
    if (m == NULL || isnan(m->value))
        return;
    doc_kvf(d, label, ROLE_TEXT, "%s, %s (CloudWatch)", metric_value(value, m),
            metric_age(age, m, s->m->wall_ms));
}

static void put_state(const struct scene *s, struct doc *d, const struct dms_task *t,
                      const char *cause)
{
    static const struct {
        const char *label, *name;
    } shown[] = {
        {"source latency",    "CDCLatencySource"            },
        {"target latency",    "CDCLatencyTarget"            },
        {"changes waiting",   "CDCIncomingChanges"          },
        {"in memory, source", "CDCChangesMemorySource"      },
        {"in memory, target", "CDCChangesMemoryTarget"      },
        {"on disk, source",   "CDCChangesDiskSource"        },
        {"on disk, target",   "CDCChangesDiskTarget"        },
        {"rows read/s",       "CDCThroughputRowsSource"     },
        {"rows written/s",    "CDCThroughputRowsTarget"     },
        {"bytes written",     "CDCThroughputBandwidthTarget"},
        {"rows loaded/s",     "FullLoadThroughputRowsTarget"},
    };
    bool running = is(t->status, "running");
    doc_kv(d, "migration", ROLE_TEXT,
           scene_text(s, "%s%s", or_dash(t->migration), t->serverless ? ", serverless" : ""));
    if (t->stop_reason != NULL)
        doc_kv(d, running ? "stopped before" : "stop reason", running ? ROLE_DIM : ROLE_WARN,
               t->stop_reason);
    if (t->failure != NULL && !is(cause, t->failure)) /* it stands on top */
        doc_kv(d, running ? "failed before" : "last failure", running ? ROLE_DIM : ROLE_CRIT,
               t->failure);
    doc_kv(d, "started", ROLE_TEXT, when(s, t->started_ms));
    if (t->stopped_ms != UNKNOWN)
        doc_kv(d, "stopped", ROLE_TEXT, when(s, t->stopped_ms));
    if (t->checkpoint != NULL)
        doc_kv(d, "checkpoint", ROLE_DIM, t->checkpoint);
    for (size_t i = 0; i < ARRAY_LEN(shown); i++)
        put_figure(s, d, shown[i].label, dms_object(t), shown[i].name);
    if (t->serverless && running && figure(s, dms_object(t), "CDCLatencyTarget") == NULL)
        doc_kv(d, "latencies", ROLE_DIM,
               world_snap(s->m->world, s->app->pipeline, SOURCE_CLOUDWATCH) != NULL
                   ? "unknown: CloudWatch tells none of it"
                   : "unknown: CloudWatch is not asked, or does not answer");
}

static void put_load(const struct scene *s, struct doc *d, const struct dms_task *t)
{
    char n[4][HUMAN_SIZE];
    int64_t errored = dms_errored(t);
    if (is(t->migration, "cdc"))
        return;
    doc_head(d, "Full load", dms_loading(t) ? "under way" : NULL);
    if (t->load_percent != UNKNOWN)
        doc_kvf(d, "loaded", ROLE_TEXT, "%d %%", (int)t->load_percent);
    doc_kvf(d, "tables", errored > 0 ? ROLE_WARN : ROLE_TEXT,
            "%s loaded, %s loading, %s queued, %s in error", human_count(n[0], t->tables_loaded),
            human_count(n[1], t->tables_loading), human_count(n[2], t->tables_queued),
            human_count(n[3], errored));
    if (t->load_finished_ms != UNKNOWN)
        doc_kv(d, "finished", ROLE_TEXT, when(s, t->load_finished_ms));
    else if (t->load_started_ms != UNKNOWN)
        doc_kv(d, "begun", ROLE_TEXT, when(s, t->load_started_ms));
}

/* A list of brokers, so that it can be wrapped. */
static const char *spaced(const struct scene *s, const char *list)
{
    const char *out = "";
    while (list != NULL && *list != '\0') {
        size_t n = strcspn(list, ",");
        out = scene_text(s, "%s%s%.*s", out, *out != '\0' ? ", " : "", (int)n, list);
        list += n + (list[n] == ',');
    }
    return out;
}

static void put_around(const struct scene *s, struct doc *d, const struct connector_row *row)
{
    const struct dms_task *t = row->connector->dms;
    const struct slot_row *slot = pipeline_slot_of(s->p, row);
    static const char *const words[] = {"not told", "off", "on"};
    doc_head(d, "Source and target", NULL);
    doc_kv(d, "source", ROLE_TEXT,
           scene_text(s, "%s, %s on %s as %s", or_dash(t->source_engine),
                      or_dash(t->source_database), or_dash(t->source_host),
                      or_dash(t->source_user)));
    if (slot != NULL)
        doc_kv(d, "slot", slot->claim == CLAIM_FITS ? ROLE_DIM : ROLE_TEXT,
               scene_text(s, "%s%s", slot->base.name, slot_claim_text(slot->claim)));
    else
        doc_kv(d, "slot", t->slot != NULL ? ROLE_TEXT : ROLE_DIM,
               t->slot != NULL ? t->slot : "not known: DMS makes its own, and does not tell it");
    doc_kv(d, "plugin", ROLE_TEXT, t->plugin != NULL ? t->plugin : "pglogical, else test_decoding");
    doc_kv(d, "heartbeat", t->heartbeat == TRI_NO ? ROLE_WARN : ROLE_TEXT, words[t->heartbeat + 1]);
    doc_kv(d, "captures DDL", ROLE_TEXT, words[t->capture_ddls + 1]);
    doc_kv(d, "target", ROLE_TEXT,
           scene_text(s, "%s%s%s", or_dash(t->target_engine), t->target_brokers != NULL ? ", " : "",
                      spaced(s, t->target_brokers)));
    if (row->facts->default_topic != NULL)
        doc_kv(d, "topic", ROLE_TEXT,
               scene_text(s, "%s; tables that mapping rules send elsewhere are not told",
                          row->facts->default_topic));
}

/* What was stopped keeps its capacity for a while. */
static void put_deprovision(const struct scene *s, struct doc *d, const struct dms_task *t)
{
    char in[HUMAN_SIZE];
    char iso[40];
    if (t->deprovision_ms == UNKNOWN)
        return;
    int64_t left = t->deprovision_ms - world_server_now(s->m->world, s->app->pipeline, SOURCE_DMS);
    if (left <= 0)
        doc_kv(d, "taken away", ROLE_WARN, when(s, t->deprovision_ms));
    else
        doc_kv(d, "taken away", ROLE_WARN,
               scene_text(s, "in %s, %s: continue it before that", human_duration_ms(in, left),
                          clock_iso(t->deprovision_ms, iso, sizeof(iso))));
}

static void put_instance(const struct scene *s, struct doc *d, const struct dms_task *t)
{
    char n[3][HUMAN_SIZE];
    if (t->serverless) {
        doc_head(d, "Capacity", or_dash(t->provision_state));
        doc_kvf(d, "units", ROLE_TEXT, "%s now, %s to %s", human_count(n[0], t->capacity_units),
                human_count(n[1], t->min_units), human_count(n[2], t->max_units));
        put_figure(s, d, "memory used", dms_object(t), "CapacityUtilization");
        put_figure(s, d, "CPU", dms_object(t), "CPUUtilization");
        put_deprovision(s, d, t);
        return;
    }
    doc_head(d, "Replication instance", t->instance);
    doc_kv(d, "status", is(t->instance_status, "storage-full") ? ROLE_CRIT : ROLE_TEXT,
           or_dash(t->instance_status));
    doc_kv(d, "class", ROLE_TEXT,
           scene_text(s, "%s, DMS %s", or_dash(t->instance_class), or_dash(t->engine_version)));
    if (t->storage_gib != UNKNOWN)
        doc_kvf(d, "storage", ROLE_TEXT, "%d GiB", (int)t->storage_gib);
    put_figure(s, d, "free storage", t->instance, "FreeStorageSpace");
    put_figure(s, d, "free memory", t->instance, "FreeableMemory");
    put_figure(s, d, "swap used", t->instance, "SwapUsage");
    put_figure(s, d, "CPU", t->instance, "CPUUtilization");
}

/* Those in error first. */
static int by_trouble(const void *a, const void *b)
{
    const struct dms_table *const *x = a, *const *y = b;
    bool e = is((*x)->state, "Table error");
    bool f = is((*y)->state, "Table error");
    return e != f ? (int)f - (int)e : (*x > *y) - (*x < *y); /* they are by name already */
}

static const char *validation(const struct scene *s, const struct dms_table *t)
{
    char n[HUMAN_SIZE];
    if (t->failed != UNKNOWN && t->failed > 0)
        return scene_text(s, "%s failed", human_count(n, t->failed));
    return is(t->validation, "Not enabled") ? "off" : or_dash(t->validation);
}

enum { T_NAME, T_STATE, T_LOADED, T_CHANGES, T_CHECKED, T_COUNT };

/* "Table is being reloaded" and long names where there is room for them. */
static const int *table_widths(const struct doc *d)
{
    enum { WIDE = 100 };
    static const int narrow[] = {24, 15, 9, 9, 0};
    static const int wide[] = {40, 24, 11, 11, 0};
    static_assert(ARRAY_LEN(narrow) == T_COUNT && ARRAY_LEN(wide) == T_COUNT, "one each");
    return d->width >= WIDE ? wide : narrow;
}

static void put_table(const struct scene *s, struct doc *d, const struct dms_table *t)
{
    bool error = is(t->state, "Table error");
    char n[2][HUMAN_SIZE];
    int64_t parts[] = {t->inserts, t->updates, t->deletes};
    int64_t changes = UNKNOWN;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        changes = parts[i] == UNKNOWN ? changes : (changes == UNKNOWN ? 0 : changes) + parts[i];
    bool bad = t->failed != UNKNOWN && t->failed > 0;
    const char *name = scene_text(s, "%s.%s", t->schema, t->name);
    const char *loaded = scene_text(s, "%s", human_count(n[0], t->loaded));
    const char *state = or_dash(t->state);
    const char *checked = validation(s, t);
    const char *changed = scene_text(s, "%s", human_count(n[1], changes));
    unsigned loud = error ? ROLE_CRIT : ROLE_TEXT;
    unsigned doubt = bad ? ROLE_WARN : ROLE_DIM;
    const int *w = table_widths(d);
    const struct doc_cell cells[T_COUNT] = {
        {w[T_NAME],    false, loud,      name   },
        {w[T_STATE],   false, loud,      state  },
        {w[T_LOADED],  true,  ROLE_TEXT, loaded },
        {w[T_CHANGES], true,  ROLE_TEXT, changed},
        {w[T_CHECKED], false, doubt,     checked},
    };
    doc_row(d, 4, cells, T_COUNT);
}

static void put_tables(const struct scene *s, struct doc *d, const struct dms_task *t)
{
    const int *w = table_widths(d);
    const struct doc_cell head[T_COUNT] = {
        {w[T_NAME],    false, ROLE_DIM, "TABLE"  },
        {w[T_STATE],   false, ROLE_DIM, "STATE"  },
        {w[T_LOADED],  true,  ROLE_DIM, "LOADED" },
        {w[T_CHANGES], true,  ROLE_DIM, "CHANGES"},
        {w[T_CHECKED], false, ROLE_DIM, "CHECKED"},
    };
    char n[2][HUMAN_SIZE];
    bool cut = t->tables_total > t->ntables;
    int64_t newest = UNKNOWN;
    for (size_t i = 0; i < t->ntables; i++)
        newest = t->tables[i].updated_ms > newest ? t->tables[i].updated_ms : newest;
    if (!t->tables_read) {
        doc_head(d, "Tables", "their statistics are not read");
        return;
    }
    char age[HUMAN_SIZE];
    const char *as_of =
        newest == UNKNOWN
            ? ""
            : scene_text(
                  s, ", as of %s ago",
                  human_age_ms(age, world_server_now(s->m->world, s->app->pipeline, SOURCE_DMS) -
                                        newest));
    doc_head(d, "Tables",
             cut ? scene_text(s, "%s of %s: in error, loading, most changed%s",
                              human_count(n[0], (int64_t)t->ntables),
                              human_count(n[1], (int64_t)t->tables_total), as_of)
                 : scene_text(s, "%s%s", human_count(n[0], (int64_t)t->ntables), as_of));
    const struct dms_table **rows = arena_array(s->arena, t->ntables, sizeof(*rows));
    for (size_t i = 0; i < t->ntables; i++)
        rows[i] = &t->tables[i];
    if (t->ntables > 1)
        qsort(rows, t->ntables, sizeof(*rows), by_trouble);
    if (t->ntables > 0)
        doc_row(d, 4, head, T_COUNT);
    for (size_t i = 0; i < t->ntables; i++)
        put_table(s, d, rows[i]);
}

void detail_dms(const struct scene *s, struct doc *d, const struct connector_row *row)
{
    const struct dms_task *t = row->connector->dms;
    put_state(s, d, t, row->cause);
    detail_log(s, d, row);
    action_lines(s, d, row);
    put_load(s, d, t);
    put_tables(s, d, t);
    put_around(s, d, row);
    put_instance(s, d, t);
}
