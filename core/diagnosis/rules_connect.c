/* Connectors: failed, unassigned, without tasks. Texts of traces: recorded from real connectors. */
#include "diagnosis/rules.h"

#include <string.h>

static void task_failed(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        if (c->failed == 0)
            continue;
        struct finding *f = rule_emit(run, c->base.name, "%s task %d failed%s%s", c->base.name,
                                      c->failed_task, c->cause[0] != '\0' ? ": " : "", c->cause);
        f->hop = c->facts->sink ? HOP_SINK : HOP_CAPTURE;
        rule_evidence(run, f, "connector %s, %d of %d tasks FAILED",
                      c->connector->state != NULL ? c->connector->state : "unknown", c->failed,
                      c->tasks);
        rule_advise(run, f, "Connect does not restart it by itself: mend the cause, then restart");
        rule_remedy(f, ACTION_RESTART);
    }
}

static void connector_failed(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        if (c->connector->state == NULL || strcmp(c->connector->state, "FAILED") != 0)
            continue;
        struct finding *f = rule_emit(run, c->base.name, "%s failed%s%s", c->base.name,
                                      c->cause[0] != '\0' ? ": " : "", c->cause);
        f->hop = c->facts->sink ? HOP_SINK : HOP_CAPTURE;
        rule_advise(run, f, "mend its configuration, then restart the connector");
        rule_remedy(f, ACTION_RESTART);
    }
}

static void unassigned(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        if (c->connector->state == NULL || strcmp(c->connector->state, "UNASSIGNED") != 0)
            continue;
        struct finding *f = rule_emit(run, c->base.name, "%s is on no worker", c->base.name);
        f->hop = c->facts->sink ? HOP_SINK : HOP_CAPTURE;
        rule_advise(run, f,
                    "a worker left: wait up to scheduled.rebalance.max.delay (5 min), "
                    "then look for the missing worker");
    }
}

static void no_tasks(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        if (c->tasks > 0 || c->connector->state == NULL ||
            strcmp(c->connector->state, "RUNNING") != 0)
            continue;
        struct finding *f =
            rule_emit(run, c->base.name, "%s says RUNNING, but it has no task", c->base.name);
        f->hop = c->facts->sink ? HOP_SINK : HOP_CAPTURE;
        rule_advise(run, f,
                    "its task hangs in start: look at the slot (lost?) and the worker's log");
    }
}

const struct diag_rule rules_connect[] = {
    {"C01",
     VERDICT_CRIT, HOP_CAPTURE,
     NEEDS(SOURCE_CONNECT),
     task_failed, {"S02", "K04", "K06", "K10"}},
    {"C02",
     VERDICT_CRIT, HOP_CAPTURE,
     NEEDS(SOURCE_CONNECT),
     connector_failed, {"C01", "S02", "K04", "K06"}},
    {"C03",  VERDICT_WARN, HOP_CAPTURE, NEEDS(SOURCE_CONNECT), unassigned, {"K04", "K10"}},
    {"C11",            VERDICT_CRIT, HOP_CAPTURE, NEEDS(SOURCE_CONNECT), no_tasks, {"P06"}},
    {0},
};
