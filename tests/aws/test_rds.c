/* The RDS source against the service's own model: instance and cluster, pages, refusals, broken
 * answers; and what the program makes of it. */
#include "base/clock.h"
#include "base/mem.h"
#include "model/snapshot.h"
#include "source/source.h"
#include "tests/aws/rig.h"
#include "tests/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLENTY_MS = 30000, SHORT_MS = 400 };
#define HOST(name) "host=" name ".abcdefghijkl.eu-west-3.rds.amazonaws.com dbname=shop user=cdctop"

struct poller {
    struct contract_client c;
    void *source;
};

static char *toml_of(const char *user, const char *instance, const char *conninfo)
{
    char sections[600];
    (void)snprintf(sections, sizeof(sections),
                   "[pipeline.postgres]\nconninfo = \"%s\"\n[pipeline.rds]\ninstance = \"%s\"\n",
                   conninfo, instance);
    return contract_toml(user, sections);
}

static void poller_open(struct poller *p, const char *user, const char *instance,
                        const char *conninfo)
{
    char *toml = toml_of(user, instance, conninfo);
    contract_open(&p->c, toml);
    free(toml);
    p->source = source_rds.open(&p->c.config->pipelines[0], NULL);
}

static void poller_close(struct poller *p)
{
    source_rds.close(p->source);
    contract_close(&p->c);
}

static struct snapshot *poll_for(struct poller *p, int ms, struct err *err)
{
    struct poll_ctx ctx = {
        .deadline_ms = clock_mono_ms() + ms, .stop_fd = -1, .aws = p->c.aws, .full = true};
    err_clear(err);
    return source_rds.poll(p->source, &ctx, err);
}

static struct snapshot *poll_well(struct poller *p)
{
    struct err err = ERR_INIT;
    struct snapshot *snap = poll_for(p, PLENTY_MS, &err);
    if (snap == NULL)
        fail_msg("%s", err.text);
    return snap;
}

static void test_an_instance_is_found_by_its_host(void **state)
{
    (void)state;
    struct poller p;
    poller_open(&p, "reader", "auto", HOST("shop"));
    struct snapshot *snap = poll_well(&p);
    assert_string_equal(snap->rds.role, "instance");
    assert_int_equal(snap->rds.ninstances, 1);
    assert_string_equal(snap->rds.instances[0].id, "shop");
    assert_int_equal(snap->rds.instances[0].allocated_gib, 200);
    assert_string_equal(snap->rds.secret_status, "active");
    assert_int_equal(snap->rds.nevents, 5); /* of pages of two */
    assert_true(snap->rds.events[0].at_ms > snap->rds.events[4].at_ms);
    assert_true(snap->rds.maintenance_read);
    assert_int_equal(snap->notes.count, 0);
    snapshot_free(snap);
    poller_close(&p);
}

static void test_an_instance_of_the_same_name_is_not_taken_for_it(void **state)
{
    (void)state;
    struct poller p;
    struct err err = ERR_INIT;
    poller_open(&p, "reader", "auto", "host=shop.zyxwvutsrqpo.eu-west-3.rds.amazonaws.com");
    assert_null(poll_for(&p, PLENTY_MS, &err));
    assert_int_equal(err.kind, ERR_NOTFOUND);
    assert_non_null(strstr(err.text, "is none of its endpoints"));
    poller_close(&p);
    /* Named, it is taken, whatever the DSN says: behind a tunnel, for instance. */
    poller_open(&p, "reader", "shop", "host=127.0.0.1");
    struct snapshot *snap = poll_well(&p);
    assert_null(snap->rds.role);
    assert_string_equal(snap->rds.instances[0].id, "shop");
    snapshot_free(snap);
    poller_close(&p);
}

static void test_a_cluster_by_the_endpoint_of_its_readers(void **state)
{
    (void)state;
    struct poller p;
    poller_open(&p, "session", "auto",
                "host=shop-aurora.cluster-ro-abcdefghijkl.eu-west-3.rds.amazonaws.com");
    struct snapshot *snap = poll_well(&p);
    assert_string_equal(snap->rds.role, "reader endpoint");
    assert_true(rds_is_aurora(&snap->rds));
    assert_int_equal(snap->rds.ninstances, 2);
    assert_int_equal(snap->rds.instances[0].writer, TRI_YES);
    assert_string_equal(snap->rds.instances[0].id, "shop-aurora-1");
    snapshot_free(snap);
    poller_close(&p);
}

static void test_a_replica_that_waits_for_a_reboot(void **state)
{
    (void)state;
    struct poller p;
    poller_open(&p, "admin", "shop-replica", "host=localhost");
    struct snapshot *snap = poll_well(&p);
    const struct rds_instance *n = &snap->rds.instances[0];
    assert_string_equal(n->replica_of, "shop");
    assert_string_equal(kv_find(n->parameter_groups, n->nparameter_groups, "shop-pg16"),
                        "pending-reboot");
    assert_string_equal(kv_find(n->pending, n->npending, "AllocatedStorage"), "400");
    snapshot_free(snap);
    poller_close(&p);
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *user, *instance;
        enum err_kind kind;
    } cases[] = {
        {"nobody",  "shop",    ERR_DENIED  },
        {"unknown", "shop",    ERR_AUTH    },
        {"expired", "shop",    ERR_AUTH    },
        {"admin",   "nothing", ERR_NOTFOUND},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct poller p;
        struct err err = ERR_INIT;
        poller_open(&p, cases[i].user, cases[i].instance, "host=localhost");
        assert_null(poll_for(&p, PLENTY_MS, &err));
        if (err.kind != cases[i].kind)
            fail_msg("%s: %s", cases[i].user, err.text);
        poller_close(&p);
    }
}

static void test_events_that_are_refused_cost_only_themselves(void **state)
{
    (void)state;
    struct poller p;
    contract_faults("[{\"kind\": \"error\", \"service\": \"rds\", \"operation\": "
                    "\"DescribeEvents\", \"code\": \"AccessDenied\", \"status\": 403}]");
    poller_open(&p, "admin", "shop", "host=localhost");
    struct snapshot *snap = poll_well(&p);
    assert_false(snap->rds.events_read);
    assert_int_equal(snap->rds.nevents, 0);
    assert_int_equal(snap->notes.count, 1);
    assert_non_null(strstr(snap->notes.items[0].fix, "rds:DescribeEvents"));
    snapshot_free(snap);
    poller_close(&p);
}

static void test_throttling_is_waited_out(void **state)
{
    (void)state;
    struct poller p;
    contract_fault("throttle", "rds", "DescribeDBInstances", 2);
    poller_open(&p, "admin", "shop", "host=localhost");
    struct snapshot *snap = poll_well(&p);
    assert_int_equal(snap->rds.ninstances, 1);
    snapshot_free(snap);
    poller_close(&p);
}

static void test_broken_answers_are_errors(void **state)
{
    (void)state;
    static const char *const kinds[] = {"hang", "half",  "reset",  "garbage",
                                        "html", "empty", "http500"};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct poller p;
        struct err err = ERR_INIT;
        contract_reset();
        contract_fault(kinds[i], "rds", NULL, 0);
        poller_open(&p, "admin", "shop", "host=localhost");
        assert_null(poll_for(&p, SHORT_MS, &err));
        assert_true(err.kind != ERR_NONE && err.text[0] != '\0');
        /* And it is well again as soon as RDS is. */
        contract_reset();
        snapshot_free(poll_well(&p));
        poller_close(&p);
    }
}

static void test_the_program_tells_of_it(void **state)
{
    (void)state;
    int status;
    char *toml = toml_of("reader", "shop-aurora", "host=127.0.0.1 port=1 user=u dbname=shop");
    cJSON *root = contract_status(toml, &status);
    const cJSON *rds = json_get(root, "rds");
    assert_string_equal(json_str(rds, "cluster", ""), "shop-aurora");
    assert_int_equal(cJSON_GetArraySize(json_get(rds, "instances")), 2);
    assert_true(cJSON_IsNull(json_get(rds, "role")));
    cJSON_Delete(root);
    root = contract_check(toml, &status);
    bool found = false;
    const cJSON *line;
    cJSON_ArrayForEach(line, json_get(root, "checks"))
    {
        if (strcmp(json_str(line, "id", ""), "rds.storage") == 0)
            found = strcmp(json_str(line, "result", ""), "ok") == 0;
    }
    assert_true(found);
    cJSON_Delete(root);
    free(toml);
}

/* The host is in the config of a connector of MSK Connect, which answers later than RDS is asked.
 */
static void test_the_database_of_a_connector(void **state)
{
    (void)state;
    cJSON *root =
        contract_status_of("reader", "[pipeline.mskconnect]\nconnectors = [\"shop-source\"]\n"
                                     "[pipeline.rds]\ninstance = \"auto\"\n");
    const cJSON *source = contract_find(root, "sources", "kind", "rds");
    if (strcmp(json_str(source, "state", ""), "fresh") != 0)
        fail_msg("%s: %s", json_str(source, "state", ""), json_str(source, "error", ""));
    assert_string_equal(json_str(json_get(root, "rds"), "host", ""),
                        "shop.abcdefghijkl.eu-west-3.rds.amazonaws.com");
    cJSON_Delete(root);
}

#define TEST(f) cmocka_unit_test_setup(f, contract_fresh)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_an_instance_is_found_by_its_host),
        TEST(test_an_instance_of_the_same_name_is_not_taken_for_it),
        TEST(test_a_cluster_by_the_endpoint_of_its_readers),
        TEST(test_a_replica_that_waits_for_a_reboot),
        TEST(test_refusals),
        TEST(test_events_that_are_refused_cost_only_themselves),
        TEST(test_throttling_is_waited_out),
        TEST(test_broken_answers_are_errors),
        TEST(test_the_program_tells_of_it),
        TEST(test_the_database_of_a_connector),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
