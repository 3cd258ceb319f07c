/* The rules of rules_wal.c and rules_growth.c: what keeps WAL. What tells the causes apart is what
 * moves and what stands. */
#include "base/lsn.h"
#include "base/mem.h"
#include "tests/unit/rule_cases.h"

static const int64_t min = 60 * 1000;

static void make_p01(struct fixture *f)
{
    f->wal_status = "lost";
    f->active = TRI_NO;
}

static void make_p02(struct fixture *f)
{
    f->wal_status = "unreserved";
    f->safe_wal_size = -1000;
}

static void near_p02(struct fixture *f)
{
    f->wal_status = "extended";
    f->safe_wal_size = 100 * 1000 * 1000;
}

/* One published, captured table whose counters say n. */
static void put_table(const struct fixture *f, struct snapshot *snap)
{
    struct pg_table *t = arena_alloc(snap->arena, sizeof(*t));
    *t = (struct pg_table){.publication = "dbz_publication",
                           .schema = "public",
                           .name = "orders",
                           .replica_identity = 'd',
                           .has_pk = TRI_YES,
                           .live_rows = 1000,
                           .changes = f->n};
    snap->pg.tables = t;
    snap->pg.ntables = snap->pg.tables_total = 1;
    struct pg_relation *r = arena_alloc(snap->arena, sizeof(*r));
    *r = (struct pg_relation){.schema = "public",
                              .name = "orders",
                              .kind = 'r',
                              .replica_identity = 'd',
                              .has_pk = TRI_YES,
                              .toastable = TRI_NO,
                              .live_rows = 1000,
                              .changes = f->n};
    snap->pg.relations = r;
    snap->pg.nrelations = snap->pg.relations_total = 1;
}

static void edit_table(struct fixture *f, struct snapshot *snap)
{
    put_table(f, snap);
    f->lsn_now += 2 * 1000 * 1000; /* another database writes */
}

static void make_p07(struct fixture *f)
{
    f->edit[SOURCE_POSTGRES] = edit_table;
    rule_ticks(f, 200, 2000);
}

static void edit_busy_table(struct fixture *f, struct snapshot *snap)
{
    f->n += 10;
    edit_table(f, snap);
}

static void near_p07_hung(struct fixture *f) /* rows change, nothing comes: the connector hangs */
{
    f->edit[SOURCE_POSTGRES] = edit_busy_table;
    rule_ticks(f, 200, 2000);
}

static void edit_unread(struct fixture *f, struct snapshot *snap)
{
    (void)snap;
    f->lsn_now += 2 * 1000 * 1000;
}

static void edit_heartbeat(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    fixture_config(snap, "src", "heartbeat.interval.ms", "10000");
}

static void make_p08(struct fixture *f)
{
    f->edit[SOURCE_CONNECT] = edit_heartbeat;
    make_p07(f);
}

static void edit_query(struct fixture *f, struct snapshot *snap)
{
    edit_heartbeat(f, snap);
    fixture_config(snap, "src", "database.user", "dbz");
    fixture_config(snap, "src", "heartbeat.action.query", "INSERT INTO public.beat VALUES (1)");
}

static void edit_unpublished(struct fixture *f, struct snapshot *snap)
{
    edit_table(f, snap);
    struct pg_grant *g = arena_alloc(snap->arena, sizeof(*g));
    *g = (struct pg_grant){.role = "dbz",
                           .schema = "public",
                           .table = "beat",
                           .exists = TRI_YES,
                           .insert = TRI_YES,
                           .update = TRI_YES,
                           .published = TRI_NO};
    snap->pg.grants = g;
    snap->pg.ngrants = 1;
}

static void near_p08(struct fixture *f) /* a query whose effect nobody knows */
{
    f->edit[SOURCE_CONNECT] = edit_query;
    make_p07(f);
}

static void edit_countdown(struct fixture *f, struct snapshot *snap)
{
    (void)snap;
    f->lsn_now += 10 * 1000 * 1000;
    f->safe_wal_size -= 10 * 1000 * 1000;
}

static void make_p18(struct fixture *f)
{
    f->safe_wal_size = INT64_C(3000000000);
    f->edit[SOURCE_POSTGRES] = edit_countdown;
    rule_ticks(f, 170, 2000);
}

static void near_p18(struct fixture *f) /* the saw-tooth of a healthy slot */
{
    f->safe_wal_size = INT64_C(3000000000);
    for (int i = 0; i < 30; i++) {
        f->safe_wal_size -= i % 3 == 2 ? -32 * 1000 * 1000 : 16 * 1000 * 1000;
        f->lsn_now += 500;
        f->confirmed = f->lsn_now;
        rule_ticks(f, 1, 2000);
    }
}

static void put_holder(struct fixture *f, struct snapshot *snap, const char *gid, int64_t age_ms,
                       int64_t xid_age)
{
    struct pg_holder *h = arena_alloc(snap->arena, sizeof(*h));
    *h = (struct pg_holder){.pid = gid != NULL ? 0 : 99,
                            .gid = gid,
                            .user = "batch",
                            .state = "idle in transaction",
                            .query = "UPDATE big SET x = 1",
                            .xact_start_ms = f->wall_ms - age_ms,
                            .xid_age = xid_age,
                            .xmin_age = 3,
                            .type = gid == NULL ? "client backend" : NULL,
                            .backend_start_ms = gid == NULL ? 1000 : UNKNOWN,
                            .superuser = f->n == 1 ? TRI_YES : TRI_NO,
                            .may_signal = TRI_YES};
    snap->pg.holders = h;
    snap->pg.nholders = 1;
}

static void advance(struct fixture *f, struct snapshot *snap)
{
    (void)snap;
    f->lsn_now += 2 * 1000 * 1000;
    f->confirmed = f->lsn_now;
}

static void edit_pinned(struct fixture *f, struct snapshot *snap)
{
    put_holder(f, snap, NULL, 20 * min, 5);
    advance(f, snap);
}

static void edit_prepared(struct fixture *f, struct snapshot *snap)
{
    put_holder(f, snap, "tx-7", 20 * min, 5);
    advance(f, snap);
}

static void edit_reader(struct fixture *f, struct snapshot *snap)
{
    put_holder(f, snap, NULL, 20 * min, UNKNOWN);
    advance(f, snap);
}

static void make_p09(struct fixture *f)
{
    f->edit[SOURCE_POSTGRES] = edit_pinned;
    rule_ticks(f, 400, 2000);
}

static void near_p09(struct fixture *f) /* one that only reads pins no restart_lsn */
{
    f->edit[SOURCE_POSTGRES] = edit_reader;
    rule_ticks(f, 400, 2000);
}

static void edit_slow(struct fixture *f, struct snapshot *snap)
{
    (void)snap;
    f->lsn_now += 10 * 1000 * 1000;
    f->confirmed += 4 * 1000 * 1000;
    f->restart = f->confirmed;
}

static void make_p10(struct fixture *f)
{
    f->edit[SOURCE_POSTGRES] = edit_slow;
    rule_ticks(f, 170, 2000);
}

static void edit_catching_up(struct fixture *f, struct snapshot *snap)
{
    (void)snap;
    f->lsn_now += 1 * 1000 * 1000;
    f->confirmed += 4 * 1000 * 1000;
    f->restart = f->confirmed;
}

static void near_p10(struct fixture *f) /* behind, but it comes nearer */
{
    f->lsn_now += UINT64_C(1500000000);
    f->edit[SOURCE_POSTGRES] = edit_catching_up;
    rule_ticks(f, 170, 2000);
}

static void edit_spill(struct fixture *f, struct snapshot *snap)
{
    snap->pg.slots[0].spill_bytes = f->n += 64 * 1000 * 1000;
    snap->pg.slots[0].spill_txns = 3;
}

static void edit_spilling(struct fixture *f, struct snapshot *snap)
{
    edit_slow(f, snap);
    edit_spill(f, snap);
}

static void make_p11(struct fixture *f)
{
    f->edit[SOURCE_POSTGRES] = edit_spilling;
    rule_ticks(f, 170, 2000);
}

static void edit_xmin(struct fixture *f, struct snapshot *snap)
{
    snap->pg.slots[0].catalog_xmin_age = f->n;
}

static void make_p17(struct fixture *f)
{
    f->n = 210 * 1000 * 1000;
    f->edit[SOURCE_POSTGRES] = edit_xmin;
}

static void near_p17(struct fixture *f)
{
    f->n = 1000 * 1000;
    f->edit[SOURCE_POSTGRES] = edit_xmin;
}

static void edit_replica(struct fixture *f, struct snapshot *snap)
{
    struct pg_slot *two = arena_array(snap->arena, 2, sizeof(*two));
    two[0] = two[1] = snap->pg.slots[0];
    two[1].name = "replica_1";
    two[1].type = "physical";
    two[1].plugin = NULL;
    two[1].confirmed_flush_lsn = LSN_NONE;
    two[1].unconfirmed = UNKNOWN;
    two[1].retained = f->n;
    snap->pg.slots = two;
    snap->pg.nslots = 2;
}

static void make_p30(struct fixture *f)
{
    f->n = INT64_C(5000000000);
    f->edit[SOURCE_POSTGRES] = edit_replica;
}

static void near_p30(struct fixture *f)
{
    f->n = 5000;
    f->edit[SOURCE_POSTGRES] = edit_replica;
}

static void make_p31(struct fixture *f)
{
    f->lsn_now = f->restart + UINT64_C(5000000000);
}

static const struct rule_case wal[] = {
    {"P01", "dbz", make_p01, VERDICT_CRIT, near_p02, NULL },
    {"P02", "dbz", make_p02, VERDICT_CRIT, near_p02, NULL },
    {"P07", "dbz", make_p07, VERDICT_WARN, make_p09, "P09"},
    {"P07", "dbz", make_p07, VERDICT_WARN, make_p10, "P10"},
    {"P08", "dbz", make_p08, VERDICT_WARN, make_p07, "P07"},
    {"P18", "dbz", make_p18, VERDICT_WARN, near_p18, NULL },
};

static const struct rule_case growth[] = {
    {"P09", "dbz",       make_p09, VERDICT_WARN, near_p09, NULL },
    {"P09", "dbz",       make_p09, VERDICT_WARN, make_p07, "P07"},
    {"P10", "dbz",       make_p10, VERDICT_WARN, near_p10, "E03"},
    {"P10", "dbz",       make_p10, VERDICT_WARN, make_p09, "P09"},
    {"P11", "dbz",       make_p11, VERDICT_WARN, make_p10, "P10"},
    {"P17", "dbz",       make_p17, VERDICT_CRIT, near_p17, NULL },
    {"P30", "replica_1", make_p30, VERDICT_INFO, near_p30, NULL },
    {"P31", "dbz",       make_p31, VERDICT_WARN, NULL,     NULL },
};

static void test_every_rule_fires_and_is_silent(void **state)
{
    (void)state;
    rule_cases_run(rules_wal, wal, ARRAY_LEN(wal));
    rule_cases_run(rules_growth, growth, ARRAY_LEN(growth));
}

static const struct finding *has_said(struct findings all, const char *id, const char *word)
{
    const struct finding *f = fixture_finding(all, id);
    assert_non_null(f);
    bool said = strstr(f->title, word) != NULL || strstr(f->advice, word) != NULL;
    for (int i = 0; i < f->nevidence; i++)
        said = said || strstr(f->evidence[i], word) != NULL;
    if (!said)
        fail_msg("%s does not say %s: %s", id, word, f->title);
    return f;
}

static void edit_reason(struct fixture *f, struct snapshot *snap)
{
    static const char *const said[] = {NULL, "wal_removed", "rows_removed",
                                       "wal_level_insufficient", "idle_timeout"};
    struct pg_slot *s = &snap->pg.slots[0];
    s->invalidation_reason = said[f->n];
    s->conflicting = f->n == 2 || f->n == 3 ? TRI_YES : TRI_NO;
    snap->pg.version_num = f->n > 0 ? 180000 : 150018;
}

/* Why it is lost: each reason in its own words; unknown where the server does not say. */
static void test_lost_slot_tells_why_and_what_is_missing(void **state)
{
    (void)state;
    static const char *const words[] = {"WAL it needs was removed", "WAL it needs was removed",
                                        "vacuumed", "wal_level", "idle_replication_slot_timeout"};
    for (int64_t i = 0; i < (int64_t)ARRAY_LEN(words); i++) {
        struct fixture f;
        fixture_open(&f);
        make_p01(&f);
        f.lsn_now = f.confirmed + 5000 * 1000;
        f.n = i;
        f.edit[SOURCE_POSTGRES] = edit_reason;
        fixture_tick(&f, 2000);
        struct findings all = fixture_findings(&f);
        has_said(all, "P01", words[i]);
        has_said(all, "P01", "missing: from 0/1000000 (the connector's offset)");
        has_said(all, "P01", "up to 5.0 MB");
        fixture_close(&f);
    }
}

/* Nobody is told to drop what an unseen connector may own. */
static void test_lost_slot_without_connect_offers_no_drop(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.slot_name = "another";
    make_p01(&f);
    fixture_tick(&f, 2000);
    assert_true(fixture_finding(fixture_findings(&f), "P01")->has_remedy);
    f.fails[SOURCE_CONNECT] = true;
    rule_ticks(&f, 2, 2000);
    assert_false(fixture_finding(fixture_findings(&f), "P01")->has_remedy);
    fixture_close(&f);
}

static void test_stall_without_table_counters_is_no_idle_table(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_POSTGRES] = edit_unread;
    rule_ticks(&f, 200, 2000);
    assert_null(fixture_finding(fixture_findings(&f), "P07"));
    fixture_close(&f);
}

/* Rows change, nothing comes: the connector hangs, and an idle table is not why. And of heartbeats
 * that look as they should nobody may say that they do not. */
static void test_hung_connector_is_no_idle_table(void **state)
{
    (void)state;
    void (*const make[])(struct fixture *) = {near_p07_hung, near_p08};
    for (size_t i = 0; i < ARRAY_LEN(make); i++) {
        struct fixture f;
        fixture_open(&f);
        make[i](&f);
        struct findings all = fixture_findings(&f);
        assert_null(fixture_finding(all, "P07"));
        assert_null(fixture_finding(all, "P08"));
        fixture_close(&f);
    }
}

static void test_unpublished_heartbeat_table_is_named(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_CONNECT] = edit_query;
    f.edit[SOURCE_POSTGRES] = edit_unpublished;
    rule_ticks(&f, 200, 2000);
    has_said(fixture_findings(&f), "P08", "ADD TABLE public.beat");
    fixture_close(&f);
}

static void test_prepared_transaction_is_named_with_its_end(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_POSTGRES] = edit_prepared;
    rule_ticks(&f, 400, 2000);
    struct findings all = fixture_findings(&f);
    has_said(all, "P09", "ROLLBACK PREPARED 'tx-7'");
    fixture_close(&f);
}

static void test_a_session_that_pins_a_slot_may_be_ended_if_it_is_nobody_special(void **state)
{
    (void)state;
    for (int superuser = 0; superuser < 2; superuser++) {
        struct fixture f;
        fixture_open(&f);
        f.n = superuser;
        make_p09(&f);
        const struct finding *p09 = fixture_finding(fixture_findings(&f), "P09");
        assert_non_null(p09);
        assert_int_equal(p09->has_remedy, !superuser);
        if (!superuser) {
            assert_int_equal(p09->remedy, ACTION_TERMINATE);
            assert_string_equal(p09->remedy_target, "99");
        }
        fixture_close(&f);
    }
}

/* Spill without a slow reader is how bulk jobs are read. */
static void test_spill_alone_is_no_alarm(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_POSTGRES] = edit_spill;
    rule_ticks(&f, 10, 2000);
    const struct finding *p11 = fixture_finding(fixture_findings(&f), "P11");
    assert_non_null(p11);
    assert_int_equal(p11->severity, VERDICT_INFO);
    fixture_close(&f);
}

/* A bulk load that the consumer trails for a minute loses no slot. */
static void test_a_bulk_load_is_no_countdown(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.safe_wal_size = INT64_C(3000000000);
    f.edit[SOURCE_POSTGRES] = edit_countdown;
    rule_ticks(&f, 30, 2000);
    assert_null(fixture_finding(fixture_findings(&f), "P18"));
    fixture_close(&f);
}

/* The countdown is a range, folds the plain figure, and is gone when a cause is known. */
static void test_growth_folds_under_its_cause(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    make_p31(&f);
    make_p18(&f);
    struct findings all = fixture_findings(&f);
    assert_non_null(fixture_finding(all, "P18"));
    assert_null(fixture_finding(all, "P31"));
    f.active = TRI_NO;
    f.src_task = "FAILED";
    fixture_tick(&f, 2000);
    all = fixture_findings(&f);
    assert_string_equal(all.items[0].id, "P04");
    for (size_t i = 0; i < all.count; i++)
        assert_true(all.items[i].clearing || strcmp(all.items[i].id, "P18") != 0);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_rule_fires_and_is_silent),
        cmocka_unit_test(test_lost_slot_tells_why_and_what_is_missing),
        cmocka_unit_test(test_lost_slot_without_connect_offers_no_drop),
        cmocka_unit_test(test_stall_without_table_counters_is_no_idle_table),
        cmocka_unit_test(test_hung_connector_is_no_idle_table),
        cmocka_unit_test(test_unpublished_heartbeat_table_is_named),
        cmocka_unit_test(test_prepared_transaction_is_named_with_its_end),
        cmocka_unit_test(test_a_session_that_pins_a_slot_may_be_ended_if_it_is_nobody_special),
        cmocka_unit_test(test_spill_alone_is_no_alarm),
        cmocka_unit_test(test_a_bulk_load_is_no_countdown),
        cmocka_unit_test(test_growth_folds_under_its_cause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
