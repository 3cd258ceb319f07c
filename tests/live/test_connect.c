/* The Connect source and calls against the lab's worker. */
#include "base/clock.h"
#include "base/lsn.h"
#include "base/mem.h"
#include "model/connector_facts.h"
#include "net/connectapi.h"
#include "source/source.h"
#include "tests/check.h"
#include "tests/live/lab.h"
#include "tests/unit/connect_samples.h"
#include "tests/unit/fakeconnect.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLENTY_MS = 20000 };

static const char *port_of(const char *name, const char *fallback)
{
    const char *port = getenv(name);
    return port != NULL && port[0] != '\0' ? port : fallback;
}

static void lab_url(char *url, size_t size)
{
    (void)snprintf(url, size, "http://127.0.0.1:%s", port_of("LAB_PORT_CONNECT", "18083"));
}

static struct snapshot *poll_urls(const char *const *urls, size_t n, int64_t ms, struct err *err)
{
    struct pipeline_config cfg = fakeconnect_config(urls, n);
    void *self = source_connect.open(&cfg, err);
    assert_non_null(self);
    struct poll_ctx ctx = {.deadline_ms = clock_mono_ms() + ms, .stop_fd = -1, .full = true};
    struct snapshot *snap = source_connect.poll(self, &ctx, err);
    source_connect.close(self);
    fakeconnect_config_free(&cfg);
    return snap;
}

static struct snapshot *poll_lab(void)
{
    char url[64];
    struct err err = ERR_INIT;
    lab_url(url, sizeof(url));
    struct snapshot *snap = poll_urls((const char *const[]){url}, 1, PLENTY_MS, &err);
    if (snap == NULL)
        fail_msg("%s", err.text);
    return snap;
}

/* The value of a query in the lab's database as its administrator; malloc'd. */
static char *ask_database(const char *sql)
{
    char conninfo[200];
    (void)snprintf(conninfo, sizeof(conninfo),
                   "host=127.0.0.1 port=%s dbname=shop user=postgres password=postgres "
                   "connect_timeout=5",
                   port_of("LAB_PORT_PG", "15432"));
    PGconn *conn = PQconnectdb(conninfo);
    PGresult *result = PQexec(conn, sql);
    if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) != 1)
        fail_msg("%s: %s", sql, PQerrorMessage(conn));
    char *value = mem_strdup(PQgetvalue(result, 0, 0));
    PQclear(result);
    PQfinish(conn);
    return value;
}

static void test_states_and_configs_of_the_lab(void **state)
{
    (void)state;
    struct snapshot *snap = poll_lab();
    assert_non_null(snap->connect.version);
    assert_non_null(snap->connect.kafka_cluster_id);
    assert_true(snap->server_ms > INT64_C(1500000000000));
    const struct connect_connector *source = connect_sample_find(snap, "shop-source");
    const struct connect_connector *sink = connect_sample_find(snap, "shop-s3");
    assert_string_equal(source->state, "RUNNING");
    assert_string_equal(source->type, "source");
    assert_int_equal(source->ntasks, 1);
    assert_string_equal(sink->type, "sink");
    assert_string_equal(kv_find(source->config, source->nconfig, "database.password"), "********");
    assert_string_equal(kv_find(sink->config, sink->nconfig, "aws.secret.access.key"), "********");
    const struct connector_facts *f = connector_facts_of(source, snap->arena);
    assert_string_equal(f->slot_name, "dbz_shop");
    assert_string_equal(f->publication_name, "dbz_pub");
    assert_true(connector_facts_produces(f, "shop.public.orders"));
    f = connector_facts_of(sink, snap->arena);
    assert_int_equal(f->role, CONNECTOR_SINK_S3_CONFLUENT);
    assert_string_equal(f->group_id, "connect-shop-s3");
    assert_true(connector_facts_topic_matches(f, "shop.public.orders"));
    assert_false(connector_facts_topic_matches(f, "shop.public.heartbeat"));
    assert_true(source->ntopics > 0);
    assert_true(sink->offsets_read);
    snapshot_free(snap);
}

/* The connector's offset is written before the slot is told: never more than some WAL apart. */
static void test_source_offset_is_near_the_slot(void **state)
{
    (void)state;
    enum { NEAR = 64 * 1024 * 1024 };
    struct snapshot *snap = poll_lab();
    const struct connect_connector *source = connect_sample_find(snap, "shop-source");
    assert_true(source->offsets_read);
    assert_true(source->lsn != LSN_NONE);
    char *text =
        ask_database("select confirmed_flush_lsn from pg_replication_slots where slot_name = "
                     "'dbz_shop'");
    uint64_t confirmed;
    assert_true(lsn_parse(text, &confirmed));
    uint64_t apart = confirmed > source->lsn ? confirmed - source->lsn : source->lsn - confirmed;
    assert_true(apart < NEAR);
    free(text);
    text = ask_database("select (extract(epoch from now()) * 1000)::bigint");
    int64_t now = strtoll(text, NULL, 10);
    assert_true(source->source_ms > INT64_C(1500000000000) && source->source_ms <= now + 1000);
    free(text);
    snapshot_free(snap);
}

static void test_a_dead_first_worker(void **state)
{
    (void)state;
    char dead[64];
    char url[64];
    struct err err = ERR_INIT;
    fakeconnect_dead_url(dead, sizeof(dead));
    lab_url(url, sizeof(url));
    struct snapshot *snap = poll_urls((const char *const[]){dead, url}, 2, PLENTY_MS, &err);
    if (snap == NULL)
        fail_msg("%s", err.text);
    assert_string_equal(snap->connect.url, url);
    assert_int_equal(snap->connect.nurls, 2);
    assert_non_null(snap->connect.urls[0].error);
    assert_null(snap->connect.urls[1].error);
    assert_true(snap->connect.nconnectors >= 2);
    snapshot_free(snap);
}

static void test_a_silent_first_worker(void **state)
{
    (void)state;
    static const struct fake_rule silent = {"/", 0, NULL, NULL};
    struct fakeconnect fake;
    char url[64];
    struct err err = ERR_INIT;
    lab_url(url, sizeof(url));
    fakeconnect_start(&fake, &silent, 1);
    struct snapshot *snap = NULL; /* half of the time is the silent one's */
    for (int ms = 6000; snap == NULL && ms < 60000; ms *= 2)
        snap = poll_urls((const char *const[]){fake.url, url}, 2, ms, &err);
    fakeconnect_stop(&fake);
    if (snap == NULL)
        fail_msg("%s", err.text);
    assert_string_equal(snap->connect.url, url);
    assert_non_null(snap->connect.urls[0].error);
    snapshot_free(snap);
}

static void test_a_page_of_another_server(void **state)
{
    (void)state;
    char url[64];
    struct err err = ERR_INIT;
    /* the S3 server answers XML, Connect under a wrong path a 404 of its own */
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%s", port_of("LAB_PORT_S3", "19000"));
    assert_null(poll_urls((const char *const[]){url}, 1, PLENTY_MS, &err));
    assert_true(err.kind == ERR_PROTOCOL || err.kind == ERR_DENIED);
    lab_url(url, sizeof(url));
    char *wrong = mem_printf("%s/no/such/path", url);
    assert_null(poll_urls((const char *const[]){wrong}, 1, PLENTY_MS, &err));
    assert_int_equal(err.kind, ERR_PROTOCOL);
    free(wrong);
}

static void test_calls_on_connectors_that_are_not_there(void **state)
{
    (void)state;
    static const struct connect_request requests[] = {
        {.call = CONNECT_STATUS,  .connector = "no/such connector"},
        {.call = CONNECT_OFFSETS, .connector = "no-such"          },
        {.call = CONNECT_CONFIG,  .connector = "no-such"          },
        {.call = CONNECT_PAUSE,   .connector = "no-such"          },
        {.call = CONNECT_RESUME,  .connector = "no-such"          },
        {.call = CONNECT_STOP,    .connector = "no-such"          },
        {.call = CONNECT_RESTART, .connector = "no-such",           .include_tasks = true},
        {.call = CONNECT_RESTART_TASK,                       .connector = "no-such"                           },
    };
    char url[64];
    lab_url(url, sizeof(url));
    struct pipeline_config cfg = fakeconnect_config((const char *const[]){url}, 1);
    struct connectapi *api = connectapi_open(&cfg.connect, NULL);
    for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
        struct connect_answer answer;
        struct err err = ERR_INIT;
        assert_false(
            connectapi_call(api, &requests[i], clock_mono_ms() + PLENTY_MS, -1, &answer, &err));
        if (err.kind != ERR_NOTFOUND)
            fail_msg("call %d: %s: %s", (int)requests[i].call, err_kind_name(err.kind), err.text);
    }
    connectapi_close(api);
    fakeconnect_config_free(&cfg);
}

/* ---- with faults: on a lab of one's own (LAB_FAULTS=1) ---- */

static void test_a_frozen_worker_is_a_timeout(void **state)
{
    (void)state;
    lab_may_break();
    char url[64];
    struct err err = ERR_INIT;
    lab_url(url, sizeof(url));
    lab_fault("freeze", "connect");
    struct snapshot *snap = poll_urls((const char *const[]){url}, 1, 1500, &err);
    lab_fault("thaw", "connect");
    assert_null(snap);
    assert_int_equal(err.kind, ERR_TIMEOUT);
    snapshot_free(poll_lab());
}

/* With the broker silent /offsets does not answer; the states still come. */
static void test_a_frozen_broker_does_not_hide_the_states(void **state)
{
    (void)state;
    lab_may_break();
    char url[64];
    struct err err = ERR_INIT;
    lab_url(url, sizeof(url));
    lab_fault("freeze", "kafka");
    struct snapshot *snap = poll_urls((const char *const[]){url}, 1, 5000, &err);
    lab_fault("thaw", "kafka");
    if (snap == NULL)
        fail_msg("%s", err.text);
    const struct connect_connector *source = connect_sample_find(snap, "shop-source");
    assert_string_equal(source->type, "source");
    assert_non_null(source->state);
    assert_false(source->offsets_read);
    assert_true(snap->notes.count > 0);
    snapshot_free(snap);
}

static void test_a_task_that_failed_tells_why(void **state)
{
    (void)state;
    lab_may_break();
    assert_int_equal(system("tests/stack/connector.sh set shop-s3 aws.secret.access.key=wrong "
                            ">/dev/null && tests/stack/connector.sh wait shop-s3 'RUNNING FAILED' "
                            "60 >/dev/null"),
                     0);
    struct snapshot *snap = poll_lab();
    const struct connect_task *task = &connect_sample_find(snap, "shop-s3")->tasks[0];
    assert_string_equal(task->state, "FAILED");
    assert_non_null(task->trace);
    assert_non_null(strstr(task->cause, "Exception: "));
    snapshot_free(snap);
    assert_int_equal(system(". \"$LAB_DIR/run/lab.env\"; tests/stack/connector.sh set shop-s3 "
                            "aws.secret.access.key=\"${LAB_S3_SECRET:-labsecret12345678}\" "
                            ">/dev/null && tests/stack/connector.sh wait shop-s3 'RUNNING RUNNING' "
                            "60 >/dev/null"),
                     0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_states_and_configs_of_the_lab),
        cmocka_unit_test(test_source_offset_is_near_the_slot),
        cmocka_unit_test(test_a_dead_first_worker),
        cmocka_unit_test(test_a_silent_first_worker),
        cmocka_unit_test(test_a_page_of_another_server),
        cmocka_unit_test(test_calls_on_connectors_that_are_not_there),
        cmocka_unit_test(test_a_frozen_worker_is_a_timeout),
        cmocka_unit_test(test_a_task_that_failed_tells_why),
        cmocka_unit_test(test_a_frozen_broker_does_not_hide_the_states),
    };
    return cmocka_run_group_tests(tests, NULL, lab_heal_after);
}
