/* sim_topic.c: records in topics: how they are dealt out to partitions, and when each one came. */
#include "demo/sim_int.h"

#include <math.h>

static int pick(const struct sim *sim, const struct sim_topic *t, uint64_t i)
{
    double left =
        sim_noise(sim, (uint64_t)(t - sim->topics) + 101, (uint64_t)sim->now_ms * 4096 + i);
    int p = 0;
    while (p < t->nparts - 1 && left >= t->parts[p].share)
        left -= t->parts[p++].share;
    return p;
}

static void put(const struct sim *sim, struct sim_part *part, int64_t n)
{
    if (n <= 0)
        return;
    part->end += n;
    part->newest_ms = sim->now_ms;
}

void sim_topic_put(struct sim *sim, struct sim_topic *t, double records)
{
    int64_t left = (int64_t)records;
    int64_t all = left;
    for (int p = 0; p < t->nparts && all >= t->nparts; p++) {
        int64_t n = (int64_t)floor((double)all * t->parts[p].share);
        put(sim, &t->parts[p], n);
        left -= n;
    }
    for (int64_t i = 0; i < left; i++)
        put(sim, &t->parts[pick(sim, t, (uint64_t)i)], 1);
}

static double sum_of(const struct sim_topic *t)
{
    double sum = 0;
    for (int p = 0; p < t->nparts; p++)
        sum += (double)t->parts[p].end;
    return sum;
}

/* When there is no more room every other one goes: a longer past at half the sharpness. */
void sim_topic_mark(struct sim *sim, struct sim_topic *t)
{
    if (t->nmarks == SIM_MARKS) {
        for (int i = 0; i < SIM_MARKS / 2; i++)
            t->marks[i] = t->marks[2 * i];
        t->nmarks = SIM_MARKS / 2;
    }
    t->marks[t->nmarks++] = (struct sim_mark){sim->now_ms, sum_of(t)};
}

/* Between two marks the records came evenly; before the first one as they usually do. */
static double time_of_sum(const struct sim *sim, const struct sim_topic *t, double sum)
{
    struct sim_mark later = {sim->now_ms, sum_of(t)};
    for (int i = t->nmarks - 1; i >= 0; i--) {
        struct sim_mark m = t->marks[i];
        if (m.sum <= sum && later.sum > m.sum)
            return (double)m.time_ms +
                   (double)(later.time_ms - m.time_ms) * (sum - m.sum) / (later.sum - m.sum);
        later = m.sum < later.sum ? m : later;
        later.time_ms = m.time_ms;
    }
    double per_s = t->per_s > 0.001 ? t->per_s : 0.001;
    return (double)later.time_ms - (later.sum - sum) / per_s * 1000;
}

int64_t sim_topic_time(const struct sim *sim, const struct sim_topic *t, int partition,
                       int64_t offset)
{
    const struct sim_part *p = &t->parts[partition];
    double back = (double)(p->end - offset) / (p->share > 0 ? p->share : 1);
    int64_t at = (int64_t)time_of_sum(sim, t, sum_of(t) - back);
    return at < p->newest_ms ? at : p->newest_ms;
}

int64_t sim_topic_offset(const struct sim *sim, const struct sim_topic *t, int partition,
                         int64_t at_ms)
{
    int64_t low = t->parts[partition].begin;
    int64_t high = t->parts[partition].end;
    while (low < high) { /* the first record that is not older */
        int64_t middle = low + (high - low) / 2;
        if (sim_topic_time(sim, t, partition, middle) < at_ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
