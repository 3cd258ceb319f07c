/* Restart, pause, continue, stop by Kafka Connect's REST: retried while it is busy. */
#include "action/ops.h"
#include "aws/login.h"
#include "base/clock.h"
#include "base/human.h"
#include "base/json.h"
#include "base/mem.h"
#include "net/connectapi.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RETRY_MS = 1000, CALL_MS = 10 * 1000, OWNER_CALL_MS = 8 * 1000 };

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

static const struct connect_task *task_of(const struct connector_row *c, int id)
{
    for (size_t i = 0; i < c->connector->ntasks; i++) {
        if (c->connector->tasks[i].id == id)
            return &c->connector->tasks[i];
    }
    return NULL;
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
    bool failed = c->failed > 0 || connector_state_is(c, "FAILED");
    bool held = connector_state_is(c, "STOPPED") || connector_state_is(c, "PAUSED");
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
        connector_check_in_vain(pl, c);
    connector_check_calm(pl, c);
    if (connector_state_is(c, "UNASSIGNED"))
        planner_check(pl, CHECK_WARN, "the workers rebalance: Connect may refuse it (409)");
}

static void plan_state(struct planner *pl, const struct connector_row *c)
{
    const char *goal = calls[pl->args->kind].state;
    pl->plan->summary = c->facts->sink ? calls[pl->args->kind].sink : calls[pl->args->kind].source;
    if (connector_state_is(c, goal))
        planner_check(pl, CHECK_FAIL, "%s is %s already", pl->args->target, goal);
    if (pl->args->kind == ACTION_PAUSE && connector_state_is(c, "STOPPED"))
        planner_check(pl, CHECK_FAIL, "%s is STOPPED: there is nothing to pause", pl->args->target);
    if (pl->args->kind != ACTION_CONTINUE && !c->facts->sink)
        connector_tell_slot(pl, c);
}

static void plan(struct planner *pl, const struct connector_row *c)
{
    if (pl->args->kind == ACTION_RESTART)
        plan_restart(pl, c);
    else
        plan_state(pl, c);
}

static void request(struct planner *pl, const struct connector_row *c, struct action_route *route)
{
    (void)c;
    const struct snapshot *snap = world_snap(pl->world, pl->args->pipeline, SOURCE_CONNECT);
    const char *url = snap != NULL && snap->connect.url != NULL ? snap->connect.url : "";
    for (size_t i = 0; i < request_count(route); i++) {
        struct connect_request req = request_at(pl->args, route, i);
        struct strbuf sb;
        strbuf_init(&sb, 2000);
        connectapi_preview(&sb, url, &req);
        planner_request(pl, "%s", sb.text);
        strbuf_free(&sb);
    }
}

static void route_of(const struct action_args *args, const struct connector_row *c,
                     const struct world *world, struct action_route *route)
{
    const struct snapshot *snap = world_snap(world, args->pipeline, SOURCE_CONNECT);
    const char *version = snap != NULL ? snap->connect.version : NULL;
    if (args->kind != ACTION_RESTART || args->scope == RESTART_TASK || !before_3(version))
        return;
    bool all = args->scope == RESTART_ALL;
    route->each_task = true;
    route->connector_too = all || connector_state_is(c, "FAILED");
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

static bool send_all(const struct action_run *run, struct err *err)
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

static enum action_state judge(const struct judge *j, const struct connector_row *c)
{
    const char *goal = calls[j->args->kind].state;
    /* RUNNING is what Connect says of a connector that is about to fail, too. */
    if (j->args->kind == ACTION_RESTART || j->args->kind == ACTION_CONTINUE)
        return connector_judge_work(j, c);
    bool reached = connector_state_is(c, goal);
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

/* The owner's state now, not as it was on the screen. A connector that is gone owns nothing. */
static bool lets_go(const struct action_run *run, struct err *err)
{
    const char *owner = run->route->slot_owner;
    struct connectapi *api = connectapi_open(&run->pipeline->connect, err);
    if (api == NULL)
        return false;
    login_connect(run->aws, &run->pipeline->connect, api);
    struct connect_request req = {.call = CONNECT_STATUS, .connector = owner};
    struct connect_answer answer = {0};
    int64_t deadline = clock_mono_ms() + OWNER_CALL_MS;
    bool ok = connectapi_call(api, &req, deadline, run->stop_fd, &answer, err);
    if (ok) {
        cJSON *root = json_parse(answer.body, answer.len, err);
        const char *state = json_str(json_get(root, "connector"), "state", "unknown");
        ok = root != NULL && strcmp(state, "STOPPED") == 0;
        if (root != NULL && !ok)
            err_set(err, ERR_CONFLICT, 0, "its owner %s is %s now: stop the connector first", owner,
                    state);
        cJSON_Delete(root);
        connectapi_answer_free(&answer);
    } else if (err->kind == ERR_NOTFOUND) {
        err_clear(err);
        ok = true;
    } else {
        err_wrap(err, "asking for the state of its owner %s", owner);
    }
    connectapi_close(api);
    return ok;
}

const struct connector_ops connector_kafka = {
    .name = "Connect",
    .plan = plan,
    .request = request,
    .route = route_of,
    .send = send_all,
    .judge = judge,
    .lets_go = lets_go,
};
