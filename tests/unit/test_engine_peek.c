/* Looking into a topic and an object through the engine, on the demo's world: an answer for each
 * request, pages that follow each other, and nothing kept when nobody looks any more. */
#include "base/mem.h"
#include "demo/demo.h"
#include "engine.h"
#include "model/envelope.h"
#include "tests/check.h"
#include "tests/unit/stepped_demo.h"

#include <stdlib.h>

enum { STEPS = 20 };

struct rig {
    struct demo *demo;
    struct config *config;
    struct engine *engine;
    const char *topic, *key;
};

static void step(const struct rig *r)
{
    struct play play;
    assert_true(engine_play(r->engine, &play));
    assert_true(engine_go(r->engine, play.at_ms + r->config->interval_ms));
}

/* The first captured topic that some objects come of. */
static void find_topic(struct rig *r)
{
    const struct pipeline *p = engine_pipeline(r->engine, 0);
    for (size_t i = 0; i < p->nprefixes; i++) {
        if (p->prefixes[i].prefix->nobjects == 0)
            continue;
        r->topic = p->prefixes[i].base.name;
        r->key = p->prefixes[i].prefix->objects[0].key;
    }
    assert_non_null(r->topic);
    r->topic = mem_strdup(r->topic); /* the rows are made anew in each step */
    r->key = mem_strdup(r->key);
}

static int setup(void **state)
{
    struct rig *r = mem_alloc(sizeof(*r));
    struct err err = ERR_INIT;
    stepped_demo("healthy", 0, &r->demo, &r->config);
    r->engine = engine_start(r->config, demo_backend(r->demo), &err);
    assert_non_null(r->engine);
    for (int i = 0; i < STEPS; i++)
        step(r);
    find_topic(r);
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    struct rig *r = *state;
    assert_true(engine_stop(r->engine, 0));
    config_free(r->config);
    demo_free(r->demo);
    free((char *)(uintptr_t)r->topic);
    free((char *)(uintptr_t)r->key);
    free(r);
    return 0;
}

static const struct peek_answer *look(const struct rig *r, const struct peek_request *request)
{
    struct err err = ERR_INIT;
    unsigned id = engine_peek(r->engine, request, &err);
    assert_int_not_equal(id, 0);
    for (int i = 0; i < STEPS; i++) {
        const struct peek_answer *a = engine_peeked(r->engine);
        if (a != NULL && a->id == id)
            return a;
        step(r);
    }
    fail_msg("no answer");
    return NULL;
}

static void test_pages_follow_each_other(void **state)
{
    struct rig *r = *state;
    struct peek_request request = {.name = r->topic, .partition = 0, .count = 10};
    const struct peek_answer *a = look(r, &request);
    assert_int_equal(a->nrecords, 10);
    assert_int_equal(a->nparts, 1);
    for (size_t i = 0; i < a->nrecords; i++) {
        assert_int_equal(a->records[i].envelope->kind, ENVELOPE_CHANGE);
        assert_true(a->records[i].offset == a->parts[0].from + (int64_t)i);
    }
    int64_t from = a->parts[0].from;
    struct peek_edge edge = {0, from};
    request.from = PEEK_BEFORE;
    request.edges = &edge;
    request.nedges = 1;
    a = look(r, &request);
    assert_true(a->parts[0].upto == from && a->parts[0].from == from - 10);
    edge.offset = from - 10;
    request.from = PEEK_AFTER;
    a = look(r, &request);
    assert_true(a->parts[0].from == from - 10 && a->parts[0].upto == from);
    assert_true(a->at_ms > 0);
}

static void test_from_the_end_and_by_time(void **state)
{
    struct rig *r = *state;
    struct peek_request request = {
        .name = r->topic, .partition = 0, .count = 10, .from = PEEK_OFFSET, .offset = -3};
    const struct peek_answer *a = look(r, &request);
    assert_int_equal(a->nrecords, 3);
    request.from = PEEK_TIME;
    request.time_ms = a->records[1].time_ms;
    a = look(r, &request);
    assert_true(a->nrecords >= 2 && a->records[0].time_ms >= request.time_ms);
}

static void test_the_first_records_of_an_object(void **state)
{
    struct rig *r = *state;
    const struct peek_request request = {.kind = PEEK_OBJECT, .name = r->key, .partition = -1};
    const struct peek_answer *a = look(r, &request);
    assert_int_equal(a->err.kind, ERR_NONE);
    assert_true(a->nrecords > 0);
    assert_int_equal(a->records[0].envelope->kind, ENVELOPE_CHANGE);
}

static void test_nothing_is_kept_when_nobody_looks(void **state)
{
    struct rig *r = *state;
    struct err err = ERR_INIT;
    const struct peek_request request = {.name = r->topic, .partition = -1, .count = 5};
    (void)look(r, &request);
    engine_peek_forget(r->engine);
    assert_null(engine_peeked(r->engine));
    assert_int_not_equal(engine_peek(r->engine, &request, &err), 0);
    engine_peek_forget(r->engine); /* before it was answered */
    for (int i = 0; i < STEPS; i++)
        step(r);
    assert_null(engine_peeked(r->engine));
}

#define ON_RIG(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_RIG(test_pages_follow_each_other),
        ON_RIG(test_from_the_end_and_by_time),
        ON_RIG(test_the_first_records_of_an_object),
        ON_RIG(test_nothing_is_kept_when_nobody_looks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
