/* The rules of rules_gap.c: changes that are in no topic, and what only looks like it. */
#include "base/lsn.h"
#include "base/mem.h"
#include "tests/unit/rule_cases.h"

static void make_p13(struct fixture *f)
{
    f->slot_name = "another";
}

static void edit_no_offsets(struct fixture *f, struct snapshot *snap)
{
    snap->connect.connectors[1].lsn = LSN_NONE;
    snap->connect.connectors[1].offsets_read = true;
    snap->connect.connectors[1].offsets_ms = f->wall_ms;
}

static void edit_offset(struct fixture *f, struct snapshot *snap)
{
    struct connect_connector *c = &snap->connect.connectors[1];
    c->lsn = (uint64_t)f->n;
    c->offsets_read = true;
    c->offsets_ms = f->wall_ms;
}

/* Missing for some polls, then there again, at the end of the WAL. */
static void recreate(struct fixture *f)
{
    f->slot_name = "another";
    rule_ticks(f, 3, 2000);
    f->lsn_now += 50 * 1000 * 1000;
    f->restart = f->confirmed = f->lsn_now;
    f->slot_name = "dbz";
    rule_ticks(f, 1, 2000);
}

static void make_p14(struct fixture *f)
{
    f->n = (int64_t)f->confirmed;
    f->edit[SOURCE_CONNECT] = edit_offset;
    recreate(f);
    f->lsn_now += 2000;
    f->n = (int64_t)f->confirmed + 1000; /* and soon the offset is behind it all the same */
    rule_ticks(f, 100, 2000);
}

static void near_p14(struct fixture *f) /* its offsets were deleted: it begins with a snapshot */
{
    f->edit[SOURCE_CONNECT] = edit_no_offsets;
    recreate(f);
    f->lsn_now += 2000;
    f->n = (int64_t)f->confirmed + 1000;
    f->edit[SOURCE_CONNECT] = edit_offset;
    rule_ticks(f, 3, 2000);
}

/* Deleted while the slot was missing, and what we know of them is from before: a task that would
 * not die made the slot again at once (seen with Debezium 2.7.4). */
static void near_p14_late(struct fixture *f)
{
    f->n = (int64_t)f->confirmed;
    f->edit[SOURCE_CONNECT] = edit_offset;
    rule_ticks(f, 1, 2000);
    f->silent[SOURCE_CONNECT] = true;
    recreate(f);
    f->silent[SOURCE_CONNECT] = false;
    f->edit[SOURCE_CONNECT] = edit_no_offsets;
    rule_ticks(f, 3, 2000);
    f->confirmed = f->lsn_now += 2000;
    f->n = (int64_t)f->confirmed;
    f->edit[SOURCE_CONNECT] = edit_offset;
    rule_ticks(f, 40, 2000);
}

/* Moved back by hand: it is sent again, nothing is missing. */
static void near_rewound(struct fixture *f)
{
    f->n = (int64_t)f->confirmed;
    f->edit[SOURCE_CONNECT] = edit_offset;
    rule_ticks(f, 3, 2000);
    f->n -= 700000;
    rule_ticks(f, 3, 2000);
}

static void near_p14_replay(struct fixture *f) /* the slot trails the offset: as it should be */
{
    f->edit[SOURCE_CONNECT] = edit_offset;
    for (int i = 0; i < 20; i++) {
        f->lsn_now += 10000;
        f->n = (int64_t)f->confirmed;
        rule_ticks(f, 1, 2000);
        f->confirmed = f->lsn_now - 5000; /* confirmed after the offset was read */
        f->n = (int64_t)f->confirmed;
    }
}

static void make_ahead(struct fixture *f)
{
    f->n = (int64_t)f->confirmed;
    f->lsn_now = f->confirmed += 700000;
    f->edit[SOURCE_CONNECT] = edit_offset;
    rule_ticks(f, 5, 2000);
}

static void edit_flush_mode(struct fixture *f, struct snapshot *snap)
{
    edit_offset(f, snap);
    fixture_config(snap, "src", "lsn.flush.mode", "connector_and_driver");
}

static void near_ahead(struct fixture *f)
{
    f->n = (int64_t)f->confirmed;
    f->lsn_now = f->confirmed += 700000;
    f->edit[SOURCE_CONNECT] = edit_flush_mode;
    rule_ticks(f, 5, 2000);
}

static void make_p15(struct fixture *f)
{
    f->n = (int64_t)f->lsn_now + 1000 * 1000;
    f->edit[SOURCE_CONNECT] = edit_offset;
}

static void near_p15(struct fixture *f) /* at the end */
{
    f->n = (int64_t)f->lsn_now;
    f->edit[SOURCE_CONNECT] = edit_offset;
}

static void edit_started(struct fixture *f, struct snapshot *snap)
{
    snap->pg.started_ms = f->wall_ms - 2 * 60 * 1000;
}

static void edit_started_long_ago(struct fixture *f, struct snapshot *snap)
{
    snap->pg.started_ms = f->wall_ms - 3600 * 1000;
}

static void make_p16(struct fixture *f)
{
    f->active = TRI_NO;
    f->src_task = "FAILED";
    f->src_cause = "io.debezium.DebeziumException: Couldn't obtain encoding for database shop";
    f->edit[SOURCE_POSTGRES] = edit_started;
}

static void near_p16(struct fixture *f)
{
    make_p16(f);
    f->edit[SOURCE_POSTGRES] = edit_started_long_ago;
}

static const struct rule_case cases[] = {
    {"P13", "src", make_p13,   VERDICT_CRIT, NULL,            NULL },
    {"P14", "src", make_p14,   VERDICT_CRIT, near_p14,        NULL },
    {"P14", "src", make_p14,   VERDICT_CRIT, near_p14_replay, NULL },
    {"P14", "src", make_ahead, VERDICT_CRIT, near_ahead,      NULL },
    {"P14", "src", make_p14,   VERDICT_CRIT, near_p14_late,   NULL },
    {"P14", "src", make_ahead, VERDICT_CRIT, near_rewound,    NULL },
    {"P15", "src", make_p15,   VERDICT_CRIT, near_p15,        NULL },
    {"P16", "src", make_p16,   VERDICT_CRIT, near_p16,        "P04"},
};

static void test_every_rule_fires_and_is_silent(void **state)
{
    (void)state;
    rule_cases_run(rules_gap, cases, ARRAY_LEN(cases));
}

static bool is_said(const struct finding *f, const char *word)
{
    bool said = strstr(f->title, word) != NULL || strstr(f->advice, word) != NULL;
    for (int i = 0; i < f->nevidence; i++)
        said = said || strstr(f->evidence[i], word) != NULL;
    return said;
}

/* A connector that never stored an offset makes its slot itself: no alarm. */
static void test_new_connector_without_a_slot_is_no_alarm(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_CONNECT] = edit_no_offsets;
    make_p13(&f);
    fixture_tick(&f, 2000);
    const struct finding *p13 = fixture_finding(fixture_findings(&f), "P13");
    assert_non_null(p13);
    assert_int_equal(p13->severity, VERDICT_INFO);
    fixture_close(&f);
}

static void put_table(struct fixture *f, struct snapshot *snap)
{
    struct pg_table *t = arena_array(snap->arena, 2, sizeof(*t));
    static const char *const names[] = {"orders", "customers"};
    for (size_t i = 0; i < 2; i++)
        t[i] = (struct pg_table){.publication = "dbz_publication",
                                 .schema = "public",
                                 .name = names[i],
                                 .replica_identity = 'd',
                                 .has_pk = TRI_YES,
                                 .live_rows = UNKNOWN,
                                 .changes = UNKNOWN};
    (void)f;
    snap->pg.tables = t;
    snap->pg.ntables = snap->pg.tables_total = 2;
}

/* As recorded from Debezium 2.7.4 in tests/samples/kafka. */
static void put_scans(struct fixture *f, struct snapshot *snap, size_t n)
{
    static const char *const names[] = {"public.orders", "public.customers"};
    struct dbz_notification *list = arena_array(snap->arena, n, sizeof(*list));
    for (size_t i = 0; i < n; i++) {
        struct kv *data = arena_array(snap->arena, 2, sizeof(*data));
        data[0] = (struct kv){"scanned_collection", names[i]};
        data[1] = (struct kv){"status", "SUCCEEDED"};
        list[i] = (struct dbz_notification){.topic = "notes",
                                            .id = "sig-1",
                                            .aggregate_type = "Incremental Snapshot",
                                            .type = "TABLE_SCAN_COMPLETED",
                                            .data = data,
                                            .ndata = 2,
                                            .time_ms = f->wall_ms};
    }
    snap->kafka.notifications = list;
    snap->kafka.nnotifications = n;
}

static void edit_one_scan(struct fixture *f, struct snapshot *snap)
{
    put_scans(f, snap, 1);
}

static void edit_two_scans(struct fixture *f, struct snapshot *snap)
{
    put_scans(f, snap, 2);
}

/* From, to, how much, which tables; and it ends when all of them were read again. */
static void test_gap_is_stated_and_closed_by_a_snapshot(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_POSTGRES] = put_table;
    rule_ticks(&f, 3, 2000);
    make_p14(&f);
    const struct finding *p14 = fixture_finding(fixture_findings(&f), "P14");
    assert_non_null(p14);
    assert_true(is_said(p14, "from 0/1000000 to 0/3FAF080"));
    assert_true(is_said(p14, "50.0 MB"));
    assert_true(is_said(p14, "orders, customers"));
    assert_int_equal(p14->remedy, ACTION_SNAPSHOT);
    f.edit[SOURCE_KAFKA] = edit_one_scan;
    rule_ticks(&f, 2, 2000);
    p14 = fixture_finding(fixture_findings(&f), "P14");
    assert_non_null(p14);
    assert_true(is_said(p14, "1 of 2 tables"));
    f.edit[SOURCE_KAFKA] = edit_two_scans;
    rule_ticks(&f, 40, 2000);
    assert_null(fixture_finding(fixture_findings(&f), "P14"));
    fixture_close(&f);
}

static void edit_moved(struct fixture *f, struct snapshot *snap)
{
    edit_started_long_ago(f, snap);
    snap->pg.system_identifier = "7710381377829884046";
    snap->pg.timeline = f->n;
}

/* Another timeline behind the same address. */
static void test_changed_timeline_is_said(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.n = 1;
    f.edit[SOURCE_POSTGRES] = edit_moved;
    rule_ticks(&f, 3, 2000);
    assert_null(fixture_finding(fixture_findings(&f), "P15"));
    f.n = 2;
    rule_ticks(&f, 3, 2000);
    const struct finding *p15 = fixture_finding(fixture_findings(&f), "P15");
    assert_non_null(p15);
    assert_true(is_said(p15, "timeline 2"));
    assert_int_equal(p15->severity, VERDICT_WARN);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_rule_fires_and_is_silent),
        cmocka_unit_test(test_new_connector_without_a_slot_is_no_alarm),
        cmocka_unit_test(test_gap_is_stated_and_closed_by_a_snapshot),
        cmocka_unit_test(test_changed_timeline_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
