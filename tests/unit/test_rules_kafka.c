/* The rules of rules_kafka.c: each in a world where it fires, and where it must not. */
#include "base/mem.h"
#include "tests/unit/rule_cases.h"

/* ---- K02 ---- */

static void make_k02(struct fixture *f)
{
    f->leader = -1;
}

static void two_in_sync_wanted(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    snap->kafka.topics[0].min_insync = 2;
}

static void make_below_min_insync(struct fixture *f)
{
    f->edit[SOURCE_KAFKA] = two_in_sync_wanted;
}

/* ---- K11 ---- */

static void run_at(struct fixture *f, int64_t per_tick, int ticks)
{
    for (int i = 0; i < ticks; i++) {
        f->end += per_tick;
        f->committed = f->end - 5;
        f->lsn_now += 1000;
        f->confirmed = f->restart = f->lsn_now;
        fixture_tick(f, 30 * 1000);
    }
}

static void make_k11(struct fixture *f)
{
    run_at(f, 300, 60);
    run_at(f, 3000, 12);
}

static void make_steady(struct fixture *f)
{
    run_at(f, 300, 60);
    run_at(f, 400, 12);
}

/* ---- K01 ---- */

static void with_heartbeat(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    fixture_config(snap, "src", "heartbeat.interval.ms", "2000");
}

/* f->n: how old the newest heartbeat is, ms. */
static void heartbeat(struct fixture *f, struct snapshot *snap)
{
    struct kafka_last *last = arena_alloc(snap->arena, sizeof(*last));
    *last = (struct kafka_last){.topic = "__debezium-heartbeat.shop", .time_ms = f->wall_ms - f->n};
    snap->kafka.lasts = last;
    snap->kafka.nlasts = 1;
}

static void be_quiet(struct fixture *f)
{
    for (int i = 0; i < 40; i++) {
        f->lsn_now += 1000; /* another table is written to */
        f->confirmed = f->restart = f->lsn_now;
        fixture_tick(f, 30 * 1000);
    }
}

static void make_k01(struct fixture *f)
{
    f->n = 1500;
    f->edit[SOURCE_CONNECT] = with_heartbeat;
    f->edit[SOURCE_KAFKA] = heartbeat;
    be_quiet(f);
}

static void make_busy(struct fixture *f)
{
    f->edit[SOURCE_CONNECT] = with_heartbeat;
    f->edit[SOURCE_KAFKA] = heartbeat;
    run_at(f, 10, 40);
}

/* A source that hangs is as quiet as one that has nothing to do. */
static void test_an_old_heartbeat_is_no_idleness(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_CONNECT] = with_heartbeat;
    f.edit[SOURCE_KAFKA] = heartbeat;
    f.n = 120 * 1000;
    be_quiet(&f);
    assert_null(fixture_finding(fixture_findings(&f), "K01"));
    fixture_close(&f);
}

static void test_without_a_heartbeat_nobody_can_tell(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    be_quiet(&f);
    const struct finding *k01 = fixture_finding(fixture_findings(&f), "K01");
    assert_non_null(k01);
    assert_int_equal(k01->severity, VERDICT_INFO);
    assert_non_null(strstr(k01->title, "cannot be told"));
    assert_non_null(strstr(k01->advice, "heartbeat.interval.ms"));
    fixture_close(&f);
}

static void test_a_short_pause_is_not_remarked(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    rule_ticks(&f, 60, 2000);
    assert_int_equal(fixture_findings(&f).count, 0);
    fixture_close(&f);
}

/* ---- C21 ---- */

static const char *policy;

static void internal(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    struct kafka_topic *t = arena_alloc(snap->arena, sizeof(*t));
    *t = (struct kafka_topic){.name = "connect-offsets",
                              .retention_ms = INT64_C(604800000),
                              .retention_bytes = -1,
                              .max_message_bytes = UNKNOWN,
                              .min_insync = 1,
                              .cleanup_policy = policy};
    snap->kafka.internals = t;
    snap->kafka.ninternals = 1;
}

static void make_c21(struct fixture *f)
{
    policy = "delete";
    f->edit[SOURCE_KAFKA] = internal;
}

static void make_compacted(struct fixture *f)
{
    policy = "compact";
    f->edit[SOURCE_KAFKA] = internal;
}

static void test_an_unread_policy_proves_nothing(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    policy = NULL;
    f.edit[SOURCE_KAFKA] = internal;
    rule_ticks(&f, 2, 2000);
    assert_null(fixture_finding(fixture_findings(&f), "C21"));
    fixture_close(&f);
}

static const struct rule_case cases[] = {
    {"K02", "shop.public.orders", make_k02,              VERDICT_CRIT, NULL,           NULL},
    {"K02", "shop.public.orders", make_below_min_insync, VERDICT_CRIT, NULL,           NULL},
    {"K11", "shop.public.orders", make_k11,              VERDICT_INFO, make_steady,    NULL},
    {"K01", "src",                make_k01,              VERDICT_INFO, make_busy,      NULL},
    {"C21", "connect-offsets",    make_c21,              VERDICT_CRIT, make_compacted, NULL},
};

static void test_every_rule_fires_and_is_silent(void **state)
{
    (void)state;
    rule_cases_run(rules_kafka, cases, ARRAY_LEN(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_rule_fires_and_is_silent),
        cmocka_unit_test(test_an_old_heartbeat_is_no_idleness),
        cmocka_unit_test(test_without_a_heartbeat_nobody_can_tell),
        cmocka_unit_test(test_a_short_pause_is_not_remarked),
        cmocka_unit_test(test_an_unread_policy_proves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
