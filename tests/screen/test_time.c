/* Going through time: keys become wishes, wishes move what is shown, and nobody takes the past for
 * the present. */
#include "base/mem.h"
#include "demo/demo.h"
#include "record/recording.h"
#include "record/replay.h"
#include "tests/check.h"
#include "tests/screen/golden.h"
#include "tests/unit/keep.h"
#include "tests/unit/stepped_demo.h"
#include "tui/app.h"
#include "tui/command.h"
#include "tui/run_time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MINUTE = 60 * 1000 };

/* ---- keys ------------------------------------------------------------------------------------ */

static struct reel_mark marks[] = {
    {.t = 0,         .verdict = VERDICT_NONE},
    {.t = 60 * 1000, .verdict = VERDICT_WARN, .id = "P03"},
    {.t = 85 * 1000,              .verdict = VERDICT_CRIT,                        .id = "S03"},
    {.t = 400 * 1000,   .verdict = VERDICT_NONE  },
};
/* Something that can be gone through. */
static struct reel made_up = {.wall_ms = FIXTURE_WALL - 600 * 1000,
                              .marks = marks,
                              .nmarks = sizeof(marks) / sizeof(marks[0])};

static struct effect key_effect(struct stage *st, int key)
{
    struct effect e = {.kind = EFFECT_QUIT};
    stage_draw(st);
    app_key(st->app, fixture_model(st->fixture), key);
    if (!app_take(st->app, &e))
        fail_msg("nothing comes of %c: %s", key, st->app->toast.text);
    return e;
}

static void shows_time(struct stage *st, enum when_kind kind)
{
    struct when *w = &fixture_model(st->fixture)->when;
    *w = (struct when){.kind = kind,
                       .reel = &made_up,
                       .at_ms = 90 * 1000,
                       .length_ms = 600 * 1000,
                       .speed = 4,
                       .paused = kind == WHEN_PAST,
                       .ago_ms = 510 * 1000,
                       .no_actions = kind == WHEN_NOW ? NULL : "no, for the test"};
    stage_draw(st);
}

static void test_keys_become_wishes(void **state)
{
    static const struct {
        int key;
        enum effect_kind kind;
        int number;
    } keys[] = {
        {'[', EFFECT_STEP,   -1},
        {']', EFFECT_STEP,   1 },
        {'{', EFFECT_CHANGE, -1},
        {'}', EFFECT_CHANGE, 1 },
        {'p', EFFECT_PACE,   0 },
        {'+', EFFECT_PACE,   1 },
        {'-', EFFECT_PACE,   -1},
    };
    struct stage st;
    (void)state;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    shows_time(&st, WHEN_RECORDING);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        struct effect e = key_effect(&st, keys[i].key);
        assert_int_equal(e.kind, keys[i].kind);
        assert_int_equal(e.number, keys[i].number);
    }
    /* p keeps its meaning while it is now. */
    shows_time(&st, WHEN_NOW);
    app_key(st.app, fixture_model(st.fixture), 'p');
    assert_true(st.app->frozen);
    stage_close(&st);
}

static void test_esc_comes_back_to_now_when_nothing_else_is_open(void **state)
{
    struct stage st;
    (void)state;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    shows_time(&st, WHEN_PAST);
    app_key(st.app, fixture_model(st.fixture), K_ENTER);
    stage_draw(&st);
    assert_int_equal(st.app->depth, 2);
    app_key(st.app, fixture_model(st.fixture), K_ESC);
    assert_int_equal(st.app->depth, 1);
    struct effect e = key_effect(&st, K_ESC);
    assert_int_equal(e.kind, EFFECT_TIME);
    assert_null(e.text);
    stage_close(&st);
}

static void test_the_past_is_marked_and_nothing_is_done_to_it(void **state)
{
    struct stage st;
    (void)state;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    assert_true(stage_lacks(&st, "AGO"));
    shows_time(&st, WHEN_PAST);
    assert_true(stage_has(&st, "8m30s AGO"));
    assert_true(stage_has(&st, "back to now"));
    app_key(st.app, fixture_model(st.fixture), '3');
    app_key(st.app, fixture_model(st.fixture), 'R');
    assert_int_equal(st.app->dialog.kind, DIALOG_NONE);
    assert_non_null(strstr(st.app->toast.text, "no, for the test"));
    shows_time(&st, WHEN_RECORDING);
    st.app->toast.until_ms = 0;
    assert_true(stage_has(&st, "RECORDING"));
    assert_true(stage_has(&st, "1m30s of 10m00s"));
    stage_close(&st);
}

static void line(struct stage *st, const char *text)
{
    struct scene s = scene_make(st->app, fixture_model(st->fixture), NULL);
    command_line(&s, text);
}

static void test_commands_name_files_and_moments(void **state)
{
    struct stage st;
    struct effect e;
    (void)state;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    shows_time(&st, WHEN_NOW);
    line(&st, "record a.zst --redact");
    assert_true(app_take(st.app, &e));
    assert_string_equal(e.text, "a.zst");
    assert_int_equal(e.number, 1);
    effect_free(&e);
    line(&st, "record stop");
    assert_true(app_take(st.app, &e));
    assert_int_equal(e.kind, EFFECT_RECORD);
    assert_null(e.text);
    line(&st, "record");
    assert_false(app_take(st.app, &e));
    line(&st, "save-incident");
    assert_true(app_take(st.app, &e));
    assert_int_equal(e.kind, EFFECT_INCIDENT);
    line(&st, "time -10m");
    assert_true(app_take(st.app, &e));
    assert_string_equal(e.text, "-10m");
    effect_free(&e);
    fixture_model(st.fixture)->when.reel = NULL; /* nothing is kept */
    line(&st, "save-incident");
    assert_false(app_take(st.app, &e));
    assert_non_null(strstr(st.app->toast.text, "ui.history"));
    stage_close(&st);
}

static void test_how_it_looks(void **state)
{
    static const struct {
        int w, h;
        bool ascii;
    } sizes[] = {
        {120, 36, false},
        {80,  24, false},
        {80,  24, true },
        {60,  15, false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct stage st;
        stage_open(&st, FIXTURE_INCIDENT, sizes[i].w, sizes[i].h, sizes[i].ascii);
        shows_time(&st, WHEN_PAST);
        golden_check(&st, "time-past");
        shows_time(&st, WHEN_RECORDING);
        fixture_model(st.fixture)->when.writing = "a.zst";
        golden_check(&st, "time-recording");
        stage_close(&st);
    }
}

/* ---- what the loop does ---------------------------------------------------------------------- */

struct rig {
    struct demo *demo;
    struct config *config;
    struct reel *reel;
    struct engine *engine;
    struct run_time *time;
    struct when when;
    char text[400];
};

static void rig_open(struct rig *r, int64_t history_ms)
{
    struct err err = ERR_INIT;
    *r = (struct rig){0};
    stepped_demo("incident", 0, &r->demo, &r->config);
    r->config->history_ms = history_ms;
    r->engine = engine_start(r->config, demo_backend(r->demo), &err);
    assert_non_null(r->engine);
    r->time = run_time_new(r->config, NULL);
    run_time_begin(r->time, r->engine);
}

static void rig_close(struct rig *r)
{
    run_time_free(r->time);
    assert_true(engine_stop(r->engine, 0));
    reel_close(r->reel);
    config_free(r->config);
    demo_free(r->demo);
}

/* So long after the scenario has begun. */
static void live_on(struct rig *r, int64_t ms)
{
    struct play play;
    assert_true(engine_play(r->engine, &play));
    assert_true(engine_go(r->engine, play.begin_ms + ms));
}

static bool wish(struct rig *r, enum effect_kind kind, int64_t number, const char *text)
{
    char copy[200] = "";
    struct effect e = {.kind = kind, .number = number, .text = text != NULL ? copy : NULL};
    (void)snprintf(copy, sizeof(copy), "%s", text != NULL ? text : "");
    r->text[0] = '\0';
    bool ok = run_time_do(r->time, &e, 0, r->text, sizeof(r->text));
    run_time_fill(r->time, &r->when);
    return ok;
}

static enum verdict loudest(const struct rig *r)
{
    const struct findings *f = engine_findings(run_time_engine(r->time), 0);
    return f->count > 0 ? f->items[0].severity : VERDICT_NONE;
}

static void test_back_and_forth_while_it_goes_on(void **state)
{
    struct rig r;
    (void)state;
    rig_open(&r, 60 * MINUTE);
    live_on(&r, 5 * MINUTE);
    assert_int_equal(loudest(&r), VERDICT_CRIT);
    assert_true(wish(&r, EFFECT_TIME, 0, "-4m30s"));
    assert_int_equal(r.when.kind, WHEN_PAST);
    assert_int_equal(r.when.ago_ms, 4 * MINUTE + MINUTE / 2);
    assert_non_null(r.when.no_actions);
    assert_int_equal(loudest(&r), VERDICT_WARN); /* before it broke */
    assert_true(wish(&r, EFFECT_CHANGE, 1, NULL));
    assert_int_equal(loudest(&r), VERDICT_CRIT);
    int64_t broke = r.when.ago_ms;
    assert_true(wish(&r, EFFECT_STEP, -1, NULL));
    assert_true(r.when.ago_ms > broke);
    assert_int_equal(loudest(&r), VERDICT_WARN);
    /* The present has gone on meanwhile, and steps lead back into it. */
    live_on(&r, 6 * MINUTE);
    run_time_fill(r.time, &r.when);
    assert_true(r.when.ago_ms > broke + MINUTE);
    for (int i = 0; i < 200 && r.when.kind == WHEN_PAST; i++)
        assert_true(wish(&r, EFFECT_STEP, 1, NULL));
    assert_int_equal(r.when.kind, WHEN_NOW);
    assert_null(r.when.no_actions);
    assert_ptr_equal(run_time_engine(r.time), r.engine);
    /* Further back than anything is not gone. */
    assert_true(wish(&r, EFFECT_STEP, -100000, NULL));
    assert_int_equal(r.when.at_ms, 0);
    assert_false(wish(&r, EFFECT_STEP, -1, NULL));
    assert_non_null(strstr(r.text, "further back"));
    assert_true(wish(&r, EFFECT_TIME, 0, NULL));
    assert_int_equal(r.when.kind, WHEN_NOW);
    rig_close(&r);
}

static void test_without_history_there_is_no_way_back(void **state)
{
    struct rig r;
    (void)state;
    rig_open(&r, 0);
    live_on(&r, MINUTE);
    assert_false(wish(&r, EFFECT_STEP, -1, NULL));
    assert_int_equal(r.when.kind, WHEN_NOW);
    assert_null(r.when.reel);
    assert_false(wish(&r, EFFECT_INCIDENT, 0, NULL));
    rig_close(&r);
}

static void test_it_records_and_saves_and_plays(void **state)
{
    struct rig r;
    struct err err = ERR_INIT;
    char dir[] = "/tmp/cdctop-time-XXXXXX", a[64], b[64];
    (void)state;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(a, sizeof(a), "%s/a.zst", dir);
    (void)snprintf(b, sizeof(b), "%s/b.jsonl", dir);
    rig_open(&r, 60 * MINUTE);
    live_on(&r, MINUTE);
    assert_true(wish(&r, EFFECT_RECORD, 0, a));
    assert_string_equal(r.when.writing, a);
    assert_false(wish(&r, EFFECT_RECORD, 0, b));
    live_on(&r, 4 * MINUTE);
    assert_true(wish(&r, EFFECT_RECORD, 0, NULL));
    assert_null(r.when.writing);
    assert_true(wish(&r, EFFECT_INCIDENT, 0, b));
    assert_false(wish(&r, EFFECT_INCIDENT, 0, b)); /* nothing is written over */
    rig_close(&r);
    /* The one as the other is played, paused, stepped. */
    const char *const files[] = {a, b};
    for (size_t i = 0; i < 2; i++) {
        struct rig p = {.config = mem_alloc(sizeof(struct config))};
        p.config->interval_ms = 2000;
        p.config->path = mem_strdup("");
        p.reel = reel_open(files[i], p.config, &err);
        assert_non_null(p.reel);
        p.engine = engine_start(p.config, replay_backend(p.reel), &err);
        p.time = run_time_new(p.config, p.reel);
        run_time_begin(p.time, p.engine);
        run_time_fill(p.time, &p.when);
        assert_int_equal(p.when.kind, WHEN_RECORDING);
        assert_false(p.when.paused);
        assert_true(wish(&p, EFFECT_PACE, 1, NULL));
        assert_true(p.when.speed > 1);
        assert_true(wish(&p, EFFECT_TIME, 0, NULL)); /* to its end */
        assert_int_equal(p.when.at_ms, p.when.length_ms);
        assert_int_equal(loudest(&p), VERDICT_CRIT);
        assert_true(wish(&p, EFFECT_STEP, -1, NULL));
        assert_true(p.when.paused && p.when.at_ms < p.when.length_ms);
        assert_true(wish(&p, EFFECT_PACE, 0, NULL));
        assert_false(p.when.paused);
        assert_false(wish(&p, EFFECT_TIME, 0, "3h"));
        rig_close(&p);
        keep_file(files[i]);
    }
    assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys_become_wishes),
        cmocka_unit_test(test_esc_comes_back_to_now_when_nothing_else_is_open),
        cmocka_unit_test(test_the_past_is_marked_and_nothing_is_done_to_it),
        cmocka_unit_test(test_commands_name_files_and_moments),
        cmocka_unit_test(test_how_it_looks),
        cmocka_unit_test(test_back_and_forth_while_it_goes_on),
        cmocka_unit_test(test_without_history_there_is_no_way_back),
        cmocka_unit_test(test_it_records_and_saves_and_plays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
