/* The kept history: one goes back in it while it goes on; it is bounded; it can be saved. */
#include "base/mem.h"
#include "record/codec.h"
#include "record/history.h"
#include "record/record.h"
#include "record/replay.h"
#include "tests/check.h"
#include "tests/unit/keep.h"
#include "tests/unit/record_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HOUR_MS = 3600 * 1000, MEGABYTES = 1024 * 1024 };

struct kept {
    struct fixture f;
    struct history *history;
};

static void kept_open(struct kept *k, int64_t keep_ms, int64_t bytes)
{
    fixture_open(&k->f);
    k->history = history_new(k->f.config, keep_ms, bytes);
    k->f.watch = history_watch(k->history);
}

static void kept_close(struct kept *k)
{
    history_free(k->history);
    fixture_close(&k->f);
}

/* Messages come and are read. */
static void kept_ticks(struct kept *k, int n, int64_t ms)
{
    for (int i = 0; i < n; i++) {
        k->f.end += 10;
        k->f.committed += 10;
        k->f.lsn_now += 4096;
        fixture_tick(&k->f, ms);
    }
}

static struct engine *play(struct kept *k)
{
    struct err err = ERR_INIT;
    struct reel *reel = history_reel(k->history);
    assert_non_null(reel);
    struct engine *e = engine_start(k->f.config, replay_backend(reel), &err);
    assert_non_null(e);
    engine_pace(e, 1, true);
    return e;
}

static int64_t end_of(const struct world *w)
{
    return world_snap(w, 0, SOURCE_KAFKA)->kafka.topics[0].partitions[0].end;
}

static void test_the_past_is_shown_while_it_goes_on(void **state)
{
    (void)state;
    struct kept k;
    kept_open(&k, HOUR_MS, 32 * MEGABYTES);
    kept_ticks(&k, 300, 2000);
    int64_t then = end_of(k.f.world);
    kept_ticks(&k, 150, 2000);
    struct engine *e = play(&k);
    struct reel *reel = history_reel(k.history);
    assert_true(engine_go(e, reel->last - reel->first - 150 * 2000));
    assert_int_equal(end_of(engine_world(e)), then);
    /* It goes on, and what is new can be reached from here. */
    kept_ticks(&k, 100, 2000);
    assert_int_equal(end_of(engine_world(e)), then);
    reel = history_reel(k.history);
    assert_true(engine_go(e, reel->last - reel->first));
    assert_int_equal(end_of(engine_world(e)), end_of(k.f.world));
    assert_int_equal(engine_world(e)->mono_ms, k.f.world->mono_ms);
    assert_true(shape_same(&shape_connect, &world_snap(k.f.world, 0, SOURCE_CONNECT)->connect,
                           &world_snap(engine_world(e), 0, SOURCE_CONNECT)->connect));
    assert_true(engine_stop(e, 1000));
    kept_close(&k);
}

static void test_it_is_bounded_by_age(void **state)
{
    (void)state;
    struct kept k;
    kept_open(&k, HOUR_MS / 4, 32 * MEGABYTES);
    kept_ticks(&k, 1800, 2000);
    const struct reel *reel = history_reel(k.history);
    assert_in_range(reel->last - reel->first, HOUR_MS / 4, HOUR_MS / 4 + RECORD_CHECKPOINT_MS * 2);
    assert_in_range(reel->nplaces, 14, 20);
    kept_close(&k);
}

static void test_it_is_bounded_by_bytes(void **state)
{
    (void)state;
    enum { LIMIT = 20 * 1000 };
    struct kept k;
    kept_open(&k, HOUR_MS, LIMIT);
    for (int i = 0; i < 40; i++) {
        kept_ticks(&k, 45, 2000);
        assert_true(history_bytes(k.history) < LIMIT + (size_t)MEGABYTES);
    }
    struct reel *reel = history_reel(k.history);
    assert_true(reel->last - reel->first < HOUR_MS / 2);
    /* What is left can be played, from its own beginning. */
    struct engine *e = play(&k);
    assert_true(engine_go(e, reel->last - reel->first));
    assert_int_equal(end_of(engine_world(e)), end_of(k.f.world));
    /* Who stands where it has left falls out of it, and does not go on with something else. */
    assert_true(engine_go(e, 0));
    kept_ticks(&k, 1800, 2000);
    reel = history_reel(k.history);
    assert_true(engine_go(e, reel->last - reel->first));
    assert_int_equal(end_of(engine_world(e)), end_of(k.f.world));
    assert_true(engine_stop(e, 1000));
    kept_close(&k);
}

static void test_changes_of_the_verdict_are_known(void **state)
{
    (void)state;
    struct kept k;
    kept_open(&k, HOUR_MS, 32 * MEGABYTES);
    kept_ticks(&k, 60, 2000);
    k.f.sink_task = "FAILED";
    k.f.sink_cause = "AccessDenied: Access Denied";
    kept_ticks(&k, 30, 2000);
    k.f.sink_task = "RUNNING";
    k.f.sink_cause = NULL;
    kept_ticks(&k, 60, 2000);
    const struct reel *reel = history_reel(k.history);
    int64_t turned = reel_change(reel, 0, 100 * 1000, 1);
    assert_in_range(turned, 115 * 1000, 130 * 1000);
    int64_t back = reel_change(reel, 0, turned, 1);
    assert_in_range(back, 175 * 1000, 240 * 1000);
    assert_int_equal(reel_change(reel, 0, back, -1), turned);
    kept_close(&k);
}

static void test_saved_it_is_a_recording(void **state)
{
    (void)state;
    struct kept k;
    struct replayed p;
    struct err err = ERR_INIT;
    char dir[] = "/tmp/cdctop-history-XXXXXX", path[64];
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof(path), "%s/i.jsonl.zst", dir);
    kept_open(&k, HOUR_MS / 6, 32 * MEGABYTES);
    assert_false(history_save(k.history, path, &err)); /* nothing was heard */
    err_clear(&err);
    kept_ticks(&k, 900, 2000);
    assert_true(history_save(k.history, path, &err));
    assert_true(replayed_open(&p, path, &err));
    assert_string_equal(p.reel->damage, "");
    struct play play;
    assert_true(engine_play(p.engine, &play));
    assert_in_range(play.length_ms, HOUR_MS / 6, HOUR_MS / 6 + 2 * RECORD_CHECKPOINT_MS);
    replayed_go(&p, play.length_ms);
    assert_int_equal(end_of(engine_world(p.engine)), end_of(k.f.world));
    replayed_close(&p);
    assert_false(history_save(k.history, path, &err));
    keep_file(path);
    assert_int_equal(rmdir(dir), 0);
    kept_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_past_is_shown_while_it_goes_on),
        cmocka_unit_test(test_it_is_bounded_by_age),
        cmocka_unit_test(test_it_is_bounded_by_bytes),
        cmocka_unit_test(test_changes_of_the_verdict_are_known),
        cmocka_unit_test(test_saved_it_is_a_recording),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
