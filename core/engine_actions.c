/* engine_actions.c: actions from their submission until their verdict. */
#include "base/log.h"
#include "engine_int.h"

#include <stdio.h>
#include <string.h>

static const enum ledger_state ledger_states[] = {
    [ACTION_QUEUED] = LEDGER_SENDING,  [ACTION_CHECKING] = LEDGER_SENDING,
    [ACTION_SENDING] = LEDGER_SENDING, [ACTION_WATCHING] = LEDGER_WATCHING,
    [ACTION_WORKED] = LEDGER_WORKED,   [ACTION_FAILED] = LEDGER_FAILED,
    [ACTION_UNSEEN] = LEDGER_UNSEEN,
};

/* In a connector's own past: that it was asked to, and what came of it. */
static void note_in_past(struct engine *e, size_t pipeline, const struct ledger_entry *entry)
{
    static const bool remembered[ACTION_KIND_COUNT] = {[ACTION_RESTART] = true,
                                                       [ACTION_PAUSE] = true,
                                                       [ACTION_CONTINUE] = true,
                                                       [ACTION_STOP] = true};
    struct connector_history *h = e->world->pipelines[pipeline].history;
    const struct pipeline *p = engine_pipeline(e, pipeline);
    const struct connector_row *c = p != NULL ? pipeline_connector(p, entry->target) : NULL;
    if (!remembered[entry->kind] || entry->accepted_mono_ms == UNKNOWN || c == NULL)
        return;
    if (entry->state != LEDGER_WATCHING)
        connector_history_outcome(h, c->connector, entry->state == LEDGER_WORKED, entry->text,
                                  engine_mono(e), engine_wall(e));
    else
        connector_history_asked(h, c->connector, entry->verb,
                                entry->kind == ACTION_RESTART || entry->kind == ACTION_CONTINUE,
                                engine_mono(e), engine_wall(e));
}

static void note_in_ledger(struct engine *e, const struct tracked *t)
{
    const struct action_args *a = t->args;
    struct ledger_entry entry = {
        .id = t->status.id,
        .kind = (int)t->status.kind,
        .verb = action_info(t->status.kind)->name,
        .state = ledger_states[t->status.state],
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
    note_in_past(e, a->pipeline, &entry);
    ledger_put(&e->world->pipelines[a->pipeline].ledger, &entry);
    engine_tell_action(e, a->pipeline, &entry);
}

static void finish(struct engine *e, struct tracked *t)
{
    t->status.ended_mono_ms = engine_mono(e);
    log_put(t->status.state == ACTION_WORKED ? LOG_INFO : LOG_WARN, "%s %s: %s",
            action_info(t->status.kind)->name, t->status.target, t->status.text);
    e->from.ops->outcome(e->from.self, &t->status);
    note_in_ledger(e, t);
}

/* We leave before the effect was seen: the audit says so, for every request has its outcome. */
void engine_leave_actions(struct engine *e)
{
    size_t have = e->nactions < ACTIONS_KEPT ? e->nactions : ACTIONS_KEPT;
    for (size_t i = 0; i < have && e->started; i++) {
        struct tracked *t = &e->actions[i];
        if (t->args == NULL || t->status.state == ACTION_QUEUED || action_done(t->status.state))
            continue;
        const char *text = t->status.state == ACTION_WATCHING
                               ? "sent and accepted; cdctop ended before its effect was seen"
                               : "cdctop ended while this was being checked and sent";
        (void)snprintf(t->status.text, sizeof(t->status.text), "%s", text);
        t->status.state = ACTION_UNSEEN;
        finish(e, t);
    }
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
bool engine_collect(struct engine *e)
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
            t->watching_since_ms = engine_mono(e);
            note_in_ledger(e, t);
            engine_poll_now(e);
        }
        if (action_done(s.state))
            finish(e, t);
    }
    return any;
}

/* In the list of actions, as far as a recording tells: nobody waits for it any more. */
static void adopt(struct engine *e, const struct ledger_entry *entry)
{
    static const enum action_state states[] = {
        [LEDGER_SENDING] = ACTION_SENDING, [LEDGER_WATCHING] = ACTION_WATCHING,
        [LEDGER_WORKED] = ACTION_WORKED,   [LEDGER_FAILED] = ACTION_FAILED,
        [LEDGER_UNSEEN] = ACTION_UNSEEN,
    };
    struct tracked *t = tracked_find(e, entry->id);
    if (t == NULL) {
        t = &e->actions[e->nactions++ % ACTIONS_KEPT];
        action_args_free(t->args);
        *t = (struct tracked){0};
    }
    t->status = (struct action_status){.id = entry->id,
                                       .kind = (enum action_kind)entry->kind,
                                       .state = states[entry->state],
                                       .started_wall_ms = entry->wall_ms,
                                       .started_mono_ms = entry->mono_ms,
                                       .percent = -1};
    if (entry->ended_mono_ms != UNKNOWN)
        t->status.ended_mono_ms = entry->ended_mono_ms;
    (void)snprintf(t->status.target, sizeof(t->status.target), "%s", entry->target);
    (void)snprintf(t->status.text, sizeof(t->status.text), "%s", entry->text);
}

bool engine_acted(struct engine *e)
{
    bool any = false;
    size_t pipeline;
    struct ledger_entry entry;
    while (e->from.ops->acted != NULL && e->from.ops->acted(e->from.self, &pipeline, &entry)) {
        note_in_past(e, pipeline, &entry);
        ledger_put(&e->world->pipelines[pipeline].ledger, &entry);
        engine_tell_action(e, pipeline, &entry);
        adopt(e, &entry);
        any = true;
    }
    return any;
}

/* What the world says about those that were accepted. */
bool engine_judge(struct engine *e)
{
    bool any = false;
    size_t have = e->nactions < ACTIONS_KEPT ? e->nactions : ACTIONS_KEPT;
    for (size_t i = 0; i < have; i++) {
        struct tracked *t = &e->actions[i];
        if (t->status.state != ACTION_WATCHING || t->args == NULL)
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
                                          .started_wall_ms = engine_wall(e),
                                          .started_mono_ms = engine_mono(e),
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
