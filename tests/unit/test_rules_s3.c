/* The rules of rules_s3.c: each in a world where it fires, and where it must not. */
#include "base/clock.h"
#include "base/lsn.h"
#include "base/mem.h"
#include "tests/unit/rule_cases.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define HOUR_MS INT64_C(3600000)

/* ---- S01, S02 */

static void make_s01(struct fixture *f)
{
    f->schedule_ms = NULL;
    f->end = 1010;
    rule_ticks(f, 45, 2000); /* the topic goes quiet: no further record will fill the file */
}

static void near_s01(struct fixture *f)
{
    f->end = 1010; /* a schedule closes it */
    rule_ticks(f, 5, 2000);
}

static void make_s02(struct fixture *f)
{
    for (int i = 0; i < 60; i++) {
        f->end += 10;
        f->committed += 1; /* it commits, but far behind: late objects, not a stuck sink */
        f->object_age_ms += 2000;
        fixture_tick(f, 2000);
    }
}

/* Old objects and nothing that waits: there is nothing to write. */
static void near_s02(struct fixture *f)
{
    for (int i = 0; i < 60; i++) {
        f->object_age_ms += 2000;
        fixture_tick(f, 2000);
    }
}

static void skips_tombstones(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    fixture_config(snap, "sink", "behavior.on.null.values", "ignore");
}

/* The tombstone of the last DELETE, which the sink skips and commits with the next record. */
static void near_s02_tombstone(struct fixture *f)
{
    f->edit[SOURCE_CONNECT] = skips_tombstones;
    f->end = f->committed + 1;
    near_s02(f);
}

/* ---- S05: directories by the hour */

static const char *directory(struct arena *a, int64_t ms)
{
    char text[100];
    time_t t = (time_t)(ms / 1000);
    struct tm tm;
    gmtime_r(&t, &tm);
    (void)strftime(text, sizeof(text), "year=%Y/month=%m/day=%d/hour=%H", &tm);
    return arena_strdup(a, text);
}

/* `count` objects, 10 s apart; `hours_of` says how far the directory of the i-th newest is away. */
static void by_hour(const struct fixture *f, struct snapshot *snap, int64_t (*hours_of)(size_t i))
{
    struct arena *a = snap->arena;
    struct s3_prefix *p = &snap->s3.prefixes[0];
    p->nobjects = 12;
    p->objects = arena_array(a, p->nobjects, sizeof(*p->objects));
    for (size_t i = 0; i < p->nobjects; i++) {
        int64_t modified = f->wall_ms - f->object_age_ms - (int64_t)i * 10000;
        int64_t start = 1000 - (int64_t)i * 50;
        p->objects[i] = (struct s3_object){
            .key = arena_printf(a, "%s%s/shop.public.orders+0+%010" PRId64 ".json", p->path,
                                directory(a, modified + hours_of(i) * HOUR_MS), start),
            .size = 4096,
            .modified_ms = modified,
            .start_offset = start,
            .records = UNKNOWN};
    }
}

static int64_t right(size_t i)
{
    (void)i;
    return 0;
}

static int64_t ahead(size_t i)
{
    (void)i;
    return 9;
}

static int64_t behind(size_t i)
{
    (void)i;
    return -5;
}

static int64_t changed(size_t i) /* a minute ago */
{
    return i < 6 ? 9 : 0;
}

static int64_t one_odd(size_t i)
{
    return i == 0 ? 300 : 0;
}

static void objects_right(struct fixture *f, struct snapshot *snap)
{
    by_hour(f, snap, right);
}

static void objects_ahead(struct fixture *f, struct snapshot *snap)
{
    by_hour(f, snap, ahead);
}

static void objects_behind(struct fixture *f, struct snapshot *snap)
{
    by_hour(f, snap, behind);
}

static void objects_changed(struct fixture *f, struct snapshot *snap)
{
    by_hour(f, snap, changed);
}

static void objects_odd(struct fixture *f, struct snapshot *snap)
{
    by_hour(f, snap, one_odd);
}

static void hourly(struct snapshot *snap, const char *zone, const char *extractor)
{
    fixture_config(snap, "sink", "partitioner.class",
                   "io.confluent.connect.storage.partitioner.TimeBasedPartitioner");
    fixture_config(snap, "sink", "path.format", "'year'=YYYY/'month'=MM/'day'=dd/'hour'=HH");
    fixture_config(snap, "sink", "timezone", zone);
    fixture_config(snap, "sink", "timestamp.extractor", extractor);
}

static void sink_utc(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    hourly(snap, "UTC", "Wallclock");
}

static void sink_record(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    hourly(snap, "UTC", "Record");
}

static void sink_tokyo(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    hourly(snap, "Asia/Tokyo", "Record");
}

static void sink_new_york(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    hourly(snap, "America/New_York", "Wallclock");
}

typedef void edit(struct fixture *f, struct snapshot *snap);

static void sink_and_objects(struct fixture *f, edit *sink, edit *objects)
{
    f->edit[SOURCE_CONNECT] = sink;
    f->edit[SOURCE_S3] = objects;
    rule_ticks(f, 3, 2000);
}

static void make_s05_future(struct fixture *f)
{
    sink_and_objects(f, sink_utc, objects_ahead);
}

static void make_s05_past(struct fixture *f)
{
    sink_and_objects(f, sink_utc, objects_behind);
}

static void make_s05_changed(struct fixture *f)
{
    sink_and_objects(f, sink_tokyo, objects_changed);
}

static void near_s05_right(struct fixture *f)
{
    sink_and_objects(f, sink_utc, objects_right);
}

static void near_s05_zone(struct fixture *f)
{
    sink_and_objects(f, sink_new_york, objects_behind);
}

static void near_s05_always_there(struct fixture *f)
{
    sink_and_objects(f, sink_tokyo, objects_ahead);
}

/* Nothing comes any more: what was written last are old records that waited. */
static void near_s05_caught_up(struct fixture *f)
{
    sink_and_objects(f, sink_record, objects_behind);
}

static void near_s05_one_record(struct fixture *f)
{
    sink_and_objects(f, sink_utc, objects_odd);
}

/* The same hour as when they were written, but that is long ago. */
static void near_s05_late(struct fixture *f)
{
    sink_and_objects(f, sink_utc, objects_right);
    make_s02(f);
}

/* ---- S06 */

static void small_objects(struct fixture *f, struct snapshot *snap)
{
    struct arena *a = snap->arena;
    struct s3_prefix *p = &snap->s3.prefixes[0];
    int64_t each = f->n;
    p->seen = f->end / each;
    p->nobjects = 100;
    p->objects = arena_array(a, p->nobjects, sizeof(*p->objects));
    for (size_t i = 0; i < p->nobjects; i++) {
        int64_t start = f->end - (int64_t)(i + 1) * each;
        p->objects[i] = (struct s3_object){
            .key = arena_printf(a, "%sshop.public.orders+0+%010" PRId64 ".json", p->path, start),
            .size = 80 * each,
            .modified_ms = f->wall_ms - 1000 - (int64_t)i * 100,
            .start_offset = start,
            .records = UNKNOWN};
    }
}

/* 120 objects a minute, of `each` records. */
static void storm_of(struct fixture *f, int64_t each)
{
    f->n = each;
    f->end = f->committed = 100000;
    f->edit[SOURCE_S3] = small_objects;
    for (int i = 0; i < 40; i++) {
        f->end += 4 * each;
        f->committed = f->end;
        fixture_tick(f, 2000);
    }
}

static void make_s06(struct fixture *f)
{
    f->flush_size = "1";
    storm_of(f, 1);
}

static void make_s06_schema(struct fixture *f)
{
    f->flush_size = "5000";
    storm_of(f, 40);
}

/* Many objects because there is much to write. */
static void near_s06_bulk(struct fixture *f)
{
    storm_of(f, 500);
}

/* Small ones because the schedule wants them: every half second. */
static void near_s06_schedule(struct fixture *f)
{
    f->schedule_ms = "500";
    storm_of(f, 5);
}

/* ---- S07 */

enum { LINES = 100 };

/* Ten objects of 100 lines each, without the one that begins at f->n. */
static void counted(struct fixture *f, struct snapshot *snap)
{
    struct arena *a = snap->arena;
    struct s3_prefix *p = &snap->s3.prefixes[0];
    p->objects = arena_array(a, 10, sizeof(*p->objects));
    p->nobjects = 0;
    p->floors = arena_alloc(a, sizeof(*p->floors));
    p->floors[0] = (struct s3_floor){0, 0};
    p->nfloors = 1;
    for (int64_t start = 900; start >= 0; start -= LINES) {
        if (start == f->n)
            continue;
        p->objects[p->nobjects++] = (struct s3_object){
            .key = arena_printf(a, "%sshop.public.orders+0+%010" PRId64 ".json", p->path, start),
            .size = 8000,
            .modified_ms = f->wall_ms - f->object_age_ms - (900 - start) * 6000,
            .start_offset = start,
            .records = LINES};
    }
}

static void tombstones_ignored(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    fixture_config(snap, "sink", "behavior.on.null.values", "ignore");
}

static void log_begins(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    snap->kafka.topics[0].partitions[0].begin = 450;
}

static void without(struct fixture *f, int64_t start)
{
    f->n = start;
    f->edit[SOURCE_S3] = counted;
    rule_ticks(f, 3, 2000);
}

static void make_s07(struct fixture *f)
{
    without(f, 400);
}

static void near_s07_tombstones(struct fixture *f)
{
    f->edit[SOURCE_CONNECT] = tombstones_ignored;
    without(f, 400);
}

/* The object before the newest may still come: what is behind it is a second old. */
static void near_s07_young(struct fixture *f)
{
    without(f, 800);
}

static void near_s07_oldest(struct fixture *f)
{
    without(f, 0);
}

static void test_a_hole_says_what_is_missing_and_whether_kafka_has_it(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    make_s07(&f);
    struct findings all = fixture_findings(&f);
    const struct finding *hole = fixture_finding(all, "S07");
    assert_non_null(hole);
    assert_string_equal(hole->title,
                        "shop.public.orders: 100 records are missing from the archive, "
                        "offsets 400 to 499 of partition 0");
    assert_non_null(strstr(hole->evidence[0], "Kafka still has them (its log starts at 0)"));
    assert_non_null(strstr(hole->evidence[1], "shop.public.orders+0+0000000300.json"));
    assert_non_null(strstr(hole->evidence[1], "shop.public.orders+0+0000000500.json"));
    f.edit[SOURCE_KAFKA] = log_begins;
    rule_ticks(&f, 1, 2000);
    hole = fixture_finding(fixture_findings(&f), "S07");
    assert_non_null(strstr(hole->evidence[0], "Kafka has only the later ones"));
    assert_non_null(strstr(hole->advice, "snapshot"));
    fixture_close(&f);
}

/* ---- S09 */

static void uploads(struct fixture *f, struct snapshot *snap)
{
    snap->s3.prefixes[0].uploads = 3;
    snap->s3.prefixes[0].oldest_upload_ms = f->wall_ms - f->n;
}

static void make_s09(struct fixture *f)
{
    f->n = 25 * HOUR_MS;
    f->edit[SOURCE_S3] = uploads;
}

static void near_s09(struct fixture *f) /* files that are open now */
{
    f->n = HOUR_MS;
    f->edit[SOURCE_S3] = uploads;
}

#define ORDERS "shop.public.orders"

static const struct rule_case cases[] = {
    {"S01", ORDERS, make_s01,         VERDICT_WARN, near_s01,              NULL },
    {"S02", ORDERS, make_s02,         VERDICT_WARN, near_s02,              NULL },
    {"S02", ORDERS, make_s02,         VERDICT_WARN, near_s02_tombstone,    NULL },
    {"S02", ORDERS, make_s02,         VERDICT_WARN, make_s05_future,       "S05"},
    {"S05", ORDERS, make_s05_future,  VERDICT_WARN, near_s05_right,        NULL },
    {"S05", ORDERS, make_s05_future,  VERDICT_WARN, near_s05_late,         "S02"},
    {"S05", ORDERS, make_s05_past,    VERDICT_WARN, near_s05_zone,         NULL },
    {"S05", ORDERS, make_s05_past,    VERDICT_WARN, near_s05_caught_up,    NULL },
    {"S05", ORDERS, make_s05_changed, VERDICT_WARN, near_s05_always_there, NULL },
    {"S05", ORDERS, make_s05_future,  VERDICT_WARN, near_s05_one_record,   NULL },
    {"S06", ORDERS, make_s06,         VERDICT_WARN, near_s06_bulk,         NULL },
    {"S06", ORDERS, make_s06_schema,  VERDICT_WARN, near_s06_schedule,     NULL },
    {"S07", ORDERS, make_s07,         VERDICT_CRIT, near_s07_tombstones,   NULL },
    {"S07", ORDERS, make_s07,         VERDICT_CRIT, near_s07_young,        NULL },
    {"S07", ORDERS, make_s07,         VERDICT_CRIT, near_s07_oldest,       NULL },
    {"S09", ORDERS, make_s09,         VERDICT_WARN, near_s09,              NULL },
};

static void test_every_rule_fires_and_is_silent(void **state)
{
    (void)state;
    rule_cases_run(rules_s3, cases, ARRAY_LEN(cases));
}

static void run_by_msk_connect(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    for (size_t i = 0; i < snap->connect.nconnectors; i++)
        snap->connect.connectors[i].service = SERVICE_MSK_CONNECT;
}

/* MSK Connect tells no traces: nobody is sent to look for one. */
static void test_advice_names_what_there_is_to_read(void **state)
{
    (void)state;
    struct fixture f;
    for (int managed = 0; managed < 2; managed++) {
        fixture_open(&f);
        f.edit[SOURCE_CONNECT] = managed ? run_by_msk_connect : NULL;
        make_s02(&f);
        const struct finding *found = fixture_finding(fixture_findings(&f), "S02");
        assert_non_null(found);
        const char *what = managed ? "the workers' log" : "the sink's trace";
        if (strstr(found->advice, what) == NULL)
            fail_msg("not %s: %s", what, found->advice);
        fixture_close(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_rule_fires_and_is_silent),
        cmocka_unit_test(test_a_hole_says_what_is_missing_and_whether_kafka_has_it),
        cmocka_unit_test(test_advice_names_what_there_is_to_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
