/* The PostgreSQL source against a real server of every version: every column that the server's own
 * slot view has is delivered, and no statement fails. */
#include "base/clock.h"
#include "base/mem.h"
#include "net/pgconn.h"
#include "tests/check.h"
#include "tests/live/postgres_help.h"

#include <stdio.h>
#include <stdlib.h>
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
        "CREATE TABLE keyed (id int PRIMARY KEY, v text)",
        "CREATE TABLE bare (v text)",
        "CREATE PUBLICATION pub FOR TABLE keyed, bare WITH (publish = 'insert, update')",
        "INSERT INTO keyed SELECT g, repeat('x', 100) FROM generate_series(1, 1000) g",
        "ANALYZE keyed",
        "SELECT pg_create_logical_replication_slot('idle', 'pgoutput')",
        "SELECT pg_create_physical_replication_slot('standby', true)",
        "INSERT INTO keyed SELECT g, repeat('x', 1000) FROM generate_series(1001, 2000) g",
        "CREATE ROLE plain LOGIN PASSWORD 'plain'",
    };
    server_prepare(&server, steps, ARRAY_LEN(steps));
}

static void check_columns(int port, const struct pg_slot *slot)
{
    char names[1000] = "";
    size_t used = 0;
    for (size_t i = 0; i < slot->ncolumns; i++)
        used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", i > 0 ? "," : "",
                                 slot->columns[i].key);
    assert_string_equal(names, ask_sql(port, "postgres", SLOT_COLUMNS_SQL));
}

static void check_slot(const struct snapshot *snap, const struct pg_slot *slot, int version)
{
    assert_non_null(slot);
    assert_string_equal(slot->type, "logical");
    assert_int_equal(slot->active, TRI_NO);
    assert_int_equal(slot->active_pid, 0);
    assert_string_equal(slot->wal_status, "reserved");
    assert_true(slot->retained > 0 && slot->unconfirmed > 0);
    assert_true(slot->catalog_xmin_age >= 0);
    assert_int_equal(slot->temporary, TRI_NO);
    assert_int_equal(slot->two_phase != TRI_UNKNOWN, version >= 14);
    assert_int_equal(slot->total_txns != UNKNOWN, version >= 14);
    assert_int_equal(slot->conflicting != TRI_UNKNOWN, version >= 16);
    assert_int_equal(slot->synced != TRI_UNKNOWN, version >= 17);
    assert_int_equal(slot->failover != TRI_UNKNOWN, version >= 17);
    assert_int_equal(slot->inactive_since_ms != UNKNOWN, version >= 17);
    if (version >= 17)
        assert_true(slot->inactive_since_ms <= snap->server_ms &&
                    slot->inactive_since_ms > snap->server_ms - 600000);
}

static void check_tables(const struct snapshot *snap)
{
    assert_int_equal(snap->pg.npublications, 1);
    assert_string_equal(snap->pg.publications[0].name, "pub");
    assert_true(snap->pg.publications[0].insert && snap->pg.publications[0].update);
    assert_false(snap->pg.publications[0].delete_ || snap->pg.publications[0].all_tables);
    assert_int_equal(snap->pg.ntables, 2);
    const struct pg_table *bare = &snap->pg.tables[0];
    const struct pg_table *keyed = &snap->pg.tables[1];
    assert_string_equal(bare->name, "bare");
    assert_int_equal(bare->has_pk, TRI_NO);
    assert_true(bare->live_rows == UNKNOWN); /* never analysed is not "no rows" */
    assert_string_equal(keyed->name, "keyed");
    assert_int_equal(keyed->has_pk, TRI_YES);
    assert_int_equal(keyed->live_rows, 1000);
    assert_int_equal(keyed->replica_identity, 'd');
}

static void check_version(int version)
{
    if (!server_up(&server, version))
        fail_msg("PostgreSQL %d does not start", version);
    prepare();
    struct err err = ERR_INIT;
    struct snapshot *snap =
        poll_alone(pg_pipeline(server.port, "postgres", "postgres", "postgres"), &err);
    if (snap == NULL)
        fail_msg("PostgreSQL %d: %s", version, err.text);
    for (size_t i = 0; i < snap->notes.count; i++)
        fail_msg("PostgreSQL %d: %s", version, snap->notes.items[i].what);
    assert_int_equal(snap->pg.version_num / 10000, version);
    assert_int_equal(strtol(snap->pg.version, NULL, 10), version);
    assert_int_equal(snap->pg.nslots, 2);
    check_slot(snap, find_slot(snap, "idle"), version);
    check_columns(server.port, find_slot(snap, "idle"));
    assert_string_equal(find_slot(snap, "standby")->type, "physical");
    check_tables(snap);
    assert_true(snap->pg.timeline >= 1);
    assert_true(snap->pg.system_identifier != NULL && strlen(snap->pg.system_identifier) > 15);
    assert_true((snap->pg.idle_replication_slot_timeout_ms != UNKNOWN) ==
                (snap->pg.version_num >= 180000));
    assert_true(snap->pg.max_slot_wal_keep_size == -1);
    assert_true(snap->pg.max_replication_slots > 0);
    assert_true(snap->pg.wal_sender_timeout_ms == 60000);
    snapshot_free(snap);
    snap = poll_alone(pg_pipeline(server.port, "plain", "plain", "postgres"), &err);
    if (snap == NULL)
        fail_msg("PostgreSQL %d as a user without rights: %s", version, err.text);
    assert_int_equal(snap->notes.count, 1);
    assert_string_equal(snap->notes.items[0].fix, "GRANT pg_monitor TO plain");
    assert_int_equal(snap->pg.nslots, 2);
    snapshot_free(snap);
}

/* An open transaction and a prepared one, also as a user without rights sees them. */
static void test_what_holds_wal_back(void **state)
{
    (void)state;
    if (!server_up(&server, 18))
        fail_msg("PostgreSQL 18 does not start");
    run_sql(server.port, "postgres", "ALTER SYSTEM SET max_prepared_transactions = 5");
    server_stop(&server);
    assert_true(server_again(&server, 18));
    prepare();
    struct err err = ERR_INIT;
    const struct pipeline_config *cfg =
        pg_pipeline(server.port, "postgres", "postgres", "postgres");
    struct pgconn_params params = {
        .conninfo = cfg->postgres.conninfo, .password = "postgres", .read_write = true};
    struct pgconn *held = pgconn_open(&params, clock_mono_ms() + 10000, -1, &err);
    assert_non_null(held);
    static const char *const steps[] = {
        "BEGIN",
        "INSERT INTO bare VALUES ('1')",
        "PREPARE TRANSACTION 'forgotten'",
        "SELECT pg_sleep(0.02)", /* so that one is older */

        "BEGIN",
        "INSERT INTO bare VALUES ('2')",
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        assert_non_null(pgconn_query(held, arena, steps[i], NULL, 0, &err));
    struct snapshot *snap = poll_alone(cfg, &err);
    assert_non_null(snap);
    assert_int_equal(snap->pg.nholders, 2);
    const struct pg_holder *prepared = &snap->pg.holders[0]; /* the older one */
    const struct pg_holder *open = &snap->pg.holders[1];
    assert_string_equal(prepared->gid, "forgotten");
    assert_string_equal(prepared->user, "postgres");
    assert_int_equal(prepared->pid, 0);
    assert_true(prepared->xact_start_ms <= open->xact_start_ms);
    assert_true(open->pid > 0 && open->xid_age >= 0);
    assert_string_equal(open->state, "idle in transaction");
    assert_string_equal(open->query, "INSERT INTO bare VALUES ('2')");
    snapshot_free(snap);
    snap = poll_alone(pg_pipeline(server.port, "plain", "plain", "postgres"), &err);
    assert_non_null(snap);
    assert_int_equal(snap->pg.nholders, 2);
    open = &snap->pg.holders[1];
    assert_true(open->pid > 0 && open->xid_age >= 0);
    assert_null(open->query); /* hidden, and the note says so */
    assert_null(open->state);
    assert_true(open->xact_start_ms == UNKNOWN);
    assert_int_equal(snap->notes.count, 1);
    snapshot_free(snap);
    arena_free(arena);
    pgconn_close(held);
}

static void test_13(void **state)
{
    (void)state;
    check_version(13);
}

static void test_14(void **state)
{
    (void)state;
    check_version(14);
}

static void test_16(void **state)
{
    (void)state;
    check_version(16);
}

static void test_17(void **state)
{
    (void)state;
    check_version(17);
}

static void test_18(void **state)
{
    (void)state;
    check_version(18);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_what_holds_wal_back, teardown),
        cmocka_unit_test_teardown(test_13, teardown),
        cmocka_unit_test_teardown(test_14, teardown),
        cmocka_unit_test_teardown(test_16, teardown),
        cmocka_unit_test_teardown(test_17, teardown),
        cmocka_unit_test_teardown(test_18, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
