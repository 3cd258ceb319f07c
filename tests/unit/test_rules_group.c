/* The rules of rules_group.c: each in a world where it fires, and where it must not. */
#include "base/mem.h"
#include "tests/unit/rule_cases.h"

/* ---- K12, K07 ---- */

static void make_anew(struct fixture *f)
{
    f->end = 10;
    fixture_tick(f, 2000);
    rule_ticks(f, 4, 2000);
}

static void make_rewound(struct fixture *f)
{
    f->committed = 400;
}

static void make_anew_and_read(struct fixture *f)
{
    f->end = 10;
    f->committed = 8;
}

static void test_the_offsets_that_moved_are_named(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    rule_ticks(&f, 3, 2000);
    make_rewound(&f);
    rule_ticks(&f, 30, 2000); /* it is still said when it can no longer be seen */
    const struct finding *k07 = fixture_finding(fixture_findings(&f), "K07");
    assert_non_null(k07);
    assert_non_null(strstr(k07->evidence[0], "shop.public.orders/0: committed went from 1,000"));
    rule_ticks(&f, 16, 60 * 1000); /* and not for ever */
    assert_null(fixture_finding(fixture_findings(&f), "K07"));
    fixture_close(&f);
}

/* A topic that is gone for a moment is remembered. */
static void no_topic(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    snap->kafka.ntopics = 0;
    snap->kafka.groups[0].noffsets = 0;
}

static void test_a_topic_that_was_away_is_known_again(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    rule_ticks(&f, 3, 2000);
    f.edit[SOURCE_KAFKA] = no_topic;
    rule_ticks(&f, 3, 2000);
    f.edit[SOURCE_KAFKA] = NULL;
    f.end = 5;
    f.committed = UNKNOWN;
    rule_ticks(&f, 2, 2000);
    const struct finding *k12 = fixture_finding(fixture_findings(&f), "K12");
    assert_non_null(k12);
    assert_int_equal(k12->severity, VERDICT_CRIT); /* its objects are named by offset */
    fixture_close(&f);
}

/* Between two readings of one poll a fast sink gets ahead of the end that was read first. */
static void test_a_commit_ahead_of_an_old_end_is_no_new_topic(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    for (int i = 0; i < 20; i++) {
        f.end += 50;
        f.committed = f.end + 7;
        fixture_tick(&f, 2000);
        assert_null(fixture_finding(fixture_findings(&f), "K12"));
    }
    fixture_close(&f);
}

/* ---- K05 ---- */

static void rebalance_twice(struct fixture *f)
{
    static const char *const states[] = {"PreparingRebalance", "CompletingRebalance", "Stable",
                                         "PreparingRebalance", "PreparingRebalance",  "Stable"};
    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        f->group_state = states[i];
        fixture_tick(f, 2000);
    }
}

static void rebalance_once(struct fixture *f)
{
    f->group_state = "PreparingRebalance";
    rule_ticks(f, 4, 2000);
    f->group_state = "Stable";
}

static void test_slow_loops_are_seen(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    for (int i = 0; i < 4; i++) { /* max.poll.interval.ms: once in five minutes */
        assert_null(fixture_finding(fixture_findings(&f), "K05"));
        f.group_state = "PreparingRebalance";
        fixture_tick(&f, 2000);
        f.group_state = "Stable";
        rule_ticks(&f, 10, 29 * 1000);
    }
    assert_non_null(fixture_finding(fixture_findings(&f), "K05"));
    fixture_close(&f);
}

static void test_a_rebalance_without_end_is_told_apart(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.group_state = "PreparingRebalance";
    rule_ticks(&f, 11, 2000);
    const struct finding *k05 = fixture_finding(fixture_findings(&f), "K05");
    assert_non_null(k05);
    assert_non_null(strstr(k05->title, "does not get through"));
    fixture_close(&f);
}

/* ---- K08 ---- */

enum { PARTS = 4 };

/* f->n messages of lag, all in partition 2 or (negative) spread. */
static void partitions(struct fixture *f, struct snapshot *snap)
{
    struct arena *a = snap->arena;
    struct kafka_topic *t = &snap->kafka.topics[0];
    struct kafka_group *g = &snap->kafka.groups[0];
    t->partitions = arena_array(a, PARTS, sizeof(*t->partitions));
    g->offsets = arena_array(a, PARTS, sizeof(*g->offsets));
    t->npartitions = g->noffsets = PARTS;
    for (int i = 0; i < PARTS; i++) {
        int64_t lag = f->n < 0 ? -f->n / PARTS : i == 2 ? f->n : 3;
        t->partitions[i] = (struct kafka_partition){.id = i,
                                                    .leader = 1,
                                                    .replicas = 1,
                                                    .isr = 1,
                                                    .begin = 0,
                                                    .end = 50000,
                                                    .newest_ms = UNKNOWN,
                                                    .record_bytes = UNKNOWN};

        g->offsets[i] = (struct kafka_offset){t->name, i, 50000 - lag};
    }
}

static void make_k08(struct fixture *f)
{
    f->n = 21000;
    f->edit[SOURCE_KAFKA] = partitions;
}

static void make_spread(struct fixture *f)
{
    f->n = -21000;
    f->edit[SOURCE_KAFKA] = partitions;
    rule_ticks(f, 1, 2000);
    (void)fixture_findings(f);
    rule_ticks(f, 3, 2000);
}

static const struct rule_case cases[] = {
    {"K12", "shop.public.orders", make_anew,       VERDICT_CRIT, make_rewound,       "K07"},
    {"K07", "sink",               make_rewound,    VERDICT_WARN, make_anew_and_read, "K12"},
    {"K05", "sink",               rebalance_twice, VERDICT_WARN, rebalance_once,     NULL },
    {"K08", "shop.public.orders", make_k08,        VERDICT_WARN, make_spread,        "K10"},
};

static void test_every_rule_fires_and_is_silent(void **state)
{
    (void)state;
    rule_cases_run(rules_group, cases, ARRAY_LEN(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_rule_fires_and_is_silent),
        cmocka_unit_test(test_the_offsets_that_moved_are_named),
        cmocka_unit_test(test_a_topic_that_was_away_is_known_again),
        cmocka_unit_test(test_a_commit_ahead_of_an_old_end_is_no_new_topic),
        cmocka_unit_test(test_slow_loops_are_seen),
        cmocka_unit_test(test_a_rebalance_without_end_is_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
