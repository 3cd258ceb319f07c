/* SOURCE_AWS: who we are is asked once, and again with other keys; the rest is what the calls of
 * others have left behind; and how it stands in the JSON form. */
#include "base/clock.h"
#include "base/mem.h"
#include "model/world.h"
#include "report/json_aws.h"
#include "source/source.h"
#include "tests/check.h"
#include "tests/unit/aws_rig.h"

#include <stdlib.h>
#include <string.h>

#define WHO                                                                                     \
    "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"           \
    "<GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/x</Arn><UserId>AIDA</UserId>" \
    "<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"

static struct aws_rig rig;
static void *source;

static int setup(void **state)
{
    (void)state;
    aws_rig_open(&rig);
    source = source_aws.open(&rig.cfg, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    source_aws.close(source);
    aws_rig_close(&rig);
    return 0;
}

static struct snapshot *poll_it(bool full, struct err *err)
{
    struct poll_ctx ctx = {
        .deadline_ms = clock_mono_ms() + 120000, .stop_fd = -1, .aws = rig.aws, .full = full};
    *err = (struct err)ERR_INIT;
    struct snapshot *snap = source_aws.poll(source, &ctx, err);
    fakehttp_sync(rig.server);
    return snap;
}

static const struct aws_rig_answer who = {200, NULL, WHO, 0};

static void test_who_we_are_is_asked_once(void **state)
{
    (void)state;
    struct err err;
    aws_rig_answers(&rig, &who, 1);
    for (int i = 0; i < 3; i++) {
        struct snapshot *snap = poll_it(i == 2, &err);
        assert_non_null(snap);
        assert_string_equal(snap->aws.arn, "arn:aws:iam::123456789012:user/x");
        assert_string_equal(snap->aws.account, "123456789012");
        assert_string_equal(snap->aws.region, "eu-west-3");
        assert_in_range(snap->server_ms, clock_wall_ms() - 60 * 1000, clock_wall_ms() + 60 * 1000);
        assert_int_equal(snap->notes.count, 0);
        assert_int_equal(snap->aws.nspent, 1);
        snapshot_free(snap);
    }
    assert_int_equal(rig.asked, 1);
}

static void test_refused_keys_fail_and_say_so_until_asked_again(void **state)
{
    (void)state;
    struct err err;
    const struct aws_rig_answer script[] = {
        {403, NULL,
         "<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>The security token "
         "included in the request is invalid.</Message></Error></ErrorResponse>", 0},
        who,
    };
    aws_rig_answers(&rig, script, 2);
    assert_null(poll_it(true, &err));
    assert_int_equal(err.kind, ERR_AUTH);
    assert_non_null(strstr(err.text, "InvalidClientTokenId"));
    assert_null(poll_it(false, &err)); /* not asked again at once … */
    assert_int_equal(err.kind, ERR_AUTH);
    assert_int_equal(rig.asked, 1);
    struct snapshot *snap = poll_it(true, &err); /* … but when somebody wants to know */
    assert_non_null(snap);
    snapshot_free(snap);
}

/* A network without a way to STS may well have one to the others. */
static void test_sts_alone_that_is_away_is_a_note(void **state)
{
    (void)state;
    struct err err;
    aws_rig_answers(&rig,
                    (struct aws_rig_answer[]){
                        {403, NULL, "blocked", 0}
    },
                    1);
    struct snapshot *snap = poll_it(true, &err);
    assert_non_null(snap);
    assert_null(snap->aws.arn);
    assert_int_equal(snap->notes.count, 1);
    snapshot_free(snap);
    aws_rig_answers(&rig,
                    (struct aws_rig_answer[]){
                        {200, NULL, "<html></html>", 0}
    },
                    1);
    snap = poll_it(true, &err);
    assert_non_null(snap);
    assert_non_null(strstr(snap->notes.items[0].what, "names nobody"));
    snapshot_free(snap);
}

static void test_without_keys_there_is_nobody_to_ask_as(void **state)
{
    (void)state;
    struct err err;
    rig.cfg.aws.secret_access_key[0] = '\0';
    assert_null(poll_it(true, &err));
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_int_equal(rig.asked, 0);
}

static void test_the_json_form_has_it_and_no_secret(void **state)
{
    (void)state;
    struct err err;
    struct aws_answer answer;
    aws_rig_answers(
        &rig,
        (struct aws_rig_answer[]){
            {400, NULL, "{\"__type\":\"AccessDeniedException\",\"message\":\"no\"}", 0},
            who
    },
        2);
    assert_false(aws_rig_send(&rig, CW_GET_DATA, &answer, &err));
    struct snapshot *snap = poll_it(true, &err);
    assert_non_null(snap);
    struct world_pipeline p = {0};
    p.sources[SOURCE_AWS].configured = true;
    p.sources[SOURCE_AWS].snap = snap;
    struct world world = {.npipelines = 1, .pipelines = &p};
    cJSON *root = cJSON_CreateObject();
    json_aws_add(root, &world, 0);
    const cJSON *aws = json_get(root, "aws");
    assert_string_equal(json_str(aws, "arn", ""), "arn:aws:iam::123456789012:user/x");
    assert_true(cJSON_IsNull(json_get(aws, "usd_per_hour_est"))); /* not after some seconds */
    const cJSON *denied = cJSON_GetArrayItem(json_get(aws, "denied"), 0);
    assert_string_equal(json_str(denied, "action", ""), "cloudwatch:GetMetricData");
    const cJSON *calls = json_get(aws, "calls");
    assert_int_equal(cJSON_GetArraySize(calls), 2);
    assert_int_equal(json_int(cJSON_GetArrayItem(calls, 1), "errors", -1), 1);
    char *text = cJSON_Print(root);
    assert_false(aws_rig_leaks(text));
    cJSON_free(text);
    cJSON_Delete(root);
    snapshot_free(snap);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_who_we_are_is_asked_once),
        CASE(test_refused_keys_fail_and_say_so_until_asked_again),
        CASE(test_sts_alone_that_is_away_is_a_note),
        CASE(test_without_keys_there_is_nobody_to_ask_as),
        CASE(test_the_json_form_has_it_and_no_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
