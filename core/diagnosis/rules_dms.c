/* Tasks of DMS: stopped by an error or a limit, tables in error, which side is late, a slot that
 * stands because nothing of its tables changes. Latencies are CloudWatch's, minutes old. */
#include "diagnosis/rules.h"

#include "base/human.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "diagnosis/slot_help.h"
#include "model/dms_task.h"
#include "model/metrics.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BRIEF = 70, NAMED = 3, FIGURE_MS = 15 * 60 * 1000 };

static bool status_is(const struct dms_task *t, const char *status)
{
    return t->status != NULL && strcmp(t->status, status) == 0;
}

/* The i-th connector if it is a task of DMS; NULL. */
static const struct dms_task *task_at(const struct rule_run *run, size_t i)
{
    const struct connect_connector *c = run->p->connectors[i].connector;
    return c->service == SERVICE_DMS ? c->dms : NULL;
}

static void put_slot(struct rule_run *run, struct finding *f, const struct slot_row *s)
{
    char a[HUMAN_SIZE];
    if (s == NULL)
        return;
    rule_evidence(run, f, "slot %s%s keeps %s of WAL", s->base.name,
                  s->claim == CLAIM_FITS ? " (it may be its own)" : "",
                  human_bytes(a, s->retained));
    if (s->claim == CLAIM_NAMED)
        slot_put_retained(run, f, s);
}

/* By DMS's user guide a serverless one cannot be restarted after that. */
static void put_deprovision(struct rule_run *run, struct finding *f, const struct dms_task *t)
{
    char a[HUMAN_SIZE];
    if (t->deprovision_ms == UNKNOWN)
        return;
    int64_t in = t->deprovision_ms - world_server_now(run->world, run->index, SOURCE_DMS);
    if (in > 0)
        rule_evidence(run, f, "DMS takes its capacity away in %s: continue it before that",
                      human_duration_ms(a, in));
    else
        rule_evidence(run, f, "DMS took its capacity away %s ago", human_age_ms(a, -in));
}

static void put_stop(struct rule_run *run, struct finding *f, const struct dms_task *t)
{
    char a[HUMAN_SIZE];
    const char *since = "";
    if (t->stopped_ms != UNKNOWN)
        since = arena_printf(
            run->arena, ", %s ago",
            human_age_ms(a, world_server_now(run->world, run->index, SOURCE_DMS) - t->stopped_ms));
    rule_evidence(run, f, "status %s%s%s%s", t->status, t->stop_reason != NULL ? ", " : "",
                  t->stop_reason != NULL ? t->stop_reason : "", since);
    if (t->failure != NULL)
        rule_evidence(run, f, "last failure: %s", t->failure);
    put_deprovision(run, f, t);
}

/* What the task's own log says of it last; nothing from before it was started. */
static void put_logged(struct rule_run *run, struct finding *f, const struct connector_row *c)
{
    const struct dms_task *t = c->connector->dms;
    char a[HUMAN_SIZE];
    int64_t now = world_server_now(run->world, run->index, SOURCE_LOGS);
    int told = 0;
    for (size_t i = 0; c->logged != NULL && i < c->logged->nevents && told < NAMED; i++) {
        const struct log_event *e = &c->logged->events[i];
        if (e->kind != LOGGED_ERROR || e->cause == NULL ||
            (t->started_ms != UNKNOWN && e->at_ms < t->started_ms))
            continue;
        rule_evidence(run, f, "its log, %s ago: %s", human_age_ms(a, now - e->at_ms), e->cause);
        told++;
    }
}

/* Can it go on from where it stopped? Not without what its slot kept. */
static void advise_stopped(struct rule_run *run, struct finding *f, const struct dms_task *t,
                           const struct slot_row *s, const char *first)
{
    if (s != NULL && slot_is_lost(s) && dms_follows_only(t)) {
        rule_advise(
            run, f,
            "%s; its slot %s is lost: make a new one, start it from there (CdcStartPosition), "
            "and have another task load its tables",
            first, s->base.name);
        return;
    }
    if (s != NULL && slot_is_lost(s)) {
        rule_advise(run, f, "%s, then reload all of it (reload --all): its slot %s is lost", first,
                    s->base.name);
        return;
    }
    rule_advise(run, f, "%s, then continue it; reload all only if it cannot go on", first);
    rule_remedy(f, ACTION_CONTINUE);
}

/* DMS's own heading says nothing. */
static const char *failure_of(const struct rule_run *run, const struct dms_task *t)
{
    static const char heading[] = "Last Error ";
    const char *text = t->failure != NULL ? t->failure : "";
    if (strncmp(text, heading, sizeof(heading) - 1) == 0)
        text += sizeof(heading) - 1;
    return rule_brief(run, text + strspn(text, " "), BRIEF);
}

/* D01 */
static void dead(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        const struct dms_task *t = task_at(run, i);
        bool fatal = t != NULL && status_is(t, "stopped") && dms_stopped_by(t, "FATAL_ERROR");
        if (t == NULL || (!fatal && !status_is(t, "failed")))
            continue;
        struct finding *f = rule_emit(run, c->base.name, "DMS task %s %s%s%s", c->base.name,
                                      fatal ? "was stopped by a fatal error" : "failed",
                                      t->failure != NULL ? ": " : "", failure_of(run, t));
        const struct slot_row *s = pipeline_slot_of(run->p, c);
        put_stop(run, f, t);
        put_logged(run, f, c);
        put_slot(run, f, s);
        advise_stopped(run, f, t, s, "mend what the last failure names");
    }
}

static const struct cw_metric *figure(const struct rule_run *run, const char *object,
                                      const char *name)
{
    const struct snapshot *snap = world_snap(run->world, run->index, SOURCE_CLOUDWATCH);
    if (snap == NULL || object == NULL)
        return NULL;
    const struct cw_metric *m = cloudwatch_find(&snap->cloudwatch, SPACE_DMS, name, object);
    int64_t age = metric_age_ms(m, run->world->wall_ms);
    return m != NULL && !isnan(m->value) && age != UNKNOWN && age <= FIGURE_MS ? m : NULL;
}

/* How full a serverless replication is: of memory, which its capacity is counted in, and of CPU. */
static void put_capacity(struct rule_run *run, struct finding *f, const struct dms_task *t)
{
    static const char *const names[] = {"CapacityUtilization", "CPUUtilization"};
    char a[HUMAN_SIZE];
    char b[HUMAN_SIZE];
    if (!t->serverless)
        return;
    if (t->capacity_units != UNKNOWN)
        rule_evidence(run, f, "capacity: %lld units, at most %s", (long long)t->capacity_units,
                      human_count(a, t->max_units));
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const struct cw_metric *m = figure(run, dms_object(t), names[i]);
        if (m != NULL)
            rule_evidence(run, f, "%s %s (CloudWatch, %s ago)", names[i], metric_value(a, m),
                          human_age_ms(b, metric_age_ms(m, run->world->wall_ms)));
    }
}

static void put_bytes(struct rule_run *run, struct finding *f, const struct dms_task *t,
                      const char *name)
{
    char a[HUMAN_SIZE];
    char b[HUMAN_SIZE];
    const struct cw_metric *m = figure(run, t->instance, name);
    if (m != NULL && m->value >= 0 && m->value < 1e18)
        rule_evidence(run, f, "%s of %s = %s (CloudWatch, %s ago)", name, t->instance,
                      human_bytes(a, (int64_t)m->value),
                      human_age_ms(b, metric_age_ms(m, run->world->wall_ms)));
}

/* D02. What helps a serverless one: DMS's user guide, "Tuning autoscaling in AWS DMS serverless"
 * and "Understanding storage autoscaling". */
static const struct limit {
    const char *word, *title, *title_serverless, *metric, *advice, *advice_serverless;
} stops[] = {
    {"RECOVERABLE_ERROR",         "was stopped by an error that may pass",
     "was stopped by an error that may pass",  NULL,               "see the last failure",           "see the last failure"},
    {"STOPPED_DUE_TO_LOW_MEMORY", "was stopped: its instance lacks memory",
     "was stopped: its capacity lacks memory", "FreeableMemory",   "take a larger instance class",
     "raise its capacity (MinCapacityUnits, and MaxCapacityUnits where that is reached)"                                   },
    {"STOPPED_DUE_TO_LOW_DISK",   "was stopped: its instance lacks disk",
     "was stopped: it lacks disk",             "FreeStorageSpace", "give its instance more storage",
     "wait some minutes: DMS gives it more storage by itself"                                                              },
};

static void put_limit(struct rule_run *run, const struct connector_row *c, const struct limit *l)
{
    const struct dms_task *t = c->connector->dms;
    const struct slot_row *s = pipeline_slot_of(run->p, c);
    struct finding *f = rule_emit(run, c->base.name, "DMS task %s %s", c->base.name,
                                  t->serverless ? l->title_serverless : l->title);
    put_stop(run, f, t);
    if (t->instance != NULL)
        rule_evidence(run, f, "instance %s, %s, %lld GiB", t->instance,
                      t->instance_class != NULL ? t->instance_class : "class unknown",
                      t->storage_gib != UNKNOWN ? (long long)t->storage_gib : 0LL);
    if (l->metric != NULL) {
        put_bytes(run, f, t, l->metric);
        put_capacity(run, f, t);
    }
    put_slot(run, f, s);
    advise_stopped(run, f, t, s, t->serverless ? l->advice_serverless : l->advice);
}

static void limited(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct dms_task *t = task_at(run, i);
        for (size_t k = 0; t != NULL && status_is(t, "stopped") && k < ARRAY_LEN(stops); k++) {
            if (dms_stopped_by(t, stops[k].word))
                put_limit(run, &run->p->connectors[i], &stops[k]);
        }
    }
}

/* D09: neither running nor stopped, and it does not pass by itself, or not to the good. */
static void astray(struct rule_run *run)
{
    static const struct {
        const char *status;
        enum verdict severity;
        const char *title, *advice;
    } states[] = {
        {"deleting",    VERDICT_WARN, "is being deleted",
         "find out by whom: a slot that DMS made goes with it, one that was made for it stays and "
         "keeps WAL"                                                },
        {"failed-move", VERDICT_WARN, "could not be moved to another instance, and stands",
         "see the last failure, then move it again"                 },
        {"ready",       VERDICT_INFO, "was never started",
         "start it when its target may take every row of its tables"},
        {"created",     VERDICT_INFO, "was never started",
         "start it when its target may take every row of its tables"},
    };
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        const struct dms_task *t = task_at(run, i);
        for (size_t k = 0; t != NULL && k < ARRAY_LEN(states); k++) {
            if (!status_is(t, states[k].status))
                continue;
            struct finding *f =
                rule_emit(run, c->base.name, "DMS task %s %s", c->base.name, states[k].title);
            f->severity = states[k].severity;
            put_stop(run, f, t);
            put_slot(run, f, pipeline_slot_of(run->p, c));
            rule_advise(run, f, "%s", states[k].advice);
        }
    }
}

/* D06. What it says when it pauses: DMS's user guide, "SORTER message in task log"; a newer version
 * warns that it "is paused temporarily to enhance performance". It goes on by itself. */
static const struct pause {
    const char *words; /* NULL: whatever they are */
    const char *title, *advice;
} pauses[] = {
    {"Total disk usage exceeded", "the disk of its instance is full",
     "give its instance more storage, and turn off trace logging of the task"                    },
    {"used by swap files",        "its changes wait on disk for the target",
     "look at the target first: its latency, its brokers; ParallelApplyThreads of the task"      },
    {NULL,                        "",                                        "see the task's log"},
};

static void put_pause(struct rule_run *run, const struct connector_row *c,
                      const struct log_event *e)
{
    char a[HUMAN_SIZE];
    int64_t age = world_server_now(run->world, run->index, SOURCE_LOGS) - e->at_ms;
    const struct pause *p = pauses;
    while (p->words != NULL && strstr(e->text, p->words) == NULL)
        p++;
    bool grows = c->connector->dms->serverless && p == pauses;
    struct finding *f = rule_emit(run, c->base.name, "DMS task %s has paused reading for %s%s%s",
                                  c->base.name, human_age_ms(a, age), p->words != NULL ? ": " : "",
                                  grows ? "its disk is full" : p->title);
    rule_evidence(run, f, "log %s: %s", c->logged->group, e->cause != NULL ? e->cause : e->text);
    rule_evidence(run, f, "no \"resumed\" after it, as of %s ago",
                  human_age_ms(a, age - (c->logged->to_ms - e->at_ms)));
    put_bytes(run, f, c->connector->dms, "FreeStorageSpace");
    rule_advise(run, f, "%s; reading goes on by itself",
                grows
                    ? "DMS gives it more storage by itself, within a quarter of an hour; turn off "
                      "trace logging"
                    : p->advice);
}

static void paused(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        const struct dms_task *t = task_at(run, i);
        const struct log_event *e = log_newest(c->logged, LOGGED_PAUSED);
        const struct log_event *on = log_newest(c->logged, LOGGED_RESUMED);
        if (t == NULL || !status_is(t, "running") || e == NULL ||
            (on != NULL && on->at_ms >= e->at_ms) ||
            (t->started_ms != UNKNOWN && t->started_ms > e->at_ms))
            continue;
        put_pause(run, c, e);
    }
}

/* D03 */
static void tables(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        const struct dms_task *t = task_at(run, i);
        /* One that stands still sends nothing of any table: then others speak. */
        int64_t errored = t != NULL && status_is(t, "running") ? dms_errored(t) : 0;
        if (errored == 0)
            continue;
        struct strbuf names;
        strbuf_init(&names, 300);
        int n = 0;
        for (size_t k = 0; k < t->ntables && n < NAMED; k++) {
            const struct dms_table *row = &t->tables[k];
            if (row->state != NULL && strcmp(row->state, "Table error") == 0)
                strbuf_printf(&names, "%s%.40s.%.60s", n++ > 0 ? ", " : "", row->schema, row->name);
        }
        struct finding *f = rule_emit(
            run, c->base.name, "%d table%s of DMS task %s %s in error, the others go on: %s",
            (int)errored, errored == 1 ? "" : "s", c->base.name, errored == 1 ? "is" : "are",
            n > 0 ? arena_strdup(run->arena, names.text) : "names not read");
        strbuf_free(&names);
        rule_evidence(run, f, "TableState \"Table error\" or TablesErrored: %d", (int)errored);
        put_logged(run, f, c);
        rule_advise(run, f, "see why in the task's log, then %s",
                    dms_follows_only(t) ? "have another task load them: DMS reloads none of a task "
                                          "that only follows changes"
                                        : "reload these tables");
        if (!dms_follows_only(t))
            rule_remedy(f, ACTION_RELOAD);
    }
}

/* Both latencies of a running task, in ms. The target's contains the source's. */
static bool latencies(const struct rule_run *run, const struct dms_task *t, int64_t *source,
                      int64_t *target, int64_t *age)
{
    const struct cw_metric *a = figure(run, dms_object(t), "CDCLatencySource");
    const struct cw_metric *b = figure(run, dms_object(t), "CDCLatencyTarget");
    if (a == NULL || b == NULL || !status_is(t, "running") || a->value < 0 || b->value < 0 ||
        a->value > 1e9 || b->value > 1e9)
        return false;
    *source = (int64_t)(a->value * 1000);
    *target = (int64_t)(b->value * 1000);
    *age = metric_age_ms(a->at_ms < b->at_ms ? a : b, run->world->wall_ms);
    return true;
}

static struct finding *say_late(struct rule_run *run, const struct connector_row *c, int64_t source,
                                int64_t target, int64_t age, const char *verb)
{
    char a[HUMAN_SIZE];
    char b[HUMAN_SIZE];
    char d[HUMAN_SIZE];
    struct finding *f = rule_emit(run, c->base.name, "DMS task %s %s late: %s behind", c->base.name,
                                  verb, human_duration_ms(a, target > source ? target : source));
    rule_evidence(run, f, "CDCLatencySource %s, CDCLatencyTarget %s (CloudWatch, %s ago)",
                  human_duration_ms(a, source), human_duration_ms(b, target), human_age_ms(d, age));
    rule_evidence(run, f, "threshold %s", human_duration_ms(a, run->limits->lag_time_warn_ms));
    put_capacity(run, f, c->connector->dms);
    return f;
}

static const char *whose_cpu(const struct dms_task *t)
{
    return t->instance != NULL ? t->instance : t->serverless ? "the replication" : "DMS";
}

/* D04 and D05: where the time is lost. */
static void late(struct rule_run *run, bool at_target)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        const struct dms_task *t = task_at(run, i);
        int64_t source, target, age;
        if (t == NULL || !latencies(run, t, &source, &target, &age))
            continue;
        int64_t warn = run->limits->lag_time_warn_ms;
        bool slow_target = target - source > warn && target > 2 * source;
        if (at_target ? !slow_target : slow_target || source <= warn)
            continue;
        struct finding *f = say_late(run, c, source, target, age, at_target ? "writes" : "reads");
        if (at_target)
            rule_advise(run, f, "look at the brokers of %s, the size of its records, the CPU of %s",
                        t->target_topic != NULL ? t->target_topic : "its target", whose_cpu(t));
        else
            rule_advise(run, f,
                        "look for a long transaction, for WAL written faster than it is "
                        "read, and at the CPU of %s",
                        whose_cpu(t));
    }
}

static void late_source(struct rule_run *run)
{
    late(run, false);
}

static void late_target(struct rule_run *run)
{
    late(run, true);
}

#define GROWTH     "P10", "P17", "P18", "P31"
/* What follows from a task that does not run. */
#define STANDSTILL "D03", "D04", "D05", "D07", "P05", "P06", "P07", "P29", "K01", "C12", GROWTH
#define BOTH       (NEEDS(SOURCE_DMS) | NEEDS(SOURCE_CLOUDWATCH))

const struct diag_rule rules_dms[] = {
    {.id = "D01",
     .severity = VERDICT_CRIT,
     .hop = HOP_CAPTURE,
     .needs = NEEDS(SOURCE_DMS),
     .eval = dead,
     .explains = {STANDSTILL}},
    {.id = "D02",
     .severity = VERDICT_WARN,
     .hop = HOP_CAPTURE,
     .needs = NEEDS(SOURCE_DMS),
     .eval = limited,
     .explains = {STANDSTILL}},
    {.id = "D09",
     .severity = VERDICT_WARN,
     .hop = HOP_CAPTURE,
     .needs = NEEDS(SOURCE_DMS),
     .eval = astray,
     .explains = {STANDSTILL}},
    {.id = "D03",
     .severity = VERDICT_WARN,
     .hop = HOP_CAPTURE,
     .needs = NEEDS(SOURCE_DMS),
     .eval = tables,
     .check = "what does the task's log in CloudWatch say of these tables?"},
    {.id = "D04",
     .severity = VERDICT_WARN,
     .hop = HOP_CAPTURE,
     .needs = BOTH,
     .eval = late_source,
     .confidence = CONFIDENCE_MEDIUM,
     .check = "is a transaction open for long (P09), or more WAL written than is read (P10)?"},
    {.id = "D05",
     .severity = VERDICT_WARN,
     .hop = HOP_CAPTURE,
     .needs = BOTH,
     .eval = late_target,
     .explains = {"D04", "D06", "P10", "P31"}},
    {.id = "D06",
     .severity = VERDICT_WARN,
     .hop = HOP_CAPTURE,
     .needs = NEEDS(SOURCE_DMS) | NEEDS(SOURCE_LOGS),
     .eval = paused,
     .explains = {"D04", GROWTH}},
    {.id = "D07",
     .severity = VERDICT_WARN,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_DMS) | NEEDS(SOURCE_POSTGRES),
     .eval = slot_no_heartbeat_of_dms,
     .explains = {GROWTH},
     .check = "does confirmed_flush_lsn move as soon as a table of the task is written to?"},
    {.id = NULL        },
};
