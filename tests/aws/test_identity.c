/* Who we are, what is refused, whose clock is right: cdctop against the contract server, which
 * verifies every signature, its time and its rights. */
#include "base/mem.h"
#include "tests/aws/rig.h"
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

#define SECTIONS \
    "[pipeline.mskconnect]\nconnectors = [\"shop-*\"]\n[pipeline.dms]\ntasks = [\"*\"]\n"

enum { SLACK_S = 60 }; /* an answer may take its time */

static const cJSON *spent(const cJSON *root, const char *operation)
{
    const cJSON *c;
    cJSON_ArrayForEach(c, json_get(json_get(root, "aws"), "calls"))
    {
        if (strcmp(json_str(c, "operation", ""), operation) == 0)
            return c;
    }
    fail_msg("%s is not among the calls", operation);
    return NULL;
}

static bool says_who(const cJSON *root)
{
    const cJSON *line;
    cJSON_ArrayForEach(line, json_get(root, "checks"))
    {
        if (strcmp(json_str(line, "id", ""), "aws.identity") == 0)
            return strncmp(json_str(line, "evidence", ""), "arn:aws:", 8) == 0;
    }
    return false;
}

/* A screen does not ask STS for S3's sake: it may be out of reach where S3 is not. */
static void test_check_says_who_we_are_for_s3_alone(void **state)
{
    (void)state;
    static const struct {
        const char *sections;
        int asked;
    } cases[] = {
        {"[pipeline.s3]\nurl = \"s3://shop-lake\"\n",                                    1},
        {"[pipeline.s3]\nurl = \"s3://shop-lake\"\naccess_key_id = \"AKIDOTHER\"\n"
         "secret_access_key = \"${env:HOME}\"\n",                               0},
        {"[pipeline.s3]\nurl = \"s3://shop-lake\"\nendpoint = \"http://127.0.0.1:1\"\n", 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int status;
        char *toml = contract_toml("reader", cases[i].sections);
        contract_reset();
        cJSON *root = contract_check(toml, &status);
        assert_non_null(root);
        assert_int_equal(contract_count("GetCallerIdentity"), cases[i].asked);
        assert_int_equal(says_who(root), cases[i].asked);
        cJSON_Delete(root);
        contract_reset();
        cJSON_Delete(contract_status(toml, &status));
        assert_int_equal(contract_count("GetCallerIdentity"), 0);
        free(toml);
    }
}

static void test_who_we_are(void **state)
{
    (void)state;
    cJSON *root = contract_status_of("session", SECTIONS);
    const cJSON *aws = json_get(root, "aws");
    assert_non_null(aws);
    assert_int_equal(strncmp(json_str(aws, "arn", ""), "arn:aws", 7), 0);
    assert_int_equal(strlen(json_str(aws, "account", "")), 12);
    assert_true(json_get(aws, "skew_s")->valuedouble < SLACK_S &&
                json_get(aws, "skew_s")->valuedouble > -SLACK_S);
    assert_int_equal(cJSON_GetArraySize(json_get(aws, "denied")), 0);
    assert_true(json_int(spent(root, "ListConnectors"), "calls", 0) > 0);
    assert_int_equal(contract_count("GetCallerIdentity"), 1);
    cJSON_Delete(root);
}

static void test_a_clock_that_is_wrong_is_corrected_and_said(void **state)
{
    (void)state;
    static const int ahead_s[] = {600, -600};
    for (size_t i = 0; i < ARRAY_LEN(ahead_s); i++) {
        contract_reset();
        contract_clock(ahead_s[i]);
        cJSON *root = contract_status_of("admin", SECTIONS);
        assert_true(cJSON_GetArraySize(json_get(root, "connectors")) > 0);
        double skew = json_get(json_get(root, "aws"), "skew_s")->valuedouble;
        assert_true(skew > ahead_s[i] - SLACK_S && skew < ahead_s[i] + SLACK_S);
        cJSON_Delete(root);
    }
}

static void test_each_refused_call_has_its_statement(void **state)
{
    (void)state;
    int status;
    char *toml = contract_toml("nobody", SECTIONS);
    cJSON *root = contract_check(toml, &status);
    const cJSON *line;
    bool connectors = false, tasks = false;
    assert_non_null(root);
    cJSON_ArrayForEach(line, json_get(root, "checks"))
    {
        if (strcmp(json_str(line, "id", ""), "aws.calls") != 0)
            continue;
        const cJSON *fix = json_get(line, "fix");
        const char *text = cJSON_IsString(fix) ? fix->valuestring : json_str(fix, "text", "");
        cJSON *statement = cJSON_Parse(text);
        assert_non_null(statement);
        const char *action = json_str(statement, "Action", "");
        connectors = connectors || strcmp(action, "kafkaconnect:ListConnectors") == 0;
        tasks = tasks || strcmp(action, "dms:DescribeReplicationTasks") == 0;
        cJSON_Delete(statement);
    }
    assert_true(connectors && tasks);
    assert_int_equal(status, 1); /* warnings: it may be meant so */
    cJSON_Delete(root);
    free(toml);
    /* Told in one look: who tells of the refusals looks after all others have. */
    root = contract_status_of("nobody", SECTIONS);
    assert_non_null(contract_finding(root, "Z02", "aws"));
    assert_true(cJSON_GetArraySize(json_get(json_get(root, "aws"), "denied")) >= 2);
    cJSON_Delete(root);
}

static void test_keys_that_are_refused_are_unknown_not_critical(void **state)
{
    (void)state;
    static const char *const users[] = {"expired", "unknown"};
    for (size_t i = 0; i < ARRAY_LEN(users); i++) {
        cJSON *root = contract_status_of(users[i], SECTIONS);
        const cJSON *f = contract_finding(root, "Z01", "aws");
        assert_non_null(f);
        assert_non_null(strstr(json_str(f, "title", ""), "AWS refuses the login"));
        assert_string_equal(json_str(f, "severity", ""), "unknown");
        cJSON_Delete(root);
    }
}

static void test_throttling_is_waited_out_and_counted(void **state)
{
    (void)state;
    contract_faults("[{\"kind\": \"throttle\", \"service\": \"kafkaconnect\", \"operation\": "
                    "\"ListConnectors\", \"times\": 2}, {\"kind\": \"throttle\", \"service\": "
                    "\"dms\", \"operation\": \"DescribeReplicationTasks\", \"times\": 1}]");
    cJSON *root = contract_status_of("admin", SECTIONS);
    assert_int_equal(json_int(spent(root, "ListConnectors"), "throttled", 0), 2);
    assert_int_equal(json_int(spent(root, "DescribeReplicationTasks"), "throttled", 0), 1);
    assert_null(contract_finding(root, "Z01", "mskconnect"));
    assert_null(contract_finding(root, "Z01", "dms"));
    cJSON_Delete(root);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup(f, contract_fresh)
    const struct CMUnitTest tests[] = {
        CASE(test_who_we_are),
        CASE(test_check_says_who_we_are_for_s3_alone),
        CASE(test_a_clock_that_is_wrong_is_corrected_and_said),
        CASE(test_each_refused_call_has_its_statement),
        CASE(test_keys_that_are_refused_are_unknown_not_critical),
        CASE(test_throttling_is_waited_out_and_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
