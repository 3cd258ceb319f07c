/* The rules of rules_slot.c: each in a world where it fires, and where it must not. */
#include "base/lsn.h"
#include "base/mem.h"
#include "tests/unit/rule_cases.h"

static void edit_wal_level(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    snap->pg.wal_level = "replica";
}

static void make_p25(struct fixture *f)
{
    f->edit[SOURCE_POSTGRES] = edit_wal_level;
}

/* A second slot beside the pipeline's own. */
static struct pg_slot *add_slot(struct snapshot *snap)
{
    struct pg_slot *two = arena_array(snap->arena, 2, sizeof(*two));
    two[0] = two[1] = snap->pg.slots[0];
    two[1].name = "old_export";
    snap->pg.slots = two;
    snap->pg.nslots = 2;
    return &two[1];
}

static void edit_orphan(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    add_slot(snap)->active = TRI_NO;
}

static void edit_subscription(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    add_slot(snap)->active = TRI_YES;
}

static void make_p03(struct fixture *f)
{
    f->edit[SOURCE_POSTGRES] = edit_orphan;
    rule_ticks(f, 1000, 2000);
}

static void near_p03(struct fixture *f) /* read again since */
{
    make_p03(f);
    f->edit[SOURCE_POSTGRES] = edit_subscription;
    rule_ticks(f, 1, 2000);
    f->edit[SOURCE_POSTGRES] = edit_orphan;
    rule_ticks(f, 40, 2000);
}

static void make_p04(struct fixture *f)
{
    f->active = TRI_NO;
    f->src_task = "FAILED";
}

static void near_p04(struct fixture *f) /* its tasks say RUNNING: that is P06 */
{
    f->active = TRI_NO;
    rule_ticks(f, 60, 2000);
}

static void make_p05(struct fixture *f)
{
    f->active = TRI_NO;
    f->src_state = "STOPPED";
    f->lsn_now = f->restart + UINT64_C(5000000000);
}

static void make_p06(struct fixture *f)
{
    f->active = TRI_NO;
    rule_ticks(f, 60, 2000);
}

static void near_p06(struct fixture *f) /* a walsender that was ended comes again by itself */
{
    f->active = TRI_NO;
    rule_ticks(f, 5, 2000);
    f->active = TRI_YES;
}

static void put_sender(struct snapshot *snap, const char *app, int64_t start_ms)
{
    struct pg_walsender *w = arena_alloc(snap->arena, sizeof(*w));
    *w = (struct pg_walsender){.pid = 4711,
                               .user = "rep",
                               .application_name = app,
                               .client_addr = "10.0.0.3",
                               .state = "streaming",
                               .backend_start_ms = start_ms,
                               .reply_ms = UNKNOWN};
    snap->pg.walsenders = w;
    snap->pg.nwalsenders = 1;
    snap->pg.slots[0].active_pid = 4711;
    snap->pg.slots[0].walsender = w;
}

static void edit_stranger(struct fixture *f, struct snapshot *snap)
{
    put_sender(snap, "pg_recvlogical", f->wall_ms - 5000);
}

static void make_p12(struct fixture *f)
{
    f->edit[SOURCE_POSTGRES] = edit_stranger;
}

static void edit_debezium(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    put_sender(snap, "Debezium Streaming", 1000);
}

static void near_p12(struct fixture *f)
{
    f->edit[SOURCE_POSTGRES] = edit_debezium;
}

static void edit_user(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    fixture_config(snap, "src", "database.user", "rep");
}

static void edit_renamed(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    put_sender(snap, "orders-cdc", 1000);
}

static void near_p12_renamed(struct fixture *f) /* its own session under a name of its own */
{
    f->edit[SOURCE_CONNECT] = edit_user;
    f->edit[SOURCE_POSTGRES] = edit_renamed;
}

static void edit_flapping(struct fixture *f, struct snapshot *snap)
{
    put_sender(snap, "Debezium Streaming", f->wall_ms - f->n);
}

static void make_p28(struct fixture *f) /* each poll another walsender */
{
    f->edit[SOURCE_POSTGRES] = edit_flapping;
    rule_ticks(f, 5, 30 * 1000);
}

static void edit_again(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    put_sender(snap, "Debezium Streaming", 2000);
}

static void near_p28(struct fixture *f) /* one restart */
{
    f->edit[SOURCE_POSTGRES] = edit_debezium;
    rule_ticks(f, 3, 2000);
    f->edit[SOURCE_POSTGRES] = edit_again;
    rule_ticks(f, 100, 2000);
}

static void edit_full(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    snap->pg.max_replication_slots = 1;
}

static void edit_nearly_full(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    snap->pg.max_replication_slots = 2;
}

static void make_p24(struct fixture *f)
{
    f->edit[SOURCE_POSTGRES] = edit_full;
}

static void near_p24(struct fixture *f)
{
    f->edit[SOURCE_POSTGRES] = edit_nearly_full;
}

static void edit_making(struct fixture *f, struct snapshot *snap)
{
    struct pg_holder *h = arena_alloc(snap->arena, sizeof(*h));
    *h = (struct pg_holder){.pid = 99,
                            .user = "batch",
                            .query = "UPDATE big SET x = 1",
                            .xact_start_ms = f->wall_ms - 600 * 1000,
                            .xid_age = 3,
                            .xmin_age = UNKNOWN};
    snap->pg.holders = h;
    snap->pg.nholders = 1;
    snap->pg.slots[0].confirmed_flush_lsn = LSN_NONE;
    snap->pg.slots[0].unconfirmed = UNKNOWN;
}

static void edit_begun(struct fixture *f, struct snapshot *snap)
{
    edit_making(f, snap);
    snap->pg.slots[0].confirmed_flush_lsn = f->confirmed;
}

static void make_p26(struct fixture *f)
{
    f->edit[SOURCE_POSTGRES] = edit_making;
    rule_ticks(f, 5, 2000);
}

static void near_p26(struct fixture *f)
{
    f->edit[SOURCE_POSTGRES] = edit_begun;
    rule_ticks(f, 5, 2000);
}

static void edit_timeout(struct fixture *f, struct snapshot *snap)
{
    snap->pg.version_num = 180000;
    snap->pg.idle_replication_slot_timeout_ms = 3600 * 1000;
    snap->pg.slots[0].inactive_since_ms = f->wall_ms - f->n;
}

static void make_p29(struct fixture *f)
{
    f->active = TRI_NO;
    f->src_state = "STOPPED";
    f->n = 50 * 60 * 1000;
    f->edit[SOURCE_POSTGRES] = edit_timeout;
}

static void near_p29(struct fixture *f)
{
    make_p29(f);
    f->n = 10 * 60 * 1000;
}

static const struct rule_case cases[] = {
    {"P25", "wal_level",             make_p25, VERDICT_CRIT, NULL,             NULL },
    {"P24", "max_replication_slots", make_p24, VERDICT_WARN, near_p24,         NULL },
    {"P03", "old_export",            make_p03, VERDICT_WARN, near_p03,         NULL },
    {"P04", "src",                   make_p04, VERDICT_CRIT, near_p04,         "P06"},
    {"P05", "src",                   make_p05, VERDICT_WARN, NULL,             NULL },
    {"P06", "src",                   make_p06, VERDICT_CRIT, near_p06,         NULL },
    {"P12", "src",                   make_p12, VERDICT_CRIT, near_p12,         NULL },
    {"P12", "src",                   make_p12, VERDICT_CRIT, near_p12_renamed, NULL },
    {"P26", "dbz",                   make_p26, VERDICT_WARN, near_p26,         NULL },
    {"P28", "dbz",                   make_p28, VERDICT_WARN, near_p28,         NULL },
    {"P29", "dbz",                   make_p29, VERDICT_WARN, near_p29,         NULL },
};

static void test_every_rule_fires_and_is_silent(void **state)
{
    (void)state;
    rule_cases_run(rules_slot, cases, ARRAY_LEN(cases));
}

static void edit_rival(struct fixture *f, struct snapshot *snap)
{
    struct connect_connector *c = arena_array(snap->arena, 3, sizeof(*c));
    (void)f;
    c[0] = c[2] = snap->connect.connectors[1];
    c[1] = snap->connect.connectors[0];
    c[0].name = "rival";
    snap->connect.connectors = c;
    snap->connect.nconnectors = 3;
}

/* As recorded from Debezium 2.7.4: the second one says RUNNING for minutes, and may fail in the end
 * with the pid of the other in its trace. Each of both tells it once. */
static void test_second_reader_is_one_finding(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_POSTGRES] = edit_debezium;
    f.edit[SOURCE_CONNECT] = edit_rival;
    rule_ticks(&f, 3, 2000);
    struct findings all = fixture_findings(&f);
    assert_string_equal(all.items[0].id, "P12");
    assert_non_null(strstr(all.items[0].title, "rival"));
    assert_true(all.count == 1 || strcmp(all.items[1].id, "P12") != 0);
    fixture_close(&f);

    fixture_open(&f);
    f.edit[SOURCE_POSTGRES] = edit_debezium;
    f.src_task = "FAILED";
    f.src_cause = "PSQLException: ERROR: replication slot \"dbz\" is active for PID 4711";
    rule_ticks(&f, 3, 2000);
    all = fixture_findings(&f);
    assert_string_equal(all.items[0].id, "P12");
    assert_non_null(
        strstr(all.items[0].title, "pid 4711, Debezium Streaming of rep from 10.0.0.3"));
    fixture_close(&f);
}

/* Full is a warning; critical when a connector died of it, and then that one is no second alarm. */
static void test_full_quota_is_critical_when_it_hurts(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_POSTGRES] = edit_full;
    rule_ticks(&f, 3, 2000);
    assert_int_equal(fixture_finding(fixture_findings(&f), "P24")->severity, VERDICT_WARN);
    f.src_task = "FAILED";
    f.src_cause = "PSQLException: ERROR: all replication slots are in use";
    rule_ticks(&f, 1, 2000);
    struct findings all = fixture_findings(&f);
    assert_string_equal(all.items[0].id, "P24");
    assert_int_equal(all.items[0].severity, VERDICT_CRIT);
    assert_null(fixture_finding(all, "C01"));
    fixture_close(&f);
}

/* Of one that was dropped and made again nobody may say that it is idle for as long as the old one
 * was, and an old one is not forgotten when more polls have come than a ring holds. */
static void test_idle_time_is_the_slots_own(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.active = TRI_NO;
    rule_ticks(&f, 1000, 2000);
    assert_in_range(fixture_pipeline(&f)->slots[0].idle_ms, 1990 * 1000, 2000 * 1000);
    f.slot_name = "another";
    rule_ticks(&f, 1, 2000);
    assert_int_equal(fixture_pipeline(&f)->slots[0].idle_ms, 0);
    f.slot_name = "dbz";
    rule_ticks(&f, 3, 2000);
    assert_int_equal(fixture_pipeline(&f)->slots[0].idle_ms, 4000);
    f.restart += 5000; /* made anew between two polls */
    rule_ticks(&f, 2, 2000);
    assert_int_equal(fixture_pipeline(&f)->slots[0].idle_ms, 2000);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_rule_fires_and_is_silent),
        cmocka_unit_test(test_second_reader_is_one_finding),
        cmocka_unit_test(test_full_quota_is_critical_when_it_hurts),
        cmocka_unit_test(test_idle_time_is_the_slots_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
