/* MSK's answers, read; which listener is used; what the Kafka source is told of it. */
#include "aws/msk.h"
#include "base/mem.h"
#include "model/join.h"
#include "tests/check.h"
#include "tests/unit/world_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rig {
    struct arena *arena;
    struct msk_snap msk;
    struct err err;
};

static int open_rig(void **state)
{
    static struct rig r;
    r = (struct rig){.arena = arena_new()};
    *state = &r;
    return 0;
}

static int close_rig(void **state)
{
    struct rig *r = *state;
    arena_free(r->arena);
    return 0;
}

/* Bodies made by the service's own model. */
static char *sample(const char *name, size_t *len)
{
    char path[200], *text = mem_alloc(20000);
    (void)snprintf(path, sizeof(path), "tests/fuzz/corpus/msk/%s", name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    *len = fread(text, 1, 19999, f);
    (void)fclose(f);
    return text;
}

static void test_bodies_of_the_model(void **state)
{
    struct rig *r = *state;
    size_t len;
    char *body = sample("cluster.json", &len);
    assert_true(msk_parse_cluster(r->arena, body, len, &r->msk, &r->err));
    free(body);
    assert_string_equal(r->msk.name, "shop-events");
    assert_int_equal(r->msk.volume_gib, 500);
    body = sample("bootstrap.json", &len);
    assert_true(msk_parse_bootstraps(r->arena, body, len, &r->msk, &r->err));
    free(body);
    assert_int_equal(r->msk.nbootstraps, 14);
    assert_string_equal(r->msk.bootstraps[0].key, "iam");
    const char *next = NULL;
    static const char *const pages[] = {"nodes.json", "nodes-last.json"};
    for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
        body = sample(pages[i], &len);
        assert_true(msk_parse_nodes(r->arena, body, len, &r->msk, &next, &r->err));
        free(body);
        assert_int_equal(next != NULL, i == 0);
    }
    assert_int_equal(r->msk.nnodes, 4);
    assert_int_equal(r->msk.nodes[1].id, 2);
    body = sample("serverless.json", &len);
    assert_true(msk_parse_cluster(r->arena, body, len, &r->msk, &r->err));
    free(body);
    assert_string_equal(r->msk.type, "SERVERLESS");
    assert_true(r->msk.iam == TRI_YES && r->msk.brokers == UNKNOWN);
}

/* Page by page; what has no name or ARN cannot be asked about. */
static void test_a_list_of_all(void **state)
{
    struct rig *r = *state;
    struct msk_list list = {0};
    static const char *const pages[] = {
        "{\"clusterInfoList\": [{\"clusterName\": \"a\", \"clusterArn\": \"arn:a\", \"state\": "
        "\"ACTIVE\"}, {\"clusterName\": \"b\"}, 5, {\"clusterArn\": \"arn:c\"}], \"nextToken\": "
        "\"t\"}",
        "{\"clusterInfoList\": [{\"clusterName\": \"d\", \"clusterArn\": \"arn:d\"}]}"};
    const char *next = NULL;
    for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
        assert_true(msk_parse_all(r->arena, pages[i], strlen(pages[i]), &list, &next, &r->err));
        assert_int_equal(next != NULL, i == 0);
    }
    assert_int_equal(list.count, 2);
    assert_string_equal(list.items[0].state, "ACTIVE");
    assert_string_equal(list.items[1].name, "d");
    assert_false(msk_parse_all(r->arena, "[]", 2, &list, &next, &r->err));
}

static bool listeners(struct rig *r, const char *body)
{
    err_clear(&r->err);
    return msk_parse_bootstraps(r->arena, body, strlen(body), &r->msk, &r->err);
}

/* What becomes a setting of the Kafka client is host, port and comma, whatever comes. */
static void test_hostile_bodies(void **state)
{
    struct rig *r = *state;
    static const char *const bad[] = {
        "", "null", "[]", "\"x\"", "{\"clusterInfo\"", "{\"clusterInfo\": []}", "<html></html>"};
    const char *next = NULL;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_false(msk_parse_cluster(r->arena, bad[i], strlen(bad[i]), &r->msk, &r->err));
        assert_int_equal(r->err.kind, ERR_PROTOCOL);
    }
    assert_true(listeners(r, "{\"bootstrapBrokerString\": \"a:1\\nsasl.password=x\","
                             "\"bootstrapBrokerStringTls\": 5, \"bootstrapBrokerStringSaslIam\":"
                             " \"\", \"bootstrapBrokerStringSaslScram\": \"no-port\","
                             "\"bootstrapBrokerStringPublicTls\": \"b-1.x:9194,[::1]:9194\"}"));
    assert_int_equal(r->msk.nbootstraps, 1);
    assert_string_equal(r->msk.bootstraps[0].key, "public-tls");
    static const char nodes[] =
        "{\"nodeInfoList\": [5, {}, {\"brokerNodeInfo\": {\"brokerId\": 1e300}},"
        "{\"brokerNodeInfo\": {\"brokerId\": -2, \"endpoints\": {\"a\": 1}}},"
        "{\"brokerNodeInfo\": {\"brokerId\": 2.0, \"endpoints\": [7]}}]}";
    r->msk = (struct msk_snap){0};
    assert_true(msk_parse_nodes(r->arena, nodes, strlen(nodes), &r->msk, &next, &r->err));
    assert_int_equal(r->msk.nnodes, 5);
    assert_int_equal(r->msk.nodes[2].id, -1);
    assert_int_equal(r->msk.nodes[4].id, 2);
    assert_null(r->msk.nodes[4].endpoint);
}

static struct pipeline_config config(const char *bootstrap, const char *protocol,
                                     const char *mechanism, const char *user)
{
    static char texts[4][40], cluster[] = "c";
    const char *given[] = {bootstrap, protocol, mechanism, user};
    for (size_t i = 0; i < ARRAY_LEN(given); i++)
        (void)snprintf(texts[i], sizeof(texts[i]), "%s", given[i]);
    return (struct pipeline_config){
        .msk = {.cluster = cluster,          .bootstrap = texts[0]    },
        .kafka = {
                .security_protocol = texts[1], .sasl_mechanism = texts[2], .sasl_username = texts[3]}
    };
}

static void test_which_is_wanted(void **state)
{
    struct rig *r = *state;
    static const char all[] =
        "{\"bootstrapBrokerString\": \"p:1\", \"bootstrapBrokerStringTls\": \"t:1\","
        "\"bootstrapBrokerStringSaslScram\": \"s:1\", \"bootstrapBrokerStringSaslIam\": \"i:1\","
        "\"bootstrapBrokerStringPublicSaslIam\": \"j:1\"}";
    static const char six[] = "{\"bootstrapBrokerStringTlsIpv6\": \"t:1\"}";
    static const char scram[] = "{\"bootstrapBrokerStringSaslScram\": \"s:1\"}";
    static const char outside[] = "{\"bootstrapBrokerStringPublicSaslIam\": \"j:1\"}";
    static const struct {
        const char *body, *bootstrap, *protocol, *mechanism, *user, *wanted;
    } cases[] = {
        {all,     "auto",       "PLAINTEXT", "SCRAM-SHA-512", "",  "iam"       },
        {all,     "auto",       "PLAINTEXT", "SCRAM-SHA-512", "u", "scram"     },
        {all,     "auto",       "SASL_SSL",  "AWS_MSK_IAM",   "",  "iam"       },
        {all,     "auto",       "SSL",       "SCRAM-SHA-512", "",  "tls"       },
        {all,     "public-iam", "SASL_SSL",  "AWS_MSK_IAM",   "",  "public-iam"},
        {all,     "vpc-iam",    "SASL_SSL",  "AWS_MSK_IAM",   "",  NULL        },
        {all,     "plaintext",  "PLAINTEXT", "SCRAM-SHA-512", "",  "plaintext" },
        {six,     "auto",       "PLAINTEXT", "SCRAM-SHA-512", "",  "tls-ipv6"  },
        {six,     "tls",        "SSL",       "SCRAM-SHA-512", "",  "tls-ipv6"  },
        {six,     "auto",       "SASL_SSL",  "AWS_MSK_IAM",   "",  NULL        },
        {scram,   "auto",       "PLAINTEXT", "SCRAM-SHA-512", "",  NULL        },
        {outside, "auto",       "PLAINTEXT", "SCRAM-SHA-512", "",  "public-iam"},
        {"{}",    "auto",       "PLAINTEXT", "SCRAM-SHA-512", "",  NULL        },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct pipeline_config cfg =
            config(cases[i].bootstrap, cases[i].protocol, cases[i].mechanism, cases[i].user);
        assert_true(listeners(r, cases[i].body));
        const char *wanted = msk_wanted(&r->msk, &cfg);
        if (cases[i].wanted == NULL)
            assert_null(wanted);
        else if (wanted == NULL || strcmp(wanted, cases[i].wanted) != 0)
            fail_msg("case %zu: %s", i, wanted != NULL ? wanted : "none");
    }
    assert_true(listeners(r, all));
    assert_string_equal(msk_kinds_on(r->arena, &r->msk), "iam, scram, tls, plaintext, public-iam");
}

/* ---- what the Kafka source is told ---- */

static void tell_cluster(struct fixture *f, struct snapshot *snap)
{
    static struct kv on[] = {
        {"iam", "b-1.kafka.eu-west-3.amazonaws.com:9098"}
    };
    snap->msk = (struct msk_snap){.name = "shop-events",
                                  .state = "ACTIVE",
                                  .bootstraps = on,
                                  .nbootstraps = 1,
                                  .bootstraps_read = true,
                                  .wanted = f->n == 0 ? "iam" : NULL};
}

static struct hints *told(struct fixture *f)
{
    fixture_tick(f, 2000);
    return pipeline_hints(f->world, 0, fixture_pipeline(f), NULL, 0);
}

static void test_the_kafka_source_is_told(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    free(f.config->pipelines[0].msk.cluster);
    f.config->pipelines[0].msk.cluster = mem_strdup("shop-events");
    struct hints *h = told(&f);
    assert_true(h->bootstrap_servers == NULL && h->kafka_unknown == NULL); /* not asked so far */
    hints_free(h);
    f.edit[SOURCE_MSK] = tell_cluster;
    h = told(&f);
    assert_string_equal(h->bootstrap_servers, "b-1.kafka.eu-west-3.amazonaws.com:9098");
    assert_string_equal(h->kafka_protocol, "SASL_SSL");
    assert_string_equal(h->kafka_mechanism, "AWS_MSK_IAM");
    hints_free(h);
    f.fails[SOURCE_MSK] = true; /* brokers do not move because MSK is silent */
    h = told(&f);
    assert_non_null(h->bootstrap_servers);
    hints_free(h);
    f.fails[SOURCE_MSK] = false;
    f.n = 1;
    h = told(&f);
    assert_null(h->bootstrap_servers);
    assert_non_null(strstr(h->kafka_unknown, "shop-events has no listener that fits"));
    hints_free(h);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_bodies_of_the_model, open_rig, close_rig),
        cmocka_unit_test_setup_teardown(test_a_list_of_all, open_rig, close_rig),
        cmocka_unit_test_setup_teardown(test_hostile_bodies, open_rig, close_rig),
        cmocka_unit_test_setup_teardown(test_which_is_wanted, open_rig, close_rig),
        cmocka_unit_test(test_the_kafka_source_is_told),
    };
    return cmocka_run_group_tests_name("msk_parse", tests, NULL, NULL);
}
