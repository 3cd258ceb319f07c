#include "base/mem.h"
#include "model/feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TREND_SPACING_MS = 10 * 1000, /* ten samples then span what most sinks take to commit */
    TRENDS_MAX = 256,
    AT_MAX = 512,     /* partitions of groups that have a series of their own */
    BEHIND_MAX = 200, /* partitions of one group that are looked at for its time lag */
    TOTAL_STEPS = 4,  /* points per rate_window */
};

/* Thinned out: the ring of a series would hold four minutes only at one point per poll. */
static void feed_total(const struct world_pipeline *wp, int64_t t, const char *topic, double sum)
{
    char key[FEED_KEY];
    struct point last;
    const char *name = feed_key(key, "total", topic);
    bool any = series_at(series_find(wp->series, name), 0, &last);
    if (!any || sum < last.v || t - last.t >= wp->config->thresholds.rate_window_ms / TOTAL_STEPS)
        series_push_counter(wp->series, name, t, sum);
}

static void feed_topics(const struct world_pipeline *wp, int64_t t, const struct kafka_snap *kafka)
{
    struct series_store *st = wp->series;
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
        if (!all)
            continue;
        series_push_counter(st, feed_key(key, "end", topic->name), t, sum);
        feed_total(wp, t, topic->name, sum);
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

/* How old the oldest record is that waits in this partition; UNKNOWN. */
static int64_t waited_ms(const struct world_pipeline *wp, const struct snapshot *snap,
                         const struct kafka_group *g, const struct kafka_offset *o)
{
    char key[FEED_KEY];
    bool more = false;
    (void)snprintf(key, sizeof(key), "hw %s/%d", o->topic, (int)o->partition);
    int64_t ms =
        series_lag_ms(series_find(wp->series, key), (double)o->committed, snap->mono_ms, &more);
    if (ms != UNKNOWN && !more)
        return ms;
    for (size_t i = 0; i < snap->kafka.nunread; i++) {
        const struct kafka_unread *u = &snap->kafka.unread[i];
        if (u->partition == o->partition && strcmp(u->topic, o->topic) == 0 &&
            strcmp(u->group, g->name) == 0)
            return snap->wall_ms - u->time_ms;
    }
    return ms;
}

/* Committed and end offsets over the partitions that have both: sums of the same set. */
static void feed_group(struct world_pipeline *wp, const struct snapshot *snap,
                       const struct kafka_group *g, size_t *at_room)
{
    int64_t committed = 0;
    int64_t end = 0;
    int64_t worst = 0;
    int looked = 0;
    char key[FEED_KEY];
    for (size_t o = 0; o < g->noffsets; o++) {
        const struct kafka_offset *off = &g->offsets[o];
        const struct kafka_partition *part =
            kafka_find_partition(&snap->kafka, off->topic, off->partition);
        if (part == NULL || part->end == UNKNOWN || off->committed == UNKNOWN)
            continue;
        committed += off->committed;
        end += part->end;
        if (off->committed < part->end && looked++ < BEHIND_MAX) {
            int64_t ms = waited_ms(wp, snap, g, off);
            worst = ms != UNKNOWN && ms > worst ? ms : worst;
        }
        int n = snprintf(key, sizeof(key), "at %s %s/%d", g->name, off->topic, (int)off->partition);
        if (*at_room > 0 && n > 0 && n < (int)sizeof(key)) {
            (*at_room)--;
            series_push_counter(wp->series, key, snap->mono_ms, (double)off->committed);
        }
    }
    /* A counter: its flat runs are kept as two points, and a stuck sink stands still for hours. */
    series_push_counter(wp->series, feed_key(key, "committed", g->name), snap->mono_ms,
                        (double)committed);
    series_push_gauge(wp->series, feed_key(key, "behind", g->name), snap->mono_ms, (double)worst);
    series_push_gauge(wp->series, feed_key(key, "lag", g->name), snap->mono_ms,
                      (double)(end > committed ? end - committed : 0));
    struct group_trend *t = trend_of(wp, g->name);
    t->seen_ms = snap->mono_ms;
    lag_window_push(&t->window, snap->mono_ms, committed, end, TREND_SPACING_MS);
}

static void feed_state(struct world_pipeline *wp, int64_t now, const struct kafka_group *g)
{
    bool busy =
        strcmp(g->state, "PreparingRebalance") == 0 || strcmp(g->state, "CompletingRebalance") == 0;
    struct group_trend *t = trend_of(wp, g->name);
    if (busy && (t->busy & 1) == 0)
        t->begun_ms[t->nbegun++ % GROUP_REBALANCES] = now;
    t->busy = t->busy << 1 | (busy ? 1 : 0);
    t->empty = t->empty << 1 | (strcmp(g->state, "Empty") == 0 ? 1 : 0);
    t->busy_polls += t->busy_polls < GROUP_POLLS;
    t->seen_ms = now;
}

static void feed_groups(struct world_pipeline *wp, const struct snapshot *snap)
{
    size_t at_room = AT_MAX;
    for (size_t i = 0; i < snap->kafka.ngroups; i++) {
        const struct kafka_group *g = &snap->kafka.groups[i];
        bool known = g->offsets_read && g->noffsets > 0;
        if (known)
            feed_group(wp, snap, g, &at_room);
        /* Of the thousands of other groups nobody asks for the state. */
        bool consumes = g->protocol_type != NULL && strcmp(g->protocol_type, "consumer") == 0;
        if (g->state != NULL && (known || (consumes && g->offsets_read)))
            feed_state(wp, snap->mono_ms, g);
    }
}

void feed_kafka(struct world_pipeline *p, const struct snapshot *snap)
{
    const struct snapshot *before = p->sources[SOURCE_KAFKA].snap;
    kafka_past_feed(&p->kafka_past, p->series, before != NULL ? &before->kafka : NULL, &snap->kafka,
                    snap->mono_ms);
    feed_topics(p, snap->mono_ms, &snap->kafka);
    feed_groups(p, snap);
}
