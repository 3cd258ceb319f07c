/* What the traces of connectors and tasks say by themselves. What the fragments mean, also those of
 * which other files speak, stands in trace_table.c. */
#include "base/iamtext.h"
#include "diagnosis/rules.h"

#include <string.h>

/* What AWS's own words name beats what the table guesses: who lacks what, and on what. */
static void advise(struct rule_run *run, struct finding *f, const struct connector_row *c,
                   const struct trace_meaning *m)
{
    struct iam_denial denial;
    char advice[800];
    if (!iam_denial_read(c->cause, &denial)) {
        rule_advise(run, f, "%s", rule_without_restart(run, c, m->advice));
        return;
    }
    rule_evidence(run, f, "%s lacks %s on %s",
                  denial.principal[0] != '\0' ? denial.principal : "its role", denial.action,
                  denial.resource[0] != '\0' ? denial.resource : "a resource that is not named");
    (void)iam_advice(advice, sizeof(advice), &denial);
    const char *way = rule_without_restart(run, c, advice);
    rule_advise(run, f, "%s%s", way, way == advice ? "; a restart alone fails again" : "");
}

/* What IAM must allow a connector on MSK, by the exception that says what it lacks. */
static const struct {
    const char *fragment, *kind; /* the kind of resource, as in its ARN */
    const char *source, *sink;
} rights[] = {
    {"TopicAuthorizationException",   "topic",
     "\"kafka-cluster:CreateTopic\", \"kafka-cluster:DescribeTopic\", \"kafka-cluster:WriteData\"", "\"kafka-cluster:DescribeTopic\", \"kafka-cluster:ReadData\""  },
    {"GroupAuthorizationException",   "group",
     "\"kafka-cluster:AlterGroup\", \"kafka-cluster:DescribeGroup\"",                               "\"kafka-cluster:AlterGroup\", \"kafka-cluster:DescribeGroup\""},
    {"ClusterAuthorizationException", "cluster",
     "\"kafka-cluster:DescribeCluster\", \"kafka-cluster:WriteDataIdempotently\"",                  "\"kafka-cluster:DescribeCluster\""                            },
    {"SaslAuthenticationException",   "cluster", "\"kafka-cluster:Connect\"",
     "\"kafka-cluster:Connect\""                                                                                                                                   },
};

/* Kafka's own words name no ARN: the cluster's is MSK's, the role's is the connector's. */
static void put_rights(struct rule_run *run, struct finding *f, const struct connector_row *c)
{
    const struct snapshot *snap = world_snap(run->world, run->index, SOURCE_MSK);
    const char *arn = snap != NULL ? snap->msk.arn : NULL;
    const char *at = arn != NULL ? strstr(arn, ":cluster/") : NULL;
    const struct msk_connector *msk = c->connector->msk;
    if (msk != NULL && msk->role_arn != NULL)
        rule_evidence(run, f, "its role: %s", msk->role_arn);
    for (size_t i = 0; at != NULL && i < sizeof(rights) / sizeof(rights[0]); i++) {
        if (strstr(c->cause, rights[i].fragment) == NULL)
            continue;
        bool all = strcmp(rights[i].kind, "cluster") != 0;
        rule_evidence(run, f,
                      "{\"Effect\": \"Allow\", \"Action\": [%s], \"Resource\": \"%.*s:%s/%s%s\"}",
                      c->facts->sink ? rights[i].sink : rights[i].source, (int)(at - arn), arn,
                      rights[i].kind, at + strlen(":cluster/"), all ? "/*" : "");
        return;
    }
}

static struct finding *say(struct rule_run *run, const struct connector_row *c, const char *title)
{
    if (c->failed > 1)
        return rule_emit(run, c->base.name, "%s %s: %d of %d tasks failed", c->base.name, title,
                         c->failed, c->tasks);
    if (c->failed == 1 && c->failed_task >= 0)
        return rule_emit(run, c->base.name, "%s %s: task %d failed", c->base.name, title,
                         c->failed_task);
    return rule_emit(run, c->base.name, "%s %s", c->base.name, title);
}

/* Says what the table means by the trace of each failed connector. */
static void by_trace(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        const struct trace_meaning *m = rule_trace_of(c);
        if (m == NULL || m->id == NULL || strcmp(m->id, run->rule->id) != 0)
            continue;
        struct finding *f = say(run, c, m->title);
        f->hop = c->facts->sink ? HOP_SINK : HOP_CAPTURE;
        rule_evidence(run, f, "%s", c->cause);
        rule_evidence(run, f, "%s", rule_failed_text(run, c));
        rule_tell_log(run, f, c);
        rule_tell_change(run, f, c, c->failed > 0 ? c->failed_task : -1);
        int n = rule_in_vain(run, c);
        if (n > 0)
            rule_evidence(run, f, "restarted %d times lately, and failed with this each time", n);
        advise(run, f, c, m);
        if (strcmp(m->id, "C13") == 0)
            put_rights(run, f, c);
        rule_remedy(f, ACTION_RESTART);
    }
}

/* A task that died of a known cause: all that this one connector shows besides follows from it. */
#define BY_TRACE(name, loud, where)                                                       \
    {                                                                                     \
        .id = (name), .severity = (loud), .hop = (where), .needs = NEEDS(SOURCE_CONNECT), \
        .eval = by_trace, .explains = {                                                   \
            "C01",                                                                        \
            "C02",                                                                        \
            "C06",                                                                        \
            "C15",                                                                        \
            "C18",                                                                        \
            "S02",                                                                        \
            "K04",                                                                        \
            "K06",                                                                        \
            "K10",                                                                        \
            "P04",                                                                        \
            "P06"                                                                         \
        }                                                                                 \
    }

const struct diag_rule rules_trace[] = {
    BY_TRACE("C07", VERDICT_CRIT, HOP_SINK),
    BY_TRACE("C08", VERDICT_CRIT, HOP_CAPTURE),
    BY_TRACE("C13", VERDICT_CRIT, HOP_CAPTURE),
    BY_TRACE("C14", VERDICT_WARN, HOP_CAPTURE),
    BY_TRACE("M01", VERDICT_CRIT, HOP_CAPTURE),
    BY_TRACE("M03", VERDICT_CRIT, HOP_CAPTURE),
    BY_TRACE("M04", VERDICT_CRIT, HOP_CAPTURE),
    BY_TRACE("M05", VERDICT_CRIT, HOP_CAPTURE),
    BY_TRACE("S03", VERDICT_CRIT, HOP_SINK),
    BY_TRACE("S04", VERDICT_CRIT, HOP_SINK),
    BY_TRACE("S08", VERDICT_CRIT, HOP_SINK),
    BY_TRACE("J01", VERDICT_CRIT, HOP_SINK),
    BY_TRACE("J02", VERDICT_CRIT, HOP_SINK),
    BY_TRACE("J03", VERDICT_CRIT, HOP_SINK),
    {.id = NULL},
};
