/* Choosing records from several partitions, and what stands in the body of an object. */
#include "base/mem.h"
#include "model/envelope.h"
#include "model/peek.h"
#include "tests/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LANES = 2, MOST = 8 };

struct lanes {
    struct peek_lane lane[LANES];
    struct peek_part part[LANES];
    struct peek_record records[LANES][MOST];
};

/* Offsets from `first` on, one for each time. */
static void lane(struct lanes *l, int i, int64_t first, bool more, const char *times)
{
    struct peek_lane *lane = &l->lane[i];
    *lane = (struct peek_lane){.part = &l->part[i], .records = l->records[i], .more = more};
    for (const char *p = times; *p != '\0'; p++)
        l->records[i][lane->n++] =
            (struct peek_record){.partition = i, .offset = first++, .time_ms = *p - '0'};
    lane->from = first - (int64_t)lane->n;
    lane->upto = first;
}

static struct peek_answer *answer_of(enum peek_kind kind)
{
    const struct peek_request request = {.kind = kind, .name = "t", .partition = -1};
    return peek_answer_new(1, &request);
}

/* The chosen ones as "PARTITION:OFFSET …". */
static const char *chosen(struct peek_answer *a)
{
    const char *text = "";
    for (size_t i = 0; i < a->nrecords; i++)
        text = arena_printf(a->arena, "%s%s%d:%d", text, i > 0 ? " " : "",
                            (int)a->records[i].partition, (int)a->records[i].offset);
    return text;
}

static void test_the_newest_of_both_partitions(void **state)
{
    (void)state;
    struct lanes l;
    struct peek_answer *a = answer_of(PEEK_TOPIC);
    lane(&l, 0, 10, true, "1357");
    lane(&l, 1, 50, true, "0246");
    assert_true(peek_merge(a, l.lane, LANES, true, 5));
    assert_string_equal(chosen(a), "0:11 1:52 0:12 1:53 0:13");
    assert_true(l.part[0].from == 11 && l.part[0].upto == 14);
    assert_true(l.part[1].from == 52 && l.part[1].upto == 54);
    peek_answer_free(a);
}

static void test_the_oldest_of_both_partitions(void **state)
{
    (void)state;
    struct lanes l;
    struct peek_answer *a = answer_of(PEEK_TOPIC);
    lane(&l, 0, 10, true, "1357");
    lane(&l, 1, 50, true, "0246");
    assert_true(peek_merge(a, l.lane, LANES, false, 3));
    assert_string_equal(chosen(a), "1:50 0:10 1:51");
    assert_true(l.part[0].from == 10 && l.part[0].upto == 11);
    assert_true(l.part[1].from == 50 && l.part[1].upto == 52);
    peek_answer_free(a);
}

/* An offset never goes before a smaller one of its partition, whatever the clocks said. */
static void test_clocks_that_went_back(void **state)
{
    (void)state;
    struct lanes l;
    struct peek_answer *a = answer_of(PEEK_TOPIC);
    lane(&l, 0, 10, false, "919");
    lane(&l, 1, 50, false, "555");
    assert_true(peek_merge(a, l.lane, LANES, true, 5));
    assert_string_equal(chosen(a), "0:11 1:50 1:51 1:52 0:12");
    peek_answer_free(a);
}

static void test_a_lane_that_ran_dry_decides_nothing(void **state)
{
    (void)state;
    struct lanes l;
    struct peek_answer *a = answer_of(PEEK_TOPIC);
    lane(&l, 0, 10, true, "89");
    lane(&l, 1, 50, true, "1234");
    assert_false(peek_merge(a, l.lane, LANES, true, 5));
    assert_string_equal(chosen(a), "0:10 0:11"); /* below 0:10 could be what is younger than 4 */
    assert_true(peek_lane_used(&l.lane[0], true));
    assert_false(peek_lane_used(&l.lane[1], true));
    l.lane[0].more = false;
    assert_true(peek_merge(a, l.lane, LANES, true, 5));
    assert_string_equal(chosen(a), "1:51 1:52 1:53 0:10 0:11");
    l.lane[1].n = 0; /* read, and nothing was there: compacted away */
    assert_false(peek_merge(a, l.lane, LANES, true, 5));
    assert_true(peek_lane_used(&l.lane[1], true));
    peek_answer_free(a);
}

static struct peek_answer *object(const char *body, bool cut)
{
    struct peek_answer *a = answer_of(PEEK_OBJECT);
    a->body = peek_bytes_copy(a->arena, body, strlen(body));
    a->cut = cut;
    peek_answer_read(a);
    return a;
}

static void test_the_records_of_an_object(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        bool cut;
        const char *values[4];
    } cases[] = {
        {"{\"a\":1}\n{\"a\":2}\n",                 false, {"{\"a\":1}", "{\"a\":2}"}         },
        {"{\"a\":1}\r\n\r\n{\"a\":2}",             false, {"{\"a\":1}", "{\"a\":2}"}         },
        {"{\"a\":1}\n{\"a\":",                     true,  {"{\"a\":1}", "{\"a\":"}           },
        {"[\n{\"a\":[1,2]},\n{\"b\":\"],\"}\n]\n", false, {"{\"a\":[1,2]}", "{\"b\":\"],\"}"}},
        {"[{\"a\":\"\\\"]\"},{\"b\"",              true,  {"{\"a\":\"\\\"]\"}", "{\"b\""}    },
        {"[]",                                     false, {NULL}                             },
        {"one\ntwo",                               false, {"one", "two"}                     },
        {"",                                       false, {NULL}                             },
        {"Obj\x01\x04\xFF",                        false, {NULL}                             },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct peek_answer *a = object(cases[i].body, cases[i].cut);
        size_t n = 0;
        for (; cases[i].values[n] != NULL; n++) {
            assert_true(n < a->nrecords);
            assert_int_equal(a->records[n].value.n, strlen(cases[i].values[n]));
            assert_memory_equal(a->records[n].value.data, cases[i].values[n],
                                a->records[n].value.n);
            assert_true(a->records[n].offset == (int64_t)n);
            bool last_is_cut = cases[i].cut && cases[i].values[n + 1] == NULL;
            assert_int_equal(a->records[n].envelope->cut, last_is_cut);
        }
        assert_int_equal(a->nrecords, n);
        peek_answer_free(a);
    }
}

static void test_the_records_of_an_object_are_bounded(void **state)
{
    (void)state;
    char body[3 * PEEK_RECORDS_MAX + 1] = "";
    for (int i = 0; i < PEEK_RECORDS_MAX + 20; i++)
        memcpy(body + 2 * (size_t)i, "x\n", 3);
    struct peek_answer *a = object(body, false);
    assert_int_equal(a->nrecords, PEEK_RECORDS_MAX);
    peek_answer_free(a);
}

static void test_bytes_are_cut(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    char *big = mem_alloc(PEEK_BYTES_MAX + 10);
    memset(big, 'x', PEEK_BYTES_MAX + 10);
    struct peek_bytes b = peek_bytes_copy(arena, big, PEEK_BYTES_MAX + 10);
    assert_int_equal(b.n, PEEK_BYTES_MAX);
    assert_true(b.size == PEEK_BYTES_MAX + 10);
    assert_int_equal(b.data[b.n], '\0');
    assert_null(peek_bytes_copy(arena, NULL, 0).data);
    free(big);
    arena_free(arena);
}

static void test_a_request_is_copied_with_its_edges(void **state)
{
    (void)state;
    struct peek_edge edges[] = {
        {0, 10},
        {1, 20}
    };
    const struct peek_request request = {.name = "t", .edges = edges, .nedges = 2};
    struct peek_request *copy = peek_request_copy(&request);
    edges[1].offset = 0;
    assert_true(copy->edges[1].offset == 20);
    peek_request_free(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_newest_of_both_partitions),
        cmocka_unit_test(test_the_oldest_of_both_partitions),
        cmocka_unit_test(test_clocks_that_went_back),
        cmocka_unit_test(test_a_lane_that_ran_dry_decides_nothing),
        cmocka_unit_test(test_the_records_of_an_object),
        cmocka_unit_test(test_the_records_of_an_object_are_bounded),
        cmocka_unit_test(test_bytes_are_cut),
        cmocka_unit_test(test_a_request_is_copied_with_its_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
