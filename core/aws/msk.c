#include "aws/msk.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/strbuf.h"
#include "model/fact.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TEXT = 2048, BROKERS = 16 * 1024 };

static const cJSON *at(const cJSON *root, const char *const *path)
{
    for (; root != NULL && *path != NULL; path++)
        root = json_get(root, *path);
    return root;
}
#define AT(root, ...) at(root, (const char *const[]){__VA_ARGS__, NULL})

static char *text(struct arena *arena, const cJSON *object, const char *key)
{
    char *s = json_copy(arena, object, key, TEXT);
    return s != NULL && s[0] != '\0' ? s : NULL;
}

static enum tri is_on(const cJSON *switched)
{
    const cJSON *enabled = json_get(switched, "enabled");
    return cJSON_IsBool(enabled) ? cJSON_IsTrue(enabled) ? TRI_YES : TRI_NO : TRI_UNKNOWN;
}

static cJSON *parse(const char *body, size_t len, struct err *err)
{
    cJSON *root = json_parse(body, len, err);
    if (root != NULL && !cJSON_IsObject(root)) {
        cJSON_Delete(root);
        root = NULL;
        err_set(err, ERR_PROTOCOL, 0, "MSK's answer is no object");
    }
    return root;
}

/* ---- clusters -------------------------------------------------------------------------------- */

static void take_provisioned(struct arena *arena, const cJSON *p, struct msk_snap *out)
{
    const cJSON *sasl = AT(p, "clientAuthentication", "sasl");
    out->kafka_version = text(arena, json_get(p, "currentBrokerSoftwareInfo"), "kafkaVersion");
    out->instance = text(arena, json_get(p, "brokerNodeGroupInfo"), "instanceType");
    out->storage_mode = text(arena, p, "storageMode");
    out->monitoring = text(arena, p, "enhancedMonitoring");
    out->customer_action = text(arena, p, "customerActionStatus");
    out->client_broker =
        text(arena, AT(p, "encryptionInfo", "encryptionInTransit"), "clientBroker");
    out->public_access =
        text(arena, AT(p, "brokerNodeGroupInfo", "connectivityInfo", "publicAccess"), "type");
    out->brokers = json_int(p, "numberOfBrokerNodes", UNKNOWN);
    out->volume_gib = json_int(AT(p, "brokerNodeGroupInfo", "storageInfo", "ebsStorageInfo"),
                               "volumeSize", UNKNOWN);
    out->iam = is_on(json_get(sasl, "iam"));
    out->scram = is_on(json_get(sasl, "scram"));
    out->mutual_tls = is_on(AT(p, "clientAuthentication", "tls"));
    out->unauthenticated = is_on(AT(p, "clientAuthentication", "unauthenticated"));
}

static void take_cluster(struct arena *arena, const cJSON *c, struct msk_snap *out)
{
    const cJSON *serverless = json_get(c, "serverless");
    const char *created = json_str(c, "creationTime", "");
    int64_t created_ms = clock_parse_iso(created);
    *out = (struct msk_snap){
        .name = text(arena, c, "clusterName"),
        .arn = text(arena, c, "clusterArn"),
        .type = text(arena, c, "clusterType"),
        .state = text(arena, c, "state"),
        .state_code = text(arena, json_get(c, "stateInfo"), "code"),
        .state_message = text(arena, json_get(c, "stateInfo"), "message"),
        .operation_arn = text(arena, c, "activeOperationArn"),
        .created_ms = created_ms >= 0 ? created_ms : UNKNOWN,
        .brokers = UNKNOWN,
        .volume_gib = UNKNOWN,
        .iam = TRI_UNKNOWN,
        .scram = TRI_UNKNOWN,
        .mutual_tls = TRI_UNKNOWN,
        .unauthenticated = TRI_UNKNOWN,
    };
    if (cJSON_IsObject(json_get(c, "provisioned")))
        take_provisioned(arena, json_get(c, "provisioned"), out);
    else if (cJSON_IsObject(serverless))
        out->iam = is_on(AT(serverless, "clientAuthentication", "sasl", "iam"));
}

typedef void take_fn(struct arena *arena, const cJSON *c, void *to);

/* A page of ListClustersV2: each cluster on it. */
static bool take_page(struct arena *arena, const char *body, size_t len, take_fn *take, void *to,
                      const char **next, struct err *err)
{
    cJSON *root = parse(body, len, err);
    if (root == NULL)
        return false;
    const cJSON *c;
    cJSON_ArrayForEach(c, json_get(root, "clusterInfoList"))
    {
        take(arena, c, to);
    }
    *next = text(arena, root, "nextToken");
    cJSON_Delete(root);
    return true;
}

static void take_named(struct arena *arena, const cJSON *c, void *to)
{
    struct msk_search *search = to;
    const char *name = json_str(c, "clusterName", "");
    if (strcmp(name, search->name) == 0 && search->found == NULL) {
        search->found = arena_alloc(arena, sizeof(*search->found));
        take_cluster(arena, c, search->found);
    } else if (name[0] != '\0' && strcmp(name, search->name) != 0) {
        if (search->nothers < MSK_OTHERS_MAX)
            search->others[search->nothers] = text(arena, c, "clusterName");
        search->nothers++;
    }
}

bool msk_parse_list(struct arena *arena, const char *body, size_t len, struct msk_search *search,
                    const char **next, struct err *err)
{
    return take_page(arena, body, len, take_named, search, next, err);
}

static void take_any(struct arena *arena, const cJSON *c, void *to)
{
    struct msk_list *list = to;
    struct msk_snap one;
    take_cluster(arena, c, &one);
    if (one.name == NULL || one.arn == NULL || list->count == MSK_LIST_MAX)
        return;
    struct msk_snap *at = arena_push(arena, &list->items, &list->count, &list->cap, sizeof(*at));
    *at = one;
}

bool msk_parse_all(struct arena *arena, const char *body, size_t len, struct msk_list *list,
                   const char **next, struct err *err)
{
    return take_page(arena, body, len, take_any, list, next, err);
}

bool msk_parse_cluster(struct arena *arena, const char *body, size_t len, struct msk_snap *out,
                       struct err *err)
{
    cJSON *root = parse(body, len, err);
    const cJSON *c = json_get(root, "clusterInfo");
    bool ok = root != NULL && (cJSON_IsObject(c) ||
                               err_set(err, ERR_PROTOCOL, 0, "MSK's answer describes no cluster"));
    if (ok)
        take_cluster(arena, c, out);
    cJSON_Delete(root);
    return ok;
}

/* ---- listeners ------------------------------------------------------------------------------- */

/* host:port pairs and commas, nothing else: it becomes a setting of the Kafka client. */
static bool are_brokers(const char *s)
{
    static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "-._:,[]";
    return s != NULL && s[0] != '\0' && strspn(s, good) == strlen(s) && strchr(s, ':') != NULL;
}

bool msk_parse_bootstraps(struct arena *arena, const char *body, size_t len, struct msk_snap *out,
                          struct err *err)
{
    enum { FORMS = 2 };
    size_t most = 0;
    while (msk_kind_at((unsigned)most) != NULL)
        most++;
    cJSON *root = parse(body, len, err);
    if (root == NULL)
        return false;
    struct kv *items = arena_array(arena, most * FORMS, sizeof(*items));
    size_t n = 0;
    const struct msk_kind *kind;
    for (unsigned i = 0; (kind = msk_kind_at(i)) != NULL; i++) {
        const char *four = json_copy(arena, root, kind->member, BROKERS);
        const char *six =
            kind->member6 != NULL ? json_copy(arena, root, kind->member6, BROKERS) : NULL;
        if (are_brokers(four))
            items[n++] = (struct kv){kind->name, four};
        if (are_brokers(six))
            items[n++] = (struct kv){arena_printf(arena, "%s-ipv6", kind->name), six};
    }
    out->bootstraps = items;
    out->nbootstraps = n;
    cJSON_Delete(root);
    return true;
}

static const char *has_kind(const struct msk_snap *msk, const struct msk_kind *kind)
{
    for (size_t i = 0; kind != NULL && i < msk->nbootstraps; i++) {
        if (msk_kind_of(msk->bootstraps[i].key) == kind)
            return msk->bootstraps[i].key;
    }
    return NULL;
}

/* Is [pipeline.kafka] written for a listener of this kind? */
static bool fits(const struct msk_kind *kind, const struct kafka_config *kafka)
{
    bool scram = kafka->sasl_username != NULL && kafka->sasl_username[0] != '\0';
    bool mtls = kafka->ssl_certificate != NULL && kafka->ssl_certificate[0] != '\0';
    bool iam = strcmp(kafka->sasl_mechanism, "AWS_MSK_IAM") == 0;
    if (scram || iam)
        return kind->mechanism != NULL && strcmp(kind->mechanism, kafka->sasl_mechanism) == 0;
    if (mtls || strcmp(kafka->security_protocol, "SSL") == 0)
        return strcmp(kind->protocol, "SSL") == 0;
    /* Without a user SCRAM is of no use. */
    return kind->mechanism == NULL || strcmp(kind->mechanism, "AWS_MSK_IAM") == 0;
}

const char *msk_wanted(const struct msk_snap *msk, const struct pipeline_config *cfg)
{
    if (strcmp(cfg->msk.bootstrap, "auto") != 0)
        return has_kind(msk, msk_kind(cfg->msk.bootstrap));
    const struct msk_kind *kind;
    for (unsigned i = 0; (kind = msk_kind_at(i)) != NULL; i++) {
        const char *key = fits(kind, &cfg->kafka) ? has_kind(msk, kind) : NULL;
        if (key != NULL)
            return key;
    }
    return NULL;
}

const char *msk_kinds_on(struct arena *arena, const struct msk_snap *msk)
{
    struct strbuf sb;
    strbuf_init(&sb, TEXT);
    for (size_t i = 0; i < msk->nbootstraps; i++)
        strbuf_printf(&sb, "%s%s", i > 0 ? ", " : "", msk->bootstraps[i].key);
    const char *out = arena_strdup(arena, sb.len > 0 ? sb.text : "none");
    strbuf_free(&sb);
    return out;
}

/* ---- nodes ----------------------------------------------------------------------------------- */

static void take_node(struct arena *arena, const cJSON *item, struct msk_node *out)
{
    const cJSON *broker = json_get(item, "brokerNodeInfo");
    const cJSON *info = broker != NULL ? broker : json_get(item, "controllerNodeInfo");
    const cJSON *id = json_get(broker, "brokerId"); /* a double on the wire */
    const cJSON *endpoint = cJSON_GetArrayItem(json_get(info, "endpoints"), 0);
    *out = (struct msk_node){
        .id = -1,
        .instance = text(arena, item, "instanceType"),
        .address = text(arena, broker, "clientVpcIpAddress"),
        .version = text(arena, json_get(broker, "currentBrokerSoftwareInfo"), "kafkaVersion"),
    };
    if (cJSON_IsString(endpoint) && endpoint->valuestring != NULL)
        out->endpoint =
            arena_strndup(arena, endpoint->valuestring, strnlen(endpoint->valuestring, TEXT));
    if (cJSON_IsNumber(id) && id->valuedouble >= 0 && id->valuedouble < INT32_MAX)
        out->id = (int32_t)lround(id->valuedouble);
}

bool msk_parse_nodes(struct arena *arena, const char *body, size_t len, struct msk_snap *out,
                     const char **next, struct err *err)
{
    cJSON *root = parse(body, len, err);
    if (root == NULL)
        return false;
    const cJSON *list = json_get(root, "nodeInfoList");
    size_t more = cJSON_IsArray(list) ? (size_t)cJSON_GetArraySize(list) : 0;
    if (more > MSK_NODES_MAX - out->nnodes)
        more = MSK_NODES_MAX - out->nnodes;
    struct msk_node *nodes = arena_array(arena, out->nnodes + more, sizeof(*nodes));
    if (out->nnodes > 0)
        memcpy(nodes, out->nodes, out->nnodes * sizeof(*nodes));
    size_t n = out->nnodes;
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        if (n < out->nnodes + more)
            take_node(arena, item, &nodes[n++]);
    }
    out->nodes = nodes;
    out->nnodes = n;
    *next = text(arena, root, "nextToken");
    cJSON_Delete(root);
    return true;
}
