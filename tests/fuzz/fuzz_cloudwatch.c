/* What CloudWatch answers: a page of ListMetrics and one of GetMetricData. */
#include "aws/cloudwatch.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void visit(void *arg, const struct cw_listed *metric)
{
    *(size_t *)arg += metric->ndims;
    if (metric->ndims > CW_DIMENSIONS)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct cw_query queries[3] = {{0}};
    const struct cw_point *now, *before;
    const char *token, *message;
    size_t dims = 0;
    struct err err = ERR_INIT;
    (void)cw_read_list((const char *)data, size, visit, &dims, arena, &token, &err);
    (void)cw_read_data((const char *)data, size, queries, 3, arena, &token, &message, &err);
    for (size_t i = 0; i < 3; i++) {
        for (size_t k = 1; k < queries[i].npoints; k++) {
            if (queries[i].points[k].at_ms >= queries[i].points[k - 1].at_ms)
                abort();
        }
        (void)cw_newest(&queries[i], &now, &before);
    }
    arena_free(arena);
    return 0;
}
