/* Debezium's snapshots: one that runs, one that stands still, a signal that nobody heard, and
 * tables that were left out. What is known of a snapshot is joined in model/snapshot_status.c. */
#include "base/human.h"
#include "diagnosis/rules.h"
#include "model/snapshot_status.h"

#include <math.h>
#include <string.h>

enum { RECENT_MS = 15 * 60 * 1000, SETTLE_MS = 5 * 1000 };

/* Its witnesses answer: what only old notifications say is not known now. */
static bool told(const struct rule_run *run, const struct snapshot_status *s)
{
    return s != NULL &&
           (s->by_offsets || world_state(run->world, run->index, SOURCE_KAFKA) == STATE_FRESH);
}

bool rule_snapshot_halts(const struct rule_run *run, const struct connector_row *c)
{
    return rule_snapshot_runs(run, c) && c->snapshot->type != SNAPSHOT_INCREMENTAL;
}

bool rule_snapshot_runs(const struct rule_run *run, const struct connector_row *c)
{
    return c != NULL && told(run, c->snapshot) && snapshot_status_running(c->snapshot);
}

static const char *type_of(const struct snapshot_status *s)
{
    const char *name = snapshot_type_name(s->type);
    return name != NULL ? name : "initial or blocking";
}

static bool stuck(const struct rule_run *run, const struct connector_row *c)
{
    const struct snapshot_status *s = c->snapshot;
    return rule_snapshot_runs(run, c) && s->p.state != SNAPSHOT_PAUSED && s->still_ms != UNKNOWN &&
           s->still_ms > run->limits->snapshot_stuck_ms;
}

/* ---- N01 --------------------------------------------------------------------------------------
 */

/* "about 2m to 3m left, at 4.1k rows/s" */
static const char *eta_text(const struct rule_run *run, const struct snapshot_status *s)
{
    char low[HUMAN_SIZE];
    char high[HUMAN_SIZE];
    char rate[HUMAN_SIZE];
    if (!s->eta.known)
        return NULL;
    human_duration_ms(low, s->eta.low_ms);
    human_duration_ms(high, s->eta.high_ms);
    const char *range = s->eta.high_ms == INT64_MAX ? arena_printf(run->arena, "at least %s", low)
                        : strcmp(low, high) == 0    ? arena_printf(run->arena, "about %s", low)
                                                 : arena_printf(run->arena, "%s to %s", low, high);
    if (s->eta_by_rows)
        return arena_printf(run->arena, "%s left (est.), at %s rows/s", range,
                            human_count(rate, (int64_t)s->eta.per_s));
    return arena_printf(run->arena, "%s left (est.), at %.1f tables/min", range, s->eta.per_s * 60);
}

static void tell_tables(struct rule_run *run, struct finding *f, const struct snapshot_status *s)
{
    char rows[HUMAN_SIZE];
    char total[HUMAN_SIZE];
    const struct snapshot_progress *p = &s->p;
    for (size_t i = 0; i < p->ntables && f->nevidence < 4; i++) {
        const struct snapshot_table *t = &p->tables[i];
        if (t->state != TABLE_READING || t->rows == UNKNOWN)
            continue;
        rule_evidence(run, f, "%s: %s of %s rows (est.%s)", t->name, human_count(rows, t->rows),
                      t->total != UNKNOWN ? human_count(total, t->total) : "an unknown number of",
                      s->by_growth ? ", by the growth of its topic" : "");
    }
    if (p->done > 0)
        rule_evidence(run, f, "%d of %zu tables done, %s rows", p->done, p->ntables,
                      human_count(rows, p->rows));
}

static void tell_slot(struct rule_run *run, struct finding *f, const struct connector_row *c)
{
    char a[HUMAN_SIZE];
    for (size_t i = 0; i < run->p->nslots; i++) {
        const struct slot_row *s = &run->p->slots[i];
        if (s->owner == c->connector && s->retained != UNKNOWN)
            rule_evidence(run, f, "slot %s keeps %s of WAL meanwhile, as it must", s->base.name,
                          human_bytes(a, s->retained));
    }
}

static void tell_source(struct rule_run *run, struct finding *f, const struct snapshot_status *s)
{
    char a[HUMAN_SIZE];
    if (s->by_notes && s->p.updated_ms != UNKNOWN)
        rule_evidence(run, f, "its last notification: %s ago",
                      human_age_ms(a, run->world->wall_ms - s->p.updated_ms));
    else
        rule_evidence(run, f, "known by the connector's offsets%s: it sends no notifications",
                      s->by_growth ? " and the growth of its topics" : "");
}

static void running(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        const struct snapshot_status *s = c->snapshot;
        if (!rule_snapshot_runs(run, c))
            continue;
        bool paused = s->p.state == SNAPSHOT_PAUSED;
        const char *part = isnan(s->p.fraction)
                               ? ""
                               : arena_printf(run->arena, ", %.0f %% (est.)", s->p.fraction * 100);
        const char *table = s->p.current >= 0 ? s->p.tables[s->p.current].name : NULL;
        struct finding *f = rule_emit(run, c->base.name, "%s: %s snapshot %s%s%s%s", c->base.name,
                                      type_of(s), paused ? "is paused" : "runs", part,
                                      table != NULL ? ", now " : "", table != NULL ? table : "");
        const char *eta = eta_text(run, s);
        if (eta != NULL)
            rule_evidence(run, f, "%s", eta);
        tell_tables(run, f, s);
        tell_source(run, f, s);
        tell_slot(run, f, c);
        if (paused) {
            rule_advise(run, f, "it goes on when a resume is signalled");
            rule_remedy(f, ACTION_SNAPSHOT_RESUME);
        } else {
            rule_advise(run, f, "%s", eta != NULL ? eta : "wait; how long is not known yet");
        }
    }
}

/* ---- N02 --------------------------------------------------------------------------------------
 */

/* What keeps signals and watermarks from being heard; NULL: nothing that is seen. */
static const char *fault_of(const struct rule_run *run, const struct connector_row *c,
                            bool by_topic, const char **fix)
{
    bool fresh = world_state(run->world, run->index, SOURCE_POSTGRES) == STATE_FRESH;
    return snapshot_signal_fault(run->arena, c->facts, fresh ? rule_pg(run) : NULL, by_topic, fix);
}

/* A session of Debezium's that waits for somebody's lock. */
static const struct pg_blocked *blocked_by(const struct rule_run *run)
{
    const struct pg_snap *pg = rule_pg(run);
    if (world_state(run->world, run->index, SOURCE_POSTGRES) != STATE_FRESH)
        return NULL;
    for (size_t i = 0; pg != NULL && i < pg->nblocked; i++) {
        const char *app = pg->blocked[i].application_name;
        if (app != NULL && strncmp(app, "Debezium", 8) == 0)
            return &pg->blocked[i];
    }
    return NULL;
}

static void tell_blocker(struct rule_run *run, struct finding *f, const struct pg_blocked *b)
{
    char a[HUMAN_SIZE];
    rule_evidence(run, f, "pid %d (%s) has waited %s for a lock of pid %d (%s)", b->pid,
                  b->application_name, human_age_ms(a, b->waits_ms), b->blocker,
                  b->blocker_user != NULL ? b->blocker_user : "user unknown");
    if (b->blocker_query != NULL)
        rule_evidence(run, f, "which runs: %s", rule_brief(run, b->blocker_query, 120));
    rule_advise(run, f, "let pid %d finish, or end it: SELECT pg_terminate_backend(%d)", b->blocker,
                b->blocker);
}

static void stands_still(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        const struct snapshot_status *s = c->snapshot;
        if (!stuck(run, c))
            continue;
        char a[HUMAN_SIZE];
        char b[HUMAN_SIZE];
        const char *table = s->p.current >= 0 ? s->p.tables[s->p.current].name : NULL;
        struct finding *f = rule_emit(run, c->base.name, "%s: %s snapshot stands still for %s%s%s",
                                      c->base.name, type_of(s), human_age_ms(a, s->still_ms),
                                      table != NULL ? " at " : "", table != NULL ? table : "");
        rule_evidence(run, f, "no %s for %s (threshold %s)",
                      s->type == SNAPSHOT_INCREMENTAL ? "chunk was read"
                                                      : "notification and no growth of its topics",
                      human_age_ms(a, s->still_ms),
                      human_duration_ms(b, run->limits->snapshot_stuck_ms));
        tell_source(run, f, s);
        const struct pg_blocked *blocked = blocked_by(run);
        bool incremental = s->type == SNAPSHOT_INCREMENTAL;
        const char *fix;
        const char *fault = incremental ? fault_of(run, c, false, &fix) : NULL;
        if (blocked != NULL) {
            tell_blocker(run, f, blocked);
        } else if (fault != NULL) {
            rule_evidence(run, f, "%s: its watermarks do not come back, no chunk is ever closed",
                          fault);
            rule_advise(run, f, "%s", fix);
        } else {
            rule_advise(run, f, "%s",
                        incremental && !s->by_notes
                            ? "was it paused by a signal? then resume it; else see the worker's log"
                            : "see the worker's log and the sessions of the database");
        }
        /* Without its blocker the snapshot goes on where it is; stopped, it is lost. */
        if (!(blocked != NULL && rule_terminate(run, f, blocked->blocker)) && incremental)
            rule_remedy(f, ACTION_SNAPSHOT_STOP);
        tell_slot(run, f, c);
    }
}

/* ---- N03 --------------------------------------------------------------------------------------
 */

/* Did anything come of our signal? UNKNOWN: nobody could tell. */
static enum tri heard(const struct rule_run *run, const struct connector_row *c,
                      const struct ledger_entry *e)
{
    enum { CLOCKS_MS = 5000 };
    const struct kafka_snap *kafka = rule_kafka(run);
    const struct snapshot_status *s = c->snapshot;
    bool notes = c->facts->notification_topic != NULL && kafka != NULL &&
                 world_state(run->world, run->index, SOURCE_KAFKA) == STATE_FRESH;
    if (s != NULL && s->p.id != NULL && strcmp(s->p.id, e->signal_id) == 0)
        return TRI_YES;
    struct snapshot_query query = {.connector = c->facts->topic_prefix,
                                   .id = e->blocking ? NULL : e->signal_id,
                                   .since_ms = e->wall_ms - CLOCKS_MS};
    struct snapshot_progress p = snapshot_progress_build(
        run->arena, notes ? kafka->notifications : NULL, notes ? kafka->nnotifications : 0, &query);
    if (p.state != SNAPSHOT_NOT_SEEN ||
        snapshot_status_running(s)) /* or it waits behind that one */
        return TRI_YES;
    if (notes)
        return TRI_NO;
    /* Offsets tell of those that last longer than a flush of offsets, and of no blocking one. */
    return TRI_UNKNOWN;
}

static void why_unheard(struct rule_run *run, struct finding *f, const struct connector_row *c,
                        const struct ledger_entry *e)
{
    const struct connector_facts *facts = c->facts;
    const char *fix;
    const char *fault = fault_of(run, c, e->by_topic, &fix);
    rule_evidence(run, f, "it went through channel %s", e->by_topic ? "kafka" : "source");
    rule_evidence(run, f, "signal.data.collection = %s",
                  facts->signal_table != NULL ? facts->signal_table : "(not set)");
    if (fault != NULL)
        rule_evidence(run, f, "%s", fault);
    rule_advise(run, f, "%s",
                fault != NULL ? fix
                              : "do not send it again blindly: the worker's log says "
                                "what became of it");
}

static void unheard(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        const struct ledger *ledger = &run->world->pipelines[run->index].ledger;
        const struct ledger_entry *e = ledger_newest(ledger, ACTION_SNAPSHOT, c->base.name);
        if (e == NULL || e->accepted_mono_ms == UNKNOWN || e->state == LEDGER_FAILED ||
            e->state == LEDGER_WORKED || !pipeline_runs_partly(c))
            continue;
        int64_t waited = run->world->mono_ms - e->accepted_mono_ms;
        if (waited < run->limits->signal_unseen_ms || waited > RECENT_MS ||
            heard(run, c, e) != TRI_NO)
            continue;
        char a[HUMAN_SIZE];
        char b[HUMAN_SIZE];
        struct finding *f =
            rule_emit(run, c->base.name, "%s did not hear the signal for a snapshot of %s",
                      c->base.name, e->table[0] != '\0' ? e->table : "its tables");
        rule_evidence(run, f, "signal %s sent %s ago, no notification of it (threshold %s)",
                      e->signal_id, human_age_ms(a, waited),
                      human_duration_ms(b, run->limits->signal_unseen_ms));
        why_unheard(run, f, c, e);
    }
}

/* ---- N04 --------------------------------------------------------------------------------------
 */

static const struct {
    const char *status, *advice;
    bool again; /* another snapshot is the way out */
} left_out_why[] = {
    {"NO_PRIMARY_KEY", "a blocking snapshot reads tables without a primary key",                  true },
    {"UNKNOWN_SCHEMA", "is the table captured (table.include.list) and its name right?",          false},
    {"SQL_EXCEPTION",  "the worker's log has the database's error: a right, or the condition?",
     false                                                                                             },
    {"SKIPPED",        "the worker's log says why; signal it again, or take a blocking snapshot", true },
};

static void left_out_one(struct rule_run *run, const struct connector_row *c,
                         const struct snapshot_table *t)
{
    struct finding *f = rule_emit(run, c->base.name, "the snapshot of %s left out %s: %s",
                                  c->base.name, t->name, t->status != NULL ? t->status : "unknown");
    rule_evidence(run, f, "notification TABLE_SCAN_COMPLETED of %s: status %s", t->name,
                  t->status != NULL ? t->status : "unknown");
    rule_advise(run, f, "see the worker's log");
    for (size_t i = 0; t->status != NULL && i < sizeof(left_out_why) / sizeof(*left_out_why); i++) {
        if (strcmp(left_out_why[i].status, t->status) != 0)
            continue;
        rule_advise(run, f, "%s", left_out_why[i].advice);
        if (left_out_why[i].again)
            rule_remedy(f, ACTION_SNAPSHOT);
    }
}

/* Ended before all was read: stop-snapshot, or a task that went away in the middle. */
static void broken_off(struct rule_run *run, const struct connector_row *c)
{
    const struct snapshot_progress *p = &c->snapshot->p;
    const struct snapshot_table *first = NULL;
    int left = 0;
    for (size_t i = 0; i < p->ntables; i++) {
        if (p->tables[i].state >= TABLE_DONE)
            continue;
        left++;
        if (first == NULL || p->tables[i].state == TABLE_READING)
            first = &p->tables[i];
    }
    if (first == NULL)
        return;
    static const char *const ends[SNAPSHOT_STATE_COUNT] = {
        [SNAPSHOT_STOPPED] = "was stopped",
        [SNAPSHOT_ABORTED] = "was broken off",
        [SNAPSHOT_COMPLETED] = "ended",
    };
    struct finding *f =
        rule_emit(run, c->base.name, "the snapshot of %s %s before %s was read whole", c->base.name,
                  ends[p->state], first->name);
    rule_evidence(run, f, "%d of %zu tables were not read to their end", left, p->ntables);
    if (c->snapshot->by_notes)
        rule_evidence(run, f, "notifications: %s",
                      p->state == SNAPSHOT_STOPPED   ? "COMPLETED and at once ABORTED"
                      : p->state == SNAPSHOT_ABORTED ? "ABORTED"
                                                     : "COMPLETED, but no TABLE_SCAN_COMPLETED");
    rule_advise(run, f, "what was read stays read; signal the tables that are missing again");
    rule_remedy(f, ACTION_SNAPSHOT);
}

static void left_out(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        const struct snapshot_status *s = c->snapshot;
        if (!told(run, s) ||
            (s->p.ended_ms != UNKNOWN && run->world->wall_ms - s->p.ended_ms > RECENT_MS))
            continue;
        for (size_t k = 0; k < s->p.ntables; k++) {
            if (s->p.tables[k].state == TABLE_FAILED)
                left_out_one(run, c, &s->p.tables[k]);
        }
        /* 2.3 says COMPLETED and no word of a table that it could not read. */
        bool silent = s->p.state == SNAPSHOT_COMPLETED && s->type == SNAPSHOT_INCREMENTAL &&
                      s->p.ended_ms != UNKNOWN && run->world->wall_ms - s->p.ended_ms > SETTLE_MS;
        if (s->p.state == SNAPSHOT_STOPPED || s->p.state == SNAPSHOT_ABORTED || silent)
            broken_off(run, c);
    }
}

const struct diag_rule rules_snapshot[] = {
    {.id = "N01",
     .severity = VERDICT_INFO,
     .hop = HOP_CAPTURE,
     .needs = NEEDS(SOURCE_CONNECT),
     .eval = running,
     .explains = {"K11"}},
    {.id = "N02",
     .severity = VERDICT_WARN,
     .hop = HOP_CAPTURE,
     .needs = NEEDS(SOURCE_CONNECT) | NEEDS(SOURCE_KAFKA),
     .eval = stands_still,
     .confidence = CONFIDENCE_MEDIUM,
     .check = "SELECT pid, state, wait_event, query FROM pg_stat_activity WHERE application_name "
              "LIKE 'Debezium%'", .explains = {"N01", "C12", "C20", "P06"}},
    {.id = "N03",
     .severity = VERDICT_WARN,
     .hop = HOP_CAPTURE,
     .needs = NEEDS(SOURCE_CONNECT) | NEEDS(SOURCE_KAFKA),
     .eval = unheard,
     .check = "the worker's log: an unknown signal or bad data leaves a line there and no "
              "notification", .explains = {"C18", "P33"}},
    {.id = "N04",
     .severity = VERDICT_WARN,
     .hop = HOP_CAPTURE,
     .needs = NEEDS(SOURCE_CONNECT),
     .eval = left_out},
    {.id = NULL},
};
