/* see_aws.c: what AWS tells of the simulated account, its MSK cluster and its database. */
#include "base/mem.h"
#include "demo/sim_int.h"

#include <string.h>

#define DAY_MS  INT64_C(86400000)
#define ACCOUNT "123456789012"
#define REGION  "eu-central-1"

static const double GIB = 1024.0 * 1024 * 1024;

bool sim_has(const struct sim *sim, enum source_kind kind)
{
    bool dms = false;
    for (int i = 0; i < sim->nsources; i++)
        dms = dms || sim->sources[i].made->dms;
    if (kind == SOURCE_CONNECT)
        return !sim->made->aws;
    return kind < SOURCE_OWN_COUNT || (sim->made->aws && (kind != SOURCE_DMS || dms));
}

/* ---- the account ----------------------------------------------------------------------------- */

struct snapshot *sim_see_aws(const struct sim *sim)
{
    /* A minute's calls and what one of its units costs, in millionths of a dollar. */
    static const struct aws_spent usual[] = {
        {"sts",          "GetCallerIdentity",        0,         0, 0, 0, UNKNOWN       },
        {"kafka",        "DescribeClusterV2",        3,         0, 0, 0, UNKNOWN       },
        {"kafkaconnect", "ListConnectors",           12,        0, 0, 0, UNKNOWN       },
        {"kafkaconnect", "DescribeConnector",        24,        0, 0, 0, UNKNOWN       },
        {"dms",          "DescribeReplicationTasks", 12,        0, 0, 0, UNKNOWN       },
        {"rds",          "DescribeDBInstances",      3,         0, 0, 0, UNKNOWN       },
        {"monitoring",   "GetMetricData",            1,         0, 0, 0, SIM_FIGURE_USD},
        {"logs",         "FilterLogEvents",          2,         0, 0, 0, UNKNOWN       },
        {"s3",           "ListObjectsV2",            SIM_LISTS, 0, 0, 0, SIM_LIST_USD  },
    };
    struct snapshot *snap = snapshot_new(SOURCE_AWS);
    struct aws_snap *aws = &snap->aws;
    int64_t minutes = sim->now_ms / 60000 + 1;
    *aws = (struct aws_snap){
        .account = ACCOUNT,
        .arn = "arn:aws:sts::" ACCOUNT ":assumed-role/bastion/i-0f3a91c2d4e5b6a70",
        .user_id = "AROAEXAMPLE:i-0f3a91c2d4e5b6a70",
        .region = REGION,
        .partition = "aws",
        .credentials = "instance role bastion",
        .expires_ms = sim->base_ms + 6 * 3600 * INT64_C(1000),
        .skew_ms = 0,
        .spent_since_ms = sim->base_ms,
    };
    struct snapshot *told = sim_see_cloudwatch(sim);
    int64_t figures = (int64_t)told->cloudwatch.nmetrics;
    snapshot_free(told);
    aws->usd_micro_per_hour = (figures * SIM_FIGURE_USD + SIM_LISTS * SIM_LIST_USD) * 60;
    aws->spent = arena_array(snap->arena, ARRAY_LEN(usual), sizeof(*aws->spent));
    for (size_t i = 0; i < ARRAY_LEN(usual); i++) {
        if (strcmp(usual[i].service, "dms") == 0 && !sim_has(sim, SOURCE_DMS))
            continue;
        struct aws_spent *s = &aws->spent[aws->nspent++];
        *s = usual[i];
        s->calls = usual[i].calls * minutes + (usual[i].calls == 0);
        s->units = strcmp(s->service, "monitoring") == 0 ? figures * minutes : s->calls;
        if (s->usd_micro != UNKNOWN)
            s->usd_micro *= s->units;
    }
    return snap;
}

/* ---- the cluster ----------------------------------------------------------------------------- */

struct snapshot *sim_see_msk(const struct sim *sim)
{
    struct snapshot *snap = snapshot_new(SOURCE_MSK);
    struct arena *a = snap->arena;
    struct msk_snap *m = &snap->msk;
    const char *name = sim->made->name;
    *m = (struct msk_snap){
        .name = arena_strdup(a, name),
        .arn = arena_printf(a, "arn:aws:kafka:" REGION ":" ACCOUNT ":cluster/%s/1f0c-4", name),
        .type = "PROVISIONED",
        .state = sim->broker_down != 0 ? "HEALING" : "ACTIVE",
        .kafka_version = "3.7.x",
        .instance = "kafka.m7g.large",
        .storage_mode = "LOCAL",
        .monitoring = "PER_TOPIC_PER_BROKER",
        .client_broker = "TLS",
        .brokers = sim->made->brokers,
        .volume_gib = 500,
        .created_ms = sim->base_ms - 410 * DAY_MS,
        .iam = TRI_YES,
        .scram = TRI_NO,
        .mutual_tls = TRI_NO,
        .unauthenticated = TRI_NO,
        .public_access = "DISABLED",
        .bootstraps_read = true,
        .wanted = "iam",
        .nodes_read = true,
    };
    m->bootstraps = arena_array(a, 1, sizeof(*m->bootstraps));
    m->bootstraps[m->nbootstraps++] =
        (struct kv){"iam", arena_printf(a, "b-1.%s.c4.kafka." REGION ".amazonaws.com:9098", name)};
    m->nodes = arena_array(a, (size_t)m->brokers, sizeof(*m->nodes));
    for (int i = 1; i <= m->brokers; i++)
        m->nodes[m->nnodes++] = (struct msk_node){
            .id = i,
            .instance = m->instance,
            .endpoint = arena_printf(a, "b-%d.%s.c4.kafka." REGION ".amazonaws.com", i, name),
            .address = arena_printf(a, "10.0.%d.41", i),
            .version = m->kafka_version,
        };
    return snap;
}

/* ---- the database ---------------------------------------------------------------------------- */

static void put_instance(const struct sim *sim, struct arena *a, struct rds_snap *r)
{
    r->instances = arena_array(a, 1, sizeof(*r->instances));
    struct rds_instance *i = &r->instances[r->ninstances++];
    *i = (struct rds_instance){
        .id = arena_printf(a, "%s-db", sim->made->database),
        .status = "available",
        .class_name = "db.r7g.xlarge",
        .zone = REGION "a",
        .writer = sim->made->aurora ? TRI_YES : TRI_UNKNOWN,
        .host = r->host,
        .port = 5432,
        .resource_id = "db-EXAMPLE7QKPQ3",
        .allocated_gib = sim->made->aurora ? UNKNOWN : (int64_t)((double)sim->made->storage / GIB),
        .max_allocated_gib = UNKNOWN,
        .storage_type = sim->made->aurora ? "aurora" : "gp3",
        .multi_az = TRI_YES,
        .iam_login = TRI_YES,
        .certificate = "rds-ca-rsa2048-g1",
        .certificate_ends_ms = sim->base_ms + 610 * DAY_MS,
        .backup_days = 7,
        .restorable_ms = sim_wall(sim, sim->now_ms) - 240000,
        .maintenance_window = "sun:02:00-sun:02:30",
    };
    i->parameter_groups = arena_array(a, 1, sizeof(*i->parameter_groups));
    i->parameter_groups[i->nparameter_groups++] = (struct kv){"cdc-pg17", "in-sync"};
}

struct snapshot *sim_see_rds(const struct sim *sim)
{
    struct snapshot *snap = snapshot_new(SOURCE_RDS);
    struct arena *a = snap->arena;
    struct rds_snap *r = &snap->rds;
    const char *host = arena_printf(a, "%s-db.internal", sim->made->database);
    *r = (struct rds_snap){
        .host = host,
        .cluster = sim->made->aurora ? arena_printf(a, "%s-cluster", sim->made->database) : NULL,
        .cluster_status = sim->made->aurora ? "available" : NULL,
        .role = sim->made->aurora ? "writer" : "instance",
        .backup_days = sim->made->aurora ? 7 : UNKNOWN,
        .events_read = true,
        .maintenance_read = true,
        .engine = sim->made->aurora ? "aurora-postgresql" : "postgres",
        .version = "17.4",
        .iam_login = TRI_YES,
    };
    put_instance(sim, a, r);
    return snap;
}
