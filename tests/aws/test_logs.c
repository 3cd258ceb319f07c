/* CloudWatch Logs as its model has it: deaths of MSK Connect's tasks found however far back and in
 * however many pages, the lines of their traces put together, DMS's pauses; refused, missing,
 * silent. */
#include "base/clock.h"
#include "base/mem.h"
#include "source/source.h"
#include "tests/aws/rig.h"
#include "tests/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECTIONS                                         \
    "[pipeline.mskconnect]\nconnectors = [\"shop-*\"]\n" \
    "[pipeline.dms]\ntasks = [\"shop-cdc\"]\n"           \
    "[pipeline.cloudwatch]\nmetrics_per_hour = 0\n"      \
    "[pipeline.logs]\ninterval = \"10s\"\n"

enum { S3, SOURCE, FAILED, TASK, HINTS, PLENTY_MS = 20000 };

struct one {
    struct contract_client c;
    void *source;
    struct hints *hints;
    struct hint_log logs[HINTS];
};

static void open_one(struct one *o, const char *user)
{
    static const struct hint_log usual[] = {
        [S3] = {SERVICE_MSK_CONNECT, "shop-s3",     "/msk-connect/shop",  NULL,                              true },
        [SOURCE] = {SERVICE_MSK_CONNECT, "shop-source", "/msk-connect/shop",  NULL,                              false},
        [FAILED] = {SERVICE_MSK_CONNECT, "shop-failed", "/msk-connect/shop",  NULL,                              false},
        [TASK] = {SERVICE_DMS,         "shop-cdc",    "dms-tasks-shop-dms", "dms-task-SHOPTASK00AAAAAAAAAAAA",
                true                                                                                              },
    };
    char *toml = contract_toml(user, SECTIONS);
    contract_open(&o->c, toml);
    free(toml);
    o->source = source_logs.open(&o->c.config->pipelines[0], NULL);
    o->hints = hints_new();
    memcpy(o->logs, usual, sizeof(usual));
    o->hints->logs = o->logs;
    o->hints->nlogs = HINTS;
}

static void close_one(struct one *o)
{
    source_logs.close(o->source);
    hints_free(o->hints);
    contract_close(&o->c);
}

static struct snapshot *poll_one(struct one *o, int ms, struct err *err)
{
    struct poll_ctx ctx = {
        .deadline_ms = clock_mono_ms() + ms, .stop_fd = -1, .hints = o->hints, .aws = o->c.aws};
    return source_logs.poll(o->source, &ctx, err);
}

static bool searches(const struct snapshot *snap)
{
    for (size_t i = 0; i < snap->logs.ntails; i++) {
        if (snap->logs.tails[i].searching)
            return true;
    }
    return false;
}

/* Polls until there is nothing more to be read at once. */
static struct snapshot *poll_all(struct one *o)
{
    struct err err = ERR_INIT;
    for (int i = 0; i < 20; i++) {
        struct snapshot *snap = poll_one(o, PLENTY_MS, &err);
        if (snap == NULL)
            fail_msg("%s", err.text);
        if (!searches(snap))
            return snap;
        snapshot_free(snap);
    }
    fail_msg("the search has no end");
    return NULL;
}

static const struct log_tail *tail_of(const struct snapshot *snap, int service, const char *name)
{
    const struct log_tail *t = logs_find(&snap->logs, (enum connect_service)service, name);
    if (t == NULL)
        fail_msg("no log of %s", name);
    return t;
}

static void test_a_death_is_found_with_its_trace(void **state)
{
    (void)state;
    struct one o;
    open_one(&o, "reader");
    struct snapshot *snap = poll_all(&o);
    const struct log_tail *t = tail_of(snap, SERVICE_MSK_CONNECT, "shop-s3");
    assert_int_equal(t->nevents, 1);
    const struct log_event *e = &t->events[0];
    assert_int_equal(e->kind, LOGGED_TASK_DIED);
    assert_int_equal(e->task, 1);
    assert_in_range(clock_wall_ms() - e->at_ms, 39 * 60 * 1000, 42 * 60 * 1000);
    assert_non_null(strstr(e->cause, "is not authorized to perform: s3:PutObject"));
    /* Line by line, without the worker's name, and no line of the next entry. */
    assert_non_null(strstr(e->text, "\norg.apache.kafka.connect.errors.ConnectException: Exiting"));
    assert_non_null(strstr(e->text, "\n\t... 12 more"));
    assert_null(strstr(e->text, "Committing offsets"));
    assert_null(strstr(e->text + 1, "[Worker-"));
    /* It was looked for no further back than that, and the other one not at all. */
    assert_in_range(t->to_ms - t->from_ms, 170 * 60 * 1000, 190 * 60 * 1000);
    assert_int_equal(tail_of(snap, SERVICE_MSK_CONNECT, "shop-failed")->nevents, 0);
    /* What DMS logged. */
    t = tail_of(snap, SERVICE_DMS, "shop-cdc");
    assert_int_equal(t->nevents, 1);
    assert_int_equal(t->events[0].kind, LOGGED_ERROR);
    assert_string_equal(t->events[0].cause, "lost connection");
    snapshot_free(snap);
    close_one(&o);
}

static void test_an_old_death_is_found_too(void **state)
{
    (void)state;
    struct one o;
    open_one(&o, "admin");
    o.logs[FAILED].wanted = true;
    struct snapshot *snap = poll_all(&o);
    const struct log_tail *t = tail_of(snap, SERVICE_MSK_CONNECT, "shop-failed");
    assert_int_equal(t->nevents, 1);
    assert_non_null(strstr(t->events[0].cause, "password authentication failed"));
    assert_non_null(strstr(t->events[0].text, "postgresql://debezium:********@shop"));
    /* Between two looks there is nothing to be asked. */
    int asked = contract_count("FilterLogEvents");
    snapshot_free(snap);
    snap = poll_all(&o);
    assert_int_equal(contract_count("FilterLogEvents"), asked);
    snapshot_free(snap);
    close_one(&o);
}

/* A right that is missing shows before it is needed: each log is looked into once. */
static void test_one_that_runs_is_looked_into_once(void **state)
{
    (void)state;
    struct one o;
    open_one(&o, "reader");
    o.logs[S3].wanted = false;
    o.hints->nlogs = TASK;
    struct snapshot *snap = poll_all(&o);
    assert_int_equal(contract_count("FilterLogEvents"), 1);
    const struct log_tail *t = tail_of(snap, SERVICE_MSK_CONNECT, "shop-s3");
    assert_in_range(t->to_ms - t->from_ms, 14 * 60 * 1000, 16 * 60 * 1000);
    snapshot_free(snap);
    close_one(&o);
}

static void test_a_worker_that_died_is_of_the_stream_it_wrote(void **state)
{
    (void)state;
    struct one o;
    contract_world("{\"logs\": {\"page\": 50, \"groups\": {\"/msk-connect/shop\": ["
                   "{\"logStreamName\": \"shop-s3-1f\", \"ago_s\": 60, \"message\": "
                   "\"[Worker-1] [2026-11-27 05:10:00,123] ERROR Stopping due to error "
                   "(org.apache.kafka.connect.cli.ConnectDistributed:86)\"},"
                   "{\"logStreamName\": \"shop-s3-1f\", \"ago_s\": 60, \"message\": "
                   "\"[Worker-1] Caused by: java.lang.OutOfMemoryError: Java heap space\"}]}}}");
    open_one(&o, "admin");
    o.logs[SOURCE].connector = "shop"; /* whose name the stream begins with, too */
    o.hints->nlogs = FAILED;
    struct snapshot *snap = poll_all(&o);
    const struct log_tail *t = tail_of(snap, SERVICE_MSK_CONNECT, "shop-s3");
    assert_int_equal(t->nevents, 1);
    assert_int_equal(t->events[0].kind, LOGGED_WORKER_DIED);
    assert_string_equal(t->events[0].cause, "OutOfMemoryError: Java heap space");
    assert_int_equal(tail_of(snap, SERVICE_MSK_CONNECT, "shop")->nevents, 0);
    snapshot_free(snap);
    close_one(&o);
}

static void test_refused_and_missing(void **state)
{
    (void)state;
    struct one o;
    struct err err = ERR_INIT;
    open_one(&o, "nobody");
    struct snapshot *snap = poll_one(&o, PLENTY_MS, &err);
    assert_non_null(snap); /* refused is an answer */
    assert_int_equal(snap->notes.count, 2);
    assert_non_null(strstr(snap->notes.items[0].fix, "\"Action\": \"logs:FilterLogEvents\""));
    assert_non_null(strstr(snap->notes.items[0].fix, ":log-group:/msk-connect/shop:*"));
    assert_non_null(tail_of(snap, SERVICE_MSK_CONNECT, "shop-s3")->error);
    snapshot_free(snap);
    int asked = contract_count("FilterLogEvents");
    snap = poll_one(&o, PLENTY_MS, &err); /* it rests */
    assert_int_equal(contract_count("FilterLogEvents"), asked);
    snapshot_free(snap);
    close_one(&o);
    /* A group of MSK Connect that is gone is worth a word; a task of DMS may well log nothing. */
    contract_reset();
    contract_world("{\"logs\": {\"page\": 5, \"groups\": {}}}");
    open_one(&o, "admin");
    snap = poll_one(&o, PLENTY_MS, &err);
    assert_non_null(snap);
    assert_int_equal(snap->notes.count, 1);
    assert_non_null(strstr(snap->notes.items[0].what, "/msk-connect/shop"));
    assert_non_null(tail_of(snap, SERVICE_DMS, "shop-cdc")->error);
    snapshot_free(snap);
    close_one(&o);
}

static void test_a_service_that_is_silent(void **state)
{
    (void)state;
    struct one o;
    struct err err = ERR_INIT;
    open_one(&o, "admin");
    o.hints->nlogs = TASK; /* one log: time may be up before a second one is asked for */
    contract_fault("throttle", "logs", "FilterLogEvents", 0);
    assert_null(poll_one(&o, PLENTY_MS, &err)); /* until it has been refused often enough */
    assert_int_equal(err.kind, ERR_CONFLICT);
    contract_faults("[]");
    int asked = contract_count("FilterLogEvents");
    assert_null(poll_one(&o, PLENTY_MS, &err)); /* it rests, and the error stands */
    assert_int_equal(contract_count("FilterLogEvents"), asked);
    close_one(&o);
}

/* ---- moto ------------------------------------------------------------------------------------ */

static void test_moto_gives_the_same_death(void **state)
{
    (void)state;
    struct contract_client c;
    struct err err = ERR_INIT;
    char *toml = mem_printf(
        "[[pipeline]]\n[pipeline.aws]\nregion = \"eu-west-3\"\n"
        "endpoint = \"%s\"\naccess_key_id = \"%s\"\nsecret_access_key = \"%s\"\n" SECTIONS,
        getenv("AWS_MOTO_URL"), getenv("AWS_MOTO_READER_KEY"), getenv("AWS_MOTO_READER_SECRET"));
    contract_open(&c, toml);
    free(toml);
    void *source = source_logs.open(&c.config->pipelines[0], NULL);
    static const struct hint_log logs[] = {
        {SERVICE_MSK_CONNECT, "shop-s3", "/msk-connect/shop", NULL, true}
    };
    struct hints hints = {.logs = logs, .nlogs = 1};
    struct poll_ctx ctx = {
        .deadline_ms = clock_mono_ms() + 20000, .stop_fd = -1, .hints = &hints, .aws = c.aws};
    struct snapshot *snap = source_logs.poll(source, &ctx, &err);
    if (snap == NULL)
        fail_msg("%s", err.text);
    const struct log_tail *t = tail_of(snap, SERVICE_MSK_CONNECT, "shop-s3");
    assert_int_equal(t->nevents, 1);
    assert_string_equal(t->events[0].cause, "UnknownHostException: shop-lake.s3.amazonaws.com");
    assert_null(strstr(t->events[0].text, "Stopping task"));
    snapshot_free(snap);
    source_logs.close(source);
    contract_close(&c);
}

/* ---- the whole program ----------------------------------------------------------------------- */

static void test_the_program_says_why_a_task_died(void **state)
{
    (void)state;
    contract_world(
        "{\"monitoring\": {\"metrics\": ["
        "{\"Namespace\": \"AWS/KafkaConnect\", \"MetricName\": \"RunningTaskCount\", \"value\": 1,"
        " \"Dimensions\": {\"ConnectorName\": \"shop-s3\"}, \"late_s\": 60},"
        "{\"Namespace\": \"AWS/KafkaConnect\", \"MetricName\": \"ErroredTaskCount\", \"value\": 1,"
        " \"Dimensions\": {\"ConnectorName\": \"shop-s3\"}, \"late_s\": 60}]}}");
    cJSON *root =
        contract_status_of("reader", "[pipeline.mskconnect]\nconnectors = [\"shop-s3\"]\n");
    const cJSON *c = contract_find(root, "connectors", "name", "shop-s3");
    assert_non_null(strstr(json_str(c, "cause", ""), "s3:PutObject"));
    const cJSON *s03 = contract_finding(root, "S03", NULL);
    assert_non_null(s03);
    assert_non_null(strstr(json_str(s03, "title", ""), "task 1 failed"));
    const cJSON *log = contract_find(root, "logs", "connector", "shop-s3");
    const cJSON *event = cJSON_GetArrayItem(json_get(log, "events"), 0);
    assert_string_equal(json_str(event, "what", ""), "task died");
    assert_non_null(strstr(json_str(event, "text", ""), "Caused by:"));
    cJSON_Delete(root);
}

static void test_the_program_says_that_dms_pauses(void **state)
{
    (void)state;
    contract_world("{\"logs\": {\"page\": 5, \"groups\": {\"dms-tasks-shop-dms\": ["
                   "{\"logStreamName\": \"dms-task-SHOPTASK00AAAAAAAAAAAA\", \"ago_s\": 90,"
                   " \"message\": \"2026-11-27T05:10:00 [SORTER          ]I:  Reading from source "
                   "is paused. Total disk usage exceeded the limit 90%  "
                   "(sorter_transaction.c:110)\"}]}}}");
    cJSON *root = contract_status_of("reader", SECTIONS);
    const cJSON *d06 = contract_finding(root, "D06", NULL);
    assert_non_null(d06);
    assert_non_null(strstr(json_str(d06, "title", ""), "the disk of its instance is full"));
    cJSON_Delete(root);
}

static void test_read_false_asks_nothing(void **state)
{
    (void)state;
    cJSON *root = contract_status_of("reader", "[pipeline.mskconnect]\nconnectors = [\"shop-*\"]\n"
                                               "[pipeline.logs]\nread = false\n");
    assert_int_equal(contract_count("FilterLogEvents"), 0);
    cJSON_Delete(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_death_is_found_with_its_trace, contract_fresh),
        cmocka_unit_test_setup(test_an_old_death_is_found_too, contract_fresh),
        cmocka_unit_test_setup(test_one_that_runs_is_looked_into_once, contract_fresh),
        cmocka_unit_test_setup(test_a_worker_that_died_is_of_the_stream_it_wrote, contract_fresh),
        cmocka_unit_test_setup(test_refused_and_missing, contract_fresh),
        cmocka_unit_test_setup(test_a_service_that_is_silent, contract_fresh),
        cmocka_unit_test_setup(test_moto_gives_the_same_death, contract_fresh),
        cmocka_unit_test_setup(test_the_program_says_why_a_task_died, contract_fresh),
        cmocka_unit_test_setup(test_the_program_says_that_dms_pauses, contract_fresh),
        cmocka_unit_test_setup(test_read_false_asks_nothing, contract_fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
