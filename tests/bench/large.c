/* large: the figures of a large pipeline, simulated: 1,000 connectors, 50 slots, 10,000 partitions;
 * and of a day of a small one. No terminal, no server. */
#include "base/clock.h"
#include "base/mem.h"
#include "demo/demo.h"
#include "engine.h"
#include "tui/app.h"
#include "tui/draw/canvas.h"
#include "tui/run.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

enum { RUNS = 40, WIDTH = 120, HEIGHT = 36 };

struct rig {
    struct demo *demo;
    struct config *config;
    struct run_source source;
    struct engine *engine;
    struct run_engine *run;
};

static void rig_open(struct rig *r, const char *what)
{
    struct err err = ERR_INIT;
    struct config_flags flags = {0};
    struct config_problems problems;
    r->demo = demo_open(&(struct demo_options){.what = what, .stepped = true}, &err);
    r->config = r->demo != NULL ? demo_config(r->demo, &flags, &problems) : NULL;
    if (r->config == NULL) {
        (void)fprintf(stderr, "%s: %s\n", what, err.text);
        exit(1);
    }
    config_problems_free(&problems);
    r->run = run_engine_new(r->config, demo_backend(r->demo));
    r->source = run_engine_source(r->run);
    if (!r->source.start(r->source.ctx, &err))
        exit(1);
    r->engine = run_engine_engine(r->run);
}

static void rig_close(struct rig *r)
{
    (void)r->source.stop(r->source.ctx);
    config_free(r->config);
    demo_free(r->demo);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
    qsort(values, n, sizeof(*values), by_value);
    return values[n / 2];
}

static double ms_since(int64_t start_us)
{
    return (double)(clock_mono_us() - start_us) / 1000;
}

static void say(const char *what, double value, const char *unit, const char *target)
{
    (void)printf("| %s | %.3g %s | %s |\n", what, value, unit, target);
}

static void measure_steps(struct rig *r)
{
    double news[RUNS], none[RUNS];
    for (int i = 0; i < RUNS; i++) {
        struct play play;
        (void)engine_play(r->engine, &play);
        int64_t start = clock_mono_us();
        (void)engine_go(r->engine, play.at_ms + r->config->interval_ms);
        news[i] = ms_since(start);
        start = clock_mono_us();
        (void)engine_step(r->engine);
        none[i] = ms_since(start);
    }
    say("1,000 connectors, 10,000 partitions: all four answers taken, joined and diagnosed, made "
        "up "
        "included, median",
        median(news, RUNS), "ms", "≤ 100 ms");
    say("… a step without news, median", median(none, RUNS), "ms", "≤ 50 ms");
}

static void measure_frames(struct rig *r)
{
    struct app_model model = {0};
    struct canvas canvas;
    double frames[RUNS];
    struct app *app = app_new(r->config, NULL, false);
    canvas_init(&canvas, WIDTH, HEIGHT, false);
    for (int i = 0; i < RUNS; i++) {
        r->source.now(r->source.ctx, &model.mono_ms, &model.wall_ms);
        r->source.fill(r->source.ctx, &model);
        int64_t start = clock_mono_us();
        app_render(app, &model, &canvas);
        frames[i] = ms_since(start);
    }
    say("… a frame of the overview, median", median(frames, RUNS), "ms", "≤ 5 ms");
    app_free(app);
    canvas_free(&canvas);
}

static void measure_day(void)
{
    struct rig r;
    struct play play;
    rig_open(&r, "healthy");
    engine_interval(r.engine, 10 * 1000);
    (void)engine_play(r.engine, &play);
    (void)engine_go(r.engine, play.at_ms + INT64_C(3600) * 1000);
    size_t before = mallinfo2().uordblks;
    int64_t start = clock_mono_us();
    (void)engine_go(r.engine, play.at_ms + INT64_C(24) * 3600 * 1000);
    say("a day of a small pipeline, asked every 10 s", ms_since(start) / 1000, "s", "");
    say("… memory gained from its first hour to its last",
        ((double)mallinfo2().uordblks - (double)before) / 1024, "KiB", "≤ 1024 KiB");
    rig_close(&r);
}

int main(void)
{
    struct rig r;
    rig_open(&r, "large");
    measure_steps(&r);
    measure_frames(&r);
    rig_close(&r);
    measure_day();
    return 0;
}
