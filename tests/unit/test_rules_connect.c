/* The rules of rules_connect.c: each in a world where it fires, and where it must not. */
#include "base/lsn.h"
#include "base/mem.h"
#include "tests/unit/rule_cases.h"

static void make_c01(struct fixture *f)
{
    f->sink_task = "FAILED";
    f->sink_cause = "DataException: something else";
}

static void make_c02(struct fixture *f)
{
    f->sink_state = "FAILED";
}

static void make_c03(struct fixture *f)
{
    f->sink_state = "UNASSIGNED";
}

static void make_c11(struct fixture *f)
{
    f->sink_tasks = 0;
}

static const struct rule_case cases[] = {
    {"C01", "sink", make_c01, VERDICT_CRIT, NULL, NULL},
    {"C02", "sink", make_c02, VERDICT_CRIT, NULL, NULL},
    {"C03", "sink", make_c03, VERDICT_WARN, NULL, NULL},
    {"C11", "sink", make_c11, VERDICT_CRIT, NULL, NULL},
};

static void test_every_rule_fires_and_is_silent(void **state)
{
    (void)state;
    rule_cases_run(rules_connect, cases, ARRAY_LEN(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_rule_fires_and_is_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
