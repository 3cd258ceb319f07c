/* large: what a frame, a refresh, a sort and a filter cost where there is much: the demo's large
 * pipeline (10,000 partitions, 1,000 connectors, 50 slots), and a list of 10,000 rows. */
#include "engine.h"
#include "tests/bench/figures.h"
#include "tests/screen/demo_stage.h"
#include "tests/screen/golden.h"

#include <stdio.h>
#include <time.h>

enum { RUNS = 200, REFRESHES = 30 };

static void row(const char *what, struct samples *ms, const char *target)
{
    (void)printf("| %s | %.3g ms (p99 %.3g) | – | – | – | %s |\n", what, samples_at(ms, 0.5),
                 samples_at(ms, 0.99), target);
    (void)fflush(stdout);
    ms->n = 0;
}

/* Of the processor: what else runs on the machine is not ours to count. */
static int64_t cpu_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static double since(int64_t us)
{
    return (double)(cpu_us() - us) / 1000;
}

static void frames(struct demo_stage *st, const char *what, const char *keys)
{
    struct samples ms = {.n = 0};
    char text[120];
    for (; *keys != '\0'; keys++)
        demo_stage_key(st, (unsigned char)*keys);
    for (int i = 0; i < RUNS; i++) {
        int64_t from = cpu_us();
        app_render(st->app, &st->model, &st->canvas);
        samples_add(&ms, since(from));
    }
    (void)snprintf(text, sizeof(text), "a frame of the large pipeline, %s, median of %d", what,
                   RUNS);
    row(text, &ms, "≤ 5 ms");
}

static void refreshes(struct demo_stage *st)
{
    struct samples ms = {.n = 0};
    struct samples idle = {.n = 0};
    for (int i = 0; i < REFRESHES; i++) {
        int64_t from = cpu_us();
        demo_stage_wait(st, st->config->interval_ms);
        samples_add(&ms, since(from));
        from = cpu_us();
        (void)st->run.step(st->run.ctx);
        samples_add(&idle, since(from));
    }
    row("a refresh of the large pipeline, its simulation included", &ms, "");
    row("a step of it without news: join and diagnosis", &idle, "");
}

/* A key and the frame after it, with 10,000 topics in the list. */
static void keys(struct stage *st, const char *what, const char *text, int runs)
{
    struct samples ms = {.n = 0};
    char name[120];
    for (int i = 0; i < runs; i++) {
        for (const char *p = text; *p != '\0'; p++) {
            int64_t from = cpu_us();
            stage_key(st, (unsigned char)*p);
            samples_add(&ms, since(from));
        }
    }
    (void)snprintf(name, sizeof(name), "%s 10,000 rows, for each key", what);
    row(name, &ms, "≤ 16 ms");
}

int main(void)
{
    struct demo_stage large;
    struct stage huge;
    demo_stage_open(&large, "large", 120, 36, false);
    frames(&large, "overview", "");
    frames(&large, "topics", "2z");
    frames(&large, "connectors", "3");
    frames(&large, "groups", "6");
    refreshes(&large);
    demo_stage_close(&large);
    stage_open(&huge, FIXTURE_HUGE, 120, 36, false);
    stage_keys(&huge, "2z");
    keys(&huge, "sorting", ">", RUNS);
    keys(&huge, "going through", "jG", RUNS / 2);
    keys(&huge, "filtering", "/order\r\033/~p.*y\r\033/!x\r\033", RUNS / 20);
    stage_close(&huge);
    return 0;
}
