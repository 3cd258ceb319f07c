/* The rules of rules_s3.c: each in a world where it fires, and where it must not. */
#include "base/lsn.h"
#include "base/mem.h"
#include "tests/unit/rule_cases.h"

static void make_s01(struct fixture *f)
{
    f->schedule_ms = NULL;
    f->end = 1010;
    rule_ticks(f, 45, 2000); /* the topic goes quiet: no further record will fill the file */
}

static void make_s02(struct fixture *f)
{
    for (int i = 0; i < 60; i++) {
        f->end += 10;
        f->committed += 1; /* it commits, but far behind: late objects, not a stuck sink */
        f->object_age_ms += 2000;
        fixture_tick(f, 2000);
    }
}

static const struct rule_case cases[] = {
    {"S01", "shop.public.orders", make_s01, VERDICT_WARN, NULL, NULL},
    {"S02", "shop.public.orders", make_s02, VERDICT_WARN, NULL, NULL},
};

static void test_every_rule_fires_and_is_silent(void **state)
{
    (void)state;
    rule_cases_run(rules_s3, cases, ARRAY_LEN(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_rule_fires_and_is_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
