/* Did a snapshot signal work? By what becomes of the snapshot: a signal that was inserted proves
 * nothing, nor does COMPLETED alone (model/snapshot_progress.h). */
#include "action/ops.h"
#include "base/human.h"
#include "model/snapshot_status.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CLOCKS_MS = 5000,  /* that the worker's clock may be behind ours */
    SETTLE_MS = 4000,  /* ABORTED comes with COMPLETED, but another poll may bring it */
    OFFSETS_MS = 65000 /* by default offsets are stored once a minute */
};

static void say_progress(const struct judge *j, const struct snapshot_progress *p,
                         const struct snapshot_status *s)
{
    char rows[HUMAN_SIZE];
    char eta[HUMAN_SIZE];
    const char *table = p->current >= 0 ? p->tables[p->current].name : "";
    *j->percent = isnan(p->fraction) ? 0 : (int)(p->fraction * 100);
    char percent[32] = "";
    if (!isnan(p->fraction))
        (void)snprintf(percent, sizeof(percent), ", %d %% (est.)", *j->percent);
    /* Rows are told of finished tables only. */
    const char *counted = p->done > 0 ? human_count(rows, p->rows) : "";
    bool left = s != NULL && s->eta.known;
    judge_say(j, "%s: %d of %zu tables done%s%s%s%s%s%s%s%s", snapshot_state_name(p->state),
              p->done, p->ntables, counted[0] != '\0' ? ", " : "", counted,
              counted[0] != '\0' ? " rows" : "", table[0] != '\0' ? ", now " : "", table, percent,
              left ? ", left at least " : "", left ? human_duration_ms(eta, s->eta.low_ms) : "");
}

static const struct snapshot_table *unfinished(const struct snapshot_progress *p)
{
    for (size_t i = 0; i < p->ntables; i++) {
        if (p->tables[i].state < TABLE_DONE)
            return &p->tables[i];
    }
    return NULL;
}

static enum action_state completed(const struct judge *j, const struct snapshot_progress *p)
{
    char rows[HUMAN_SIZE];
    const struct snapshot_table *open = unfinished(p);
    for (size_t i = 0; i < p->ntables; i++) {
        if (p->tables[i].state != TABLE_FAILED)
            continue;
        judge_say(j, "%s was not read: %s", p->tables[i].name, p->tables[i].status);
        return ACTION_FAILED;
    }
    if (open != NULL) {
        judge_say(j, "it ended before %s was read whole", open->name);
        bool settled = p->ended_ms != UNKNOWN && j->world->wall_ms - p->ended_ms > SETTLE_MS;
        return settled ? ACTION_FAILED : ACTION_WATCHING;
    }
    *j->percent = 100;
    judge_say(j, "completed: %s rows of %zu table%s", human_count(rows, p->rows), p->ntables,
              p->ntables == 1 ? "" : "s");
    return ACTION_WORKED;
}

/* Nothing was seen of it: why, and from when on that is an answer. */
static enum action_state never_seen(const struct judge *j, const struct connector_row *c)
{
    const struct snapshot *pg = world_snap(j->world, j->args->pipeline, SOURCE_POSTGRES);
    const struct threshold_config *limits =
        &j->world->pipelines[j->args->pipeline].config->thresholds;
    struct arena *scratch = arena_new();
    struct action_route route = {0};
    snapshot_signal_route(c->facts, &route);
    const char *fix;
    const char *fault = snapshot_signal_fault(scratch, c->facts, pg != NULL ? &pg->pg : NULL,
                                              route.use_topic, &fix);
    enum action_state state = ACTION_WATCHING;
    char limit[HUMAN_SIZE];
    if (snapshot_status_running(c->snapshot)) {
        judge_say(j, "signal sent; it waits behind the snapshot that is %s",
                  snapshot_status_name(c->snapshot));
    } else if (j->elapsed_ms < limits->signal_unseen_ms) {
        judge_say(j, "signal sent; no notification yet");
    } else {
        judge_say(j, "signal sent, but nothing was seen of it within %s: %s%s%s",
                  human_duration_ms(limit, limits->signal_unseen_ms),
                  fault != NULL       ? fault
                  : j->args->blocking ? "Debezium before 2.4 knows no blocking snapshot; else see "
                                        "the worker's log"
                                      : "see the worker's log",
                  fault != NULL ? "; " : "", fault != NULL ? fix : "");
        state = ACTION_UNSEEN;
    }
    free(route.signal_table);
    free(route.signal_topic);
    free(route.signal_key);
    free(route.publication);
    arena_free(scratch);
    return state;
}

/* It runs, but nothing comes of it: nobody should wait for that for ever. */
static bool stands_still(const struct judge *j, const struct connector_row *c)
{
    const struct snapshot *pg = world_snap(j->world, j->args->pipeline, SOURCE_POSTGRES);
    const struct threshold_config *limits =
        &j->world->pipelines[j->args->pipeline].config->thresholds;
    const struct snapshot_status *s = c->snapshot;
    if (s == NULL || s->still_ms == UNKNOWN || s->still_ms < limits->signal_unseen_ms)
        return false;
    struct arena *scratch = arena_new();
    char a[HUMAN_SIZE];
    const char *fix = "";
    const char *fault =
        s->type == SNAPSHOT_INCREMENTAL
            ? snapshot_signal_fault(scratch, c->facts, pg != NULL ? &pg->pg : NULL, false, &fix)
            : NULL;
    bool stuck = fault != NULL || s->still_ms > limits->snapshot_stuck_ms;
    if (stuck)
        judge_say(j, "it has stood still for %s: %s%s%s", human_age_ms(a, s->still_ms),
                  fault != NULL ? fault : "see the worker's log and the database's sessions",
                  fault != NULL ? "; " : "", fix);
    arena_free(scratch);
    return stuck;
}

static enum action_state judge_start(const struct judge *j, const struct connector_row *c,
                                     const struct snapshot_progress *p)
{
    const struct snapshot_table *open = unfinished(p);
    switch (p->state) {
    case SNAPSHOT_ABORTED:
    case SNAPSHOT_STOPPED:
        judge_say(j, "%s after %d of %zu tables%s%s", snapshot_state_name(p->state), p->done,
                  p->ntables, open != NULL ? "; not read whole: " : "",
                  open != NULL ? open->name : "");
        return ACTION_FAILED;
    case SNAPSHOT_SKIPPED: judge_say(j, "Debezium skipped it"); return ACTION_FAILED;
    case SNAPSHOT_COMPLETED: return completed(j, p);
    case SNAPSHOT_NOT_SEEN: return never_seen(j, c);
    case SNAPSHOT_STARTED:
    case SNAPSHOT_IN_PROGRESS:
    case SNAPSHOT_RESUMED:
        if (stands_still(j, c))
            return ACTION_UNSEEN;
        say_progress(j, p, c->snapshot);
        return ACTION_WATCHING;
    case SNAPSHOT_PAUSED: say_progress(j, p, c->snapshot); return ACTION_WATCHING;
    case SNAPSHOT_STATE_COUNT: break;
    }
    return ACTION_WATCHING;
}

/* Without notifications the stored offsets tell that it runs; when they tell it no more, it has
 * ended. */
static enum action_state start_by_offsets(const struct judge *j, const struct connector_row *c)
{
    const struct snapshot_status *s = c->snapshot;
    bool ours = s != NULL && (j->args->blocking ? s->type != SNAPSHOT_INCREMENTAL
                                                : s->p.id != NULL && j->args->signal_id != NULL &&
                                                      strcmp(s->p.id, j->args->signal_id) == 0);
    if (ours && snapshot_progress_running(&s->p)) {
        *j->percent = isnan(s->p.fraction) ? 0 : (int)(s->p.fraction * 100);
        judge_say(j, "running, by the connector's offsets: %zu table%s left%s%s", s->p.ntables,
                  s->p.ntables == 1 ? "" : "s", s->p.current >= 0 ? ", now " : "",
                  s->p.current >= 0 ? s->p.tables[s->p.current].name : "");
        return ACTION_WATCHING;
    }
    if (*j->percent >= 0 && c->connector->offsets_read) {
        *j->percent = 100;
        judge_say(j,
                  "ended: the connector's offsets show it no more (they do not tell how it ended)");
        return ACTION_WORKED;
    }
    if (j->elapsed_ms > OFFSETS_MS) {
        judge_say(j, "signal sent; the connector's offsets never showed it, and it sends no "
                     "notifications: it was over before they were stored, or never heard");
        return ACTION_UNSEEN;
    }
    judge_say(j, "signal sent; without a notification topic only the offsets could tell more");
    return ACTION_WATCHING;
}

/* ---- stop, pause, resume ----------------------------------------------------------------------
 */

static bool after_us(const struct judge *j, int64_t ms)
{
    return ms != UNKNOWN && ms >= j->before->wall_ms - CLOCKS_MS;
}

static enum action_state judge_stop(const struct judge *j, const struct snapshot_progress *p)
{
    bool over = p->state == SNAPSHOT_STOPPED || p->state == SNAPSHOT_ABORTED;
    if ((over || p->state == SNAPSHOT_COMPLETED) && after_us(j, p->ended_ms)) {
        judge_say(j, over ? "snapshot is stopped" : "snapshot ended before the stop could matter");
        return over || unfinished(p) == NULL ? ACTION_WORKED : ACTION_WATCHING;
    }
    if (!snapshot_progress_running(p))
        judge_say(j, "no snapshot runs: there is nothing to stop");
    else
        judge_say(j, "snapshot is %s", snapshot_state_name(p->state));
    return ACTION_WATCHING;
}

/* RESUMED is an intention; the next chunk is the proof. */
static enum action_state judge_resume(const struct judge *j, const struct snapshot_progress *p)
{
    bool reads = p->state == SNAPSHOT_IN_PROGRESS || p->state == SNAPSHOT_COMPLETED;
    judge_say(j, "snapshot is %s", snapshot_state_name(p->state));
    if (!reads || !after_us(j, p->updated_ms))
        return ACTION_WATCHING;
    judge_say(j, "snapshot goes on: a chunk was read since");
    return ACTION_WORKED;
}

static enum action_state steer_by_offsets(const struct judge *j, const struct snapshot_status *s)
{
    bool runs = snapshot_status_running(s);
    if (j->args->kind == ACTION_SNAPSHOT_STOP && j->before->snapshot_ran && !runs) {
        judge_say(j, "the connector's offsets show it no more");
        return ACTION_WORKED;
    }
    if (j->args->kind == ACTION_SNAPSHOT_RESUME && runs && s->mark != j->before->snapshot_mark) {
        judge_say(j, "snapshot goes on: its offsets move");
        return ACTION_WORKED;
    }
    judge_say(j, "signal sent; without notifications %s",
              j->args->kind == ACTION_SNAPSHOT_PAUSE ? "nobody tells of a pause"
                                                     : "only stored offsets can tell");
    return ACTION_WATCHING;
}

static enum action_state steer(const struct judge *j, const struct connector_row *c)
{
    static const struct snapshot_progress none = {
        .state = SNAPSHOT_NOT_SEEN, .ended_ms = UNKNOWN, .updated_ms = UNKNOWN};
    if (c->facts->notification_topic == NULL)
        return steer_by_offsets(j, c->snapshot);
    const struct snapshot_progress *p = c->snapshot != NULL ? &c->snapshot->p : &none;
    if (j->args->kind == ACTION_SNAPSHOT_STOP)
        return judge_stop(j, p);
    if (j->args->kind == ACTION_SNAPSHOT_RESUME)
        return judge_resume(j, p);
    judge_say(j, "snapshot is %s", snapshot_state_name(p->state));
    return p->state == SNAPSHOT_PAUSED ? ACTION_WORKED : ACTION_WATCHING;
}

/* A signal that comes while a snapshot runs adds its tables to it, and the whole goes on under the
 * later one's id (2.7.4). */
static bool overtaken(const struct snapshot_status *s, const struct snapshot_progress *ours)
{
    return s != NULL && s->type == SNAPSHOT_INCREMENTAL && snapshot_progress_running(ours) &&
           ours->id != NULL && s->p.id != NULL && strcmp(s->p.id, ours->id) != 0 &&
           s->p.updated_ms != UNKNOWN && s->p.updated_ms >= ours->updated_ms;
}

enum action_state snapshot_judge(const struct judge *j)
{
    const struct connector_row *c = pipeline_connector(j->p, j->args->target);
    if (c == NULL) {
        judge_say(j, "signal sent; the connector is not listed any more");
        return ACTION_WATCHING;
    }
    if (j->args->kind != ACTION_SNAPSHOT)
        return steer(j, c);
    if (c->facts->notification_topic == NULL)
        return start_by_offsets(j, c);
    const struct snapshot *kafka = world_snap(j->world, j->args->pipeline, SOURCE_KAFKA);
    struct arena *scratch = arena_new();
    /* A blocking snapshot does not carry the signal's id: it is told by the time. */
    struct snapshot_query query = {.connector = c->facts->topic_prefix,
                                   .id = j->args->blocking ? NULL : j->args->signal_id,
                                   .since_ms = j->before->wall_ms - CLOCKS_MS,
                                   .signals = c->facts->signal_table};
    struct snapshot_progress p =
        snapshot_progress_build(scratch, kafka != NULL ? kafka->kafka.notifications : NULL,
                                kafka != NULL ? kafka->kafka.nnotifications : 0, &query);
    /* The same one as joined from all who know of it: its tables then have rows and parts. */
    bool same = c->snapshot != NULL && p.state == c->snapshot->p.state &&
                p.started_ms == c->snapshot->p.started_ms;
    enum action_state state =
        judge_start(j, c, same || overtaken(c->snapshot, &p) ? &c->snapshot->p : &p);
    arena_free(scratch);
    return state;
}
