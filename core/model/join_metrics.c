/* Whose figures CloudWatch is asked for: what the services of AWS have told of. */
#include "base/mem.h"
#include "model/dms_task.h"
#include "model/join.h"
#include "model/metrics.h"

#include <string.h>

struct found {
    struct hints *h;
    struct hint_metrics *items;
    size_t count, cap;
};

static void add(struct found *f, const char *space, const char *object, const char *dim,
                const char *value, const char *dim2, const char *value2)
{
    struct arena *a = f->h->arena;
    for (size_t i = 0; i < f->count; i++) {
        const struct hint_metrics *m = &f->items[i];
        if (m->ndims == (dim2 != NULL ? 2U : 1U) && strcmp(m->space, space) == 0 &&
            strcmp(m->object, object) == 0 && strcmp(m->dims[0].key, dim) == 0)
            return;
    }
    struct hint_metrics *m = arena_push(a, &f->items, &f->count, &f->cap, sizeof(*m));
    *m = (struct hint_metrics){
        .space = space,
        .object = arena_strdup(a, object),
        .dims = {{dim, arena_strdup(a, value)}, {dim2, arena_strdup(a, value2)}},
        .ndims = dim2 != NULL ? 2 : 1,
    };
}

static void of_cluster(struct found *f, const struct snapshot *snap)
{
    const struct msk_snap *msk = &snap->msk;
    if (msk->name == NULL)
        return;
    add(f, SPACE_KAFKA, msk->name, "Cluster Name", msk->name, NULL, NULL);
    for (size_t i = 0; i < msk->nnodes; i++) {
        char object[METRIC_OBJECT];
        if (msk->nodes[i].id >= 0)
            add(f, SPACE_KAFKA, metrics_broker(object, msk->name, msk->nodes[i].id), "Cluster Name",
                msk->name, "Broker ID", arena_printf(f->h->arena, "%d", (int)msk->nodes[i].id));
    }
}

static void of_connectors(struct found *f, const struct snapshot *snap)
{
    for (size_t i = 0; i < snap->connect.nconnectors; i++) {
        const char *name = snap->connect.connectors[i].name;
        add(f, SPACE_CONNECT, name, "ConnectorName", name, NULL, NULL);
    }
}

/* The account of "arn:aws:dms:REGION:ACCOUNT:…"; "" where it has none. */
static const char *account_of(struct arena *a, const char *arn)
{
    enum { FIELDS_BEFORE = 4 };
    for (int i = 0; arn != NULL && i < FIELDS_BEFORE; i++) {
        arn = strchr(arn, ':');
        arn = arn != NULL ? arn + 1 : NULL;
    }
    return arn != NULL ? arena_strndup(a, arn, strcspn(arn, ":")) : "";
}

/* Without an instance it is in AWS/DMS under a dimension of its own: metrics.h tells of it. */
static void of_replication(struct found *f, const struct dms_task *t)
{
    struct arena *a = f->h->arena;
    const char *account = account_of(a, t->arn);
    if (t->arn == NULL || t->resource == NULL || t->id == NULL)
        return;
    struct hint_metrics *m = arena_push(a, &f->items, &f->count, &f->cap, sizeof(*m));
    *m = (struct hint_metrics){
        .space = SPACE_DMS,
        .object = arena_strdup(a, dms_object(t)),
        .values = {arena_printf(a, "%s:%s", account, t->resource),
                   arena_printf(a, "%s:%s", account, t->id), arena_strdup(a, t->resource),
                   arena_strdup(a, t->id)},
    };
}

static void of_tasks(struct found *f, const struct snapshot *snap)
{
    static const char instance[] = "ReplicationInstanceIdentifier";
    for (size_t i = 0; i < snap->connect.nconnectors; i++) {
        const struct dms_task *t = snap->connect.connectors[i].dms;
        if (t != NULL && t->serverless)
            of_replication(f, t);
        if (t == NULL || t->serverless || t->instance == NULL)
            continue;
        if (t->resource != NULL)
            add(f, SPACE_DMS, t->resource, instance, t->instance, "ReplicationTaskIdentifier",
                t->resource);
        add(f, SPACE_DMS, t->instance, instance, t->instance, NULL, NULL);
    }
}

static void of_databases(struct found *f, const struct snapshot *snap)
{
    const struct rds_snap *rds = &snap->rds;
    for (size_t i = 0; i < rds->ninstances; i++)
        add(f, SPACE_RDS, rds->instances[i].id, "DBInstanceIdentifier", rds->instances[i].id, NULL,
            NULL);
    if (rds->cluster != NULL)
        add(f, SPACE_RDS, rds->cluster, "DBClusterIdentifier", rds->cluster, NULL, NULL);
}

void join_metric_hints(const struct world *world, size_t index, struct hints *h)
{
    static const struct {
        enum source_kind kind;
        void (*add)(struct found *f, const struct snapshot *snap);
    } tellers[] = {
        {SOURCE_RDS,         of_databases },
        {SOURCE_MSK_CONNECT, of_connectors},
        {SOURCE_DMS,         of_tasks     },
        {SOURCE_MSK,         of_cluster   },
    };
    struct found f = {.h = h};
    for (size_t i = 0; i < ARRAY_LEN(tellers); i++) {
        const struct snapshot *snap = world_snap(world, index, tellers[i].kind);
        if (snap != NULL)
            tellers[i].add(&f, snap);
    }
    h->metrics = f.items;
    h->nmetrics = f.count;
}

bool hints_metrics_told(const struct world *world, size_t index)
{
    const struct snapshot *snap = world_snap(world, index, SOURCE_CLOUDWATCH);
    struct hints *h = hints_new();
    join_metric_hints(world, index, h);
    int64_t n = (int64_t)h->nmetrics, told = snap != NULL ? snap->cloudwatch.objects : -1;
    hints_free(h);
    return n == 0 || told >= n || (told == 0 && snap->every_ms > 0);
}
