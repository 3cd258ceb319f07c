#include "engine.h"

#include "base/log.h"
#include "base/mailbox.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STOP_MS = 500, ACTIONS_KEPT = 64, LOOK_MAX = 32 };

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
    struct backend from;
    struct world *world;
    int bell;
    bool started; /* the backend is */
    struct joined *joined;
    struct tracked actions[ACTIONS_KEPT];
    size_t nactions; /* ever; the newest is at (nactions - 1) % ACTIONS_KEPT */
    int64_t interval_ms;
    unsigned npeeks; /* ever asked for: the id of the newest */
    struct peek_answer *peeked;
};

static int64_t mono(const struct engine *e)
{
    return e->from.ops->mono_ms(e->from.self);
}

static int64_t wall(const struct engine *e)
{
    return e->from.ops->wall_ms(e->from.self);
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

struct engine *engine_start(const struct config *config, struct backend from, struct err *err)
{
    struct engine *e = mem_alloc(sizeof(*e));
    e->config = config;
    e->from = from;
    e->interval_ms = config->interval_ms;
    e->world = world_new(config);
    e->joined = mem_calloc(config->npipelines, sizeof(*e->joined));
    for (size_t i = 0; i < config->npipelines; i++) {
        e->joined[i].arena = arena_new();
        e->joined[i].diagnosis = diagnosis_new();
    }
    e->bell = bell_open();
    if (e->bell < 0) {
        err_set(err, ERR_IO, 0, "no descriptors left");
        (void)engine_stop(e, STOP_MS);
        return NULL;
    }
    world_now(e->world, mono(e), wall(e));
    e->started = start_mutes(e, err) &&
                 e->from.ops->start(e->from.self, config, e->interval_ms, e->bell, err);
    if (!e->started) {
        (void)engine_stop(e, STOP_MS);
        return NULL;
    }
    (void)engine_step(e);
    return e;
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
                                  mono(e), wall(e));
    else
        connector_history_asked(h, a->target, action_info(a->kind)->name,
                                a->kind == ACTION_RESTART || a->kind == ACTION_CONTINUE, mono(e),
                                wall(e));
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
    t->status.ended_mono_ms = mono(e);
    log_put(t->status.state == ACTION_WORKED ? LOG_INFO : LOG_WARN, "%s %s: %s",
            action_info(t->status.kind)->name, t->status.target, t->status.text);
    e->from.ops->outcome(e->from.self, &t->status);
    note_in_ledger(e, t);
}

/* We leave before the effect was seen: the audit says so, for every request has its outcome. */
static void leave_actions(struct engine *e)
{
    size_t have = e->nactions < ACTIONS_KEPT ? e->nactions : ACTIONS_KEPT;
    for (size_t i = 0; i < have && e->started; i++) {
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
    if (!engine->from.ops->stop(engine->from.self, wait_ms))
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
    peek_answer_free(engine->peeked);
    free(engine->joined);
    if (engine->bell >= 0)
        (void)close(engine->bell);
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
    while (e->from.ops->collect(e->from.self, &s)) {
        struct tracked *t = tracked_find(e, s.id);
        any = true;
        if (t == NULL || action_done(t->status.state))
            continue;
        t->status.state = s.state;
        (void)snprintf(t->status.text, sizeof(t->status.text), "%s", s.text);
        if (s.state == ACTION_WATCHING) {
            t->watching_since_ms = mono(e);
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
        bool configured = e->from.ops->configured(e->from.self, pipeline, (enum source_kind)k);
        if (configured && !slot->configured)
            slot->opened_mono_ms = mono(e);
        any = any || configured != slot->configured;
        slot->configured = configured;
        struct report *report = e->from.ops->take(e->from.self, pipeline, (enum source_kind)k);
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
        e->from.ops->hints(e->from.self, pipeline, (enum source_kind)k, h);
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

/* The answer to the newest request alone: whoever asked before that has gone elsewhere. */
static bool take_peeked(struct engine *e)
{
    struct peek_answer *answer =
        e->from.ops->peeked != NULL ? e->from.ops->peeked(e->from.self) : NULL;
    if (answer == NULL || answer->id != e->npeeks) {
        peek_answer_free(answer);
        return false;
    }
    peek_answer_free(e->peeked);
    e->peeked = answer;
    return true;
}

bool engine_step(struct engine *engine)
{
    struct engine *e = engine;
    bell_clear(e->bell);
    world_now(e->world, mono(e), wall(e));
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
    changed = take_peeked(e) || changed;
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
    engine->from.ops->poll_now(engine->from.self);
}

void engine_interval(struct engine *engine, int64_t interval_ms)
{
    engine->interval_ms = interval_ms;
    engine->world->interval_ms = interval_ms;
    engine->from.ops->interval(engine->from.self, interval_ms);
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
        id = e->from.ops->submit(e->from.self, args, route, plan->request, plan->nrequest, err);
        t.status = (struct action_status){.id = id,
                                          .kind = args->kind,
                                          .state = ACTION_QUEUED,
                                          .started_wall_ms = wall(e),
                                          .started_mono_ms = mono(e),
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

void engine_now(const struct engine *engine, int64_t *mono_ms, int64_t *wall_ms)
{
    *mono_ms = mono(engine);
    *wall_ms = wall(engine);
}

int64_t engine_next_ms(const struct engine *engine)
{
    const struct backend *from = &engine->from;
    return from->ops->next_ms != NULL ? from->ops->next_ms(from->self) : INT64_MAX;
}

unsigned engine_peek(struct engine *engine, const struct peek_request *request, struct err *err)
{
    const struct backend *from = &engine->from;
    if (from->ops->peek == NULL) {
        err_set(err, ERR_UNSUPPORTED, 0, "the %s backend has nothing to look into",
                from->ops->name);
        return 0;
    }
    peek_answer_free(engine->peeked);
    engine->peeked = NULL;
    engine->npeeks++;
    return from->ops->peek(from->self, engine->npeeks, request, err) ? engine->npeeks : 0;
}

const struct peek_answer *engine_peeked(const struct engine *engine)
{
    return engine->peeked;
}
