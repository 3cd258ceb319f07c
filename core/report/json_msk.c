#include "report/json_msk.h"

#include "base/clock.h"
#include "model/metrics.h"

#include <math.h>

static void add_str(cJSON *o, const char *key, const char *s)
{
    if (s != NULL)
        cJSON_AddStringToObject(o, key, s);
    else
        cJSON_AddNullToObject(o, key);
}

static void add_int(cJSON *o, const char *key, int64_t v)
{
    if (v == UNKNOWN)
        cJSON_AddNullToObject(o, key);
    else
        cJSON_AddNumberToObject(o, key, (double)v);
}

static void add_tri(cJSON *o, const char *key, enum tri v)
{
    if (v == TRI_UNKNOWN)
        cJSON_AddNullToObject(o, key);
    else
        cJSON_AddBoolToObject(o, key, v == TRI_YES);
}

static void add_time(cJSON *o, const char *key, int64_t ms)
{
    char buf[40];
    add_str(o, key, ms == UNKNOWN || ms <= 0 ? NULL : clock_iso_ms(ms, buf, sizeof(buf)));
}

/* CloudWatch's figure with its own time; null: it has none. */
static void add_disk(cJSON *o, const struct cloudwatch_snap *cw, const char *object)
{
    const struct cw_metric *m =
        cw != NULL ? cloudwatch_find(cw, SPACE_KAFKA, "KafkaDataLogsDiskUsed", object) : NULL;
    bool known = m != NULL && !isnan(m->value);
    if (known)
        cJSON_AddNumberToObject(o, "disk_used_percent", m->value);
    else
        cJSON_AddNullToObject(o, "disk_used_percent");
    add_time(o, "disk_used_time", known ? m->at_ms : UNKNOWN);
}

static void add_brokers(cJSON *o, const struct msk_snap *msk, const struct cloudwatch_snap *cw)
{
    if (!msk->nodes_read) {
        cJSON_AddNullToObject(o, "brokers");
        return;
    }
    cJSON *list = cJSON_AddArrayToObject(o, "brokers");
    for (size_t i = 0; i < msk->nnodes; i++) {
        const struct msk_node *n = &msk->nodes[i];
        char object[METRIC_OBJECT];
        if (n->id < 0)
            continue;
        cJSON *one = cJSON_CreateObject();
        cJSON_AddNumberToObject(one, "id", n->id);
        add_str(one, "instance", n->instance);
        add_str(one, "endpoint", n->endpoint);
        add_str(one, "address", n->address);
        add_str(one, "version", n->version);
        add_disk(one, cw, metrics_broker(object, msk->name != NULL ? msk->name : "", n->id));
        cJSON_AddItemToArray(list, one);
    }
}

void json_msk_add(cJSON *root, const struct world *world, size_t index)
{
    const struct snapshot *snap = world_snap(world, index, SOURCE_MSK);
    const struct snapshot *figures = world_snap(world, index, SOURCE_CLOUDWATCH);
    if (snap == NULL) {
        cJSON_AddNullToObject(root, "msk");
        return;
    }
    const struct msk_snap *msk = &snap->msk;
    cJSON *o = cJSON_AddObjectToObject(root, "msk");
    add_str(o, "name", msk->name);
    add_str(o, "arn", msk->arn);
    add_str(o, "type", msk->type);
    add_str(o, "state", msk->state);
    add_str(o, "state_code", msk->state_code);
    add_str(o, "state_message", msk->state_message);
    add_str(o, "operation", msk->operation_arn);
    add_str(o, "customer_action", msk->customer_action);
    add_str(o, "kafka_version", msk->kafka_version);
    add_str(o, "instance", msk->instance);
    add_int(o, "broker_count", msk->brokers);
    add_int(o, "volume_gib", msk->volume_gib);
    add_str(o, "storage_mode", msk->storage_mode);
    add_str(o, "monitoring", msk->monitoring);
    add_str(o, "client_broker", msk->client_broker);
    add_str(o, "public_access", msk->public_access);
    add_time(o, "created", msk->created_ms);
    add_tri(o, "iam", msk->iam);
    add_tri(o, "scram", msk->scram);
    add_tri(o, "tls", msk->mutual_tls);
    add_tri(o, "unauthenticated", msk->unauthenticated);
    cJSON *on = cJSON_AddArrayToObject(o, "listeners");
    for (size_t i = 0; i < msk->nbootstraps; i++)
        cJSON_AddItemToArray(on, cJSON_CreateString(msk->bootstraps[i].key));
    add_str(o, "listener", msk->wanted);
    add_brokers(o, msk, figures != NULL ? &figures->cloudwatch : NULL);
}
