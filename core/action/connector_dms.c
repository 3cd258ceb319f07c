/* Tasks of DMS: started, resumed, stopped, their tables loaded again. The status is read again just
 * before. */
#include "action/ops.h"
#include "aws/dms.h"
#include "base/clock.h"
#include "base/human.h"
#include "base/mem.h"
#include "model/dms_slot.h"
#include "model/dms_task.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CALL_MS = 20 * 1000, STATUS_SIZE = 64 };

/* What each verb needs the task to be, and what is said when it is not. */
static const struct {
    const char *from[2];
    const char *instead;
} verbs[] = {
    [DMS_VERB_START] = {{"ready", "created"},  "only one that never ran is started"          },
    [DMS_VERB_RESUME] = {{"stopped", "failed"}, "only one that stopped or failed is continued"},
    [DMS_VERB_RELOAD_ALL] = {{"stopped", "failed"},
                        "stop it first (S): all tables are loaded from a stop"               },
    [DMS_VERB_STOP] = {{"running", NULL},     "only one that runs is stopped"               },
    [DMS_VERB_RELOAD] = {{"running", NULL},     "DMS reloads tables of a running task only"   },
};
static_assert(ARRAY_LEN(verbs) == DMS_VERB_COUNT, "a row per verb");

/* May it, in that state? Not all words of serverless replications are published: one that is not
 * known here is left to DMS. */
static enum tri may(enum dms_verb verb, const char *state, bool serverless)
{
    if (mem_is(state, verbs[verb].from[0]) || mem_is(state, verbs[verb].from[1]))
        return TRI_YES;
    if (dms_phase(state) != DMS_PHASE_UNKNOWN)
        return TRI_NO;
    return serverless && state != NULL ? TRI_UNKNOWN : TRI_NO;
}

/* Which one is meant: continuing what never ran is its first start. */
static enum dms_verb verb_of(const struct action_args *args, const char *state)
{
    if (args->kind == ACTION_STOP)
        return DMS_VERB_STOP;
    if (args->kind == ACTION_RELOAD)
        return args->scope == RESTART_ALL ? DMS_VERB_RELOAD_ALL : DMS_VERB_RELOAD;
    return dms_phase(state) == DMS_PHASE_NEW ? DMS_VERB_START : DMS_VERB_RESUME;
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
    bool load = !dms_follows_only(t);
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

static bool is_named_before(const struct action_args *args, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (strcmp(args->tables[k], args->tables[i]) == 0)
            return true;
    }
    return false;
}

/* What may be reloaded: DMS's user guide, "Reloading tables during a task". */
static void plan_tables(struct planner *pl, const struct dms_task *t)
{
    enum { MOST = 10 };
    char a[HUMAN_SIZE];
    if (pl->args->ntables > MOST)
        planner_check(pl, CHECK_WARN,
                      "%zu tables: DMS reloads up to %d of a task, says its user guide",
                      pl->args->ntables, MOST);
    if (pl->args->ntables == 0)
        planner_check(pl, CHECK_FAIL, "which tables? pick some (T), or reload %s schema.table",
                      pl->args->target);
    for (size_t i = 0; i < pl->args->ntables; i++) {
        const char *name = pl->args->tables[i];
        const struct dms_table *row = dms_table_called(t, name);
        const char *dot = strchr(name, '.');
        if (is_named_before(pl->args, i)) {
            planner_check(pl, CHECK_FAIL, "%s is named twice", name);
            continue;
        }
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
        if (pl->args->validate && mem_is(row->validation, "Not enabled"))
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

/* Where it cannot go on. A task that only follows changes has nothing to load: it is started anew
 * with a position (API: StartReplicationTaskType). */
static const char *begin_anew(const struct dms_task *t)
{
    return dms_follows_only(t)
               ? "start it anew from a position (aws dms start-replication… with CdcStartPosition)"
               : "reload all instead";
}

/* What the endpoint names is looked for by DMS before it starts. False: nothing is to be said. */
static bool check_named(struct planner *pl, const struct connector_row *c, enum dms_verb verb)
{
    const struct dms_task *t = c->connector->dms;
    const struct snapshot *pg = world_snap(pl->world, pl->args->pipeline, SOURCE_POSTGRES);
    const struct snapshot *rds = world_snap(pl->world, pl->args->pipeline, SOURCE_RDS);
    bool sure;
    if (!pl->p->slots_told)
        return false;
    enum dms_slot how = dms_slot(t, &pg->pg, rds != NULL ? &rds->rds : NULL, NULL, &sure);
    if (how == DMS_SLOT_UNTOLD || how == DMS_SLOT_THERE)
        return false;
    const char *what = how == DMS_SLOT_MISSING          ? "does not exist, and DMS makes none"
                       : how == DMS_SLOT_OTHER_DATABASE ? "is of another database"
                                                        : "has a plugin that DMS does not read";
    planner_check(pl, sure ? CHECK_FAIL : CHECK_WARN,
                  "its slot %s %s%s: make one for it first (finding P13 says how)%s%s", t->slot,
                  what, sure ? "" : ", if its host is this server",
                  verb == DMS_VERB_RESUME ? "; then " : "",
                  verb == DMS_VERB_RESUME ? begin_anew(t) : "");
    return true;
}

/* Without its slot there is no place to go on from. */
static void check_slot(struct planner *pl, const struct connector_row *c, enum dms_verb verb)
{
    const struct dms_task *t = c->connector->dms;
    const char *told = c->facts->slot_name; /* by its endpoint, or by [pipeline.join] */
    const struct slot_row *slot = pipeline_slot_of(pl->p, c);
    bool starts = verb == DMS_VERB_START || verb == DMS_VERB_RESUME || verb == DMS_VERB_RELOAD_ALL;
    if ((starts && check_named(pl, c, verb)) || verb != DMS_VERB_RESUME)
        return;
    if (t->slot == NULL && told != NULL && pipeline_slot(pl->p, told) == NULL && pl->p->slots_told)
        planner_check(pl, CHECK_FAIL, "its slot %s is gone: it cannot go on; %s", told,
                      begin_anew(t));
    else if (slot != NULL && slot->claim != CLAIM_FITS && strcmp(slot->state, "lost") == 0)
        planner_check(pl, CHECK_FAIL, "its slot %s is lost: it cannot go on; %s", slot->base.name,
                      begin_anew(t));
}

/* A serverless one keeps its capacity after a stop, for 48 hours by DMS's user guide ("AWS DMS
 * Serverless components"): what was not started again by then cannot be restarted. */
static void plan_capacity(struct planner *pl, const struct dms_task *t, enum dms_verb verb)
{
    char a[HUMAN_SIZE];
    char b[HUMAN_SIZE];
    if (!t->serverless || verb == DMS_VERB_RELOAD)
        return;
    if (verb == DMS_VERB_STOP) {
        planner_line(
            pl, "capacity", CHECK_WARN,
            "kept for 48 hours, by DMS's user guide: continue it before they end, it cannot "
            "be restarted after");
        return;
    }
    planner_line(pl, "capacity", CHECK_OK,
                 "%s to %s units, each is paid for; DMS works out how many, which takes minutes",
                 human_count(a, t->min_units), human_count(b, t->max_units));
    int64_t now = world_server_now(pl->world, pl->args->pipeline, SOURCE_DMS);
    if (t->deprovision_ms != UNKNOWN && t->deprovision_ms < now)
        planner_check(pl, CHECK_WARN,
                      "DMS took its capacity away %s ago: by its user guide it cannot be restarted",
                      human_age_ms(a, now - t->deprovision_ms));
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
    if (verb == DMS_VERB_RESUME && t->serverless && mem_is(t->migration, "full-load"))
        planner_check(pl, CHECK_FAIL, "a serverless full load is not continued: reload all of it");
    bool loads = verb == DMS_VERB_RELOAD_ALL || (verb == DMS_VERB_RELOAD && !pl->args->validate);
    if (loads && dms_follows_only(t))
        planner_check(pl, CHECK_FAIL,
                      "it only follows changes (cdc): DMS loads tables of a task with a full load");
}

static void plan(struct planner *pl, const struct connector_row *c)
{
    const struct action_args *args = pl->args;
    const struct dms_task *t = c->connector->dms;
    if (args->kind == ACTION_RESTART || args->kind == ACTION_PAUSE) {
        bool stands =
            mem_is(c->connector->state, "failed") || mem_is(c->connector->state, "stopped");
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
    if (t->stop_reason != NULL && !mem_is(c->connector->state, "running"))
        planner_line(pl, "stopped", CHECK_WARN, "%s", t->stop_reason);
    if (c->cause[0] != '\0')
        planner_line(pl, "failure", CHECK_WARN, "%s", c->cause);
    if (verb == DMS_VERB_RESUME && t->checkpoint != NULL)
        planner_line(pl, "from", CHECK_OK, "%s", t->checkpoint);
    plan_state(pl, c, verb);
    check_slot(pl, c, verb);
    plan_capacity(pl, t, verb);
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
    return mem_is(status, "stopped") ||
           err_set(err, ERR_CONFLICT, 0, "its owner %s is %s now: stop the task first",
                   run->route->slot_owner, status);
}

const struct connector_ops connector_dms = {
    .name = "DMS",
    .plan = plan,
    .request = request,
    .route = route_of,
    .send = send_it,
    .judge = connector_judge_dms,
    .lets_go = lets_go,
};
