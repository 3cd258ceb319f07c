/* Sources that say RUNNING and hold their slot, and yet: nothing comes out of them, or nothing is
 * confirmed. */
#include "diagnosis/rules.h"

#include "base/human.h"

#include <string.h>

enum {
    /* A change is counted by PostgreSQL, and the count read, up to 10 s late each; what was written
     * before the topics' last record must not be taken for later. */
    COUNT_LATE_MS = 25 * 1000,
    ARRIVE_MS = 15 * 1000, /* and a change has so long to arrive */
};

struct output { /* what a source has written lately */
    int topics;
    int64_t still_ms; /* all of its topics have been for at least so long; UNKNOWN */
    int64_t grew_at;  /* the last growth of any of them, or the first sample */
    bool any_growth;  /* within what is remembered */
};

static struct output output_of(const struct rule_run *run, const struct connector_row *c)
{
    struct output out = {.still_ms = UNKNOWN};
    for (size_t i = 0; i < run->p->ntopics; i++) {
        const char *name = run->p->topics[i].base.name;
        struct point last;
        if (!connector_facts_produces(c->facts, name))
            continue;
        const struct series *s = rule_series(run, "end %s", name);
        if (!series_at(s, 0, &last))
            continue;
        int64_t still = series_still_ms(s);
        out.topics++;
        out.still_ms = out.topics == 1 || still < out.still_ms ? still : out.still_ms;
        if (last.t - still > out.grew_at)
            out.grew_at = last.t - still;
        out.any_growth = out.any_growth || series_changes(s, INT32_MAX) > 0;
    }
    return out;
}

/* Rows that were surely written after `after` and long enough before now: in how many tables. */
static int tables_written(const struct rule_run *run, const struct connector_row *c, int64_t after,
                          const char **example)
{
    const struct pg_snap *pg = rule_pg(run);
    int n = 0;
    for (size_t i = 0; i < pg->nrelations; i++) {
        const struct pg_relation *r = &pg->relations[i];
        const char *full = arena_printf(run->arena, "%s.%s", r->schema, r->name);
        struct point now;
        struct point before;
        bool hit = false;
        if (connector_facts_captures(c->facts, r->schema, r->name) != TRI_YES ||
            (c->facts->signal_table != NULL && strcmp(c->facts->signal_table, full) == 0))
            continue;
        const struct series *s = rule_series(run, "changes %s", full);
        for (int k = 0; !hit && series_at(s, k, &now) && series_at(s, k + 1, &before); k++)
            hit = now.v > before.v && before.t >= after + COUNT_LATE_MS &&
                  run->world->mono_ms - now.t >= ARRIVE_MS;
        if (hit && n++ == 0)
            *example = full;
    }
    return n;
}

/* A PostgreSQL source whose tasks all run and whose slot is read; *slot is it. */
static bool streams(const struct rule_run *run, const struct connector_row *c,
                    const struct slot_row **slot)
{
    *slot = NULL;
    for (size_t i = 0; i < run->p->nslots; i++) {
        if (run->p->slots[i].owner == c->connector)
            *slot = &run->p->slots[i];
    }
    /* While it takes an initial or blocking snapshot it does not stream: N01 and N02 watch that. */
    if (rule_snapshot_halts(run, c))
        return false;
    return *slot != NULL && (*slot)->slot->active == TRI_YES && pipeline_runs(c);
}

static int64_t offset_still(const struct rule_run *run, const struct connector_row *c)
{
    const struct series *s = rule_series(run, "offset %s", c->base.name);
    return series_samples(s) >= 2 ? series_still_ms(s) : UNKNOWN;
}

static void hung(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        const struct slot_row *slot;
        const char *example = "";
        if (!streams(run, c, &slot))
            continue;
        int64_t offset = offset_still(run, c);
        if ((offset != UNKNOWN && offset < run->limits->capture_still_ms) ||
            series_changes(rule_series(run, "wal"), run->limits->capture_still_ms) == 0)
            continue;
        struct output out = output_of(run, c);
        if (out.topics == 0 || out.still_ms < run->limits->capture_still_ms)
            continue;
        int written = tables_written(run, c, out.grew_at, &example);
        if (written == 0)
            continue;
        char a[HUMAN_SIZE];
        char b[HUMAN_SIZE];
        struct finding *f =
            rule_emit(run, c->base.name, "%s says RUNNING, but has captured nothing for %s",
                      c->base.name, human_duration_ms(a, out.still_ms));
        rule_evidence(run, f, "%d of its topics flat for %s (threshold %s)", out.topics,
                      human_duration_ms(a, out.still_ms),
                      human_duration_ms(b, run->limits->capture_still_ms));
        rule_evidence(run, f, "%d captured tables were written to since, %s among them", written,
                      example);
        if (offset != UNKNOWN)
            rule_evidence(run, f, "its stored offset stands still for %s",
                          human_duration_ms(a, offset));
        rule_evidence(run, f, "slot %s active = t, WAL moves", slot->base.name);
        rule_advise(run, f, "restart all of it; look whether Kafka takes what it produces");
        rule_remedy(f, ACTION_RESTART);
    }
}

static bool snapshots(const struct connect_connector *c)
{
    for (size_t i = 0; i < c->noffsets; i++) {
        const struct connect_offset *o = &c->offsets[i];
        if (kv_find(o->values, o->nvalues, "snapshot") != NULL ||
            kv_find(o->values, o->nvalues, "incremental_snapshot_collections") != NULL)
            return true;
    }
    return false;
}

/* The slot follows the stored offset once per flush: both stand still, or only the slot does. */
static void confirms_nothing(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        const struct slot_row *slot;
        if (!streams(run, c, &slot) || !c->connector->offsets_read || snapshots(c->connector))
            continue;
        const struct series *s = rule_series(run, "confirmed %s", slot->base.name);
        int64_t still = series_samples(s) >= 3 ? series_still_ms(s) : 0;
        struct point last;
        if (still < run->limits->confirm_still_ms || !series_at(s, 0, &last))
            continue;
        struct output out = output_of(run, c);
        /* Grown well after the last confirmation, and not just once. */
        if (!out.any_growth || out.grew_at - (last.t - still) < run->limits->confirm_still_ms / 2)
            continue;
        int64_t offset = offset_still(run, c);
        bool stored = offset != UNKNOWN && offset < still / 2;
        char a[HUMAN_SIZE];
        char b[HUMAN_SIZE];
        struct finding *f = rule_emit(
            run, c->base.name, "%s has confirmed nothing to slot %s for %s, though it captures",
            c->base.name, slot->base.name, human_duration_ms(a, still));
        rule_evidence(run, f, "confirmed_flush_lsn stands still for %s (threshold %s)",
                      human_duration_ms(a, still),
                      human_duration_ms(b, run->limits->confirm_still_ms));
        rule_evidence(run, f, "its topics grew %s ago",
                      human_duration_ms(a, run->world->mono_ms - out.grew_at));
        rule_evidence(run, f,
                      stored ? "its stored offset moves: the slot does not follow it"
                             : "its stored offset does not move either");
        rule_advise(run, f, "%s",
                    stored ? "look at lsn.flush.mode and lsn.flush.timeout.ms, then restart it"
                           : "raise the worker's offset.flush.timeout.ms and look at the brokers: "
                             "offsets are not stored");
    }
}

const struct diag_rule rules_stream[] = {
    {.id = "C12",
     .severity = VERDICT_CRIT,
     .hop = HOP_CAPTURE,
     .needs = NEEDS(SOURCE_CONNECT) | NEEDS(SOURCE_POSTGRES) | NEEDS(SOURCE_KAFKA),
     .eval = hung,
     .explains = {"C18", "C20", "P07", "P08", "P10"},
     .confidence = CONFIDENCE_MEDIUM,
     .check = "the worker's log and a thread dump; the brokers' answers to its producer"},
    {.id = "C20",
     .severity = VERDICT_WARN,
     .hop = HOP_CAPTURE,
     .needs = NEEDS(SOURCE_CONNECT) | NEEDS(SOURCE_POSTGRES) | NEEDS(SOURCE_KAFKA),
     .eval = confirms_nothing,
     .explains = {"P10"},
     .confidence = CONFIDENCE_MEDIUM,
     .check =
         "the worker's log for \"Failed to flush, timed out\"; one huge transaction looks alike"},
    {.id = NULL      },
};
