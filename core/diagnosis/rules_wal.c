/* WAL that slots keep: why restart_lsn does not move, how long that can go on, and what is already
 * gone. Which of the causes it is, is told by what moves (recorded from PostgreSQL 15 and Debezium
 * 2.7.4):
 *
 *   confirmed stands, captured tables quiet    idle tables on a busy server (P07), or heartbeats
 *                                              that do not reach the slot (P08)
 *   confirmed stands, captured tables change   the connector hangs: none of the rules here
 *   confirmed moves, restart stands            an open transaction (P09)
 *   confirmed moves, slower than the WAL       a slow consumer (P10), spilling (P11)
 */
#include "diagnosis/rules.h"

#include "base/human.h"
#include "base/lsn.h"
#include "base/mem.h"
#include "diagnosis/slot_help.h"
#include "model/dms_task.h"

#include <math.h>
#include <string.h>

/* ---- lost, or nearly ---- */

static const struct {
    const char *reason, *title, *advice;
} reasons[] = {
    {"wal_removed",            "the WAL it needs was removed",                                 "raise max_slot_wal_keep_size"},
    {"rows_removed",           "catalog rows it needs were vacuumed on the primary",
     "hot_standby_feedback = on, and a physical slot for the standby"                                                        },
    {"wal_level_insufficient", "wal_level was too low for it on the primary",
     "keep wal_level = logical there"                                                                                        },
    {"idle_timeout",           "nobody read it for longer than idle_replication_slot_timeout",
     "raise idle_replication_slot_timeout"                                                                                   },
};

/* Until 16 there is no reason: but WAL that was removed is the only one that shows as wal_status =
 * lost on a primary. */
static size_t reason_of(const struct pg_snap *pg, const struct pg_slot *slot)
{
    const char *said = slot->invalidation_reason;
    if (said == NULL || said[0] == '\0')
        said = slot->conflicting != TRI_YES && pg->in_recovery != TRI_YES ? "wal_removed" : "";
    size_t i = 0;
    while (i < ARRAY_LEN(reasons) && strcmp(said, reasons[i].reason) != 0)
        i++;
    return i;
}

static void put_lost_gap(struct rule_run *run, struct finding *f, const struct slot_row *s)
{
    const struct connector_row *c = rule_owner_of(run, s);
    bool stored = c != NULL && c->connector->lsn != LSN_NONE;
    uint64_t from = stored ? c->connector->lsn : s->slot->confirmed_flush_lsn;
    uint64_t now = rule_pg(run)->lsn_now;
    char a[LSN_TEXT];
    char b[LSN_TEXT];
    char d[HUMAN_SIZE];
    if (from != LSN_NONE && now > from)
        rule_evidence(run, f, "missing: from %s (%s) to now, %s: up to %s of WAL",
                      lsn_text(from, a, sizeof(a)),
                      stored ? "the connector's offset" : "confirmed_flush_lsn",
                      lsn_text(now, b, sizeof(b)), human_bytes(d, (int64_t)(now - from)));
    int n = 0;
    const char *tables = c != NULL ? slot_tables(run, c, &n) : "";
    if (n > 0)
        rule_evidence(run, f, "tables: %s", tables);
}

/* DMS makes no slot in place of one that its endpoint names. */
static const char *begin_dms_anew(const struct rule_run *run, const struct connect_connector *owner)
{
    const struct dms_task *t = owner->dms;
    const char *again = t != NULL && t->slot != NULL ? " and make it anew" : "";
    if (t != NULL && dms_follows_only(t))
        return arena_printf(run->arena,
                            "stop %s, drop the slot%s, start it from there (CdcStartPosition), and "
                            "have another task load its tables",
                            owner->name, again);
    return arena_printf(run->arena,
                        "stop %s, drop the slot%s, then reload all of it (reload --all): every row "
                        "is sent again",
                        owner->name, again);
}

/* What was in the slot is gone: how its owner begins anew. */
static const char *begin_anew(const struct rule_run *run, const struct connect_connector *owner)
{
    switch (owner->service) {
    case SERVICE_MSK_CONNECT:
        return arena_printf(run->arena,
                            "save the config of %s and delete it, drop the slot, create it anew "
                            "under another name: a new snapshot",
                            owner->name);
    case SERVICE_DMS: return begin_dms_anew(run, owner);
    default:
        return arena_printf(run->arena,
                            "stop %s, delete its offsets, drop the slot, start it: a new snapshot",
                            owner->name);
    }
}

static void lost(struct rule_run *run)
{
    const struct pg_snap *pg = rule_pg(run);
    for (size_t i = 0; i < run->p->nslots; i++) {
        const struct slot_row *s = &run->p->slots[i];
        if (!slot_is_lost(s))
            continue;
        size_t r = reason_of(pg, s->slot);
        bool known = r < ARRAY_LEN(reasons);
        struct finding *f = rule_emit(run, s->base.name, "slot %s is lost: %s", s->base.name,
                                      known ? reasons[r].title : "why, this server does not say");
        const char *cap = kv_find(pg->settings, pg->nsettings, "max_slot_wal_keep_size");
        rule_evidence(run, f, "wal_status = %s, invalidation_reason = %s%s%s",
                      s->slot->wal_status != NULL ? s->slot->wal_status : "unknown",
                      s->slot->invalidation_reason != NULL ? s->slot->invalidation_reason
                                                           : "not told by this version",
                      cap != NULL ? ", max_slot_wal_keep_size = " : "", cap != NULL ? cap : "");
        put_lost_gap(run, f, s);
        bool told = world_connectors(run->world, run->index) == STATE_FRESH;
        if (s->owner == NULL && !told) {
            rule_advise(run, f, "whose it is, nobody tells now: find its owner first");
            continue;
        }
        if (s->owner == NULL) {
            rule_advise(run, f, "no connector that cdctop sees uses it: drop it");
            rule_remedy(f, ACTION_DROP_SLOT);
            continue;
        }
        rule_advise(run, f, "%s%s%s", begin_anew(run, s->owner), known ? "; then " : "",
                    known ? reasons[r].advice : "");
        bool stopped = slot_owner_is(s, "STOPPED");
        rule_remedy_on(f, stopped ? ACTION_DROP_SLOT : ACTION_STOP,
                       stopped ? s->base.name : s->owner->name);
    }
}

static void unreserved(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nslots; i++) {
        const struct slot_row *s = &run->p->slots[i];
        bool below = s->slot->safe_wal_size != UNKNOWN && s->slot->safe_wal_size <= 0;
        if (slot_is_lost(s) || (!below && strcmp(s->state, "unreserved") != 0))
            continue;
        struct finding *f = rule_emit(run, s->base.name,
                                      "slot %s will be lost at the next checkpoint", s->base.name);
        char a[HUMAN_SIZE];
        rule_evidence(run, f, "wal_status = %s, safe_wal_size = %s (lost from 0 on)",
                      s->slot->wal_status != NULL ? s->slot->wal_status : "unknown",
                      human_bytes(a, s->slot->safe_wal_size));
        bool meant = slot_owner_is(s, "STOPPED") || slot_owner_is(s, "PAUSED");
        rule_advise(run, f, "raise max_slot_wal_keep_size now (a reload is enough), then %s %s",
                    s->slot->active == TRI_YES && !meant ? "let drain" : "start",
                    s->owner != NULL ? s->owner->name : "its consumer");
        if (s->owner != NULL && (meant || s->slot->active == TRI_NO))
            rule_remedy_on(f, meant ? ACTION_CONTINUE : ACTION_RESTART, s->owner->name);
    }
}

/* Or does its consumer only trail behind a bulk load for a while? */
static bool is_serious(const struct rule_run *run, const struct slot_row *s)
{
    return s->slot->active != TRI_YES || slot_falls_back(run, s) ||
           slot_still_ms(run, "restart", s) >= run->limits->slot_pinned_ms ||
           slot_still_ms(run, "confirmed", s) >= run->limits->slot_stall_ms;
}

/* Bytes left under max_slot_wal_keep_size, and how long they last. */
static void countdown(struct rule_run *run)
{
    int64_t cap = rule_pg(run)->max_slot_wal_keep_size;
    for (size_t i = 0; i < run->p->nslots; i++) {
        const struct slot_row *s = &run->p->slots[i];
        int64_t left = s->slot->safe_wal_size;
        if (slot_is_lost(s) || left == UNKNOWN || left <= 0 || s->lost_in_ms == UNKNOWN)
            continue;
        int64_t used = cap > 0 ? (int64_t)((double)(cap - left) * 100 / (double)cap) : 0;
        struct projection p = s->lost;
        const char *range = slot_range(run, &p);
        bool serious = is_serious(run, s);
        bool warn = (serious && s->lost_in_ms < run->limits->lost_in_warn_ms) ||
                    used >= run->limits->cap_used_warn_pct;
        bool crit = (serious && s->lost_in_ms < run->limits->lost_in_crit_ms) ||
                    used >= run->limits->cap_used_crit_pct;
        if (!warn || range == NULL)
            continue;
        char a[HUMAN_SIZE];
        struct finding *f =
            rule_emit(run, s->base.name, "slot %s will be lost in %s", s->base.name, range);
        f->severity = crit ? VERDICT_CRIT : VERDICT_WARN;
        slot_put_retained(run, f, s);
        if (cap > 0)
            rule_evidence(run, f, "%d %% of max_slot_wal_keep_size used (warning from %d %%)",
                          (int)used, (int)run->limits->cap_used_warn_pct);
        rule_advise(run, f, "see what keeps it, or raise max_slot_wal_keep_size (now %s; reload)",
                    human_bytes(a, cap));
    }
}

/* ---- nothing is confirmed ---- */

static bool topics_move(const struct rule_run *run, const struct connector_row *c, int64_t ms)
{
    for (size_t i = 0; i < run->p->ntopics; i++) {
        const char *name = run->p->topics[i].base.name;
        bool own =
            (c->facts->heartbeat_topic != NULL && strcmp(name, c->facts->heartbeat_topic) == 0) ||
            (c->facts->notification_topic != NULL &&
             strcmp(name, c->facts->notification_topic) == 0);
        if (!own && connector_facts_produces(c->facts, name) &&
            series_changes(rule_series(run, "end %s", name), ms) > 0)
            return true;
    }
    return false;
}

/* Did the rows of the captured tables change within the newest ms? Its beginning does not count:
 * a session reports its last changes up to 10 s late, and they are read every 10 s, or every 60 s.
 */
static enum tri tables_change(const struct rule_run *run, const struct connector_row *c, int64_t ms)
{
    enum { REPORTED_MS = 75 * 1000 };
    const struct pg_snap *pg = rule_pg(run);
    int64_t window = ms - (ms / 2 < REPORTED_MS ? ms / 2 : REPORTED_MS);
    enum tri all = TRI_UNKNOWN;
    for (size_t i = 0; i < pg->ntables; i++) {
        const struct pg_table *t = slot_captured(run, c, i);
        if (t == NULL)
            continue;
        const struct series *s = rule_series(run, "changes %s.%s", t->schema, t->name);
        struct point oldest;
        if (!series_at(s, series_samples(s) - 1, &oldest) ||
            run->world->mono_ms - oldest.t < window)
            return TRI_UNKNOWN;
        if (series_changes(s, window) > 0)
            return TRI_YES;
        all = TRI_NO;
    }
    return pg->tables_total > pg->ntables ? TRI_UNKNOWN : all;
}

/* Read, but nothing confirmed, while the server writes on and the captured tables are quiet: how
 * long; 0 if not. */
static int64_t idle_stall(const struct rule_run *run, const struct slot_row *s)
{
    const struct connector_row *c = rule_owner_of(run, s);
    int64_t still = slot_still_ms(run, "confirmed", s);
    if (c == NULL || s->slot->active != TRI_YES || !slot_owner_runs(run, s) ||
        still < run->limits->slot_stall_ms || s->behind == UNKNOWN ||
        s->behind < run->limits->slot_stall_wal ||
        series_changes(rule_series(run, "wal"), still) == 0)
        return 0;
    if (topics_move(run, c, still) || tables_change(run, c, still) != TRI_NO)
        return 0;
    return still;
}

static struct finding *say_stall(struct rule_run *run, const struct slot_row *s, int64_t still,
                                 const char *why)
{
    char a[HUMAN_SIZE];
    char b[HUMAN_SIZE];
    struct finding *f = rule_emit(run, s->base.name, "slot %s stands still for %s: %s",
                                  s->base.name, human_duration_ms(a, still), why);
    f->severity = slot_loudness(run, s);
    rule_evidence(run, f, "confirmed_flush_lsn unchanged for %s (threshold %s), slot active",
                  human_duration_ms(a, still), human_duration_ms(b, run->limits->slot_stall_ms));
    rule_evidence(run, f, "%s not confirmed (threshold %s): the server writes elsewhere",
                  human_bytes(a, s->behind), human_bytes(b, run->limits->slot_stall_wal));
    rule_evidence(run, f, "captured tables unchanged and their topics flat meanwhile");
    slot_put_retained(run, f, s);
    return f;
}

static void idle_tables(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nslots; i++) {
        const struct slot_row *s = &run->p->slots[i];
        int64_t still = idle_stall(run, s);
        const struct connector_row *c = rule_owner_of(run, s);
        if (still == 0 || c->facts->heartbeat_ms != 0)
            continue;
        struct finding *f =
            say_stall(run, s, still, "its tables are quiet and there is no heartbeat");
        rule_evidence(run, f, "heartbeat.interval.ms of %s is 0 or not set", c->base.name);
        rule_advise(run, f,
                    "set heartbeat.interval.ms = 10000 and heartbeat.action.query (an upsert into "
                    "a published table) on %s",
                    c->base.name);
    }
}

/* The grant of the connector's role on the table that its heartbeats write to; NULL. */
static const struct pg_grant *heartbeat_grant(const struct rule_run *run,
                                              const struct connector_row *c)
{
    const struct pg_snap *pg = rule_pg(run);
    const char *query =
        kv_find(c->connector->config, c->connector->nconfig, "heartbeat.action.query");
    for (size_t i = 0; i < pg->ngrants; i++) {
        const struct pg_grant *g = &pg->grants[i];
        if (query != NULL && strstr(query, g->table) != NULL && g->role != NULL &&
            c->facts->db_user != NULL && strcmp(g->role, c->facts->db_user) == 0)
            return g;
    }
    return NULL;
}

static int64_t heartbeat_age(const struct rule_run *run, const struct connector_row *c)
{
    const struct kafka_snap *kafka = rule_kafka(run);
    for (size_t i = 0; kafka != NULL && c->facts->heartbeat_topic != NULL && i < kafka->nlasts;
         i++) {
        const struct kafka_last *l = &kafka->lasts[i];
        if (strcmp(l->topic, c->facts->heartbeat_topic) == 0 && l->time_ms != UNKNOWN)
            return world_server_now(run->world, run->index, SOURCE_KAFKA) - l->time_ms;
    }
    return UNKNOWN;
}

/* Why the heartbeats do not move the slot, and what to do; NULL: not known. */
static const char *heartbeat_fault(const struct rule_run *run, const struct connector_row *c,
                                   const char **advice)
{
    const struct pg_grant *g = heartbeat_grant(run, c);
    char a[HUMAN_SIZE];
    if (!c->facts->heartbeat_query) {
        *advice = "set heartbeat.action.query: an upsert into a published table; the interval "
                  "alone does not move the slot";
        return "its heartbeats write nothing (no heartbeat.action.query)";
    }
    if (g != NULL && g->exists == TRI_NO) {
        *advice = arena_printf(run->arena, "create %s.%s and add it to the publication", g->schema,
                               g->table);
        return "the table of its heartbeats does not exist";
    }
    if (g != NULL && g->published == TRI_NO) {
        *advice =
            arena_printf(run->arena, "ALTER PUBLICATION %s ADD TABLE %s.%s",
                         c->facts->publication_name != NULL ? c->facts->publication_name : "…",
                         g->schema, g->table);
        return "the table of its heartbeats is not published";
    }
    if (g != NULL && (g->insert == TRI_NO || g->update == TRI_NO)) {
        *advice = arena_printf(run->arena, "GRANT INSERT, UPDATE ON %s.%s TO %s", g->schema,
                               g->table, g->role);
        return "its role may not write to the table of its heartbeats";
    }
    int64_t age = heartbeat_age(run, c);
    if (age != UNKNOWN && age > 3 * c->facts->heartbeat_ms + 10 * 1000) {
        *advice = "look for \"Could not execute heartbeat action query\" in the worker's log";
        return arena_printf(run->arena, "no heartbeat for %s (interval %d ms)",
                            human_duration_ms(a, age), (int)c->facts->heartbeat_ms);
    }
    return NULL;
}

static void idle_heartbeat(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nslots; i++) {
        const struct slot_row *s = &run->p->slots[i];
        int64_t still = idle_stall(run, s);
        const struct connector_row *c = rule_owner_of(run, s);
        const char *advice = "";
        if (still == 0 || c->facts->heartbeat_ms == 0)
            continue;
        const char *why = heartbeat_fault(run, c, &advice);
        if (why == NULL)
            continue;
        struct finding *f = say_stall(run, s, still, why);
        rule_evidence(run, f, "heartbeat.interval.ms of %s is %d", c->base.name,
                      (int)c->facts->heartbeat_ms);
        rule_advise(run, f, "%s", advice);
    }
}

/* What each cause of growing WAL explains: the figures that follow from it. */
#define GROWTH "P10", "P17", "P18", "P31", "P35"

const struct diag_rule rules_wal[] = {
    {.id = "P01",
     .severity = VERDICT_CRIT,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_POSTGRES),
     .eval = lost,
     .explains = {"P02", "P03", "P04", "P05", "P06", "P07", "P08", "P12", "P14", "P28", "C01",
                  "C11", "C12", "C15", "C16", "D01", "P26", "P29"}},
    {.id = "P02",
     .severity = VERDICT_CRIT,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_POSTGRES),
     .eval = unreserved,
     .explains = {"P05", "P07", "P08", "P09", GROWTH}},
    {.id = "P07",
     .severity = VERDICT_WARN,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_POSTGRES) | NEEDS(SOURCE_CONNECT) | NEEDS(SOURCE_KAFKA),
     .eval = idle_tables,
     .explains = {GROWTH},
     .check = "does confirmed_flush_lsn move as soon as a captured table is written to?"},
    {.id = "P08",
     .severity = VERDICT_WARN,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_POSTGRES) | NEEDS(SOURCE_CONNECT) | NEEDS(SOURCE_KAFKA),
     .eval = idle_heartbeat,
     .explains = {GROWTH, "P32"},
     .check = "run the heartbeat's query by hand as the connector's role"},
    {.id = "P18",
     .severity = VERDICT_WARN,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_POSTGRES),
     .eval = countdown,
     .explains = {"P31"}},
    {.id = NULL},
};
