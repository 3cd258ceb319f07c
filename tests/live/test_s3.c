/* The S3 source against the lab's bucket, which the lab's sink is writing to; with LAB_FAULTS=1
 * also a frozen server. */
#include "base/clock.h"
#include "base/mem.h"
#include "source/source.h"
#include "tests/check.h"
#include "tests/live/lab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { PLENTY_MS = 20000 };

struct rig {
    struct pipeline_config cfg;
    char url[128], endpoint[64];
};

static char key_id[] = "labaccess", secret[] = "labsecret12345678", wrong[] = "wrong", empty[] = "",
            automatic[] = "auto";

static const char *env_or(const char *name, const char *fallback)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : fallback;
}

static void rig_init(struct rig *rig, const char *bucket)
{
    (void)snprintf(rig->url, sizeof(rig->url), "s3://%s", bucket);
    (void)snprintf(rig->endpoint, sizeof(rig->endpoint), "http://127.0.0.1:%s",
                   env_or("LAB_PORT_S3", "19000"));
    rig->cfg = (struct pipeline_config){
        .s3 = {.url = rig->url,
               .region = empty,
               .endpoint = rig->endpoint,
               .addressing = automatic,
               .access_key_id = key_id,
               .secret_access_key = secret,
               .session_token = empty,
               .ssl_ca = empty}
    };
}

static struct snapshot *poll_for(void *source, const struct hints *hints, int64_t ms,
                                 struct err *err)
{
    struct poll_ctx ctx = {
        .deadline_ms = clock_mono_ms() + ms, .stop_fd = -1, .hints = hints, .full = true};
    return source_s3.poll(source, &ctx, err);
}

static const struct s3_prefix *prefix_of(const struct snapshot *snap, const char *topic)
{
    for (size_t i = 0; i < snap->s3.nprefixes; i++) {
        if (strcmp(snap->s3.prefixes[i].topic, topic) == 0)
            return &snap->s3.prefixes[i];
    }
    fail_msg("no prefix of %s", topic);
    return NULL;
}

static void assert_sane(const struct s3_prefix *p)
{
    assert_null(p->error);
    assert_true(p->complete);
    assert_true(p->nobjects > 0);
    assert_true(p->seen >= (int64_t)p->nobjects);
    assert_string_equal(p->layout, "confluent");
    for (size_t i = 0; i < p->nobjects; i++) {
        const struct s3_object *o = &p->objects[i];
        assert_int_equal(o->partition, 0);
        assert_true(o->start_offset >= 0 && o->size > 0 && o->modified_ms > 0);
        assert_true(i == 0 || p->objects[i - 1].modified_ms >= o->modified_ms);
        assert_true(i == 0 || p->objects[i - 1].start_offset > o->start_offset);
    }
    assert_memory_equal(p->objects[0].key, p->newest_path, strlen(p->newest_path));
}

/* Without hints and with: the same newest objects; and they are the bucket's own last ones. */
static void test_the_newest_objects_of_each_topic(void **state)
{
    (void)state;
    static const char *topics[] = {"shop.public.customers", "shop.public.orders"};
    struct hint_sink sink = {
        .connector = "shop-s3",
        .bucket = "cdc-archive",
        .topics_dir = "topics",
        .layout = "confluent",
        .path_format = "'year'=YYYY/'month'=MM/'day'=dd/'hour'=HH",
        .timezone = "UTC",
        .topics = topics,
        .ntopics = ARRAY_LEN(topics),
    };
    struct hints hints = {.sinks = &sink, .nsinks = 1};
    struct rig rig;
    rig_init(&rig, "cdc-archive");
    for (int with = 0; with < 2; with++) {
        struct err err = ERR_INIT;
        void *source = source_s3.open(&rig.cfg, &err);
        struct snapshot *snap = poll_for(source, with ? &hints : NULL, PLENTY_MS, &err);
        if (snap == NULL)
            fail_msg("%s", err.text);
        assert_sane(prefix_of(snap, "shop.public.orders"));
        assert_sane(prefix_of(snap, "shop.public.customers"));
        assert_true(snap->server_ms != UNKNOWN);
        assert_true(llabs(snap->server_ms - clock_wall_ms()) < 60000);
        if (with)
            assert_int_equal(snap->s3.nprefixes, 2);
        snapshot_free(snap);
        source_s3.close(source);
    }
}

static void test_new_objects_arrive_at_the_cost_of_new_keys(void **state)
{
    (void)state;
    struct rig rig;
    struct err err = ERR_INIT;
    rig_init(&rig, "cdc-archive");
    void *source = source_s3.open(&rig.cfg, &err);
    struct snapshot *first = poll_for(source, NULL, PLENTY_MS, &err);
    assert_non_null(first);
    int64_t start = prefix_of(first, "shop.public.orders")->objects[0].start_offset;
    int64_t give_up = clock_mono_ms() + 60000; /* the lab's sink closes a file every 10 s */
    for (;;) {
        struct snapshot *snap = poll_for(source, NULL, PLENTY_MS, &err);
        if (snap == NULL)
            fail_msg("%s", err.text);
        const struct s3_prefix *p = prefix_of(snap, "shop.public.orders");
        int64_t newest = p->objects[0].start_offset, seen = p->seen;
        assert_sane(p);
        snapshot_free(snap);
        if (newest > start) {
            assert_true(seen > prefix_of(first, "shop.public.orders")->seen);
            break;
        }
        if (clock_mono_ms() > give_up)
            fail_msg("no object of shop.public.orders in a minute: does the lab's load run?");
        usleep(500000);
    }
    snapshot_free(first);
    source_s3.close(source);
}

static void test_refusals_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *bucket;
        char *id, *secret;
        enum err_kind kind;
    } cases[] = {
        {"cdc-archive",         key_id, wrong,  ERR_AUTH    },
        {"cdc-archive",         wrong,  secret, ERR_AUTH    },
        {"no-such-bucket-here", key_id, secret, ERR_NOTFOUND},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct rig rig;
        struct err err = ERR_INIT;
        rig_init(&rig, cases[i].bucket);
        rig.cfg.s3.access_key_id = cases[i].id;
        rig.cfg.s3.secret_access_key = cases[i].secret;
        void *source = source_s3.open(&rig.cfg, &err);
        assert_null(poll_for(source, NULL, PLENTY_MS, &err));
        if (err.kind != cases[i].kind)
            fail_msg("%zu: %s: %s", i, err_kind_name(err.kind), err.text);
        assert_null(strstr(err.text, "labsecret"));
        source_s3.close(source);
    }
}

static void test_a_frozen_server_times_out_and_recovers(void **state)
{
    (void)state;
    struct rig rig;
    struct err err = ERR_INIT;
    lab_may_break();
    rig_init(&rig, "cdc-archive");
    void *source = source_s3.open(&rig.cfg, &err);
    snapshot_free(poll_for(source, NULL, PLENTY_MS, &err));
    lab_fault("freeze", "s3");
    struct snapshot *frozen = poll_for(source, NULL, 300, &err);
    int stop = eventfd(1, EFD_CLOEXEC);
    struct err stopped = ERR_INIT;
    struct poll_ctx ctx = {.deadline_ms = clock_mono_ms() + 3600000, .stop_fd = stop};
    struct snapshot *halted = source_s3.poll(source, &ctx, &stopped);
    close(stop);
    lab_fault("thaw", "s3");
    assert_null(frozen);
    assert_int_equal(err.kind, ERR_TIMEOUT);
    assert_null(halted);
    assert_int_equal(stopped.kind, ERR_STOPPED);
    struct snapshot *snap = poll_for(source, NULL, PLENTY_MS, &err);
    assert_non_null(snap);
    assert_sane(prefix_of(snap, "shop.public.orders"));
    snapshot_free(snap);

    lab_fault("stop", "s3");
    snap = poll_for(source, NULL, PLENTY_MS, &err);
    lab_fault("start", "s3");
    assert_null(snap);
    assert_int_equal(err.kind, ERR_REFUSED);
    snap = poll_for(source, NULL, PLENTY_MS, &err);
    assert_non_null(snap);
    snapshot_free(snap);
    source_s3.close(source);
}

/* The bucket in the host name. No resolver knows that name: the server is its own proxy here. */
static void test_the_bucket_in_the_host_name(void **state)
{
    (void)state;
    static char in_host[] = "virtual";
    struct rig rig;
    struct err err = ERR_INIT;
    rig_init(&rig, "cdc-archive");
    rig.cfg.s3.addressing = in_host;
    assert_int_equal(setenv("http_proxy", rig.endpoint, 1), 0);
    void *source = source_s3.open(&rig.cfg, &err);
    struct snapshot *snap = poll_for(source, NULL, PLENTY_MS, &err);
    assert_int_equal(unsetenv("http_proxy"), 0);
    if (snap == NULL)
        fail_msg("%s", err.text);
    assert_sane(prefix_of(snap, "shop.public.orders"));
    snapshot_free(snap);
    source_s3.close(source);
}

/* Three of them there, the lines of the two older ones counted? */
static bool has_counted(const struct snapshot *snap)
{
    const struct s3_prefix *p = prefix_of(snap, "shop.public.orders");
    return p->nobjects > 2 && p->objects[1].records > 0 && p->objects[2].records > 0;
}

/* What the lines say agrees with the keys: each counted object ends where the next one begins, or
 * further where records were redelivered. */
static void test_records_and_uploads(void **state)
{
    (void)state;
    struct rig rig;
    struct err err = ERR_INIT;
    rig_init(&rig, "cdc-archive");
    rig.cfg.s3.count_records = true;
    rig.cfg.s3.recheck_ms = 3600 * 1000;
    void *source = source_s3.open(&rig.cfg, &err);
    struct snapshot *snap = poll_for(source, NULL, PLENTY_MS, &err);
    int64_t give_up = clock_mono_ms() + 90000; /* in a lab that is young there are not many yet */
    for (int i = 0; snap != NULL && (i < 4 || !has_counted(snap)) && clock_mono_ms() < give_up;
         i++) {
        snapshot_free(snap);
        (void)usleep(i < 4 ? 0 : 500000);
        snap = poll_for(source, NULL, PLENTY_MS, &err);
    }
    if (snap == NULL)
        fail_msg("%s", err.text);
    const struct s3_prefix *p = prefix_of(snap, "shop.public.orders");
    assert_true(p->uploads >= 0); /* known: the server lists them */
    assert_true(p->nobjects > 2);
    for (size_t i = 1; i < 3; i++) {
        const struct s3_object *o = &p->objects[i];
        assert_true(o->records > 0);
        assert_true(o->start_offset + o->records >= p->objects[i - 1].start_offset);
    }
    snapshot_free(snap);
    source_s3.close(source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_newest_objects_of_each_topic),
        cmocka_unit_test(test_new_objects_arrive_at_the_cost_of_new_keys),
        cmocka_unit_test(test_the_bucket_in_the_host_name),
        cmocka_unit_test(test_records_and_uploads),
        cmocka_unit_test(test_refusals_are_told_apart),
        cmocka_unit_test(test_a_frozen_server_times_out_and_recovers),
    };
    return cmocka_run_group_tests(tests, NULL, lab_heal_after);
}
