/* DMS on the contract server: every status, pages, refusals, and actions followed until they show.
 */
#include "base/mem.h"
#include "tests/aws/rig.h"
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

#define SECTIONS "interval = \"1s\"\n[pipeline.dms]\ntasks = [\"shop-*\", \"!shop-x\"]\n"

/* The documented words of a task, and what each is judged to be. A verdict may be raised by a
 * finding. */
static void test_every_status(void **state)
{
    (void)state;
    static const struct {
        const char *name, *verdict;
    } rows[] = {
        {"shop-cdc",         "warning" }, /* a table is in error */
        {"shop-creating",    "info"    },
        {"shop-deleting",    "warning" },
        {"shop-failed",      "critical"},
        {"shop-failed-move", "warning" },
        {"shop-modifying",   "info"    },
        {"shop-moving",      "info"    },
        {"shop-ready",       "info"    },
        {"shop-starting",    "info"    },
        {"shop-stopped",     "info"    },
        {"shop-stopping",    "info"    },
        {"shop-testing",     "info"    },
    };
    cJSON *root = contract_status_of("reader", SECTIONS);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const cJSON *c = contract_find(root, "connectors", "name", rows[i].name);
        if (strcmp(json_str(c, "verdict", ""), rows[i].verdict) != 0)
            fail_msg("%s is %s: %s", rows[i].name, json_str(c, "verdict", ""),
                     json_str(c, "why", ""));
        assert_string_equal(json_str(c, "service", ""), "dms");
    }
    assert_non_null(contract_finding(root, "D01", "shop-failed"));
    assert_non_null(contract_finding(root, "D03", "shop-cdc"));
    /* Pages of five: none of them is lost. */
    assert_true(contract_count("DescribeReplicationTasks") >= 3);
    cJSON_Delete(root);
}

static void test_what_is_told_of_a_task(void **state)
{
    (void)state;
    cJSON *root = contract_status_of("reader", SECTIONS);
    const cJSON *dms = json_get(contract_find(root, "connectors", "name", "shop-cdc"), "dms");
    assert_string_equal(json_str(dms, "slot", ""), "dms_shop");
    assert_string_equal(json_str(dms, "slot_known_by", ""), "named");
    assert_string_equal(json_str(dms, "target_topic", ""), "dms.shop");
    assert_string_equal(json_str(dms, "instance", ""), "shop-dms");
    assert_int_equal(json_int(dms, "tables_total", 0), 11);
    assert_int_equal(cJSON_GetArraySize(json_get(dms, "tables")), 11);
    assert_string_not_equal(json_str(dms, "started", ""), "");
    dms = json_get(contract_find(root, "connectors", "name", "shop-serverless-cdc"), "dms");
    assert_true(json_bool(dms, "serverless", false));
    assert_int_equal(json_int(dms, "capacity_units", 0), 4);
    assert_int_equal(json_int(dms, "capacity_units_min", 0), 1);
    assert_int_equal(json_int(dms, "capacity_units_max", 0), 8);
    assert_true(cJSON_IsNull(json_get(dms, "capacity_ends")));
    assert_int_equal(json_int(dms, "tables_total", 0), 1);
    cJSON_Delete(root);
}

/* The words of StopReason: those that were meant are no alarm. */
static void test_stop_reasons(void **state)
{
    (void)state;
    static const struct {
        const char *reason, *verdict;
    } rows[] = {
        {"Stop Reason NORMAL",                                    "info"    },
        {"Stop Reason RECOVERABLE_ERROR Error Level RECOVERABLE", "warning" },
        {"Stop Reason FATAL_ERROR Error Level FATAL",             "critical"},
        {"Stop Reason FULL_LOAD_ONLY_FINISHED",                   "info"    },
        {"Stop Reason STOPPED_DUE_TO_LOW_MEMORY",                 "warning" },
        {"Stop Reason STOPPED_DUE_TO_LOW_DISK",                   "warning" },
        {"Stop Reason OF_NEXT_YEAR",                              "warning" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cJSON *text = cJSON_CreateString(rows[i].reason);
        char *json = cJSON_PrintUnformatted(text);
        contract_set(json, "dms", "tasks", "shop-stopped", "StopReason", NULL);
        cJSON *root = contract_status_of("reader", SECTIONS);
        const cJSON *c = contract_find(root, "connectors", "name", "shop-stopped");
        if (strcmp(json_str(c, "verdict", ""), rows[i].verdict) != 0)
            fail_msg("%s is %s", rows[i].reason, json_str(c, "verdict", ""));
        cJSON_Delete(root);
        cJSON_free(json);
        cJSON_Delete(text);
    }
}

static void test_refusals(void **state)
{
    (void)state;
    cJSON *root = contract_status_of("nobody", SECTIONS);
    assert_string_not_equal(contract_source(root, "dms", "error"), "");
    cJSON_Delete(root);
    contract_faults(
        "[{\"kind\": \"error\", \"service\": \"dms\", \"operation\": "
        "\"DescribeEndpoints\", \"code\": \"AccessDeniedException\", \"status\": 400}]");
    root = contract_status_of("reader", SECTIONS);
    assert_true(contract_note(root, "dms", "endpoints are not told", "dms:DescribeEndpoints"));
    assert_string_equal(
        json_str(contract_find(root, "connectors", "name", "shop-cdc"), "state", ""), "running");
    cJSON_Delete(root);
}

static void test_throttled_and_broken(void **state)
{
    (void)state;
    static const char *const kinds[] = {"garbage", "html", "empty", "half"};
    contract_fault("throttle", "dms", "DescribeReplicationTasks", 1);
    cJSON *root = contract_status_of("reader", SECTIONS);
    assert_string_equal(
        json_str(contract_find(root, "connectors", "name", "shop-cdc"), "state", ""), "running");
    cJSON_Delete(root);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        contract_fault(kinds[i], "dms", NULL, 0);
        root = contract_status_of("reader", SECTIONS);
        assert_string_not_equal(contract_source(root, "dms", "error"), "");
        assert_int_equal(cJSON_GetArraySize(json_get(root, "connectors")), 0);
        cJSON_Delete(root);
    }
}

static int run(const char *user, const char *const *args, const char *says)
{
    int status;
    char *toml = contract_toml(user, SECTIONS);
    char *out = contract_cdctop(toml, args, &status);
    if (strstr(out, says) == NULL)
        fail_msg("'%s' is not said: %s", says, out);
    free(out);
    free(toml);
    return status;
}

static void test_stop_and_resume(void **state)
{
    (void)state;
    contract_set("50", "dms", "tasks", "shop-cdc", "ReplicationTaskStats",
                 "FullLoadProgressPercent", NULL);
    assert_int_equal(
        run("admin", CONTRACT_ARGS("do", "stop", "shop-cdc", "--yes", "shop-cdc"), "stopped after"),
        0);
    assert_int_equal(contract_count("StopReplicationTask"), 1);
    assert_int_equal(run("admin", CONTRACT_ARGS("do", "resume", "shop-cdc", "--yes", "shop-cdc"),
                         "resume-processing"),
                     0);
    assert_int_equal(contract_count("StartReplicationTask"), 1);
}

static void test_what_is_refused_is_not_sent(void **state)
{
    (void)state;
    assert_int_not_equal(
        run("admin", CONTRACT_ARGS("do", "resume", "shop-cdc", "--yes", "shop-cdc"), "running"), 0);
    assert_int_not_equal(
        run("admin",
            CONTRACT_ARGS("do", "reload", "shop-stopped", "public.orders", "--yes", "shop-stopped"),
            "running task only"),
        0);
    assert_int_not_equal(
        run("admin", CONTRACT_ARGS("do", "reload", "shop-cdc", "--all", "--yes", "shop-cdc"),
            "stop it first"),
        0);
    assert_int_equal(run("admin", CONTRACT_ARGS("do", "start", "shop-ready", "--dry-run"),
                         "\"StartReplicationTaskType\":\"start-replication\""),
                     0);
    assert_int_equal(contract_count("StartReplicationTask"), 0);
    assert_int_equal(contract_count("ReloadTables"), 0);
    /* Who may only look: the service says so, and it is passed on. */
    assert_int_not_equal(run("reader", CONTRACT_ARGS("do", "stop", "shop-cdc", "--yes", "shop-cdc"),
                             "StopReplicationTask"),
                         0);
}

static void test_reload(void **state)
{
    (void)state;
    assert_int_equal(
        run("admin",
            CONTRACT_ARGS("do", "reload", "shop-cdc", "public.orders", "--yes", "shop-cdc"),
            "1 of 1 tables loaded after"),
        0);
    assert_int_equal(contract_count("ReloadTables"), 1);
}

static const cJSON *serverless_of(const cJSON *root)
{
    return contract_find(root, "connectors", "name", "shop-serverless-cdc");
}

static void test_serverless(void **state)
{
    (void)state;
    assert_int_equal(
        run("admin",
            CONTRACT_ARGS("do", "stop", "shop-serverless-cdc", "--yes", "shop-serverless-cdc"),
            "stopped after"),
        0);
    assert_int_equal(contract_count("StopReplication"), 1);
    cJSON *root = contract_status_of("reader", SECTIONS);
    assert_string_not_equal(json_str(json_get(serverless_of(root), "dms"), "capacity_ends", ""),
                            "");
    cJSON_Delete(root);
    /* It is followed through all the words of a start; no table of a cdc is loaded. */
    contract_set("50", "dms", "replications", "shop-serverless-cdc", "ReplicationStats",
                 "FullLoadProgressPercent", NULL);
    assert_int_equal(
        run("admin",
            CONTRACT_ARGS("do", "resume", "shop-serverless-cdc", "--yes", "shop-serverless-cdc"),
            "\"StartReplicationType\":\"resume-processing\""),
        0);
    assert_int_equal(contract_count("StartReplication"), 1);
    assert_int_not_equal(run("admin",
                             CONTRACT_ARGS("do", "reload", "shop-serverless-cdc", "public.orders",
                                           "--yes", "shop-serverless-cdc"),
                             "only follows changes"),
                         0);
    assert_int_equal(contract_count("ReloadReplicationTables"), 0);
}

static void test_serverless_reload(void **state)
{
    (void)state;
    contract_set("\"full-load-and-cdc\"", "dms", "replications", "shop-serverless-cdc",
                 "ReplicationType", NULL);
    assert_int_equal(run("admin",
                         CONTRACT_ARGS("do", "reload", "shop-serverless-cdc", "public.orders",
                                       "--yes", "shop-serverless-cdc"),
                         "1 of 1 tables loaded after"),
                     0);
    assert_int_equal(contract_count("ReloadReplicationTables"), 1);
}

/* The words of a serverless replication: each is understood, and none of those is an alarm. */
static void test_serverless_words(void **state)
{
    (void)state;
    static const char *const words[] = {
        "created",
        "initializing",
        "preparing_metadata_resources",
        "testing_connection",
        "fetching_metadata",
        "calculating_capacity",
        "provisioning_capacity",
        "replication_starting",
        "stopping",
        "stopped",
        "modifying",
    };
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        cJSON *one = cJSON_CreateObject();
        char *arn = mem_printf("arn:aws:dms:eu-west-3:123456789012:replication-config:W%zu", i);
        char *name = mem_printf("shop-%s", words[i]);
        cJSON_AddStringToObject(one, "ReplicationConfigArn", arn);
        cJSON_AddStringToObject(one, "ReplicationConfigIdentifier", name);
        cJSON_AddStringToObject(one, "ReplicationType", "cdc");
        cJSON_AddStringToObject(one, "Status", words[i]);
        cJSON_AddItemToArray(list, one);
        free(name);
        free(arn);
    }
    char *json = cJSON_PrintUnformatted(list);
    contract_set("[]", "dms", "tasks", NULL);
    contract_set(json, "dms", "replications", NULL);
    cJSON *root = contract_status_of("reader", SECTIONS);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        char *name = mem_printf("shop-%s", words[i]);
        const cJSON *c = contract_find(root, "connectors", "name", name);
        if (strcmp(json_str(c, "verdict", ""), "info") != 0)
            fail_msg("%s is %s: %s", words[i], json_str(c, "verdict", ""), json_str(c, "why", ""));
        free(name);
    }
    cJSON_Delete(root);
    cJSON_free(json);
    cJSON_Delete(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_every_status, contract_fresh),
        cmocka_unit_test_setup(test_what_is_told_of_a_task, contract_fresh),
        cmocka_unit_test_setup(test_stop_reasons, contract_fresh),
        cmocka_unit_test_setup(test_refusals, contract_fresh),
        cmocka_unit_test_setup(test_throttled_and_broken, contract_fresh),
        cmocka_unit_test_setup(test_stop_and_resume, contract_fresh),
        cmocka_unit_test_setup(test_what_is_refused_is_not_sent, contract_fresh),
        cmocka_unit_test_setup(test_reload, contract_fresh),
        cmocka_unit_test_setup(test_serverless, contract_fresh),
        cmocka_unit_test_setup(test_serverless_reload, contract_fresh),
        cmocka_unit_test_setup(test_serverless_words, contract_fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
