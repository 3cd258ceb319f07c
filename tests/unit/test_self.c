/* What the program costs, as the kernel tells it; and how long its sources take. */
#include "tests/check.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/self.h"
#include "model/world.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void burn(int ms)
{
    volatile double x = 1;
    struct timespec from, now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    do {
        for (int i = 0; i < 10000; i++)
            x = x * 1.0000001;
        (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    } while ((now.tv_sec - from.tv_sec) * 1000 + (now.tv_nsec - from.tv_nsec) / 1000000 < ms);
}

static void test_one_sample_tells_no_rate(void **state)
{
    (void)state;
    struct self_usage self;
    self_begin(&self, 1000);
    assert_true(isnan(self_cpu(&self)));
    assert_true(isnan(self_wakeups(&self)));
    assert_true(self.rss_bytes > 100000);
    assert_true(self.peak_bytes >= self.rss_bytes);
    assert_true(self.threads >= 1);
    assert_true(self.files >= 3 || self.files == -1);
}

static void test_processor_time_counts_against_the_time_that_passed(void **state)
{
    (void)state;
    struct self_usage self;
    self_begin(&self, 1000);
    burn(40);
    self_sample(&self, 1000 + 1000); /* the caller's clock: a second */
    double cpu = self_cpu(&self);
    assert_true(cpu >= 0.04);
    for (int i = 0; i < 3 * SELF_SAMPLES; i++) /* what lies before the ring counts no more */
        self_sample(&self, 2000 + (i + 1) * INT64_C(1000000));
    assert_true(self_cpu(&self) < 0.001);
}

static void *sleep_often(void *arg)
{
    const struct timespec nap = {0, 1000000};
    for (int i = 0; i < 20; i++)
        (void)nanosleep(&nap, NULL);
    return arg;
}

static void test_sleeping_threads_are_counted(void **state)
{
    (void)state;
    struct self_usage self;
    pthread_t thread;
    self_begin(&self, 0);
    assert_int_equal(pthread_create(&thread, NULL, sleep_often, NULL), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    self_sample(&self, 1000);
    assert_true(self_wakeups(&self) >= 15);
}

static void report_took(struct world *world, int64_t us)
{
    struct report *r = mem_alloc(sizeof(*r));
    r->took_us = us;
    r->mono_ms = 1000;
    r->polls = 1;
    world_accept(world, 0, SOURCE_S3, r);
}

static void test_latency_is_of_the_latest_polls(void **state)
{
    (void)state;
    char name[] = "p";
    char none[] = "";
    struct pipeline_config pipeline = {.name = name, .environment = none};
    struct config config = {.pipelines = &pipeline, .npipelines = 1, .interval_ms = 2000};
    struct world *world = world_new(&config);
    const struct source_slot *slot = &world->pipelines[0].sources[SOURCE_S3];
    struct latency l;
    assert_false(source_latency(slot, &l));
    report_took(world, 900);
    report_took(world, 100);
    report_took(world, 200);
    assert_true(source_latency(slot, &l));
    assert_int_equal(l.n, 3);
    assert_int_equal(l.median_us, 200);
    assert_int_equal(l.worst_us, 900);
    for (int i = 0; i < SOURCE_POLLS; i++)
        report_took(world, 50);
    assert_true(source_latency(slot, &l));
    assert_int_equal(l.n, SOURCE_POLLS);
    assert_int_equal(l.worst_us, 50); /* the slow one is forgotten */
    world_free(world);
}

static int64_t shown(void *self)
{
    return *(int64_t *)self;
}

static void test_the_diary_goes_by_the_clock_of_what_is_shown(void **state)
{
    (void)state;
    struct log_line line;
    int64_t now = INT64_C(1795183402000);
    int64_t past = now - 3600000;
    assert_true(log_clock(shown, &now));
    assert_false(log_clock(shown, &past)); /* who was first stays */
    log_put(LOG_WARN, "in the demo's time");
    assert_int_equal(log_copy(&line, 1), 1);
    assert_true(line.wall_ms == now);
    log_clock_back();
    log_put(LOG_WARN, "in ours");
    assert_int_equal(log_copy(&line, 1), 1);
    assert_string_equal(line.text, "in ours");
    assert_true(line.wall_ms != now);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_sample_tells_no_rate),
        cmocka_unit_test(test_processor_time_counts_against_the_time_that_passed),
        cmocka_unit_test(test_sleeping_threads_are_counted),
        cmocka_unit_test(test_the_diary_goes_by_the_clock_of_what_is_shown),
        cmocka_unit_test(test_latency_is_of_the_latest_polls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
