/* Calls of AWS against a server that says what a script wants: what is sent, what is asked again
 * and what is not, and that none of it gives a secret away. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "model/snap_aws.h"
#include "net/xmltree.h"
#include "tests/check.h"
#include "tests/unit/aws_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEN_MINUTES (10 * 60 * 1000)
#define DENIED                                                                                   \
    "{\"__type\":\"AccessDeniedException\",\"Message\":\"User: arn:aws:sts::1:assumed-role/r/i " \
    "is "                                                                                        \
    "not authorized to perform: dms:StartReplicationTask on resource: arn:aws:dms:x:1:task:T "   \
    "because no identity-based policy allows it\"}"

static struct aws_rig rig;

static int setup(void **state)
{
    (void)state;
    aws_rig_open(&rig);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    aws_rig_close(&rig);
    return 0;
}

/* One call against that script; true: a good answer came. */
static bool sent(enum aws_call call, const struct aws_rig_answer *answers, int n, struct err *err)
{
    struct aws_answer answer;
    *err = (struct err)ERR_INIT;
    aws_rig_answers(&rig, answers, n);
    bool ok = aws_rig_send(&rig, call, &answer, err);
    assert_int_equal(ok, err->kind == ERR_NONE); /* what was overcome is no error */
    if (ok)
        aws_answer_free(&answer);
    else
        assert_false(aws_rig_leaks(err->text));
    return ok;
}

static void facts(struct arena *a, struct aws_snap *out)
{
    aws_facts(rig.aws, a, out);
}

static void test_what_is_sent(void **state)
{
    (void)state;
    struct aws_answer answer;
    struct err err = ERR_INIT;
    assert_true(aws_rig_send(&rig, DMS_TASKS, &answer, &err));
    assert_string_equal(answer.request_id, "r-1");
    assert_string_equal(answer.body.text, "{}");
    aws_answer_free(&answer);
    const char *r = rig.requests[0];
    assert_non_null(strstr(r, "POST / HTTP/1.1\r\n"));
    assert_non_null(strstr(r, "\r\nx-amz-target: AmazonDMSv20160101.DescribeReplicationTasks\r\n"));
    assert_non_null(strstr(r, "\r\ncontent-type: application/x-amz-json-1.1\r\n"));
    assert_non_null(strstr(r, "\r\nX-Amz-Security-Token: " AWS_RIG_TOKEN "\r\n"));
    assert_non_null(strstr(r, "\r\n\r\n{}"));
    assert_non_null(strstr(r, "/eu-west-3/dms/aws4_request, SignedHeaders=content-type;host;"
                              "x-amz-date;x-amz-security-token;x-amz-target, Signature="));
    assert_true(aws_rig_send(&rig, STS_GET_CALLER_IDENTITY, &answer, &err));
    aws_answer_free(&answer);
    assert_non_null(strstr(rig.requests[1], "\r\n\r\nAction=GetCallerIdentity&Version=2011-06-15"));
    assert_true(aws_rig_send(&rig, MSKC_PAUSE, &answer, &err));
    aws_answer_free(&answer);
    assert_non_null(strstr(rig.requests[2], "PUT /v1/connectors/arn%3Aaws%3Akafkaconnect HTTP"));
}

static void test_a_path_of_the_endpoint_stays_before_that_of_the_call(void **state)
{
    (void)state;
    struct aws_answer answer;
    struct err err = ERR_INIT;
    free(rig.cfg.aws.endpoint);
    rig.cfg.aws.endpoint = mem_printf("%s/below/", rig.url);
    assert_true(aws_rig_send(&rig, MSKC_LIST, &answer, &err));
    aws_answer_free(&answer);
    assert_non_null(strstr(rig.requests[0], "GET /below/v1/connectors/"));
    assert_non_null(strstr(rig.requests[0], "Host: 127.0.0.1:"));
}

static void test_a_wrong_clock_is_corrected_once(void **state)
{
    (void)state;
    struct err err;
    int64_t ahead = clock_wall_ms() + TEN_MINUTES;
    const struct aws_rig_answer late[] = {
        {400, NULL,
         "{\"__type\":\"InvalidSignatureException\",\"message\":\"Signature expired: a is now "
         "earlier than b\"}", ahead},
        {200, NULL, "{}",     ahead},
    };
    assert_true(sent(DMS_START, late, 2, &err)); /* refused before it changed anything */
    assert_int_equal(rig.asked, 2);
    struct arena *a = arena_new();
    struct aws_snap snap;
    facts(a, &snap);
    assert_in_range(snap.skew_ms, TEN_MINUTES - 60 * 1000, TEN_MINUTES + 60 * 1000);
    arena_free(a);
    /* By its own Date we were right: it is not our clock. */
    assert_false(sent(DMS_TASKS, late, 1, &err));
    assert_int_equal(rig.asked, 1);
    assert_int_equal(err.kind, ERR_AUTH);
    /* And if the Date tells another time each time: once. */
    const struct aws_rig_answer mad[] = {
        {403, "x-amzn-errortype: RequestTimeTooSkewed\r\n", "{}", ahead + TEN_MINUTES},
        {403, "x-amzn-errortype: RequestTimeTooSkewed\r\n", "{}", ahead              },
        {200, NULL,                                         "{}", ahead              },
    };
    assert_false(sent(MSKC_LIST, mad, 3, &err));
    assert_int_equal(rig.asked, 2);
}

static int64_t moved_ms;
static int64_t moved_wall(void)
{
    return clock_wall_ms() + moved_ms;
}

/* What was measured before somebody set our clock would make us wrong now. */
static void test_a_clock_that_is_set_meanwhile_is_measured_anew(void **state)
{
    (void)state;
    struct err err;
    moved_ms = -TEN_MINUTES;
    rig.aws->wall_ms = moved_wall;
    assert_true(sent(DMS_TASKS,
                     (struct aws_rig_answer[]){
                         {200, NULL, "{}", 0}
    },
                     1, &err));
    assert_in_range(aws_skew_ms(rig.aws), TEN_MINUTES - 5000, TEN_MINUTES + 5000);
    assert_in_range(aws_server_ms(rig.aws), clock_wall_ms() - 5000, clock_wall_ms() + 5000);
    moved_ms = 0;
    assert_true(aws_skew_ms(rig.aws) == UNKNOWN);
    assert_true(aws_server_ms(rig.aws) == UNKNOWN);
    assert_in_range(aws_now_ms(rig.aws), clock_wall_ms() - 5000, clock_wall_ms() + 5000);
}

static const struct aws_rig_answer throttled = {
    400, NULL, "{\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}", 0};
static const struct aws_rig_answer fine = {200, NULL, "{}", 0};

static void test_throttling_is_waited_out(void **state)
{
    (void)state;
    struct err err;
    const struct aws_rig_answer script[] = {
        throttled, {503, NULL, "<html>busy</html>", 0},
         {429, NULL, "",                  0},
         fine
    };
    assert_true(sent(CW_GET_DATA, script, 4, &err));
    assert_int_equal(rig.asked, 4);
    struct arena *a = arena_new();
    struct aws_snap snap;
    facts(a, &snap);
    assert_int_equal(snap.nspent, 1);
    assert_string_equal(snap.spent[0].operation, "GetMetricData");
    assert_int_equal(snap.spent[0].calls, 4);
    assert_int_equal(snap.spent[0].errors, 3);
    assert_int_equal(snap.spent[0].throttled, 2);
    assert_int_equal(snap.spent[0].usd_micro, 40);
    arena_free(a);
}

static void test_what_changes_something_is_sent_once(void **state)
{
    (void)state;
    struct err err;
    assert_false(sent(DMS_STOP, (struct aws_rig_answer[]){throttled, fine}, 2, &err));
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_string_equal(err.text, "ThrottlingException: Rate exceeded");
    assert_int_equal(rig.asked, 1);
    assert_false(sent(MSKC_RESTART,
                      (struct aws_rig_answer[]){
                          {500, NULL, "{}", 0},
                          fine
    },
                      2, &err));
    assert_int_equal(err.kind, ERR_SERVER);
    assert_int_equal(rig.asked, 1);
}

/* A change that went out without an answer may have been made all the same; a question not. */
static void test_what_became_of_a_change_without_an_answer_is_not_known(void **state)
{
    (void)state;
    static const char *const broken[] = {"", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"};
    static const char words[] = "whether it took effect is not known";
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
        struct aws_rig_answer answer[] = {
            {-1, NULL, broken[i], 0}
        };
        assert_false(sent(DMS_STOP, answer, 1, &err));
        assert_non_null(strstr(err.text, words));
        assert_false(sent(DMS_TASKS, answer, 1, &err));
        assert_null(strstr(err.text, words));
    }
    free(rig.cfg.aws.endpoint);
    rig.cfg.aws.endpoint = mem_strdup("http://127.0.0.1:1");
    assert_false(sent(DMS_STOP, &fine, 1, &err)); /* it was never sent */
    assert_int_equal(err.kind, ERR_REFUSED);
    assert_null(strstr(err.text, words));
}

static void test_the_deadline_ends_the_waiting(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct aws_answer answer;
    aws_rig_answers(&rig, &throttled, 1);
    struct aws_request req = {
        .call = DMS_TASKS, .deadline_ms = clock_mono_ms() + 300, .stop_fd = -1};
    assert_false(aws_send(rig.client, &req, &answer, &err));
    fakehttp_sync(rig.server);
    assert_true(err.kind == ERR_CONFLICT || err.kind == ERR_TIMEOUT);
    assert_in_range(rig.asked, 1, 6);
    /* With all the time in the world it gives up too. */
    assert_false(sent(DMS_TASKS, &throttled, 1, &err));
    assert_in_range(rig.asked, 2, 6);
}

static void test_a_refusal_is_remembered_until_it_is_over(void **state)
{
    (void)state;
    struct err err;
    struct aws_snap snap;
    struct arena *a = arena_new();
    assert_false(sent(DMS_TASKS,
                      (struct aws_rig_answer[]){
                          {400, NULL, DENIED, 0}
    },
                      1, &err));
    assert_int_equal(err.kind, ERR_DENIED);
    assert_int_equal(rig.asked, 1);
    assert_false(sent(MSKC_LIST,
                      (struct aws_rig_answer[]){
                          {403, NULL, "{}", 0}
    },
                      1, &err));
    assert_false(sent(MSKC_DESCRIBE,
                      (struct aws_rig_answer[]){
                          {403, "x-amzn-errortype: AccessDeniedException\r\n", "{}", 0}
    },
                      1, &err));
    facts(a, &snap);
    assert_int_equal(snap.ndenied, 2); /* a bare 403 is not IAM's */
    assert_string_equal(snap.denied[0].operation, "DescribeReplicationTasks");
    assert_string_equal(snap.denied[0].action, "dms:StartReplicationTask"); /* as it was said */
    assert_string_equal(snap.denied[0].resource, "arn:aws:dms:x:1:task:T");
    assert_string_equal(snap.denied[1].action, "kafkaconnect:DescribeConnector");
    assert_string_equal(snap.denied[1].resource, "arn:aws:x:eu-west-3:123456789012:thing/one");
    assert_true(sent(DMS_TASKS, &fine, 1, &err));
    facts(a, &snap);
    assert_int_equal(snap.ndenied, 1);
    assert_string_equal(snap.denied[0].operation, "DescribeConnector");
    arena_free(a);
}

/* No other credentials are to be had: the first refusal stands. */
static int64_t told_ms;

static int64_t told_time(void)
{
    return told_ms;
}

/* The newest are kept, and of an hour ago nothing is told: what is asked regularly was asked since.
 */
static void test_not_all_refusals_are_kept(void **state)
{
    (void)state;
    enum { MORE = AWS_DENIED_KEPT + 6, HOUR = 3600 * 1000 };
    char asked[16];
    told_ms = 1000;
    rig.aws->wall_ms = told_time;
    for (int i = 0; i < MORE; i++, told_ms++) {
        (void)snprintf(asked, sizeof(asked), "arn:%d", i);
        aws_denied(rig.aws, MSK_DESCRIBE_CLUSTER, asked, "", "", "no");
    }
    struct arena *a = arena_new();
    struct aws_snap snap;
    facts(a, &snap);
    assert_int_equal(snap.ndenied, AWS_DENIED_KEPT);
    for (size_t i = 0; i < snap.ndenied; i++) {
        assert_string_equal(snap.denied[i].action, "kafka:DescribeClusterV2");
        assert_string_not_equal(snap.denied[i].resource, "arn:5");
    }
    told_ms += HOUR;
    aws_denied(rig.aws, MSK_DESCRIBE_CLUSTER, asked, "", "", "again");
    facts(a, &snap);
    assert_int_equal(snap.ndenied, 1);
    assert_string_equal(snap.denied[0].message, "again");
    arena_free(a);
}

static void test_refused_credentials_are_not_tried_again(void **state)
{
    (void)state;
    struct err err;
    const struct aws_rig_answer expired[] = {
        {400, NULL, "{\"__type\":\"ExpiredTokenException\",\"message\":\"expired\"}", 0},
        fine
    };
    assert_false(sent(DMS_TASKS, expired, 2, &err));
    assert_int_equal(err.kind, ERR_AUTH);
    assert_string_equal(err.text, "ExpiredTokenException: expired");
    assert_int_equal(rig.asked, 1);
}

static void write_keys(const char *path, const char *id)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    (void)fprintf(f, "[default]\naws_access_key_id = %s\naws_secret_access_key = s\n", id);
    assert_int_equal(fclose(f), 0);
}

/* They were changed where they come from: with the new ones the call goes through. */
static void test_credentials_that_were_replaced_are_fetched_anew(void **state)
{
    (void)state;
    struct err err;
    char path[] = "/tmp/cdctop-keys-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    (void)close(fd);
    rig.cfg.aws.access_key_id[0] = rig.cfg.aws.secret_access_key[0] = '\0';
    rig.cfg.aws.session_token[0] = '\0';
    setenv("AWS_SHARED_CREDENTIALS_FILE", path, 1);
    write_keys(path, "AKIDOLD");
    assert_true(sent(DMS_TASKS, &fine, 1, &err));
    assert_non_null(strstr(rig.requests[0], "Credential=AKIDOLD/"));
    write_keys(path, "AKIDNEW");
    int64_t later = clock_wall_ms() + TEN_MINUTES; /* at once they are not fetched again */
    const struct aws_rig_answer refused[] = {
        {400, NULL, "{\"__type\":\"UnrecognizedClientException\",\"message\":\"who?\"}", later},
        {200, NULL, "{}",                                                                later},
    };
    assert_true(sent(DMS_STOP, refused, 2, &err));
    assert_int_equal(rig.asked, 2);
    assert_non_null(strstr(rig.requests[1], "Credential=AKIDNEW/"));
    unsetenv("AWS_SHARED_CREDENTIALS_FILE");
    (void)unlink(path);
}

static void test_no_error_gives_a_secret_away(void **state)
{
    (void)state;
    struct err err;
    static const char *const quoting[] = {
        "{\"__type\":\"InvalidSignatureException\",\"message\":\"Credential=" AWS_RIG_KEY
        "/20261127 x-amz-security-token:" AWS_RIG_TOKEN " " AWS_RIG_SECRET "\"}",
        "{\"__type\":\"InvalidSignatureException\",\"message\":\"no match.\\n\\nThe Canonical "
        "String was\\nx-amz-security-token:" AWS_RIG_TOKEN "\"}",
        "no JSON: " AWS_RIG_TOKEN,
    };
    for (size_t i = 0; i < ARRAY_LEN(quoting); i++) {
        struct aws_rig_answer a[] = {
            {403, NULL, quoting[i], 0}
        };
        assert_false(sent(DMS_TASKS, a, 1, &err)); /* looks for the secrets */
    }
    struct aws_rig_answer denied[] = {
        {403, "x-amzn-errortype: AccessDeniedException\r\n",
         "{\"message\":\"not authorized to perform: a:b on resource: " AWS_RIG_TOKEN "\"}", 0}
    };
    assert_false(sent(DMS_TASKS, denied, 1, &err));
    struct arena *a = arena_new();
    struct aws_snap snap;
    facts(a, &snap);
    for (size_t i = 0; i < snap.ndenied; i++) {
        assert_false(aws_rig_leaks(snap.denied[i].message));
        assert_false(aws_rig_leaks(snap.denied[i].resource));
    }
    arena_free(a);
}

/* A good status with a body that is none is found where the body is read. */
static void test_garbage_with_a_good_status_is_a_protocol_error(void **state)
{
    (void)state;
    static const char *const garbage[] = {"<html>log in first</html>", "{\"a\":", "", "\x01\x02"};
    for (size_t i = 0; i < ARRAY_LEN(garbage); i++) {
        struct aws_answer answer;
        struct err err = ERR_INIT;
        struct arena *a = arena_new();
        aws_rig_answers(&rig,
                        (struct aws_rig_answer[]){
                            {200, NULL, garbage[i], 0}
        },
                        1);
        assert_true(aws_rig_send(&rig, DMS_TASKS, &answer, &err));
        assert_null(json_parse(answer.body.text, answer.body.len, &err));
        assert_int_equal(err.kind, ERR_PROTOCOL);
        err = (struct err)ERR_INIT;
        if (i > 0) { /* that page is well-formed XML */
            assert_null(xmltree_read(answer.body.text, answer.body.len, a, &err));
            assert_int_equal(err.kind, ERR_PROTOCOL);
        }
        aws_answer_free(&answer);
        arena_free(a);
    }
}

static void test_every_call_ends_at_a_server_that_is_frozen_or_talks_garbage(void **state)
{
    (void)state;
    for (int c = 0; c < AWS_CALL_COUNT; c++) {
        struct err err = ERR_INIT;
        struct aws_answer answer;
        aws_rig_answers(&rig,
                        (struct aws_rig_answer[]){
                            {0, NULL, "", 0}
        },
                        1);
        struct aws_request req = {
            .call = (enum aws_call)c, .deadline_ms = clock_mono_ms() + 50, .stop_fd = -1};
        assert_false(aws_send(rig.client, &req, &answer, &err));
        assert_int_equal(err.kind, ERR_TIMEOUT);
        assert_false(sent((enum aws_call)c,
                          (struct aws_rig_answer[]){
                              {-1, NULL, "SSH-2.0-OpenSSH_9.2\r\n\r\n", 0}
        },
                          1, &err));
        assert_int_equal(err.kind, ERR_PROTOCOL);
        assert_false(
            sent((enum aws_call)c,
                 (struct aws_rig_answer[]){
                     {-1, NULL, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"cut\":", 0}
        },
                 1, &err));
        assert_int_equal(err.kind, ERR_PROTOCOL);
    }
}

/* A plain endpoint goes through http_proxy, in lower case only, as with libcurl's other users. */
static void test_a_proxy_is_used_and_left_out(void **state)
{
    (void)state;
    struct err err;
    free(rig.cfg.aws.endpoint);
    rig.cfg.aws.endpoint = mem_strdup("http://dms.example.invalid");
    setenv("http_proxy", rig.url, 1);
    assert_true(sent(DMS_TASKS, &fine, 1, &err));
    assert_non_null(strstr(rig.requests[0], "POST http://dms.example.invalid/ HTTP/1.1\r\n"));
    /* TLS: a tunnel is asked for, and the proxy sees neither keys nor bodies. */
    free(rig.cfg.aws.endpoint);
    rig.cfg.aws.endpoint = mem_strdup("");
    setenv("HTTPS_PROXY", rig.url, 1);
    assert_false(sent(DMS_TASKS,
                      (struct aws_rig_answer[]){
                          {403, NULL, "no", 0}
    },
                      1, &err));
    assert_non_null(strstr(rig.requests[0], "CONNECT dms.eu-west-3.amazonaws.com:443 HTTP/1.1"));
    assert_null(strstr(rig.requests[0], "Authorization"));
    assert_null(strstr(rig.requests[0], "X-Amz"));
    unsetenv("HTTPS_PROXY");
    free(rig.cfg.aws.endpoint);
    rig.cfg.aws.endpoint = mem_strdup(rig.url);
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("NO_PROXY", "127.0.0.1", 1);
    assert_true(sent(DMS_TASKS, &fine, 1, &err));
    unsetenv("http_proxy");
    unsetenv("NO_PROXY");
}

static void test_the_pace_of_the_cost(void **state)
{
    (void)state;
    enum { MINUTE = 60 * 1000 };
    struct aws_pace pace = {.since_ms = 100 * MINUTE};
    for (int64_t m = 100; m < 140; m++) {
        aws_pace_add(&pace, m * MINUTE, 500 * 1000); /* 500 millionths a minute */
        int64_t pace_now = aws_pace_per_hour(&pace, (m + 1) * MINUTE);
        if (m < 104)
            assert_true(pace_now == UNKNOWN);
        else
            assert_in_range(pace_now, 29900, 30100);
    }
    assert_int_equal(aws_pace_per_hour(&pace, 200 * MINUTE), 0);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_what_is_sent),
        CASE(test_a_path_of_the_endpoint_stays_before_that_of_the_call),
        CASE(test_a_wrong_clock_is_corrected_once),
        CASE(test_a_clock_that_is_set_meanwhile_is_measured_anew),
        CASE(test_throttling_is_waited_out),
        CASE(test_what_changes_something_is_sent_once),
        CASE(test_what_became_of_a_change_without_an_answer_is_not_known),
        CASE(test_the_deadline_ends_the_waiting),
        CASE(test_a_refusal_is_remembered_until_it_is_over),
        CASE(test_not_all_refusals_are_kept),
        CASE(test_refused_credentials_are_not_tried_again),
        CASE(test_credentials_that_were_replaced_are_fetched_anew),
        CASE(test_no_error_gives_a_secret_away),
        CASE(test_garbage_with_a_good_status_is_a_protocol_error),
        CASE(test_every_call_ends_at_a_server_that_is_frozen_or_talks_garbage),
        CASE(test_a_proxy_is_used_and_left_out),
        CASE(test_the_pace_of_the_cost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
