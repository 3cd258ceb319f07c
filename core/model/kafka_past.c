#include "model/kafka_past.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void event_free(struct kafka_event *e)
{
    free((char *)(uintptr_t)e->group);
    free((char *)(uintptr_t)e->topic);
}

void kafka_past_clear(struct kafka_past *past)
{
    for (size_t i = 0; i < past->count; i++)
        event_free(&past->items[i]);
    past->count = 0;
}

/* The entry of the same thing, a free one, or the one that was seen longest ago. */
static struct kafka_event *place_for(struct kafka_past *past, const struct kafka_event *e)
{
    for (size_t i = 0; i < past->count; i++) {
        struct kafka_event *old = &past->items[i];
        if (old->kind == e->kind && old->partition == e->partition &&
            mem_same(old->group, e->group) && mem_same(old->topic, e->topic))
            return old;
    }
    if (past->count < KAFKA_PAST_MAX) {
        past->items[past->count] = (struct kafka_event){.kind = e->kind};
        return &past->items[past->count++];
    }
    struct kafka_event *oldest = &past->items[0];
    for (size_t i = 1; i < past->count; i++)
        oldest = past->items[i].mono_ms < oldest->mono_ms ? &past->items[i] : oldest;
    event_free(oldest);
    *oldest = (struct kafka_event){.kind = e->kind};
    return oldest;
}

/* The strings of e are borrowed. */
static void note(struct kafka_past *past, const struct kafka_event *e)
{
    struct kafka_event *at = place_for(past, e);
    if (at->topic == NULL) {
        at->group = mem_strdup(e->group);
        at->topic = mem_strdup(e->topic);
        at->partition = e->partition;
    }
    at->from = e->from;
    at->to = e->to;
    at->mono_ms = e->mono_ms;
}

/* The end that was seen last. A topic that is deleted and made anew is missing for a moment: the
 * series remember it. */
static int64_t last_end(const struct series_store *series, const struct kafka_snap *before,
                        const char *topic, int32_t partition)
{
    const struct kafka_topic *t = before != NULL ? kafka_find_topic(before, topic) : NULL;
    const struct kafka_partition *p =
        t != NULL ? kafka_find_partition(before, topic, partition) : NULL;
    if (p != NULL && p->end != UNKNOWN)
        return p->end;
    char key[300];
    struct point point;
    (void)snprintf(key, sizeof(key), "hw %s/%d", topic, (int)partition);
    return series_at(series_find(series, key), 0, &point) ? (int64_t)point.v : UNKNOWN;
}

static void feed_topics(struct kafka_past *past, const struct series_store *series,
                        const struct kafka_snap *before, const struct kafka_snap *now,
                        int64_t now_ms)
{
    for (size_t i = 0; i < now->ntopics; i++) {
        const struct kafka_topic *t = &now->topics[i];
        for (size_t k = 0; k < t->npartitions; k++) {
            const struct kafka_partition *p = &t->partitions[k];
            int64_t was = p->end != UNKNOWN ? last_end(series, before, t->name, p->id) : UNKNOWN;
            if (was != UNKNOWN && p->end < was)
                note(past, &(struct kafka_event){.kind = KAFKA_ANEW,
                                                 .topic = t->name,
                                                 .partition = p->id,
                                                 .from = was,
                                                 .to = p->end,
                                                 .mono_ms = now_ms});
        }
    }
}

static const struct kafka_group *group_of(const struct kafka_snap *kafka, const char *name)
{
    const struct kafka_group *g = kafka_find_group(kafka, name);
    return g != NULL && g->offsets_read ? g : NULL;
}

/* Both lists are in the order in which they were asked for, so the place is a good guess. */
static int64_t committed_in(const struct kafka_group *g, const struct kafka_offset *o, size_t hint)
{
    for (size_t k = 0; k < g->noffsets; k++) {
        const struct kafka_offset *x = &g->offsets[(hint + k) % g->noffsets];
        if (x->partition == o->partition && strcmp(x->topic, o->topic) == 0)
            return x->committed;
    }
    return UNKNOWN;
}

/* A group without a commit may also not have been asked this time: that proves nothing. */
static void note_rewound(struct kafka_past *past, const struct kafka_group *old,
                         const struct kafka_group *g, int64_t now_ms)
{
    for (size_t i = 0; i < old->noffsets; i++) {
        const struct kafka_offset *o = &old->offsets[i];
        int64_t is = o->committed != UNKNOWN ? committed_in(g, o, i) : UNKNOWN;
        if (is != UNKNOWN && is < o->committed)
            note(past, &(struct kafka_event){.kind = KAFKA_REWOUND,
                                             .group = g->name,
                                             .topic = o->topic,
                                             .partition = o->partition,
                                             .from = o->committed,
                                             .to = is,
                                             .mono_ms = now_ms});
    }
}

static void note_lost(struct kafka_past *past, const struct kafka_snap *now,
                      const struct kafka_group *g, int64_t now_ms)
{
    for (size_t i = 0; i < g->noffsets; i++) {
        const struct kafka_offset *o = &g->offsets[i];
        const struct kafka_partition *p = kafka_find_partition(now, o->topic, o->partition);
        if (p != NULL && p->begin != UNKNOWN && o->committed != UNKNOWN && o->committed < p->begin)
            note(past, &(struct kafka_event){.kind = KAFKA_LOST,
                                             .group = g->name,
                                             .topic = o->topic,
                                             .partition = o->partition,
                                             .from = o->committed,
                                             .to = p->begin,
                                             .mono_ms = now_ms});
    }
}

void kafka_past_feed(struct kafka_past *past, const struct series_store *series,
                     const struct kafka_snap *before, const struct kafka_snap *now, int64_t now_ms)
{
    feed_topics(past, series, before, now, now_ms);
    for (size_t i = 0; i < now->ngroups; i++) {
        const struct kafka_group *g = &now->groups[i];
        if (!g->offsets_read)
            continue;
        const struct kafka_group *old = before != NULL ? group_of(before, g->name) : NULL;
        if (old != NULL)
            note_rewound(past, old, g, now_ms);
        note_lost(past, now, g, now_ms);
    }
}
