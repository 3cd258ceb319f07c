/* How often sources are asked: the pace by itself, and threads that ask. Those of AWS wait for an
 * hour here: that they are not asked is seen from another source, which is asked on and on. */
#include "base/clock.h"
#include "base/mailbox.h"
#include "base/mem.h"
#include "source/pace.h"
#include "source/runner.h"
#include "tests/check.h"

#include <assert.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

/* ---- the pace -------------------------------------------------------------------------------- */

enum { S = 1000 };

static void failed(struct pace *p, enum err_kind kind, int64_t ms)
{
    pace_failed(p, kind);
    assert_int_equal(pace_ms(p, 2 * S), ms);
}

static void test_an_answer_says_when_the_next_is_wanted(void **state)
{
    (void)state;
    struct pace p = {.least_ms = 20 * S};
    pace_answered(&p, 3 * S);
    assert_int_equal(pace_ms(&p, 2 * S), 3 * S);
    assert_int_equal(pace_ms(&p, 5 * S), 5 * S);
    pace_answered(&p, 0);
    assert_int_equal(pace_ms(&p, 2 * S), 2 * S);
}

static void test_what_refuses_is_asked_ever_more_rarely(void **state)
{
    (void)state;
    static const enum err_kind kinds[] = {ERR_DENIED, ERR_AUTH, ERR_UNSUPPORTED, ERR_CONFLICT};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct pace p = {.least_ms = 20 * S};
        failed(&p, kinds[i], 20 * S);
        failed(&p, kinds[(i + 1) % 4], 40 * S);
        failed(&p, kinds[i], 60 * S);
        failed(&p, kinds[i], 60 * S);
        failed(&p, ERR_TIMEOUT, 20 * S); /* which may pass by itself */
        failed(&p, ERR_TIMEOUT, 20 * S);
        failed(&p, kinds[i], 20 * S);
        failed(&p, kinds[i], 40 * S);
        pace_anew(&p);
        failed(&p, kinds[i], 20 * S);
        failed(&p, kinds[i], 40 * S);
        pace_answered(&p, 0);
        failed(&p, kinds[i], 20 * S);
    }
}

static void test_a_longer_interval_stays(void **state)
{
    (void)state;
    struct pace p = {.least_ms = 300 * S};
    failed(&p, ERR_DENIED, 300 * S);
    failed(&p, ERR_DENIED, 300 * S);
    assert_int_equal(pace_ms(&p, 900 * S), 900 * S);
}

static void test_servers_of_our_own_are_asked_at_every_interval(void **state)
{
    (void)state;
    struct pace p = {.least_ms = 0};
    failed(&p, ERR_REFUSED, 2 * S);
    for (int i = 0; i < 10; i++)
        failed(&p, ERR_DENIED, 2 * S);
}

/* ---- the threads ----------------------------------------------------------------------------- */

/* What each poll comes to; the last one again and again. */
enum { ANSWER_AT_ONCE_AGAIN = -1 }; /* … else the kind of an error */
struct fake {
    const int *script;
    int length;
    atomic_int polls;
};
static struct fake busy, aws;

static bool configured(const struct pipeline_config *cfg, const struct hints *hints)
{
    (void)cfg;
    (void)hints;
    return true;
}

static struct snapshot *poll_fake(void *self, const struct poll_ctx *ctx, struct err *err)
{
    struct fake *f = self;
    if (source_give_up(ctx, err))
        return NULL;
    int n = atomic_fetch_add(&f->polls, 1);
    int what = f->script[n < f->length ? n : f->length - 1];
    if (what == ANSWER_AT_ONCE_AGAIN)
        return snapshot_new(SOURCE_MSK);
    err_set(err, (enum err_kind)what, 0, "no");
    return NULL;
}

static void *open_busy(const struct pipeline_config *cfg, struct err *err)
{
    (void)cfg;
    (void)err;
    return &busy;
}

static void *open_aws(const struct pipeline_config *cfg, struct err *err)
{
    (void)cfg;
    (void)err;
    return &aws;
}

static void close_fake(void *self)
{
    (void)self;
}

static const struct source_ops busy_ops = {
    .name = "busy",
    .kind = SOURCE_CONNECT,
    .configured = configured,
    .open = open_busy,
    .poll = poll_fake,
    .close = close_fake,
};

static const struct source_ops aws_ops = {
    .name = "fake",
    .kind = SOURCE_MSK,
    .configured = configured,
    .open = open_aws,
    .poll = poll_fake,
    .close = close_fake,
    .least_ms = source_least_aws,
};

struct rig {
    struct pipeline_config cfg;
    int bell, stop_fd;
    struct runner *busy, *aws;
};

static void rig_open(struct rig *r, const int *script, int length)
{
    static const int refused[] = {ERR_DENIED};
    struct err err = ERR_INIT;
    memset(r, 0, sizeof(*r));
    r->cfg.name = (char[]){"shop"};
    r->cfg.connect.timeout_ms = r->cfg.aws.timeout_ms = 60 * S;
    r->cfg.aws.interval_ms = 3600 * S;
    r->bell = bell_open();
    r->stop_fd = bell_open();
    busy = (struct fake){.script = refused, .length = 1};
    aws = (struct fake){.script = script, .length = length};
    r->aws = runner_start(&aws_ops, &r->cfg, NULL, 1, r->bell, r->stop_fd, &err);
    r->busy = runner_start(&busy_ops, &r->cfg, NULL, 1, r->bell, r->stop_fd, &err);
    assert_true(r->aws != NULL && r->busy != NULL);
}

static void rig_close(struct rig *r)
{
    bell_ring(r->stop_fd);
    assert_true(runner_join(r->aws, INT64_MAX));
    assert_true(runner_join(r->busy, INT64_MAX));
    (void)close(r->bell);
    (void)close(r->stop_fd);
}

static void wait_polls(struct rig *r, const struct fake *f, int n)
{
    struct pollfd fd = {.fd = r->bell, .events = POLLIN};
    while (atomic_load(&f->polls) < n) {
        (void)poll(&fd, 1, 100);
        bell_clear(r->bell);
    }
}

/* However often the other one is asked meanwhile. */
static void asked_only(struct rig *r, int n)
{
    wait_polls(r, &aws, n);
    wait_polls(r, &busy, atomic_load(&busy.polls) + 20);
    assert_int_equal(atomic_load(&aws.polls), n);
}

static void test_who_refuses_from_the_first_poll_on_is_left_alone(void **state)
{
    (void)state;
    static const int script[] = {ERR_DENIED};
    struct rig r;
    rig_open(&r, script, 1);
    asked_only(&r, 1);
    runner_interval(r.aws, 2); /* no reason to ask */
    asked_only(&r, 1);
    runner_poll_now(r.aws);
    asked_only(&r, 2);
    rig_close(&r);
}

static void test_who_begins_to_fail_is_left_alone(void **state)
{
    (void)state;
    static const int script[] = {ANSWER_AT_ONCE_AGAIN, ANSWER_AT_ONCE_AGAIN, ERR_TIMEOUT};
    struct rig r;
    rig_open(&r, script, 3);
    asked_only(&r, 3);
    rig_close(&r);
}

static const struct source_ops *const sources[] = {
    [SOURCE_POSTGRES] = &source_postgres,
    [SOURCE_KAFKA] = &source_kafka,
    [SOURCE_CONNECT] = &source_connect,
    [SOURCE_S3] = &source_s3,
    [SOURCE_AWS] = &source_aws,
    [SOURCE_MSK] = &source_msk,
    [SOURCE_MSK_CONNECT] = &source_msk_connect,
    [SOURCE_DMS] = &source_dms,
    [SOURCE_RDS] = &source_rds,
    [SOURCE_CLOUDWATCH] = &source_cloudwatch,
    [SOURCE_LOGS] = &source_logs,
};
static_assert(ARRAY_LEN(sources) == SOURCE_KIND_COUNT, "a row per kind");

static void test_the_services_of_aws_have_a_pace(void **state)
{
    (void)state;
    struct pipeline_config cfg = {.aws.interval_ms = 20 * S};
    for (int k = 0; k < SOURCE_KIND_COUNT; k++) {
        if (k < SOURCE_OWN_COUNT)
            assert_null(sources[k]->least_ms);
        else
            assert_int_equal(sources[k]->least_ms(&cfg), 20 * S);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_answer_says_when_the_next_is_wanted),
        cmocka_unit_test(test_what_refuses_is_asked_ever_more_rarely),
        cmocka_unit_test(test_a_longer_interval_stays),
        cmocka_unit_test(test_servers_of_our_own_are_asked_at_every_interval),
        cmocka_unit_test(test_who_refuses_from_the_first_poll_on_is_left_alone),
        cmocka_unit_test(test_who_begins_to_fail_is_left_alone),
        cmocka_unit_test(test_the_services_of_aws_have_a_pace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
