/* Connect's recorded bodies become the snapshot that the screens rely on. */
#include "base/mem.h"
#include "source/connect_parse.h"
#include "tests/check.h"
#include "tests/unit/connect_samples.h"

#include <stdlib.h>
#include <string.h>

static const char *config_of(const struct connect_connector *c, const char *key)
{
    return kv_find(c->config, c->nconfig, key);
}

static void test_list_holds_states_configs_and_no_secret(void **state)
{
    (void)state;
    struct snapshot *snap = connect_sample_list("connect-expand.json");
    assert_int_equal(snap->connect.nconnectors, 2);
    const struct connect_connector *sink = &snap->connect.connectors[0];
    const struct connect_connector *source = &snap->connect.connectors[1];
    assert_string_equal(sink->name, "shop-s3");
    assert_string_equal(source->name, "shop-source");
    assert_string_equal(source->type, "source");
    assert_string_equal(source->state, "RUNNING");
    assert_string_equal(source->worker, "127.0.0.1:8083");
    assert_string_equal(source->class_name, "io.debezium.connector.postgresql.PostgresConnector");
    assert_int_equal(source->ntasks, 1);
    assert_string_equal(source->tasks[0].state, "RUNNING");
    assert_null(source->tasks[0].trace);
    assert_string_equal(config_of(source, "database.password"), "********");
    assert_int_equal(source->nliterals, 1);
    assert_string_equal(source->literals[0], "database.password");
    assert_string_equal(config_of(source, "slot.name"), "dbz_shop");
    assert_string_equal(config_of(sink, "aws.secret.access.key"), "********");
    assert_string_equal(config_of(sink, "aws.access.key.id"), "labaccess");
    for (size_t i = 1; i < source->nconfig; i++)
        assert_true(strcmp(source->config[i - 1].key, source->config[i].key) < 0);
    assert_false(source->offsets_read);
    assert_null(source->topics);
    snapshot_free(snap);
}

static struct snapshot *list_of(const char *body, const struct strlist *globs, struct err *err)
{
    struct snapshot *snap = snapshot_new(SOURCE_CONNECT);
    if (connect_parse_list(snap, body, strlen(body), globs, err))
        return snap;
    snapshot_free(snap);
    return NULL;
}

static void test_failed_task_carries_its_cause(void **state)
{
    (void)state;
    char *status = connect_sample("connect-status-failed-source-slot-active.json");
    char *body = mem_printf("{\"dup2\":{\"status\":%s,\"info\":{\"config\":{}}}}", status);
    struct snapshot *snap = list_of(body, NULL, NULL);
    assert_non_null(snap);
    const struct connect_task *task = &snap->connect.connectors[0].tasks[0];
    assert_string_equal(task->state, "FAILED");
    assert_string_equal(
        task->cause, "PSQLException: ERROR: replication slot \"dbz_shop\" is active for PID 26479");
    assert_non_null(strstr(task->trace, "\tat io.debezium.pipeline.ErrorHandler"));
    snapshot_free(snap);
    free(body);
    free(status);
}

static void test_globs_choose_connectors(void **state)
{
    (void)state;
    const char *body = "{\"b\":{},\"shop-a\":{},\"shop-b\":{},\"a\":{},\"shop-a\":{}}";
    char *items[] = {(char[]){"shop-*"}, (char[]){"a"}, (char[]){"!shop-b*"}};
    struct strlist globs = {items, 2};
    struct snapshot *snap = list_of(body, &globs, NULL);
    assert_int_equal(snap->connect.nconnectors, 3);
    assert_string_equal(snap->connect.connectors[0].name, "a");
    assert_string_equal(snap->connect.connectors[1].name, "shop-a");
    assert_string_equal(snap->connect.connectors[2].name, "shop-b");
    assert_null(snap->connect.connectors[0].state);
    snapshot_free(snap);
    globs.count = 3; /* the last one leaves out */
    snap = list_of(body, &globs, NULL);
    assert_int_equal(snap->connect.nconnectors, 2);
    assert_string_equal(snap->connect.connectors[1].name, "shop-a");
    snapshot_free(snap);
}

static void test_bodies_that_are_no_list(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        enum err_kind kind;
    } cases[] = {
        {"<html>no</html>",    ERR_PROTOCOL   },
        {"{\"a\":{\"status\"", ERR_PROTOCOL   },
        {"[\"a\",\"b\"]",      ERR_UNSUPPORTED},
        {"17",                 ERR_PROTOCOL   },
        {"",                   ERR_PROTOCOL   },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_INIT;
        assert_null(list_of(cases[i].body, NULL, &err));
        assert_int_equal(err.kind, cases[i].kind);
    }
}

static void test_members_of_wrong_types_do_no_harm(void **state)
{
    (void)state;
    struct snapshot *snap =
        list_of("{\"a\":7,\"b\":{\"status\":[],\"info\":\"x\"},\"c\":{\"status\":{\"tasks\":{\"x\":"
                "3},\"connector\":[1]},\"info\":{\"config\":{\"n\":5,\"t\":true,\"z\":null}}}}",
                NULL, NULL);
    assert_int_equal(snap->connect.nconnectors, 3);
    const struct connect_connector *c = connect_sample_find(snap, "c");
    assert_int_equal(c->ntasks, 1);
    assert_int_equal(c->tasks[0].id, -1);
    assert_string_equal(config_of(c, "n"), "5");
    assert_string_equal(config_of(c, "t"), "true");
    assert_null(config_of(c, "z"));
    snapshot_free(snap);
}

static void test_a_long_trace_is_cut_but_its_cause_is_found(void **state)
{
    (void)state;
    struct strbuf sb;
    strbuf_init(&sb, 1024 * 1024);
    strbuf_puts(&sb,
                "{\"c\":{\"status\":{\"tasks\":[{\"id\":0,\"state\":\"FAILED\",\"trace\":\"a.E: "
                "http://u:hush@h\\n");
    while (sb.len < 100 * 1000)
        strbuf_puts(&sb, "\\tat a.B.c(B.java:1)\\n");
    strbuf_puts(&sb, "Caused by: b.F: password=hush refused\\n\"}]}}}");
    struct snapshot *snap = list_of(sb.text, NULL, NULL);
    assert_non_null(snap);
    const struct connect_task *task = &snap->connect.connectors[0].tasks[0];
    assert_string_equal(task->cause, "F: password=******** refused");
    assert_in_range(strlen(task->trace), 60 * 1024, CONNECT_MAX_TRACE + 16);
    assert_null(strstr(task->trace, "hush"));
    snapshot_free(snap);
    strbuf_free(&sb);
}

static void test_a_config_without_end_is_capped(void **state)
{
    (void)state;
    struct strbuf sb;
    strbuf_init(&sb, 1024 * 1024);
    strbuf_puts(&sb, "{\"c\":{\"info\":{\"config\":{");
    for (int i = 0; i < 2 * CONNECT_MAX_CONFIG; i++)
        strbuf_printf(&sb, "%s\"k%d\":\"v\"", i > 0 ? "," : "", i);
    strbuf_puts(&sb, "}}}}");
    struct snapshot *snap = list_of(sb.text, NULL, NULL);
    assert_non_null(snap);
    assert_int_equal(snap->connect.connectors[0].nconfig, CONNECT_MAX_CONFIG);
    snapshot_free(snap);
    strbuf_free(&sb);
}

static void test_more_connectors_than_the_cap_is_said(void **state)
{
    (void)state;
    struct strbuf sb;
    strbuf_init(&sb, 1024 * 1024);
    strbuf_putc(&sb, '{');
    for (int i = 0; i < CONNECT_MAX_CONNECTORS + 5; i++)
        strbuf_printf(&sb, "%s\"c%05d\":{}", i > 0 ? "," : "", i);
    strbuf_putc(&sb, '}');
    struct snapshot *snap = list_of(sb.text, NULL, NULL);
    assert_int_equal(snap->connect.nconnectors, CONNECT_MAX_CONNECTORS);
    assert_int_equal(snap->notes.count, 1);
    snapshot_free(snap);
    strbuf_free(&sb);
}

/* Parses a recorded offsets body into a connector of its own. */
static struct connect_connector offsets_of(struct arena *arena, const char *body)
{
    struct connect_connector c = {.source_ms = UNKNOWN};
    struct err err = ERR_INIT;
    if (!connect_parse_offsets(arena, body, strlen(body), &c, &err))
        fail_msg("%s", err.text);
    assert_true(c.offsets_read);
    return c;
}

static void test_postgres_offsets_speak_of_lsns(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    char *body = connect_sample("connect-offsets-source.json");
    struct connect_connector c = offsets_of(arena, body);
    assert_int_equal(c.noffsets, 1);
    const struct connect_offset *o = &c.offsets[0];
    assert_string_equal(o->partition, "{\"server\":\"shop\"}");
    assert_null(o->topic);
    assert_int_equal(o->number, -1);
    assert_true(c.lsn == 27973320); /* lsn_commit, not lsn */
    assert_string_equal(kv_find(o->values, o->nvalues, "lsn_commit"), "0/1AAD6C8");
    assert_string_equal(kv_find(o->values, o->nvalues, "txId"), "759");
    assert_true(c.source_ms == 1795193322049);
    free(body);
    /* a snapshot has just ended: neither lsn_commit nor lsn_proc yet */
    body = connect_sample("pgsource-offsets.json");
    c = offsets_of(arena, body);
    assert_true(c.lsn == 27636160);
    free(body);
    arena_free(arena);
}

static void test_large_positions_are_exact(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct connect_connector c = offsets_of(
        arena, "{\"offsets\":[{\"partition\":{\"server\":\"9007199254740993\"},\"offset\":{"
               "\"lsn_commit\":9223372036854775807,\"lsn\":18446744073709551615,\"txId\":null,"
               "\"big\":-9007199254740993,\"f\":1.5,\"ts_usec\":1795193322049055}}]}");
    assert_true(c.lsn == UINT64_C(9223372036854775807));
    const struct connect_offset *o = &c.offsets[0];
    assert_string_equal(kv_find(o->values, o->nvalues, "lsn"), "FFFFFFFF/FFFFFFFF");
    assert_string_equal(kv_find(o->values, o->nvalues, "big"), "-9007199254740993");
    assert_string_equal(kv_find(o->values, o->nvalues, "f"), "1.5");
    assert_null(kv_find(o->values, o->nvalues, "txId"));
    assert_true(c.source_ms == 1795193322049);
    arena_free(arena);
}

static void test_only_long_integers_are_quoted(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"{\"a\":9007199254740993}",                              "{\"a\":\"9007199254740993\"}"  },
        {"[-9007199254740993,12]",                                "[\"-9007199254740993\",12]"    },
        {"{\"k\":\"x:9007199254740993\"}",                        "{\"k\":\"x:9007199254740993\"}"},
        {"{\"k\\\"9007199254740993\":1}",                         "{\"k\\\"9007199254740993\":1}" },
        {"[0.12345678901234567890,1e300,12345678901234567890e1]",
         "[0.12345678901234567890,1e300,12345678901234567890e1]"                                  },
        {"[1234567890123456",                                     "[\"1234567890123456\""         },
        {"\"\\",                                                  "\"\\"                          },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct strbuf sb;
        strbuf_init(&sb, 1000);
        connect_quote_longs(&sb, cases[i].in, strlen(cases[i].in));
        assert_string_equal(sb.text, cases[i].out);
        strbuf_free(&sb);
    }
}

static void test_mysql_and_sink_offsets(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    char *body = connect_sample("mysource-offsets.json");
    struct connect_connector c = offsets_of(arena, body);
    const struct connect_offset *o = &c.offsets[0];
    assert_string_equal(kv_find(o->values, o->nvalues, "file"), "bin.000004");
    assert_string_equal(kv_find(o->values, o->nvalues, "pos"), "373");
    assert_string_equal(kv_find(o->values, o->nvalues, "gtids"), "0-1-11");
    assert_true(c.lsn == 0);
    assert_true(c.source_ms == 1795197344000);
    free(body);
    body = connect_sample("connect-offsets-sink.json");
    c = offsets_of(arena, body);
    assert_int_equal(c.noffsets, 3);
    assert_string_equal(c.offsets[2].topic, "shop.public.orders");
    assert_string_equal(c.offsets[2].partition, "shop.public.orders 0");
    assert_int_equal(c.offsets[2].number, 0);
    assert_string_equal(kv_find(c.offsets[2].values, c.offsets[2].nvalues, "kafka_offset"), "5187");
    assert_true(c.source_ms == UNKNOWN);
    free(body);
    arena_free(arena);
}

static void test_topics_and_root(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct connect_connector c = {0};
    char *body = connect_sample("connect-topics-source.json");
    assert_true(connect_parse_topics(arena, body, strlen(body), &c, NULL));
    assert_int_equal(c.ntopics, 5);
    assert_string_equal(c.topics[0], "__debezium-heartbeat.shop");
    free(body);
    const char *version, *cluster;
    body = connect_sample("connect-root.json");
    assert_true(connect_parse_root(arena, body, strlen(body), &version, &cluster, NULL));
    assert_string_equal(version, "3.9.1");
    assert_string_equal(cluster, "4L6g3nShT-eMCtK--X86sw");
    free(body);
    body = connect_sample("connect-404.json");
    assert_false(connect_parse_root(arena, body, strlen(body), &version, &cluster, NULL));
    assert_false(connect_parse_topics(arena, body, strlen(body), &c, NULL));
    assert_false(connect_parse_offsets(arena, body, strlen(body), &c, NULL));
    assert_false(c.offsets_read);
    free(body);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list_holds_states_configs_and_no_secret),
        cmocka_unit_test(test_failed_task_carries_its_cause),
        cmocka_unit_test(test_globs_choose_connectors),
        cmocka_unit_test(test_bodies_that_are_no_list),
        cmocka_unit_test(test_members_of_wrong_types_do_no_harm),
        cmocka_unit_test(test_a_long_trace_is_cut_but_its_cause_is_found),
        cmocka_unit_test(test_a_config_without_end_is_capped),
        cmocka_unit_test(test_more_connectors_than_the_cap_is_said),
        cmocka_unit_test(test_postgres_offsets_speak_of_lsns),
        cmocka_unit_test(test_large_positions_are_exact),
        cmocka_unit_test(test_only_long_integers_are_quoted),
        cmocka_unit_test(test_mysql_and_sink_offsets),
        cmocka_unit_test(test_topics_and_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
