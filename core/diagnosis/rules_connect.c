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
        rule_advise(run, f, "%s", rule_cause_advice(c->cause));
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
    {.id = "C01",
     .severity = VERDICT_CRIT,
     .hop = HOP_CAPTURE,
     .needs = NEEDS(SOURCE_CONNECT),
     .eval = task_failed,
     .explains = {"S02", "K04", "K06", "K10"}},
    {.id = "C02",
     .severity = VERDICT_CRIT,
     .hop = HOP_CAPTURE,
     .needs = NEEDS(SOURCE_CONNECT),
     .eval = connector_failed,
     .explains = {"C01", "S02", "K04", "K06"}},
    {.id = "C03",
     .severity = VERDICT_WARN,
     .hop = HOP_CAPTURE,
     .needs = NEEDS(SOURCE_CONNECT),
     .eval = unassigned,
     .explains = {"K04", "K10"}},
    {.id = "C11",
     .severity = VERDICT_CRIT,
     .hop = HOP_CAPTURE,
     .needs = NEEDS(SOURCE_CONNECT),
     .eval = no_tasks,
     .explains = {"P06"}},
    {.id = NULL},
};
