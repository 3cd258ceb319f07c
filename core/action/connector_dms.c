/* Tasks of DMS: started, resumed, stopped, their tables loaded again. The status is read again just
 * before, and followed afterwards until data moves: "accepted" alone is no success. */
#include "action/ops.h"
#include "aws/dms.h"
#include "base/clock.h"
#include "base/human.h"
#include "base/mem.h"
#include "model/dms_task.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CALL_MS = 20 * 1000, AFTER_MS = 90 * 1000, STATUS_SIZE = 64 };

/* What each verb needs the task to be, and what is said when it is not. */
static const struct {
    const char *from[2];
    const char *instead;
} verbs[] = {
    [DMS_VERB_START] = {{"ready", NULL},       "only one that never ran is started"          },
    [DMS_VERB_RESUME] = {{"stopped", "failed"}, "only one that stopped or failed is continued"},
    [DMS_VERB_RELOAD_ALL] = {{"stopped", "failed"},
                        "stop it first (S): all tables are loaded from a stop"               },
    [DMS_VERB_STOP] = {{"running", NULL},     "only one that runs is stopped"               },
    [DMS_VERB_RELOAD] = {{"running", NULL},     "DMS reloads tables of a running task only"   },
};
static_assert(ARRAY_LEN(verbs) == DMS_VERB_COUNT, "a row per verb");

static bool is(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* May it, in that state? Of serverless replications the words are not all published: one that is
 * not known here is left to DMS. */
static enum tri may(enum dms_verb verb, const char *state, bool serverless)
{
    static const char *const known[] = {"creating",  "deleting", "failed",   "failed-move",
                                        "modifying", "moving",   "ready",    "running",
                                        "starting",  "stopped",  "stopping", "testing"};
    if (is(state, verbs[verb].from[0]) || is(state, verbs[verb].from[1]))
        return TRI_YES;
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (is(state, known[i]))
            return TRI_NO;
    }
    return serverless && state != NULL ? TRI_UNKNOWN : TRI_NO;
}

/* Which one is meant: continuing what never ran is its first start. */
static enum dms_verb verb_of(const struct action_args *args, const char *state)
{
    if (args->kind == ACTION_STOP)
        return DMS_VERB_STOP;
    if (args->kind == ACTION_RELOAD)
        return args->scope == RESTART_ALL ? DMS_VERB_RELOAD_ALL : DMS_VERB_RELOAD;
    return is(state, "ready") ? DMS_VERB_START : DMS_VERB_RESUME;
}

static struct dms_order order_of(const struct action_args *args, const char *arn, const char *state)
{
    return (struct dms_order){
        .verb = verb_of(args, state),
        .arn = arn,
        .serverless = strstr(arn, ":replication-config:") != NULL,
        .tables = (const char *const *)args->tables,
        .ntables = args->ntables,
        .validate = args->validate,
    };
}

/* ---- what would happen ----------------------------------------------------------------------- */

static const char *summary_of(const struct planner *pl, enum dms_verb verb,
                              const struct dms_task *t)
{
    bool load = !is(t->migration, "cdc");
    switch (verb) {
    case DMS_VERB_START:
        return load
                   ? "Its first run: DMS loads every table to the target, then follows the changes."
                   : "Its first run: DMS follows the changes from where the task is set to start.";
    case DMS_VERB_RESUME: return "DMS goes on where the task stopped.";
    case DMS_VERB_STOP:
        return "DMS captures nothing meanwhile. The task keeps its place, its slot stays and keeps "
               "WAL.";
    case DMS_VERB_RELOAD_ALL:
        return "DMS begins anew: it loads every table again and sends every row to the target "
               "once more. The place where the task stopped is given up.";
    default:
        return pl->args->validate
                   ? "DMS compares the rows of these tables again. Nothing is sent."
                   : "DMS sends every row of these tables to the target again, while the others go "
                     "on.";
    }
}

static const struct dms_table *table_of(const struct dms_task *t, const char *name)
{
    const char *dot = strchr(name, '.');
    for (size_t i = 0; dot != NULL && i < t->ntables; i++) {
        const struct dms_table *row = &t->tables[i];
        if (strlen(row->schema) == (size_t)(dot - name) &&
            strncmp(row->schema, name, (size_t)(dot - name)) == 0 &&
            strcmp(row->name, dot + 1) == 0)
            return row;
    }
    return NULL;
}

static void plan_tables(struct planner *pl, const struct dms_task *t)
{
    char a[HUMAN_SIZE];
    if (pl->args->ntables == 0)
        planner_check(pl, CHECK_FAIL, "which tables? pick some (T), or reload %s schema.table",
                      pl->args->target);
    for (size_t i = 0; i < pl->args->ntables; i++) {
        const char *name = pl->args->tables[i];
        const struct dms_table *row = table_of(t, name);
        const char *dot = strchr(name, '.');
        if (dot == NULL || dot == name || dot[1] == '\0') {
            planner_check(pl, CHECK_FAIL, "%s is no schema.table", name);
            continue;
        }
        if (row == NULL) {
            bool all = t->tables_read && t->ntables == t->tables_total;
            planner_check(pl, all ? CHECK_FAIL : CHECK_WARN, "%s is %s", name,
                          all ? "none of its tables" : "not among the tables that were read");
            continue;
        }
        planner_line(pl, "table", CHECK_OK, "%s: %s, %s rows loaded", name,
                     row->state != NULL ? row->state : "no state", human_count(a, row->loaded));
        if (pl->args->validate && is(row->validation, "Not enabled"))
            planner_check(pl, CHECK_FAIL, "validation is off for %s", name);
    }
}

static void plan_all(struct planner *pl, const struct dms_task *t)
{
    char a[HUMAN_SIZE];
    int64_t rows = 0;
    for (size_t i = 0; i < t->ntables; i++)
        rows += t->tables[i].loaded != UNKNOWN ? t->tables[i].loaded : 0;
    pl->plan->danger = true;
    pl->plan->type_name = pl->args->target;
    if (t->tables_read)
        planner_line(pl, "sends", CHECK_WARN, "at least %s rows of %zu tables again%s%s",
                     human_count(a, rows), t->tables_total, t->target_topic != NULL ? ", to " : "",
                     t->target_topic != NULL ? t->target_topic : "");
    planner_check(pl, CHECK_WARN, "whoever reads the target sees every row twice");
}

/* Without its slot there is no place to go on from. */
static void check_slot(struct planner *pl, const struct connector_row *c, enum dms_verb verb)
{
    const char *named = c->facts->slot_name;
    const struct slot_row *slot = pipeline_slot_of(pl->p, c);
    if (verb != DMS_VERB_RESUME)
        return;
    if (named != NULL && pipeline_slot(pl->p, named) == NULL && pl->p->slots_told)
        planner_check(pl, CHECK_FAIL, "its slot %s is gone: it cannot go on; reload all instead",
                      named);
    else if (slot != NULL && slot->claim != CLAIM_FITS && strcmp(slot->state, "lost") == 0)
        planner_check(pl, CHECK_FAIL, "its slot %s is lost: it cannot go on; reload all instead",
                      slot->base.name);
}

static void plan_state(struct planner *pl, const struct connector_row *c, enum dms_verb verb)
{
    const struct dms_task *t = c->connector->dms;
    const char *state = c->connector->state != NULL ? c->connector->state : "of no state";
    enum tri yes = may(verb, c->connector->state, t->serverless);
    if (yes == TRI_NO)
        planner_check(pl, CHECK_FAIL, "%s is %s: %s", pl->args->target, state, verbs[verb].instead);
    else if (yes == TRI_UNKNOWN)
        planner_check(pl, CHECK_WARN, "whether DMS does that while it is %s shows when it is asked",
                      state);
    if (verb == DMS_VERB_RESUME && t->serverless && is(t->migration, "full-load"))
        planner_check(pl, CHECK_FAIL, "a serverless full load is not continued: reload all of it");
}

static void plan(struct planner *pl, const struct connector_row *c)
{
    const struct action_args *args = pl->args;
    const struct dms_task *t = c->connector->dms;
    if (args->kind == ACTION_RESTART || args->kind == ACTION_PAUSE) {
        bool stands = is(c->connector->state, "failed") || is(c->connector->state, "stopped");
        planner_check(pl, CHECK_FAIL, "DMS cannot %s a task: %scontinue it (C)",
                      args->kind == ACTION_PAUSE ? "pause" : "restart",
                      stands ? "" : "stop it (S), then ");
        return;
    }
    if (t == NULL || t->arn == NULL) {
        planner_check(pl, CHECK_FAIL, "its ARN is not known");
        return;
    }
    enum dms_verb verb = verb_of(args, c->connector->state);
    pl->plan->summary = summary_of(pl, verb, t);
    if (t->stop_reason != NULL && !is(c->connector->state, "running"))
        planner_line(pl, "stopped", CHECK_WARN, "%s", t->stop_reason);
    if (c->cause[0] != '\0')
        planner_line(pl, "failure", CHECK_WARN, "%s", c->cause);
    if (verb == DMS_VERB_RESUME && t->checkpoint != NULL)
        planner_line(pl, "from", CHECK_OK, "%s", t->checkpoint);
    plan_state(pl, c, verb);
    check_slot(pl, c, verb);
    if (verb == DMS_VERB_STOP)
        connector_tell_slot(pl, c);
    if (verb == DMS_VERB_RELOAD)
        plan_tables(pl, t);
    if (verb == DMS_VERB_RELOAD_ALL)
        plan_all(pl, t);
}

static void request(struct planner *pl, const struct connector_row *c, struct action_route *route)
{
    const struct snapshot *snap = world_snap(pl->world, pl->args->pipeline, SOURCE_DMS);
    enum action_kind kind = pl->args->kind;
    if (route->arn == NULL || kind == ACTION_RESTART || kind == ACTION_PAUSE)
        return;
    struct dms_order order = order_of(pl->args, route->arn, c->connector->state);
    char *body = dms_order_body(&order, NULL);
    if (body == NULL)
        return;
    struct strbuf sb;
    strbuf_init(&sb, 16 * 1024);
    dms_order_command(&sb, &order);
    planner_request(pl, "POST %s/",
                    snap != NULL && snap->connect.url != NULL ? snap->connect.url : "");
    planner_request(pl, "X-Amz-Target: %s.%s", aws_services[AWS_DMS].target,
                    aws_calls[dms_order_call(&order)].operation);
    planner_request(pl, "%s", body);
    planner_request(pl, "%s", sb.text);
    strbuf_free(&sb);
    free(body);
}

static void route_of(const struct action_args *args, const struct connector_row *c,
                     const struct world *world, struct action_route *route)
{
    (void)args;
    (void)world;
    route->state = mem_strdup(c->connector->state);
}

/* ---- sent ------------------------------------------------------------------------------------ */

static int64_t until(const struct action_run *run)
{
    int64_t deadline = clock_mono_ms() + CALL_MS;
    return deadline < run->deadline_ms ? deadline : run->deadline_ms;
}

/* What was on the screen may be old, and a verb means something else in another state. */
static bool is_as_seen(const struct action_run *run, struct aws_client *client,
                       const struct dms_order *order, struct err *err)
{
    char status[STATUS_SIZE];
    if (!dms_status(client, order->arn, order->serverless, until(run), run->stop_fd, status,
                    sizeof(status), err))
        return err_wrap(err, "reading its status again");
    enum dms_verb verb = verb_of(run->args, status);
    if (verb != order->verb || may(verb, status, order->serverless) == TRI_NO)
        return err_set(err, ERR_CONFLICT, 0, "%s is %s now: %s; nothing was sent",
                       run->args->target, status, verbs[order->verb].instead);
    return true;
}

static bool send_it(const struct action_run *run, struct err *err)
{
    if (run->aws == NULL || run->route->arn == NULL)
        return err_set(err, ERR_UNSUPPORTED, 0, "DMS cannot be asked for that");
    struct dms_order order = order_of(run->args, run->route->arn, run->route->state);
    struct aws_client *client = aws_client_open(run->aws);
    run->progress(run->progress_ctx, ACTION_CHECKING, "reading its status again");
    bool ok = is_as_seen(run, client, &order, err);
    if (ok) {
        run->progress(run->progress_ctx, ACTION_SENDING, "sending");
        ok = dms_order_send(client, &order, until(run), run->stop_fd, err);
        if (!ok && strstr(err->text, "InvalidResourceState") != NULL)
            err_wrap(err, "DMS does not do that in the state in which %s is", run->args->target);
    }
    aws_client_close(client);
    return ok;
}

/* A slot whose owner is a task: a task that is gone owns nothing. */
static bool lets_go(const struct action_run *run, struct err *err)
{
    const char *arn = run->route->arn;
    if (run->aws == NULL || arn == NULL)
        return err_set(err, ERR_UNSUPPORTED, 0, "DMS cannot be asked for the state of %s",
                       run->route->slot_owner);
    char status[STATUS_SIZE];
    struct aws_client *client = aws_client_open(run->aws);
    bool ok = dms_status(client, arn, strstr(arn, ":replication-config:") != NULL, until(run),
                         run->stop_fd, status, sizeof(status), err);
    aws_client_close(client);
    if (!ok && err->kind == ERR_NOTFOUND) {
        err_clear(err);
        return true;
    }
    if (!ok)
        return err_wrap(err, "asking for the state of its owner %s", run->route->slot_owner);
    return is(status, "stopped") ||
           err_set(err, ERR_CONFLICT, 0, "its owner %s is %s now: stop the task first",
                   run->route->slot_owner, status);
}

/* ---- and followed ---------------------------------------------------------------------------- */

/* When the request was sent, by DMS's clock. */
static int64_t sent_ms(const struct judge *j)
{
    int64_t skew = world_skew(j->world, j->args->pipeline, SOURCE_DMS);
    return j->before->wall_ms + (skew != UNKNOWN ? skew : 0);
}

/* It stopped or failed after the request: that is how it ended. */
static bool ended_since(const struct judge *j, const struct dms_task *t)
{
    return t->stopped_ms != UNKNOWN && t->stopped_ms > sent_ms(j);
}

static enum action_state judge_stop(const struct judge *j, const struct dms_task *t)
{
    char a[HUMAN_SIZE];
    human_duration_ms(a, j->elapsed_ms);
    if (is(t->status, "stopped")) {
        judge_say(j, "stopped after %s", a);
        return ACTION_WORKED;
    }
    if (is(t->status, "failed")) {
        judge_say(j, "it failed instead: %.200s",
                  t->failure != NULL ? t->failure : "no reason told");
        return ACTION_FAILED;
    }
    *j->under_way = is(t->status, "stopping");
    judge_say(j, "%s", t->status != NULL ? t->status : "no status");
    return ACTION_WATCHING;
}

enum { TABLE_BUSY, TABLE_DONE, TABLE_ERROR, TABLE_UNSEEN, TABLE_STATES };

/* How one table stands. Statistics of before the request say nothing about it, and those of soon
 * after may still tell of the comparison before. */
static int table_stands(const struct judge *j, const struct dms_table *t)
{
    enum { SETTLED_MS = 30 * 1000 };
    int64_t sent = sent_ms(j);
    bool ended =
        t != NULL && !j->args->validate && t->load_ended_ms != UNKNOWN && t->load_ended_ms > sent;
    if (t == NULL || (!ended && (t->updated_ms == UNKNOWN || t->updated_ms <= sent)))
        return TABLE_UNSEEN;
    if (is(t->state, "Table error"))
        return TABLE_ERROR;
    if (!j->args->validate)
        return ended && is(t->state, "Table completed") ? TABLE_DONE : TABLE_BUSY;
    bool pending = t->validation == NULL || strncmp(t->validation, "Pending", 7) == 0 ||
                   is(t->validation, "Preparing table");
    return pending || t->updated_ms - sent < SETTLED_MS ? TABLE_BUSY : TABLE_DONE;
}

static enum action_state judge_tables(const struct judge *j, const struct dms_task *t)
{
    size_t n = j->args->ntables;
    size_t count[TABLE_STATES] = {0};
    char a[HUMAN_SIZE];
    human_duration_ms(a, j->elapsed_ms);
    for (size_t i = 0; i < n; i++)
        count[table_stands(j, table_of(t, j->args->tables[i]))]++;
    if (count[TABLE_ERROR] > 0) {
        judge_say(j, "%zu of %zu tables ended in an error", count[TABLE_ERROR], n);
        return ACTION_FAILED;
    }
    if (count[TABLE_DONE] == n) {
        judge_say(j, "%zu of %zu tables %s after %s", n, n,
                  j->args->validate ? "compared" : "loaded", a);
        return ACTION_WORKED;
    }
    *j->under_way = count[TABLE_BUSY] > 0;
    judge_say(j, "%zu of %zu tables done, %zu under way", count[TABLE_DONE], n, count[TABLE_BUSY]);
    return ACTION_WATCHING;
}

static enum action_state judge_start(const struct judge *j, const struct connector_row *c)
{
    const struct dms_task *t = c->connector->dms;
    char a[HUMAN_SIZE];
    human_duration_ms(a, j->elapsed_ms);
    if ((is(t->status, "failed") || is(t->status, "stopped")) && ended_since(j, t)) {
        judge_say(j, "it is %s again: %.200s", t->status,
                  t->failure != NULL       ? t->failure
                  : t->stop_reason != NULL ? t->stop_reason
                                           : "no reason told");
        return ACTION_FAILED;
    }
    if (!is(t->status, "running")) {
        *j->under_way = is(t->status, "starting");
        judge_say(j, "%s", t->status != NULL ? t->status : "no status");
        return ACTION_WATCHING;
    }
    /* A start takes minutes; what it was for shows only after it. */
    int64_t at_ms = world_server_now(j->world, j->args->pipeline, SOURCE_DMS);
    *j->under_way = t->started_ms != UNKNOWN && at_ms - t->started_ms < AFTER_MS;
    int64_t moved = dms_moved(t);
    if (moved != UNKNOWN && j->before->dms_moved != UNKNOWN && moved != j->before->dms_moved) {
        judge_say(j, "running, and its counters move: worked after %s", a);
        return ACTION_WORKED;
    }
    if (t->load_percent != UNKNOWN && t->load_percent < 100 && t->load_percent > 0) {
        judge_say(j, "running, %d %% loaded: worked after %s", (int)t->load_percent, a);
        return ACTION_WORKED;
    }
    return connector_judge_work(j, c);
}

static enum action_state judge(const struct judge *j, const struct connector_row *c)
{
    const struct dms_task *t = c->connector->dms;
    if (t == NULL)
        return ACTION_WATCHING;
    if (j->args->kind == ACTION_STOP)
        return judge_stop(j, t);
    if (j->args->kind == ACTION_RELOAD && j->args->scope != RESTART_ALL)
        return judge_tables(j, t);
    return judge_start(j, c);
}

const struct connector_ops connector_dms = {
    .name = "DMS",
    .plan = plan,
    .request = request,
    .route = route_of,
    .send = send_it,
    .judge = judge,
    .lets_go = lets_go,
};
