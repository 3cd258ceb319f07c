/* The rules of rules_aws.c, and the refusals among Z02. */
#include "base/mem.h"
#include "tests/unit/rule_cases.h"

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
    assert_non_null(found);
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
    assert_non_null(strstr(found->title, "29 more"));
    assert_int_equal(found->nevidence, FINDING_EVIDENCE);
    assert_string_equal(found->evidence[FINDING_EVIDENCE - 1], "and 23 more");
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_rule_fires_and_is_silent),
        cmocka_unit_test(test_the_clock_of_aws_is_among_the_clocks),
        cmocka_unit_test(test_refused_calls_are_one_finding_with_their_statements),
        cmocka_unit_test(test_many_refusals_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
