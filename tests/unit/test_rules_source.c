/* The rules of rules_source.c: each in a world where it fires, and where it must not. */
#include "base/lsn.h"
#include "base/mem.h"
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

static const struct rule_case cases[] = {
    {"Z02", "postgres", make_z02, VERDICT_INFO,    NULL, NULL},
    {"Z01", "kafka",    make_z01, VERDICT_UNKNOWN, NULL, NULL},
    {"E03", "shop",     make_e03, VERDICT_WARN,    NULL, NULL},
};

static void test_every_rule_fires_and_is_silent(void **state)
{
    (void)state;
    rule_cases_run(rules_source, cases, ARRAY_LEN(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_rule_fires_and_is_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
