/* Replication slots: lost, about to be lost, orphaned, unread. Signatures: PostgreSQL's own
 * columns, and what Connect says about the owner. */
#include "diagnosis/rules.h"

#include "base/human.h"
#include "base/lsn.h"
#include "base/utf8.h"
#include "model/join.h"

#include <string.h>

/* Debezium looks for its slot 6 times, 10 s apart, before it gives up; a restart of the walsender
 * heals in about 11 s. */
enum { ZOMBIE_WARN_MS = 15 * 1000, ZOMBIE_MS = 90 * 1000 };

static bool owner_state(const struct slot_row *s, const char *state)
{
    return s->owner != NULL && s->owner->state != NULL && strcmp(s->owner->state, state) == 0;
}

static void wal_level(struct rule_run *run)
{
    const struct snapshot *snap = world_snap(run->world, run->index, SOURCE_POSTGRES);
    if (snap->pg.wal_level == NULL || strcmp(snap->pg.wal_level, "logical") == 0)
        return;
    struct finding *f =
        rule_emit(run, "wal_level", "wal_level is %s: logical decoding is off", snap->pg.wal_level);
    rule_advise(run, f, "set wal_level = logical (RDS: rds.logical_replication = 1) and restart");
}

static void lost(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nslots; i++) {
        const struct slot_row *s = &run->p->slots[i];
        if (strcmp(s->state, "lost") != 0)
            continue;
        struct finding *f = rule_emit(
            run, s->base.name, "slot %s is lost: the WAL it needs was removed", s->base.name);
        rule_evidence(run, f, "wal_status = %s",
                      s->slot->wal_status != NULL ? s->slot->wal_status : "unknown");
        if (s->slot->invalidation_reason != NULL)
            rule_evidence(run, f, "invalidation_reason = %s", s->slot->invalidation_reason);
        if (s->owner == NULL) {
            rule_advise(run, f, "nobody uses it: drop it");
            rule_remedy(f, ACTION_DROP_SLOT);
            continue;
        }
        rule_advise(run, f,
                    "stop %s, delete its offsets, drop the slot, resume: a new snapshot; changes "
                    "in between are in no topic",
                    s->owner->name);
    }
}

static void unreserved(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nslots; i++) {
        const struct slot_row *s = &run->p->slots[i];
        bool below = s->slot->safe_wal_size != UNKNOWN && s->slot->safe_wal_size <= 0;
        if (strcmp(s->state, "lost") == 0 || (!below && strcmp(s->state, "unreserved") != 0))
            continue;
        struct finding *f = rule_emit(run, s->base.name,
                                      "slot %s will be lost at the next checkpoint", s->base.name);
        char a[HUMAN_SIZE];
        rule_evidence(run, f, "wal_status = %s, safe_wal_size = %s",
                      s->slot->wal_status != NULL ? s->slot->wal_status : "unknown",
                      human_bytes(a, s->slot->safe_wal_size));
        rule_advise(run, f, "%s %s now, or raise max_slot_wal_keep_size (a reload is enough)",
                    s->slot->active == TRI_YES ? "let drain" : "start",
                    s->owner != NULL ? s->owner->name : "its consumer");
    }
}

static void orphan(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nslots; i++) {
        const struct slot_row *s = &run->p->slots[i];
        bool physical = s->slot->type == NULL || strcmp(s->slot->type, "logical") != 0;
        if (s->slot->active != TRI_NO || s->owner != NULL || physical ||
            s->slot->synced == TRI_YES || strcmp(s->state, "lost") == 0 ||
            s->idle_ms < run->limits->slot_idle_crit_ms)
            continue;
        char a[HUMAN_SIZE];
        char b[HUMAN_SIZE];
        struct finding *f = rule_emit(run, s->base.name, "slot %s: no owner, idle %s%s, retains %s",
                                      s->base.name, s->idle_at_least ? "≥" : "",
                                      human_age_ms(a, s->idle_ms), human_bytes(b, s->retained));
        bool loud = s->retained != UNKNOWN && s->retained >= run->limits->retained_crit;
        f->severity = loud ? VERDICT_CRIT : VERDICT_WARN;
        rule_evidence(run, f, "active = f, and no connector that cdctop sees names it");
        rule_advise(run, f,
                    "dropping frees %s after the next checkpoint; another Connect cluster "
                    "could still own it",
                    human_bytes(b, s->retained));
        rule_remedy(f, ACTION_DROP_SLOT);
    }
}

/* A root cause as far as it fits into a title. */
static const char *brief(const struct rule_run *run, const char *cause)
{
    enum { BRIEF = 60 };
    char text[BRIEF + 8];
    utf8_fit(text, sizeof(text), cause, BRIEF, false);
    return arena_strdup(run->arena, text);
}

static void consumer_dead(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nslots; i++) {
        const struct slot_row *s = &run->p->slots[i];
        const struct connector_row *c =
            s->owner != NULL ? pipeline_connector(run->p, s->owner->name) : NULL;
        if (s->slot->active != TRI_NO || c == NULL || c->failed == 0)
            continue;
        char a[HUMAN_SIZE];
        struct finding *f =
            rule_emit(run, c->base.name, "%s failed%s%s; slot %s piles up WAL (%s)", c->base.name,
                      c->cause[0] != '\0' ? ": " : "", brief(run, c->cause), s->base.name,
                      human_bytes(a, s->retained));
        if (c->cause[0] != '\0')
            rule_evidence(run, f, "cause: %s", c->cause);
        rule_evidence(run, f, "slot active = f, connector %s, %d of %d tasks FAILED",
                      c->connector->state, c->failed, c->tasks);
        rule_advise(run, f, "%s", rule_cause_advice(c->cause));
        rule_remedy(f, ACTION_RESTART);
    }
}

/* Debezium makes a missing slot anew and goes on from there: what was written since the old one
 * went is in no topic, and nothing says so. */
static void missing(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        if (!join_lacks_slot(run->p, c))
            continue;
        const char *state = c->connector->state != NULL ? c->connector->state : "unknown";
        struct finding *f = rule_emit(run, c->base.name, "slot %s of %s does not exist",
                                      c->facts->slot_name, c->base.name);
        f->severity = c->failed > 0 ? VERDICT_CRIT : VERDICT_WARN;
        rule_evidence(run, f, "connector %s, %d of %d tasks running", state, c->running, c->tasks);
        if (c->cause[0] != '\0')
            rule_evidence(run, f, "cause: %s", c->cause);
        rule_advise(run, f,
                    "when it starts it makes a new slot: changes since the old one went are in no "
                    "topic; delete its offsets first for a new snapshot");
    }
}

static void paused(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nslots; i++) {
        const struct slot_row *s = &run->p->slots[i];
        bool meant = owner_state(s, "STOPPED") || owner_state(s, "PAUSED");
        bool much = s->retained != UNKNOWN && s->retained >= run->limits->retained_warn;
        bool soon = s->lost_in_ms != UNKNOWN && s->lost_in_ms < run->limits->lost_in_warn_ms;
        if (!meant || strcmp(s->state, "lost") == 0)
            continue;
        char a[HUMAN_SIZE];
        struct finding *f =
            rule_emit(run, s->owner->name, "%s is %s: nothing is captured, slot %s keeps WAL (%s)",
                      s->owner->name, s->owner->state, s->base.name, human_bytes(a, s->retained));
        f->severity = much || soon ? VERDICT_WARN : VERDICT_INFO;
        if (s->lost_in_ms != UNKNOWN)
            rule_evidence(run, f, "as things go the slot is lost in %s",
                          human_duration_ms(a, s->lost_in_ms));
        rule_advise(run, f, "continue it, or accept that the database's disk fills");
        rule_remedy(f, ACTION_CONTINUE);
    }
}

static void zombie(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nslots; i++) {
        const struct slot_row *s = &run->p->slots[i];
        const struct connector_row *c =
            s->owner != NULL ? pipeline_connector(run->p, s->owner->name) : NULL;
        if (s->slot->active != TRI_NO || c == NULL || c->tasks == 0 || c->running != c->tasks ||
            s->idle_ms < ZOMBIE_WARN_MS || strcmp(s->state, "lost") == 0)
            continue;
        char a[HUMAN_SIZE];
        struct finding *f =
            rule_emit(run, c->base.name, "%s says RUNNING, but nobody reads slot %s for %s",
                      c->base.name, s->base.name, human_age_ms(a, s->idle_ms));
        rule_evidence(run, f, "slot active = f, connector %s, %d of %d tasks RUNNING",
                      c->connector->state, c->running, c->tasks);
        if (s->idle_ms < ZOMBIE_MS) {
            f->severity = VERDICT_WARN;
            rule_advise(run, f, "it tries again by itself: wait until this is 90 s old");
            continue;
        }
        rule_advise(run, f, "restart all of it; if that does not help, read the worker's log");
        rule_remedy(f, ACTION_RESTART);
    }
}

static void growing(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nslots; i++) {
        const struct slot_row *s = &run->p->slots[i];
        if (s->slot->active != TRI_YES || s->retained == UNKNOWN ||
            s->retained < run->limits->retained_warn)
            continue;
        char a[HUMAN_SIZE];
        struct finding *f = rule_emit(run, s->base.name, "slot %s retains %s of WAL", s->base.name,
                                      human_bytes(a, s->retained));
        bool loud = s->retained >= run->limits->retained_crit;
        f->severity = loud ? VERDICT_CRIT : VERDICT_WARN;
        const struct snapshot *snap = world_snap(run->world, run->index, SOURCE_POSTGRES);
        if (snap->pg.nholders > 0 && snap->pg.holders[0].pid != 0)
            rule_evidence(run, f, "oldest transaction: pid %d of %s", snap->pg.holders[0].pid,
                          snap->pg.holders[0].user != NULL ? snap->pg.holders[0].user : "unknown");
        rule_advise(run, f, "see what pins restart_lsn: open the slot (Enter)");
    }
}

const struct diag_rule rules_slot[] = {
    {.id = "P25",
     .severity = VERDICT_CRIT,
     .hop = HOP_SOURCE,
     .needs = NEEDS(SOURCE_POSTGRES),
     .eval = wal_level,
     .explains = {"C01", "P04"}},
    {.id = "P01",
     .severity = VERDICT_CRIT,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_POSTGRES),
     .eval = lost,
     .explains = {"P02", "P03", "P04", "P06", "C01", "C11"}},
    {.id = "P02",
     .severity = VERDICT_CRIT,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_POSTGRES),
     .eval = unreserved,
     .explains = {"P05", "P10"}},
    {.id = "P03",
     .severity = VERDICT_WARN,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_POSTGRES) | NEEDS(SOURCE_CONNECT),
     .eval = orphan},
    {.id = "P04",
     .severity = VERDICT_CRIT,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_POSTGRES) | NEEDS(SOURCE_CONNECT),
     .eval = consumer_dead,
     .explains = {"C01", "P10"}},
    {.id = "P13",
     .severity = VERDICT_WARN,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_POSTGRES) | NEEDS(SOURCE_CONNECT),
     .eval = missing,
     .explains = {"C01", "C11"}},
    {.id = "P05",
     .severity = VERDICT_WARN,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_POSTGRES) | NEEDS(SOURCE_CONNECT),
     .eval = paused,
     .explains = {"P10"}},
    {.id = "P06",
     .severity = VERDICT_CRIT,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_POSTGRES) | NEEDS(SOURCE_CONNECT),
     .eval = zombie,
     .explains = {"P10"}},
    {.id = "P10",
     .severity = VERDICT_WARN,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_POSTGRES),
     .eval = growing},
    {.id = NULL                                    },
};
