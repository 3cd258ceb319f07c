/* How Kafka is logged in to with what AWS has. */
#include "aws/aws.h"
#include "aws/kafka_login.h"
#include "base/clock.h"
#include "base/mem.h"
#include "tests/check.h"
#include "tests/unit/fakeaws.h"

#include <stdlib.h>
#include <string.h>

static char none[] = "";
static char nobody[] = "http://127.0.0.1:1"; /* never the real STS */

static struct pipeline_config config(const char *mechanism)
{
    static char region[] = "us-east-1", id[] = "AKIDEXAMPLE", secret[] = "a-secret-key";
    static char *servers[] = {none};
    struct pipeline_config cfg = {.name = none};
    cfg.kafka = (struct kafka_config){
        .bootstrap_servers = {.items = servers, .count = 0},
        .security_protocol = (char *)(uintptr_t) "SASL_SSL",
        .sasl_mechanism = (char *)(uintptr_t)mechanism,
        .sasl_username = none,
        .sasl_password = none,
        .timeout_ms = 5000
    };
    cfg.aws = (struct aws_config){.region = region,
                                  .profile = none,
                                  .access_key_id = id,
                                  .secret_access_key = secret,
                                  .session_token = none,
                                  .role_arn = none,
                                  .external_id = none,
                                  .endpoint = nobody,
                                  .ssl_ca = none,
                                  .timeout_ms = 1000};
    return cfg;
}

static void test_region_of_a_broker(void **state)
{
    (void)state;
    static const struct {
        const char *bootstrap, *region;
    } cases[] = {
        {"b-1.prod.x1y2.c2.kafka.eu-west-3.amazonaws.com:9098,b-2.prod.x1y2.c2.kafka.eu-west-3"
         ".amazonaws.com:9098",                                 "eu-west-3" },
        {"boot-ab12cd.c1.kafka-serverless.us-east-1.amazonaws.com:9098", "us-east-1" },
        {"b-1.scram.x.c1.kafka.cn-north-1.amazonaws.com.cn:9096",        "cn-north-1"},
        {"127.0.0.1:9096",                                               NULL        },
        {"kafka.eu-west-3.amazonaws.com",                                NULL        },
        {"b-1.kafka.eu-west-3.example.com:9098",                         NULL        },
        {"mine:9092,b-1.x.c2.kafka.eu-west-3.amazonaws.com:9098",        NULL        },
        {"b-1.kafka..amazonaws.com:9098",                                NULL        },
        {"",                                                             NULL        },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char region[64] = "";
        bool known = kafka_login_region(cases[i].bootstrap, region, sizeof(region));
        assert_int_equal(known, cases[i].region != NULL);
        assert_string_equal(region, cases[i].region != NULL ? cases[i].region : "");
    }
    char tiny[4];
    assert_false(kafka_login_region(cases[0].bootstrap, tiny, sizeof(tiny)));
}

static struct kafkaclient_until soon(void)
{
    return (struct kafkaclient_until){.deadline_ms = clock_mono_ms() + 120000, .stop_fd = -1};
}

/* The token is one of the brokers' region; it ends fifteen minutes from now by our clock, also
 * where AWS's is another one. */
static void test_a_token_by_our_clock(void **state)
{
    (void)state;
    struct pipeline_config cfg = config("AWS_MSK_IAM");
    struct aws *aws = aws_open(&cfg, -1);
    struct kafka_login *login = kafka_login_new(&cfg, aws);
    const struct kafka_place place = {.bootstrap = "b-1.x.c2.kafka.eu-west-3.amazonaws.com:9098"};
    const struct kafkaclient_until until = soon();
    struct kafkaclient_login how;
    struct err err = ERR_INIT;
    assert_true(kafka_login_settle(login, &place, &until, &how, &err));
    assert_non_null(how.token);
    aws_saw_date(aws, clock_wall_ms() + 40 * 60 * INT64_C(1000));
    int64_t expires_ms = 0, now = clock_wall_ms();
    char *token = how.token(how.ctx, until.deadline_ms, -1, &expires_ms, &err);
    assert_non_null(token);
    assert_true(expires_ms > now + 890 * 1000 && expires_ms <= clock_wall_ms() + 901 * 1000);
    /* base64url of https://kafka.eu-west-3.amazonaws.com/… */
    assert_int_equal(strncmp(token, "aHR0cHM6Ly9rYWZrYS5ldS13ZXN0LTMuYW1hem9uYXdzLmNvbS8", 51), 0);
    mem_wipe_free(token);
    kafka_login_free(login);
    assert_true(aws_close(aws, clock_mono_ms() + 120000));
}

static void test_without_aws_it_says_so(void **state)
{
    (void)state;
    struct pipeline_config cfg = config("AWS_MSK_IAM");
    struct kafka_login *login = kafka_login_new(&cfg, NULL);
    const struct kafka_place place = {.bootstrap = NULL};
    const struct kafkaclient_until until = soon();
    struct kafkaclient_login how;
    struct err err = ERR_INIT;
    assert_false(kafka_login_settle(login, &place, &until, &how, &err));
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_non_null(strstr(err.text, "no AWS credentials"));
    kafka_login_free(login);
}

/* Other ways to log in are left as they are configured, without AWS too. */
static void test_others_need_no_aws(void **state)
{
    (void)state;
    struct pipeline_config cfg = config("SCRAM-SHA-512");
    struct kafka_login *login = kafka_login_new(&cfg, NULL);
    const struct kafka_place place = {.bootstrap = NULL};
    const struct kafkaclient_until until = soon();
    struct kafkaclient_login how;
    struct err err = ERR_INIT;
    assert_true(kafka_login_settle(login, &place, &until, &how, &err));
    assert_true(how.token == NULL && how.username == NULL && how.mechanism == NULL);
    err_set(&err, ERR_AUTH, 0, "SASL authentication failed");
    assert_false(kafka_login_refused(login, &until, &err));
    assert_string_equal(err.text, "SASL authentication failed");
    /* At MSK there is one more thing that may be missing. */
    const struct kafka_place msk = {.bootstrap = "b-1.x.c2.kafka.eu-west-3.amazonaws.com:9096"};
    assert_true(kafka_login_settle(login, &msk, &until, &how, &err));
    assert_false(kafka_login_refused(login, &until, &err));
    assert_non_null(strstr(err.text, "associated with the cluster: aws kafka list-scram-secrets"));
    kafka_login_free(login);
}

static void test_a_refusal_is_explained_once_a_minute_acted_upon(void **state)
{
    (void)state;
    struct pipeline_config cfg = config("AWS_MSK_IAM");
    struct aws *aws = aws_open(&cfg, -1);
    struct kafka_login *login = kafka_login_new(&cfg, aws);
    const struct kafka_place place = {.bootstrap = NULL};
    const struct kafkaclient_until until = soon();
    struct kafkaclient_login how;
    struct err err = ERR_INIT;
    assert_true(kafka_login_settle(login, &place, &until, &how, &err));
    err_set(&err, ERR_TIMEOUT, 0, "no answer in time");
    assert_false(kafka_login_refused(login, &until, &err));
    err_set(&err, ERR_AUTH, 0, "Access denied");
    assert_true(kafka_login_refused(login, &until, &err));
    assert_non_null(strstr(err.text, "allow kafka-cluster:Connect on the cluster"));
    assert_non_null(strstr(err.text, "look at the clock"));
    /* AWS has told the time: ours is no reason any more. */
    aws_saw_date(aws, clock_wall_ms());
    err_set(&err, ERR_AUTH, 0, "Access denied");
    assert_false(kafka_login_refused(login, &until, &err));
    assert_null(strstr(err.text, "clock"));
    err_set(&err, ERR_AUTH, 0, "Access denied: expired");
    assert_false(kafka_login_refused(login, &until, &err));
    assert_non_null(strstr(err.text, "the broker's clock is wrong"));
    assert_null(strstr(err.text, "a-secret-key"));
    kafka_login_free(login);
    assert_true(aws_close(aws, clock_mono_ms() + 120000));
}

/* MSK says no more than "Access denied": STS, asked about the same keys, knows better. */
static void test_sts_tells_which_keys_are_wrong(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *body, *words;
    } answers[] = {
        {403,
         "<ErrorResponse><Error><Code>ExpiredToken</Code><Message>The security token included in "
         "the request is expired</Message></Error></ErrorResponse>",              "log in anew"                   },
        {403,
         "<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>The security token "
         "included in the request is invalid.</Message></Error></ErrorResponse>", "this access key does not exist"},
        {403,
         "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>The request signature "
         "we calculated does not match</Message></Error></ErrorResponse>",        "the secret key does not belong"},
        {200, "<GetCallerIdentityResponse/>",
         "AWS takes the keys: allow kafka-cluster:Connect on the cluster"                                         },
    };
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        struct fakeaws fake;
        struct pipeline_config cfg;
        struct kafkaclient_login how;
        struct err err = ERR_INIT;
        const struct kafka_place place = {.bootstrap = NULL};
        const struct kafkaclient_until until = {.deadline_ms = clock_mono_ms() + 120000,
                                                .stop_fd = -1};
        fakeaws_start(&fake, &cfg);
        fakeaws_set(&cfg, "pipeline.kafka", "security_protocol", "SASL_SSL");
        fakeaws_set(&cfg, "pipeline.kafka", "sasl_mechanism", "AWS_MSK_IAM");
        const struct fakeaws_answer answer = {NULL, answers[i].status, answers[i].body};
        fakeaws_answers(&fake, &answer, 1);
        struct aws *aws = aws_open(&cfg, -1);
        struct kafka_login *login = kafka_login_new(&cfg, aws);
        assert_true(kafka_login_settle(login, &place, &until, &how, &err));
        for (int k = 0; k < 2; k++) { /* asked once a minute, said each time */
            err = (struct err)ERR_INIT;
            err_set(&err, ERR_AUTH, 0, "Access denied");
            assert_int_equal(kafka_login_refused(login, &until, &err), k == 0);
            if (strstr(err.text, answers[i].words) == NULL)
                fail_msg("%s", err.text);
        }
        assert_int_equal(fakeaws_requests(&fake), 1);
        assert_non_null(strstr(fake.last, "Action=GetCallerIdentity"));
        kafka_login_free(login);
        assert_true(aws_close(aws, clock_mono_ms() + 120000));
        fakeaws_stop(&fake, &cfg);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_region_of_a_broker),
        cmocka_unit_test(test_a_token_by_our_clock),
        cmocka_unit_test(test_without_aws_it_says_so),
        cmocka_unit_test(test_others_need_no_aws),
        cmocka_unit_test(test_a_refusal_is_explained_once_a_minute_acted_upon),
        cmocka_unit_test(test_sts_tells_which_keys_are_wrong),
    };
    return cmocka_run_group_tests_name("kafka_login", tests, NULL, NULL);
}
