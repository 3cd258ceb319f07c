/* Connectors by what Connect says of them, now and over time: failed, unassigned, without tasks,
 * failing again and again, not heeding what was asked. What traces mean: trace_table.c. */
#include "diagnosis/rules.h"

#include "base/human.h"

#include <string.h>

static const struct connector_past *past_of(const struct rule_run *run,
                                            const struct connector_row *c)
{
    return connector_history_of(run->world->pipelines[run->index].history, c->connector);
}

static struct finding *about(struct rule_run *run, const struct connector_row *c, const char *title)
{
    struct finding *f = rule_emit(run, c->base.name, "%s", title);
    f->hop = c->facts->sink ? HOP_SINK : HOP_CAPTURE;
    return f;
}

/* What managed services say of theirs has rules of its own: rules_msk_connect.c, rules_dms.c. */
static bool is_connects_own(const struct connector_row *c)
{
    return c->connector->service == SERVICE_CONNECT;
}

static const char *state_of(const struct connector_row *c)
{
    return c->connector->state != NULL ? c->connector->state : "unknown";
}

static void task_failed(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        if (c->failed == 0 || !is_connects_own(c))
            continue;
        struct finding *f =
            about(run, c,
                  arena_printf(run->arena, "%s task %d failed%s%s", c->base.name, c->failed_task,
                               c->cause[0] != '\0' ? ": " : "", c->cause));
        rule_evidence(run, f, "%s", rule_failed_text(run, c));
        rule_tell_change(run, f, c, c->failed_task);
        const struct trace_meaning *m = rule_trace_of(c);
        rule_advise(run, f, "%s", m != NULL ? m->advice : rule_cause_advice(c->cause));
        rule_remedy(f, ACTION_RESTART);
    }
}

static void connector_failed(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        if (!rule_connector_is(c, "FAILED") || !is_connects_own(c))
            continue;
        struct finding *f = about(run, c,
                                  arena_printf(run->arena, "%s failed%s%s", c->base.name,
                                               c->cause[0] != '\0' ? ": " : "", c->cause));
        const struct trace_meaning *m = rule_trace_of(c);
        rule_evidence(run, f, "%s", rule_failed_text(run, c));
        rule_tell_change(run, f, c, -1);
        rule_advise(run, f, "%s",
                    m != NULL ? m->advice : "mend its configuration, then restart the connector");
        rule_remedy(f, ACTION_RESTART);
    }
}

/* ---- C03 ------------------------------------------------------------------------------------- */

static bool is_unassigned(const char *state)
{
    return state != NULL && strcmp(state, "UNASSIGNED") == 0;
}

struct adrift { /* what of a connector no worker has taken */
    int tasks;
    bool self;
    const char *worker; /* that had it; NULL: not told */
    int64_t for_ms;     /* the longest */
    bool at_least;
};

static void drift(const struct rule_run *run, const struct connector_row *c, struct adrift *a,
                  int task, const char *worker)
{
    bool at_least;
    int64_t since = connector_past_since(past_of(run, c), task, &at_least);
    int64_t ms = since != UNKNOWN ? run->world->mono_ms - since : 0;
    if (ms >= a->for_ms) {
        a->for_ms = ms;
        a->at_least = at_least;
    }
    if (a->worker == NULL)
        a->worker = worker;
}

static struct adrift adrift_of(const struct rule_run *run, const struct connector_row *c)
{
    struct adrift a = {0};
    if (is_unassigned(c->connector->state)) {
        a.self = true;
        drift(run, c, &a, -1, c->connector->worker);
    }
    for (size_t i = 0; i < c->connector->ntasks; i++) {
        const struct connect_task *t = &c->connector->tasks[i];
        if (!is_unassigned(t->state))
            continue;
        a.tasks++;
        drift(run, c, &a, t->id, t->worker);
    }
    return a;
}

/* A task that died with its worker goes on saying RUNNING until another worker has taken it. */
static int said_running_on(const struct connector_row *c, const char *worker)
{
    int n = 0;
    for (size_t i = 0; worker != NULL && i < c->connector->ntasks; i++) {
        const struct connect_task *t = &c->connector->tasks[i];
        n += t->state != NULL && strcmp(t->state, "RUNNING") == 0 && t->worker != NULL &&
             strcmp(t->worker, worker) == 0;
    }
    return n;
}

/* Is this worker ("10.0.4.11:8083") the one behind that URL? */
static bool same_worker(const char *worker, const char *url)
{
    const char *host = strstr(url, "://");
    if (worker == NULL || host == NULL)
        return false;
    host += 3;
    size_t n = strcspn(host, "/");
    return strlen(worker) == n && strncmp(worker, host, n) == 0;
}

/* A worker that is killed takes its tasks along, but Connect says RUNNING of them until another one
 * has them. */
static void on_dead_worker(struct rule_run *run, const struct connector_row *c)
{
    const struct connect_snap *connect = rule_connect(run);
    for (size_t k = 0; k < connect->nurls; k++) {
        const struct connect_url *u = &connect->urls[k];
        int tasks = 0;
        const char *worker = NULL;
        for (size_t i = 0; u->error != NULL && i < c->connector->ntasks; i++) {
            if (same_worker(c->connector->tasks[i].worker, u->url)) {
                tasks++;
                worker = c->connector->tasks[i].worker;
            }
        }
        if (tasks == 0)
            continue;
        int64_t ms = run->world->mono_ms - u->since_ms;
        char t[HUMAN_SIZE];
        struct finding *f = about(
            run, c,
            arena_printf(run->arena, "%d of %d tasks of %s are on worker %s, which is away for %s",
                         tasks, c->tasks, c->base.name, worker, human_duration_ms(t, ms)));
        f->severity = ms >= run->limits->unassigned_warn_ms ? VERDICT_WARN : VERDICT_INFO;
        rule_evidence(run, f, "%s", u->error);
        rule_evidence(run, f, "Connect still says %s of them: it does so until they are moved",
                      state_of(c));
        rule_advise(run, f,
                    "wait up to scheduled.rebalance.max.delay (5 min), then start %s or look "
                    "why nobody takes them",
                    worker);
        return;
    }
}

static void unassigned(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        struct adrift a = adrift_of(run, c);
        if (!a.self && a.tasks == 0) {
            on_dead_worker(run, c);
            continue;
        }
        char t[HUMAN_SIZE];
        const char *what = a.self ? c->base.name
                                  : arena_printf(run->arena, "%d of %d tasks of %s", a.tasks,
                                                 c->tasks, c->base.name);
        bool plural = !a.self && a.tasks > 1;
        struct finding *f = about(
            run, c,
            arena_printf(run->arena, "%s %s on no worker for %s%s%s%s", what, plural ? "are" : "is",
                         a.at_least ? "≥ " : "", human_duration_ms(t, a.for_ms),
                         a.worker != NULL ? "; it was on " : "", a.worker != NULL ? a.worker : ""));
        f->severity = a.for_ms >= run->limits->unassigned_warn_ms ? VERDICT_WARN : VERDICT_INFO;
        rule_evidence(run, f, "UNASSIGNED for %s%s (a warning from %s)", a.at_least ? "≥ " : "",
                      human_duration_ms(t, a.for_ms),
                      human_duration_ms((char[HUMAN_SIZE]){0}, run->limits->unassigned_warn_ms));
        int dead = said_running_on(c, a.worker);
        if (dead > 0)
            rule_evidence(run, f, "%d tasks still say RUNNING on %s: old news if it is gone", dead,
                          a.worker);
        const struct connect_snap *connect = rule_connect(run);
        for (size_t k = 0; k < connect->nurls; k++) {
            if (connect->urls[k].error != NULL)
                rule_evidence(run, f, "%s", connect->urls[k].error);
        }
        rule_advise(run, f,
                    "a worker left: wait up to scheduled.rebalance.max.delay (5 min), "
                    "then look for %s",
                    a.worker != NULL ? a.worker : "the missing worker");
    }
}

/* ---- C11 ------------------------------------------------------------------------------------- */

static void no_tasks(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        bool at_least;
        int64_t since = connector_past_taskless(past_of(run, c), &at_least);
        if (c->tasks > 0 || !rule_connector_is(c, "RUNNING") || since == UNKNOWN)
            continue;
        int64_t ms = run->world->mono_ms - since;
        char a[HUMAN_SIZE];
        if (!at_least && ms < CONNECTOR_START_MS)
            continue;
        struct finding *f = about(
            run, c, arena_printf(run->arena, "%s says RUNNING, but it has no task", c->base.name));
        rule_evidence(run, f, "tasks = [] for %s%s (longer than a start takes: 10 s)",
                      at_least ? "≥ " : "", human_duration_ms(a, ms));
        rule_advise(run, f,
                    c->facts->sink
                        ? "look at its topics and tasks.max, and read the worker's log"
                        : "its task hangs in start: look at the slot (lost?) and the worker's log");
    }
}

/* ---- C06, C18 -------------------------------------------------------------------------------- */

static void fails_again(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        int n = rule_in_vain(run, c);
        if (n < CONNECTOR_IN_VAIN)
            continue;
        char a[HUMAN_SIZE];
        const struct trace_meaning *m = rule_trace_of(c);
        struct finding *f = about(
            run, c,
            m != NULL && m->title != NULL
                ? arena_printf(
                      run->arena,
                      "%s %s: it failed again after %d restarts, another one will not help",
                      c->base.name, m->title, n)
                : arena_printf(run->arena,
                               "%s failed again after %d restarts, another one will not help: %s",
                               c->base.name, n, c->cause));
        rule_evidence(run, f, "%d restarts ended in this root cause within %s (threshold %d)", n,
                      human_duration_ms(a, run->limits->restart_window_ms), CONNECTOR_IN_VAIN);
        rule_evidence(run, f, "%s", c->cause);
        rule_tell_change(run, f, c, c->failed_task);
        rule_advise(run, f, "end automatic restarts; %s",
                    m != NULL ? m->advice : "mend the cause, only then restart");
    }
}

/* What moves with its work. Sinks: commits; sources: their offset, or what they confirm of their
 * slot where nobody tells offsets. */
static const struct series *work_of(const struct rule_run *run, const struct connector_row *c)
{
    if (c->facts->sink)
        return rule_series(run, "committed %s", c->facts->group_id);
    return is_connects_own(c) ? rule_series(run, "offset %s", c->base.name)
                              : rule_series(run, "confirmed %s", c->facts->slot_name);
}

/* Has it moved data since then? */
static bool moved_since(const struct rule_run *run, const struct connector_row *c, int64_t since_ms)
{
    const struct series *s = work_of(run, c);
    struct point last;
    if (c->facts->sink && c->lag == 0)
        return true;
    if (!series_at(s, 0, &last))
        return false;
    return series_changes(s, last.t - since_ms) > 0;
}

static bool goal_reached(const struct rule_run *run, const struct connector_row *c,
                         const struct ledger_entry *e)
{
    switch (e->kind) {
    case ACTION_PAUSE: return rule_connector_is(c, "PAUSED");
    case ACTION_STOP: return rule_connector_is(c, "STOPPED");
    default: return pipeline_runs(c) && moved_since(run, c, e->accepted_mono_ms);
    }
}

static const struct ledger_entry *last_asked(const struct rule_run *run,
                                             const struct connector_row *c)
{
    static const enum action_kind kinds[] = {ACTION_RESTART, ACTION_CONTINUE, ACTION_PAUSE,
                                             ACTION_STOP};
    const struct ledger *ledger = &run->world->pipelines[run->index].ledger;
    const struct ledger_entry *last = NULL;
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        const struct ledger_entry *e = ledger_newest(ledger, (int)kinds[k], c->base.name);
        if (e != NULL && (last == NULL || e->mono_ms > last->mono_ms))
            last = e;
    }
    return last;
}

static void no_effect(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        const struct ledger_entry *e = last_asked(run, c);
        bool unmet = e != NULL && e->accepted_mono_ms != UNKNOWN &&
                     (e->state == LEDGER_UNSEEN || e->state == LEDGER_FAILED) &&
                     run->world->mono_ms - e->mono_ms < run->limits->restart_window_ms;
        if (!unmet || goal_reached(run, c, e))
            continue;
        char a[HUMAN_SIZE];
        struct finding *f =
            about(run, c,
                  arena_printf(run->arena, "%s of %s was accepted %s ago, but no effect was seen",
                               e->verb, c->base.name,
                               human_duration_ms(a, run->world->mono_ms - e->accepted_mono_ms)));
        rule_evidence(run, f, "%s", e->text);
        rule_evidence(run, f, "now: connector %s, %s", state_of(c),
                      pipeline_tasks_text(run->arena, c));
        rule_advise(run, f, "do not repeat it: read the trace and the worker's log first");
    }
}

/* ---- C10 ------------------------------------------------------------------------------------- */

/* A record that is skipped is not committed either, until a file behind it is closed: on a topic
 * that went quiet it waits for ever, while the sink goes on with the others. Seen with 10.6.18. */
static const struct prefix_row *left_behind(const struct rule_run *run,
                                            const struct connector_row *c)
{
    const struct series *commits = rule_series(run, "committed %s", c->facts->group_id);
    for (size_t i = 0; i < run->p->nprefixes; i++) {
        const struct prefix_row *p = &run->p->prefixes[i];
        if (p->connector == NULL || strcmp(p->connector, c->base.name) != 0 ||
            p->late_ms == UNKNOWN || p->late_ms <= 0 || p->base.verdict < VERDICT_WARN)
            continue;
        if (series_changes(commits, p->late_ms) > 1 &&
            series_still_ms(rule_series(run, "end %s", p->base.name)) >= p->late_ms)
            return p;
    }
    return NULL;
}

/* Only the worker's own counters tell for certain whether it has dropped any: without a sign of it
 * a risk, no alarm. */
static void drops_silently(struct rule_run *run)
{
    static const char *const nothing[] = {NULL};
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        const char *tolerance = c->facts->errors_tolerance;
        if (!c->facts->sink || tolerance == NULL || strcmp(tolerance, "all") != 0 ||
            c->facts->dlq_topic != NULL)
            continue;
        const struct prefix_row *left = left_behind(run, c);
        char a[HUMAN_SIZE];
        char b[HUMAN_SIZE];
        struct finding *f =
            about(run, c,
                  left != NULL
                      ? arena_printf(run->arena, "%s seems to have dropped %s records of %s",
                                     c->base.name, human_count(a, left->waiting), left->base.name)
                      : arena_printf(run->arena, "%s would drop bad records without a trace",
                                     c->base.name));
        rule_evidence(run, f, "errors.tolerance = all, errors.deadletterqueue.topic.name not set");
        if (left != NULL) {
            f->severity = VERDICT_WARN;
            rule_evidence(
                run, f, "they wait for %s (a file is due every %s), while it commits other topics",
                human_duration_ms(a, left->late_ms), human_duration_ms(b, left->due_ms));
        } else {
            f->folds = nothing;
            rule_evidence(run, f,
                          "whether it has dropped any is not known: Connect's REST does not "
                          "tell, its MBean task-error-metrics does");
        }
        rule_advise(run, f,
                    "set errors.deadletterqueue.topic.name, its context.headers.enable, "
                    "and errors.log.enable");
    }
}

const struct diag_rule rules_connect[] = {
    {.id = "C01",
     .severity = VERDICT_CRIT,
     .hop = HOP_CAPTURE,
     .needs = NEEDS(SOURCE_CONNECT),
     .eval = task_failed,
     .explains = {"C18", "S02", "K04", "K06", "K10"}},
    {.id = "C02",
     .severity = VERDICT_CRIT,
     .hop = HOP_CAPTURE,
     .needs = NEEDS(SOURCE_CONNECT),
     .eval = connector_failed,
     .explains = {"C01", "C11", "C18", "P06", "S02", "K04", "K06", "K10"}},
    {.id = "C03",
     .severity = VERDICT_WARN,
     .hop = HOP_CAPTURE,
     .needs = NEEDS(SOURCE_CONNECT),
     .eval = unassigned,
     .explains = {"C11", "C18", "K04", "K05", "K06", "K10", "P06", "S02"},
     .check = "which workers answer, and which one the connector names"},
    {.id = "C06",
     .severity = VERDICT_CRIT,
     .hop = HOP_CAPTURE,
     .needs = NEEDS(SOURCE_CONNECT),
     .eval = fails_again,
     .explains = {"C01", "C02", "C18", "K04", "K06", "K10", "P04", "P06", "S02"}},
    {.id = "C10",
     .severity = VERDICT_INFO,
     .hop = HOP_SINK,
     .needs = NEEDS(SOURCE_CONNECT),
     .eval = drops_silently,
     .explains = {"S02"},
     .confidence = CONFIDENCE_MEDIUM,
     .check = "total-records-skipped of the task's MBean task-error-metrics"},
    {.id = "C11",
     .severity = VERDICT_CRIT,
     .hop = HOP_CAPTURE,
     .needs = NEEDS(SOURCE_CONNECT),
     .eval = no_tasks,
     .explains = {"C18", "K04", "K06", "K10", "P06", "S02"}},
    {.id = "C18",
     .severity = VERDICT_WARN,
     .hop = HOP_CAPTURE,
     .needs = NEEDS(SOURCE_CONNECT),
     .eval = no_effect,
     .check = "whether its offsets or commits move now"},
    {.id = NULL                                                         },
};
