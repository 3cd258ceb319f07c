/* What the join relies on: slot, topics, group, bucket and rotation, read from recorded configs. */
#include "base/mem.h"
#include "model/connector_facts.h"
#include "tests/check.h"
#include "tests/unit/connect_samples.h"

#include <string.h>

/* A connector made of key, value, key, value, …, NULL. */
static const struct connector_facts *facts_of(struct arena *arena, const char *type,
                                              const char *const *config)
{
    struct connect_connector *c = arena_alloc(arena, sizeof(*c));
    c->name = "conn";
    c->type = type;
    size_t cap = 0;
    for (size_t i = 0; config[i] != NULL; i += 2) {
        struct kv *kv = arena_push(arena, &c->config, &c->nconfig, &cap, sizeof(*kv));
        *kv = (struct kv){config[i], config[i + 1]};
    }
    c->class_name = kv_find(c->config, c->nconfig, "connector.class");
    return connector_facts_of(c, arena);
}
#define FACTS(arena, type, ...) facts_of(arena, type, (const char *const[]){__VA_ARGS__, NULL})

#define PG "io.debezium.connector.postgresql.PostgresConnector"

static void test_recorded_postgres_source(void **state)
{
    (void)state;
    struct snapshot *snap = connect_sample_list("connect-expand.json");
    struct arena *arena = snap->arena;
    const struct connector_facts *f =
        connector_facts_of(connect_sample_find(snap, "shop-source"), arena);
    assert_int_equal(f->role, CONNECTOR_SOURCE_POSTGRES);
    assert_true(f->source && !f->sink);
    assert_string_equal(f->slot_name, "dbz_shop");
    assert_string_equal(f->publication_name, "dbz_pub");
    assert_string_equal(f->plugin, "pgoutput");
    assert_string_equal(f->topic_prefix, "shop");
    assert_string_equal(f->db_host, "127.0.0.1");
    assert_int_equal(f->db_port, 5432);
    assert_string_equal(f->db_name, "shop");
    assert_string_equal(f->db_user, "dbz");
    assert_int_equal(f->tables_include.count, 5);
    assert_string_equal(f->signal_table, "public.debezium_signal");
    assert_true(fact_list_has(&f->signal_channels, "source"));
    assert_true(fact_list_has(&f->signal_channels, "kafka"));
    assert_string_equal(f->signal_topic, "shop-signals");
    assert_string_equal(f->signal_bootstrap, "127.0.0.1:9092");
    assert_string_equal(f->notification_topic, "shop-notifications");
    assert_true(f->heartbeat_ms == 2000);
    assert_string_equal(f->heartbeat_topic, "__debezium-heartbeat.shop");
    assert_false(f->heartbeat_query);
    assert_false(f->tombstones);
    assert_true(f->incremental_chunk == 500);
    assert_true(connector_facts_produces(f, "shop.public.orders"));
    assert_true(connector_facts_produces(f, "__debezium-heartbeat.shop"));
    assert_true(connector_facts_produces(f, "shop-notifications"));
    assert_false(connector_facts_produces(f, "shopping.public.orders"));
    assert_false(connector_facts_topic_matches(f, "shop.public.orders"));
    assert_int_equal(connector_facts_captures(f, "public", "orders"), TRI_YES);
    assert_int_equal(connector_facts_captures(f, "public", "ORDERS"), TRI_YES);
    assert_int_equal(connector_facts_captures(f, "public", "orders2"), TRI_NO);
    assert_string_equal(connector_facts_table_topic(f, arena, "public", "orders"),
                        "shop.public.orders");
    snapshot_free(snap);
}

static void test_defaults_of_a_bare_source(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const struct connector_facts *f = FACTS(arena, "source", "connector.class", PG,
                                            "database.server.name", "old", "table.whitelist", "");
    assert_string_equal(f->slot_name, "debezium");
    assert_string_equal(f->publication_name, "dbz_publication");
    assert_string_equal(f->plugin, "decoderbufs");
    assert_string_equal(f->topic_prefix, "old");
    assert_int_equal(f->db_port, 5432);
    assert_true(f->tombstones);
    assert_true(f->heartbeat_ms == 0);
    assert_null(f->heartbeat_topic);
    assert_null(f->signal_table);
    assert_null(f->signal_topic);
    assert_null(f->notification_topic);
    assert_true(fact_list_has(&f->signal_channels, "source"));
    assert_int_equal(connector_facts_captures(f, "any", "table"), TRI_YES);
    f = FACTS(arena, "source", "connector.class", PG, "topic.prefix", "p",
              "signal.enabled.channels", "kafka", "heartbeat.interval.ms", "x");
    assert_string_equal(f->signal_topic, "p-signal");
    assert_true(f->heartbeat_ms == UNKNOWN);
    arena_free(arena);
}

static void test_captured_tables(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const struct connector_facts *f =
        FACTS(arena, "source", "connector.class", PG, "table.include.list",
              " public\\.ord.* ,inventory.(?!tmp).*", "schema.exclude.list", "secret",
              "signal.data.collection", "ops.signals");
    assert_int_equal(connector_facts_captures(f, "public", "orders_2024"), TRI_YES);
    assert_int_equal(connector_facts_captures(f, "inventory", "items"), TRI_YES);
    assert_int_equal(connector_facts_captures(f, "inventory", "tmp_items"), TRI_NO);
    assert_int_equal(connector_facts_captures(f, "ops", "signals"), TRI_YES);
    assert_int_equal(connector_facts_captures(f, "secret", "orders"), TRI_NO);
    f = FACTS(arena, "source", "connector.class", PG, "table.exclude.list", "public.logs");
    assert_int_equal(connector_facts_captures(f, "public", "logs"), TRI_NO);
    assert_int_equal(connector_facts_captures(f, "public", "orders"), TRI_YES);
    f = FACTS(arena, "source", "connector.class", PG, "table.include.list", "[a[x]]y,public.a");
    assert_int_equal(connector_facts_captures(f, "public", "a"), TRI_YES);
    assert_int_equal(connector_facts_captures(f, "public", "b"), TRI_UNKNOWN);
    arena_free(arena);
}

static void test_recorded_sinks(void **state)
{
    (void)state;
    struct snapshot *snap = snapshot_new(SOURCE_CONNECT);
    const struct connector_facts *f = connector_facts_of(
        connect_sample_config(snap, "confluent-sink-config.json", "archive", "sink"), snap->arena);
    assert_int_equal(f->role, CONNECTOR_SINK_S3_CONFLUENT);
    assert_string_equal(f->layout, "confluent");
    assert_string_equal(f->bucket, "cdc-archive");
    assert_string_equal(f->region, "us-east-1");
    assert_string_equal(f->endpoint, "http://127.0.0.1:19000");
    assert_string_equal(f->topics_dir, "conf");
    assert_string_equal(f->partitioner, "TimeBasedPartitioner");
    assert_string_equal(f->path_format, "'year='YYYY/'month='MM/'day='dd/'hour='HH");
    assert_string_equal(f->timezone, "UTC");
    assert_string_equal(f->locale, "en-US");
    assert_true(f->flush_size == 500);
    assert_true(f->rotate_interval_ms == -1);
    assert_true(f->rotate_schedule_ms == 10000);
    assert_true(f->partition_duration_ms == 3600000);
    assert_string_equal(f->null_values, "fail");
    assert_string_equal(f->group_id, "connect-archive");
    assert_string_equal(f->errors_tolerance, "none");
    assert_null(f->dlq_topic);
    assert_true(connector_facts_topic_matches(f, "shop.public.orders"));
    assert_false(connector_facts_topic_matches(f, "shop.public.nopk"));
    snapshot_free(snap);

    snap = snapshot_new(SOURCE_CONNECT);
    f = connector_facts_of(connect_sample_config(snap, "aiven-sink-config.json", "aiv", "sink"),
                           snap->arena);
    assert_int_equal(f->role, CONNECTOR_SINK_S3_AIVEN);
    assert_string_equal(f->layout, "aiven");
    assert_string_equal(f->bucket, "cdc-archive");
    assert_string_equal(f->endpoint, "http://127.0.0.1:19000");
    assert_string_equal(f->name_prefix, "");
    assert_non_null(strstr(f->name_template, "{{start_offset:padding=true}}"));
    assert_true(f->file_max_records == 0);
    assert_true(f->flush_size == UNKNOWN);
    assert_true(f->rotate_schedule_ms == UNKNOWN);
    assert_null(f->topics_dir);
    snapshot_free(snap);
}

static void test_a_sink_under_another_name(void **state)
{
    (void)state;
    struct snapshot *snap = connect_sample_list("connect-expand.json");
    const struct connector_facts *f =
        connector_facts_of(connect_sample_find(snap, "shop-s3"), snap->arena);
    assert_int_equal(f->role, CONNECTOR_SINK_S3_OTHER);
    assert_true(connector_role_is_s3(f->role));
    assert_string_equal(f->bucket, "cdc-archive");
    assert_string_equal(f->topics_dir, "topics");
    assert_null(f->path_format); /* its default is not ours to guess */
    assert_true(connector_facts_topic_matches(f, "shop.public.nopk"));
    assert_false(connector_facts_topic_matches(f, "shop.public.heartbeat"));
    assert_false(connector_facts_topic_matches(f, "shopXpublic.orders"));
    snapshot_free(snap);
}

static void test_partitioners_decide_the_path(void **state)
{
    (void)state;
    static const struct {
        const char *partitioner, *format, *path;
    } cases[] = {
        {"",                                                              "'x'=YYYY", NULL      },
        {"io.confluent.connect.storage.partitioner.DefaultPartitioner",   "'x'=YYYY", NULL      },
        {"io.confluent.connect.storage.partitioner.FieldPartitioner",     "'x'=YYYY", NULL      },
        {"io.confluent.connect.storage.partitioner.TimeBasedPartitioner", "'x'=YYYY", "'x'=YYYY"},
        {"io.confluent.connect.storage.partitioner.HourlyPartitioner",    "",
         "'year'=YYYY/'month'=MM/'day'=dd/'hour'=HH"                                            },
        {"io.confluent.connect.storage.partitioner.DailyPartitioner",     "",
         "'year'=YYYY/'month'=MM/'day'=dd"                                                      },
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct connector_facts *f =
            FACTS(arena, "sink", "connector.class", "io.confluent.connect.s3.S3SinkConnector",
                  "partitioner.class", cases[i].partitioner, "path.format", cases[i].format);
        if (cases[i].path == NULL)
            assert_null(f->path_format);
        else
            assert_string_equal(f->path_format, cases[i].path);
    }
    arena_free(arena);
}

static void test_aiven_old_names_and_defaults(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const struct connector_facts *f =
        FACTS(arena, "sink", "connector.class",
              "io.aiven.kafka.connect.s3.AivenKafkaConnectS3SinkConnector", "aws_s3_bucket", "b",
              "aws_s3_prefix", "afmt/", "file.max.records", "100");
    assert_string_equal(f->bucket, "b");
    assert_string_equal(f->name_prefix, "afmt/");
    assert_string_equal(f->name_template, "{{topic}}-{{partition}}-{{start_offset}}.gz");
    assert_true(f->file_max_records == 100);
    assert_string_equal(f->timezone, "UTC");
    arena_free(arena);
}

static void test_roles(void **state)
{
    (void)state;
    static const struct {
        const char *type, *class_name;
        enum connector_role role;
    } cases[] = {
        {"source", PG,                                               CONNECTOR_SOURCE_POSTGRES  },
        {"source", "PostgresConnector",                              CONNECTOR_SOURCE_POSTGRES  },
        {"source", "io.debezium.connector.mysql.MySqlConnector",     CONNECTOR_SOURCE_MYSQL     },
        {"source", "io.debezium.connector.mariadb.MariaDbConnector", CONNECTOR_SOURCE_MARIADB   },
        {"source", "a.b.FileStreamSourceConnector",                  CONNECTOR_SOURCE_OTHER     },
        {"sink",   "S3SinkConnector",                                CONNECTOR_SINK_S3_CONFLUENT},
        {"sink",   "lab.s3.S3SinkConnector",                         CONNECTOR_SINK_S3_OTHER    },
        {"sink",   "io.debezium.connector.jdbc.JdbcSinkConnector",   CONNECTOR_SINK_JDBC        },
        {"sink",   "a.b.C",                                          CONNECTOR_SINK_OTHER       },
        {"",       "a.b.C",                                          CONNECTOR_OTHER            },
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct connector_facts *f =
            FACTS(arena, cases[i].type, "connector.class", cases[i].class_name);
        assert_int_equal(f->role, cases[i].role);
        assert_non_null(connector_role_name(f->role));
    }
    struct connect_connector nothing = {.name = "x"};
    const struct connector_facts *f = connector_facts_of(&nothing, arena);
    assert_int_equal(f->role, CONNECTOR_OTHER);
    assert_false(connector_facts_topic_matches(f, "t"));
    assert_false(connector_facts_produces(f, "t"));
    arena_free(arena);
}

static void test_sink_topics_groups_and_dead_letters(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const struct connector_facts *f =
        FACTS(arena, "sink", "topics", "a, b ,c", "consumer.override.group.id", "mine",
              "errors.tolerance", "all", "errors.deadletterqueue.topic.name", "dead");
    assert_true(connector_facts_topic_matches(f, "b"));
    assert_false(connector_facts_topic_matches(f, "a, b"));
    assert_string_equal(f->group_id, "mine");
    assert_string_equal(f->errors_tolerance, "all");
    assert_string_equal(f->dlq_topic, "dead");
    /* a pattern that is not understood: what Connect has seen */
    f = FACTS(arena, "sink", "topics.regex", "[a[x]]y");
    assert_true(f->topics_regex_unread);
    assert_false(connector_facts_topic_matches(f, "seen"));
    const char *tracked[] = {"seen"};
    struct connect_connector c = *f->connector;
    c.topics = tracked;
    c.ntopics = 1;
    f = connector_facts_of(&c, arena);
    assert_true(connector_facts_topic_matches(f, "seen"));
    arena_free(arena);
}

static void test_renaming_transforms_are_noted(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const struct connector_facts *f = FACTS(
        arena, "source", "connector.class", PG, "topic.prefix", "shop", "transforms",
        "unwrap, route", "transforms.unwrap.type", "io.debezium.transforms.ExtractNewRecordState",
        "transforms.route.type", "org.apache.kafka.connect.transforms.RegexRouter",
        "transforms.route.regex", "shop.(.*)", "transforms.route.replacement", "cdc-$1");
    assert_int_equal(f->nrenames, 1);
    assert_string_equal(f->renames[0].name, "route");
    assert_string_equal(f->renames[0].pattern, "shop.(.*)");
    assert_string_equal(f->renames[0].replacement, "cdc-$1");
    /* the prefix says nothing any more */
    assert_false(connector_facts_produces(f, "shop.public.orders"));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recorded_postgres_source),
        cmocka_unit_test(test_defaults_of_a_bare_source),
        cmocka_unit_test(test_captured_tables),
        cmocka_unit_test(test_recorded_sinks),
        cmocka_unit_test(test_a_sink_under_another_name),
        cmocka_unit_test(test_partitioners_decide_the_path),
        cmocka_unit_test(test_aiven_old_names_and_defaults),
        cmocka_unit_test(test_roles),
        cmocka_unit_test(test_sink_topics_groups_and_dead_letters),
        cmocka_unit_test(test_renaming_transforms_are_noted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
