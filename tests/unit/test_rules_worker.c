/* The rules of rules_worker.c: each in a world where it fires, and where it must not. */
#include "base/mem.h"
#include "tests/unit/rule_cases.h"

static void make_c05(struct fixture *f)
{
    f->fails[SOURCE_CONNECT] = true;
    rule_ticks(f, 2, 2000);
}

static void refused_login(struct fixture *f)
{
    f->fails[SOURCE_CONNECT] = true;
    f->fails_as = ERR_AUTH;
    rule_ticks(f, 2, 2000);
}

static void edit_busy(struct fixture *f, struct snapshot *snap)
{
    snap->connect.busy =
        "http://c:8083: HTTP 409: Cannot complete request momentarily due to stale "
        "configuration (typically caused by a concurrent config change)";
    snap->connect.busy_since_ms = f->mono_ms - f->n;
}

static void make_c04(struct fixture *f)
{
    f->n = 70 * 1000;
    f->edit[SOURCE_CONNECT] = edit_busy;
}

static void shortly_busy(struct fixture *f)
{
    f->n = 10 * 1000;
    f->edit[SOURCE_CONNECT] = edit_busy;
}

static const struct rule_case cases[] = {
    {"C05", "connect", make_c05, VERDICT_CRIT, refused_login, "Z01"},
    {"C04", "connect", make_c04, VERDICT_WARN, shortly_busy,  NULL },
};

static void test_every_rule_fires_and_is_silent(void **state)
{
    (void)state;
    rule_cases_run(rules_worker, cases, ARRAY_LEN(cases));
}

static void test_the_first_silence_is_unknown_only(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    rule_ticks(&f, 3, 2000);
    f.fails[SOURCE_CONNECT] = true;
    rule_ticks(&f, 1, 2000);
    const struct finding *c05 = fixture_finding(fixture_findings(&f), "C05");
    assert_non_null(c05);
    assert_int_equal(c05->severity, VERDICT_UNKNOWN);
    assert_null(fixture_finding(fixture_findings(&f), "Z01"));
    /* The last states stay, but nobody takes them for live. */
    const struct connector_row *sink = pipeline_connector(fixture_pipeline(&f), "sink");
    assert_non_null(sink);
    assert_true(sink->base.stale);
    fixture_close(&f);
}

static void test_a_worker_that_starts_is_no_alarm(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    rule_ticks(&f, 3, 2000);
    struct source_slot *s = &f.world->pipelines[0].sources[SOURCE_CONNECT];
    err_set(&s->err, ERR_PROTOCOL, 404, "HTTP 404: the worker is still starting");
    s->fails = 3;
    const struct finding *c05 = fixture_finding(fixture_findings(&f), "C05");
    assert_non_null(c05);
    assert_int_equal(c05->severity, VERDICT_WARN);
    assert_non_null(strstr(c05->title, "not up yet"));
    assert_null(fixture_finding(fixture_findings(&f), "Z01"));
    fixture_close(&f);
}

static void test_a_rebalance_without_end(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    rule_ticks(&f, 3, 2000);
    f.fails[SOURCE_CONNECT] = true;
    f.fails_as = ERR_CONFLICT;
    rule_ticks(&f, 2, 2000);
    const struct finding *c04 = fixture_finding(fixture_findings(&f), "C04");
    assert_non_null(c04);
    assert_int_equal(c04->severity, VERDICT_UNKNOWN);
    rule_ticks(&f, 31, 2000);
    c04 = fixture_finding(fixture_findings(&f), "C04");
    assert_non_null(c04);
    assert_int_equal(c04->severity, VERDICT_WARN);
    assert_null(fixture_finding(fixture_findings(&f), "C05"));
    fixture_close(&f);
}

/* Workers without their broker give no answer; Kafka is what is down. */
static void test_a_dead_broker_is_not_called_a_busy_worker(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    rule_ticks(&f, 3, 2000);
    make_c04(&f);
    f.fails[SOURCE_KAFKA] = true;
    rule_ticks(&f, 2, 2000);
    assert_null(fixture_finding(fixture_findings(&f), "C04"));
    assert_string_equal(fixture_findings(&f).items[0].id, "Z01");
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_rule_fires_and_is_silent),
        cmocka_unit_test(test_the_first_silence_is_unknown_only),
        cmocka_unit_test(test_a_worker_that_starts_is_no_alarm),
        cmocka_unit_test(test_a_rebalance_without_end),
        cmocka_unit_test(test_a_dead_broker_is_not_called_a_busy_worker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
