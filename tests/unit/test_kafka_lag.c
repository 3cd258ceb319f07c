/* Burrow's trend, rule by rule. */
#include "base/mem.h"
#include "model/lag.h"
#include "tests/check.h"

#include <string.h>

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
        cmocka_unit_test(test_trend_rules),
        cmocka_unit_test(test_stall_becomes_stop),
        cmocka_unit_test(test_few_samples_are_no_verdict),
        cmocka_unit_test(test_a_rewind_between_samples_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
