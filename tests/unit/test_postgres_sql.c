/* Which columns each server version is asked for: as its own catalog has them. */
#include "base/mem.h"
#include "source/postgres_sql.h"
#include "tests/check.h"

#include <stdio.h>
#include <string.h>

#define SLOTS_13                                                                                \
    "slot_name,plugin,slot_type,datoid,database,temporary,active,active_pid,xmin,catalog_xmin," \
    "restart_lsn,confirmed_flush_lsn,wal_status,safe_wal_size"

static void test_slot_columns_of_each_version(void **state)
{
    (void)state;
    static const struct {
        int version_num;
        const char *columns;
    } cases[] = {
        {130022, SLOTS_13                                                                                        },
        {140019, SLOTS_13 ",two_phase"                                                                           },
        {150015, SLOTS_13 ",two_phase"                                                                           },
        {160010, SLOTS_13 ",two_phase,conflicting"                                                               },
        {170006,
         SLOTS_13 ",two_phase,inactive_since,conflicting,invalidation_reason,failover,synced"                    },
        {180001, SLOTS_13
         ",two_phase,two_phase_at,inactive_since,conflicting,invalidation_reason,failover,synced"},
        {190000, SLOTS_13
         ",two_phase,two_phase_at,inactive_since,conflicting,invalidation_reason,failover,synced"},
    };
    const struct pg_query_text *q = postgres_query(PGQ_SLOTS);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char names[600] = "";
        size_t used = 0;
        for (size_t c = 0; c < q->ncolumns; c++) {
            if (q->columns[c].shown && postgres_has_column(&q->columns[c], cases[i].version_num))
                used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
                                         used > 0 ? "," : "", q->columns[c].name);
        }
        assert_string_equal(names, cases[i].columns);
    }
}

static void test_newer_columns_are_not_asked_of_older_servers(void **state)
{
    (void)state;
    struct strbuf sql;
    strbuf_init(&sql, 16000);
    postgres_sql(&sql, PGQ_SLOTS, 130022);
    assert_null(strstr(sql.text, "two_phase"));
    assert_null(strstr(sql.text, "pg_stat_replication_slots")); /* 14 */
    assert_null(strstr(sql.text, "inactive_since"));
    postgres_sql(&sql, PGQ_SLOTS, 140019);
    assert_non_null(strstr(sql.text, "LEFT JOIN pg_stat_replication_slots"));
    postgres_sql(&sql, PGQ_SLOTS, 160010);
    assert_non_null(strstr(sql.text, "s.conflicting AS conflicting"));
    assert_null(strstr(sql.text, "invalidation_reason"));
    strbuf_free(&sql);
}

/* A name twice in one statement would be read from the wrong column. */
static void test_no_column_twice(void **state)
{
    (void)state;
    for (int v = 130000; v <= 190000; v += 10000) {
        for (int q = 0; q < PGQ_COUNT; q++) {
            const struct pg_query_text *text = postgres_query((enum pg_query)q);
            for (size_t a = 0; a < text->ncolumns; a++) {
                for (size_t b = a + 1; b < text->ncolumns; b++)
                    assert_false(postgres_has_column(&text->columns[a], v) &&
                                 postgres_has_column(&text->columns[b], v) &&
                                 strcmp(text->columns[a].name, text->columns[b].name) == 0);
            }
        }
    }
}

static void test_statements_are_whole_and_single(void **state)
{
    (void)state;
    struct strbuf sql;
    strbuf_init(&sql, 16000);
    for (int q = 0; q < PGQ_COUNT; q++) {
        postgres_sql(&sql, (enum pg_query)q, 180000);
        assert_false(sql.overflow);
        assert_int_equal(strncmp(sql.text, "SELECT ", 7), 0);
        assert_null(strchr(sql.text, ';'));
        assert_null(strstr(sql.text, ", ,"));
        assert_null(strstr(sql.text, "SELECT ,"));
    }
    strbuf_free(&sql);
}

static void test_aurora_without_wal_is_not_asked_for_a_position(void **state)
{
    (void)state;
    struct strbuf sql;
    strbuf_init(&sql, 16000);
    postgres_position_sql(&sql, PG_POSITION_ORDINARY);
    assert_non_null(strstr(sql.text, "pg_current_wal_lsn"));
    postgres_position_sql(&sql, PG_POSITION_NONE);
    assert_null(strstr(sql.text, "wal_lsn()"));
    assert_non_null(strstr(sql.text, "NULL AS lsn_now"));
    assert_non_null(strstr(sql.text, "AS in_recovery"));
    postgres_position_sql(&sql, PG_POSITION_AURORA);
    assert_non_null(strstr(sql.text, "pg_current_wal_lsn"));
    assert_null(strstr(sql.text, "pg_last_wal"));
    assert_non_null(strstr(sql.text, "AS in_recovery"));
    strbuf_free(&sql);
}

/* What Aurora may refuse is in the position alone: no other statement of a poll can break by it. */
static void test_no_other_statement_asks_for_wal(void **state)
{
    (void)state;
    static const char *const refused[] = {"pg_current_wal", "pg_last_wal", "pg_walfile",
                                          "pg_ls_waldir"};
    struct strbuf sql;
    strbuf_init(&sql, 16000);
    for (int q = 0; q < PGQ_COUNT; q++) {
        for (int version = 13; version <= 18; version++) {
            if (q == PGQ_POSITION)
                continue;
            strbuf_reset(&sql);
            postgres_sql(&sql, (enum pg_query)q, version * 10000);
            for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
                if (strstr(sql.text, refused[i]) != NULL)
                    fail_msg("%s asks for %s", postgres_query((enum pg_query)q)->title, refused[i]);
            }
        }
    }
    strbuf_free(&sql);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slot_columns_of_each_version),
        cmocka_unit_test(test_newer_columns_are_not_asked_of_older_servers),
        cmocka_unit_test(test_no_column_twice),
        cmocka_unit_test(test_statements_are_whole_and_single),
        cmocka_unit_test(test_aurora_without_wal_is_not_asked_for_a_position),
        cmocka_unit_test(test_no_other_statement_asks_for_wal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
