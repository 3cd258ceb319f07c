/* The checks of checks_aws.c: each as it should be, complaining, and without an answer. */
#include "base/json.h"
#include "base/mem.h"
#include "check/checks.h"
#include "tests/check.h"
#include "tests/unit/world_fixture.h"

#include <string.h>

static struct aws_snap seen;
static bool noted;

static void edit(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    snap->server_ms = f->wall_ms;
    snap->aws = seen;
    snapshot_tls(snap, true, NULL, -1);
    if (seen.expires_ms != UNKNOWN)
        snap->aws.expires_ms += f->wall_ms;
    if (noted)
        snapshot_note(snap, NULL, "who we are at AWS is not told: no way to STS");
}

static void good(void)
{
    static struct aws_spent spent = {.service = "kafka", .operation = "x", .calls = 7};
    noted = false;
    seen = (struct aws_snap){.account = "123456789012",
                             .arn = "arn:aws:sts::123456789012:assumed-role/cdctop/i-1",
                             .region = "eu-west-3",
                             .credentials = "instance role cdctop",
                             .expires_ms = 3600 * 1000,
                             .skew_ms = -900,
                             .spent = &spent,
                             .nspent = 1};
}

/* The loudest line of that check, and how many there are. */
static const struct check_line *judged(struct fixture *f, const char *id, size_t *n)
{
    f->edit[SOURCE_AWS] = edit;
    fixture_tick(f, 2000);
    fixture_tick(f, 2000);
    struct check_list list = check_all(f->world, 0, fixture_pipeline(f), f->arena);
    const struct check_line *found = NULL;
    *n = 0;
    for (size_t i = 0; i < list.count; i++) {
        if (strcmp(list.lines[i].id, id) != 0)
            continue;
        if (found == NULL || list.lines[i].result > found->result)
            found = &list.lines[i];
        (*n)++;
    }
    return found;
}

static void says(const char *id, enum check_result result, const char *evidence, const char *fix)
{
    struct fixture f;
    size_t n;
    fixture_open(&f);
    const struct check_line *line = judged(&f, id, &n);
    if (line == NULL)
        fail_msg("%s says nothing", id);
    if (line->result != result || strstr(line->evidence, evidence) == NULL)
        fail_msg("%s: %s: %s", id, check_result_name(line->result), line->evidence);
    assert_non_null(strstr(line->fix, fix));
    assert_string_equal(line->subject, "aws");
    fixture_close(&f);
}

static void test_as_it_should_be(void **state)
{
    (void)state;
    good();
    says("aws.identity", RESULT_OK,
         "arn:aws:sts::123456789012:assumed-role/cdctop/i-1, account 123456789012, eu-west-3; keys "
         "from instance role cdctop",
         "");
    says("aws.expiry", RESULT_OK, "they end in 1h 00m and are renewed before", "");
    says("aws.clock", RESULT_OK, "less than 5", "");
    says("aws.calls", RESULT_OK, "none of 7 calls", "");
    struct fixture f;
    size_t n;
    fixture_open(&f);
    (void)judged(&f, "aws.identity", &n);
    struct check_list list = check_all(f.world, 0, fixture_pipeline(&f), f.arena);
    for (size_t i = 0; i < list.count; i++)
        assert_true(strcmp(list.lines[i].object, "AWS") != 0 || list.lines[i].result == RESULT_OK);
    fixture_close(&f);
    seen.expires_ms = UNKNOWN;
    seen.arn = "arn:aws:iam::123456789012:user/x";
    says("aws.expiry", RESULT_OK, "do not end", "");
}

static void test_what_is_not_known_is_not_ok(void **state)
{
    (void)state;
    good();
    seen.expires_ms = UNKNOWN;
    says("aws.expiry", RESULT_UNKNOWN, "nobody says", "");
    seen.skew_ms = UNKNOWN;
    says("aws.clock", RESULT_UNKNOWN, "time", "");
    seen.arn = NULL;
    noted = true;
    says("aws.identity", RESULT_UNKNOWN, "no way to STS", "");
}

static void test_what_is_wrong_comes_with_its_remedy(void **state)
{
    (void)state;
    good();
    seen.refresh_error = "profile prod: aws configure export-credentials ended with 255";
    says("aws.expiry", RESULT_WARNING, "ended with 255", "renew");
    seen.refresh_error = NULL;
    seen.credentials = "the environment"; /* nobody renews what stands there */
    says("aws.expiry", RESULT_WARNING, "they end in 1h 00m, and nobody renews", "");
    seen.refresh_error = "profile prod: aws configure export-credentials ended with 255";
    seen.expires_ms = -1000;
    says("aws.expiry", RESULT_FAILED, "not renewed", "renew");
    seen.skew_ms = 7 * 60 * 1000;
    says("aws.clock", RESULT_WARNING, "AWS is 7m00s ahead", "timedatectl set-ntp true");
}

static void test_each_refused_call_has_its_statement(void **state)
{
    (void)state;
    struct aws_denied denied[] = {
        {.action = "kafka:ListClustersV2", .resource = "*", .message = "not authorized"          },
        {.action = "dms:ReloadTables",
         .resource = "arn:aws:dms:x:1:task:\"T",
         .message = "not authorized"                                                             },
        {.action = "rds:DescribeEvents",   .resource = "*", .message = "with an explicit deny in"},
    };
    struct fixture f;
    size_t n;
    good();
    seen.denied = denied;
    seen.ndenied = 3;
    fixture_open(&f);
    assert_non_null(judged(&f, "aws.calls", &n));
    assert_int_equal(n, 3);
    struct check_list list = check_all(f.world, 0, fixture_pipeline(&f), f.arena);
    size_t at = 0;
    for (size_t i = 0; i < list.count; i++) {
        const struct check_line *line = &list.lines[i];
        if (strcmp(line->id, "aws.calls") != 0)
            continue;
        assert_int_equal(line->result, RESULT_WARNING);
        assert_string_equal(line->object, denied[at].action);
        assert_int_equal(line->fix_kind, at < 2 ? FIX_IAM : FIX_OTHER);
        if (at < 2) {
            cJSON *statement = cJSON_Parse(line->fix);
            assert_string_equal(json_str(statement, "Effect", ""), "Allow");
            assert_string_equal(json_str(statement, "Action", ""), denied[at].action);
            assert_string_equal(json_str(statement, "Resource", ""), denied[at].resource);
            cJSON_Delete(statement);
        }
        at++;
    }
    fixture_close(&f);
}

static void test_refused_credentials_fail(void **state)
{
    (void)state;
    struct fixture f;
    size_t n;
    fixture_open(&f);
    good();
    f.fails[SOURCE_AWS] = true;
    f.fails_as = ERR_AUTH;
    assert_int_equal(judged(&f, "aws.identity", &n)->result, RESULT_FAILED);
    assert_null(judged(&f, "aws.clock", &n));
    f.fails_as = ERR_TIMEOUT;
    assert_int_equal(judged(&f, "aws.identity", &n)->result, RESULT_UNKNOWN);
    fixture_close(&f);
}

static void test_without_aws_nothing_is_said(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    fixture_tick(&f, 2000);
    struct check_list list = check_all(f.world, 0, fixture_pipeline(&f), f.arena);
    for (size_t i = 0; i < list.count; i++)
        assert_string_not_equal(list.lines[i].subject, "aws");
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_it_should_be),
        cmocka_unit_test(test_what_is_not_known_is_not_ok),
        cmocka_unit_test(test_what_is_wrong_comes_with_its_remedy),
        cmocka_unit_test(test_each_refused_call_has_its_statement),
        cmocka_unit_test(test_refused_credentials_fail),
        cmocka_unit_test(test_without_aws_nothing_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
