/* What can be done to connectors of MSK Connect: what speaks against it is known before it is sent,
 * looked at again just before, and its end is awaited. */
#include "aws/aws.h"
#include "base/clock.h"
#include "base/mem.h"
#include "tests/check.h"
#include "tests/unit/fakeaws.h"
#include "tests/unit/msk_world.h"
#include "tests/unit/trial.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- planned --------------------------------------------------------------------------------- */

/* What the next answer says of the connector "sink", beside what msk_connectors makes. */
static struct {
    enum tri can_restart, can_pause;
    const char *version;
    const char *op, *op_state; /* NULL: none */
    bool op_ended;
} now;

static void tell(struct fixture *f, struct snapshot *snap)
{
    msk_connectors(f, snap);
    struct connect_connector *c = &snap->connect.connectors[0];
    struct msk_connector *m = arena_alloc(snap->arena, sizeof(*m));
    *m = *c->msk;
    m->can_restart = now.can_restart;
    m->can_pause = now.can_pause;
    m->connect_version = now.version;
    c->msk = m;
    if (now.op != NULL)
        msk_operation(f, snap, "sink", now.op, now.op_state, now.op_ended);
}

static void begin(struct trial *t, enum action_kind kind)
{
    now.can_restart = now.can_pause = TRI_YES;
    now.version = "3.7.x";
    now.op = now.op_state = NULL;
    now.op_ended = false;
    trial_begin(t, kind, "sink");
    msk_takes_over(&t->f);
    t->f.edit[SOURCE_MSK_CONNECT] = tell;
}

static void refuses(struct trial *t, const char *first, const char *second)
{
    const struct action_plan *p = trial_plan(t);
    assert_false(p->allowed);
    if (strstr(p->why_not, first) == NULL || strstr(p->why_not, second) == NULL)
        fail_msg("%s", p->why_not);
    trial_end(t);
}

static void test_no_two_operations_at_once(void **state)
{
    (void)state;
    static const enum action_kind kinds[] = {ACTION_RESTART, ACTION_PAUSE};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct trial t;
        begin(&t, kinds[i]);
        now.op = "UPDATE_WORKER_SETTING";
        now.op_state = "UPDATE_IN_PROGRESS";
        refuses(&t, "UPDATE_WORKER_SETTING is under way for 60s", "wait for its end");
        begin(&t, kinds[i]);
        now.op = "UPDATE_WORKER_SETTING";
        now.op_state = "UPDATE_COMPLETE";
        now.op_ended = true;
        assert_true(trial_plan(&t)->allowed);
        trial_end(&t);
    }
}

static void test_what_is_not_offered_says_what_helps(void **state)
{
    (void)state;
    static const struct {
        enum action_kind kind;
        const char *state, *operation, *helps;
    } rows[] = {
        {ACTION_RESTART,  "RUNNING", "RestartConnector is not offered here",
         "change of its configuration"                                                              },
        {ACTION_PAUSE,    "RUNNING", "PauseConnector is not offered here",   "its role may not read"},
        {ACTION_CONTINUE, "PAUSED",  "ResumeConnector is not offered here",  "create it anew"       },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct trial t;
        begin(&t, rows[i].kind);
        t.f.sink_state = rows[i].state;
        now.can_restart = now.can_pause = TRI_NO;
        refuses(&t, rows[i].operation, rows[i].helps);
        begin(&t, rows[i].kind); /* nobody has asked yet: it may be tried */
        t.f.sink_state = rows[i].state;
        now.can_restart = now.can_pause = TRI_UNKNOWN;
        assert_true(trial_plan(&t)->allowed);
        trial_end(&t);
    }
}

static void all_run(struct fixture *f, struct snapshot *snap)
{
    msk_figure(f, snap, "sink", "RunningTaskCount", 3, NAN);
    msk_figure(f, snap, "sink", "ErroredTaskCount", 0, NAN);
}

static void test_failed_tasks_alone(void **state)
{
    (void)state;
    struct trial t;
    begin(&t, ACTION_RESTART);
    t.f.edit[SOURCE_CLOUDWATCH] = all_run;
    refuses(&t, "nothing of sink has failed", "restart --all");
    begin(&t, ACTION_RESTART);
    now.version = "2.7.1";
    refuses(&t, "Kafka Connect 2.7.1 restarts all of it only", "restart --all");
    begin(&t, ACTION_RESTART);
    now.version = "2.7.1";
    t.args->scope = RESTART_ALL;
    assert_true(trial_plan(&t)->allowed);
    trial_end(&t);
}

/* ---- sent ------------------------------------------------------------------------------------ */

static void on_progress(void *ctx, enum action_state state, const char *text)
{
    (void)ctx;
    (void)state;
    (void)text;
}

struct shot {
    struct fakeaws fake;
    struct pipeline_config cfg;
    struct aws *aws;
    struct err err;
};

/* Pauses a connector at a service with these answers. */
static bool pause_it(struct shot *s, const struct fakeaws_answer *answers, size_t n)
{
    static char arn[] = "arn:aws:kafkaconnect:eu-west-3:1:connector/sink/8a";
    struct action_args *args = action_args_new(ACTION_PAUSE, 0, "sink");
    struct config config = {0};
    struct action_route route = {.service = SERVICE_MSK_CONNECT, .arn = arn};
    s->err = (struct err)ERR_INIT;
    fakeaws_start(&s->fake, &s->cfg);
    fakeaws_answers(&s->fake, answers, n);
    s->aws = aws_open(&s->cfg, -1);
    struct action_run run = {.args = args,
                             .config = &config,
                             .pipeline = &s->cfg,
                             .aws = s->aws,
                             .route = &route,
                             .deadline_ms = clock_mono_ms() + 120000,
                             .stop_fd = -1,
                             .progress = on_progress};
    bool ok = action_send(&run, &s->err);
    action_args_free(args);
    return ok;
}

static void put_away(struct shot *s)
{
    assert_true(aws_close(s->aws, clock_mono_ms() + 120000));
    fakeaws_stop(&s->fake, &s->cfg);
}

static void test_its_state_is_read_again(void **state)
{
    (void)state;
    static const struct fakeaws_answer changed = {NULL, 200, "{\"connectorState\":\"UPDATING\"}"},
                                       away = {NULL, 403,
                                               "{\"message\":\"not authorized to perform: "
                                               "kafkaconnect:DescribeConnector\"}"};
    struct shot s;
    assert_false(pause_it(&s, &changed, 1));
    assert_int_equal(s.err.kind, ERR_CONFLICT);
    assert_non_null(strstr(s.err.text, "sink is UPDATING now: it must be RUNNING"));
    assert_int_equal(fakeaws_requests(&s.fake), 1); /* nothing was sent */
    put_away(&s);
    assert_false(pause_it(&s, &away, 1));
    assert_non_null(strstr(s.err.text, "reading its state again: "));
    assert_int_equal(fakeaws_requests(&s.fake), 1);
    put_away(&s);
}

static void test_what_came_of_asking_is_remembered(void **state)
{
    (void)state;
    const struct fakeaws_answer taken[] = {
        {"/pause", 200, "{\"connectorArn\":\"x\",\"connectorOperationArn\":\"y\"}"},
        {NULL,     200, "{\"connectorState\":\"RUNNING\"}"                        },
    };
    const struct fakeaws_answer missing[] = {
        {"/pause", 404, ""                                },
        {NULL,     200, "{\"connectorState\":\"RUNNING\"}"},
    };
    struct shot s;
    if (!pause_it(&s, taken, ARRAY_LEN(taken)))
        fail_msg("%s", s.err.text);
    assert_int_equal(aws_offers(s.aws, MSKC_PAUSE), TRI_YES);
    put_away(&s);
    assert_false(pause_it(&s, missing, ARRAY_LEN(missing)));
    assert_non_null(strstr(s.err.text, "PauseConnector is not offered here"));
    assert_int_equal(aws_offers(s.aws, MSKC_PAUSE), TRI_NO);
    put_away(&s);
}

/* ---- judged ---------------------------------------------------------------------------------- */

static void test_its_operation_is_followed(void **state)
{
    (void)state;
    struct trial t;
    begin(&t, ACTION_PAUSE);
    trial_act(&t);
    now.op = "PAUSE_CONNECTOR";
    now.op_state = "PAUSE_IN_PROGRESS";
    t.f.sink_state = "PAUSING";
    assert_int_equal(trial_after(&t, 10 * 1000), ACTION_WATCHING);
    trial_says(&t, "PAUSE_IN_PROGRESS, connector PAUSING");
    assert_int_equal(trial_after(&t, 120 * 1000), ACTION_WATCHING); /* as long as it takes */
    now.op_state = "PAUSE_COMPLETE";
    now.op_ended = true;
    assert_int_equal(trial_after(&t, 2000), ACTION_WATCHING); /* the state comes later */
    t.f.sink_state = "PAUSED";
    assert_int_equal(trial_after(&t, 2000), ACTION_WORKED);
    trial_end(&t);
}

/* A restart may take longer than one usually waits for data to move: that is waited for from its
 * end on. */
static void test_data_moves_after_a_long_restart(void **state)
{
    (void)state;
    struct trial t;
    begin(&t, ACTION_RESTART);
    trial_act(&t);
    now.op = "RESTART_CONNECTOR";
    now.op_state = "RESTART_IN_PROGRESS";
    t.f.sink_state = "RESTARTING";
    assert_int_equal(trial_after(&t, 200 * 1000), ACTION_WATCHING);
    now.op_state = "RESTART_COMPLETE";
    now.op_ended = true;
    t.f.sink_state = "RUNNING";
    t.f.end += 100; /* there is something to be done, and it is not done yet */
    assert_int_equal(trial_after(&t, 2000), ACTION_WATCHING);
    trial_says(&t, "no progress seen yet");
    t.f.committed += 100;
    assert_int_equal(trial_after(&t, 2000), ACTION_WORKED);
    trial_says(&t, "data moves");
    trial_end(&t);
}

static void test_an_operation_that_fails(void **state)
{
    (void)state;
    struct trial t;
    begin(&t, ACTION_RESTART);
    trial_act(&t);
    now.op = "RESTART_CONNECTOR";
    now.op_state = "RESTART_FAILED";
    now.op_ended = true;
    assert_int_equal(trial_after(&t, 10 * 1000), ACTION_FAILED);
    trial_says(&t, "RESTART_FAILED");
    trial_end(&t);
    begin(&t, ACTION_RESTART);
    trial_act(&t);
    t.f.sink_state = "FAILED";
    assert_int_equal(trial_after(&t, 10 * 1000), ACTION_FAILED);
    trial_says(&t, "it is FAILED now");
    trial_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_two_operations_at_once),
        cmocka_unit_test(test_what_is_not_offered_says_what_helps),
        cmocka_unit_test(test_failed_tasks_alone),
        cmocka_unit_test(test_its_state_is_read_again),
        cmocka_unit_test(test_what_came_of_asking_is_remembered),
        cmocka_unit_test(test_its_operation_is_followed),
        cmocka_unit_test(test_data_moves_after_a_long_restart),
        cmocka_unit_test(test_an_operation_that_fails),
    };
    return cmocka_run_group_tests_name("action_msk", tests, NULL, NULL);
}
