#include "report/json_dms.h"

#include "base/clock.h"
#include "base/mem.h"
#include "model/dms_task.h"
#include "model/metrics.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static const char *const claims[] = {
    [CLAIM_NAMED] = "named", [CLAIM_SESSION] = "session", [CLAIM_FITS] = "fits"};
static_assert(ARRAY_LEN(claims) == CLAIM_FITS + 1, "a word per claim");

static void add_text(cJSON *o, const char *key, const char *s)
{
    if (s != NULL)
        cJSON_AddStringToObject(o, key, s);
    else
        cJSON_AddNullToObject(o, key);
}

static void add_count(cJSON *o, const char *key, int64_t n)
{
    if (n != UNKNOWN)
        cJSON_AddNumberToObject(o, key, (double)n);
    else
        cJSON_AddNullToObject(o, key);
}

static void add_time(cJSON *o, const char *key, int64_t ms)
{
    char buf[40];
    add_text(o, key, ms != UNKNOWN && ms > 0 ? clock_iso_ms(ms, buf, sizeof(buf)) : NULL);
}

static void add_tri(cJSON *o, const char *key, enum tri t)
{
    if (t == TRI_UNKNOWN)
        cJSON_AddNullToObject(o, key);
    else
        cJSON_AddBoolToObject(o, key, t == TRI_YES);
}

/* A figure of CloudWatch, with its own time. */
static void add_figure(cJSON *o, const char *key, const char *at_key, const struct world *world,
                       const struct pipeline *p, const struct dms_task *t, const char *name)
{
    const struct snapshot *snap = NULL;
    for (size_t i = 0; i < world->npipelines; i++) {
        if (strcmp(world->pipelines[i].config->name, p->name) == 0)
            snap = world_snap(world, i, SOURCE_CLOUDWATCH);
    }
    const struct cw_metric *m =
        snap != NULL && t->resource != NULL
            ? cloudwatch_find(&snap->cloudwatch, SPACE_DMS, name, t->resource)
            : NULL;
    bool known = m != NULL && isfinite(m->value);
    if (known)
        cJSON_AddNumberToObject(o, key, m->value);
    else
        cJSON_AddNullToObject(o, key);
    add_time(o, at_key, known ? m->at_ms : UNKNOWN);
}

static void add_tables(cJSON *o, const struct dms_task *t)
{
    cJSON *list = cJSON_AddArrayToObject(o, "tables");
    for (size_t i = 0; i < t->ntables; i++) {
        const struct dms_table *row = &t->tables[i];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddItemToArray(list, item);
        add_text(item, "schema", row->schema);
        add_text(item, "name", row->name);
        add_text(item, "state", row->state);
        add_text(item, "validation", row->validation);
        add_count(item, "loaded", row->loaded);
        add_count(item, "load_errors", row->load_errors);
        add_count(item, "inserts", row->inserts);
        add_count(item, "updates", row->updates);
        add_count(item, "deletes", row->deletes);
        add_count(item, "applied", row->applied);
        add_count(item, "validation_failed", row->failed);
    }
}

void json_dms_add(cJSON *connector, const struct world *world, const struct pipeline *p,
                  const struct connector_row *row)
{
    const struct dms_task *t = row->connector->dms;
    const struct slot_row *slot = pipeline_slot_of(p, row);
    cJSON *o = cJSON_AddObjectToObject(connector, "dms");
    add_text(o, "arn", t->arn);
    cJSON_AddBoolToObject(o, "serverless", t->serverless);
    add_text(o, "migration", t->migration);
    add_text(o, "stop_reason", t->stop_reason);
    add_text(o, "failure", t->failure);
    add_text(o, "checkpoint", t->checkpoint);
    add_time(o, "started", t->started_ms);
    add_time(o, "stopped", t->stopped_ms);
    add_count(o, "load_percent", t->load_percent);
    add_count(o, "tables_loaded", t->tables_loaded);
    add_count(o, "tables_loading", t->tables_loading);
    add_count(o, "tables_queued", t->tables_queued);
    add_count(o, "tables_errored", dms_errored(t));
    add_count(o, "tables_total", t->tables_read ? (int64_t)t->tables_total : UNKNOWN);
    add_figure(o, "latency_source_s", "latency_source_at", world, p, t, "CDCLatencySource");
    add_figure(o, "latency_target_s", "latency_target_at", world, p, t, "CDCLatencyTarget");
    add_text(o, "instance", t->instance);
    add_text(o, "instance_class", t->instance_class);
    add_text(o, "instance_status", t->instance_status);
    add_count(o, "storage_gib", t->storage_gib);
    add_count(o, "capacity_units", t->capacity_units);
    add_text(o, "source_engine", t->source_engine);
    add_text(o, "source_host", t->source_host);
    add_text(o, "source_database", t->source_database);
    add_text(o, "slot", slot != NULL ? slot->base.name : t->slot);
    add_text(o, "slot_known_by",
             slot != NULL      ? claims[slot->claim]
             : t->slot != NULL ? claims[CLAIM_NAMED]
                               : NULL);
    add_tri(o, "heartbeat", t->heartbeat);
    add_text(o, "target_topic", t->target_topic);
    add_tables(o, t);
}
