#include "engine.h"

#include "action/worker.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "base/mem.h"
#include "source/runner.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* An action under way gets the time to write its outcome into the record. */
enum { STOP_WORKER_MS = 500, ACTIONS_KEPT = 64, LOOK_MAX = 32 };

static const struct source_ops *const all_sources[SOURCE_KIND_COUNT] = {
    [SOURCE_POSTGRES] = &source_postgres,
    [SOURCE_KAFKA] = &source_kafka,
    [SOURCE_CONNECT] = &source_connect,
    [SOURCE_S3] = &source_s3,
};

/* An action from its submission until its verdict, and a while longer for the list. */
struct tracked {
    struct action_status status;
    struct action_args *args;
    struct action_before before;
    int64_t watching_since_ms; /* monotonic; 0: not yet */
    bool by_topic;             /* a signal through the Kafka topic */
};

struct joined {
    struct arena *arena;
    struct pipeline *pipeline;
    struct findings findings;
    struct diagnosis *diagnosis;
    char *look[LOOK_MAX];
    size_t nlook;
};

struct engine {
    const struct config *config;
    struct world *world;
    int bell, stop_fd;
    struct runner **runners; /* npipelines × SOURCE_KIND_COUNT */
    struct worker *worker;
    struct joined *joined;
    struct tracked actions[ACTIONS_KEPT];
    size_t nactions; /* ever; the newest is at (nactions - 1) % ACTIONS_KEPT */
    int64_t interval_ms;
};

static struct runner **runner_at(const struct engine *e, size_t pipeline, int kind)
{
    return &e->runners[pipeline * SOURCE_KIND_COUNT + (size_t)kind];
}

static bool start_threads(struct engine *e, struct err *err)
{
    for (size_t i = 0; i < e->config->npipelines; i++) {
        for (int k = 0; k < SOURCE_KIND_COUNT; k++) {
            struct runner *r = runner_start(all_sources[k], &e->config->pipelines[i],
                                            e->interval_ms, e->bell, e->stop_fd, err);
            if (r == NULL)
                return false;
            *runner_at(e, i, k) = r;
        }
    }
    e->worker = worker_start(e->config, e->bell, e->stop_fd, err);
    return e->worker != NULL;
}

/* Rules are known here only: an unknown one in the configuration is a mistake like any other. */
static bool start_mutes(struct engine *e, struct err *err)
{
    for (size_t i = 0; i < e->config->npipelines; i++) {
        const struct strlist *list = &e->config->pipelines[i].findings.mute;
        for (size_t k = 0; k < list->count; k++) {
            struct mute mute;
            if (mute_parse(list->items[k], &mute) == NULL &&
                diagnosis_mute(e->joined[i].diagnosis, e->world, &mute))
                continue;
            err_set(err, ERR_CONFIG, 0,
                    "pipeline.findings.mute: \"%.100s\": there is no rule %s (or too many mutes)",
                    list->items[k], mute.rule);
            return false;
        }
    }
    return true;
}

struct engine *engine_start(const struct config *config, struct err *err)
{
    struct engine *e = mem_alloc(sizeof(*e));
    e->config = config;
    e->interval_ms = config->interval_ms;
    e->world = world_new(config);
    e->runners = mem_calloc(config->npipelines * SOURCE_KIND_COUNT, sizeof(struct runner *));
    e->joined = mem_calloc(config->npipelines, sizeof(*e->joined));
    for (size_t i = 0; i < config->npipelines; i++) {
        e->joined[i].arena = arena_new();
        e->joined[i].diagnosis = diagnosis_new();
    }
    e->bell = bell_open();
    e->stop_fd = bell_open();
    if (e->bell < 0 || e->stop_fd < 0) {
        err_set(err, ERR_IO, 0, "no descriptors left");
        (void)engine_stop(e, STOP_WORKER_MS);
        return NULL;
    }
    world_now(e->world, clock_mono_ms(), clock_wall_ms());
    if (!start_mutes(e, err) || !start_threads(e, err)) {
        (void)engine_stop(e, STOP_WORKER_MS);
        return NULL;
    }
    (void)engine_step(e);
    return e;
}

static bool join_threads(struct engine *e, int64_t wait_ms)
{
    int64_t now = clock_mono_ms(), deadline = now + wait_ms;
    bool all = true;
    for (size_t i = 0; i < e->config->npipelines * SOURCE_KIND_COUNT; i++) {
        if (e->runners[i] != NULL)
            all = runner_join(e->runners[i], deadline) && all;
    }
    if (e->worker != NULL)
        all = worker_join(e->worker, now + STOP_WORKER_MS) && all;
    return all;
}

/* In a connector's own past: that it was asked to, and what came of it. */
static void note_in_past(struct engine *e, const struct tracked *t)
{
    static const bool remembered[ACTION_KIND_COUNT] = {[ACTION_RESTART] = true,
                                                       [ACTION_PAUSE] = true,
                                                       [ACTION_CONTINUE] = true,
                                                       [ACTION_STOP] = true};
    const struct action_args *a = t->args;
    struct connector_history *h = e->world->pipelines[a->pipeline].history;
    if (!remembered[a->kind] || t->watching_since_ms == 0)
        return;
    if (action_done(t->status.state))
        connector_history_outcome(h, a->target, t->status.state == ACTION_WORKED, t->status.text,
                                  clock_mono_ms(), clock_wall_ms());
    else
        connector_history_asked(h, a->target, action_info(a->kind)->name,
                                a->kind == ACTION_RESTART || a->kind == ACTION_CONTINUE,
                                clock_mono_ms(), clock_wall_ms());
}

static void note_in_ledger(struct engine *e, const struct tracked *t)
{
    note_in_past(e, t);
    static const enum ledger_state states[] = {
        [ACTION_QUEUED] = LEDGER_SENDING,  [ACTION_CHECKING] = LEDGER_SENDING,
        [ACTION_SENDING] = LEDGER_SENDING, [ACTION_WATCHING] = LEDGER_WATCHING,
        [ACTION_WORKED] = LEDGER_WORKED,   [ACTION_FAILED] = LEDGER_FAILED,
        [ACTION_UNSEEN] = LEDGER_UNSEEN,
    };
    const struct action_args *a = t->args;
    struct ledger_entry entry = {
        .id = t->status.id,
        .kind = (int)t->status.kind,
        .verb = action_info(t->status.kind)->name,
        .state = states[t->status.state],
        .wall_ms = t->status.started_wall_ms,
        .mono_ms = t->status.started_mono_ms,
        .accepted_mono_ms = t->watching_since_ms != 0 ? t->watching_since_ms : UNKNOWN,
        .ended_mono_ms = t->status.ended_mono_ms != 0 ? t->status.ended_mono_ms : UNKNOWN,
        .blocking = a->blocking,
        .by_topic = t->by_topic,
    };
    (void)snprintf(entry.target, sizeof(entry.target), "%s", a->target);
    (void)snprintf(entry.signal_id, sizeof(entry.signal_id), "%s",
                   a->signal_id != NULL ? a->signal_id : "");
    (void)snprintf(entry.table, sizeof(entry.table), "%s", a->ntables > 0 ? a->tables[0] : "");
    (void)snprintf(entry.text, sizeof(entry.text), "%.255s", t->status.text);
    ledger_put(&e->world->pipelines[a->pipeline].ledger, &entry);
}

static void finish(struct engine *e, struct tracked *t)
{
    t->status.ended_mono_ms = clock_mono_ms();
    log_put(t->status.state == ACTION_WORKED ? LOG_INFO : LOG_WARN, "%s %s: %s",
            action_info(t->status.kind)->name, t->status.target, t->status.text);
    worker_outcome(e->worker, &t->status);
    note_in_ledger(e, t);
}

/* We leave before the effect was seen: the audit says so, for every request has its outcome. */
static void leave_actions(struct engine *e)
{
    size_t have = e->nactions < ACTIONS_KEPT ? e->nactions : ACTIONS_KEPT;
    for (size_t i = 0; i < have && e->worker != NULL; i++) {
        struct tracked *t = &e->actions[i];
        if (t->status.state == ACTION_QUEUED || action_done(t->status.state))
            continue;
        const char *text = t->status.state == ACTION_WATCHING
                               ? "sent and accepted; cdctop ended before its effect was seen"
                               : "cdctop ended while this was being checked and sent";
        (void)snprintf(t->status.text, sizeof(t->status.text), "%s", text);
        t->status.state = ACTION_UNSEEN;
        finish(e, t);
    }
}

bool engine_stop(struct engine *engine, int64_t wait_ms)
{
    leave_actions(engine);
    if (engine->stop_fd >= 0)
        bell_ring(engine->stop_fd);
    if (!join_threads(engine, wait_ms))
        return false; /* memory stays: a thread may still look at it */
    for (size_t i = 0; i < engine->config->npipelines; i++) {
        struct joined *j = &engine->joined[i];
        arena_free(j->arena);
        diagnosis_free(j->diagnosis);
        for (size_t n = 0; n < j->nlook; n++)
            free(j->look[n]);
    }
    for (size_t i = 0; i < ACTIONS_KEPT; i++)
        action_args_free(engine->actions[i].args);
    world_free(engine->world);
    free(engine->joined);
    free(engine->runners);
    if (engine->bell >= 0)
        (void)close(engine->bell);
    if (engine->stop_fd >= 0)
        (void)close(engine->stop_fd);
    free(engine);
    return true;
}

int engine_fd(const struct engine *engine)
{
    return engine->bell;
}

static struct tracked *tracked_find(const struct engine *e, unsigned id)
{
    size_t have = e->nactions < ACTIONS_KEPT ? e->nactions : ACTIONS_KEPT;
    for (size_t i = 0; i < have; i++) {
        const struct tracked *t = &e->actions[(e->nactions - 1 - i) % ACTIONS_KEPT];
        if (t->status.id == id)
            return (struct tracked *)(uintptr_t)t;
    }
    return NULL;
}

/* What the worker said: progress while it sends, then "accepted" or an error. */
static bool collect_actions(struct engine *e)
{
    bool any = false;
    struct action_status s;
    while (worker_collect(e->worker, &s)) {
        struct tracked *t = tracked_find(e, s.id);
        any = true;
        if (t == NULL || action_done(t->status.state))
            continue;
        t->status.state = s.state;
        (void)snprintf(t->status.text, sizeof(t->status.text), "%s", s.text);
        if (s.state == ACTION_WATCHING) {
            t->watching_since_ms = clock_mono_ms();
            note_in_ledger(e, t);
            engine_poll_now(e);
        }
        if (action_done(s.state))
            finish(e, t);
    }
    return any;
}

/* What the world says about those that were accepted. */
static bool judge_actions(struct engine *e)
{
    bool any = false;
    size_t have = e->nactions < ACTIONS_KEPT ? e->nactions : ACTIONS_KEPT;
    for (size_t i = 0; i < have; i++) {
        struct tracked *t = &e->actions[i];
        if (t->status.state != ACTION_WATCHING)
            continue;
        struct action_status was = t->status;
        t->status.state =
            action_verdict(t->args, &t->before, e->world, e->joined[t->args->pipeline].pipeline,
                           e->config->confirm_timeout_ms, t->status.text, sizeof(t->status.text),
                           &t->status.percent);
        if (action_done(t->status.state))
            finish(e, t);
        any = any || was.state != t->status.state || was.percent != t->status.percent ||
              strcmp(was.text, t->status.text) != 0;
    }
    return any;
}

/* Takes what the sources posted; *told gets a bit per source that did. True: something is new. */
static bool take_reports(struct engine *e, size_t pipeline, unsigned *told)
{
    bool any = false;
    *told = 0;
    for (int k = 0; k < SOURCE_KIND_COUNT; k++) {
        struct source_slot *slot = &e->world->pipelines[pipeline].sources[k];
        struct runner *r = *runner_at(e, pipeline, k);
        bool configured = runner_configured(r);
        if (configured && !slot->configured)
            slot->opened_mono_ms = clock_mono_ms();
        any = any || configured != slot->configured;
        slot->configured = configured;
        struct report *report = runner_take(r);
        if (report != NULL) {
            world_accept(e->world, pipeline, (enum source_kind)k, report);
            *told |= 1U << k;
            any = true;
        }
    }
    return any;
}

static void send_hints(struct engine *e, size_t pipeline)
{
    struct joined *j = &e->joined[pipeline];
    for (int k = 0; k < SOURCE_KIND_COUNT; k++) {
        struct hints *h =
            pipeline_hints(e->world, pipeline, j->pipeline, (const char *const *)j->look, j->nlook);
        runner_hints(*runner_at(e, pipeline, k), h);
    }
}

static void rejoin(struct engine *e, size_t pipeline)
{
    struct joined *j = &e->joined[pipeline];
    arena_reset(j->arena);
    j->pipeline = pipeline_join(e->world, pipeline, j->arena);
    j->findings = diagnosis_run(j->diagnosis, e->world, pipeline, j->pipeline, j->arena);
    diagnosis_voice(j->pipeline, &j->findings);
}

bool engine_step(struct engine *engine)
{
    struct engine *e = engine;
    bell_clear(e->bell);
    world_now(e->world, clock_mono_ms(), clock_wall_ms());
    e->world->interval_ms = e->interval_ms;
    bool changed = false;
    for (size_t i = 0; i < e->config->npipelines; i++) {
        unsigned told;
        bool news = take_reports(e, i, &told);
        /* Also without news: ages, staleness and projections move with the clock. */
        rejoin(e, i);
        /* Only what Connect and Kafka say changes where the others should look. */
        if ((told & (1U << SOURCE_CONNECT | 1U << SOURCE_KAFKA)) != 0)
            send_hints(e, i);
        changed = changed || news;
    }
    changed = collect_actions(e) || changed;
    changed = judge_actions(e) || changed;
    return changed;
}

const struct world *engine_world(const struct engine *engine)
{
    return engine->world;
}

const struct pipeline *engine_pipeline(const struct engine *engine, size_t index)
{
    return engine->joined[index].pipeline;
}

const struct findings *engine_findings(const struct engine *engine, size_t index)
{
    return &engine->joined[index].findings;
}

void engine_poll_now(struct engine *engine)
{
    for (size_t i = 0; i < engine->config->npipelines * SOURCE_KIND_COUNT; i++)
        runner_poll_now(engine->runners[i]);
}

void engine_interval(struct engine *engine, int64_t interval_ms)
{
    engine->interval_ms = interval_ms;
    engine->world->interval_ms = interval_ms;
    for (size_t i = 0; i < engine->config->npipelines * SOURCE_KIND_COUNT; i++)
        runner_interval(engine->runners[i], interval_ms);
}

int64_t engine_interval_ms(const struct engine *engine)
{
    return engine->interval_ms;
}

void engine_look_at(struct engine *engine, size_t pipeline, const char *const *topics, size_t n)
{
    struct joined *j = &engine->joined[pipeline];
    n = n < LOOK_MAX ? n : LOOK_MAX;
    bool same = n == j->nlook;
    for (size_t i = 0; same && i < n; i++)
        same = strcmp(topics[i], j->look[i]) == 0;
    if (same)
        return;
    for (size_t i = 0; i < j->nlook; i++)
        free(j->look[i]);
    for (size_t i = 0; i < n; i++)
        j->look[i] = mem_strdup(topics[i]);
    j->nlook = n;
    send_hints(engine, pipeline);
}

unsigned engine_submit(struct engine *engine, const struct action_args *args, struct err *err)
{
    struct engine *e = engine;
    const struct pipeline *p = e->joined[args->pipeline].pipeline;
    struct arena *scratch = arena_new();
    struct action_plan *plan = action_plan(args, e->world, p, scratch);
    unsigned id = 0;
    struct tracked *at = &e->actions[e->nactions % ACTIONS_KEPT];
    if (!plan->allowed) {
        err_set(err, ERR_DENIED, 0, "%s", plan->why_not);
    } else if (at->args != NULL && !action_done(at->status.state)) {
        /* Its outcome is not in the audit log yet: it must not be forgotten. */
        err_set(err, ERR_CONFLICT, 0, "%d actions run already", ACTIONS_KEPT);
    } else {
        struct tracked t = {.args = action_args_copy(args)};
        action_before(args, e->world, p, &t.before);
        struct action_route *route = action_route_new(args, e->world, p);
        t.by_topic = route->use_topic;
        id = worker_submit(e->worker, args, route, plan->request, plan->nrequest, err);
        t.status = (struct action_status){.id = id,
                                          .kind = args->kind,
                                          .state = ACTION_QUEUED,
                                          .started_wall_ms = clock_wall_ms(),
                                          .started_mono_ms = clock_mono_ms(),
                                          .percent = -1};
        (void)snprintf(t.status.target, sizeof(t.status.target), "%s", args->target);
        if (id != 0) {
            e->nactions++;
            action_args_free(at->args);
            *at = t;
            note_in_ledger(e, at);
        } else {
            action_args_free(t.args);
        }
    }
    arena_free(scratch);
    return id;
}

size_t engine_actions(const struct engine *engine, struct action_status *out, size_t max)
{
    size_t have = engine->nactions < ACTIONS_KEPT ? engine->nactions : ACTIONS_KEPT;
    for (size_t i = 0; i < have && i < max; i++)
        out[i] = engine->actions[(engine->nactions - 1 - i) % ACTIONS_KEPT].status;
    return have;
}

bool engine_action(const struct engine *engine, unsigned id, struct action_status *out)
{
    const struct tracked *t = tracked_find(engine, id);
    if (t == NULL)
        return false;
    *out = t->status;
    return true;
}

bool engine_mute(struct engine *engine, size_t pipeline, const struct mute *mute)
{
    bool ok = diagnosis_mute(engine->joined[pipeline].diagnosis, engine->world, mute);
    rejoin(engine, pipeline);
    return ok;
}

bool engine_unmute(struct engine *engine, size_t pipeline, const char *rule, const char *object)
{
    bool ok = diagnosis_unmute(engine->joined[pipeline].diagnosis, engine->world, rule, object);
    rejoin(engine, pipeline);
    return ok;
}

size_t engine_history(const struct engine *engine, size_t pipeline, struct finding_event *out,
                      size_t max)
{
    return diagnosis_history(engine->joined[pipeline].diagnosis, out, max);
}
