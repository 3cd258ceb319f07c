/* The MSK source against what the service's model has: found by name and ARN, in every state, with
 * every listener, with answers that are refused, late, cut and wrong. */
#include "base/clock.h"
#include "base/mem.h"
#include "model/snapshot.h"
#include "source/source.h"
#include "tests/aws/rig.h"
#include "tests/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARN_OF(name) \
    "arn:aws:kafka:eu-west-3:123456789012:cluster/" name "/6bd1f2b7-6d6c-4b4c-9b32-0d2a1c6a7f11-2"

struct asked {
    struct contract_client c;
    void *source;
};

static void open_as(struct asked *a, const char *user, const char *cluster, const char *more)
{
    struct err err = ERR_INIT;
    char *sections = mem_printf("[pipeline.msk]\ncluster = \"%s\"\n%s", cluster, more);
    char *toml = contract_toml(user, sections);
    contract_open(&a->c, toml);
    a->source = source_msk.open(&a->c.config->pipelines[0], &err);
    free(toml);
    free(sections);
}

static void close_it(struct asked *a)
{
    source_msk.close(a->source);
    contract_close(&a->c);
}

static struct snapshot *poll_for(struct asked *a, int ms, struct err *err)
{
    const struct poll_ctx ctx = {
        .deadline_ms = clock_mono_ms() + ms, .stop_fd = -1, .aws = a->c.aws, .full = true};
    err_clear(err);
    return source_msk.poll(a->source, &ctx, err);
}

static struct snapshot *expect(struct asked *a)
{
    struct err err = ERR_INIT;
    struct snapshot *snap = poll_for(a, 10000, &err);
    if (snap == NULL)
        fail_msg("%s", err.text);
    return snap;
}

static const char *listener(const struct snapshot *snap, const char *kind)
{
    return kv_find(snap->msk.bootstraps, snap->msk.nbootstraps, kind);
}

static void expect_shop(const struct snapshot *snap)
{
    const struct msk_snap *m = &snap->msk;
    assert_string_equal(m->name, "shop-events");
    assert_string_equal(m->type, "PROVISIONED");
    assert_string_equal(m->state, "ACTIVE");
    assert_string_equal(m->kafka_version, "3.7.x");
    assert_string_equal(m->instance, "kafka.m7g.large");
    assert_string_equal(m->monitoring, "PER_TOPIC_PER_BROKER");
    assert_string_equal(m->client_broker, "TLS_PLAINTEXT");
    assert_string_equal(m->public_access, "SERVICE_PROVIDED_EIPS");
    assert_int_equal(m->brokers, 3);
    assert_int_equal(m->volume_gib, 500);
    assert_true(m->created_ms > 0 && m->created_ms < clock_wall_ms());
    assert_true(m->iam == TRI_YES && m->scram == TRI_YES && m->mutual_tls == TRI_YES);
    assert_int_equal(m->nbootstraps, 14);
    assert_non_null(strstr(listener(snap, "iam"), ":9098"));
    assert_non_null(strstr(listener(snap, "public-scram"), "b-1-public.shop-events"));
    assert_non_null(strstr(listener(snap, "vpc-tls"), ":14001"));
    assert_non_null(strstr(listener(snap, "iam-ipv6"), ".ipv6."));
    assert_string_equal(m->wanted, "iam");
    assert_true(m->nodes_read);
    assert_int_equal(m->nnodes, 4);
    assert_int_equal(m->nodes[2].id, 3);
    assert_string_equal(m->nodes[0].address, "10.0.1.17");
    assert_int_equal(m->nodes[3].id, -1);
    assert_int_equal(snap->notes.count, 0);
    assert_true(snap->server_ms != UNKNOWN);
}

static void test_by_name_and_by_arn(void **state)
{
    (void)state;
    static const char *const names[] = {"shop-events", ARN_OF("shop-events")};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct asked a;
        contract_reset();
        open_as(&a, i == 0 ? "session" : "reader", names[i], "");
        struct snapshot *snap = expect(&a);
        expect_shop(snap);
        snapshot_free(snap);
        snapshot_free(expect(&a));
        /* Looked for once: pages of two, the one wanted on the first. */
        assert_int_equal(contract_count("ListClustersV2"), i == 0);
        close_it(&a);
    }
}

/* One whose name begins like another's, on a later page. */
static void test_the_exact_name_counts(void **state)
{
    (void)state;
    struct asked a;
    open_as(&a, "admin", "shop", "");
    struct err err = ERR_INIT;
    assert_null(poll_for(&a, 10000, &err));
    assert_string_equal(err_kind_name(err.kind), "notfound");
    assert_non_null(strstr(err.text, "there is shop-events, shop-serverless"));
    assert_non_null(strstr(err.text, "eu-west-3"));
    close_it(&a);
    open_as(&a, "admin", "shop-updating", "");
    struct snapshot *snap = expect(&a);
    assert_string_equal(snap->msk.state, "UPDATING");
    assert_non_null(snap->msk.operation_arn);
    snapshot_free(snap);
    close_it(&a);
}

/* Deleted and made anew under its name: it has another ARN then, which is looked for again. */
static void test_one_that_was_made_anew(void **state)
{
    (void)state;
    struct asked a;
    struct err err;
    open_as(&a, "admin", "shop-events", "");
    snapshot_free(expect(&a));
    contract_set("\"" ARN_OF("shop-events") "-anew\"", "kafka", "clusters", "shop-events",
                 "ClusterArn", NULL);
    assert_null(poll_for(&a, 10000, &err));
    assert_string_equal(err_kind_name(err.kind), "notfound");
    struct snapshot *snap = expect(&a);
    assert_string_equal(snap->msk.arn, ARN_OF("shop-events") "-anew");
    snapshot_free(snap);
    close_it(&a);
}

static void test_serverless(void **state)
{
    (void)state;
    struct asked a;
    open_as(&a, "admin", "shop-serverless", "");
    struct snapshot *snap = expect(&a);
    assert_string_equal(snap->msk.type, "SERVERLESS");
    assert_true(snap->msk.brokers == UNKNOWN && snap->msk.kafka_version == NULL);
    assert_true(snap->msk.iam == TRI_YES && snap->msk.scram == TRI_UNKNOWN);
    assert_string_equal(snap->msk.wanted, "iam");
    assert_false(snap->msk.nodes_read);
    assert_int_equal(contract_count("ListNodes"), 0);
    snapshot_free(snap);
    close_it(&a);
}

static void test_every_state(void **state)
{
    (void)state;
    static const char *const names[] = {"creating",    "deleting",         "failed",  "healing",
                                        "maintenance", "rebooting-broker", "updating"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char name[64];
        struct asked a;
        (void)snprintf(name, sizeof(name), "shop-%s", names[i]);
        open_as(&a, "admin", name, "");
        struct snapshot *snap = expect(&a);
        bool made = strcmp(names[i], "creating") != 0;
        assert_int_equal(snap->msk.bootstraps_read, made);
        assert_int_equal(snap->notes.count, made ? 0 : 1);
        if (strcmp(names[i], "failed") == 0)
            assert_string_equal(snap->msk.state_code, "INSUFFICIENT_CAPACITY");
        /* Looked at more often until it is well. */
        assert_int_equal(snap->every_ms, a.c.config->pipelines[0].aws.interval_ms);
        snapshot_free(snap);
        close_it(&a);
    }
}

static void test_which_listener(void **state)
{
    (void)state;
    static const struct {
        const char *more, *wanted;
    } cases[] = {
        {"bootstrap = \"public-tls\"\n",                                     "public-tls"},
        {"bootstrap = \"vpc-iam\"\n",                                        "vpc-iam"   },
        {"[pipeline.kafka]\nsasl_username = \"u\"\nsasl_password = \"p\"\n", "scram"     },
        {"[pipeline.kafka]\nsecurity_protocol = \"SSL\"\n",                  "tls"       },
        {"bootstrap = \"plaintext\"\n",                                      "plaintext" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct asked a;
        open_as(&a, "admin", "shop-events", cases[i].more);
        struct snapshot *snap = expect(&a);
        assert_string_equal(snap->msk.wanted, cases[i].wanted);
        assert_int_equal(snap->notes.count, 0);
        snapshot_free(snap);
        close_it(&a);
    }
}

static void test_one_that_is_off_is_told(void **state)
{
    (void)state;
    struct asked a;
    open_as(&a, "admin", "shop-serverless", "bootstrap = \"tls\"\n");
    struct snapshot *snap = expect(&a);
    assert_null(snap->msk.wanted);
    assert_int_equal(snap->notes.count, 1);
    assert_non_null(strstr(snap->notes.items[0].what, "no listener of the kind tls; on are: iam"));
    snapshot_free(snap);
    close_it(&a);
}

static void test_what_is_refused(void **state)
{
    (void)state;
    struct asked a;
    struct err err = ERR_INIT;
    open_as(&a, "nobody", "shop-events", "");
    assert_null(poll_for(&a, 10000, &err));
    assert_string_equal(err_kind_name(err.kind), "denied");
    close_it(&a);
    /* Nodes are a nicety. */
    contract_faults("[{\"kind\": \"error\", \"service\": \"kafka\", \"operation\": \"ListNodes\", "
                    "\"code\": \"ForbiddenException\"}]");
    open_as(&a, "admin", "shop-events", "");
    struct snapshot *snap = expect(&a);
    assert_false(snap->msk.nodes_read);
    assert_int_equal(snap->msk.nbootstraps, 14);
    assert_int_equal(snap->notes.count, 1);
    assert_non_null(strstr(snap->notes.items[0].fix, "\"Action\": \"kafka:ListNodes\""));
    assert_non_null(strstr(snap->notes.items[0].fix, ARN_OF("shop-events")));
    snapshot_free(snap);
    close_it(&a);
}

/* Whatever comes in place of an answer: an error, in time, and the next poll is well again. */
static void test_broken_answers(void **state)
{
    (void)state;
    static const char *const operations[] = {"ListClustersV2", "DescribeClusterV2",
                                             "GetBootstrapBrokers", "ListNodes"};
    static const char *const kinds[] = {"garbage", "html", "half", "reset", "empty", "hang"};
    for (size_t i = 0; i < ARRAY_LEN(operations); i++) {
        for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
            struct asked a;
            struct err err = ERR_INIT;
            contract_reset();
            contract_fault(kinds[k], "kafka", operations[i], 0);
            open_as(&a, "admin", "shop-events", "");
            struct snapshot *snap = poll_for(&a, 1200, &err);
            if (i < 2) {
                if (snap != NULL)
                    fail_msg("%s %s: an answer", kinds[k], operations[i]);
                assert_true(err.kind != ERR_NONE && err.text[0] != '\0');
            } else if (snap != NULL) {
                assert_false(i == 2 ? snap->msk.bootstraps_read : snap->msk.nodes_read);
                assert_true(snap->notes.count > 0);
            }
            snapshot_free(snap);
            contract_reset();
            snap = expect(&a);
            assert_true(snap->msk.nodes_read && snap->msk.bootstraps_read);
            snapshot_free(snap);
            close_it(&a);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_by_name_and_by_arn, contract_fresh),
        cmocka_unit_test_setup(test_the_exact_name_counts, contract_fresh),
        cmocka_unit_test_setup(test_one_that_was_made_anew, contract_fresh),
        cmocka_unit_test_setup(test_serverless, contract_fresh),
        cmocka_unit_test_setup(test_every_state, contract_fresh),
        cmocka_unit_test_setup(test_which_listener, contract_fresh),
        cmocka_unit_test_setup(test_one_that_is_off_is_told, contract_fresh),
        cmocka_unit_test_setup(test_what_is_refused, contract_fresh),
        cmocka_unit_test_setup(test_broken_answers, contract_fresh),
    };
    return cmocka_run_group_tests_name("msk", tests, NULL, NULL);
}
