#include "base/mem.h"
#include "model/feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TREND_SPACING_MS = 10 * 1000, /* ten samples then span what most sinks take to commit */
    TRENDS_MAX = 256,
};

static void feed_topics(struct series_store *st, int64_t t, const struct kafka_snap *kafka)
{
    char key[FEED_KEY];
    for (size_t i = 0; i < kafka->ntopics; i++) {
        const struct kafka_topic *topic = &kafka->topics[i];
        double sum = 0;
        bool all = topic->npartitions > 0;
        for (size_t p = 0; p < topic->npartitions; p++) {
            const struct kafka_partition *part = &topic->partitions[p];
            all = all && part->end != UNKNOWN;
            if (part->end == UNKNOWN)
                continue;
            sum += (double)part->end;
            (void)snprintf(key, sizeof(key), "hw %s/%d", topic->name, (int)part->id);
            series_push_counter(st, key, t, (double)part->end);
        }
        /* A sum with a partition missing would look like a counter that went backwards. */
        if (all)
            series_push_counter(st, feed_key(key, "end", topic->name), t, sum);
    }
}

static struct group_trend *trend_of(struct world_pipeline *p, const char *group)
{
    for (size_t i = 0; i < p->ntrends; i++) {
        if (strcmp(p->trends[i].group, group) == 0)
            return &p->trends[i];
    }
    struct group_trend *t;
    if (p->ntrends < TRENDS_MAX) {
        p->trends = mem_realloc(p->trends, (p->ntrends + 1) * sizeof(*p->trends));
        t = &p->trends[p->ntrends++];
    } else {
        t = &p->trends[0];
        for (size_t i = 1; i < p->ntrends; i++)
            t = p->trends[i].seen_ms < t->seen_ms ? &p->trends[i] : t;
        free(t->group);
    }
    *t = (struct group_trend){.group = mem_strdup(group)};
    return t;
}

/* Committed and end offsets over the partitions that have both: sums of the same set. */
static void feed_group(struct world_pipeline *wp, int64_t now, const struct kafka_snap *kafka,
                       const struct kafka_group *g)
{
    int64_t committed = 0;
    int64_t end = 0;
    for (size_t o = 0; o < g->noffsets; o++) {
        const struct kafka_partition *part =
            kafka_find_partition(kafka, g->offsets[o].topic, g->offsets[o].partition);
        if (part == NULL || part->end == UNKNOWN || g->offsets[o].committed == UNKNOWN)
            continue;
        committed += g->offsets[o].committed;
        end += part->end;
    }
    char key[FEED_KEY];
    /* A counter: its flat runs are kept as two points, and a stuck sink stands still for hours. */
    series_push_counter(wp->series, feed_key(key, "committed", g->name), now, (double)committed);
    struct group_trend *t = trend_of(wp, g->name);
    t->seen_ms = now;
    lag_window_push(&t->window, now, committed, end, TREND_SPACING_MS);
}

static void feed_groups(struct world_pipeline *wp, int64_t now, const struct kafka_snap *kafka)
{
    for (size_t i = 0; i < kafka->ngroups; i++) {
        if (kafka->groups[i].offsets_read && kafka->groups[i].noffsets > 0)
            feed_group(wp, now, kafka, &kafka->groups[i]);
    }
}

void feed_kafka(struct world_pipeline *p, const struct snapshot *snap)
{
    feed_topics(p->series, snap->mono_ms, &snap->kafka);
    feed_groups(p, snap->mono_ms, &snap->kafka);
}
