/* Restart, pause, continue, stop, of whatever service runs the connector: what all of them share.
 */
#include "action/ops.h"
#include "base/human.h"
#include "base/mem.h"
#include "model/join.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEADY_MS = 4000, CALM_MS = 60 * 1000 };

const struct connector_ops *const connector_services[] = {
    [SERVICE_CONNECT] = &connector_kafka,
    [SERVICE_MSK_CONNECT] = &connector_msk,
    [SERVICE_DMS] = &connector_dms,
};
static_assert(ARRAY_LEN(connector_services) == SERVICE_COUNT, "a row per service");

bool connector_state_is(const struct connector_row *c, const char *state)
{
    return pipeline_state_is(c->connector, state);
}

/* What the last restarts of it came to: a cause that came back each time comes back again. */
void connector_check_in_vain(struct planner *pl, const struct connector_row *c)
{
    const struct connector_past *past = connector_history_of(pl->wp->history, c->connector);
    int64_t window = pl->wp->config->thresholds.restart_window_ms;
    int n =
        connector_past_in_vain(past, connector_history_cause(c->cause), pl->world->mono_ms, window);
    char a[HUMAN_SIZE];
    if (n >= CONNECTOR_IN_VAIN)
        planner_check(pl, CHECK_WARN,
                      "will fail again: %d restarts within %s ended in this same root cause", n,
                      human_duration_ms(a, window));
    else if (n > 0)
        planner_check(pl, CHECK_WARN, "its last restart ended in this same root cause");
    else
        planner_check(pl, CHECK_WARN, "what made it fail must be mended, or it fails again");
}

/* Restarts that follow each other closely only make workers rebalance. */
void connector_check_calm(struct planner *pl, const struct connector_row *c)
{
    const struct ledger_entry *e = ledger_newest(&pl->wp->ledger, ACTION_RESTART, c->base.name);
    char a[HUMAN_SIZE];
    if (e != NULL && e->accepted_mono_ms != UNKNOWN &&
        pl->world->mono_ms - e->accepted_mono_ms < CALM_MS)
        planner_check(pl, CHECK_WARN,
                      "it was restarted from here %s ago: wait for what comes of it",
                      human_duration_ms(a, pl->world->mono_ms - e->accepted_mono_ms));
}

/* Old states must not be acted on: the plan says how old what it saw is. */
static void check_fresh(struct planner *pl, enum connect_service service)
{
    enum source_kind kind = service_source(service);
    const char *who = connector_services[service]->name;
    enum source_state state = world_state(pl->world, pl->args->pipeline, kind);
    int64_t age = world_age(pl->world, pl->args->pipeline, kind);
    char a[HUMAN_SIZE];
    human_duration_ms(a, age);
    if (state == STATE_FRESH)
        planner_check(pl, CHECK_OK, "%s answered %s ago", who, a);
    else if (age != UNKNOWN && age <= 10 * 1000)
        planner_check(pl, CHECK_WARN, "%s answered %s ago, and is late", who, a);
    else
        planner_check(pl, CHECK_FAIL, "%s does not answer: its state is not known", who);
}

/* Starting a source whose slot is gone loses changes without a word: say it before. */
static void check_slot(struct planner *pl, const struct connector_row *c)
{
    const struct slot_row *slot = pipeline_slot(pl->p, c->facts->slot_name);
    bool starts = pl->args->kind == ACTION_RESTART || pl->args->kind == ACTION_CONTINUE;
    if (starts && join_lacks_slot(pl->p, c))
        planner_check(pl, CHECK_WARN,
                      "its slot %s is gone: it makes a new one, and changes in between are lost",
                      c->facts->slot_name);
    if (starts && slot != NULL && slot->owner == c->connector && strcmp(slot->state, "lost") == 0)
        planner_check(
            pl, CHECK_WARN,
            "its slot %s is lost: it will hang; delete its offsets and drop the slot first",
            slot->base.name);
}

void connector_tell_slot(struct planner *pl, const struct connector_row *c)
{
    for (size_t i = 0; i < pl->p->nslots; i++) {
        const struct slot_row *s = &pl->p->slots[i];
        char a[HUMAN_SIZE];
        if (s->owner == c->connector)
            planner_line(pl, "slot", CHECK_WARN,
                         "%s retains %s of WAL now, and more until it goes on", s->base.name,
                         human_bytes(a, s->retained));
    }
}

static const char *title_of(const struct planner *pl, const struct connector_row *c)
{
    static const char *const scopes[] = {[RESTART_FAILED] = ": failed tasks",
                                         [RESTART_ALL] = ": all tasks",
                                         [RESTART_TASK] = ": one task"};
    const struct action_args *args = pl->args;
    static const char *const words[ACTION_KIND_COUNT] = {[ACTION_RESTART] = "Restart",
                                                         [ACTION_PAUSE] = "Pause",
                                                         [ACTION_CONTINUE] = "Continue",
                                                         [ACTION_STOP] = "Stop",
                                                         [ACTION_RELOAD] = "Reload tables of"};
    bool task = c != NULL && c->connector->service == SERVICE_DMS;
    bool all = args->kind == ACTION_RELOAD && args->scope == RESTART_ALL;
    return arena_printf(pl->arena, "%s %s %s%s", all ? "Reload all of" : words[args->kind],
                        task ? "DMS task" : "connector", args->target,
                        args->kind == ACTION_RESTART ? scopes[args->scope] : "");
}

void connector_plan(struct planner *pl)
{
    const struct action_args *args = pl->args;
    const struct connector_row *c = pipeline_connector(pl->p, args->target);
    pl->plan->title = title_of(pl, c);
    pl->plan->summary = "";
    if (c == NULL) {
        planner_check(pl, CHECK_FAIL, "no connector named %s is known", args->target);
        return;
    }
    if (args->kind == ACTION_RELOAD && c->connector->service != SERVICE_DMS) {
        planner_check(pl, CHECK_FAIL, "only tasks of DMS reload tables: take a snapshot instead");
        return;
    }
    const struct connector_ops *ops = connector_services[c->connector->service];
    planner_line(pl, "seen", CHECK_OK, "%s, %s%s",
                 c->connector->state != NULL ? c->connector->state : "no state",
                 pipeline_tasks_text(pl->arena, c),
                 c->failed > 0 ? arena_printf(pl->arena, ", %d failed", c->failed) : "");
    if (c->lag != UNKNOWN) {
        char a[HUMAN_SIZE];
        planner_line(pl, "behind", CHECK_OK, "%s messages", human_count(a, c->lag));
    }
    check_fresh(pl, c->connector->service);
    ops->plan(pl, c);
    check_slot(pl, c);
    struct action_route *route = action_route_new(args, pl->world, pl->p);
    ops->request(pl, c, route);
    action_route_free(route);
}

void connector_route(const struct action_args *args, const struct connector_row *c,
                     const struct world *world, struct action_route *route)
{
    const struct connector_ops *ops = connector_services[c->connector->service];
    if (ops->route != NULL)
        ops->route(args, c, world, route);
}

bool connector_send(const struct action_run *run, struct err *err)
{
    return connector_services[run->route->service]->send(run, err);
}

bool connector_lets_go(const struct action_run *run, struct err *err)
{
    const struct connector_ops *ops = connector_services[run->route->service];
    if (run->route->slot_owner == NULL)
        return true;
    if (ops->lets_go == NULL)
        return err_set(err, ERR_UNSUPPORTED, 0, "%s does not tell whether %s lets go of it",
                       ops->name, run->route->slot_owner);
    return ops->lets_go(run, err);
}

/* Fresh evidence only: what was seen before the request says nothing about it. */
bool judge_seen_since(const struct judge *j, enum source_kind kind)
{
    const struct snapshot *snap = world_snap(j->world, j->args->pipeline, kind);
    return snap != NULL && snap->mono_ms > j->before->mono_ms;
}

/* Has the connector moved data since? A sink: its commits. A source: its offset, what it confirmed
 * of its slot, or its heartbeat. */
static bool progressed(const struct judge *j, const struct connector_row *c)
{
    const struct action_before *was = j->before;
    struct action_before now;
    action_before(j->args, j->world, j->p, &now);
    if (c->facts->sink)
        return judge_seen_since(j, SOURCE_KAFKA) && now.committed != UNKNOWN &&
               was->committed != UNKNOWN && now.committed > was->committed;
    if (now.lsn != 0 && now.lsn > was->lsn)
        return true;
    if (judge_seen_since(j, SOURCE_POSTGRES) && now.confirmed_lsn > was->confirmed_lsn)
        return true;
    return now.heartbeat_ms != UNKNOWN && was->heartbeat_ms != UNKNOWN &&
           now.heartbeat_ms > was->heartbeat_ms;
}

static bool has_members(const struct judge *j, const struct connector_row *c)
{
    return c->group != NULL && c->group->group->members > 0 && judge_seen_since(j, SOURCE_KAFKA);
}

/* Nothing waits, so nothing can move. What proves life then: the sink is a member of its group, the
 * source reads its slot through a session that it did not have before. NULL: no proof. */
static const char *idle_but_alive(const struct judge *j, const struct connector_row *c)
{
    struct action_before now;
    action_before(j->args, j->world, j->p, &now);
    if (c->facts->sink)
        return now.lag == 0 && has_members(j, c) ? "it is a member of its group" : NULL;
    bool reads = now.reader_pid != 0 && now.reader_pid != j->before->reader_pid;
    return reads && judge_seen_since(j, SOURCE_POSTGRES) ? "it reads its slot" : NULL;
}

/* A sink has nothing to commit when no schedule closes its file on a topic that is quiet: then its
 * membership is all that can be seen. */
static bool nothing_due(const struct judge *j, const struct connector_row *c)
{
    bool owns = false;
    for (size_t i = 0; i < j->p->nprefixes; i++) {
        const struct prefix_row *p = &j->p->prefixes[i];
        if (p->connector == NULL || strcmp(p->connector, c->base.name) != 0)
            continue;
        if (p->due_ms != DUE_NEVER && p->waiting != 0)
            return false;
        owns = true;
    }
    return owns && has_members(j, c);
}

enum action_state connector_judge_work(const struct judge *j, const struct connector_row *c)
{
    char t[HUMAN_SIZE];
    human_duration_ms(t, j->elapsed_ms);
    const char *state = c->connector->state != NULL ? c->connector->state : "no state";
    const char *count = "";
    char tasks[32];
    if (c->tasks_known) {
        (void)snprintf(tasks, sizeof(tasks), " %d/%d", c->running, c->tasks);
        count = tasks;
    }
    bool restart = j->args->kind == ACTION_RESTART;
    if (c->failed > 0 && j->elapsed_ms > STEADY_MS) {
        judge_say(j, "%d of %d tasks FAILED%s: %.200s", c->failed, c->tasks,
                  restart ? " again" : "", c->cause);
        return ACTION_FAILED;
    }
    if (!pipeline_runs(c)) {
        if (c->tasks_known)
            judge_say(j, "%s, %d of %d tasks running", state, c->running, c->tasks);
        else
            judge_say(j, "%s", state);
        return ACTION_WATCHING;
    }
    const char *alive = idle_but_alive(j, c);
    if (j->elapsed_ms >= STEADY_MS && !progressed(j, c) && alive != NULL) {
        judge_say(j, "%s%s and %s; %s: worked after %s", state, count, alive,
                  c->facts->sink ? "nothing to do, so no progress could be seen"
                                 : "whether data moves was not seen yet",
                  t);
        return ACTION_WORKED;
    }
    if (j->elapsed_ms >= STEADY_MS && !progressed(j, c) && nothing_due(j, c)) {
        judge_say(j, "%s%s; no file is due, so nothing more can be seen: worked after %s", state,
                  count, t);
        return ACTION_WORKED;
    }
    /* RUNNING for a moment is not health: a task that fails does so in its first seconds. */
    if (j->elapsed_ms < STEADY_MS || !progressed(j, c)) {
        judge_say(j, "%s%s, no progress seen yet", state, count);
        return ACTION_WATCHING;
    }
    judge_say(j, "%s%s and data moves: worked after %s", state, count, t);
    return ACTION_WORKED;
}

enum action_state connector_judge(const struct judge *j)
{
    const struct connector_row *c = pipeline_connector(j->p, j->args->target);
    enum connect_service service = c != NULL ? c->connector->service : SERVICE_CONNECT;
    const struct connector_ops *ops = connector_services[service];
    if (c == NULL || !judge_seen_since(j, service_source(service))) {
        judge_say(j, "accepted; waiting for what %s says next", ops->name);
        return ACTION_WATCHING;
    }
    return ops->judge(j, c);
}
