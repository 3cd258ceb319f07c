/* What goes over the wire to Connect when an action is carried out: retried while Connect is busy,
 * in the order that was shown, and given up in time. */
#include "action/action.h"
#include "base/clock.h"
#include "base/mailbox.h"
#include "base/mem.h"
#include "tests/check.h"
#include "tests/unit/fakehttp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CALLS = 16 };

struct rig {
    struct fakehttp *server;
    int busy; /* answers 409 so many times first; -1: always */
    char calls[CALLS][200];
    int ncalls, nsaid;
    char said[400];
    int stop;
    char url[60];
    char *urls[1];
    struct config config;
    struct pipeline_config pipeline;
};

static void worker_of_connect(struct fakehttp *server, int fd, const struct fakehttp_request *req,
                              void *arg)
{
    struct rig *r = arg;
    (void)server;
    if (r->ncalls < CALLS)
        (void)snprintf(r->calls[r->ncalls], sizeof(r->calls[0]), "%s %.150s", req->method,
                       req->target);
    r->ncalls++;
    if (r->busy < 0 || r->ncalls <= r->busy)
        fakehttp_answer(fd, 409, "Content-Type: application/json\r\n",
                        "{\"error_code\":409,\"message\":\"Cannot complete request momentarily due "
                        "to stale configuration (typically caused by a concurrent config "
                        "change)\"}");
    else
        fakehttp_answer(fd, 202, "Content-Type: application/json\r\n", "{}");
}

static void rig_open(struct rig *r, int busy)
{
    static char none[] = "";
    *r = (struct rig){.busy = busy};
    r->server = fakehttp_start(worker_of_connect, r);
    r->stop = bell_open();
    (void)snprintf(r->url, sizeof(r->url), "http://127.0.0.1:%d", fakehttp_port(r->server));
    r->urls[0] = r->url;
    struct connect_config *c = &r->pipeline.connect;
    c->urls = (struct strlist){r->urls, 1};
    c->username = c->password = c->ssl_ca = c->ssl_certificate = c->ssl_key = none;
    c->timeout_ms = 5000;
}

static void rig_close(struct rig *r)
{
    fakehttp_stop(r->server);
    (void)close(r->stop);
}

static void on_progress(void *ctx, enum action_state state, const char *text)
{
    struct rig *r = ctx;
    assert_int_equal(state, ACTION_SENDING);
    r->nsaid++;
    (void)snprintf(r->said, sizeof(r->said), "%s", text);
}

static bool send_it(struct rig *r, struct action_args *args, struct action_route *route,
                    int64_t within_ms, struct err *err)
{
    struct action_run run = {.args = args,
                             .config = &r->config,
                             .pipeline = &r->pipeline,
                             .route = route,
                             .deadline_ms = clock_mono_ms() + within_ms,
                             .stop_fd = r->stop,
                             .progress = on_progress,
                             .progress_ctx = r};
    bool ok = action_send(&run, err);
    fakehttp_sync(r->server);
    return ok;
}

static void test_a_busy_connect_is_asked_again_and_that_is_said(void **state)
{
    (void)state;
    struct rig r;
    struct err err = ERR_INIT;
    rig_open(&r, 2);
    struct action_args *args = action_args_new(ACTION_RESTART, 0, "my sink/1");
    struct action_route route = {.slot_owner = NULL};
    assert_true(send_it(&r, args, &route, 30000, &err));
    assert_int_equal(r.ncalls, 3);
    for (int i = 0; i < 3; i++)
        assert_string_equal(r.calls[i], "POST /connectors/my%20sink%2F1/restart?includeTasks=true&"
                                        "onlyFailed=true");
    assert_int_equal(r.nsaid, 2);
    assert_non_null(strstr(r.said, "stale configuration"));
    action_args_free(args);
    rig_close(&r);
}

static void test_busy_for_ever_is_given_up_with_its_reason(void **state)
{
    (void)state;
    struct rig r;
    struct err err = ERR_INIT;
    rig_open(&r, -1);
    struct action_args *args = action_args_new(ACTION_PAUSE, 0, "sink");
    struct action_route route = {.slot_owner = NULL};
    assert_false(send_it(&r, args, &route, 2500, &err));
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_non_null(strstr(err.text, "stale configuration"));
    assert_string_equal(r.calls[0], "PUT /connectors/sink/pause");
    action_args_free(args);
    rig_close(&r);
}

static void test_a_stop_ends_the_waiting(void **state)
{
    (void)state;
    struct rig r;
    struct err err = ERR_INIT;
    rig_open(&r, -1);
    bell_ring(r.stop);
    struct action_args *args = action_args_new(ACTION_STOP, 0, "sink");
    struct action_route route = {.slot_owner = NULL};
    assert_false(send_it(&r, args, &route, 60000, &err));
    assert_int_equal(err.kind, ERR_STOPPED);
    action_args_free(args);
    rig_close(&r);
}

static void test_an_old_connect_is_called_task_by_task(void **state)
{
    (void)state;
    struct rig r;
    struct err err = ERR_INIT;
    int tasks[] = {0, 2};
    rig_open(&r, 0);
    struct action_args *args = action_args_new(ACTION_RESTART, 0, "sink");
    args->scope = RESTART_ALL;
    struct action_route route = {
        .each_task = true, .connector_too = true, .tasks = tasks, .ntasks = 2};
    assert_true(send_it(&r, args, &route, 30000, &err));
    assert_int_equal(r.ncalls, 3);
    assert_string_equal(r.calls[0], "POST /connectors/sink/restart");
    assert_string_equal(r.calls[1], "POST /connectors/sink/tasks/0/restart");
    assert_string_equal(r.calls[2], "POST /connectors/sink/tasks/2/restart");
    action_args_free(args);
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_busy_connect_is_asked_again_and_that_is_said),
        cmocka_unit_test(test_busy_for_ever_is_given_up_with_its_reason),
        cmocka_unit_test(test_a_stop_ends_the_waiting),
        cmocka_unit_test(test_an_old_connect_is_called_task_by_task),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
