#include "model/world.h"

#include "base/mem.h"
#include "model/feed.h"

#include <stdlib.h>
#include <string.h>

enum {
    /* An answer is overdue when the interval, the time that a poll takes and this have passed. */
    GRACE_MS = 200,
    SERIES_KEEP_MS = 10 * 60 * 1000,
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
        w->pipelines[i].history = connector_history_new();
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
        connector_history_free(world->pipelines[i].history);
        for (size_t t = 0; t < world->pipelines[i].ntrends; t++)
            free(world->pipelines[i].trends[t].group);
        free(world->pipelines[i].trends);
        kafka_past_clear(&world->pipelines[i].kafka_past);
    }
    free(world->pipelines);
    free(world);
}

void world_now(struct world *world, int64_t mono_ms, int64_t wall_ms)
{
    world->mono_ms = mono_ms;
    world->wall_ms = wall_ms;
}

static void feed_nothing(struct world_pipeline *p, const struct snapshot *snap)
{
    (void)p;
    (void)snap;
}

static void (*const feeds[SOURCE_KIND_COUNT])(struct world_pipeline *, const struct snapshot *) = {
    [SOURCE_POSTGRES] = feed_postgres,   [SOURCE_KAFKA] = feed_kafka,
    [SOURCE_CONNECT] = feed_connect,     [SOURCE_S3] = feed_s3,
    [SOURCE_AWS] = feed_nothing,         [SOURCE_MSK] = feed_nothing,
    [SOURCE_MSK_CONNECT] = feed_connect, [SOURCE_DMS] = feed_connect,
    [SOURCE_RDS] = feed_nothing,         [SOURCE_CLOUDWATCH] = feed_cloudwatch,
    [SOURCE_LOGS] = feed_nothing,
};

void world_accept(struct world *world, size_t pipeline, enum source_kind kind,
                  struct report *report)
{
    struct world_pipeline *p = &world->pipelines[pipeline];
    struct source_slot *s = &p->sources[kind];
    if (report->snap != NULL) {
        feeds[kind](p, report->snap); /* the one before is still there to compare with */
        snapshot_free(s->snap);
        s->snap = report->snap;
        report->snap = NULL;
        if (kind == SOURCE_KAFKA || feeds[kind] == feed_connect)
            feed_snapshots(p, s->snap);
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
    s->recent_us[s->nrecent++ % SOURCE_POLLS] = report->took_us;
    s->polls = report->polls;
    s->failures = report->failures;
    s->fails = report->fails;
    report_free(report);
}

static int64_t stale_at(const struct world *world, const struct source_slot *s)
{
    int64_t every = s->snap->every_ms > world->interval_ms ? s->snap->every_ms : world->interval_ms;
    return s->snap->mono_ms + every + s->took_us / 1000 + GRACE_MS;
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

enum source_kind world_connectors_kind(const struct world *world, size_t pipeline)
{
    enum source_kind kind = SOURCE_CONNECT;
    enum source_state worst = STATE_OFF;
    for (int s = 0; s < SERVICE_COUNT; s++) {
        enum source_kind one = service_source((enum connect_service)s);
        enum source_state state = world_state(world, pipeline, one);
        /* Fresh is the best of those that are on; off does not count. */
        bool worse = state != STATE_OFF && (worst == STATE_OFF || worst == STATE_FRESH ||
                                            (state != STATE_FRESH && state > worst));
        kind = worse ? one : kind;
        worst = worse ? state : worst;
    }
    return kind;
}

enum source_state world_connectors(const struct world *world, size_t pipeline)
{
    return world_state(world, pipeline, world_connectors_kind(world, pipeline));
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

int64_t world_skew(const struct world *world, size_t pipeline, enum source_kind kind)
{
    const struct snapshot *snap = world->pipelines[pipeline].sources[kind].snap;
    if (snap == NULL || snap->server_ms == UNKNOWN)
        return UNKNOWN;
    return snap->server_ms - snap->wall_ms;
}

const struct group_trend *world_group(const struct world *world, size_t pipeline, const char *group)
{
    const struct world_pipeline *p = &world->pipelines[pipeline];
    for (size_t i = 0; i < p->ntrends; i++) {
        if (strcmp(p->trends[i].group, group) == 0)
            return &p->trends[i];
    }
    return NULL;
}

enum lag_trend world_trend(const struct world *world, size_t pipeline, const char *group)
{
    const struct group_trend *t = world_group(world, pipeline, group);
    return t != NULL ? lag_window_trend(&t->window) : LAG_UNKNOWN;
}

const struct snapshot *world_snap(const struct world *world, size_t pipeline, enum source_kind kind)
{
    return world->pipelines[pipeline].sources[kind].snap;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

bool source_latency(const struct source_slot *slot, struct latency *out)
{
    int64_t us[SOURCE_POLLS];
    size_t n = slot->nrecent < SOURCE_POLLS ? slot->nrecent : SOURCE_POLLS;
    if (n == 0)
        return false;
    memcpy(us, slot->recent_us, n * sizeof(*us));
    qsort(us, n, sizeof(*us), by_value);
    *out = (struct latency){.median_us = us[(n - 1) / 2], .worst_us = us[n - 1], .n = n};
    return true;
}
