/* cloudwatch.h: what CloudWatch is sent and what it answers: ListMetrics and GetMetricData, as JSON
 * 1.0. Pure: nothing here talks to anybody.
 *
 * Shapes: the service's own model (2010-08-01). Times go as seconds since 1970.
 */
#ifndef CDCTOP_AWS_CLOUDWATCH_H
#define CDCTOP_AWS_CLOUDWATCH_H

#include "base/arena.h"
#include "base/err.h"
#include "model/fact.h"

enum {
    CW_QUERIES = 500,             /* of one GetMetricData, the service's own limit */
    CW_POINTS = 64,               /* of one metric that are kept, the newest */
    CW_TREND_MS = 10 * 60 * 1000, /* so much older is the datapoint that is compared with */
    CW_DIMENSIONS = 30,           /* of one metric, the service's own limit */
};

struct cw_point {
    int64_t at_ms;
    double value;
};

enum cw_status { CW_NONE, CW_COMPLETE, CW_PARTIAL, CW_ERROR, CW_FORBIDDEN };

/* One metric asked for; what it points to is borrowed. */
struct cw_query {
    const char *space, *name, *stat;
    struct kv dims[2];
    size_t ndims;
    /* The answer, gathered from its pages: newest first. */
    enum cw_status status;
    struct cw_point points[CW_POINTS];
    size_t npoints;
};

/* malloc'd. filter: the name and value that every metric listed must have; NULL: all of the space.
 * token: NULL, or of the page before. */
char *cw_list_body(const char *space, const struct kv *filter, const char *token);
char *cw_data_body(const struct cw_query *queries, size_t n, int64_t start_ms, int64_t end_ms,
                   int period_s, const char *token);

struct cw_listed {
    const char *space, *name;
    struct kv dims[CW_DIMENSIONS];
    size_t ndims;
};
/* Called for every metric of a page; it lives until the call returns. */
typedef void cw_list_visit(void *arg, const struct cw_listed *metric);

/* *token: of the next page, in the arena; NULL: this was the last. */
bool cw_read_list(const char *body, size_t len, cw_list_visit *visit, void *arg,
                  struct arena *arena, const char **token, struct err *err);
/* Adds the page's datapoints to the queries it names. *message: what the service says of the whole
 * answer ("CODE: text"), in the arena; NULL. */
bool cw_read_data(const char *body, size_t len, struct cw_query *queries, size_t n,
                  struct arena *arena, const char **token, const char **message, struct err *err);

/* The newest datapoint, and the newest of those that are at least CW_TREND_MS older; false and
 * NULL: there is none. */
bool cw_newest(const struct cw_query *query, const struct cw_point **now,
               const struct cw_point **before);

#endif
