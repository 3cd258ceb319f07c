/* history: what the kept hour costs: memory, time per refresh, and for one step back in it. The
 * pipeline is the demo's. */
#include "record/history.h"
#include "base/clock.h"
#include "base/mem.h"
#include "demo/demo.h"
#include "engine.h"
#include "record/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOUR_MS = 3600 * 1000, STEPS_BACK = 40, STEP_MS = 10 * 1000, LIMIT = 32 * 1000 * 1000 };

struct hour {
    struct demo *demo;
    struct config *config;
    struct engine *engine;
    double took_ms;
};

static bool hour_open(struct hour *h, const char *scenario, struct history **history)
{
    struct err err = ERR_INIT;
    struct config_problems problems = {0};
    const struct config_flags flags = {0};
    const struct demo_options options = {.what = scenario, .stepped = true};
    h->demo = demo_open(&options, &err);
    h->config = h->demo != NULL ? demo_config(h->demo, &flags, &problems) : NULL;
    config_problems_free(&problems);
    h->engine = h->config != NULL ? engine_start(h->config, demo_backend(h->demo), &err) : NULL;
    if (h->engine == NULL)
        return false;
    if (history != NULL) {
        *history = history_new(h->config, HOUR_MS, LIMIT);
        (void)engine_watch(h->engine, history_watch(*history));
    }
    int64_t before = clock_mono_us();
    (void)engine_go(h->engine, HOUR_MS);
    h->took_ms = (double)(clock_mono_us() - before) / 1000;
    return true;
}

static void hour_close(struct hour *h)
{
    (void)engine_stop(h->engine, 1000);
    config_free(h->config);
    demo_free(h->demo);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void step_back(const struct hour *h, struct history *history)
{
    struct err err = ERR_INIT;
    double ms[STEPS_BACK];
    struct reel *reel = history_reel(history);
    struct engine *past = engine_start(h->config, replay_backend(reel), &err);
    engine_pace(past, 1, true);
    int64_t at = reel->last - reel->first;
    (void)engine_go(past, at);
    for (int i = 0; i < STEPS_BACK; i++) {
        int64_t before = clock_mono_us();
        at -= STEP_MS;
        (void)engine_go(past, at);
        ms[i] = (double)(clock_mono_us() - before) / 1000;
    }
    (void)engine_stop(past, 1000);
    qsort(ms, STEPS_BACK, sizeof(ms[0]), by_size);
    printf("| one step back in the kept hour, median of %d | %.3g ms | ≤ 50 ms |\n", STEPS_BACK,
           ms[STEPS_BACK / 2]);
    printf("| … the slowest | %.3g ms | |\n", ms[STEPS_BACK - 1]);
}

int main(int argc, char **argv)
{
    const char *scenario = argc > 1 ? argv[1] : NULL;
    struct hour plain, kept;
    struct history *history = NULL;
    if (!hour_open(&plain, scenario, NULL) || !hour_open(&kept, scenario, &history))
        return 1;
    double refreshes = (double)HOUR_MS / (double)engine_interval_ms(kept.engine);
    printf("| an hour kept, compressed | %.3g MB | ≤ 32 MB |\n",
           (double)history_bytes(history) / 1e6);
    printf("| keeping it, for each refresh | %.3g ms | ≤ 1 ms |\n",
           (kept.took_ms - plain.took_ms) / refreshes);
    step_back(&kept, history);
    engine_unwatch(kept.engine, history_watch(history));
    history_free(history);
    hour_close(&kept);
    hour_close(&plain);
    return 0;
}
