/* :about on AWS: identity, credentials, clock, requests and cost; known, unknown and in trouble.
 * And a token of ours that was refused, in its pane. */
#include "tests/check.h"
#include "tests/screen/golden.h"

#include "base/mem.h"

#include <string.h>

#define HOUR_MS (INT64_C(3600) * 1000)

static struct snapshot *put_aws(struct stage *st)
{
    struct world *world = (struct world *)(uintptr_t)fixture_model(st->fixture)->world;
    struct source_slot *src = &world->pipelines[0].sources[SOURCE_AWS];
    struct snapshot *snap = snapshot_new(SOURCE_AWS);
    static const struct aws_spent spent[] = {
        {"sts",          "GetCallerIdentity", 1,    0, 0, 0,     UNKNOWN},
        {"kafkaconnect", "ListConnectors",    4200, 3, 3, 0,     UNKNOWN},
        {"kafkaconnect", "DescribeConnector", 8400, 0, 0, 0,     UNKNOWN},
        {"monitoring",   "ListMetrics",       12,   0, 0, 0,     120    },
        {"monitoring",   "GetMetricData",     240,  2, 2, 33600, 336000 },
    };
    snap->mono_ms = FIXTURE_MONO - 400;
    snap->wall_ms = FIXTURE_WALL - 400;
    snap->server_ms = FIXTURE_WALL - 400;
    snap->every_ms = 5000;
    snap->aws =
        (struct aws_snap){.account = "123456789012",
                          .arn = "arn:aws:sts::123456789012:assumed-role/cdctop-bastion/"
                                 "i-0123456789abcdef0",
                          .region = "eu-west-3",
                          .partition = "aws",
                          .credentials = "instance role cdctop-bastion",
                          .expires_ms = FIXTURE_WALL + 5 * HOUR_MS,
                          .skew_ms = -300,
                          .spent = arena_array(snap->arena, ARRAY_LEN(spent), sizeof(spent[0])),
                          .nspent = ARRAY_LEN(spent),
                          .usd_micro_per_hour = 28000};
    memcpy(snap->aws.spent, spent, sizeof(spent));
    struct config *config = (struct config *)(uintptr_t)fixture_model(st->fixture)->config;
    static char region[] = "eu-west-3";
    config->pipelines[0].aws.region = region;
    src->configured = true;
    src->snap = snap;
    src->report_mono_ms = FIXTURE_MONO - 400;
    src->polls = 800;
    return snap;
}

static void open_it(struct stage *st, int w, int h, bool ascii)
{
    stage_open(st, FIXTURE_HEALTHY, w, h, ascii);
}

static void test_all_is_known(void **state)
{
    (void)state;
    static const int sizes[][2] = {
        {120, 36},
        {80,  24},
        {200, 50}
    };
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct stage st;
        open_it(&st, sizes[i][0], sizes[i][1], false);
        (void)put_aws(&st);
        stage_keys(&st, ":about\rG");
        golden_check(&st, "about-aws");
        stage_close(&st);
    }
}

static void test_trouble_is_said(void **state)
{
    (void)state;
    struct stage st;
    open_it(&st, 120, 36, true);
    struct aws_snap *aws = &put_aws(&st)->aws;
    aws->arn = aws->account = NULL;
    aws->expires_ms = FIXTURE_WALL - 60 * 1000;
    aws->refresh_error = "profile prod: aws configure export-credentials ended with 255";
    aws->skew_ms = 7 * 60 * 1000;
    aws->usd_micro_per_hour = UNKNOWN;
    stage_keys(&st, ":about\rG");
    golden_check(&st, "about-aws-trouble");
    stage_close(&st);
}

/* What it lacks, and no word of a password; in :about too. */
static void test_a_refused_token_is_advised_on(void **state)
{
    (void)state;
    static const char *const keys[] = {"1", ":about\r"};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        struct stage st;
        open_it(&st, 120, 36, false);
        struct world *world = (struct world *)(uintptr_t)fixture_model(st.fixture)->world;
        struct source_slot *src = &world->pipelines[0].sources[SOURCE_POSTGRES];
        (void)err_set(&src->err, ERR_AUTH, 0,
                      "PAM authentication failed for user \"cdctop\" (28000); AWS takes the keys: "
                      "allow rds-db:connect on arn:aws:rds-db:eu-west-3:*:dbuser:*/cdctop");
        src->fails = 3;
        stage_keys(&st, keys[i]);
        assert_true(stage_has(&st, "PAM authentication failed"));
        assert_true(stage_has(&st, "cdctop check prints the statement"));
        assert_true(stage_lacks(&st, "password, key or token"));
        stage_close(&st);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_is_known),
        cmocka_unit_test(test_trouble_is_said),
        cmocka_unit_test(test_a_refused_token_is_advised_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
