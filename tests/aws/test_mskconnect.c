/* MSK Connect on the contract server: every state of the model, pages, refusals, and actions
 * followed through their operation to its end. */
#include "tests/aws/rig.h"
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

/* CloudWatch answers sooner or later: without it everything is the same each time. */
#define SECTIONS                                         \
    "[pipeline.mskconnect]\nconnectors = [\"shop-*\"]\n" \
    "[pipeline.cloudwatch]\nmetrics_per_hour = 0\n"

static char *toml_of(const char *user)
{
    return contract_toml(user, SECTIONS);
}

static void test_every_state_is_told_and_judged(void **state)
{
    (void)state;
    static const struct {
        const char *name, *state, *verdict;
    } cases[] = {
        {"shop-creating",   "CREATING",   "info"    },
        {"shop-updating",   "UPDATING",   "info"    },
        {"shop-deleting",   "DELETING",   "warning" },
        {"shop-failed",     "FAILED",     "critical"},
        {"shop-paused",     "PAUSED",     "info"    },
        {"shop-restarting", "RESTARTING", "info"    },
        {"shop-pausing",    "PAUSING",    "info"    },
        {"shop-resuming",   "RESUMING",   "info"    },
        {"shop-s3",         "RUNNING",    "unknown" }, /* nothing tells of its work */
    };
    cJSON *root = contract_status_of("reader", SECTIONS);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const cJSON *c = contract_find(root, "connectors", "name", cases[i].name);
        assert_string_equal(json_str(c, "state", ""), cases[i].state);
        assert_string_equal(json_str(c, "verdict", ""), cases[i].verdict);
        assert_string_equal(json_str(c, "service", ""), "mskconnect");
    }
    const char *cause =
        json_str(contract_find(root, "connectors", "name", "shop-failed"), "cause", "");
    assert_non_null(strstr(cause, "password authentication failed"));
    assert_string_equal(json_str(contract_find(root, "connectors", "name", "shop-s3"), "type", ""),
                        "sink");
    /* Pages of three, all of them. */
    assert_true(contract_count("ListConnectors") >= 4);
    cJSON_Delete(root);
}

static void test_what_is_denied_names_the_statement(void **state)
{
    (void)state;
    cJSON *root = contract_status_of("nobody", SECTIONS);
    assert_string_equal(contract_source(root, "mskconnect", "state"), "failing");
    assert_string_equal(contract_source(root, "mskconnect", "error_kind"), "denied");
    assert_non_null(
        strstr(contract_source(root, "mskconnect", "error"), "kafkaconnect:ListConnectors"));
    cJSON_Delete(root);
    contract_faults("[{\"kind\": \"error\", \"service\": \"kafkaconnect\", \"operation\": "
                    "\"DescribeConnector\", \"code\": \"AccessDeniedException\", \"status\": 403, "
                    "\"message\": \"User is not authorized to perform: "
                    "kafkaconnect:DescribeConnector\"}]");
    root = contract_status_of("admin", SECTIONS);
    assert_string_equal(contract_source(root, "mskconnect", "state"), "fresh");
    assert_true(contract_note(root, "mskconnect", "cannot be described",
                              "\"kafkaconnect:DescribeConnector\""));
    assert_string_equal(
        json_str(contract_find(root, "connectors", "name", "shop-s3"), "verdict", ""), "unknown");
    cJSON_Delete(root);
}

static void test_throttling_passes(void **state)
{
    (void)state;
    contract_fault("throttle", "kafkaconnect", "ListConnectors", 1);
    contract_fault("throttle", "kafkaconnect", "DescribeConnector", 2);
    cJSON *root = contract_status_of("reader", SECTIONS);
    assert_string_equal(contract_source(root, "mskconnect", "state"), "fresh");
    assert_false(contract_note(root, "mskconnect", "cannot be described", ""));
    cJSON_Delete(root);
}

static void test_garbage_and_silence_are_errors(void **state)
{
    (void)state;
    static const char *const kinds[] = {"garbage", "hang", "half"};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        int status;
        char *toml = contract_toml("reader", "timeout = \"1s\"\n" SECTIONS);
        contract_reset();
        contract_fault(kinds[i], "kafkaconnect", NULL, 0);
        cJSON *root = contract_status(toml, &status);
        assert_true(status >= 2); /* critical or unknown */
        assert_string_equal(contract_source(root, "mskconnect", "state"), "failing");
        cJSON_Delete(root);
        free(toml);
    }
}

/* ---- actions --------------------------------------------------------------------------------- */

static char *act(const char *verb, const char *name, const char *more, int *status)
{
    char *toml = toml_of("admin");
    const char *args[] = {"do", verb, name, "--yes", name, more, NULL};
    char *out = contract_cdctop(toml, args, status);
    free(toml);
    return out;
}

static void expect(char *out, const char *text)
{
    if (strstr(out, text) == NULL)
        fail_msg("no \"%s\" in: %s", text, out);
    free(out);
}

static void test_a_pause_is_followed_to_its_end_and_undone(void **state)
{
    (void)state;
    int status;
    char *out = act("pause", "shop-s3", NULL, &status);
    assert_non_null(strstr(out, "/pause"));
    assert_non_null(strstr(out, "aws kafkaconnect pause-connector --connector-arn arn:aws:"));
    if (status != 0)
        fail_msg("%s", out);
    expect(out, "PAUSED after");
    out = act("pause", "shop-s3", NULL, &status);
    assert_int_not_equal(status, 0);
    expect(out, "is PAUSED already");
    assert_int_equal(contract_count("PauseConnector"), 1);
}

static void test_a_restart_is_followed_to_its_end(void **state)
{
    (void)state;
    int status;
    char *out = act("restart", "shop-s3", "--all", &status);
    if (status != 0)
        fail_msg("%s", out);
    assert_non_null(strstr(out, "RESTART_IN_PROGRESS"));
    expect(out, "RESTART_COMPLETE after");
}

/* What the only RestartConnector that was asked for said of it. */
static bool only_failed_tasks(void)
{
    cJSON *asked = contract_requests();
    const cJSON *one = contract_find(asked, NULL, "operation", "RestartConnector");
    const cJSON *only = json_get(json_get(one, "params"), "onlyFailedTasks");
    assert_int_equal(contract_count("RestartConnector"), 1);
    assert_int_equal(json_int(one, "status", 0), 200);
    assert_true(cJSON_IsBool(only));
    bool is = cJSON_IsTrue(only);
    cJSON_Delete(asked);
    return is;
}

static void test_failed_tasks_alone_are_restarted(void **state)
{
    (void)state;
    int status;
    char *out = act("restart", "shop-s3", NULL, &status);
    if (status != 0)
        fail_msg("%s", out);
    assert_non_null(strstr(out, "whether a task has failed CloudWatch does not tell"));
    assert_non_null(strstr(out, "/restart?onlyFailedTasks=true"));
    assert_non_null(strstr(out, " --only-failed-tasks --region eu-west-3"));
    assert_non_null(strstr(out, "RESTART_IN_PROGRESS"));
    expect(out, "RESTART_COMPLETE after");
    assert_true(only_failed_tasks());
}

static void test_failed_tasks_alone_need_a_newer_connect(void **state)
{
    (void)state;
    int status;
    contract_set("\"2.7.1\"", "kafkaconnect", "connectors", "shop-s3", "kafkaConnectVersion", NULL);
    char *out = act("restart", "shop-s3", NULL, &status);
    assert_int_not_equal(status, 0);
    expect(out, "Kafka Connect 2.7.1 restarts all of it only: restart --all");
    assert_int_equal(contract_count("RestartConnector"), 0);
    out = act("restart", "shop-s3", "--all", &status);
    assert_int_equal(status, 0);
    expect(out, "RESTART_COMPLETE after");
    assert_false(only_failed_tasks());
}

static void test_a_restart_that_fails_says_why(void **state)
{
    (void)state;
    int status;
    contract_set("\"FAILED\"", "kafkaconnect", "operation_ends", NULL);
    char *out = act("restart", "shop-s3", "--all", &status);
    assert_int_not_equal(status, 0);
    assert_non_null(strstr(out, "POST http"));
    assert_non_null(strstr(out, "/restart?onlyFailedTasks=false"));
    if (strstr(out, "RESTART_FAILED") == NULL)
        fail_msg("%s", out);
    expect(out, "ConnectorUnhealthy");
    assert_int_equal(contract_count("RestartConnector"), 1);
}

static void test_what_is_not_offered_is_said_and_what_helps(void **state)
{
    (void)state;
    static const char *const ways[] = {"\"unknown\"", "\"gateway\""};
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        int status;
        contract_reset();
        contract_set("[]", "kafkaconnect", "offered", NULL);
        contract_set(ways[i], "kafkaconnect", "not_offered", NULL);
        char *out = act("restart", "shop-s3", "--all", &status);
        assert_int_not_equal(status, 0);
        assert_non_null(strstr(out, "RestartConnector is not offered here"));
        expect(out, "create it anew");
    }
}

static void test_an_action_that_iam_refuses_names_the_right(void **state)
{
    (void)state;
    int status;
    char *toml = toml_of("reader");
    char *out =
        contract_cdctop(toml, CONTRACT_ARGS("do", "pause", "shop-s3", "--yes", "shop-s3"), &status);
    assert_int_not_equal(status, 0);
    expect(out, "kafkaconnect:PauseConnector");
    free(toml);
}

/* What a FAILED one is created anew from. */
static void test_the_config_of_one_that_failed_is_printed(void **state)
{
    (void)state;
    int status;
    char *toml = toml_of("reader");
    char *out = contract_cdctop(toml, CONTRACT_ARGS("config", "shop-failed"), &status);
    assert_int_equal(status, 0);
    assert_non_null(strstr(out, "\"connectorName\":\t\"shop-failed\""));
    assert_non_null(strstr(out, "\"database.password\":\t\"********\""));
    assert_non_null(strstr(out, "\"serviceExecutionRoleArn\""));
    expect(out, "1 secret is masked in it");
    free(toml);
}

static void test_what_cannot_be_is_refused_before_it_is_sent(void **state)
{
    (void)state;
    static const struct {
        const char *verb, *name, *why;
    } cases[] = {
        {"restart", "shop-failed",   "cannot restart a FAILED connector"},
        {"stop",    "shop-s3",       "cannot stop a connector"          },
        {"resume",  "shop-s3",       "RUNNING already"                  },
        {"pause",   "shop-updating", "it must be RUNNING"               },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int status;
        char *out = act(cases[i].verb, cases[i].name, NULL, &status);
        assert_int_not_equal(status, 0);
        expect(out, cases[i].why);
    }
    assert_int_equal(contract_count("RestartConnector"), 0);
    assert_int_equal(contract_count("PauseConnector"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_every_state_is_told_and_judged, contract_fresh),
        cmocka_unit_test_setup(test_what_is_denied_names_the_statement, contract_fresh),
        cmocka_unit_test_setup(test_throttling_passes, contract_fresh),
        cmocka_unit_test_setup(test_garbage_and_silence_are_errors, contract_fresh),
        cmocka_unit_test_setup(test_a_pause_is_followed_to_its_end_and_undone, contract_fresh),
        cmocka_unit_test_setup(test_a_restart_is_followed_to_its_end, contract_fresh),
        cmocka_unit_test_setup(test_failed_tasks_alone_are_restarted, contract_fresh),
        cmocka_unit_test_setup(test_failed_tasks_alone_need_a_newer_connect, contract_fresh),
        cmocka_unit_test_setup(test_a_restart_that_fails_says_why, contract_fresh),
        cmocka_unit_test_setup(test_what_is_not_offered_is_said_and_what_helps, contract_fresh),
        cmocka_unit_test_setup(test_an_action_that_iam_refuses_names_the_right, contract_fresh),
        cmocka_unit_test_setup(test_the_config_of_one_that_failed_is_printed, contract_fresh),
        cmocka_unit_test_setup(test_what_cannot_be_is_refused_before_it_is_sent, contract_fresh),
    };
    return cmocka_run_group_tests_name("mskconnect", tests, NULL, NULL);
}
