/* What is kept of a log that is read again and again: nothing twice, and not only errors. */
#include "base/clock.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "source/source.h"
#include "tests/check.h"
#include "tests/unit/dms_rig.h"

#include <stdlib.h>
#include <string.h>

static const struct hint_log task_log[] = {
    {SERVICE_DMS, "shop-cdc", "dms-tasks-shop", "dms-task-A", true}
};
static const struct hint_log worker_logs[] = {
    {SERVICE_MSK_CONNECT, "shop",      "/msk", NULL, true },
    {SERVICE_MSK_CONNECT, "shop-sink", "/msk", NULL, false},
};

static struct snapshot *poll(struct dms_rig *rig, void *source, const struct hint_log *logs,
                             size_t n)
{
    struct err err = ERR_INIT;
    struct hints hints = {.logs = logs, .nlogs = n};
    struct poll_ctx ctx = {
        .deadline_ms = clock_mono_ms() + 120000, .stop_fd = -1, .hints = &hints, .aws = rig->aws};
    struct snapshot *snap = source_logs.poll(source, &ctx, &err);
    if (snap == NULL)
        fail_msg("%s", err.text);
    return snap;
}

static void put(struct strbuf *body, int id, int64_t at_ms, const char *message)
{
    strbuf_printf(body,
                  "%s{\"logStreamName\":\"w\",\"timestamp\":%lld,\"eventId\":\"%09d\","
                  "\"message\":\"%s\"}",
                  body->len == strlen("{\"events\":[") ? "" : ",", (long long)at_ms, id, message);
}

static int count(const struct log_tail *t, enum logged kind)
{
    int n = 0;
    for (size_t i = 0; i < t->nevents; i++)
        n += t->events[i].kind == (int)kind;
    return n;
}

static void test_many_errors_do_not_hide_a_pause(void **state)
{
    (void)state;
    struct dms_rig rig;
    struct strbuf body;
    int64_t now = clock_wall_ms();
    dms_rig_start(&rig);
    rig.cfg.logs.interval_ms = 0; /* it is read again with each call */
    strbuf_init(&body, 64 * 1024);
    strbuf_puts(&body, "{\"events\":[");
    put(&body, 1, now - 100000, "[SORTER ]I:  Reading from source is paused.");
    for (int i = 0; i < 100; i++)
        put(&body, 10 + i, now - 90000 + 100 * i, "[TARGET ]E:  broken");
    strbuf_puts(&body, "]}");
    dms_rig_set(&rig, "FilterLogEvents", 200, body.text);
    void *source = source_logs.open(&rig.cfg, NULL);
    for (int i = 0; i < 3; i++) {
        struct snapshot *snap = poll(&rig, source, task_log, 1);
        const struct log_tail *t = &snap->logs.tails[0];
        assert_int_equal(count(t, LOGGED_PAUSED), 1);
        assert_int_equal(count(t, LOGGED_ERROR), 10);
        assert_true(t->events[0].at_ms == now - 90000 + 9900); /* the newest first, and kept */
        snapshot_free(snap);
    }
    assert_true(dms_rig_count(&rig, "FilterLogEvents") > 3);
    source_logs.close(source);
    strbuf_free(&body);
    dms_rig_stop(&rig);
}

#define KILLED "is being killed and will not recover until manually restarted"

/* The sink says it twice in one moment; the second time has the trace. */
static void test_the_later_of_two_entries_has_the_trace(void **state)
{
    (void)state;
    struct dms_rig rig;
    struct strbuf body;
    int64_t now = clock_wall_ms();
    dms_rig_start(&rig);
    strbuf_init(&body, 8 * 1024);
    strbuf_puts(&body, "{\"events\":[");
    put(&body, 1, now - 60000, "ERROR X{id=shop-0} Task " KILLED ". Error: short");
    put(&body, 2, now - 60000, "ERROR X{id=shop-0} Task " KILLED "\\nCaused by: a.B: long");
    put(&body, 3, now - 50000, "ERROR X{id=shop-sink-0} Task " KILLED "\\nCaused by: a.B: other");
    strbuf_puts(&body, "]}");
    dms_rig_set(&rig, "FilterLogEvents", 200, body.text);
    void *source = source_logs.open(&rig.cfg, NULL);
    struct snapshot *snap = poll(&rig, source, worker_logs, 2);
    assert_int_equal(snap->logs.tails[0].nevents, 1);
    assert_string_equal(snap->logs.tails[0].events[0].cause, "B: long");
    assert_int_equal(snap->logs.tails[1].nevents, 1); /* each has its own */
    assert_string_equal(snap->logs.tails[1].events[0].cause, "B: other");
    snapshot_free(snap);
    /* One search for both; a log that nobody names any more is forgotten. */
    snap = poll(&rig, source, task_log, 1);
    assert_int_equal(snap->logs.ntails, 1);
    snapshot_free(snap);
    source_logs.close(source);
    strbuf_free(&body);
    dms_rig_stop(&rig);
}

static int64_t number_of(const char *body, const char *field)
{
    const char *at = strstr(body, field);
    assert_non_null(at);
    return strtoll(at + strlen(field), NULL, 10);
}

/* The rig's Date is of a day gone by: with the first answer the clock that counts goes back. */
static void test_a_clock_that_goes_back_begins_anew(void **state)
{
    (void)state;
    struct dms_rig rig;
    int64_t now = clock_wall_ms(), newest = INT64_MAX;
    dms_rig_start(&rig);
    rig.cfg.logs.interval_ms = 0;
    dms_rig_set(&rig, "FilterLogEvents", 200, "{\"events\":[]}");
    void *source = source_logs.open(&rig.cfg, NULL);
    for (int i = 0; i < 2; i++)
        snapshot_free(poll(&rig, source, task_log, 1));
    (void)dms_rig_count(&rig, "FilterLogEvents");
    assert_true(rig.nseen > 2);
    for (size_t i = 0; i < rig.nseen; i++) {
        newest = number_of(rig.seen[i].body, "\"endTime\":");
        assert_true(number_of(rig.seen[i].body, "\"startTime\":") < newest);
        assert_true(i == 0 || newest < now - 3600 * 1000);
    }
    source_logs.close(source);
    dms_rig_stop(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_errors_do_not_hide_a_pause),
        cmocka_unit_test(test_the_later_of_two_entries_has_the_trace),
        cmocka_unit_test(test_a_clock_that_goes_back_begins_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
