/* What is in no topic: slots that are gone, or that were made anew, and offsets of another server.
 * The watching over time is done by model/feed_gap.c. */
#include "diagnosis/rules.h"

#include "base/human.h"
#include "base/lsn.h"
#include "diagnosis/rules_rds.h"
#include "diagnosis/slot_help.h"
#include "model/join.h"

#include <math.h>
#include <string.h>

static bool takes_snapshot_itself(const struct connector_row *c)
{
    return c->facts->snapshot_mode != NULL && strcmp(c->facts->snapshot_mode, "when_needed") == 0;
}

/* From where to where, and how much at the most: other databases write into the same WAL. */
static void put_gap(struct rule_run *run, struct finding *f, const char *what, uint64_t from,
                    uint64_t to)
{
    char a[LSN_TEXT];
    char b[LSN_TEXT];
    char c[HUMAN_SIZE];
    rule_evidence(run, f, "%s: from %s to %s, up to %s of WAL", what, lsn_text(from, a, sizeof(a)),
                  lsn_text(to, b, sizeof(b)), human_bytes(c, to > from ? (int64_t)(to - from) : 0));
}

static void put_tables(struct rule_run *run, struct finding *f, const struct connector_row *c)
{
    int n = 0;
    const char *names = slot_tables(run, c, &n);
    if (n > 0)
        rule_evidence(run, f, "tables: %s", names);
}

/* How one whose slot is gone comes to a new snapshot. */
static const char *begin_anew(const struct connector_row *c, bool virgin)
{
    if (virgin)
        return "it has no offsets: it makes the slot and a snapshot when it starts";
    if (takes_snapshot_itself(c))
        return "snapshot.mode = when_needed: it takes a new snapshot when it starts";
    if (c->connector->service == SERVICE_MSK_CONNECT)
        return "do not just restart: it makes a new slot and skips what lies between; save its "
               "config, delete it, create it anew under another name for a new snapshot";
    if (rule_connector_is(c, "STOPPED"))
        return "do not just start it: it makes a new slot and skips what lies between; delete its "
               "offsets first for a new snapshot";
    return "do not just restart: it makes a new slot and skips what lies between; stop it and "
           "delete its offsets for a new snapshot";
}

/* Debezium makes a missing slot anew and goes on from there: what was written since the old one
 * went is in no topic, and nothing says so. */
static void missing(struct rule_run *run)
{
    const struct pg_snap *pg = rule_pg(run);
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        slot_missing_of_dms(run, c);
        if (!join_lacks_slot(run->p, c))
            continue;
        const char *state = c->connector->state != NULL ? c->connector->state : "unknown";
        bool began = c->connector->lsn != LSN_NONE;
        bool virgin = c->connector->offsets_read && !began;
        struct finding *f = rule_emit(run, c->base.name, "slot %s of %s does not exist",
                                      c->facts->slot_name, c->base.name);
        f->severity = c->failed > 0 || began ? VERDICT_CRIT : VERDICT_WARN;
        rule_evidence(run, f, "no row in pg_replication_slots; connector %s, %s", state,
                      pipeline_tasks_text(run->arena, c));
        if (began)
            put_gap(run, f, "will be missing", c->connector->lsn, pg->lsn_now);
        put_tables(run, f, c);
        if (c->cause[0] != '\0')
            rule_evidence(run, f, "cause: %s", c->cause);
        rule_advise(run, f, "%s", begin_anew(c, virgin));
        if (virgin)
            f->severity = VERDICT_INFO;
    }
}

static bool says(const char *text, const char *word)
{
    return text != NULL && strcmp(text, word) == 0;
}

static bool is_aborted(const struct kafka_snap *kafka, const struct dbz_notification *n)
{
    enum { SAME_MS = 1500 }; /* stop-snapshot says COMPLETED, and ABORTED under another id */
    for (size_t i = 0; i < kafka->nnotifications; i++) {
        const struct dbz_notification *o = &kafka->notifications[i];
        if (says(o->type, "ABORTED") && says(o->topic, n->topic) &&
            o->time_ms - n->time_ms < SAME_MS && n->time_ms - o->time_ms < SAME_MS)
            return true;
    }
    return false;
}

/* Was the table read again by a snapshot since then? */
static bool is_read_again(const struct rule_run *run, const struct connector_row *c,
                          const struct pg_table *t, int64_t since_ms)
{
    const struct kafka_snap *kafka = rule_kafka(run);
    for (size_t i = 0; kafka != NULL && i < kafka->nnotifications; i++) {
        const struct dbz_notification *n = &kafka->notifications[i];
        const char *name = kv_find(n->data, n->ndata, "scanned_collection");
        const char *status = kv_find(n->data, n->ndata, "status");
        if (n->time_ms < since_ms || !says(n->type, "TABLE_SCAN_COMPLETED") || name == NULL ||
            (status != NULL && !says(status, "SUCCEEDED") && !says(status, "EMPTY")) ||
            !says(n->topic, c->facts->notification_topic) || is_aborted(kafka, n))
            continue;
        /* "public.orders", or with the database before it. */
        const char *full = arena_printf(run->arena, "%s.%s", t->schema, t->name);
        size_t nn = strlen(name);
        size_t nf = strlen(full);
        if (nn >= nf && strcmp(name + nn - nf, full) == 0 && (nn == nf || name[nn - nf - 1] == '.'))
            return true;
    }
    return false;
}

/* Tables that nobody has read again since the gap. *all: how many are captured. */
static int tables_left(const struct rule_run *run, const struct connector_row *c, int64_t since_ms,
                       int *all)
{
    int left = 0;
    *all = 0;
    for (size_t i = 0; i < rule_pg(run)->ntables; i++) {
        const struct pg_table *t = slot_captured(run, c, i);
        if (t == NULL)
            continue;
        (*all)++;
        left += !is_read_again(run, c, t, since_ms);
    }
    return left;
}

/* A gap that was seen to open; nothing closes it but a snapshot. */
static void remembered(struct rule_run *run, const struct connector_row *c)
{
    const struct series *from = rule_series(run, "gap_from %s", c->base.name);
    const struct series *to = rule_series(run, "gap_to %s", c->base.name);
    struct point a;
    struct point b;
    int64_t ago = series_still_ms(to);
    bool reads = kv_find(c->connector->noffsets > 0 ? c->connector->offsets[0].values : NULL,
                         c->connector->noffsets > 0 ? c->connector->offsets[0].nvalues : 0,
                         "snapshot") != NULL;
    if (!series_at(from, 0, &a) || !series_at(to, 0, &b) || b.v <= a.v || reads ||
        ago > run->limits->gap_shown_ms || takes_snapshot_itself(c))
        return;
    int all = 0;
    int left = tables_left(run, c, run->world->wall_ms - ago, &all);
    if (all > 0 && left == 0)
        return;
    char size[HUMAN_SIZE];
    struct finding *f = rule_emit(
        run, c->base.name, "slot %s of %s has skipped up to %s of changes: they are in no topic",
        c->facts->slot_name, c->base.name, human_bytes(size, (int64_t)(b.v - a.v)));
    put_gap(run, f, "missing", (uint64_t)a.v, (uint64_t)b.v);
    rule_evidence(
        run, f,
        "noticed %s ago: the slot went on beyond the stored offset (made anew, or read by "
        "another)",
        human_duration_ms(size, ago));
    put_tables(run, f, c);
    if (all > left)
        rule_evidence(run, f, "read again since: %d of %d tables", all - left, all);
    rule_advise(run, f, "run a snapshot of its tables (blocking, or incremental with keys)");
    rule_remedy(f, ACTION_SNAPSHOT);
}

/* What the slot has confirmed cannot be sent again, and the connector has not stored it. */
static void ahead(struct rule_run *run, const struct connector_row *c)
{
    const struct series *s = rule_series(run, "ahead %s", c->base.name);
    const struct slot_row *slot = pipeline_slot(run->p, c->facts->slot_name);
    const char *strategy =
        kv_find(c->connector->config, c->connector->nconfig, "offset.mismatch.strategy");
    struct point now;
    struct point before;
    if (slot == NULL || !series_at(s, 0, &now) || !series_at(s, 1, &before) || now.v <= 0 ||
        before.v <= 0 || c->connector->lsn == LSN_NONE)
        return;
    char size[HUMAN_SIZE];
    struct finding *f = rule_emit(run, c->base.name,
                                  "slot %s is %s ahead of the offset of %s: they are in no topic",
                                  slot->base.name, human_bytes(size, (int64_t)now.v), c->base.name);
    put_gap(run, f, "missing", c->connector->lsn, c->connector->lsn + (uint64_t)now.v);
    rule_evidence(run, f,
                  "confirmed_flush_lsn > offset in two polls; offset.mismatch.strategy = %s",
                  strategy != NULL ? strategy : "no_validation (default)");
    put_tables(run, f, c);
    rule_advise(run, f, "run a snapshot of its tables (blocking, or incremental with keys)");
    rule_remedy(f, ACTION_SNAPSHOT);
}

static void gap(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        if (c->facts->role != CONNECTOR_SOURCE_POSTGRES || c->facts->slot_name == NULL)
            continue;
        size_t had = run->count;
        remembered(run, c);
        if (run->count == had)
            ahead(run, c);
    }
}

/* PostgreSQL's position is asked after Connect's offset was read, or it proves nothing. */
static bool is_later(const struct rule_run *run, const struct connector_row *c)
{
    const struct snapshot *pg = world_snap(run->world, run->index, SOURCE_POSTGRES);
    return c->connector->offsets_ms > 0 && pg->wall_ms >= c->connector->offsets_ms;
}

static void other_server(struct rule_run *run)
{
    const struct pg_snap *pg = rule_pg(run);
    const struct series *moved = rule_series(run, "moved");
    struct point p;
    bool changed = series_at(moved, 0, &p) && p.v > 0 &&
                   series_still_ms(moved) < run->limits->restart_recent_ms;
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        if (c->facts->role != CONNECTOR_SOURCE_POSTGRES || c->connector->lsn == LSN_NONE ||
            pg->lsn_now == LSN_NONE || pg->in_recovery == TRI_YES)
            continue;
        bool beyond = is_later(run, c) && c->connector->lsn > pg->lsn_now;
        if (!beyond && !changed)
            continue;
        char a[LSN_TEXT];
        char b[LSN_TEXT];
        struct finding *f = rule_emit(
            run, c->base.name, "the offset of %s is of another server or timeline", c->base.name);
        f->severity = beyond ? VERDICT_CRIT : VERDICT_WARN;
        rule_evidence(run, f, "offset %s, the server stands at %s",
                      lsn_text(c->connector->lsn, a, sizeof(a)),
                      lsn_text(pg->lsn_now, b, sizeof(b)));
        if (pg->timeline != UNKNOWN)
            rule_evidence(run, f, "timeline %d, system identifier %s%s", (int)pg->timeline,
                          pg->system_identifier != NULL ? pg->system_identifier : "unknown",
                          changed ? ": another than before" : "");
        rule_advise(run, f,
                    "stop it; delete its offsets and its slot, then start it: a new snapshot "
                    "(restore, failover or clone?)");
        rule_remedy(f, ACTION_STOP);
    }
}

/* What RDS says of it, where it is asked. */
static void put_event(struct rule_run *run, struct finding *f)
{
    char a[HUMAN_SIZE];
    const struct rds_event *e = rds_upset(run, 2 * run->limits->restart_recent_ms);
    if (e != NULL)
        rule_evidence(
            run, f, "RDS, %s ago: %s",
            human_age_ms(a, world_server_now(run->world, run->index, SOURCE_RDS) - e->at_ms),
            e->message);
}

/* A database that came back does not bring its connectors along: after about 10 s without it they
 * are FAILED, and stay so. */
static void restarted(struct rule_run *run)
{
    const struct pg_snap *pg = rule_pg(run);
    if (pg->started_ms <= 0)
        return;
    int64_t ago = world_server_now(run->world, run->index, SOURCE_POSTGRES) - pg->started_ms;
    if (ago < 0 || ago > run->limits->restart_recent_ms)
        return;
    char a[HUMAN_SIZE];
    char b[HUMAN_SIZE];
    human_duration_ms(a, ago);
    bool any = false;
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        if (c->facts->role != CONNECTOR_SOURCE_POSTGRES || !rule_trace_says(c, "P16"))
            continue;
        any = true;
        struct finding *f = rule_emit(
            run, c->base.name, "%s died when its database restarted %s ago", c->base.name, a);
        rule_evidence(run, f, "pg_postmaster_start_time() %s ago (looked at up to %s)", a,
                      human_duration_ms(b, run->limits->restart_recent_ms));
        rule_evidence(run, f, "cause: %s", c->cause);
        put_event(run, f);
        if (join_lacks_slot(run->p, c))
            rule_evidence(run, f, "its slot %s is gone: see P13", c->facts->slot_name);
        rule_advise(run, f, "the database answers again: restart its failed tasks");
        rule_remedy(f, ACTION_RESTART);
    }
    if (any || series_changes(rule_series(run, "started"), run->limits->restart_recent_ms) == 0)
        return;
    struct finding *f = rule_emit(run, pg->database != NULL ? pg->database : "postgres",
                                  "the database restarted %s ago", a);
    static const char *const nothing[] = {NULL};
    f->severity = VERDICT_INFO;
    f->folds = nothing; /* a remark is no cause */
    rule_evidence(run, f, "pg_postmaster_start_time() changed while it was watched");
    put_event(run, f);
    rule_advise(run, f, "see that every connector reads again");
}

const struct diag_rule rules_gap[] = {
    {.id = "P13",
     .severity = VERDICT_WARN,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_POSTGRES) | NEEDS(SOURCE_CONNECT),
     .eval = missing,
     .explains = {"C01", "C06", "C11", "C12", "C15", "C16", "C18", "D01", "D02", "D09"},
     .check = "SELECT * FROM pg_replication_slots on the server that the connector uses"},
    {.id = "P14",
     .severity = VERDICT_CRIT,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_POSTGRES) | NEEDS(SOURCE_CONNECT),
     .eval = gap,
     .check = "count the rows of a table that changed then against its topic"},
    {.id = "P15",
     .severity = VERDICT_WARN,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_POSTGRES) | NEEDS(SOURCE_CONNECT),
     .eval = other_server,
     .explains = {"C01", "P06", "P13", "P14", "C12"},
     .check = "was the database restored, cloned or failed over?"},
    {.id = "P16",
     .severity = VERDICT_CRIT,
     .hop = HOP_SOURCE,
     .needs = NEEDS(SOURCE_POSTGRES) | NEEDS(SOURCE_CONNECT),
     .eval = restarted,
     .explains = {"C01", "C02", "C06", "C18", "P04", "P06", "P28"}},
    {.id = NULL                                                                        },
};
