/* cloudwatch_plan.h: which figures CloudWatch is asked for, and how often: what the hints tell of,
 * what there is, and what the budget allows. Pure; belongs to one source. */
#ifndef CDCTOP_SOURCE_CLOUDWATCH_PLAN_H
#define CDCTOP_SOURCE_CLOUDWATCH_PLAN_H

#include "aws/cloudwatch.h"
#include "model/hints.h"
#include "model/metrics.h"

struct cw_item {
    const struct metric_row *row;
    const char *object;
    struct kv dims[2];
    size_t ndims;                    /* 0: not known, so it cannot be asked for … */
    const char *values[HINT_VALUES]; /* … until a metric is listed that has one of these; then */
    size_t fit;                      /* which one it was, from 1; 0: none */
    enum tri listed; /* is there such a metric? TRI_UNKNOWN: nobody told; then it is asked for */
    enum cw_status status;
    double value, before; /* NAN: none */
    int64_t at_ms, before_ms;
};

/* One ListMetrics: what must be listed to know of some items. */
struct cw_filter {
    const char *space;
    struct kv dim; /* key NULL: all of the space */
};

struct cw_plan {
    struct arena *arena;
    struct cw_item *items; /* the most important ones first */
    size_t count;
    struct cw_filter *filters;
    size_t nfilters;
    size_t wanted, used; /* items that are there; the first so many of these are asked for */
    int64_t every_ms;
};

/* What the hints tell of now; figures of what was there before are kept. False: nothing changed. */
bool cw_plan_sync(struct cw_plan *plan, const struct hints *hints);
void cw_plan_free(struct cw_plan *plan);

/* A listed metric: marks the item that it is, and tells its dimensions to one that waits for it. */
void cw_plan_seen(struct cw_plan *plan, const struct cw_listed *metric);
/* After all of a filter was listed: what was not seen is not there. */
void cw_plan_listed(struct cw_plan *plan, const struct cw_filter *filter);

/* How often, and how many. First it is asked more rarely, up to MAX_EVERY; then the least important
 * are left out. */
void cw_plan_budget(struct cw_plan *plan, int64_t interval_ms, int64_t per_hour);

/* The next item at or after i that is asked for; plan->count: none. */
size_t cw_plan_next(const struct cw_plan *plan, size_t i);
/* Does one wait for its dimensions to be listed? */
bool cw_plan_waits(const struct cw_plan *plan);

#endif
