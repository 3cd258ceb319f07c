/* Statements and rows about tables, roles and rights; which table a heartbeat writes. */
#include "base/mem.h"
#include "base/sqlname.h"
#include "model/heartbeat_table.h"
#include "source/postgres_tables.h"
#include "tests/check.h"

#include <string.h>

#define ROWS(n, c, names_, cells_) \
    (&(struct pgrows){.nrows = (n), .ncols = (c), .names = (names_), .cells = (cells_)})

static void test_names_from_connectors_stay_literals(void **state)
{
    (void)state;
    const struct hint_capture captures[] = {
        {.role = "a'); DROP TABLE t; --", .publication = "p\\", .signal_table = "s.\"x'y\""},
    };
    const struct hints hints = {.captures = captures, .ncaptures = 1};
    struct strbuf sql;
    strbuf_init(&sql, 64000);
    assert_true(postgres_tables_sql(&sql, PGT_LOGINS, 150000, &hints));
    assert_non_null(strstr(sql.text, "(VALUES ('a''); DROP TABLE t; --'::text)) x(role)"));
    assert_true(postgres_tables_sql(&sql, PGT_GRANTS, 150000, &hints));
    assert_non_null(strstr(sql.text, "('a''); DROP TABLE t; --'::text, E'p\\\\'::text, 's'::text,"
                                     " 'x''y'::text), (NULL, NULL, NULL, NULL)"));
    strbuf_free(&sql);
}

static void test_nothing_to_ask_without_connectors(void **state)
{
    (void)state;
    const struct hint_capture captures[] = {
        {.publication = "p", .signal_table = "noschema"}
    };
    const struct hints none = {0};
    const struct hints untold = {.captures = captures, .ncaptures = 1};
    struct strbuf sql;
    strbuf_init(&sql, 64000);
    for (int version = 130000; version <= 180000; version += 10000) {
        assert_true(postgres_tables_sql(&sql, PGT_RELATIONS, version, NULL));
        assert_null(strchr(sql.text, ';'));
        assert_true(postgres_tables_sql(&sql, PGT_BLOCKED, version, NULL));
        assert_true((strstr(sql.text, "waitstart") != NULL) == (version >= 140000));
    }
    assert_false(postgres_tables_sql(&sql, PGT_LOGINS, 150000, NULL));
    assert_false(postgres_tables_sql(&sql, PGT_LOGINS, 150000, &none));
    assert_false(postgres_tables_sql(&sql, PGT_LOGINS, 150000, &untold));
    assert_false(postgres_tables_sql(&sql, PGT_GRANTS, 150000, &untold));
    strbuf_free(&sql);
}

static void test_what_is_missing_is_unknown(void **state)
{
    (void)state;
    struct snapshot *snap = snapshot_new(SOURCE_POSTGRES);
    const char *names[] = {"schemaname", "tablename", "inserted", "rewrites",
                           "replident",  "relkind",   "toasted",  "total"};
    const char *cells[] = {"public", "a",  "5",  "7", "d", "r",   "0",  "9000",
                           "public", "b",  NULL, "7", "x", "odd", NULL, "9000",
                           "public", NULL, "1",  "1", "d", "r",   NULL, "9000"};
    postgres_tables_rows(snap, PGT_RELATIONS, ROWS(3, 8, names, cells));
    assert_int_equal(snap->pg.nrelations, 2);
    assert_int_equal(snap->pg.relations_total, 9000);
    const struct pg_relation *a = &snap->pg.relations[0], *b = &snap->pg.relations[1];
    assert_true(a->changes == 12 && a->rewrites == 7 && a->toasted == 0);
    assert_true(b->changes == UNKNOWN && b->toasted == UNKNOWN && b->live_rows == UNKNOWN);
    assert_true(b->replica_identity == '?' && b->kind == '?');
    assert_true(b->has_pk == TRI_UNKNOWN && b->toastable == TRI_UNKNOWN);
    const char *grant_names[] = {"role", "schemaname", "tablename", "found"};
    const char *grant_cells[] = {NULL, "s", "t", "t", "r", "s", NULL, "f"};
    postgres_tables_rows(snap, PGT_GRANTS, ROWS(2, 4, grant_names, grant_cells));
    assert_int_equal(snap->pg.ngrants, 1);
    assert_null(snap->pg.grants[0].role);
    assert_int_equal(snap->pg.grants[0].insert, TRI_UNKNOWN);
    assert_int_equal(snap->pg.grants[0].published, TRI_UNKNOWN);
    const char *blocked_names[] = {"pid", "blocker"};
    const char *blocked_cells[] = {"7", "-1"};
    postgres_tables_rows(snap, PGT_BLOCKED, ROWS(1, 2, blocked_names, blocked_cells));
    assert_true(snap->pg.blocked[0].waits_ms == UNKNOWN);
    for (int i = 0; i < PGT_COUNT; i++) /* an answer without rows is no crash */
        postgres_tables_rows(snap, (enum postgres_catalog)i, ROWS(0, 0, NULL, NULL));
    assert_int_equal(snap->pg.nrelations, 2);
    snapshot_free(snap);
}

static void test_table_that_a_heartbeat_writes(void **state)
{
    (void)state;
    static const struct {
        const char *sql, *table;
    } cases[] = {
        {"insert into public.heartbeat values (1, now()) on conflict (id) do update set ts = 1",
         "public.heartbeat"                                                                                        },
        {"  INSERT INTO Public.HeartBeat(id) VALUES (1);",                                       "public.heartbeat"},
        {"UPDATE ops.hb SET ts = now()",                                                         "ops.hb"          },
        {"update only ops.hb set ts = now()",                                                    "ops.hb"          },
        {"insert\n\tinto \"Ops\".\"Heart Beat\" values (1)",                                     "Ops.Heart Beat"  },
 /* The schema would be a guess. */
        {"insert into heartbeat values (1)",                                                     NULL              },
        {"with x as (select 1) insert into public.hb select * from x",                           NULL              },
        {"select pg_logical_emit_message(false, 'heartbeat', now()::varchar)",                   NULL              },
        {"insert into public.a values (1); insert into public.b values (1)",                     NULL              },
        {"insert into \"a.b\".c values (1)",                                                     NULL              },
        {"insert into \"open.t values (1)",                                                      NULL              },
        {"insert into a..b values (1)",                                                          NULL              },
        {"update",                                                                               NULL              },
        {"",                                                                                     NULL              },
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *got = heartbeat_table(cases[i].sql, arena);
        if (cases[i].table == NULL ? got != NULL : got == NULL || strcmp(got, cases[i].table) != 0)
            fail_msg("%s: %s", cases[i].sql, got != NULL ? got : "not understood");
    }
    arena_free(arena);
}

static void test_names_are_quoted_only_where_they_must(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"orders",    "orders"           },
        {"_x9",       "_x9"              },
        {"9x",        "\"9x\""           },
        {"Orders",    "\"Orders\""       },
        {"a b",       "\"a b\""          },
        {"say \"x\"", "\"say \"\"x\"\"\""},
        {"",          "\"\""             },
    };
    struct strbuf sb;
    strbuf_init(&sb, 1000);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        strbuf_reset(&sb);
        sqlname_plain(&sb, cases[i][0]);
        assert_string_equal(sb.text, cases[i][1]);
    }
    strbuf_free(&sb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_from_connectors_stay_literals),
        cmocka_unit_test(test_nothing_to_ask_without_connectors),
        cmocka_unit_test(test_what_is_missing_is_unknown),
        cmocka_unit_test(test_table_that_a_heartbeat_writes),
        cmocka_unit_test(test_names_are_quoted_only_where_they_must),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
