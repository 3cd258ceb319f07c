/* demo.c: the backend: a clock that can be set, sources that answer by it, actions that take a
 * moment. */
#include "demo/demo.h"

#include "base/clock.h"
#include "base/mem.h"
#include "demo/act.h"
#include "demo/look.h"
#include "demo/sim_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ACTIONS_MAX = 16, CHANGES_MAX = 64, CHECK_MS = 100, SEND_MS = 400, LOOK_MS = 60 };

/* A monotonic clock that is never 0 or less. */
#define MONO_BASE    INT64_C(3600000)
#define USUAL_SEED   20261120
#define STEPPED_WALL INT64_C(1795183200000) /* 2026-11-20T14:00:00Z */

struct seen { /* of one source of one pipeline */
    int64_t due_ms, polls, failures;
    int fails;
};

struct under_way { /* id 0: free */
    unsigned id;
    struct action_args *args;
    int64_t at_ms; /* of its next step */
    bool checked;
};

struct demo {
    struct scenario *scenario;
    struct demo_options options;
    const struct config *config;
    struct sim **sims;
    struct seen *seen; /* npipelines × SOURCE_KIND_COUNT */
    int64_t base_wall_ms, interval_ms;
    /* The clock: at_ms was, or is, when the real one said real_ms. */
    int64_t at_ms, real_ms;
    double speed;
    bool paused;
    struct under_way actions[ACTIONS_MAX];
    struct action_status changes[CHANGES_MAX];
    size_t nchanges;
    unsigned next_id;
    struct peek_request *look;
    unsigned look_id;
    int64_t look_ms;
};

const struct scenario *demo_scenario(const struct demo *demo)
{
    return demo->scenario;
}

size_t demo_memory(const struct demo *demo)
{
    size_t n = 0;
    for (size_t i = 0; i < demo->scenario->npipelines; i++)
        n += demo->sims[i] != NULL ? arena_used(demo->sims[i]->arena) : 0;
    return n;
}

/* ---- time ------------------------------------------------------------------------------------ */

static int64_t now_of(const struct demo *d)
{
    if (d->paused || d->options.stepped)
        return d->at_ms;
    return d->at_ms + (int64_t)((double)(clock_mono_ms() - d->real_ms) * d->speed);
}

static void set_clock(struct demo *d, int64_t at_ms)
{
    d->at_ms = at_ms;
    d->real_ms = clock_mono_ms();
}

static int64_t mono_ms(void *self)
{
    return MONO_BASE + now_of(self);
}

static int64_t wall_ms(void *self)
{
    const struct demo *d = self;
    return d->base_wall_ms + now_of(d);
}

static void drop_actions(struct demo *d)
{
    for (size_t i = 0; i < ACTIONS_MAX; i++)
        action_args_free(d->actions[i].args);
    memset(d->actions, 0, sizeof(d->actions));
    d->nchanges = 0;
    peek_request_free(d->look);
    d->look = NULL;
}

static void begin_anew(struct demo *d)
{
    size_t n = d->scenario->npipelines;
    drop_actions(d);
    for (size_t i = 0; i < n; i++) {
        sim_free(d->sims[i]);
        d->sims[i] = sim_new(d->scenario, i, d->options.seed, d->base_wall_ms);
    }
    memset(d->seen, 0, n * SOURCE_KIND_COUNT * sizeof(*d->seen));
}

static void seek(void *self, int64_t at_ms)
{
    struct demo *d = self;
    if (at_ms <= 0)
        begin_anew(d);
    set_clock(d, at_ms);
}

static void play(void *self, struct play *out)
{
    const struct demo *d = self;
    *out = (struct play){.at_ms = now_of(d),
                         .length_ms = UNKNOWN,
                         .begin_ms = d->scenario->begin_ms,
                         .speed = d->speed,
                         .paused = d->paused || d->options.stepped};
}

static void pace(void *self, double speed, bool paused)
{
    struct demo *d = self;
    set_clock(d, now_of(d));
    d->speed = speed > 0 ? speed : d->speed;
    d->paused = paused;
}

/* ---- answers --------------------------------------------------------------------------------- */

static struct seen *seen_of(struct demo *d, size_t pipeline, enum source_kind kind)
{
    return &d->seen[pipeline * SOURCE_KIND_COUNT + (size_t)kind];
}

static bool configured(void *self, size_t pipeline, enum source_kind kind)
{
    const struct demo *d = self;
    return d->sims[pipeline] != NULL && sim_has(d->sims[pipeline], kind);
}

static struct snapshot *see(const struct sim *sim, enum source_kind kind)
{
    static struct snapshot *(*const eyes[SOURCE_KIND_COUNT])(const struct sim *) = {
        [SOURCE_POSTGRES] = sim_see_pg,
        [SOURCE_KAFKA] = sim_see_kafka,
        [SOURCE_CONNECT] = sim_see_connect,
        [SOURCE_S3] = sim_see_s3,
        [SOURCE_AWS] = sim_see_aws,
        [SOURCE_MSK] = sim_see_msk,
        [SOURCE_MSK_CONNECT] = sim_see_msk_connect,
        [SOURCE_DMS] = sim_see_dms,
        [SOURCE_RDS] = sim_see_rds,
        [SOURCE_CLOUDWATCH] = sim_see_cloudwatch,
        [SOURCE_LOGS] = sim_see_logs,
    };
    return eyes[kind](sim);
}

/* A few milliseconds, each time another number of them. */
static int64_t took(const struct sim *sim, enum source_kind kind, int64_t now)
{
    static const int64_t usual_us[SOURCE_KIND_COUNT] = {
        [SOURCE_POSTGRES] = 4200, [SOURCE_KAFKA] = 7800,
        [SOURCE_CONNECT] = 11500, [SOURCE_S3] = 23000,
        [SOURCE_AWS] = 100,       [SOURCE_MSK] = 92000,
        [SOURCE_DMS] = 160000,    [SOURCE_MSK_CONNECT] = 140000,
        [SOURCE_RDS] = 120000,    [SOURCE_CLOUDWATCH] = 210000,
        [SOURCE_LOGS] = 130000,
    };
    return (int64_t)((double)usual_us[kind] *
                     (0.7 + 0.8 * sim_noise(sim, 900 + kind, (uint64_t)now)));
}

/* Managed services are asked less often. */
static int64_t every_ms(enum source_kind kind)
{
    static const int64_t rarely[SOURCE_KIND_COUNT] = {
        [SOURCE_AWS] = 10 * 1000,  [SOURCE_MSK] = 20 * 1000, [SOURCE_MSK_CONNECT] = 5 * 1000,
        [SOURCE_DMS] = 5 * 1000,   [SOURCE_RDS] = 20 * 1000, [SOURCE_CLOUDWATCH] = 20 * 1000,
        [SOURCE_LOGS] = 20 * 1000,
    };
    return rarely[kind];
}

static struct report *take(void *self, size_t pipeline, enum source_kind kind)
{
    struct demo *d = self;
    struct sim *sim = d->sims[pipeline];
    struct seen *s = seen_of(d, pipeline, kind);
    int64_t now = now_of(d);
    if (now < s->due_ms || !configured(self, pipeline, kind))
        return NULL;
    int64_t every = every_ms(kind);
    s->due_ms = now + (every > d->interval_ms ? every : d->interval_ms);
    sim_advance(sim, now);
    struct report *r = mem_alloc(sizeof(*r));
    r->mono_ms = MONO_BASE + now;
    r->took_us = took(sim, kind, now);
    s->polls++;
    if (sim->down[kind] != NULL) {
        s->failures++;
        s->fails++;
        err_set(&r->err, ERR_REFUSED, 0, "%s", sim->down[kind]);
    } else {
        s->fails = 0;
        r->snap = see(sim, kind);
        r->snap->mono_ms = r->mono_ms;
        r->snap->wall_ms = d->base_wall_ms + now;
        r->snap->server_ms = kind != SOURCE_KAFKA ? r->snap->wall_ms : UNKNOWN;
        r->snap->took_us = r->took_us;
        r->snap->every_ms = every;
    }
    r->polls = s->polls;
    r->failures = s->failures;
    r->fails = s->fails;
    return r;
}

static void interval(void *self, int64_t ms)
{
    ((struct demo *)self)->interval_ms = ms;
}

static void poll_now(void *self)
{
    struct demo *d = self;
    for (size_t i = 0; i < d->scenario->npipelines * SOURCE_KIND_COUNT; i++)
        d->seen[i].due_ms = 0;
}

/* ---- actions --------------------------------------------------------------------------------- */

static unsigned submit(void *self, const struct action_args *args, struct action_route *route,
                       const char *const *request, size_t nrequest, struct err *err)
{
    struct demo *d = self;
    (void)request; /* nothing is recorded: nothing is changed on any server */
    (void)nrequest;
    action_route_free(route);
    if (d->config->read_only) {
        err_set(err, ERR_DENIED, 0, "read-only mode: nothing is changed");
        return 0;
    }
    for (size_t i = 0; i < ACTIONS_MAX; i++) {
        if (d->actions[i].id != 0)
            continue;
        d->actions[i] = (struct under_way){
            .id = d->next_id++, .args = action_args_copy(args), .at_ms = now_of(d) + CHECK_MS};
        return d->actions[i].id;
    }
    err_set(err, ERR_CONFLICT, 0, "%d actions wait already", ACTIONS_MAX);
    return 0;
}

static void change(struct demo *d, const struct under_way *w, enum action_state state,
                   const char *text)
{
    struct action_status s = {.id = w->id, .kind = w->args->kind, .state = state, .percent = -1};
    (void)snprintf(s.target, sizeof(s.target), "%s", w->args->target);
    (void)snprintf(s.text, sizeof(s.text), "%s", text);
    if (d->nchanges == CHANGES_MAX)
        d->nchanges--;
    d->changes[d->nchanges++] = s;
}

static void step_action(struct demo *d, struct under_way *w, int64_t now)
{
    char text[200] = "";
    struct err err = ERR_INIT;
    if (!w->checked) {
        w->checked = true;
        w->at_ms += SEND_MS;
        change(d, w, ACTION_CHECKING, "looking again");
    }
    if (now < w->at_ms)
        return;
    struct sim *sim = d->sims[w->args->pipeline];
    sim_advance(sim, now);
    if (act_on(sim, w->args, text, sizeof(text), &err)) {
        change(d, w, ACTION_SENDING, text);
        change(d, w, ACTION_WATCHING, "accepted");
    } else {
        change(d, w, ACTION_FAILED, err.text);
    }
    action_args_free(w->args);
    *w = (struct under_way){0};
}

static bool collect(void *self, struct action_status *out)
{
    struct demo *d = self;
    int64_t now = now_of(d);
    for (size_t i = 0; i < ACTIONS_MAX; i++) {
        if (d->actions[i].id != 0 && now >= d->actions[i].at_ms)
            step_action(d, &d->actions[i], now);
    }
    if (d->nchanges == 0)
        return false;
    *out = d->changes[0];
    memmove(&d->changes[0], &d->changes[1], --d->nchanges * sizeof(d->changes[0]));
    return true;
}

static void outcome(void *self, const struct action_status *status)
{
    (void)self;
    (void)status;
}

/* ---- looks ----------------------------------------------------------------------------------- */

static bool peek(void *self, unsigned id, const struct peek_request *request, struct err *err)
{
    struct demo *d = self;
    (void)err;
    peek_request_free(d->look);
    d->look = peek_request_copy(request);
    d->look_id = id;
    d->look_ms = now_of(d) + (d->options.stepped ? 0 : LOOK_MS);
    return true;
}

static struct peek_answer *peeked(void *self)
{
    struct demo *d = self;
    if (d->look == NULL || now_of(d) < d->look_ms)
        return NULL;
    struct sim *sim = d->sims[d->look->pipeline];
    sim_advance(sim, now_of(d));
    struct peek_answer *answer = peek_answer_new(d->look_id, d->look);
    look_into(sim, answer);
    answer->took_ms = LOOK_MS;
    answer->at_ms = wall_ms(d);
    peek_request_free(d->look);
    d->look = NULL;
    return answer;
}

/* ---- beginning and end ----------------------------------------------------------------------- */

static int64_t next_ms(void *self)
{
    const struct demo *d = self;
    int64_t next = INT64_MAX;
    if (d->paused || d->options.stepped)
        return INT64_MAX;
    for (size_t i = 0; i < d->scenario->npipelines * SOURCE_KIND_COUNT; i++) {
        bool asked =
            configured(self, i / SOURCE_KIND_COUNT, (enum source_kind)(i % SOURCE_KIND_COUNT));
        next = asked && d->seen[i].due_ms < next ? d->seen[i].due_ms : next;
    }
    for (size_t i = 0; i < ACTIONS_MAX; i++)
        next = d->actions[i].id != 0 && d->actions[i].at_ms < next ? d->actions[i].at_ms : next;
    if (d->look != NULL && d->look_ms < next)
        next = d->look_ms;
    return d->real_ms + (int64_t)((double)(next - d->at_ms) / d->speed) + 1;
}

static bool start(void *self, const struct config *config, int64_t interval_ms, int bell,
                  struct err *err)
{
    struct demo *d = self;
    (void)bell; /* next_ms says when it is due */
    (void)err;
    d->config = config;
    d->interval_ms = interval_ms;
    begin_anew(d);
    set_clock(d, 0);
    return true;
}

static bool stop(void *self, int64_t wait_ms)
{
    (void)wait_ms;
    drop_actions(self);
    return true;
}

struct demo *demo_open(const struct demo_options *options, struct err *err)
{
    struct scenario *s = scenario_open(options->what != NULL ? options->what : "incident", err);
    if (s == NULL)
        return NULL;
    struct demo *d = mem_alloc(sizeof(*d));
    int64_t begin_wall = options->begin_wall_ms != 0 ? options->begin_wall_ms
                         : options->stepped          ? STEPPED_WALL
                                                     : clock_wall_ms();
    d->scenario = s;
    d->options = *options;
    d->options.seed = options->seed != 0 ? options->seed : USUAL_SEED;
    d->speed = options->speed > 0 ? options->speed : 1;
    d->base_wall_ms = begin_wall - s->begin_ms;
    d->interval_ms = 2000;
    d->next_id = 1;
    d->sims = mem_calloc(s->npipelines, sizeof(*d->sims));
    d->seen = mem_calloc(s->npipelines * SOURCE_KIND_COUNT, sizeof(*d->seen));
    set_clock(d, 0);
    return d;
}

void demo_free(struct demo *demo)
{
    if (demo == NULL)
        return;
    drop_actions(demo);
    for (size_t i = 0; i < demo->scenario->npipelines; i++)
        sim_free(demo->sims[i]);
    scenario_free(demo->scenario);
    free(demo->sims);
    free(demo->seen);
    free(demo);
}

static const struct backend_ops demo_ops = {
    .name = "demo",
    .start = start,
    .stop = stop,
    .mono_ms = mono_ms,
    .wall_ms = wall_ms,
    .play = play,
    .seek = seek,
    .pace = pace,
    .next_ms = next_ms,
    .configured = configured,
    .take = take,
    .interval = interval,
    .poll_now = poll_now,
    .submit = submit,
    .collect = collect,
    .outcome = outcome,
    .peek = peek,
    .peeked = peeked,
};

struct backend demo_backend(struct demo *demo)
{
    return (struct backend){&demo_ops, demo};
}
