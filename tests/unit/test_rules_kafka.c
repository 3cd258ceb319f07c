/* The rules of rules_kafka.c: each in a world where it fires, and where it must not. */
#include "base/lsn.h"
#include "base/mem.h"
#include "tests/unit/rule_cases.h"

static void make_k02(struct fixture *f)
{
    f->leader = -1;
}

static void make_k04(struct fixture *f)
{
    f->group_state = "Empty";
    f->end = 2000;
}

static void make_k06(struct fixture *f)
{
    for (int i = 0; i < 60; i++) {
        f->end += 10;
        f->object_age_ms += 2000;
        fixture_tick(f, 2000);
    }
}

static void make_c22(struct fixture *f)
{
    f->sink_state = f->sink_task = "PAUSED";
    f->end = 1500;
}

static void make_k10(struct fixture *f)
{
    f->end = 21000;
}

static const struct rule_case cases[] = {
    {"K02", "shop.public.orders", make_k02, VERDICT_CRIT, NULL, NULL},
    {"K04", "sink",               make_k04, VERDICT_CRIT, NULL, NULL},
    {"K06", "sink",               make_k06, VERDICT_CRIT, NULL, NULL},
    {"C22", "sink",               make_c22, VERDICT_INFO, NULL, NULL},
    {"K10", "sink",               make_k10, VERDICT_WARN, NULL, NULL},
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
