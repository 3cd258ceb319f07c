/* Debezium's snapshots, by its notifications: one that runs, and one that left a table out. */
#include "base/human.h"
#include "diagnosis/rules.h"
#include "model/snapshot_progress.h"

#include <math.h>
#include <string.h>

enum { RECENT_MS = 15 * 60 * 1000 };

static struct snapshot_progress progress_of(const struct rule_run *run,
                                            const struct connector_row *c)
{
    const struct snapshot *snap = world_snap(run->world, run->index, SOURCE_KAFKA);
    struct snapshot_query query = {.connector = c->facts->topic_prefix, .since_ms = UNKNOWN};
    return snapshot_progress_build(run->arena, snap->kafka.notifications,
                                   snap->kafka.nnotifications, &query);
}

static void running(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        if (c->facts->notification_topic == NULL || c->facts->topic_prefix == NULL)
            continue;
        struct snapshot_progress p = progress_of(run, c);
        if (!snapshot_progress_running(&p))
            continue;
        char a[HUMAN_SIZE];
        const char *table = p.current >= 0 ? p.tables[p.current].name : NULL;
        struct finding *f =
            rule_emit(run, c->base.name, "%s: snapshot %s%s%s, %d of %zu tables done", c->base.name,
                      p.state == SNAPSHOT_PAUSED ? "is paused" : "runs",
                      table != NULL ? ", now " : "", table != NULL ? table : "", p.done, p.ntables);
        if (p.updated_ms != UNKNOWN)
            rule_evidence(run, f, "its last notification: %s ago",
                          human_age_ms(a, run->world->wall_ms - p.updated_ms));
        int64_t left = snapshot_progress_eta_ms(&p, run->world->wall_ms);
        const char *eta = left != UNKNOWN ? arena_printf(run->arena, ", about %s left",
                                                         human_duration_ms(a, left))
                                          : "";
        if (p.state == SNAPSHOT_PAUSED)
            rule_advise(run, f, "it goes on when a resume is signalled (T)");
        else if (isnan(p.fraction))
            rule_advise(run, f, "Debezium does not tell how far it is%s", eta);
        else
            rule_advise(run, f, "%.0f %% done (est.)%s", p.fraction * 100, eta);
    }
}

static void left_out(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        if (c->facts->notification_topic == NULL || c->facts->topic_prefix == NULL)
            continue;
        struct snapshot_progress p = progress_of(run, c);
        if (p.failed == 0 || p.ended_ms == UNKNOWN || run->world->wall_ms - p.ended_ms > RECENT_MS)
            continue;
        for (size_t k = 0; k < p.ntables; k++) {
            const struct snapshot_table *t = &p.tables[k];
            if (t->state != TABLE_FAILED)
                continue;
            bool no_key = t->status != NULL && strcmp(t->status, "NO_PRIMARY_KEY") == 0;
            struct finding *f =
                rule_emit(run, c->base.name, "the snapshot of %s left out %s: %s", c->base.name,
                          t->name, t->status != NULL ? t->status : "unknown");
            rule_advise(run, f, "%s",
                        no_key ? "a blocking snapshot reads tables without a primary key"
                               : "see the worker's log; is the table captured and its name right?");
        }
    }
}

const struct diag_rule rules_snapshot[] = {
    {.id = "N01",
     .severity = VERDICT_INFO,
     .hop = HOP_CAPTURE,
     .needs = NEEDS(SOURCE_KAFKA) | NEEDS(SOURCE_CONNECT),
     .eval = running},
    {.id = "N04",
     .severity = VERDICT_WARN,
     .hop = HOP_CAPTURE,
     .needs = NEEDS(SOURCE_KAFKA) | NEEDS(SOURCE_CONNECT),
     .eval = left_out},
    {.id = NULL   },
};
