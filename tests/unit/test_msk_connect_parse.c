/* MSK Connect's answers: samples made from botocore's model of the service
 * (tests/samples/aws/make_mskconnect.py), and what no service sends. */
#include "aws/mskconnect.h"
#include "base/clock.h"
#include "base/lsn.h"
#include "base/mem.h"
#include "base/secrets.h"
#include "source/connect_parse.h"
#include "source/msk_connect_parse.h"
#include "tests/check.h"
#include "tests/unit/dms_rig.h"

#include <stdlib.h>
#include <string.h>

static struct arena *arena;

static int begin(void **state)
{
    (void)state;
    arena = arena_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static void list_page(const char *name, const struct strlist *globs, struct mskc_list *list,
                      const char **next)
{
    struct err err = ERR_INIT;
    char *body = dms_sample(name);
    if (!mskc_parse_list(arena, body, strlen(body), globs, list, next, &err))
        fail_msg("%s: %s", name, err.text);
    free(body);
}

static void describe(const char *sample, struct connect_connector *c)
{
    struct err err = ERR_INIT;
    char *body = dms_sample(sample);
    if (!mskc_parse_connector(arena, body, strlen(body), c, &err))
        fail_msg("%s: %s", sample, err.text);
    free(body);
}

static void test_pages_are_put_together_and_globs_heeded(void **state)
{
    (void)state;
    char *globs[] = {(char[]){"shop-*"}};
    struct strlist wanted = {.items = globs, .count = 1};
    struct mskc_list list = {0};
    const char *next;
    list_page("mskconnect_list_1.json", &wanted, &list, &next);
    assert_string_equal(next, "page/2==");
    list_page("mskconnect_list_2.json", &wanted, &list, &next);
    assert_null(next);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.items[0].name, "shop-source");
    const struct connect_connector *c = &list.items[1];
    assert_string_equal(c->name, "shop-s3");
    assert_string_equal(c->state, "RUNNING");
    assert_int_equal(c->service, SERVICE_MSK_CONNECT);
    assert_false(c->msk->described);
    assert_true(c->msk->autoscaled);
    assert_int_equal(c->msk->mcu, 2);
    assert_int_equal(c->msk->min_workers, 1);
    assert_int_equal(c->msk->max_workers, 4);
    assert_int_equal(c->msk->max_tasks, 8);
    assert_true(c->msk->workers == UNKNOWN);
    assert_true(c->lsn == LSN_NONE);
    char *not_s3[] = {(char[]){"shop-*"}, (char[]){"!*-s3"}};
    wanted = (struct strlist){.items = not_s3, .count = 2};
    list = (struct mskc_list){0};
    list_page("mskconnect_list_1.json", &wanted, &list, &next);
    list_page("mskconnect_list_2.json", &wanted, &list, &next);
    assert_int_equal(list.count, 1);
    assert_string_equal(list.items[0].name, "shop-source");
}

static void test_a_description_has_everything_and_no_secret(void **state)
{
    (void)state;
    struct connect_connector c = {.name = "shop-source"};
    describe("mskconnect_source.json", &c);
    assert_true(c.msk->described);
    assert_string_equal(c.type, "source");
    assert_string_equal(c.state, "FAILED");
    assert_string_equal(c.class_name, "io.debezium.connector.postgresql.PostgresConnector");
    assert_string_equal(kv_find(c.config, c.nconfig, "database.password"), SECRETS_MASK);
    assert_string_equal(kv_find(c.config, c.nconfig, "slot.name"), "dbz");
    assert_int_equal(c.nliterals, 1);
    assert_string_equal(c.literals[0], "database.password");
    assert_string_equal(c.cause, "PSQLException: FATAL: password authentication failed for user "
                                 "\"debezium\"");
    assert_string_equal(c.msk->state_code, "UnknownError.Unknown");
    assert_string_equal(c.msk->connect_version, "3.7.x");
    assert_int_equal(c.msk->mcu, 1);
    assert_int_equal(c.msk->workers, 2);
    assert_string_equal(c.msk->authentication, "IAM");
    assert_string_equal(c.msk->encryption, "TLS");
    assert_string_equal(c.msk->log_group, "/msk-connect/shop");
    assert_int_equal(c.msk->nplugins, 1);
    assert_true(c.msk->created_ms == clock_parse_iso("2026-10-31T14:03:22Z"));
    struct connect_connector sink = {.name = "shop-s3"};
    describe("mskconnect_sink.json", &sink);
    assert_string_equal(sink.type, "sink");
    assert_null(sink.cause);
    /* A reference to a provider is no secret. */
    assert_int_equal(sink.nliterals, 0);
}

static void test_operations_come_newest_first_with_their_ends(void **state)
{
    (void)state;
    struct msk_operation *ops;
    size_t n;
    struct err err = ERR_INIT;
    char *body = dms_sample("mskconnect_operations.json");
    assert_true(mskc_parse_operations(arena, body, strlen(body), &ops, &n, &err));
    free(body);
    assert_int_equal(n, 3);
    assert_string_equal(ops[0].state, "PAUSE_IN_PROGRESS");
    assert_true(ops[0].ended_ms == UNKNOWN);
    /* It has failed, although nobody says when. */
    assert_string_equal(ops[1].state, "RESTART_FAILED");
    assert_true(ops[1].ended_ms == ops[1].created_ms);
    assert_null(ops[1].error_code);
    body = dms_sample("mskconnect_operation.json");
    assert_true(mskc_parse_operation(arena, body, strlen(body), &ops[1], &err));
    free(body);
    assert_string_equal(ops[1].error_code, "ConnectorUnhealthy");
    assert_null(strstr(ops[1].error_message, "hunter2"));
}

static void test_how_operations_end(void **state)
{
    (void)state;
    static const struct {
        const char *state;
        bool ended, well;
    } cases[] = {
        {"PENDING",              false, false},
        {"UPDATE_IN_PROGRESS",   false, false},
        {"UPDATE_COMPLETE",      true,  true },
        {"UPDATE_FAILED",        true,  false},
        {"ROLLBACK_IN_PROGRESS", false, false},
        {"ROLLBACK_FAILED",      true,  false},
        {"ROLLBACK_COMPLETE",    true,  false},
        {"PAUSE_COMPLETE",       true,  true },
        {"RESUME_FAILED",        true,  false},
        {"RESTART_COMPLETE",     true,  true },
        {"",                     false, false},
        {NULL,                   false, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(mskconnect_ended(cases[i].state), cases[i].ended);
        assert_int_equal(mskconnect_succeeded(cases[i].state), cases[i].well);
    }
}

static void test_an_arn_is_one_segment_of_the_path(void **state)
{
    (void)state;
    char *path = mskconnect_path("arn:aws:x:connector/a b/%", "/pause");
    assert_string_equal(path, "/v1/connectors/arn%3Aaws%3Ax%3Aconnector%2Fa%20b%2F%25/pause");
    free(path);
}

/* Whatever comes: an error or nothing, and what was there stays. */
static void test_what_no_service_sends(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "",
        "<html>502</html>",
        "[]",
        "null",
        "\"x\"",
        "{\"connectors\":{}}",
        "{\"connectors\":[1,null,{},[],{\"connectorName\":\"a\"},{\"connectorArn\":\"b\"}]}",
        "{\"connectorName\":7,\"connectorArn\":[]}",
        "{\"connectorOperations\":\"x\"}",
        "{\"connectorName\":\"another\",\"connectorArn\":\"arn\"}",
    };
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        struct mskc_list list = {0};
        struct connect_connector c = {.name = "shop-source", .state = "kept"};
        struct err err = ERR_INIT;
        const char *next;
        (void)mskc_parse_list(arena, bodies[i], strlen(bodies[i]), NULL, &list, &next, &err);
        assert_int_equal(list.count, 0);
        assert_false(mskc_parse_connector(arena, bodies[i], strlen(bodies[i]), &c, &err));
        assert_int_equal(err.kind, ERR_PROTOCOL);
        assert_string_equal(c.state, "kept");
    }
    static const char odd[] =
        "{\"connectors\":[{\"connectorName\":\"a\",\"connectorArn\":\"arn\",\"connectorState\":{},"
        "\"creationTime\":12,\"capacity\":[],\"plugins\":{\"x\":1},\"logDelivery\":3}]}";
    struct mskc_list list = {0};
    struct err err = ERR_INIT;
    const char *next;
    assert_true(mskc_parse_list(arena, odd, strlen(odd), NULL, &list, &next, &err));
    assert_int_equal(list.count, 1);
    assert_null(list.items[0].state);
    assert_true(list.items[0].msk->created_ms == UNKNOWN);
    assert_true(list.items[0].msk->mcu == UNKNOWN);
    assert_int_equal(list.items[0].msk->nplugins, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_pages_are_put_together_and_globs_heeded, begin, end),
        cmocka_unit_test_setup_teardown(test_a_description_has_everything_and_no_secret, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_operations_come_newest_first_with_their_ends, begin,
                                        end),
        cmocka_unit_test(test_how_operations_end),
        cmocka_unit_test(test_an_arn_is_one_segment_of_the_path),
        cmocka_unit_test_setup_teardown(test_what_no_service_sends, begin, end),
    };
    return cmocka_run_group_tests_name("msk_connect_parse", tests, NULL, NULL);
}
