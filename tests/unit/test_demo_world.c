/* The simulated world holds together: the same seed gives the same one, what is cut off piles up
 * and drains again, actions have their effect and their refusals, records are found again. */
#include "base/mem.h"
#include "demo/demo.h"
#include "engine.h"
#include "model/snapshot_status.h"
#include "report/report.h"
#include "tests/check.h"
#include "tests/unit/stepped_demo.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rig {
    struct demo *demo;
    struct config *config;
    struct engine *engine;
};

static void rig_open(struct rig *r, const char *what, uint64_t seed)
{
    struct err err = ERR_INIT;
    stepped_demo(what, seed, &r->demo, &r->config);
    r->engine = engine_start(r->config, demo_backend(r->demo), &err);
    assert_non_null(r->engine);
}

static void rig_close(struct rig *r)
{
    assert_true(engine_stop(r->engine, 0));
    config_free(r->config);
    demo_free(r->demo);
}

static void wait_s(const struct rig *r, int seconds)
{
    struct play play;
    assert_true(engine_play(r->engine, &play));
    assert_true(engine_go(r->engine, play.at_ms + seconds * INT64_C(1000)));
}

static char *document(const struct rig *r)
{
    const struct report_input in = {.world = engine_world(r->engine),
                                    .pipeline = engine_pipeline(r->engine, 0),
                                    .findings = engine_findings(r->engine, 0)};
    return report_json(&in);
}

static const struct slot_row *slot(const struct rig *r)
{
    const struct slot_row *s = pipeline_slot(engine_pipeline(r->engine, 0), "dbz_shop");
    assert_non_null(s);
    return s;
}

static const struct topic_row *topic(const struct rig *r)
{
    const struct topic_row *t = pipeline_topic(engine_pipeline(r->engine, 0), "shop.public.orders");
    assert_non_null(t);
    return t;
}

static const struct connector_row *connector(const struct rig *r, const char *name)
{
    const struct connector_row *c = pipeline_connector(engine_pipeline(r->engine, 0), name);
    assert_non_null(c);
    return c;
}

/* The state that it came to; the text goes to *text if that is wanted. */
static enum action_state act(const struct rig *r, enum action_kind kind, const char *target,
                             char *text, size_t size)
{
    struct err err = ERR_INIT;
    struct action_status st = {.state = ACTION_QUEUED};
    struct action_args *args = action_args_new(kind, 0, target);
    args->signal_id = mem_strdup("cdctop-test");
    if (kind == ACTION_SNAPSHOT)
        action_args_add_table(args, "public.refunds");
    unsigned id = engine_submit(r->engine, args, &err);
    action_args_free(args);
    if (id == 0) {
        (void)snprintf(text, size, "%s", err.text);
        return ACTION_FAILED;
    }
    while (engine_action(r->engine, id, &st) && !action_done(st.state))
        wait_s(r, 2);
    (void)snprintf(text, size, "%s", st.text);
    return st.state;
}

static void must(const struct rig *r, enum action_kind kind, const char *target)
{
    char text[600];
    if (act(r, kind, target, text, sizeof(text)) != ACTION_WORKED)
        fail_msg("%s %s: %s", action_info(kind)->name, target, text);
}

static void refused(const struct rig *r, enum action_kind kind, const char *target, const char *why)
{
    char text[600];
    assert_int_equal(act(r, kind, target, text, sizeof(text)), ACTION_FAILED);
    if (strstr(text, why) == NULL)
        fail_msg("%s %s: refused for another reason: %s", action_info(kind)->name, target, text);
}

/* ---- the same world -------------------------------------------------------------------------- */

static void test_the_same_seed_gives_the_same_world(void **state)
{
    (void)state;
    struct rig a, b, c;
    rig_open(&a, "incident", 0);
    rig_open(&b, "incident", 0);
    rig_open(&c, "incident", 77);
    wait_s(&a, 90);
    wait_s(&b, 90);
    wait_s(&c, 90);
    char *x = document(&a), *y = document(&b), *z = document(&c);
    assert_string_equal(x, y);
    assert_string_not_equal(x, z);
    free(y);
    must(&a, ACTION_DROP_SLOT, "old_export"); /* what was done is forgotten with the time */
    struct play play;
    assert_true(engine_play(b.engine, &play));
    assert_true(engine_go(a.engine, play.begin_ms));
    wait_s(&a, 90);
    y = document(&a);
    assert_string_equal(x, y);
    free(x);
    free(y);
    free(z);
    rig_close(&a);
    rig_close(&b);
    rig_close(&c);
}

static void test_time_may_be_cut_in_any_way(void **state)
{
    (void)state;
    struct rig a, b;
    rig_open(&a, "healthy", 0);
    rig_open(&b, "healthy", 0);
    wait_s(&a, 60);
    for (int i = 0; i < 60; i++)
        wait_s(&b, 1);
    const struct snapshot *x = world_snap(engine_world(a.engine), 0, SOURCE_POSTGRES);
    const struct snapshot *y = world_snap(engine_world(b.engine), 0, SOURCE_POSTGRES);
    assert_true(x->pg.lsn_now == y->pg.lsn_now);
    assert_true(topic(&a)->messages == topic(&b)->messages);
    assert_true(topic(&a)->lag == topic(&b)->lag);
    rig_close(&a);
    rig_close(&b);
}

/* ---- cause and effect ------------------------------------------------------------------------ */

static void test_a_stopped_source_lets_wal_grow_and_topics_go_flat(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "healthy", 0);
    must(&r, ACTION_STOP, "shop-source");
    assert_int_equal(connector(&r, "shop-source")->tasks, 0);
    wait_s(&r, 30);
    int64_t behind = slot(&r)->behind;
    int64_t messages = topic(&r)->messages;
    wait_s(&r, 60);
    assert_int_equal(slot(&r)->slot->active, TRI_NO);
    assert_true(slot(&r)->behind > behind + 1000 * 1000);
    assert_true(topic(&r)->messages == messages);
    must(&r, ACTION_CONTINUE, "shop-source");
    wait_s(&r, 20);
    assert_int_equal(slot(&r)->slot->active, TRI_YES);
    assert_true(slot(&r)->behind < behind + 1000 * 1000);
    assert_true(topic(&r)->messages > messages + 1000); /* nothing was lost on the way */
    rig_close(&r);
}

static void test_a_paused_sink_lets_lag_grow_and_objects_stop(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "healthy", 0);
    must(&r, ACTION_PAUSE, "shop-s3");
    wait_s(&r, 130);
    const struct prefix_row *p =
        pipeline_prefix(engine_pipeline(r.engine, 0), "shop.public.orders");
    assert_non_null(p);
    assert_true(p->newest_age_ms > 60 * 1000);
    int64_t lag = topic(&r)->lag;
    assert_true(lag > 2000);
    must(&r, ACTION_CONTINUE, "shop-s3");
    wait_s(&r, 70);
    assert_true(topic(&r)->lag < lag);
    p = pipeline_prefix(engine_pipeline(r.engine, 0), "shop.public.orders");
    assert_true(p->newest_age_ms < 70 * 1000);
    rig_close(&r);
}

/* The scenario begins at 14:00:00, and its tables are silent since 13:57. */
static void test_an_hour_ends_with_the_first_record_after_it(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "late-files", 0);
    assert_true(engine_go(r.engine, 5 * 60 * 1000));
    assert_true(topic(&r)->lag > 1000);
    rig_close(&r);
}

static void test_a_dropped_slot_frees_its_wal(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "stale-slot", 0);
    assert_non_null(pipeline_slot(engine_pipeline(r.engine, 0), "old_export"));
    must(&r, ACTION_DROP_SLOT, "old_export");
    wait_s(&r, 60);
    assert_null(pipeline_slot(engine_pipeline(r.engine, 0), "old_export"));
    rig_close(&r);
}

static void test_a_snapshot_is_signalled_steered_and_read_to_its_end(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "snapshot", 0);
    must(&r, ACTION_SNAPSHOT_PAUSE, "shop-source");
    wait_s(&r, 4);
    int64_t messages = connector(&r, "shop-source")->snapshot->p.rows;
    wait_s(&r, 20);
    assert_true(connector(&r, "shop-source")->snapshot->p.rows == messages);
    must(&r, ACTION_SNAPSHOT_RESUME, "shop-source");
    must(&r, ACTION_SNAPSHOT_STOP, "shop-source");
    assert_int_equal(connector(&r, "shop-source")->snapshot->p.state, SNAPSHOT_STOPPED);
    rig_close(&r);
    rig_open(&r, "healthy", 0);
    must(&r, ACTION_SNAPSHOT, "shop-source");
    assert_int_equal(connector(&r, "shop-source")->snapshot->p.state, SNAPSHOT_COMPLETED);
    rig_close(&r);
}

static void test_what_a_server_would_refuse_is_refused(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "incident", 0);
    refused(&r, ACTION_DROP_SLOT, "dbz_shop", "stop the connector first");
    refused(&r, ACTION_DROP_SLOT, "nothing", "no slot named nothing");
    refused(&r, ACTION_RESTART, "shop-source", "nothing of shop-source has failed");
    refused(&r, ACTION_CONTINUE, "shop-s3", "RUNNING already");
    wait_s(&r, 90);
    refused(&r, ACTION_RESTART, "shop-s3", "FAILED again"); /* nothing was mended yet */
    rig_close(&r);
}

static void test_read_only_refuses_everything(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "incident", 0);
    r.config->read_only = true;
    refused(&r, ACTION_DROP_SLOT, "old_export", "read-only");
    assert_non_null(pipeline_slot(engine_pipeline(r.engine, 0), "old_export"));
    rig_close(&r);
}

static void test_a_day_takes_no_more_memory_than_a_minute(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "healthy", 0);
    engine_interval(r.engine, 60 * 1000);
    wait_s(&r, 600);
    size_t before = demo_memory(r.demo);
    wait_s(&r, 24 * 3600);
    assert_int_equal(demo_memory(r.demo), before);
    const struct findings *f = engine_findings(r.engine, 0);
    for (size_t i = 0; i < f->count; i++)
        assert_true(f->items[i].severity <= VERDICT_INFO);
    rig_close(&r);
}

/* ---- looks ----------------------------------------------------------------------------------- */

static const struct peek_answer *look(const struct rig *r, const struct peek_request *q)
{
    struct err err = ERR_INIT;
    assert_int_not_equal(engine_peek(r->engine, q, &err), 0);
    (void)engine_step(r->engine);
    const struct peek_answer *a = engine_peeked(r->engine);
    assert_non_null(a);
    return a;
}

static void test_records_are_found_by_end_offset_and_time(void **state)
{
    (void)state;
    struct rig r;
    struct peek_request q = {.kind = PEEK_TOPIC,
                             .name = "shop.public.orders",
                             .from = PEEK_NEWEST,
                             .partition = -1,
                             .count = 20};
    rig_open(&r, "healthy", 0);
    const struct peek_answer *a = look(&r, &q);
    assert_int_equal(a->nrecords, 20);
    for (size_t i = 1; i < a->nrecords; i++)
        assert_true(a->records[i].time_ms >= a->records[i - 1].time_ms);
    struct peek_record newest = a->records[a->nrecords - 1];
    char *value = mem_strndup(newest.value.data, newest.value.n);
    assert_non_null(strstr(value, "\"op\":\""));
    assert_non_null(strstr(value, "\"after\":"));
    wait_s(&r, 30);
    q.from = PEEK_OFFSET;
    q.partition = newest.partition;
    q.offset = newest.offset;
    q.count = 1;
    a = look(&r, &q);
    assert_int_equal(a->nrecords, 1);
    assert_int_equal(a->records[0].offset, newest.offset);
    assert_non_null(strstr(a->records[0].value.data, "\"amount\":"));
    q.from = PEEK_TIME;
    q.time_ms = engine_world(r.engine)->wall_ms - 15 * 1000;
    a = look(&r, &q);
    assert_int_equal(a->nrecords, 1);
    assert_true(a->records[0].time_ms >= q.time_ms);
    assert_true(a->records[0].time_ms < q.time_ms + 5 * 1000);
    free(value);
    rig_close(&r);
}

static void test_an_object_holds_the_records_that_its_key_says(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "healthy", 0);
    const struct s3_prefix *p =
        pipeline_prefix(engine_pipeline(r.engine, 0), "shop.public.refunds")->prefix;
    char *key = mem_strdup(p->objects[0].key);
    struct peek_request q = {.kind = PEEK_OBJECT, .name = key, .partition = -1};
    const struct peek_answer *a = look(&r, &q);
    assert_int_equal(a->err.kind, ERR_NONE);
    assert_true(a->body.n > 0 && a->body.data[a->body.n - 1] == '\n');
    assert_non_null(strstr(a->body.data, "\"table\":\"refunds\""));
    q.name = "topics/nothing.json";
    a = look(&r, &q);
    assert_int_equal(a->err.kind, ERR_NOTFOUND);
    q.kind = PEEK_TOPIC;
    q.name = "nothing";
    q.count = 5;
    a = look(&r, &q);
    assert_int_equal(a->err.kind, ERR_NOTFOUND);
    free(key);
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_seed_gives_the_same_world),
        cmocka_unit_test(test_time_may_be_cut_in_any_way),
        cmocka_unit_test(test_a_stopped_source_lets_wal_grow_and_topics_go_flat),
        cmocka_unit_test(test_a_paused_sink_lets_lag_grow_and_objects_stop),
        cmocka_unit_test(test_an_hour_ends_with_the_first_record_after_it),
        cmocka_unit_test(test_a_dropped_slot_frees_its_wal),
        cmocka_unit_test(test_a_snapshot_is_signalled_steered_and_read_to_its_end),
        cmocka_unit_test(test_what_a_server_would_refuse_is_refused),
        cmocka_unit_test(test_read_only_refuses_everything),
        cmocka_unit_test(test_a_day_takes_no_more_memory_than_a_minute),
        cmocka_unit_test(test_records_are_found_by_end_offset_and_time),
        cmocka_unit_test(test_an_object_holds_the_records_that_its_key_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
