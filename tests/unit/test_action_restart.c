/* What the plan of a restart says of the restarts before it. */
#include "action/action.h"
#include "base/mem.h"
#include "tests/check.h"
#include "tests/unit/world_fixture.h"

#include <string.h>

struct rig {
    struct fixture f;
    struct arena *arena;
    struct action_args *args;
};

static void rig_open(struct rig *r)
{
    fixture_open(&r->f);
    r->arena = arena_new();
    r->args = action_args_new(ACTION_RESTART, 0, "sink");
    fixture_tick(&r->f, 2000);
}

static void rig_close(struct rig *r)
{
    action_args_free(r->args);
    arena_free(r->arena);
    fixture_close(&r->f);
}

static void fail_and_restart(struct rig *r, int times)
{
    for (int i = 0; i < times; i++) {
        r->f.sink_task = "FAILED";
        r->f.sink_cause = "DataException: a bad record";
        fixture_tick(&r->f, 2000);
        r->f.sink_task = "RUNNING";
        fixture_tick(&r->f, 2000);
    }
    r->f.sink_task = "FAILED";
    fixture_tick(&r->f, 2000);
}

/* The plan's warning that contains the text; NULL. */
static const struct plan_check *warns(struct rig *r, const char *text)
{
    const struct action_plan *plan =
        action_plan(r->args, r->f.world, fixture_pipeline(&r->f), r->arena);
    assert_true(plan->allowed); /* it is for the person to decide */
    for (size_t i = 0; i < plan->nchecks; i++) {
        if (strstr(plan->checks[i].text, text) != NULL) {
            assert_int_equal(plan->checks[i].level, CHECK_WARN);
            return &plan->checks[i];
        }
    }
    return NULL;
}

static void test_a_restart_in_vain_is_told_before_it_is_pressed(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    fail_and_restart(&r, 0);
    assert_non_null(warns(&r, "must be mended"));
    assert_null(warns(&r, "will fail again"));
    fail_and_restart(&r, 1);
    assert_null(warns(&r, "will fail again"));
    fail_and_restart(&r, 3);
    assert_non_null(warns(&r, "will fail again: "));
    assert_null(warns(&r, "must be mended"));
    rig_close(&r);
}

static void test_another_cause_is_another_matter(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    fail_and_restart(&r, 4);
    r.f.sink_cause = "DataException: now another one";
    fixture_tick(&r.f, 2000);
    assert_null(warns(&r, "will fail again"));
    rig_close(&r);
}

static void test_restarts_one_after_the_other_and_rebalances(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    fail_and_restart(&r, 0);
    assert_null(warns(&r, "restarted from here"));
    struct ledger_entry e = {.id = 1,
                             .kind = ACTION_RESTART,
                             .verb = "restart",
                             .state = LEDGER_WATCHING,
                             .mono_ms = r.f.mono_ms,
                             .accepted_mono_ms = r.f.mono_ms,
                             .ended_mono_ms = UNKNOWN,
                             .target = "sink"};
    ledger_put(&r.f.world->pipelines[0].ledger, &e);
    fixture_tick(&r.f, 2000);
    assert_non_null(warns(&r, "restarted from here"));
    fixture_tick(&r.f, 70 * 1000);
    assert_null(warns(&r, "restarted from here"));
    assert_null(warns(&r, "409"));
    r.f.sink_state = "UNASSIGNED";
    fixture_tick(&r.f, 2000);
    assert_non_null(warns(&r, "409"));
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_restart_in_vain_is_told_before_it_is_pressed),
        cmocka_unit_test(test_another_cause_is_another_matter),
        cmocka_unit_test(test_restarts_one_after_the_other_and_rebalances),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
