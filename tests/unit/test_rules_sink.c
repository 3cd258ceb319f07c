/* The rules of rules_sink.c: each in a world where it fires, and where it must not. */
#include "base/mem.h"
#include "tests/unit/rule_cases.h"

/* ---- K03 ---- */

static int64_t begin, retention_ms;

static void log_of(struct fixture *f, struct snapshot *snap)
{
    struct kafka_topic *t = &snap->kafka.topics[0];
    t->partitions[0].begin = begin;
    t->retention_ms = retention_ms;
    t->cleanup_policy = "delete";
    if (f->n == 0)
        return;
    struct kafka_unread *u = arena_alloc(snap->arena, sizeof(*u)); /* f->n ms old */
    *u = (struct kafka_unread){.group = "connect-sink",
                               .topic = t->name,
                               .offset = f->committed,
                               .time_ms = f->wall_ms - f->n};
    snap->kafka.unread = u;
    snap->kafka.nunread = 1;
}

static void make_k03(struct fixture *f)
{
    f->end = 2000;
    begin = 1500;
    retention_ms = -1;
    f->edit[SOURCE_KAFKA] = log_of;
}

static void make_just_kept(struct fixture *f)
{
    begin = 1000;
    retention_ms = -1;
    f->n = 0;
    f->edit[SOURCE_KAFKA] = log_of;
}

static void test_what_was_lost_stays_said(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    rule_ticks(&f, 3, 2000);
    make_k03(&f);
    rule_ticks(&f, 2, 2000);
    f.committed = 2000; /* it read on, beyond the gap */
    rule_ticks(&f, 10, 2000);
    const struct finding *k03 = fixture_finding(fixture_findings(&f), "K03");
    assert_non_null(k03);
    assert_int_equal(k03->severity, VERDICT_CRIT);
    assert_non_null(strstr(k03->title, "removed 500 records"));
    assert_non_null(strstr(k03->evidence[0], "from 1000 to 1499"));
    fixture_close(&f);
}

/* Not one that only lingers for a moment. */
static bool says(struct fixture *f, const char *id)
{
    const struct finding *found = fixture_finding(fixture_findings(f), id);
    return found != NULL && !found->clearing;
}

static void test_retention_that_comes_near_is_told_in_time(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    rule_ticks(&f, 3, 2000);
    begin = 0;
    retention_ms = INT64_C(86400000);
    f.end = 2000;
    f.n = retention_ms * 40 / 100;
    f.edit[SOURCE_KAFKA] = log_of;
    rule_ticks(&f, 3, 2000);
    assert_null(fixture_finding(fixture_findings(&f), "K03"));
    f.n = retention_ms * 75 / 100;
    rule_ticks(&f, 1, 2000);
    const struct finding *k03 = fixture_finding(fixture_findings(&f), "K03");
    assert_non_null(k03);
    assert_int_equal(k03->severity, VERDICT_WARN);
    if (strstr(k03->title, "in 6h") == NULL)
        fail_msg("%s", k03->title);
    retention_ms = -1; /* for ever */
    rule_ticks(&f, 1, 2000);
    assert_false(says(&f, "K03"));
    retention_ms = UNKNOWN;
    rule_ticks(&f, 1, 2000);
    assert_false(says(&f, "K03"));
    fixture_close(&f);
}

/* ---- K04 ---- */

static void make_k04(struct fixture *f)
{
    f->group_state = "Empty";
    f->end = 2000;
    rule_ticks(f, 1, 2000);
    (void)fixture_findings(f);
    rule_ticks(f, 4, 2000);
}

static void make_restarted(struct fixture *f)
{
    f->group_state = "Empty";
    f->end = 1100;
    rule_ticks(f, 1, 2000);
    (void)fixture_findings(f);
    f->group_state = "Stable";
}

/* ---- K06 ---- */

static void make_k06(struct fixture *f)
{
    for (int i = 0; i < 60; i++) {
        f->end += 10;
        f->object_age_ms += 2000;
        fixture_tick(f, 2000);
    }
}

/* A group that had nothing to commit for an hour is not stuck when the first record comes. */
static void make_woken(struct fixture *f)
{
    rule_ticks(f, 120, 30 * 1000);
    f->end += 3;
}

/* While Kafka was away nobody could commit. */
static void test_an_outage_of_kafka_is_no_stuck_sink(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    rule_ticks(&f, 10, 2000);
    f.end += 10;
    rule_ticks(&f, 2, 2000);
    f.fails[SOURCE_KAFKA] = true;
    rule_ticks(&f, 100, 2000);
    f.fails[SOURCE_KAFKA] = false;
    f.end += 500;
    rule_ticks(&f, 2, 2000);
    assert_null(fixture_finding(fixture_findings(&f), "K06"));
    rule_ticks(&f, 60, 2000);
    assert_non_null(fixture_finding(fixture_findings(&f), "K06"));
    fixture_close(&f);
}

static void test_a_group_that_rebalances_is_not_called_stuck(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    rule_ticks(&f, 3, 2000);
    f.group_state = "PreparingRebalance";
    make_k06(&f);
    assert_null(fixture_finding(fixture_findings(&f), "K06"));
    assert_non_null(fixture_finding(fixture_findings(&f), "K05"));
    fixture_close(&f);
}

/* ---- K09, S01, K06: the same lag, three meanings ---- */

static void make_k09(struct fixture *f)
{
    f->schedule_ms = "3600000";
    f->end = 1010;
    rule_ticks(f, 60, 2000);
}

static void make_never_closed(struct fixture *f)
{
    f->schedule_ms = NULL;
    f->end = 1010;
    rule_ticks(f, 60, 2000);
}

static void test_the_same_lag_has_three_meanings(void **state)
{
    (void)state;
    static void (*const make[])(struct fixture *) = {make_k06, make_k09, make_never_closed};
    static const char *const ids[] = {"K06", "K09", "S01"};
    for (size_t i = 0; i < ARRAY_LEN(make); i++) {
        struct fixture f;
        fixture_open(&f);
        rule_ticks(&f, 3, 2000);
        make[i](&f);
        struct findings all = fixture_findings(&f);
        for (size_t k = 0; k < ARRAY_LEN(ids); k++) {
            if ((fixture_finding(all, ids[k]) != NULL) != (i == k))
                fail_msg("%s in the world of %s", ids[k], ids[i]);
        }
        fixture_close(&f);
    }
}

/* ---- C22, K10 ---- */

static void make_c22(struct fixture *f)
{
    f->sink_state = f->sink_task = "PAUSED";
    f->end = 1500;
}

static void make_k10(struct fixture *f)
{
    f->end = 21000;
    rule_ticks(f, 1, 2000);
    (void)fixture_findings(f);
    rule_ticks(f, 3, 2000);
}

/* A large transaction comes at once and is drained at once. */
static void test_a_burst_that_drains_is_no_alarm(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    rule_ticks(&f, 3, 2000);
    for (int round = 0; round < 3; round++) {
        f.end += 20000;
        rule_ticks(&f, 1, 2000);
        assert_null(fixture_finding(fixture_findings(&f), "K10"));
        rule_ticks(&f, 1, 2000);
        assert_null(fixture_finding(fixture_findings(&f), "K10"));
        f.committed = f.end;
        rule_ticks(&f, 5, 2000);
        assert_null(fixture_finding(fixture_findings(&f), "K10"));
    }
    fixture_close(&f);
}

static void make_large_files(struct fixture *f)
{
    f->flush_size = "50000";
    f->schedule_ms = "3600000";
    f->end = 21000;
}

/* ---- C09 ---- */

static void with_dlq(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    fixture_config(snap, "sink", "errors.deadletterqueue.topic.name", "dlq");
}

/* A dead letter queue with f->n records; the newest one came now if n moves. */
static int64_t letter_age_ms;
static void letters(struct fixture *f, struct snapshot *snap)
{
    struct arena *a = snap->arena;
    struct kafka_topic *t = arena_array(a, 2, sizeof(*t));
    t[1] = snap->kafka.topics[0];
    t[0] = t[1];
    t[0].name = "dlq";
    t[0].partitions = arena_alloc(a, sizeof(*t[0].partitions));
    t[0].partitions[0] = t[1].partitions[0];
    t[0].partitions[0].end = f->n;
    snap->kafka.topics = t;
    snap->kafka.ntopics = 2;
    struct kafka_last *last = arena_alloc(a, sizeof(*last));
    *last = (struct kafka_last){.topic = "dlq",
                                .time_ms = f->wall_ms - letter_age_ms,
                                .exception = "org.apache.kafka.connect.errors.DataException",
                                .message = "Converting byte[] to Kafka Connect data failed",
                                .connector = "sink"};
    snap->kafka.lasts = last;
    snap->kafka.nlasts = 1;
}

static void flow(struct fixture *f, int ticks, int64_t bad)
{
    f->edit[SOURCE_CONNECT] = with_dlq;
    f->edit[SOURCE_KAFKA] = letters;
    for (int i = 0; i < ticks; i++) {
        f->end += 100;
        f->committed = f->end - 10;
        f->n += bad;
        fixture_tick(f, 2000);
    }
}

static void make_c09(struct fixture *f)
{
    f->n = 40;
    letter_age_ms = 3600 * 1000;
    flow(f, 5, 0);
    letter_age_ms = 0;
    flow(f, 5, 20);
}

static void make_old_letters(struct fixture *f)
{
    f->n = 40;
    letter_age_ms = 3600 * 1000;
    flow(f, 10, 0);
}

static void test_few_dead_letters_are_a_warning(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.n = 40;
    letter_age_ms = 3600 * 1000;
    flow(&f, 50, 0);
    letter_age_ms = 0;
    flow(&f, 1, 1);
    const struct finding *c09 = fixture_finding(fixture_findings(&f), "C09");
    assert_non_null(c09);
    assert_int_equal(c09->severity, VERDICT_WARN);
    assert_non_null(strstr(c09->title, "sink put 1 record into dlq"));
    bool named = false;
    for (int i = 0; i < c09->nevidence; i++)
        named = named || strstr(c09->evidence[i], "DataException: Converting byte[]") != NULL;
    assert_true(named);
    fixture_close(&f);
}

/* The queue may be younger than the first look at it: its first letter is no growth then. */
static void test_a_first_letter_is_seen(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    rule_ticks(&f, 3, 2000);
    f.n = 1;
    letter_age_ms = 1000;
    flow(&f, 1, 0);
    const struct finding *c09 = fixture_finding(fixture_findings(&f), "C09");
    assert_non_null(c09);
    assert_non_null(strstr(c09->title, "at least 1 record"));
    fixture_close(&f);
}

static const struct rule_case cases[] = {
    {"K03", "sink",               make_k03, VERDICT_CRIT, make_just_kept,    NULL },
    {"K04", "sink",               make_k04, VERDICT_CRIT, make_restarted,    NULL },
    {"K06", "sink",               make_k06, VERDICT_CRIT, make_woken,        NULL },
    {"K09", "shop.public.orders", make_k09, VERDICT_INFO, make_never_closed, "S01"},
    {"C22", "sink",               make_c22, VERDICT_INFO, NULL,              NULL },
    {"K10", "sink",               make_k10, VERDICT_WARN, make_large_files,  NULL },
    {"C09", "sink",               make_c09, VERDICT_CRIT, make_old_letters,  NULL },
};

static void test_every_rule_fires_and_is_silent(void **state)
{
    (void)state;
    rule_cases_run(rules_sink, cases, ARRAY_LEN(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_rule_fires_and_is_silent),
        cmocka_unit_test(test_a_burst_that_drains_is_no_alarm),
        cmocka_unit_test(test_what_was_lost_stays_said),
        cmocka_unit_test(test_retention_that_comes_near_is_told_in_time),
        cmocka_unit_test(test_an_outage_of_kafka_is_no_stuck_sink),
        cmocka_unit_test(test_a_group_that_rebalances_is_not_called_stuck),
        cmocka_unit_test(test_the_same_lag_has_three_meanings),
        cmocka_unit_test(test_few_dead_letters_are_a_warning),
        cmocka_unit_test(test_a_first_letter_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
