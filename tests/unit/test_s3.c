/* The S3 source against a bucket on loopback: what a user relies on is that the newest object is
 * right, that it stays right, and that looking costs requests for new keys, not for old ones. */
#include "source/s3_walk.h"
#include "tests/check.h"
#include "tests/unit/s3_rig.h"

#include <stdio.h>

static void test_hour_directories_are_opened_at_the_last_hours(void **state)
{
    struct fixture *f = *state;
    fakes3_put(&f->s3, LANE("11", "0"), 10, 0, 500, 900, ".json", NOW - 3 * 3600000);
    fakes3_put(&f->s3, LANE("13", "0"), 10, 450000, 500, 20, ".json", NOW - 3600000);
    fakes3_put(&f->s3, LANE("14", "0"), 10, 460000, 500, 3, ".json", NOW - 100000);
    fakes3_put(&f->s3, LANE("14", "1"), 10, 7, 1, 2, ".json", NOW - 50000);
    struct snapshot *snap = s3_rig_done(f);
    assert_int_equal(snap->s3.nprefixes, 1);
    const struct s3_prefix *p = &snap->s3.prefixes[0];
    assert_string_equal(p->topic, "shop.public.orders");
    assert_string_equal(p->path, "topics/shop.public.orders/");
    assert_string_equal(p->newest_path, HOUR("14"));
    assert_string_equal(p->layout, "confluent");
    assert_null(p->error);
    s3_rig_newest(p, LANE("14", "1") "0000000008.json");
    assert_int_equal(p->objects[0].partition, 1);
    assert_int_equal(p->objects[0].start_offset, 8);
    assert_int_equal(p->nobjects, 25); /* hour 11 is history that was not asked for */
    assert_int_equal(p->seen, 25);
    assert_int_equal(p->seen_bytes, 25000);
    assert_true(p->since_ms == NOW - 3600000);
    assert_true(snap->server_ms == NOW);
    assert_true(snap->s3.keys < 60);
    snapshot_free(snap);
}

static void test_new_keys_partitions_and_hours_are_found_and_counted_once(void **state)
{
    struct fixture *f = *state;
    fakes3_put(&f->s3, LANE("14", "0"), 10, 0, 500, 400, ".json", NOW - 3000000);
    fakes3_put(&f->s3, LANE("14", "2"), 10, 0, 500, 5, ".json", NOW - 3000000);
    struct snapshot *snap = s3_rig_done(f);
    assert_int_equal(snap->s3.prefixes[0].seen, 405);
    snapshot_free(snap);

    /* New keys of partition 0 sort before the old ones of partition 2; partition 1 is new. */
    fakes3_put(&f->s3, LANE("14", "0"), 10, 0, 500, 30, ".json", 0);
    fakes3_put(&f->s3, LANE("14", "1"), 10, 0, 500, 1, ".json", NOW - 1000);
    snap = s3_rig_done(f);
    assert_int_equal(snap->s3.prefixes[0].seen, 436);
    s3_rig_newest(&snap->s3.prefixes[0], LANE("14", "1") "0000000000.json");
    snapshot_free(snap);

    fakes3_put(&f->s3, LANE("15", "0"), 10, 215000, 500, 2, ".json", NOW + 1000);
    snap = s3_rig_done(f);
    assert_int_equal(snap->s3.prefixes[0].seen, 438);
    s3_rig_newest(&snap->s3.prefixes[0], LANE("15", "0") "0000215500.json");
    assert_string_equal(snap->s3.prefixes[0].newest_path, HOUR("15"));
    snapshot_free(snap);

    /* Nothing new: a request per lane and one more, and a handful of keys. */
    int64_t requests = f->s3.requests, keys = f->s3.keys;
    snapshot_free(s3_rig_done(f));
    assert_true(f->s3.requests - requests <= 6);
    assert_true(f->s3.keys - keys <= 6 * S3_PEEK);
}

static void test_a_million_objects_in_one_directory(void **state)
{
    struct fixture *f = *state;
    f->sink.path_format = NULL; /* DefaultPartitioner: partition=N */
    fakes3_put(&f->s3, "topics/shop.public.orders/partition=0/shop.public.orders+0+", 10, 0, 371,
               1000000, ".json", NOW - INT64_C(1000000000));
    fakes3_put(&f->s3, "topics/shop.public.orders/partition=1/shop.public.orders+1+", 10, 0, 10, 7,
               ".json", NOW - INT64_C(2000000000));
    struct snapshot *snap = s3_rig_done(f);
    const struct s3_prefix *p = &snap->s3.prefixes[0];
    s3_rig_newest(p, "topics/shop.public.orders/partition=0/shop.public.orders+0+0370999629.json");
    assert_int_equal(p->nobjects, S3_OBJECTS_KEPT);
    /* The kept ones are the newest 200 without a hole. */
    for (size_t i = 1; i < p->nobjects; i++)
        assert_true(p->objects[i - 1].start_offset - p->objects[i].start_offset == 371);
    assert_true(f->s3.requests <= 60);
    assert_true(f->s3.keys <= 60000);
    int64_t seen = p->seen, requests = f->s3.requests, keys = f->s3.keys;
    snapshot_free(snap);

    fakes3_put(&f->s3, "topics/shop.public.orders/partition=0/shop.public.orders+0+", 10, 0, 371, 3,
               ".json", 0);
    snap = s3_rig_done(f);
    assert_int_equal(snap->s3.prefixes[0].seen, seen + 3);
    s3_rig_newest(&snap->s3.prefixes[0],
                  "topics/shop.public.orders/partition=0/shop.public.orders+0+0371000742.json");
    assert_true(f->s3.requests - requests <= 5);
    assert_true(f->s3.keys - keys <= 20);
    snapshot_free(snap);
}

/* 115 days of hours, unknown format, the newest three days ago. */
static void test_a_million_objects_in_hour_directories_without_a_format(void **state)
{
    struct fixture *f = *state;
    f->sink.path_format = NULL;
    for (int i = 0; i < 240; i++) {
        char prefix[300];
        (void)snprintf(prefix, sizeof(prefix),
                       "topics/shop.public.orders/dt=2026-11-%02d/hour=%02d/shop.public.orders+0+",
                       i / 24 + 7, i % 24);
        fakes3_put(&f->s3, prefix, 10, i * 4200, 1, 4200, ".json", NOW - (250 - i) * 3600000L);
    }
    struct snapshot *snap = s3_rig_done(f);
    const struct s3_prefix *p = &snap->s3.prefixes[0];
    s3_rig_newest(p, "topics/shop.public.orders/dt=2026-11-16/hour=23/"
                     "shop.public.orders+0+0001007999.json");
    assert_true(f->s3.requests <= 64); /* where this machine's clock is years behind, too */
    assert_true(f->s3.keys <= 40000);
    snapshot_free(snap);
    fakes3_put(&f->s3, "topics/shop.public.orders/dt=2026-11-20/hour=14/shop.public.orders+0+", 10,
               1008000, 1, 1, ".json", NOW);
    snap = s3_rig_done(f);
    s3_rig_newest(&snap->s3.prefixes[0], "topics/shop.public.orders/dt=2026-11-20/hour=14/"
                                         "shop.public.orders+0+0001008000.json");
    snapshot_free(snap);
}

static void test_a_level_of_thousands_of_directories_is_searched(void **state)
{
    struct fixture *f = *state;
    f->sink.path_format = NULL;
    /* Epoch hours as directories: 200,000 common prefixes at one level. */
    fakes3_put(&f->s3, "topics/shop.public.orders/h=", 6, 300000, 1, 200000,
               "/shop.public.orders+0+0000000005.json", NOW - INT64_C(200000000));
    struct snapshot *snap = s3_rig_done(f);
    s3_rig_newest(&snap->s3.prefixes[0],
                  "topics/shop.public.orders/h=499999/shop.public.orders+0+0000000005.json");
    assert_true(f->s3.requests <= 40);
    assert_true(f->s3.keys <= 25000);
    snapshot_free(snap);
}

static void test_offsets_without_padding(void **state)
{
    struct fixture *f = *state;
    f->sink.layout = "aiven";
    f->sink.name_template = "{{topic}}-{{partition}}-{{start_offset}}";
    const char *lane = "shop.public.orders-0-";
    fakes3_put(&f->s3, lane, 0, 0, 333, 3, "", NOW - 1000000); /* 0 333 666 */
    fakes3_put(&f->s3, "shop.public.orders-items-0-", 0, 0, 1, 30, "", NOW);
    struct snapshot *snap = s3_rig_done(f);
    assert_string_equal(snap->s3.prefixes[0].layout, "aiven");
    s3_rig_newest(&snap->s3.prefixes[0], "shop.public.orders-0-666");
    assert_int_equal(snap->s3.prefixes[0].seen, 3);
    snapshot_free(snap);
    int64_t count = 3;
    for (int i = 0; i < 60; i++) { /* over 999, 9,999 and 19,999, two at a time */
        char want[60];
        fakes3_put(&f->s3, lane, 0, 0, 333, 2, "", 0);
        count += 2;
        (void)snprintf(want, sizeof(want), "shop.public.orders-0-%lld",
                       (long long)(count - 1) * 333);
        snap = s3_rig_done(f);
        s3_rig_newest(&snap->s3.prefixes[0], want);
        assert_int_equal(snap->s3.prefixes[0].seen, count);
        snapshot_free(snap);
    }
}

static void test_a_hundred_thousand_offsets_without_padding(void **state)
{
    struct fixture *f = *state;
    f->sink.layout = "aiven";
    f->sink.name_template = NULL;
    fakes3_put(&f->s3, "shop.public.orders-0-", 0, 0, 77, 100000, ".gz", NOW - INT64_C(100000000));
    struct snapshot *snap = s3_rig_done(f);
    s3_rig_newest(&snap->s3.prefixes[0], "shop.public.orders-0-7699923.gz");
    assert_true(f->s3.keys <= 15000);
    snapshot_free(snap);
    fakes3_put(&f->s3, "shop.public.orders-0-", 0, 0, 77, 1, ".gz", 0);
    snap = s3_rig_done(f);
    s3_rig_newest(&snap->s3.prefixes[0], "shop.public.orders-0-7700000.gz");
    snapshot_free(snap);
}

static void test_markers_and_foreign_files_are_no_objects(void **state)
{
    struct fixture *f = *state;
    fakes3_put(&f->s3, LANE("14", "0"), 10, 0, 1, 2, ".json", NOW - 60000);
    fakes3_put(&f->s3, LANE("14", "1"), 10, 0, 1, 2, ".keys.json", NOW);
    fakes3_put(&f->s3, HOUR("14") "README", 1, 1, 1, 5, ".md", NOW);
    fakes3_put(&f->s3, HOUR("14") "sub", 1, 1, 1, 1, "/", NOW);
    struct snapshot *snap = s3_rig_done(f);
    s3_rig_newest(&snap->s3.prefixes[0], LANE("14", "0") "0000000001.json");
    assert_int_equal(snap->s3.prefixes[0].nobjects, 2);
    snapshot_free(snap);
}

static void test_a_directory_far_ahead_hides_nothing(void **state)
{
    struct fixture *f = *state;
    for (int known = 0; known < 2; known++) {
        f->sink.path_format = known ? "'year'=YYYY/'month'=MM/'day'=dd/'hour'=HH" : NULL;
        fakes3_put(&f->s3, LANE("14", "0"), 10, 0, 1, 2, ".json", NOW - 60000);
        fakes3_put(&f->s3,
                   "topics/shop.public.orders/year=2099/month=01/day=01/hour=00/"
                   "shop.public.orders+0+",
                   10, 1000, 1, 1, ".json", NOW - 120000);
        struct snapshot *snap = s3_rig_done(f);
        s3_rig_newest(&snap->s3.prefixes[0], LANE("14", "0") "0000000001.json");
        snapshot_free(snap);
        fakes3_put(&f->s3, LANE("14", "0"), 10, 0, 1, 1, ".json", 0);
        snap = s3_rig_done(f);
        s3_rig_newest(&snap->s3.prefixes[0], LANE("14", "0") "0000000002.json");
        snapshot_free(snap);
        if (known == 0) {
            s3_rig_teardown(state);
            s3_rig_setup(state);
            f = *state;
        }
    }
}

static void test_an_object_written_over_shows_its_new_time(void **state)
{
    struct fixture *f = *state;
    struct fakes3_span *span =
        fakes3_put(&f->s3, LANE("14", "0"), 10, 0, 1, 3, ".json", NOW - 600000);
    snapshot_free(s3_rig_done(f));
    span->modified_ms = NOW - 60000;
    span->size = 25;
    struct snapshot *snap = s3_rig_done(f);
    s3_rig_newest(&snap->s3.prefixes[0], LANE("14", "0") "0000000002.json");
    assert_true(snap->s3.prefixes[0].objects[0].modified_ms == NOW - 58000);
    assert_int_equal(snap->s3.prefixes[0].objects[0].size, 25);
    assert_int_equal(snap->s3.prefixes[0].seen, 3);
    snapshot_free(snap);
}

static void test_late_objects_are_found_within_minutes(void **state)
{
    struct fixture *f = *state;
    fakes3_put(&f->s3, LANE("13", "0"), 10, 0, 1, 5, ".json", NOW - 3600000);
    fakes3_put(&f->s3, LANE("14", "0"), 10, 5, 1, 5, ".json", NOW - 60000);
    snapshot_free(s3_rig_done(f));
    fakes3_put(&f->s3, LANE("13", "1"), 10, 77, 1, 1, ".json", NOW + 1000);
    f->s3.now_ms = NOW + 2 * 60000;
    snapshot_free(s3_rig_done(f)); /* tells the source the time */
    struct snapshot *snap = s3_rig_done(f);
    s3_rig_newest(&snap->s3.prefixes[0], LANE("14", "0") "0000000009.json");
    snapshot_free(snap);
    f->s3.now_ms = NOW + 6 * 60000;
    snapshot_free(s3_rig_done(f));
    snap = s3_rig_done(f);
    s3_rig_newest(&snap->s3.prefixes[0], LANE("13", "1") "0000000077.json");
    assert_int_equal(snap->s3.prefixes[0].seen, 11);
    snapshot_free(snap);
}

/* Weeks of hours pass: what is remembered and what a refresh costs stay as they are. */
static void test_memory_and_cost_do_not_grow_with_the_hours(void **state)
{
    struct fixture *f = *state;
    int64_t cost[200];
    for (int i = 0; i < 200; i++) {
        char lane[300];
        (void)snprintf(lane, sizeof(lane),
                       "topics/shop.public.orders/year=2026/month=12/day=%02d/hour=%02d/"
                       "shop.public.orders+0+",
                       i / 24 + 1, i % 24);
        f->s3.now_ms = INT64_C(1796083200000) + i * INT64_C(3600000) + 600000;
        fakes3_put(&f->s3, lane, 10, i * 10, 1, 10, ".json", f->s3.now_ms - 300000);
        struct snapshot *snap = s3_rig_done(f);
        assert_int_equal(snap->s3.prefixes[0].objects[0].start_offset, i * 10 + 9);
        assert_int_equal(snap->s3.prefixes[0].seen, i * 10 + 10);
        snapshot_free(snap);
        cost[i] = f->s3.requests;
    }
    assert_true(cost[199] - cost[100] <= cost[110] - cost[10] + 10);
    assert_true(cost[199] - cost[198] <= 16);
}

#define T(name) cmocka_unit_test_setup_teardown(name, s3_rig_setup, s3_rig_teardown)

/* Found without hints, the walk begins in the newest directory; the sink tells which it writes to.
 */
static void test_a_sink_that_is_heard_of_later(void **state)
{
    struct fixture *f = *state;
    fakes3_put(&f->s3, LANE("14", "0"), 10, 0, 10, 5, ".json", NOW - 60000);
    fakes3_put(&f->s3, LANE("22", "0"), 10, 50, 10, 5, ".json", NOW - 600000);
    f->hints.nsinks = 0;
    snapshot_free(s3_rig_done(f));
    f->hints.nsinks = 1;
    snapshot_free(s3_rig_done(f));
    fakes3_put(&f->s3, LANE("14", "0"), 10, 50, 10, 1, ".json", 0);
    struct snapshot *snap = s3_rig_done(f);
    s3_rig_newest(&snap->s3.prefixes[0], LANE("14", "0") "0000000050.json");
    snapshot_free(snap);
}

/* A clock behind UTC: what is new sorts before what is there already. */
static void test_a_change_of_the_clock_hides_nothing(void **state)
{
    struct fixture *f = *state;
    fakes3_put(&f->s3, LANE("12", "0"), 10, 0, 10, 5, ".json", NOW - 7200000);
    fakes3_put(&f->s3, LANE("13", "0"), 10, 50, 10, 5, ".json", NOW - 3600000);
    struct snapshot *snap = s3_rig_done(f);
    int64_t seen = snap->s3.prefixes[0].seen;
    snapshot_free(snap);
    f->sink.timezone = "America/New_York";
    snapshot_free(s3_rig_done(f));
    fakes3_put(&f->s3, LANE("08", "0"), 10, 100, 10, 2, ".json", NOW - 5000);
    for (int i = 0; i < 3; i++) { /* it is looked around every few seconds */
        f->s3.now_ms = NOW + (i + 1) * 25000;
        snapshot_free(s3_rig_done(f));
    }
    snap = s3_rig_done(f);
    s3_rig_newest(&snap->s3.prefixes[0], LANE("08", "0") "0000000110.json");
    assert_int_equal(snap->s3.prefixes[0].seen, seen + 2);
    snapshot_free(snap);
    /* And for one who comes later. */
    source_s3.close(f->source);
    f->source = source_s3.open(&f->cfg, NULL);
    snap = s3_rig_done(f);
    s3_rig_newest(&snap->s3.prefixes[0], LANE("08", "0") "0000000110.json");
    snapshot_free(snap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_hour_directories_are_opened_at_the_last_hours),
        T(test_new_keys_partitions_and_hours_are_found_and_counted_once),
        T(test_a_million_objects_in_one_directory),
        T(test_a_million_objects_in_hour_directories_without_a_format),
        T(test_a_level_of_thousands_of_directories_is_searched),
        T(test_offsets_without_padding),
        T(test_a_hundred_thousand_offsets_without_padding),
        T(test_markers_and_foreign_files_are_no_objects),
        T(test_a_directory_far_ahead_hides_nothing),
        T(test_an_object_written_over_shows_its_new_time),
        T(test_late_objects_are_found_within_minutes),
        T(test_memory_and_cost_do_not_grow_with_the_hours),
        cmocka_unit_test_setup_teardown(test_a_change_of_the_clock_hides_nothing, s3_rig_setup,
                                        s3_rig_teardown),
        cmocka_unit_test_setup_teardown(test_a_sink_that_is_heard_of_later, s3_rig_setup,
                                        s3_rig_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
