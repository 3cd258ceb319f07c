/* The rules of rules_source.c: each in a world where it fires, and where it must not. */
#include "base/lsn.h"
#include "base/mem.h"
#include "config/options.h"
#include "tests/unit/rule_cases.h"

static void edit_note(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    snapshot_note(snap, "GRANT pg_monitor TO viewer", "other sessions are hidden");
}

static void make_z02(struct fixture *f)
{
    f->edit[SOURCE_POSTGRES] = edit_note;
}

static void make_z01(struct fixture *f)
{
    f->fails[SOURCE_KAFKA] = true;
}

static void make_e03(struct fixture *f)
{
    f->end = f->committed = 5000;
    for (int i = 0; i < 10; i++) { /* both keep up at a distance: no alarm of their own */
        f->end += 200;
        f->lsn_now += 10000;
        rule_ticks(f, 1, 2000);
        f->committed = f->end - 500 > f->committed ? f->end - 500 : f->committed;
        f->confirmed = f->lsn_now - 70000;
    }
}

static void connectors_are(struct fixture *f, const char *names)
{
    const char *why;
    assert_true(options_set(options_find(SECTION_CONNECT, "connectors"), &f->config->pipelines[0],
                            names, &why));
}

static void make_z03(struct fixture *f)
{
    connectors_are(f, "src,shop-s4,!none");
}

/* All that is named is there; what is to be left out need not be. */
static void near_z03(struct fixture *f)
{
    connectors_are(f, "s*,!none");
}

static const struct rule_case cases[] = {
    {"Z02", "postgres", make_z02, VERDICT_INFO,    NULL,     NULL},
    {"Z01", "kafka",    make_z01, VERDICT_UNKNOWN, NULL,     NULL},
    {"E03", "shop",     make_e03, VERDICT_WARN,    NULL,     NULL},
    {"Z03", "shop-s4",  make_z03, VERDICT_WARN,    near_z03, NULL},
};

static void test_every_rule_fires_and_is_silent(void **state)
{
    (void)state;
    rule_cases_run(rules_source, cases, ARRAY_LEN(cases));
}

/* A service that told a part may have it all the same. */
static void test_what_was_not_told_may_be_there(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    make_z03(&f);
    f.edit[SOURCE_CONNECT] = edit_note;
    rule_ticks(&f, 2, 2000);
    const struct finding *found = fixture_finding(fixture_findings(&f), "Z03");
    assert_non_null(found);
    assert_int_equal(found->severity, VERDICT_UNKNOWN);
    assert_non_null(strstr(found->title, "does not tell whether there is a connector shop-s4"));
    f.fails[SOURCE_CONNECT] = true; /* nor is it said while nobody tells anything */
    rule_ticks(&f, 10, 2000);
    assert_null(fixture_finding(fixture_findings(&f), "Z03"));
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_rule_fires_and_is_silent),
        cmocka_unit_test(test_what_was_not_told_may_be_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
