#include "tests/screen/demo_stage.h"

#include "tests/check.h"
#include "tests/unit/stepped_demo.h"

#include "base/human.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine.h"
#include "record/replay.h"
#include "tui/draw/theme.h"

/* What a process costs is another thing each time: here it costs always the same. */
static const struct self_usage usage = {
    .rss_bytes = 18 << 20, .peak_bytes = 20 << 20, .threads = 6, .files = 20};

static void fill(struct demo_stage *st)
{
    st->run.now(st->run.ctx, &st->model.mono_ms, &st->model.wall_ms);
    st->run.fill(st->run.ctx, &st->model);
    st->model.self = &usage;
}

static void submit(struct demo_stage *st, const struct action_args *args)
{
    struct err err = ERR_INIT;
    app_submitted(st->app, st->run.submit(st->run.ctx, args, &err), err.text);
}

static void peek(struct demo_stage *st, const struct peek_request *request)
{
    struct err err = ERR_INIT;
    if (request == NULL)
        st->run.peek_forget(st->run.ctx);
    else
        app_asked(st->app, st->run.peek(st->run.ctx, request, &err), err.text);
}

static void try_theme(struct demo_stage *st, const char *name)
{
    struct theme theme;
    struct err err = ERR_INIT;
    if (!theme_load(&theme, name, &err))
        app_toast(st->app, &st->model, VERDICT_WARN, "%s", err.text);
}

static void take_effects(struct demo_stage *st)
{
    struct effect e;
    st->overflow = st->overflow || st->app->neffects >= EFFECTS_MAX;
    while (app_take(st->app, &e)) {
        st->asked |= 1U << e.kind;
        if (e.kind == EFFECT_SUBMIT)
            submit(st, e.args);
        else if (e.kind == EFFECT_POLL)
            st->run.poll_now(st->run.ctx);
        else if (e.kind == EFFECT_INTERVAL)
            st->run.interval(st->run.ctx, e.number);
        else if (e.kind == EFFECT_THEME)
            try_theme(st, e.text);
        else if (e.kind == EFFECT_PEEK)
            peek(st, e.request);
        effect_free(&e);
    }
}

static void after_input(struct demo_stage *st)
{
    take_effects(st);
    if (!st->app->frozen)
        fill(st);
    demo_stage_draw(st);
}

void demo_stage_key(struct demo_stage *st, int key)
{
    app_key(st->app, &st->model, key);
    after_input(st);
}

void demo_stage_mouse(struct demo_stage *st, const struct mouse *event)
{
    app_mouse(st->app, &st->model, event);
    after_input(st);
}

void demo_stage_resize(struct demo_stage *st, int w, int h)
{
    canvas_resize(&st->canvas, w, h);
    demo_stage_draw(st);
}

static void look(struct demo_stage *st)
{
    enum { LOOK_MAX = 24 };
    const char *topics[LOOK_MAX];
    size_t n = app_topics(st->app, &st->model, topics, LOOK_MAX);
    if (n > 0)
        st->run.look_at(st->run.ctx, st->app->pipeline, topics, n);
}

void demo_stage_draw(struct demo_stage *st)
{
    app_render(st->app, &st->model, &st->canvas);
    if (!st->app->frozen)
        look(st);
}

void demo_stage_wait(struct demo_stage *st, int64_t ms)
{
    struct engine *engine = run_engine_engine(st->engine);
    struct play play;
    if (!st->app->frozen) {
        assert_true(engine_play(engine, &play));
        assert_true(engine_go(engine, play.at_ms + ms));
        fill(st);
    }
    st->model.ui_ms += ms;
    app_tick(st->app, &st->model);
    take_effects(st);
    demo_stage_draw(st);
}

void demo_stage_again(struct demo_stage *st)
{
    app_free(st->app);
    fill(st);
    st->app = app_new(st->config, NULL, st->canvas.ascii);
    demo_stage_draw(st);
}

void demo_stage_open(struct demo_stage *st, const char *scenario, int w, int h, bool ascii)
{
    struct err err = ERR_INIT;
    *st = (struct demo_stage){0};
    log_close();
    human_ascii(ascii);
    stepped_demo(scenario, 0, &st->demo, &st->config);
    st->engine = run_engine_new(st->config, demo_backend(st->demo));
    st->run = run_engine_source(st->engine);
    if (!st->run.start(st->run.ctx, &err))
        fail_msg("%s: %s", scenario, err.text);
    canvas_init(&st->canvas, w, h, ascii);
    st->model.ui_ms = 1;
    demo_stage_again(st);
}

void demo_stage_film(struct demo_stage *st)
{
    enum { HOUR_MS = 3600 * 1000, LIMIT = 32 << 20 };
    st->film = history_new(st->config, HOUR_MS, LIMIT);
    assert_true(engine_watch(run_engine_engine(st->engine), history_watch(st->film)));
}

void demo_stage_replay(struct demo_stage *st)
{
    struct err err = ERR_INIT;
    struct play play;
    struct reel *reel = history_reel(st->film);
    assert_non_null(reel);
    st->filmed = st->run;
    st->engine = run_engine_new(st->config, replay_backend(reel));
    st->run = run_engine_source(st->engine);
    if (!st->run.start(st->run.ctx, &err))
        fail_msg("replay: %s", err.text);
    struct engine *engine = run_engine_engine(st->engine);
    engine_pace(engine, 1, true);
    assert_true(engine_play(engine, &play));
    assert_true(engine_go(engine, play.length_ms));
    demo_stage_again(st);
}

void demo_stage_close(struct demo_stage *st)
{
    app_free(st->app);
    canvas_free(&st->canvas);
    assert_true(st->run.stop(st->run.ctx));
    if (st->filmed.stop != NULL)
        assert_true(st->filmed.stop(st->filmed.ctx));
    history_free(st->film);
    config_free(st->config);
    demo_free(st->demo);
    human_ascii(false);
}

struct scene demo_stage_scene(struct demo_stage *st)
{
    return scene_make(st->app, &st->model, NULL);
}
