#include "model/feed.h"

#include <math.h>
#include <stdio.h>

/* Datapoints are a minute apart at least, and the clocks that date them not exactly in step. */
enum { APART_MS = 20 * 1000 };

const char *feed_metric_key(char *buf, const char *space, const char *name, const char *object)
{
    (void)snprintf(buf, FEED_KEY, "%s %s %s", name, space, object);
    return buf;
}

/* When that was, by our monotonic clock. */
static int64_t mono_of(const struct snapshot *snap, int64_t at_ms)
{
    int64_t now = snap->server_ms != UNKNOWN ? snap->server_ms : snap->wall_ms;
    return snap->mono_ms - (now - at_ms);
}

void feed_cloudwatch(struct world_pipeline *p, const struct snapshot *snap)
{
    char key[FEED_KEY];
    for (size_t i = 0; i < snap->cloudwatch.nmetrics; i++) {
        const struct cw_metric *m = &snap->cloudwatch.metrics[i];
        if (isnan(m->value) || m->at_ms == UNKNOWN)
            continue;
        feed_metric_key(key, m->space, m->name, m->object);
        if (!isnan(m->before) && series_find(p->series, key) == NULL)
            series_push_late(p->series, key, mono_of(snap, m->before_ms), m->before, APART_MS,
                             snap->mono_ms);
        series_push_late(p->series, key, mono_of(snap, m->at_ms), m->value, APART_MS,
                         snap->mono_ms);
    }
}
