/* day: a day of simulated time: how long it takes, and whether memory stays where it was once
 * the kept hour is full. */
#include "base/clock.h"
#include "engine.h"
#include "tests/screen/demo_stage.h"

#include <stdio.h>
#include <unistd.h>

enum { HOUR_MS = 3600 * 1000, FULL = 6, HOURS = 24 };

static double rss_mib(void)
{
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f == NULL || fscanf(f, "%*s %ld", &pages) != 1)
        pages = 0;
    if (f != NULL)
        (void)fclose(f);
    return (double)pages * (double)sysconf(_SC_PAGESIZE) / (1024 * 1024);
}

static void go(struct demo_stage *st, int hour)
{
    (void)engine_go(run_engine_engine(st->engine), (int64_t)hour * HOUR_MS);
}

static void day(const char *scenario)
{
    struct demo_stage st;
    int64_t from = clock_mono_us();
    demo_stage_open(&st, scenario, 120, 36, false);
    for (int hour = 1; hour <= FULL; hour++)
        go(&st, hour);
    double first = rss_mib();
    for (int hour = FULL + 1; hour <= HOURS; hour++)
        go(&st, hour);
    double last = rss_mib();
    double took = (double)(clock_mono_us() - from) / 1e6;
    (void)printf(
        "| memory after %d h and after %d h of simulated time, %s | %.1f → %.1f MiB | – | – "
        "| – | no growth |\n"
        "| those %d h, in %d refreshes | %.1f s | – | – | – |  |\n",
        FULL, HOURS, scenario, first, last, HOURS, (int)(HOURS * HOUR_MS / st.config->interval_ms),
        took);
    (void)fflush(stdout);
    demo_stage_close(&st);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        day("healthy");
        day("incident");
    }
    for (int i = 1; i < argc; i++)
        day(argv[i]);
    return 0;
}
