/* Objects: files that never close, files that are late. What the sink's trace says about S3:
 * rules_trace.c. */
#include "diagnosis/rules.h"

#include "base/human.h"

#include <string.h>

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
