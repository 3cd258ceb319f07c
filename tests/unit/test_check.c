/* The preflight: every check once as it should be, once mended by its fix, once without evidence.
 */
#include "base/json.h"
#include "base/mem.h"
#include "check/checks.h"
#include "report/preflight.h"
#include "tests/check.h"
#include "tests/unit/world_fixture.h"

#include <stdlib.h>
#include <string.h>

#define DAY_MS (INT64_C(24) * 3600 * 1000)

/* ---- a pipeline that nothing can be said against --------------------------------------------- */

static void (*more[SOURCE_KIND_COUNT])(struct fixture *f, struct snapshot *snap);

static void and_more(struct fixture *f, struct snapshot *snap)
{
    if (more[snap->kind] != NULL)
        more[snap->kind](f, snap);
}

static void good_pg(struct fixture *f, struct snapshot *snap)
{
    static const char *const names[] = {"debezium_signal", "heartbeat", "orders"};
    struct pg_snap *pg = &snap->pg;
    struct arena *a = snap->arena;
    pg->host = "127.0.0.1";
    pg->user = "cdctop";
    pg->is_monitor = TRI_YES;
    pg->max_slot_wal_keep_size = INT64_C(10) << 30;
    pg->publications = arena_array(a, 1, sizeof(*pg->publications));
    pg->publications[0] = (struct pg_publication){
        .name = "pub", .insert = true, .update = true, .delete_ = true, .truncate = true};
    pg->npublications = 1;
    pg->tables = arena_array(a, 3, sizeof(*pg->tables));
    pg->relations = arena_array(a, 8, sizeof(*pg->relations));
    for (size_t i = 0; i < 3; i++) {
        pg->tables[i] = (struct pg_table){"pub", "public", names[i], 'd', TRI_YES, 10, 10};
        pg->relations[i] = (struct pg_relation){.schema = "public", .name = names[i], .kind = 'r'};
    }
    pg->ntables = pg->tables_total = pg->nrelations = pg->relations_total = 3;
    pg->logins = arena_array(a, 1, sizeof(*pg->logins));
    pg->logins[0] = (struct pg_login){"dbz", TRI_YES, TRI_YES, TRI_YES, UNKNOWN};
    pg->nlogins = 1;
    pg->grants = arena_array(a, 2, sizeof(*pg->grants));
    for (size_t i = 0; i < 2; i++)
        pg->grants[i] = (struct pg_grant){.role = "dbz",
                                          .schema = "public",
                                          .table = names[i],
                                          .exists = TRI_YES,
                                          .usage = TRI_YES,
                                          .insert = TRI_YES,
                                          .update = TRI_YES,
                                          .published = TRI_YES};
    pg->ngrants = 2;
    snapshot_tls(snap, true, "TLSv1.3", f->wall_ms + 90 * DAY_MS);
    and_more(f, snap);
}

static void good_connect(struct fixture *f, struct snapshot *snap)
{
    static const char *const settings[][3] = {
        {"src",  "plugin.name",                        "pgoutput"   },
        {"src",  "publication.name",                   "pub"        },
        {"src",  "database.user",                      "dbz"        },
        {"src",  "database.hostname",                  "db"         },
        {"src",  "database.sslmode",                   "verify-full"},
        {"src",  "heartbeat.interval.ms",              "10000"      },
        {"src",  "heartbeat.action.query",
         "insert into public.heartbeat (id, ts) values (1, now())"  },
        {"src",  "producer.override.max.request.size", "1048576"    },
        {"sink", "behavior.on.null.values",            "ignore"     },
        {"sink", "timezone",                           "UTC"        },
        {"sink", "locale",                             "en-US"      },
        {"sink", "partitioner.class",
         "io.confluent.connect.storage.partitioner."
         "TimeBasedPartitioner"                                     },
        {"sink", "path.format",                        "'hour'=HH"  },
        {"sink", "partition.duration.ms",              "3600000"    },
    };
    for (size_t i = 0; i < ARRAY_LEN(settings); i++)
        fixture_config(snap, settings[i][0], settings[i][1], settings[i][2]);
    snapshot_tls(snap, true, NULL, f->wall_ms + 90 * DAY_MS);
    and_more(f, snap);
}

static void good_kafka(struct fixture *f, struct snapshot *snap)
{
    struct kafka_snap *k = &snap->kafka;
    struct kafka_topic *t = &k->topics[0];
    t->retention_ms = 7 * DAY_MS;
    t->retention_bytes = -1;
    t->cleanup_policy = "delete";
    t->max_message_bytes = 1048588;
    t->min_insync = 2;
    t->partitions[0].replicas = t->partitions[0].isr = 3;
    k->brokers = arena_array(snap->arena, 3, sizeof(*k->brokers));
    k->nbrokers = 3;
    k->internals = arena_array(snap->arena, 1, sizeof(*k->internals));
    k->internals[0] = (struct kafka_topic){.name = "connect-offsets", .cleanup_policy = "compact"};
    k->ninternals = 1;
    and_more(f, snap);
}

static void good_s3(struct fixture *f, struct snapshot *snap)
{
    snap->s3.prefixes[0].uploads = 0;
    snapshot_tls(snap, true, NULL, f->wall_ms + 90 * DAY_MS);
    and_more(f, snap);
}

static void open_good(struct fixture *f)
{
    fixture_open(f);
    f->edit[SOURCE_POSTGRES] = good_pg;
    f->edit[SOURCE_CONNECT] = good_connect;
    f->edit[SOURCE_KAFKA] = good_kafka;
    f->edit[SOURCE_S3] = good_s3;
    /* The way to Kafka is what the configuration says: on this machine it may be plain. */
    struct strlist *brokers = &f->config->pipelines[0].kafka.bootstrap_servers;
    free(brokers->items[0]);
    brokers->items[0] = mem_strdup("127.0.0.1:9092");
    memset(more, 0, sizeof(more));
}

static struct check_list judge(struct fixture *f)
{
    for (int i = 0; i < 3; i++)
        fixture_tick(f, 2000);
    return check_all(f->world, 0, fixture_pipeline(f), f->arena);
}

/* The loudest line of that id; NULL. */
static const struct check_line *line_of(const struct check_list *list, const char *id)
{
    const struct check_line *found = NULL;
    for (size_t i = 0; i < list->count; i++) {
        const struct check_line *one = &list->lines[i];
        if (strcmp(one->id, id) == 0 && (found == NULL || one->result > found->result))
            found = one;
    }
    return found;
}

/* ---- what is wrong in each case -------------------------------------------------------------- */

#define EDIT(name, ...)                                        \
    static void name(struct fixture *f, struct snapshot *snap) \
    {                                                          \
        (void)f;                                               \
        __VA_ARGS__;                                           \
    }
#define SET(name, connector, key, value) EDIT(name, fixture_config(snap, connector, key, value))

EDIT(wal_replica, snap->pg.wal_level = "replica")
EDIT(wal_unread, snap->pg.wal_level = NULL)
static void rds(struct snapshot *snap, const char *value)
{
    snap->pg.settings = arena_array(snap->arena, 1, sizeof(struct kv));
    snap->pg.settings[0] = (struct kv){"rds.logical_replication", value};
    snap->pg.nsettings = 1;
}
EDIT(rds_off, rds(snap, "off"))
EDIT(rds_login, rds(snap, "on"); snap->pg.logins[0].replication = TRI_NO)
EDIT(standby, snap->pg.in_recovery = TRI_YES)
EDIT(recovery_unread, snap->pg.in_recovery = TRI_UNKNOWN)
EDIT(no_replication, snap->pg.logins[0].replication = TRI_NO)
EDIT(no_role, snap->pg.logins[0].exists = TRI_NO)
EDIT(password_ends, snap->pg.logins[0].valid_until_ms = f->wall_ms + 2 * DAY_MS)
EDIT(logins_unread, snap->pg.nlogins = 0)
EDIT(no_monitor, snap->pg.is_monitor = TRI_NO)
EDIT(monitor_unread, snap->pg.is_monitor = TRI_UNKNOWN)
EDIT(slot_lost, snap->pg.slots[0].wal_status = "lost")
EDIT(slot_gone, snap->pg.nslots = 0)
EDIT(slots_full, snap->pg.max_replication_slots = 1)
EDIT(slots_unread, snap->pg.max_replication_slots = UNKNOWN)
EDIT(senders_full, snap->pg.max_wal_senders = 0; snap->pg.slots[0].active = TRI_NO)
EDIT(senders_unread, snap->pg.max_wal_senders = UNKNOWN)
EDIT(keep_all, snap->pg.max_slot_wal_keep_size = -1)
EDIT(keep_unread, snap->pg.max_slot_wal_keep_size = UNKNOWN)
SET(other_pub, "src", "publication.name", "other")
EDIT(pub_disabled, fixture_config(snap, "src", "publication.name", "My Pub");
     fixture_config(snap, "src", "publication.autocreate.mode", "disabled"))
EDIT(pubs_unread, snap->pg.publications = NULL; snap->pg.npublications = 0)
EDIT(table_missing, snap->pg.ntables = snap->pg.tables_total = 2)
EDIT(table_quoted, snap->pg.relations[3] = (struct pg_relation){.schema = "public",
                                                                .name = "Order \"Lines\"",
                                                                .kind = 'r'};
     snap->pg.nrelations = snap->pg.relations_total = 4)
static void many_missing(struct fixture *f, struct snapshot *snap)
{
    enum { MANY = 300 };
    (void)f;
    snap->pg.relations = arena_array(snap->arena, MANY, sizeof(*snap->pg.relations));
    for (int i = 0; i < MANY; i++)
        snap->pg.relations[i] =
            (struct pg_relation){.schema = "public",
                                 .name = arena_printf(snap->arena, "a_table_called_%d", i),
                                 .kind = 'r'};
    snap->pg.nrelations = snap->pg.relations_total = MANY;
}
EDIT(partitioned, snap->pg.relations[3] = (struct pg_relation){.schema = "public",
                                                               .name = "events",
                                                               .kind = 'p'};
     snap->pg.nrelations = snap->pg.relations_total = 4)
EDIT(tables_unread, snap->pg.nrelations = 0)
EDIT(no_deletes, snap->pg.publications[0].delete_ = false)
EDIT(identity_nothing, snap->pg.tables[2].replica_identity = 'n')
EDIT(identity_unread, snap->pg.tables[2].replica_identity = '?')
EDIT(no_key, snap->pg.tables[2].has_pk = TRI_NO)
EDIT(key_unread, snap->pg.tables[2].has_pk = TRI_UNKNOWN)
SET(beat_off, "src", "heartbeat.interval.ms", "0")
SET(beat_reference, "src", "heartbeat.interval.ms", "${file:x:y}")
SET(beat_silent, "src", "heartbeat.action.query", NULL)
SET(beat_function, "src", "heartbeat.action.query",
    "select pg_logical_emit_message(false, 'heartbeat', now()::varchar)")
EDIT(beat_unpublished, snap->pg.grants[1].published = TRI_NO)
EDIT(signal_none, snap->pg.grants[0].exists = TRI_NO)
EDIT(signal_denied, snap->pg.grants[0].insert = TRI_NO)
EDIT(signal_schema, snap->pg.grants[0].usage = TRI_NO)
EDIT(grants_unread, snap->pg.ngrants = 0)
SET(signal_unset, "src", "signal.data.collection", NULL)
SET(deaf, "src", "signal.enabled.channels", "jmx")
SET(mute, "src", "notification.enabled.channels", "log")
static const char *const literal_keys[] = {"database.password"};
EDIT(literal, snap->connect.connectors[1].literals = (const char **)arena_array(snap->arena, 1,
                                                                                sizeof(char *));
     snap->connect.connectors[1].literals[0] = literal_keys[0];
     snap->connect.connectors[1].nliterals = 1)
SET(drops, "sink", "errors.tolerance", "all")
EDIT(wordless_dlq, fixture_config(snap, "sink", "errors.tolerance", "all");
     fixture_config(snap, "sink", "errors.deadletterqueue.topic.name", "dlq"))
SET(unused_dlq, "sink", "errors.deadletterqueue.topic.name", "dlq")
EDIT(schemas_differ,
     fixture_config(snap, "src", "value.converter", "org.apache.kafka.connect.json.JsonConverter");
     fixture_config(snap, "src", "value.converter.schemas.enable", "false");
     fixture_config(snap, "sink", "value.converter", "org.apache.kafka.connect.json.JsonConverter"))
EDIT(schemas_kept,
     fixture_config(snap, "src", "value.converter", "org.apache.kafka.connect.json.JsonConverter");
     fixture_config(snap, "sink", "value.converter", "org.apache.kafka.connect.json.JsonConverter");
     fixture_config(snap, "sink", "value.converter.schemas.enable", "false"))
EDIT(classes_differ,
     fixture_config(snap, "src", "value.converter", "io.confluent.connect.avro.AvroConverter");
     fixture_config(snap, "sink", "value.converter", "org.apache.kafka.connect.json.JsonConverter"))
SET(half_told, "sink", "value.converter", "org.apache.kafka.connect.json.JsonConverter")
SET(nulls_fail, "sink", "behavior.on.null.values", NULL)
EDIT(nulls_flood, wordless_dlq(f, snap))
EDIT(unwrap, fixture_config(snap, "sink", "behavior.on.null.values", "fail");
     fixture_config(snap, "src", "transforms", "route, unwrap");
     fixture_config(snap, "src", "transforms.unwrap.type",
                    "io.debezium.transforms.ExtractNewRecordState"))
EDIT(unwrap_drops, unwrap(f, snap);
     fixture_config(snap, "src", "transforms.unwrap.drop.tombstones", "true"))
static void jdbc(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    snap->connect.connectors[0].class_name = "io.confluent.connect.jdbc.JdbcSinkConnector";
}
static void debezium_jdbc(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    snap->connect.connectors[0].class_name = "io.debezium.connector.jdbc.JdbcSinkConnector";
}
SET(never_rotates, "sink", "rotate.schedule.interval.ms", NULL)
SET(no_flush, "sink", "flush.size", "-5")
SET(flush_reference, "sink", "flush.size", "${env:N}")
SET(no_locale, "sink", "locale", NULL)
EDIT(database_refuses, (void)snap; f->fails[SOURCE_POSTGRES] = true; f->fails_as = ERR_AUTH)
EDIT(other_certificate, (void)snap; f->fails[SOURCE_POSTGRES] = true; f->fails_as = ERR_TLS)
/* PostgreSQL is heard before Kafka. */
EDIT(brokers_refuse, (void)snap; f->fails[SOURCE_KAFKA] = true; f->fails_as = ERR_AUTH)
EDIT(no_topics_seen, snap->kafka.topics_visible = 0; snap->kafka.ntopics = 0)
EDIT(leaderless, snap->kafka.topics[0].partitions[0].leader = -1)
EDIT(isr_short, snap->kafka.topics[0].partitions[0].isr = 2)
EDIT(insync_all, snap->kafka.topics[0].min_insync = 3)
EDIT(insync_too_many, snap->kafka.topics[0].min_insync = 4)
EDIT(insync_one, snap->kafka.topics[0].min_insync = 1)
EDIT(insync_unread, snap->kafka.topics[0].min_insync = UNKNOWN)
EDIT(short_retention, snap->kafka.topics[0].retention_ms = 3600 * 1000)
EDIT(retention_unread, snap->kafka.topics[0].retention_ms = UNKNOWN)
EDIT(compacted, snap->kafka.topics[0].cleanup_policy = "compact,delete")
EDIT(cleanup_unread, snap->kafka.topics[0].cleanup_policy = NULL)
EDIT(small_messages, snap->kafka.topics[0].max_message_bytes = 1000)
EDIT(messages_unread, snap->kafka.topics[0].max_message_bytes = UNKNOWN)
EDIT(offsets_deleted, snap->kafka.internals[0].cleanup_policy = "delete")
EDIT(internals_unseen, snap->kafka.ninternals = 0)
EDIT(prefix_denied, snap->s3.prefixes[0].error = "AccessDenied")
SET(other_bucket, "sink", "s3.bucket.name", "elsewhere")
SET(no_bucket, "sink", "s3.bucket.name", NULL)
EDIT(old_upload, snap->s3.prefixes[0].uploads = 2;
     snap->s3.prefixes[0].oldest_upload_ms = f->wall_ms - 3 * DAY_MS)
EDIT(uploads_unread, snap->s3.prefixes[0].uploads = UNKNOWN)
EDIT(skewed, snap->server_ms += 9000)
EDIT(timeless, snap->server_ms = UNKNOWN)
EDIT(plain, snapshot_tls(snap, false, NULL, -1); snap->pg.host = "db.internal")
EDIT(tls_untold, snap->encrypted = TRI_UNKNOWN)
EDIT(ends_soon, snap->certificate_ends_ms = f->wall_ms + 5 * DAY_MS)
EDIT(ended, snap->certificate_ends_ms = f->wall_ms - DAY_MS)
EDIT(end_untold, snap->certificate_ends_ms = UNKNOWN)
SET(ssl_off, "src", "database.sslmode", "disable")
EDIT(no_connectors, snap->connect.nconnectors = 0)
EDIT(task_failed, snap->connect.connectors[0].tasks[0].state = "FAILED")

#define PG    SOURCE_POSTGRES
#define CONN  SOURCE_CONNECT
#define KAFKA SOURCE_KAFKA
#define S3    SOURCE_S3

/* clang-format off */
static const struct check_case {
    const char *id;
    enum source_kind kind;
    void (*edit)(struct fixture *f, struct snapshot *snap);
    enum check_result result;
    const char *fix; /* in the fix; NULL: in no need of one */
} cases[] = {
    {"postgres.wal_level", PG, wal_replica, RESULT_FAILED, "ALTER SYSTEM SET wal_level = 'logical'"},
    {"postgres.wal_level", PG, wal_unread, RESULT_UNKNOWN, NULL},
    {"postgres.rds_logical_replication", PG, rds_off, RESULT_FAILED, "rds.logical_replication = 1"},
    {"postgres.primary", PG, standby, RESULT_FAILED, "primary"},
    {"postgres.primary", PG, recovery_unread, RESULT_UNKNOWN, NULL},
    {"postgres.role", PG, no_replication, RESULT_FAILED, "ALTER ROLE dbz REPLICATION;"},
    {"postgres.role", PG, rds_login, RESULT_FAILED, "GRANT rds_replication TO dbz;"},
    {"postgres.role", PG, no_role, RESULT_FAILED, "CREATE ROLE dbz LOGIN REPLICATION;"},
    {"postgres.role", PG, password_ends, RESULT_WARNING, "ALTER ROLE dbz VALID UNTIL 'infinity';"},
    {"postgres.role", PG, logins_unread, RESULT_UNKNOWN, NULL},
    {"postgres.monitor", PG, no_monitor, RESULT_WARNING, "GRANT pg_monitor TO cdctop;"},
    {"postgres.monitor", PG, monitor_unread, RESULT_UNKNOWN, NULL},
    {"postgres.login", PG, database_refuses, RESULT_FAILED, "check the user and its password"},
    {"postgres.login", PG, other_certificate, RESULT_FAILED, "certificate"},
    {"postgres.slot", PG, slot_lost, RESULT_FAILED, "pg_drop_replication_slot('dbz')"},
    {"postgres.slot", PG, slot_gone, RESULT_FAILED, "snapshot"},
    {"postgres.slots_left", PG, slots_full, RESULT_WARNING, "max_replication_slots = 2"},
    {"postgres.slots_left", PG, slots_unread, RESULT_UNKNOWN, NULL},
    {"postgres.senders_left", PG, senders_full, RESULT_FAILED, "max_wal_senders"},
    {"postgres.senders_left", PG, senders_unread, RESULT_UNKNOWN, NULL},
    {"postgres.slot_limit", PG, keep_all, RESULT_WARNING, "ALTER SYSTEM SET max_slot_wal_keep_size = '50GB';"},
    {"postgres.slot_limit", PG, keep_unread, RESULT_UNKNOWN, NULL},
    {"publication.exists", CONN, other_pub, RESULT_WARNING,
     "CREATE PUBLICATION other FOR TABLE public.debezium_signal, public.heartbeat, public.orders;"},
    {"publication.exists", CONN, pub_disabled, RESULT_FAILED, "CREATE PUBLICATION \"My Pub\" FOR TABLE"},
    {"publication.exists", PG, pubs_unread, RESULT_UNKNOWN, NULL},
    {"publication.tables", PG, table_missing, RESULT_FAILED, "ALTER PUBLICATION pub ADD TABLE public.orders;"},
    {"publication.tables", PG, table_quoted, RESULT_FAILED, "ADD TABLE public.\"Order \"\"Lines\"\"\";"},
    {"publication.tables", PG, many_missing, RESULT_FAILED, "public.a_table_called_299;"},
    {"publication.tables", PG, partitioned, RESULT_UNKNOWN, NULL},
    {"publication.tables", PG, tables_unread, RESULT_UNKNOWN, NULL},
    {"publication.operations", PG, no_deletes, RESULT_WARNING,
     "ALTER PUBLICATION pub SET (publish = 'insert, update, delete, truncate');"},
    {"publication.replica_identity", PG, identity_nothing, RESULT_FAILED,
     "ALTER TABLE public.orders REPLICA IDENTITY FULL;"},
    {"publication.replica_identity", PG, no_key, RESULT_WARNING,
     "ALTER TABLE public.orders REPLICA IDENTITY FULL;"},
    {"publication.replica_identity", PG, identity_unread, RESULT_UNKNOWN, NULL},
    {"publication.primary_keys", PG, no_key, RESULT_WARNING, "message.key.columns"},
    {"publication.primary_keys", PG, key_unread, RESULT_UNKNOWN, NULL},
    {"heartbeat.interval", CONN, beat_off, RESULT_WARNING, "\"heartbeat.interval.ms\": \"10000\""},
    {"heartbeat.interval", CONN, beat_reference, RESULT_UNKNOWN, NULL},
    {"heartbeat.query", CONN, beat_silent, RESULT_WARNING, "\"heartbeat.action.query\": "},
    {"heartbeat.table", PG, beat_unpublished, RESULT_FAILED, "ALTER PUBLICATION pub ADD TABLE public.heartbeat;"},
    {"heartbeat.table", PG, grants_unread, RESULT_UNKNOWN, NULL},
    {"heartbeat.table", CONN, beat_function, RESULT_UNKNOWN, NULL},
    {"signal.table", PG, signal_none, RESULT_FAILED, "CREATE TABLE public.debezium_signal (id varchar(64)"},
    {"signal.table", PG, signal_denied, RESULT_FAILED,
     "GRANT INSERT, UPDATE, SELECT ON public.debezium_signal TO dbz;"},
    {"signal.table", PG, signal_schema, RESULT_FAILED, "GRANT USAGE ON SCHEMA public TO dbz;"},
    {"signal.table", CONN, signal_unset, RESULT_WARNING, "\"signal.data.collection\": "},
    {"signal.table", PG, grants_unread, RESULT_UNKNOWN, NULL},
    {"signal.channels", CONN, deaf, RESULT_FAILED, "\"signal.enabled.channels\": \"source\""},
    {"signal.notifications", CONN, mute, RESULT_WARNING, "\"notification.sink.topic.name\": \"shop-notifications\""},
    {"connect.running", CONN, task_failed, RESULT_FAILED, "cdctop do restart sink"},
    {"connect.running", CONN, no_connectors, RESULT_WARNING, "connectors"},
    {"connect.secrets", CONN, literal, RESULT_WARNING,
     "\"database.password\": \"${file:/etc/kafka/secrets/src.properties:database.password}\""},
    {"connect.bad_records", CONN, drops, RESULT_WARNING, "\"errors.deadletterqueue.topic.name\": \"sink-dlq\""},
    {"connect.bad_records", CONN, wordless_dlq, RESULT_WARNING, "context.headers.enable\": \"true\""},
    {"connect.bad_records", CONN, unused_dlq, RESULT_WARNING, "\"errors.tolerance\": \"all\""},
    {"connect.converters", CONN, schemas_differ, RESULT_FAILED, "\"value.converter.schemas.enable\": \"false\""},
    {"connect.converters", CONN, schemas_kept, RESULT_WARNING, "\"value.converter.schemas.enable\": \"true\""},
    {"connect.converters", CONN, classes_differ, RESULT_FAILED,
     "\"value.converter\": \"io.confluent.connect.avro.AvroConverter\""},
    {"connect.converters", CONN, half_told, RESULT_UNKNOWN, NULL},
    {"sink.tombstones", CONN, nulls_fail, RESULT_FAILED, "\"behavior.on.null.values\": \"ignore\""},
    {"sink.tombstones", CONN, nulls_flood, RESULT_WARNING, "\"report.null.values.to.dlq\": \"false\""},
    {"sink.tombstones", CONN, jdbc, RESULT_FAILED, "\"delete.enabled\": \"true\""},
    {"sink.tombstones", CONN, debezium_jdbc, RESULT_OK, NULL},
    {"sink.tombstones", CONN, unwrap, RESULT_UNKNOWN, NULL},
    {"sink.tombstones", CONN, unwrap_drops, RESULT_OK, NULL},
    {"sink.rotation", CONN, never_rotates, RESULT_WARNING, "\"rotate.schedule.interval.ms\": \"60000\""},
    {"sink.rotation", CONN, no_flush, RESULT_FAILED, "\"flush.size\": \"10000\""},
    {"sink.rotation", CONN, flush_reference, RESULT_UNKNOWN, NULL},
    {"sink.path", CONN, no_locale, RESULT_FAILED, "\"locale\": \"en-US\""},
    {"kafka.login", PG, brokers_refuse, RESULT_FAILED, "check the user and its password"},
    {"kafka.visible", KAFKA, no_topics_seen, RESULT_FAILED, "kafka-acls.sh --bootstrap-server 127.0.0.1:9092"},
    {"kafka.leaders", KAFKA, leaderless, RESULT_FAILED, NULL},
    {"kafka.leaders", KAFKA, isr_short, RESULT_WARNING, NULL},
    {"kafka.leaders", KAFKA, no_topics_seen, RESULT_UNKNOWN, NULL},
    {"kafka.min_insync", KAFKA, insync_all, RESULT_WARNING, "min.insync.replicas=2"},
    {"kafka.min_insync", KAFKA, insync_too_many, RESULT_FAILED, "min.insync.replicas=1"},
    {"kafka.min_insync", KAFKA, insync_one, RESULT_WARNING, "min.insync.replicas=2"},
    {"kafka.min_insync", KAFKA, insync_unread, RESULT_UNKNOWN, NULL},
    {"kafka.retention", KAFKA, short_retention, RESULT_WARNING,
     "--entity-name shop.public.orders --add-config retention.ms=604800000"},
    {"kafka.retention", KAFKA, retention_unread, RESULT_UNKNOWN, NULL},
    {"kafka.cleanup", KAFKA, compacted, RESULT_WARNING, "cleanup.policy=delete"},
    {"kafka.cleanup", KAFKA, cleanup_unread, RESULT_UNKNOWN, NULL},
    {"kafka.message_size", KAFKA, small_messages, RESULT_WARNING, "max.message.bytes=1048576"},
    {"kafka.message_size", KAFKA, messages_unread, RESULT_UNKNOWN, NULL},
    {"kafka.internal", KAFKA, offsets_deleted, RESULT_FAILED, "--entity-name connect-offsets"},
    {"kafka.internal", KAFKA, internals_unseen, RESULT_UNKNOWN, NULL},
    {"s3.list", S3, prefix_denied, RESULT_FAILED, "\"s3:prefix\": [\"topics/*\"]"},
    {"s3.bucket", CONN, no_bucket, RESULT_FAILED, "\"s3.bucket.name\": \"lake\""},
    {"s3.bucket", CONN, other_bucket, RESULT_UNKNOWN, NULL},
    {"s3.uploads", S3, old_upload, RESULT_WARNING, "AbortIncompleteMultipartUpload"},
    {"s3.uploads", S3, uploads_unread, RESULT_UNKNOWN, "s3:ListBucketMultipartUploads"},
    {"clock.skew", S3, skewed, RESULT_WARNING, "set-ntp"},
    {"clock.skew", PG, timeless, RESULT_UNKNOWN, NULL},
    {"tls.used", PG, plain, RESULT_WARNING, "sslmode=verify-full"},
    {"tls.used", S3, tls_untold, RESULT_UNKNOWN, NULL},
    {"tls.certificate", PG, ends_soon, RESULT_WARNING, "renew"},
    {"tls.certificate", CONN, ended, RESULT_FAILED, "renew"},
    {"tls.certificate", S3, end_untold, RESULT_UNKNOWN, NULL},
    {"tls.database", CONN, ssl_off, RESULT_WARNING, "\"database.sslmode\": \"verify-full\""},
};
/* clang-format on */

static const struct check_row *const tables[] = {
    checks_postgres, checks_publication, checks_signal, checks_connect,
    checks_sink,     checks_kafka,       checks_s3,     checks_trust,
};

/* ---- tests ----------------------------------------------------------------------------------- */

static void test_good_pipeline_passes(void **state)
{
    (void)state;
    struct fixture f;
    open_good(&f);
    struct check_list list = judge(&f);
    for (size_t i = 0; i < list.count; i++) {
        if (list.lines[i].result != RESULT_OK)
            fail_msg("%s is %s: %s", list.lines[i].id, check_result_name(list.lines[i].result),
                     list.lines[i].evidence);
        assert_string_equal(list.lines[i].fix, "");
    }
    assert_int_equal(check_exit_code(check_worst(&list)), 0);
    for (size_t t = 0; t < ARRAY_LEN(tables); t++) {
        for (const struct check_row *row = tables[t]; row->id != NULL; row++) {
            if (line_of(&list, row->id) == NULL &&
                strcmp(row->id, "postgres.rds_logical_replication") != 0)
                fail_msg("%s says nothing of a good pipeline", row->id);
        }
    }
    fixture_close(&f);
}

static void check_one(const struct check_case *c)
{
    struct fixture f;
    open_good(&f);
    more[c->kind] = c->edit;
    if (strcmp(c->id, "postgres.slot") == 0 || strcmp(c->id, "postgres.slots_left") == 0)
        f.active = TRI_NO;
    struct check_list list = judge(&f);
    const struct check_line *line = line_of(&list, c->id);
    if (line == NULL)
        fail_msg("%s says nothing", c->id);
    if (line->result != c->result)
        fail_msg("%s is %s instead of %s: %s", c->id, check_result_name(line->result),
                 check_result_name(c->result), line->evidence);
    assert_true(line->evidence[0] != '\0');
    assert_null(strchr(line->evidence, '\n'));
    if (c->fix != NULL && strstr(line->fix, c->fix) == NULL)
        fail_msg("%s: \"%s\" is not in its fix:\n%s", c->id, c->fix, line->fix);
    if (c->fix == NULL)
        assert_string_equal(line->fix, "");
    fixture_close(&f);
}

static void test_every_check_speaks_when_it_must(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        check_one(&cases[i]);
    for (size_t t = 0; t < ARRAY_LEN(tables); t++) {
        for (const struct check_row *row = tables[t]; row->id != NULL; row++) {
            bool loud = false;
            for (size_t i = 0; i < ARRAY_LEN(cases); i++)
                loud = loud ||
                       (strcmp(cases[i].id, row->id) == 0 && cases[i].result >= RESULT_WARNING);
            if (!loud)
                fail_msg("%s is never tested to complain", row->id);
        }
    }
}

static void test_silent_sources_are_unknown(void **state)
{
    (void)state;
    for (int k = 0; k < SOURCE_OWN_COUNT; k++) {
        struct fixture f;
        open_good(&f);
        f.fails[k] = true;
        struct check_list list = judge(&f);
        assert_int_equal(list.counts[RESULT_FAILED], 0);
        assert_int_equal(check_exit_code(check_worst(&list)), 3);
        size_t unknown = 0;
        for (size_t t = 0; t < ARRAY_LEN(tables); t++) {
            for (const struct check_row *row = tables[t]; row->id != NULL; row++) {
                const struct check_line *line = line_of(&list, row->id);
                if ((row->needs & NEEDS_OF(k)) == 0)
                    continue;
                if (line == NULL || line->result != RESULT_UNKNOWN)
                    fail_msg("%s is not unknown without %s", row->id,
                             source_kind_name((enum source_kind)k));
                unknown++;
            }
        }
        assert_true(unknown > 0);
        fixture_close(&f);
    }
}

static void test_s3_refusals_come_with_the_statement(void **state)
{
    (void)state;
    struct fixture f;
    open_good(&f);
    f.fails[SOURCE_S3] = true;
    f.fails_as = ERR_DENIED;
    struct check_list list = judge(&f);
    const struct check_line *line = line_of(&list, "s3.list");
    assert_int_equal(line->result, RESULT_FAILED);
    assert_int_equal(line->fix_kind, FIX_IAM);
    cJSON *policy = cJSON_Parse(line->fix);
    assert_non_null(policy);
    assert_string_equal(json_str(policy, "Resource", ""), "arn:aws:s3:::lake");
    cJSON_Delete(policy);
    fixture_close(&f);
}

/* What AWS names is what the fix allows; what a login lacks is told by its code. */
static void test_s3_fixes_follow_the_words_of_aws(void **state)
{
    (void)state;
    static const struct {
        enum err_kind kind;
        const char *text;
        enum check_fix_kind fix_kind;
        const char *fix;
    } refusals[] = {
        {ERR_DENIED,
         "list s3://lake: AccessDenied: User: arn:aws:sts::1:assumed-role/viewer/i is "
         "not authorized to perform: s3:ListBucket on resource: "
         "\"arn:aws:s3:::other\" because no identity-based policy allows it",                     FIX_IAM,   "\"Resource\": \"arn:aws:s3:::other\""    },
        {ERR_DENIED,
         "AccessDenied: User: arn:aws:iam::1:user/u is not authorized to perform: "
         "s3:ListBucket on resource: arn:aws:s3:::lake with an explicit deny in a "
         "service control policy",                                                                FIX_OTHER, "take out the Deny of s3:ListBucket for u"},
        {ERR_DENIED,
         "KMS.DisabledException: k is disabled (refused by the KMS key, not by the "
         "bucket)",                                                                               FIX_OTHER, "enable the key"                          },
        {ERR_AUTH,   "ExpiredToken: The provided token has expired.",                             FIX_OTHER, "log in anew"                             },
        {ERR_AUTH,   "SignatureDoesNotMatch: The request signature we calculated does not match",
         FIX_OTHER,                                                                                          "secret_access_key"                       },
        {ERR_AUTH,   "RequestTimeTooSkewed: this machine's clock is 3600 s behind",               FIX_OTHER,
         "set this machine's clock"                                                                                                                    },
    };
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        struct fixture f;
        open_good(&f);
        f.fails[SOURCE_S3] = true;
        f.fails_as = refusals[i].kind;
        f.fails_text = refusals[i].text;
        struct check_list list = judge(&f);
        const struct check_line *line = line_of(&list, "s3.list");
        assert_int_equal(line->result, RESULT_FAILED);
        assert_int_equal(line->fix_kind, refusals[i].fix_kind);
        if (strstr(line->fix, refusals[i].fix) == NULL)
            fail_msg("%s", line->fix);
        fixture_close(&f);
    }
}

static void test_worst_first_in_each_hop(void **state)
{
    (void)state;
    struct fixture f;
    open_good(&f);
    more[SOURCE_POSTGRES] = wal_replica;
    more[SOURCE_CONNECT] = nulls_fail;
    struct check_list list = judge(&f);
    for (size_t i = 1; i < list.count; i++) {
        const struct check_line *a = &list.lines[i - 1], *b = &list.lines[i];
        assert_true(a->hop < b->hop || (a->hop == b->hop && a->result >= b->result));
    }
    assert_int_equal(list.lines[0].result, RESULT_FAILED);
    assert_int_equal(check_exit_code(check_worst(&list)), 2);
    fixture_close(&f);
}

EDIT(hostile, snap->connect.connectors[0].name = "sink]]>&<\"\x1b[2J\n\xff";
     fixture_config(snap, "src", "publication.name", "p'; DROP TABLE \"x\"; --\x07"))

static void test_reports_are_safe_and_well_formed(void **state)
{
    (void)state;
    struct fixture f;
    open_good(&f);
    more[SOURCE_CONNECT] = hostile;
    struct preflight in = {.list = judge(&f)};
    in.world = f.world;
    in.pipeline = fixture_pipeline(&f);
    in.list = check_all(f.world, 0, in.pipeline, f.arena);
    char *text = preflight_text(&in), *json = preflight_json(&in), *xml = preflight_junit(&in, 1);
    for (const char *p = text; *p != '\0'; p++)
        assert_true(*p == '\n' || (unsigned char)*p >= ' ');
    for (const char *p = xml; *p != '\0'; p++)
        assert_true(*p == '\n' || (unsigned char)*p >= ' ');
    assert_null(strstr(xml, "]]>"));
    assert_non_null(strstr(xml, "&lt;&quot;"));
    assert_non_null(strstr(text, "CREATE PUBLICATION \"p'; DROP TABLE \"\"x\"\"; --"));
    assert_null(strchr(json, '\n'));
    cJSON *root = cJSON_Parse(json);
    assert_int_equal(json_int(root, "schema", 0), 1);
    assert_int_equal(cJSON_GetArraySize(json_get(root, "checks")), (int)in.list.count);
    cJSON_Delete(root);
    free(text);
    free(json);
    free(xml);
    fixture_close(&f);
}

/* What one server does not tell is said once in each hop, not on every line; JSON has it on each.
 */
static void test_one_error_is_said_once_in_each_hop(void **state)
{
    (void)state;
    struct fixture f;
    open_good(&f);
    f.fails[SOURCE_POSTGRES] = true;
    f.fails_text = "the wire is cut";
    struct preflight in = {.list = judge(&f)};
    in.world = f.world;
    in.pipeline = fixture_pipeline(&f);
    in.list = check_all(f.world, 0, in.pipeline, f.arena);
    size_t said = 0, hops = 0, lines = 0;
    for (size_t i = 0; i < in.list.count; i++) {
        const struct check_line *line = &in.list.lines[i];
        if (strstr(line->evidence, "the wire is cut") == NULL)
            continue;
        lines++;
        hops += i == 0 || in.list.lines[i - 1].hop != line->hop ||
                strcmp(in.list.lines[i - 1].evidence, line->evidence) != 0;
    }
    char *text = preflight_text(&in);
    for (const char *p = text; (p = strstr(p, "the wire is cut")) != NULL; p++)
        said++;
    assert_true(lines > hops);
    assert_int_equal(said, hops);
    assert_non_null(strstr(text, " the same\n"));
    free(text);
    fixture_close(&f);
}

static void test_json_has_its_documented_form(void **state)
{
    (void)state;
    static const char *const fields[] = {"id",     "subject",  "hop",      "title", "object",
                                         "result", "evidence", "fix_kind", "fix"};
    struct fixture f;
    open_good(&f);
    more[SOURCE_POSTGRES] = wal_replica;
    struct preflight in = {.list = judge(&f)};
    in.world = f.world;
    in.pipeline = fixture_pipeline(&f);
    in.list = check_all(f.world, 0, in.pipeline, f.arena);
    char *json = preflight_json(&in);
    cJSON *root = cJSON_Parse(json);
    assert_string_equal(json_str(root, "result", ""), "failed");
    assert_int_equal(json_int(json_get(root, "counts"), "failed", 0), 1);
    const cJSON *one;
    cJSON_ArrayForEach(one, json_get(root, "checks"))
    {
        for (size_t i = 0; i < ARRAY_LEN(fields); i++)
            assert_non_null(json_get(one, fields[i]));
    }
    cJSON_Delete(root);
    free(json);
    fixture_close(&f);
}

static void test_local_addresses(void **state)
{
    (void)state;
    static const char *const here[] = {"127.0.0.1",
                                       "localhost:9092",
                                       "[::1]:9092",
                                       "http://127.0.0.1/",
                                       "::1",
                                       "/run/postgresql",
                                       "https://u@localhost:8083/x"};
    static const char *const away[] = {"db.internal", "10.0.0.1:9092", "http://localhost.evil/",
                                       "[2001:db8::1]:9092", "http://127.0.0.1@evil/"};
    for (size_t i = 0; i < ARRAY_LEN(here); i++)
        assert_true(check_is_local(here[i]));
    for (size_t i = 0; i < ARRAY_LEN(away); i++)
        assert_false(check_is_local(away[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_pipeline_passes),
        cmocka_unit_test(test_every_check_speaks_when_it_must),
        cmocka_unit_test(test_silent_sources_are_unknown),
        cmocka_unit_test(test_s3_refusals_come_with_the_statement),
        cmocka_unit_test(test_s3_fixes_follow_the_words_of_aws),
        cmocka_unit_test(test_worst_first_in_each_hop),
        cmocka_unit_test(test_reports_are_safe_and_well_formed),
        cmocka_unit_test(test_one_error_is_said_once_in_each_hop),
        cmocka_unit_test(test_json_has_its_documented_form),
        cmocka_unit_test(test_local_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
