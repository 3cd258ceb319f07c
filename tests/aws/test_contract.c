/* The contract server does what the tests of this tier rely on: one call of each protocol goes
 * through, what is wrong does not, faults and paging are real. */
#include "tests/aws/rig.h"
#include "tests/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void open_as(struct contract_client *c, const char *user)
{
    char *toml = contract_toml(user, "[pipeline.mskconnect]\nconnectors = [\"*\"]\n");
    contract_open(c, toml);
    free(toml);
}

/* ARNs go into the path as one segment. */
static const char source_path[] =
    "/v1/connectors/arn%3Aaws%3Akafkaconnect%3Aeu-west-3%3A123456789012%3Aconnector%2Fshop-source"
    "%2F6bd1f2b7-6d6c-4b4c-9b32-0d2a1c6a7f11-2";

struct good {
    enum aws_call call;
    const char *path, *query, *body;
};

static const struct good goods[] = {
    {MSKC_LIST,         "/v1/connectors",   "maxResults=2", NULL                         },
    {MSKC_DESCRIBE,     source_path,        NULL,           NULL                         },
    {MSK_LIST_CLUSTERS, "/api/v2/clusters", NULL,           NULL                         },
    {DMS_TASKS,         NULL,               NULL,           "{\"WithoutSettings\":true}" },
    {CW_LIST_METRICS,   NULL,               NULL,           "{\"Namespace\":\"AWS/RDS\"}"},
    {SECRETS_GET_VALUE, NULL,               NULL,           "{\"SecretId\":\"shop/db\"}" },
};

static void test_calls_of_every_protocol_go_through(void **state)
{
    (void)state;
    static const char *const users[] = {"admin", "reader", "session"};
    for (size_t u = 0; u < sizeof(users) / sizeof(users[0]); u++) {
        struct contract_client c;
        open_as(&c, users[u]);
        for (size_t i = 0; i < sizeof(goods) / sizeof(goods[0]); i++) {
            struct err err = ERR_INIT;
            const struct good *g = &goods[i];
            cJSON *json = contract_call(&c, g->call, g->path, g->query, g->body, &err);
            if (json == NULL)
                fail_msg("%s as %s: %s", aws_calls[g->call].operation, users[u], err.text);
            cJSON_Delete(json);
        }
        contract_close(&c);
    }
}

static void test_the_query_protocol_answers_in_xml(void **state)
{
    (void)state;
    struct contract_client c;
    open_as(&c, "admin");
    struct err err = ERR_INIT;
    struct aws_request request = {.call = RDS_INSTANCES, .stop_fd = -1};
    request.deadline_ms = INT64_MAX / 2;
    struct aws_answer answer;
    assert_true(aws_send(c.client, &request, &answer, &err));
    assert_non_null(strstr(answer.body.text, "<DescribeDBInstancesResult>"));
    assert_non_null(strstr(answer.body.text, "<DBInstanceIdentifier>shop</DBInstanceIdentifier>"));
    assert_true(answer.date_ms > 0);
    aws_answer_free(&answer);
    contract_close(&c);
}

static void refused(const char *user, enum aws_call call, const char *path, enum err_kind kind)
{
    struct contract_client c;
    struct err err = ERR_INIT;
    open_as(&c, user);
    cJSON *json = contract_call(&c, call, path, NULL, NULL, &err);
    if (json != NULL)
        fail_msg("%s: %s was not refused", user, aws_calls[call].operation);
    if (err.kind != kind)
        fail_msg("%s: %s: %s: %s", user, aws_calls[call].operation, err_kind_name(err.kind),
                 err.text);
    contract_close(&c);
}

static void test_who_may_not_is_refused(void **state)
{
    (void)state;
    char restart[sizeof(source_path) + 16];
    (void)snprintf(restart, sizeof(restart), "%s/restart", source_path);
    refused("reader", MSKC_RESTART, restart, ERR_DENIED);
    refused("nobody", MSKC_LIST, "/v1/connectors", ERR_DENIED);
    refused("nobody", DMS_TASKS, NULL, ERR_DENIED);
    refused("nobody", RDS_INSTANCES, NULL, ERR_DENIED);
    refused("expired", MSKC_LIST, "/v1/connectors", ERR_AUTH);
    refused("expired", RDS_CLUSTERS, NULL, ERR_AUTH);
    refused("unknown", MSKC_LIST, "/v1/connectors", ERR_AUTH);
    refused("unknown", DMS_TASKS, NULL, ERR_AUTH);
    refused("unknown", RDS_INSTANCES, NULL, ERR_AUTH);
}

static void test_pages_are_small_and_go_on(void **state)
{
    (void)state;
    struct contract_client c;
    struct err err = ERR_INIT;
    open_as(&c, "admin");
    cJSON *page = contract_call(&c, MSKC_LIST, "/v1/connectors", NULL, NULL, &err);
    assert_non_null(page);
    assert_int_equal(cJSON_GetArraySize(json_get(page, "connectors")), 3);
    assert_string_not_equal(json_str(page, "nextToken", ""), "");
    cJSON_Delete(page);
    contract_close(&c);
}

static void test_an_operation_comes_to_its_end(void **state)
{
    (void)state;
    struct contract_client c;
    struct err err = ERR_INIT;
    char restart[sizeof(source_path) + 16];
    (void)snprintf(restart, sizeof(restart), "%s/restart", source_path);
    contract_set("0", "kafkaconnect", "operation_s", NULL);
    open_as(&c, "admin");
    cJSON_Delete(contract_call(&c, MSKC_RESTART, restart, "onlyFailedTasks=true", NULL, &err));
    assert_int_equal(contract_count("RestartConnector"), 1);
    cJSON *connector = contract_call(&c, MSKC_DESCRIBE, source_path, NULL, NULL, &err);
    assert_string_equal(json_str(connector, "connectorState", ""), "RUNNING");
    cJSON_Delete(connector);
    contract_close(&c);
}

/* What our clock is wrong by is found out, and the call goes through. */
static void test_a_wrong_clock_does_not_matter(void **state)
{
    (void)state;
    static const enum aws_call calls[] = {DMS_TASKS, CW_LIST_METRICS};
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        struct contract_client c;
        struct err err = ERR_INIT;
        contract_clock(i == 0 ? 3600 : -3600);
        open_as(&c, "admin");
        cJSON *json = contract_call(&c, calls[i], NULL, NULL, "{}", &err);
        if (json == NULL)
            fail_msg("%s: %s", aws_calls[calls[i]].operation, err.text);
        cJSON_Delete(json);
        contract_close(&c);
    }
}

static void test_throttling_is_waited_out(void **state)
{
    (void)state;
    struct contract_client c;
    struct err err = ERR_INIT;
    open_as(&c, "admin");
    contract_fault("throttle", "dms", "DescribeReplicationTasks", 2);
    cJSON *json = contract_call(&c, DMS_TASKS, NULL, NULL, "{}", &err);
    if (json == NULL)
        fail_msg("%s", err.text);
    cJSON_Delete(json);
    assert_int_equal(contract_count("DescribeReplicationTasks"), 3);
    contract_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_calls_of_every_protocol_go_through, contract_fresh),
        cmocka_unit_test_setup(test_the_query_protocol_answers_in_xml, contract_fresh),
        cmocka_unit_test_setup(test_who_may_not_is_refused, contract_fresh),
        cmocka_unit_test_setup(test_pages_are_small_and_go_on, contract_fresh),
        cmocka_unit_test_setup(test_a_wrong_clock_does_not_matter, contract_fresh),
        cmocka_unit_test_setup(test_throttling_is_waited_out, contract_fresh),
        cmocka_unit_test_setup(test_an_operation_comes_to_its_end, contract_fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
