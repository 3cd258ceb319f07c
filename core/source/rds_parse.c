#include "source/rds_parse.h"

#include "net/xmltree.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TEXT_MAX = 600, PENDING_MAX = 20, GROUPS_MAX = 10, MEMBERS_MAX = 64 };

/* ---- helpers --------------------------------------------------------------------------------- */

static const struct xmlnode *result(const char *body, size_t len, const char *name,
                                    struct arena *arena, const char **marker, struct err *err)
{
    const struct xmlnode *root = xmltree_read(body, len, arena, err);
    if (root == NULL)
        return NULL;
    const struct xmlnode *found = xmltree_find(root, name);
    if (found == NULL) {
        err_set(err, ERR_PROTOCOL, 0, "the answer has no %s", name);
        return NULL;
    }
    *marker = xmltree_text(found, "Marker", NULL);
    return found;
}

static const char *text(struct arena *arena, const struct xmlnode *node, const char *path)
{
    const char *s = xmltree_text(node, path, NULL);
    return s != NULL && strlen(s) > TEXT_MAX ? arena_strndup(arena, s, TEXT_MAX) : s;
}

static void put_kv(struct arena *arena, struct kv **items, size_t *n, size_t *cap, const char *key,
                   const char *value)
{
    struct kv *kv = arena_push(arena, items, n, cap, sizeof(*kv));
    *kv = (struct kv){key, value};
}

static bool same_host(const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        return false;
    size_t n = strlen(a), k = strlen(b);
    n -= n > 0 && a[n - 1] == '.';
    k -= k > 0 && b[k - 1] == '.';
    return n == k && n > 0 && strncasecmp(a, b, n) == 0;
}

/* ---- instances ------------------------------------------------------------------------------- */

static void read_pending(struct arena *arena, const struct xmlnode *node, struct rds_instance *out)
{
    size_t cap = 0;
    const struct xmlnode *list = xmltree_find(node, "PendingModifiedValues");
    for (const struct xmlnode *n = list != NULL ? list->child : NULL;
         n != NULL && out->npending < PENDING_MAX; n = n->next) {
        bool hidden = n->child != NULL || strstr(n->name, "Password") != NULL;
        const char *value = hidden ? NULL : arena_strndup(arena, n->text, TEXT_MAX);
        put_kv(arena, &out->pending, &out->npending, &cap, n->name, value);
    }
}

static void read_groups(struct arena *arena, const struct xmlnode *node, struct rds_instance *out)
{
    size_t cap = 0;
    for (const struct xmlnode *g = xmltree_find(node, "DBParameterGroups/DBParameterGroup");
         g != NULL && out->nparameter_groups < GROUPS_MAX; g = xmltree_next(g)) {
        const char *name = text(arena, g, "DBParameterGroupName");
        if (name != NULL)
            put_kv(arena, &out->parameter_groups, &out->nparameter_groups, &cap, name,
                   text(arena, g, "ParameterApplyStatus"));
    }
}

static void read_instance(struct rds_lists *l, const struct xmlnode *n)
{
    struct arena *a = l->arena;
    struct rds_snap *snap = l->snap;
    const char *id = text(a, n, "DBInstanceIdentifier");
    if (id == NULL || snap->ninstances >= RDS_INSTANCES_MAX)
        return;
    struct rds_instance *out =
        arena_push(a, &snap->instances, &snap->ninstances, &l->instances_cap, sizeof(*out));
    int64_t port = xmltree_int(n, "Endpoint/Port");
    *out = (struct rds_instance){
        .id = id,
        .arn = text(a, n, "DBInstanceArn"),
        .status = text(a, n, "DBInstanceStatus"),
        .class_name = text(a, n, "DBInstanceClass"),
        .zone = text(a, n, "AvailabilityZone"),
        .writer = TRI_UNKNOWN,
        .replica_of = text(a, n, "ReadReplicaSourceDBInstanceIdentifier"),
        .host = text(a, n, "Endpoint/Address"),
        .port = port > 0 && port < 65536 ? (int)port : 0,
        .resource_id = text(a, n, "DbiResourceId"),
        .allocated_gib = xmltree_int(n, "AllocatedStorage"),
        .max_allocated_gib = xmltree_int(n, "MaxAllocatedStorage"),
        .storage_type = text(a, n, "StorageType"),
        .multi_az = xmltree_tri(n, "MultiAZ"),
        .iam_login = xmltree_tri(n, "IAMDatabaseAuthenticationEnabled"),
        .certificate = text(a, n, "CACertificateIdentifier"),
        .certificate_ends_ms = xmltree_time(n, "CertificateDetails/ValidTill"),
        .backup_days = xmltree_int(n, "BackupRetentionPeriod"),
        .restorable_ms = xmltree_time(n, "LatestRestorableTime"),
        .maintenance_window = text(a, n, "PreferredMaintenanceWindow"),
    };
    read_pending(a, n, out);
    read_groups(a, n, out);
    if (l->instance_cluster == NULL)
        l->instance_cluster = text(a, n, "DBClusterIdentifier");
    if (snap->cluster != NULL)
        return;
    snap->engine = text(a, n, "Engine");
    snap->version = text(a, n, "EngineVersion");
    snap->iam_login = out->iam_login;
    snap->secret_arn = text(a, n, "MasterUserSecret/SecretArn");
    snap->secret_status = text(a, n, "MasterUserSecret/SecretStatus");
}

bool rds_parse_instances(struct rds_lists *l, const char *body, size_t len, const char **marker,
                         struct err *err)
{
    const struct xmlnode *r = result(body, len, "DescribeDBInstancesResult", l->arena, marker, err);
    for (const struct xmlnode *n = xmltree_find(r, "DBInstances/DBInstance"); n != NULL;
         n = xmltree_next(n))
        read_instance(l, n);
    return r != NULL;
}

/* ---- the cluster ----------------------------------------------------------------------------- */

static void read_members(struct rds_lists *l, const struct xmlnode *n)
{
    for (const struct xmlnode *m = xmltree_find(n, "DBClusterMembers/DBClusterMember");
         m != NULL && l->nmembers < MEMBERS_MAX; m = xmltree_next(m)) {
        struct rds_member *out =
            arena_push(l->arena, &l->members, &l->nmembers, &l->members_cap, sizeof(*out));
        *out = (struct rds_member){
            .id = text(l->arena, m, "DBInstanceIdentifier"),
            .group_status = text(l->arena, m, "DBClusterParameterGroupStatus"),
            .writer = xmltree_tri(m, "IsClusterWriter"),
        };
    }
    const struct xmlnode *list = xmltree_find(n, "CustomEndpoints");
    for (const struct xmlnode *c = list != NULL ? list->child : NULL;
         c != NULL && l->ncustom < MEMBERS_MAX; c = c->next) {
        const char **host =
            arena_push(l->arena, &l->custom, &l->ncustom, &l->custom_cap, sizeof(*host));
        *host = c->text;
    }
}

bool rds_parse_clusters(struct rds_lists *l, const char *body, size_t len, const char **marker,
                        struct err *err)
{
    struct arena *a = l->arena;
    struct rds_snap *snap = l->snap;
    const struct xmlnode *r = result(body, len, "DescribeDBClustersResult", a, marker, err);
    const struct xmlnode *n = xmltree_find(r, "DBClusters/DBCluster");
    if (r == NULL || n == NULL || snap->cluster != NULL)
        return r != NULL;
    snap->cluster = text(a, n, "DBClusterIdentifier");
    snap->cluster_arn = text(a, n, "DBClusterArn");
    snap->cluster_resource_id = text(a, n, "DbClusterResourceId");
    snap->cluster_status = text(a, n, "Status");
    snap->writer_host = text(a, n, "Endpoint");
    snap->reader_host = text(a, n, "ReaderEndpoint");
    snap->engine = text(a, n, "Engine");
    snap->version = text(a, n, "EngineVersion");
    snap->iam_login = xmltree_tri(n, "IAMDatabaseAuthenticationEnabled");
    snap->backup_days = xmltree_int(n, "BackupRetentionPeriod");
    snap->secret_arn = text(a, n, "MasterUserSecret/SecretArn");
    snap->secret_status = text(a, n, "MasterUserSecret/SecretStatus");
    l->cluster_group = text(a, n, "DBClusterParameterGroup");
    read_members(l, n);
    return true;
}

/* ---- events and maintenance ------------------------------------------------------------------ */

static const char *read_categories(struct arena *arena, const struct xmlnode *n)
{
    const char *all = "";
    int count = 0;
    for (const struct xmlnode *c = xmltree_find(n, "EventCategories/EventCategory");
         c != NULL && count < 8; c = xmltree_next(c), count++)
        all = all[0] == '\0' ? c->text : arena_printf(arena, "%s, %.60s", all, c->text);
    return all;
}

bool rds_parse_events(struct rds_lists *l, const char *body, size_t len, const char **marker,
                      struct err *err)
{
    const struct xmlnode *r = result(body, len, "DescribeEventsResult", l->arena, marker, err);
    for (const struct xmlnode *n = xmltree_find(r, "Events/Event");
         n != NULL && l->snap->nevents < RDS_EVENTS_MAX; n = xmltree_next(n)) {
        int64_t at_ms = xmltree_time(n, "Date");
        const char *message = text(l->arena, n, "Message");
        if (at_ms == UNKNOWN || message == NULL)
            continue;
        struct rds_event *out =
            arena_push(l->arena, &l->snap->events, &l->snap->nevents, &l->events_cap, sizeof(*out));
        *out = (struct rds_event){
            .at_ms = at_ms,
            .source = text(l->arena, n, "SourceIdentifier"),
            .categories = read_categories(l->arena, n),
            .message = message,
        };
    }
    return r != NULL;
}

/* "shop-1" of arn:aws:rds:eu-west-3:123456789012:db:shop-1 */
static const char *id_of(const char *arn)
{
    const char *colon = arn != NULL ? strrchr(arn, ':') : NULL;
    return colon != NULL ? colon + 1 : arn;
}

static void read_action(struct rds_lists *l, const char *object, const struct xmlnode *n)
{
    struct rds_snap *snap = l->snap;
    if (snap->nmaintenance >= RDS_MAINTENANCE_MAX)
        return;
    struct rds_maintenance *out = arena_push(l->arena, &snap->maintenance, &snap->nmaintenance,
                                             &l->maintenance_cap, sizeof(*out));
    int64_t current = xmltree_time(n, "CurrentApplyDate");
    int64_t forced = xmltree_time(n, "ForcedApplyDate");
    int64_t automatic = xmltree_time(n, "AutoAppliedAfterDate");
    *out = (struct rds_maintenance){
        .object = object,
        .action = text(l->arena, n, "Action"),
        .description = text(l->arena, n, "Description"),
        .apply_ms = current != UNKNOWN     ? current
                    : automatic != UNKNOWN ? automatic
                                           : forced,
        .forced = forced != UNKNOWN && automatic == UNKNOWN,
    };
}

bool rds_parse_maintenance(struct rds_lists *l, const char *body, size_t len, const char **marker,
                           struct err *err)
{
    const struct xmlnode *r =
        result(body, len, "DescribePendingMaintenanceActionsResult", l->arena, marker, err);
    for (const struct xmlnode *n =
             xmltree_find(r, "PendingMaintenanceActions/ResourcePendingMaintenanceActions");
         n != NULL; n = xmltree_next(n)) {
        const char *object = id_of(text(l->arena, n, "ResourceIdentifier"));
        for (const struct xmlnode *d =
                 xmltree_find(n, "PendingMaintenanceActionDetails/PendingMaintenanceAction");
             d != NULL; d = xmltree_next(d))
            read_action(l, object, d);
    }
    return r != NULL;
}

/* ---- all together ---------------------------------------------------------------------------- */

static void put_member(struct rds_lists *l, struct rds_instance *i)
{
    for (size_t k = 0; k < l->nmembers; k++) {
        const struct rds_member *m = &l->members[k];
        if (m->id == NULL || strcmp(m->id, i->id) != 0)
            continue;
        i->writer = m->writer;
        if (l->cluster_group == NULL)
            return;
        struct kv *all = arena_array(l->arena, i->nparameter_groups + 1, sizeof(*all));
        if (i->nparameter_groups > 0)
            memcpy(all, i->parameter_groups, i->nparameter_groups * sizeof(*all));
        all[i->nparameter_groups++] = (struct kv){l->cluster_group, m->group_status};
        i->parameter_groups = all;
        return;
    }
}

static const char *role_of(const struct rds_lists *l)
{
    const struct rds_snap *s = l->snap;
    if (same_host(s->host, s->writer_host))
        return "writer endpoint";
    if (same_host(s->host, s->reader_host))
        return "reader endpoint";
    for (size_t i = 0; i < l->ncustom; i++) {
        if (same_host(s->host, l->custom[i]))
            return "custom endpoint";
    }
    for (size_t i = 0; i < s->ninstances; i++) {
        const struct rds_instance *n = &s->instances[i];
        if (!same_host(s->host, n->host))
            continue;
        if (n->writer != TRI_UNKNOWN)
            return n->writer == TRI_YES ? "writer" : "reader";
        return n->replica_of != NULL ? "read replica" : "instance";
    }
    return NULL;
}

static int by_role(const void *a, const void *b)
{
    const struct rds_instance *x = a, *y = b;
    if ((x->writer == TRI_YES) != (y->writer == TRI_YES))
        return x->writer == TRI_YES ? -1 : 1;
    return strcmp(x->id, y->id);
}

static int newest_first(const void *a, const void *b)
{
    const struct rds_event *x = a, *y = b;
    if (x->at_ms != y->at_ms)
        return x->at_ms > y->at_ms ? -1 : 1;
    return strcmp(x->message, y->message);
}

void rds_parse_finish(struct rds_lists *l)
{
    struct rds_snap *s = l->snap;
    for (size_t i = 0; i < s->ninstances; i++)
        put_member(l, &s->instances[i]);
    if (s->ninstances > 0)
        qsort(s->instances, s->ninstances, sizeof(*s->instances), by_role);
    if (s->nevents > 0)
        qsort(s->events, s->nevents, sizeof(*s->events), newest_first);
    s->role = role_of(l);
}
