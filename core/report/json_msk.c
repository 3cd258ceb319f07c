#include "report/json_msk.h"

#include "model/metrics.h"
#include "report/json_put.h"

#include <math.h>

/* CloudWatch's figure with its own time; null: it has none. */
static void add_disk(cJSON *o, const struct cloudwatch_snap *cw, const char *object)
{
    const struct cw_metric *m =
        cw != NULL ? cloudwatch_find(cw, SPACE_KAFKA, "KafkaDataLogsDiskUsed", object) : NULL;
    bool known = m != NULL && !isnan(m->value);
    json_put_num(o, "disk_used_percent", known ? m->value : NAN);
    json_put_time(o, "disk_used_time", known ? m->at_ms : UNKNOWN);
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
        json_put_str(one, "instance", n->instance);
        json_put_str(one, "endpoint", n->endpoint);
        json_put_str(one, "address", n->address);
        json_put_str(one, "version", n->version);
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
    json_put_str(o, "name", msk->name);
    json_put_str(o, "arn", msk->arn);
    json_put_str(o, "type", msk->type);
    json_put_str(o, "state", msk->state);
    json_put_str(o, "state_code", msk->state_code);
    json_put_str(o, "state_message", msk->state_message);
    json_put_str(o, "operation", msk->operation_arn);
    json_put_str(o, "customer_action", msk->customer_action);
    json_put_str(o, "kafka_version", msk->kafka_version);
    json_put_str(o, "instance", msk->instance);
    json_put_int(o, "broker_count", msk->brokers);
    json_put_int(o, "volume_gib", msk->volume_gib);
    json_put_str(o, "storage_mode", msk->storage_mode);
    json_put_str(o, "monitoring", msk->monitoring);
    json_put_str(o, "client_broker", msk->client_broker);
    json_put_str(o, "public_access", msk->public_access);
    json_put_time(o, "created", msk->created_ms);
    json_put_tri(o, "iam", msk->iam);
    json_put_tri(o, "scram", msk->scram);
    json_put_tri(o, "tls", msk->mutual_tls);
    json_put_tri(o, "unauthenticated", msk->unauthenticated);
    cJSON *on = cJSON_AddArrayToObject(o, "listeners");
    for (size_t i = 0; i < msk->nbootstraps; i++)
        cJSON_AddItemToArray(on, cJSON_CreateString(msk->bootstraps[i].key));
    json_put_str(o, "listener", msk->wanted);
    add_brokers(o, msk, figures != NULL ? &figures->cloudwatch : NULL);
}
