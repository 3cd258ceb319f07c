/* What can be done to tasks of DMS: planned, sent, judged. */
#include "action/ops.h"
#include "base/clock.h"
#include "base/mem.h"
#include "tests/check.h"
#include "tests/unit/dms_rig.h"
#include "tests/unit/dms_world.h"
#include "tests/unit/trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void begin(struct trial *t, enum action_kind kind)
{
    trial_begin(t, kind, "dms-shop");
    dms_world_join(&t->f);
}

static bool asks(const struct action_plan *p, const char *fragment)
{
    for (size_t i = 0; i < p->nrequest; i++) {
        if (strstr(p->request[i], fragment) != NULL)
            return true;
    }
    return false;
}

static bool tells(const struct action_plan *p, const char *label, const char *fragment)
{
    for (size_t i = 0; i < p->nlines; i++) {
        if (strcmp(p->lines[i].label, label) == 0 && strstr(p->lines[i].text, fragment) != NULL)
            return true;
    }
    return false;
}

/* ---- planned --------------------------------------------------------------------------------- */

static void stop_shows_the_slot(void **state)
{
    (void)state;
    struct trial t;
    begin(&t, ACTION_STOP);
    const struct action_plan *p = trial_plan(&t);
    assert_true(p->allowed);
    assert_string_equal(p->title, "Stop DMS task dms-shop");
    assert_true(tells(p, "slot", "dms_made"));
    assert_true(asks(p, "POST https://dms.eu-west-3.amazonaws.com/"));
    assert_true(asks(p, "X-Amz-Target: AmazonDMSv20160101.StopReplicationTask"));
    assert_true(asks(p, "{\"ReplicationTaskArn\":\"arn:aws:dms:eu-west-3:123456789012:task:"
                        "TASKONE\"}"));
    assert_true(asks(p, "aws dms stop-replication-task --replication-task-arn arn:aws:dms:"));
    trial_end(&t);
}

static void continue_by_state(void **state)
{
    (void)state;
    static const struct {
        const char *status;
        bool allowed;
        const char *type;
    } rows[] = {
        {"ready",    true,  "start-replication"},
        {"stopped",  true,  "resume-processing"},
        {"failed",   true,  "resume-processing"},
        {"running",  false, NULL               },
        {"starting", false, NULL               },
        {"moving",   false, NULL               },
        {"dreaming", false, NULL               },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct trial t;
        begin(&t, ACTION_CONTINUE);
        dms_world.task.status = rows[i].status;
        const struct action_plan *p = trial_plan(&t);
        if (p->allowed != rows[i].allowed)
            fail_msg("%s: %s", rows[i].status, p->why_not);
        if (rows[i].type != NULL) {
            assert_true(asks(p, rows[i].type));
            assert_null(p->type_name);
        }
        trial_end(&t);
    }
}

static void not_without_its_slot(void **state)
{
    (void)state;
    struct trial t;
    begin(&t, ACTION_CONTINUE);
    dms_world.task.status = "stopped";
    dms_world.has_slot = false;
    const struct action_plan *p = trial_plan(&t);
    assert_false(p->allowed);
    assert_non_null(strstr(p->why_not, "reload all"));
    trial_end(&t);
}

static void what_dms_has_not(void **state)
{
    (void)state;
    static const enum action_kind kinds[] = {ACTION_RESTART, ACTION_PAUSE};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct trial t;
        begin(&t, kinds[i]);
        const struct action_plan *p = trial_plan(&t);
        assert_false(p->allowed);
        assert_non_null(strstr(p->why_not, "a task: stop it (S), then continue it (C)"));
        assert_int_equal(p->nrequest, 0);
        trial_end(&t);
        begin(&t, kinds[i]);
        dms_world.task.status = "failed"; /* it stands already */
        assert_non_null(strstr(trial_plan(&t)->why_not, "a task: continue it (C)"));
        trial_end(&t);
    }
}

static void reload_tables(void **state)
{
    (void)state;
    struct trial t;
    begin(&t, ACTION_RELOAD);
    assert_false(trial_plan(&t)->allowed); /* which? */
    action_args_add_table(t.args, "public.orders");
    const struct action_plan *p = trial_plan(&t);
    assert_true(p->allowed);
    assert_false(p->danger);
    assert_true(asks(p, "{\"SchemaName\":\"public\",\"TableName\":\"orders\"}"));
    assert_true(asks(p, "\"ReloadOption\":\"data-reload\""));
    assert_true(asks(p, "--tables-to-reload SchemaName=public,TableName=orders"));
    t.args->validate = true;
    assert_false(trial_plan(&t)->allowed); /* validation is off */
    t.args->validate = false;
    action_args_add_table(t.args, "public.gone");
    assert_false(trial_plan(&t)->allowed);
    trial_end(&t);
    begin(&t, ACTION_RELOAD);
    action_args_add_table(t.args, "public.orders");
    dms_world.task.status = "stopped";
    assert_false(trial_plan(&t)->allowed); /* a running task only */
    trial_end(&t);
}

static void reload_all(void **state)
{
    (void)state;
    struct trial t;
    begin(&t, ACTION_RELOAD);
    t.args->scope = RESTART_ALL;
    assert_false(trial_plan(&t)->allowed); /* it runs */
    dms_world.task.status = "stopped";
    const struct action_plan *p = trial_plan(&t);
    assert_true(p->allowed);
    assert_true(p->danger);
    assert_string_equal(p->type_name, "dms-shop");
    assert_true(asks(p, "reload-target"));
    assert_true(tells(p, "sends", "2,000 rows of 2 tables again, to dms.shop"));
    trial_end(&t);
}

static void serverless(void **state)
{
    (void)state;
    struct trial t;
    begin(&t, ACTION_CONTINUE);
    dms_world.task.serverless = true;
    dms_world.task.arn = "arn:aws:dms:eu-west-3:123456789012:replication-config:ONE";
    dms_world.task.status = "stopped";
    const struct action_plan *p = trial_plan(&t);
    assert_true(p->allowed);
    assert_true(asks(p, "AmazonDMSv20160101.StartReplication"));
    assert_true(asks(p, "\"StartReplicationType\":\"resume-processing\""));
    assert_true(asks(p, "aws dms start-replication --replication-config-arn"));
    dms_world.task.status = "a word of next year";
    assert_true(trial_plan(&t)->allowed); /* left to DMS, and said so */
    dms_world.task.status = "stopped";
    dms_world.task.migration = "full-load";
    assert_false(trial_plan(&t)->allowed);
    trial_end(&t);
}

static void begin_serverless(struct trial *t, enum action_kind kind, const char *status)
{
    begin(t, kind);
    dms_world.task.serverless = true;
    dms_world.task.arn = "arn:aws:dms:eu-west-3:123456789012:replication-config:ONE";
    dms_world.task.instance = NULL;
    dms_world.task.min_units = 2;
    dms_world.task.max_units = 16;
    dms_world.task.status = status;
}

static bool checked(const struct action_plan *p, const char *fragment)
{
    for (size_t i = 0; i < p->nchecks; i++) {
        if (strstr(p->checks[i].text, fragment) != NULL)
            return true;
    }
    return false;
}

/* What it costs to start one, and what a stop leaves open, and for how long. */
static void serverless_capacity(void **state)
{
    (void)state;
    struct trial t;
    begin_serverless(&t, ACTION_CONTINUE, "created");
    const struct action_plan *p = trial_plan(&t);
    assert_true(p->allowed);
    assert_true(asks(p, "\"StartReplicationType\":\"start-replication\""));
    assert_true(tells(p, "capacity", "2 to 16 units"));
    dms_world.task.status = "provisioning_capacity"; /* it starts already */
    assert_false(trial_plan(&t)->allowed);
    dms_world.task.status = "stopped";
    dms_world.task.deprovision_ms = t.f.wall_ms + 3600 * 1000;
    p = trial_plan(&t);
    assert_true(p->allowed);
    assert_false(checked(p, "took its capacity away"));
    dms_world.task.deprovision_ms = t.f.wall_ms - 3 * 3600 * 1000;
    p = trial_plan(&t);
    assert_true(p->allowed); /* it is DMS that decides */
    assert_true(checked(p, "took its capacity away 3h"));
    trial_end(&t);
    begin_serverless(&t, ACTION_STOP, "running");
    p = trial_plan(&t);
    assert_true(p->allowed);
    assert_true(tells(p, "capacity", "kept for 48 hours"));
    assert_true(asks(p, "aws dms stop-replication --replication-config-arn"));
    trial_end(&t);
}

/* By AWS's user guide: up to ten, each once, of a task that loads at all. */
static void reload_limits(void **state)
{
    (void)state;
    struct trial t;
    begin(&t, ACTION_RELOAD);
    action_args_add_table(t.args, "public.orders");
    action_args_add_table(t.args, "public.orders");
    assert_false(trial_plan(&t)->allowed);
    trial_end(&t);
    begin(&t, ACTION_RELOAD);
    dms_world.task.tables_total = 20; /* of those the others were not read */
    for (int i = 0; i < 11; i++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "public.t%d", i);
        action_args_add_table(t.args, name);
    }
    const struct action_plan *p = trial_plan(&t);
    assert_true(p->allowed);
    assert_true(checked(p, "11 tables: DMS reloads up to 10"));
    trial_end(&t);
    for (int all = 0; all < 2; all++) {
        begin(&t, ACTION_RELOAD);
        dms_world.task.migration = "cdc";
        dms_world.task.status = all != 0 ? "stopped" : "running";
        if (all != 0)
            t.args->scope = RESTART_ALL;
        else
            action_args_add_table(t.args, "public.orders");
        p = trial_plan(&t);
        assert_false(p->allowed);
        assert_non_null(strstr(p->why_not, "only follows changes"));
        trial_end(&t);
    }
}

/* DMS makes no slot in place of one that is named: whatever starts it fails. */
static void named_slot_missing(void **state)
{
    (void)state;
    static const struct {
        enum action_kind kind;
        const char *status, *says;
    } rows[] = {
        {ACTION_CONTINUE, "ready",   "does not exist, and DMS makes none"},
        {ACTION_CONTINUE, "stopped",
         "make one for it first (finding P13 says how); then reload all" },
        {ACTION_RELOAD,   "stopped", "does not exist, and DMS makes none"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct trial t;
        begin(&t, rows[i].kind);
        if (rows[i].kind == ACTION_RELOAD)
            t.args->scope = RESTART_ALL;
        dms_world.task.status = rows[i].status;
        dms_world.active = TRI_NO;
        assert_true(trial_plan(&t)->allowed);
        dms_world.has_slot = false;
        const struct action_plan *p = trial_plan(&t);
        assert_false(p->allowed);
        if (strstr(p->why_not, rows[i].says) == NULL)
            fail_msg("%zu: %s", i, p->why_not);
        /* Another name of the host: it may be another server, so it is said, and left to DMS. */
        dms_world.task.source_host = "shop.example.net";
        p = trial_plan(&t);
        assert_true(p->allowed);
        assert_true(checked(p, "if its host is this server"));
        trial_end(&t);
    }
}

/* A known task's slot is not dropped from under it. */
static void drop_guard(void **state)
{
    (void)state;
    struct trial t;
    begin(&t, ACTION_DROP_SLOT);
    dms_world.task.slot = NULL;
    dms_world.active = TRI_NO;
    free(t.args->target);
    t.args->target = mem_strdup("dms_made");
    const struct action_plan *p = trial_plan(&t);
    assert_false(p->allowed);
    assert_non_null(strstr(p->why_not, "stop the task first"));
    assert_true(tells(p, "owner", "as it seems"));
    trial_end(&t);
}

/* ---- judged ---------------------------------------------------------------------------------- */

static void stop_is_followed(void **state)
{
    (void)state;
    struct trial t;
    begin(&t, ACTION_STOP);
    trial_act(&t);
    assert_int_equal(trial_after(&t, 2000), ACTION_WATCHING);
    dms_world.task.status = "stopping"; /* it may take its time: longer than the usual limit */
    assert_int_equal(trial_after(&t, 200 * 1000), ACTION_WATCHING);
    dms_world.task.status = "stopped";
    assert_int_equal(trial_after(&t, 2000), ACTION_WORKED);
    trial_end(&t);
}

/* "running" alone is no success; counters that move are. */
static void resume_by_progress(void **state)
{
    (void)state;
    struct trial t;
    begin(&t, ACTION_CONTINUE);
    dms_world.task.status = "stopped";
    dms_world.active = TRI_NO;
    trial_act(&t);
    assert_int_equal(trial_after(&t, 2000), ACTION_WATCHING);
    dms_world.task.status = "starting";
    assert_int_equal(trial_after(&t, 120 * 1000), ACTION_WATCHING);
    dms_world.task.status = "running"; /* only now there is something to be seen */
    dms_world.task.started_ms = t.f.wall_ms;
    assert_int_equal(trial_after(&t, 2000), ACTION_WATCHING);
    assert_int_equal(trial_after(&t, 100 * 1000), ACTION_UNSEEN);
    dms_world.tables[0].inserts++;
    assert_int_equal(trial_after(&t, 2000), ACTION_WORKED);
    assert_non_null(strstr(t.text, "counters move"));
    trial_end(&t);
}

/* A serverless one takes many minutes to start, in words of its own. */
static void serverless_start_is_followed(void **state)
{
    (void)state;
    struct trial t;
    begin_serverless(&t, ACTION_CONTINUE, "created");
    trial_act(&t);
    dms_world.task.status = "initializing";
    assert_int_equal(trial_after(&t, 2000), ACTION_WATCHING);
    dms_world.task.status = "provisioning_capacity";
    assert_int_equal(trial_after(&t, 12 * 60 * 1000), ACTION_WATCHING);
    dms_world.task.status = "running";
    dms_world.task.started_ms = t.f.wall_ms;
    dms_world.tables[0].inserts++;
    assert_int_equal(trial_after(&t, 2000), ACTION_WORKED);
    trial_end(&t);
}

static void resume_fails_again(void **state)
{
    (void)state;
    struct trial t;
    begin(&t, ACTION_CONTINUE);
    dms_world.task.status = "failed";
    dms_world.task.stopped_ms = t.f.wall_ms - 60000;
    dms_world.task.failure = "no route to the source";
    trial_act(&t);
    assert_int_equal(trial_after(&t, 2000), ACTION_WATCHING); /* that failure is the old one */
    dms_world.task.stopped_ms = t.f.wall_ms + 1000;
    assert_int_equal(trial_after(&t, 2000), ACTION_FAILED);
    assert_non_null(strstr(t.text, "no route to the source"));
    trial_end(&t);
}

static void reload_by_tables(void **state)
{
    (void)state;
    struct trial t;
    begin(&t, ACTION_RELOAD);
    action_args_add_table(t.args, "public.orders");
    trial_act(&t);
    /* Its statistics are newer, but tell of the load before. */
    assert_int_equal(trial_after(&t, 2000), ACTION_WATCHING);
    dms_world.tables[0].state = "Table is being reloaded";
    assert_int_equal(trial_after(&t, 200 * 1000), ACTION_WATCHING);
    dms_world.tables[0].state = "Table completed";
    dms_world.tables[0].load_ended_ms = t.f.wall_ms;
    assert_int_equal(trial_after(&t, 2000), ACTION_WORKED);
    dms_world.tables[0].state = "Table error";
    assert_int_equal(trial_after(&t, 2000), ACTION_FAILED);
    trial_end(&t);
}

/* ---- sent ------------------------------------------------------------------------------------ */

static void on_progress(void *ctx, enum action_state state, const char *text)
{
    (void)state;
    (void)text;
    (*(int *)ctx)++;
}

static bool send_it(struct dms_rig *rig, struct action_args *args, const char *seen,
                    const char *arn, struct err *err)
{
    char *copy = mem_strdup(arn);
    char *state = mem_strdup(seen);
    int said = 0;
    struct config config = {0};
    struct action_route route = {.service = SERVICE_DMS, .arn = copy, .state = state};
    struct action_run run = {.args = args,
                             .config = &config,
                             .pipeline = &rig->cfg,
                             .aws = rig->aws,
                             .route = &route,
                             .deadline_ms = clock_mono_ms() + 120000,
                             .stop_fd = -1,
                             .progress = on_progress,
                             .progress_ctx = &said};
    bool ok = action_send(&run, err);
    free(copy);
    free(state);
    return ok;
}

static const char orders[] = "arn:aws:dms:eu-west-3:123456789012:task:SHOPORDERS";

static void sends_after_a_look(void **state)
{
    (void)state;
    struct dms_rig rig;
    struct err err = ERR_INIT;
    dms_rig_start(&rig);
    dms_rig_set(&rig, "StartReplicationTask", 200, "{}");
    struct action_args *args = action_args_new(ACTION_CONTINUE, 0, "shop-orders");
    if (!send_it(&rig, args, "stopped", orders, &err))
        fail_msg("%s", err.text);
    assert_int_equal(dms_rig_count(&rig, "DescribeReplicationTasks"), 1);
    assert_non_null(strstr(dms_rig_last(&rig, "DescribeReplicationTasks"), orders));
    assert_string_equal(dms_rig_last(&rig, "StartReplicationTask"),
                        "{\"ReplicationTaskArn\":\"arn:aws:dms:eu-west-3:123456789012:task:"
                        "SHOPORDERS\",\"StartReplicationTaskType\":\"resume-processing\"}");
    action_args_free(args);
    dms_rig_stop(&rig);
}

/* The screen said "ready", it is stopped now: a start would be another deed. */
static void refuses_what_changed(void **state)
{
    (void)state;
    struct dms_rig rig;
    struct err err = ERR_INIT;
    dms_rig_start(&rig);
    dms_rig_set(&rig, "StartReplicationTask", 200, "{}");
    struct action_args *args = action_args_new(ACTION_CONTINUE, 0, "shop-orders");
    assert_false(send_it(&rig, args, "ready", orders, &err));
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_non_null(strstr(err.text, "nothing was sent"));
    assert_int_equal(dms_rig_count(&rig, "StartReplicationTask"), 0);
    action_args_free(args);
    err_clear(&err);
    args = action_args_new(ACTION_STOP, 0, "shop-orders"); /* it stopped meanwhile */
    assert_false(send_it(&rig, args, "running", orders, &err));
    assert_int_equal(dms_rig_count(&rig, "StopReplicationTask"), 0);
    action_args_free(args);
    err_clear(&err);
    args = action_args_new(ACTION_STOP, 0, "gone");
    assert_false(send_it(&rig, args, "running", "arn:aws:dms:eu-west-3:1:task:GONE", &err));
    assert_int_equal(err.kind, ERR_NOTFOUND);
    action_args_free(args);
    dms_rig_stop(&rig);
}

static void tells_a_refusal_plainly(void **state)
{
    (void)state;
    struct dms_rig rig;
    struct err err = ERR_INIT;
    dms_rig_start(&rig);
    dms_rig_set(&rig, "StartReplicationTask", 400,
                "{\"__type\":\"InvalidResourceStateFault\",\"message\":\"Replication Task cannot "
                "be started\"}");
    struct action_args *args = action_args_new(ACTION_CONTINUE, 0, "shop-orders");
    assert_false(send_it(&rig, args, "stopped", orders, &err));
    assert_non_null(strstr(err.text, "DMS does not do that in the state"));
    assert_int_equal(dms_rig_count(&rig, "StartReplicationTask"), 1);
    action_args_free(args);
    dms_rig_stop(&rig);
}

#define MINE "\"ReplicationTaskArn\":\"arn:aws:dms:eu-west-3:123456789012:task:SHOPORDERS\""

/* Before its slot is dropped its task is asked again: nobody drops the slot of one that runs. */
static void lets_go_of_its_slot_when_stopped(void **state)
{
    (void)state;
    static char arn[] = "arn:aws:dms:eu-west-3:123456789012:task:SHOPORDERS", owner[] = "shop";
    static const struct {
        int status;
        const char *body;
        enum err_kind kind; /* ERR_NONE: it lets go */
    } cases[] = {
        {200, "{\"ReplicationTasks\":[{" MINE ",\"Status\":\"stopped\"}]}",     ERR_NONE    },
        {200, "{\"ReplicationTasks\":[{" MINE ",\"Status\":\"running\"}]}",     ERR_CONFLICT},
        {200, "{\"ReplicationTasks\":[{" MINE ",\"Status\":\"failed\"}]}",      ERR_CONFLICT},
        {400, "{\"__type\":\"ResourceNotFoundFault\",\"message\":\"none\"}",    ERR_NONE    },
        {400, "{\"__type\":\"AccessDeniedException\",\"Message\":\"not you\"}", ERR_DENIED  },
        {200, "<html>log in first</html>",                                      ERR_PROTOCOL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct dms_rig rig;
        struct err err = ERR_INIT;
        dms_rig_start(&rig);
        dms_rig_set(&rig, "DescribeReplicationTasks", cases[i].status, cases[i].body);
        struct action_route route = {.service = SERVICE_DMS, .arn = arn, .slot_owner = owner};
        struct action_run run = {.pipeline = &rig.cfg,
                                 .aws = rig.aws,
                                 .route = &route,
                                 .deadline_ms = clock_mono_ms() + 120000,
                                 .stop_fd = -1};
        assert_int_equal(connector_lets_go(&run, &err), cases[i].kind == ERR_NONE);
        if (err.kind != cases[i].kind)
            fail_msg("case %zu: %s", i, err.text);
        run.aws = NULL;
        assert_false(connector_lets_go(&run, &err)); /* nobody to be asked: it stays */
        dms_rig_stop(&rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stop_shows_the_slot),
        cmocka_unit_test(continue_by_state),
        cmocka_unit_test(not_without_its_slot),
        cmocka_unit_test(what_dms_has_not),
        cmocka_unit_test(reload_tables),
        cmocka_unit_test(reload_all),
        cmocka_unit_test(serverless),
        cmocka_unit_test(serverless_capacity),
        cmocka_unit_test(reload_limits),
        cmocka_unit_test(named_slot_missing),
        cmocka_unit_test(serverless_start_is_followed),
        cmocka_unit_test(drop_guard),
        cmocka_unit_test(stop_is_followed),
        cmocka_unit_test(resume_by_progress),
        cmocka_unit_test(resume_fails_again),
        cmocka_unit_test(reload_by_tables),
        cmocka_unit_test(sends_after_a_look),
        cmocka_unit_test(refuses_what_changed),
        cmocka_unit_test(tells_a_refusal_plainly),
        cmocka_unit_test(lets_go_of_its_slot_when_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
