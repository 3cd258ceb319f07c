/* cdctop status and cdctop do against the real pipeline. */
#include "tests/check.h"
#include "tests/live/lab.h"
#include "tests/live/postgres_help.h"
#include "tests/unit/json_item.h"
#include "tests/unit/keep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void hasnt(const char *text, const char *part)
{
    if (strstr(text, part) != NULL)
        fail_msg("\"%s\" is in:\n%s", part, text);
}

/* `cdctop do …`: must end with this code and say this. */
static void does(int code, const char *says, const char *const *args)
{
    int status;
    char *text = lab_cdctop(&status, args);
    if (status != code)
        fail_msg("do %s %s: exit %d instead of %d:\n%s", args[1], args[2], status, code, text);
    has(text, says);
    free(text);
}
#define DO(...) ((const char *const[]){"do", __VA_ARGS__, NULL})

static int audit_lines(void)
{
    char *text = lab_audit_text();
    int n = 0;
    for (const char *p = text; (p = strchr(p, '\n')) != NULL; p++)
        n++;
    free(text);
    return n;
}

/* ---- status */

/* It ends as soon as every server has answered. */
#define PATIENT ((const char *const[]){"--wait", "60", NULL})

struct field {
    const char *array, *name;
    const char *types; /* of: s string, n number, b boolean, a array, o object, 0 null */
};

static const struct field fields[] = {
    {NULL,         "schema",            "n" },
    {NULL,         "time",              "s" },
    {NULL,         "pipeline",          "s" },
    {NULL,         "verdict",           "s" },
    {NULL,         "end_to_end_s",      "n0"},
    {NULL,         "hops",              "a" },
    {NULL,         "findings",          "a" },
    {"sources",    "kind",              "s" },
    {"sources",    "state",             "s" },
    {"sources",    "age_s",             "n0"},
    {"sources",    "error",             "s0"},
    {"slots",      "name",              "s" },
    {"slots",      "active",            "b0"},
    {"slots",      "restart_lsn",       "s0"},
    {"slots",      "retained_bytes",    "n0"},
    {"slots",      "unconfirmed_bytes", "n0"},
    {"slots",      "lost_in_s",         "n0"},
    {"slots",      "owner",             "s0"},
    {"topics",     "name",              "s" },
    {"topics",     "partitions",        "n" },
    {"topics",     "messages",          "n0"},
    {"topics",     "lag",               "n0"},
    {"topics",     "lag_s",             "n0"},
    {"topics",     "offsets",           "a" },
    {"groups",     "name",              "s" },
    {"groups",     "state",             "s0"},
    {"groups",     "lag",               "n0"},
    {"connectors", "name",              "s" },
    {"connectors", "type",              "s" },
    {"connectors", "state",             "s" },
    {"connectors", "tasks",             "a" },
    {"connectors", "cause",             "s0"},
    {"prefixes",   "name",              "s" },
    {"prefixes",   "newest",            "s0"},
    {"prefixes",   "newest_age_s",      "n0"},
    {"prefixes",   "due_s",             "n0"},
};

static bool is_of(const cJSON *v, const char *types)
{
    for (const char *t = types; *t != '\0'; t++) {
        if ((*t == 's' && cJSON_IsString(v)) || (*t == 'n' && cJSON_IsNumber(v)) ||
            (*t == 'b' && cJSON_IsBool(v)) || (*t == 'a' && cJSON_IsArray(v)) ||
            (*t == 'o' && cJSON_IsObject(v)) || (*t == '0' && cJSON_IsNull(v)))
            return true;
    }
    return false;
}

static void test_status_json_has_its_documented_form(void **state)
{
    (void)state;
    int status;
    cJSON *root = lab_status(&status, PATIENT);
    assert_int_equal(json_int(root, "schema", 0), 1);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        const struct field *f = &fields[i];
        if (f->array == NULL) {
            if (!is_of(cJSON_GetObjectItemCaseSensitive(root, f->name), f->types))
                fail_msg("%s is not one of %s", f->name, f->types);
            continue;
        }
        const cJSON *array = cJSON_GetObjectItemCaseSensitive(root, f->array), *item;
        if (cJSON_GetArraySize(array) < 1)
            fail_msg("%s is empty", f->array);
        cJSON_ArrayForEach(item, array)
        {
            if (!is_of(cJSON_GetObjectItemCaseSensitive(item, f->name), f->types))
                fail_msg("%s[].%s is not one of %s", f->array, f->name, f->types);
        }
    }
    cJSON_Delete(root);
}

static void test_status_tells_what_the_servers_tell(void **state)
{
    (void)state;
    int status;
    char before[32];
    (void)snprintf(before, sizeof(before), "%s",
                   ask_sql(lab_port(), "shop",
                           "select (pg_current_wal_lsn() - '0/0')::bigint - (restart_lsn - "
                           "'0/0')::bigint from pg_replication_slots where slot_name='dbz_shop'"));
    cJSON *root = lab_status(&status, PATIENT);
    const cJSON *slot = json_item(root, "slots", "name", "dbz_shop");
    const cJSON *source = json_item(root, "connectors", "name", "shop-source");
    const cJSON *sink = json_item(root, "connectors", "name", "shop-s3");
    const cJSON *orders = json_item(root, "topics", "name", "shop.public.orders");
    const cJSON *group = json_item(root, "groups", "name", "connect-shop-s3");
    assert_non_null(slot);
    assert_non_null(source);
    assert_non_null(sink);
    assert_non_null(orders);
    assert_non_null(group);
    assert_string_equal(json_str(slot, "owner", ""), "shop-source");
    assert_true(json_bool(slot, "active", false));
    /* the slot moves on meanwhile: the order of magnitude is what can be compared */
    int64_t real = strtoll(before, NULL, 10), told = json_int(slot, "retained_bytes", -1);
    assert_true(told >= 0 && told < real + (64 << 20));
    assert_string_equal(json_str(source, "state", ""), "RUNNING");
    assert_string_equal(json_str(source, "type", ""), "source");
    assert_string_equal(json_str(sink, "type", ""), "sink");
    assert_true(json_int(orders, "messages", 0) >= 5000);
    assert_string_equal(json_str(orders, "group", ""), "connect-shop-s3");
    assert_string_equal(json_str(group, "connector", ""), "shop-s3");
    assert_true(json_int(group, "lag", -1) >= 0);
    const cJSON *item;
    int fresh = 0;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(root, "sources"))
    {
        if (strcmp(json_str(item, "state", ""), "fresh") == 0)
            fresh++;
        else
            fail_msg("source %s is %s", json_str(item, "kind", ""), json_str(item, "state", ""));
    }
    assert_int_equal(fresh, 4);
    int with_objects = 0;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(root, "prefixes")) with_objects +=
        cJSON_IsString(cJSON_GetObjectItemCaseSensitive(item, "newest"));
    assert_true(with_objects >= 1);
    cJSON_Delete(root);
}

static void test_the_exit_code_is_the_verdict(void **state)
{
    (void)state;
    static const char *const names[] = {"ok", "warning", "critical", "unknown"};
    int status, plain;
    cJSON *root = lab_status(&status, PATIENT);
    const char *verdict = json_str(root, "verdict", "");
    assert_in_range(status, 0, 3);
    bool remark = strcmp(verdict, "info") == 0; /* a remark is no alarm */
    if (remark ? status != 0 : strncmp(verdict, names[status], 2) != 0)
        fail_msg("exit %d, but the verdict is %s", status, verdict);
    cJSON_Delete(root);
    char *text = lab_cdctop(&plain, (const char *const[]){"status", NULL});
    assert_in_range(plain, 0, 3);
    has(text, "dbz_shop");
    has(text, "shop-s3");
    free(text);
}

static void test_no_secret_is_printed(void **state)
{
    (void)state;
    static const char *const secrets[] = {"labsecret12345678", "lab-password-of"};
    static const char *const runs[][4] = {
        {"status", NULL    },
        {"status", "--json", NULL},
        {"--print-config",        NULL}
    };
    for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
        int status;
        char *text = lab_cdctop(&status, runs[i]);
        for (size_t k = 0; k < sizeof(secrets) / sizeof(secrets[0]); k++)
            hasnt(text, secrets[k]);
        free(text);
    }
}

static void test_status_with_a_frozen_server_is_unknown(void **state)
{
    (void)state;
    lab_may_break();
    static const struct {
        const char *part, *kind;
    } servers[] = {
        {"postgres", "postgres"},
        {"kafka",    "kafka"   },
        {"connect",  "connect" },
        {"s3",       "s3"      }
    };
    for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++) {
        int status;
        lab_fault("freeze", servers[i].part);
        cJSON *root = lab_status(&status, (const char *const[]){"--wait", "6s", NULL});
        lab_fault("thaw", servers[i].part);
        const cJSON *source = json_item(root, "sources", "kind", servers[i].kind);
        if (source == NULL || strcmp(json_str(source, "state", ""), "fresh") == 0)
            fail_msg("%s is frozen and called fresh", servers[i].kind);
        if (status != 2 && status != 3)
            fail_msg("%s is frozen, and status ends with %d", servers[i].kind, status);
        cJSON_Delete(root);
        lab_wait_state("sources", servers[i].kind, "state", "fresh", 60);
    }
}

/* ---- do: refusals change nothing */

static void test_refusals(void **state)
{
    (void)state;
    lab_audit_clear();
    int status;
    char *before = lab_ask(&status, "connector.sh", "status", "shop-s3", NULL);
    does(1, "refused", DO("restart", "no-such-connector", "--yes", "no-such-connector"));
    does(1, "does not name", DO("restart", "shop-s3", "--all", "--yes", "shop-source"));
    does(1, "--yes", DO("pause", "shop-s3"));
    does(1, "refused", DO("drop-slot", "dbz_shop", "--yes", "dbz_shop"));
    does(1, "refused", DO("drop-slot", "no_such_slot", "--yes", "no_such_slot"));
    does(1, "refused", DO("snapshot", "public.no_such_table", "--yes", "shop-source"));
    does(1, "read-only", DO("restart", "shop-s3", "--all", "--read-only", "--yes", "shop-s3"));
    does(2, "frobnicate", DO("frobnicate", "shop-s3"));
    char *after = lab_ask(&status, "connector.sh", "status", "shop-s3", NULL);
    assert_string_equal(before, after);
    assert_string_equal(
        ask_sql(lab_port(), "shop",
                "select count(*) from pg_replication_slots where slot_name = 'dbz_shop'"),
        "1");
    free(before);
    free(after);
}

static void test_dry_run_prints_the_request_and_sends_nothing(void **state)
{
    (void)state;
    lab_audit_clear();
    does(0, "/connectors/shop-s3/restart?includeTasks=true",
         DO("restart", "shop-s3", "--all", "--dry-run"));
    does(0, "/connectors/shop-s3/pause", DO("pause", "shop-s3", "--dry-run"));
    does(0, "execute-snapshot", DO("snapshot", "public.customers", "--dry-run"));
    assert_int_equal(audit_lines(), 0);
    int status;
    char *states = lab_ask(&status, "connector.sh", "status", "shop-s3", NULL);
    assert_null(strstr(states, "PAUSED"));
    free(states);
}

/* ---- record */

static void test_a_recording_of_all_servers_plays(void **state)
{
    (void)state;
    int status;
    char dir[100], path[128];
    keep_dir(dir, sizeof(dir), "record");
    (void)snprintf(path, sizeof(path), "%s/a.zst", dir);
    char *text = lab_cdctop(&status, (const char *const[]){"record", path, "--for", "5s", NULL});
    if (status != 0)
        fail_msg("record: exit %d:\n%s", status, text);
    free(text);
    const char *argv[] = {rig_program(), "status", "--json", "--replay", path, NULL};
    text = rig_run(argv, NULL, 60, &status);
    has(text, "dbz_shop"); /* what is of each server */
    has(text, "shop.public.orders");
    has(text, "shop-source");
    has(text, "topics/shop.public.orders");
    free(text);
    keep_file(path);
    (void)rmdir(dir);
}

/* ---- do: for real */

static void test_restart_is_audited(void **state)
{
    (void)state;
    lab_may_break();
    lab_audit_clear();
    does(0, "shop-s3", DO("restart", "shop-s3", "--all", "--yes", "shop-s3"));
    char *text = lab_audit_text();
    assert_true(audit_lines() >= 2); /* before it is sent, and the outcome */
    has(text, "\"restart\"");
    has(text, "shop-s3");
    hasnt(text, "labsecret12345678");
    struct stat st;
    assert_int_equal(stat(lab_audit_path(), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    /* each line is JSON of its own */
    for (char *line = text; *line != '\0';) {
        char *end = strchr(line, '\n');
        struct err err = ERR_INIT;
        cJSON *json = json_parse(line, (size_t)(end - line), &err);
        assert_non_null(json);
        cJSON_Delete(json);
        line = end + 1;
    }
    free(text);
}

static void test_nothing_is_sent_that_cannot_be_audited(void **state)
{
    (void)state;
    lab_may_break();
    int status;
    const char *path = lab_audit_path();
    lab_audit_clear();
    /* a directory in its place */
    char *dir = strdup(path);
    *strrchr(dir, '/') = '\0';
    (void)mkdir(dir, 0700);
    assert_int_equal(mkdir(path, 0700), 0);
    char *text = lab_cdctop(&status, DO("pause", "shop-s3", "--yes", "shop-s3"));
    (void)remove(path);
    if (status == 0)
        fail_msg("sent without an audit record:\n%s", text);
    free(text);
    free(dir);
    char *states = lab_ask(&status, "connector.sh", "status", "shop-s3", NULL);
    assert_null(strstr(states, "PAUSED"));
    free(states);
}

static void test_pause_resume_stop_resume(void **state)
{
    (void)state;
    lab_may_break();
    does(0, "", DO("pause", "shop-s3", "--yes", "shop-s3"));
    lab_script("connector.sh", "wait", "shop-s3", "PAUSED PAUSED", "90", NULL);
    does(0, "", DO("resume", "shop-s3", "--yes", "shop-s3"));
    lab_script("connector.sh", "wait", "shop-s3", "RUNNING RUNNING", "90", NULL);
    does(0, "", DO("stop", "shop-s3", "--yes", "shop-s3"));
    lab_script("connector.sh", "wait", "shop-s3", "STOPPED", "90", NULL);
    does(0, "", DO("resume", "shop-s3", "--yes", "shop-s3"));
    lab_script("connector.sh", "wait", "shop-s3", "RUNNING RUNNING", "90", NULL);
}

static void test_a_restart_on_top_of_the_cause_is_no_success(void **state)
{
    (void)state;
    lab_may_break();
    lab_script("connector.sh", "set", "shop-s3", "aws.secret.access.key=wrong", NULL);
    lab_script("connector.sh", "wait", "shop-s3", "RUNNING FAILED", "90", NULL);
    int status;
    cJSON *root = lab_status(&status, PATIENT);
    const cJSON *sink = json_item(root, "connectors", "name", "shop-s3");
    assert_int_equal(status, 2);
    has(json_str(sink, "cause", ""), "Signature");
    cJSON_Delete(root);
    /* as long as the cause is there it fails again, and that is no success */
    does(1, "", DO("restart", "shop-s3", "--yes", "shop-s3"));
    lab_script("connector.sh", "set", "shop-s3", "aws.secret.access.key=labsecret12345678", NULL);
    /* a new configuration starts the tasks by itself */
    lab_script("connector.sh", "wait", "shop-s3", "RUNNING RUNNING", "60", NULL);
}

static void test_a_stale_slot_is_dropped(void **state)
{
    (void)state;
    lab_may_break();
    int port = lab_port();
    run_sql(port, "shop", "select pg_create_logical_replication_slot('old_export', 'pgoutput')");
    run_sql(port, "shop", "select pg_create_physical_replication_slot('standby1', true)");
    does(1, "refused", DO("drop-slot", "standby1", "--yes", "standby1"));
    does(0, "pg_drop_replication_slot", DO("drop-slot", "old_export", "--dry-run"));
    assert_string_equal(ask_sql(port, "shop",
                                "select count(*) from pg_replication_slots where slot_name in "
                                "('old_export', 'standby1')"),
                        "2");
    does(0, "old_export", DO("drop-slot", "old_export", "--yes", "old_export"));
    assert_string_equal(ask_sql(port, "shop",
                                "select count(*) from pg_replication_slots where slot_name = "
                                "'old_export'"),
                        "0");
    run_sql(port, "shop", "select pg_drop_replication_slot('standby1')");
}

static void test_a_snapshot_while_rows_arrive(void **state)
{
    (void)state;
    lab_may_break();
    does(0, "customers", DO("snapshot", "public.customers", "--yes", "shop-source"));
    does(0, "orders",
         DO("snapshot", "public.orders", "--filter", "id % 10 = 0", "--yes", "shop-source"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status_json_has_its_documented_form),
        cmocka_unit_test(test_status_tells_what_the_servers_tell),
        cmocka_unit_test(test_the_exit_code_is_the_verdict),
        cmocka_unit_test(test_no_secret_is_printed),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_dry_run_prints_the_request_and_sends_nothing),
        cmocka_unit_test(test_a_recording_of_all_servers_plays),
        cmocka_unit_test(test_restart_is_audited),
        cmocka_unit_test(test_nothing_is_sent_that_cannot_be_audited),
        cmocka_unit_test(test_pause_resume_stop_resume),
        cmocka_unit_test(test_a_stale_slot_is_dropped),
        cmocka_unit_test(test_a_snapshot_while_rows_arrive),
        cmocka_unit_test(test_a_restart_on_top_of_the_cause_is_no_success),
        cmocka_unit_test_setup_teardown(test_status_with_a_frozen_server_is_unknown, NULL,
                                        lab_heal_after),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
