/* The rules of rules_publication.c: each in a world where it fires, and where it must not. */
#include "base/mem.h"
#include "tests/unit/capture_world.h"

/* ---- P19 ---- */

/* Recorded: connect/pgsource-pubmissing.json. */
static const char no_publication[] = "ConnectException: Publication autocreation is disabled, "
                                     "please create one and restart the connector.";

static void edit_no_publication(struct fixture *f, struct snapshot *snap)
{
    capture_healthy(f, snap);
    snap->pg.npublications = snap->pg.ntables = snap->pg.tables_total = 0;
}

static void make_p19(struct fixture *f)
{
    capture_with(f, edit_no_publication);
    f->src_task = "FAILED";
    f->src_cause = no_publication;
    f->active = TRI_NO;
}

/* Not readable is not missing. */
static void edit_publications_hidden(struct fixture *f, struct snapshot *snap)
{
    edit_no_publication(f, snap);
    snap->pg.publications = NULL;
    snap->pg.tables = NULL;
}

static void near_p19(struct fixture *f)
{
    capture_with(f, edit_publications_hidden);
}

static void edit_p19_old_slot(struct fixture *f, struct snapshot *snap)
{
    static struct kv columns[] = {
        {"catalog_xmin", "699"}
    };
    capture_healthy(f, snap);
    snap->pg.slots[0].columns = columns;
    snap->pg.slots[0].ncolumns = 1;
}

static void make_p19_old_slot(struct fixture *f)
{
    capture_with(f, edit_p19_old_slot);
    f->active = TRI_NO;
    rule_ticks(f, 60, 2000);
}

static void edit_p06(struct fixture *f, struct snapshot *snap)
{
    static struct kv columns[] = {
        {"catalog_xmin", "701"}
    };
    capture_healthy(f, snap);
    snap->pg.slots[0].columns = columns;
    snap->pg.slots[0].ncolumns = 1;
}

/* The same, but the publication is older: some other reason. */
static void near_p19_old_slot(struct fixture *f)
{
    capture_with(f, edit_p06);
    f->active = TRI_NO;
    rule_ticks(f, 60, 2000);
}

/* ---- P20 ---- */

static void edit_p20(struct fixture *f, struct snapshot *snap)
{
    capture_healthy(f, snap);
    capture_unpublish(snap, "customers");
    capture_relation(snap, "customers")->changes += 10 * f->n++;
}

static void make_p20(struct fixture *f)
{
    capture_with(f, edit_p20);
    rule_ticks(f, 4, 2000);
}

static void edit_p20_quiet(struct fixture *f, struct snapshot *snap)
{
    capture_healthy(f, snap);
    capture_unpublish(snap, "customers");
}

static void near_p20_other_table(struct fixture *f)
{
    capture_with(f, capture_healthy);
}

/* ---- P21, P23 ---- */

static void edit_p21(struct fixture *f, struct snapshot *snap)
{
    capture_healthy(f, snap);
    capture_identity(snap, "orders", 'd', TRI_YES);
}

static void make_p21(struct fixture *f)
{
    capture_with(f, edit_p21);
}

static void edit_unwrapped(struct fixture *f, struct snapshot *snap)
{
    capture_connect(f, snap);
    fixture_config(snap, "src", "transforms.unwrap.type",
                   "io.debezium.transforms.ExtractNewRecordState");
    fixture_config(snap, "src", "post.processors.reselector.type",
                   "io.debezium.processors.reselect.ReselectColumnsPostProcessor");
}

/* Nobody sees `before` behind that transform. */
static void near_p21(struct fixture *f)
{
    capture_with(f, edit_p21);
    f->edit[SOURCE_CONNECT] = edit_unwrapped;
}

static void edit_p23(struct fixture *f, struct snapshot *snap)
{
    capture_healthy(f, snap);
    capture_identity(snap, "orders", 'i', TRI_NO); /* by a unique index */
    capture_relation(snap, "orders")->toasted = 12;
}

static void make_p23(struct fixture *f)
{
    capture_with(f, edit_p23);
}

static void near_p23(struct fixture *f)
{
    capture_with(f, edit_p23);
    f->edit[SOURCE_CONNECT] = edit_unwrapped;
}

/* ---- P22 ---- */

static void edit_p22(struct fixture *f, struct snapshot *snap)
{
    capture_healthy(f, snap);
    capture_identity(snap, "orders", 'n', TRI_YES);
}

static void make_p22(struct fixture *f)
{
    capture_with(f, edit_p22);
}

/* A table that only grows: nothing is refused. */
static void edit_log_table(struct fixture *f, struct snapshot *snap)
{
    capture_healthy(f, snap);
    capture_identity(snap, "orders", 'd', TRI_NO);
    capture_relation(snap, "orders")->rewrites = 0;
}

static void edit_odd_table(struct fixture *f, struct snapshot *snap)
{
    edit_p22(f, snap);
    capture_relation(snap, "orders")->rewrites = 0;
}

static void edit_inserts_only(struct fixture *f, struct snapshot *snap)
{
    edit_p22(f, snap);
    snap->pg.publications[0].update = snap->pg.publications[0].delete_ = false;
}

static void near_p22(struct fixture *f)
{
    capture_with(f, edit_inserts_only);
}

static const struct rule_case publication_cases[] = {
    {"P19", "src",           make_p19,          VERDICT_CRIT, near_p19,             NULL },
    {"P19", "src",           make_p19_old_slot, VERDICT_CRIT, near_p19_old_slot,    "P06"},
    {"P20", "src",           make_p20,          VERDICT_WARN, near_p20_other_table, NULL },
    {"P21", "src",           make_p21,          VERDICT_INFO, near_p21,             NULL },
    {"P22", "public.orders", make_p22,          VERDICT_CRIT, near_p22,             NULL },
    {"P23", "src",           make_p23,          VERDICT_INFO, near_p23,             NULL },
};

static void test_every_rule_fires_and_is_silent(void **state)
{
    (void)state;
    rule_cases_run(rules_publication, publication_cases, ARRAY_LEN(publication_cases));
}

static void test_a_captured_and_published_database_is_healthy(void **state)
{
    (void)state;
    struct fixture f;
    assert_null(capture_finding(&f, capture_healthy, "P20"));
    struct findings all = fixture_findings(&f);
    if (all.count > 0) /* all is well, and nothing else */
        assert_string_equal(all.items[0].id, RULE_LAST_RESORT);
    assert_true(all.count <= 1);
    fixture_close(&f);
}

/* What cannot hurt yet is said quietly. */
static void test_quiet_tables_are_no_alarm(void **state)
{
    (void)state;
    struct fixture f;
    const struct finding *p20 = capture_finding(&f, edit_p20_quiet, "P20");
    assert_non_null(p20);
    assert_int_equal(p20->severity, VERDICT_INFO);
    fixture_close(&f);
    const struct finding *p22 = capture_finding(&f, edit_log_table, "P22");
    assert_non_null(p22);
    assert_int_equal(p22->severity, VERDICT_INFO);
    assert_string_equal(p22->object, "pub");
    fixture_close(&f);
    p22 = capture_finding(&f, edit_odd_table, "P22");
    assert_non_null(p22);
    assert_int_equal(p22->severity, VERDICT_WARN);
    fixture_close(&f);
}

static void test_the_statement_that_helps_is_whole(void **state)
{
    (void)state;
    static const struct {
        capture_edit_fn *edit;
        const char *id, *piece;
    } cases[] = {
        {edit_no_publication, "P19",
         "CREATE PUBLICATION pub FOR TABLE public.customers, public.debezium_signal, public.hb, "
         "public.orders;"                                                                },
        {edit_p20,            "P20", "ALTER PUBLICATION pub ADD TABLE public.customers;" },
        {edit_p22,            "P22", "ALTER TABLE public.orders REPLICA IDENTITY DEFAULT"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fixture f;
        const struct finding *one = capture_finding(&f, cases[i].edit, cases[i].id);
        if (one == NULL || strstr(one->advice, cases[i].piece) == NULL)
            fail_msg("%s: '%s' does not say '%s'", cases[i].id,
                     one != NULL ? one->advice : "silent", cases[i].piece);
        fixture_close(&f);
    }
}

/* One that its connector makes by itself, and which is not running, is not the same alarm. */
static void edit_autocreate(struct fixture *f, struct snapshot *snap)
{
    capture_connect(f, snap);
    fixture_config(snap, "src", "publication.autocreate.mode", "filtered");
}

static void edit_no_autocreate(struct fixture *f, struct snapshot *snap)
{
    capture_connect(f, snap);
    fixture_config(snap, "src", "publication.autocreate.mode", "disabled");
}

static void test_who_makes_the_publication_decides_how_loud(void **state)
{
    (void)state;
    static const struct {
        capture_edit_fn *config;
        const char *src_state;
        enum verdict severity;
    } cases[] = {
        {edit_autocreate,    "STOPPED", VERDICT_WARN},
        {edit_autocreate,    "RUNNING", VERDICT_CRIT},
        {edit_no_autocreate, "STOPPED", VERDICT_CRIT},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fixture f;
        fixture_open(&f);
        capture_with(&f, edit_no_publication);
        f.edit[SOURCE_CONNECT] = cases[i].config;
        f.src_state = cases[i].src_state;
        rule_ticks(&f, 4, 2000);
        const struct finding *p19 = fixture_finding(fixture_findings(&f), "P19");
        assert_non_null(p19);
        assert_int_equal(p19->severity, cases[i].severity);
        fixture_close(&f);
    }
}

/* Once the publication is there again the restart is the next step, not before. */
static void test_a_restart_is_advised_only_when_it_can_help(void **state)
{
    (void)state;
    static const struct {
        capture_edit_fn *edit;
        const char *cause, *id;
        bool remedy;
    } cases[] = {
        {edit_no_publication, no_publication, "P19", false},
        {capture_healthy,     no_publication, "P19", true },
        {edit_p19_old_slot,   no_publication, "P19", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fixture f;
        fixture_open(&f);
        capture_with(&f, cases[i].edit);
        f.src_task = "FAILED";
        f.src_cause = cases[i].cause;
        f.active = TRI_NO;
        rule_ticks(&f, 4, 2000);
        struct findings all = fixture_findings(&f);
        assert_string_equal(all.items[0].id, cases[i].id);
        assert_int_equal(all.items[0].has_remedy, cases[i].remedy);
        assert_null(fixture_finding(all, "P04")); /* explained by it */
        fixture_close(&f);
    }
}

/* What the database said before the task failed is no reason to restart it. */
static void test_an_older_answer_does_not_recommend_a_restart(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    capture_with(&f, capture_healthy);
    rule_ticks(&f, 4, 2000);
    f.silent[SOURCE_POSTGRES] = true;
    f.src_task = "FAILED";
    f.src_cause = no_publication;
    rule_ticks(&f, 1, 500);
    const struct finding *p19 = fixture_finding(fixture_findings(&f), "P19");
    assert_non_null(p19);
    assert_false(p19->has_remedy);
    f.silent[SOURCE_POSTGRES] = false;
    rule_ticks(&f, 1, 2000);
    p19 = fixture_finding(fixture_findings(&f), "P19");
    assert_non_null(p19);
    assert_true(p19->has_remedy);
    fixture_close(&f);
}

/* A connector of another database says nothing about this one's publications. */
static void edit_other_database(struct fixture *f, struct snapshot *snap)
{
    edit_no_publication(f, snap);
    snap->pg.database = "billing";
}

static void edit_decoderbufs(struct fixture *f, struct snapshot *snap)
{
    capture_connect(f, snap);
    fixture_config(snap, "src", "plugin.name", "decoderbufs");
}

static void test_who_needs_no_publication_here_is_not_told_of_it(void **state)
{
    (void)state;
    struct fixture f;
    assert_null(capture_finding(&f, edit_other_database, "P19"));
    fixture_close(&f);
    fixture_open(&f);
    capture_with(&f, edit_no_publication);
    f.edit[SOURCE_CONNECT] = edit_decoderbufs;
    rule_ticks(&f, 4, 2000);
    assert_null(fixture_finding(fixture_findings(&f), "P19"));
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_rule_fires_and_is_silent),
        cmocka_unit_test(test_a_captured_and_published_database_is_healthy),
        cmocka_unit_test(test_quiet_tables_are_no_alarm),
        cmocka_unit_test(test_the_statement_that_helps_is_whole),
        cmocka_unit_test(test_who_makes_the_publication_decides_how_loud),
        cmocka_unit_test(test_a_restart_is_advised_only_when_it_can_help),
        cmocka_unit_test(test_an_older_answer_does_not_recommend_a_restart),
        cmocka_unit_test(test_who_needs_no_publication_here_is_not_told_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
