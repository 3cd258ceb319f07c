/* The executor and its record: nothing is sent that was not written down first. Threads: also run
 * under ThreadSanitizer. */
#include "action/audit.h"
#include "action/worker.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mailbox.h"
#include "base/mem.h"
#include "tests/check.h"
#include "tests/unit/keep.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct rig {
    struct config config;
    struct pipeline_config pipeline;
    char dir[64];
    char path[128];
    int bell, stop;
    struct worker *worker;
};

static void rig_open(struct rig *r, const char *audit)
{
    *r = (struct rig){0};
    (void)snprintf(r->dir, sizeof(r->dir), "/tmp/cdctop-audit-XXXXXX");
    assert_non_null(mkdtemp(r->dir));
    (void)snprintf(r->path, sizeof(r->path), "%s%s", r->dir, audit);
    static char nothing[] = "";
    static char name[] = "p";
    static char dead[] = "http://127.0.0.1:1"; /* nothing listens on port 1 */
    static char *url[] = {dead};
    struct connect_config *c = &r->pipeline.connect;
    r->pipeline.name = name;
    c->urls = (struct strlist){url, 1};
    c->username = c->password = c->ssl_ca = c->ssl_key = c->ssl_certificate = nothing;
    r->pipeline.connect.timeout_ms = 2000;
    r->config.pipelines = &r->pipeline;
    r->config.npipelines = 1;
    r->config.audit_log = r->path;
    r->bell = bell_open();
    r->stop = bell_open();
    struct err err = ERR_INIT;
    r->worker = worker_start(&r->config, NULL, r->bell, r->stop, &err);
    assert_non_null(r->worker);
}

static void rig_close(struct rig *r)
{
    bell_ring(r->stop);
    assert_true(worker_join(r->worker, clock_mono_ms() + 120000));
    (void)close(r->bell);
    (void)close(r->stop);
    keep_file(r->path);
    (void)rmdir(r->dir);
}

static unsigned submit(struct rig *r, struct err *err)
{
    const char *request[] = {"POST http://127.0.0.1:1/connectors/sink/restart"};
    struct action_args *args = action_args_new(ACTION_RESTART, 0, "sink");
    unsigned id =
        worker_submit(r->worker, args, mem_alloc(sizeof(struct action_route)), request, 1, err);
    action_args_free(args);
    return id;
}

static struct action_status wait_done(struct rig *r)
{
    struct action_status s = {0};
    int64_t deadline = clock_mono_ms() + 120000;
    while (!action_done(s.state) && clock_left_ms(deadline) > 0) {
        struct pollfd fd = {.fd = r->bell, .events = POLLIN};
        (void)poll(&fd, 1, 100);
        bell_clear(r->bell);
        while (!action_done(s.state) && worker_collect(r->worker, &s))
            continue;
    }
    return s;
}

static cJSON *record(const struct rig *r, int line)
{
    FILE *in = fopen(r->path, "r");
    assert_non_null(in);
    char buf[4096];
    cJSON *found = NULL;
    for (int i = 0; fgets(buf, sizeof(buf), in) != NULL; i++) {
        if (i == line)
            found = cJSON_Parse(buf);
    }
    (void)fclose(in);
    return found;
}

static void test_the_record_is_there_before_and_after(void **state)
{
    (void)state;
    struct rig r;
    struct err err = ERR_INIT;
    rig_open(&r, "/deep/er/audit.jsonl");
    unsigned id = submit(&r, &err);
    assert_int_not_equal(id, 0);
    struct action_status s = wait_done(&r);
    assert_int_equal(s.state, ACTION_FAILED);
    assert_non_null(strstr(s.text, "refused"));
    worker_outcome(r.worker, &s);
    bell_ring(r.stop);
    assert_true(worker_join(r.worker, clock_mono_ms() + 120000));
    struct stat st;
    assert_int_equal(stat(r.path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    cJSON *before = record(&r, 0);
    cJSON *after = record(&r, 1);
    assert_string_equal(json_str(before, "phase", ""), "request");
    assert_string_equal(json_str(before, "target", ""), "sink");
    assert_string_equal(cJSON_GetArrayItem(json_get(before, "request"), 0)->valuestring,
                        "POST http://127.0.0.1:1/connectors/sink/restart");
    assert_string_equal(json_str(after, "phase", ""), "outcome");
    assert_string_equal(json_str(after, "state", ""), "failed");
    assert_int_equal(json_int(after, "id", -1), json_int(before, "id", -2));
    cJSON_Delete(before);
    cJSON_Delete(after);
    (void)close(r.bell);
    (void)close(r.stop);
    keep_file(r.path);
    for (int i = 0; i < 3; i++) { /* …/deep/er, …/deep, … */
        *strrchr(r.path, '/') = '\0';
        assert_int_equal(rmdir(r.path), 0);
    }
}

static void test_what_cannot_be_recorded_is_not_sent(void **state)
{
    (void)state;
    struct rig r;
    struct err err = ERR_INIT;
    rig_open(&r, ""); /* the path is a directory: no file can be opened there */
    assert_int_not_equal(submit(&r, &err), 0);
    struct action_status s = wait_done(&r);
    assert_int_equal(s.state, ACTION_FAILED);
    assert_non_null(strstr(s.text, "not sent, because it could not be recorded"));
    rig_close(&r);
}

static void test_read_only_refuses_in_the_executor_too(void **state)
{
    (void)state;
    struct rig r;
    struct err err = ERR_INIT;
    rig_open(&r, "/audit.jsonl");
    r.config.read_only = true;
    assert_int_equal(submit(&r, &err), 0);
    assert_int_equal(err.kind, ERR_DENIED);
    rig_close(&r);
}

static void test_the_queue_is_bounded(void **state)
{
    (void)state;
    struct rig r;
    struct err err = ERR_INIT;
    rig_open(&r, "/audit.jsonl");
    int taken = 0;
    for (int i = 0; i < 200; i++)
        taken += submit(&r, &err) != 0;
    assert_in_range(taken, WORKER_QUEUE, 199);
    assert_int_equal(err.kind, ERR_CONFLICT);
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_record_is_there_before_and_after),
        cmocka_unit_test(test_what_cannot_be_recorded_is_not_sent),
        cmocka_unit_test(test_read_only_refuses_in_the_executor_too),
        cmocka_unit_test(test_the_queue_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
