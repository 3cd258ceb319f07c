/* The table of actions, and the parts that all of them share. */
#include "action/ops.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/human.h"
#include "base/mem.h"
#include "model/dms_task.h"
#include "model/snapshot_status.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

/* What a service is at by its own word may take so long: MSK Connect moves workers. */
enum { UNDER_WAY_MS = 30 * 60 * 1000 };

#define OVER_CONNECTOR connector_plan, connector_send, connector_judge
#define OVER_SESSION   terminate_plan, terminate_send, terminate_judge
#define OVER_SIGNAL    snapshot_signal_plan, snapshot_signal_send, snapshot_judge

const struct action_ops action_table[] = {
    [ACTION_RESTART] = {{"restart", "R", "restart",
                         "restart the failed tasks of a connector (or all, or one)",
                         TARGET_CONNECTOR, false},
                        OVER_CONNECTOR   },
    [ACTION_PAUSE] = {{"pause", "P", "pause", "pause a connector; a source keeps its slot",
                       TARGET_CONNECTOR, false},
                        OVER_CONNECTOR   },
    [ACTION_CONTINUE] = {{"resume", "C", "continue", "let a paused or stopped connector go on",
                          TARGET_CONNECTOR, false},
                        OVER_CONNECTOR   },
    [ACTION_STOP] = {{"stop", "S", "stop", "stop a connector and end its tasks", TARGET_CONNECTOR,
                      false},
                        OVER_CONNECTOR   },
    [ACTION_DROP_SLOT] = {{"drop-slot", "D", "drop slot",
                           "drop a replication slot that nobody uses", TARGET_SLOT, true},
                        drop_slot_plan,    drop_slot_send,
                        drop_slot_judge},
    [ACTION_SNAPSHOT] = {{"snapshot", "T", "snapshot",
                          "signal an incremental or blocking snapshot of tables", TARGET_CONNECTOR,
                          false},
                        OVER_SIGNAL},
    [ACTION_SNAPSHOT_STOP] = {{"snapshot-stop", "", "stop snapshot",
                               "signal the running incremental snapshot to stop", TARGET_CONNECTOR,
                               false},
                        OVER_SIGNAL    },
    [ACTION_SNAPSHOT_PAUSE] = {{"snapshot-pause", "", "pause snapshot",
                                "signal the running incremental snapshot to pause",
                                TARGET_CONNECTOR, false},
                        OVER_SIGNAL},
    [ACTION_SNAPSHOT_RESUME] = {{"snapshot-resume", "", "resume snapshot",
                                 "signal the paused incremental snapshot to go on",
                                 TARGET_CONNECTOR, false},
                        OVER_SIGNAL    },
    [ACTION_TERMINATE] = {{"terminate", "K", "terminate",
                           "end the session whose transaction or lock holds others back",
                           TARGET_SESSION, true},
                        OVER_SESSION},
    [ACTION_RELOAD] = {{"reload", "", "reload tables",
                        "load tables of a DMS task again, or all of them", TARGET_CONNECTOR, false},
                        OVER_CONNECTOR   },
};
static_assert(ARRAY_LEN(action_table) == ACTION_KIND_COUNT, "a row per kind");

const struct action_info *action_info(enum action_kind kind)
{
    return &action_table[(unsigned)kind < ACTION_KIND_COUNT ? kind : ACTION_RESTART].info;
}

struct action_args *action_args_new(enum action_kind kind, size_t pipeline, const char *target)
{
    struct action_args *args = mem_alloc(sizeof(*args));
    args->kind = kind;
    args->pipeline = pipeline;
    args->target = mem_strdup(target);
    return args;
}

void action_args_add_table(struct action_args *args, const char *table)
{
    args->tables = mem_realloc(args->tables, (args->ntables + 1) * sizeof(*args->tables));
    args->tables[args->ntables++] = mem_strdup(table);
}

struct action_args *action_args_copy(const struct action_args *args)
{
    struct action_args *copy = action_args_new(args->kind, args->pipeline, args->target);
    copy->scope = args->scope;
    copy->task = args->task;
    copy->blocking = args->blocking;
    copy->validate = args->validate;
    copy->filter = mem_strdup(args->filter);
    copy->signal_id = mem_strdup(args->signal_id);
    copy->session_ms = args->session_ms;
    for (size_t i = 0; i < args->ntables; i++)
        action_args_add_table(copy, args->tables[i]);
    return copy;
}

void action_args_free(struct action_args *args)
{
    if (args == NULL)
        return;
    for (size_t i = 0; i < args->ntables; i++)
        free(args->tables[i]);
    free(args->tables);
    free(args->target);
    free(args->filter);
    free(args->signal_id);
    free(args);
}

char *action_signal_id(int64_t wall_ms)
{
    uint32_t noise = 0;
    if (getrandom(&noise, sizeof(noise), 0) != (ssize_t)sizeof(noise))
        noise = (uint32_t)clock_mono_us(); /* only uniqueness is wanted, not secrecy */
    time_t sec = (time_t)(wall_ms / 1000);
    struct tm tm;
    char stamp[24];
    (void)gmtime_r(&sec, &tm);
    (void)strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm);
    return mem_printf("cdctop-%s-%08x", stamp, noise);
}

bool action_done(enum action_state state)
{
    return state == ACTION_WORKED || state == ACTION_FAILED || state == ACTION_UNSEEN;
}

/* ---- planning ---------------------------------------------------------------------------------
 */

void planner_line(struct planner *pl, const char *label, enum check_level tone, const char *fmt,
                  ...)
{
    struct plan_line *line =
        arena_push(pl->arena, &pl->plan->lines, &pl->plan->nlines, &pl->lines_cap, sizeof(*line));
    va_list ap;
    va_start(ap, fmt);
    *line = (struct plan_line){label, arena_vprintf(pl->arena, fmt, ap), tone};
    va_end(ap);
}

void planner_check(struct planner *pl, enum check_level level, const char *fmt, ...)
{
    struct plan_check *check = arena_push(pl->arena, &pl->plan->checks, &pl->plan->nchecks,
                                          &pl->checks_cap, sizeof(*check));
    va_list ap;
    va_start(ap, fmt);
    *check = (struct plan_check){level, arena_vprintf(pl->arena, fmt, ap)};
    va_end(ap);
    if (level == CHECK_FAIL && pl->plan->allowed) {
        pl->plan->allowed = false;
        pl->plan->why_not = check->text;
    }
}

void planner_request(struct planner *pl, const char *fmt, ...)
{
    const char **at = arena_push(pl->arena, &pl->plan->request, &pl->plan->nrequest,
                                 &pl->request_cap, sizeof(*at));
    va_list ap;
    va_start(ap, fmt);
    *at = arena_vprintf(pl->arena, fmt, ap);
    va_end(ap);
}

struct action_plan *action_plan(const struct action_args *args, const struct world *world,
                                const struct pipeline *pipeline, struct arena *arena)
{
    struct planner pl = {.args = args,
                         .world = world,
                         .wp = &world->pipelines[args->pipeline],
                         .p = pipeline,
                         .arena = arena,
                         .plan = arena_alloc(arena, sizeof(struct action_plan))};
    pl.plan->allowed = true;
    pl.plan->why_not = "";
    pl.plan->danger = action_info(args->kind)->danger;
    if (world->config->read_only)
        planner_check(&pl, CHECK_FAIL, "read-only mode: nothing is changed");
    action_table[args->kind].plan(&pl);
    return pl.plan;
}

bool action_send(const struct action_run *run, struct err *err)
{
    if (run->config->read_only)
        return err_set(err, ERR_DENIED, 0, "read-only mode: nothing is changed");
    return action_table[run->args->kind].send(run, err);
}

/* ---- judging ----------------------------------------------------------------------------------
 */

void judge_say(const struct judge *j, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(j->text, j->size, fmt, ap);
    va_end(ap);
}

enum action_state action_verdict(const struct action_args *args, const struct action_before *before,
                                 const struct world *world, const struct pipeline *pipeline,
                                 int64_t timeout_ms, char *text, size_t size, int *percent)
{
    bool under_way = false;
    struct judge j = {.args = args,
                      .before = before,
                      .world = world,
                      .p = pipeline,
                      .elapsed_ms = world->mono_ms - before->mono_ms,
                      .under_way = &under_way,
                      .text = text,
                      .size = size,
                      .percent = percent};
    enum action_state state = action_table[args->kind].judge(&j);
    int64_t limit_ms = under_way ? UNDER_WAY_MS : timeout_ms;
    if (state != ACTION_WATCHING || j.elapsed_ms < limit_ms || *percent >= 0)
        return state;
    char seen[256];
    char limit[HUMAN_SIZE];
    (void)snprintf(seen, sizeof(seen), "%s", text);
    judge_say(&j, "accepted, but not seen to work within %s: %s",
              human_duration_ms(limit, limit_ms), seen);
    return ACTION_UNSEEN;
}

uint64_t action_operation(const struct msk_operation *op)
{
    return op->arn != NULL ? hash_more(HASH_START, op->arn, strlen(op->arn)) : 0;
}

static void before_source(struct action_before *before, const struct connector_row *c,
                          const struct world *world, size_t index, const struct pipeline *p)
{
    const struct snapshot *kafka = world_snap(world, index, SOURCE_KAFKA);
    for (size_t i = 0; i < p->nslots; i++) {
        if (p->slots[i].owner == c->connector) {
            before->confirmed_lsn = p->slots[i].slot->confirmed_flush_lsn;
            before->reader_pid = p->slots[i].slot->active_pid;
        }
    }
    for (size_t i = 0; kafka != NULL && i < kafka->kafka.nlasts; i++) {
        if (c->facts->heartbeat_topic != NULL &&
            strcmp(kafka->kafka.lasts[i].topic, c->facts->heartbeat_topic) == 0)
            before->heartbeat_ms = kafka->kafka.lasts[i].time_ms;
    }
    before->snapshot_ran = snapshot_status_running(c->snapshot);
    before->snapshot_mark = c->snapshot != NULL ? c->snapshot->mark : 0;
}

void action_before(const struct action_args *args, const struct world *world,
                   const struct pipeline *pipeline, struct action_before *before)
{
    *before = (struct action_before){.mono_ms = world->mono_ms,
                                     .wall_ms = world->wall_ms,
                                     .lag = UNKNOWN,
                                     .committed = UNKNOWN,
                                     .retained = UNKNOWN,
                                     .heartbeat_ms = UNKNOWN,
                                     .dms_moved = UNKNOWN};
    const struct connector_row *c = pipeline_connector(pipeline, args->target);
    if (action_info(args->kind)->target == TARGET_SLOT) {
        const struct slot_row *s = pipeline_slot(pipeline, args->target);
        before->retained = s != NULL ? s->retained : UNKNOWN;
        before->restart_lsn = s != NULL ? s->slot->restart_lsn : 0;
        return;
    }
    if (c == NULL)
        return;
    before->lsn = c->connector->lsn;
    if (c->connector->msk != NULL && c->connector->msk->noperations > 0)
        before->operation = action_operation(&c->connector->msk->operations[0]);
    before->dms_moved = c->connector->dms != NULL ? dms_moved(c->connector->dms) : UNKNOWN;
    before->lag = c->lag;
    before_source(before, c, world, args->pipeline, pipeline);
    if (c->group == NULL)
        return;
    before->committed = 0;
    for (size_t o = 0; o < c->group->group->noffsets; o++)
        if (c->group->group->offsets[o].committed != UNKNOWN)
            before->committed += c->group->group->offsets[o].committed;
}

/* ---- the way from the join to the worker ------------------------------------------------------
 */

static void route_service(struct action_route *route, const struct connect_connector *c)
{
    route->service = c->service;
    if (c->msk != NULL && c->msk->arn != NULL)
        route->arn = mem_strdup(c->msk->arn);
    else if (c->dms != NULL && c->dms->arn != NULL)
        route->arn = mem_strdup(c->dms->arn);
}

struct action_route *action_route_new(const struct action_args *args, const struct world *world,
                                      const struct pipeline *pipeline)
{
    struct action_route *route = mem_alloc(sizeof(*route));
    route->hints = pipeline_hints(world, args->pipeline, pipeline, NULL, 0);
    if (action_info(args->kind)->target == TARGET_SLOT) {
        const struct slot_row *s = pipeline_slot(pipeline, args->target);
        if (s != NULL && s->owner != NULL) {
            route->slot_owner = mem_strdup(s->owner->name);
            route_service(route, s->owner);
        }
        return route;
    }
    const struct connector_row *c = pipeline_connector(pipeline, args->target);
    if (c == NULL)
        return route;
    route_service(route, c->connector);
    snapshot_signal_route(c->facts, route);
    connector_route(args, c, world, route);
    return route;
}

void action_route_free(struct action_route *route)
{
    if (route == NULL)
        return;
    free(route->arn);
    free(route->state);
    free(route->slot_owner);
    free(route->signal_table);
    free(route->signal_topic);
    free(route->signal_key);
    free(route->publication);
    hints_free(route->hints);
    free(route->tasks);
    free(route);
}
