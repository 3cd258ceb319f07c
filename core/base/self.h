/* self.h: what this process costs: processor, memory, threads, wake-ups. Read from the kernel; the
 * caller says when, and keeps the samples. */
#ifndef CDCTOP_BASE_SELF_H
#define CDCTOP_BASE_SELF_H

#include <stdint.h>

enum { SELF_SAMPLES = 13 }; /* one each 5 s: they reach back a minute */

struct self_sample {
    int64_t mono_ms;
    int64_t cpu_us;   /* user and system, of all threads */
    int64_t switches; /* voluntary: times that a thread went to sleep; -1: not known */
};

struct self_usage {
    int64_t started_mono_ms;
    struct self_sample samples[SELF_SAMPLES]; /* ring */
    unsigned nsamples;                        /* ever */
    int64_t rss_bytes, peak_bytes;            /* -1: not known, as all below */
    int64_t read_bytes, written_bytes; /* by system calls, since the start: all but sockets */
    int threads, files;
};

void self_begin(struct self_usage *self, int64_t mono_ms);
/* Takes a sample; the caller does so every few seconds. */
void self_sample(struct self_usage *self, int64_t mono_ms);

/* Over the samples there are; NAN with fewer than two, or where it cannot be read. */
double self_cpu(const struct self_usage *self);     /* of one core: 0.01 is 1 % */
double self_wakeups(const struct self_usage *self); /* per second, all threads */

#endif
