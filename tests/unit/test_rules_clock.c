/* The rules of rules_clock.c: each in a world where it fires, and where it must not. */
#include "base/mem.h"
#include "tests/unit/rule_cases.h"

static void edit_ahead(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    snap->server_ms += 9000;
}

static void edit_near(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    snap->server_ms += 4000;
}

static void edit_behind(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    snap->server_ms -= 4000;
}

static void make_e02(struct fixture *f)
{
    f->edit[SOURCE_S3] = edit_ahead;
    rule_ticks(f, 4, 2000);
}

static void near_e02(struct fixture *f)
{
    f->edit[SOURCE_S3] = edit_near;
    rule_ticks(f, 4, 2000);
}

/* Neither is far from us, but they are far from each other. */
static void make_e02_apart(struct fixture *f)
{
    f->edit[SOURCE_S3] = edit_near;
    f->edit[SOURCE_CONNECT] = edit_behind;
    rule_ticks(f, 4, 2000);
}

static const struct rule_case cases[] = {
    {"E02", "shop", make_e02,       VERDICT_WARN, near_e02, NULL},
    {"E02", "shop", make_e02_apart, VERDICT_WARN, NULL,     NULL},
};

static void test_every_rule_fires_and_is_silent(void **state)
{
    (void)state;
    rule_cases_run(rules_clock, cases, ARRAY_LEN(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_rule_fires_and_is_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
