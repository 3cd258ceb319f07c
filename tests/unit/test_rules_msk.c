/* The rules of rules_msk.c: each in a world where it fires, and where it must not. */
#include "base/mem.h"
#include "model/metrics.h"
#include "tests/unit/rule_cases.h"

#include <math.h>

static const char *state_now, *action_now;
static double disk_now, disk_before;
static int64_t disk_age_ms;

static void cluster(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    struct msk_node *nodes = arena_array(snap->arena, 3, sizeof(*nodes));
    for (int i = 0; i < 2; i++)
        nodes[i] = (struct msk_node){.id = i + 1};
    nodes[2] = (struct msk_node){.id = -1};
    snap->msk = (struct msk_snap){.name = "events",
                                  .state = state_now,
                                  .customer_action = action_now,
                                  .brokers = 2,
                                  .volume_gib = 500,
                                  .created_ms = UNKNOWN,
                                  .nodes = nodes,
                                  .nnodes = 3,
                                  .nodes_read = true};
}

static void figures(struct fixture *f, struct snapshot *snap)
{
    struct cw_metric *m = arena_array(snap->arena, 3, sizeof(*m));
    static const char *const objects[] = {"events", "events/1", "events/2"};
    for (int i = 0; i < 3; i++)
        m[i] = (struct cw_metric){.space = SPACE_KAFKA,
                                  .name = "KafkaDataLogsDiskUsed",
                                  .object = objects[i],
                                  .stat = "Maximum",
                                  .value = i == 2 ? disk_now : 20,
                                  .at_ms = f->wall_ms - disk_age_ms,
                                  .before = i == 2 ? disk_before : NAN,
                                  .before_ms = f->wall_ms - disk_age_ms - 600 * 1000};
    snap->cloudwatch = (struct cloudwatch_snap){.metrics = m, .nmetrics = 3};
    cloudwatch_sort(&snap->cloudwatch);
}

static void with(struct fixture *f, const char *state, const char *action)
{
    state_now = state;
    action_now = action;
    disk_now = 50;
    disk_before = NAN;
    disk_age_ms = 120 * 1000;
    f->edit[SOURCE_MSK] = cluster;
    f->edit[SOURCE_CLOUDWATCH] = figures;
}

static void make_healing(struct fixture *f)
{
    with(f, "HEALING", "NONE");
}

static void make_failed(struct fixture *f)
{
    with(f, "FAILED", NULL);
}

static void make_new_word(struct fixture *f)
{
    with(f, "HIBERNATING", NULL);
}

static void make_well(struct fixture *f)
{
    with(f, "ACTIVE", "NONE");
}

/* A change that nobody feels is a remark, not an alarm. */
static void make_updating(struct fixture *f)
{
    with(f, "UPDATING", "NONE");
}

static void make_rebooting_and_leaderless(struct fixture *f)
{
    with(f, "REBOOTING_BROKER", "NONE");
    f->leader = -1;
}

static void make_demand(struct fixture *f)
{
    with(f, "ACTIVE", "CRITICAL_ACTION_REQUIRED");
}

static void make_full(struct fixture *f)
{
    with(f, "ACTIVE", "NONE");
    disk_now = 87;
}

static void make_nearly_full(struct fixture *f)
{
    with(f, "ACTIVE", "NONE");
    disk_now = 84.9;
}

static void make_full_long_ago(struct fixture *f)
{
    make_full(f);
    disk_age_ms = INT64_C(3) * 60 * 60 * 1000;
}

static void make_fuller(struct fixture *f)
{
    make_full(f);
    disk_now = 96;
    disk_before = 95;
}

static const struct rule_case cases[] = {
    {"K13", "events", make_healing,                  VERDICT_WARN, make_well,          NULL},
    {"K13", "events", make_failed,                   VERDICT_CRIT, NULL,               NULL},
    {"K13", "events", make_new_word,                 VERDICT_WARN, NULL,               NULL},
    {"K13", "events", make_rebooting_and_leaderless, VERDICT_CRIT, NULL,               NULL},
    {"K14", "events", make_demand,                   VERDICT_CRIT, make_well,          NULL},
    {"K15", "events", make_full,                     VERDICT_WARN, make_nearly_full,   NULL},
    {"K15", "events", make_fuller,                   VERDICT_CRIT, make_full_long_ago, NULL},
};

static void test_every_rule_fires_and_is_silent(void **state)
{
    (void)state;
    rule_cases_run(rules_msk, cases, ARRAY_LEN(cases));
}

static const struct finding *after(struct fixture *f, void (*make)(struct fixture *f),
                                   const char *id)
{
    fixture_open(f);
    rule_ticks(f, 3, 2000);
    make(f);
    rule_ticks(f, 2, 2000);
    return fixture_finding(fixture_findings(f), id);
}

static void test_a_change_alone_is_a_remark(void **state)
{
    (void)state;
    struct fixture f;
    const struct finding *found = after(&f, make_updating, "K13");
    assert_non_null(found);
    assert_int_equal(found->severity, VERDICT_INFO);
    fixture_close(&f);
}

static bool folds(const struct finding *f, const char *id, const char *object)
{
    for (int i = 0; i < f->nexplains; i++) {
        if (strcmp(f->explains[i].id, id) == 0 && strcmp(f->explains[i].object, object) == 0)
            return true;
    }
    return false;
}

/* A broker that AWS reboots is why partitions have no leader: one cause is said. */
static void test_it_explains_what_the_brokers_lack(void **state)
{
    (void)state;
    struct fixture f;
    const struct finding *found = after(&f, make_rebooting_and_leaderless, "K13");
    assert_non_null(found);
    assert_true(folds(found, "K02", "shop.public.orders"));
    fixture_close(&f);
}

static void make_healing_without_answers(struct fixture *f)
{
    make_healing(f);
    f->fails[SOURCE_KAFKA] = true;
    f->fails[SOURCE_POSTGRES] = true;
}

/* Brokers that do not answer meanwhile are explained; a database that does not is not. */
static void test_it_explains_silent_brokers_alone(void **state)
{
    (void)state;
    struct fixture f;
    const struct finding *found = after(&f, make_healing_without_answers, "K13");
    assert_non_null(found);
    assert_int_equal(found->severity, VERDICT_CRIT);
    assert_true(folds(found, "Z01", "kafka"));
    assert_false(folds(found, "Z01", "postgres"));
    assert_non_null(fixture_finding(fixture_findings(&f), "Z01"));
    fixture_close(&f);
}

static void make_maintained_and_not_let_in(struct fixture *f)
{
    with(f, "MAINTENANCE", "NONE");
    f->fails[SOURCE_KAFKA] = true;
    f->fails_as = ERR_AUTH;
}

static void make_young_and_nowhere(struct fixture *f)
{
    with(f, "CREATING", "NONE");
    f->fails[SOURCE_KAFKA] = true;
    f->fails_as = ERR_CONFIG;
}

/* While it is made MSK cannot tell where the brokers will be. */
static void test_one_that_is_being_made_has_no_brokers(void **state)
{
    (void)state;
    struct fixture f;
    const struct finding *found = after(&f, make_young_and_nowhere, "K13");
    assert_non_null(found);
    assert_int_equal(found->severity, VERDICT_WARN);
    assert_true(folds(found, "Z01", "kafka"));
    fixture_close(&f);
}

/* That the brokers do not let us in has nothing to do with it, and is not hidden behind it. */
static void test_a_refused_login_is_not_its_doing(void **state)
{
    (void)state;
    struct fixture f;
    const struct finding *found = after(&f, make_maintained_and_not_let_in, "K13");
    assert_non_null(found);
    assert_int_equal(found->severity, VERDICT_INFO);
    const struct finding *z01 = fixture_finding(fixture_findings(&f), "Z01");
    assert_non_null(z01);
    assert_string_equal(z01->object, "kafka");
    fixture_close(&f);
}

static void test_the_disk_has_its_broker_and_no_projection_from_two_figures(void **state)
{
    (void)state;
    struct fixture f;
    const struct finding *found = after(&f, make_fuller, "K15");
    assert_non_null(found);
    assert_non_null(strstr(found->title, "broker 2 of events is 96 % full"));
    assert_non_null(strstr(found->evidence[0], "2m old"));
    assert_non_null(strstr(found->evidence[0], "thresholds 85 %, 95 %"));
    for (int i = 0; i < found->nevidence; i++)
        assert_null(strstr(found->evidence[i], "full in"));
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_rule_fires_and_is_silent),
        cmocka_unit_test(test_a_change_alone_is_a_remark),
        cmocka_unit_test(test_it_explains_what_the_brokers_lack),
        cmocka_unit_test(test_it_explains_silent_brokers_alone),
        cmocka_unit_test(test_one_that_is_being_made_has_no_brokers),
        cmocka_unit_test(test_a_refused_login_is_not_its_doing),
        cmocka_unit_test(test_the_disk_has_its_broker_and_no_projection_from_two_figures),
    };
    return cmocka_run_group_tests_name("rules_msk", tests, NULL, NULL);
}
