/* The rules of rules_connect.c: each in a world where it fires, and where it must not. */
#include "base/lsn.h"
#include "base/mem.h"
#include "tests/unit/rule_cases.h"

#include <stdio.h>

static void make_c01(struct fixture *f)
{
    f->sink_task = "FAILED";
    f->sink_cause = "DataException: something else";
}

static void make_c02(struct fixture *f)
{
    f->sink_state = "FAILED";
}

static void shortly_unassigned(struct fixture *f)
{
    f->sink_state = "UNASSIGNED";
    rule_ticks(f, 5, 2000);
}

static void make_c03(struct fixture *f)
{
    f->sink_state = "UNASSIGNED";
    rule_ticks(f, 65, 2000);
}

static void paused(struct fixture *f)
{
    f->sink_state = f->sink_task = "PAUSED";
    rule_ticks(f, 65, 2000);
}

static void make_c11(struct fixture *f)
{
    f->sink_tasks = 0;
    rule_ticks(f, 6, 2000);
}

static void starting(struct fixture *f)
{
    f->sink_tasks = 0;
    rule_ticks(f, 2, 2000);
}

static void fail_again(struct fixture *f, int times, int64_t after_ms)
{
    for (int i = 0; i < times; i++) {
        f->sink_task = "FAILED";
        f->sink_cause = i % 2 == 0 ? "DataException: at offset 7" : "DataException: at offset 12";
        rule_ticks(f, 3, 2000);
        f->sink_task = "RUNNING";
        fixture_tick(f, after_ms);
    }
    f->sink_task = "FAILED";
}

static void make_c06(struct fixture *f)
{
    fail_again(f, 3, 60000);
}

static void two_restarts(struct fixture *f)
{
    fail_again(f, 2, 60000);
}

static void edit_tolerance(struct fixture *f, struct snapshot *snap)
{
    fixture_config(snap, "sink", "errors.tolerance", "all");
    fixture_config(snap, "sink", "errors.deadletterqueue.topic.name",
                   f->n > 0 ? "dead-letters" : NULL);
}

static void make_c10(struct fixture *f)
{
    f->edit[SOURCE_CONNECT] = edit_tolerance;
}

static void tolerant_with_a_queue(struct fixture *f)
{
    f->n = 1;
    f->edit[SOURCE_CONNECT] = edit_tolerance;
}

static void put_ledger(struct fixture *f, int64_t ago_ms)
{
    struct ledger_entry e = {.id = 1,
                             .kind = ACTION_RESTART,
                             .verb = "restart",
                             .state = LEDGER_UNSEEN,
                             .wall_ms = f->wall_ms - ago_ms,
                             .mono_ms = f->mono_ms - ago_ms,
                             .accepted_mono_ms = f->mono_ms - ago_ms,
                             .ended_mono_ms = f->mono_ms,
                             .target = "sink",
                             .text = "accepted, but not seen to work within 1m30s"};
    ledger_put(&f->world->pipelines[0].ledger, &e);
}

static void make_c18(struct fixture *f)
{
    f->end += 3; /* waits in an open file, and yet nothing moves */
    rule_ticks(f, 10, 2000);
    put_ledger(f, 20000);
}

static void restarted_and_moves(struct fixture *f)
{
    f->end += 300;
    rule_ticks(f, 2, 2000);
    f->committed += 299;
    rule_ticks(f, 2, 2000);
    put_ledger(f, 8000);
}

static const struct rule_case cases[] = {
    {"C01", "sink", make_c01, VERDICT_CRIT, shortly_unassigned,    "C03"},
    {"C02", "sink", make_c02, VERDICT_CRIT, paused,                NULL },
    {"C03", "sink", make_c03, VERDICT_WARN, paused,                NULL },
    {"C06", "sink", make_c06, VERDICT_CRIT, two_restarts,          "C01"},
    {"C10", "sink", make_c10, VERDICT_INFO, tolerant_with_a_queue, NULL },
    {"C11", "sink", make_c11, VERDICT_CRIT, starting,              NULL },
    {"C18", "sink", make_c18, VERDICT_WARN, restarted_and_moves,   NULL },
};

static void test_every_rule_fires_and_is_silent(void **state)
{
    (void)state;
    rule_cases_run(rules_connect, cases, ARRAY_LEN(cases));
}

static const struct finding *after(struct fixture *f, void (*make)(struct fixture *f),
                                   const char *id)
{
    fixture_open(f);
    rule_ticks(f, 3, 2000);
    make(f);
    rule_ticks(f, 1, 2000);
    return fixture_finding(fixture_findings(f), id);
}

static void test_unassigned_is_a_word_first_and_a_warning_later(void **state)
{
    (void)state;
    struct fixture f;
    const struct finding *c03 = after(&f, shortly_unassigned, "C03");
    assert_non_null(c03);
    assert_int_equal(c03->severity, VERDICT_INFO);
    rule_ticks(&f, 60, 2000);
    c03 = fixture_finding(fixture_findings(&f), "C03");
    assert_non_null(c03);
    assert_int_equal(c03->severity, VERDICT_WARN);
    fixture_close(&f);
}

/* As recorded when a worker left: the connector has lost it, its task still says RUNNING there. */
static void edit_worker_left(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    snap->connect.connectors[0].worker = "127.0.0.1:8084";
    snap->connect.connectors[0].tasks[0].worker = "127.0.0.1:8084";
}

static void test_the_missing_worker_is_named(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_CONNECT] = edit_worker_left;
    f.sink_state = "UNASSIGNED";
    rule_ticks(&f, 3, 2000);
    const struct finding *c03 = fixture_finding(fixture_findings(&f), "C03");
    assert_non_null(c03);
    assert_non_null(strstr(c03->title, "127.0.0.1:8084"));
    assert_non_null(strstr(c03->evidence[1], "still say RUNNING"));
    fixture_close(&f);
}

/* As seen after kill -9: everything says RUNNING, but the worker does not answer. */
static void edit_worker_killed(struct fixture *f, struct snapshot *snap)
{
    edit_worker_left(f, snap);
    struct connect_url *u = arena_array(snap->arena, 2, sizeof(*u));
    u[0] = (struct connect_url){.url = "http://127.0.0.1:8083"};
    u[1] = (struct connect_url){.url = "http://127.0.0.1:8084",
                                .error = "connect to 127.0.0.1:8084: connection refused",
                                .since_ms = 1000 * 1000};
    snap->connect.urls = u;
    snap->connect.nurls = 2;
}

static void test_a_killed_worker_is_missed_though_all_says_running(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_CONNECT] = edit_worker_killed;
    rule_ticks(&f, 5, 2000);
    const struct finding *c03 = fixture_finding(fixture_findings(&f), "C03");
    assert_non_null(c03);
    assert_int_equal(c03->severity, VERDICT_INFO);
    assert_string_equal(c03->object, "sink"); /* the source is on another worker */
    assert_non_null(strstr(c03->title, "127.0.0.1:8084"));
    rule_ticks(&f, 60, 2000);
    c03 = fixture_finding(fixture_findings(&f), "C03");
    assert_non_null(c03);
    assert_int_equal(c03->severity, VERDICT_WARN);
    fixture_close(&f);
}

static void edit_task_adrift(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    snap->connect.connectors[0].tasks[1].state = "UNASSIGNED";
}

static void test_a_task_alone_can_be_unassigned(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_CONNECT] = edit_task_adrift;
    f.sink_tasks = 3;
    rule_ticks(&f, 3, 2000);
    const struct finding *c03 = fixture_finding(fixture_findings(&f), "C03");
    assert_non_null(c03);
    assert_non_null(strstr(c03->title, "1 of 3 tasks of sink is"));
    fixture_close(&f);
}

/* Seen so at once: nobody knows that it only starts. */
static void test_no_task_at_first_sight_is_said(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.sink_tasks = 0;
    rule_ticks(&f, 1, 2000);
    const struct finding *c11 = fixture_finding(fixture_findings(&f), "C11");
    assert_non_null(c11);
    assert_int_equal(c11->severity, VERDICT_CRIT);
    fixture_close(&f);
}

/* Where the cause has a rule of its own, that one is the headline and tells of the restarts. */
static void edit_403(struct fixture *f, struct snapshot *snap)
{
    if (strcmp(f->sink_task, "FAILED") == 0)
        snap->connect.connectors[0].tasks[0].cause = "X: (Status Code: 403; Request ID: 4E52)";
}

/* A topic that went quiet behind a record that the sink skipped, while it goes on with another. */
static void edit_two_topics(struct fixture *f, struct snapshot *snap)
{
    struct kafka_snap *k = &snap->kafka;
    struct kafka_topic *t = arena_array(snap->arena, 2, sizeof(*t));
    struct kafka_offset *o = arena_array(snap->arena, 2, sizeof(*o));
    t[0] = k->topics[0];
    t[1] = k->topics[0];
    t[1].name = "shop.public.visits";
    t[1].partitions = arena_alloc(snap->arena, sizeof(*t[1].partitions));
    *t[1].partitions = t[0].partitions[0];
    t[1].partitions[0].end = f->n + 200000;
    o[0] = k->groups[0].offsets[0];
    o[1] = (struct kafka_offset){"shop.public.visits", 0, f->n + 200000};
    k->topics = t;
    k->ntopics = k->topics_visible = 2;
    k->groups[0].offsets = o;
    k->groups[0].noffsets = 2;
}

static void test_what_is_skipped_on_a_quiet_topic_shows(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_CONNECT] = edit_tolerance;
    f.edit[SOURCE_KAFKA] = edit_two_topics;
    f.end = f.committed + 1;
    for (int i = 0; i < 90; i++) {
        /* n says of edit_tolerance that there is no dead letter queue */
        f.n = -100000 + i * 20;
        f.object_age_ms += 2000;
        fixture_tick(&f, 2000);
    }
    struct findings all = fixture_findings(&f);
    const struct finding *c10 = fixture_finding(all, "C10");
    assert_non_null(c10);
    assert_int_equal(c10->severity, VERDICT_WARN);
    assert_non_null(strstr(c10->title, "shop.public.orders"));
    assert_null(fixture_finding(all, "S02"));
    fixture_close(&f);
}

static void test_a_known_cause_explains_why_restarts_do_not_help(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_CONNECT] = edit_403;
    rule_ticks(&f, 3, 2000);
    fail_again(&f, 3, 30000);
    rule_ticks(&f, 1, 2000);
    struct findings all = fixture_findings(&f);
    assert_string_equal(all.items[0].id, "S03");
    assert_null(fixture_finding(all, "C06"));
    bool folded = false;
    for (int i = 0; i < all.items[0].nexplains; i++)
        folded = folded || strcmp(all.items[0].explains[i].id, "C06") == 0;
    assert_true(folded);
    bool told = false;
    for (int i = 0; i < all.items[0].nevidence; i++)
        told = told || strstr(all.items[0].evidence[i], "restarted 3 times") != NULL;
    assert_true(told);
    fixture_close(&f);
}

/* Out of the window the count begins anew. */
static void test_restarts_of_yesterday_do_not_count(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    rule_ticks(&f, 3, 2000);
    fail_again(&f, 3, 31 * 60000);
    rule_ticks(&f, 1, 2000);
    assert_null(fixture_finding(fixture_findings(&f), "C06"));
    fixture_close(&f);
}

static void edit_changed(struct fixture *f, struct snapshot *snap)
{
    fixture_config(snap, "sink", "value.converter.schemas.enable", f->n > 0 ? "true" : "false");
}

static void test_what_changed_just_before_a_failure_is_told(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_CONNECT] = edit_changed;
    rule_ticks(&f, 3, 2000);
    f.n = 1;
    rule_ticks(&f, 3, 2000);
    make_c01(&f);
    rule_ticks(&f, 1, 2000);
    const struct finding *c01 = fixture_finding(fixture_findings(&f), "C01");
    assert_non_null(c01);
    bool told = false;
    for (int i = 0; i < c01->nevidence; i++)
        told = told || strstr(c01->evidence[i], "value.converter.schemas.enable") != NULL;
    assert_true(told);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_rule_fires_and_is_silent),
        cmocka_unit_test(test_unassigned_is_a_word_first_and_a_warning_later),
        cmocka_unit_test(test_the_missing_worker_is_named),
        cmocka_unit_test(test_a_killed_worker_is_missed_though_all_says_running),
        cmocka_unit_test(test_a_task_alone_can_be_unassigned),
        cmocka_unit_test(test_no_task_at_first_sight_is_said),
        cmocka_unit_test(test_what_is_skipped_on_a_quiet_topic_shows),
        cmocka_unit_test(test_a_known_cause_explains_why_restarts_do_not_help),
        cmocka_unit_test(test_restarts_of_yesterday_do_not_count),
        cmocka_unit_test(test_what_changed_just_before_a_failure_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
