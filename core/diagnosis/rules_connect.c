/* Connectors: failed, unassigned, without tasks. Texts of traces: recorded from real connectors. */
#include "diagnosis/rules.h"

#include <string.h>

/* Fragments of root causes as Debezium and Connect write them. */
static const struct {
    const char *fragment, *advice;
} advices[] = {
    {"password authentication failed",    "mend database.user or database.password, then restart"        },
    {"no pg_hba.conf entry",              "let its host and user in by pg_hba.conf, then restart"        },
    {"is active for PID",
     "another consumer holds its slot: end that one, or wait for wal_sender_timeout, then restart"       },
    {"all replication slots are in use",
     "drop a stale slot or raise max_replication_slots, then restart"                                    },
    {"can no longer get changes",
     "its slot is lost: stop it, delete its offsets, drop the slot, continue with a new snapshot"        },
    {"can no longer access replication",
     "its slot is lost: stop it, delete its offsets, drop the slot, continue with a new snapshot"        },
    {"replication slot",
     "see whether its slot still exists: a new one skips what was written in between"                    },
    {"publication",                       "create the publication or mend publication.name, then restart"},
    {"must be superuser or replication",
     "give its role REPLICATION (RDS: rds_replication), then restart"                                    },
    {"RecordTooLargeException",
     "raise max.request.size of its producer and max.message.bytes of the topic, then restart"           },
    {"SaslAuthenticationException",       "mend its login to Kafka, then restart"                        },
    {"JsonConverter with schemas.enable",
     "its converters do not fit what the source writes: align schemas.enable, then restart"              },
    {"Converting byte[]",
     "its converters do not fit what the source writes: align them, then restart"                        },
    {"Connection refused",
     "see that its server is up (Connect never restarts it by itself), then restart"                     },
    {"Couldn't obtain encoding",
     "its database was away; once that answers, restart: Connect never does so by itself"                },
    {"terminating connection",
     "its database was away; once that answers, restart: Connect never does so by itself"                },
    {"connection attempt failed",
     "see that its database is up (Connect never restarts it by itself), then restart"                   },
};

const char *rule_cause_advice(const char *cause)
{
    for (size_t i = 0; i < sizeof(advices) / sizeof(advices[0]); i++) {
        if (strstr(cause, advices[i].fragment) != NULL)
            return advices[i].advice;
    }
    return "Connect does not restart it by itself: mend the cause, then restart";
}

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
