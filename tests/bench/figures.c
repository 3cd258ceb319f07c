#include "tests/bench/figures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { SOON_MS = 15000, QUIET_MS = 30, GIVE_UP_MS = 1000, BURST_GAP_US = 60000 };

void samples_add(struct samples *s, double value)
{
    if (s->n < SAMPLES_MAX)
        s->values[s->n++] = value;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double samples_at(struct samples *s, double share)
{
    if (s->n == 0)
        return NAN;
    qsort(s->values, s->n, sizeof(s->values[0]), ascending);
    double at = ceil(share * (double)s->n) - 1;
    return s->values[at > 0 ? (size_t)at : 0];
}

struct pty *contestant_start(const struct contestant *c, struct samples *first)
{
    struct pty *pty = pty_start(
        &(struct pty_options){.argv = c->line->argv, .env = c->line->env, .rows = 36, .cols = 120});
    if (pty == NULL || !pty_expect(pty, c->ready, SOON_MS)) {
        (void)fprintf(stderr, "%s does not come up\n", c->name);
        pty_free(pty);
        return NULL;
    }
    if (first != NULL)
        samples_add(first, (double)(pty_last_byte_us(pty) - pty_started_us(pty)) / 1000);
    return pty;
}

int key_to_paint(struct pty *pty, const struct contestant *c, int n, struct samples *out)
{
    int lost = 0;
    for (int i = 0; i < n; i++) {
        pty_settle(pty, QUIET_MS, 10 * QUIET_MS);
        uint64_t before = pty_bytes(pty);
        int64_t start = pty_now_us();
        pty_send(pty, c->keys[i % 2]);
        if (pty_wait_bytes(pty, before + 1, GIVE_UP_MS))
            samples_add(out, (double)(pty_now_us() - start) / 1000);
        else
            lost++;
    }
    return lost;
}

void idle_watch(struct pty *pty, int seconds, struct idle *out)
{
    struct samples bursts = {.n = 0};
    pty_settle(pty, QUIET_MS, 300);
    uint64_t first = pty_bytes(pty), burst = first;
    int64_t cpu = pty_cpu_us(pty), start = pty_now_us(), end = start + seconds * INT64_C(1000000);
    long wakeups = pty_wakeups(pty);
    for (int64_t now = start; now < end; now = pty_now_us()) {
        pty_pump(pty, 50);
        if (pty_bytes(pty) > burst && pty_now_us() - pty_last_byte_us(pty) > BURST_GAP_US) {
            samples_add(&bursts, (double)(pty_bytes(pty) - burst));
            burst = pty_bytes(pty);
        }
    }
    double took = (double)(pty_now_us() - start) / 1e6;
    out->bytes_per_s = (double)(pty_bytes(pty) - first) / took;
    out->smallest_burst = samples_at(&bursts, 0.25);
    out->cpu_percent = (double)(pty_cpu_us(pty) - cpu) / took / 1e4;
    out->wakeups_per_s = (double)(pty_wakeups(pty) - wakeups) / took;
    out->rss_mib = (double)pty_rss_kib(pty) / 1024;
}
