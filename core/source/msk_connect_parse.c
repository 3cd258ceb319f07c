#include "source/msk_connect_parse.h"

#include "aws/mskconnect.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/lsn.h"
#include "base/mem.h"
#include "base/secrets.h"
#include "config/globs.h"
#include "source/connect_parse.h"
#include "source/connect_text.h"

#include <stdlib.h>
#include <string.h>

enum { WORD_MAX = 64, TEXT_MAX = 4096 };

static int64_t time_of(const cJSON *object, const char *key)
{
    const char *text = json_str(object, key, NULL);
    int64_t ms = text != NULL ? clock_parse_iso(text) : -1;
    return ms >= 0 ? ms : UNKNOWN;
}

/* A figure of the answer; UNKNOWN where it is none. */
static int64_t count_of(const cJSON *object, const char *key)
{
    int64_t n = json_int(object, key, UNKNOWN);
    return n >= 0 ? n : UNKNOWN;
}

/* ---- a connector ----------------------------------------------------------------------------- */

static void put_capacity(const cJSON *capacity, struct msk_connector *m)
{
    const cJSON *fixed = json_get(capacity, "provisionedCapacity");
    const cJSON *scaled = json_get(capacity, "autoScaling");
    m->autoscaled = cJSON_IsObject(scaled);
    m->mcu = count_of(m->autoscaled ? scaled : fixed, "mcuCount");
    m->workers = count_of(fixed, "workerCount");
    m->min_workers = count_of(scaled, "minWorkerCount");
    m->max_workers = count_of(scaled, "maxWorkerCount");
    m->max_tasks = count_of(scaled, "maxAutoscalingTaskCount");
}

static void put_plugins(struct arena *arena, const cJSON *plugins, struct msk_connector *m)
{
    size_t n = (size_t)cJSON_GetArraySize(plugins);
    const cJSON *item;
    n = n < MSKC_MAX_PLUGINS ? n : MSKC_MAX_PLUGINS;
    m->plugins = arena_array(arena, n, sizeof(*m->plugins));
    m->nplugins = 0;
    cJSON_ArrayForEach(item, plugins)
    {
        const char *arn =
            json_copy(arena, json_get(item, "customPlugin"), "customPluginArn", TEXT_MAX);
        if (arn != NULL && m->nplugins < n)
            m->plugins[m->nplugins++] = arn;
    }
}

/* What both the list and the description tell. False: it has no name or no ARN. */
static bool put_summary(struct arena *arena, const cJSON *item, struct connect_connector *c,
                        struct msk_connector *m)
{
    c->name = json_copy(arena, item, "connectorName", CONNECT_MAX_NAME);
    m->arn = json_copy(arena, item, "connectorArn", TEXT_MAX);
    if (c->name == NULL || m->arn == NULL)
        return false;
    const cJSON *logs =
        json_get(json_get(json_get(item, "logDelivery"), "workerLogDelivery"), "cloudWatchLogs");
    const cJSON *cluster = json_get(json_get(item, "kafkaCluster"), "apacheKafkaCluster");
    c->state = json_copy(arena, item, "connectorState", WORD_MAX);
    m->current_version = json_copy(arena, item, "currentVersion", TEXT_MAX);
    m->description = json_copy(arena, item, "connectorDescription", TEXT_MAX);
    m->connect_version = json_copy(arena, item, "kafkaConnectVersion", WORD_MAX);
    m->role_arn = json_copy(arena, item, "serviceExecutionRoleArn", TEXT_MAX);
    m->bootstrap_servers = json_copy(arena, cluster, "bootstrapServers", TEXT_MAX);
    m->authentication = json_copy(arena, json_get(item, "kafkaClusterClientAuthentication"),
                                  "authenticationType", WORD_MAX);
    m->encryption = json_copy(arena, json_get(item, "kafkaClusterEncryptionInTransit"),
                              "encryptionType", WORD_MAX);
    m->log_group =
        json_bool(logs, "enabled", false) ? json_copy(arena, logs, "logGroup", TEXT_MAX) : NULL;
    m->created_ms = time_of(item, "creationTime");
    put_capacity(json_get(item, "capacity"), m);
    put_plugins(arena, json_get(item, "plugins"), m);
    return true;
}

static struct msk_connector *new_connector(struct arena *arena)
{
    struct msk_connector *m = arena_alloc(arena, sizeof(*m));
    m->can_restart = m->can_pause = TRI_UNKNOWN;
    return m;
}

static void put_new(struct connect_connector *c, const struct msk_connector *m)
{
    c->lsn = LSN_NONE;
    c->source_ms = UNKNOWN;
    c->offsets_ms = UNKNOWN;
    c->service = SERVICE_MSK_CONNECT;
    c->msk = m;
}

bool mskc_parse_list(struct arena *arena, const char *body, size_t len, const struct strlist *globs,
                     struct mskc_list *list, const char **next, struct err *err)
{
    cJSON *root = json_parse(body, len, err);
    *next = NULL;
    if (root == NULL)
        return false;
    const cJSON *connectors = json_get(root, "connectors");
    const cJSON *item;
    bool ok = cJSON_IsObject(root) && (connectors == NULL || cJSON_IsArray(connectors));
    if (!ok)
        err_set(err, ERR_PROTOCOL, 0, "ListConnectors: the answer has no list of connectors");
    if (!ok)
        connectors = NULL;
    cJSON_ArrayForEach(item, connectors)
    {
        struct connect_connector c = {0};
        struct msk_connector *m = new_connector(arena);
        if (!put_summary(arena, item, &c, m) || !globs_match(globs, c.name, true))
            continue;
        list->cut = list->count == CONNECT_MAX_CONNECTORS;
        if (list->cut)
            break;
        put_new(&c, m);
        struct connect_connector *at =
            arena_push(arena, &list->items, &list->count, &list->cap, sizeof(*at));
        *at = c;
    }
    if (ok && !list->cut)
        *next = json_copy(arena, root, "nextToken", MSKC_MAX_TOKEN);
    cJSON_Delete(root);
    return ok;
}

/* The service does not say which of both it is: whoever reads topics says which ones. */
static const char *type_of(const struct connect_connector *c)
{
    bool reads = kv_find(c->config, c->nconfig, "topics") != NULL ||
                 kv_find(c->config, c->nconfig, "topics.regex") != NULL;
    return reads ? "sink" : "source";
}

static void put_state(struct arena *arena, const cJSON *description, struct connect_connector *c,
                      struct msk_connector *m)
{
    const char *message = json_str(description, "message", NULL);
    m->state_code = json_copy(arena, description, "code", TEXT_MAX);
    m->state_message = message != NULL ? secrets_masked(arena, message, TEXT_MAX) : NULL;
    if (c->state == NULL || strcmp(c->state, "FAILED") != 0)
        return;
    c->cause = connect_cause(arena, message);
    if (c->cause == NULL)
        c->cause = m->state_code;
    c->trace = message != NULL ? secrets_masked(arena, message, CONNECT_MAX_TRACE) : NULL;
}

bool mskc_parse_connector(struct arena *arena, const char *body, size_t len,
                          struct connect_connector *c, struct err *err)
{
    cJSON *root = json_parse(body, len, err);
    if (root == NULL)
        return false;
    struct connect_connector fresh = {0};
    struct msk_connector *m = new_connector(arena);
    bool ok = cJSON_IsObject(root) && put_summary(arena, root, &fresh, m) &&
              strcmp(fresh.name, c->name) == 0;
    if (ok) {
        put_new(&fresh, m);
        connect_parse_config(arena, json_get(root, "connectorConfiguration"), &fresh);
        fresh.type = type_of(&fresh);
        m->described = true;
        put_state(arena, json_get(root, "stateDescription"), &fresh, m);
        *c = fresh;
    } else {
        err_set(err, ERR_PROTOCOL, 0, "DescribeConnector: the answer is not about %.200s", c->name);
    }
    cJSON_Delete(root);
    return ok;
}

/* ---- operations ------------------------------------------------------------------------------ */

static void put_operation(struct arena *arena, const cJSON *item, struct msk_operation *op)
{
    const cJSON *error = json_get(item, "errorInfo");
    const char *message = json_str(error, "message", NULL);
    op->arn = json_copy(arena, item, "connectorOperationArn", TEXT_MAX);
    op->type = json_copy(arena, item, "connectorOperationType", WORD_MAX);
    op->state = json_copy(arena, item, "connectorOperationState", WORD_MAX);
    op->error_code = json_copy(arena, error, "code", TEXT_MAX);
    op->error_message = message != NULL ? secrets_masked(arena, message, TEXT_MAX) : NULL;
    op->created_ms = time_of(item, "creationTime");
    op->ended_ms = time_of(item, "endTime");
    /* Its state says more than a time that did not come. */
    if (op->ended_ms == UNKNOWN && mskconnect_ended(op->state))
        op->ended_ms = op->created_ms != UNKNOWN ? op->created_ms : 0;
}

static int newest_first(const void *a, const void *b)
{
    const struct msk_operation *x = a, *y = b;
    return (x->created_ms < y->created_ms) - (x->created_ms > y->created_ms);
}

bool mskc_parse_operations(struct arena *arena, const char *body, size_t len,
                           struct msk_operation **operations, size_t *count, struct err *err)
{
    cJSON *root = json_parse(body, len, err);
    if (root == NULL)
        return false;
    const cJSON *list = json_get(root, "connectorOperations");
    bool ok = cJSON_IsObject(root) && (list == NULL || cJSON_IsArray(list));
    if (ok) {
        size_t n = (size_t)cJSON_GetArraySize(list);
        const cJSON *item;
        struct msk_operation *ops = arena_array(arena, n, sizeof(*ops));
        size_t at = 0;
        cJSON_ArrayForEach(item, list) put_operation(arena, item, &ops[at++]);
        if (at > 1)
            qsort(ops, at, sizeof(*ops), newest_first);
        *operations = ops;
        *count = at < MSKC_MAX_OPERATIONS ? at : MSKC_MAX_OPERATIONS;
    } else {
        err_set(err, ERR_PROTOCOL, 0, "ListConnectorOperations: the answer has no list");
    }
    cJSON_Delete(root);
    return ok;
}

bool mskc_parse_operation(struct arena *arena, const char *body, size_t len,
                          struct msk_operation *operation, struct err *err)
{
    cJSON *root = json_parse(body, len, err);
    if (root == NULL)
        return false;
    bool ok = cJSON_IsObject(root);
    if (ok)
        put_operation(arena, root, operation);
    else
        err_set(err, ERR_PROTOCOL, 0, "DescribeConnectorOperation: the answer is no object");
    cJSON_Delete(root);
    return ok;
}
