/* Objects: what the sink's trace says about S3, files that never close, files that are late. */
#include "diagnosis/rules.h"

#include "base/human.h"

#include <string.h>

/* Fragments of root causes as the real sinks write them, and what each means. */
static const struct {
    const char *id, *fragment;
    const char *title, *advice;
} causes[] = {
  /* The codes before the bare status: every one of them comes with a 403. */
    {"S03", "SignatureDoesNotMatch",                 "has a wrong S3 secret key",
     "mend aws.secret.access.key, then restart"                                        },
    {"S03", "InvalidAccessKeyId",                    "has an unknown S3 access key",
     "mend aws.access.key.id, then restart"                                            },
    {"S03", "Non-existent S3 bucket",                "writes to a bucket that does not exist",
     "mend s3.bucket.name or create the bucket, then restart"                          },
    {"S03", "NoSuchBucket",                          "writes to a bucket that does not exist",
     "mend s3.bucket.name or create the bucket, then restart"                          },
    {"S03", "AccessDenied",                          "may not write to S3",
     "give its role s3:PutObject (and the KMS key) first; a restart alone fails again" },
    {"S03", "Status Code: 403",                      "may not write to S3",
     "give its role s3:PutObject (and the KMS key) first; a restart alone fails again" },
    {"S03", "HTTP 403",                              "may not write to S3",
     "give its role s3:PutObject (and the KMS key) first; a restart alone fails again" },
    {"S04", "ExpiredToken",                          "has an expired S3 token",
     "mend its credentials provider, then restart"                                     },
    {"S08", "Null valued records are not writeable", "died of a tombstone",
     "behavior.on.null.values = ignore (or tombstones.on.delete = false), then restart"},
};

static void cause_of_sink(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        if (c->failed == 0 || !c->facts->sink)
            continue;
        for (size_t k = 0; k < sizeof(causes) / sizeof(causes[0]); k++) {
            if (strcmp(causes[k].id, run->rule->id) != 0 ||
                strstr(c->cause, causes[k].fragment) == NULL)
                continue;
            struct finding *f = rule_emit(run, c->base.name, "%s %s: task %d failed", c->base.name,
                                          causes[k].title, c->failed_task);
            rule_evidence(run, f, "%s", c->cause);
            rule_advise(run, f, "%s", causes[k].advice);
            rule_remedy(f, ACTION_RESTART);
            break;
        }
    }
}

static bool never_closed(const struct prefix_row *p, const char *connector)
{
    const char *mine = p->connector != NULL ? p->connector : "";
    return p->due_ms == DUE_NEVER && p->waiting != UNKNOWN && p->waiting > 0 &&
           p->base.verdict >= VERDICT_WARN && strcmp(mine, connector) == 0;
}

/* One finding per sink: with many quiet tables they all have the same cause. */
static void never_closes(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const char *sink = run->p->connectors[i].base.name;
        const struct prefix_row *first = NULL;
        int topics = 0;
        for (size_t k = 0; k < run->p->nprefixes; k++) {
            if (!never_closed(&run->p->prefixes[k], sink))
                continue;
            if (topics++ == 0)
                first = &run->p->prefixes[k];
        }
        if (first == NULL)
            continue;
        char a[HUMAN_SIZE];
        struct finding *f = rule_emit(
            run, first->base.name, "%s: %s records wait in a file that nothing closes%s",
            first->base.name, human_count(a, first->waiting),
            topics > 1 ? arena_printf(run->arena, ", and so in %d more topics", topics - 1) : "");
        rule_advise(run, f, "set rotate.schedule.interval.ms (and timezone) on %s", sink);
    }
}

static void late(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nprefixes; i++) {
        const struct prefix_row *p = &run->p->prefixes[i];
        /* Of a sink that was paused on purpose, C22 speaks. */
        if (p->late_ms == UNKNOWN || p->late_ms <= 0 || p->base.verdict < VERDICT_WARN)
            continue;
        char a[HUMAN_SIZE];
        char b[HUMAN_SIZE];
        struct finding *f = rule_emit(run, p->base.name, "objects of %s are late by %s",
                                      p->base.name, human_duration_ms(a, p->late_ms));
        f->severity = p->base.verdict;
        rule_evidence(run, f, "%s records wait, newest object %s old", human_count(a, p->waiting),
                      human_age_ms(b, p->newest_age_ms));
        rule_evidence(run, f, "a file is due every %s", human_duration_ms(a, p->due_ms));
        rule_advise(run, f, "the sink does not write: check S3 and the sink's trace");
    }
}

const struct diag_rule rules_s3[] = {
    {.id = "S03",
     .severity = VERDICT_CRIT,
     .hop = HOP_SINK,
     .needs = NEEDS(SOURCE_CONNECT),
     .eval = cause_of_sink,
     .explains = {"C01", "S02", "K04", "K06", "K10"}},
    {.id = "S04",
     .severity = VERDICT_CRIT,
     .hop = HOP_SINK,
     .needs = NEEDS(SOURCE_CONNECT),
     .eval = cause_of_sink,
     .explains = {"C01", "S02", "K04", "K06", "K10"}},
    {.id = "S08",
     .severity = VERDICT_CRIT,
     .hop = HOP_SINK,
     .needs = NEEDS(SOURCE_CONNECT),
     .eval = cause_of_sink,
     .explains = {"C01", "S02", "K04", "K06", "K10"}},
    {.id = "S01",
     .severity = VERDICT_WARN,
     .hop = HOP_OBJECTS,
     .needs = NEEDS(SOURCE_KAFKA) | NEEDS(SOURCE_CONNECT),
     .eval = never_closes},
    {.id = "S02",
     .severity = VERDICT_CRIT,
     .hop = HOP_OBJECTS,
     .needs = NEEDS(SOURCE_KAFKA) | NEEDS(SOURCE_S3),
     .eval = late},
    {.id = NULL},
};
