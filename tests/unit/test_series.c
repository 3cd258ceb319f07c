/* Figures over time. */
#include "base/mem.h"
#include "model/series.h"
#include "tests/check.h"

#include <math.h>
#include <stdio.h>

static void test_a_ring_keeps_the_newest(void **state)
{
    (void)state;
    struct series_store *st = series_store_new();
    for (int i = 0; i < 1000; i++)
        series_push_gauge(st, "g", i, i);
    const struct series *s = series_find(st, "g");
    assert_int_equal(series_samples(s), SERIES_POINTS);
    struct point p;
    assert_true(series_at(s, 0, &p) && p.t == 999);
    assert_true(series_at(s, SERIES_POINTS - 1, &p) && p.t == 1000 - SERIES_POINTS);
    assert_false(series_at(s, SERIES_POINTS, &p));
    series_store_free(st);
}

static void test_order_holds_at_every_length(void **state)
{
    (void)state;
    for (int n = 1; n < 300; n++) {
        struct series_store *st = series_store_new();
        for (int i = 0; i < n; i++)
            series_push_counter(st, "c", i, i);
        const struct series *s = series_find(st, "c");
        struct point p;
        for (int i = 0; series_at(s, i, &p); i++)
            assert_true(p.t == n - 1 - i);
        series_store_free(st);
    }
}

static void test_a_counter_that_falls_starts_anew(void **state)
{
    (void)state;
    struct series_store *st = series_store_new();
    series_push_counter(st, "c", 0, 100);
    series_push_counter(st, "c", 1000, 200);
    assert_true(series_rate(series_find(st, "c"), 60000) == 100);
    series_push_counter(st, "c", 2000, 5);
    assert_true(isnan(series_rate(series_find(st, "c"), 60000)));
    series_push_counter(st, "c", 3000, 15);
    assert_true(series_rate(series_find(st, "c"), 60000) == 10);
    series_store_free(st);
}

static void test_many_grow_old_at_once(void **state)
{
    (void)state;
    enum { OLD = 1000, YOUNG = 10 };
    struct series_store *st = series_store_new();
    char name[32];
    for (int i = 0; i < OLD + YOUNG; i++) {
        (void)snprintf(name, sizeof(name), "topic-%d", i);
        series_push_counter(st, name, i < OLD ? 0 : 1000, i);
    }
    series_expire(st, 500);
    assert_int_equal(series_count(st), YOUNG);
    assert_null(series_find(st, "topic-0"));
    assert_non_null(series_find(st, "topic-1000"));
    series_expire(st, 500);
    assert_int_equal(series_count(st), YOUNG);
    series_store_free(st);
}

static void test_a_flat_run_keeps_its_two_ends(void **state)
{
    (void)state;
    struct series_store *st = series_store_new();
    for (int i = 0; i < 500; i++)
        series_push_counter(st, "c", i * 1000, 7);
    series_push_counter(st, "c", 500000, 17);
    const struct series *s = series_find(st, "c");
    assert_int_equal(series_samples(s), 3);
    bool more;
    assert_true(series_lag_ms(s, 12, 500000, &more) == 500);
    assert_false(more);
    assert_true(series_lag_ms(s, 17, 500000, &more) == 0);
    (void)series_lag_ms(s, 6, 500000, &more);
    assert_true(more);
    series_store_free(st);
}

/* Ten objects a minute that all come at once are ten a minute, also a moment after. */
static void test_a_jump_behind_a_flat_run_is_no_burst(void **state)
{
    (void)state;
    struct series_store *st = series_store_new();
    for (int i = 0; i <= 120; i++)
        series_push_counter(st, "c", i * 1000, i / 60 * 10.0);
    assert_true(series_rate(series_find(st, "c"), 50000) == 0.2);
    for (int i = 121; i <= 150; i++)
        series_push_counter(st, "c", i * 1000, 20);
    assert_true(series_rate(series_find(st, "c"), 50000) == 0.2);
    series_store_free(st);
}

static void test_slices_say_nothing_where_nothing_was_seen(void **state)
{
    (void)state;
    struct series_store *st = series_store_new();
    double out[4];
    series_slices(series_find(st, "none"), 4000, 4000, out, 4);
    for (int i = 0; i < 4; i++)
        assert_true(isnan(out[i]));
    series_push_counter(st, "c", 2000, 0);
    series_push_counter(st, "c", 3000, 10);
    series_push_counter(st, "c", 4000, 40);
    series_slices(series_find(st, "c"), 4000, 4000, out, 4);
    assert_true(isnan(out[0]) && isnan(out[1]));
    assert_true(out[2] == 10 && out[3] == 30);
    series_store_free(st);
}

static void test_what_nobody_feeds_is_forgotten(void **state)
{
    (void)state;
    struct series_store *st = series_store_new();
    char name[32];
    for (int i = 0; i < 300; i++) {
        (void)snprintf(name, sizeof(name), "s%d", i);
        series_push_gauge(st, name, i, 1);
    }
    series_expire(st, 290);
    assert_int_equal(series_count(st), 10);
    assert_non_null(series_find(st, "s295"));
    assert_null(series_find(st, "s5"));
    series_store_free(st);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_ring_keeps_the_newest),
        cmocka_unit_test(test_order_holds_at_every_length),
        cmocka_unit_test(test_a_counter_that_falls_starts_anew),
        cmocka_unit_test(test_many_grow_old_at_once),
        cmocka_unit_test(test_a_flat_run_keeps_its_two_ends),
        cmocka_unit_test(test_a_jump_behind_a_flat_run_is_no_burst),
        cmocka_unit_test(test_slices_say_nothing_where_nothing_was_seen),
        cmocka_unit_test(test_what_nobody_feeds_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
