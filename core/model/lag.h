/* lag.h: the trend of a group's lag, by Burrow's rules. Pure. (Lag in seconds: series.h.)
 *
 * Times are milliseconds of any one clock.
 */
#ifndef CDCTOP_MODEL_LAG_H
#define CDCTOP_MODEL_LAG_H

#include <stdint.h>

enum { LAG_WINDOW = 10 };

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
