#include "model/lag.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const char *const trend_names[] = {
    [LAG_UNKNOWN] = "",    [LAG_OK] = "OK",     [LAG_WARN] = "WARN",
    [LAG_STALL] = "STALL", [LAG_STOP] = "STOP", [LAG_REWIND] = "REWIND",
};
static_assert(ARRAY_LEN(trend_names) == LAG_TREND_COUNT, "a name per trend");

void lag_ring_free(struct lag_ring *ring)
{
    free(ring->points);
    *ring = (struct lag_ring){.points = NULL};
}

static void make_room(struct lag_ring *ring)
{
    if (ring->count < ring->cap)
        return;
    if (ring->cap < LAG_POINTS) {
        ring->cap = ring->cap == 0 ? 4 : ring->cap * 2 < LAG_POINTS ? ring->cap * 2 : LAG_POINTS;
        ring->points = mem_realloc(ring->points, (size_t)ring->cap * sizeof(*ring->points));
        return;
    }
    ring->count--;
    memmove(ring->points, ring->points + 1, (size_t)ring->count * sizeof(*ring->points));
}

void lag_ring_push(struct lag_ring *ring, int64_t ms, int64_t end)
{
    if (end < 0)
        return;
    if (ring->count > 0) {
        const struct lag_point *last = &ring->points[ring->count - 1];
        if (end < last->end || ms < last->ms)
            ring->count = 0;
        else if (ms == last->ms && end == last->end)
            return;
    }
    /* The third point of a flat run moves the second one along: both its ends matter, the record
     * after it was written after the end, the one before it before the beginning. */
    if (ring->count >= 2 && ring->points[ring->count - 1].end == end &&
        ring->points[ring->count - 2].end == end) {
        ring->points[ring->count - 1].ms = ms;
        return;
    }
    make_room(ring);
    ring->points[ring->count++] = (struct lag_point){.ms = ms, .end = end};
}

struct lag_time lag_seconds(const struct lag_ring *ring, int64_t committed, int64_t now_ms)
{
    struct lag_time t = {.known = false};
    if (ring->count == 0 || committed < 0)
        return t;
    t.known = true;
    if (committed >= ring->points[ring->count - 1].end)
        return t;
    int i = ring->count - 1;
    while (i > 0 && ring->points[i - 1].end > committed)
        i--;
    if (i == 0) {
        t.more = true;
        t.ms = now_ms - ring->points[0].ms;
    } else {
        const struct lag_point *a = &ring->points[i - 1], *b = &ring->points[i];
        double part = (double)(committed - a->end) / (double)(b->end - a->end);
        t.ms = now_ms - (a->ms + (int64_t)(part * (double)(b->ms - a->ms)));
    }
    if (t.ms < 0)
        t.ms = 0;
    return t;
}

struct lag_time lag_time_max(struct lag_time a, struct lag_time b)
{
    if (!a.known || !b.known)
        return a.known ? a : b;
    if (a.ms == b.ms)
        return a.more ? a : b;
    return a.ms > b.ms ? a : b;
}

void lag_window_push(struct lag_window *window, int64_t ms, int64_t committed, int64_t end,
                     int64_t spacing_ms)
{
    if (committed < 0 || end < 0)
        return;
    struct lag_sample *s = window->samples;
    if (window->count == 0) {
        window->moved_ms = ms;
    } else if (s[window->count - 1].committed != committed) {
        window->moved_ms = ms;
    }
    /* A rewind is kept whatever the spacing: nothing later would show it. */
    if (window->count > 0 && ms - s[window->count - 1].ms < spacing_ms &&
        committed >= s[window->count - 1].committed)
        return;
    if (window->count == LAG_WINDOW) {
        window->count--;
        memmove(s, s + 1, (size_t)window->count * sizeof(*s));
    }
    int64_t lag = end > committed ? end - committed : 0;
    s[window->count++] = (struct lag_sample){.ms = ms, .committed = committed, .lag = lag};
}

enum lag_trend lag_window_trend(const struct lag_window *window)
{
    const struct lag_sample *s = window->samples;
    int n = window->count;
    bool caught_up = n > 0 && s[0].lag == 0, moved = false, shrinks = false;
    for (int i = 1; i < n; i++) {
        if (s[i].committed < s[i - 1].committed)
            return LAG_REWIND;
        caught_up = caught_up || s[i].lag == 0;
        moved = moved || s[i].committed != s[i - 1].committed;
        shrinks = shrinks || s[i].lag < s[i - 1].lag;
    }
    if (caught_up)
        return LAG_OK;
    if (n < LAG_WINDOW)
        return LAG_UNKNOWN;
    int64_t span = s[n - 1].ms - s[0].ms;
    if (!moved) /* a lag that shrinks without commits is retention eating the records: no comfort */
        return s[n - 1].ms - window->moved_ms >= 2 * span ? LAG_STOP : LAG_STALL;
    /* Constant lag with moving commits is a sink with open files: it keeps up. */
    return !shrinks && s[n - 1].lag > s[0].lag ? LAG_WARN : LAG_OK;
}

const char *lag_trend_name(enum lag_trend trend)
{
    return (unsigned)trend < LAG_TREND_COUNT ? trend_names[trend] : "";
}
