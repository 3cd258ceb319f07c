/* What the sources themselves say: one that does not answer is never "ok", and a missing right is
 * named with its remedy. */
#include "diagnosis/rules.h"

#include "base/human.h"

#include <stdio.h>

static const enum hop_id hop_of[SOURCE_KIND_COUNT] = {
    [SOURCE_POSTGRES] = HOP_SOURCE,
    [SOURCE_KAFKA] = HOP_TOPICS,
    [SOURCE_CONNECT] = HOP_CAPTURE,
    [SOURCE_S3] = HOP_OBJECTS,
};

static void no_answer(struct rule_run *run)
{
    for (int k = 0; k < SOURCE_KIND_COUNT; k++) {
        if (world_state(run->world, run->index, (enum source_kind)k) != STATE_FAILING)
            continue;
        const struct source_slot *s = &run->world->pipelines[run->index].sources[k];
        const char *name = source_kind_title((enum source_kind)k);
        struct finding *f = rule_emit(run, source_kind_name((enum source_kind)k),
                                      "%s does not answer: %s", name, s->err.text);
        f->hop = hop_of[k];
        f->severity = s->fails >= 2 ? VERDICT_CRIT : VERDICT_UNKNOWN;
        rule_advise(run, f, "%s; what depends on it is unknown until then",
                    err_next_step(s->err.kind));
        char age[HUMAN_SIZE];
        rule_evidence(run, f, "%d polls in a row failed", s->fails);
        rule_evidence(run, f, "last good answer: %s",
                      s->snap == NULL ? "none since the start"
                                      : human_age_ms(age, world_age(run->world, run->index,
                                                                    (enum source_kind)k)));
    }
}

static void missing_rights(struct rule_run *run)
{
    for (int k = 0; k < SOURCE_KIND_COUNT; k++) {
        const struct snapshot *snap = world_snap(run->world, run->index, (enum source_kind)k);
        if (snap == NULL)
            continue;
        for (size_t i = 0; i < snap->notes.count; i++) {
            const struct note *n = &snap->notes.items[i];
            struct finding *f =
                rule_emit(run, source_kind_name((enum source_kind)k), "%s", n->what);
            f->hop = hop_of[k];
            if (n->fix != NULL)
                rule_advise(run, f, "%s", n->fix);
        }
    }
}

const struct diag_rule rules_source[] = {
    {"Z01",       VERDICT_UNKNOWN, HOP_SOURCE, 0, no_answer, {0}},
    {"Z02", VERDICT_INFO, HOP_SOURCE, 0, missing_rights, {0}},
    {0 },
};
