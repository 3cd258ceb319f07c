/* The rules of rules_snapshot.c: each in a world where it fires, and where it must not. */
#include "base/mem.h"
#include "model/snapshot_status.h"
#include "tests/unit/capture_world.h"
#include "tests/unit/rule_cases.h"

#include <stdio.h>

enum { MINUTE_MS = 60 * 1000 };

struct word { /* of a notification */
    const char *type, *key, *value, *status;
    int64_t age_ms;
};

static void tell_of(struct fixture *f, struct snapshot *snap, const char *aggregate,
                    const struct word *said, size_t n)
{
    struct dbz_notification *notes = arena_array(snap->arena, n, sizeof(*notes));
    for (size_t i = 0; i < n; i++) {
        struct kv *data = arena_array(snap->arena, 4, sizeof(*data));
        data[0] = (struct kv){"connector_name", "shop"};
        data[1] = (struct kv){"data_collections", "public.orders"};
        data[2] = (struct kv){said[i].key, said[i].value};
        data[3] = (struct kv){"status", said[i].status};
        notes[i] = (struct dbz_notification){.topic = "notes",
                                             .id = "id-1",
                                             .aggregate_type = aggregate,
                                             .type = said[i].type,
                                             .data = data,
                                             .ndata = said[i].status != NULL ? 4 : 3,
                                             .offset = (int64_t)i + 7,
                                             .time_ms = f->wall_ms - said[i].age_ms};
    }
    snap->kafka.notifications = notes;
    snap->kafka.nnotifications = n;
}

static void tell(struct fixture *f, struct snapshot *snap, const struct word *said, size_t n)
{
    tell_of(f, snap, "Incremental Snapshot", said, n);
}

static const struct word started = {"STARTED", "x", "x", NULL, 1000};
static const struct word reading = {"IN_PROGRESS", "current_collection_in_progress",
                                    "public.orders", NULL, 1000};

static void edit_running(struct fixture *f, struct snapshot *snap)
{
    tell(f, snap, (struct word[]){started, reading}, 2);
}
static void edit_quiet(struct fixture *f, struct snapshot *snap)
{
    struct word old = reading;
    old.age_ms = 11 * MINUTE_MS;
    tell(f, snap,
         (struct word[]){
             {"STARTED", "x", "x", NULL, 12 * MINUTE_MS},
             old
    },
         2);
}
static void edit_paused(struct fixture *f, struct snapshot *snap)
{
    tell(f, snap,
         (struct word[]){
             {"STARTED", "x", "x", NULL, 12 * MINUTE_MS},
             {"PAUSED",  "x", "x", NULL, 11 * MINUTE_MS}
    },
         2);
}
static void edit_left_out(struct fixture *f, struct snapshot *snap)
{
    tell(
        f, snap,
        (struct word[]){
            started,
            {"TABLE_SCAN_COMPLETED", "scanned_collection", "public.orders", "NO_PRIMARY_KEY", 1000},
            {"COMPLETED",            "x",                  "x",             NULL,             1000}
    },
        3);
}
static void edit_empty(struct fixture *f, struct snapshot *snap)
{
    tell(f, snap,
         (struct word[]){
             started,
             {"TABLE_SCAN_COMPLETED", "scanned_collection", "public.orders", "EMPTY", 1000},
             {"COMPLETED",            "x",                  "x",             NULL,    1000}
    },
         3);
}
static void edit_stopped(struct fixture *f, struct snapshot *snap)
{
    tell(f, snap,
         (struct word[]){
             started,
             reading,
             {"COMPLETED", "x", "x", NULL, 1000},
             {"ABORTED",   "x", "x", NULL, 1000}
    },
         4);
    snap->kafka.notifications[3].id = "random";
}

static void make_n01(struct fixture *f)
{
    f->edit[SOURCE_KAFKA] = edit_running;
}
static void make_n02(struct fixture *f)
{
    f->edit[SOURCE_KAFKA] = edit_quiet;
}
static void near_n02(struct fixture *f) /* paused: nobody expects it to move */
{
    f->edit[SOURCE_KAFKA] = edit_paused;
}
static void make_n04(struct fixture *f)
{
    f->edit[SOURCE_KAFKA] = edit_left_out;
}
static void near_n04(struct fixture *f)
{
    f->edit[SOURCE_KAFKA] = edit_empty;
}

/* A signal of ours that was accepted so long ago. */
static void signalled(struct fixture *f, int64_t ago_ms, bool by_topic)
{
    struct ledger_entry e = {.id = 1,
                             .kind = ACTION_SNAPSHOT,
                             .verb = "snapshot",
                             .state = LEDGER_UNSEEN,
                             .wall_ms = f->wall_ms - ago_ms,
                             .mono_ms = f->mono_ms - ago_ms,
                             .accepted_mono_ms = f->mono_ms - ago_ms,
                             .ended_mono_ms = f->mono_ms,
                             .by_topic = by_topic};
    (void)snprintf(e.target, sizeof(e.target), "src");
    (void)snprintf(e.signal_id, sizeof(e.signal_id), "id-1");
    (void)snprintf(e.table, sizeof(e.table), "public.orders");
    ledger_put(&f->world->pipelines[0].ledger, &e);
}
static void make_n03(struct fixture *f)
{
    signalled(f, 70 * 1000, false);
}
static void near_n03(struct fixture *f) /* heard, and already over */
{
    make_n03(f);
    f->edit[SOURCE_KAFKA] = edit_empty;
}

static const struct rule_case cases[] = {
    {"N01", "src", make_n01, VERDICT_INFO, make_n04, "N04"},
    {"N02", "src", make_n02, VERDICT_WARN, near_n02, NULL },
    {"N03", "src", make_n03, VERDICT_WARN, near_n03, NULL },
    {"N04", "src", make_n04, VERDICT_WARN, near_n04, NULL },
};

static void test_every_rule_fires_and_is_silent(void **state)
{
    (void)state;
    rule_cases_run(rules_snapshot, cases, ARRAY_LEN(cases));
}

/* ---- what the findings say --------------------------------------------------------------------
 */

static const struct finding *find(struct fixture *f, const char *id)
{
    rule_ticks(f, 1, 2000);
    return fixture_finding(fixture_findings(f), id);
}

static bool shows(const struct finding *f, const char *fragment)
{
    bool any = strstr(f->title, fragment) != NULL || strstr(f->advice, fragment) != NULL;
    for (int i = 0; i < f->nevidence; i++)
        any = any || strstr(f->evidence[i], fragment) != NULL;
    return any;
}

static void must_show(const struct finding *f, const char *fragment)
{
    assert_non_null(f);
    if (!shows(f, fragment))
        fail_msg("'%s' is not said: %s / %s / %s", fragment, f->title, f->advice,
                 f->nevidence > 0 ? f->evidence[0] : "");
}

static void test_an_unheard_signal_says_why(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    rule_ticks(&f, 3, 2000);
    f.edit[SOURCE_POSTGRES] = capture_signal_unpublished;
    signalled(&f, 50 * 1000, false);
    assert_null(find(&f, "N03")); /* not yet */
    signalled(&f, 70 * 1000, false);
    const struct finding *n03 = find(&f, "N03");
    if (n03 != NULL) { /* else the rule about the table itself is the cause of it */
        must_show(n03, "debezium_signal is not in publication");
        must_show(n03, "ALTER PUBLICATION");
    }
    f.edit[SOURCE_POSTGRES] = NULL;
    rule_ticks(&f, 1, 120000); /* the other one clears */
    signalled(&f, 70 * 1000, false);
    n03 = find(&f, "N03");
    must_show(n03, "public.orders");
    must_show(n03, "debezium_signal");
    must_show(n03, "do not send it again blindly");
    signalled(&f, 70 * 1000, true);
    must_show(find(&f, "N03"), "signal.enabled.channels");
    fixture_close(&f);
}

/* What a slot keeps while a snapshot runs is expected. */
static void test_a_snapshot_makes_retained_wal_no_alarm(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    rule_ticks(&f, 3, 2000);
    f.restart = f.lsn_now;
    f.lsn_now += UINT64_C(20000000000);
    f.confirmed = f.lsn_now;
    const struct finding *kept = find(&f, "P31");
    assert_non_null(kept);
    assert_int_equal(kept->severity, VERDICT_CRIT);
    f.edit[SOURCE_KAFKA] = edit_running;
    kept = find(&f, "P31");
    assert_non_null(kept);
    assert_int_equal(kept->severity, VERDICT_WARN);
    fixture_close(&f);
}

/* Somebody else's snapshot goes on: ours waits behind it, which is no silence. */
static void test_a_signal_may_wait_behind_another_snapshot(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_KAFKA] = edit_running;
    rule_ticks(&f, 3, 2000);
    struct ledger_entry e = {.id = 1,
                             .kind = ACTION_SNAPSHOT,
                             .verb = "snapshot",
                             .state = LEDGER_WATCHING,
                             .wall_ms = f.wall_ms - 70000,
                             .accepted_mono_ms = f.mono_ms - 70000};
    (void)snprintf(e.target, sizeof(e.target), "src");
    (void)snprintf(e.signal_id, sizeof(e.signal_id), "another");
    ledger_put(&f.world->pipelines[0].ledger, &e);
    assert_null(find(&f, "N03"));
    fixture_close(&f);
}

static void test_a_paused_snapshot_is_resumed_by_its_remedy(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_KAFKA] = edit_paused;
    rule_ticks(&f, 3, 2000);
    const struct finding *n01 = find(&f, "N01");
    must_show(n01, "is paused");
    assert_true(n01->has_remedy && n01->remedy == ACTION_SNAPSHOT_RESUME);
    fixture_close(&f);
}

static void test_a_stopped_snapshot_says_what_is_missing(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_KAFKA] = edit_stopped;
    rule_ticks(&f, 3, 2000);
    const struct finding *n04 = find(&f, "N04");
    must_show(n04, "was stopped before public.orders was read whole");
    assert_true(n04->has_remedy && n04->remedy == ACTION_SNAPSHOT);
    assert_null(fixture_finding(fixture_findings(&f), "N01"));
    fixture_close(&f);
}

static void edit_topic_only(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    fixture_config(snap, "src", "signal.enabled.channels", "kafka");
    fixture_config(snap, "src", "signal.kafka.topic", "signals");
    fixture_config(snap, "src", "signal.kafka.bootstrap.servers", "k:9092");
}

/* Recorded with 2.7.4: signalled by the topic alone it stands still after its first chunk, and goes
 * on as soon as the channel of the watermarks is there. */
static void test_watermarks_need_the_signal_table(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_KAFKA] = edit_quiet;
    f.edit[SOURCE_CONNECT] = edit_topic_only;
    rule_ticks(&f, 3, 2000);
    must_show(find(&f, "N02"), "add source to signal.enabled.channels");
    fixture_close(&f);
}

static void edit_silent(struct fixture *f, struct snapshot *snap)
{
    tell(f, snap,
         (struct word[]){
             started, {"COMPLETED", "x", "x", NULL, 6000}
    },
         2);
}

static void test_completed_without_a_scan_is_said(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_KAFKA] = edit_silent;
    rule_ticks(&f, 3, 2000);
    must_show(find(&f, "N04"), "ended before public.orders was read whole");
    fixture_close(&f);
}

static void edit_blocked(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    struct pg_blocked *b = arena_alloc(snap->arena, sizeof(*b));
    *b = (struct pg_blocked){
        .pid = 11,
        .blocker = 4711,
        .application_name = "Debezium General",
        .blocker_user = "alice",
        .blocker_query = "LOCK TABLE orders",
        .waits_ms = 660000,
        .by = {.pid = 4711,
               .backend_start_ms = 1000,
               .user = "alice",
               .type = "client backend",
               .superuser = TRI_NO,
               .may_signal = TRI_YES}
    };
    snap->pg.blocked = b;
    snap->pg.nblocked = 1;
}

static void test_a_stuck_snapshot_names_who_blocks_it(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_KAFKA] = edit_quiet;
    f.edit[SOURCE_POSTGRES] = edit_blocked;
    rule_ticks(&f, 3, 2000);
    const struct finding *n02 = find(&f, "N02");
    must_show(n02, "4711");
    must_show(n02, "LOCK TABLE orders");
    must_show(n02, "threshold 10m");
    assert_int_equal(n02->remedy, ACTION_TERMINATE);
    assert_string_equal(n02->remedy_target, "4711");
    assert_null(fixture_finding(fixture_findings(&f), "N01")); /* folded */
    fixture_close(&f);
}

/* All is announced up front; while the topic grows, old notifications prove nothing. */
static void edit_full(struct fixture *f, struct snapshot *snap)
{
    struct word a = started;
    struct word b = reading;
    a.age_ms = b.age_ms = 11 * MINUTE_MS;
    tell_of(f, snap, "Initial Snapshot", (struct word[]){a, b}, 2);
}

static void test_a_full_snapshot_lives_by_its_topics(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_KAFKA] = edit_full;
    for (int i = 0; i < 5; i++) {
        f.end += 1000;
        rule_ticks(&f, 1, 2000);
    }
    assert_null(find(&f, "N02"));
    assert_non_null(find(&f, "N01"));
    for (int i = 0; i < 11 * 30 + 2; i++) /* 11 minutes without a row */
        rule_ticks(&f, 1, 2000);
    must_show(find(&f, "N02"), "no growth of its topics");
    fixture_close(&f);
}

/* Nobody reads the slot of a source that takes its initial snapshot: that is no dead reader. */
static void test_an_initial_snapshot_reads_no_slot(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_KAFKA] = edit_full;
    f.active = TRI_NO;
    for (int i = 0; i < 60; i++) {
        f.end += 1000;
        rule_ticks(&f, 1, 2000);
    }
    assert_null(find(&f, "P06"));
    must_show(find(&f, "N01"), "initial snapshot runs");
    f.edit[SOURCE_KAFKA] = NULL;
    rule_ticks(&f, 1, 60000);
    assert_non_null(find(&f, "P06"));
    fixture_close(&f);
}

/* A connector that does not run takes no snapshot: others say what is wrong with it. */
static void test_an_interrupted_snapshot_is_no_running_one(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_KAFKA] = edit_running;
    f.src_task = "FAILED";
    rule_ticks(&f, 3, 2000);
    assert_null(find(&f, "N01"));
    assert_null(find(&f, "N02"));
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_rule_fires_and_is_silent),
        cmocka_unit_test(test_an_unheard_signal_says_why),
        cmocka_unit_test(test_a_snapshot_makes_retained_wal_no_alarm),
        cmocka_unit_test(test_a_signal_may_wait_behind_another_snapshot),
        cmocka_unit_test(test_a_paused_snapshot_is_resumed_by_its_remedy),
        cmocka_unit_test(test_a_stopped_snapshot_says_what_is_missing),
        cmocka_unit_test(test_watermarks_need_the_signal_table),
        cmocka_unit_test(test_completed_without_a_scan_is_said),
        cmocka_unit_test(test_a_stuck_snapshot_names_who_blocks_it),
        cmocka_unit_test(test_a_full_snapshot_lives_by_its_topics),
        cmocka_unit_test(test_an_initial_snapshot_reads_no_slot),
        cmocka_unit_test(test_an_interrupted_snapshot_is_no_running_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
