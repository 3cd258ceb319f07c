/* What a task of DMS has to do with its slot. P13: what its endpoint names is not there, or not for
 * it. Unlike Debezium DMS makes no slot in place of a missing one: the task does not start
 * (model/dms_slot.h). */
#include "diagnosis/slot_help.h"

#include "base/human.h"
#include "model/dms_slot.h"
#include "model/dms_task.h"

#include <string.h>

static bool has_run(const struct dms_task *t)
{
    return dms_phase(t->status) != DMS_PHASE_NEW &&
           (t->checkpoint != NULL || t->started_ms != UNKNOWN || t->fresh_start_ms != UNKNOWN);
}

static struct finding *emit(struct rule_run *run, const struct connector_row *c, enum dms_slot how,
                            const struct pg_slot *slot)
{
    const struct dms_task *t = c->connector->dms;
    switch (how) {
    case DMS_SLOT_OTHER_DATABASE:
        return rule_emit(run, c->base.name, "slot %s of DMS task %s is of database %s, not of %s",
                         t->slot, c->base.name, slot->database, t->source_database);
    case DMS_SLOT_OTHER_PLUGIN:
        return rule_emit(run, c->base.name, "slot %s of DMS task %s %s%s, which DMS does not read",
                         t->slot, c->base.name,
                         slot->plugin != NULL ? "has plugin " : "is physical",
                         slot->plugin != NULL ? slot->plugin : "");
    default:
        return rule_emit(run, c->base.name, "slot %s of DMS task %s does not exist", t->slot,
                         c->base.name);
    }
}

static const char *create(const struct rule_run *run, const struct dms_task *t, const char *name)
{
    bool pglogical = t->plugin != NULL && strcmp(t->plugin, "pglogical") == 0;
    return arena_printf(
        run->arena, "in database %s SELECT * FROM pg_create_logical_replication_slot('%s', '%s')",
        t->source_database, name, pglogical ? "pglogical_output" : "test_decoding");
}

/* A name that is taken is of no use: another one is named at the endpoint. */
static void advise(struct rule_run *run, struct finding *f, const struct dms_task *t,
                   enum dms_slot how)
{
    const char *first =
        how == DMS_SLOT_MISSING
            ? create(run, t, t->slot)
            : arena_printf(run->arena, "%s, and name that one at the endpoint (SlotName)",
                           create(run, t, "ANOTHER_NAME"));
    if (!has_run(t))
        rule_advise(run, f,
                    "before it is started: %s; give the LSN that this answers as the task's "
                    "CdcStartPosition",
                    first);
    else if (!dms_follows_only(t))
        rule_advise(run, f,
                    "%s; then reload all of it (reload --all): resumed it would fail, and "
                    "what changes until then is in no slot",
                    first);
    else
        rule_advise(run, f,
                    "%s; then start it from the LSN that this answers (start-replication with "
                    "CdcStartPosition), and have another task load its tables: what changes until "
                    "then is in no slot",
                    first);
}

void slot_missing_of_dms(struct rule_run *run, const struct connector_row *c)
{
    const struct dms_task *t = c->connector->dms;
    const struct snapshot *rds = world_snap(run->world, run->index, SOURCE_RDS);
    const struct pg_snap *pg = rule_pg(run);
    const struct pg_slot *slot;
    bool sure;
    if (t == NULL || c->base.stale)
        return;
    enum dms_slot how = dms_slot(t, pg, rds != NULL ? &rds->rds : NULL, &slot, &sure);
    if (how == DMS_SLOT_UNTOLD || how == DMS_SLOT_THERE)
        return;
    struct finding *f = emit(run, c, how, slot);
    f->severity = has_run(t) ? VERDICT_CRIT : VERDICT_WARN;
    if (!sure)
        f->confidence = CONFIDENCE_MEDIUM;
    rule_evidence(run, f, "SlotName = %s at its source endpoint; task %s%s%s", t->slot,
                  t->status != NULL ? t->status : "of no status",
                  t->stop_reason != NULL ? ", " : "", t->stop_reason != NULL ? t->stop_reason : "");
    if (how == DMS_SLOT_MISSING)
        rule_evidence(run, f,
                      "no row in pg_replication_slots of %s, database %s; DMS makes none: "
                      "it raises an error when the task starts",
                      pg->host != NULL ? pg->host : "the server", t->source_database);
    else
        rule_evidence(run, f, "pg_replication_slots: database %s, plugin %s, %s",
                      slot->database != NULL ? slot->database : "–",
                      slot->plugin != NULL ? slot->plugin : "–",
                      slot->type != NULL ? slot->type : "type unknown");
    if (!sure)
        rule_evidence(run, f,
                      "the endpoint's host %s is taken for this server by its database alone",
                      t->source_host != NULL ? t->source_host : "(not told)");
    if (how == DMS_SLOT_MISSING && t->cdc_start == NULL)
        rule_evidence(run, f,
                      "the task has no CdcStartPosition, which DMS wants beside a SlotName");
    if (t->checkpoint != NULL)
        rule_evidence(run, f, "it had read up to %s", t->checkpoint);
    if (c->cause[0] != '\0')
        rule_evidence(run, f, "last failure: %s", c->cause);
    advise(run, f, t, how);
}

/* D07: P07 for DMS. */
void slot_no_heartbeat_of_dms(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        const struct dms_task *t = c->connector->dms;
        const struct slot_row *s = t != NULL ? pipeline_slot_of(run->p, c) : NULL;
        if (s == NULL || t->heartbeat != TRI_NO || dms_phase(t->status) != DMS_PHASE_RUNNING ||
            s->claim == CLAIM_FITS || s->slot->active != TRI_YES)
            continue;
        int64_t still = slot_still_ms(run, "confirmed", s);
        int64_t quiet = series_still_ms(rule_series(run, "rows %s", c->base.name));
        if (still < run->limits->slot_stall_ms || quiet < run->limits->slot_stall_ms ||
            s->behind == UNKNOWN || s->behind < run->limits->slot_stall_wal ||
            series_changes(rule_series(run, "wal"), still) == 0)
            continue;
        char a[HUMAN_SIZE];
        char b[HUMAN_SIZE];
        struct finding *f =
            rule_emit(run, s->base.name, "slot %s of DMS task %s stands still for %s: no heartbeat",
                      s->base.name, c->base.name, human_duration_ms(a, still));
        f->severity = slot_loudness(run, s);
        if (s->claim != CLAIM_NAMED)
            f->confidence = CONFIDENCE_MEDIUM;
        rule_evidence(run, f, "HeartbeatEnable = false (DMS's default) at the source endpoint");
        rule_evidence(run, f, "confirmed_flush_lsn unchanged for %s (threshold %s), slot active",
                      human_duration_ms(a, still),
                      human_duration_ms(b, run->limits->slot_stall_ms));
        rule_evidence(run, f, "no change in its tables for %s by their statistics",
                      human_duration_ms(a, quiet));
        slot_put_retained(run, f, s);
        rule_advise(run, f,
                    "set HeartbeatEnable = true at the source endpoint (HeartbeatFrequency "
                    "5 minutes), then stop and continue the task");
    }
}
