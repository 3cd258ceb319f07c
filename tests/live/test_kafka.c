/* The Kafka source against the lab's broker: every way to log in, the sink's group, notifications,
 * signals; with LAB_FAULTS=1 also a frozen and a restarted broker. */
#include "base/clock.h"
#include "base/mem.h"
#include "net/kafka_signal.h"
#include "source/source.h"
#include "tests/check.h"
#include "tests/live/lab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { PATIENCE_MS = 60000 };

static struct pipeline_config cfg;
static char server[64], ca[300], cert[300], key[300];
static char *servers[] = {server};

/* A configuration for the listener whose port is in that variable. */
static struct pipeline_config *use(const char *port, const char *protocol, const char *mechanism,
                                   const char *user, const char *password)
{
    (void)snprintf(server, sizeof(server), "127.0.0.1:%s", lab_env(port));
    (void)snprintf(ca, sizeof(ca), "%s/tls/ca.crt", lab_env("LAB_DIR"));
    (void)snprintf(cert, sizeof(cert), "%s/tls/client.crt", lab_env("LAB_DIR"));
    (void)snprintf(key, sizeof(key), "%s/tls/client.key", lab_env("LAB_DIR"));
    static char none[] = "";
    static char texts[4][40];
    const char *given[] = {protocol, mechanism, user, password};
    for (size_t i = 0; i < ARRAY_LEN(given); i++)
        (void)snprintf(texts[i], sizeof(texts[i]), "%s", given[i]);
    bool tls = strstr(protocol, "SSL") != NULL;
    cfg = (struct pipeline_config){.name = none};
    cfg.kafka = (struct kafka_config){
        .bootstrap_servers = {.items = servers, .count = 1},
        .security_protocol = texts[0],
        .sasl_mechanism = texts[1],
        .sasl_username = texts[2],
        .sasl_password = texts[3],
        .ssl_ca = tls ? ca : none,
        .ssl_certificate = none,
        .ssl_key = none,
        .ssl_key_password = none,
        .timeout_ms = 5000,
    };
    return &cfg;
}

static struct pipeline_config *plaintext(void)
{
    return use("LAB_PORT_KAFKA", "PLAINTEXT", "", "", "");
}

static const char *topics[] = {"shop.public.orders", "shop.public.customers"};
static const char *groups[] = {"connect-shop-s3", "no-such-group"};
static const char *notification_topics[] = {"shop-notifications"};

static struct hints hints_of_the_lab(void)
{
    return (struct hints){.topics = topics,
                          .ntopics = ARRAY_LEN(topics),
                          .groups = groups,
                          .ngroups = ARRAY_LEN(groups),
                          .notification_topics = notification_topics,
                          .nnotification_topics = 1,
                          .sample_topics = topics,
                          .nsample_topics = 1};
}

static struct snapshot *poll_for(void *source, const struct hints *hints, int ms, struct err *err)
{
    struct poll_ctx ctx = {
        .deadline_ms = clock_mono_ms() + ms, .stop_fd = -1, .hints = hints, .full = false};
    err_clear(err);
    return source_kafka.poll(source, &ctx, err);
}

/* Polls until the source answers (or, with wanted false, until it fails). */
static struct snapshot *poll_until(void *source, const struct hints *hints, bool wanted,
                                   struct err *err)
{
    int64_t deadline = clock_mono_ms() + PATIENCE_MS;
    for (;;) {
        struct snapshot *snap = poll_for(source, hints, 8000, err);
        if ((snap != NULL) == wanted)
            return snap;
        snapshot_free(snap);
        if (clock_mono_ms() >= deadline)
            fail_msg("still %s: %s", wanted ? "no answer" : "answers", err->text);
        (void)usleep(200 * 1000);
    }
}

static const struct kafka_topic *find_topic(const struct snapshot *snap, const char *name)
{
    for (size_t i = 0; i < snap->kafka.ntopics; i++) {
        if (strcmp(snap->kafka.topics[i].name, name) == 0)
            return &snap->kafka.topics[i];
    }
    return NULL;
}

static const struct kafka_group *find_group(const struct snapshot *snap, const char *name)
{
    for (size_t i = 0; i < snap->kafka.ngroups; i++) {
        if (strcmp(snap->kafka.groups[i].name, name) == 0)
            return &snap->kafka.groups[i];
    }
    return NULL;
}

static void expect_answer(struct pipeline_config *config)
{
    struct err err = ERR_INIT;
    void *source = source_kafka.open(config, &err);
    struct snapshot *snap = poll_until(source, NULL, true, &err);
    const struct kafka_topic *orders = find_topic(snap, "shop.public.orders");
    assert_non_null(orders);
    assert_true(orders->partitions[0].end >= orders->partitions[0].begin);
    assert_true(orders->partitions[0].begin >= 0);
    snapshot_free(snap);
    source_kafka.close(source);
}

static void expect_error(struct pipeline_config *config, enum err_kind kind, const char *piece)
{
    struct err err = ERR_INIT;
    void *source = source_kafka.open(config, &err);
    for (int i = 0; i < 2; i++) { /* the second time is as clear as the first */
        assert_null(poll_for(source, NULL, 30000, &err));
        assert_string_equal(err_kind_name(err.kind), err_kind_name(kind));
        if (strstr(err.text, piece) == NULL)
            fail_msg("\"%s\" is not in: %s", piece, err.text);
    }
    source_kafka.close(source);
}

static void test_plaintext(void **state)
{
    (void)state;
    expect_answer(plaintext());
}

static void test_sasl_plain(void **state)
{
    (void)state;
    expect_answer(use("LAB_PORT_KAFKA_SASL", "SASL_PLAINTEXT", "PLAIN", "bob", "bob-secret"));
}

static void test_scram(void **state)
{
    (void)state;
    expect_answer(
        use("LAB_PORT_KAFKA_SASL", "SASL_PLAINTEXT", "SCRAM-SHA-256", "alice", "alice-secret"));
    expect_answer(
        use("LAB_PORT_KAFKA_SASL", "SASL_PLAINTEXT", "SCRAM-SHA-512", "alice", "alice-secret"));
}

static void test_tls_with_scram(void **state)
{
    (void)state;
    expect_answer(
        use("LAB_PORT_KAFKA_SASLSSL", "SASL_SSL", "SCRAM-SHA-512", "alice", "alice-secret"));
}

static void test_mtls(void **state)
{
    (void)state;
    struct pipeline_config *config = use("LAB_PORT_KAFKA_MTLS", "SSL", "", "", "");
    config->kafka.ssl_certificate = cert;
    config->kafka.ssl_key = key;
    expect_answer(config);
    config->kafka.ssl_certificate = config->kafka.ssl_key = config->name;
    expect_error(config, ERR_TLS, "certificate");
}

static void test_wrong_password_is_auth(void **state)
{
    (void)state;
    expect_error(use("LAB_PORT_KAFKA_SASL", "SASL_PLAINTEXT", "SCRAM-SHA-512", "alice", "wrong"),
                 ERR_AUTH, "Authentication failed");
    expect_error(use("LAB_PORT_KAFKA_SASL", "SASL_PLAINTEXT", "PLAIN", "bob", "wrong"), ERR_AUTH,
                 "Authentication failed");
}

static void test_wrong_protocol_ca_port_and_name(void **state)
{
    (void)state;
    expect_error(use("LAB_PORT_KAFKA_SASLSSL", "PLAINTEXT", "", "", ""), ERR_TLS,
                 "security.protocol");
    struct pipeline_config *config =
        use("LAB_PORT_KAFKA_SASLSSL", "SASL_SSL", "SCRAM-SHA-512", "alice", "alice-secret");
    config->kafka.ssl_ca = config->name;
    expect_error(config, ERR_TLS, "certificate verify failed");
    config->kafka.ssl_ca = cert; /* a certificate, but not the CA */
    expect_error(config, ERR_TLS, "certificate verify failed");
    (void)snprintf(ca, sizeof(ca), "/nowhere/ca.crt");
    config->kafka.ssl_ca = ca;
    expect_error(config, ERR_CONFIG, "/nowhere/ca.crt");
    expect_error(use("LAB_PORT_CONNECT", "PLAINTEXT", "", "", ""), ERR_PROTOCOL, "response size");
    config = plaintext();
    (void)snprintf(server, sizeof(server), "127.0.0.1:1");
    expect_error(config, ERR_REFUSED, "Connection refused");
    (void)snprintf(server, sizeof(server), "no-such-host.invalid:9092");
    expect_error(config, ERR_DNS, "no-such-host.invalid");
}

static void test_the_pipeline_in_view(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct hints hints = hints_of_the_lab();
    void *source = source_kafka.open(plaintext(), &err);
    struct snapshot *snap = poll_until(source, &hints, true, &err);
    assert_int_equal(snap->notes.count, 0);
    assert_int_equal(snap->kafka.nbrokers, 1);
    assert_non_null(snap->kafka.cluster_id);
    assert_true(snap->server_ms == UNKNOWN);
    assert_int_equal(snap->kafka.ntopics, 3); /* the pipeline's own, not all that is visible */
    assert_true(snap->kafka.topics_visible > 3);

    const struct kafka_partition *p = find_topic(snap, "shop.public.orders")->partitions;
    assert_int_equal(p->replicas, 1);
    assert_int_equal(p->isr, 1);
    assert_true(p->end > 0);
    assert_true(p->record_bytes > 50 && p->record_bytes < 10000);
    assert_true(p->newest_ms > clock_wall_ms() - INT64_C(86400000));

    const struct kafka_group *sink = find_group(snap, "connect-shop-s3");
    assert_string_equal(sink->protocol_type, "consumer");
    assert_non_null(sink->state);
    assert_true(sink->offsets_read);
    bool found = false;
    for (size_t i = 0; i < sink->noffsets; i++)
        found = found || (strcmp(sink->offsets[i].topic, "shop.public.orders") == 0 &&
                          sink->offsets[i].committed > 0);
    assert_true(found);
    const struct kafka_group *none = find_group(snap, "no-such-group");
    assert_null(none->state);
    assert_int_equal(none->members, -1);

    assert_true(snap->kafka.nnotifications > 0); /* of the initial snapshot */
    for (size_t i = 1; i < snap->kafka.nnotifications; i++)
        assert_true(snap->kafka.notifications[i].offset > snap->kafka.notifications[i - 1].offset);
    assert_string_equal(snap->kafka.notifications[0].topic, "shop-notifications");
    size_t before = snap->kafka.nnotifications;
    snapshot_free(snap);
    snap = poll_until(source, &hints, true, &err); /* nothing is read twice */
    assert_true(snap->kafka.nnotifications == before);
    snapshot_free(snap);
    source_kafka.close(source);
}

static void test_configuration_and_single_records(void **state)
{
    (void)state;
    static const char *lasts[] = {"__debezium-heartbeat.shop", "no-such-dlq"};
    struct err err = ERR_INIT;
    struct hints hints = hints_of_the_lab();
    hints.last_topics = lasts;
    hints.nlast_topics = ARRAY_LEN(lasts);
    void *source = source_kafka.open(plaintext(), &err);
    struct snapshot *snap = poll_until(source, &hints, true, &err);
    assert_int_equal(snap->notes.count, 0);
    const struct kafka_topic *orders = find_topic(snap, "shop.public.orders");
    assert_string_equal(orders->cleanup_policy, "delete");
    assert_true(orders->retention_ms > 0);
    assert_true(orders->max_message_bytes > 0);
    assert_int_equal(orders->min_insync, 1);
    assert_int_equal(snap->kafka.ninternals, 3); /* Connect's own */
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(snap->kafka.internals[i].cleanup_policy, "compact");
    assert_int_equal(snap->kafka.nlasts, 1);
    assert_true(snap->kafka.lasts[0].time_ms > clock_wall_ms() - INT64_C(86400000));
    assert_null(snap->kafka.lasts[0].exception);
    snapshot_free(snap);
    source_kafka.close(source);
}

static void test_patterns_choose_the_topics(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    char yes[] = "shop.public.*", no[] = "!*.heartbeat";
    char *globs[] = {yes, no};
    struct pipeline_config *config = plaintext();
    config->kafka.topics = (struct strlist){.items = globs, .count = 2};
    void *source = source_kafka.open(config, &err);
    struct snapshot *snap = poll_until(source, NULL, true, &err);
    assert_non_null(find_topic(snap, "shop.public.orders"));
    assert_null(find_topic(snap, "shop.public.heartbeat"));
    assert_null(find_topic(snap, "shop-signals"));
    assert_null(find_topic(snap, "__consumer_offsets"));
    snapshot_free(snap);
    source_kafka.close(source);
}

static int64_t end_of(const char *topic)
{
    struct err err = ERR_INIT;
    void *source = source_kafka.open(plaintext(), &err);
    struct snapshot *snap = poll_until(source, NULL, true, &err);
    const struct kafka_topic *t = find_topic(snap, topic);
    int64_t end = t != NULL ? t->partitions[0].end : -1;
    snapshot_free(snap);
    source_kafka.close(source);
    return end;
}

static bool send(const struct pipeline_config *config, const char *topic, const char *value, int ms,
                 struct err *err)
{
    const struct kafkaclient_until until = {.deadline_ms = clock_mono_ms() + ms, .stop_fd = -1};
    return kafka_send_signal(&config->kafka, NULL, NULL, topic, "shop", value, &until, err);
}

static void test_a_signal_is_one_record(void **state)
{
    (void)state;
    static const char signal[] =
        "{\"id\":\"live-test\",\"type\":\"log\",\"data\":{\"message\":\"live test\"}}";
    struct err err = ERR_INIT;
    int64_t before = end_of("shop-signals");
    struct pipeline_config *config = plaintext();
    if (!send(config, "shop-signals", signal, 20000, &err))
        fail_msg("%s", err.text);
    assert_true(end_of("shop-signals") == (before < 0 ? 0 : before) + 1);
}

static void test_a_signal_creates_no_topic(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct pipeline_config *config = plaintext();
    assert_false(send(config, "live-test-no-such-topic", "{}", 20000, &err));
    assert_int_equal(err.kind, ERR_NOTFOUND);
    assert_true(end_of("live-test-no-such-topic") == -1);
}

static void test_stop_is_obeyed(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    int fd = eventfd(1, EFD_CLOEXEC);
    void *source = source_kafka.open(plaintext(), &err);
    struct poll_ctx ctx = {.deadline_ms = clock_mono_ms() + 60000, .stop_fd = fd};
    assert_null(source_kafka.poll(source, &ctx, &err));
    assert_int_equal(err.kind, ERR_STOPPED);
    source_kafka.close(source);
    (void)close(fd);
}

/* ---- bad days ---- */

static void test_frozen_broker(void **state)
{
    (void)state;
    lab_may_break();
    struct err err = ERR_INIT;
    struct hints hints = hints_of_the_lab();
    void *source = source_kafka.open(plaintext(), &err);
    snapshot_free(poll_until(source, &hints, true, &err));
    lab_fault("freeze", "kafka");
    for (int i = 0; i < 4; i++) {
        int64_t start = clock_mono_ms();
        struct snapshot *snap = poll_for(source, &hints, 4000, &err);
        int64_t took = clock_mono_ms() - start;
        if (snap != NULL || took > 30000) {
            lab_fault("thaw", "kafka");
            fail_msg("%s after %lld ms", snap != NULL ? "an answer" : err.text, (long long)took);
        }
        assert_string_equal(err_kind_name(err.kind), "timeout");
    }
    lab_fault("thaw", "kafka");
    snapshot_free(poll_until(source, &hints, true, &err));
    source_kafka.close(source);
}

/* Frozen from the start: opening, polling and closing come back all the same. */
static void test_frozen_from_the_start(void **state)
{
    (void)state;
    lab_may_break();
    struct err err = ERR_INIT;
    lab_fault("freeze", "kafka");
    void *source = source_kafka.open(plaintext(), &err);
    struct snapshot *snap = poll_for(source, NULL, 3000, &err);
    struct err sent = ERR_INIT;
    bool ok = send(&cfg, "shop-signals", "{}", 3000, &sent);
    lab_fault("thaw", "kafka");
    assert_null(snap);
    assert_string_equal(err_kind_name(err.kind), "timeout");
    assert_false(ok);
    assert_string_equal(err_kind_name(sent.kind), "timeout");
    snapshot_free(poll_until(source, NULL, true, &err));
    source_kafka.close(source);
}

static void test_stopped_and_started_broker(void **state)
{
    (void)state;
    lab_may_break();
    struct err err = ERR_INIT;
    struct hints hints = hints_of_the_lab();
    void *source = source_kafka.open(plaintext(), &err);
    snapshot_free(poll_until(source, &hints, true, &err));
    lab_fault("kill", "kafka");
    (void)poll_until(source, &hints, false, &err);
    assert_null(poll_for(source, &hints, 8000, &err));
    assert_string_equal(err_kind_name(err.kind), "refused");
    lab_fault("start", "kafka");
    snapshot_free(poll_until(source, &hints, true, &err));
    source_kafka.close(source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plaintext),
        cmocka_unit_test(test_sasl_plain),
        cmocka_unit_test(test_scram),
        cmocka_unit_test(test_tls_with_scram),
        cmocka_unit_test(test_mtls),
        cmocka_unit_test(test_wrong_password_is_auth),
        cmocka_unit_test(test_wrong_protocol_ca_port_and_name),
        cmocka_unit_test(test_the_pipeline_in_view),
        cmocka_unit_test(test_configuration_and_single_records),
        cmocka_unit_test(test_patterns_choose_the_topics),
        cmocka_unit_test(test_a_signal_is_one_record),
        cmocka_unit_test(test_a_signal_creates_no_topic),
        cmocka_unit_test(test_stop_is_obeyed),
        cmocka_unit_test(test_frozen_broker),
        cmocka_unit_test(test_frozen_from_the_start),
        cmocka_unit_test(test_stopped_and_started_broker),
    };
    return cmocka_run_group_tests(tests, NULL, lab_heal_after);
}
