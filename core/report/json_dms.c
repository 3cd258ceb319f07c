#include "report/json_dms.h"

#include "base/mem.h"
#include "model/dms_task.h"
#include "model/metrics.h"
#include "report/json_put.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static const char *const claims[] = {
    [CLAIM_NAMED] = "named", [CLAIM_SESSION] = "session", [CLAIM_FITS] = "fits"};
static_assert(ARRAY_LEN(claims) == CLAIM_FITS + 1, "a word per claim");

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
        snap != NULL ? cloudwatch_find(&snap->cloudwatch, SPACE_DMS, name, dms_object(t)) : NULL;
    bool known = m != NULL && isfinite(m->value);
    if (known)
        cJSON_AddNumberToObject(o, key, m->value);
    else
        cJSON_AddNullToObject(o, key);
    json_put_time(o, at_key, known ? m->at_ms : UNKNOWN);
}

static void add_tables(cJSON *o, const struct dms_task *t)
{
    cJSON *list = cJSON_AddArrayToObject(o, "tables");
    for (size_t i = 0; i < t->ntables; i++) {
        const struct dms_table *row = &t->tables[i];
        cJSON *item = json_put_item(list);
        json_put_str(item, "schema", row->schema);
        json_put_str(item, "name", row->name);
        json_put_str(item, "state", row->state);
        json_put_str(item, "validation", row->validation);
        json_put_int(item, "loaded", row->loaded);
        json_put_int(item, "load_errors", row->load_errors);
        json_put_int(item, "inserts", row->inserts);
        json_put_int(item, "updates", row->updates);
        json_put_int(item, "deletes", row->deletes);
        json_put_int(item, "applied", row->applied);
        json_put_int(item, "validation_failed", row->failed);
    }
}

void json_dms_add(cJSON *connector, const struct world *world, const struct pipeline *p,
                  const struct connector_row *row)
{
    const struct dms_task *t = row->connector->dms;
    const struct slot_row *slot = pipeline_slot_of(p, row);
    cJSON *o = cJSON_AddObjectToObject(connector, "dms");
    json_put_str(o, "arn", t->arn);
    cJSON_AddBoolToObject(o, "serverless", t->serverless);
    json_put_str(o, "migration", t->migration);
    json_put_str(o, "stop_reason", t->stop_reason);
    json_put_str(o, "failure", t->failure);
    json_put_str(o, "checkpoint", t->checkpoint);
    json_put_time(o, "started", t->started_ms);
    json_put_time(o, "stopped", t->stopped_ms);
    json_put_int(o, "load_percent", t->load_percent);
    json_put_int(o, "tables_loaded", t->tables_loaded);
    json_put_int(o, "tables_loading", t->tables_loading);
    json_put_int(o, "tables_queued", t->tables_queued);
    json_put_int(o, "tables_errored", dms_errored(t));
    json_put_int(o, "tables_total", t->tables_read ? (int64_t)t->tables_total : UNKNOWN);
    add_figure(o, "latency_source_s", "latency_source_at", world, p, t, "CDCLatencySource");
    add_figure(o, "latency_target_s", "latency_target_at", world, p, t, "CDCLatencyTarget");
    json_put_str(o, "instance", t->instance);
    json_put_str(o, "instance_class", t->instance_class);
    json_put_str(o, "instance_status", t->instance_status);
    json_put_int(o, "storage_gib", t->storage_gib);
    json_put_int(o, "capacity_units", t->capacity_units);
    json_put_int(o, "capacity_units_min", t->min_units);
    json_put_int(o, "capacity_units_max", t->max_units);
    add_figure(o, "capacity_used_percent", "capacity_used_at", world, p, t, "CapacityUtilization");
    json_put_time(o, "capacity_ends", t->deprovision_ms);
    json_put_str(o, "source_engine", t->source_engine);
    json_put_str(o, "source_host", t->source_host);
    json_put_str(o, "source_database", t->source_database);
    json_put_str(o, "slot", slot != NULL ? slot->base.name : t->slot);
    json_put_str(o, "slot_known_by",
                 slot != NULL      ? claims[slot->claim]
                 : t->slot != NULL ? claims[CLAIM_NAMED]
                                   : NULL);
    json_put_tri(o, "heartbeat", t->heartbeat);
    json_put_str(o, "target_topic", t->target_topic);
    add_tables(o, t);
}
