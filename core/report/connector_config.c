#include "report/connector_config.h"

#include "base/json.h"
#include "base/secrets.h"
#include "report/json_put.h"

#include <string.h>

enum { TEXT_MAX = 16 * 1024 * 1024 };

static cJSON *object_in(cJSON *parent, const char *key)
{
    return cJSON_AddObjectToObject(parent, key);
}

static void put_text(cJSON *object, const char *key, const char *text)
{
    if (text != NULL)
        cJSON_AddStringToObject(object, key, text);
}

static void put_number(cJSON *object, const char *key, int64_t n)
{
    if (n != UNKNOWN)
        cJSON_AddNumberToObject(object, key, (double)n);
}

static void put_config(cJSON *object, const struct connect_connector *c, size_t *masked)
{
    for (size_t i = 0; i < c->nconfig; i++) {
        put_text(object, c->config[i].key, c->config[i].value);
        *masked += c->config[i].value != NULL && strstr(c->config[i].value, SECRETS_MASK) != NULL;
    }
}

static void put_capacity(cJSON *root, const struct msk_connector *m)
{
    cJSON *capacity = object_in(root, "capacity");
    cJSON *one = object_in(capacity, m->autoscaled ? "autoScaling" : "provisionedCapacity");
    put_number(one, "mcuCount", m->mcu);
    put_number(one, "workerCount", m->workers);
    put_number(one, "minWorkerCount", m->min_workers);
    put_number(one, "maxWorkerCount", m->max_workers);
    put_number(one, "maxAutoscalingTaskCount", m->max_tasks);
}

/* Names as CreateConnector has them on the wire. */
static void put_msk(cJSON *root, const struct connect_connector *c, size_t *masked)
{
    const struct msk_connector *m = c->msk;
    put_text(root, "connectorName", c->name);
    put_text(root, "connectorDescription", m->description);
    put_config(object_in(root, "connectorConfiguration"), c, masked);
    put_capacity(root, m);
    put_text(root, "kafkaConnectVersion", m->connect_version);
    put_text(object_in(object_in(root, "kafkaCluster"), "apacheKafkaCluster"), "bootstrapServers",
             m->bootstrap_servers);
    put_text(object_in(root, "kafkaClusterClientAuthentication"), "authenticationType",
             m->authentication);
    cJSON *plugins = cJSON_AddArrayToObject(root, "plugins");
    for (size_t i = 0; i < m->nplugins; i++) {
        cJSON *plugin = json_put_item(plugins);
        put_text(object_in(plugin, "customPlugin"), "customPluginArn", m->plugins[i]);
    }
    put_text(root, "serviceExecutionRoleArn", m->role_arn);
}

char *connector_config_json(const struct connect_connector *c, size_t *masked)
{
    cJSON *root = cJSON_CreateObject();
    *masked = 0;
    if (c->msk != NULL) {
        put_msk(root, c, masked);
    } else {
        put_text(root, "name", c->name);
        put_config(object_in(root, "config"), c, masked);
    }
    char *printed = cJSON_Print(root);
    struct strbuf sb;
    strbuf_init(&sb, TEXT_MAX);
    json_put_clean(&sb, printed != NULL ? printed : "{}");
    cJSON_free(printed);
    cJSON_Delete(root);
    return strbuf_take(&sb);
}
