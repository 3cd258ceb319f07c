/* series.h: figures over time: rings of (time, value) by name, and rates of counters.
 *
 * A counter that goes backwards (failover, topic recreated) starts its series anew. Rates need two
 * samples: NAN before that, never 0. Times are monotonic milliseconds given by the caller.
 */
#ifndef CDCTOP_MODEL_SERIES_H
#define CDCTOP_MODEL_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SERIES_POINTS = 120 };

struct point {
    int64_t t;
    double v;
};

struct series {
    char *name;
    bool counter;
    int count, next; /* ring */
    int cap;         /* grows to SERIES_POINTS */
    struct point *points;
    int64_t touched; /* of the last push: what nobody feeds any more is dropped */
};

struct series_store;

struct series_store *series_store_new(void);
void series_store_free(struct series_store *store);

/* Finds or makes. The pointer is good until the next series_push_* or series_expire. */
const struct series *series_find(const struct series_store *store, const char *name);
void series_push_gauge(struct series_store *store, const char *name, int64_t t, double v);
void series_push_counter(struct series_store *store, const char *name, int64_t t, double v);
/* A point only where the value is another one than before: for figures that are told in steps. The
 * newest point is then the time of the last change. */
void series_push_change(struct series_store *store, const char *name, int64_t t, double v);
/* A point of the past: only one that is newer than the newest by more than min_ms counts. The
 * series is kept as if it were fed at `touched`, even where there is nothing new to tell. */
void series_push_late(struct series_store *store, const char *name, int64_t t, double v,
                      int64_t min_ms, int64_t touched);
void series_expire(struct series_store *store, int64_t older_than);
size_t series_count(const struct series_store *store);

/* Change per second over the newest window_ms (at least two points); NAN if there are fewer or s is
 * NULL. For gauges too (how fast does it grow). */
double series_rate(const struct series *s, int64_t window_ms);
int series_samples(const struct series *s); /* 0 for NULL */

/* i-th newest point (0: the newest); false when there is none. */
bool series_at(const struct series *s, int i, struct point *out);

/* How long ago the counter stood at `reached`: the time lag of a reader that has come so far. 0
 * when it has reached the end; *more when it lies before what is remembered: the answer is then a
 * lower bound, never extrapolated. INT64_MIN (UNKNOWN) without samples. */
int64_t series_lag_ms(const struct series *s, double reached, int64_t now, bool *more);

/* How long the value has been what it is now; 0 with fewer than two points, or just changed. */
int64_t series_still_ms(const struct series *s);

/* How often the value changed within the newest window_ms; 0 with fewer than two points. */
int series_changes(const struct series *s, int64_t window_ms);

/* A time until something happens, from a figure that moves: never one number, for rates vary. */
struct projection {
    bool known;              /* false: fewer than three samples, or it does not move that way */
    int64_t low_ms, high_ms; /* high_ms INT64_MAX: at its slowest it never happens */
    double per_s;            /* the rate that it rests on, over the whole window; positive */
};
/* When a figure that now is `left` away from its limit reaches it, if the series goes on rising
 * (sign +1) or falling (-1) as it did over window_ms: by the fastest and the slowest third of it.
 */
struct projection series_project(const struct series *s, double left, int sign, int64_t window_ms);

/* Fills out[n] (oldest first) with per-second rates (counter) or means (gauge) of n equal slices of
 * the newest span_ms before now; NAN where nothing is known. */
void series_slices(const struct series *s, int64_t now, int64_t span_ms, double *out, int n);

#endif
