/* lag.h: lag in seconds and its trend, for one partition of one group. Pure.
 *
 * Lag in seconds: a ring remembers when the high watermark had which value. The record at the
 * committed offset was written when the watermark passed it: lag = now - that time, interpolated
 * between two points. What was written before the ring begins is "more than", never extrapolated.
 * Times are milliseconds of any one clock.
 */
#ifndef CDCTOP_MODEL_LAG_H
#define CDCTOP_MODEL_LAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LAG_POINTS = 120, LAG_WINDOW = 10 };

struct lag_point {
    int64_t ms;
    int64_t end; /* high watermark */
};

/* Zero-initialise. Grows as needed; lag_ring_free. A flat run is kept as its two ends. */
struct lag_ring {
    struct lag_point *points; /* oldest first */
    int count, cap;
};

void lag_ring_free(struct lag_ring *ring);
/* A watermark that goes down (topic recreated) starts the ring anew; so does a clock that does. */
void lag_ring_push(struct lag_ring *ring, int64_t ms, int64_t end);

struct lag_time {
    bool known; /* false: nothing seen yet, or nothing committed */
    bool more;  /* more than ms: the record is older than the ring */
    int64_t ms;
};
/* committed: the next offset that the group will read; negative or INT64_MIN: none. */
struct lag_time lag_seconds(const struct lag_ring *ring, int64_t committed, int64_t now_ms);

/* The larger of two; "more than" wins at equal figures. For the maximum over partitions. */
struct lag_time lag_time_max(struct lag_time a, struct lag_time b);

/* Burrow's rules over the last 10 samples. Samples shall be about one commit interval apart: at the
 * refresh interval of a console, a sink that commits once a minute would always look stalled. */
enum lag_trend {
    LAG_UNKNOWN, /* fewer than LAG_WINDOW samples, and none of them caught up */
    LAG_OK,
    LAG_WARN,   /* commits move, lag does not shrink in any step and grows over the window */
    LAG_STALL,  /* commits did not move through the window while records wait */
    LAG_STOP,   /* … and had not moved for a whole window before it */
    LAG_REWIND, /* commits went backwards */
    LAG_TREND_COUNT
};

struct lag_sample {
    int64_t ms, committed, lag;
};

struct lag_window {                        /* zero-initialise */
    struct lag_sample samples[LAG_WINDOW]; /* oldest first */
    int count;
    int64_t moved_ms; /* when committed was last seen to change; the first sample's time before */
};

/* Takes a sample unless the newest one is younger than spacing_ms. committed or end unknown
 * (negative): ignored. */
void lag_window_push(struct lag_window *window, int64_t ms, int64_t committed, int64_t end,
                     int64_t spacing_ms);
enum lag_trend lag_window_trend(const struct lag_window *window);

const char *lag_trend_name(enum lag_trend trend); /* "OK", "WARN", "STALL" …; "" unknown */

#endif
