/* Every rule: a world in which it fires, and the healthy one in which it is silent. A rule without
 * a scenario here fails the run. */
#include "base/lsn.h"
#include "base/mem.h"
#include "diagnosis/rules.h"
#include "tests/check.h"
#include "tests/unit/world_fixture.h"

#include <stdio.h>
#include <string.h>

static const struct diag_rule *const tables[] = {rules_source, rules_slot, rules_connect,
                                                 rules_kafka,  rules_s3,   rules_snapshot};

static void ticks(struct fixture *f, int n, int64_t ms)
{
    for (int i = 0; i < n; i++)
        fixture_tick(f, ms);
}

static void make_z01(struct fixture *f)
{
    f->fails[SOURCE_KAFKA] = true;
}
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
static void make_p03(struct fixture *f)
{
    f->slot_name = "old_export";
    f->active = TRI_NO;
    ticks(f, 40, 60 * 1000);
}
static void make_p04(struct fixture *f)
{
    f->active = TRI_NO;
    f->src_task = "FAILED";
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
    ticks(f, 60, 2000);
}
static void make_p10(struct fixture *f)
{
    f->lsn_now = f->restart + UINT64_C(5000000000);
}
static void make_c01(struct fixture *f)
{
    f->sink_task = "FAILED";
    f->sink_cause = "DataException: something else";
}
static void make_c02(struct fixture *f)
{
    f->sink_state = "FAILED";
}
static void make_c03(struct fixture *f)
{
    f->sink_state = "UNASSIGNED";
}
static void make_c11(struct fixture *f)
{
    f->sink_tasks = 0;
}
static void make_k02(struct fixture *f)
{
    f->leader = -1;
}
static void make_k04(struct fixture *f)
{
    f->group_state = "Empty";
    f->end = 2000;
}
static void make_k06(struct fixture *f)
{
    for (int i = 0; i < 60; i++) {
        f->end += 10;
        f->object_age_ms += 2000;
        fixture_tick(f, 2000);
    }
}
static void make_k10(struct fixture *f)
{
    f->end = 21000;
}
static void make_s01(struct fixture *f)
{
    f->schedule_ms = NULL;
    f->end = 1010;
    ticks(f, 45, 2000); /* the topic goes quiet: no further record will fill the file */
}
static void make_s02(struct fixture *f)
{
    for (int i = 0; i < 60; i++) {
        f->end += 10;
        f->committed += 1; /* it commits, but far behind: late objects, not a stuck sink */
        f->object_age_ms += 2000;
        fixture_tick(f, 2000);
    }
}
static void make_s03(struct fixture *f)
{
    f->sink_task = "FAILED";
    f->sink_cause = "AmazonS3Exception: Access Denied (Service: Amazon S3; Status Code: 403; Error "
                    "Code: AccessDenied)";
}
static void make_s04(struct fixture *f)
{
    f->sink_task = "FAILED";
    f->sink_cause = "AmazonS3Exception: The provided token has expired. (Error Code: ExpiredToken)";
}
static void make_s08(struct fixture *f)
{
    f->sink_task = "FAILED";
    f->sink_cause = "ConnectException: Null valued records are not writeable with current "
                    "behavior.on.null.values 'settings.";
}

static void make_p13(struct fixture *f)
{
    f->slot_name = "another";
}
static void make_c22(struct fixture *f)
{
    f->sink_state = f->sink_task = "PAUSED";
    f->end = 1500;
}
static void make_e01(struct fixture *f)
{
    for (int i = 0; i < 10; i++) { /* both keep up at a distance: no alarm of their own */
        f->end += 200;
        f->lsn_now += 10000;
        ticks(f, 1, 2000);
        f->committed = f->end - 500;
        f->confirmed = f->lsn_now - 70000;
    }
}

static const struct {
    const char *id, *object;
    void (*make)(struct fixture *f);
    enum verdict severity;
} cases[] = {
    {"Z01", "kafka",              make_z01, VERDICT_UNKNOWN},
    {"P01", "dbz",                make_p01, VERDICT_CRIT   },
    {"P02", "dbz",                make_p02, VERDICT_CRIT   },
    {"P03", "old_export",         make_p03, VERDICT_WARN   },
    {"P04", "src",                make_p04, VERDICT_CRIT   },
    {"P05", "src",                make_p05, VERDICT_WARN   },
    {"P06", "src",                make_p06, VERDICT_CRIT   },
    {"P10", "dbz",                make_p10, VERDICT_WARN   },
    {"P13", "src",                make_p13, VERDICT_WARN   },
    {"C22", "sink",               make_c22, VERDICT_INFO   },
    {"E01", "shop",               make_e01, VERDICT_WARN   },
    {"C01", "sink",               make_c01, VERDICT_CRIT   },
    {"C02", "sink",               make_c02, VERDICT_CRIT   },
    {"C03", "sink",               make_c03, VERDICT_WARN   },
    {"C11", "sink",               make_c11, VERDICT_CRIT   },
    {"K02", "shop.public.orders", make_k02, VERDICT_CRIT   },
    {"K04", "sink",               make_k04, VERDICT_CRIT   },
    {"K06", "sink",               make_k06, VERDICT_CRIT   },
    {"K10", "sink",               make_k10, VERDICT_WARN   },
    {"S01", "shop.public.orders", make_s01, VERDICT_WARN   },
    {"S02", "shop.public.orders", make_s02, VERDICT_WARN   },
    {"S03", "sink",               make_s03, VERDICT_CRIT   },
    {"S04", "sink",               make_s04, VERDICT_CRIT   },
    {"S08", "sink",               make_s08, VERDICT_CRIT   },
};

/* Rules whose scenario is a snapshot that the fixture does not vary; tested by themselves below. */
static const char *const elsewhere[] = {"Z02", "P25", "N01", "N04"};

static void test_a_healthy_pipeline_is_not_cried_about(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    for (int i = 0; i < 200; i++) {
        f.end += 20;
        f.committed = f.end - 20;
        f.lsn_now += 5000;
        f.confirmed = f.lsn_now - 1000;
        f.restart = f.lsn_now - 8000;
        fixture_tick(&f, 2000);
        struct findings all = fixture_findings(&f);
        if (all.count > 0)
            fail_msg("%s: %s", all.items[0].id, all.items[0].title);
    }
    fixture_close(&f);
}

static void test_every_rule_fires_with_its_signature_as_the_headline(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fixture f;
        fixture_open(&f);
        ticks(&f, 3, 2000);
        cases[i].make(&f);
        ticks(&f, 1, 2000);
        struct findings all = fixture_findings(&f);
        const struct finding *found = fixture_finding(all, cases[i].id);
        if (found == NULL || found != &all.items[0])
            fail_msg("%s is not the headline but %s: %s", cases[i].id,
                     all.count > 0 ? all.items[0].id : "nothing",
                     all.count > 0 ? all.items[0].title : "");
        assert_string_equal(found->object, cases[i].object);
        if (found->severity < cases[i].severity)
            fail_msg("%s is only %s", cases[i].id, verdict_name(found->severity));
        assert_true(found->title[0] != '\0');
        fixture_close(&f);
    }
}

static void test_every_rule_has_a_scenario(void **state)
{
    (void)state;
    for (size_t t = 0; t < ARRAY_LEN(tables); t++) {
        for (const struct diag_rule *r = tables[t]; r->id != NULL; r++) {
            bool covered = false;
            for (size_t i = 0; i < ARRAY_LEN(cases); i++)
                covered = covered || strcmp(cases[i].id, r->id) == 0;
            for (size_t i = 0; i < ARRAY_LEN(elsewhere); i++)
                covered = covered || strcmp(elsewhere[i], r->id) == 0;
            if (!covered)
                fail_msg("rule %s has no scenario", r->id);
        }
    }
}

static void test_missing_rights_and_wal_level_are_said(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    fixture_tick(&f, 2000);
    struct snapshot *snap = f.world->pipelines[0].sources[SOURCE_POSTGRES].snap;
    snap->pg.wal_level = "replica";
    snapshot_note(snap, "GRANT pg_monitor TO viewer", "other sessions are hidden");
    struct findings all = fixture_findings(&f);
    assert_string_equal(all.items[0].id, "P25");
    const struct finding *z02 = fixture_finding(all, "Z02");
    assert_non_null(z02);
    assert_string_equal(z02->advice, "GRANT pg_monitor TO viewer");
    fixture_close(&f);
}

static void tell(struct fixture *f, const char *const (*said)[4], size_t n)
{
    struct snapshot *snap = f->world->pipelines[0].sources[SOURCE_KAFKA].snap;
    struct dbz_notification *notes = arena_array(snap->arena, n, sizeof(*notes));
    for (size_t i = 0; i < n; i++) {
        struct kv *data = arena_array(snap->arena, 4, sizeof(*data));
        data[0] = (struct kv){"connector_name", "shop"};
        data[1] = (struct kv){"data_collections", "public.orders"};
        data[2] = (struct kv){said[i][1], said[i][2]};
        data[3] = (struct kv){"status", said[i][3]};
        notes[i] = (struct dbz_notification){.topic = "notes",
                                             .id = "id-1",
                                             .aggregate_type = "Incremental Snapshot",
                                             .type = said[i][0],
                                             .data = data,
                                             .ndata = said[i][3] != NULL ? 4 : 3,
                                             .offset = (int64_t)i,
                                             .time_ms = f->wall_ms - 1000};
    }
    snap->kafka.notifications = notes;
    snap->kafka.nnotifications = n;
}

static void test_a_snapshot_is_told_while_it_runs_and_when_it_left_something_out(void **state)
{
    (void)state;
    static const char *const said[][4] = {
        {"STARTED",              "x",                              "x",             NULL            },
        {"IN_PROGRESS",          "current_collection_in_progress", "public.orders", NULL            },
        {"TABLE_SCAN_COMPLETED", "scanned_collection",             "public.orders", "NO_PRIMARY_KEY"},
        {"COMPLETED",            "x",                              "x",             NULL            },
    };
    struct fixture f;
    fixture_open(&f);
    fixture_tick(&f, 2000);
    tell(&f, said, 2);
    struct findings all = fixture_findings(&f);
    const struct finding *n01 = fixture_finding(all, "N01");
    assert_non_null(n01);
    assert_int_equal(n01->severity, VERDICT_INFO);
    assert_non_null(strstr(n01->title, "public.orders"));
    tell(&f, said, 4);
    all = fixture_findings(&f);
    assert_null(fixture_finding(all, "N01"));
    const struct finding *n04 = fixture_finding(all, "N04");
    assert_non_null(n04);
    assert_non_null(strstr(n04->advice, "blocking"));
    fixture_close(&f);
}

static void test_a_backlog_that_drains_has_a_time(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.end = 30000;
    for (int i = 0; i < 10; i++) {
        f.committed += 1000; /* 500 a second */
        fixture_tick(&f, 2000);
    }
    const struct finding *k10 = fixture_finding(fixture_findings(&f), "K10");
    assert_non_null(k10);
    assert_non_null(strstr(k10->advice, "caught up in about"));
    for (int i = 0; i < 15; i++) {
        f.end += 1000;
        fixture_tick(&f, 2000);
    }
    k10 = fixture_finding(fixture_findings(&f), "K10");
    assert_non_null(k10);
    assert_non_null(strstr(k10->advice, "does not drain"));
    fixture_close(&f);
}

static void test_a_cause_folds_its_symptoms(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    ticks(&f, 3, 2000);
    make_s03(&f);
    f.group_state = "Empty";
    f.end = 30000;
    ticks(&f, 40, 2000);
    struct findings all = fixture_findings(&f);
    assert_string_equal(all.items[0].id, "S03");
    assert_true(all.items[0].explains >= 2);
    assert_null(fixture_finding(all, "C01"));
    assert_null(fixture_finding(all, "K10"));
    fixture_close(&f);
}

static void test_old_evidence_proves_nothing(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    ticks(&f, 3, 2000);
    make_c01(&f);
    ticks(&f, 1, 2000);
    assert_non_null(fixture_finding(fixture_findings(&f), "C01"));
    f.fails[SOURCE_CONNECT] = true;
    ticks(&f, 2, 2000);
    struct findings all = fixture_findings(&f);
    assert_null(fixture_finding(all, "C01"));
    const struct finding *z01 = fixture_finding(all, "Z01");
    assert_non_null(z01);
    assert_int_equal(z01->severity, VERDICT_CRIT);
    assert_non_null(strstr(z01->title, "connection refused"));
    fixture_close(&f);
}

static void test_first_seen_stays_while_it_lasts(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    make_c11(&f);
    ticks(&f, 1, 2000);
    int64_t since = fixture_findings(&f).items[0].since_wall_ms;
    ticks(&f, 5, 2000);
    assert_true(fixture_findings(&f).items[0].since_wall_ms == since);
    fixture_close(&f);
}

static void test_one_connectors_trouble_does_not_hide_anothers(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    ticks(&f, 3, 2000);
    make_p04(&f); /* the source, whose P04 explains its own C01 */
    make_c01(&f); /* the sink's, for a reason of its own */
    ticks(&f, 1, 2000);
    struct findings all = fixture_findings(&f);
    const struct finding *p04 = fixture_finding(all, "P04");
    assert_non_null(p04);
    assert_int_equal(p04->explains, 1);
    const struct finding *c01 = fixture_finding(all, "C01");
    assert_non_null(c01);
    assert_string_equal(c01->object, "sink");
    fixture_close(&f);
}

static void test_a_dead_database_explains_its_source_but_no_sink(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    ticks(&f, 3, 2000);
    f.fails[SOURCE_POSTGRES] = true;
    f.src_task = "FAILED";
    make_c01(&f);
    ticks(&f, 2, 2000);
    struct findings all = fixture_findings(&f);
    assert_string_equal(all.items[0].id, "Z01");
    assert_int_equal(all.items[0].explains, 1);
    const struct finding *c01 = fixture_finding(all, "C01");
    assert_non_null(c01);
    assert_string_equal(c01->object, "sink");
    fixture_close(&f);
}

static void test_a_refused_login_of_ours_explains_nothing(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    ticks(&f, 3, 2000);
    f.fails[SOURCE_POSTGRES] = true;
    f.fails_as = ERR_AUTH;
    f.src_task = "FAILED";
    ticks(&f, 2, 2000);
    struct findings all = fixture_findings(&f);
    const struct finding *z01 = fixture_finding(all, "Z01");
    assert_non_null(z01);
    assert_non_null(strstr(z01->title, "refuses the login"));
    assert_int_equal(z01->explains, 0);
    assert_int_equal(z01->severity, VERDICT_UNKNOWN);
    assert_non_null(fixture_finding(all, "C01"));
    fixture_close(&f);
}

static void test_an_unread_slot_is_said_before_it_is_an_alarm(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    ticks(&f, 3, 2000);
    f.active = TRI_NO;
    ticks(&f, 12, 2000);
    struct findings all = fixture_findings(&f);
    assert_string_equal(all.items[0].id, "P06");
    assert_int_equal(all.items[0].severity, VERDICT_WARN);
    assert_false(all.items[0].has_remedy);
    fixture_close(&f);
}

static void test_the_advice_fits_the_cause(void **state)
{
    (void)state;
    static const struct {
        const char *cause, *advice;
    } texts[] = {
        {"PSQLException: FATAL: password authentication failed for user \"dbz\"", "password"},
        {"PSQLException: ERROR: replication slot \"dbz\" is active for PID 4711", "another" },
        {"DebeziumException: Couldn't obtain encoding for database shop",         "was away"},
        {"ConnectException: Connection refused",                                  "is up"   },
        {"DataException: something else",                                         "mend"    },
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct fixture f;
        fixture_open(&f);
        make_p04(&f);
        f.src_cause = texts[i].cause;
        ticks(&f, 1, 2000);
        const struct finding *p04 = fixture_finding(fixture_findings(&f), "P04");
        assert_non_null(p04);
        if (strstr(p04->advice, texts[i].advice) == NULL)
            fail_msg("%s: %s", texts[i].cause, p04->advice);
        fixture_close(&f);
    }
}

static void test_a_wrong_secret_is_not_called_a_missing_right(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.sink_task = "FAILED";
    f.sink_cause = "AmazonS3Exception: The request signature we calculated does not match the "
                   "signature you provided. (Service: Amazon S3; Status Code: 403; Error Code: "
                   "SignatureDoesNotMatch; Request ID: 4520)";
    ticks(&f, 1, 2000);
    const struct finding *s03 = fixture_finding(fixture_findings(&f), "S03");
    assert_non_null(s03);
    assert_non_null(strstr(s03->title, "wrong S3 secret"));
    assert_non_null(strstr(s03->advice, "aws.secret.access.key"));
    fixture_close(&f);
}

static void test_a_missing_bucket_is_named(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.sink_task = "FAILED";
    f.sink_cause = "ConnectException: Non-existent S3 bucket: nosuch";
    ticks(&f, 1, 2000);
    const struct finding *s03 = fixture_finding(fixture_findings(&f), "S03");
    assert_non_null(s03);
    assert_non_null(strstr(s03->title, "bucket that does not exist"));
    assert_non_null(strstr(s03->advice, "s3.bucket.name"));
    fixture_close(&f);
}

static void test_what_is_held_on_purpose_is_no_alarm_at_the_far_end(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    ticks(&f, 3, 2000);
    make_c22(&f);
    f.object_age_ms = 300 * 1000;
    ticks(&f, 60, 2000);
    struct findings all = fixture_findings(&f);
    assert_int_equal(all.count, 1);
    assert_string_equal(all.items[0].id, "C22");
    assert_int_equal(all.items[0].severity, VERDICT_INFO);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_healthy_pipeline_is_not_cried_about),
        cmocka_unit_test(test_every_rule_fires_with_its_signature_as_the_headline),
        cmocka_unit_test(test_every_rule_has_a_scenario),
        cmocka_unit_test(test_missing_rights_and_wal_level_are_said),
        cmocka_unit_test(test_a_snapshot_is_told_while_it_runs_and_when_it_left_something_out),
        cmocka_unit_test(test_a_backlog_that_drains_has_a_time),
        cmocka_unit_test(test_a_cause_folds_its_symptoms),
        cmocka_unit_test(test_one_connectors_trouble_does_not_hide_anothers),
        cmocka_unit_test(test_a_dead_database_explains_its_source_but_no_sink),
        cmocka_unit_test(test_a_refused_login_of_ours_explains_nothing),
        cmocka_unit_test(test_an_unread_slot_is_said_before_it_is_an_alarm),
        cmocka_unit_test(test_the_advice_fits_the_cause),
        cmocka_unit_test(test_a_wrong_secret_is_not_called_a_missing_right),
        cmocka_unit_test(test_a_missing_bucket_is_named),
        cmocka_unit_test(test_what_is_held_on_purpose_is_no_alarm_at_the_far_end),
        cmocka_unit_test(test_old_evidence_proves_nothing),
        cmocka_unit_test(test_first_seen_stays_while_it_lasts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
