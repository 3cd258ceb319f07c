/* The Connect source against a worker that answers as recorded, and against bad days. */
#include "base/clock.h"
#include "base/mem.h"
#include "source/source.h"
#include "tests/check.h"
#include "tests/unit/connect_samples.h"
#include "tests/unit/fakeconnect.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { PLENTY_MS = 120000, RULES = 7 };
enum { RULE_LIST, RULE_SOURCE_OFFSETS, RULE_SOURCE_TOPICS, RULE_SINK_OFFSETS, RULE_SINK_TOPICS };

struct bench {
    struct fakeconnect fake;
    struct pipeline_config cfg;
    void *self;
    struct fake_rule rules[RULES];
    char *bodies[RULES];
    int stop_fd;
};

static void setup(struct bench *b)
{
    static const struct {
        const char *target, *sample;
    } answers[RULES] = {
        [RULE_LIST] = {"/connectors?expand=status&expand=info", "connect-expand.json"        },
        [RULE_SOURCE_OFFSETS] = {"/connectors/shop-source/offsets",       "connect-offsets-source.json"},
        [RULE_SOURCE_TOPICS] = {"/connectors/shop-source/topics",        "connect-topics-source.json" },
        [RULE_SINK_OFFSETS] = {"/connectors/shop-s3/offsets",           "connect-offsets-sink.json"  },
        [RULE_SINK_TOPICS] = {"/connectors/shop-s3/topics",            "connect-topics-sink.json"   },
        [5] = {"/connectors",                           "connect-404.json"           },
        [6] = {"/",                                     "connect-root.json"          },
    };
    for (size_t i = 0; i < RULES; i++) {
        b->bodies[i] = connect_sample(answers[i].sample);
        b->rules[i] = (struct fake_rule){answers[i].target, i == 5 ? 404 : 200, NULL, b->bodies[i]};
    }
    fakeconnect_start(&b->fake, b->rules, RULES);
    b->cfg = fakeconnect_config((const char *const[]){b->fake.url}, 1);
    b->stop_fd = -1;
    assert_true(source_connect.configured(&b->cfg, NULL));
    b->self = source_connect.open(&b->cfg, NULL);
    assert_non_null(b->self);
}

static void teardown(struct bench *b)
{
    source_connect.close(b->self);
    fakeconnect_config_free(&b->cfg);
    fakeconnect_stop(&b->fake);
    for (size_t i = 0; i < RULES; i++)
        free(b->bodies[i]);
}

static void set_rule(struct bench *b, size_t index, int status, const char *body)
{
    b->rules[index].status = status;
    b->rules[index].body = body;
    fakeconnect_rules(&b->fake, b->rules, RULES);
}

static struct snapshot *try_poll(struct bench *b, bool full, struct err *err)
{
    struct poll_ctx ctx = {
        .deadline_ms = clock_mono_ms() + PLENTY_MS, .stop_fd = b->stop_fd, .full = full};
    return source_connect.poll(b->self, &ctx, err);
}

static struct snapshot *poll_once(struct bench *b, bool full)
{
    struct err err = ERR_INIT;
    struct snapshot *snap = try_poll(b, full, &err);
    if (snap == NULL)
        fail_msg("%s", err.text);
    return snap;
}

static void test_first_poll_brings_everything(void **state)
{
    (void)state;
    struct bench b;
    setup(&b);
    struct snapshot *snap = poll_once(&b, true);
    assert_int_equal(snap->kind, SOURCE_CONNECT);
    assert_int_equal(snap->notes.count, 0);
    assert_string_equal(snap->connect.url, b.fake.url);
    assert_string_equal(snap->connect.version, "3.9.1");
    assert_string_equal(snap->connect.kafka_cluster_id, "4L6g3nShT-eMCtK--X86sw");
    assert_int_equal(snap->connect.nurls, 1);
    assert_string_equal(snap->connect.urls[0].url, b.fake.url);
    assert_null(snap->connect.urls[0].error);
    const struct connect_connector *source = connect_sample_find(snap, "shop-source");
    assert_true(source->offsets_read);
    assert_true(source->lsn == 27973320);
    assert_true(source->source_ms == 1795193322049);
    assert_int_equal(source->ntopics, 5);
    assert_true(source->offsets_ms > 0 && source->offsets_ms <= clock_wall_ms());
    const struct connect_connector *sink = connect_sample_find(snap, "shop-s3");
    assert_int_equal(sink->noffsets, 3);
    assert_int_equal(sink->ntopics, 3);
    assert_true(snap->server_ms >= INT64_C(1795183402000));
    snapshot_free(snap);
    teardown(&b);
}

static void test_later_polls_ask_little(void **state)
{
    (void)state;
    struct bench b;
    setup(&b);
    snapshot_free(poll_once(&b, true));
    int before = fakeconnect_requests(&b.fake);
    struct snapshot *snap = poll_once(&b, false);
    /* the list and the source's offsets; the rest is remembered */
    assert_int_equal(fakeconnect_requests(&b.fake), before + 2);
    assert_int_equal(connect_sample_find(snap, "shop-source")->ntopics, 5);
    assert_int_equal(connect_sample_find(snap, "shop-s3")->noffsets, 3);
    assert_string_equal(snap->connect.version, "3.9.1");
    snapshot_free(snap);
    teardown(&b);
}

static void test_silent_offsets_cost_neither_states_nor_what_was_known(void **state)
{
    (void)state;
    struct bench b;
    setup(&b);
    struct snapshot *snap = poll_once(&b, true);
    int64_t read_ms = connect_sample_find(snap, "shop-source")->offsets_ms;
    snapshot_free(snap);
    set_rule(&b, RULE_SOURCE_OFFSETS, 0, NULL);
    snap = poll_once(&b, false);
    const struct connect_connector *source = connect_sample_find(snap, "shop-source");
    assert_string_equal(source->state, "RUNNING");
    assert_true(source->offsets_read);
    assert_true(source->lsn == 27973320);
    assert_true(source->offsets_ms == read_ms); /* stale, and said to be */
    assert_int_equal(snap->notes.count, 1);
    snapshot_free(snap);
    /* the next poll does not wait for them again, and still says so */
    int before = fakeconnect_requests(&b.fake);
    snap = poll_once(&b, false);
    assert_int_equal(fakeconnect_requests(&b.fake), before + 1);
    assert_int_equal(snap->notes.count, 1);
    snapshot_free(snap);
    teardown(&b);
}

static void test_offsets_that_never_came_are_no_answer(void **state)
{
    (void)state;
    struct bench b;
    setup(&b);
    set_rule(&b, RULE_SOURCE_OFFSETS, 0, NULL);
    struct snapshot *snap = poll_once(&b, true);
    const struct connect_connector *source = connect_sample_find(snap, "shop-source");
    assert_false(source->offsets_read);
    assert_int_equal(source->noffsets, 0);
    assert_true(source->offsets_ms == UNKNOWN);
    assert_true(source->source_ms == UNKNOWN);
    assert_int_equal(snap->notes.count, 1);
    snapshot_free(snap);
    teardown(&b);
}

static void test_an_old_worker_without_offsets(void **state)
{
    (void)state;
    struct bench b;
    setup(&b);
    const char *none = "{\"error_code\":404,\"message\":\"HTTP 404 Not Found\"}";
    set_rule(&b, RULE_SOURCE_OFFSETS, 404, none);
    set_rule(&b, RULE_SINK_OFFSETS, 404, none);
    set_rule(&b, RULE_SOURCE_TOPICS, 403,
             "{\"error_code\":403,\"message\":\"Topic tracking is disabled.\"}");
    struct snapshot *snap = poll_once(&b, true);
    assert_false(connect_sample_find(snap, "shop-source")->offsets_read);
    assert_null(connect_sample_find(snap, "shop-source")->topics);
    assert_true(snap->connect.topics_untold);
    assert_int_equal(snap->notes.count, 1);
    assert_non_null(strstr(snap->notes.items[0].fix, "3.5"));
    snapshot_free(snap);
    int before = fakeconnect_requests(&b.fake);
    snapshot_free(poll_once(&b, false));
    assert_int_equal(fakeconnect_requests(&b.fake), before + 1);
    teardown(&b);
}

/* The list comes, but what is asked besides is put off: since when is told, and when it is over. */
static void test_a_busy_worker_is_told(void **state)
{
    (void)state;
    static const char *const conflict =
        "{\"error_code\":409,\"message\":\"Cannot complete request momentarily due to stale "
        "configuration (typically caused by a concurrent config change)\"}";
    struct bench b;
    setup(&b);
    struct snapshot *snap = poll_once(&b, true);
    assert_null(snap->connect.busy);
    snapshot_free(snap);
    set_rule(&b, RULE_SOURCE_OFFSETS, 409, conflict);
    set_rule(&b, RULE_SINK_OFFSETS, 409, conflict);
    snap = poll_once(&b, false);
    assert_non_null(snap->connect.busy);
    assert_non_null(strstr(snap->connect.busy, "stale configuration"));
    int64_t since = snap->connect.busy_since_ms;
    assert_true(since > 0 && since <= clock_mono_ms());
    snapshot_free(snap);
    snap = poll_once(&b, false);
    assert_true(snap->connect.busy_since_ms == since);
    snapshot_free(snap);
    teardown(&b);
}

static void test_a_connector_that_went_is_forgotten(void **state)
{
    (void)state;
    struct bench b;
    setup(&b);
    snapshot_free(poll_once(&b, true));
    set_rule(
        &b, RULE_LIST, 200,
        "{\"new\":{\"status\":{\"type\":\"sink\"}},\"shop-s3\":{\"status\":{\"type\":\"sink\"}}}");
    struct snapshot *snap = poll_once(&b, false);
    assert_int_equal(snap->connect.nconnectors, 2);
    assert_string_equal(snap->connect.connectors[0].name, "new");
    assert_false(snap->connect.connectors[0].offsets_read); /* 404: deleted meanwhile, no fault */
    assert_int_equal(connect_sample_find(snap, "shop-s3")->noffsets, 3);
    snapshot_free(snap);
    set_rule(&b, RULE_LIST, 200, "{}");
    snap = poll_once(&b, false);
    assert_int_equal(snap->connect.nconnectors, 0);
    assert_int_equal(snap->notes.count, 0);
    snapshot_free(snap);
    teardown(&b);
}

static void test_failures_are_errors_not_snapshots(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *body;
        enum err_kind kind;
    } cases[] = {
        {200, "<html>a page</html>",                       ERR_PROTOCOL   },
        {200, "{\"shop-s3\":{\"status\":{\"connector\":{", ERR_PROTOCOL   },
        {200, "[\"shop-s3\"]",                             ERR_UNSUPPORTED},
        {500, "{\"error_code\":500,\"message\":\"x\"}",    ERR_SERVER     },
        {401, "<html>Unauthorized</html>",                 ERR_AUTH       },
    };
    struct bench b;
    setup(&b);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_INIT;
        set_rule(&b, RULE_LIST, cases[i].status, cases[i].body);
        assert_null(try_poll(&b, false, &err));
        assert_int_equal(err.kind, cases[i].kind);
        assert_non_null(strstr(err.text, b.fake.url));
    }
    set_rule(&b, RULE_LIST, 200, b.bodies[RULE_LIST]);
    snapshot_free(poll_once(&b, false)); /* it recovers by itself */
    teardown(&b);
}

static void test_names_and_bodies_beyond_measure(void **state)
{
    (void)state;
    struct bench b;
    struct err err = ERR_INIT;
    setup(&b);
    /* a connector whose name has 10,000 characters, and one with characters of a terminal */
    char *name = mem_alloc(10001);
    memset(name, 'n', 10000);
    char *list =
        mem_printf("{\"%s\":{\"status\":{\"type\":\"source\"}},\"a\\u001b[2J/../b\\u202e\":{"
                   "\"status\":{\"type\":\"source\"}}}",
                   name);
    set_rule(&b, RULE_LIST, 200, list);
    struct snapshot *snap = poll_once(&b, true);
    assert_int_equal(snap->connect.nconnectors, 2);
    assert_int_equal(strlen(snap->connect.connectors[1].name), 10000);
    for (size_t i = 0; i < snap->notes.count; i++)
        assert_null(strchr(snap->notes.items[i].what, '\x1b'));
    snapshot_free(snap);
    /* more than we hold */
    size_t n = 17 * 1024 * 1024;
    char *huge = mem_alloc(n + 1);
    memset(huge, ' ', n);
    huge[0] = '{';
    set_rule(&b, RULE_LIST, 200, huge);
    assert_null(try_poll(&b, false, &err));
    assert_int_equal(err.kind, ERR_TOOBIG);
    set_rule(&b, RULE_LIST, 200, b.bodies[RULE_LIST]);
    snapshot_free(poll_once(&b, false));
    teardown(&b);
    free(huge);
    free(list);
    free(name);
}

static void test_stop_ends_a_poll(void **state)
{
    (void)state;
    struct bench b;
    struct err err = ERR_INIT;
    setup(&b);
    b.stop_fd = eventfd(1, EFD_CLOEXEC);
    assert_null(try_poll(&b, true, &err));
    assert_int_equal(err.kind, ERR_STOPPED);
    close(b.stop_fd);
    teardown(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_poll_brings_everything),
        cmocka_unit_test(test_later_polls_ask_little),
        cmocka_unit_test(test_silent_offsets_cost_neither_states_nor_what_was_known),
        cmocka_unit_test(test_offsets_that_never_came_are_no_answer),
        cmocka_unit_test(test_an_old_worker_without_offsets),
        cmocka_unit_test(test_a_busy_worker_is_told),
        cmocka_unit_test(test_a_connector_that_went_is_forgotten),
        cmocka_unit_test(test_failures_are_errors_not_snapshots),
        cmocka_unit_test(test_names_and_bodies_beyond_measure),
        cmocka_unit_test(test_stop_ends_a_poll),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
