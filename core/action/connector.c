/* Restart, pause, continue, stop: HTTP calls to Connect, retried while it is busy, judged by
 * progress. */
#include "action/ops.h"
#include "aws/login.h"
#include "base/clock.h"
#include "base/human.h"
#include "base/mem.h"
#include "model/join.h"
#include "net/connectapi.h"

#include <assert.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RETRY_MS = 1000, CALL_MS = 10 * 1000, STEADY_MS = 4000, CALM_MS = 60 * 1000 };

/* What to call for which kind, and the state that it should lead to. */
static const struct {
    enum connect_call call;
    const char *state;
    const char *source, *sink; /* what it does to either */
} calls[ACTION_KIND_COUNT] = {
    [ACTION_RESTART] = {CONNECT_RESTART, "RUNNING", "",                                             ""                                                                   },
    [ACTION_PAUSE] = {CONNECT_PAUSE,   "PAUSED",
                        "Its tasks stay but capture nothing. It keeps its slot, and WAL piles up.", "Its tasks stay but write nothing. Records wait in the topics."      },
    [ACTION_CONTINUE] = {CONNECT_RESUME,  "RUNNING", "It goes on where it stopped.",
                        "It goes on where it stopped."                                                                                                                   },
    [ACTION_STOP] = {CONNECT_STOP,    "STOPPED",
                        "Its tasks end. It lets go of its slot, which then keeps WAL.",             "Its tasks end. A file that is open is dropped and read again later."},
};

static struct connect_request request_of(const struct action_args *args)
{
    struct connect_request req = {.call = calls[args->kind].call, .connector = args->target};
    if (args->kind != ACTION_RESTART)
        return req;
    if (args->scope == RESTART_TASK) {
        req.call = CONNECT_RESTART_TASK;
        req.task = args->task;
        return req;
    }
    req.include_tasks = true;
    req.only_failed = args->scope == RESTART_FAILED;
    return req;
}

/* A restart that takes the tasks along came with Connect 3.0 (KIP-745). */
static bool before_3(const char *version)
{
    long major = version != NULL ? strtol(version, NULL, 10) : 0;
    return major > 0 && major < 3;
}

static size_t request_count(const struct action_route *route)
{
    return route->each_task ? route->ntasks + (route->connector_too ? 1 : 0) : 1;
}

/* The i-th call of this action: nearly always there is but one. */
static struct connect_request request_at(const struct action_args *args,
                                         const struct action_route *route, size_t i)
{
    struct connect_request req = request_of(args);
    if (!route->each_task)
        return req;
    req.include_tasks = req.only_failed = false;
    if (route->connector_too && i-- == 0)
        return req;
    req.call = CONNECT_RESTART_TASK;
    req.task = route->tasks[i];
    return req;
}

static bool state_is(const struct connector_row *c, const char *state)
{
    return c->connector->state != NULL && strcmp(c->connector->state, state) == 0;
}

static const struct connect_task *task_of(const struct connector_row *c, int id)
{
    for (size_t i = 0; i < c->connector->ntasks; i++) {
        if (c->connector->tasks[i].id == id)
            return &c->connector->tasks[i];
    }
    return NULL;
}

/* What the last restarts of it came to: a cause that came back each time comes back again. */
static void check_in_vain(struct planner *pl, const struct connector_row *c)
{
    const struct connector_past *past = connector_history_of(pl->wp->history, c->base.name);
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
static void check_calm(struct planner *pl, const struct connector_row *c)
{
    const struct ledger_entry *e = ledger_newest(&pl->wp->ledger, ACTION_RESTART, c->base.name);
    char a[HUMAN_SIZE];
    if (e != NULL && e->accepted_mono_ms != UNKNOWN &&
        pl->world->mono_ms - e->accepted_mono_ms < CALM_MS)
        planner_check(pl, CHECK_WARN,
                      "it was restarted from here %s ago: wait for what comes of it",
                      human_duration_ms(a, pl->world->mono_ms - e->accepted_mono_ms));
    if (state_is(c, "UNASSIGNED"))
        planner_check(pl, CHECK_WARN, "the workers rebalance: Connect may refuse it (409)");
}

static void plan_restart(struct planner *pl, const struct connector_row *c)
{
    const struct action_args *args = pl->args;
    bool all = args->scope == RESTART_ALL;
    if (args->scope == RESTART_TASK) {
        pl->plan->summary = "Connect stops and starts this one task.";
        const struct connect_task *t = task_of(c, args->task);
        if (t == NULL)
            planner_check(pl, CHECK_FAIL, "%s has no task %d", args->target, args->task);
        else
            planner_check(pl, CHECK_OK, "task %d is %s", args->task, t->state);
        return;
    }
    pl->plan->summary = all ? "Connect stops and starts the connector and all of its tasks."
                            : "Connect stops and starts what failed; what runs goes on.";
    bool failed = c->failed > 0 || state_is(c, "FAILED");
    bool held = state_is(c, "STOPPED") || state_is(c, "PAUSED");
    if (held)
        planner_check(pl, CHECK_FAIL, "%s is %s: continue it instead", args->target,
                      c->connector->state);
    if (all)
        planner_check(pl, c->running > 0 ? CHECK_WARN : CHECK_OK,
                      c->running == 1 ? "%d running task will also bounce"
                                      : "%d running tasks will also bounce",
                      c->running);
    else if (!failed && !held)
        planner_check(pl, CHECK_FAIL, "nothing of %s has failed; restart all of it instead (%s)",
                      args->target, "restart --all");
    if (all && c->running > 0)
        pl->plan->type_name = c->base.name;
    if (c->cause[0] != '\0')
        planner_line(pl, "cause", CHECK_WARN, "%s", c->cause);
    if (failed)
        check_in_vain(pl, c);
    check_calm(pl, c);
}

static void plan_state(struct planner *pl, const struct connector_row *c)
{
    const char *goal = calls[pl->args->kind].state;
    pl->plan->summary = c->facts->sink ? calls[pl->args->kind].sink : calls[pl->args->kind].source;
    if (state_is(c, goal))
        planner_check(pl, CHECK_FAIL, "%s is %s already", pl->args->target, goal);
    if (pl->args->kind == ACTION_PAUSE && state_is(c, "STOPPED"))
        planner_check(pl, CHECK_FAIL, "%s is STOPPED: there is nothing to pause", pl->args->target);
    bool source = !c->facts->sink;
    if (pl->args->kind == ACTION_CONTINUE || !source)
        return;
    for (size_t i = 0; i < pl->p->nslots; i++) {
        const struct slot_row *s = &pl->p->slots[i];
        char a[HUMAN_SIZE];
        if (s->owner != c->connector)
            continue;
        planner_line(pl, "slot", CHECK_WARN, "%s retains %s of WAL now, and more until it goes on",
                     s->base.name, human_bytes(a, s->retained));
    }
}

/* Old states must not be acted on: the plan says how old what it saw is. */
static void check_fresh(struct planner *pl)
{
    enum source_state state = world_state(pl->world, pl->args->pipeline, SOURCE_CONNECT);
    int64_t age = world_age(pl->world, pl->args->pipeline, SOURCE_CONNECT);
    char a[HUMAN_SIZE];
    human_duration_ms(a, age);
    if (state == STATE_FRESH)
        planner_check(pl, CHECK_OK, "Connect answered %s ago", a);
    else if (age != UNKNOWN && age <= 10 * 1000)
        planner_check(pl, CHECK_WARN, "Connect answered %s ago, and is late", a);
    else
        planner_check(pl, CHECK_FAIL, "Connect does not answer: its state is not known");
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

void connector_plan(struct planner *pl)
{
    const struct action_args *args = pl->args;
    const struct connector_row *c = pipeline_connector(pl->p, args->target);
    const struct snapshot *snap = world_snap(pl->world, args->pipeline, SOURCE_CONNECT);
    pl->plan->title = arena_printf(pl->arena, "%s connector %s%s",
                                   args->kind == ACTION_RESTART    ? "Restart"
                                   : args->kind == ACTION_PAUSE    ? "Pause"
                                   : args->kind == ACTION_CONTINUE ? "Continue"
                                                                   : "Stop",
                                   args->target,
                                   args->kind != ACTION_RESTART    ? ""
                                   : args->scope == RESTART_FAILED ? ": failed tasks"
                                   : args->scope == RESTART_ALL    ? ": all tasks"
                                                                   : ": one task");
    pl->plan->summary = "";
    if (c == NULL || snap == NULL) {
        planner_check(pl, CHECK_FAIL, "no connector named %s is known", args->target);
        return;
    }
    planner_line(pl, "seen", CHECK_OK, "%s, %d of %d tasks running%s",
                 c->connector->state != NULL ? c->connector->state : "no state", c->running,
                 c->tasks, c->failed > 0 ? arena_printf(pl->arena, ", %d failed", c->failed) : "");
    if (c->lag != UNKNOWN) {
        char a[HUMAN_SIZE];
        planner_line(pl, "behind", CHECK_OK, "%s messages", human_count(a, c->lag));
    }
    check_fresh(pl);
    if (args->kind == ACTION_RESTART)
        plan_restart(pl, c);
    else
        plan_state(pl, c);
    check_slot(pl, c);
    struct action_route *route = action_route_new(args, pl->world, pl->p);
    for (size_t i = 0; i < request_count(route); i++) {
        struct connect_request req = request_at(args, route, i);
        struct strbuf sb;
        strbuf_init(&sb, 2000);
        connectapi_preview(&sb, snap->connect.url != NULL ? snap->connect.url : "", &req);
        planner_request(pl, "%s", sb.text);
        strbuf_free(&sb);
    }
    action_route_free(route);
}

void connector_route(const struct action_args *args, const struct connector_row *c,
                     const char *version, struct action_route *route)
{
    if (args->kind != ACTION_RESTART || args->scope == RESTART_TASK || !before_3(version))
        return;
    bool all = args->scope == RESTART_ALL;
    route->each_task = true;
    route->connector_too = all || state_is(c, "FAILED");
    route->tasks = mem_calloc(c->connector->ntasks, sizeof(*route->tasks));
    for (size_t i = 0; i < c->connector->ntasks; i++) {
        const struct connect_task *t = &c->connector->tasks[i];
        if (all || (t->state != NULL && strcmp(t->state, "FAILED") == 0))
            route->tasks[route->ntasks++] = t->id;
    }
}

/* A busy Connect (409 while it rebalances, 500 "Request timed out") is asked again. */
static bool again(const struct err *err)
{
    return err->kind == ERR_CONFLICT || (err->kind == ERR_TIMEOUT && err->code == 500);
}

static bool pause_for(const struct action_run *run, int ms)
{
    struct pollfd fd = {.fd = run->stop_fd, .events = POLLIN};
    return poll(&fd, 1, ms) == 0;
}

static bool call_until_taken(const struct action_run *run, struct connectapi *api,
                             const struct connect_request *req, struct err *err)
{
    for (int attempt = 1;; attempt++) {
        struct connect_answer answer = {0};
        int64_t deadline = clock_mono_ms() + CALL_MS;
        if (deadline > run->deadline_ms)
            deadline = run->deadline_ms;
        err_clear(err);
        if (connectapi_call(api, req, deadline, run->stop_fd, &answer, err)) {
            connectapi_answer_free(&answer);
            return true;
        }
        if (!again(err) || clock_left_ms(run->deadline_ms) < RETRY_MS)
            return false;
        char text[600];
        (void)snprintf(text, sizeof(text), "Connect is busy (%s), attempt %d", err->text, attempt);
        run->progress(run->progress_ctx, ACTION_SENDING, text);
        if (!pause_for(run, RETRY_MS))
            return err_set(err, ERR_STOPPED, 0, "asked to stop; the last attempt was refused");
    }
}

bool connector_send(const struct action_run *run, struct err *err)
{
    struct connectapi *api = connectapi_open(&run->pipeline->connect, err);
    if (api == NULL)
        return false;
    login_connect(run->aws, &run->pipeline->connect, api);
    bool ok = true;
    size_t n = request_count(run->route);
    for (size_t i = 0; ok && i < n; i++) {
        struct connect_request req = request_at(run->args, run->route, i);
        ok = call_until_taken(run, api, &req, err);
        if (!ok && n > 1)
            err_wrap(err, "call %zu of %zu", i + 1, n);
    }
    connectapi_close(api);
    return ok;
}

/* Fresh evidence only: what was seen before the request says nothing about it. */
static bool seen_since(const struct judge *j, enum source_kind kind)
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
        return seen_since(j, SOURCE_KAFKA) && now.committed != UNKNOWN &&
               was->committed != UNKNOWN && now.committed > was->committed;
    if (now.lsn != 0 && now.lsn > was->lsn)
        return true;
    if (seen_since(j, SOURCE_POSTGRES) && now.confirmed_lsn > was->confirmed_lsn)
        return true;
    return now.heartbeat_ms != UNKNOWN && was->heartbeat_ms != UNKNOWN &&
           now.heartbeat_ms > was->heartbeat_ms;
}

static bool has_members(const struct judge *j, const struct connector_row *c)
{
    return c->group != NULL && c->group->group->members > 0 && seen_since(j, SOURCE_KAFKA);
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
    return reads && seen_since(j, SOURCE_POSTGRES) ? "it reads its slot" : NULL;
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

enum action_state connector_judge_restart(const struct judge *j)
{
    const struct connector_row *c = pipeline_connector(j->p, j->args->target);
    char t[HUMAN_SIZE];
    human_duration_ms(t, j->elapsed_ms);
    if (!seen_since(j, SOURCE_CONNECT) || c == NULL) {
        judge_say(j, "accepted; waiting for what Connect says next");
        return ACTION_WATCHING;
    }
    bool running = state_is(c, "RUNNING") && c->tasks > 0 && c->running == c->tasks;
    bool restart = j->args->kind == ACTION_RESTART;
    if (c->failed > 0 && j->elapsed_ms > STEADY_MS) {
        judge_say(j, "%d of %d tasks FAILED%s: %.200s", c->failed, c->tasks,
                  restart ? " again" : "", c->cause);
        return ACTION_FAILED;
    }
    if (!running) {
        judge_say(j, "%s, %d of %d tasks running",
                  c->connector->state != NULL ? c->connector->state : "no state", c->running,
                  c->tasks);
        return ACTION_WATCHING;
    }
    const char *alive = idle_but_alive(j, c);
    if (j->elapsed_ms >= STEADY_MS && !progressed(j, c) && alive != NULL) {
        judge_say(j,
                  "RUNNING %d/%d and %s; nothing to do, so no progress could be seen: worked "
                  "after %s",
                  c->running, c->tasks, alive, t);
        return ACTION_WORKED;
    }
    if (j->elapsed_ms >= STEADY_MS && !progressed(j, c) && nothing_due(j, c)) {
        judge_say(j, "RUNNING %d/%d; no file is due, so nothing more can be seen: worked after %s",
                  c->running, c->tasks, t);
        return ACTION_WORKED;
    }
    /* RUNNING for a moment is not health: a task that fails does so in its first seconds. */
    if (j->elapsed_ms < STEADY_MS || !progressed(j, c)) {
        judge_say(j, "RUNNING %d/%d, no progress seen yet", c->running, c->tasks);
        return ACTION_WATCHING;
    }
    judge_say(j, "RUNNING %d/%d and data moves: worked after %s", c->running, c->tasks, t);
    return ACTION_WORKED;
}

enum action_state connector_judge_state(const struct judge *j)
{
    const struct connector_row *c = pipeline_connector(j->p, j->args->target);
    const char *goal = calls[j->args->kind].state;
    /* RUNNING is what Connect says of a connector that is about to fail, too. */
    if (j->args->kind == ACTION_CONTINUE)
        return connector_judge_restart(j);
    if (!seen_since(j, SOURCE_CONNECT) || c == NULL) {
        judge_say(j, "accepted; waiting for what Connect says next");
        return ACTION_WATCHING;
    }
    bool reached = state_is(c, goal);
    if (j->args->kind == ACTION_STOP)
        reached = reached && c->tasks == 0;
    if (!reached) {
        judge_say(j, "%s, %d of %d tasks running",
                  c->connector->state != NULL ? c->connector->state : "no state", c->running,
                  c->tasks);
        return ACTION_WATCHING;
    }
    char t[HUMAN_SIZE];
    judge_say(j, "%s after %s", goal, human_duration_ms(t, j->elapsed_ms));
    return ACTION_WORKED;
}
