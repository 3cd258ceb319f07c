/* Lag in seconds and Burrow's trend, rule by rule. */
#include "base/mem.h"
#include "model/lag.h"
#include "tests/check.h"

#include <string.h>

/* 100 messages a second, a point every 2 s, from second 0 to 20: end 0 … 2000. */
static struct lag_ring steady(void)
{
    struct lag_ring ring = {.count = 0};
    for (int i = 0; i <= 10; i++)
        lag_ring_push(&ring, 2000 * i, 200 * i);
    return ring;
}

static void test_interpolates_inside_the_ring(void **state)
{
    (void)state;
    struct lag_ring ring = steady();
    struct lag_time t = lag_seconds(&ring, 1500, 20000);
    assert_true(t.known);
    assert_false(t.more);
    assert_true(t.ms == 5000);
    t = lag_seconds(&ring, 1999, 20000);
    assert_true(t.ms == 10);
    lag_ring_free(&ring);
}

static void test_no_lag_is_no_time(void **state)
{
    (void)state;
    struct lag_ring ring = steady();
    struct lag_time t = lag_seconds(&ring, 2000, 99000);
    assert_true(t.known && !t.more && t.ms == 0);
    t = lag_seconds(&ring, 2001, 99000); /* committed read after the end */
    assert_true(t.known && t.ms == 0);
    lag_ring_free(&ring);
}

static void test_older_than_the_ring_is_more_than(void **state)
{
    (void)state;
    struct lag_ring ring = {.count = 0};
    lag_ring_push(&ring, 10000, 500);
    lag_ring_push(&ring, 12000, 600);
    struct lag_time t = lag_seconds(&ring, 499, 14000);
    assert_true(t.known && t.more);
    assert_true(t.ms == 4000);
    lag_ring_free(&ring);
}

static void test_nothing_known_is_unknown(void **state)
{
    (void)state;
    struct lag_ring ring = {.count = 0};
    assert_false(lag_seconds(&ring, 5, 1000).known);
    lag_ring_push(&ring, 0, 10);
    assert_false(lag_seconds(&ring, INT64_MIN, 1000).known);
    assert_false(lag_seconds(&ring, -1, 1000).known);
    lag_ring_free(&ring);
}

static void test_flat_runs_keep_their_ends(void **state)
{
    (void)state;
    struct lag_ring ring = {.count = 0};
    lag_ring_push(&ring, 0, 100);
    for (int i = 1; i <= 1000; i++)
        lag_ring_push(&ring, 2000 * i, 200);
    lag_ring_push(&ring, 2002000, 300);
    assert_int_equal(ring.count, 4);
    /* Written before the quiet time and after it: each close to its own burst. */
    assert_true(lag_seconds(&ring, 150, 2002000).ms == 2002000 - 1000);
    assert_true(lag_seconds(&ring, 250, 2002000).ms == 1000);
    lag_ring_free(&ring);
}

static void test_a_falling_watermark_starts_anew(void **state)
{
    (void)state;
    struct lag_ring ring = steady();
    lag_ring_push(&ring, 22000, 3);
    assert_int_equal(ring.count, 1);
    struct lag_time t = lag_seconds(&ring, 1, 25000);
    assert_true(t.known && t.more && t.ms == 3000);
    lag_ring_free(&ring);
}

static void test_the_ring_is_bounded_and_drops_the_oldest(void **state)
{
    (void)state;
    struct lag_ring ring = {.count = 0};
    for (int i = 0; i < 1000; i++)
        lag_ring_push(&ring, 1000 * i, 10 * i);
    assert_int_equal(ring.count, LAG_POINTS);
    assert_true(ring.points[0].end == 10 * (1000 - LAG_POINTS));
    assert_true(lag_seconds(&ring, 0, 999000).more);
    assert_false(lag_seconds(&ring, 9500, 999000).more);
    lag_ring_free(&ring);
}

static void test_maximum_over_partitions(void **state)
{
    (void)state;
    struct lag_time none = {.known = false}, a = {.known = true, .ms = 5},
                    b = {.known = true, .more = true, .ms = 5}, c = {.known = true, .ms = 9};
    assert_true(lag_time_max(none, a).ms == 5);
    assert_true(lag_time_max(a, none).known);
    assert_true(lag_time_max(a, b).more);
    assert_true(lag_time_max(b, a).more);
    assert_true(lag_time_max(b, c).ms == 9);
    assert_false(lag_time_max(none, none).known);
}

static struct lag_window window_of(const int64_t (*samples)[2], size_t n)
{
    struct lag_window w = {.count = 0};
    for (size_t i = 0; i < n; i++)
        lag_window_push(&w, 1000 * (int64_t)i, samples[i][0], samples[i][1], 1000);
    return w;
}

static void test_trend_rules(void **state)
{
    (void)state;
    static const struct {
        enum lag_trend want;
        int64_t samples[10][2]; /* committed, end */
    } cases[] = {
        {LAG_OK,
         {{10, 10},
          {10, 20},
          {10, 30},
          {10, 40},
          {10, 50},
          {10, 60},
          {10, 70},
          {10, 80},
          {10, 90},
          {10, 100}} }, /* was caught up within the window */
        {LAG_OK,
         {{10, 50},
          {20, 60},
          {30, 70},
          {40, 80},
          {50, 90},
          {60, 100},
          {70, 110},
          {80, 120},
          {90, 130},
          {95, 134}} }, /* behind, but it shrinks */
        {LAG_OK,
         {{10, 50},
          {20, 60},
          {30, 70},
          {40, 80},
          {50, 90},
          {60, 100},
          {70, 110},
          {80, 120},
          {90, 130},
          {100, 140}}}, /* open files: constant lag */
        {LAG_WARN,
         {{10, 50},
          {11, 60},
          {12, 70},
          {13, 80},
          {14, 90},
          {15, 100},
          {16, 110},
          {17, 120},
          {18, 130},
          {19, 140}} },
        {LAG_STALL,
         {{10, 50},
          {10, 60},
          {10, 70},
          {10, 80},
          {10, 90},
          {10, 100},
          {10, 110},
          {10, 120},
          {10, 130},
          {10, 140}} },
        {LAG_STALL,
         {{10, 50},
          {10, 50},
          {10, 50},
          {10, 50},
          {10, 50},
          {10, 50},
          {10, 50},
          {10, 50},
          {10, 50},
          {10, 50}}  },
        {LAG_REWIND,
         {{10, 50},
          {20, 60},
          {30, 70},
          {5, 80},
          {10, 90},
          {20, 100},
          {30, 110},
          {40, 120},
          {50, 130},
          {130, 130}}}, /* louder than having caught up since */
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct lag_window w = window_of(cases[i].samples, 10);
        assert_string_equal(lag_trend_name(lag_window_trend(&w)), lag_trend_name(cases[i].want));
    }
}

static void test_stall_becomes_stop(void **state)
{
    (void)state;
    struct lag_window w = {.count = 0};
    int i = 0;
    for (; i < 12; i++)
        lag_window_push(&w, 1000 * i, 10, 50 + i, 1000);
    assert_int_equal(lag_window_trend(&w), LAG_STALL);
    for (; i < 30; i++)
        lag_window_push(&w, 1000 * i, 10, 50 + i, 1000);
    assert_int_equal(lag_window_trend(&w), LAG_STOP);
    lag_window_push(&w, 1000 * i, 11, 90, 1000);
    assert_int_not_equal(lag_window_trend(&w), LAG_STOP);
}

static void test_few_samples_are_no_verdict(void **state)
{
    (void)state;
    struct lag_window w = {.count = 0};
    assert_int_equal(lag_window_trend(&w), LAG_UNKNOWN);
    for (int i = 0; i < 100; i++) /* ten a second, but one a second counts */
        lag_window_push(&w, 10 * i, 10, 50, 1000);
    assert_int_equal(w.count, 1);
    assert_int_equal(lag_window_trend(&w), LAG_UNKNOWN);
    lag_window_push(&w, 5000, INT64_MIN, 50, 1000);
    assert_int_equal(w.count, 1);
    lag_window_push(&w, 5000, 50, 50, 1000);
    assert_int_equal(lag_window_trend(&w), LAG_OK); /* nothing waits: no need to wait for ten */
}

static void test_a_rewind_between_samples_is_seen(void **state)
{
    (void)state;
    struct lag_window w = {.count = 0};
    lag_window_push(&w, 0, 100, 200, 60000);
    lag_window_push(&w, 2000, 50, 200, 60000);
    assert_int_equal(lag_window_trend(&w), LAG_REWIND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_interpolates_inside_the_ring),
        cmocka_unit_test(test_no_lag_is_no_time),
        cmocka_unit_test(test_older_than_the_ring_is_more_than),
        cmocka_unit_test(test_nothing_known_is_unknown),
        cmocka_unit_test(test_flat_runs_keep_their_ends),
        cmocka_unit_test(test_a_falling_watermark_starts_anew),
        cmocka_unit_test(test_the_ring_is_bounded_and_drops_the_oldest),
        cmocka_unit_test(test_maximum_over_partitions),
        cmocka_unit_test(test_trend_rules),
        cmocka_unit_test(test_stall_becomes_stop),
        cmocka_unit_test(test_few_samples_are_no_verdict),
        cmocka_unit_test(test_a_rewind_between_samples_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
