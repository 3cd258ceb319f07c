#include "model/series.h"

#include "base/mem.h"

#include <math.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

/* By name in libc's balanced tree: thousands of topics, looked up a few times per refresh. */
struct series_store {
    void *root;
    size_t count;
    int64_t limit;        /* of a series_expire under way: */
    struct series **dead; /* what its walk found */
    size_t ndead, cap_dead;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct series *)a)->name, ((const struct series *)b)->name);
}

static void series_free(void *item)
{
    struct series *s = item;
    free(s->name);
    free(s->points);
    free(s);
}

struct series_store *series_store_new(void)
{
    return mem_alloc(sizeof(struct series_store));
}

void series_store_free(struct series_store *store)
{
    if (store == NULL)
        return;
    tdestroy(store->root, series_free);
    free(store);
}

static struct series *lookup(const struct series_store *store, const char *name)
{
    char *key = mem_strdup(name);
    struct series probe = {.name = key};
    struct series *const *node = tfind(&probe, &store->root, by_name);
    free(key);
    return node != NULL ? *node : NULL;
}

static struct series *find_or_make(struct series_store *store, const char *name, bool counter)
{
    struct series *s = lookup(store, name);
    if (s != NULL)
        return s;
    s = mem_alloc(sizeof(*s));
    s->name = mem_strdup(name);
    s->counter = counter;
    if (tsearch(s, &store->root, by_name) == NULL)
        mem_fatal("out of memory");
    store->count++;
    return s;
}

const struct series *series_find(const struct series_store *store, const char *name)
{
    return lookup(store, name);
}

static void push(struct series *s, int64_t t, double v)
{
    s->touched = t;
    if (s->count == s->cap && s->cap < SERIES_POINTS) {
        /* Not yet wrapped while it still grows: the order in memory is the order in time. */
        s->cap = s->cap == 0 ? 8 : s->cap * 2 < SERIES_POINTS ? s->cap * 2 : SERIES_POINTS;
        s->points = mem_realloc(s->points, (size_t)s->cap * sizeof(*s->points));
        s->next = s->count;
    }
    s->points[s->next] = (struct point){t, v};
    s->next = (s->next + 1) % s->cap;
    if (s->count < s->cap)
        s->count++;
    if (s->count < s->cap)
        s->next = s->count;
}

void series_push_gauge(struct series_store *store, const char *name, int64_t t, double v)
{
    push(find_or_make(store, name, false), t, v);
}

void series_push_counter(struct series_store *store, const char *name, int64_t t, double v)
{
    struct series *s = find_or_make(store, name, true);
    struct point last;
    struct point before;
    if (series_at(s, 0, &last) && v < last.v)
        s->count = s->next = 0;
    if (series_at(s, 1, &before) && before.v == v && last.v == v) {
        /* A flat run is told by its two ends: the ring then reaches further back. */
        s->points[(s->next - 1 + s->cap) % s->cap].t = t;
        s->touched = t;
        return;
    }
    push(s, t, v);
}

void series_push_change(struct series_store *store, const char *name, int64_t t, double v)
{
    struct series *s = find_or_make(store, name, false);
    struct point last;
    if (series_at(s, 0, &last) && last.v == v)
        s->touched = t;
    else
        push(s, t, v);
}

void series_push_late(struct series_store *store, const char *name, int64_t t, double v,
                      int64_t min_ms, int64_t touched)
{
    struct series *s = find_or_make(store, name, false);
    struct point last;
    if (!series_at(s, 0, &last) || t > last.t + min_ms)
        push(s, t, v);
    s->touched = touched;
}

static void collect_old(const void *node, VISIT which, void *closure)
{
    struct series_store *store = closure;
    struct series *s = *(struct series *const *)node;
    if ((which != postorder && which != leaf) || s->touched >= store->limit)
        return;
    if (store->ndead == store->cap_dead) {
        store->cap_dead = store->cap_dead == 0 ? 16 : store->cap_dead * 2;
        store->dead = mem_realloc(store->dead, store->cap_dead * sizeof(struct series *));
    }
    store->dead[store->ndead++] = s;
}

/* The tree must not change under the walk. One walk for all: when the first connectors tell which
 * topics matter, the thousands of others grow old in the same second. */
void series_expire(struct series_store *store, int64_t older_than)
{
    store->limit = older_than;
    twalk_r(store->root, collect_old, store);
    for (size_t i = 0; i < store->ndead; i++) {
        tdelete(store->dead[i], &store->root, by_name);
        series_free(store->dead[i]);
    }
    store->count -= store->ndead;
    free(store->dead);
    store->dead = NULL;
    store->ndead = store->cap_dead = 0;
}

size_t series_count(const struct series_store *store)
{
    return store->count;
}

int series_samples(const struct series *s)
{
    return s != NULL ? s->count : 0;
}

bool series_at(const struct series *s, int i, struct point *out)
{
    if (s == NULL || i < 0 || i >= s->count)
        return false;
    int at = (s->next - 1 - i) % s->cap;
    *out = s->points[at < 0 ? at + s->cap : at];
    return true;
}

double series_rate(const struct series *s, int64_t window_ms)
{
    struct point newest;
    struct point old;
    if (!series_at(s, 0, &newest) || !series_at(s, 1, &old))
        return NAN;
    struct point p;
    int i = 2;
    for (; series_at(s, i, &p) && newest.t - p.t <= window_ms; i++)
        old = p;
    /* Of a flat run only the two ends are kept: it stood there when the window began, too. */
    if (series_at(s, i, &p) && p.v == old.v && old.t > newest.t - window_ms)
        old.t = newest.t - window_ms;
    return newest.t > old.t ? (newest.v - old.v) * 1000 / (double)(newest.t - old.t) : NAN;
}

int64_t series_lag_ms(const struct series *s, double reached, int64_t now, bool *more)
{
    struct point later;
    *more = false;
    if (!series_at(s, 0, &later))
        return INT64_MIN;
    if (reached >= later.v)
        return 0;
    struct point p = later;
    for (int i = 1; series_at(s, i, &p); i++) {
        if (p.v <= reached) {
            double part = (reached - p.v) / (later.v - p.v);
            return now - (p.t + (int64_t)(part * (double)(later.t - p.t)));
        }
        later = p;
    }
    *more = true;
    return now - later.t;
}

int64_t series_still_ms(const struct series *s)
{
    struct point newest;
    if (!series_at(s, 0, &newest))
        return 0;
    struct point p = newest;
    int64_t since = newest.t;
    for (int i = 1; series_at(s, i, &p) && p.v == newest.v; i++)
        since = p.t;
    return newest.t - since;
}

/* The counter's value at time t, between two points; NAN outside what is known. */
static double value_at(const struct series *s, int64_t t)
{
    struct point later;
    if (!series_at(s, 0, &later) || t > later.t)
        return NAN;
    struct point p;
    for (int i = 0; series_at(s, i, &p); i++) {
        if (p.t <= t) {
            double span = (double)(later.t - p.t);
            return span <= 0 ? p.v : p.v + (later.v - p.v) * (double)(t - p.t) / span;
        }
        later = p;
    }
    return NAN;
}

static double mean_between(const struct series *s, int64_t from, int64_t to)
{
    double sum = 0;
    int n = 0;
    struct point p;
    for (int i = 0; series_at(s, i, &p) && p.t >= from; i++) {
        if (p.t < to) {
            sum += p.v;
            n++;
        }
    }
    return n > 0 ? sum / n : NAN;
}

void series_slices(const struct series *s, int64_t now, int64_t span_ms, double *out, int n)
{
    struct point newest;
    bool any = series_at(s, 0, &newest);
    for (int i = 0; i < n; i++) {
        int64_t from = now - span_ms + span_ms * i / n;
        int64_t to = now - span_ms + span_ms * (i + 1) / n;
        if (!any) {
            out[i] = NAN;
        } else if (!s->counter) {
            out[i] = mean_between(s, from, to);
        } else {
            /* The last slice ends where the samples end, not in a future nobody has seen. */
            if (to > newest.t && from < newest.t)
                to = newest.t;
            out[i] = to > from ? (value_at(s, to) - value_at(s, from)) * 1000 / (double)(to - from)
                               : NAN;
        }
    }
}

int series_changes(const struct series *s, int64_t window_ms)
{
    struct point newest;
    struct point a;
    struct point b;
    int n = 0;
    if (!series_at(s, 0, &newest))
        return 0;
    for (int i = 0; series_at(s, i, &a) && series_at(s, i + 1, &b); i++) {
        if (newest.t - a.t > window_ms)
            break;
        n += a.v != b.v;
    }
    return n;
}

/* Change per second between the oldest and the newest point of a span before the newest one. */
static double slope_of(const struct series *s, int64_t from_ms, int64_t to_ms)
{
    struct point newest;
    struct point p;
    struct point first = {0};
    struct point last = {0};
    int n = 0;
    if (!series_at(s, 0, &newest))
        return NAN;
    for (int i = 0; series_at(s, i, &p); i++) {
        int64_t age = newest.t - p.t;
        if (age > from_ms)
            break;
        if (age < to_ms)
            continue;
        if (n++ == 0)
            last = p;
        first = p;
    }
    return n >= 2 && last.t > first.t ? (last.v - first.v) * 1000 / (double)(last.t - first.t)
                                      : NAN;
}

static int64_t reach_ms(double left, double per_s)
{
    double ms = per_s > 0 ? left * 1000 / per_s : INFINITY;
    return ms < 9e15 ? (int64_t)ms : INT64_MAX;
}

struct projection series_project(const struct series *s, double left, int sign, int64_t window_ms)
{
    enum { SLICES = 3, MIN_SAMPLES = 3 };
    struct projection out = {.per_s = NAN};
    struct point newest;
    struct point p;
    int64_t span = 0;
    int n = 0;
    if (!series_at(s, 0, &newest) || left < 0)
        return out;
    for (int i = 0; series_at(s, i, &p) && newest.t - p.t <= window_ms; i++, n++)
        span = newest.t - p.t;
    double all = slope_of(s, span, 0) * sign;
    if (n < MIN_SAMPLES || !(all > 0))
        return out;
    double fastest = all;
    double slowest = all;
    for (int i = 0; i < SLICES; i++) {
        double one = slope_of(s, span * (i + 1) / SLICES, span * i / SLICES) * sign;
        if (isnan(one))
            continue;
        fastest = one > fastest ? one : fastest;
        slowest = one < slowest ? one : slowest;
    }
    out.known = true;
    out.per_s = all;
    out.low_ms = reach_ms(left, fastest);
    out.high_ms = reach_ms(left, slowest);
    return out;
}
