/* What could be captured and what the connectors' roles may do, told by a real server of every
 * version to a user with the fewest rights. */
#include "base/clock.h"
#include "base/mem.h"
#include "net/pgconn.h"
#include "tests/check.h"
#include "tests/live/postgres_help.h"

#include <stdio.h>
#include <string.h>

static struct test_server server;

/* Also after a failed assertion. */
static int teardown(void **state)
{
    (void)state;
    server_down(&server);
    return 0;
}

static void prepare(void)
{
    static const char *const steps[] = {
        "CREATE ROLE plain LOGIN PASSWORD 'plain'",
        "CREATE ROLE streams LOGIN REPLICATION PASSWORD 'x' VALID UNTIL '2001-01-01 00:00:00+00'",
        "CREATE ROLE rds_replication",
        "CREATE ROLE member LOGIN IN ROLE rds_replication",
        "CREATE ROLE locked NOLOGIN",
        "CREATE TABLE keyed (id int PRIMARY KEY, v text)",
        "CREATE TABLE bare (n int)",
        "ALTER TABLE bare REPLICA IDENTITY NOTHING",
        "CREATE TABLE parts (id int PRIMARY KEY, v text) PARTITION BY RANGE (id)",
        "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (100)",
        "CREATE SCHEMA \"Odd\"",
        "CREATE TABLE \"Odd\".\"Sig'nal\" (id text PRIMARY KEY, type text, data text)",
        "CREATE TABLE heart (id int PRIMARY KEY, at timestamptz)",
        "GRANT INSERT ON \"Odd\".\"Sig'nal\" TO streams",
        "GRANT INSERT, UPDATE ON heart TO streams",
        "CREATE PUBLICATION pub FOR TABLE keyed, heart",
        "INSERT INTO keyed SELECT g, 'x' FROM generate_series(1, 10) g",
        "UPDATE keyed SET v = 'y' WHERE id < 4",
        "DELETE FROM keyed WHERE id = 1",
        /* Random digits do not compress: this one value has to go out of line. */
        "INSERT INTO parts_1 SELECT 1, string_agg(md5(g::text), '') FROM generate_series(1, 400) g",
    };
    server_prepare(&server, steps, ARRAY_LEN(steps));
}

static const struct hint_capture captures[] = {
    {.connector = "a",
     .role = "streams",
     .publication = "pub",
     .signal_table = "\"Odd\".\"Sig'nal\"",
     .heartbeat_table = "public.heart"},
    {.connector = "b",
     .role = "member",
     .publication = "no\\pub",
     .heartbeat_table = "public.heart"},
    {.connector = "c",          .role = "no'body",                 .publication = "pub",                                                                 .signal_table = "public.missing"},
    {.connector = "d",       .role = "locked"},
    {.connector = "e",                  .publication = "pub",          .signal_table = "not a name"},
};

static const struct hints hints = {.captures = captures, .ncaptures = ARRAY_LEN(captures)};

static struct snapshot *poll_hinted(void *source, bool full)
{
    struct err err = ERR_INIT;
    struct poll_ctx ctx = {
        .deadline_ms = clock_mono_ms() + 20000, .stop_fd = -1, .hints = &hints, .full = full};
    struct snapshot *snap = source_postgres.poll(source, &ctx, &err);
    if (snap == NULL)
        fail_msg("%s", err.text);
    return snap;
}

static const struct pg_relation *relation(const struct snapshot *snap, const char *name)
{
    for (size_t i = 0; i < snap->pg.nrelations; i++) {
        if (strcmp(snap->pg.relations[i].name, name) == 0)
            return &snap->pg.relations[i];
    }
    fail_msg("no relation %s", name);
    return NULL;
}

static const struct pg_login *login(const struct snapshot *snap, const char *role)
{
    for (size_t i = 0; i < snap->pg.nlogins; i++) {
        if (strcmp(snap->pg.logins[i].role, role) == 0)
            return &snap->pg.logins[i];
    }
    fail_msg("no login %s", role);
    return NULL;
}

static const struct pg_grant *grant(const struct snapshot *snap, const char *role,
                                    const char *table)
{
    for (size_t i = 0; i < snap->pg.ngrants; i++) {
        const struct pg_grant *g = &snap->pg.grants[i];
        if (strcmp(g->role, role) == 0 && strcmp(g->table, table) == 0)
            return g;
    }
    fail_msg("no grant of %s on %s", role, table);
    return NULL;
}

static void check_relations(void *source)
{
    /* Statistics arrive up to a second late on servers before 15. */
    struct snapshot *snap = poll_hinted(source, true);
    for (int i = 0; i < 100 && (relation(snap, "keyed")->changes < 14 ||
                                relation(snap, "parts_1")->toasted < 1);
         i++) {
        snapshot_free(snap);
        run_sql(server.port, "postgres", "SELECT pg_sleep(0.1)");
        snap = poll_hinted(source, true);
    }
    const struct pg_relation *keyed = relation(snap, "keyed");
    assert_int_equal(snap->pg.nrelations, 6);
    assert_int_equal(snap->pg.relations_total, 6);
    assert_int_equal(keyed->changes, 14);
    assert_int_equal(keyed->rewrites, 4);
    assert_int_equal(keyed->has_pk, TRI_YES);
    assert_int_equal(keyed->toastable, TRI_YES);
    assert_int_equal(keyed->toasted, 0);
    assert_true(keyed->live_rows == UNKNOWN);
    assert_int_equal(keyed->kind, 'r');
    assert_false(keyed->partition);
    assert_int_equal(relation(snap, "bare")->replica_identity, 'n');
    assert_int_equal(relation(snap, "bare")->has_pk, TRI_NO);
    assert_int_equal(relation(snap, "bare")->toastable, TRI_NO);
    const struct pg_relation *parts = relation(snap, "parts");
    assert_int_equal(parts->kind, 'p');
    assert_int_equal(parts->toastable, TRI_YES);
    assert_true(parts->changes == UNKNOWN && parts->toasted == UNKNOWN);
    assert_true(relation(snap, "parts_1")->partition);
    assert_true(relation(snap, "parts_1")->toasted > 0);
    assert_string_equal(relation(snap, "Sig'nal")->schema, "Odd");
    snapshot_free(snap);
}

static void check_roles(const struct snapshot *snap)
{
    assert_int_equal(snap->pg.nlogins, 4);
    assert_int_equal(login(snap, "streams")->replication, TRI_YES);
    assert_int_equal(login(snap, "streams")->can_login, TRI_YES);
    assert_true(login(snap, "streams")->valid_until_ms == INT64_C(978307200000));
    assert_int_equal(login(snap, "member")->replication, TRI_YES);
    assert_true(login(snap, "member")->valid_until_ms == UNKNOWN);
    assert_int_equal(login(snap, "locked")->can_login, TRI_NO);
    assert_int_equal(login(snap, "locked")->replication, TRI_NO);
    assert_int_equal(login(snap, "no'body")->exists, TRI_NO);
    assert_int_equal(login(snap, "no'body")->replication, TRI_UNKNOWN);

    assert_int_equal(snap->pg.ngrants, 4);
    const struct pg_grant *g = grant(snap, "streams", "Sig'nal");
    assert_string_equal(g->schema, "Odd");
    assert_true(g->exists == TRI_YES && g->insert == TRI_YES && g->update == TRI_NO);
    assert_int_equal(g->usage, TRI_NO);
    assert_int_equal(g->published, TRI_NO);
    g = grant(snap, "streams", "heart");
    assert_true(g->usage == TRI_YES && g->insert == TRI_YES && g->update == TRI_YES);
    assert_int_equal(g->published, TRI_YES);
    g = grant(snap, "member", "heart");
    assert_true(g->insert == TRI_NO && g->published == TRI_NO);
    g = grant(snap, "no'body", "missing");
    assert_true(g->exists == TRI_NO && g->published == TRI_NO);
    assert_true(g->usage == TRI_UNKNOWN && g->insert == TRI_UNKNOWN);
}

static struct pgconn *session(const char *const *steps, size_t n, struct arena *arena)
{
    struct err err = ERR_INIT;
    struct pgconn_params params = {
        .conninfo = pg_pipeline(server.port, "postgres", "postgres", "postgres")->postgres.conninfo,
        .password = "postgres",
        .read_write = true,
        .statement_timeout_ms = 600};
    struct pgconn *conn = pgconn_open(&params, clock_mono_ms() + 20000, -1, &err);
    assert_non_null(conn);
    for (size_t i = 0; i < n; i++)
        (void)pgconn_query(conn, arena, steps[i], NULL, 0, &err);
    return conn;
}

/* One session holds a lock; another waits for it, in the background of the server. */
static void check_blocked(void *source, int version)
{
    static const char *const hold[] = {"BEGIN", "LOCK TABLE bare IN ACCESS EXCLUSIVE MODE"};
    struct arena *arena = arena_new();
    struct pgconn *holder = session(hold, ARRAY_LEN(hold), arena);
    struct pgconn *waiter = session(
        (const char *const[]){"SET lock_timeout = 0", "SET statement_timeout = 0"}, 2, arena);
    /* Our own wait is short: the statement goes on waiting at the server. */
    struct err err = ERR_INIT;
    pgconn_until(waiter, clock_mono_ms() + 300, -1);
    assert_null(pgconn_query(waiter, arena, "SELECT count(*) FROM bare", NULL, 0, &err));
    assert_int_equal(err.kind, ERR_TIMEOUT);
    struct snapshot *snap = poll_hinted(source, false);
    for (int i = 0; i < 100 && snap->pg.nblocked == 0; i++) { /* it has to come to the lock first */
        snapshot_free(snap);
        run_sql(server.port, "postgres", "SELECT pg_sleep(0.1)");
        snap = poll_hinted(source, false);
    }
    assert_int_equal(snap->pg.nblocked, 1);
    const struct pg_blocked *b = &snap->pg.blocked[0];
    assert_true(b->pid > 0 && b->blocker > 0 && b->pid != b->blocker);
    assert_string_equal(b->query, "SELECT count(*) FROM bare");
    assert_string_equal(b->blocker_user, "postgres");
    assert_string_equal(b->blocker_query, hold[1]);
    assert_true(version < 14 ? b->waits_ms == UNKNOWN : b->waits_ms >= 0);
    snapshot_free(snap);
    pgconn_close(holder);
    pgconn_close(waiter);
    arena_free(arena);
}

static void test_every_version(void **state)
{
    (void)state;
    static const int versions[] = {13, 14, 16, 17, 18}; /* 15 is the lab's own */
    for (size_t v = 0; v < ARRAY_LEN(versions); v++) {
        int version = versions[v];
        if (!server_up(&server, version))
            fail_msg("PostgreSQL %d does not start", version);
        prepare();
        struct err err = ERR_INIT;
        void *source =
            source_postgres.open(pg_pipeline(server.port, "plain", "plain", "postgres"), &err);
        check_relations(source);
        struct snapshot *snap = poll_hinted(source, false);
        for (size_t i = 0; i < snap->notes.count; i++) {
            if (strstr(snap->notes.items[i].what, "not read") != NULL)
                fail_msg("PostgreSQL %d: %s", version, snap->notes.items[i].what);
        }
        check_roles(snap);
        snapshot_free(snap);
        source_postgres.close(source);
        run_sql(server.port, "postgres", "GRANT pg_monitor TO plain");
        source = source_postgres.open(pg_pipeline(server.port, "plain", "plain", "postgres"), &err);
        check_blocked(source, version);
        source_postgres.close(source);
        server_down(&server);
    }
}

/* Who locks the catalog down gets the rest, and is told what is missing. */
static void test_a_right_taken_away_is_named(void **state)
{
    (void)state;
    if (!server_up(&server, 17))
        fail_msg("PostgreSQL 17 does not start");
    prepare();
    run_sql(server.port, "postgres", "REVOKE SELECT ON pg_roles FROM PUBLIC");
    struct err err = ERR_INIT;
    void *source =
        source_postgres.open(pg_pipeline(server.port, "plain", "plain", "postgres"), &err);
    struct snapshot *snap = poll_hinted(source, true);
    assert_true(snap->pg.nrelations > 0);
    assert_int_equal(snap->pg.nlogins, 0);
    const struct note *note = find_note(snap, "roles of connectors not read");
    assert_non_null(note);
    assert_string_equal(note->fix, "GRANT SELECT ON pg_roles TO plain");
    snapshot_free(snap);
    source_postgres.close(source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_every_version, teardown),
        cmocka_unit_test_teardown(test_a_right_taken_away_is_named, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
