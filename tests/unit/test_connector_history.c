/* What is remembered of connectors: by hand-made answers of Connect, one after the other. */
#include "base/mem.h"
#include "model/connector_history.h"
#include "tests/check.h"

#include <stdio.h>
#include <string.h>

static struct connector_history *history;
static int64_t now_ms;
static const struct connect_connector src = {.name = "src"};
static const struct connect_connector another = {.name = "other"};
static const struct connect_connector unheard = {.name = "unheard-of"};

struct says {                 /* one connector "src" */
    const char *state, *task; /* task NULL: it has none */
    const char *worker, *cause;
    const char *flush, *extra; /* configuration; extra NULL: that key is not set */
    int ntasks;                /* 0: one */
};

static void feed(const struct says *say, int64_t after_ms)
{
    struct snapshot *snap = snapshot_new(SOURCE_CONNECT);
    struct connect_connector *c = arena_alloc(snap->arena, sizeof(*c));
    struct kv *config = arena_array(snap->arena, 2, sizeof(*config));
    now_ms += after_ms;
    snap->mono_ms = now_ms;
    snap->wall_ms = now_ms + 1000000;
    config[0] = (struct kv){"flush.size", say->flush != NULL ? say->flush : "100"};
    config[1] = (struct kv){"tasks.max", say->extra};
    *c = (struct connect_connector){.name = "src",
                                    .state = say->state,
                                    .worker = say->worker,
                                    .config = config,
                                    .nconfig = say->extra != NULL ? 2 : 1};
    if (say->task != NULL) {
        c->ntasks = say->ntasks > 0 ? (size_t)say->ntasks : 1;
        c->tasks = arena_array(snap->arena, c->ntasks, sizeof(*c->tasks));
        for (size_t i = 0; i < c->ntasks; i++)
            c->tasks[i] = (struct connect_task){
                .id = (int)i, .state = say->task, .worker = say->worker, .cause = say->cause};
    }
    snap->connect.connectors = c;
    snap->connect.nconnectors = 1;
    connector_history_feed(history, snap);
    snapshot_free(snap);
}

static const struct connector_past *past(void)
{
    return connector_history_of(history, &src);
}

static int begin(void **state)
{
    (void)state;
    history = connector_history_new();
    now_ms = 50000;
    return 0;
}

static int end(void **state)
{
    (void)state;
    connector_history_free(history);
    return 0;
}

static const struct says healthy = {.state = "RUNNING", .task = "RUNNING", .worker = "a:8083"};
static const struct says failed = {
    .state = "RUNNING", .task = "FAILED", .worker = "a:8083", .cause = "X: bad record at offset 7"};

static void check_newest(enum past_kind kind, const char *text)
{
    const struct past_event *e = connector_past_event(past(), 0);
    assert_non_null(e);
    assert_string_equal(past_kind_name(e->kind), past_kind_name(kind));
    assert_string_equal(e->text, text);
    assert_int_equal(e->mono_ms, now_ms);
    assert_int_equal(e->wall_ms, now_ms + 1000000);
}

static void test_what_stays_as_it_is_is_no_event(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++)
        feed(&healthy, 2000);
    assert_int_equal(connector_past_count(past()), 0);
    bool at_least;
    assert_int_equal(connector_past_since(past(), 0, &at_least), 52000);
    assert_true(at_least);
    assert_int_equal(connector_past_since(past(), -1, &at_least), 52000);
    assert_int_equal(connector_past_since(past(), 5, &at_least), UNKNOWN);
}

static void test_states_have_their_time(void **state)
{
    (void)state;
    struct says paused = healthy;
    paused.state = paused.task = "PAUSED";
    feed(&healthy, 2000);
    feed(&paused, 2000);
    int64_t at = now_ms;
    feed(&paused, 2000);
    bool at_least;
    assert_int_equal(connector_past_since(past(), -1, &at_least), at);
    assert_false(at_least);
    const struct past_event *e = connector_past_event(past(), 1);
    assert_string_equal(e->text, "RUNNING → PAUSED");
    assert_int_equal(e->task, -1);
    assert_int_equal(connector_past_event(past(), 0)->task, 0);
    assert_null(connector_past_event(past(), 2));
}

static int in_vain(const char *cause, int64_t window_ms)
{
    return connector_past_in_vain(past(), connector_history_cause(cause), now_ms, window_ms);
}

static void test_restarts_that_end_in_the_same_failure_are_counted(void **state)
{
    (void)state;
    feed(&healthy, 2000);
    for (int i = 0; i < 4; i++) {
        struct says again = failed;
        char cause[60];
        (void)snprintf(cause, sizeof(cause), "X: bad record at offset %d", 100 + i);
        again.cause = cause;
        feed(&again, 2000);
        check_newest(PAST_FAILURE, cause);
        feed(&healthy, 60000);
        check_newest(PAST_RESTART, "RUNNING");
    }
    assert_int_equal(in_vain("X: bad record at offset 999", 1800000), 3);
    assert_int_equal(in_vain("X: bad record at offset 999", 130000), 2); /* the older one is out */
    assert_int_equal(in_vain("Y: another cause", 1800000), 0);
    assert_int_equal(in_vain("", 1800000), 0);
    assert_int_equal(connector_past_number(past(), PAST_RESTART, now_ms, 1800000), 4);
}

/* It fails so fast that no poll sees it run: then the restart that was asked from here tells. */
static void test_a_restart_between_two_polls(void **state)
{
    (void)state;
    feed(&failed, 2000);
    for (int i = 0; i < 3; i++) {
        connector_history_asked(history, &src, "restart", true, now_ms, now_ms);
        feed(&failed, 1000); /* perhaps still the old failure */
        assert_int_equal(in_vain(failed.cause, 1800000), i);
        feed(&failed, 4000);
        assert_int_equal(in_vain(failed.cause, 1800000), i + 1);
        feed(&failed, 4000);
    }
    assert_int_equal(in_vain(failed.cause, 1800000), 3);
}

/* Restarted by somebody else: the request id in the root cause is another one. */
static void test_another_figure_is_another_failure(void **state)
{
    (void)state;
    struct says again = failed;
    feed(&failed, 2000);
    for (int i = 0; i < 3; i++) {
        char cause[60];
        (void)snprintf(cause, sizeof(cause), "X: bad record at offset %d", 100 + i);
        again.cause = cause;
        feed(&again, 2000);
        feed(&again, 2000);
    }
    assert_int_equal(in_vain(failed.cause, 1800000), 3);
}

static void test_a_failure_without_a_restart_is_one(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++)
        feed(&failed, 2000);
    assert_int_equal(connector_past_count(past()), 1);
    assert_int_equal(in_vain(failed.cause, 1800000), 0);
    struct says other = failed;
    other.cause = "Y: something else";
    feed(&other, 2000);
    assert_int_equal(connector_past_count(past()), 2);
}

static void test_stop_and_resume_is_a_restart_too(void **state)
{
    (void)state;
    static const struct says stopped = {.state = "STOPPED", .worker = "a:8083"};
    feed(&failed, 2000);
    feed(&stopped, 2000);
    feed(&failed, 2000);
    assert_int_equal(in_vain(failed.cause, 1800000), 1);
}

static void test_many_tasks_that_fail_together_are_one_event(void **state)
{
    (void)state;
    struct says many = failed;
    many.ntasks = 30;
    struct says run = healthy;
    run.ntasks = 30;
    feed(&run, 2000);
    feed(&many, 2000);
    assert_int_equal(connector_past_count(past()), 1);
    assert_int_equal(connector_past_event(past(), 0)->tasks, 30);
    for (int i = 0; i < 3; i++) {
        feed(&run, 2000);
        feed(&many, 2000);
    }
    assert_int_equal(in_vain(failed.cause, 1800000), 3);
}

static void test_changes_of_the_configuration_name_their_keys(void **state)
{
    (void)state;
    struct says changed = healthy;
    changed.flush = "500";
    changed.extra = "3";
    feed(&healthy, 2000);
    feed(&changed, 2000);
    check_newest(PAST_CONFIG, "flush.size, +tasks.max");
    int64_t at = now_ms;
    feed(&changed, 2000);
    changed.extra = NULL;
    feed(&changed, 2000);
    check_newest(PAST_CONFIG, "-tasks.max");
    const struct past_event *e = connector_past_change(past(), at + 1000, 60000);
    assert_non_null(e);
    assert_string_equal(e->text, "flush.size, +tasks.max");
    assert_null(connector_past_change(past(), at + 1000, 500));
    assert_null(connector_past_change(past(), at - 1, 60000));
}

static void test_moves_between_workers(void **state)
{
    (void)state;
    struct says moved = healthy;
    moved.worker = "b:8083";
    feed(&healthy, 2000);
    feed(&moved, 2000);
    check_newest(PAST_MOVED, "a:8083 → b:8083");
    assert_int_equal(connector_past_number(past(), PAST_MOVED, now_ms, 1000), 2);
}

static void test_running_without_a_task_has_its_time(void **state)
{
    (void)state;
    struct says none = healthy;
    none.task = NULL;
    bool at_least;
    feed(&none, 2000);
    assert_int_equal(connector_past_taskless(past(), &at_least), now_ms);
    assert_true(at_least);
    feed(&healthy, 2000);
    assert_int_equal(connector_past_taskless(past(), &at_least), UNKNOWN);
    feed(&none, 2000);
    int64_t since = now_ms;
    feed(&none, 9000);
    assert_int_equal(connector_past_taskless(past(), &at_least), since);
    assert_false(at_least);
    none.state = "STOPPED"; /* it need not have any */
    feed(&none, 2000);
    assert_int_equal(connector_past_taskless(past(), &at_least), UNKNOWN);
}

static void test_what_was_asked_and_what_came_of_it(void **state)
{
    (void)state;
    feed(&healthy, 2000);
    connector_history_asked(history, &src, "restart", true, now_ms, now_ms + 1000000);
    check_newest(PAST_ASKED, "restart");
    connector_history_outcome(history, &src, false, "no progress", now_ms, now_ms + 1000000);
    check_newest(PAST_OUTCOME, "no progress");
    assert_false(connector_past_event(past(), 0)->met);
    connector_history_asked(history, &unheard, "restart", true, now_ms, 1);
    assert_null(connector_history_of(history, &unheard));
}

static void test_it_is_bounded_and_knows_nothing_of_strangers(void **state)
{
    (void)state;
    char flush[20];
    struct says say = healthy;
    for (int i = 0; i < 3 * HISTORY_EVENTS; i++) {
        (void)snprintf(flush, sizeof(flush), "%d", i);
        say.flush = flush;
        feed(&say, 2000);
    }
    assert_int_equal(connector_past_count(past()), HISTORY_EVENTS);
    assert_non_null(connector_past_event(past(), HISTORY_EVENTS - 1));
    assert_null(connector_past_event(past(), HISTORY_EVENTS));
    assert_null(connector_history_of(history, &another));
    assert_null(connector_history_of(NULL, &another));
    bool at_least;
    assert_int_equal(connector_past_since(NULL, 0, &at_least), UNKNOWN);
    assert_int_equal(connector_past_in_vain(NULL, 1, 0, 1), 0);
}

static void test_root_causes_that_differ_in_figures_are_one(void **state)
{
    (void)state;
    assert_true(connector_history_cause("slot \"a\" is active for PID 14303") ==
                connector_history_cause("slot \"a\" is active for PID 99"));
    assert_true(connector_history_cause("403; Request ID: 152E9769747B969C)") ==
                connector_history_cause("403; Request ID: B0F7A2CFC287CADB)"));
    assert_true(connector_history_cause("403; AccessDenied") !=
                connector_history_cause("403; ExpiredToken"));
    assert_int_equal(connector_history_cause(NULL), 0);
    assert_true(connector_history_cause("x") != 0);
}

#define HISTORY_TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HISTORY_TEST(test_what_stays_as_it_is_is_no_event),
        HISTORY_TEST(test_states_have_their_time),
        HISTORY_TEST(test_restarts_that_end_in_the_same_failure_are_counted),
        HISTORY_TEST(test_a_restart_between_two_polls),
        HISTORY_TEST(test_another_figure_is_another_failure),
        HISTORY_TEST(test_a_failure_without_a_restart_is_one),
        HISTORY_TEST(test_stop_and_resume_is_a_restart_too),
        HISTORY_TEST(test_many_tasks_that_fail_together_are_one_event),
        HISTORY_TEST(test_changes_of_the_configuration_name_their_keys),
        HISTORY_TEST(test_moves_between_workers),
        HISTORY_TEST(test_running_without_a_task_has_its_time),
        HISTORY_TEST(test_what_was_asked_and_what_came_of_it),
        HISTORY_TEST(test_it_is_bounded_and_knows_nothing_of_strangers),
        HISTORY_TEST(test_root_causes_that_differ_in_figures_are_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
