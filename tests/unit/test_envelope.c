/* What record values are, on values recorded from Debezium 2.7.4 (PostgreSQL, MariaDB) and others.
 */
#include "base/mem.h"
#include "model/envelope.h"
#include "tests/check.h"

#include <string.h>

#define SOURCE(table, more)                                                                 \
    "\"source\":{\"version\":\"2.7.4.Final\",\"connector\":\"postgresql\",\"name\":\"ev\"," \
    "\"ts_ms\":1795196832525,\"snapshot\":\"false\",\"db\":\"shop\",\"schema\":\"public\"," \
    "\"table\":\"" table "\",\"txId\":760,\"lsn\":28121528,\"xmin\":null}," more            \
    "\"ts_ms\":1795196832587"
#define UPDATE(before, after) \
    "{\"before\":" before ",\"after\":" after "," SOURCE("t", "\"op\":\"u\",") "}"

static struct arena *arena;
static char identity; /* what is known of the table */

static const struct envelope *read_n(const char *key, const char *value, size_t n)
{
    struct peek_bytes k = {key, key != NULL ? strlen(key) : 0,
                           key != NULL ? (int64_t)strlen(key) : 0};
    struct peek_bytes v = {value, n, (int64_t)n};
    return envelope_read(arena, &k, &v, identity);
}

static const struct envelope *read_one(const char *key, const char *value)
{
    return read_n(key, value, value != NULL ? strlen(value) : 0);
}

static const struct envelope_column *column(const struct envelope *e, const char *name)
{
    for (size_t i = 0; i < e->ncolumns; i++) {
        if (strcmp(e->columns[i].name, name) == 0)
            return &e->columns[i];
    }
    fail_msg("no column %s", name);
    return NULL;
}

static void check_column(const struct envelope *e, const char *name, enum column_change change,
                         enum cell_state before, enum cell_state after)
{
    const struct envelope_column *c = column(e, name);
    if (c->change != change || c->before.state != before || c->after.state != after)
        fail_msg("%s: change %d, before %d, after %d", name, (int)c->change, (int)c->before.state,
                 (int)c->after.state);
}

static void test_a_create_with_its_position(void **state)
{
    (void)state;
    const struct envelope *e = read_one(
        "{\"id\":1}", "{\"before\":null,\"after\":{\"id\":1,\"name\":\"one\",\"n\":null}," SOURCE(
                          "t_def", "\"transaction\":null,\"op\":\"c\",") "}");
    assert_int_equal(e->kind, ENVELOPE_CHANGE);
    assert_string_equal(e->word, "create");
    assert_string_equal(e->key, "id=1");
    assert_string_equal(e->table, "public.t_def");
    assert_string_equal(e->position, "0/1AD19B8");
    assert_string_equal(kv_find(e->facts, e->nfacts, "transaction"), "760");
    assert_null(kv_find(e->facts, e->nfacts, "snapshot")); /* it is none */
    assert_true(e->source_ms == 1795196832525 && e->read_ms == 1795196832587);
    assert_string_equal(e->summary, "name=one n=null");
    check_column(e, "id", COLUMN_ADDED, CELL_ABSENT, CELL_VALUE);
    check_column(e, "n", COLUMN_ADDED, CELL_ABSENT, CELL_NULL);
    assert_null(e->before_note);
}

static void test_the_schema_part_is_looked_through(void **state)
{
    (void)state;
    const struct envelope *e =
        read_one("{\"schema\":{\"type\":\"struct\"},\"payload\":{\"id\":7}}",
                 "{\"schema\":{\"type\":\"struct\",\"fields\":[]},\"payload\":{\"before\":null,"
                 "\"after\":{\"id\":7}," SOURCE("t", "\"op\":\"r\",") "}}");
    assert_string_equal(e->key, "id=7");
    assert_string_equal(e->word, "read");
    assert_true(column(e, "id")->key);
}

static void test_what_an_update_changed(void **state)
{
    (void)state;
    const struct envelope *e = read_one(
        "{\"id\":1}", UPDATE("{\"a\":\"same\",\"id\":1,\"n\":9007199254740992,\"old\":true}",
                             "{\"a\":\"same\",\"id\":1,\"n\":9007199254740993,\"fresh\":null}"));
    check_column(e, "n", COLUMN_CHANGED, CELL_VALUE, CELL_VALUE); /* a double would not see it */
    check_column(e, "a", COLUMN_SAME, CELL_VALUE, CELL_VALUE);
    check_column(e, "old", COLUMN_REMOVED, CELL_VALUE, CELL_ABSENT);
    check_column(e, "fresh", COLUMN_ADDED, CELL_ABSENT, CELL_NULL);
    assert_string_equal(e->columns[0].name, "id"); /* the key, what changed, the rest */
    assert_string_equal(e->columns[1].name, "n");
    assert_string_equal(e->columns[3].name, "old");
    assert_string_equal(e->columns[4].name, "a");
    assert_string_equal(e->summary,
                        "n: 9007199254740992 → 9007199254740993, fresh: null, old is gone");
    e = read_one("{\"id\":1}", UPDATE("{\"id\":1,\"n\":1}", "{\"id\":1,\"n\":1}"));
    assert_string_equal(e->summary, "no column changed");
}

static void test_a_row_that_was_not_sent_is_not_null(void **state)
{
    (void)state;
    const struct envelope *e =
        read_one("{\"id\":1}", UPDATE("null", "{\"id\":1,\"name\":\"one\"}"));
    check_column(e, "name", COLUMN_UNTOLD, CELL_UNSENT, CELL_VALUE);
    assert_non_null(strstr(e->before_note, "REPLICA IDENTITY FULL"));
    assert_string_equal(e->summary, "now name=one");
    e = read_one("{\"id\":1}",
                 "{\"before\":{\"id\":1,\"name\":null,\"n\":null},\"after\":null," SOURCE(
                     "t", "\"op\":\"d\",") "}");
    check_column(e, "id", COLUMN_REMOVED, CELL_VALUE, CELL_ABSENT);
    check_column(e, "name", COLUMN_REMOVED, CELL_UNSENT, CELL_ABSENT);
    assert_non_null(strstr(e->before_note, "only the key"));
    assert_string_equal(e->summary, "the row was not sent, only its key");
    /* Recorded from a table whose columns may not be null. */
    e = read_one("{\"id\":1}",
                 "{\"before\":{\"id\":1,\"customer\":0,\"note\":\"\",\"ok\":false,"
                 "\"updated_at\":\"1970-01-01T00:00:00.000000Z\",\"amount\":\"AA==\"},"
                 "\"after\":null," SOURCE("t", "\"op\":\"d\",") "}");
    check_column(e, "customer", COLUMN_REMOVED, CELL_UNSENT, CELL_ABSENT);
    check_column(e, "updated_at", COLUMN_REMOVED, CELL_UNSENT, CELL_ABSENT);
    assert_string_equal(e->summary, "the row was not sent, only its key");
    /* With FULL a row of nothing is one. */
    identity = 'f';
    e = read_one("{\"id\":1}",
                 "{\"before\":{\"id\":1,\"n\":0},\"after\":null," SOURCE("t", "\"op\":\"d\",") "}");
    identity = 0;
    check_column(e, "n", COLUMN_REMOVED, CELL_VALUE, CELL_ABSENT);
    e = read_one("{\"id\":1}", "{\"before\":{\"id\":1,\"n\":\"1970-01-02\"},\"after\":null," SOURCE(
                                   "t", "\"op\":\"d\",") "}");
    check_column(e, "n", COLUMN_REMOVED, CELL_VALUE, CELL_ABSENT);
    /* One old value is there, so the null beside it is one of the row. */
    e = read_one("{\"id\":1}",
                 "{\"before\":{\"id\":1,\"name\":\"one\",\"n\":null},\"after\":null," SOURCE(
                     "t", "\"op\":\"d\",") "}");
    check_column(e, "n", COLUMN_REMOVED, CELL_NULL, CELL_ABSENT);
    assert_null(e->before_note);
    assert_string_equal(e->summary, "name=one n=null");
}

static void test_a_large_value_that_was_left_alone(void **state)
{
    (void)state;
    const struct envelope *e = read_one(
        "{\"id\":1}", UPDATE("null", "{\"id\":1,\"n\":2,\"doc\":\"__debezium_unavailable_value\","
                                     "\"raw\":\"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==\","
                                     "\"list\":[\"__debezium_unavailable_value\"]}"));
    check_column(e, "doc", COLUMN_SAME, CELL_UNSENT, CELL_TOAST);
    check_column(e, "raw", COLUMN_SAME, CELL_UNSENT, CELL_TOAST);
    check_column(e, "list", COLUMN_SAME, CELL_UNSENT, CELL_TOAST);
    assert_string_equal(column(e, "doc")->after.text, "not sent (TOAST)");
    assert_string_equal(e->summary, "now n=2");
}

static void test_mysql_positions(void **state)
{
    (void)state;
    const struct envelope *e = read_one(
        "{\"id\":1}",
        "{\"before\":{\"id\":1,\"x\":null},\"after\":null,\"source\":{\"version\":\"2.7.0\","
        "\"connector\":\"mysql\",\"ts_ms\":1795196832000,\"snapshot\":\"last\",\"db\":\"shop\","
        "\"table\":\"t\",\"server_id\":1,\"gtid\":\"3E11FA47-71CA:23\",\"file\":\"binlog.000003\","
        "\"pos\":1234,\"row\":0},\"op\":\"d\",\"ts_ms\":1795196832001}");
    assert_string_equal(e->table, "shop.t");
    assert_string_equal(e->position, "binlog.000003:1234");
    assert_string_equal(kv_find(e->facts, e->nfacts, "GTID"), "3E11FA47-71CA:23");
    assert_string_equal(kv_find(e->facts, e->nfacts, "snapshot"), "last");
    check_column(e, "x", COLUMN_REMOVED, CELL_NULL, CELL_ABSENT); /* a binlog has the whole row */
}

static void test_truncate_and_message(void **state)
{
    (void)state;
    const struct envelope *e = read_one(NULL, "{" SOURCE("t", "\"op\":\"t\",") "}");
    assert_string_equal(e->word, "truncate");
    assert_null(e->key);
    assert_int_equal(e->ncolumns, 0);
    assert_string_equal(e->summary, "all rows were removed at once");
    e = read_one("{\"prefix\":\"foo\"}",
                 "{" SOURCE("", "\"op\":\"m\",") ",\"message\":{\"prefix\":\"foo\","
                                                 "\"content\":\"aGk=\"}}");
    assert_string_equal(e->word, "message");
    assert_string_equal(e->summary, "prefix=foo content=aGk=");
}

static void test_what_is_no_change(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        size_t n;
        enum envelope_kind kind;
        const char *word, *summary;
    } cases[] = {
        {NULL,                            0,  ENVELOPE_TOMBSTONE, "tombstone", "no value: compaction may remove this key"},
        {"",                              0,  ENVELOPE_EMPTY,     "empty",     "no bytes"                                },
        {"{\"op\":\"c\"}",                10, ENVELOPE_JSON,      "json",      "{\"op\":\"c\"}"                          },
        {"{\"op\":\"x\",\"source\":{}}",  22, ENVELOPE_JSON,      "json",      "{\"op\":\"x\",\"source\":{}}"            },
        {"42",                            2,  ENVELOPE_JSON,      "json",      "42"                                      },
        {"plain words",                   11, ENVELOPE_TEXT,      "text",      "plain words"                             },
        {"{\"half\":",                    8,  ENVELOPE_TEXT,      "text",      "{\"half\":"                              },
        {"\x00\x00\x00\x00\x2A\x02\x06",  7,  ENVELOPE_REGISTRY,  "registry",
         "schema 42, not decoded: 00 00 00 00 2a 02 06"                                                                  },
        {"\x00\x00\x00\x00\x2A{\"a\":1}", 12, ENVELOPE_JSON,      "json",      "{\"a\":1}"                               },
        {"\xFF\xFE\x01",                  3,  ENVELOPE_BINARY,    "binary",    "ff fe 01"                                },
        {"Obj\x01\x04\x14\x00",           7,  ENVELOPE_BINARY,    "binary",
         "Avro container: 4f 62 6a 01 04 14 00"                                                                          },
        {"\x00\x00\x00\x00\x00\x02",      6,  ENVELOPE_BINARY,    "binary",    "00 00 00 00 00 02"                       },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct envelope *e = read_n("k", cases[i].value, cases[i].n);
        if (e->kind != cases[i].kind)
            fail_msg("case %zu: kind %d", i, (int)e->kind);
        assert_string_equal(e->word, cases[i].word);
        assert_string_equal(e->summary, cases[i].summary);
        assert_string_equal(e->key, "k");
    }
    assert_int_equal(read_n("k", cases[7].value, cases[7].n)->schema_id, 42);
    assert_int_equal(read_n("k", cases[8].value, cases[8].n)->schema_id, 42);
}

static void test_keys(void **state)
{
    (void)state;
    assert_string_equal(read_one("{\"a\":1,\"b\":\"x y\"}", "1")->key, "a=1 b=x y");
    assert_string_equal(read_one("17", "1")->key, "17");
    assert_string_equal(read_one("\"text\"", "1")->key, "text");
    assert_string_equal(read_one("\xFF\x01", "1")->key, "ff 01");
    assert_null(read_one(NULL, "1")->key);
}

static void test_long_texts_are_cut_between_characters(void **state)
{
    (void)state;
    char text[1001];
    for (size_t i = 0; i + 1 < sizeof(text); i += 2)
        memcpy(text + i, "é", 2);
    text[1000] = '\0';
    text[0] = 'x'; /* the cut falls into a character */
    text[1] = 'y';
    text[2] = 'z';
    memmove(text + 3, text + 4, 996);
    const char *s = read_n("k", text, 999)->summary;
    assert_string_equal(s + strlen(s) - 5, "é…");
    assert_true(strlen(s) < 420);
}

static void test_cut_values_say_so(void **state)
{
    (void)state;
    struct peek_bytes key = {0}, value = {"{\"a\":\"bbb", 9, 100000};
    assert_true(envelope_read(arena, &key, &value, 0)->cut);
    value = (struct peek_bytes){"abc", 3, UNKNOWN};
    assert_true(envelope_read(arena, &key, &value, 0)->cut);
    value.size = 3;
    assert_false(envelope_read(arena, &key, &value, 0)->cut);
}

static void test_binary(void **state)
{
    (void)state;
    assert_false(envelope_is_binary("tab\tline\r\n", 10));
    assert_false(envelope_is_binary("caf\xC3", 4)); /* cut off within a character */
    assert_false(envelope_is_binary("colours \x1b[31mred\x1b[0m here", 25));
    assert_true(envelope_is_binary("a\0b", 3));
    assert_true(envelope_is_binary("caf\xC3 au lait", 12));
    assert_true(envelope_is_binary("\x01\x02\x03\x04 x", 6));
}

static int open_arena(void **state)
{
    (void)state;
    arena = arena_new();
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_create_with_its_position),
        cmocka_unit_test(test_the_schema_part_is_looked_through),
        cmocka_unit_test(test_what_an_update_changed),
        cmocka_unit_test(test_a_row_that_was_not_sent_is_not_null),
        cmocka_unit_test(test_a_large_value_that_was_left_alone),
        cmocka_unit_test(test_mysql_positions),
        cmocka_unit_test(test_truncate_and_message),
        cmocka_unit_test(test_what_is_no_change),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_long_texts_are_cut_between_characters),
        cmocka_unit_test(test_cut_values_say_so),
        cmocka_unit_test(test_binary),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
