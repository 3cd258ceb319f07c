/* The S3 source: where it looks, how it shares its budget, and what it says when the bucket or the
 * server does not answer well. */
#include "base/clock.h"
#include "base/mem.h"
#include "source/s3_topics.h"
#include "tests/check.h"
#include "tests/unit/s3_rig.h"

#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static char text_empty[] = "";

static void test_topics_are_found_without_hints(void **state)
{
    struct fixture *f = *state;
    f->hints.nsinks = 0;
    fakes3_put(&f->s3, "topics/a.b.c/partition=0/a.b.c+0+", 10, 0, 1, 3, ".json", NOW - 60000);
    fakes3_put(&f->s3, "topics/a.b.d/year=2026/a.b.d+0+", 10, 0, 1, 4, ".snappy.parquet",
               NOW - 60000);
    struct snapshot *snap = s3_rig_done(f);
    assert_int_equal(snap->s3.nprefixes, 2);
    assert_string_equal(snap->s3.prefixes[0].topic, "a.b.c");
    s3_rig_newest(&snap->s3.prefixes[0], "topics/a.b.c/partition=0/a.b.c+0+0000000002.json");
    s3_rig_newest(&snap->s3.prefixes[1],
                  "topics/a.b.d/year=2026/a.b.d+0+0000000003.snappy.parquet");
    snapshot_free(snap);
    f->hints.nsinks = 1; /* now a sink tells: what is known of its topic stays, others go */
    f->topics[0] = "a.b.c";
    snap = s3_rig_done(f);
    assert_int_equal(snap->s3.nprefixes, 1);
    assert_int_equal(snap->s3.prefixes[0].seen, 3);
    snapshot_free(snap);
}

static void test_an_empty_prefix_is_complete_and_empty(void **state)
{
    struct fixture *f = *state;
    struct snapshot *snap = s3_rig_done(f);
    assert_int_equal(snap->s3.prefixes[0].nobjects, 0);
    assert_null(snap->s3.prefixes[0].newest_path);
    assert_int_equal(snap->s3.prefixes[0].seen, 0);
    snapshot_free(snap);
    fakes3_put(&f->s3, LANE("14", "0"), 10, 0, 1, 1, ".json", NOW);
    snap = s3_rig_done(f);
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
        assert_null(s3_rig_poll(f, &err));
        if (err.kind != cases[i].kind || strstr(err.text, cases[i].text) == NULL)
            fail_msg("%zu: %s: %s", i, err_kind_name(err.kind), err.text);
        f->s3.status = 0;
        struct snapshot *snap = s3_rig_done(f);
        s3_rig_newest(&snap->s3.prefixes[0], LANE("14", "0") "0000000001.json");
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
        struct snapshot *snap = s3_rig_poll(f, &err);
        assert_non_null(snap);
        assert_int_equal(snap->s3.nprefixes, 2);
        assert_string_equal(snap->s3.prefixes[0].topic, "forbidden");
        assert_string_equal(snap->s3.prefixes[0].error, "AccessDenied: no");
        assert_false(snap->s3.prefixes[0].complete);
        s3_rig_newest(&snap->s3.prefixes[1], LANE("14", "0") "0000000001.json");
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
    fakehttp_sync(f->s3.server);
    assert_null(source_s3.poll(f->source, &ctx, &err));
    assert_int_equal(err.kind, ERR_TIMEOUT);
    (void)eventfd_write(stop, 1);
    ctx.deadline_ms = clock_mono_ms() + 3600000;
    assert_null(source_s3.poll(f->source, &ctx, &err));
    assert_int_equal(err.kind, ERR_STOPPED);
    close(stop);
    fakehttp_sync(f->s3.server);
    f->s3.hold = false;
    snapshot_free(s3_rig_done(f));
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
    struct snapshot *snap = s3_rig_done(f);
    assert_string_equal(snap->s3.bucket, "lake");
    assert_string_equal(snap->s3.region, "eu-west-3");
    assert_string_equal(snap->s3.endpoint, f->endpoint);
    snapshot_free(snap);

    char url[] = "s3://other/some/prefix/";
    f->cfg.s3.url = url;
    assert_true(s3_topics_place(&f->cfg, &f->hints, &place, &err));
    assert_string_equal(place.bucket, "other");
    assert_string_equal(place.prefix, "some/prefix/");
    assert_string_equal(place.endpoint, ""); /* that sink writes elsewhere */
    char bad[] = "http://other";
    f->cfg.s3.url = bad;
    assert_false(s3_topics_place(&f->cfg, &f->hints, &place, &err));
    assert_int_equal(err.kind, ERR_CONFIG);
}

static void test_directories_without_end_are_said_not_walked(void **state)
{
    struct fixture *f = *state;
    f->sink.path_format = NULL;
    fakes3_put(&f->s3, "topics/shop.public.orders/customer=c", 6, 1, 1, 5000,
               "/shop.public.orders+0+0000000005.json", NOW - INT64_C(6000000));
    const char *said = NULL;
    for (int i = 0; i < 40 && said == NULL; i++) {
        struct err err = ERR_INIT;
        struct snapshot *snap = s3_rig_poll(f, &err);
        assert_non_null(snap);
        assert_false(snap->s3.prefixes[0].complete); /* the newest may be elsewhere */
        said = snap->s3.prefixes[0].error;
        assert_true(said == NULL || strstr(said, "only the first are watched") != NULL);
        snapshot_free(snap);
    }
    assert_non_null(said);
    int64_t requests = f->s3.requests;
    struct err err = ERR_INIT;
    struct snapshot *snap = s3_rig_poll(f, &err); /* it is not walked again each time */
    assert_non_null(snap->s3.prefixes[0].error);
    assert_true(f->s3.requests - requests <= 1);
    snapshot_free(snap);
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
    struct snapshot *snap = s3_rig_poll(f, &err);
    assert_non_null(snap);
    assert_int_equal(f->s3.requests, 50);
    assert_true(snap->s3.prefixes[0].complete);
    assert_false(snap->s3.prefixes[119].complete);
    snapshot_free(snap);
    snap = s3_rig_done(f);
    for (size_t i = 0; i < snap->s3.nprefixes; i++)
        assert_int_equal(snap->s3.prefixes[i].seen, 3);
    snapshot_free(snap);
}

#define T(name) cmocka_unit_test_setup_teardown(name, s3_rig_setup, s3_rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_topics_are_found_without_hints),
        T(test_an_empty_prefix_is_complete_and_empty),
        T(test_errors_of_the_bucket_fail_the_poll_and_pass),
        T(test_an_error_of_one_prefix_leaves_the_others),
        T(test_a_frozen_server_costs_the_deadline_and_no_more),
        T(test_the_bucket_comes_from_the_sinks_when_nothing_is_configured),
        T(test_directories_without_end_are_said_not_walked),
        T(test_many_topics_share_the_budget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
