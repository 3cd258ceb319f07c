/* cdctop check and cdctop init against the real pipeline, and cdctop with nothing but Kafka
 * Connect's address. */
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

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" is not in:\n%s", part, text);
}

/* With only Connect on the command line; env NULL-terminated or NULL. */
static char *with_connect_alone(int *status, const char *const *args, const char *const *env)
{
    struct rig_ports ports = lab_ports();
    struct rig_line line;
    const char *own[16] = {"XDG_CONFIG_HOME=/nonexistent", "PGPASSFILE=/nonexistent"};
    for (size_t i = 0; env != NULL && env[i] != NULL && i < 12; i++)
        own[i + 2] = env[i];
    ports.port[RIG_PG] = ports.port[RIG_KAFKA] = ports.port[RIG_S3] = 0;
    rig_command(&line, &(struct rig_options){.ports = ports, .args = args, .env = own});
    return rig_run(line.argv, line.env, 120, status);
}

static cJSON *parse(char *text)
{
    struct err err = ERR_INIT;
    cJSON *root = json_parse(text, strlen(text), &err);
    if (root == NULL)
        fail_msg("no JSON: %s\n%s", err.text, text);
    free(text);
    return root;
}

static cJSON *check_json(int *status)
{
    return parse(lab_cdctop(status, ARGS("check", "--json", "--wait", "60")));
}

/* The loudest line of that check; NULL. */
static const cJSON *line_of(const cJSON *root, const char *id)
{
    static const char *const order[] = {"ok", "unknown", "warning", "failed"};
    const cJSON *item, *found = NULL;
    int loudest = -1;
    cJSON_ArrayForEach(item, json_get(root, "checks"))
    {
        if (strcmp(json_str(item, "id", ""), id) != 0)
            continue;
        for (int r = 0; r < 4; r++) {
            if (strcmp(json_str(item, "result", ""), order[r]) == 0 && r > loudest) {
                loudest = r;
                found = item;
            }
        }
    }
    return found;
}

static void expect_line(const cJSON *root, const char *id, const char *result)
{
    const cJSON *line = line_of(root, id);
    if (line == NULL)
        fail_msg("%s says nothing", id);
    if (strcmp(json_str(line, "result", ""), result) != 0)
        fail_msg("%s is %s instead of %s: %s", id, json_str(line, "result", ""), result,
                 json_str(line, "evidence", ""));
}

static void test_a_healthy_pipeline_fails_nothing(void **state)
{
    (void)state;
    static const char *const good[] = {
        "postgres.wal_level",
        "postgres.role",
        "postgres.slot",
        "postgres.slots_left",
        "postgres.monitor",
        "publication.exists",
        "publication.tables",
        "heartbeat.table",
        "signal.table",
        "signal.channels",
        "connect.running",
        "connect.converters",
        "sink.tombstones",
        "sink.rotation",
        "sink.path",
        "kafka.leaders",
        "kafka.retention",
        "kafka.internal",
        "s3.list",
        "s3.bucket",
        "clock.skew",
        "tls.used",
    };
    int status;
    cJSON *root = check_json(&status);
    const cJSON *item;
    cJSON_ArrayForEach(item, json_get(root, "checks"))
    {
        if (strcmp(json_str(item, "result", ""), "failed") == 0)
            fail_msg("%s %s: %s", json_str(item, "id", ""), json_str(item, "object", ""),
                     json_str(item, "evidence", ""));
    }
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        expect_line(root, good[i], "ok");
    /* The lab's passwords stand in its connectors' configs, and a table has no key. */
    expect_line(root, "connect.secrets", "warning");
    expect_line(root, "publication.primary_keys", "warning");
    assert_int_equal(status, 1);
    cJSON_Delete(root);
}

static void test_it_is_told_in_every_form_without_a_secret(void **state)
{
    (void)state;
    int status;
    char path[] = "/tmp/cdctop-junit.XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    (void)close(fd);
    char *text = lab_cdctop(&status, ARGS("check", "--junit", path));
    has(text, "wal_level is logical");
    has(text, " 0 failed");
    has(text, "\"database.password\": \"${file:");
    assert_null(strstr(text, "labsecret12345678"));
    free(text);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_true(st.st_size > 1000);
    keep_file(path);
    text = lab_cdctop(&status, ARGS("check", "--junit", "-"));
    assert_int_equal(strncmp(text, "<?xml", 5), 0);
    has(text, "<testsuites name=\"cdctop check\"");
    has(text, "failures=\"0\"");
    has(text, "</testsuites>");
    assert_null(strstr(text, "labsecret12345678"));
    free(text);
}

static void test_the_fix_that_it_prints_mends(void **state)
{
    (void)state;
    lab_may_break();
    int status;
    run_sql(lab_port(), "shop", "ALTER PUBLICATION dbz_pub DROP TABLE customers");
    cJSON *root = check_json(&status);
    char fix[400];
    expect_line(root, "publication.tables", "failed");
    (void)snprintf(fix, sizeof(fix), "%s",
                   json_str(line_of(root, "publication.tables"), "fix", ""));
    run_sql(lab_port(), "shop",
            "ALTER PUBLICATION dbz_pub SET TABLE orders, nopk, debezium_signal, "
            "heartbeat");
    assert_int_equal(status, 2);
    assert_string_equal(fix, "ALTER PUBLICATION dbz_pub ADD TABLE public.customers;");
    cJSON_Delete(root);
    run_sql(lab_port(), "shop", fix);
    root = check_json(&status);
    expect_line(root, "publication.tables", "ok");
    assert_int_equal(status, 1);
    cJSON_Delete(root);
}

static void test_a_role_without_its_rights_is_named(void **state)
{
    (void)state;
    lab_may_break();
    int status;
    run_sql(lab_port(), "shop", "ALTER ROLE dbz NOREPLICATION");
    run_sql(lab_port(), "shop", "ALTER TABLE public.customers REPLICA IDENTITY NOTHING");
    cJSON *root = check_json(&status);
    run_sql(lab_port(), "shop", "ALTER TABLE public.customers REPLICA IDENTITY DEFAULT");
    run_sql(lab_port(), "shop", "ALTER ROLE dbz REPLICATION");
    expect_line(root, "postgres.role", "failed");
    expect_line(root, "publication.replica_identity", "failed");
    assert_string_equal(json_str(line_of(root, "postgres.role"), "fix", ""),
                        "ALTER ROLE dbz REPLICATION;");
    cJSON_Delete(root);
}

static void test_a_sink_that_never_closes_its_files_is_named(void **state)
{
    (void)state;
    lab_may_break();
    int status;
    lab_script("connector.sh", "set", "shop-s3",
               "rotate.schedule.interval.ms=", "errors.tolerance=all", NULL);
    cJSON *root = check_json(&status);
    lab_script("connector.sh", "set", "shop-s3", "rotate.schedule.interval.ms=10000",
               "errors.tolerance=", NULL);
    lab_script("connector.sh", "wait", "shop-s3", "RUNNING RUNNING", "60", NULL);
    expect_line(root, "sink.rotation", "warning");
    expect_line(root, "connect.bad_records", "warning");
    cJSON_Delete(root);
}

/* ---- nothing but Connect */

static const char *const pg_password[] = {"PGPASSWORD=lab-password-of-dbz", NULL};

static void expect_fresh(const cJSON *root, int wanted)
{
    const cJSON *item;
    int fresh = 0;
    cJSON_ArrayForEach(item, json_get(root, "sources"))
    {
        bool good = strcmp(json_str(item, "state", ""), "fresh") == 0;
        fresh += good;
        if (!good && wanted == 4)
            fail_msg("%s is %s: %s", json_str(item, "kind", ""), json_str(item, "state", ""),
                     json_str(item, "error", ""));
    }
    assert_int_equal(fresh, wanted);
}

static void test_connect_alone_shows_the_whole_pipeline(void **state)
{
    (void)state;
    int status;
    cJSON *root =
        parse(with_connect_alone(&status, ARGS("status", "--json", "--wait", "60"), pg_password));
    expect_fresh(root, 4);
    assert_non_null(json_item(root, "slots", "name", "dbz_shop"));
    assert_non_null(json_item(root, "topics", "name", "shop.public.orders"));
    assert_non_null(json_item(root, "groups", "name", "connect-shop-s3"));
    const cJSON *prefix = json_item(root, "prefixes", "name", "shop.public.orders");
    assert_true(cJSON_IsString(json_get(prefix, "newest")));
    cJSON_Delete(root);
}

static void test_without_the_password_it_says_what_is_wanted(void **state)
{
    (void)state;
    int status;
    char *text = with_connect_alone(&status, ARGS("status"), NULL);
    has(text, "wants a password");
    has(text, "PGPASSWORD");
    assert_int_equal(status, 3);
    free(text);
}

/* ---- init */

static void test_init_writes_what_status_then_reads(void **state)
{
    (void)state;
    char dir[] = "/tmp/cdctop-init.XXXXXX", path[64];
    int status;
    struct stat st;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof(path), "%s/new/config.toml", dir);
    char *text = with_connect_alone(&status, ARGS("init", "--output", path), NULL);
    if (status != 0)
        fail_msg("init: exit %d\n%s", status, text);
    has(text, "dbname=shop");
    has(text, "slot dbz_shop, publication dbz_pub");
    has(text, "s3://cdc-archive");
    has(text, "CDCTOP_PG_PASSWORD");
    free(text);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    /* what is there is not overwritten unless told to */
    text = with_connect_alone(&status, ARGS("init", "--output", path), NULL);
    assert_int_equal(status, 2);
    has(text, "--force");
    free(text);
    text = with_connect_alone(&status, ARGS("init", "--output", path, "--force"), NULL);
    assert_int_equal(status, 0);
    free(text);
    /* and with the passwords in the environment it is a whole configuration */
    const char *program = rig_program();
    static const char *const env[] = {"CDCTOP_PG_PASSWORD=lab-password-of-dbz",
                                      "AWS_ACCESS_KEY_ID=labaccess",
                                      "AWS_SECRET_ACCESS_KEY=labsecret12345678", NULL};
    text = rig_run(ARGS(program, "status", "--json", "--config", path, "--wait", "60"), env, 120,
                   &status);
    cJSON *root = parse(text);
    expect_fresh(root, 4);
    assert_string_equal(json_str(root, "pipeline", ""), "shop");
    cJSON_Delete(root);
    keep_file(path);
    *strrchr(path, '/') = '\0';
    (void)rmdir(path);
    (void)rmdir(dir);
}

static void test_init_prints_no_secret_and_needs_connect(void **state)
{
    (void)state;
    int status;
    char *text = lab_cdctop(&status, ARGS("init", "--output", "-"));
    assert_int_equal(status, 0);
    has(text, "password = \"${env:CDCTOP_PG_PASSWORD}\"");
    assert_null(strstr(text, "labsecret12345678"));
    assert_null(strstr(text, "lab-password-of"));
    free(text);
    const char *program = rig_program();
    text = rig_run(ARGS(program, "init", "--connect", "http://127.0.0.1:1", "--output", "-"), NULL,
                   60, &status);
    assert_int_equal(status, 1);
    has(text, "refused");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_healthy_pipeline_fails_nothing),
        cmocka_unit_test(test_it_is_told_in_every_form_without_a_secret),
        cmocka_unit_test(test_connect_alone_shows_the_whole_pipeline),
        cmocka_unit_test(test_without_the_password_it_says_what_is_wanted),
        cmocka_unit_test(test_init_writes_what_status_then_reads),
        cmocka_unit_test(test_init_prints_no_secret_and_needs_connect),
        cmocka_unit_test(test_the_fix_that_it_prints_mends),
        cmocka_unit_test(test_a_role_without_its_rights_is_named),
        cmocka_unit_test(test_a_sink_that_never_closes_its_files_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
