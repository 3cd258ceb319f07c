/* The rules of rules_aws.c, and the refusals among Z02. */
#include "base/mem.h"
#include "config/options.h"
#include "tests/unit/rule_cases.h"

#include <string.h>

#define MINUTE_MS (60 * 1000)

static void fill(struct fixture *f, struct snapshot *snap)
{
    snap->server_ms = f->wall_ms;
    snap->aws = (struct aws_snap){.account = "123456789012",
                                  .arn = "arn:aws:sts::123456789012:assumed-role/cdctop/i-1",
                                  .region = "eu-west-3",
                                  .partition = "aws",
                                  .credentials = "instance role cdctop",
                                  .expires_ms = f->wall_ms + 20 * MINUTE_MS,
                                  .skew_ms = 0,
                                  .usd_micro_per_hour = UNKNOWN};
}

static void edit_good(struct fixture *f, struct snapshot *snap)
{
    fill(f, snap);
}

static void edit_not_renewed(struct fixture *f, struct snapshot *snap)
{
    fill(f, snap);
    snap->aws.refresh_error = "IMDS: no answer in 1.0 s";
}

static void edit_at_the_end(struct fixture *f, struct snapshot *snap)
{
    fill(f, snap);
    snap->aws.expires_ms = f->wall_ms + MINUTE_MS;
}

static void edit_endless(struct fixture *f, struct snapshot *snap)
{
    fill(f, snap);
    snap->aws.expires_ms = UNKNOWN;
    snap->aws.refresh_error = "no matter";
}

static void edit_skewed(struct fixture *f, struct snapshot *snap)
{
    fill(f, snap);
    snap->server_ms += 60 * 1000;
}

static void make_not_renewed(struct fixture *f)
{
    f->edit[SOURCE_AWS] = edit_not_renewed;
}

static void make_at_the_end(struct fixture *f)
{
    f->edit[SOURCE_AWS] = edit_at_the_end;
}

static void near_good(struct fixture *f)
{
    f->edit[SOURCE_AWS] = edit_good;
}

static void near_endless(struct fixture *f)
{
    f->edit[SOURCE_AWS] = edit_endless;
}

static const struct rule_case cases[] = {
    {"A01", "aws", make_not_renewed, VERDICT_WARN, near_good,    NULL},
    {"A01", "aws", make_at_the_end,  VERDICT_WARN, near_endless, NULL},
};

static void test_every_rule_fires_and_is_silent(void **state)
{
    (void)state;
    rule_cases_run(rules_aws, cases, ARRAY_LEN(cases));
}

static void test_the_clock_of_aws_is_among_the_clocks(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_AWS] = edit_skewed;
    rule_ticks(&f, 5, 2000);
    const struct finding *found = fixture_finding(fixture_findings(&f), "E02");
    assert_non_null(found);
    assert_non_null(strstr(found->title, "AWS"));
    fixture_close(&f);
}

static int ndenied;

static void edit_denied(struct fixture *f, struct snapshot *snap)
{
    static const char *const actions[] = {"kafka:GetBootstrapBrokers",
                                          "dms:DescribeTableStatistics", "rds:DescribeEvents"};
    fill(f, snap);
    snap->aws.denied = arena_array(snap->arena, (size_t)ndenied, sizeof(struct aws_denied));
    for (int i = 0; i < ndenied; i++)
        snap->aws.denied[snap->aws.ndenied++] =
            (struct aws_denied){.service = "x",
                                .operation = "y",
                                .action = actions[i % 3],
                                .resource = "arn:aws:kafka:eu-west-3:123456789012:cluster/c/1",
                                .message = i == 1 ? "… with an explicit deny in a service control "
                                                    "policy"
                                                  : "not authorized",
                                .at_ms = f->wall_ms};
}

static void edit_dms_notes(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    snapshot_note(snap, "{\"Effect\": \"Allow\", \"Action\": \"dms:DescribeTableStatistics\"}",
                  "statistics are not told");
    snapshot_note(snap, NULL, "another thing");
}

static void test_refused_calls_are_one_finding_with_their_statements(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    ndenied = 2;
    f.edit[SOURCE_AWS] = edit_denied;
    f.edit[SOURCE_DMS] = edit_dms_notes;
    rule_ticks(&f, 2, 2000);
    struct findings all = fixture_findings(&f);
    const struct finding *found = NULL;
    size_t of_dms = 0;
    for (size_t i = 0; i < all.count; i++) {
        if (strcmp(all.items[i].id, "Z02") != 0)
            continue;
        if (strcmp(all.items[i].object, "aws") == 0)
            found = &all.items[i];
        of_dms += strcmp(all.items[i].object, "dms") == 0;
    }
    if (found == NULL) {
        fail_msg("no finding of what IAM refuses");
        return;
    }
    assert_int_equal(of_dms, 1); /* not the one that this finding tells already */
    assert_int_equal(found->severity, VERDICT_INFO);
    assert_int_equal(found->nevidence, 2);
    assert_string_equal(found->evidence[0],
                        "{\"Effect\": \"Allow\", \"Action\": \"kafka:GetBootstrapBrokers\", "
                        "\"Resource\": \"arn:aws:kafka:eu-west-3:123456789012:cluster/c/1\"}");
    assert_non_null(strstr(found->evidence[1], "does not help"));
    fixture_close(&f);
}

static void test_many_refusals_are_counted(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    ndenied = 30;
    f.edit[SOURCE_AWS] = edit_denied;
    rule_ticks(&f, 2, 2000);
    const struct finding *found = fixture_finding(fixture_findings(&f), "Z02");
    assert_non_null(found);
    assert_non_null(strstr(found->title, "2 more calls")); /* of three kinds */
    assert_int_equal(found->nevidence, FINDING_EVIDENCE);
    assert_string_equal(found->evidence[FINDING_EVIDENCE - 1], "and 23 more");
    fixture_close(&f);
}

/* Told by the service, before the list of what was refused has come: the same finding. */
static void test_a_refusal_is_one_finding_from_the_start(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_AWS] = edit_good;
    f.edit[SOURCE_DMS] = edit_dms_notes;
    rule_ticks(&f, 2, 2000);
    for (int listed = 0; listed < 2; listed++) {
        struct findings all = fixture_findings(&f);
        size_t of_aws = 0;
        for (size_t i = 0; i < all.count; i++) {
            assert_false(all.items[i].clearing);
            assert_null(strstr(all.items[i].title, "statistics are not told"));
            of_aws += strcmp(all.items[i].object, "aws") == 0;
        }
        assert_int_equal(of_aws, 1);
        ndenied = 2;
        f.edit[SOURCE_AWS] = edit_denied;
        rule_ticks(&f, 1, 2000);
    }
    fixture_close(&f);
}

/* What keeps us from the credentials has one cause, whatever its kind. */
static void test_one_failure_of_the_credentials_is_one_finding(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.fails[SOURCE_AWS] = f.fails[SOURCE_MSK] = f.fails[SOURCE_DMS] = true;
    f.fails_as = ERR_SERVER;
    f.fails_text = "instance metadata: the role's name: HTTP 500";
    rule_ticks(&f, 3, 2000);
    size_t n = 0;
    struct findings all = fixture_findings(&f);
    for (size_t i = 0; i < all.count; i++)
        n += strcmp(all.items[i].id, "Z01") == 0;
    assert_int_equal(n, 1);
    fixture_close(&f);
}

static size_t count_z01(struct findings all)
{
    size_t n = 0;
    for (size_t i = 0; i < all.count; i++)
        n += strcmp(all.items[i].id, "Z01") == 0;
    return n;
}

/* All services are asked with the same credentials: where these are refused, or none are found,
 * that is one finding. A database that refuses its own login is another. */
static void test_one_login_that_is_refused_is_one_finding(void **state)
{
    (void)state;
    static const enum source_kind of_aws[] = {SOURCE_AWS, SOURCE_MSK,        SOURCE_DMS,
                                              SOURCE_RDS, SOURCE_CLOUDWATCH, SOURCE_S3};
    static const enum err_kind kinds[] = {ERR_AUTH, ERR_CONFIG};
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        struct fixture f;
        fixture_open(&f);
        for (size_t i = 0; i < ARRAY_LEN(of_aws); i++)
            f.fails[of_aws[i]] = true;
        f.fails_as = kinds[k];
        f.fails_text = "ExpiredToken: The security token included in the request is expired";
        rule_ticks(&f, 3, 2000);
        struct findings all = fixture_findings(&f);
        const struct finding *z01 = fixture_finding(all, "Z01");
        assert_int_equal(count_z01(all), 1);
        assert_string_equal(z01->object, "aws");
        assert_int_equal(z01->nexplains, ARRAY_LEN(of_aws) - 1);
        if (kinds[k] == ERR_AUTH)
            assert_non_null(strstr(z01->advice, "log in anew"));
        f.fails[SOURCE_KAFKA] = kinds[k] == ERR_CONFIG; /* MSK was to tell where its brokers are */
        rule_ticks(&f, 3, 2000);
        assert_int_equal(count_z01(fixture_findings(&f)), 1);
        f.fails[SOURCE_POSTGRES] = true;
        rule_ticks(&f, 3, 2000);
        assert_int_equal(count_z01(fixture_findings(&f)), 2);
        const char *why; /* but one that is let in by a token that these credentials make */
        assert_true(options_set(options_find(SECTION_POSTGRES, "login"), &f.config->pipelines[0],
                                "rds-iam", &why));
        rule_ticks(&f, 3, 2000);
        assert_int_equal(count_z01(fixture_findings(&f)), 1);
        fixture_close(&f);
    }
}

/* A token of RDS is of our keys too: what a refusal of it wants is no other password. */
static void test_a_refused_token_is_advised_on(void **state)
{
    (void)state;
    static const struct {
        const char *text, *advice;
    } refusals[] = {
        {"PAM authentication failed; AWS takes the keys: allow rds-db:connect on arn:aws:rds-db:",
         "allow rds-db:connect: cdctop check prints the statement"                                                                  },
        {"PAM authentication failed; AWS does not take the credentials: ExpiredToken: it is over",
         "log in anew"                                                                                                              },
        {"password authentication failed",                                                         "check the user and its password"},
    };
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        struct fixture f;
        const char *why;
        fixture_open(&f);
        assert_true(options_set(options_find(SECTION_POSTGRES, "login"), &f.config->pipelines[0],
                                "rds-iam", &why));
        f.fails[SOURCE_POSTGRES] = true;
        f.fails_as = ERR_AUTH;
        f.fails_text = refusals[i].text;
        rule_ticks(&f, 3, 2000);
        const struct finding *z01 = fixture_finding(fixture_findings(&f), "Z01");
        assert_non_null(z01);
        if (strstr(z01->advice, refusals[i].advice) == NULL)
            fail_msg("%s", z01->advice);
        fixture_close(&f);
    }
}

/* A service that has too much to do is no trouble of the pipeline. */
static void test_throttling_is_no_alarm(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_AWS] = edit_good;
    f.fails[SOURCE_DMS] = true;
    f.fails_as = ERR_CONFLICT;
    f.fails_text = "ThrottlingException: Rate exceeded";
    rule_ticks(&f, 5, 2000);
    const struct finding *z01 = fixture_finding(fixture_findings(&f), "Z01");
    assert_non_null(z01);
    assert_int_equal(z01->severity, VERDICT_UNKNOWN);
    assert_non_null(strstr(z01->title, "DMS throttles us"));
    assert_non_null(strstr(z01->advice, "raise interval in [pipeline.aws]"));
    fixture_close(&f);
}

/* Connectors and tasks go on while their service says nothing of them. */
static void test_silence_of_aws_is_unknown(void **state)
{
    (void)state;
    static const enum source_kind kinds[] = {SOURCE_MSK_CONNECT, SOURCE_DMS, SOURCE_MSK,
                                             SOURCE_RDS};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct fixture f;
        fixture_open(&f);
        f.edit[SOURCE_AWS] = edit_good;
        f.fails[kinds[i]] = true;
        f.fails_as = ERR_TIMEOUT;
        rule_ticks(&f, 5, 2000);
        const struct finding *z01 = fixture_finding(fixture_findings(&f), "Z01");
        assert_non_null(z01);
        assert_int_equal(z01->severity, VERDICT_UNKNOWN);
        fixture_close(&f);
    }
}

/* One of them alone has a reason of its own, and says which right it lacks. */
static void test_one_service_that_refuses_speaks_for_itself(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    ndenied = 3; /* its call among them */
    f.edit[SOURCE_AWS] = edit_denied;
    f.fails[SOURCE_RDS] = true;
    f.fails_as = ERR_DENIED;
    f.fails_text = "AccessDenied: User: arn:aws:iam::1:user/me is not authorized to perform: "
                   "rds:DescribeEvents on resource: *";
    rule_ticks(&f, 3, 2000);
    const struct finding *z01 = fixture_finding(fixture_findings(&f), "Z01");
    assert_non_null(z01);
    assert_string_equal(z01->object, "rds");
    assert_non_null(strstr(z01->advice, "add to the policies of me: {\"Effect\": \"Allow\", "
                                        "\"Action\": \"rds:DescribeEvents\""));
    const struct finding *others = fixture_finding(fixture_findings(&f), "Z02");
    assert_non_null(others);
    assert_int_equal(others->nevidence, 2); /* the two calls of others */
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_rule_fires_and_is_silent),
        cmocka_unit_test(test_the_clock_of_aws_is_among_the_clocks),
        cmocka_unit_test(test_refused_calls_are_one_finding_with_their_statements),
        cmocka_unit_test(test_many_refusals_are_counted),
        cmocka_unit_test(test_a_refusal_is_one_finding_from_the_start),
        cmocka_unit_test(test_one_failure_of_the_credentials_is_one_finding),
        cmocka_unit_test(test_one_login_that_is_refused_is_one_finding),
        cmocka_unit_test(test_a_refused_token_is_advised_on),
        cmocka_unit_test(test_throttling_is_no_alarm),
        cmocka_unit_test(test_silence_of_aws_is_unknown),
        cmocka_unit_test(test_one_service_that_refuses_speaks_for_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
