#include "model/world.h"

#include "base/lsn.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    /* An answer is overdue when the interval, the time that a poll takes and this have passed. */
    GRACE_MS = 200,
    SERIES_KEEP_MS = 10 * 60 * 1000,
    TREND_SPACING_MS = 10 * 1000, /* ten samples then span what most sinks take to commit */
    TRENDS_MAX = 256,
};

void report_free(struct report *report)
{
    if (report == NULL)
        return;
    snapshot_free(report->snap);
    free(report);
}

struct world *world_new(const struct config *config)
{
    struct world *w = mem_alloc(sizeof(*w));
    w->config = config;
    w->interval_ms = config->interval_ms;
    w->npipelines = config->npipelines;
    w->pipelines = mem_calloc(w->npipelines, sizeof(*w->pipelines));
    for (size_t i = 0; i < w->npipelines; i++) {
        w->pipelines[i].config = &config->pipelines[i];
        w->pipelines[i].series = series_store_new();
    }
    return w;
}

void world_free(struct world *world)
{
    if (world == NULL)
        return;
    for (size_t i = 0; i < world->npipelines; i++) {
        for (int k = 0; k < SOURCE_KIND_COUNT; k++)
            snapshot_free(world->pipelines[i].sources[k].snap);
        series_store_free(world->pipelines[i].series);
        for (size_t t = 0; t < world->pipelines[i].ntrends; t++)
            free(world->pipelines[i].trends[t].group);
        free(world->pipelines[i].trends);
    }
    free(world->pipelines);
    free(world);
}

void world_now(struct world *world, int64_t mono_ms, int64_t wall_ms)
{
    world->mono_ms = mono_ms;
    world->wall_ms = wall_ms;
}

static const char *named(char *buf, size_t size, const char *what, const char *name)
{
    (void)snprintf(buf, size, "%s %s", what, name);
    return buf;
}

static void feed_postgres(struct series_store *st, int64_t t, const struct pg_snap *pg)
{
    char key[256];
    if (pg->lsn_now != LSN_NONE)
        series_push_counter(st, "wal", t, (double)pg->lsn_now);
    for (size_t i = 0; i < pg->nslots; i++) {
        const struct pg_slot *s = &pg->slots[i];
        if (s->retained != UNKNOWN)
            series_push_gauge(st, named(key, sizeof(key), "retained", s->name), t,
                              (double)s->retained);
        if (s->confirmed_flush_lsn != LSN_NONE)
            series_push_counter(st, named(key, sizeof(key), "confirmed", s->name), t,
                                (double)s->confirmed_flush_lsn);
        if (s->unconfirmed != UNKNOWN)
            series_push_gauge(st, named(key, sizeof(key), "unconfirmed", s->name), t,
                              (double)s->unconfirmed);
        if (s->restart_lsn != LSN_NONE)
            series_push_counter(st, named(key, sizeof(key), "restart", s->name), t,
                                (double)s->restart_lsn);
        /* First sight of an inactive slot: servers before 17 do not tell since when. */
        named(key, sizeof(key), "inactive", s->name);
        if (s->active == TRI_NO)
            series_push_gauge(st, key, t, 1);
        else if (s->active == TRI_YES && series_find(st, key) != NULL)
            series_push_gauge(st, key, t, 0);
    }
}

static void feed_kafka(struct series_store *st, int64_t t, const struct kafka_snap *kafka)
{
    char key[300];
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
            series_push_counter(st, named(key, sizeof(key), "end", topic->name), t, sum);
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
    char key[300];
    /* A counter: its flat runs are kept as two points, and a stuck sink stands still for hours. */
    series_push_counter(wp->series, named(key, sizeof(key), "committed", g->name), now,
                        (double)committed);
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

static void feed_connect(struct series_store *st, int64_t t, const struct connect_snap *connect)
{
    char key[300];
    for (size_t i = 0; i < connect->nconnectors; i++) {
        const struct connect_connector *c = &connect->connectors[i];
        if (c->lsn != LSN_NONE)
            series_push_gauge(st, named(key, sizeof(key), "offset", c->name), t, (double)c->lsn);
    }
}

static void feed_s3(struct series_store *st, int64_t t, const struct s3_snap *s3)
{
    char key[300];
    for (size_t i = 0; i < s3->nprefixes; i++) {
        const struct s3_prefix *p = &s3->prefixes[i];
        if (p->topic != NULL && p->complete)
            series_push_counter(st, named(key, sizeof(key), "objects", p->topic), t,
                                (double)p->seen);
    }
}

static void feed(struct world_pipeline *p, const struct snapshot *snap)
{
    switch (snap->kind) {
    case SOURCE_POSTGRES: feed_postgres(p->series, snap->mono_ms, &snap->pg); break;
    case SOURCE_KAFKA:
        feed_kafka(p->series, snap->mono_ms, &snap->kafka);
        feed_groups(p, snap->mono_ms, &snap->kafka);
        break;
    case SOURCE_CONNECT: feed_connect(p->series, snap->mono_ms, &snap->connect); break;
    case SOURCE_S3: feed_s3(p->series, snap->mono_ms, &snap->s3); break;
    case SOURCE_KIND_COUNT: break;
    }
}

void world_accept(struct world *world, size_t pipeline, enum source_kind kind,
                  struct report *report)
{
    struct world_pipeline *p = &world->pipelines[pipeline];
    struct source_slot *s = &p->sources[kind];
    if (report->snap != NULL) {
        snapshot_free(s->snap);
        s->snap = report->snap;
        report->snap = NULL;
        feed(p, s->snap);
        series_expire(p->series, s->snap->mono_ms - SERIES_KEEP_MS);
    }
    if (report->err.kind == ERR_NONE)
        s->failing_since_ms = 0;
    else if (s->failing_since_ms == 0)
        s->failing_since_ms = report->mono_ms;
    s->configured = true;
    s->err = report->err;
    s->report_mono_ms = report->mono_ms;
    s->took_us = report->took_us;
    s->polls = report->polls;
    s->failures = report->failures;
    s->fails = report->fails;
    report_free(report);
}

static int64_t stale_at(const struct world *world, const struct source_slot *s)
{
    return s->snap->mono_ms + world->interval_ms + s->took_us / 1000 + GRACE_MS;
}

enum source_state world_state(const struct world *world, size_t pipeline, enum source_kind kind)
{
    const struct source_slot *s = &world->pipelines[pipeline].sources[kind];
    if (!s->configured)
        return STATE_OFF;
    if (s->err.kind != ERR_NONE)
        return STATE_FAILING;
    if (s->snap == NULL)
        return STATE_WAITING;
    return world->mono_ms > stale_at(world, s) ? STATE_STALE : STATE_FRESH;
}

int64_t world_next_stale(const struct world *world)
{
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < world->npipelines; i++) {
        for (int k = 0; k < SOURCE_KIND_COUNT; k++) {
            const struct source_slot *s = &world->pipelines[i].sources[k];
            if (world_state(world, i, (enum source_kind)k) == STATE_FRESH &&
                stale_at(world, s) < next)
                next = stale_at(world, s);
        }
    }
    return next;
}

int64_t world_age(const struct world *world, size_t pipeline, enum source_kind kind)
{
    const struct snapshot *snap = world->pipelines[pipeline].sources[kind].snap;
    return snap != NULL ? world->mono_ms - snap->mono_ms : UNKNOWN;
}

int64_t world_server_now(const struct world *world, size_t pipeline, enum source_kind kind)
{
    const struct snapshot *snap = world->pipelines[pipeline].sources[kind].snap;
    if (snap == NULL || snap->server_ms == UNKNOWN)
        return world->wall_ms;
    return snap->server_ms + (world->mono_ms - snap->mono_ms);
}

enum lag_trend world_trend(const struct world *world, size_t pipeline, const char *group)
{
    const struct world_pipeline *p = &world->pipelines[pipeline];
    for (size_t i = 0; i < p->ntrends; i++) {
        if (strcmp(p->trends[i].group, group) == 0)
            return lag_window_trend(&p->trends[i].window);
    }
    return LAG_UNKNOWN;
}

const struct snapshot *world_snap(const struct world *world, size_t pipeline, enum source_kind kind)
{
    return world->pipelines[pipeline].sources[kind].snap;
}
