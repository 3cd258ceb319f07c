/* The rules of rules_msk_connect.c: each in a world where it fires, and where it must not. */
#include "base/mem.h"
#include "tests/unit/msk_world.h"
#include "tests/unit/rule_cases.h"

#include <math.h>
#include <string.h>

/* Data flows, and MSK Connect tells of the connectors. */
static void managed(struct fixture *f)
{
    msk_takes_over(f);
    for (int i = 0; i < 10; i++) {
        f->end += 10;
        f->committed += 10;
        f->lsn_now += 1000;
        f->confirmed += 1000;
        fixture_tick(f, 2000);
    }
}

static void counts(struct fixture *f, struct snapshot *snap)
{
    msk_figure(f, snap, "sink", "RunningTaskCount", 3, NAN);
    msk_figure(f, snap, "sink", "ErroredTaskCount", (double)f->n, NAN);
}

static void make_c15(struct fixture *f)
{
    managed(f);
    f->n = 1;
    f->edit[SOURCE_CLOUDWATCH] = counts;
}

static void restarted(struct fixture *f, struct snapshot *snap)
{
    msk_connectors(f, snap);
    msk_operation(f, snap, "sink", "RESTART_CONNECTOR", "RESTART_COMPLETE", true);
}

/* The figures are older than the restart that has mended it. */
static void counted_before(struct fixture *f)
{
    make_c15(f);
    f->edit[SOURCE_MSK_CONNECT] = restarted;
}

static void make_c16(struct fixture *f)
{
    managed(f);
    f->sink_state = "FAILED";
}

static void only_paused(struct fixture *f)
{
    managed(f);
    f->sink_state = "PAUSED";
}

static void restarts(struct fixture *f, struct snapshot *snap)
{
    msk_connectors(f, snap);
    msk_operation(f, snap, "sink", "RESTART_CONNECTOR", "RESTART_IN_PROGRESS", false);
}

static void make_c17(struct fixture *f)
{
    managed(f);
    f->edit[SOURCE_MSK_CONNECT] = restarts;
}

static void make_deleting(struct fixture *f)
{
    managed(f);
    f->src_state = "DELETING";
}

static void ended(struct fixture *f)
{
    managed(f);
    f->edit[SOURCE_MSK_CONNECT] = restarted;
}

static void full(struct fixture *f, struct snapshot *snap)
{
    msk_figure(f, snap, "sink", "CpuUtilization", 93, f->n == 1 ? 20 : 91);
}

/* Its lag grows from poll to poll while it commits. */
static void falls_behind(struct fixture *f)
{
    f->edit[SOURCE_CLOUDWATCH] = full;
    for (int i = 0; i < 20; i++) {
        f->end += 30;
        f->committed += 20;
        fixture_tick(f, 10 * 1000);
    }
    f->end += 30;
    f->committed += 20;
}

static void make_c19(struct fixture *f)
{
    managed(f);
    falls_behind(f);
}

static void a_peak(struct fixture *f)
{
    managed(f);
    f->n = 1;
    falls_behind(f);
}

static const struct rule_case cases[] = {
    {"C15", "sink", make_c15,      VERDICT_CRIT, counted_before, NULL},
    {"C16", "sink", make_c16,      VERDICT_CRIT, only_paused,    NULL},
    {"C17", "sink", make_c17,      VERDICT_INFO, ended,          NULL},
    {"C17", "src",  make_deleting, VERDICT_WARN, ended,          NULL},
    {"C19", "sink", make_c19,      VERDICT_WARN, a_peak,         NULL},
};

static void test_every_rule_fires_and_is_silent(void **state)
{
    (void)state;
    rule_cases_run(rules_msk_connect, cases, ARRAY_LEN(cases));
}

static void test_no_key_is_shown_that_would_be_refused(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    make_c16(&f);
    f.sink_cause = "SaslAuthenticationException: Access denied";
    fixture_tick(&f, 2000);
    struct findings all = fixture_findings(&f);
    for (size_t i = 0; i < all.count; i++) {
        if (all.items[i].has_remedy)
            fail_msg("%s: %s", all.items[i].id, all.items[i].title);
    }
    fixture_close(&f);
}

static const char *message;

static void says(struct fixture *f, struct snapshot *snap)
{
    msk_connectors(f, snap);
    snap->connect.connectors[0].cause = message;
}

/* Where its message tells the cause, that is the one finding, and it ends in what can be done. */
static void test_a_known_cause_is_the_headline(void **state)
{
    (void)state;
    static const struct {
        const char *cause, *id, *advice;
    } known[] = {
        {"SaslAuthenticationException: Access denied",             "C13", "permit its principal"      },
        {"FATAL: password authentication failed for user \"dbz\"", "P27", "mend database.user"        },
        {"Error Code: ExpiredToken; Request ID: 1",                "S04", "give it a role"            },
        {"User: arn:aws:sts::1:assumed-role/cdc/i is not authorized "
         "to perform: s3:PutObject on resource: \"arn:aws:s3:::lake\" "
         "(Error Code: AccessDenied; Request ID: 1)",     "S03", "add to the policies of cdc"},
        {"the moon is full",                                       "C16", "mend the cause"            },
    };
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        struct fixture f;
        fixture_open(&f);
        make_c16(&f);
        message = known[i].cause;
        f.edit[SOURCE_MSK_CONNECT] = says;
        fixture_tick(&f, 2000);
        struct findings all = fixture_findings(&f);
        assert_string_equal(all.items[0].id, known[i].id);
        if (strcmp(known[i].id, "C16") != 0)
            assert_null(fixture_finding(all, "C16"));
        const char *advice = all.items[0].advice;
        if (strncmp(advice, known[i].advice, strlen(known[i].advice)) != 0 ||
            strstr(advice, "create it anew") == NULL || strstr(advice, "then restart") != NULL)
            fail_msg("%s: %s", known[i].id, advice);
        fixture_close(&f);
    }
}

static void with_a_role(struct fixture *f, struct snapshot *snap)
{
    says(f, snap);
    struct connect_connector *c = &snap->connect.connectors[0];
    struct msk_connector *m = arena_alloc(snap->arena, sizeof(*m));
    *m = *c->msk;
    m->role_arn = "arn:aws:iam::111122223333:role/shop-connect";
    c->msk = m;
}

static void the_cluster(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    snap->msk.arn = "arn:aws:kafka:eu-west-3:111122223333:cluster/events/8a-1";
}

/* Kafka says which right is missing, MSK whose: together they are the statement. */
static void test_a_right_on_msk_is_a_statement(void **state)
{
    (void)state;
    static const struct {
        const char *message, *statement;
    } rights[] = {
        {"SaslAuthenticationException: [a1]: Access denied",
         "{\"Effect\": \"Allow\", \"Action\": [\"kafka-cluster:Connect\"], \"Resource\": "
         "\"arn:aws:kafka:eu-west-3:111122223333:cluster/events/8a-1\"}"},
        {"TopicAuthorizationException: Not authorized to access topics: [x]",
         "{\"Effect\": \"Allow\", \"Action\": [\"kafka-cluster:DescribeTopic\", "
         "\"kafka-cluster:ReadData\"], \"Resource\": "
         "\"arn:aws:kafka:eu-west-3:111122223333:topic/events/8a-1/*\"}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rights); i++) {
        struct fixture f;
        fixture_open(&f);
        make_c16(&f);
        message = rights[i].message;
        f.edit[SOURCE_MSK_CONNECT] = with_a_role;
        f.edit[SOURCE_MSK] = the_cluster;
        fixture_tick(&f, 2000);
        const struct finding *c13 = fixture_finding(fixture_findings(&f), "C13");
        bool role = false, statement = false;
        assert_non_null(c13);
        for (int k = 0; k < c13->nevidence; k++) {
            role = role || strstr(c13->evidence[k], "role/shop-connect") != NULL;
            statement = statement || strcmp(c13->evidence[k], rights[i].statement) == 0;
        }
        assert_true(role && statement);
        fixture_close(&f);
    }
}

/* There is no stop and nobody deletes offsets there: a new name begins anew. */
static void test_a_missing_slot(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    managed(&f);
    f.slot_name = "another";
    rule_ticks(&f, 3, 2000);
    const struct finding *p13 = fixture_finding(fixture_findings(&f), "P13");
    assert_non_null(p13);
    assert_non_null(strstr(p13->advice, "create it anew under another name"));
    assert_null(strstr(p13->advice, "offsets"));
    fixture_close(&f);
}

/* Whose config is not told may be a sink as well. */
static void undescribed(struct fixture *f, struct snapshot *snap)
{
    msk_connectors(f, snap);
    for (size_t i = 0; i < snap->connect.nconnectors; i++) {
        struct connect_connector *c = &snap->connect.connectors[i];
        ((struct msk_connector *)(uintptr_t)c->msk)->described = false;
        c->nconfig = 0;
        c->type = c->class_name = NULL;
    }
}

static void test_what_is_not_described_is_no_missing_sink(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    managed(&f);
    f.edit[SOURCE_MSK_CONNECT] = undescribed;
    rule_ticks(&f, 2, 2000);
    const struct hop *sink = &fixture_pipeline(&f)->hops[HOP_SINK];
    assert_int_equal(sink->verdict, VERDICT_UNKNOWN);
    assert_string_equal(sink->word, "not described");
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_rule_fires_and_is_silent),
        cmocka_unit_test(test_what_is_not_described_is_no_missing_sink),
        cmocka_unit_test(test_no_key_is_shown_that_would_be_refused),
        cmocka_unit_test(test_a_known_cause_is_the_headline),
        cmocka_unit_test(test_a_right_on_msk_is_a_statement),
        cmocka_unit_test(test_a_missing_slot),
    };
    return cmocka_run_group_tests_name("rules_msk_connect", tests, NULL, NULL);
}
