/* The S3 source against a bucket on loopback: what a user relies on is that the newest object is
 * right, that it stays right, and that looking costs requests for new keys, not for old ones. */
#include "base/clock.h"
#include "base/mem.h"
#include "source/s3_topics.h"
#include "source/source.h"
#include "tests/check.h"
#include "tests/unit/fakehttp.h"
#include "tests/unit/fakes3.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* The Date header of the fake server: Fri, 20 Nov 2026 14:03:22 GMT. */
static const int64_t NOW = INT64_C(1795183402000);

struct fixture {
    struct fakes3 s3;
    struct pipeline_config cfg;
    char endpoint[64], url[64];
    struct hint_sink sink;
    struct hints hints;
    const char *topics[4];
    void *source;
};

static char text_empty[] = "", text_key[] = "AKID", text_secret[] = "secret", text_auto[] = "auto";

static int setup(void **state)
{
    struct fixture *f = mem_alloc(sizeof(*f));
    fakes3_start(&f->s3);
    (void)snprintf(f->endpoint, sizeof(f->endpoint), "http://127.0.0.1:%d",
                   fakehttp_port(f->s3.server));
    (void)snprintf(f->url, sizeof(f->url), "s3://lake");
    f->cfg.s3 = (struct s3_config){
        .url = f->url,
        .region = text_empty,
        .endpoint = f->endpoint,
        .addressing = text_auto,
        .access_key_id = text_key,
        .secret_access_key = text_secret,
        .session_token = text_empty,
        .ssl_ca = text_empty,
    };
    f->topics[0] = "shop.public.orders";
    f->sink = (struct hint_sink){
        .connector = "s3-sink",
        .bucket = "lake",
        .topics_dir = "topics",
        .layout = "confluent",
        .path_format = "'year'=YYYY/'month'=MM/'day'=dd/'hour'=HH",
        .timezone = "UTC",
        .topics = f->topics,
        .ntopics = 1,
    };
    f->hints.sinks = &f->sink;
    f->hints.nsinks = 1;
    f->source = source_s3.open(&f->cfg, NULL);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    source_s3.close(f->source);
    fakes3_stop(&f->s3);
    free(f);
    return 0;
}

static struct snapshot *poll_once(struct fixture *f, struct err *err)
{
    struct poll_ctx ctx = {
        .deadline_ms = clock_mono_ms() + 60000, .stop_fd = -1, .hints = &f->hints};
    return source_s3.poll(f->source, &ctx, err);
}

/* Polls until the walk has ended. */
static struct snapshot *poll_done(struct fixture *f)
{
    for (int i = 0; i < 40; i++) {
        struct err err = ERR_INIT;
        struct snapshot *snap = poll_once(f, &err);
        if (snap == NULL)
            fail_msg("%s: %s", err_kind_name(err.kind), err.text);
        bool complete = true;
        for (size_t j = 0; j < snap->s3.nprefixes; j++)
            complete = complete && snap->s3.prefixes[j].complete;
        if (complete)
            return snap;
        snapshot_free(snap);
    }
    fail_msg("the walk does not end");
    return NULL;
}

static void assert_newest(const struct s3_prefix *p, const char *key)
{
    assert_true(p->nobjects > 0);
    assert_string_equal(p->objects[0].key, key);
    for (size_t i = 1; i < p->nobjects; i++)
        assert_true(p->objects[i - 1].modified_ms >= p->objects[i].modified_ms);
}

#define HOUR(h)    "topics/shop.public.orders/year=2026/month=11/day=20/hour=" h "/"
#define LANE(h, p) HOUR(h) "shop.public.orders+" p "+"

static void test_hour_directories_are_opened_at_the_last_hours(void **state)
{
    struct fixture *f = *state;
    fakes3_put(&f->s3, LANE("11", "0"), 10, 0, 500, 900, ".json", NOW - 3 * 3600000);
    fakes3_put(&f->s3, LANE("13", "0"), 10, 450000, 500, 20, ".json", NOW - 3600000);
    fakes3_put(&f->s3, LANE("14", "0"), 10, 460000, 500, 3, ".json", NOW - 100000);
    fakes3_put(&f->s3, LANE("14", "1"), 10, 7, 1, 2, ".json", NOW - 50000);
    struct snapshot *snap = poll_done(f);
    assert_int_equal(snap->s3.nprefixes, 1);
    const struct s3_prefix *p = &snap->s3.prefixes[0];
    assert_string_equal(p->topic, "shop.public.orders");
    assert_string_equal(p->path, "topics/shop.public.orders/");
    assert_string_equal(p->newest_path, HOUR("14"));
    assert_string_equal(p->layout, "confluent");
    assert_null(p->error);
    assert_newest(p, LANE("14", "1") "0000000008.json");
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
    struct snapshot *snap = poll_done(f);
    assert_int_equal(snap->s3.prefixes[0].seen, 405);
    snapshot_free(snap);

    /* New keys of partition 0 sort before the old ones of partition 2; partition 1 is new. */
    fakes3_put(&f->s3, LANE("14", "0"), 10, 0, 500, 30, ".json", 0);
    fakes3_put(&f->s3, LANE("14", "1"), 10, 0, 500, 1, ".json", NOW - 1000);
    snap = poll_done(f);
    assert_int_equal(snap->s3.prefixes[0].seen, 436);
    assert_newest(&snap->s3.prefixes[0], LANE("14", "1") "0000000000.json");
    snapshot_free(snap);

    fakes3_put(&f->s3, LANE("15", "0"), 10, 215000, 500, 2, ".json", NOW + 1000);
    snap = poll_done(f);
    assert_int_equal(snap->s3.prefixes[0].seen, 438);
    assert_newest(&snap->s3.prefixes[0], LANE("15", "0") "0000215500.json");
    assert_string_equal(snap->s3.prefixes[0].newest_path, HOUR("15"));
    snapshot_free(snap);

    /* Nothing new: a request per lane and one more, and a handful of keys. */
    int64_t requests = f->s3.requests, keys = f->s3.keys;
    snapshot_free(poll_done(f));
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
    struct snapshot *snap = poll_done(f);
    const struct s3_prefix *p = &snap->s3.prefixes[0];
    assert_newest(p, "topics/shop.public.orders/partition=0/shop.public.orders+0+0370999629.json");
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
    snap = poll_done(f);
    assert_int_equal(snap->s3.prefixes[0].seen, seen + 3);
    assert_newest(&snap->s3.prefixes[0],
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
    struct snapshot *snap = poll_done(f);
    const struct s3_prefix *p = &snap->s3.prefixes[0];
    assert_newest(p, "topics/shop.public.orders/dt=2026-11-16/hour=23/"
                     "shop.public.orders+0+0001007999.json");
    assert_true(f->s3.requests <= 60);
    assert_true(f->s3.keys <= 40000);
    snapshot_free(snap);
    fakes3_put(&f->s3, "topics/shop.public.orders/dt=2026-11-20/hour=14/shop.public.orders+0+", 10,
               1008000, 1, 1, ".json", NOW);
    snap = poll_done(f);
    assert_newest(&snap->s3.prefixes[0], "topics/shop.public.orders/dt=2026-11-20/hour=14/"
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
    struct snapshot *snap = poll_done(f);
    assert_newest(&snap->s3.prefixes[0],
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
    struct snapshot *snap = poll_done(f);
    assert_string_equal(snap->s3.prefixes[0].layout, "aiven");
    assert_newest(&snap->s3.prefixes[0], "shop.public.orders-0-666");
    assert_int_equal(snap->s3.prefixes[0].seen, 3);
    snapshot_free(snap);
    int64_t count = 3;
    for (int i = 0; i < 60; i++) { /* over 999, 9,999 and 19,999, two at a time */
        char want[60];
        fakes3_put(&f->s3, lane, 0, 0, 333, 2, "", 0);
        count += 2;
        (void)snprintf(want, sizeof(want), "shop.public.orders-0-%lld",
                       (long long)(count - 1) * 333);
        snap = poll_done(f);
        assert_newest(&snap->s3.prefixes[0], want);
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
    struct snapshot *snap = poll_done(f);
    assert_newest(&snap->s3.prefixes[0], "shop.public.orders-0-7699923.gz");
    assert_true(f->s3.keys <= 15000);
    snapshot_free(snap);
    fakes3_put(&f->s3, "shop.public.orders-0-", 0, 0, 77, 1, ".gz", 0);
    snap = poll_done(f);
    assert_newest(&snap->s3.prefixes[0], "shop.public.orders-0-7700000.gz");
    snapshot_free(snap);
}

static void test_topics_are_found_without_hints(void **state)
{
    struct fixture *f = *state;
    f->hints.nsinks = 0;
    fakes3_put(&f->s3, "topics/a.b.c/partition=0/a.b.c+0+", 10, 0, 1, 3, ".json", NOW - 60000);
    fakes3_put(&f->s3, "topics/a.b.d/year=2026/a.b.d+0+", 10, 0, 1, 4, ".snappy.parquet",
               NOW - 60000);
    struct snapshot *snap = poll_done(f);
    assert_int_equal(snap->s3.nprefixes, 2);
    assert_string_equal(snap->s3.prefixes[0].topic, "a.b.c");
    assert_newest(&snap->s3.prefixes[0], "topics/a.b.c/partition=0/a.b.c+0+0000000002.json");
    assert_newest(&snap->s3.prefixes[1],
                  "topics/a.b.d/year=2026/a.b.d+0+0000000003.snappy.parquet");
    snapshot_free(snap);
    f->hints.nsinks = 1; /* now a sink tells: what is known of its topic stays, others go */
    f->topics[0] = "a.b.c";
    snap = poll_done(f);
    assert_int_equal(snap->s3.nprefixes, 1);
    assert_int_equal(snap->s3.prefixes[0].seen, 3);
    snapshot_free(snap);
}

static void test_markers_and_foreign_files_are_no_objects(void **state)
{
    struct fixture *f = *state;
    fakes3_put(&f->s3, LANE("14", "0"), 10, 0, 1, 2, ".json", NOW - 60000);
    fakes3_put(&f->s3, LANE("14", "1"), 10, 0, 1, 2, ".keys.json", NOW);
    fakes3_put(&f->s3, HOUR("14") "README", 1, 1, 1, 5, ".md", NOW);
    fakes3_put(&f->s3, HOUR("14") "sub", 1, 1, 1, 1, "/", NOW);
    struct snapshot *snap = poll_done(f);
    assert_newest(&snap->s3.prefixes[0], LANE("14", "0") "0000000001.json");
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
        struct snapshot *snap = poll_done(f);
        assert_newest(&snap->s3.prefixes[0], LANE("14", "0") "0000000001.json");
        snapshot_free(snap);
        fakes3_put(&f->s3, LANE("14", "0"), 10, 0, 1, 1, ".json", 0);
        snap = poll_done(f);
        assert_newest(&snap->s3.prefixes[0], LANE("14", "0") "0000000002.json");
        snapshot_free(snap);
        if (known == 0) {
            teardown(state);
            setup(state);
            f = *state;
        }
    }
}

static void test_an_object_written_over_shows_its_new_time(void **state)
{
    struct fixture *f = *state;
    struct fakes3_span *span =
        fakes3_put(&f->s3, LANE("14", "0"), 10, 0, 1, 3, ".json", NOW - 600000);
    snapshot_free(poll_done(f));
    span->modified_ms = NOW - 60000;
    span->size = 25;
    struct snapshot *snap = poll_done(f);
    assert_newest(&snap->s3.prefixes[0], LANE("14", "0") "0000000002.json");
    assert_true(snap->s3.prefixes[0].objects[0].modified_ms == NOW - 58000);
    assert_int_equal(snap->s3.prefixes[0].objects[0].size, 25);
    assert_int_equal(snap->s3.prefixes[0].seen, 3);
    snapshot_free(snap);
}

static void test_an_empty_prefix_is_complete_and_empty(void **state)
{
    struct fixture *f = *state;
    struct snapshot *snap = poll_done(f);
    assert_int_equal(snap->s3.prefixes[0].nobjects, 0);
    assert_null(snap->s3.prefixes[0].newest_path);
    assert_int_equal(snap->s3.prefixes[0].seen, 0);
    snapshot_free(snap);
    fakes3_put(&f->s3, LANE("14", "0"), 10, 0, 1, 1, ".json", NOW);
    snap = poll_done(f);
    assert_int_equal(snap->s3.prefixes[0].seen, 1);
    snapshot_free(snap);
}

static void test_errors_of_the_bucket_fail_the_poll_and_pass(void **state)
{
    struct fixture *f = *state;
    static const struct {
        int status;
        const char *body;
        enum err_kind kind;
        const char *text;
    } cases[] = {
        {403, "<Error><Code>SignatureDoesNotMatch</Code><Message>m</Message></Error>", ERR_AUTH,
         "list s3://lake: SignatureDoesNotMatch: m"                                                                },
        {404, "<Error><Code>NoSuchBucket</Code></Error>",                              ERR_NOTFOUND, "NoSuchBucket"},
        {403, "<Error><Code>AccessDenied</Code></Error>",                              ERR_DENIED,   "AccessDenied"},
        {503, "<Error><Code>SlowDown</Code></Error>",                                  ERR_SERVER,   "SlowDown"    },
        {200, "<html>proxy</html>",                                                    ERR_PROTOCOL, "<html>proxy" },
    };
    fakes3_put(&f->s3, LANE("14", "0"), 10, 0, 1, 2, ".json", NOW - 60000);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_INIT;
        f->s3.status = cases[i].status;
        f->s3.answer = cases[i].body;
        assert_null(poll_once(f, &err));
        if (err.kind != cases[i].kind || strstr(err.text, cases[i].text) == NULL)
            fail_msg("%zu: %s: %s", i, err_kind_name(err.kind), err.text);
        f->s3.status = 0;
        struct snapshot *snap = poll_done(f);
        assert_newest(&snap->s3.prefixes[0], LANE("14", "0") "0000000001.json");
        assert_null(snap->s3.prefixes[0].error);
        snapshot_free(snap);
    }
}

static void test_an_error_of_one_prefix_leaves_the_others(void **state)
{
    struct fixture *f = *state;
    f->topics[1] = "forbidden";
    f->sink.ntopics = 2;
    fakes3_put(&f->s3, LANE("14", "0"), 10, 0, 1, 2, ".json", NOW - 60000);
    f->s3.status = 403;
    f->s3.answer = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>";
    f->s3.answer_for = "topics/forbidden/";
    for (int i = 0; i < 2; i++) {
        struct err err = ERR_INIT;
        struct snapshot *snap = poll_once(f, &err);
        assert_non_null(snap);
        assert_int_equal(snap->s3.nprefixes, 2);
        assert_string_equal(snap->s3.prefixes[0].topic, "forbidden");
        assert_string_equal(snap->s3.prefixes[0].error, "AccessDenied: no");
        assert_false(snap->s3.prefixes[0].complete);
        assert_newest(&snap->s3.prefixes[1], LANE("14", "0") "0000000001.json");
        snapshot_free(snap);
    }
}

static void test_a_frozen_server_costs_the_deadline_and_no_more(void **state)
{
    struct fixture *f = *state;
    struct err err = ERR_INIT;
    int stop = eventfd(0, EFD_CLOEXEC);
    struct poll_ctx ctx = {
        .deadline_ms = clock_mono_ms() + 50, .stop_fd = stop, .hints = &f->hints};
    f->s3.hold = true;
    assert_null(source_s3.poll(f->source, &ctx, &err));
    assert_int_equal(err.kind, ERR_TIMEOUT);
    (void)eventfd_write(stop, 1);
    ctx.deadline_ms = clock_mono_ms() + 3600000;
    assert_null(source_s3.poll(f->source, &ctx, &err));
    assert_int_equal(err.kind, ERR_STOPPED);
    close(stop);
    f->s3.hold = false;
    snapshot_free(poll_done(f));
}

static void test_the_bucket_comes_from_the_sinks_when_nothing_is_configured(void **state)
{
    struct fixture *f = *state;
    struct s3_place place;
    struct err err = ERR_INIT;
    f->cfg.s3.url = text_empty;
    f->cfg.s3.endpoint = text_empty;
    assert_false(source_s3.configured(&f->cfg, NULL));
    assert_true(source_s3.configured(&f->cfg, &f->hints));
    f->sink.endpoint = f->endpoint;
    f->sink.region = "eu-west-3";
    fakes3_put(&f->s3, LANE("14", "0"), 10, 0, 1, 2, ".json", NOW - 60000);
    struct snapshot *snap = poll_done(f);
    assert_string_equal(snap->s3.bucket, "lake");
    assert_string_equal(snap->s3.region, "eu-west-3");
    assert_string_equal(snap->s3.endpoint, f->endpoint);
    snapshot_free(snap);

    char url[] = "s3://other/some/prefix/";
    f->cfg.s3.url = url;
    assert_true(s3_place_find(&f->cfg, &f->hints, &place, &err));
    assert_string_equal(place.bucket, "other");
    assert_string_equal(place.prefix, "some/prefix/");
    assert_string_equal(place.endpoint, ""); /* that sink writes elsewhere */
    char bad[] = "http://other";
    f->cfg.s3.url = bad;
    assert_false(s3_place_find(&f->cfg, &f->hints, &place, &err));
    assert_int_equal(err.kind, ERR_CONFIG);
}

static void test_many_topics_share_the_budget(void **state)
{
    struct fixture *f = *state;
    static char names[120][16];
    static const char *topics[120];
    for (int i = 0; i < 120; i++) {
        char lane[100];
        (void)snprintf(names[i], sizeof(names[i]), "t%03d", i);
        topics[i] = names[i];
        (void)snprintf(lane, sizeof(lane),
                       "topics/t%03d/year=2026/month=11/day=20/hour=14/t%03d+0+", i, i);
        fakes3_put(&f->s3, lane, 10, 0, 1, 3, ".json", NOW - 60000);
    }
    f->sink.topics = topics;
    f->sink.ntopics = 120;
    struct err err = ERR_INIT;
    struct snapshot *snap = poll_once(f, &err);
    assert_non_null(snap);
    assert_int_equal(f->s3.requests, 50);
    assert_true(snap->s3.prefixes[0].complete);
    assert_false(snap->s3.prefixes[119].complete);
    snapshot_free(snap);
    snap = poll_done(f);
    for (size_t i = 0; i < snap->s3.nprefixes; i++)
        assert_int_equal(snap->s3.prefixes[i].seen, 3);
    snapshot_free(snap);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

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
        T(test_topics_are_found_without_hints),
        T(test_markers_and_foreign_files_are_no_objects),
        T(test_a_directory_far_ahead_hides_nothing),
        T(test_an_object_written_over_shows_its_new_time),
        T(test_an_empty_prefix_is_complete_and_empty),
        T(test_errors_of_the_bucket_fail_the_poll_and_pass),
        T(test_an_error_of_one_prefix_leaves_the_others),
        T(test_a_frozen_server_costs_the_deadline_and_no_more),
        T(test_the_bucket_comes_from_the_sinks_when_nothing_is_configured),
        T(test_many_topics_share_the_budget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
