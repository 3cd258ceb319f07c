/* Logging in as RDS has it, at a server that is no RDS: what a refused token, a way without TLS and
 * a rotated password lead to; and a server that refuses to tell its position, as Aurora does. */
#include "action/pg_slot.h"
#include "aws/aws.h"
#include "aws/login.h"
#include "base/clock.h"
#include "base/lsn.h"
#include "base/mem.h"
#include "config/options.h"
#include "net/pgconn.h"
#include "tests/check.h"
#include "tests/live/postgres_help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VERSION = 17, PLENTY_MS = 20000 };

static struct test_server server;

static int setup(void **state)
{
    (void)state;
    if (!server_up(&server, VERSION))
        return -1;
    run_sql(server.port, "postgres", "CREATE ROLE cdctop LOGIN PASSWORD 'cdctop'");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    server_down(&server);
    return 0;
}

static void set(struct pipeline_config *cfg, enum option_section section, const char *key,
                const char *value)
{
    const char *why;
    assert_true(options_set(options_find(section, key), cfg, value, &why));
}

static struct pipeline_config iam_config(const char *more)
{
    struct pipeline_config cfg = {0};
    char conninfo[200];
    options_defaults(true, &cfg);
    (void)snprintf(conninfo, sizeof(conninfo),
                   "host=localhost hostaddr=127.0.0.1 port=%d user=cdctop dbname=postgres %s",
                   server.port, more);
    set(&cfg, SECTION_POSTGRES, "conninfo", conninfo);
    set(&cfg, SECTION_POSTGRES, "login", "rds-iam");
    set(&cfg, SECTION_AWS, "region", "eu-west-3");
    set(&cfg, SECTION_AWS, "access_key_id", "AKIDEXAMPLE");
    set(&cfg, SECTION_AWS, "secret_access_key", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    return cfg;
}

static void refused(const char *more, const char *const *says, size_t n)
{
    struct pipeline_config cfg = iam_config(more);
    struct aws *aws = aws_open(&cfg, -1);
    struct pgconn_params params = {.connect_timeout_ms = PLENTY_MS};
    struct err err = ERR_INIT;
    struct pgconn *conn =
        login_postgres(aws, &cfg.postgres, &params, clock_mono_ms() + PLENTY_MS, -1, &err);
    assert_null(conn);
    for (size_t i = 0; i < n; i++) {
        if (strstr(err.text, says[i]) == NULL)
            fail_msg("no \"%s\" in: %s", says[i], err.text);
    }
    assert_null(strstr(err.text, "X-Amz-Signature"));
    assert_true(aws_close(aws, clock_mono_ms() + PLENTY_MS));
    options_free(true, &cfg);
}

/* Before the server speaks TLS: no token leaves the machine in the clear. */
static void test_no_token_without_tls(void **state)
{
    (void)state;
    static const char *const off[] = {"needs TLS", "global-bundle.pem"};
    static const char *const none[] = {"does not speak TLS"};
    refused("sslmode=disable", off, ARRAY_LEN(off));
    refused("sslmode=prefer", none, ARRAY_LEN(none));
}

static bool run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static bool run(const char *fmt, ...)
{
    char line[600];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(line, sizeof(line), fmt, ap);
    va_end(ap);
    return system(line) == 0;
}

static void test_a_wrong_token_reads_right(void **state)
{
    (void)state;
    static const char *const says[] = {"password authentication failed",
                                       "took the IAM token for a password",
                                       "GRANT rds_iam TO cdctop"};
    assert_true(run("cd %s/data && openssl req -x509 -newkey rsa:2048 -nodes -days 2 "
                    "-subj /CN=localhost -keyout server.key -out server.crt 2>/dev/null && "
                    "chmod 600 server.key && chown --reference=PG_VERSION server.key server.crt",
                    server.dir));
    run_sql(server.port, "postgres", "ALTER SYSTEM SET ssl = on");
    run_sql(server.port, "postgres", "SELECT pg_reload_conf()");
    for (int i = 0; i < 200 && strcmp(ask_sql(server.port, "postgres", "SHOW ssl"), "on") != 0; i++)
        (void)run("sleep 0.1");
    refused("", says, ARRAY_LEN(says));
}

/* The server refuses what Aurora refuses on a reader and while wal_level is not logical. */
static void test_a_position_that_is_refused_breaks_nothing(void **state)
{
    (void)state;
    static const char *const steps[] = {
        "SELECT pg_create_logical_replication_slot('left', 'pgoutput')",
        "ALTER ROLE postgres SET allow_system_table_mods = on",
        "ALTER FUNCTION pg_catalog.pg_last_wal_receive_lsn() RENAME TO pg_was_receive_lsn",
        "CREATE FUNCTION pg_catalog.pg_last_wal_receive_lsn() RETURNS pg_lsn LANGUAGE plpgsql"
        " AS 'BEGIN RAISE EXCEPTION ''not supported for Aurora''; END'",
        "CREATE FUNCTION pg_catalog.aurora_version() RETURNS text LANGUAGE sql"
        " AS 'SELECT ''17.5.1'''",
        "ALTER FUNCTION pg_catalog.pg_is_in_recovery() RENAME TO pg_was_in_recovery",
        "CREATE FUNCTION pg_catalog.pg_is_in_recovery() RETURNS bool LANGUAGE sql AS 'SELECT true'",
    };
    server_prepare(&server, steps, ARRAY_LEN(steps));
    struct err err = ERR_INIT;
    const struct pipeline_config *cfg =
        pg_pipeline(server.port, "postgres", "postgres", "postgres");
    struct snapshot *snap = poll_alone(cfg, &err);
    if (snap == NULL)
        fail_msg("%s", err.text);
    assert_true(snap->pg.lsn_now == LSN_NONE);
    assert_non_null(find_slot(snap, "left"));
    snapshot_free(snap);
    struct pg_call call = {
        .cfg = &cfg->postgres, .deadline_ms = clock_mono_ms() + PLENTY_MS, .stop_fd = -1};
    struct pg_slot_facts facts;
    if (!pg_slot_look(&call, "left", &facts, &err))
        fail_msg("%s", err.text);
    assert_true(facts.lsn_now == LSN_NONE);
    assert_int_equal(facts.retained, UNKNOWN);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_token_without_tls),
        cmocka_unit_test(test_a_wrong_token_reads_right),
        cmocka_unit_test(test_a_position_that_is_refused_breaks_nothing),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
