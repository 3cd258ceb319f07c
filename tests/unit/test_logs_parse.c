/* CloudWatch Logs on the wire, and what single lines of the logs mean. */
#include "base/mem.h"
#include "source/logs_parse.h"
#include "tests/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void test_the_question_is_what_the_model_wants(void **state)
{
    (void)state;
    struct logs_question q = {.group = "/msk/shop",
                              .pattern = "?\"a b\"",
                              .from_ms = 1795755600000,
                              .to_ms = 1795755660000,
                              .limit = 50};
    char *body = logs_body(&q);
    assert_string_equal(body,
                        "{\"logGroupName\":\"/msk/shop\",\"filterPattern\":\"?\\\"a b\\\"\","
                        "\"startTime\":1795755600000,\"endTime\":1795755660000,\"limit\":50}");
    free(body);
    q = (struct logs_question){.group = "g", .stream = "s", .token = "t/+=", .limit = 1};
    body = logs_body(&q);
    assert_non_null(strstr(body, "\"logStreamNames\":[\"s\"]"));
    assert_non_null(strstr(body, "\"nextToken\":\"t/+=\""));
    assert_null(strstr(body, "filterPattern"));
    free(body);
}

struct seen {
    int n;
    int64_t last_ms;
    char last[100];
};

static void see(void *arg, const struct logs_line *line)
{
    struct seen *seen = arg;
    seen->n++;
    seen->last_ms = line->at_ms;
    (void)snprintf(seen->last, sizeof(seen->last), "%s|%s|%s", line->stream, line->id, line->text);
}

static bool parse(const char *body, struct seen *seen, const char **next, struct err *err)
{
    static struct arena *arena;
    if (arena == NULL)
        arena = arena_new();
    if (body == NULL) {
        arena_free(arena);
        arena = NULL;
        return true;
    }
    *seen = (struct seen){0};
    return logs_parse(arena, body, strlen(body), see, seen, next, err);
}

static void test_a_page(void **state)
{
    (void)state;
    struct seen seen;
    const char *next;
    struct err err = ERR_INIT;
    assert_true(parse("{\"events\":[{\"logStreamName\":\"w\",\"timestamp\":5,\"message\":\"one\","
                      "\"eventId\":\"1\"},{\"logStreamName\":\"w\",\"timestamp\":1795755660123,"
                      "\"message\":\"two\",\"eventId\":\"2\"},{\"message\":\"of no time\"}],"
                      "\"nextToken\":\"more\"}",
                      &seen, &next, &err));
    assert_int_equal(seen.n, 2);
    assert_true(seen.last_ms == 1795755660123);
    assert_string_equal(seen.last, "w|2|two");
    assert_string_equal(next, "more");
    assert_true(parse("{}", &seen, &next, &err)); /* an empty page is one */
    assert_int_equal(seen.n, 0);
    assert_null(next);
    static const char *const bad[] = {"[]", "{\"events\":7}", "<html>", ""};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        err_clear(&err);
        assert_false(parse(bad[i], &seen, &next, &err));
        assert_int_equal(err.kind, ERR_PROTOCOL);
        assert_null(next);
    }
    (void)parse(NULL, NULL, NULL, NULL);
}

#define HEAD "[Worker-0bb8] [2026-11-27 05:10:00,123] ERROR "

static void test_lines_that_say_why(void **state)
{
    (void)state;
    static const struct {
        enum connect_service service;
        const char *text;
        int kind; /* -1: it says nothing to us */
        int task;
        const char *name;
    } cases[] = {
        {SERVICE_MSK_CONNECT,
         HEAD "[shop-s3|task-1] WorkerSinkTask{id=shop-s3-1} Task threw an uncaught and "
              "unrecoverable exception. Task is being killed and will not recover until manually "
              "restarted (org.apache.kafka.connect.runtime.WorkerTask:234)",                            LOGGED_TASK_DIED,   1,  "shop-s3"},
        {SERVICE_MSK_CONNECT,
         HEAD "WorkerSourceTask{id=shop-0} Task failed initialization and will not be started.",
         LOGGED_TASK_DIED,                                                                                                  0,  "shop"   },
        {SERVICE_MSK_CONNECT,
         HEAD "[Worker clientId=connect-1, groupId=g] Failed to start task shop-2-10 "
              "(org.apache.kafka.connect.runtime.Worker:704)",                                          LOGGED_TASK_DIED,   10, "shop-2" },
        {SERVICE_MSK_CONNECT, HEAD "Stopping due to error (o.a.k.ConnectDistributed:86)",
         LOGGED_WORKER_DIED,                                                                                                -1, NULL     },
        {SERVICE_MSK_CONNECT,
         HEAD "[Worker clientId=c] Uncaught exception in herder work thread, "
              "exiting:",                                                                               LOGGED_WORKER_DIED, -1, NULL     },
        {SERVICE_MSK_CONNECT, HEAD "Task is being killed and will not recover",                         -1,                 0,  NULL     },
        {SERVICE_MSK_CONNECT, HEAD "X{id=shop} being killed and will not recover",                      -1,                 0,  NULL     },
        {SERVICE_MSK_CONNECT, HEAD "being killed and will not recover {id=shop-0}",                     -1,                 0,  NULL     },
        {SERVICE_MSK_CONNECT, HEAD "Failed to start task ",                                             -1,                 0,  NULL     },
        {SERVICE_MSK_CONNECT, HEAD "Committing offsets",                                                -1,                 0,  NULL     },
        {SERVICE_MSK_CONNECT, "[SORTER ]I:  Reading from source is paused.",                            -1,                 0,  NULL     },
        {SERVICE_DMS,
         "[SORTER ]I:  Reading from source is paused. Total disk usage exceeded the "
         "limit 90% (sorter_transaction.c:110)",                                                        LOGGED_PAUSED,      -1, NULL     },
        {SERVICE_DMS,         "[SORTER ]I:  Reading from source is resumed (sorter_transaction.c:116)",
         LOGGED_RESUMED,                                                                                                    -1, NULL     },
        {SERVICE_DMS,         "00012: 2026-11-27T05:10:00 [TARGET_APPLY ]E:  broken (kafka.c:1)",
         LOGGED_ERROR,                                                                                                      -1, NULL     },
        {SERVICE_DMS,         "[TARGET_APPLY ]I:  fine",                                                -1,                 0,  NULL     },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct logs_meaning m;
        bool said = logs_understand(cases[i].service, cases[i].text, &m);
        if (said != (cases[i].kind >= 0))
            fail_msg("%s", cases[i].text);
        if (!said)
            continue;
        assert_int_equal(m.kind, cases[i].kind);
        assert_int_equal(m.task, cases[i].task);
        assert_true((m.name != NULL) == (cases[i].name != NULL));
        if (m.name != NULL && cases[i].name != NULL) {
            assert_int_equal(m.name_len, strlen(cases[i].name));
            assert_memory_equal(m.name, cases[i].name, m.name_len);
        }
    }
}

/* What the service is asked to find is what is understood of it. */
static void test_the_pattern_has_all_of_the_words(void **state)
{
    (void)state;
    static const char *const words[] = {
        "being killed and will not recover", "Task failed initialization", "Failed to start task",
        "Uncaught exception in herder work thread", "Stopping due to error"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        char *term = mem_printf("?\"%s\"", words[i]);
        assert_non_null(strstr(logs_pattern(SERVICE_MSK_CONNECT), term));
        free(term);
    }
    assert_true(strlen(logs_pattern(SERVICE_MSK_CONNECT)) <= 1024); /* the model's limit */
    assert_non_null(strstr(logs_pattern(SERVICE_DMS), "?\"]E:\""));
    assert_non_null(strstr(logs_pattern(SERVICE_DMS), "?\"Reading from source is paused\""));
    assert_non_null(strstr(logs_pattern(SERVICE_DMS), "?\"Reading from source is resumed\""));
}

static void test_where_a_trace_ends(void **state)
{
    (void)state;
    assert_string_equal(logs_behind_worker("[Worker-0bb8] \tat a.b"), "\tat a.b");
    assert_string_equal(logs_behind_worker("\tat a.b"), "\tat a.b");
    assert_string_equal(logs_behind_worker("[Worker-0bb8"), "[Worker-0bb8");
    assert_true(logs_begins_entry(HEAD "x"));
    assert_true(logs_begins_entry("[2026-11-27 05:10:00,123] INFO x"));
    assert_false(logs_begins_entry("[Worker-0bb8] Caused by: x"));
    assert_false(logs_begins_entry("[Worker-0bb8] [2026"));
    assert_false(logs_begins_entry(""));
}

static void test_causes(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    assert_string_equal(
        logs_cause(a, LOGGED_TASK_DIED,
                   HEAD
                   "killed\norg.apache.kafka.connect.errors.ConnectException: Exiting\n\tat x\n"
                   "Caused by: org.postgresql.util.PSQLException: FATAL: password=geheim no"),
        "PSQLException: FATAL: password=******** no");
    /* The lines of the trace did not come. */
    assert_string_equal(logs_cause(a, LOGGED_TASK_DIED,
                                   HEAD "restarted. Error: no such key (org.apache.kafka.T:612)"),
                        "no such key");
    assert_null(logs_cause(a, LOGGED_TASK_DIED, HEAD "being killed"));
    assert_string_equal(logs_cause(a, LOGGED_PAUSED,
                                   "2026-11-27T05:10:00 [SORTER          ]I:  Reading from source "
                                   "is paused. Total disk usage exceeded the limit 90%  "
                                   "(sorter_transaction.c:110)"),
                        "Reading from source is paused. Total disk usage exceeded the limit 90%");
    assert_string_equal(logs_cause(a, LOGGED_ERROR, "[X ]E:  table (a) is locked"),
                        "table (a) is locked");
    assert_null(logs_cause(a, LOGGED_ERROR, "[X ]E:"));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_question_is_what_the_model_wants),
        cmocka_unit_test(test_a_page),
        cmocka_unit_test(test_lines_that_say_why),
        cmocka_unit_test(test_the_pattern_has_all_of_the_words),
        cmocka_unit_test(test_where_a_trace_ends),
        cmocka_unit_test(test_causes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
