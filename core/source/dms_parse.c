#include "source/dms_parse_int.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/secrets.h"

#include <math.h>
#include <string.h>
#include <strings.h>

/* ---- single values --------------------------------------------------------------------------- */

const char *dms_text(struct arena *arena, const cJSON *object, const char *key)
{
    const char *text = json_copy(arena, object, key, DMS_MAX_NAME);
    return text != NULL && text[0] != '\0' ? text : NULL;
}

/* What DMS says of errors quotes connection strings. */
static const char *told_of(struct arena *arena, const char *text)
{
    return text != NULL && text[0] != '\0' ? secrets_masked(arena, text, DMS_MAX_TEXT) : NULL;
}

int64_t dms_time(const cJSON *object, const char *key)
{
    enum { YEAR_3000_S = 32503680 };
    const cJSON *item = json_get(object, key);
    if (cJSON_IsNumber(item) && item->valuedouble > 0 && item->valuedouble < YEAR_3000_S * 1e3)
        return (int64_t)llround(item->valuedouble * 1000);
    if (!cJSON_IsString(item))
        return UNKNOWN;
    int64_t ms = clock_parse_iso(item->valuestring);
    return ms >= 0 ? ms : UNKNOWN;
}

int64_t dms_count(const cJSON *object, const char *key)
{
    const int64_t most = INT64_C(1000000000000000);
    int64_t n = json_int(object, key, UNKNOWN);
    return n >= 0 && n <= most ? n : UNKNOWN;
}

static enum tri tri_of(const cJSON *object, const char *key, enum tri fallback)
{
    const cJSON *item = json_get(object, key);
    return cJSON_IsBool(item) ? (cJSON_IsTrue(item) ? TRI_YES : TRI_NO) : fallback;
}

/* The array `key` of the body, and where the next page begins; NULL and *err. */
cJSON *dms_page(struct arena *arena, const char *body, size_t len, const char *key,
                const cJSON **items, const char **marker, struct err *err)
{
    *marker = NULL;
    cJSON *root = json_parse(body, len, err);
    if (root == NULL)
        return NULL;
    *items = json_get(root, key);
    /* A list that is empty may be left out; one that is something else is no answer. */
    if (!cJSON_IsObject(root) ||
        (*items != NULL && !cJSON_IsArray(*items) && !cJSON_IsNull(*items))) {
        cJSON_Delete(root);
        err_set(err, ERR_PROTOCOL, 0, "DMS's answer has no list of %s", key);
        return NULL;
    }
    *marker = dms_text(arena, root, "Marker");
    return root;
}

/* ---- tasks ----------------------------------------------------------------------------------- */

static void put_stats(const cJSON *stats, struct dms_task *t)
{
    t->load_percent = dms_count(stats, "FullLoadProgressPercent");
    t->tables_loaded = dms_count(stats, "TablesLoaded");
    t->tables_loading = dms_count(stats, "TablesLoading");
    t->tables_queued = dms_count(stats, "TablesQueued");
    t->tables_errored = dms_count(stats, "TablesErrored");
    t->fresh_start_ms = dms_time(stats, "FreshStartDate");
    t->started_ms = dms_time(stats, "StartDate");
    t->stopped_ms = dms_time(stats, "StopDate");
    t->load_started_ms = dms_time(stats, "FullLoadStartDate");
    t->load_finished_ms = dms_time(stats, "FullLoadFinishDate");
}

static struct dms_task blank(void)
{
    return (struct dms_task){.storage_gib = UNKNOWN,
                             .capacity_units = UNKNOWN,
                             .min_units = UNKNOWN,
                             .max_units = UNKNOWN,
                             .deprovision_ms = UNKNOWN,
                             .heartbeat = TRI_UNKNOWN,
                             .capture_ddls = TRI_UNKNOWN};
}

static const char *last_part(const char *arn)
{
    const char *at = strrchr(arn, ':');
    return at != NULL ? at + 1 : arn;
}

static void put_common(struct arena *arena, const cJSON *item, struct dms_seen *seen)
{
    struct dms_task *t = &seen->task;
    seen->source_arn = dms_text(arena, item, "SourceEndpointArn");
    seen->target_arn = dms_text(arena, item, "TargetEndpointArn");
    t->resource = t->arn != NULL ? last_part(t->arn) : NULL;
    t->status = dms_text(arena, item, "Status");
    t->stop_reason = told_of(arena, json_str(item, "StopReason", NULL));
    t->checkpoint = dms_text(arena, item, "RecoveryCheckpoint");
    t->cdc_start = dms_text(arena, item, "CdcStartPosition");
}

static void put_task(struct arena *arena, const cJSON *item, struct dms_seen *seen)
{
    struct dms_task *t = &seen->task;
    t->arn = dms_text(arena, item, "ReplicationTaskArn");
    t->id = dms_text(arena, item, "ReplicationTaskIdentifier");
    put_common(arena, item, seen);
    seen->instance_arn = dms_text(arena, item, "ReplicationInstanceArn");
    t->migration = dms_text(arena, item, "MigrationType");
    t->failure = told_of(arena, json_str(item, "LastFailureMessage", NULL));
    put_stats(json_get(item, "ReplicationTaskStats"), t);
}

/* The newest of several failures is the last one. */
static void put_failures(struct arena *arena, const cJSON *item, struct dms_task *t)
{
    const cJSON *messages = json_get(item, "FailureMessages");
    const cJSON *each;
    cJSON_ArrayForEach(each, messages)
    {
        const char *text = cJSON_IsString(each) ? told_of(arena, each->valuestring) : NULL;
        t->failure = text != NULL ? text : t->failure;
    }
}

static void put_replication(struct arena *arena, const cJSON *item, struct dms_seen *seen)
{
    struct dms_task *t = &seen->task;
    const cJSON *provision = json_get(item, "ProvisionData");
    t->serverless = true;
    t->arn = dms_text(arena, item, "ReplicationConfigArn");
    t->id = dms_text(arena, item, "ReplicationConfigIdentifier");
    put_common(arena, item, seen);
    t->migration = dms_text(arena, item, "ReplicationType");
    put_failures(arena, item, t);
    put_stats(json_get(item, "ReplicationStats"), t);
    if (t->stopped_ms == UNKNOWN)
        t->stopped_ms = dms_time(item, "ReplicationLastStopTime");
    t->provision_state = dms_text(arena, provision, "ProvisionState");
    t->capacity_units = dms_count(provision, "ProvisionedCapacityUnits");
    t->deprovision_ms = dms_time(item, "ReplicationDeprovisionTime");
}

static bool parse_seen(struct arena *arena, const char *body, size_t len, const char *key,
                       void (*put)(struct arena *, const cJSON *, struct dms_seen *),
                       struct dms_seen_list *list, const char **marker, struct err *err)
{
    const cJSON *items;
    const cJSON *item;
    cJSON *root = dms_page(arena, body, len, key, &items, marker, err);
    if (root == NULL)
        return false;
    cJSON_ArrayForEach(item, items)
    {
        struct dms_seen seen = {.task = blank()};
        put(arena, item, &seen);
        /* What has no name cannot be shown, what has no ARN cannot be asked about. */
        if (seen.task.id == NULL || seen.task.arn == NULL || list->count >= DMS_MAX_TASKS)
            continue;
        struct dms_seen *at =
            arena_push(arena, &list->items, &list->count, &list->cap, sizeof(*at));
        *at = seen;
    }
    cJSON_Delete(root);
    return true;
}

bool dms_parse_tasks(struct arena *arena, const char *body, size_t len, struct dms_seen_list *list,
                     const char **marker, struct err *err)
{
    return parse_seen(arena, body, len, "ReplicationTasks", put_task, list, marker, err);
}

bool dms_parse_replications(struct arena *arena, const char *body, size_t len,
                            struct dms_seen_list *list, const char **marker, struct err *err)
{
    return parse_seen(arena, body, len, "Replications", put_replication, list, marker, err);
}

/* ---- what stands around them ----------------------------------------------------------------- */

/* Every setting that is one value: "EngineName", "PostgreSQLSettings.SlotName". */
static void put_settings(struct arena *arena, const cJSON *object, const char *prefix,
                         struct dms_endpoint *e)
{
    enum { MAX_SETTINGS = 300 };
    const cJSON *item;
    cJSON_ArrayForEach(item, object)
    {
        if (item->string == NULL || e->nsettings >= MAX_SETTINGS)
            continue;
        const char *key = arena_printf(arena, "%s%.200s", prefix, item->string);
        const char *value = cJSON_IsString(item)   ? item->valuestring
                            : cJSON_IsBool(item)   ? (cJSON_IsTrue(item) ? "true" : "false")
                            : cJSON_IsNumber(item) ? arena_printf(arena, "%.15g", item->valuedouble)
                                                   : NULL;
        if (cJSON_IsObject(item) && prefix[0] == '\0')
            put_settings(arena, item, arena_printf(arena, "%s.", key), e);
        if (value == NULL)
            continue;
        struct kv *kv =
            arena_push(arena, &e->settings, &e->nsettings, &e->settings_cap, sizeof(*kv));
        const char *copy = arena_strndup(arena, value, strnlen(value, DMS_MAX_TEXT));
        *kv = (struct kv){key, secrets_mask(arena, key, copy)};
    }
}

/* "slotName=a;heartbeatEnable=Y;": how the same was said before there were settings. */
static const char *attribute(struct arena *arena, const char *attributes, const char *key)
{
    size_t n = strlen(key);
    for (const char *at = attributes; at != NULL && *at != '\0'; at += *at == ';') {
        at += strspn(at, " ");
        size_t len = strcspn(at, ";");
        if (len > n && strncasecmp(at, key, n) == 0 && at[n] == '=')
            return arena_strndup(arena, at + n + 1, len - n - 1);
        at += len;
    }
    return NULL;
}

static enum tri yes_no(const char *text, enum tri fallback)
{
    if (text == NULL || text[0] == '\0')
        return fallback;
    return strchr("YyTt1", text[0]) != NULL ? TRI_YES : TRI_NO;
}

static void put_postgres(struct arena *arena, const cJSON *item, struct dms_endpoint *e)
{
    const cJSON *pg = json_get(item, "PostgreSQLSettings");
    const char *more = json_str(item, "ExtraConnectionAttributes", NULL);
    e->slot = dms_text(arena, pg, "SlotName");
    if (e->slot == NULL)
        e->slot = attribute(arena, more, "slotName");
    e->plugin = dms_text(arena, pg, "PluginName");
    if (e->plugin == NULL)
        e->plugin = attribute(arena, more, "pluginName");
    if (e->database == NULL)
        e->database = dms_text(arena, pg, "DatabaseName");
    if (e->user == NULL)
        e->user = dms_text(arena, pg, "Username");
    if (e->host == NULL)
        e->host = dms_text(arena, pg, "ServerName");
    e->heartbeat =
        tri_of(pg, "HeartbeatEnable", yes_no(attribute(arena, more, "heartbeatEnable"), TRI_NO));
    e->capture_ddls =
        tri_of(pg, "CaptureDdls", yes_no(attribute(arena, more, "captureDDLs"), TRI_YES));
}

static bool is_postgres(const char *engine)
{
    return engine != NULL &&
           (strcmp(engine, "postgres") == 0 || strcmp(engine, "aurora-postgresql") == 0);
}

static void put_endpoint(struct arena *arena, const cJSON *item, struct dms_around *around)
{
    const char *arn = dms_text(arena, item, "EndpointArn");
    if (arn == NULL || around->nendpoints >= DMS_MAX_ENDPOINTS)
        return;
    const cJSON *kafka = json_get(item, "KafkaSettings");
    struct dms_endpoint *e = arena_push(arena, &around->endpoints, &around->nendpoints,
                                        &around->endpoints_cap, sizeof(*e));
    *e = (struct dms_endpoint){
        .arn = arn,
        .engine = dms_text(arena, item, "EngineName"),
        .host = dms_text(arena, item, "ServerName"),
        .database = dms_text(arena, item, "DatabaseName"),
        .user = dms_text(arena, item, "Username"),
        .topic = dms_text(arena, kafka, "Topic"),
        .brokers = dms_text(arena, kafka, "Broker"),
        .heartbeat = TRI_UNKNOWN,
        .capture_ddls = TRI_UNKNOWN,
    };
    if (is_postgres(e->engine))
        put_postgres(arena, item, e);
    put_settings(arena, item, "", e);
}

static void put_instance(struct arena *arena, const cJSON *item, struct dms_around *around)
{
    const char *arn = dms_text(arena, item, "ReplicationInstanceArn");
    if (arn == NULL || around->ninstances >= DMS_MAX_TASKS)
        return;
    struct dms_instance *in = arena_push(arena, &around->instances, &around->ninstances,
                                         &around->instances_cap, sizeof(*in));
    *in = (struct dms_instance){
        .arn = arn,
        .id = dms_text(arena, item, "ReplicationInstanceIdentifier"),
        .class_name = dms_text(arena, item, "ReplicationInstanceClass"),
        .status = dms_text(arena, item, "ReplicationInstanceStatus"),
        .version = dms_text(arena, item, "EngineVersion"),
        .storage_gib = dms_count(item, "AllocatedStorage"),
    };
    static const char *const lists[] = {"ReplicationInstancePrivateIpAddresses",
                                        "ReplicationInstancePublicIpAddresses",
                                        "ReplicationInstanceIpv6Addresses"};
    enum { MAX_ADDRESSES = 32 };
    const cJSON *each;
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        cJSON_ArrayForEach(each, json_get(item, lists[i]))
        {
            if (!cJSON_IsString(each) || in->naddresses >= MAX_ADDRESSES)
                continue;
            const char **at =
                arena_push(arena, &in->addresses, &in->naddresses, &in->addresses_cap, sizeof(*at));
            *at = arena_strndup(arena, each->valuestring, strnlen(each->valuestring, 64));
        }
    }
}

static void put_config(struct arena *arena, const cJSON *item, struct dms_around *around)
{
    const char *arn = dms_text(arena, item, "ReplicationConfigArn");
    const cJSON *compute = json_get(item, "ComputeConfig");
    if (arn == NULL || around->nscales >= DMS_MAX_TASKS)
        return;
    struct dms_scale *s =
        arena_push(arena, &around->scales, &around->nscales, &around->scales_cap, sizeof(*s));
    *s = (struct dms_scale){arn, dms_count(compute, "MinCapacityUnits"),
                            dms_count(compute, "MaxCapacityUnits")};
}

static bool parse_around(struct arena *arena, const char *body, size_t len, const char *key,
                         void (*put)(struct arena *, const cJSON *, struct dms_around *),
                         struct dms_around *around, const char **marker, struct err *err)
{
    const cJSON *items;
    const cJSON *item;
    cJSON *root = dms_page(arena, body, len, key, &items, marker, err);
    if (root == NULL)
        return false;
    cJSON_ArrayForEach(item, items) put(arena, item, around);
    cJSON_Delete(root);
    return true;
}

bool dms_parse_endpoints(struct arena *arena, const char *body, size_t len,
                         struct dms_around *around, const char **marker, struct err *err)
{
    return parse_around(arena, body, len, "Endpoints", put_endpoint, around, marker, err);
}

bool dms_parse_instances(struct arena *arena, const char *body, size_t len,
                         struct dms_around *around, const char **marker, struct err *err)
{
    return parse_around(arena, body, len, "ReplicationInstances", put_instance, around, marker,
                        err);
}

bool dms_parse_configs(struct arena *arena, const char *body, size_t len, struct dms_around *around,
                       const char **marker, struct err *err)
{
    return parse_around(arena, body, len, "ReplicationConfigs", put_config, around, marker, err);
}
