/* Verdicts by progress, not by state: restarts where nothing waits, slots that come back, snapshots
 * by what became of them. */
#include "base/mem.h"
#include "tests/check.h"
#include "tests/unit/capture_world.h"
#include "tests/unit/trial.h"

#include <stdlib.h>
#include <string.h>

static void begin(struct trial *t, enum action_kind kind, const char *target)
{
    trial_begin(t, kind, target);
    t->args->signal_id = mem_strdup("id-1");
}

/* ---- restart ----------------------------------------------------------------------------------
 */

static void edit_no_members(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    snap->kafka.groups[0].members = 0;
}

static void test_an_idle_sink_lives_by_its_membership(void **state)
{
    (void)state;
    struct trial t;
    begin(&t, ACTION_RESTART, "sink");
    t.f.edit[SOURCE_KAFKA] = edit_no_members;
    t.f.sink_task = "FAILED";
    trial_act(&t);
    t.f.sink_task = "RUNNING"; /* nothing waits: lag is 0 */
    for (int i = 0; i < 5; i++)
        assert_int_equal(trial_after(&t, 2000), ACTION_WATCHING);
    t.f.edit[SOURCE_KAFKA] = NULL;
    assert_int_equal(trial_after(&t, 2000), ACTION_WORKED);
    trial_says(&t, "nothing to do, so no progress could be seen");
    trial_end(&t);
}

static void edit_reader(struct fixture *f, struct snapshot *snap)
{
    snap->pg.slots[0].active_pid = (int)f->n;
}

static void test_an_idle_source_lives_by_who_reads_its_slot(void **state)
{
    (void)state;
    struct trial t;
    begin(&t, ACTION_RESTART, "src");
    t.args->scope = RESTART_ALL;
    t.f.edit[SOURCE_POSTGRES] = edit_reader;
    t.f.n = 100;
    trial_act(&t);
    for (int i = 0; i < 5; i++) /* the reader of before proves nothing */
        assert_int_equal(trial_after(&t, 2000), ACTION_WATCHING);
    trial_says(&t, "no progress");
    t.f.n = 101;
    assert_int_equal(trial_after(&t, 2000), ACTION_WORKED);
    trial_says(&t, "it reads its slot; whether data moves was not seen yet");
    trial_end(&t);
}

static void edit_heartbeat_config(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    fixture_config(snap, "src", "heartbeat.interval.ms", "2000");
}

static void edit_heartbeat(struct fixture *f, struct snapshot *snap)
{
    struct kafka_last *last = arena_alloc(snap->arena, sizeof(*last));
    *last = (struct kafka_last){.topic = "__debezium-heartbeat.shop", .time_ms = f->n};
    snap->kafka.lasts = last;
    snap->kafka.nlasts = 1;
}

static void test_a_heartbeat_is_progress(void **state)
{
    (void)state;
    struct trial t;
    begin(&t, ACTION_CONTINUE, "src");
    t.f.edit[SOURCE_CONNECT] = edit_heartbeat_config;
    t.f.edit[SOURCE_KAFKA] = edit_heartbeat;
    t.f.src_state = t.f.src_task = "PAUSED";
    t.f.n = 1000;
    trial_act(&t);
    t.f.src_state = t.f.src_task = "RUNNING";
    for (int i = 0; i < 3; i++)
        assert_int_equal(trial_after(&t, 2000), ACTION_WATCHING);
    t.f.n = 3000;
    assert_int_equal(trial_after(&t, 2000), ACTION_WORKED);
    trial_says(&t, "data moves");
    trial_end(&t);
}

/* A task that was given up tries again after 10 s: an owned slot is watched for longer. */
static void test_a_slot_with_an_owner_is_watched_for_longer(void **state)
{
    (void)state;
    struct trial t;
    begin(&t, ACTION_DROP_SLOT, "dbz");
    t.f.active = TRI_NO;
    t.f.src_state = "STOPPED";
    trial_act(&t);
    t.f.slot_name = "another";
    for (int i = 0; i < 6; i++)
        assert_int_equal(trial_after(&t, 2000), ACTION_WATCHING);
    t.f.slot_name = "dbz"; /* a zombie, 14 s later */
    assert_int_equal(trial_after(&t, 2000), ACTION_FAILED);
    trial_says(&t, "recreated");
    trial_end(&t);
}

/* ---- snapshots --------------------------------------------------------------------------------
 */

enum { WORDS_MAX = 6 };
static struct word {
    const char *id, *type, *status;
} said[WORDS_MAX];

static void edit_notes(struct fixture *f, struct snapshot *snap)
{
    size_t n = 0;
    struct dbz_notification *notes = arena_array(snap->arena, WORDS_MAX, sizeof(*notes));
    for (; n < WORDS_MAX && said[n].type != NULL; n++) {
        struct kv *data = arena_array(snap->arena, 4, sizeof(*data));
        bool scan = said[n].status != NULL;
        data[0] = (struct kv){"connector_name", "shop"};
        data[1] = (struct kv){"data_collections", "public.orders"};
        data[2] = (struct kv){scan ? "scanned_collection" : "x", "public.orders"};
        data[3] = (struct kv){"status", said[n].status};
        notes[n] = (struct dbz_notification){.topic = "notes",
                                             .id = said[n].id,
                                             .aggregate_type = "Incremental Snapshot",
                                             .type = said[n].type,
                                             .data = data,
                                             .ndata = scan ? 4 : 3,
                                             .offset = (int64_t)n,
                                             .time_ms = f->n};
    }
    snap->kafka.notifications = notes;
    snap->kafka.nnotifications = n;
}

static void hear(struct trial *t, const char *id, const char *type, const char *status)
{
    size_t n = 0;
    while (said[n].type != NULL)
        n++;
    said[n] = (struct word){id, type, status};
    t->f.n = t->f.wall_ms;
}

static void begin_signal(struct trial *t, enum action_kind kind)
{
    memset(said, 0, sizeof(said));
    begin(t, kind, "src");
    if (kind == ACTION_SNAPSHOT)
        action_args_add_table(t->args, "public.orders");
    t->f.edit[SOURCE_KAFKA] = edit_notes;
}

static void test_a_snapshot_worked_when_all_was_read(void **state)
{
    (void)state;
    struct trial t;
    begin_signal(&t, ACTION_SNAPSHOT);
    trial_act(&t);
    hear(&t, "id-1", "STARTED", NULL);
    assert_int_equal(trial_after(&t, 2000), ACTION_WATCHING);
    hear(&t, "id-1", "TABLE_SCAN_COMPLETED", "SUCCEEDED");
    hear(&t, "id-1", "COMPLETED", NULL);
    assert_int_equal(trial_after(&t, 2000), ACTION_WORKED);
    trial_end(&t);
}

static void test_a_table_left_out_is_a_failure(void **state)
{
    (void)state;
    struct trial t;
    begin_signal(&t, ACTION_SNAPSHOT);
    trial_act(&t);
    hear(&t, "id-1", "TABLE_SCAN_COMPLETED", "NO_PRIMARY_KEY");
    hear(&t, "id-1", "COMPLETED", NULL);
    assert_int_equal(trial_after(&t, 2000), ACTION_FAILED);
    trial_says(&t, "public.orders was not read: NO_PRIMARY_KEY");
    trial_end(&t);
}

static void test_completed_alone_is_no_success(void **state)
{
    (void)state;
    struct trial t;
    begin_signal(&t, ACTION_SNAPSHOT);
    trial_act(&t);
    hear(&t, "id-1", "STARTED", NULL);
    hear(&t, "id-1", "COMPLETED", NULL);
    assert_int_equal(trial_after(&t, 2000), ACTION_WATCHING);
    hear(&t, "random", "ABORTED", NULL); /* somebody stopped it */
    assert_int_equal(trial_after(&t, 2000), ACTION_FAILED);
    trial_says(&t, "stopped");
    trial_says(&t, "public.orders");
    trial_end(&t);
}

/* Recorded from 2.7.4: tables that are signalled meanwhile join it, under the id that came last. */
static void test_a_later_signal_takes_the_snapshot_over(void **state)
{
    (void)state;
    struct trial t;
    begin_signal(&t, ACTION_SNAPSHOT);
    trial_act(&t);
    hear(&t, "id-1", "STARTED", NULL);
    hear(&t, "id-1", "IN_PROGRESS", NULL);
    assert_int_equal(trial_after(&t, 2000), ACTION_WATCHING);
    hear(&t, "id-2", "IN_PROGRESS", NULL);
    assert_int_equal(trial_after(&t, 2000), ACTION_WATCHING);
    hear(&t, "id-2", "TABLE_SCAN_COMPLETED", "SUCCEEDED");
    hear(&t, "id-2", "COMPLETED", NULL);
    assert_int_equal(trial_after(&t, 2000), ACTION_WORKED);
    trial_end(&t);
}

static void test_a_signal_that_nobody_heard_says_why(void **state)
{
    (void)state;
    struct trial t;
    begin_signal(&t, ACTION_SNAPSHOT);
    t.f.edit[SOURCE_POSTGRES] = capture_signal_unpublished;
    trial_act(&t);
    hear(&t, "somebody-else", "COMPLETED", NULL);
    for (int i = 0; i < 29; i++)
        assert_int_equal(trial_after(&t, 2000), ACTION_WATCHING);
    assert_int_equal(trial_after(&t, 4000), ACTION_UNSEEN); /* a minute */
    trial_says(&t, "public.debezium_signal is not in publication");
    trial_end(&t);
}

static void test_resumed_is_proved_by_the_next_chunk(void **state)
{
    (void)state;
    struct trial t;
    begin_signal(&t, ACTION_SNAPSHOT_RESUME);
    hear(&t, "id-9", "STARTED", NULL);
    hear(&t, "id-9", "PAUSED", NULL);
    trial_act(&t);
    assert_int_equal(trial_after(&t, 2000), ACTION_WATCHING);
    hear(&t, "id-9", "RESUMED", NULL);
    assert_int_equal(trial_after(&t, 2000), ACTION_WATCHING);
    hear(&t, "id-9", "IN_PROGRESS", NULL);
    assert_int_equal(trial_after(&t, 2000), ACTION_WORKED);
    trial_end(&t);
}

static void test_stop_and_pause_want_to_be_seen_after_the_signal(void **state)
{
    (void)state;
    struct trial t;
    begin_signal(&t, ACTION_SNAPSHOT_STOP);
    hear(&t, "id-9", "STARTED", NULL);
    hear(&t, "id-9", "COMPLETED", NULL);
    trial_act(&t);
    fixture_tick(&t.f, 60000);
    action_before(t.args, t.f.world, fixture_pipeline(&t.f), &t.before);
    assert_int_equal(trial_after(&t, 2000), ACTION_WATCHING); /* that end is an old one */
    trial_says(&t, "nothing to stop");
    hear(&t, "id-9", "ABORTED", NULL);
    assert_int_equal(trial_after(&t, 2000), ACTION_WORKED);
    trial_end(&t);

    begin_signal(&t, ACTION_SNAPSHOT_PAUSE);
    hear(&t, "id-9", "STARTED", NULL);
    trial_act(&t);
    assert_int_equal(trial_after(&t, 2000), ACTION_WATCHING);
    hear(&t, "id-9", "PAUSED", NULL);
    assert_int_equal(trial_after(&t, 2000), ACTION_WORKED);
    trial_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_idle_sink_lives_by_its_membership),
        cmocka_unit_test(test_an_idle_source_lives_by_who_reads_its_slot),
        cmocka_unit_test(test_a_heartbeat_is_progress),
        cmocka_unit_test(test_a_slot_with_an_owner_is_watched_for_longer),
        cmocka_unit_test(test_a_snapshot_worked_when_all_was_read),
        cmocka_unit_test(test_a_table_left_out_is_a_failure),
        cmocka_unit_test(test_completed_alone_is_no_success),
        cmocka_unit_test(test_a_later_signal_takes_the_snapshot_over),
        cmocka_unit_test(test_a_signal_that_nobody_heard_says_why),
        cmocka_unit_test(test_resumed_is_proved_by_the_next_chunk),
        cmocka_unit_test(test_stop_and_pause_want_to_be_seen_after_the_signal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
