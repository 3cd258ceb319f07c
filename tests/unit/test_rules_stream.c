/* The rules of rules_stream.c: each in a world where it fires, and where it must not. */
#include "base/arena.h"
#include "base/mem.h"
#include "tests/unit/rule_cases.h"

static int64_t changes; /* rows written to public.orders so far */
static int64_t shown;   /* of these, what PostgreSQL's counters tell */

/* The source keeps the counters for up to 10 s. */
static void edit_pg(struct fixture *f, struct snapshot *snap)
{
    if ((f->mono_ms / 2000) % 5 == 0)
        shown = changes;
    struct pg_relation *r = arena_alloc(snap->arena, sizeof(*r));
    *r = (struct pg_relation){.schema = "public",
                              .name = "orders",
                              .kind = 'r',
                              .replica_identity = 'd',
                              .has_pk = TRI_YES,
                              .toastable = TRI_NO,
                              .live_rows = UNKNOWN,
                              .changes = shown,
                              .rewrites = 0,
                              .toasted = UNKNOWN};
    snap->pg.relations = r;
    snap->pg.nrelations = snap->pg.relations_total = 1;
}

static void edit_offsets(struct fixture *f, struct snapshot *snap)
{
    struct connect_connector *c = &snap->connect.connectors[1];
    c->offsets_read = true;
    if (f->n == 0)
        return;
    struct kv *snapshot = arena_alloc(snap->arena, sizeof(*snapshot));
    *snapshot = (struct kv){"snapshot", "INITIAL"};
    c->offsets = arena_alloc(snap->arena, sizeof(*c->offsets));
    *c->offsets = (struct connect_offset){
        .partition = "{\"server\":\"shop\"}", .number = -1, .values = snapshot, .nvalues = 1};
    c->noffsets = 1;
}

enum { ROWS = 1, TOPIC = 2, CONFIRM = 4 };

static void go_on(struct fixture *f, int ticks, int what)
{
    f->edit[SOURCE_POSTGRES] = edit_pg;
    f->edit[SOURCE_CONNECT] = edit_offsets;
    for (int i = 0; i < ticks; i++) {
        f->lsn_now += 1000;
        changes += (what & ROWS) != 0 ? 5 : 0;
        f->end += (what & TOPIC) != 0 ? 5 : 0;
        f->committed = f->end;
        f->object_age_ms = 1000;
        f->confirmed = (what & CONFIRM) != 0 ? f->lsn_now : f->confirmed;
        fixture_tick(f, 2000);
    }
}

static void make_c12(struct fixture *f)
{
    go_on(f, 20, ROWS | TOPIC | CONFIRM);
    go_on(f, 70, ROWS);
}

/* Nothing is written to what is captured: idle, however busy the rest of the server is. */
static void idle_tables(struct fixture *f)
{
    go_on(f, 20, ROWS | TOPIC | CONFIRM);
    go_on(f, 70, CONFIRM);
}

static void make_c20(struct fixture *f)
{
    go_on(f, 20, ROWS | TOPIC | CONFIRM);
    go_on(f, 100, ROWS | TOPIC);
}

static const struct rule_case cases[] = {
    {"C12", "src", make_c12, VERDICT_CRIT, idle_tables, NULL},
    {"C20", "src", make_c20, VERDICT_WARN, NULL,        NULL},
};

static void test_every_rule_fires_and_is_silent(void **state)
{
    (void)state;
    changes = shown = 0;
    rule_cases_run(rules_stream, cases, ARRAY_LEN(cases));
}

/* While it takes a snapshot it confirms nothing, and must not. */
static void test_a_snapshot_confirms_nothing(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.n = 1;
    make_c20(&f);
    assert_null(fixture_finding(fixture_findings(&f), "C20"));
    fixture_close(&f);
}

static void test_what_flows_is_not_hung(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    for (int i = 0; i < 10; i++) {
        go_on(&f, 20, ROWS | TOPIC | CONFIRM);
        assert_null(fixture_finding(fixture_findings(&f), "C12"));
        assert_null(fixture_finding(fixture_findings(&f), "C20"));
    }
    fixture_close(&f);
}

/* The counters come late: rows whose records are in the topic already are no proof. */
static void test_a_burst_before_the_silence_proves_nothing(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    go_on(&f, 20, CONFIRM);
    go_on(&f, 3, ROWS | TOPIC | CONFIRM);
    for (int i = 0; i < 20; i++) {
        go_on(&f, 5, CONFIRM);
        assert_null(fixture_finding(fixture_findings(&f), "C12"));
    }
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_rule_fires_and_is_silent),
        cmocka_unit_test(test_a_snapshot_confirms_nothing),
        cmocka_unit_test(test_what_flows_is_not_hung),
        cmocka_unit_test(test_a_burst_before_the_silence_proves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
