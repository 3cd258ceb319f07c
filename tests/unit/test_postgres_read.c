/* From rows to the snapshot: arithmetic on LSNs, what NULL and missing columns become, units. */
#include "base/lsn.h"
#include "base/mem.h"
#include "source/postgres_read.h"
#include "tests/check.h"

#include <string.h>

#define ROWS(n, c, names_, cells_) \
    (&(struct pgrows){.nrows = (n), .ncols = (c), .names = (names_), .cells = (cells_)})

static struct snapshot *fresh(void)
{
    return snapshot_new(SOURCE_POSTGRES);
}

static void read_position(struct snapshot *snap, const char *lsn)
{
    const char *names[] = {"lsn_now",    "in_recovery", "now_ms",
                           "started_ms", "is_monitor",  "reads_stats"};
    const char *cells[] = {lsn, "f", "1795183402000", "1795183400000", "f", "t"};
    assert_true(postgres_read_position(snap, ROWS(1, 6, names, cells)));
}

static void test_distances(void **state)
{
    (void)state;
    static const struct {
        const char *now, *restart, *confirmed;
        int64_t retained, unconfirmed;
    } cases[] = {
        {"0/1ABADE0",         "0/1A59FF8",  "0/1AAD6C8",  396776,    55064    },
        {"1/00000010",        "0/FFFFFFF0", "1/00000000", 32,        16       }, /* over the 32-bit edge */
        {"0/10",              NULL,         "0/10",       UNKNOWN,   0        }, /* lost */
        {NULL,                "0/10",       "0/10",       UNKNOWN,   UNKNOWN  }, /* position not readable */
        {"0/10",              "0/20",       "0/18",       0,         0        }, /* never negative */
        {"0/10",              "junk",       "0/",         UNKNOWN,   UNKNOWN  },
        {"FFFFFFFF/FFFFFFFF", "0/1",        "0/1",        INT64_MAX, INT64_MAX},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct snapshot *snap = fresh();
        const char *names[] = {"slot_name", "restart_lsn", "confirmed_flush_lsn"};
        const char *cells[] = {"s", cases[i].restart, cases[i].confirmed};
        postgres_read_slots(snap, ROWS(1, 3, names, cells));
        read_position(snap, cases[i].now);
        postgres_join(snap);
        assert_true(snap->pg.slots[0].retained == cases[i].retained);
        assert_true(snap->pg.slots[0].unconfirmed == cases[i].unconfirmed);
        snapshot_free(snap);
    }
}

/* The catalogue never has one; a server that only speaks like PostgreSQL may. */
static void test_rows_without_a_name_are_left_out(void **state)
{
    (void)state;
    struct snapshot *snap = fresh();
    const char *slot_names[] = {"slot_name", "active"};
    const char *slot_cells[] = {NULL, "t", "s", "f"};
    postgres_read_slots(snap, ROWS(2, 2, slot_names, slot_cells));
    assert_int_equal(snap->pg.nslots, 1);
    assert_string_equal(snap->pg.slots[0].name, "s");
    const char *pub_names[] = {"pubname", "puballtables"};
    const char *pub_cells[] = {NULL, "t", "p", "f"};
    postgres_read_publications(snap, ROWS(2, 2, pub_names, pub_cells));
    assert_int_equal(snap->pg.npublications, 1);
    assert_string_equal(snap->pg.publications[0].name, "p");
    const char *table_names[] = {"pubname", "schemaname", "tablename"};
    const char *table_cells[] = {"p", NULL, "t", "p", "s", "t"};
    postgres_read_tables(snap, ROWS(2, 3, table_names, table_cells));
    assert_int_equal(snap->pg.ntables, 1);
    assert_string_equal(snap->pg.tables[0].schema, "s");
    snapshot_free(snap);
}

static void test_missing_columns_are_unknown_and_null_is_not_zero(void **state)
{
    (void)state;
    struct snapshot *snap = fresh();
    const char *names[] = {"slot_name",     "active",   "active_pid",
                           "safe_wal_size", "xmin_age", "wal_status"};
    const char *cells[] = {"a",
                           "t",
                           "77",
                           "-5",
                           "0",
                           "unreserved",
                           "b",
                           "f",
                           NULL,
                           NULL,
                           NULL,
                           NULL,
                           "c",
                           "?",
                           "x",
                           "12abc",
                           "999999999999999999999",
                           "lost"};
    postgres_read_slots(snap, ROWS(3, 6, names, cells));
    const struct pg_slot *a = &snap->pg.slots[0], *b = &snap->pg.slots[1], *c = &snap->pg.slots[2];
    assert_int_equal(snap->pg.nslots, 3);
    assert_int_equal(a->active, TRI_YES);
    assert_int_equal(a->active_pid, 77);
    assert_int_equal(a->safe_wal_size, -5);
    assert_int_equal(a->xmin_age, 0);
    assert_int_equal(a->synced, TRI_UNKNOWN);
    assert_true(a->inactive_since_ms == UNKNOWN && a->spill_bytes == UNKNOWN);
    assert_int_equal(b->active, TRI_NO);
    assert_int_equal(b->active_pid, 0);
    assert_true(b->safe_wal_size == UNKNOWN && b->xmin_age == UNKNOWN);
    assert_null(b->wal_status);
    assert_int_equal(c->active, TRI_UNKNOWN);
    assert_true(c->safe_wal_size == UNKNOWN && c->xmin_age == UNKNOWN);
    /* The details hold what the server has, and only that. */
    assert_int_equal(a->ncolumns, 5);
    assert_string_equal(kv_find(a->columns, a->ncolumns, "safe_wal_size"), "-5");
    assert_null(kv_find(a->columns, a->ncolumns, "xmin_age"));
    snapshot_free(snap);
}

static void test_walsender_belongs_to_the_slot_with_its_pid(void **state)
{
    (void)state;
    struct snapshot *snap = fresh();
    const char *slot_names[] = {"slot_name", "active_pid"};
    const char *slots[] = {"one", "11", "idle", NULL, "two", "22"};
    const char *names[] = {"pid", "application_name", "backend_start_ms", "reply_ms"};
    const char *cells[] = {"22", "Debezium Streaming", "1795183402000", "945738116000", "0", "odd",
                           NULL, "1795183402000"};
    postgres_read_slots(snap, ROWS(3, 2, slot_names, slots));
    postgres_read_walsenders(snap, ROWS(2, 4, names, cells));
    postgres_join(snap);
    assert_null(snap->pg.slots[0].walsender); /* gone in between, or not readable */
    assert_null(snap->pg.slots[1].walsender); /* no pid is not pid 0 */
    assert_string_equal(snap->pg.slots[2].walsender->application_name, "Debezium Streaming");
    assert_true(snap->pg.walsenders[0].reply_ms == UNKNOWN); /* 1999: nothing came yet */
    assert_true(snap->pg.walsenders[1].reply_ms == UNKNOWN);
    snapshot_free(snap);
}

static void test_settings_in_bytes_and_milliseconds(void **state)
{
    (void)state;
    struct snapshot *snap = fresh();
    const char *names[] = {"name", "setting", "unit", "said"};
    const char *cells[] = {"max_replication_slots",
                           "10",
                           NULL,
                           "10",
                           "max_slot_wal_keep_size",
                           "256",
                           "MB",
                           "256MB",
                           "wal_level",
                           "logical",
                           NULL,
                           "logical",
                           "wal_sender_timeout",
                           "60000",
                           "ms",
                           "1min"};
    postgres_read_settings(snap, ROWS(4, 4, names, cells));
    assert_int_equal(snap->pg.max_slot_wal_keep_size, INT64_C(268435456));
    assert_int_equal(snap->pg.max_replication_slots, 10);
    assert_int_equal(snap->pg.wal_sender_timeout_ms, 60000);
    assert_string_equal(snap->pg.wal_level, "logical");
    assert_string_equal(kv_find(snap->pg.settings, 4, "max_slot_wal_keep_size"), "256MB");
    snapshot_free(snap);
    assert_int_equal(postgres_setting(-1, "MB"), -1);
    assert_int_equal(postgres_setting(3, "8kB"), 24576);
    assert_int_equal(postgres_setting(2, "min"), 120000);
    assert_true(postgres_setting(2, "fortnight") == UNKNOWN);
    assert_true(postgres_setting(UNKNOWN, "MB") == UNKNOWN);
    assert_true(postgres_setting(INT64_MAX, "GB") == INT64_MAX);
}

static void test_hidden_query_is_no_query(void **state)
{
    (void)state;
    struct snapshot *snap = fresh();
    const char *names[] = {"pid", "gid", "query", "xact_start_ms"};
    const char *cells[] = {"5", NULL,  "<insufficient privilege>",    NULL,
                           "0", "tx1", "PREPARE TRANSACTION in shop", "1795183402000"};
    postgres_read_holders(snap, ROWS(2, 4, names, cells));
    assert_null(snap->pg.holders[0].query);
    assert_true(snap->pg.holders[0].xact_start_ms == UNKNOWN);
    assert_int_equal(snap->pg.holders[1].pid, 0);
    assert_string_equal(snap->pg.holders[1].gid, "tx1");
    snapshot_free(snap);
}

static void test_tables_say_how_many_there_are(void **state)
{
    (void)state;
    struct snapshot *snap = fresh();
    const char *names[] = {"pubname", "schemaname", "tablename", "replident",
                           "has_pk",  "live_rows",  "changes",   "total"};
    const char *cells[] = {"p", "public", "a", "f",  "t",  "12", "40", "5000",
                           "p", "public", "b", "\\", NULL, NULL, NULL, "5000"};
    postgres_read_tables(snap, ROWS(2, 8, names, cells));
    assert_int_equal(snap->pg.ntables, 2);
    assert_int_equal(snap->pg.tables_total, 5000);
    assert_int_equal(snap->pg.tables[0].replica_identity, 'f');
    assert_int_equal(snap->pg.tables[1].replica_identity, '?');
    assert_int_equal(snap->pg.tables[1].has_pk, TRI_UNKNOWN);
    assert_true(snap->pg.tables[1].live_rows == UNKNOWN);
    snapshot_free(snap);
}

/* An answer without rows (a server that is none, a view emptied of rights) is no crash. */
static void test_no_rows(void **state)
{
    (void)state;
    struct snapshot *snap = fresh();
    const struct pgrows *none = ROWS(0, 0, NULL, NULL);
    postgres_read_slots(snap, none);
    postgres_read_walsenders(snap, none);
    postgres_read_holders(snap, none);
    postgres_read_settings(snap, none);
    postgres_read_publications(snap, none);
    postgres_read_tables(snap, none);
    assert_false(postgres_read_position(snap, none));
    postgres_join(snap);
    assert_int_equal(snap->pg.in_recovery, TRI_UNKNOWN);
    assert_true(snap->server_ms == UNKNOWN);
    assert_null(snap->pg.wal_level);
    snapshot_free(snap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_distances),
        cmocka_unit_test(test_rows_without_a_name_are_left_out),
        cmocka_unit_test(test_missing_columns_are_unknown_and_null_is_not_zero),
        cmocka_unit_test(test_walsender_belongs_to_the_slot_with_its_pid),
        cmocka_unit_test(test_settings_in_bytes_and_milliseconds),
        cmocka_unit_test(test_hidden_query_is_no_query),
        cmocka_unit_test(test_tables_say_how_many_there_are),
        cmocka_unit_test(test_no_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
