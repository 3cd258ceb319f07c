#include "source/s3_cost.h"

#include "aws/aws.h"
#include "base/clock.h"

enum { MARK_MS = 60 * 1000, LEAST_MS = 3 * 60 * 1000, HOUR_MS = 3600 * 1000 };

static void charge(struct s3_cost *cost, struct aws *aws, enum aws_call call, int64_t n)
{
    if (!cost->paid)
        return;
    cost->nano_usd += n * aws_calls[call].nano_usd;
    for (int64_t i = 0; aws != NULL && i < n; i++)
        aws_count(aws, call, 0, false, false);
}

void s3_cost_count(struct s3_cost *cost, bool paid, struct aws *aws, struct s3list_spent *before,
                   struct s3list_spent now)
{
    int64_t mono_ms = clock_mono_ms();
    if (cost->nmarks == 0 ||
        mono_ms - cost->marks[(cost->nmarks - 1) % S3_COST_MARKS].mono_ms >= MARK_MS) {
        cost->marks[cost->nmarks % S3_COST_MARKS].mono_ms = mono_ms;
        cost->marks[cost->nmarks++ % S3_COST_MARKS].nano_usd = cost->nano_usd;
    }
    cost->paid = paid;
    charge(cost, aws, S3_LIST, now.lists - before->lists);
    charge(cost, aws, S3_LIST_UPLOADS, now.uploads - before->uploads);
    charge(cost, aws, S3_GET, now.reads - before->reads);
    cost->sum.lists += now.lists - before->lists;
    cost->sum.uploads += now.uploads - before->uploads;
    cost->sum.reads += now.reads - before->reads;
    cost->sum.charged += now.charged - before->charged;
    *before = now;
}

void s3_cost_tell(const struct s3_cost *cost, struct s3_snap *out)
{
    size_t oldest = cost->nmarks > S3_COST_MARKS ? cost->nmarks - S3_COST_MARKS : 0;
    int64_t span =
        cost->nmarks > 0 ? clock_mono_ms() - cost->marks[oldest % S3_COST_MARKS].mono_ms : 0;
    out->lists = cost->sum.lists;
    out->uploads = cost->sum.uploads;
    out->reads = cost->sum.reads;
    out->charged = cost->sum.charged;
    out->requests = out->lists + out->uploads + out->reads;
    out->usd_micro_per_hour = UNKNOWN;
    if (cost->paid && span >= LEAST_MS)
        out->usd_micro_per_hour =
            (cost->nano_usd - cost->marks[oldest % S3_COST_MARKS].nano_usd) * HOUR_MS / span / 1000;
}
