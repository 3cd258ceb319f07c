/* The PostgreSQL source against the lab's server, as users with more and fewer rights. */
#include "base/clock.h"
#include "base/lsn.h"
#include "base/mem.h"
#include "net/pgconn.h"
#include "tests/check.h"
#include "tests/live/postgres_help.h"
#include "tests/unit/keep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct pg_table *find_table(const struct snapshot *snap, const char *name)
{
    for (size_t i = 0; i < snap->pg.ntables; i++) {
        if (strcmp(snap->pg.tables[i].name, name) == 0)
            return &snap->pg.tables[i];
    }
    return NULL;
}

static struct snapshot *lab_poll(const char *user, struct err *err)
{
    char password[100];
    (void)snprintf(password, sizeof(password), LAB_PASSWORD "%s", user);
    return poll_alone(pg_pipeline(lab_port(), user, password, "shop"), err);
}

static void test_slot_with_its_walsender(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct snapshot *snap = lab_poll("cdctop", &err);
    if (snap == NULL)
        fail_msg("%s", err.text);
    assert_int_equal(snap->notes.count, 0);
    assert_in_range(snap->pg.version_num, 150000, 159999);
    assert_string_equal(snap->pg.database, "shop");
    assert_string_equal(snap->pg.user, "cdctop");
    assert_int_equal(snap->pg.in_recovery, TRI_NO);
    assert_int_equal(snap->pg.is_monitor, TRI_YES);
    assert_string_equal(snap->pg.wal_level, "logical");
    const struct pg_slot *slot = find_slot(snap, "dbz_shop");
    assert_non_null(slot);
    assert_string_equal(slot->type, "logical");
    assert_string_equal(slot->plugin, "pgoutput");
    assert_string_equal(slot->database, "shop");
    assert_int_equal(slot->active, TRI_YES);
    assert_true(slot->restart_lsn != LSN_NONE);
    assert_true(slot->retained >= 0 && slot->unconfirmed >= 0);
    assert_true(slot->retained == (int64_t)(snap->pg.lsn_now - slot->restart_lsn));
    assert_true(slot->total_txns != UNKNOWN);
    assert_int_equal(slot->synced, TRI_UNKNOWN); /* 17 and newer */
    char names[1000] = "";
    size_t used = 0;
    for (size_t i = 0; i < slot->ncolumns; i++)
        used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", i > 0 ? "," : "",
                                 slot->columns[i].key);
    assert_string_equal(names, ask_sql(lab_port(), "shop", SLOT_COLUMNS_SQL));
    assert_non_null(slot->walsender);
    assert_string_equal(slot->walsender->application_name, "Debezium Streaming");
    assert_int_equal(slot->walsender->pid, slot->active_pid);
    assert_true(snap->server_ms > INT64_C(1500000000000));
    assert_true(snap->pg.started_ms > 0 && snap->pg.started_ms <= snap->server_ms);
    snapshot_free(snap);
}

static void test_publications_and_tables(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct snapshot *snap = lab_poll("cdctop", &err);
    assert_non_null(snap);
    assert_true(snap->pg.npublications >= 1);
    const struct pg_table *orders = find_table(snap, "orders");
    assert_non_null(orders);
    assert_string_equal(orders->publication, "dbz_pub");
    assert_string_equal(orders->schema, "public");
    assert_int_equal(orders->replica_identity, 'd');
    assert_int_equal(orders->has_pk, TRI_YES);
    assert_true(orders->changes > 0);
    const struct pg_table *nopk = find_table(snap, "nopk");
    assert_non_null(nopk);
    assert_int_equal(nopk->has_pk, TRI_NO);
    assert_int_equal(snap->pg.tables_total, snap->pg.ntables);
    snapshot_free(snap);
}

static void test_without_rights_the_grant_is_named(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct snapshot *snap = lab_poll("nobody_rights", &err);
    if (snap == NULL)
        fail_msg("%s", err.text);
    assert_non_null(find_slot(snap, "dbz_shop"));
    assert_true(find_slot(snap, "dbz_shop")->retained >= 0);
    assert_int_equal(snap->pg.is_monitor, TRI_NO);
    assert_int_equal(snap->notes.count, 1);
    assert_string_equal(snap->notes.items[0].fix, "GRANT pg_monitor TO nobody_rights");
    /* Hidden is not the same as absent. */
    assert_non_null(find_slot(snap, "dbz_shop")->walsender);
    assert_null(find_slot(snap, "dbz_shop")->walsender->state);
    snapshot_free(snap);
    snap = lab_poll("viewer", &err);
    assert_non_null(snap);
    assert_int_equal(snap->notes.count, 0);
    snapshot_free(snap);
}

static void test_refused_logins_say_so(void **state)
{
    (void)state;
    static const struct {
        const char *user, *password, *database;
        enum err_kind kind;
        const char *piece;
    } cases[] = {
        {"cdctop",       "wrong-secret-77",     "shop",       ERR_AUTH,     "password authentication failed"},
        {"no_such_user", "x",                   "shop",       ERR_AUTH,     "no_such_user"                  },
        {"cdctop",       "",                    "shop",       ERR_AUTH,     "wants a password"              },
        {"cdctop",       LAB_PASSWORD "cdctop", "no_such_db", ERR_NOTFOUND, "no_such_db"                    },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_INIT;
        struct snapshot *snap = poll_alone(
            pg_pipeline(lab_port(), cases[i].user, cases[i].password, cases[i].database), &err);
        assert_null(snap);
        assert_int_equal(err.kind, cases[i].kind);
        if (strstr(err.text, cases[i].piece) == NULL)
            fail_msg("'%s' does not say '%s'", err.text, cases[i].piece);
        assert_null(strstr(err.text, "wrong-secret-77"));
    }
}

static void test_no_server_and_no_such_host(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    assert_null(poll_alone(pg_pipeline(1, "cdctop", "cdctop", "shop"), &err));
    assert_int_equal(err.kind, ERR_REFUSED);
    assert_non_null(strstr(err.text, "127.0.0.1:1/shop"));
    char url[] = "postgresql://u@no-such-host.invalid/shop";
    struct pipeline_config cfg = {
        .postgres = {.conninfo = url, .password = url + sizeof(url) - 1}
    };
    assert_null(poll_alone(&cfg, &err));
    assert_int_equal(err.kind, ERR_DNS);
}

static void test_nothing_stays_open_between_polls(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    void *source = source_postgres.open(
        pg_pipeline(lab_port(), "cdctop", LAB_PASSWORD "cdctop", "shop"), &err);
    struct snapshot *snap = poll_once(source, true, 10000, &err);
    assert_non_null(snap);
    snapshot_free(snap);
    /* The one session of this process, seen from outside between two polls. */
    assert_string_equal(ask_sql(lab_port(), "shop",
                                "SELECT state || ' ' || (backend_xmin IS NULL)::text FROM"
                                " pg_stat_activity WHERE application_name = 'cdctop' AND"
                                " usename = 'cdctop' ORDER BY backend_start DESC LIMIT 1"),
                        "idle true");
    source_postgres.close(source);
}

/* No address in the configuration: the connector's config tells it, the environment the password.
 */
static void test_found_through_the_connector(void **state)
{
    (void)state;
    static const char *const vars[] = {"PGHOST", "PGHOSTADDR", "PGPORT",
                                       "PGUSER", "PGDATABASE", "PGSERVICE"};
    char none[] = "";
    struct pipeline_config cfg = {
        .postgres = {.conninfo = none, .password = none}
    };
    struct hints hints = {
        .pg_host = "127.0.0.1", .pg_port = lab_port(), .pg_database = "shop", .pg_user = "viewer"};
    for (size_t i = 0; i < ARRAY_LEN(vars); i++)
        (void)unsetenv(vars[i]);
    assert_false(source_postgres.configured(&cfg, NULL));
    assert_true(source_postgres.configured(&cfg, &hints));
    (void)setenv("PGPASSWORD", LAB_PASSWORD "viewer", 1);
    struct err err = ERR_INIT;
    void *source = source_postgres.open(&cfg, &err);
    struct poll_ctx ctx = {
        .deadline_ms = clock_mono_ms() + 20000, .stop_fd = -1, .hints = &hints, .full = true};
    struct snapshot *snap = source_postgres.poll(source, &ctx, &err);
    if (snap == NULL)
        fail_msg("%s", err.text);
    assert_string_equal(snap->pg.user, "viewer");
    assert_string_equal(snap->pg.database, "shop");
    snapshot_free(snap);
    /* The connector was pointed elsewhere: the old session is not asked any more. */
    hints.pg_port = 1;
    assert_null(source_postgres.poll(source, &ctx, &err));
    assert_int_equal(err.kind, ERR_REFUSED);
    source_postgres.close(source);
    (void)unsetenv("PGPASSWORD");
}

static struct pgconn *lab_session(int64_t statement_timeout_ms)
{
    struct err err = ERR_INIT;
    struct pgconn_params params = {
        .conninfo =
            pg_pipeline(lab_port(), "cdctop", LAB_PASSWORD "cdctop", "shop")->postgres.conninfo,
        .password = LAB_PASSWORD "cdctop",
        .statement_timeout_ms = statement_timeout_ms};
    struct pgconn *conn = pgconn_open(&params, clock_mono_ms() + 20000, -1, &err);
    if (conn == NULL)
        fail_msg("%s", err.text);
    return conn;
}

static void test_answers_are_capped(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct pgconn *conn = lab_session(15000);
    struct arena *arena = arena_new();
    struct pgrows *rows =
        pgconn_query(conn, arena, "SELECT generate_series(1, 6000) AS n", NULL, 0, &err);
    assert_non_null(rows);
    assert_int_equal(rows->nrows, PGCONN_ROWS);
    assert_true(rows->cut);
    rows = pgconn_query(conn, arena, "SELECT repeat('x', 1000000)", NULL, 0, &err);
    assert_non_null(rows);
    assert_int_equal(strlen(pgrows_text(rows, 0, 0)), PGCONN_CELL);
    rows = pgconn_query(conn, arena, "SELECT repeat('x', 4000) FROM generate_series(1, 5000)", NULL,
                        0, &err);
    assert_non_null(rows);
    assert_true(rows->cut && rows->nrows < PGCONN_ROWS);
    char wide[2000] = "SELECT 1";
    for (int i = 1; i <= PGCONN_COLUMNS; i++)
        (void)snprintf(wide + strlen(wide), sizeof(wide) - strlen(wide), ",%d", i);
    assert_null(pgconn_query(conn, arena, wide, NULL, 0, &err));
    assert_int_equal(err.kind, ERR_TOOBIG);
    assert_true(pgconn_usable(conn));
    /* An answer that is none of rows must not be asked for for ever. */
    assert_null(pgconn_query(conn, arena, "COPY (SELECT 1) TO STDOUT", NULL, 0, &err));
    assert_int_equal(err.kind, ERR_PROTOCOL);
    assert_false(pgconn_usable(conn));
    arena_free(arena);
    pgconn_close(conn);
}

static void test_slow_statements_end(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct arena *arena = arena_new();
    /* The server's own time-out leaves the session, ours cannot. */
    struct pgconn *conn = lab_session(100);
    assert_null(pgconn_query(conn, arena, "SELECT pg_sleep(600)", NULL, 0, &err));
    assert_int_equal(err.kind, ERR_TIMEOUT);
    assert_true(pgconn_usable(conn));
    assert_non_null(pgconn_query(conn, arena, "SELECT 1", NULL, 0, &err));
    pgconn_close(conn);
    conn = lab_session(15000);
    pgconn_until(conn, clock_mono_ms() + 100, -1);
    assert_null(pgconn_query(conn, arena, "SELECT pg_sleep(10)", NULL, 0, &err));
    assert_int_equal(err.kind, ERR_TIMEOUT);
    assert_false(pgconn_usable(conn));
    pgconn_close(conn);
    arena_free(arena);
}

/* What a session may not do, whoever asks through it. */
static void test_session_is_read_only(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct arena *arena = arena_new();
    struct pgconn *conn = lab_session(3000);
    assert_false(pgconn_pooled(conn));
    assert_null(pgconn_query(conn, arena, "CREATE TEMP TABLE t AS SELECT 1", NULL, 0, &err));
    assert_int_equal(err.kind, ERR_DENIED);
    struct pgrows *rows = pgconn_query(
        conn, arena, "SELECT current_setting('lock_timeout'), current_setting('application_name')",
        NULL, 0, &err);
    assert_non_null(rows);
    assert_string_equal(pgrows_text(rows, 0, 0), "500ms");
    assert_string_equal(pgrows_text(rows, 0, 1), "cdctop");
    arena_free(arena);
    pgconn_close(conn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slot_with_its_walsender),
        cmocka_unit_test(test_publications_and_tables),
        cmocka_unit_test(test_without_rights_the_grant_is_named),
        cmocka_unit_test(test_refused_logins_say_so),
        cmocka_unit_test(test_no_server_and_no_such_host),
        cmocka_unit_test(test_found_through_the_connector),
        cmocka_unit_test(test_answers_are_capped),
        cmocka_unit_test(test_slow_statements_end),
        cmocka_unit_test(test_session_is_read_only),
        cmocka_unit_test(test_nothing_stays_open_between_polls),
    };
    return cmocka_run_group_tests(tests, NULL, keep_diary);
}
