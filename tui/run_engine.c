/* run_engine.c: the engine behind the loop. */
#include "base/clock.h"
#include "base/mem.h"
#include "config/options.h"
#include "engine.h"
#include "tui/run.h"
#include "tui/run_time.h"

#include <stdlib.h>

/* The terminal is restored by then; whoever quits does not wait for a server that hangs. */
enum { STOP_WAIT_MS = 20 };

struct run_engine {
    const struct config *config;
    struct backend from;
    struct engine *engine; /* NULL before start */
    const char *title;     /* of the demo; NULL: it is none */
    struct tour *tour;     /* NULL: there is none */
    struct run_time *time;
    int64_t shown_ms; /* monotonic: when the past was drawn last */
    struct app_pipeline *pipelines;
    struct log_line *log;
};

struct run_engine *run_engine_new(const struct config *config, struct backend from)
{
    struct run_engine *e = mem_alloc(sizeof(*e));
    e->config = config;
    e->from = from;
    e->time = run_time_new(config, NULL);
    e->pipelines = mem_calloc(config->npipelines + 1, sizeof(*e->pipelines));
    e->log = mem_calloc(MODEL_LOG, sizeof(*e->log));
    return e;
}

void run_engine_demo(struct run_engine *e, const char *title, struct tour *tour)
{
    e->title = title;
    e->tour = tour;
}

void run_engine_reel(struct run_engine *e, const struct reel *reel)
{
    run_time_free(e->time);
    e->time = run_time_new(e->config, reel);
}

struct engine *run_engine_engine(struct run_engine *e)
{
    return e->engine;
}

static bool start(void *ctx, struct err *err)
{
    struct run_engine *e = ctx;
    e->engine = engine_start(e->config, e->from, err);
    if (e->engine != NULL)
        run_time_begin(e->time, e->engine);
    return e->engine != NULL;
}

static int fd(void *ctx)
{
    const struct run_engine *e = ctx;
    return e->engine != NULL ? engine_fd(e->engine) : -1;
}

static void now(void *ctx, int64_t *mono_ms, int64_t *wall_ms)
{
    const struct run_engine *e = ctx;
    if (!run_time_is_now(e->time)) {
        engine_now(run_time_engine(e->time), mono_ms, wall_ms);
        return;
    }
    *mono_ms = e->from.ops->mono_ms(e->from.self);
    *wall_ms = e->from.ops->wall_ms(e->from.self);
}

static int64_t next_ms(void *ctx)
{
    const struct run_engine *e = ctx;
    return e->engine != NULL ? engine_next_ms(e->engine) : INT64_MAX;
}

/* The past stands still, but for how long ago it is. */
static bool step(void *ctx)
{
    struct run_engine *e = ctx;
    bool changed = engine_step(e->engine);
    tour_hold(e->tour, e->engine);
    if (run_time_is_now(e->time))
        return changed;
    int64_t now = clock_mono_ms();
    bool again = now - e->shown_ms >= 1000;
    if (again)
        e->shown_ms = now;
    return again;
}

static size_t history(void *ctx, size_t pipeline, struct finding_event *out, size_t max)
{
    return engine_history(run_time_engine(((struct run_engine *)ctx)->time), pipeline, out, max);
}

static bool mute(void *ctx, size_t pipeline, const struct mute *what)
{
    return engine_mute(((struct run_engine *)ctx)->engine, pipeline, what);
}

static bool unmute(void *ctx, size_t pipeline, const char *rule, const char *object)
{
    return engine_unmute(((struct run_engine *)ctx)->engine, pipeline, rule, object);
}

/* Only the join and the diagnosis read thresholds, in this thread. */
static bool set(void *ctx, size_t pipeline, const struct option *option, const char *text,
                const char **why)
{
    const struct run_engine *e = ctx;
    return options_set(option, &e->config->pipelines[pipeline], text, why);
}

static void fill(void *ctx, struct app_model *m)
{
    struct run_engine *e = ctx;
    m->config = e->config;
    run_time_fill(e->time, &m->when);
    m->plan = m->when.no_actions != NULL ? run_time_no_plan : action_plan;
    m->pipelines = e->pipelines;
    m->npipelines = e->config->npipelines;
    m->interval_ms = e->config->interval_ms;
    m->log = e->log;
    m->nlog = log_copy(e->log, MODEL_LOG);
    m->demo = e->title;
    m->tour = tour_place(e->tour);
    if (e->engine == NULL)
        return;
    struct engine *shown = run_time_engine(e->time);
    m->world = engine_world(shown);
    m->ctx = e;
    m->peeked = engine_peeked(e->engine);
    m->history = history;
    m->mute = mute;
    m->unmute = unmute;
    m->set = set;
    m->interval_ms = engine_interval_ms(e->engine);
    for (size_t i = 0; i < m->npipelines; i++) {
        e->pipelines[i].pipeline = engine_pipeline(shown, i);
        e->pipelines[i].findings = engine_findings(shown, i);
    }
    size_t n = engine_actions(shown, m->actions, MODEL_ACTIONS);
    m->nactions = n < MODEL_ACTIONS ? n : MODEL_ACTIONS;
}

static void poll_now(void *ctx)
{
    engine_poll_now(((struct run_engine *)ctx)->engine);
}

static void interval(void *ctx, int64_t ms)
{
    engine_interval(((struct run_engine *)ctx)->engine, ms);
}

static void look_at(void *ctx, size_t pipeline, const char *const *topics, size_t n)
{
    engine_look_at(((struct run_engine *)ctx)->engine, pipeline, topics, n);
}

static unsigned submit(void *ctx, const struct action_args *args, struct err *err)
{
    struct run_engine *e = ctx;
    if (!run_time_is_now(e->time)) {
        (void)err_set(err, ERR_DENIED, 0, "what is shown is the past");
        return 0;
    }
    unsigned id = engine_submit(e->engine, args, err);
    tour_hold(e->tour, e->engine); /* what is followed needs time to go on */
    return id;
}

static void tour(void *ctx, int by)
{
    struct run_engine *e = ctx;
    if (e->tour != NULL)
        tour_move(e->tour, e->engine, by);
}

static unsigned peek(void *ctx, const struct peek_request *request, struct err *err)
{
    struct run_engine *e = ctx;
    if (run_time_is_now(e->time))
        return engine_peek(e->engine, request, err);
    (void)err_set(err, ERR_DENIED, 0,
                  "what is shown is the past, and the servers tell the present");
    return 0;
}

static void peek_forget(void *ctx)
{
    engine_peek_forget(((struct run_engine *)ctx)->engine);
}

static bool change_time(void *ctx, const struct effect *effect, size_t pipeline, char *text,
                        size_t size)
{
    return run_time_do(((struct run_engine *)ctx)->time, effect, pipeline, text, size);
}

static bool stop(void *ctx)
{
    struct run_engine *e = ctx;
    run_time_free(e->time);
    if (e->engine != NULL && !engine_stop(e->engine, STOP_WAIT_MS))
        return false;
    free(e->pipelines);
    free(e->log);
    free(e);
    return true;
}

struct run_source run_engine_source(struct run_engine *engine)
{
    return (struct run_source){.ctx = engine,
                               .start = start,
                               .fd = fd,
                               .now = now,
                               .next_ms = next_ms,
                               .step = step,
                               .fill = fill,
                               .poll_now = poll_now,
                               .interval = interval,
                               .look_at = look_at,
                               .submit = submit,
                               .peek = peek,
                               .peek_forget = peek_forget,
                               .tour = tour,
                               .time = change_time,
                               .stop = stop};
}
