/* s3_cost.h: what the requests to S3 cost, by list price (aws/calls.c). Belongs to one source. */
#ifndef CDCTOP_SOURCE_S3_COST_H
#define CDCTOP_SOURCE_S3_COST_H

#include "model/snap_s3.h"
#include "net/s3list.h"

struct aws;

enum { S3_COST_MARKS = 16 };

struct s3_cost {
    struct s3list_spent sum;
    bool paid; /* the server is AWS's */
    int64_t nano_usd;
    struct {
        int64_t mono_ms, nano_usd;
    } marks[S3_COST_MARKS]; /* a ring, one a minute */
    size_t nmarks;
};

/* What came since *before, which becomes now; aws (NULL is fine) hears of it too. */
void s3_cost_count(struct s3_cost *cost, bool paid, struct aws *aws, struct s3list_spent *before,
                   struct s3list_spent now);
void s3_cost_tell(const struct s3_cost *cost, struct s3_snap *out);

#endif
