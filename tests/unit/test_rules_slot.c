/* The rules of rules_slot.c: each in a world where it fires, and where it must not. */
#include "base/lsn.h"
#include "base/mem.h"
#include "tests/unit/rule_cases.h"

static void edit_wal_level(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    snap->pg.wal_level = "replica";
}

static void make_p25(struct fixture *f)
{
    f->edit[SOURCE_POSTGRES] = edit_wal_level;
}

static void make_p01(struct fixture *f)
{
    f->wal_status = "lost";
    f->active = TRI_NO;
}

static void make_p02(struct fixture *f)
{
    f->wal_status = "unreserved";
    f->safe_wal_size = -1000;
}

static void make_p03(struct fixture *f)
{
    f->slot_name = "old_export";
    f->active = TRI_NO;
    rule_ticks(f, 40, 60 * 1000);
}

static void make_p04(struct fixture *f)
{
    f->active = TRI_NO;
    f->src_task = "FAILED";
}

static void make_p05(struct fixture *f)
{
    f->active = TRI_NO;
    f->src_state = "STOPPED";
    f->lsn_now = f->restart + UINT64_C(5000000000);
}

static void make_p06(struct fixture *f)
{
    f->active = TRI_NO;
    rule_ticks(f, 60, 2000);
}

static void make_p10(struct fixture *f)
{
    f->lsn_now = f->restart + UINT64_C(5000000000);
}

static void make_p13(struct fixture *f)
{
    f->slot_name = "another";
}

static const struct rule_case cases[] = {
    {"P25", "wal_level",  make_p25, VERDICT_CRIT, NULL, NULL},
    {"P01", "dbz",        make_p01, VERDICT_CRIT, NULL, NULL},
    {"P02", "dbz",        make_p02, VERDICT_CRIT, NULL, NULL},
    {"P03", "old_export", make_p03, VERDICT_WARN, NULL, NULL},
    {"P04", "src",        make_p04, VERDICT_CRIT, NULL, NULL},
    {"P05", "src",        make_p05, VERDICT_WARN, NULL, NULL},
    {"P06", "src",        make_p06, VERDICT_CRIT, NULL, NULL},
    {"P10", "dbz",        make_p10, VERDICT_WARN, NULL, NULL},
    {"P13", "src",        make_p13, VERDICT_WARN, NULL, NULL},
};

static void test_every_rule_fires_and_is_silent(void **state)
{
    (void)state;
    rule_cases_run(rules_slot, cases, ARRAY_LEN(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_rule_fires_and_is_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
