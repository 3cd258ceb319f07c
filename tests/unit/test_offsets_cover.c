/* Holes and overlaps in the offsets of a bucket: as real sinks leave them, and as they look when
 * something is missing. */
#include "base/clock.h"
#include "base/mem.h"
#include "model/offsets_cover.h"
#include "tests/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX = 400 };

struct bucket {
    struct s3_object objects[MAX];
    struct s3_floor floors[6];
    struct s3_prefix prefix;
    struct cover_rules rules;
    struct arena *arena;
};

static int setup(void **state)
{
    struct bucket *b = mem_alloc(sizeof(*b));
    b->arena = arena_new();
    b->prefix = (struct s3_prefix){
        .topic = "t", .objects = b->objects, .complete = true, .floors = b->floors, .nfloors = 1};
    b->rules = (struct cover_rules){.most = UNKNOWN};
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bucket *b = *state;
    arena_free(b->arena);
    free(b);
    return 0;
}

static struct s3_object *put_in(struct bucket *b, const char *dir, int64_t start, int64_t records)
{
    struct s3_object *o = &b->objects[b->prefix.nobjects++];
    *o = (struct s3_object){.key = arena_printf(b->arena, "%s/t+0+%010" PRId64, dir, start),
                            .size = records >= 0 ? records * 80 : 8000,
                            .modified_ms = start,
                            .start_offset = start,
                            .records = records};
    return o;
}

static struct s3_object *put(struct bucket *b, int64_t start, int64_t records)
{
    return put_in(b, "hour=14", start, records);
}

static const struct cover *covered(struct bucket *b)
{
    struct covers all = offsets_cover(&b->prefix, &b->rules, b->arena);
    assert_int_equal(all.count, b->prefix.nfloors);
    return &all.items[0];
}

static void recorded(struct bucket *b, const char *name, int partitions)
{
    char path[200], line[400], when[40], key[200];
    (void)snprintf(path, sizeof(path), "tests/samples/s3/%s", name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof(line), f) != NULL) {
        int64_t size, lines;
        int partition;
        assert_int_equal(
            sscanf(line, "%39s %" SCNd64 " %" SCNd64 " %199s", when, &size, &lines, key), 4);
        struct s3_object *o = &b->objects[b->prefix.nobjects++];
        *o = (struct s3_object){.key = arena_strdup(b->arena, key),
                                .size = size,
                                .modified_ms = clock_parse_iso(when),
                                .records = lines};
        assert_int_equal(sscanf(strchr(key, '+'), "+%d+%" SCNd64, &partition, &o->start_offset), 2);
        o->partition = partition;
    }
    fclose(f);
    b->prefix.nfloors = (size_t)partitions;
    for (int i = 0; i < partitions; i++)
        b->floors[i] = (struct s3_floor){i, 0};
}

/* Counted by hand from the objects: 5 that overlap in the first partition, 5 in the second. */
static void test_redelivery_after_a_crash_is_no_hole(void **state)
{
    struct bucket *b = *state;
    recorded(b, "redelivered.txt", 2);
    for (int scattered = 0; scattered < 2; scattered++) {
        b->rules.scattered = scattered != 0;
        struct covers all = offsets_cover(&b->prefix, &b->rules, b->arena);
        assert_int_equal(all.items[0].nitems, 28);
        assert_int_equal(all.items[0].overlapping, 1 + 199 + 31 + 169 + 18);
        assert_int_equal(all.items[1].overlapping, 199 + 1 + 141 + 59 + 87);
        assert_int_equal(all.items[0].nholes, 0);
        assert_int_equal(all.items[1].nholes, 0);
        assert_null(all.items[0].cannot_tell);
    }
    /* Without counts nothing is certain here, by the sink's limit either. */
    for (size_t i = 0; i < b->prefix.nobjects; i++)
        b->objects[i].records = UNKNOWN;
    b->rules.most = 200;
    struct covers all = offsets_cover(&b->prefix, &b->rules, b->arena);
    assert_int_equal(all.items[0].nholes + all.items[1].nholes, 0);
    assert_int_equal(all.items[0].counted, 0);
}

static void test_aivens_objects_follow_on_each_other(void **state)
{
    struct bucket *b = *state;
    recorded(b, "aiven.txt", 6);
    struct covers all = offsets_cover(&b->prefix, &b->rules, b->arena);
    for (size_t i = 0; i < all.count; i++) {
        assert_int_equal(all.items[i].nitems, 8);
        assert_int_equal(all.items[i].nholes, 0);
        assert_int_equal(all.items[i].overlapping, 0);
    }
}

/* An object that only redelivered records is no loss; one that alone had its records is. */
static void test_a_missing_object_among_redelivered_ones(void **state)
{
    struct bucket *b = *state;
    recorded(b, "redelivered.txt", 1);
    const int64_t starts[] = {1606, 2606};
    for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
        size_t k = 0;
        while (b->objects[k].start_offset != starts[i] || b->objects[k].partition != 0)
            k++;
        b->objects[k].partition = 9; /* gone */
    }
    struct covers all = offsets_cover(&b->prefix, &b->rules, b->arena);
    const struct cover *c = &all.items[0];
    assert_int_equal(c->nholes, 1);
    assert_int_equal(c->holes[0].from, 2606);
    assert_int_equal(c->holes[0].to, 2806);
    assert_int_equal(c->holes[0].records, 200);
    assert_int_equal(c->holes[0].before->start_offset, 2406);
    assert_int_equal(c->holes[0].after->start_offset, 2806);
    assert_false(c->holes[0].at_least);
}

/* A topic that was deleted and recreated: record 0 is not stored, its key is taken. (Recorded.) */
static void test_a_recreated_topic_overlaps(void **state)
{
    struct bucket *b = *state;
    put(b, 0, 100), put(b, 100, 100), put(b, 200, 50), put(b, 1, 59);
    const struct cover *c = covered(b);
    assert_int_equal(c->nholes, 0);
    assert_int_equal(c->overlapping, 59);
    assert_int_equal(c->items[1].overlap, 59);
}

static void test_nothing_is_told_below_the_floor(void **state)
{
    struct bucket *b = *state;
    put(b, 0, 10), put(b, 1000, 10), put(b, 1010, 10);
    assert_int_equal(covered(b)->nholes, 1);
    b->floors[0].from = 900;
    const struct cover *c = covered(b);
    assert_int_equal(c->nholes, 0);
    assert_int_equal(c->nitems, 2);
    b->prefix.complete = false;
    assert_int_equal(offsets_cover(&b->prefix, &b->rules, b->arena).count, 0);
}

static void test_tombstones_that_are_skipped_explain_any_gap(void **state)
{
    struct bucket *b = *state;
    put(b, 0, 10), put(b, 12, 10);
    b->rules.skips = "the sink writes no line for a tombstone";
    const struct cover *c = covered(b);
    assert_int_equal(c->nholes, 0);
    assert_int_equal(c->missing, 0);
    assert_string_equal(c->cannot_tell, b->rules.skips);
    assert_int_equal(c->items[1].gap, 2);
}

static void test_markers_of_transactions_are_no_loss(void **state)
{
    struct bucket *b = *state;
    for (int i = 0; i < 20; i++)
        put(b, i * 10, 9);
    const struct cover *c = covered(b);
    assert_int_equal(c->nholes, 0);
    assert_non_null(c->cannot_tell);
}

/* Records of two hours that come alternately: both files span offsets of the other. */
static void test_directories_that_share_a_stretch(void **state)
{
    struct bucket *b = *state;
    b->rules.scattered = true;
    put_in(b, "hour=13", 100, 2);  /* 100, 400 */
    put_in(b, "hour=14", 101, 99); /* 101 … 199 */
    put_in(b, "hour=14", 200, 100);
    put_in(b, "hour=14", 300, 100); /* 300 … 399 */
    put_in(b, "hour=14", 401, 100);
    assert_int_equal(covered(b)->nholes, 0);
    /* What the lines cannot fill is missing all the same. */
    put_in(b, "hour=14", 600, 10);
    const struct cover *c = covered(b);
    assert_int_equal(c->nholes, 1);
    assert_int_equal(c->holes[0].records, 99);
    assert_int_equal(c->holes[0].to, 600);
}

static void test_the_next_hour_is_no_hole(void **state)
{
    struct bucket *b = *state;
    b->rules.scattered = true;
    put_in(b, "hour=13", 100, 50), put_in(b, "hour=14", 150, 50), put_in(b, "hour=14", 210, 10);
    const struct cover *c = covered(b);
    assert_int_equal(c->nholes, 1);
    assert_int_equal(c->holes[0].from, 200);
    assert_int_equal(c->holes[0].records, 10);
}

/* Without counts a hole is certain only where a full file could not reach. */
static void test_uncounted_objects_hold_what_the_sink_allows(void **state)
{
    struct bucket *b = *state;
    for (int i = 0; i < 10; i++)
        put(b, i * 100 + (i >= 5 ? 1000 : 0), UNKNOWN);
    assert_int_equal(covered(b)->nholes, 0); /* no limit is known */
    b->rules.most = 500;
    const struct cover *c = covered(b);
    assert_int_equal(c->nholes, 1);
    assert_int_equal(c->holes[0].from, 900);
    assert_int_equal(c->holes[0].to, 1500);
    assert_int_equal(c->holes[0].records, 600);
    assert_true(c->holes[0].at_least);
    /* A file as large as the gap was written under another limit. */
    b->objects[4].size = 80 * 1100;
    assert_int_equal(covered(b)->nholes, 0);
    /* In another directory other files may have been open. */
    b->objects[4].size = 8000;
    b->objects[4].key = "hour=13/t+0+0000000400";
    assert_int_equal(covered(b)->nholes, 0);
}

static void test_one_object_that_was_not_counted(void **state)
{
    struct bucket *b = *state;
    put(b, 0, 100), put(b, 100, UNKNOWN), put(b, 200, 100), put(b, 320, 100);
    assert_int_equal(covered(b)->nholes, 0); /* it may reach anywhere */
    b->rules.most = 100;
    const struct cover *c = covered(b);
    assert_int_equal(c->nholes, 1);
    assert_int_equal(c->holes[0].from, 300);
    assert_int_equal(c->holes[0].records, 20);
    assert_false(c->holes[0].at_least);
    struct covers all = offsets_cover(&b->prefix, &b->rules, b->arena);
    assert_true(offsets_cover_item(&all, &b->objects[1])->end == UNKNOWN);
    assert_int_equal(offsets_cover_item(&all, &b->objects[2])->end, 300);
}

/* ---- what the configuration allows */

static void test_rules_come_from_the_sink(void **state)
{
    (void)state;
    static const struct {
        struct kv config[8];
        const char *cleanup;
        int64_t most;
        bool scattered, skips;
    } cases[] = {
        {{{"connector.class", "io.confluent.connect.s3.S3SinkConnector"}, {"flush.size", "500"}},
         NULL,             500,
         false, false},
        {{{"connector.class", "io.confluent.connect.s3.S3SinkConnector"},
          {"flush.size", "500"},
          {"behavior.on.null.values", "ignore"}},
         NULL,             500,
         false, true },
        {{{"connector.class", "io.confluent.connect.s3.S3SinkConnector"},
          {"flush.size", "500"},
          {"errors.tolerance", "all"}},
         NULL,             500,
         false, true },
        {{{"connector.class", "io.confluent.connect.s3.S3SinkConnector"},
          {"flush.size", "500"},
          {"transforms", "x"},
          {"transforms.x.type", "org.apache.kafka.connect.transforms.Filter"}},
         NULL,             500,
         false, true },
        {{{"connector.class", "io.confluent.connect.s3.S3SinkConnector"},
          {"flush.size", "500"},
          {"transforms", "x"},
          {"transforms.x.type", "org.apache.kafka.connect.transforms.InsertField$Value"}},
         "delete",         500,
         false, false},
        {{{"connector.class", "io.confluent.connect.s3.S3SinkConnector"}, {"flush.size", "500"}},
         "compact,delete", 500,
         false, true },
        {{{"connector.class", "io.confluent.connect.s3.S3SinkConnector"},
          {"partitioner.class", "io.confluent.connect.storage.partitioner.TimeBasedPartitioner"},
          {"path.format", "YYYY"},
          {"timestamp.extractor", "Record"}},
         NULL,             UNKNOWN,
         true,  false},
        {{{"connector.class", "io.confluent.connect.s3.S3SinkConnector"},
          {"partitioner.class", "io.confluent.connect.storage.partitioner.TimeBasedPartitioner"},
          {"path.format", "YYYY"}},
         NULL,             UNKNOWN,
         false, false},
        {{{"connector.class", "io.aiven.kafka.connect.s3.S3SinkConnector"}},
         NULL,             UNKNOWN,
         false, false},
        {{{"connector.class", "io.aiven.kafka.connect.s3.S3SinkConnector"},
          {"file.max.records", "20"}},
         NULL,             20,
         false, false},
    };
    struct arena *a = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct connect_connector c = {.name = "s", .type = "sink"};
        c.config = arena_array(a, 8, sizeof(*c.config));
        for (; c.nconfig < 8 && cases[i].config[c.nconfig].key != NULL; c.nconfig++)
            c.config[c.nconfig] = cases[i].config[c.nconfig];
        c.class_name = c.config[0].value;
        struct kafka_topic topic = {.name = "t", .cleanup_policy = cases[i].cleanup};
        struct cover_rules r = offsets_cover_rules(connector_facts_of(&c, a), &topic);
        if (r.most != cases[i].most || r.scattered != cases[i].scattered ||
            (r.skips != NULL) != cases[i].skips)
            fail_msg("case %zu: most %" PRId64 ", scattered %d, %s", i, r.most, r.scattered,
                     r.skips != NULL ? r.skips : "skips nothing");
    }
    assert_non_null(offsets_cover_rules(NULL, NULL).skips);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(test_redelivery_after_a_crash_is_no_hole),
        T(test_aivens_objects_follow_on_each_other),
        T(test_a_missing_object_among_redelivered_ones),
        T(test_a_recreated_topic_overlaps),
        T(test_nothing_is_told_below_the_floor),
        T(test_tombstones_that_are_skipped_explain_any_gap),
        T(test_markers_of_transactions_are_no_loss),
        T(test_directories_that_share_a_stretch),
        T(test_the_next_hour_is_no_hole),
        T(test_uncounted_objects_hold_what_the_sink_allows),
        T(test_one_object_that_was_not_counted),
        cmocka_unit_test(test_rules_come_from_the_sink),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
