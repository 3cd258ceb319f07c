/* SCRAM with user and password from Secrets Manager: the lab's listener, a Secrets Manager on
 * loopback; a password that was rotated while we are logged in with the old one. */
#include "aws/aws.h"
#include "base/clock.h"
#include "base/mem.h"
#include "source/source.h"
#include "tests/check.h"
#include "tests/unit/fakeaws.h"
#include "tests/unit/keep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATIENCE_MS = 60000 };

#define SECRET(password)                                                                       \
    "{\"ARN\":\"arn:aws:secretsmanager:eu-west-3:123456789012:secret:AmazonMSK_shop-AbCdEf\"," \
    "\"Name\":\"AmazonMSK_shop\",\"VersionId\":\"0c3a6d0e-1111-4222-8333-444455556666\","      \
    "\"SecretString\":\"{\\\"username\\\":\\\"alice\\\",\\\"password\\\":\\\"" password        \
    "\\\"}\",\"VersionStages\":[\"AWSCURRENT\"],\"CreatedDate\":1790000000.0}"

static const struct fakeaws_answer good = {NULL, 200, SECRET("alice-secret")};
static const struct fakeaws_answer old = {NULL, 200, SECRET("of-last-month")};

struct rig {
    struct fakeaws fake;
    struct pipeline_config cfg;
    struct aws *aws;
    void *source;
};

static void rig_open(struct rig *r, const struct fakeaws_answer *answer)
{
    char server[64];
    struct err err = ERR_INIT;
    const char *port = getenv("LAB_PORT_KAFKA_SASL");
    if (port == NULL)
        fail_msg("LAB_PORT_KAFKA_SASL is not set: start with tests/live/run.sh");
    *r = (struct rig){.source = NULL};
    fakeaws_start(&r->fake, &r->cfg);
    fakeaws_answers(&r->fake, answer, 1);
    (void)snprintf(server, sizeof(server), "127.0.0.1:%s", port);
    fakeaws_set(&r->cfg, "pipeline.kafka", "bootstrap_servers", server);
    fakeaws_set(&r->cfg, "pipeline.kafka", "security_protocol", "SASL_PLAINTEXT");
    fakeaws_set(&r->cfg, "pipeline.kafka", "sasl_mechanism", "SCRAM-SHA-512");
    fakeaws_set(&r->cfg, "pipeline.kafka", "sasl_username", "${secret:AmazonMSK_shop#username}");
    fakeaws_set(&r->cfg, "pipeline.kafka", "sasl_password", "${secret:AmazonMSK_shop#password}");
    r->aws = aws_open(&r->cfg, -1);
    r->source = source_kafka.open(&r->cfg, &err);
}

static void rig_close(struct rig *r)
{
    source_kafka.close(r->source);
    assert_true(aws_close(r->aws, clock_mono_ms() + 5000));
    fakeaws_stop(&r->fake, &r->cfg);
}

static bool ask(struct rig *r, struct err *err)
{
    const struct poll_ctx ctx = {
        .deadline_ms = clock_mono_ms() + 8000, .stop_fd = -1, .aws = r->aws, .full = true};
    err_clear(err);
    struct snapshot *snap = source_kafka.poll(r->source, &ctx, err);
    bool ok = snap != NULL;
    snapshot_free(snap);
    return ok;
}

static void test_the_login_is_a_secret(void **state)
{
    (void)state;
    struct rig r;
    struct err err = ERR_INIT;
    rig_open(&r, &good);
    for (int i = 0; i < 2; i++) {
        if (!ask(&r, &err))
            fail_msg("%s", err.text);
    }
    /* User and password are of one secret, which is read once. */
    assert_int_equal(fakeaws_requests(&r.fake), 1);
    rig_close(&r);
}

/* What was refused is read anew, once: a refusal that stays asks nobody again within the minute. */
static void test_a_refused_password_is_read_anew_once(void **state)
{
    (void)state;
    struct rig r;
    struct err err = ERR_INIT;
    rig_open(&r, &old);
    for (int i = 0; i < 3; i++) {
        assert_false(ask(&r, &err));
        assert_int_equal(err.kind, ERR_AUTH);
        assert_null(strstr(err.text, "of-last-month"));
    }
    assert_int_equal(fakeaws_requests(&r.fake), 2);
    rig_close(&r);
}

static void test_a_rotated_password_is_found(void **state)
{
    (void)state;
    struct rig r;
    struct err err = ERR_INIT;
    rig_open(&r, &old);
    assert_false(ask(&r, &err));
    fakeaws_answers(&r.fake, &good, 1);
    int64_t deadline = clock_mono_ms() + PATIENCE_MS;
    while (!ask(&r, &err)) {
        if (clock_mono_ms() > deadline)
            fail_msg("%s", err.text);
        (void)usleep(200 * 1000);
    }
    assert_int_equal(fakeaws_requests(&r.fake), 2);
    rig_close(&r);
}

/* Without Secrets Manager nobody can log in, and the reason is its own. */
static void test_a_secret_that_cannot_be_read(void **state)
{
    (void)state;
    static const struct fakeaws_answer refused = {
        NULL, 400,
        "{\"__type\":\"AccessDeniedException\",\"Message\":\"not authorized to perform: "
        "secretsmanager:GetSecretValue\"}"};
    struct rig r;
    struct err err = ERR_INIT;
    rig_open(&r, &refused);
    assert_false(ask(&r, &err));
    assert_int_equal(err.kind, ERR_DENIED);
    assert_non_null(strstr(err.text, "secretsmanager:GetSecretValue"));
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_login_is_a_secret),
        cmocka_unit_test(test_a_refused_password_is_read_anew_once),
        cmocka_unit_test(test_a_rotated_password_is_found),
        cmocka_unit_test(test_a_secret_that_cannot_be_read),
    };
    return cmocka_run_group_tests_name("kafka_secret", tests, NULL, keep_diary);
}
