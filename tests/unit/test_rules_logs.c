/* What is known through logs alone: why tasks of MSK Connect died, and that a task of DMS pauses.
 */
#include "base/mem.h"
#include "model/hints.h"
#include "tests/check.h"
#include "tests/unit/dms_world.h"
#include "tests/unit/logs_world.h"
#include "tests/unit/msk_world.h"

#include <math.h>
#include <string.h>

#define DENIED                                                                                \
    "ConnectException: User: arn:aws:sts::1:assumed-role/shop/x is not authorized to "        \
    "perform: s3:PutObject on resource: \"arn:aws:s3:::lake/x\" (Service: Amazon S3; Status " \
    "Code: "                                                                                  \
    "403; Error Code: AccessDenied)"

static const char *cause;
static int64_t age_ms;

static void with_group(struct fixture *f, struct snapshot *snap)
{
    msk_connectors(f, snap);
    for (size_t i = 0; i < snap->connect.nconnectors; i++) {
        struct msk_connector *m = arena_alloc(snap->arena, sizeof(*m));
        *m = *snap->connect.connectors[i].msk;
        m->log_group = "/log/shop";
        snap->connect.connectors[i].msk = m;
    }
}

static void counted(struct fixture *f, struct snapshot *snap)
{
    msk_figure(f, snap, "sink", "RunningTaskCount", 3, NAN);
    msk_figure(f, snap, "sink", "ErroredTaskCount", (double)f->n, NAN);
}

static void died(struct fixture *f, struct snapshot *snap)
{
    struct log_tail *t = logs_world_tail(f, snap, SERVICE_MSK_CONNECT, "sink");
    if (cause != NULL)
        logs_world_event(f, snap, t, LOGGED_TASK_DIED, 2, age_ms, "ERROR killed", cause);
}

static void cannot_be_read(struct fixture *f, struct snapshot *snap)
{
    struct log_tail *t = logs_world_tail(f, snap, SERVICE_MSK_CONNECT, "sink");
    t->from_ms = t->to_ms = UNKNOWN;
    t->error = "AccessDeniedException: not authorized";
}

/* One task of the sink has failed, by CloudWatch's count. */
static void open_failed(struct fixture *f, void (*logs)(struct fixture *f, struct snapshot *snap))
{
    fixture_open(f);
    msk_takes_over(f);
    f->edit[SOURCE_MSK_CONNECT] = with_group;
    f->edit[SOURCE_CLOUDWATCH] = counted;
    f->edit[SOURCE_LOGS] = logs;
    f->n = 1;
    for (int i = 0; i < 5; i++)
        fixture_tick(f, 2000);
}

/* What is not seen any more is still told for a while. */
static bool gone(struct fixture *f, const char *id)
{
    for (int i = 0; i < 8; i++) {
        fixture_tick(f, 4000);
        if (fixture_finding(fixture_findings(f), id) == NULL)
            return true;
    }
    return false;
}

static bool tells(const struct finding *f, const char *words)
{
    for (int i = 0; f != NULL && i < f->nevidence; i++) {
        if (strstr(f->evidence[i], words) != NULL)
            return true;
    }
    return false;
}

static void test_a_death_in_the_log_is_the_cause(void **state)
{
    (void)state;
    struct fixture f;
    cause = DENIED;
    age_ms = 60 * 1000;
    open_failed(&f, died);
    const struct connector_row *sink = pipeline_connector(fixture_pipeline(&f), "sink");
    assert_string_equal(sink->cause, DENIED);
    assert_int_equal(sink->failed_task, 2);
    assert_int_equal(sink->ndied, 1);
    struct findings all = fixture_findings(&f);
    const struct finding *s03 = fixture_finding(all, "S03");
    assert_non_null(s03);
    assert_non_null(strstr(s03->title, "task 2 failed"));
    assert_true(tells(s03, "task 2 died 60s ago, by the log /log/shop") ||
                tells(s03, "task 2 died 1m ago, by the log /log/shop"));
    assert_true(tells(s03, "lacks s3:PutObject"));
    assert_null(fixture_finding(all, "C15")); /* folded under its cause */
    fixture_close(&f);
}

static void test_a_cause_that_no_rule_knows_is_told_by_c15(void **state)
{
    (void)state;
    struct fixture f;
    cause = "IllegalStateException: flux capacitor";
    age_ms = 60 * 1000;
    open_failed(&f, died);
    struct findings all = fixture_findings(&f);
    const struct finding *c15 = fixture_finding(all, "C15");
    assert_non_null(c15);
    assert_non_null(strstr(c15->title, "flux capacitor"));
    assert_true(tells(c15, "by the log /log/shop"));
    fixture_close(&f);
}

static void test_why_there_is_no_cause_is_said(void **state)
{
    (void)state;
    struct fixture f;
    cause = NULL;
    open_failed(&f, died);
    struct findings all = fixture_findings(&f);
    assert_true(tells(fixture_finding(all, "C15"), "tells of no death in the last 3h"));
    fixture_close(&f);
    open_failed(&f, cannot_be_read);
    all = fixture_findings(&f);
    assert_true(tells(fixture_finding(all, "C15"), "cannot be read: AccessDeniedException"));
    fixture_close(&f);
}

static void restarted(struct fixture *f, struct snapshot *snap)
{
    with_group(f, snap);
    msk_operation(f, snap, "sink", "RESTART_CONNECTOR", "RESTART_COMPLETE", true);
    for (size_t i = 0; i < snap->connect.nconnectors; i++) {
        struct msk_operation *op = snap->connect.connectors[i].msk->operations;
        if (op != NULL) { /* longer ago than CloudWatch's count */
            op->created_ms -= 240 * 1000;
            op->ended_ms = op->created_ms + 30 * 1000;
        }
    }
}

static void test_a_death_before_the_restart_is_of_another_life(void **state)
{
    (void)state;
    struct fixture f;
    cause = DENIED;
    age_ms = 10 * 60 * 1000;
    open_failed(&f, died);
    f.edit[SOURCE_MSK_CONNECT] = restarted;
    fixture_tick(&f, 2000);
    const struct connector_row *sink = pipeline_connector(fixture_pipeline(&f), "sink");
    assert_int_equal(sink->failed, 1);
    assert_int_equal(sink->ndied, 0);
    assert_string_equal(sink->cause, "");
    age_ms = 60 * 1000; /* it has died again since */
    fixture_tick(&f, 2000);
    assert_int_equal(pipeline_connector(fixture_pipeline(&f), "sink")->ndied, 1);
    fixture_close(&f);
}

static void test_nothing_died_of_one_that_runs(void **state)
{
    (void)state;
    struct fixture f;
    cause = DENIED;
    age_ms = 60 * 1000;
    open_failed(&f, died);
    f.n = 0;
    assert_true(gone(&f, "S03"));
    const struct connector_row *sink = pipeline_connector(fixture_pipeline(&f), "sink");
    assert_int_equal(sink->ndied, 0);
    assert_string_equal(sink->cause, "");
    fixture_close(&f);
}

/* ---- where the logs are ---------------------------------------------------------------------- */

static void test_which_logs_are_looked_into(void **state)
{
    (void)state;
    struct fixture f;
    cause = NULL;
    open_failed(&f, died);
    struct hints *h = pipeline_hints(f.world, 0, fixture_pipeline(&f), NULL, 0);
    assert_int_equal(h->nlogs, 2);
    for (size_t i = 0; i < h->nlogs; i++) {
        assert_string_equal(h->logs[i].group, "/log/shop");
        assert_null(h->logs[i].stream);
        assert_int_equal(h->logs[i].wanted, strcmp(h->logs[i].connector, "sink") == 0);
    }
    hints_free(h);
    fixture_close(&f);

    fixture_open(&f);
    dms_world_join(&f);
    fixture_tick(&f, 2000);
    h = pipeline_hints(f.world, 0, fixture_pipeline(&f), NULL, 0);
    assert_int_equal(h->nlogs, 1);
    assert_string_equal(h->logs[0].group, "dms-tasks-shop-dms");
    assert_string_equal(h->logs[0].stream, "dms-task-TASKONE");
    assert_true(h->logs[0].wanted);
    hints_free(h);
    dms_world.task.serverless = true;
    fixture_tick(&f, 2000);
    h = pipeline_hints(f.world, 0, fixture_pipeline(&f), NULL, 0);
    assert_string_equal(h->logs[0].group, "dms-serverless-replication-TASKONE");
    assert_null(h->logs[0].stream);
    hints_free(h);
    dms_world.task.status = "ready"; /* it has never run */
    fixture_tick(&f, 2000);
    h = pipeline_hints(f.world, 0, fixture_pipeline(&f), NULL, 0);
    assert_int_equal(h->nlogs, 0);
    hints_free(h);
    fixture_close(&f);
}

/* ---- DMS ------------------------------------------------------------------------------------- */

static const char *paused_text;
static int64_t resumed_age_ms; /* 0: it does not */

static void dms_log(struct fixture *f, struct snapshot *snap)
{
    struct log_tail *t = logs_world_tail(f, snap, SERVICE_DMS, "dms-shop");
    bool later = resumed_age_ms != 0 && resumed_age_ms < age_ms;
    if (later)
        logs_world_event(f, snap, t, LOGGED_RESUMED, -1, resumed_age_ms, "resumed", "resumed");
    logs_world_event(f, snap, t, LOGGED_PAUSED, -1, age_ms, paused_text, paused_text);
    logs_world_event(f, snap, t, LOGGED_ERROR, -1, age_ms + 1000, "]E: x", "table is locked");
    logs_world_event(f, snap, t, LOGGED_ERROR, -1, 2 * 3600 * 1000, "]E: x", "from another run");
}

static void open_dms(struct fixture *f)
{
    fixture_open(f);
    dms_world_join(f);
    f->edit[SOURCE_LOGS] = dms_log;
    fixture_tick(f, 2000);
    fixture_tick(f, 2000);
}

static void test_a_task_that_pauses(void **state)
{
    (void)state;
    static const struct {
        const char *text, *title, *advice;
    } cases[] = {
        {"Reading from source is paused. Total disk usage exceeded the limit 90%",
         "the disk of its instance is full",                                                                                          "more storage"            },
        {"Reading from source is paused temporarily to enhance performance and avoid storage being "
         "full on replication instance. Total storage used by swap files exceeded the limit", "wait on disk for the target", "look at the target first"},
        {"Reading from source is paused for reasons of its own",                                       "has paused reading for 5m",
         "see the task's log"                                                                                                                                   },
    };
    struct fixture f;
    age_ms = 5 * 60 * 1000;
    resumed_age_ms = 0;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        paused_text = cases[i].text;
        open_dms(&f);
        struct findings all = fixture_findings(&f);
        const struct finding *d06 = fixture_finding(all, "D06");
        assert_non_null(d06);
        assert_int_equal(d06->severity, VERDICT_WARN);
        assert_string_equal(d06->object, "dms-shop");
        assert_non_null(strstr(d06->title, cases[i].title));
        assert_non_null(strstr(d06->advice, cases[i].advice));
        assert_true(tells(d06, cases[i].text));
        fixture_close(&f);
    }
}

static void test_a_task_that_goes_on(void **state)
{
    (void)state;
    struct fixture f;
    paused_text = "Reading from source is paused. Total disk usage exceeded the limit 90%";
    age_ms = 5 * 60 * 1000;
    resumed_age_ms = 60 * 1000;
    open_dms(&f);
    struct findings all = fixture_findings(&f);
    assert_null(fixture_finding(all, "D06"));
    resumed_age_ms = 0;
    fixture_tick(&f, 2000);
    all = fixture_findings(&f);
    assert_non_null(fixture_finding(all, "D06"));
    dms_world.task.started_ms = f.wall_ms - 60 * 1000; /* started anew since */
    assert_true(gone(&f, "D06"));
    dms_world.task.started_ms = f.wall_ms - 3600 * 1000;
    fixture_tick(&f, 2000);
    all = fixture_findings(&f);
    assert_non_null(fixture_finding(all, "D06"));
    dms_world.task.status = "stopped";
    assert_true(gone(&f, "D06"));
    fixture_close(&f);
}

static void test_what_the_log_says_of_a_failure(void **state)
{
    (void)state;
    struct fixture f;
    paused_text = "Reading from source is paused";
    age_ms = 60 * 1000;
    resumed_age_ms = 0;
    open_dms(&f);
    dms_world.task.status = "failed";
    dms_world.task.failure = "Last Error Task error notification received";
    fixture_tick(&f, 2000);
    struct findings all = fixture_findings(&f);
    const struct finding *d01 = fixture_finding(all, "D01");
    assert_true(tells(d01, "ago: table is locked"));
    assert_false(tells(d01, "from another run"));
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_death_in_the_log_is_the_cause),
        cmocka_unit_test(test_a_cause_that_no_rule_knows_is_told_by_c15),
        cmocka_unit_test(test_why_there_is_no_cause_is_said),
        cmocka_unit_test(test_a_death_before_the_restart_is_of_another_life),
        cmocka_unit_test(test_nothing_died_of_one_that_runs),
        cmocka_unit_test(test_which_logs_are_looked_into),
        cmocka_unit_test(test_a_task_that_pauses),
        cmocka_unit_test(test_a_task_that_goes_on),
        cmocka_unit_test(test_what_the_log_says_of_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
