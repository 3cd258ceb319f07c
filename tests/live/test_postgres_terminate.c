/* Ending sessions on a server of the test's own: who may be ended, by whom, and what is seen. */
#include "action/pg_terminate.h"
#include "base/clock.h"
#include "base/mem.h"
#include "model/pg_session.h"
#include "tests/check.h"
#include "tests/live/postgres_help.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { VERSION = 17 };

static struct test_server server;

static int setup(void **state)
{
    (void)state;
    static const char *const steps[] = {
        "CREATE ROLE operator LOGIN PASSWORD 'operator'",
        "GRANT pg_monitor, pg_signal_backend TO operator",
        "CREATE ROLE viewer LOGIN PASSWORD 'viewer'",
        "GRANT pg_monitor TO viewer",
        "CREATE ROLE batch LOGIN PASSWORD 'batch'",
        "CREATE TABLE orders (id int PRIMARY KEY, v text)",
        "GRANT ALL ON orders TO batch, operator",
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

/* A session with an open transaction that has written. */
static struct pgconn *open_session(const char *user, const char *app, int *pid)
{
    struct err err = ERR_INIT;
    struct pgconn_params params = {
        .conninfo = pg_pipeline(server.port, user, user, "postgres")->postgres.conninfo,
        .password = user,
        .read_write = true};
    struct pgconn *conn = pgconn_open(&params, clock_mono_ms() + 10000, -1, &err);
    if (conn == NULL)
        fail_msg("%s", err.text);
    struct arena *arena = arena_new();
    const char *name[] = {app};
    assert_non_null(pgconn_query(conn, arena, "SELECT set_config('application_name', $1, false)",
                                 name, 1, &err));
    assert_non_null(pgconn_query(conn, arena, "BEGIN", NULL, 0, &err));
    assert_non_null(pgconn_query(conn, arena, "INSERT INTO orders VALUES (pg_backend_pid(), 'x')",
                                 NULL, 0, &err));
    struct pgrows *rows = pgconn_query(conn, arena, "SELECT pg_backend_pid() AS p", NULL, 0, &err);
    *pid = (int)pgrows_int(rows, 0, 0, 0);
    arena_free(arena);
    return conn;
}

static struct pg_session seen_by(const char *user, int pid)
{
    struct err err = ERR_INIT;
    struct pg_session s;
    struct snapshot *snap = poll_alone(pg_pipeline(server.port, user, user, "postgres"), &err);
    if (snap == NULL)
        fail_msg("%s", err.text);
    assert_true(pg_session_find(&snap->pg, pid, &s));
    s.user = s.application_name = s.client_addr = s.state = s.query = s.type = NULL;
    snapshot_free(snap);
    return s;
}

static void test_a_session_is_ended_and_its_work_rolled_back(void **state)
{
    (void)state;
    int pid;
    bool gone = false;
    struct err err = ERR_INIT;
    struct pgconn *session = open_session("batch", "nightly", &pid);
    struct pg_session s = seen_by("operator", pid);
    assert_int_equal(s.superuser, TRI_NO);
    assert_int_equal(s.may_signal, TRI_YES);
    struct pg_call call = server_call(&server, "operator");
    if (!pg_terminate(&call, pid, s.backend_start_ms, &gone, &err))
        fail_msg("%s", err.text);
    assert_true(gone);
    assert_string_equal(ask_sql(server.port, "postgres", "SELECT count(*) FROM orders"), "0");
    call = server_call(&server, "operator");
    assert_false(pg_terminate(&call, pid, s.backend_start_ms, &gone, &err));
    assert_int_equal(err.kind, ERR_NOTFOUND);
    pgconn_close(session);
}

static void test_a_pid_that_came_to_another_session_is_not_hit(void **state)
{
    (void)state;
    int pid;
    bool gone;
    struct err err = ERR_INIT;
    struct pgconn *session = open_session("batch", "nightly", &pid);
    struct pg_session s = seen_by("operator", pid);
    struct pg_call call = server_call(&server, "operator");
    assert_false(pg_terminate(&call, pid, s.backend_start_ms - 1, &gone, &err));
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_non_null(strstr(err.text, "another session now"));
    struct arena *arena = arena_new();
    assert_non_null(pgconn_query(session, arena, "COMMIT", NULL, 0, &err));
    arena_free(arena);
    pgconn_close(session);
}

static void test_superusers_our_own_and_those_without_the_right_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *victim, *app, *user, *why;
    } cases[] = {
        {"postgres", "psql",    "operator", "superuser"                        },
        {"batch",    "nightly", "viewer",   "GRANT pg_signal_backend TO viewer"},
        {"operator", "cdctop",  "operator", "cdctop's own session"             },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int pid;
        bool gone;
        struct err err = ERR_INIT;
        struct pgconn *session = open_session(cases[i].victim, cases[i].app, &pid);
        struct pg_session s = seen_by("operator", pid);
        struct pg_call call = server_call(&server, cases[i].user);
        assert_false(pg_terminate(&call, pid, s.backend_start_ms, &gone, &err));
        assert_int_equal(err.kind, ERR_DENIED);
        if (strstr(err.text, cases[i].why) == NULL)
            fail_msg("'%s' does not say '%s'", err.text, cases[i].why);
        struct arena *arena = arena_new();
        assert_non_null(pgconn_query(session, arena, "ROLLBACK", NULL, 0, &err)); /* it lives */
        arena_free(arena);
        pgconn_close(session);
    }
}

static void test_what_the_preview_shows_does_the_same(void **state)
{
    (void)state;
    int pid;
    struct pgconn *session = open_session("batch", "nightly", &pid);
    struct pg_session s = seen_by("operator", pid);
    struct strbuf sql;
    strbuf_init(&sql, 1000);
    pg_terminate_sql(&sql, pid, s.backend_start_ms);
    assert_string_equal(ask_sql(server.port, "postgres", sql.text), "t");
    strbuf_free(&sql);
    pgconn_close(session);
}

static void test_who_waits_and_for_whom_is_read(void **state)
{
    (void)state;
    int pid;
    struct pgconn *session = open_session("batch", "nightly", &pid);
    struct err err = ERR_INIT;
    struct pg_session s;
    struct snapshot *snap =
        poll_alone(pg_pipeline(server.port, "viewer", "viewer", "postgres"), &err);
    assert_non_null(snap);
    assert_true(pg_session_find(&snap->pg, pid, &s));
    assert_int_equal(s.may_signal, TRI_NO);
    assert_string_equal(s.user, "batch");
    assert_string_equal(s.type, "client backend");
    char why[PG_SESSION_WHY];
    assert_string_equal(pg_session_refusal(&s, "viewer", why, sizeof(why)),
                        "the role viewer may not end sessions of batch: GRANT pg_signal_backend TO "
                        "viewer");
    snapshot_free(snap);
    pgconn_close(session);
}

/* The last: the server does not come back. */
static void test_a_frozen_server_is_not_waited_for(void **state)
{
    (void)state;
    bool gone;
    struct err err = ERR_INIT;
    struct pg_call call = server_call(&server, "operator");
    call.deadline_ms = clock_mono_ms() + 1500;
    server_signal(&server, SIGSTOP);
    bool ok = pg_terminate(&call, 1, 1, &gone, &err);
    server_signal(&server, SIGCONT);
    assert_false(ok);
    assert_false(gone);
    assert_int_equal(err.kind, ERR_TIMEOUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_session_is_ended_and_its_work_rolled_back),
        cmocka_unit_test(test_a_pid_that_came_to_another_session_is_not_hit),
        cmocka_unit_test(test_superusers_our_own_and_those_without_the_right_are_refused),
        cmocka_unit_test(test_what_the_preview_shows_does_the_same),
        cmocka_unit_test(test_who_waits_and_for_whom_is_read),
        cmocka_unit_test(test_a_frozen_server_is_not_waited_for),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
