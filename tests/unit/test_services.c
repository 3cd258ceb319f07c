/* Connectors of several services in one pipeline: those of MSK Connect have the same configs, but
 * nobody tells of their tasks. */
#include "action/action.h"
#include "base/mem.h"
#include "tests/check.h"
#include "tests/unit/msk_world.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void both(struct fixture *f, struct snapshot *snap)
{
    msk_connectors(f, snap);
    snap->connect.connectors[1].state = "PAUSED";
}

static void counted(struct fixture *f, struct snapshot *snap)
{
    msk_figure(f, snap, "sink", "RunningTaskCount", 3, NAN);
    msk_figure(f, snap, "sink", "ErroredTaskCount", (double)f->n, NAN);
}

static void open_managed(struct fixture *f)
{
    fixture_open(f);
    msk_takes_over(f);
    for (int i = 0; i < 20; i++) {
        f->end += 10;
        f->committed += 10;
        f->lsn_now += 1000;
        f->confirmed += 1000;
        fixture_tick(f, 2000);
    }
}

static void untold(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    snap->connect.topics_untold = true;
}

static void test_a_pipeline_of_msk_connect_alone_is_joined(void **state)
{
    (void)state;
    struct fixture f;
    open_managed(&f);
    const struct pipeline *p = fixture_pipeline(&f);
    const struct connector_row *src = pipeline_connector(p, "src");
    assert_int_equal(world_connectors(f.world, 0), STATE_FRESH);
    assert_int_equal(world_connectors_kind(f.world, 0), SOURCE_MSK_CONNECT);
    assert_string_equal(pipeline_slot(p, "dbz")->owner->name, "src");
    assert_ptr_equal(pipeline_owner(p, pipeline_slot(p, "dbz")), src);
    assert_int_equal(src->base.verdict, VERDICT_OK);
    assert_false(src->tasks_known);
    assert_true(pipeline_runs(src));
    assert_string_equal(p->hops[HOP_CAPTURE].word, "running");
    assert_int_equal(p->hops[HOP_CAPTURE].verdict, VERDICT_OK);
    assert_int_equal(p->hops[HOP_SINK].verdict, VERDICT_OK);
    struct findings all = fixture_findings(&f);
    for (size_t i = 0; i < all.count; i++)
        assert_true(all.items[i].severity < VERDICT_WARN);
    struct hints *h = pipeline_hints(f.world, 0, fixture_pipeline(&f), NULL, 0);
    assert_true(h->other_topics); /* nobody tells them: not only those that a config names */
    hints_free(h);
    fixture_close(&f);
    fixture_open(&f);
    h = pipeline_hints(f.world, 0, fixture_pipeline(&f), NULL, 0);
    assert_false(h->other_topics); /* Kafka Connect tells them */
    hints_free(h);
    f.edit[SOURCE_CONNECT] = untold;
    fixture_tick(&f, 2000);
    h = pipeline_hints(f.world, 0, fixture_pipeline(&f), NULL, 0);
    assert_true(h->other_topics); /* … unless it does not */
    hints_free(h);
    fixture_close(&f);
}

static void test_tasks_are_what_cloudwatch_counted_and_when(void **state)
{
    (void)state;
    struct fixture f;
    open_managed(&f);
    f.edit[SOURCE_CLOUDWATCH] = counted;
    f.n = 1;
    fixture_tick(&f, 2000);
    const struct connector_row *sink = pipeline_connector(fixture_pipeline(&f), "sink");
    assert_true(sink->tasks_known);
    assert_int_equal(sink->running, 3);
    assert_int_equal(sink->failed, 1);
    assert_int_equal(sink->tasks, 4);
    assert_true(sink->tasks_ms == f.wall_ms - 120 * 1000);
    assert_int_equal(sink->base.verdict, VERDICT_CRIT);
    assert_false(pipeline_connector(fixture_pipeline(&f), "src")->tasks_known);
    f.silent[SOURCE_CLOUDWATCH] = true; /* old figures are no figures */
    fixture_tick(&f, 20 * 60 * 1000);
    assert_false(pipeline_connector(fixture_pipeline(&f), "sink")->tasks_known);
    fixture_close(&f);
}

static void test_two_of_one_name_stay_apart(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_MSK_CONNECT] = both;
    f.sink_state = "STOPPED";
    fixture_tick(&f, 2000);
    f.sink_state = "RUNNING";
    fixture_tick(&f, 2000);
    const struct pipeline *p = fixture_pipeline(&f);
    assert_int_equal(p->nconnectors, 4);
    const struct connector_row *own = pipeline_connector(p, "src");
    const struct connector_row *managed = pipeline_connector(p, "src@mskconnect");
    assert_int_equal(own->connector->service, SERVICE_CONNECT);
    assert_int_equal(managed->connector->service, SERVICE_MSK_CONNECT);
    assert_string_equal(managed->connector->state, "PAUSED");
    /* The slot belongs to the one that runs. */
    assert_ptr_equal(pipeline_owner(p, pipeline_slot(p, "dbz")), own);
    const struct connector_history *h = f.world->pipelines[0].history;
    assert_ptr_not_equal(connector_history_of(h, own->connector),
                         connector_history_of(h, managed->connector));
    fixture_close(&f);
}

static void test_one_silent_service_leaves_all_in_doubt(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_MSK_CONNECT] = msk_connectors;
    fixture_tick(&f, 2000);
    f.fails[SOURCE_MSK_CONNECT] = true;
    f.fails_as = ERR_DENIED;
    fixture_tick(&f, 2000);
    assert_int_equal(world_connectors(f.world, 0), STATE_FAILING);
    const struct pipeline *p = fixture_pipeline(&f);
    assert_int_equal(p->hops[HOP_CAPTURE].verdict, VERDICT_UNKNOWN);
    assert_string_equal(p->hops[HOP_CAPTURE].word, "not permitted");
    assert_true(pipeline_connector(p, "src@mskconnect")->base.stale);
    assert_false(pipeline_connector(p, "src")->base.stale);
    fixture_close(&f);
}

/* ---- what may be asked of them --------------------------------------------------------------- */

static const char *refusal(struct fixture *f, enum action_kind kind, enum restart_scope scope)
{
    struct action_args *args = action_args_new(kind, 0, "sink");
    args->scope = scope;
    const struct pipeline *p = fixture_pipeline(f);
    const struct action_plan *plan = action_plan(args, f->world, p, f->arena);
    action_args_free(args);
    return plan->allowed ? NULL : plan->why_not;
}

static void test_guards(void **state)
{
    (void)state;
    static const struct {
        const char *state;
        enum action_kind kind;
        enum restart_scope scope;
        const char *refusal; /* NULL: allowed */
    } cases[] = {
        {"RUNNING",  ACTION_RESTART,  RESTART_ALL,    NULL                     },
        {"RUNNING",  ACTION_RESTART,  RESTART_TASK,   "no single task"         },
        {"RUNNING",  ACTION_PAUSE,    RESTART_FAILED, NULL                     },
        {"RUNNING",  ACTION_CONTINUE, RESTART_FAILED, "RUNNING already"        },
        {"RUNNING",  ACTION_STOP,     RESTART_FAILED, "cannot stop"            },
        {"PAUSED",   ACTION_CONTINUE, RESTART_FAILED, NULL                     },
        {"PAUSED",   ACTION_RESTART,  RESTART_ALL,    "continue it instead"    },
        {"PAUSED",   ACTION_PAUSE,    RESTART_FAILED, "PAUSED already"         },
        {"FAILED",   ACTION_RESTART,  RESTART_ALL,    "cannot restart a FAILED"},
        {"FAILED",   ACTION_PAUSE,    RESTART_FAILED, "FAILED"                 },
        {"UPDATING", ACTION_RESTART,  RESTART_ALL,    "it must be RUNNING"     },
        {"NEWSTATE", ACTION_PAUSE,    RESTART_FAILED, "it must be RUNNING"     },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fixture f;
        open_managed(&f);
        f.sink_state = cases[i].state;
        fixture_tick(&f, 2000);
        const char *why = refusal(&f, cases[i].kind, cases[i].scope);
        if ((why == NULL) != (cases[i].refusal == NULL) ||
            (why != NULL && strstr(why, cases[i].refusal) == NULL))
            fail_msg("case %zu: %s", i, why != NULL ? why : "allowed");
        fixture_close(&f);
    }
}

static void test_the_request_is_shown_as_it_goes(void **state)
{
    (void)state;
    struct fixture f;
    open_managed(&f);
    struct action_args *args = action_args_new(ACTION_RESTART, 0, "sink");
    const struct pipeline *p = fixture_pipeline(&f);
    const struct action_plan *plan = action_plan(args, f.world, p, f.arena);
    assert_true(plan->allowed);
    assert_int_equal(plan->nrequest, 2);
    assert_string_equal(
        plan->request[0],
        "POST https://kafkaconnect.eu-west-3.amazonaws.com/v1/connectors/"
        "arn%3Aaws%3Akafkaconnect%3Aeu-west-3%3A111122223333%3Aconnector%2Fsink%2F8a/restart"
        "?onlyFailedTasks=true");
    assert_string_equal(plan->request[1],
                        "aws kafkaconnect restart-connector --connector-arn "
                        "arn:aws:kafkaconnect:eu-west-3:111122223333:connector/sink/8a "
                        "--only-failed-tasks --region eu-west-3");
    action_args_free(args);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_pipeline_of_msk_connect_alone_is_joined),
        cmocka_unit_test(test_tasks_are_what_cloudwatch_counted_and_when),
        cmocka_unit_test(test_two_of_one_name_stay_apart),
        cmocka_unit_test(test_one_silent_service_leaves_all_in_doubt),
        cmocka_unit_test(test_guards),
        cmocka_unit_test(test_the_request_is_shown_as_it_goes),
    };
    return cmocka_run_group_tests_name("services", tests, NULL, NULL);
}
