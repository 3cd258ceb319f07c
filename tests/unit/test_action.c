/* Actions without a server: what is allowed and why not, the exact request, and the verdict from
 * what happens afterwards. */
#include "action/action.h"
#include "base/lsn.h"
#include "base/mem.h"
#include "tests/check.h"
#include "tests/unit/world_fixture.h"

#include <stdlib.h>
#include <string.h>

struct planned {
    struct fixture f;
    struct arena *arena;
    struct action_args *args;
};

static void open_for(struct planned *p, enum action_kind kind, const char *target)
{
    fixture_open(&p->f);
    p->arena = arena_new();
    p->args = action_args_new(kind, 0, target);
    p->args->signal_id = mem_strdup("id-1");
}

static const struct action_plan *plan(struct planned *p)
{
    return action_plan(p->args, p->f.world, fixture_pipeline(&p->f), p->arena);
}

static void close_all(struct planned *p)
{
    action_args_free(p->args);
    arena_free(p->arena);
    fixture_close(&p->f);
}

static void refused(const struct action_plan *plan, const char *fragment)
{
    assert_false(plan->allowed);
    if (strstr(plan->why_not, fragment) == NULL)
        fail_msg("refused for another reason: %s", plan->why_not);
}

static bool says(const struct action_plan *plan, const char *fragment)
{
    for (size_t i = 0; i < plan->nchecks; i++) {
        if (strstr(plan->checks[i].text, fragment) != NULL)
            return true;
    }
    return false;
}

static void test_restart_is_of_what_failed(void **state)
{
    (void)state;
    struct planned p;
    open_for(&p, ACTION_RESTART, "sink");
    fixture_tick(&p.f, 2000);
    refused(plan(&p), "nothing of sink has failed");
    p.f.sink_task = "FAILED";
    fixture_tick(&p.f, 2000);
    const struct action_plan *ok = plan(&p);
    assert_true(ok->allowed);
    assert_null(ok->type_name);
    assert_int_equal(ok->nrequest, 1);
    assert_string_equal(
        ok->request[0],
        "POST http://c:8083/connectors/sink/restart?includeTasks=true&onlyFailed=true");
    close_all(&p);
}

static void test_restart_of_all_says_what_bounces_and_wants_the_name(void **state)
{
    (void)state;
    struct planned p;
    open_for(&p, ACTION_RESTART, "sink");
    p.args->scope = RESTART_ALL;
    fixture_tick(&p.f, 2000);
    const struct action_plan *ok = plan(&p);
    assert_true(ok->allowed);
    assert_string_equal(ok->type_name, "sink");
    assert_non_null(strstr(ok->request[0], "onlyFailed=false"));
    p.f.sink_state = "STOPPED";
    fixture_tick(&p.f, 2000);
    refused(plan(&p), "continue it instead");
    close_all(&p);
}

static void test_one_task_must_exist(void **state)
{
    (void)state;
    struct planned p;
    open_for(&p, ACTION_RESTART, "sink");
    p.args->scope = RESTART_TASK;
    p.args->task = 7;
    fixture_tick(&p.f, 2000);
    refused(plan(&p), "no task 7");
    p.args->task = 0;
    const struct action_plan *ok = plan(&p);
    assert_true(ok->allowed);
    assert_string_equal(ok->request[0], "POST http://c:8083/connectors/sink/tasks/0/restart");
    close_all(&p);
}

static void test_an_old_connect_gets_a_call_for_each_task(void **state)
{
    (void)state;
    struct planned p;
    open_for(&p, ACTION_RESTART, "sink");
    p.f.sink_tasks = 3;
    p.f.sink_task = "FAILED";
    fixture_tick(&p.f, 2000);
    p.f.world->pipelines[0].sources[SOURCE_CONNECT].snap->connect.version = "2.7.1";
    const struct action_plan *ok = plan(&p);
    assert_int_equal(ok->nrequest, 1);
    assert_string_equal(ok->request[0], "POST http://c:8083/connectors/sink/tasks/0/restart");
    p.args->scope = RESTART_ALL;
    ok = plan(&p);
    assert_int_equal(ok->nrequest, 4);
    assert_string_equal(ok->request[0], "POST http://c:8083/connectors/sink/restart");
    assert_string_equal(ok->request[3], "POST http://c:8083/connectors/sink/tasks/2/restart");
    close_all(&p);
}

static void test_nothing_is_done_on_old_evidence(void **state)
{
    (void)state;
    static const struct {
        enum action_kind kind;
        const char *target;
        enum source_kind source;
    } cases[] = {
        {ACTION_PAUSE,     "sink", SOURCE_CONNECT },
        {ACTION_STOP,      "src",  SOURCE_CONNECT },
        {ACTION_DROP_SLOT, "old",  SOURCE_POSTGRES},
        {ACTION_DROP_SLOT, "old",  SOURCE_CONNECT },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct planned p;
        open_for(&p, cases[i].kind, cases[i].target);
        p.f.slot_name = "old";
        p.f.active = TRI_NO;
        fixture_tick(&p.f, 2000);
        assert_true(plan(&p)->allowed);
        p.f.fails[cases[i].source] = true;
        for (int n = 0; n < 10; n++)
            fixture_tick(&p.f, 2000);
        refused(plan(&p), "does not answer");
        close_all(&p);
    }
}

static void test_read_only_blocks_everything(void **state)
{
    (void)state;
    for (int k = 0; k < ACTION_KIND_COUNT; k++) {
        struct planned p;
        open_for(&p, (enum action_kind)k, k == ACTION_DROP_SLOT ? "dbz" : "src");
        p.f.config->read_only = true;
        fixture_tick(&p.f, 2000);
        refused(plan(&p), "read-only");
        close_all(&p);
    }
}

static void test_a_slot_is_dropped_only_when_nobody_needs_it(void **state)
{
    (void)state;
    struct planned p;
    open_for(&p, ACTION_DROP_SLOT, "dbz");
    fixture_tick(&p.f, 2000);
    assert_false(plan(&p)->allowed); /* active and owned */
    p.f.active = TRI_NO;
    fixture_tick(&p.f, 2000);
    refused(plan(&p), "stop the connector first"); /* inactive, but its owner is RUNNING */
    p.f.src_state = "STOPPED";
    fixture_tick(&p.f, 2000);
    const struct action_plan *ok = plan(&p);
    assert_true(ok->allowed);
    assert_true(ok->danger);
    assert_string_equal(ok->type_name, "dbz");
    assert_string_equal(ok->request[0], "SELECT pg_drop_replication_slot('dbz')");
    close_all(&p);
}

static void test_physical_temporary_and_synced_slots_are_refused(void **state)
{
    (void)state;
    struct planned p;
    open_for(&p, ACTION_DROP_SLOT, "old");
    p.f.slot_name = "old";
    p.f.active = TRI_NO;
    fixture_tick(&p.f, 2000);
    struct pg_slot *s = p.f.world->pipelines[0].sources[SOURCE_POSTGRES].snap->pg.slots;
    s->type = "physical";
    refused(plan(&p), "physical");
    s->type = "logical";
    s->temporary = TRI_YES;
    refused(plan(&p), "temporary");
    s->temporary = TRI_NO;
    s->synced = TRI_YES;
    refused(plan(&p), "synced");
    s->synced = TRI_NO;
    p.f.world->pipelines[0].sources[SOURCE_POSTGRES].snap->pg.in_recovery = TRI_YES;
    refused(plan(&p), "standby");
    close_all(&p);
}

static void test_a_snapshot_shows_its_signal(void **state)
{
    (void)state;
    struct planned p;
    open_for(&p, ACTION_SNAPSHOT, "src");
    fixture_tick(&p.f, 2000);
    refused(plan(&p), "no table");
    action_args_add_table(p.args, "public.orders");
    p.args->filter = mem_strdup("id > 'x'");
    const struct action_plan *ok = plan(&p);
    assert_true(ok->allowed);
    assert_int_equal(ok->nrequest, 1);
    assert_non_null(strstr(ok->request[0], "INSERT INTO \"public\".\"debezium_signal\""));
    assert_non_null(strstr(ok->request[0], "execute-snapshot"));
    assert_non_null(strstr(ok->request[0], "incremental"));
    assert_non_null(strstr(ok->request[0], "id > ''x''")); /* quoted for SQL inside JSON */
    close_all(&p);
}

static void test_a_blocking_filter_is_a_whole_select_of_the_table_as_it_is_named(void **state)
{
    (void)state;
    struct planned p;
    open_for(&p, ACTION_SNAPSHOT, "src");
    fixture_tick(&p.f, 2000);
    action_args_add_table(p.args, "public.Orders");
    p.args->blocking = true;
    p.args->filter = mem_strdup("id > 5");
    const struct action_plan *shown = plan(&p);
    /* JSON inside SQL: each quote of the identifier is escaped for the one and then for the other
     */
    assert_non_null(strstr(shown->request[0], "Orders"));
    assert_non_null(strstr(shown->request[0], "SELECT * FROM"));
    assert_null(strstr(shown->request[0], "FROM public.Orders"));
    close_all(&p);
}

static void test_a_long_request_is_shown_whole(void **state)
{
    (void)state;
    struct planned p;
    open_for(&p, ACTION_SNAPSHOT, "src");
    fixture_tick(&p.f, 2000);
    action_args_add_table(p.args, "public.orders");
    p.args->filter = mem_alloc(1801);
    memset(p.args->filter, '\'', 1799); /* each is doubled for SQL */
    p.args->filter[1799] = 'z';
    const struct action_plan *shown = plan(&p);
    assert_non_null(strstr(shown->request[0], "z\"}]}')"));
    close_all(&p);
}

static void test_a_sink_takes_no_snapshot(void **state)
{
    (void)state;
    struct planned p;
    open_for(&p, ACTION_SNAPSHOT, "sink");
    action_args_add_table(p.args, "public.orders");
    fixture_tick(&p.f, 2000);
    refused(plan(&p), "not a Debezium PostgreSQL source");
    close_all(&p);
}

/* ---- verdicts ---------------------------------------------------------------------------------
 */

struct judged {
    struct action_before before;
    enum action_state state;
    char text[400];
    int percent;
};

static void remember(struct planned *p, struct judged *j)
{
    action_before(p->args, p->f.world, fixture_pipeline(&p->f), &j->before);
    j->percent = -1;
}

static enum action_state judge(struct planned *p, struct judged *j)
{
    j->state = action_verdict(p->args, &j->before, p->f.world, fixture_pipeline(&p->f), 90 * 1000,
                              j->text, sizeof(j->text), &j->percent);
    return j->state;
}

static void test_running_is_not_enough_progress_is(void **state)
{
    (void)state;
    struct planned p;
    struct judged j;
    open_for(&p, ACTION_RESTART, "sink");
    p.f.sink_task = "FAILED";
    p.f.end = 1500;
    fixture_tick(&p.f, 2000);
    remember(&p, &j);
    assert_int_equal(judge(&p, &j), ACTION_WATCHING);
    p.f.sink_task = "RUNNING";
    for (int i = 0; i < 5; i++) {
        fixture_tick(&p.f, 2000);
        assert_int_equal(judge(&p, &j), ACTION_WATCHING);
    }
    assert_non_null(strstr(j.text, "no progress"));
    p.f.committed = 1400;
    fixture_tick(&p.f, 2000);
    assert_int_equal(judge(&p, &j), ACTION_WORKED);
    close_all(&p);
}

static void test_continued_means_that_data_moves(void **state)
{
    (void)state;
    struct planned p;
    struct judged j;
    open_for(&p, ACTION_CONTINUE, "sink");
    p.f.sink_state = p.f.sink_task = "PAUSED";
    p.f.end = 1500;
    fixture_tick(&p.f, 2000);
    remember(&p, &j);
    p.f.sink_state = p.f.sink_task = "RUNNING";
    fixture_tick(&p.f, 2000);
    assert_int_equal(judge(&p, &j), ACTION_WATCHING);
    p.f.sink_task = "FAILED"; /* RUNNING for a moment, as with a wrong key */
    p.f.sink_cause = "AccessDenied";
    fixture_tick(&p.f, 4000);
    assert_int_equal(judge(&p, &j), ACTION_FAILED);
    p.f.sink_task = "RUNNING";
    p.f.committed = 1400;
    fixture_tick(&p.f, 2000);
    assert_int_equal(judge(&p, &j), ACTION_WORKED);
    close_all(&p);
}

static void test_a_sink_with_nothing_due_need_not_commit(void **state)
{
    (void)state;
    struct planned p;
    struct judged j;
    open_for(&p, ACTION_RESTART, "sink");
    p.f.schedule_ms = NULL; /* nothing closes its file while the topic is quiet */
    p.f.sink_task = "FAILED";
    p.f.end = 1010;
    fixture_tick(&p.f, 2000);
    fixture_tick(&p.f, 30 * 1000);
    remember(&p, &j);
    p.f.sink_task = "RUNNING";
    fixture_tick(&p.f, 2000);
    assert_int_equal(judge(&p, &j), ACTION_WATCHING);
    fixture_tick(&p.f, 4000);
    assert_int_equal(judge(&p, &j), ACTION_WORKED);
    assert_non_null(strstr(j.text, "no file is due"));
    close_all(&p);
}

static void test_starting_without_the_slot_is_warned_of(void **state)
{
    (void)state;
    struct planned p;
    open_for(&p, ACTION_CONTINUE, "src");
    p.f.src_state = p.f.src_task = "PAUSED";
    p.f.slot_name = "another";
    fixture_tick(&p.f, 2000);
    assert_true(says(plan(&p), "its slot dbz is gone"));
    p.f.slot_name = "dbz";
    p.f.wal_status = "lost";
    p.f.active = TRI_NO;
    fixture_tick(&p.f, 2000);
    assert_true(says(plan(&p), "its slot dbz is lost"));
    p.f.wal_status = "reserved";
    fixture_tick(&p.f, 2000);
    assert_false(says(plan(&p), "its slot dbz is"));
    close_all(&p);
}

static void test_a_task_that_fails_again_is_said_with_its_cause(void **state)
{
    (void)state;
    struct planned p;
    struct judged j;
    open_for(&p, ACTION_RESTART, "sink");
    p.f.sink_task = "FAILED";
    p.f.sink_cause = "AccessDenied";
    fixture_tick(&p.f, 2000);
    remember(&p, &j);
    for (int i = 0; i < 3; i++)
        fixture_tick(&p.f, 2000);
    assert_int_equal(judge(&p, &j), ACTION_FAILED);
    assert_non_null(strstr(j.text, "AccessDenied"));
    close_all(&p);
}

static void test_not_seen_in_time_is_not_success(void **state)
{
    (void)state;
    struct planned p;
    struct judged j;
    open_for(&p, ACTION_STOP, "sink");
    fixture_tick(&p.f, 2000);
    remember(&p, &j);
    for (int i = 0; i < 46; i++)
        fixture_tick(&p.f, 2000);
    assert_int_equal(judge(&p, &j), ACTION_UNSEEN);
    close_all(&p);
}

static void test_stopped_means_without_tasks(void **state)
{
    (void)state;
    struct planned p;
    struct judged j;
    open_for(&p, ACTION_STOP, "sink");
    fixture_tick(&p.f, 2000);
    remember(&p, &j);
    p.f.sink_state = "STOPPED";
    fixture_tick(&p.f, 2000);
    assert_int_equal(judge(&p, &j), ACTION_WATCHING);
    p.f.sink_tasks = 0;
    fixture_tick(&p.f, 2000);
    assert_int_equal(judge(&p, &j), ACTION_WORKED);
    close_all(&p);
}

static void test_a_dropped_slot_must_stay_gone(void **state)
{
    (void)state;
    struct planned p;
    struct judged j;
    open_for(&p, ACTION_DROP_SLOT, "old");
    p.f.slot_name = "old";
    p.f.active = TRI_NO;
    fixture_tick(&p.f, 2000);
    remember(&p, &j);
    p.f.slot_name = "another";
    fixture_tick(&p.f, 2000);
    assert_int_equal(judge(&p, &j), ACTION_WATCHING); /* gone, but a zombie may come */
    p.f.slot_name = "old";
    for (int i = 0; i < 3; i++)
        fixture_tick(&p.f, 2000);
    assert_int_equal(judge(&p, &j), ACTION_FAILED);
    assert_non_null(strstr(j.text, "recreated"));
    p.f.slot_name = "another";
    fixture_tick(&p.f, 2000);
    assert_int_equal(judge(&p, &j), ACTION_WORKED);
    close_all(&p);
}

static void test_without_notifications_the_offsets_are_the_witness(void **state)
{
    (void)state;
    struct planned p;
    struct judged j;
    open_for(&p, ACTION_SNAPSHOT, "src");
    action_args_add_table(p.args, "public.orders");
    for (int step = 0; step < 3; step++) {
        fixture_tick(&p.f, 2000);
        struct snapshot *snap = p.f.world->pipelines[0].sources[SOURCE_CONNECT].snap;
        struct connect_connector *c = &snap->connect.connectors[1];
        for (size_t i = 0; i < c->nconfig; i++) {
            if (strcmp(c->config[i].key, "notification.enabled.channels") == 0)
                c->config[i].value = "log";
        }
        static struct kv values[] = {
            {"incremental_snapshot_correlation_id", "id-1"                  },
            {"incremental_snapshot_collections",
             "[{\"incremental_snapshot_collections_id\":\"public.orders\"}]"}
        };
        static struct connect_offset offset = {.values = values, .number = -1};
        offset.nvalues = step == 1 ? 2 : 0;
        c->offsets = &offset;
        c->noffsets = 1;
        c->offsets_read = true;
        if (step == 0)
            remember(&p, &j);
        assert_int_equal(judge(&p, &j), step < 2 ? ACTION_WATCHING : ACTION_WORKED);
        if (step == 1)
            assert_non_null(strstr(j.text, "1 table left, now public.orders"));
    }
    close_all(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_restart_is_of_what_failed),
        cmocka_unit_test(test_restart_of_all_says_what_bounces_and_wants_the_name),
        cmocka_unit_test(test_one_task_must_exist),
        cmocka_unit_test(test_an_old_connect_gets_a_call_for_each_task),
        cmocka_unit_test(test_nothing_is_done_on_old_evidence),
        cmocka_unit_test(test_read_only_blocks_everything),
        cmocka_unit_test(test_a_slot_is_dropped_only_when_nobody_needs_it),
        cmocka_unit_test(test_physical_temporary_and_synced_slots_are_refused),
        cmocka_unit_test(test_a_snapshot_shows_its_signal),
        cmocka_unit_test(test_a_blocking_filter_is_a_whole_select_of_the_table_as_it_is_named),
        cmocka_unit_test(test_a_long_request_is_shown_whole),
        cmocka_unit_test(test_a_sink_takes_no_snapshot),
        cmocka_unit_test(test_running_is_not_enough_progress_is),
        cmocka_unit_test(test_continued_means_that_data_moves),
        cmocka_unit_test(test_a_sink_with_nothing_due_need_not_commit),
        cmocka_unit_test(test_starting_without_the_slot_is_warned_of),
        cmocka_unit_test(test_a_task_that_fails_again_is_said_with_its_cause),
        cmocka_unit_test(test_not_seen_in_time_is_not_success),
        cmocka_unit_test(test_stopped_means_without_tasks),
        cmocka_unit_test(test_a_dropped_slot_must_stay_gone),
        cmocka_unit_test(test_without_notifications_the_offsets_are_the_witness),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
