/* figures.h: samples of one figure, and the processes that are measured side by side. */
#ifndef CDCTOP_TESTS_BENCH_FIGURES_H
#define CDCTOP_TESTS_BENCH_FIGURES_H

#include "tests/pty/rig.h"

enum { SAMPLES_MAX = 2000 };

struct samples {
    double values[SAMPLES_MAX];
    size_t n;
};
void samples_add(struct samples *s, double value);
/* Sorts. share 0.5: the median; NAN without samples. */
double samples_at(struct samples *s, double share);

/* A program that draws, and how to tell. */
struct contestant {
    const char *name;
    const struct rig_line *line; /* argv and env */
    const char *ready;           /* on the screen when the first frame is there */
    const char *keys[2];         /* pressed in turn; each changes the screen */
};

/* NULL and a word on stderr when it does not come up. The first frame in ms is added to *first. */
struct pty *contestant_start(const struct contestant *c, struct samples *first);
/* Milliseconds from key to the first byte of its paint, n times. The number that got no answer. */
int key_to_paint(struct pty *pty, const struct contestant *c, int n, struct samples *out);

/* What the process does by itself in `seconds`. */
struct idle {
    double bytes_per_s;
    double smallest_burst; /* median of the lower half of the paints: only the clock moved */
    double rss_mib, cpu_percent, wakeups_per_s;
};
void idle_watch(struct pty *pty, int seconds, struct idle *out);

#endif
