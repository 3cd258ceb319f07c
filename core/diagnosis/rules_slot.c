/* Who reads a slot: nobody, the wrong one, one that comes and goes; and whether there is room for
 * slots at all. Signatures: PostgreSQL's own columns, and what Connect says about the owner. */
#include "diagnosis/rules.h"

#include "base/human.h"
#include "base/lsn.h"
#include "diagnosis/rules_rds.h"
#include "diagnosis/slot_help.h"

#include <stdlib.h>
#include <string.h>

/* A restart of the walsender heals in about 11 s. */
enum { ZOMBIE_WARN_MS = 15 * 1000, ZOMBIE_GRACE_MS = 30 * 1000, BRIEF = 60, MAKING_MS = 5000 };

static void wal_level(struct rule_run *run)
{
    const struct pg_snap *pg = rule_pg(run);
    if (pg->wal_level == NULL || strcmp(pg->wal_level, "logical") == 0)
        return;
    const char *rds = kv_find(pg->settings, pg->nsettings, "rds.logical_replication");
    struct finding *f =
        rule_emit(run, "wal_level", "wal_level is %s: logical decoding is off", pg->wal_level);
    rule_evidence(run, f, "wal_level = %s (needs logical)%s%s", pg->wal_level,
                  rds != NULL ? ", rds.logical_replication = " : "", rds != NULL ? rds : "");
    rule_advise(run, f, "set wal_level = logical (RDS: rds.logical_replication = 1) and restart");
    const char *group = NULL;
    const struct rds_snap *told = rule_rds(run);
    const struct rds_instance *waits = told != NULL ? rds_waits_for_reboot(told, &group) : NULL;
    if (waits == NULL)
        return;
    rule_evidence(run, f, "parameter group %s of %s: pending-reboot", group, waits->id);
    rule_advise(run, f,
                "reboot %s: its parameter group %s has changes that wait for it (where they have "
                "rds.logical_replication = 1)",
                waits->id, group);
}

static void orphan(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nslots; i++) {
        const struct slot_row *s = &run->p->slots[i];
        if (s->slot->active != TRI_NO || s->owner != NULL || !slot_is_logical(s) ||
            s->slot->synced == TRI_YES || slot_is_lost(s) ||
            s->idle_ms < run->limits->slot_idle_crit_ms)
            continue;
        char a[HUMAN_SIZE];
        char b[HUMAN_SIZE];
        struct finding *f = rule_emit(run, s->base.name, "slot %s: no owner, idle %s%s, retains %s",
                                      s->base.name, s->idle_at_least ? "≥" : "",
                                      human_age_ms(a, s->idle_ms), human_bytes(b, s->retained));
        f->severity = slot_loudness(run, s);
        rule_evidence(run, f,
                      "active = f (threshold %s), and no connector that cdctop sees names it",
                      human_duration_ms(a, run->limits->slot_idle_crit_ms));
        slot_put_retained(run, f, s);
        const char *disk = rds_disk_warning(run);
        rule_advise(run, f, "%sdropping frees %s%s; another Connect cluster could still own it",
                    disk, human_bytes(b, s->retained),
                    disk[0] == '\0' ? " after the next checkpoint" : "");
        rule_remedy(f, ACTION_DROP_SLOT);
    }
}

static void consumer_dead(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nslots; i++) {
        const struct slot_row *s = &run->p->slots[i];
        const struct connector_row *c = rule_owner_of(run, s);
        if (s->slot->active != TRI_NO || c == NULL || c->failed == 0)
            continue;
        char a[HUMAN_SIZE];
        struct finding *f =
            rule_emit(run, c->base.name, "%s failed%s%s; slot %s piles up WAL (%s)", c->base.name,
                      c->cause[0] != '\0' ? ": " : "", rule_brief(run, c->cause, BRIEF),
                      s->base.name, human_bytes(a, s->retained));
        if (c->cause[0] != '\0')
            rule_evidence(run, f, "cause: %s", c->cause);
        rule_evidence(run, f, "slot active = f, %s", rule_failed_text(run, c));
        slot_put_retained(run, f, s);
        rule_advise(run, f, "%s", rule_cause_advice(c->cause));
        rule_remedy(f, ACTION_RESTART);
    }
}

static void paused(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nslots; i++) {
        const struct slot_row *s = &run->p->slots[i];
        const struct connector_row *c = rule_owner_of(run, s);
        bool meant = slot_owner_is(s, "STOPPED") || slot_owner_is(s, "PAUSED");
        bool much = s->retained != UNKNOWN && s->retained >= run->limits->retained_warn;
        bool soon = s->lost_in_ms != UNKNOWN && s->lost_in_ms < run->limits->lost_in_warn_ms;
        if (c == NULL || !meant || slot_is_lost(s))
            continue;
        char a[HUMAN_SIZE];
        struct finding *f = rule_emit(
            run, c->base.name, "%s is %s: nothing is captured, slot %s%s keeps WAL (%s)",
            c->base.name, s->owner->state, s->base.name,
            s->claim == CLAIM_FITS ? " (it may be its own)" : "", human_bytes(a, s->retained));
        if (s->claim != CLAIM_NAMED)
            f->confidence = CONFIDENCE_MEDIUM;
        f->severity = much || soon ? slot_loudness(run, s) : VERDICT_INFO;
        slot_put_retained(run, f, s);
        rule_advise(run, f, "continue it, or accept that the database's disk fills");
        rule_remedy(f, ACTION_CONTINUE);
    }
}

/* How long Debezium itself looks for its slot before it gives up: 6 times, 10 s apart. */
static int64_t retries_ms(const struct connector_row *c)
{
    static const struct {
        const char *key;
        long usual;
    } settings[] = {
        {"slot.max.retries",    6        },
        {"slot.retry.delay.ms", 10 * 1000},
    };
    int64_t product = 1;
    for (size_t i = 0; i < 2; i++) {
        const char *text = kv_find(c->connector->config, c->connector->nconfig, settings[i].key);
        long n = text != NULL ? strtol(text, NULL, 10) : settings[i].usual;
        product *= n > 0 && n < 24 * 3600 * 1000L ? n : settings[i].usual;
    }
    return product;
}

static void zombie(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nslots; i++) {
        const struct slot_row *s = &run->p->slots[i];
        const struct connector_row *c = rule_owner_of(run, s);
        /* When a task of DMS comes to read its slot is not told: it may still be loading. */
        if (s->slot->active != TRI_NO || c == NULL || c->connector->dms != NULL ||
            !slot_owner_runs(run, s) || s->idle_ms < ZOMBIE_WARN_MS || slot_is_lost(s) ||
            rule_snapshot_halts(run, c))
            continue;
        char a[HUMAN_SIZE];
        int64_t patience = retries_ms(c) + ZOMBIE_GRACE_MS;
        struct finding *f =
            rule_emit(run, c->base.name, "%s says RUNNING, but nobody reads slot %s for %s",
                      c->base.name, s->base.name, human_age_ms(a, s->idle_ms));
        rule_evidence(run, f, "slot active = f, connector %s, %s", c->connector->state,
                      pipeline_tasks_text(run->arena, c));
        if (s->idle_ms < patience) {
            f->severity = VERDICT_WARN;
            rule_advise(run, f, "it tries again by itself: wait until this is %s old",
                        human_duration_ms(a, patience));
            continue;
        }
        rule_advise(run, f, "restart all of it; if that does not help, read the worker's log");
        rule_remedy(f, ACTION_RESTART);
    }
}

/* ---- more than one reader ---- */

/* The other connector that names the same slot of the same database and means to read it; NULL. */
static const struct connector_row *rival_of(const struct rule_run *run,
                                            const struct connector_row *c)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *o = &run->p->connectors[i];
        const char *a = c->facts->db_name;
        const char *b = o->facts->db_name;
        if (o != c && o->facts->role == CONNECTOR_SOURCE_POSTGRES && o->facts->slot_name != NULL &&
            strcmp(o->facts->slot_name, c->facts->slot_name) == 0 &&
            rule_connector_is(o, "RUNNING") && (a == NULL || b == NULL || strcmp(a, b) == 0))
            return o;
    }
    return NULL;
}

static bool is_debezium(const struct pg_walsender *w)
{
    return w->application_name != NULL && strncmp(w->application_name, "Debezium", 8) == 0;
}

/* Somebody else's session? The name of Debezium's own can be set to anything in its config, the
 * user of it cannot. */
static bool is_stranger(const struct pg_walsender *w, const struct connector_facts *facts)
{
    bool tool = w->application_name != NULL && strncmp(w->application_name, "pg_recv", 7) == 0;
    bool same_user =
        w->user == NULL || (facts->db_user != NULL && strcmp(w->user, facts->db_user) == 0);
    return !is_debezium(w) && (tool || !same_user);
}

/* What a second reader looks like (Debezium 2.7.4): RUNNING for two minutes and more, while it
 * tries again and again; its task may fail in the end with the other's pid in its trace. */
static void two_readers(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        if (c->facts->role != CONNECTOR_SOURCE_POSTGRES || c->facts->slot_name == NULL)
            continue;
        const struct slot_row *s = pipeline_slot(run->p, c->facts->slot_name);
        bool traced = rule_trace_says(c, "P12");
        const struct connector_row *rival =
            rule_connector_is(c, "RUNNING") ? rival_of(run, c) : NULL;
        const struct pg_walsender *w = s != NULL ? s->slot->walsender : NULL;
        bool stranger = w != NULL && is_stranger(w, c->facts) && rule_connector_is(c, "RUNNING");
        /* Of two rivals only the first by name is spoken of, or the one that failed. */
        bool other_speaks =
            rival != NULL && !traced && (rule_trace_says(rival, "P12") || rival < c);
        if (s == NULL || slot_is_lost(s) || other_speaks || (!traced && rival == NULL && !stranger))
            continue;
        struct finding *f =
            rival != NULL ? rule_emit(run, c->base.name, "%s and %s want the same slot %s",
                                      c->base.name, rival->base.name, s->base.name)
            : s->slot->active == TRI_YES
                ? rule_emit(run, c->base.name, "slot %s is read by %s, not by %s", s->base.name,
                            slot_reader(run, s), c->base.name)
                : rule_emit(run, c->base.name, "%s failed: its slot %s had another reader",
                            c->base.name, s->base.name);
        if (s->slot->active == TRI_YES)
            rule_evidence(run, f, "active_pid: %s", slot_reader(run, s));
        else
            rule_evidence(run, f, "slot active = f: nobody reads it now");
        if (traced)
            rule_evidence(run, f, "cause: %s", c->cause);
        if (rival != NULL)
            rule_advise(run, f, "give one of them a slot.name of its own");
        else if (s->slot->active == TRI_YES)
            rule_advise(run, f,
                        "end that reader; a dead one goes by itself after wal_sender_timeout");
        else
            rule_advise(run, f, "the other reader is gone: restart it");
        if (traced && rival == NULL)
            rule_remedy(f, ACTION_RESTART);
    }
}

static void flapping(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nslots; i++) {
        const struct slot_row *s = &run->p->slots[i];
        int n = series_changes(rule_series(run, "sender %s", s->base.name),
                               run->limits->walsender_flap_ms);
        if (n < run->limits->walsender_flaps)
            continue;
        const struct pg_snap *pg = rule_pg(run);
        char a[HUMAN_SIZE];
        human_duration_ms(a, run->limits->walsender_flap_ms);
        struct finding *f =
            rule_emit(run, s->base.name, "the reader of slot %s came anew %d times in %s",
                      s->base.name, n, a);
        rule_evidence(run, f,
                      "backend_start of its walsender changed %d times in %s (threshold %d)", n, a,
                      (int)run->limits->walsender_flaps);
        if (pg->wal_sender_timeout_ms != UNKNOWN)
            rule_evidence(run, f, "wal_sender_timeout = %s",
                          human_duration_ms(a, pg->wal_sender_timeout_ms));
        rule_advise(run, f,
                    "look at wal_sender_timeout, status.update.interval.ms, idle time-outs of "
                    "load balancers between, and the worker's log");
    }
}

/* ---- room for slots ---- */

static void say_full(struct rule_run *run, const char *what, size_t n, int64_t max)
{
    bool harm = false;
    for (size_t i = 0; i < run->p->nconnectors; i++)
        harm = harm || rule_trace_says(&run->p->connectors[i], "P24");
    struct finding *f = rule_emit(run, what, "%s is used up: %zu of %d", what, n, (int)max);
    f->severity = harm ? VERDICT_CRIT : VERDICT_WARN;
    rule_evidence(run, f, "%zu in use, %s = %d", n, what, (int)max);
    const struct slot_row *stale = NULL;
    for (size_t i = 0; i < run->p->nslots; i++) {
        const struct slot_row *s = &run->p->slots[i];
        if (s->slot->active == TRI_NO && s->owner == NULL && s->slot->synced != TRI_YES &&
            slot_is_logical(s) && (stale == NULL || s->idle_ms > stale->idle_ms))
            stale = s;
    }
    char a[HUMAN_SIZE];
    if (stale != NULL)
        rule_evidence(run, f, "idle without an owner: %s, %s%s", stale->base.name,
                      stale->idle_at_least ? "≥" : "", human_age_ms(a, stale->idle_ms));
    rule_advise(run, f, "%sraise %s (a restart)",
                stale != NULL ? "drop what nobody needs, or " : "end what is not needed, or ",
                what);
}

/* The trace comes first from a connector that wants a new one; by then it is too late. */
static void quota(struct rule_run *run)
{
    const struct pg_snap *pg = rule_pg(run);
    if (pg->max_replication_slots > 0 && (int64_t)pg->nslots >= pg->max_replication_slots)
        say_full(run, "max_replication_slots", pg->nslots, pg->max_replication_slots);
    if (pg->max_wal_senders > 0 && (int64_t)pg->nwalsenders >= pg->max_wal_senders)
        say_full(run, "max_wal_senders", pg->nwalsenders, pg->max_wal_senders);
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        if (!rule_trace_says(c, "P24") || (int64_t)pg->nslots >= pg->max_replication_slots ||
            (int64_t)pg->nwalsenders >= pg->max_wal_senders)
            continue;
        struct finding *f =
            rule_emit(run, c->base.name,
                      "%s failed for want of a slot or walsender; there is room now", c->base.name);
        rule_evidence(run, f, "cause: %s", c->cause);
        rule_advise(run, f, "restart its failed tasks");
        rule_remedy(f, ACTION_RESTART);
    }
}

/* A slot can only begin when every transaction that was open has ended. */
static void in_the_making(struct rule_run *run)
{
    const struct pg_snap *pg = rule_pg(run);
    const struct pg_holder *oldest = NULL;
    for (size_t i = 0; i < pg->nholders && oldest == NULL; i++) {
        if (pg->holders[i].xid_age != UNKNOWN && pg->holders[i].xact_start_ms != UNKNOWN)
            oldest = &pg->holders[i];
    }
    for (size_t i = 0; i < run->p->nslots && oldest != NULL; i++) {
        const struct slot_row *s = &run->p->slots[i];
        if (!slot_is_logical(s) || s->slot->confirmed_flush_lsn != LSN_NONE || slot_is_lost(s))
            continue;
        char a[HUMAN_SIZE];
        human_duration_ms(a, world_server_now(run->world, run->index, SOURCE_POSTGRES) -
                                 oldest->xact_start_ms);
        const char *who = oldest->gid != NULL
                              ? arena_printf(run->arena, "prepared transaction %s", oldest->gid)
                              : arena_printf(run->arena, "pid %d of %s", oldest->pid,
                                             oldest->user != NULL ? oldest->user : "unknown");
        struct finding *f =
            rule_emit(run, s->base.name, "slot %s waits for %s to begin", s->base.name, who);
        rule_evidence(run, f, "confirmed_flush_lsn is NULL: the slot is still being made");
        rule_evidence(run, f, "open for %s: %s", a,
                      oldest->query != NULL ? rule_brief(run, oldest->query, 100) : "query hidden");
        rule_advise(run, f, "end that transaction; nothing is captured before");
    }
}

static void idle_timeout(struct rule_run *run)
{
    int64_t limit = rule_pg(run)->idle_replication_slot_timeout_ms;
    for (size_t i = 0; i < run->p->nslots && limit != UNKNOWN && limit > 0; i++) {
        const struct slot_row *s = &run->p->slots[i];
        if (s->slot->active != TRI_NO || slot_is_lost(s) || s->slot->synced == TRI_YES ||
            s->idle_ms / 100 * 100 < limit / 100 * run->limits->idle_timeout_used_pct)
            continue;
        char a[HUMAN_SIZE];
        char b[HUMAN_SIZE];
        int64_t left = limit - s->idle_ms;
        struct finding *f =
            left > 0
                ? rule_emit(run, s->base.name, "slot %s will be invalidated for idleness in %s",
                            s->base.name, human_duration_ms(a, left))
                : rule_emit(run, s->base.name,
                            "slot %s will be invalidated at the next checkpoint: idle too long",
                            s->base.name);
        rule_evidence(run, f,
                      "idle for %s of idle_replication_slot_timeout = %s (warning from %d %%)",
                      human_duration_ms(a, s->idle_ms), human_duration_ms(b, limit),
                      (int)run->limits->idle_timeout_used_pct);
        rule_advise(run, f, "%s %s before then, or raise idle_replication_slot_timeout (a reload)",
                    s->owner != NULL ? "start" : "connect",
                    s->owner != NULL ? s->owner->name : "its consumer");
        const struct connector_row *c = rule_owner_of(run, s);
        if (c != NULL && (slot_owner_is(s, "STOPPED") || slot_owner_is(s, "PAUSED")))
            rule_remedy_on(f, ACTION_CONTINUE, c->base.name);
    }
}

/* The figures that follow from a slot that nobody reads. */
#define GROWTH "P10", "P17", "P18", "P31", "P35"
#define BOTH   (NEEDS(SOURCE_POSTGRES) | NEEDS(SOURCE_CONNECT))

const struct diag_rule rules_slot[] = {
    {.id = "P25",
     .severity = VERDICT_CRIT,
     .hop = HOP_SOURCE,
     .needs = NEEDS(SOURCE_POSTGRES),
     .eval = wal_level,
     .explains = {"C01", "C02", "C06", "C18", "P04", "P06", "P13"}},
    {.id = "P24",
     .severity = VERDICT_CRIT,
     .hop = HOP_SOURCE,
     .needs = BOTH,
     .eval = quota,
     .explains = {"C01", "C02", "C06", "C11", "C18", "P04", "P06", "P13"}},
    {.id = "P03",
     .severity = VERDICT_WARN,
     .hop = HOP_SLOT,
     .needs = BOTH,
     .eval = orphan,
     .explains = {"P29", GROWTH},
     .confidence = CONFIDENCE_MEDIUM,
     .check = "does a connector of another Connect cluster, DMS or a subscription use it?"},
    {.id = "P04",
     .severity = VERDICT_CRIT,
     .hop = HOP_SLOT,
     .needs = BOTH,
     .eval = consumer_dead,
     .explains = {"C01", "C12", "P29", GROWTH}},
    {.id = "P05",
     .severity = VERDICT_WARN,
     .hop = HOP_SLOT,
     .needs = BOTH,
     .eval = paused,
     .explains = {"P07", "P08", GROWTH}},
    {.id = "P06",
     .severity = VERDICT_CRIT,
     .hop = HOP_SLOT,
     .needs = BOTH,
     .eval = zombie,
     .explains = {"C12", "P29", GROWTH}},
    {.id = "P12",
     .severity = VERDICT_CRIT,
     .hop = HOP_SLOT,
     .needs = BOTH,
     .eval = two_readers,
     .explains = {"C01", "C06", "C12", "C15", "C16", "C18", "P04", "P06", "P28", "P07", "P08",
                  GROWTH}},
    {.id = "P26",
     .severity = VERDICT_WARN,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_POSTGRES),
     .eval = in_the_making,
     .explains = {"C11", "C12", "P06", "P14"},
     .hold_ms = MAKING_MS},
    {.id = "P28",
     .severity = VERDICT_WARN,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_POSTGRES),
     .eval = flapping,
     .explains = {"P06"}},
    {.id = "P29",
     .severity = VERDICT_WARN,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_POSTGRES),
     .eval = idle_timeout,
     .explains = {"P05"}},
    {.id = NULL                                     },
};
