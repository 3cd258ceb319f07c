/* fixture_rows.c: the rows of the four panes. */
#include "model/connector_facts.h"
#include "tests/screen/fixture_int.h"

#include "base/mem.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* What servers have been seen to hold, or could: control sequences, bidi, wide, combining, bad. */
static const char *const hostile[] = {
    "\033]0;owned\a\033[2J\033[31mred",
    "right\xe2\x80\xaeleft\xe2\x80\xac",
    "漢字テーブル_注文_データ_とても長い名前のトピック",
    "e\xcc\x81\xcc\x82\xcc\x83\xcc\x84\xcc\x85\xcc\x86\xcc\x87\xcc\x88 combining",
    "bad\xff\xfe\xc3utf8\xf0\x28\x8c\x28",
    "new\nline\ttab\rreturn",
};

static const char *long_name(struct fixture *f)
{
    char *name = arena_alloc(f->arena, 10001);
    memset(name, 'w', 10000);
    return name;
}

size_t fixture_names(struct fixture *f, const char *const *plain, size_t n, const char ***out)
{
    size_t total = f->kind == FIXTURE_HUGE      ? 10000
                   : f->kind == FIXTURE_HOSTILE ? ARRAY_LEN(hostile) + 1
                                                : n;
    *out = arena_array(f->arena, total, sizeof(**out));
    for (size_t i = 0; i < total; i++) {
        if (f->kind == FIXTURE_HUGE)
            (*out)[i] = arena_printf(f->arena, "%s_%05zu", plain[i % n], i);
        else if (f->kind == FIXTURE_HOSTILE)
            (*out)[i] = i < ARRAY_LEN(hostile) ? hostile[i] : long_name(f);
        else
            (*out)[i] = plain[i];
    }
    return total;
}

bool fixture_incident(const struct fixture *f)
{
    return f->kind == FIXTURE_INCIDENT;
}

static struct pg_slot *make_slot(struct fixture *f, const char *name, bool idle)
{
    struct pg_slot *s = arena_alloc(f->arena, sizeof(*s));
    *s = (struct pg_slot){.name = name,
                          .plugin = "pgoutput",
                          .type = "logical",
                          .database = "orders",
                          .wal_status = idle ? "extended" : "reserved",
                          .temporary = TRI_NO,
                          .active = idle ? TRI_NO : TRI_YES,
                          .active_pid = idle ? 0 : 2213,
                          .restart_lsn = UINT64_C(0x2C91A40B18),
                          .confirmed_flush_lsn = UINT64_C(0x2C91A40B50),
                          .safe_wal_size = UNKNOWN,
                          .inactive_since_ms = UNKNOWN};
    if (!idle) {
        struct pg_walsender *w = arena_alloc(f->arena, sizeof(*w));
        *w = (struct pg_walsender){.pid = 2213,
                                   .user = "debezium",
                                   .application_name = "Debezium Streaming",
                                   .client_addr = "10.0.3.21",
                                   .state = "streaming",
                                   .sent_lsn = UINT64_C(0x2C92000000),
                                   .flush_lsn = UINT64_C(0x2C91A40B50),
                                   .backend_start_ms = FIXTURE_WALL - 86400000,
                                   .reply_ms = FIXTURE_WALL - 1200};
        s->walsender = w;
    }
    static const char *const keys[] = {"slot_name",  "plugin",     "slot_type", "database",
                                       "active_pid", "wal_status", "xmin"};
    s->ncolumns = ARRAY_LEN(keys);
    s->columns = arena_array(f->arena, s->ncolumns, sizeof(*s->columns));
    const char *const values[] = {
        name, "pgoutput", "logical", "orders", idle ? NULL : "2213", s->wal_status, NULL};
    for (size_t i = 0; i < s->ncolumns; i++)
        s->columns[i] = (struct kv){keys[i], values[i]};
    return s;
}

void fixture_slots(struct fixture *f, struct pipeline *p)
{
    static const char *const plain[] = {"debezium", "dms_audit", "old_export"};
    static const int64_t behind[] = {18400000, 2100000, UNKNOWN};
    static const int64_t retained[] = {31000000, 2100000, INT64_C(41200000000)};
    const char **names;
    bool stale = f->kind == FIXTURE_STALE;
    p->nslots = fixture_names(f, plain, fixture_incident(f) ? 3 : 2, &names);
    p->slots = arena_array(f->arena, p->nslots, sizeof(*p->slots));
    for (size_t i = 0; i < p->nslots; i++) {
        size_t k = i % 3;
        bool idle = k == 2;
        p->slots[i] = (struct slot_row){
            .base = {names[i],      idle ? VERDICT_WARN : VERDICT_OK,
                     idle ? "no owner, idle 2d, retains 41.2 GB" : "",                     stale         },
            .slot = make_slot(f, names[i], idle),
            .behind = behind[k],
            .retained = retained[k],
            .retained_rate = k == 0   ? 12000
                             : k == 1 ? NAN
                                      : 1.0e6,
            .confirmed_rate = idle ? NAN : 1.2e6,
            .lost_in_ms = idle ? 22200000 : UNKNOWN,
            .lost = {.known = idle, .low_ms = 18720000,               .high_ms = 25500000, .per_s = 1.0e6},
            .lost_samples = idle ? 30 : 0,
            .idle_ms = idle ? 172800000 : UNKNOWN,
            .state = idle ? "idle 2d" : "active"
        };
    }
}

void fixture_topics(struct fixture *f, struct pipeline *p)
{
    static const char *const plain[] = {
        "cdc.public.orders",    "cdc.public.order_items", "cdc.public.customers",
        "cdc.public.payments",  "cdc.public.refunds",     "cdc.public.addresses",
        "cdc.public.carts",     "cdc.public.coupons",     "cdc.public.products",
        "cdc.public.shipments", "cdc.public.stock",       "cdc.heartbeat"};
    static const double rates[] = {612.0, 188.4, 41.9, 0.6, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1};
    static const int64_t ages[] = {300, 400, 1100, 8000, 125000, 3600000};
    const char **names;
    bool unknown = f->kind == FIXTURE_UNKNOWN;
    p->ntopics = fixture_names(f, plain, ARRAY_LEN(plain), &names);
    p->topics = arena_array(f->arena, p->ntopics, sizeof(*p->topics));
    for (size_t i = 0; i < p->ntopics; i++) {
        size_t k = i % ARRAY_LEN(plain);
        struct topic_row *t = &p->topics[i];
        struct kafka_topic *kt = arena_alloc(f->arena, sizeof(*kt));
        bool late = fixture_incident(f) && k == 0;
        kt->name = names[i];
        kt->npartitions = f->kind == FIXTURE_HUGE && i > 0 ? 1 : 3;
        kt->partitions = arena_array(f->arena, kt->npartitions, sizeof(*kt->partitions));
        for (size_t q = 0; q < kt->npartitions; q++)
            kt->partitions[q] = (struct kafka_partition){.id = (int32_t)q,
                                                         .leader = late && q == 2 ? -1 : 1,
                                                         .replicas = 3,
                                                         .isr = q == 1 ? 2 : 3,
                                                         .begin = 1000,
                                                         .end = 8812345 + (int64_t)q,
                                                         .newest_ms = FIXTURE_WALL - ages[k % 6],
                                                         .record_bytes = 1400};
        *t = (struct topic_row){
            .base = {names[i], late ? VERDICT_WARN : VERDICT_OK,
                     late ? "the sink is 61,204 messages behind" : "", unknown},
            .topic = kt,
            .messages = 8812345,
            .per_s = rates[k],
            .bytes_per_s = rates[k] * 1400,
            .group = "connect-s3-sink",
            .lag = late ? 61204 : 0,
            .lag_ms = late ? 192000 : 0,
            .newest_ms = FIXTURE_WALL - 400 - ages[k % 6],
            .nspark = SPARK_MAX,
            .spark_span_ms = 120000
        };
        for (int q = 0; q < SPARK_MAX; q++)
            t->spark[q] = rates[k] * (1 + 0.5 * sin(q * 0.7 + (double)k));
        t->spark[0] = NAN;
    }
}

static struct connect_connector *make_connector(struct fixture *f, const char *name, size_t k,
                                                bool failed)
{
    static const char *const classes[] = {"io.debezium.connector.postgresql.PostgresConnector",
                                          "io.confluent.connect.s3.S3SinkConnector",
                                          "io.aiven.connect.jdbc.JdbcSinkConnector"};
    static const struct kv source[] = {
        {"database.dbname",        "orders"                },
        {"signal.data.collection", "public.debezium_signal"},
        {"slot.name",              "debezium"              },
        {"topic.prefix",           "cdc"                   }
    };
    static const struct kv config[] = {
        {"aws.secret.access.key",       "********"         },
        {"flush.size",                  "1000"             },
        {"rotate.schedule.interval.ms", "60000"            },
        {"topics.regex",                "cdc\\.public\\..*"}
    };
    struct connect_connector *c = arena_alloc(f->arena, sizeof(*c));
    *c = (struct connect_connector){.name = name,
                                    .type = k == 0 ? "source" : "sink",
                                    .state = "RUNNING",
                                    .worker = "10.0.3.21:8083",
                                    .class_name = classes[k],
                                    .ntasks = k == 1 ? 3 : 1,
                                    .nconfig = ARRAY_LEN(config),
                                    .offsets_read = true,
                                    .lsn = k == 0 ? UINT64_C(0x2C91A40B50) : 0,
                                    .source_ms = k == 0 ? FIXTURE_WALL - 800 : UNKNOWN};
    c->config = arena_array(f->arena, c->nconfig, sizeof(*c->config));
    static_assert(sizeof(source) == sizeof(config), "as many of each");
    memcpy(c->config, k == 0 ? source : config, sizeof(config));
    c->tasks = arena_array(f->arena, c->ntasks, sizeof(*c->tasks));
    for (size_t i = 0; i < c->ntasks; i++) {
        bool bad = failed && i == 1;
        c->tasks[i] = (struct connect_task){
            .id = (int)i,
            .state = bad ? "FAILED" : "RUNNING",
            .worker = "10.0.3.21:8083",
            .cause = bad ? "AccessDenied on s3:PutObject, task 1" : NULL,
            .trace = bad ? "org.apache.kafka.connect.errors.ConnectException: Exiting "
                           "WorkerSinkTask due to unrecoverable exception.\n\tat "
                           "org.apache.kafka.connect.runtime.WorkerSinkTask.deliverMessages("
                           "WorkerSinkTask.java:633)\nCaused by: "
                           "com.amazonaws.services.s3.model.AmazonS3Exception: Access Denied "
                           "(Service: Amazon S3; Status Code: 403; Error Code: AccessDenied)"
                         : NULL};
    }
    static const char *topics[] = {"cdc.public.orders", "cdc.public.order_items"};
    c->topics = topics;
    c->ntopics = 2;
    return c;
}

void fixture_connectors(struct fixture *f, struct pipeline *p)
{
    static const char *const plain[] = {"debezium-pg", "s3-sink", "jdbc-audit"};
    const char **names;
    if (f->kind == FIXTURE_UNKNOWN)
        return;
    p->nconnectors = fixture_names(f, plain, 3, &names);
    p->connectors = arena_array(f->arena, p->nconnectors, sizeof(*p->connectors));
    for (size_t i = 0; i < p->nconnectors; i++) {
        size_t k = i % 3;
        bool failed = k == 1 && fixture_incident(f);
        struct connect_connector *c = make_connector(f, names[i], k, failed);
        p->connectors[i] = (struct connector_row){
            .base = {names[i], failed ? VERDICT_CRIT : VERDICT_OK,
                     failed   ? "1 of 3 tasks failed"
                     : k == 0 ? "streaming, heartbeat 2 s old"
                              : "",
                     false},
            .connector = c,
            .facts = connector_facts_of(c, f->arena),
            .tasks_known = true,
            .tasks_ms = UNKNOWN,
            .running = failed ? 2 : (int)c->ntasks,
            .failed = failed ? 1 : 0,
            .tasks = (int)c->ntasks,
            .behind_bytes = UNKNOWN,
            .behind_ms = k == 0 ? 400 : UNKNOWN,
            .lag = k == 0   ? UNKNOWN
                   : failed ? 61204
                            : 0,
            .cause = failed ? c->tasks[1].cause : "",
            .failed_task = failed ? 1 : -1
        };
    }
    for (size_t i = 0; i < p->nslots && i < 1; i++)
        p->slots[i].owner = p->connectors[0].connector;
}

/* Objects whose lines were counted: one that is missing, and one that was redelivered. */
static void counted(struct fixture *f, struct s3_prefix *x, const char *topic)
{
    static const int64_t starts[] = {3000, 2501, 2500, 1000, 500};
    x->nobjects = 5;
    x->objects = arena_array(f->arena, x->nobjects, sizeof(*x->objects));
    for (size_t o = 0; o < x->nobjects; o++)
        x->objects[o] =
            (struct s3_object){.key = arena_printf(f->arena, "%s%s+0+%010d.json", x->newest_path,
                                                   topic, (int)starts[o]),
                               .size = 88000,
                               .modified_ms = FIXTURE_WALL - 58000 - (int64_t)o * 60000,
                               .start_offset = starts[o],
                               .records = 500};
    x->floors = arena_alloc(f->arena, sizeof(*x->floors));
    x->floors[0] = (struct s3_floor){0, 0};
    x->nfloors = 1;
    x->uploads = 2;
    x->oldest_upload_ms = FIXTURE_WALL - 7200000;
}

void fixture_prefixes(struct fixture *f, struct pipeline *p)
{
    static const char *const plain[] = {"orders", "order_items", "customers", "payments"};
    static const int64_t age[] = {192000, 41000, 58000, 22000};
    static const int64_t size[] = {1200000, 640000, 88000, 4000};
    const char **names;
    p->nprefixes = fixture_names(f, plain, 4, &names);
    p->prefixes = arena_array(f->arena, p->nprefixes, sizeof(*p->prefixes));
    for (size_t i = 0; i < p->nprefixes; i++) {
        size_t k = i % 4;
        bool late = fixture_incident(f) && k == 0;
        struct prefix_row *r = &p->prefixes[i];
        struct s3_prefix *x = arena_alloc(f->arena, sizeof(*x));
        *x = (struct s3_prefix){.topic = names[i],
                                .layout = "confluent",
                                .complete = true,
                                .seen = 301,
                                .seen_bytes = 775000000,
                                .since_ms = FIXTURE_WALL - 7200000,
                                .uploads = UNKNOWN,
                                .oldest_upload_ms = UNKNOWN,
                                .nobjects = 3};
        x->path = arena_printf(f->arena, "topics/%s/", names[i]);
        x->newest_path =
            arena_printf(f->arena, "topics/%s/year=2026/month=11/day=20/hour=14/", names[i]);
        x->objects = arena_array(f->arena, 3, sizeof(*x->objects));
        for (int o = 0; o < 3; o++)
            x->objects[o] = (struct s3_object){.key = arena_printf(f->arena, "%s%s+0+%010d.json",
                                                                   x->newest_path, names[i],
                                                                   8781000 - o * 1000),
                                               .size = size[k] + o,
                                               .modified_ms = FIXTURE_WALL - age[k] - o * 60000,
                                               .partition = 0,
                                               .start_offset = 8781000 - o * 1000,
                                               .records = UNKNOWN};
        if (fixture_incident(f) && k == 2)
            counted(f, x, names[i]);
        *r = (struct prefix_row){
            .base = {names[i], late ? VERDICT_WARN : VERDICT_OK,
                     late ? "late by 2m12s while 61,204 records wait" : "", false},
            .prefix = x,
            .connector = "s3-sink",
            .label = arena_printf(f->arena, "%s/…/hour=14", names[i]),
            .newest_age_ms = late || k > 0 ? age[k] : 31000,
            .due_ms = 60000,
            .late_ms = late ? 132000 : 0,
            .waiting = late ? 61204 : 120,
            .size = size[k],
            .objects_per_s = 0.04,
            .nspark = SPARK_MAX,
            .spark_span_ms = 7200000
        };
        for (int q = 0; q < SPARK_MAX; q++)
            r->spark[q] = late && q == SPARK_MAX - 1 ? 0.01
                          : k == 3                   ? 0.01 + 0.004 * (q % 3)
                                                     : 0.04;
    }
}
