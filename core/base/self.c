#include "base/self.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* The number after "KEY:" in a file of /proc; -1. */
static int64_t number_in(const char *path, const char *key)
{
    char line[256];
    int64_t n = -1;
    size_t len = strlen(key);
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return -1;
    while (n < 0 && fgets(line, sizeof(line), f) != NULL)
        if (strncmp(line, key, len) == 0 && line[len] == ':')
            n = strtoll(line + len + 1, NULL, 10);
    (void)fclose(f);
    return n;
}

static int64_t kilobytes(const char *key)
{
    int64_t n = number_in("/proc/self/status", key);
    return n < 0 ? -1 : n * 1024;
}

static int count_entries(const char *path)
{
    DIR *dir = opendir(path);
    int n = 0;
    if (dir == NULL)
        return -1;
    for (const struct dirent *e; (e = readdir(dir)) != NULL;)
        n += e->d_name[0] != '.';
    (void)closedir(dir);
    return n;
}

static int64_t micros(const struct timeval *t)
{
    return (int64_t)t->tv_sec * 1000000 + t->tv_usec;
}

void self_begin(struct self_usage *self, int64_t mono_ms)
{
    *self = (struct self_usage){.started_mono_ms = mono_ms};
    self_sample(self, mono_ms);
}

void self_sample(struct self_usage *self, int64_t mono_ms)
{
    struct rusage use;
    struct self_sample *s = &self->samples[self->nsamples++ % SELF_SAMPLES];
    *s = (struct self_sample){.mono_ms = mono_ms, .cpu_us = -1, .switches = -1};
    if (getrusage(RUSAGE_SELF, &use) == 0) {
        s->cpu_us = micros(&use.ru_utime) + micros(&use.ru_stime);
        s->switches = use.ru_nvcsw;
    }
    self->rss_bytes = kilobytes("VmRSS");
    self->peak_bytes = kilobytes("VmHWM");
    self->threads = (int)number_in("/proc/self/status", "Threads");
    self->read_bytes = number_in("/proc/self/io", "rchar");
    self->written_bytes = number_in("/proc/self/io", "wchar");
    int files = count_entries("/proc/self/fd");
    self->files = files > 0 ? files - 1 : files; /* but the one that looks */
}

/* The newest sample and the oldest that is kept. */
static int ends(const struct self_usage *self, struct self_sample *from, struct self_sample *to)
{
    unsigned n = self->nsamples < SELF_SAMPLES ? self->nsamples : SELF_SAMPLES;
    if (n < 2)
        return 0;
    *to = self->samples[(self->nsamples - 1) % SELF_SAMPLES];
    *from = self->samples[(self->nsamples - n) % SELF_SAMPLES];
    return to->mono_ms > from->mono_ms;
}

double self_cpu(const struct self_usage *self)
{
    struct self_sample from, to;
    if (!ends(self, &from, &to) || from.cpu_us < 0 || to.cpu_us < 0)
        return NAN;
    return (double)(to.cpu_us - from.cpu_us) / 1000 / (double)(to.mono_ms - from.mono_ms);
}

double self_wakeups(const struct self_usage *self)
{
    struct self_sample from, to;
    if (!ends(self, &from, &to) || from.switches < 0 || to.switches < 0)
        return NAN;
    return (double)(to.switches - from.switches) * 1000 / (double)(to.mono_ms - from.mono_ms);
}
