/* How what was asked of a DMS task goes on: followed until data moves, "accepted" alone is no
 * success. */
#include "action/ops.h"
#include "base/human.h"
#include "base/mem.h"
#include "model/dms_task.h"

#include <string.h>

enum { AFTER_MS = 90 * 1000 };

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
    if (mem_is(t->status, "stopped")) {
        judge_say(j, "stopped after %s", a);
        return ACTION_WORKED;
    }
    if (mem_is(t->status, "failed")) {
        judge_say(j, "it failed instead: %.200s",
                  t->failure != NULL ? t->failure : "no reason told");
        return ACTION_FAILED;
    }
    *j->under_way = mem_is(t->status, "stopping");
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
    if (mem_is(t->state, "Table error"))
        return TABLE_ERROR;
    if (!j->args->validate)
        return ended && mem_is(t->state, "Table completed") ? TABLE_DONE : TABLE_BUSY;
    bool pending = t->validation == NULL || strncmp(t->validation, "Pending", 7) == 0 ||
                   mem_is(t->validation, "Preparing table");
    return pending || t->updated_ms - sent < SETTLED_MS ? TABLE_BUSY : TABLE_DONE;
}

static enum action_state judge_tables(const struct judge *j, const struct dms_task *t)
{
    size_t n = j->args->ntables;
    size_t count[TABLE_STATES] = {0};
    char a[HUMAN_SIZE];
    human_duration_ms(a, j->elapsed_ms);
    for (size_t i = 0; i < n; i++)
        count[table_stands(j, dms_table_called(t, j->args->tables[i]))]++;
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
    if ((mem_is(t->status, "failed") || mem_is(t->status, "stopped")) && ended_since(j, t)) {
        judge_say(j, "it is %s again: %.200s", t->status,
                  t->failure != NULL       ? t->failure
                  : t->stop_reason != NULL ? t->stop_reason
                                           : "no reason told");
        return ACTION_FAILED;
    }
    if (!mem_is(t->status, "running")) {
        *j->under_way = dms_phase(t->status) == DMS_PHASE_STARTING;
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

enum action_state connector_judge_dms(const struct judge *j, const struct connector_row *c)
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
