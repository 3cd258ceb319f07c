/* One voice: what the findings say shows in the strip and in the rows that they are about. */
#include "diagnosis/diagnosis.h"

#include <string.h>

static void raise_row(const struct row_base *row, const struct finding *f)
{
    /* The pipeline belongs to whoever joined it and asks for this. */
    struct row_base *base = (struct row_base *)(uintptr_t)row;
    if (base == NULL || base->verdict >= f->severity)
        return;
    base->verdict = f->severity;
    base->why = f->title;
}

/* A slot and a connector may have the same name: the hop tells which one is meant. */
static const struct row_base *row_of(const struct pipeline *p, const struct finding *f)
{
    const struct slot_row *slot = pipeline_slot(p, f->object);
    const struct connector_row *connector = pipeline_connector(p, f->object);
    const struct prefix_row *prefix = pipeline_prefix(p, f->object);
    const struct topic_row *topic = pipeline_topic(p, f->object);
    if (slot != NULL && (f->hop <= HOP_SLOT || connector == NULL))
        return &slot->base;
    if (connector != NULL)
        return &connector->base;
    if (prefix != NULL && f->hop == HOP_OBJECTS)
        return &prefix->base;
    const struct group_row *group = pipeline_group(p, f->object);
    return topic != NULL ? &topic->base : group != NULL ? &group->base : NULL;
}

/* A server that does not answer leaves its hops unknown: that is all that is known of them. */
static bool of_a_source(const struct finding *f)
{
    for (int k = 0; k < SOURCE_KIND_COUNT; k++) {
        if (strcmp(f->object, source_kind_name((enum source_kind)k)) == 0)
            return true;
    }
    return false;
}

void diagnosis_voice(struct pipeline *p, const struct findings *findings)
{
    /* Backwards: the words of the more important finding stay. */
    for (size_t i = findings->count; i > 0; i--) {
        const struct finding *f = &findings->items[i - 1];
        if (f->clearing || f->severity < VERDICT_WARN || of_a_source(f))
            continue;
        raise_row(row_of(p, f), f);
        struct hop *hop = &p->hops[f->hop];
        if (hop->verdict >= f->severity)
            continue;
        hop->verdict = f->severity;
        hop->word = f->title;
        hop->curt = NULL;
    }
    p->first_bad = -1;
    for (int i = HOP_COUNT - 1; i >= 0; i--) {
        if (p->hops[i].verdict >= VERDICT_WARN)
            p->first_bad = i;
    }
}
