/* IAM login against the lab's verifying listener (tests/stack/java/mskauth): keys for a time and
 * for ever, every refusal, tokens renewed while nobody asks, logins that end while somebody does;
 * with LAB_FAULTS=1 also a frozen and a restarted broker. */
#include "aws/aws.h"
#include "base/clock.h"
#include "base/mem.h"
#include "net/kafkaclient.h"
#include "source/source.h"
#include "tests/check.h"
#include "tests/live/lab.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATIENCE_MS = 60000, LIFETIME_MS = 900 * 1000, SHORT_MS = 8000 };

/* As in java/mskauth/lab/msk/MskKeys.java. */
struct key {
    const char *id, *secret, *token;
};
static const struct key for_ever = {"AKIALABMSK0000000001",
                                    "labmsksecret0000000000000000000000000001", ""};
static const struct key for_a_time = {
    "ASIALABMSK0000000002", "labmsksecret0000000000000000000000000002", "lab/session+token=="};
/* What it logs in, the broker sends away after four seconds. */
static const struct key soon_over = {"AKIALABMSK0000000003",
                                     "labmsksecret0000000000000000000000000003", ""};

static struct pipeline_config cfg;
/* STS is asked about keys that were refused: not the real one. */
static char server[64], ca[300], none[] = "", nobody[] = "http://127.0.0.1:1";
static char *servers[] = {server};

static struct pipeline_config *use(const struct key *key)
{
    static char texts[3][80], protocol[] = "SASL_SSL", mechanism[] = "AWS_MSK_IAM",
                              region[] = "us-east-1";
    (void)snprintf(server, sizeof(server), "127.0.0.1:%s", lab_env("LAB_PORT_KAFKA_IAM"));
    (void)snprintf(ca, sizeof(ca), "%s/tls/ca.crt", lab_env("LAB_DIR"));
    const char *given[] = {key->id, key->secret, key->token};
    for (size_t i = 0; i < ARRAY_LEN(given); i++)
        (void)snprintf(texts[i], sizeof(texts[i]), "%s", given[i]);
    cfg = (struct pipeline_config){.name = none};
    cfg.kafka = (struct kafka_config){
        .bootstrap_servers = {.items = servers, .count = 1},
        .security_protocol = protocol,
        .sasl_mechanism = mechanism,
        .sasl_username = none,
        .sasl_password = none,
        .ssl_ca = ca,
        .ssl_certificate = none,
        .ssl_key = none,
        .ssl_key_password = none,
        .timeout_ms = 5000,
    };
    cfg.aws = (struct aws_config){
        .region = region,
        .profile = none,
        .access_key_id = texts[0],
        .secret_access_key = texts[1],
        .session_token = texts[2],
        .role_arn = none,
        .external_id = none,
        .endpoint = nobody,
        .ssl_ca = none,
        .timeout_ms = 5000,
    };
    return &cfg;
}

/* ---- the source, as the program has it ---- */

struct rig {
    struct aws *aws;
    void *source;
};

static struct rig rig_open(const struct key *key)
{
    struct err err = ERR_INIT;
    struct pipeline_config *config = use(key);
    return (struct rig){aws_open(config, -1), source_kafka.open(config, &err)};
}

static void rig_close(const struct rig *r)
{
    source_kafka.close(r->source);
    (void)aws_close(r->aws, clock_mono_ms() + 2000);
}

static struct snapshot *poll_for(const struct rig *r, int ms, struct err *err)
{
    const struct poll_ctx ctx = {
        .deadline_ms = clock_mono_ms() + ms, .stop_fd = -1, .aws = r->aws, .full = true};
    err_clear(err);
    return source_kafka.poll(r->source, &ctx, err);
}

static void expect_answer(const struct rig *r)
{
    int64_t deadline = clock_mono_ms() + PATIENCE_MS;
    struct err err = ERR_INIT;
    for (;;) {
        struct snapshot *snap = poll_for(r, 8000, &err);
        if (snap != NULL) {
            assert_true(snap->kafka.nbrokers > 0);
            snapshot_free(snap);
            return;
        }
        if (clock_mono_ms() >= deadline)
            fail_msg("no answer: %s", err.text);
        (void)usleep(200 * 1000);
    }
}

static void test_keys_log_in(void **state)
{
    (void)state;
    const struct key *keys[] = {&for_ever, &for_a_time};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        struct rig r = rig_open(keys[i]);
        expect_answer(&r);
        rig_close(&r);
    }
}

/* What the person reads says who refused whom, and what to do about it; never the secret. */
static void test_a_refusal_says_what_to_do(void **state)
{
    (void)state;
    static const struct key wrong = {"AKIALABMSK0000000001", "not-the-secret", ""};
    struct err err = ERR_INIT;
    struct rig r = rig_open(&wrong);
    for (int i = 0; i < 2; i++) { /* the second time is as clear as the first */
        assert_null(poll_for(&r, 8000, &err));
        assert_string_equal(err_kind_name(err.kind), "auth");
        assert_non_null(strstr(err.text, "Access denied"));
        assert_non_null(strstr(err.text, "kafka-cluster:Connect"));
        assert_null(strstr(err.text, "not-the-secret"));
    }
    rig_close(&r);
}

/* ---- a client with tokens of the test's own ---- */

struct maker {
    struct key key;
    int64_t late_ms; /* the token is signed so long ago … */
    int64_t life_ms; /* … and said to end so long from now; 0: as it does */
    atomic_int made;
};

static char *make(void *ctx, int64_t deadline_ms, int stop_fd, int64_t *expires_ms, struct err *err)
{
    struct maker *m = ctx;
    (void)deadline_ms;
    (void)stop_fd;
    struct aws_credentials creds = {
        .access_key_id = (char *)(uintptr_t)m->key.id,
        .secret_access_key = (char *)(uintptr_t)m->key.secret,
        .session_token = *m->key.token != '\0' ? (char *)(uintptr_t)m->key.token : NULL};
    int64_t now = clock_wall_ms();
    char *token = sigv4_msk_token(&creds, "us-east-1", "test", now - m->late_ms, expires_ms);
    if (token == NULL)
        err_set(err, ERR_AUTH, 0, "no token");
    if (m->life_ms > 0)
        *expires_ms = now + m->life_ms;
    atomic_fetch_add(&m->made, 1);
    return token;
}

static struct kafkaclient *connect_with(struct maker *m)
{
    struct err err = ERR_INIT;
    const struct kafkaclient_login login = {.token = make, .ctx = m, .stop_fd = -1};
    struct kafkaclient *client = kafkaclient_new(&use(&m->key)->kafka, NULL, &login, &err);
    if (client == NULL)
        fail_msg("%s", err.text);
    return client;
}

static bool ask(struct kafkaclient *client, int ms, struct err *err)
{
    struct arena *arena = arena_new();
    struct kafkaclient_meta meta;
    const struct kafkaclient_until until = {.deadline_ms = clock_mono_ms() + ms, .stop_fd = -1};
    kafkaclient_tidy(client);
    bool ok = kafkaclient_metadata(client, &until, arena, &meta, err);
    arena_free(arena);
    return ok;
}

static void test_each_refusal_has_its_reason(void **state)
{
    (void)state;
    struct {
        struct maker maker;
        const char *why;
    } cases[] = {
        {{.key = for_ever, .late_ms = LIFETIME_MS + 60000, .life_ms = LIFETIME_MS},              "expired"           },
        {{.key = for_ever, .late_ms = -20 * 60 * INT64_C(1000)},                                 "not yet valid"     },
        {{.key = {"AKIALABMSK0000000001", "wrong", ""}},                                         "signature mismatch"},
        {{.key = {"AKIANOBODY0000000000", "wrong", ""}},                                         "unknown access key"},
        {{.key = {"ASIALABMSK0000000002", "labmsksecret0000000000000000000000000002", "other"}},
         "wrong session token"                                                                                       },
        {{.key = {"ASIALABMSK0000000002", "labmsksecret0000000000000000000000000002", ""}},
         "wrong session token"                                                                                       },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_INIT;
        struct kafkaclient *client = connect_with(&cases[i].maker);
        assert_false(ask(client, 8000, &err));
        if (err.kind != ERR_AUTH || strstr(err.text, cases[i].why) == NULL)
            fail_msg("%s: %s: %s", cases[i].why, err_kind_name(err.kind), err.text);
        kafkaclient_close(client);
    }
}

/* One that has ended before it is used is not even sent. */
static void test_a_token_of_the_past_is_not_sent(void **state)
{
    (void)state;
    struct maker m = {.key = for_ever, .late_ms = LIFETIME_MS + 60000};
    struct err err = ERR_INIT;
    const struct kafkaclient_login login = {.token = make, .ctx = &m, .stop_fd = -1};
    assert_null(kafkaclient_new(&use(&m.key)->kafka, NULL, &login, &err));
    assert_string_equal(err_kind_name(err.kind), "auth");
    assert_non_null(strstr(err.text, "ended before it was used"));
}

/* Three lives of short tokens, for one client that asks all the time and one that never does: each
 * token is replaced ahead of its end. And beside them a source that the broker sends away every
 * four seconds, in the middle of its questions, as MSK does where the client cannot log in again on
 * a connection that stands (librdkafka before 2.2): the next connection is there before it shows.
 */
static void test_three_lifetimes(void **state)
{
    (void)state;
    struct maker busy = {.key = for_a_time, .late_ms = LIFETIME_MS - SHORT_MS};
    struct maker silent = {.key = for_ever, .late_ms = LIFETIME_MS - SHORT_MS};
    struct kafkaclient *asks = connect_with(&busy), *never = connect_with(&silent);
    struct rig r = rig_open(&soon_over);
    struct err err = ERR_INIT;
    int64_t deadline = clock_mono_ms() + PATIENCE_MS;
    expect_answer(&r);
    while (atomic_load(&busy.made) < 5 || atomic_load(&silent.made) < 5) {
        struct snapshot *snap = poll_for(&r, 8000, &err);
        if (snap == NULL || !ask(asks, 8000, &err)) {
            fail_msg("%s", err.text);
            break;
        }
        if (snap->notes.count > 0)
            fail_msg("%s", snap->notes.items[0].what);
        snapshot_free(snap);
        assert_true(clock_mono_ms() < deadline);
        (void)usleep(200 * 1000);
    }
    if (!ask(never, 8000, &err))
        fail_msg("%s", err.text);
    rig_close(&r);
    kafkaclient_close(asks);
    kafkaclient_close(never);
    int made = atomic_load(&silent.made);
    (void)usleep(1500 * 1000);
    assert_int_equal(atomic_load(&silent.made), made);
}

static void test_frozen_and_restarted(void **state)
{
    (void)state;
    lab_may_break();
    struct rig r = rig_open(&for_a_time);
    struct err err = ERR_INIT;
    expect_answer(&r);
    lab_fault("freeze", "kafka");
    struct snapshot *snap = poll_for(&r, 3000, &err);
    lab_fault("thaw", "kafka");
    assert_null(snap);
    assert_string_equal(err_kind_name(err.kind), "timeout");
    expect_answer(&r);
    lab_fault("stop", "kafka");
    snap = poll_for(&r, 3000, &err);
    lab_fault("start", "kafka");
    assert_null(snap);
    expect_answer(&r);
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys_log_in),
        cmocka_unit_test(test_a_refusal_says_what_to_do),
        cmocka_unit_test(test_each_refusal_has_its_reason),
        cmocka_unit_test(test_a_token_of_the_past_is_not_sent),
        cmocka_unit_test(test_three_lifetimes),
        cmocka_unit_test(test_frozen_and_restarted),
    };
    return cmocka_run_group_tests_name("kafka_iam", tests, NULL, lab_heal_after);
}
