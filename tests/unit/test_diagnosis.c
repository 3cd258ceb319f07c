/* The engine of the diagnosis: what folds under what, what is ranked, what is remembered. The rules
 * themselves are in test_rules_*.c. */
#include "base/lsn.h"
#include "base/mem.h"
#include "diagnosis/rules.h"
#include "tests/check.h"
#include "tests/unit/world_fixture.h"

#include <stdio.h>
#include <string.h>

static void ticks(struct fixture *f, int n, int64_t ms)
{
    for (int i = 0; i < n; i++)
        fixture_tick(f, ms);
}

static void make_p04(struct fixture *f)
{
    f->active = TRI_NO;
    f->src_task = "FAILED";
}
static void make_c01(struct fixture *f)
{
    f->sink_task = "FAILED";
    f->sink_cause = "DataException: something else";
}
static void make_c11(struct fixture *f)
{
    f->sink_tasks = 0;
}
static void make_s03(struct fixture *f)
{
    f->sink_task = "FAILED";
    f->sink_cause = "AmazonS3Exception: Access Denied (Service: Amazon S3; Status Code: 403; Error "
                    "Code: AccessDenied)";
}

static void make_c22(struct fixture *f)
{
    f->sink_state = f->sink_task = "PAUSED";
    f->end = 1500;
}

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
    assert_true(all.items[0].nexplains >= 2);
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
    const struct finding *c05 = fixture_finding(all, "C05");
    assert_non_null(c05);
    assert_int_equal(c05->severity, VERDICT_CRIT);
    assert_non_null(strstr(c05->title, "connection refused"));
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
    assert_int_equal(p04->nexplains, 1);
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
    assert_int_equal(all.items[0].nexplains, 1);
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
    assert_int_equal(z01->nexplains, 0);
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
        {"PSQLException: ERROR: replication slot \"dbz\" is active for PID 4711", "other"   },
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
        struct findings all = fixture_findings(&f);
        assert_true(all.count > 0);
        if (strstr(all.items[0].advice, texts[i].advice) == NULL)
            fail_msg("%s: %s", texts[i].cause, all.items[0].advice);
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

static void test_a_finding_clears_slowly_and_its_history_is_kept(void **state)
{
    (void)state;
    struct fixture f;
    struct finding_event events[8];
    fixture_open(&f);
    ticks(&f, 3, 2000);
    make_c01(&f);
    ticks(&f, 1, 2000);
    assert_string_equal(fixture_findings(&f).items[0].id, "C01");
    int64_t raised = f.wall_ms;
    ticks(&f, 5, 2000);
    (void)fixture_findings(&f);
    f.sink_task = "RUNNING";
    f.sink_cause = NULL;
    ticks(&f, 1, 2000);
    struct findings all = fixture_findings(&f);
    assert_int_equal(all.count, 1);
    assert_true(all.items[0].clearing);
    assert_non_null(strstr(all.items[0].title, "something else"));
    assert_int_equal(diagnosis_history(f.diagnosis, events, 8), 1);
    ticks(&f, 3, 2000);
    assert_int_equal(fixture_findings(&f).count, 0);
    assert_int_equal(diagnosis_history(f.diagnosis, events, 8), 2);
    assert_int_equal(events[0].kind, EVENT_CLEARED);
    assert_int_equal(events[1].kind, EVENT_RAISED);
    assert_true(events[1].wall_ms == raised);
    assert_string_equal(events[0].object, "sink");
    assert_true(events[0].lasted_ms == 10000);
    fixture_close(&f);
}

/* One poll without the signature in between is no end and no new beginning. */
static void test_a_flickering_signature_is_one_finding(void **state)
{
    (void)state;
    struct fixture f;
    struct finding_event events[8];
    fixture_open(&f);
    ticks(&f, 3, 2000);
    for (int i = 0; i < 10; i++) {
        make_c01(&f);
        f.sink_task = i % 2 == 0 ? "FAILED" : "RUNNING";
        f.sink_cause = NULL; /* with one, C06 would say that restarts do not help */
        ticks(&f, 1, 2000);
        assert_int_equal(fixture_findings(&f).count, 1);
    }
    assert_int_equal(diagnosis_history(f.diagnosis, events, 8), 1);
    fixture_close(&f);
}

/* What nobody can see is neither there nor over. */
static void test_without_evidence_a_finding_is_unanswered_and_goes_on_afterwards(void **state)
{
    (void)state;
    struct fixture f;
    struct finding_event events[8];
    fixture_open(&f);
    ticks(&f, 3, 2000);
    make_c01(&f);
    ticks(&f, 1, 2000);
    int64_t since = fixture_findings(&f).items[0].since_wall_ms;
    f.fails[SOURCE_CONNECT] = true;
    ticks(&f, 60, 2000);
    struct findings all = fixture_findings(&f);
    assert_null(fixture_finding(all, "C01"));
    bool listed = false;
    for (size_t i = 0; i < all.nunanswered; i++)
        listed = listed || (strcmp(all.unanswered[i].id, "C01") == 0 &&
                            all.unanswered[i].source == SOURCE_CONNECT);
    assert_true(listed);
    f.fails[SOURCE_CONNECT] = false;
    ticks(&f, 1, 2000);
    const struct finding *c01 = fixture_finding(fixture_findings(&f), "C01");
    assert_non_null(c01);
    assert_true(c01->since_wall_ms == since);
    size_t n = diagnosis_history(f.diagnosis, events, 8);
    for (size_t i = 0; i < n; i++)
        assert_false(strcmp(events[i].id, "C01") == 0 && events[i].kind == EVENT_CLEARED);
    fixture_close(&f);
}

static void test_what_is_muted_is_no_headline_but_stays_in_sight(void **state)
{
    (void)state;
    struct fixture f;
    struct finding_event events[8];
    struct mute mute;
    fixture_open(&f);
    ticks(&f, 3, 2000);
    assert_null(mute_parse("C01 sink: its target is rebuilt, until Monday", &mute));
    mute.until_wall_ms = f.wall_ms + 20000;
    assert_true(diagnosis_mute(f.diagnosis, f.world, &mute));
    make_c01(&f);
    ticks(&f, 1, 2000);
    struct findings all = fixture_findings(&f);
    assert_int_equal(all.count, 0);
    assert_int_equal(all.nmuted, 1);
    assert_string_equal(all.muted[0].mute_reason, "its target is rebuilt, until Monday");
    assert_int_equal(diagnosis_history(f.diagnosis, events, 8), 2);
    assert_int_equal(events[1].kind, EVENT_MUTED);
    ticks(&f, 10, 2000); /* its time is over */
    all = fixture_findings(&f);
    assert_int_equal(all.nmuted, 0);
    assert_string_equal(all.items[0].id, "C01");
    (void)snprintf(mute.rule, sizeof(mute.rule), "X99");
    assert_false(diagnosis_mute(f.diagnosis, f.world, &mute));
    fixture_close(&f);
}

static void test_a_mute_is_read_as_it_is_written(void **state)
{
    (void)state;
    struct mute m;
    assert_null(mute_parse("P21: no keys, and never will", &m));
    assert_string_equal(m.rule, "P21");
    assert_string_equal(m.object, "");
    assert_string_equal(m.reason, "no keys, and never will");
    assert_true(m.until_wall_ms == INT64_MAX);
    assert_null(mute_parse("S06 shop.public.a b until 2026-12-01T06:30Z: bulk load", &m));
    assert_string_equal(m.object, "shop.public.a b");
    assert_true(m.until_wall_ms == INT64_C(1796106600000));
    static const char *const bad[] = {"P21",
                                      "P21:",
                                      "P21 until tomorrow: x",
                                      ": x",
                                      "P21 until 2026-12-01T: x",
                                      "RULEWITHALONGNAME: x"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_non_null(mute_parse(bad[i], &m));
}

/* The strip and the rows agree with the findings. */
static void test_strip_rows_and_findings_speak_with_one_voice(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    ticks(&f, 3, 2000);
    struct finding made = {.id = "P08",
                           .severity = VERDICT_CRIT,
                           .hop = HOP_SLOT,
                           .object = "dbz",
                           .title = "the heartbeat has no effect",
                           .advice = "",
                           .check = ""};
    struct findings all = {.items = &made, .count = 1};
    struct pipeline *p = pipeline_join(f.world, 0, f.arena);
    diagnosis_voice(p, &all);
    assert_int_equal(p->hops[HOP_SLOT].verdict, VERDICT_CRIT);
    assert_string_equal(p->hops[HOP_SLOT].word, "the heartbeat has no effect");
    assert_int_equal(p->first_bad, HOP_SLOT);
    assert_int_equal(pipeline_slot(p, "dbz")->base.verdict, VERDICT_CRIT);
    assert_int_equal(p->hops[HOP_SINK].verdict, VERDICT_OK);
    made.clearing = true;
    p = pipeline_join(f.world, 0, f.arena);
    diagnosis_voice(p, &all);
    assert_int_equal(p->hops[HOP_SLOT].verdict, VERDICT_OK);
    fixture_close(&f);
}

static void test_every_rule_has_an_id_of_its_own(void **state)
{
    (void)state;
    for (size_t t = 0; diag_tables[t] != NULL; t++) {
        for (const struct diag_rule *a = diag_tables[t]; a->id != NULL; a++) {
            int same = 0;
            for (size_t u = 0; diag_tables[u] != NULL; u++) {
                for (const struct diag_rule *b = diag_tables[u]; b->id != NULL; b++)
                    same += strcmp(a->id, b->id) == 0;
            }
            if (same != 1)
                fail_msg("there are %d rules %s", same, a->id);
            for (int k = 0; a->explains[k] != NULL; k++) {
                if (!diagnosis_has_rule(a->explains[k]))
                    fail_msg("%s explains %s, which is no rule", a->id, a->explains[k]);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_healthy_pipeline_is_not_cried_about),
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
        cmocka_unit_test(test_a_finding_clears_slowly_and_its_history_is_kept),
        cmocka_unit_test(test_a_flickering_signature_is_one_finding),
        cmocka_unit_test(test_without_evidence_a_finding_is_unanswered_and_goes_on_afterwards),
        cmocka_unit_test(test_what_is_muted_is_no_headline_but_stays_in_sight),
        cmocka_unit_test(test_a_mute_is_read_as_it_is_written),
        cmocka_unit_test(test_strip_rows_and_findings_speak_with_one_voice),
        cmocka_unit_test(test_every_rule_has_an_id_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
