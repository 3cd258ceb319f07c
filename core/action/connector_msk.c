/* Restart, pause, continue of MSK Connect's connectors: offered since the autumn of 2026 and not
 * everywhere, refused while another operation is under way, and followed through their operation to
 * its end. */
#include "action/ops.h"
#include "aws/aws.h"
#include "aws/mskconnect.h"
#include "base/clock.h"
#include "base/human.h"
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CALL_MS = 20 * 1000, AFTER_MS = 90 * 1000 };

static const struct {
    enum aws_call call;
    const char *rest, *cli; /* of the path; of `aws kafkaconnect` */
    const char *from, *to;  /* the state that it needs, and the one that it leads to */
} calls[ACTION_KIND_COUNT] = {
    [ACTION_RESTART] = {MSKC_RESTART, "/restart", "restart-connector", "RUNNING", "RUNNING"},
    [ACTION_PAUSE] = {MSKC_PAUSE,   "/pause",   "pause-connector",   "RUNNING", "PAUSED" },
    [ACTION_CONTINUE] = {MSKC_RESUME,  "/resume",  "resume-connector",  "PAUSED",  "RUNNING"},
};

/* A literal, for the compiler to check what is put in. */
#define NOT_OFFERED "%s is not offered here: this region's MSK Connect does not know it yet; %s"
static const char *const instead[ACTION_KIND_COUNT] = {
    [ACTION_RESTART] = "a change of its configuration restarts it, else delete it and create it "
                       "anew from its config",
    [ACTION_PAUSE] = "a source stands still when its database role may not log in, a sink when its "
                     "role may not read; else delete it, and create it anew later",
    [ACTION_CONTINUE] = "create it anew from its config",
};

/* "3.7.x" → 307. */
static int version_number(const char *version)
{
    int major = 0, minor = 0;
    if (version == NULL || sscanf(version, "%3d.%3d", &major, &minor) < 2) // NOLINT(cert-err34-c)
        return 0;
    return major * 100 + minor;
}

static const char *query_of(const struct action_args *args)
{
    if (args->kind != ACTION_RESTART)
        return NULL;
    return args->scope == RESTART_FAILED ? "onlyFailedTasks=true" : "onlyFailedTasks=false";
}

/* ---- may it? --------------------------------------------------------------------------------- */

static void check_operation(struct planner *pl, const struct msk_connector *msk)
{
    char a[HUMAN_SIZE];
    for (size_t i = 0; i < msk->noperations; i++) {
        const struct msk_operation *op = &msk->operations[i];
        if (op->ended_ms != UNKNOWN)
            continue;
        planner_check(pl, CHECK_FAIL, "%s is under way for %s: wait for its end",
                      op->type != NULL ? op->type : "another operation",
                      human_age_ms(a, pl->world->wall_ms - op->created_ms));
        return;
    }
}

static void check_offer(struct planner *pl, const struct msk_connector *msk)
{
    enum action_kind kind = pl->args->kind;
    enum tri is = kind == ACTION_RESTART ? msk->can_restart : msk->can_pause;
    if (is == TRI_NO)
        planner_check(pl, CHECK_FAIL, NOT_OFFERED, aws_calls[calls[kind].call].operation,
                      instead[kind]);
    else if (is == TRI_UNKNOWN)
        planner_check(pl, CHECK_WARN, "whether this region offers %s shows when it is asked for",
                      aws_calls[calls[kind].call].operation);
}

static void plan_restart(struct planner *pl, const struct connector_row *c)
{
    const struct action_args *args = pl->args;
    const char *version = c->connector->msk->connect_version;
    bool all = args->scope == RESTART_ALL;
    pl->plan->summary = all ? "MSK Connect stops and starts the connector and all of its tasks."
                            : "MSK Connect stops and starts the tasks that failed.";
    if (args->scope == RESTART_TASK) {
        planner_check(pl, CHECK_FAIL,
                      "MSK Connect restarts no single task: the failed ones (R), "
                      "or all of it (restart --all)");
        return;
    }
    int number = version_number(version);
    if (!all && number > 0 && number < 307)
        planner_check(pl, CHECK_FAIL,
                      "Kafka Connect %s restarts all of it only: restart --all (failed tasks "
                      "alone: 3.7 and newer)",
                      version);
    else if (!all && c->tasks_known && c->failed == 0)
        planner_check(pl, CHECK_FAIL, "nothing of %s has failed; restart all of it instead (%s)",
                      args->target, "restart --all");
    else if (!all && !c->tasks_known)
        planner_check(pl, CHECK_WARN, "whether a task has failed CloudWatch does not tell");
    if (all && c->running > 0)
        planner_check(pl, CHECK_WARN, "%d running task%s will also bounce", c->running,
                      c->running == 1 ? "" : "s");
    if (all && (!c->tasks_known || c->running > 0))
        pl->plan->type_name = c->base.name;
    if (c->failed > 0)
        connector_check_in_vain(pl, c);
    connector_check_calm(pl, c);
}

static void plan_state(struct planner *pl, const struct connector_row *c)
{
    bool pause = pl->args->kind == ACTION_PAUSE;
    pl->plan->summary = !pause ? "It goes on where it stopped."
                        : c->facts->sink
                            ? "It writes nothing meanwhile. Records wait in the topics."
                            : "It captures nothing meanwhile. It keeps its slot, and "
                              "WAL piles up.";
    if (pause && !c->facts->sink)
        connector_tell_slot(pl, c);
}

static void plan(struct planner *pl, const struct connector_row *c)
{
    enum action_kind kind = pl->args->kind;
    const struct connect_connector *conn = c->connector;
    const char *state = conn->state != NULL ? conn->state : "of no state";
    if (kind == ACTION_STOP) {
        planner_check(pl, CHECK_FAIL,
                      "MSK Connect cannot stop a connector: pause it, or delete it there");
        return;
    }
    if (conn->msk == NULL || conn->msk->arn == NULL) {
        planner_check(pl, CHECK_FAIL, "its ARN is not known");
        return;
    }
    if (kind == ACTION_RESTART)
        plan_restart(pl, c);
    else
        plan_state(pl, c);
    if (conn->msk->state_message != NULL)
        planner_line(pl, "says", CHECK_WARN, "%s", conn->msk->state_message);
    if (connector_state_is(c, "FAILED"))
        planner_check(pl, CHECK_FAIL,
                      "MSK Connect cannot %s a FAILED connector: save its config (:save-config), "
                      "delete it, create it anew; with the same name and worker configuration it "
                      "finds its offsets",
                      kind == ACTION_RESTART ? "restart" : action_info(kind)->name);
    else if (kind == ACTION_RESTART && connector_state_is(c, "PAUSED"))
        planner_check(pl, CHECK_FAIL, "%s is PAUSED: continue it instead", pl->args->target);
    else if (kind != ACTION_RESTART && connector_state_is(c, calls[kind].to))
        planner_check(pl, CHECK_FAIL, "%s is %s already", pl->args->target, state);
    else if (!connector_state_is(c, calls[kind].from))
        planner_check(pl, CHECK_FAIL, "%s is %s: it must be %s", pl->args->target, state,
                      calls[kind].from);
    check_operation(pl, conn->msk);
    check_offer(pl, conn->msk);
}

/* arn:aws:kafkaconnect:REGION:… */
static const char *region_of(struct planner *pl, const char *arn)
{
    for (int colons = 0; colons < 3 && arn != NULL; colons++) {
        arn = strchr(arn, ':');
        arn = arn != NULL ? arn + 1 : NULL;
    }
    return arn != NULL ? arena_strndup(pl->arena, arn, strcspn(arn, ":")) : "";
}

static void request(struct planner *pl, const struct connector_row *c, struct action_route *route)
{
    enum action_kind kind = pl->args->kind;
    const struct snapshot *snap = world_snap(pl->world, pl->args->pipeline, SOURCE_MSK_CONNECT);
    (void)c;
    if (route->arn == NULL || calls[kind].rest == NULL || pl->args->scope == RESTART_TASK)
        return;
    char *path = mskconnect_path(route->arn, calls[kind].rest);
    const char *query = query_of(pl->args);
    planner_request(pl, "%s %s%s%s%s", aws_calls[calls[kind].call].method,
                    snap != NULL && snap->connect.url != NULL ? snap->connect.url : "", path,
                    query != NULL ? "?" : "", query != NULL ? query : "");
    planner_request(pl, "aws kafkaconnect %s --connector-arn %s%s --region %s", calls[kind].cli,
                    route->arn,
                    kind != ACTION_RESTART              ? ""
                    : pl->args->scope == RESTART_FAILED ? " --only-failed-tasks"
                                                        : " --no-only-failed-tasks",
                    region_of(pl, route->arn));
    free(path);
}

/* ---- sent ------------------------------------------------------------------------------------ */

static bool call(const struct action_run *run, struct aws_client *client, enum aws_call which,
                 const char *rest, const char *query, struct aws_answer *answer, struct err *err)
{
    char *path = mskconnect_path(run->route->arn, rest);
    int64_t deadline = clock_mono_ms() + CALL_MS;
    struct aws_request req = {.call = which,
                              .path = path,
                              .query = query,
                              .resource = run->route->arn,
                              .deadline_ms =
                                  deadline < run->deadline_ms ? deadline : run->deadline_ms,
                              .stop_fd = run->stop_fd};
    bool ok = aws_send(client, &req, answer, err);
    free(path);
    return ok;
}

/* What was on the screen may be old: its state is read again first. */
static bool is_ready(const struct action_run *run, struct aws_client *client, struct err *err)
{
    struct aws_answer answer;
    if (!call(run, client, MSKC_DESCRIBE, "", NULL, &answer, err))
        return err_wrap(err, "reading its state again");
    cJSON *root = json_parse(answer.body.text, answer.body.len, err);
    const char *state = json_str(root, "connectorState", "of no state");
    const char *from = calls[run->args->kind].from;
    bool ok = root != NULL && strcmp(state, from) == 0;
    if (root != NULL && !ok)
        err_set(err, ERR_CONFLICT, 0, "%s is %s now: it must be %s", run->args->target, state,
                from);
    cJSON_Delete(root);
    aws_answer_free(&answer);
    return ok;
}

static bool send_it(const struct action_run *run, struct err *err)
{
    enum action_kind kind = run->args->kind;
    if (run->aws == NULL || run->route->arn == NULL || calls[kind].rest == NULL)
        return err_set(err, ERR_UNSUPPORTED, 0, "MSK Connect cannot be asked for that");
    struct aws_client *client = aws_client_open(run->aws);
    struct aws_answer answer;
    run->progress(run->progress_ctx, ACTION_CHECKING, "reading its state again");
    bool ok = is_ready(run, client, err);
    if (ok) {
        run->progress(run->progress_ctx, ACTION_SENDING, "sending");
        ok = call(run, client, calls[kind].call, calls[kind].rest, query_of(run->args), &answer,
                  err);
        if (ok || err->kind == ERR_UNSUPPORTED)
            aws_offered(run->aws, calls[kind].call, ok);
        if (ok)
            aws_answer_free(&answer);
        else if (err->kind == ERR_UNSUPPORTED)
            err_set(err, ERR_UNSUPPORTED, 0, NOT_OFFERED, aws_calls[calls[kind].call].operation,
                    instead[kind]);
    }
    aws_client_close(client);
    return ok;
}

/* ---- and followed ---------------------------------------------------------------------------- */

/* The operation that came of the request; NULL: none is seen. */
static const struct msk_operation *operation_of(const struct judge *j,
                                                const struct connector_row *c)
{
    const struct msk_connector *msk = c->connector->msk;
    if (msk == NULL || msk->noperations == 0 ||
        action_operation(&msk->operations[0]) == j->before->operation)
        return NULL;
    return &msk->operations[0];
}

/* Is there a source at all that would show that data moves? */
static bool watched(const struct judge *j, const struct connector_row *c)
{
    size_t i = j->args->pipeline;
    return world_state(j->world, i, SOURCE_KAFKA) != STATE_OFF ||
           (!c->facts->sink && world_state(j->world, i, SOURCE_POSTGRES) != STATE_OFF);
}

static enum action_state judge(const struct judge *j, const struct connector_row *c)
{
    enum action_kind kind = j->args->kind;
    const char *state = c->connector->state != NULL ? c->connector->state : "no state";
    const struct msk_operation *op = operation_of(j, c);
    char t[HUMAN_SIZE];
    human_duration_ms(t, j->elapsed_ms);
    if (op != NULL && op->ended_ms == UNKNOWN) {
        *j->under_way = true;
        judge_say(j, "%s, connector %s, for %s", op->state != NULL ? op->state : "under way", state,
                  t);
        return ACTION_WATCHING;
    }
    if (op != NULL && !mskconnect_succeeded(op->state)) {
        judge_say(j, "%s: %s%s%.200s", op->state != NULL ? op->state : "it failed",
                  op->error_code != NULL ? op->error_code : "no reason was told",
                  op->error_message != NULL ? ": " : "",
                  op->error_message != NULL ? op->error_message : "");
        return ACTION_FAILED;
    }
    /* Operations take minutes, and what they were for shows only after their end. */
    int64_t at_ms = world_server_now(j->world, j->args->pipeline, SOURCE_MSK_CONNECT);
    *j->under_way = op != NULL && at_ms - op->ended_ms < AFTER_MS;
    if (connector_state_is(c, "FAILED")) {
        judge_say(j, "it is FAILED now%s%.200s", c->cause[0] != '\0' ? ": " : "", c->cause);
        return ACTION_FAILED;
    }
    if (kind != ACTION_PAUSE && op != NULL && !watched(j, c)) {
        judge_say(j, "%s after %s; whether data moves nobody watches here", op->state, t);
        return ACTION_WORKED;
    }
    if (kind != ACTION_PAUSE)
        return connector_judge_work(j, c);
    if (!connector_state_is(c, calls[kind].to)) {
        judge_say(j, "%s", state);
        return ACTION_WATCHING;
    }
    judge_say(j, "%s after %s", state, t);
    return ACTION_WORKED;
}

const struct connector_ops connector_msk = {
    .name = "MSK Connect",
    .plan = plan,
    .request = request,
    .send = send_it,
    .judge = judge,
};
