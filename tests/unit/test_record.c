/* A recording: every field of every snapshot there and back, as a whole and as changes; what is
 * replayed is what was lived through; damage anywhere; and no name left by --redact. */
#include "base/mem.h"
#include "engine.h"
#include "record/codec.h"
#include "record/record.h"
#include "record/recording.h"
#include "record/redact.h"
#include "record/reel.h"
#include "record/replay.h"
#include "tests/check.h"
#include "tests/unit/world_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- every field ----------------------------------------------------------------------------- */

/* Fills a row by its table, each figure another one. */
static void fill_row(struct arena *arena, const struct shape *shape, void *row, int64_t *n,
                     int depth);

static void *fill_array(struct arena *arena, const struct field *f, int64_t *n, size_t count,
                        int depth)
{
    if (f->type == FIELD_ROWS) {
        char *rows = arena_array(arena, count, f->of->size);
        for (size_t i = 0; i < count; i++)
            fill_row(arena, f->of, rows + i * f->of->size, n, depth + 1);
        return rows;
    }
    if (f->type == FIELD_KVS) {
        struct kv *items = arena_array(arena, count, sizeof(*items));
        for (size_t i = 0; i < count; i++) {
            items[i].key = arena_printf(arena, "key%zu", i);
            items[i].value = i == 1 ? NULL : arena_printf(arena, "v%lld", (long long)(*n)++);
        }
        return items;
    }
    const char **items = arena_array(arena, count, sizeof(*items));
    for (size_t i = 0; i < count; i++)
        items[i] = arena_printf(arena, "s%lld", (long long)(*n)++);
    return (void *)items;
}

static void fill_field(struct arena *arena, const struct field *f, char *row, int64_t *n, int depth)
{
    char *at = row + f->offset;
    const void *p = NULL;
    int64_t v = (*n)++;
    int32_t narrow = (int32_t)v;
    size_t count = 3;
    bool yes = true;
    switch (f->type) {
    case FIELD_BOOL: memcpy(at, &yes, sizeof(yes)); return;
    case FIELD_TRI:
        narrow = v % 2 == 0 ? TRI_YES : TRI_NO;
        memcpy(at, &narrow, sizeof(narrow));
        return;
    case FIELD_INT:
    case FIELD_I32: memcpy(at, &narrow, sizeof(narrow)); return;
    case FIELD_I64:
    case FIELD_ZERO:
        v = v % 5 == 0 ? INT64_MAX : v % 5 == 1 ? -v : v;
        memcpy(at, &v, sizeof(v));
        return;
    case FIELD_F64: {
        double fraction = (double)v + 0.1;
        memcpy(at, &fraction, sizeof(fraction));
        return;
    }
    case FIELD_SIZE:
    case FIELD_LSN: memcpy(at, &v, sizeof(v)); return;
    case FIELD_CHAR: *at = (char)('a' + v % 26); return;
    case FIELD_STR:
    case FIELD_NAME: p = arena_printf(arena, "text \"%lld\"\n\t\\ä\x1b", (long long)v); break;
    case FIELD_TEXT: (void)snprintf(at, f->size, "text%lld", (long long)v); return;
    case FIELD_PART: fill_row(arena, f->of, at, n, depth + 1); return;
    case FIELD_ROW: {
        void *one = arena_alloc(arena, f->of->size);
        fill_row(arena, f->of, one, n, depth + 1);
        p = one;
        break;
    }
    case FIELD_STRS:
    case FIELD_KVS:
    case FIELD_ROWS:
        p = fill_array(arena, f, n, count, depth);
        memcpy(row + f->count, &count, sizeof(count));
        break;
    }
    memcpy(at, &p, sizeof(p));
}

static void fill_row(struct arena *arena, const struct shape *shape, void *row, int64_t *n,
                     int depth)
{
    assert_true(depth < 6);
    for (size_t i = 0; i < shape->nfields; i++)
        fill_field(arena, &shape->fields[i], row, n, depth);
}

/* Writes row against base, reads it back against it, and wants the same. Returns what was written.
 */
static char *there_and_back(struct arena *arena, const struct shape *shape, const void *row,
                            const void *base)
{
    struct strbuf sb;
    struct err err = ERR_INIT;
    strbuf_init(&sb, RECORD_LINE_MAX);
    strbuf_putc(&sb, '{');
    (void)encode_members(&sb, shape, row, base, NULL, false);
    strbuf_putc(&sb, '}');
    cJSON *json = json_parse(sb.text, sb.len, &err);
    assert_non_null(json);
    void *back = arena_alloc(arena, shape->size);
    if (!decode_row(arena, shape, json, back, base, &err))
        fail_msg("%s: %s", shape->name, err.text);
    cJSON_Delete(json);
    if (!shape_same(shape, row, back))
        fail_msg("%s is not the same again: %.300s", shape->name, sb.text);
    return strbuf_take(&sb);
}

static const struct shape *const all_shapes[] = {
    &shape_pg, &shape_kafka, &shape_connect, &shape_s3, &shape_report, &shape_head, &shape_ledger};

static void test_every_field_comes_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(all_shapes); i++) {
        const struct shape *shape = all_shapes[i];
        struct arena *arena = arena_new();
        int64_t n = 1;
        void *full = arena_alloc(arena, shape->size), *none = arena_alloc(arena, shape->size);
        fill_row(arena, shape, full, &n, 0);
        shape_clear(shape, none);
        free(there_and_back(arena, shape, full, NULL));
        free(there_and_back(arena, shape, full, none));
        free(there_and_back(arena, shape, none, full));
        char *nothing = there_and_back(arena, shape, full, full);
        assert_string_equal(nothing, "{}");
        free(nothing);
        nothing = there_and_back(arena, shape, none, NULL);
        assert_string_equal(nothing, "{}");
        free(nothing);
        arena_free(arena);
    }
}

static void change_field(struct arena *arena, const struct field *f, char *row, int64_t *n)
{
    static const enum tri unknown = TRI_UNKNOWN;
    if (f->type == FIELD_BOOL)
        row[f->offset] = 0;
    else if (f->type == FIELD_TRI)
        memcpy(row + f->offset, &unknown, sizeof(unknown));
    else if (f->type == FIELD_CHAR)
        row[f->offset] = 'A';
    else
        fill_field(arena, f, row, n, 0);
}

/* Each member alone differs: no other one may make up for it. */
static void test_each_change_alone_comes_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(all_shapes); i++) {
        const struct shape *shape = all_shapes[i];
        for (size_t k = 0; k < shape->nfields; k++) {
            struct arena *arena = arena_new();
            int64_t n = 1, other = 1001;
            char *a = arena_alloc(arena, shape->size), *b = arena_alloc(arena, shape->size);
            shape_clear(shape, b);
            fill_row(arena, shape, a, &n, 0);
            memcpy(b, a, shape->size);
            change_field(arena, &shape->fields[k], b, &other);
            assert_false(shape_same(shape, a, b));
            char *text = there_and_back(arena, shape, b, a);
            assert_non_null(strstr(text, shape->fields[k].name));
            free(text);
            arena_free(arena);
        }
    }
}

static struct s3_snap objects(struct arena *arena, size_t from, size_t n)
{
    struct s3_prefix *p = arena_alloc(arena, sizeof(*p));
    shape_clear(&shape_s3, arena_alloc(arena, sizeof(struct s3_snap)));
    *p = (struct s3_prefix){.topic = "t", .path = "p/", .nobjects = n};
    p->objects = arena_array(arena, n, sizeof(*p->objects));
    for (size_t i = 0; i < n; i++)
        p->objects[i] = (struct s3_object){.key = arena_printf(arena, "p/%zu", from - i),
                                           .size = 10,
                                           .start_offset = UNKNOWN,
                                           .records = UNKNOWN,
                                           .modified_ms = 5};
    return (struct s3_snap){.prefixes = p, .nprefixes = 1};
}

/* A snapshot's head and its part stand in one JSON object. */
static void test_no_field_of_a_part_has_the_name_of_one_of_the_head(void **state)
{
    (void)state;
    for (int kind = 0; kind < SOURCE_KIND_COUNT; kind++) {
        const struct shape *part = shape_of((enum source_kind)kind);
        for (size_t i = 0; i < part->nfields; i++)
            for (size_t h = 0; h < shape_head.nfields; h++)
                if (strcmp(part->fields[i].name, shape_head.fields[h].name) == 0)
                    fail_msg("%s has a second %s", part->name, part->fields[i].name);
    }
}

static void test_rows_that_move_are_not_written_again(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct s3_snap before = objects(arena, 1000, 200), after = objects(arena, 1003, 200);
    char *text = there_and_back(arena, &shape_s3, &after, &before);
    assert_non_null(strstr(text, "[0,197]"));
    assert_true(strlen(text) < 250);
    free(text);
    struct s3_snap gone = objects(arena, 1003, 200);
    memmove(&gone.prefixes->objects[50], &gone.prefixes->objects[52],
            148 * sizeof(struct s3_object));
    gone.prefixes->nobjects = 198;
    text = there_and_back(arena, &shape_s3, &gone, &after);
    assert_non_null(strstr(text, "[[0,50],[52,148]]"));
    free(text);
    arena_free(arena);
}

static const char *const wrong_rows[] = {
    "{\"slots\":{}}",
    "{\"slots\":[1]}",
    "{\"slots\":[[0,1]]}", /* there is no base */
    "{\"slots\":[{\"name\":1}]}",
    "{\"slots\":[{\"restart_lsn\":\"x\"}]}",
    "{\"slots\":[{\"active\":1}]}",
    "{\"slots\":[{\"active_pid\":1e99}]}",
    "{\"slots\":[{\"active_pid\":3000000000}]}",
    "{\"slots\":[{\"retained\":1.5}]}",
    "{\"slots\":[{\"retained\":\"99999999999999999999999\"}]}",
    "{\"slots\":[{\"walsender\":[]}]}",
    "{\"slots\":[{\"columns\":{\"a\":1}}]}",
    "{\"tables_total\":-1}",
    "{\"relations\":[{\"kind\":null}]}",
    "{\"publications\":[{\"insert\":null}]}",
    "{\"blocked\":[{\"by\":null}]}",
};

static void test_what_is_not_as_it_should_be_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wrong_rows); i++) {
        struct arena *arena = arena_new();
        struct err err = ERR_INIT;
        struct pg_snap *pg = arena_alloc(arena, sizeof(*pg));
        cJSON *json = json_parse(wrong_rows[i], strlen(wrong_rows[i]), NULL);
        assert_non_null(json);
        if (decode_row(arena, &shape_pg, json, pg, NULL, &err))
            fail_msg("taken: %s", wrong_rows[i]);
        assert_int_not_equal(err.kind, ERR_NONE);
        cJSON_Delete(json);
        arena_free(arena);
    }
}

/* Ranges that double an array with every line come to an end. */
static void test_what_grows_without_end_is_refused(void **state)
{
    (void)state;
    struct arena *before = arena_new();
    struct err err = ERR_INIT;
    struct s3_snap base = objects(before, 1000, 200);
    const char text[] = "{\"prefixes\":[{\"objects\":[[0,200],[0,200]]}]}";
    char line[100];
    bool ok = true;
    size_t n = 200;
    (void)snprintf(line, sizeof(line), "%s", text);
    for (int i = 0; ok && i < 40; i++, n *= 2) {
        struct arena *arena = arena_new();
        struct s3_snap *next = arena_alloc(arena, sizeof(*next));
        cJSON *json = json_parse(line, strlen(line), NULL);
        ok = decode_row(arena, &shape_s3, json, next, &base, &err);
        cJSON_Delete(json);
        assert_true(arena_used(arena) < 2 * (size_t)DECODE_MAX_BYTES);
        base = *next;
        arena_free(before);
        before = arena;
        (void)snprintf(line, sizeof(line), "{\"prefixes\":[{\"objects\":[[0,%zu],[0,%zu]]}]}",
                       n * 2, n * 2);
    }
    assert_false(ok);
    assert_int_equal(err.kind, ERR_TOOBIG);
    arena_free(before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_field_comes_back),
        cmocka_unit_test(test_each_change_alone_comes_back),
        cmocka_unit_test(test_no_field_of_a_part_has_the_name_of_one_of_the_head),
        cmocka_unit_test(test_rows_that_move_are_not_written_again),
        cmocka_unit_test(test_what_is_not_as_it_should_be_is_refused),
        cmocka_unit_test(test_what_grows_without_end_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
