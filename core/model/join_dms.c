/* Tasks of DMS: what their states mean, and which slot is whose.
 *
 * An endpoint may name a slot that somebody made before. Where it names none DMS makes one, by
 * pglogical where the database has it, else by test_decoding (AWS's user guide), and tells nobody
 * what it is called. So the slot is known by who reads it: the endpoint's user, or a session from
 * an address of the replication instance.
 */
#include "model/dms_slot.h"
#include "model/dms_task.h"
#include "model/join.h"

#include <string.h>

static bool same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* The endpoint says "test-decoding", "pglogical" or "no-preference"; what pglogical brings is
 * called pglogical_output. */
static bool plugin_fits(const struct dms_task *t, const char *plugin)
{
    if (plugin == NULL)
        return false;
    bool decoding = strcmp(plugin, "test_decoding") == 0;
    bool pglogical = strncmp(plugin, "pglogical", 9) == 0;
    return same(t->plugin, "test-decoding") ? decoding : decoding || pglogical;
}

/* May DMS have made this slot for that task? */
static bool fits(const struct connector_row *c, const struct pg_slot *slot)
{
    const struct dms_task *t = c->connector->dms;
    if (c->facts->role != CONNECTOR_SOURCE_DMS || t == NULL || c->facts->slot_name != NULL ||
        same(t->migration, "full-load") || !same(slot->type, "logical") ||
        slot->temporary == TRI_YES)
        return false;
    /* Where endpoints may not be read nothing is known of them: anything may be. */
    bool postgres = t->source_engine == NULL || connector_facts_dms_postgres(t);
    bool there = t->source_database == NULL || slot->database == NULL ||
                 same(t->source_database, slot->database);
    return postgres && there && plugin_fits(t, slot->plugin);
}

static bool reads(const struct connector_row *c, const struct pg_slot *slot)
{
    const struct dms_task *t = c->connector->dms;
    const struct pg_walsender *w = slot->walsender;
    if (!fits(c, slot) || w == NULL)
        return false;
    for (size_t i = 0; i < t->naddresses; i++) {
        if (same(t->addresses[i], w->client_addr))
            return true;
    }
    return same(t->source_user, w->user);
}

/* Several tasks on one instance look alike to the database: a running one is more likely. */
static const struct connector_row *reader_of(const struct join *j, const struct pg_slot *slot)
{
    const struct connector_row *found = NULL;
    for (size_t i = 0; i < j->out->nconnectors; i++) {
        const struct connector_row *c = &j->out->connectors[i];
        if (reads(c, slot) && (found == NULL || (same(c->connector->state, "running") &&
                                                 !same(found->connector->state, "running"))))
            found = c;
    }
    return found;
}

static bool has_slot(const struct join *j, const struct connector_row *c)
{
    const struct pg_snap *pg = &j->snap[SOURCE_POSTGRES]->pg;
    for (size_t i = 0; i < pg->nslots; i++) {
        if (reads(c, &pg->slots[i]) && join_owner_of(j->out, &pg->slots[i]) == NULL &&
            reader_of(j, &pg->slots[i]) == c)
            return true;
    }
    return false;
}

const struct connector_row *join_dms_owner(const struct join *j, const struct pg_slot *slot,
                                           enum slot_claim *claim)
{
    const struct connector_row *c = reader_of(j, slot);
    if (c != NULL) {
        *claim = CLAIM_SESSION;
        return c;
    }
    for (size_t i = 0; slot->active == TRI_NO && i < j->out->nconnectors; i++) {
        c = &j->out->connectors[i];
        if (!fits(c, slot) || dms_phase(c->connector->state) == DMS_PHASE_NEW || has_slot(j, c))
            continue;
        *claim = CLAIM_FITS;
        return c;
    }
    return NULL;
}

bool join_dms_lacks_slot(const struct join *j, const struct connector_row *task)
{
    const struct dms_task *t = task->connector->dms;
    const struct snapshot *pg = j->snap[SOURCE_POSTGRES];
    const struct snapshot *rds = j->snap[SOURCE_RDS];
    return t != NULL && j->out->slots_told &&
           dms_slot(t, &pg->pg, rds != NULL ? &rds->rds : NULL, NULL, NULL) > DMS_SLOT_THERE;
}

const char *slot_claim_text(enum slot_claim claim)
{
    return claim == CLAIM_SESSION ? ", by who reads it"
           : claim == CLAIM_FITS  ? ", as it seems: its database and plugin fit"
                                  : "";
}

/* ---- what its states mean -------------------------------------------------------------------- */

static enum verdict verdict_of(const char *state)
{
    static const enum verdict verdicts[] = {
        [DMS_PHASE_UNKNOWN] = VERDICT_UNKNOWN, [DMS_PHASE_NEW] = VERDICT_INFO,
        [DMS_PHASE_BUSY] = VERDICT_INFO,       [DMS_PHASE_STARTING] = VERDICT_INFO,
        [DMS_PHASE_RUNNING] = VERDICT_OK,      [DMS_PHASE_STOPPING] = VERDICT_INFO,
        [DMS_PHASE_STOPPED] = VERDICT_INFO,    [DMS_PHASE_FAILED] = VERDICT_CRIT,
    };
    if (same(state, "deleting") || same(state, "failed-move"))
        return VERDICT_WARN;
    return verdicts[dms_phase(state)];
}

static void judge_stopped(struct connector_row *row, const struct dms_task *t)
{
    static const enum verdict verdicts[] = {VERDICT_INFO, VERDICT_WARN, VERDICT_CRIT};
    int loudness;
    const char *meaning = dms_stop_meaning(t, &loudness);
    if (meaning == NULL)
        join_raise(&row->base, VERDICT_INFO, "stopped; DMS tells no reason");
    else
        join_raise(&row->base, verdicts[loudness], meaning);
}

static void judge_state(const struct join *j, struct connector_row *row, const char *state)
{
    if (dms_phase(state) != DMS_PHASE_UNKNOWN) {
        join_raise(&row->base, verdict_of(state), dms_phase_text(state));
        return;
    }
    join_raise(&row->base, VERDICT_UNKNOWN,
               arena_printf(j->arena, "state %.40s is not known to cdctop",
                            state != NULL ? state : "(none)"));
}

static void judge_tables(const struct join *j, struct connector_row *row, const struct dms_task *t)
{
    int64_t errored = dms_errored(t);
    bool running = same(t->status, "running");
    if (running && errored > 0)
        join_raise(&row->base, VERDICT_WARN,
                   errored == 1
                       ? "1 table is in error: nothing of it is sent"
                       : arena_printf(j->arena, "%d tables are in error: nothing of them is sent",
                                      (int)errored));
    if (!running || !dms_loading(t))
        return;
    if (t->load_percent == UNKNOWN)
        join_raise(&row->base, VERDICT_INFO, "loads its tables");
    else
        join_raise(&row->base, VERDICT_INFO,
                   arena_printf(j->arena, "loads its tables: %d %%", (int)t->load_percent));
}

void join_judge_dms(const struct join *j, struct connector_row *row)
{
    const struct dms_task *t = row->connector->dms;
    if (row->connector->cause != NULL)
        row->cause = row->connector->cause;
    if (t != NULL && same(t->status, "stopped"))
        judge_stopped(row, t);
    else
        judge_state(j, row, row->connector->state);
    if (t == NULL)
        return;
    judge_tables(j, row, t);
    if (same(t->instance_status, "storage-full"))
        join_raise(&row->base, VERDICT_CRIT, "its replication instance has no storage left");
}

/* DMS renews the statistics of a task that works, whether its tables change or not. */
bool join_dms_works(const struct join *j, const struct connector_row *row)
{
    enum { RECENT_MS = 5 * 60 * 1000 };
    const struct dms_task *t = row->connector->dms;
    int64_t now = world_server_now(j->world, j->index, SOURCE_DMS);
    for (size_t i = 0; t != NULL && i < t->ntables; i++) {
        int64_t at = t->tables[i].updated_ms;
        if (at != UNKNOWN && now - at <= RECENT_MS)
            return true;
    }
    return false;
}
