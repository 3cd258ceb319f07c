#include "report/json_rds.h"

#include "base/clock.h"
#include "model/metrics.h"
#include "report/json_put.h"

#include <math.h>

static void add_time(cJSON *o, const char *key, int64_t ms)
{
    char buf[40];
    json_put_str(o, key, ms != UNKNOWN ? clock_iso(ms, buf, sizeof(buf)) : NULL);
}

static void add_kvs(cJSON *o, const char *key, const struct kv *items, size_t n)
{
    cJSON *map = cJSON_AddObjectToObject(o, key);
    for (size_t i = 0; i < n; i++)
        json_put_str(map, items[i].key, items[i].value);
}

/* {value, time}: a figure of CloudWatch is of its own time. */
static void add_figure(cJSON *o, const char *key, const struct snapshot *cw, const char *name,
                       const char *object)
{
    const struct cw_metric *m = cw != NULL && object != NULL
                                    ? cloudwatch_find(&cw->cloudwatch, SPACE_RDS, name, object)
                                    : NULL;
    if (m == NULL || isnan(m->value)) {
        cJSON_AddNullToObject(o, key);
        return;
    }
    cJSON *figure = cJSON_AddObjectToObject(o, key);
    cJSON_AddNumberToObject(figure, "value", m->value);
    add_time(figure, "time", m->at_ms);
}

static void add_instance(cJSON *list, const struct rds_instance *n, const struct snapshot *cw)
{
    cJSON *o = json_put_item(list);
    json_put_str(o, "id", n->id);
    json_put_str(o, "status", n->status);
    json_put_str(o, "class", n->class_name);
    json_put_str(o, "zone", n->zone);
    json_put_tri(o, "writer", n->writer);
    json_put_str(o, "replica_of", n->replica_of);
    json_put_str(o, "host", n->host);
    json_put_str(o, "resource_id", n->resource_id);
    json_put_tri(o, "multi_az", n->multi_az);
    json_put_int(o, "allocated_bytes", rds_bytes(n->allocated_gib));
    json_put_int(o, "max_allocated_bytes", rds_bytes(n->max_allocated_gib));
    add_figure(o, "free_bytes", cw, "FreeStorageSpace", n->id);
    add_figure(o, "slot_bytes", cw, "ReplicationSlotDiskUsage", n->id);
    add_figure(o, "slot_lag_bytes", cw, "OldestReplicationSlotLag", n->id);
    json_put_str(o, "certificate", n->certificate);
    add_time(o, "certificate_ends", n->certificate_ends_ms);
    json_put_int(o, "backup_days", n->backup_days);
    add_kvs(o, "pending", n->pending, n->npending);
    add_kvs(o, "parameter_groups", n->parameter_groups, n->nparameter_groups);
}

static void add_lists(cJSON *o, const struct rds_snap *rds, const struct snapshot *cw)
{
    cJSON *list = cJSON_AddArrayToObject(o, "instances");
    for (size_t i = 0; i < rds->ninstances; i++)
        add_instance(list, &rds->instances[i], cw);
    list = rds->events_read ? cJSON_AddArrayToObject(o, "events") : NULL;
    if (list == NULL)
        cJSON_AddNullToObject(o, "events");
    for (size_t i = 0; list != NULL && i < rds->nevents; i++) {
        cJSON *e = json_put_item(list);
        add_time(e, "time", rds->events[i].at_ms);
        json_put_str(e, "source", rds->events[i].source);
        json_put_str(e, "categories", rds->events[i].categories);
        json_put_str(e, "message", rds->events[i].message);
    }
    list = rds->maintenance_read ? cJSON_AddArrayToObject(o, "maintenance") : NULL;
    if (list == NULL)
        cJSON_AddNullToObject(o, "maintenance");
    for (size_t i = 0; list != NULL && i < rds->nmaintenance; i++) {
        cJSON *m = json_put_item(list);
        json_put_str(m, "object", rds->maintenance[i].object);
        json_put_str(m, "action", rds->maintenance[i].action);
        add_time(m, "apply", rds->maintenance[i].apply_ms);
        cJSON_AddBoolToObject(m, "forced", rds->maintenance[i].forced);
    }
}

void json_rds_add(cJSON *root, const struct world *world, size_t index)
{
    if (world_state(world, index, SOURCE_RDS) == STATE_OFF)
        return;
    const struct snapshot *snap = world_snap(world, index, SOURCE_RDS);
    if (snap == NULL) {
        cJSON_AddNullToObject(root, "rds");
        return;
    }
    const struct rds_snap *rds = &snap->rds;
    const struct snapshot *cw = world_snap(world, index, SOURCE_CLOUDWATCH);
    cJSON *o = cJSON_AddObjectToObject(root, "rds");
    cJSON_AddBoolToObject(o, "stale", world_state(world, index, SOURCE_RDS) != STATE_FRESH);
    json_put_str(o, "host", rds->host);
    json_put_str(o, "role", rds->role);
    json_put_str(o, "engine", rds->engine);
    json_put_str(o, "version", rds->version);
    json_put_str(o, "cluster", rds->cluster);
    json_put_str(o, "cluster_status", rds->cluster_status);
    json_put_str(o, "writer_host", rds->writer_host);
    json_put_str(o, "reader_host", rds->reader_host);
    json_put_tri(o, "iam_login", rds->iam_login);
    json_put_str(o, "master_secret", rds->secret_arn);
    json_put_str(o, "master_secret_status", rds->secret_status);
    add_figure(o, "volume_bytes", cw, "VolumeBytesUsed", rds->cluster);
    add_lists(o, rds, cw);
}
