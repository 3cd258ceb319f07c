/* Slots and signals as the actions use them, on a server of the test's own. */
#include "action/pg_signal.h"
#include "action/pg_slot.h"
#include "base/clock.h"
#include "base/lsn.h"
#include "base/mem.h"
#include "tests/check.h"
#include "tests/live/postgres_help.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { VERSION = 17 };

static struct test_server server;

static int setup(void **state)
{
    (void)state;
    static const char *const steps[] = {
        "CREATE ROLE operator LOGIN REPLICATION PASSWORD 'operator'",
        "CREATE ROLE viewer LOGIN PASSWORD 'viewer'",
        /* A cautious administrator's default: an action must be able to write all the same. */
        "ALTER ROLE operator SET default_transaction_read_only = on",
        "CREATE TABLE orders (id int PRIMARY KEY, v text)",
        "CREATE TABLE bare (v text)",
        "INSERT INTO orders SELECT g, 'x' FROM generate_series(1, 100) g",
        "ANALYZE orders",
        "CREATE TABLE sig (id varchar(64) PRIMARY KEY, type varchar(32), data varchar(2048))",
        "CREATE PUBLICATION pub FOR TABLE orders, sig",
        "CREATE PUBLICATION without FOR TABLE orders",
        "GRANT INSERT ON sig TO operator",
        "SELECT pg_create_logical_replication_slot('old', 'pgoutput')",
        "SELECT pg_create_physical_replication_slot('standby', true)",
        "INSERT INTO orders SELECT g, repeat('x', 1000) FROM generate_series(101, 1000) g",
    };
    if (!server_up(&server, VERSION))
        return -1;
    server_prepare(&server, steps, ARRAY_LEN(steps));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    server_down(&server);
    return 0;
}

static void expect_refusal(const char *user, const char *slot, enum err_kind kind,
                           const char *piece)
{
    struct pg_call call = server_call(&server, user);
    struct err err = ERR_INIT;
    bool dropped = pg_slot_drop(&call, slot, NULL, &err);
    assert_false(dropped);
    if (err.kind != kind || strstr(err.text, piece) == NULL)
        fail_msg("drop %s: %s '%s'", slot, err_kind_name(err.kind), err.text);
}

static void expect_exists(const char *slot, bool expected)
{
    struct pg_call call = server_call(&server, "operator");
    struct err err = ERR_INIT;
    bool exists = !expected;
    if (!pg_slot_exists(&call, slot, &exists, &err))
        fail_msg("%s", err.text);
    assert_int_equal(exists, expected);
}

static void test_slot_is_dropped(void **state)
{
    (void)state;
    struct pg_call call = server_call(&server, "operator");
    struct pg_slot_facts facts;
    struct err err = ERR_INIT;
    if (!pg_slot_look(&call, "old", &facts, &err))
        fail_msg("%s", err.text);
    assert_string_equal(facts.type, "logical");
    assert_string_equal(facts.plugin, "pgoutput");
    assert_int_equal(facts.active, TRI_NO);
    assert_int_equal(facts.synced, TRI_NO);
    assert_int_equal(facts.in_recovery, TRI_NO);
    assert_true(facts.retained > 100000);
    assert_true(facts.unconfirmed > 100000);
    assert_true(facts.frees >= 0 && facts.frees <= facts.retained);
    expect_exists("old", true);
    if (!pg_slot_drop(&call, "old", &facts, &err))
        fail_msg("%s", err.text);
    assert_string_equal(facts.name, "old");
    expect_exists("old", false);
    expect_refusal("operator", "old", ERR_NOTFOUND, "no replication slot \"old\"");
}

static void test_frees_nothing_that_another_slot_keeps(void **state)
{
    (void)state;
    run_sql(server.port, "postgres", "SELECT pg_copy_logical_replication_slot('old', 'twin')");
    run_sql(server.port, "postgres",
            "INSERT INTO orders SELECT g, repeat('x', 1000) FROM generate_series(1001, 2000) g");
    struct pg_call call = server_call(&server, "operator");
    struct pg_slot_facts facts;
    assert_true(pg_slot_look(&call, "old", &facts, NULL));
    assert_true(facts.retained > 1000000);
    assert_true(facts.frees < facts.retained / 2);
}

static void test_refusals_leave_the_slot(void **state)
{
    (void)state;
    expect_refusal("operator", "standby", ERR_DENIED, "physical");
    expect_refusal("operator", "nosuch", ERR_NOTFOUND, "no replication slot \"nosuch\"");
    expect_refusal("viewer", "old", ERR_DENIED, "not permitted");
    struct pg_call call = server_call(&server, "operator");
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(write(fds[1], "x", 1), 1);
    call.stop_fd = fds[0];
    struct err err = ERR_INIT;
    assert_false(pg_slot_drop(&call, "old", NULL, &err));
    assert_int_equal(err.kind, ERR_STOPPED);
    (void)close(fds[0]);
    (void)close(fds[1]);
    expect_exists("old", true);
    expect_exists("standby", true);
}

/* pg_recvlogical on the slot "old", as a consumer would; kill it by the pid. */
static pid_t start_consumer(void)
{
    char url[200];
    (void)snprintf(url, sizeof(url), "postgresql://postgres:postgres@127.0.0.1:%d/postgres",
                   server.port);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)execlp("pg_recvlogical", "pg_recvlogical", "-d", url, "-S", "old", "--start", "-n",
                     "-o", "proto_version=1", "-o", "publication_names=pub", "-f", "/dev/null",
                     (char *)NULL);
        _exit(127);
    }
    return pid;
}

static bool becomes(const char *sql, const char *expected)
{
    for (int64_t until = clock_mono_ms() + 20000; clock_mono_ms() < until; usleep(50000)) {
        if (strcmp(ask_sql(server.port, "postgres", sql), expected) == 0)
            return true;
    }
    return false;
}

static void test_used_slot_is_refused_until_it_is_left(void **state)
{
    (void)state;
    static const char active_sql[] =
        "SELECT active::text FROM pg_replication_slots WHERE slot_name = 'old'";
    pid_t consumer = start_consumer();
    bool was_active = becomes(active_sql, "true");
    struct pg_call call = server_call(&server, "operator");
    struct err err = ERR_INIT;
    bool dropped = pg_slot_drop(&call, "old", NULL, &err);
    (void)kill(consumer, SIGTERM);
    (void)waitpid(consumer, NULL, 0);
    assert_true(was_active);
    assert_false(dropped);
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_non_null(strstr(err.text, "in use by process"));
    assert_true(becomes(active_sql, "false"));
    call = server_call(&server, "operator");
    if (!pg_slot_drop(&call, "old", NULL, &err))
        fail_msg("%s", err.text);
}

static void test_temporary_slot_is_refused(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct pgconn_params params = {
        .conninfo = pg_pipeline(server.port, "postgres", "postgres", "postgres")->postgres.conninfo,
        .password = "postgres",
        .read_write = true};
    struct pgconn *holder = pgconn_open(&params, clock_mono_ms() + 10000, -1, &err);
    if (holder == NULL)
        fail_msg("%s", err.text);
    struct arena *arena = arena_new();
    assert_non_null(pgconn_query(
        holder, arena, "SELECT pg_create_logical_replication_slot('temp', 'pgoutput', true)", NULL,
        0, &err));
    expect_refusal("operator", "temp", ERR_DENIED, "temporary");
    arena_free(arena);
    pgconn_close(holder);
}

static void test_standby_refuses(void **state)
{
    (void)state;
    char path[100];
    (void)snprintf(path, sizeof(path), "%s/data/standby.signal", server.dir);
    server_stop(&server);
    int fd = open(path, O_CREAT | O_WRONLY, 0644);
    assert_true(fd >= 0);
    (void)close(fd);
    assert_true(server_again(&server, VERSION));
    expect_refusal("operator", "old", ERR_DENIED, "standby");
    struct err err = ERR_INIT;
    struct snapshot *snap =
        poll_alone(pg_pipeline(server.port, "postgres", "postgres", "postgres"), &err);
    if (snap == NULL)
        fail_msg("%s", err.text);
    assert_int_equal(snap->pg.in_recovery, TRI_YES);
    assert_true(snap->pg.lsn_now != LSN_NONE);
    assert_true(find_slot(snap, "old")->retained >= 0);
    snapshot_free(snap);
}

static void test_signal_is_checked_and_sent(void **state)
{
    (void)state;
    struct pg_call call = server_call(&server, "operator");
    struct pg_signal_facts facts;
    struct err err = ERR_INIT;
    if (!pg_signal_check(&call, "public.sig", "pub", &facts, &err))
        fail_msg("%s", err.text);
    assert_int_equal(facts.nfaults, 0);
    assert_int_equal(facts.exists, TRI_YES);
    assert_int_equal(facts.may_insert, TRI_YES);
    assert_int_equal(facts.published, TRI_YES);
    assert_int_equal(facts.data_max, 2048);
    const char *data = "{\"data-collections\":[\"public.orders\"],\"type\":\"it's \\\\ \"}";
    if (!pg_signal_insert(&call, "public.sig", "s1", "execute-snapshot", data, &err))
        fail_msg("%s", err.text);
    assert_string_equal(ask_sql(server.port, "postgres", "SELECT data FROM sig WHERE id = 's1'"),
                        data);
    /* What the preview shows does the same. */
    struct strbuf sql;
    strbuf_init(&sql, 4000);
    assert_true(pg_signal_sql(&sql, "public.sig", "s2", "execute-snapshot", data, &err));
    run_sql(server.port, "postgres", sql.text);
    strbuf_free(&sql);
    assert_string_equal(ask_sql(server.port, "postgres", "SELECT data FROM sig WHERE id = 's2'"),
                        data);
    assert_false(pg_signal_insert(&call, "public.sig", "s1", "execute-snapshot", data, &err));
    assert_int_equal(err.kind, ERR_SERVER); /* the id is taken */
}

static void test_signal_faults_name_their_cure(void **state)
{
    (void)state;
    static const struct {
        const char *user, *table, *publication, *what, *fix;
    } cases[] = {
        {"operator", "public.nosuch", "pub",     "does not exist",
         "CREATE TABLE \"public\".\"nosuch\" (id varchar(64) PRIMARY KEY, type varchar(32) NOT "
         "NULL, data text)"                                                                    },
        {"operator", "nosuch.sig",    "pub",     "does not exist",
         "CREATE TABLE \"nosuch\".\"sig\" (id varchar(64) PRIMARY KEY, type varchar(32) NOT NULL, "
         "data text)"                                                                          },
        {"viewer",   "public.sig",    "pub",     "viewer may not insert into public.sig",
         "GRANT INSERT ON \"public\".\"sig\" TO viewer"                                        },
        {"operator", "public.sig",    "without", "does not publish inserts into public.sig",
         "ALTER PUBLICATION \"without\" ADD TABLE \"public\".\"sig\""                          },
        {"operator", "public.sig",    "nosuch",  "there is no publication nosuch",           ""},
        {"operator", "public.bare",   "",        "has not the columns id, type and data",    ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct pg_call call = server_call(&server, cases[i].user);
        struct pg_signal_facts facts;
        struct err err = ERR_INIT;
        if (!pg_signal_check(&call, cases[i].table, cases[i].publication, &facts, &err))
            fail_msg("%s", err.text);
        assert_int_equal(facts.nfaults, 1);
        if (strstr(facts.faults[0].what, cases[i].what) == NULL)
            fail_msg("'%s' does not say '%s'", facts.faults[0].what, cases[i].what);
        assert_string_equal(facts.faults[0].fix, cases[i].fix);
        if (facts.faults[0].fix[0] != '\0') {
            run_sql(server.port, "postgres",
                    i == 1 ? "CREATE SCHEMA nosuch" : "SELECT 1"); /* so that the cure can work */
            run_sql(server.port, "postgres", facts.faults[0].fix);
        }
    }
    struct pg_call call = server_call(&server, "viewer");
    struct err err = ERR_INIT;
    assert_false(pg_signal_insert(&call, "nosuch.sig", "x", "log", "{}", &err));
    assert_int_equal(err.kind, ERR_DENIED);
    assert_non_null(strstr(err.text, "nosuch"));
}

static void test_tables_to_snapshot(void **state)
{
    (void)state;
    static const char *const tables[] = {"public.orders", "public.bare", "public.nosuch", "junk"};
    struct pg_table_facts facts[4];
    struct pg_call call = server_call(&server, "operator");
    struct err err = ERR_INIT;
    if (!pg_tables_check(&call, tables, 4, "pub", facts, &err))
        fail_msg("%s", err.text);
    assert_int_equal(facts[0].exists, TRI_YES);
    assert_int_equal(facts[0].has_pk, TRI_YES);
    assert_int_equal(facts[0].published, TRI_YES);
    assert_int_equal(facts[0].replica_identity, 'd');
    assert_int_equal(facts[0].live_rows, 100);
    assert_int_equal(facts[1].exists, TRI_YES);
    assert_int_equal(facts[1].has_pk, TRI_NO);
    assert_int_equal(facts[1].published, TRI_NO);
    assert_true(facts[1].live_rows == UNKNOWN);
    assert_int_equal(facts[2].exists, TRI_NO);
    assert_int_equal(facts[3].exists, TRI_NO);
}

#define ON_A_SERVER(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_A_SERVER(test_slot_is_dropped),
        ON_A_SERVER(test_frees_nothing_that_another_slot_keeps),
        ON_A_SERVER(test_refusals_leave_the_slot),
        ON_A_SERVER(test_used_slot_is_refused_until_it_is_left),
        ON_A_SERVER(test_temporary_slot_is_refused),
        ON_A_SERVER(test_standby_refuses),
        ON_A_SERVER(test_signal_is_checked_and_sent),
        ON_A_SERVER(test_signal_faults_name_their_cure),
        ON_A_SERVER(test_tables_to_snapshot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
