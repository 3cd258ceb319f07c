/* The whole engine against servers that are not there, or accept and then say nothing. Threads:
 * also run under ThreadSanitizer. */
#include "base/clock.h"
#include "base/mem.h"
#include "engine.h"
#include "tests/check.h"
#include "tests/unit/fakeconnect.h"
#include "tests/unit/keep.h"
#include "tests/unit/threads.h"

#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A port of ours; listening 1: connections are taken by the kernel and never answered. */
static int port_of(int *fd, int listening)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(at);
    *fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(*fd, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(getsockname(*fd, (struct sockaddr *)&at, &len), 0);
    if (listening)
        assert_int_equal(listen(*fd, 16), 0);
    return ntohs(at.sin_port);
}

struct rig {
    int fds[SOURCE_OWN_COUNT];
    int threads; /* before it */
    struct config *config;
    struct engine *engine;
};

static void rig_open(struct rig *r, int listening)
{
    char pg[100];
    char kafka[60];
    char connect[60];
    static char endpoint[60];
    r->threads = threads_count();
    (void)signal(SIGPIPE, SIG_IGN);
    (void)snprintf(pg, sizeof(pg), "postgresql://u@127.0.0.1:%d/d", port_of(&r->fds[0], listening));
    (void)snprintf(kafka, sizeof(kafka), "127.0.0.1:%d", port_of(&r->fds[1], listening));
    (void)snprintf(connect, sizeof(connect), "http://127.0.0.1:%d", port_of(&r->fds[2], listening));
    (void)snprintf(endpoint, sizeof(endpoint), "http://127.0.0.1:%d",
                   port_of(&r->fds[3], listening));
    assert_int_equal(setenv("AWS_ENDPOINT_URL_S3", endpoint, 1), 0);
    assert_int_equal(setenv("AWS_ACCESS_KEY_ID", "a", 1), 0);
    assert_int_equal(setenv("AWS_SECRET_ACCESS_KEY", "b", 1), 0);
    assert_int_equal(setenv("AWS_REGION", "us-east-1", 1), 0);
    struct config_flags flags = {.pg = pg, .kafka = kafka, .connect = connect, .s3 = "s3://lake"};
    struct config_problems problems = {0};
    r->config = config_load(&flags, &problems);
    assert_non_null(r->config);
    config_problems_free(&problems);
    r->config->interval_ms = 500;
    struct err err = ERR_INIT;
    r->engine = engine_start(r->config, live_backend(), &err);
    assert_non_null(r->engine);
}

static void step(struct rig *r)
{
    struct pollfd fd = {.fd = engine_fd(r->engine), .events = POLLIN};
    (void)poll(&fd, 1, 200);
    (void)engine_step(r->engine);
}

static bool all_in(const struct rig *r, enum source_state state)
{
    for (int k = 0; k < SOURCE_OWN_COUNT; k++) {
        if (world_state(engine_world(r->engine), 0, (enum source_kind)k) != state)
            return false;
    }
    return true;
}

static void rig_close(struct rig *r)
{
    /* librdkafka cannot be interrupted: what is not joined in time is left, and then memory is too.
     */
    if (engine_stop(r->engine, 10000)) {
        threads_wait(r->threads);
        config_free(r->config);
    }
    for (int k = 0; k < SOURCE_OWN_COUNT; k++)
        (void)close(r->fds[k]);
}

static void test_before_any_answer_everything_waits(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, 1);
    const struct pipeline *p = engine_pipeline(r.engine, 0);
    assert_true(all_in(&r, STATE_WAITING));
    for (int i = 0; i < HOP_COUNT; i++)
        assert_int_equal(p->hops[i].verdict, VERDICT_UNKNOWN);
    rig_close(&r);
}

static void test_servers_that_are_not_there_become_unknown_with_the_error(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, 0);
    int64_t deadline = clock_mono_ms() + 120000;
    while (!all_in(&r, STATE_FAILING) && clock_left_ms(deadline) > 0)
        step(&r);
    assert_true(all_in(&r, STATE_FAILING));
    const struct pipeline *p = engine_pipeline(r.engine, 0);
    for (int i = 0; i < HOP_COUNT; i++)
        assert_int_equal(p->hops[i].verdict, VERDICT_UNKNOWN);
    assert_true(engine_findings(r.engine, 0)->count >= SOURCE_OWN_COUNT);
    for (int k = 0; k < SOURCE_OWN_COUNT; k++)
        assert_true(engine_world(r.engine)->pipelines[0].sources[k].err.text[0] != '\0');
    rig_close(&r);
}

static void test_what_is_not_allowed_is_not_queued(void **state)
{
    (void)state;
    struct rig r;
    struct err err = ERR_INIT;
    rig_open(&r, 0);
    struct action_args *args = action_args_new(ACTION_DROP_SLOT, 0, "nothing");
    assert_int_equal(engine_submit(r.engine, args, &err), 0);
    assert_non_null(strstr(err.text, "no slot named nothing"));
    struct action_status none[4];
    assert_int_equal(engine_actions(r.engine, none, 4), 0);
    action_args_free(args);
    rig_close(&r);
}

/* A Connect that accepts everything and whose connector never gets anywhere. */
static const struct fake_rule accepting[] = {
    {"/connectors/sink/restart", 202, NULL, "{}"                                      },
    {"/connectors?",             200, NULL,
     "{\"sink\":{\"info\":{\"name\":\"sink\",\"config\":{\"connector.class\":"
     "\"io.confluent.connect.s3.S3SinkConnector\",\"topics\":\"t\"},\"type\":\"sink\"},"
     "\"status\":{\"name\":\"sink\",\"connector\":{\"state\":\"RUNNING\","
     "\"worker_id\":\"w\"},\"tasks\":[{\"id\":0,\"state\":\"RUNNING\",\"worker_id\":\"w\"}],"
     "\"type\":\"sink\"}}}"                                                           },
    {"/connectors/sink/topics",  200, NULL, "{\"sink\":{\"topics\":[]}}"              },
    {"/connectors/sink/offsets", 200, NULL, "{\"offsets\":[]}"                        },
    {"/",                        200, NULL, "{\"version\":\"3.9.1\",\"commit\":\"c\"}"},
};

static void test_leaving_an_action_puts_its_outcome_on_record(void **state)
{
    (void)state;
    char path[] = "/tmp/cdctop-engine-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    (void)close(fd);
    struct fakeconnect connect;
    fakeconnect_start(&connect, accepting, ARRAY_LEN(accepting));
    struct config_flags flags = {.connect = connect.url};
    struct config_problems problems = {0};
    struct config *config = config_load(&flags, &problems);
    assert_non_null(config);
    config_problems_free(&problems);
    free(config->audit_log);
    config->audit_log = mem_strdup(path);
    struct err err = ERR_INIT;
    struct rig r = {.config = config, .engine = engine_start(config, live_backend(), &err)};
    assert_non_null(r.engine);
    while (world_state(engine_world(r.engine), 0, SOURCE_CONNECT) != STATE_FRESH)
        step(&r);
    struct action_args *args = action_args_new(ACTION_RESTART, 0, "sink");
    args->scope = RESTART_ALL;
    assert_int_not_equal(engine_submit(r.engine, args, &err), 0);
    action_args_free(args);
    struct action_status st = {0};
    while (engine_actions(r.engine, &st, 1) == 1 && st.state < ACTION_WATCHING)
        step(&r);
    assert_int_equal(st.state, ACTION_WATCHING);
    const struct ledger *ledger = &engine_world(r.engine)->pipelines[0].ledger;
    const struct ledger_entry *entry = ledger_newest(ledger, ACTION_RESTART, "sink");
    assert_non_null(entry); /* what the rules see of it */
    assert_int_equal(entry->state, LEDGER_WATCHING);
    assert_true(entry->accepted_mono_ms != UNKNOWN && entry->ended_mono_ms == UNKNOWN);
    assert_true(engine_stop(r.engine, 10000));
    config_free(config);
    fakeconnect_stop(&connect);
    char text[4000] = "";
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
    (void)fclose(f);
    keep_file(path);
    const char *outcome = strstr(text, "\"outcome\"");
    assert_non_null(outcome);
    assert_true(strstr(text, "\"request\"") < outcome);
    assert_non_null(strstr(outcome, "\"unseen\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_before_any_answer_everything_waits),
        cmocka_unit_test(test_servers_that_are_not_there_become_unknown_with_the_error),
        cmocka_unit_test(test_what_is_not_allowed_is_not_queued),
        cmocka_unit_test(test_leaving_an_action_puts_its_outcome_on_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
