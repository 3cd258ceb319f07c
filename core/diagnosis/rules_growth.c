/* WAL that slots keep although their consumers confirm: open transactions, slow consumers, spill;
 * and the plain figure where none of these is the cause. */
#include "diagnosis/rules.h"

#include "base/human.h"
#include "diagnosis/slot_help.h"
#include "model/pg_session.h"

#include <math.h>
#include <string.h>

/* The oldest transaction with an id that is at least so old: one without has written nothing and
 * pins no restart_lsn. */
static const struct pg_holder *pin(const struct rule_run *run, int64_t older_than)
{
    const struct pg_snap *pg = rule_pg(run);
    int64_t now = world_server_now(run->world, run->index, SOURCE_POSTGRES);
    for (size_t i = 0; i < pg->nholders; i++) {
        const struct pg_holder *h = &pg->holders[i];
        if (h->xid_age != UNKNOWN && h->xact_start_ms != UNKNOWN &&
            now - h->xact_start_ms >= older_than)
            return h;
    }
    return NULL;
}

static void put_holder(struct rule_run *run, struct finding *f, const struct pg_holder *h)
{
    char a[HUMAN_SIZE];
    int64_t age = world_server_now(run->world, run->index, SOURCE_POSTGRES) - h->xact_start_ms;
    const char *user = h->user != NULL ? h->user : "unknown";
    human_duration_ms(a, age);
    if (h->gid != NULL) {
        rule_evidence(run, f, "prepared transaction %s of %s, %s old", h->gid, user, a);
        rule_advise(run, f, "COMMIT PREPARED '%s' or ROLLBACK PREPARED '%s', in its database",
                    h->gid, h->gid);
        return;
    }
    rule_evidence(run, f, "pid %d of %s (%s), %s, open for %s", h->pid, user,
                  h->application_name != NULL && h->application_name[0] != '\0'
                      ? h->application_name
                      : "no application_name",
                  h->state != NULL ? h->state : "state hidden", a);
    rule_evidence(run, f, "query: %s",
                  h->query != NULL ? rule_brief(run, h->query, 120) : "hidden");
    rule_advise(run, f, "let %s end it; else SELECT pg_terminate_backend(%d)", user, h->pid);
    rule_terminate(run, f, h->pid);
}

static void pinned(struct rule_run *run)
{
    enum { STEP_MS = 60 * 1000 };
    for (size_t i = 0; i < run->p->nslots; i++) {
        const struct slot_row *s = &run->p->slots[i];
        int64_t still = slot_still_ms(run, "restart", s);
        if (s->slot->active != TRI_YES || !slot_is_logical(s) ||
            still < run->limits->slot_pinned_ms ||
            series_changes(rule_series(run, "confirmed %s", s->base.name), still) == 0)
            continue;
        /* restart_lsn moves in steps, the last one may lie before the transaction began. */
        const struct pg_holder *h = pin(run, still - (still / 2 < STEP_MS ? still / 2 : STEP_MS));
        if (h == NULL)
            continue;
        char a[HUMAN_SIZE];
        char b[HUMAN_SIZE];
        struct finding *f =
            h->gid != NULL
                ? rule_emit(run, s->base.name, "prepared transaction %s holds slot %s back: %s",
                            h->gid, s->base.name, human_bytes(a, s->retained))
                : rule_emit(run, s->base.name, "transaction of pid %d (%s) holds slot %s back: %s",
                            h->pid, h->user != NULL ? h->user : "unknown", s->base.name,
                            human_bytes(a, s->retained));
        f->severity = slot_loudness(run, s);
        put_holder(run, f, h);
        rule_evidence(run, f, "restart_lsn unchanged for %s (threshold %s), confirmed moves",
                      human_duration_ms(a, still),
                      human_duration_ms(b, run->limits->slot_pinned_ms));
        slot_put_retained(run, f, s);
    }
}

/* The consumer works, but slower than the server writes. */
static bool slow(const struct rule_run *run, const struct slot_row *s, double *wal, double *done)
{
    int64_t window = run->limits->slot_slow_ms;
    if (s->slot->active != TRI_YES || !slot_is_logical(s) || s->behind == UNKNOWN ||
        s->behind < run->limits->slot_stall_wal || !slot_falls_back(run, s))
        return false;
    *wal = series_rate(rule_series(run, "wal"), window);
    *done = series_rate(rule_series(run, "confirmed %s", s->base.name), window);
    return *done > 0 && *wal > *done;
}

static void too_slow(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nslots; i++) {
        const struct slot_row *s = &run->p->slots[i];
        double wal, done;
        if (!slow(run, s, &wal, &done))
            continue;
        char a[HUMAN_SIZE];
        char b[HUMAN_SIZE];
        char c[HUMAN_SIZE];
        struct finding *f =
            rule_emit(run, s->base.name, "slot %s is read slower than the server writes: %s behind",
                      s->base.name, human_bytes(a, s->behind));
        f->severity = slot_loudness(run, s);
        rule_evidence(run, f, "written %s, confirmed %s over %s (threshold)",
                      human_byte_rate(a, wal), human_byte_rate(b, done),
                      human_duration_ms(c, run->limits->slot_slow_ms));
        /* Were the writes to stop now. */
        struct projection p = series_project(rule_series(run, "confirmed %s", s->base.name),
                                             (double)s->behind, 1, run->limits->slot_slow_ms);
        const char *range = slot_range(run, &p);
        if (range != NULL)
            rule_evidence(run, f, "est. catch-up: never at these rates; in %s once the writes stop",
                          range);
        slot_put_retained(run, f, s);
        rule_advise(run, f,
                    "look at Kafka's produce latency, max.batch.size and max.queue.size, the "
                    "worker's CPU");
    }
}

static void spills(struct rule_run *run)
{
    enum { WINDOW_MS = 60 * 1000 };
    for (size_t i = 0; i < run->p->nslots; i++) {
        const struct slot_row *s = &run->p->slots[i];
        double rate = series_rate(rule_series(run, "spill %s", s->base.name), WINDOW_MS);
        double wal, done;
        if (!(rate > 0)) /* NAN too */
            continue;
        const struct pg_snap *pg = rule_pg(run);
        const char *mem = kv_find(pg->settings, pg->nsettings, "logical_decoding_work_mem");
        char a[HUMAN_SIZE];
        char b[HUMAN_SIZE];
        struct finding *f = rule_emit(run, s->base.name,
                                      "decoding for slot %s spills large transactions to disk: %s",
                                      s->base.name, human_byte_rate(a, rate));
        /* By itself it is how bulk jobs are read. */
        f->severity = slow(run, s, &wal, &done) ? slot_loudness(run, s) : VERDICT_INFO;
        rule_evidence(run, f, "spilled so far: %s in %s transactions",
                      human_bytes(a, s->slot->spill_bytes), human_count(b, s->slot->spill_txns));
        rule_evidence(run, f, "logical_decoding_work_mem = %s", mem != NULL ? mem : "unknown");
        rule_advise(run, f, "raise logical_decoding_work_mem, or split the bulk job");
    }
}

/* The largest figure that no connector of ours is the reason of. */
static void foreign(struct rule_run *run)
{
    const struct slot_row *worst = NULL;
    for (size_t i = 0; i < run->p->nslots; i++) {
        const struct slot_row *s = &run->p->slots[i];
        if (s->retained != UNKNOWN && (worst == NULL || s->retained > worst->retained))
            worst = s;
    }
    if (worst == NULL || worst->retained < run->limits->retained_warn || slot_is_lost(worst))
        return;
    const struct pg_walsender *w = worst->slot->walsender;
    bool debezium = w != NULL && w->application_name != NULL &&
                    strncmp(w->application_name, "Debezium", 8) == 0;
    bool theirs = worst->slot->active == TRI_YES && worst->owner == NULL && !debezium;
    bool synced = worst->slot->synced == TRI_YES;
    if (slot_is_logical(worst) && !synced && !theirs)
        return;
    char a[HUMAN_SIZE];
    struct finding *f = rule_emit(
        run, worst->base.name, "most WAL is kept by %s slot %s, which is not of this pipeline: %s",
        !slot_is_logical(worst) ? "physical"
        : synced                ? "synchronised"
                                : "another reader's",
        worst->base.name, human_bytes(a, worst->retained));
    f->severity = worst->retained >= run->limits->retained_crit ? VERDICT_WARN : VERDICT_INFO;
    rule_evidence(run, f, "slot_type = %s, plugin = %s, active = %s",
                  worst->slot->type != NULL ? worst->slot->type : "unknown",
                  worst->slot->plugin != NULL ? worst->slot->plugin : "none",
                  worst->slot->active == TRI_YES ? slot_reader(run, worst) : "no");
    slot_put_retained(run, f, worst);
    rule_advise(run, f,
                "tell its owner (a replica, a subscription, blue/green, DMS); never drop it from "
                "here");
}

/* The plain figure: a warning before the disk is full, whatever the reason. */
static void retains(struct rule_run *run)
{
    enum { WINDOW_MS = 60 * 1000 };
    for (size_t i = 0; i < run->p->nslots; i++) {
        const struct slot_row *s = &run->p->slots[i];
        if (slot_is_lost(s) || s->retained == UNKNOWN || s->retained < run->limits->retained_warn)
            continue;
        char a[HUMAN_SIZE];
        char b[HUMAN_SIZE];
        struct finding *f = rule_emit(run, s->base.name, "slot %s retains %s of WAL", s->base.name,
                                      human_bytes(a, s->retained));
        f->severity = slot_loudness(run, s);
        slot_put_retained(run, f, s);
        if (s->slot->active == TRI_YES)
            rule_evidence(run, f, "read by %s", slot_reader(run, s));
        struct projection p = series_project(rule_series(run, "unconfirmed %s", s->base.name),
                                             (double)s->behind, -1, WINDOW_MS);
        const char *range = s->behind != UNKNOWN ? slot_range(run, &p) : NULL;
        if (range != NULL)
            rule_evidence(run, f, "est. caught up in %s: %s behind, shrinking by %s", range,
                          human_bytes(a, s->behind), human_byte_rate(b, p.per_s));
        rule_advise(run, f, "see what pins restart_lsn: open the slot (Enter)");
    }
}

/* Vacuum of the catalogs waits for it, up to the wraparound. */
static void old_xmin(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nslots; i++) {
        const struct slot_row *s = &run->p->slots[i];
        int64_t age = s->slot->catalog_xmin_age;
        if (slot_is_lost(s) || age == UNKNOWN || age < run->limits->catalog_xmin_warn)
            continue;
        char a[HUMAN_SIZE];
        char b[HUMAN_SIZE];
        char c[HUMAN_SIZE];
        struct finding *f =
            rule_emit(run, s->base.name, "slot %s holds back vacuum: catalog_xmin is %s old",
                      s->base.name, human_count(a, age));
        f->severity = age >= run->limits->catalog_xmin_crit ? VERDICT_CRIT : VERDICT_WARN;
        rule_evidence(run, f,
                      "age(catalog_xmin) = %s transactions (warning from %s, critical from %s)", a,
                      human_count(b, run->limits->catalog_xmin_warn),
                      human_count(c, run->limits->catalog_xmin_crit));
        rule_advise(run, f, "let its consumer read on, or drop it if nobody needs it");
    }
}

#define GROWTH "P17", "P18", "P31", "P35"

const struct diag_rule rules_growth[] = {
    {.id = "P09",
     .severity = VERDICT_WARN,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_POSTGRES),
     .eval = pinned,
     .explains = {"P10", "P11", GROWTH},
     .check = "SELECT * FROM pg_stat_activity (pg_prepared_xacts): is it still needed?"},
    {.id = "P10",
     .severity = VERDICT_WARN,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_POSTGRES),
     .eval = too_slow,
     .explains = {GROWTH}},
    {.id = "P11",
     .severity = VERDICT_INFO,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_POSTGRES),
     .eval = spills,
     .explains = {"P10"},
     .confidence = CONFIDENCE_MEDIUM,
     .check = "pg_stat_replication_slots: does spill_bytes rise while it falls behind?"},
    {.id = "P17",
     .severity = VERDICT_WARN,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_POSTGRES),
     .eval = old_xmin},
    {.id = "P30",
     .severity = VERDICT_INFO,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_POSTGRES) | NEEDS(SOURCE_CONNECT),
     .eval = foreign,
     .explains = {GROWTH}},
    {.id = "P31",
     .severity = VERDICT_WARN,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_POSTGRES),
     .eval = retains},
    {.id = NULL                                                                  },
};
