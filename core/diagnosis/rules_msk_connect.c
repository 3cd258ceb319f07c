/* Connectors that MSK Connect runs: failed ones that cannot be restarted, tasks that CloudWatch
 * counts as failed, operations under way, workers without room. */
#include "diagnosis/rules.h"
#include "diagnosis/slot_help.h"

#include "base/human.h"
#include "model/metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    FAILED_ONLY_SINCE = 7, /* Kafka Connect 3.7 */
    CAUSE_W = 120
};

static bool is_msk(const struct connector_row *c)
{
    return c->connector->service == SERVICE_MSK_CONNECT && c->connector->msk != NULL;
}

static struct finding *about(struct rule_run *run, const struct connector_row *c, const char *title)
{
    struct finding *f = rule_emit(run, c->base.name, "%s", title);
    f->hop = c->facts->sink ? HOP_SINK : HOP_CAPTURE;
    return f;
}

/* The operation that is under way; NULL. */
static const struct msk_operation *operation_of(const struct connector_row *c)
{
    const struct msk_connector *m = c->connector->msk;
    for (size_t i = 0; i < m->noperations; i++) {
        if (m->operations[i].ended_ms == UNKNOWN)
            return &m->operations[i];
    }
    return NULL;
}

/* ---- C15 ------------------------------------------------------------------------------------- */

/* "3.7.x": may the failed tasks alone be restarted? */
static bool restarts_failed_only(const char *version)
{
    const char *dot = version != NULL ? strchr(version, '.') : NULL;
    long major = version != NULL ? strtol(version, NULL, 10) : 0;
    long minor = dot != NULL ? strtol(dot + 1, NULL, 10) : 0;
    return version == NULL || major > 3 || (major == 3 && minor >= FAILED_ONLY_SINCE);
}

static void put_why(struct rule_run *run, struct finding *f, const struct connector_row *c)
{
    const char *group = c->connector->msk->log_group;
    if (c->logged != NULL)
        rule_tell_log(run, f, c);
    else
        rule_evidence(
            run, f, "MSK Connect tells neither which task nor why; its workers' log does%s%s",
            group != NULL ? ": " : ", but none is kept in CloudWatch", group != NULL ? group : "");
}

static void tasks_failed(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        if (!is_msk(c) || !rule_connector_is(c, "RUNNING") || c->failed == 0)
            continue;
        const struct msk_connector *m = c->connector->msk;
        char a[HUMAN_SIZE];
        struct finding *f =
            about(run, c,
                  arena_printf(run->arena, "%s says RUNNING, but %d of its %d tasks failed%s%s",
                               c->base.name, c->failed, c->tasks, c->cause[0] != '\0' ? ": " : "",
                               rule_brief(run, c->cause, CAUSE_W)));
        rule_evidence(run, f, "ErroredTaskCount = %d, RunningTaskCount = %d, as of %s ago",
                      c->failed, c->running, human_age_ms(a, run->world->wall_ms - c->tasks_ms));
        put_why(run, f, c);
        bool alone = restarts_failed_only(m->connect_version);
        rule_advise(run, f, "%s, then restart %s",
                    c->cause[0] != '\0' ? "mend what it died of"
                                        : "read the workers' log for the cause, mend it",
                    alone ? "the failed tasks"
                          : arena_printf(run->arena,
                                         "all of it: Kafka Connect %s restarts no "
                                         "single tasks (restart --all)",
                                         m->connect_version));
        if (alone)
            rule_remedy(f, ACTION_RESTART);
    }
}

/* ---- C16 ------------------------------------------------------------------------------------- */

static void connector_failed(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        if (!is_msk(c) || !rule_connector_is(c, "FAILED"))
            continue;
        const struct msk_connector *m = c->connector->msk;
        struct finding *f = about(run, c,
                                  arena_printf(run->arena, "%s failed%s%s", c->base.name,
                                               c->cause[0] != '\0' ? ": " : "", c->cause));
        if (m->state_code != NULL)
            rule_evidence(run, f, "stateDescription: %s", m->state_code);
        if (m->state_message != NULL)
            rule_evidence(run, f, "%s", m->state_message);
        if (c->logged != NULL)
            rule_tell_log(run, f, c);
        else if (m->log_group != NULL)
            rule_evidence(run, f, "its workers' log: %s", m->log_group);
        rule_tell_change(run, f, c, -1);
        const struct trace_meaning *meaning = rule_trace_of(c);
        rule_advise(
            run, f, "%s",
            rule_without_restart(run, c, meaning != NULL ? meaning->advice : "mend the cause"));
    }
}

/* ---- C17 ------------------------------------------------------------------------------------- */

static bool is_passing(const struct connector_row *c)
{
    static const char *const states[] = {"CREATING",   "UPDATING", "DELETING",
                                         "RESTARTING", "PAUSING",  "RESUMING"};
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        if (rule_connector_is(c, states[i]))
            return true;
    }
    return false;
}

static void deleted(struct rule_run *run, const struct connector_row *c)
{
    struct finding *f =
        about(run, c, arena_printf(run->arena, "%s is being deleted", c->base.name));
    f->severity = VERDICT_WARN;
    rule_evidence(run, f, "connector DELETING");
    rule_advise(
        run, f,
        c->facts->sink
            ? "find out by whom: nobody reads its topics, whose retention removes what waits"
            : "find out by whom: its slot stays and keeps WAL, until a connector with its "
              "slot.name reads on or somebody drops it");
}

static void under_way(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        const struct msk_operation *op = is_msk(c) ? operation_of(c) : NULL;
        if (!is_msk(c) || (op == NULL && !is_passing(c)))
            continue;
        if (rule_connector_is(c, "DELETING")) {
            deleted(run, c);
            continue;
        }
        char a[HUMAN_SIZE];
        const char *what = op != NULL && op->type != NULL ? op->type : c->connector->state;
        struct finding *f =
            about(run, c,
                  arena_printf(run->arena, "%s: %s is under way%s%s", c->base.name, what,
                               op != NULL && op->created_ms != UNKNOWN ? " for " : "",
                               op != NULL && op->created_ms != UNKNOWN
                                   ? human_age_ms(a, run->world->wall_ms - op->created_ms)
                                   : ""));
        rule_evidence(run, f, "connector %s%s%s",
                      c->connector->state != NULL ? c->connector->state : "of no state",
                      op != NULL && op->state != NULL ? ", operation " : "",
                      op != NULL && op->state != NULL ? op->state : "");
        rule_advise(run, f, "wait for its end: until then MSK Connect takes no other action");
    }
}

/* ---- C19 ------------------------------------------------------------------------------------- */

/* High now and in the datapoint before, which is ten minutes older: no passing peak. */
static const struct cw_metric *lasting(const struct rule_run *run, const struct connector_row *c,
                                       const char *name)
{
    const struct snapshot *snap = world_snap(run->world, run->index, SOURCE_CLOUDWATCH);
    const struct cw_metric *m =
        snap != NULL ? cloudwatch_find(&snap->cloudwatch, SPACE_CONNECT, name, c->connector->name)
                     : NULL;
    double busy = (double)run->limits->worker_busy_pct;
    bool high = m != NULL && m->value > busy && m->before > busy;
    return high ? m : NULL; /* NAN compares false */
}

static bool falls_behind(const struct rule_run *run, const struct connector_row *c)
{
    if (c->facts->sink)
        return c->facts->group_id != NULL &&
               world_trend(run->world, run->index, c->facts->group_id) == LAG_WARN;
    for (size_t i = 0; i < run->p->nslots; i++) {
        const struct slot_row *s = &run->p->slots[i];
        if (s->owner == c->connector && slot_falls_back(run, s))
            return true;
    }
    return false;
}

static void no_room(struct rule_run *run)
{
    static const char *const names[] = {"CpuUtilization", "MemoryUtilization"};
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        const struct cw_metric *m = NULL;
        for (size_t k = 0; is_msk(c) && m == NULL && k < 2; k++)
            m = lasting(run, c, names[k]);
        if (m == NULL || !falls_behind(run, c))
            continue;
        const struct msk_connector *msk = c->connector->msk;
        char a[HUMAN_SIZE];
        struct finding *f = about(
            run, c,
            arena_printf(run->arena, "the workers of %s are full: %s %.0f %%, and it falls behind",
                         c->base.name, m->name, m->value));
        rule_evidence(run, f, "%s %.0f %% as of %s ago, %.0f %% before (threshold %d %%)", m->name,
                      m->value, human_age_ms(a, run->world->wall_ms - m->at_ms), m->before,
                      (int)run->limits->worker_busy_pct);
        if (msk->mcu != UNKNOWN)
            rule_evidence(run, f, "%lld MCU per worker, %s", (long long)msk->mcu,
                          msk->autoscaled
                              ? arena_printf(run->arena, "%lld to %lld workers",
                                             (long long)msk->min_workers,
                                             (long long)msk->max_workers)
                              : arena_printf(run->arena, "%lld workers", (long long)msk->workers));
        rule_advise(run, f,
                    "give it more MCUs or workers (an update of its capacity), or fewer tables");
    }
}

/* ---- what is not offered --------------------------------------------------------------------- */

bool rule_is_offered(const struct connector_row *c, enum action_kind kind)
{
    const struct msk_connector *m = is_msk(c) ? c->connector->msk : NULL;
    if (m == NULL)
        return true;
    switch (kind) {
    case ACTION_STOP: return false;
    case ACTION_RESTART: return m->can_restart != TRI_NO && rule_connector_is(c, "RUNNING");
    case ACTION_PAUSE:
    case ACTION_CONTINUE: return m->can_pause != TRI_NO;
    default: return true;
    }
}

#define MSK NEEDS(SOURCE_MSK_CONNECT)

const struct diag_rule rules_msk_connect[] = {
    {.id = "C15",
     .severity = VERDICT_CRIT,
     .hop = HOP_CAPTURE,
     .needs = MSK | NEEDS(SOURCE_CLOUDWATCH),
     .eval = tasks_failed,
     .explains = {"C18", "K04", "K06", "K10", "P04", "P06", "S02"},
     .check = "the workers' log (logs:FilterLogEvents): MSK Connect itself tells no cause"},
    {.id = "C16",
     .severity = VERDICT_CRIT,
     .hop = HOP_CAPTURE,
     .needs = MSK,
     .eval = connector_failed,
     .explains = {"C11", "C18", "K04", "K06", "K10", "P04", "P06", "S02"}},
    {.id = "C17",
     .severity = VERDICT_INFO,
     .hop = HOP_CAPTURE,
     .needs = MSK,
     .eval = under_way,
     .explains = {"C18"}},
    {.id = "C19",
     .severity = VERDICT_WARN,
     .hop = HOP_CAPTURE,
     .needs = MSK | NEEDS(SOURCE_CLOUDWATCH),
     .eval = no_room,
     .explains = {"K10"},
     .confidence = CONFIDENCE_MEDIUM,
     .check = "CpuUtilization and MemoryUtilization of AWS/KafkaConnect over the last hour"},
    {.id = NULL                                                                          },
};
