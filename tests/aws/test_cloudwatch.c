/* CloudWatch as its model has it, and as moto does: what is found, in pages, partly, refused,
 * throttled; what the whole program says of it. */
#include "base/clock.h"
#include "base/mem.h"
#include "model/metrics.h"
#include "source/source.h"
#include "tests/aws/rig.h"
#include "tests/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The servers' time is known from their Date, which is up to so much behind. */
enum { DATE_MS = 1000 };

static const char sections[] = "[pipeline.msk]\ncluster = \"shop-events\"\n"
                               "[pipeline.mskconnect]\nconnectors = [\"shop-*\"]\n"
                               "[pipeline.dms]\ntasks = [\"shop-*\"]\n"
                               "[pipeline.rds]\ninstance = \"shop\"\n"
                               "[pipeline.cloudwatch]\ninterval = \"10s\"\n";

/* ---- the source alone ------------------------------------------------------------------------ */

struct one {
    struct contract_client c;
    void *source;
    struct hints *hints;
};

static void open_one(struct one *o, const char *user, const char *more)
{
    char *text = mem_printf("%s%s", sections, more);
    char *toml = contract_toml(user, text);
    contract_open(&o->c, toml);
    free(toml);
    free(text);
    o->source = source_cloudwatch.open(&o->c.config->pipelines[0], NULL);
    o->hints = hints_new();
    static const struct hint_metrics metrics[] = {
        {.space = SPACE_RDS,
         .object = "shop",
         .dims = {{"DBInstanceIdentifier", "shop"}},
         .ndims = 1},
        {.space = SPACE_CONNECT,
         .object = "shop-failed",
         .dims = {{"ConnectorName", "shop-failed"}},
         .ndims = 1},
        {.space = SPACE_KAFKA,
         .object = "shop-events",
         .dims = {{"Cluster Name", "shop-events"}},
         .ndims = 1},
        {.space = SPACE_KAFKA,
         .object = "shop-events/2",
         .dims = {{"Cluster Name", "shop-events"}, {"Broker ID", "2"}},
         .ndims = 2},
        {.space = SPACE_DMS,
         .object = "SHOPTASK00AAAAAAAAAAAA",
         .dims = {{"ReplicationInstanceIdentifier", "shop-dms"},
                  {"ReplicationTaskIdentifier", "SHOPTASK00AAAAAAAAAAAA"}},
         .ndims = 2},
        {.space = SPACE_DMS,
         .object = "shop-dms",
         .dims = {{"ReplicationInstanceIdentifier", "shop-dms"}},
         .ndims = 1},
        {.space = SPACE_DMS,
         .object = "serverless",
         .values = {"123456789012:SHOPSERVERLESS", "123456789012:shop-serverless-cdc",
                    "SHOPSERVERLESS", "shop-serverless-cdc"}                                             },
    };
    o->hints->metrics = metrics;
    o->hints->nmetrics = ARRAY_LEN(metrics);
}

static struct snapshot *poll_one(struct one *o, int ms, struct err *err)
{
    struct poll_ctx ctx = {
        .deadline_ms = clock_mono_ms() + ms, .stop_fd = -1, .hints = o->hints, .aws = o->c.aws};
    return source_cloudwatch.poll(o->source, &ctx, err);
}

static void close_one(struct one *o)
{
    source_cloudwatch.close(o->source);
    hints_free(o->hints);
    contract_close(&o->c);
}

static double value_of(const struct snapshot *snap, const char *space, const char *name,
                       const char *object)
{
    const struct cw_metric *m = cloudwatch_find(&snap->cloudwatch, space, name, object);
    if (m == NULL) {
        fail_msg("no %s of %s", name, object);
        return 0;
    }
    return m->value;
}

static void test_what_there_is_is_found_and_dated(void **state)
{
    (void)state;
    struct one o;
    struct err err = ERR_INIT;
    open_one(&o, "admin", "");
    struct snapshot *snap = poll_one(&o, 20000, &err);
    if (snap == NULL)
        fail_msg("%s", err.text);
    assert_true(value_of(snap, SPACE_RDS, "FreeStorageSpace", "shop") == 40e9);
    assert_true(value_of(snap, SPACE_CONNECT, "ErroredTaskCount", "shop-failed") == 1);
    assert_true(value_of(snap, SPACE_KAFKA, "OfflinePartitionsCount", "shop-events") == 0);
    assert_true(value_of(snap, SPACE_KAFKA, "KafkaDataLogsDiskUsed", "shop-events/2") == 42);
    assert_true(value_of(snap, SPACE_DMS, "CDCLatencyTarget", "SHOPTASK00AAAAAAAAAAAA") == 5);
    assert_true(value_of(snap, SPACE_DMS, "FreeStorageSpace", "shop-dms") == 60e9);
    /* By its value alone: what its dimension is called nobody told. */
    assert_true(value_of(snap, SPACE_DMS, "CDCLatencyTarget", "serverless") == 9);
    /* What the scenario does not have is no figure, and was not even asked for. */
    assert_null(cloudwatch_find(&snap->cloudwatch, SPACE_RDS, "ReplicaLag", "shop"));
    const struct cw_metric *late =
        cloudwatch_find(&snap->cloudwatch, SPACE_DMS, "CDCLatencyTarget", "SHOPTASK00AAAAAAAAAAAA");
    assert_true(metric_age_ms(late, snap->server_ms) >= 180 * 1000 - DATE_MS);
    assert_true(late->before_ms <= late->at_ms - 600 * 1000);
    assert_true(contract_count("ListMetrics") > 4); /* in pages of ten */
    snapshot_free(snap);
    close_one(&o);
}

static void test_what_is_partial_broken_and_forbidden(void **state)
{
    (void)state;
    struct one o;
    struct err err = ERR_INIT;
    contract_world(
        "{\"monitoring\": {\"metrics\": ["
        "{\"Namespace\": \"AWS/RDS\", \"MetricName\": \"FreeStorageSpace\", \"value\": 40e9,"
        " \"Dimensions\": {\"DBInstanceIdentifier\": \"shop\"}, \"status\": \"PartialData\"},"
        "{\"Namespace\": \"AWS/RDS\", \"MetricName\": \"ReplicationSlotDiskUsage\", \"value\": 1,"
        " \"Dimensions\": {\"DBInstanceIdentifier\": \"shop\"}, \"status\": \"Forbidden\"},"
        "{\"Namespace\": \"AWS/RDS\", \"MetricName\": \"TransactionLogsDiskUsage\", \"value\": 1,"
        " \"Dimensions\": {\"DBInstanceIdentifier\": \"shop\"}, \"status\": \"InternalError\"}]}}");
    open_one(&o, "admin", "");
    struct snapshot *snap = poll_one(&o, 20000, &err);
    if (snap == NULL)
        fail_msg("%s", err.text);
    assert_true(value_of(snap, SPACE_RDS, "FreeStorageSpace", "shop") == 40e9);
    const struct cw_metric *whole =
        cloudwatch_find(&snap->cloudwatch, SPACE_RDS, "FreeStorageSpace", "shop");
    assert_true(whole->before == 40e9); /* of the second half */
    assert_null(cloudwatch_find(&snap->cloudwatch, SPACE_RDS, "ReplicationSlotDiskUsage", "shop"));
    assert_null(cloudwatch_find(&snap->cloudwatch, SPACE_RDS, "TransactionLogsDiskUsage", "shop"));
    assert_int_equal(snap->notes.count, 2);
    snapshot_free(snap);
    close_one(&o);
}

static void test_throttled_and_refused(void **state)
{
    (void)state;
    struct one o;
    struct err err = ERR_INIT;
    open_one(&o, "admin", "");
    contract_fault("throttle", "monitoring", "GetMetricData", 0);
    assert_null(poll_one(&o, 20000, &err)); /* until it has been refused often enough */
    assert_int_equal(err.kind, ERR_CONFLICT);
    int asked = contract_count("GetMetricData");
    assert_null(poll_one(&o, 20000, &err)); /* it rests */
    assert_int_equal(contract_count("GetMetricData"), asked);
    close_one(&o);
    contract_reset();
    open_one(&o, "nobody", "");
    err_clear(&err);
    assert_null(poll_one(&o, 20000, &err));
    assert_int_equal(err.kind, ERR_DENIED);
    close_one(&o);
}

/* ---- the whole program ----------------------------------------------------------------------- */

static const cJSON *figure(const cJSON *root, const char *metric, const char *object)
{
    const cJSON *m;
    cJSON_ArrayForEach(m, json_get(root, "cloudwatch"))
    {
        if (strcmp(json_str(m, "metric", ""), metric) == 0 &&
            strcmp(json_str(m, "object", ""), object) == 0)
            return m;
    }
    fail_msg("no %s of %s", metric, object);
    return NULL;
}

/* What is asked for is what the other services have told of. */
static void test_status_has_the_figures(void **state)
{
    (void)state;
    int status;
    char *toml = contract_toml("reader", sections);
    cJSON *root = contract_status(toml, &status);
    const cJSON *m = figure(root, "FreeStorageSpace", "shop");
    assert_string_equal(json_str(m, "unit", ""), "bytes");
    assert_true(json_get(m, "value")->valuedouble == 40e9);
    assert_true(json_get(m, "age_s")->valuedouble * 1000 >= 60 * 1000 - DATE_MS);
    assert_true(json_get(figure(root, "RunningTaskCount", "shop-source"), "value")->valuedouble ==
                1);
    assert_true(json_get(figure(root, "CDCLatencyTarget", "SHOPTASK00AAAAAAAAAAAA"), "value")
                    ->valuedouble == 5);
    const cJSON *dms =
        json_get(contract_find(root, "connectors", "name", "shop-serverless-cdc"), "dms");
    assert_true(json_get(dms, "latency_target_s")->valuedouble == 9);
    assert_string_not_equal(json_str(dms, "latency_target_at", ""), "");
    assert_true(json_get(dms, "capacity_used_percent")->valuedouble == 41);
    cJSON_Delete(root);
    free(toml);
}

/* ---- moto ------------------------------------------------------------------------------------ */

static void test_moto_gives_the_same_figure(void **state)
{
    (void)state;
    struct contract_client c;
    struct err err = ERR_INIT;
    char *toml = mem_printf(
        "[[pipeline]]\n[pipeline.aws]\nregion = \"eu-west-3\"\n"
        "endpoint = \"%s\"\naccess_key_id = \"%s\"\nsecret_access_key = \"%s\"\n"
        "[pipeline.rds]\ninstance = \"shop\"\n",
        getenv("AWS_MOTO_URL"), getenv("AWS_MOTO_READER_KEY"), getenv("AWS_MOTO_READER_SECRET"));
    contract_open(&c, toml);
    free(toml);
    void *source = source_cloudwatch.open(&c.config->pipelines[0], NULL);
    static const struct hint_metrics metrics[] = {
        {.space = SPACE_RDS,
         .object = "shop",
         .dims = {{"DBInstanceIdentifier", "shop"}},
         .ndims = 1},
    };
    struct hints hints = {.metrics = metrics, .nmetrics = 1};
    struct poll_ctx ctx = {
        .deadline_ms = clock_mono_ms() + 20000, .stop_fd = -1, .hints = &hints, .aws = c.aws};
    struct snapshot *snap = source_cloudwatch.poll(source, &ctx, &err);
    if (snap == NULL)
        fail_msg("%s", err.text);
    assert_true(value_of(snap, SPACE_RDS, "FreeStorageSpace", "shop") == 40e9);
    snapshot_free(snap);
    source_cloudwatch.close(source);
    contract_close(&c);
}

/* What a serverless replication's dimension is called stands in the list alone: without it nothing
 * of it is asked, nothing is shown, and that is said. */
static void test_without_the_list_serverless_is_unknown(void **state)
{
    (void)state;
    int status;
    char *toml = contract_toml("reader", sections);
    contract_faults("[{\"kind\": \"error\", \"service\": \"monitoring\", \"operation\": "
                    "\"ListMetrics\", \"code\": \"AccessDeniedException\", \"status\": 400}]");
    cJSON *root = contract_status(toml, &status);
    const cJSON *dms =
        json_get(contract_find(root, "connectors", "name", "shop-serverless-cdc"), "dms");
    assert_true(cJSON_IsNull(json_get(dms, "latency_target_s")));
    assert_true(cJSON_IsNull(json_get(dms, "capacity_used_percent")));
    assert_true(contract_note(root, "cloudwatch", "DMS Serverless", "cloudwatch:ListMetrics"));
    /* All others are asked for, listed or not. */
    assert_true(json_get(figure(root, "FreeStorageSpace", "shop"), "value")->valuedouble == 40e9);
    cJSON_Delete(root);
    free(toml);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_what_there_is_is_found_and_dated, contract_fresh),
        cmocka_unit_test_setup(test_what_is_partial_broken_and_forbidden, contract_fresh),
        cmocka_unit_test_setup(test_throttled_and_refused, contract_fresh),
        cmocka_unit_test_setup(test_status_has_the_figures, contract_fresh),
        cmocka_unit_test_setup(test_without_the_list_serverless_is_unknown, contract_fresh),
        cmocka_unit_test_setup(test_moto_gives_the_same_figure, contract_fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
