/* The PostgreSQL source on bad days: frozen, killed, restarted, full, garbage, and told to stop. */
#include "base/clock.h"
#include "base/mem.h"
#include "tests/check.h"
#include "tests/live/postgres_help.h"
#include "tests/unit/keep.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { VERSION = 17 };

static struct test_server server;
static void *source;

static int setup(void **state)
{
    (void)state;
    if (!server_up(&server, VERSION))
        return -1;
    source =
        source_postgres.open(pg_pipeline(server.port, "postgres", "postgres", "postgres"), NULL);
    return source != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    if (source != NULL)
        source_postgres.close(source);
    source = NULL;
    server_down(&server);
    return 0;
}

static void expect_good(const char *when)
{
    struct err err = ERR_INIT;
    struct snapshot *snap = poll_once(source, false, 10000, &err);
    if (snap == NULL)
        fail_msg("%s: %s", when, err.text);
    assert_int_equal(snap->pg.version_num / 10000, VERSION);
    assert_true(snap->pg.nsettings > 0);
    snapshot_free(snap);
}

static void expect_error(const char *when, int ms, enum err_kind kind, const char *piece)
{
    struct err err = ERR_INIT;
    struct snapshot *snap = poll_once(source, false, ms, &err);
    if (snap != NULL)
        fail_msg("%s: the poll succeeded", when);
    if (err.kind != kind || strstr(err.text, piece) == NULL)
        fail_msg("%s: %s '%s'", when, err_kind_name(err.kind), err.text);
}

static void test_frozen_server_times_out_and_recovers(void **state)
{
    (void)state;
    expect_good("before");
    server_signal(&server, SIGSTOP);
    expect_error("frozen in a session", 2000, ERR_TIMEOUT, "no answer");
    expect_error("frozen at login", 2000, ERR_TIMEOUT, "took the connection but does not answer");
    server_signal(&server, SIGCONT);
    expect_good("thawed");
    /* Saying goodbye to a frozen server must not wait for it. */
    server_signal(&server, SIGSTOP);
    source_postgres.close(source);
    source = NULL;
    server_signal(&server, SIGCONT);
}

/* Without a deadline that could end it first, only the stop fd can. */
static void test_stop_ends_a_poll_of_a_frozen_server(void **state)
{
    (void)state;
    int fd = eventfd(1, 0);
    assert_true(fd >= 0);
    struct poll_ctx ctx = {.deadline_ms = clock_mono_ms() + 3600000, .stop_fd = fd};
    struct err err = ERR_INIT;
    expect_good("before");
    server_signal(&server, SIGSTOP);
    assert_null(source_postgres.poll(source, &ctx, &err)); /* in a session */
    assert_int_equal(err.kind, ERR_STOPPED);
    assert_null(source_postgres.poll(source, &ctx, &err)); /* at login */
    assert_int_equal(err.kind, ERR_STOPPED);
    (void)close(fd);
    /* Closing a source whose server is frozen comes back. */
    source_postgres.close(source);
    source = NULL;
    server_signal(&server, SIGCONT);
}

static void test_killed_and_started_again(void **state)
{
    (void)state;
    expect_good("before");
    server_signal(&server, SIGKILL);
    while (!port_refuses(server.port)) /* dying takes its time, too */
        (void)usleep(10000);
    expect_error("killed", 10000, ERR_REFUSED, "nothing listens there");
    expect_error("still down", 10000, ERR_REFUSED, "nothing listens there");
    assert_true(server_again(&server, VERSION));
    expect_good("started again");
}

static void test_restart_between_two_polls_goes_unnoticed(void **state)
{
    (void)state;
    expect_good("before");
    server_stop(&server);
    assert_true(server_again(&server, VERSION));
    expect_good("after");
}

static void test_ended_session_is_replaced(void **state)
{
    (void)state;
    expect_good("before");
    run_sql(server.port, "postgres",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'cdctop' AND pid <> pg_backend_pid()");
    expect_good("after");
}

static void test_no_free_connection(void **state)
{
    (void)state;
    run_sql(server.port, "postgres", "CREATE ROLE one LOGIN PASSWORD 'one' CONNECTION LIMIT 0");
    source_postgres.close(source);
    source = source_postgres.open(pg_pipeline(server.port, "one", "one", "postgres"), NULL);
    expect_error("full", 10000, ERR_SERVER, "no free connection");
}

static void test_locked_catalog_costs_only_its_part(void **state)
{
    (void)state;
    run_sql(server.port, "postgres", "CREATE ROLE plain LOGIN PASSWORD 'plain'");
    run_sql(server.port, "postgres", "REVOKE SELECT ON pg_publication FROM PUBLIC");
    run_sql(server.port, "postgres", "REVOKE SELECT ON pg_stat_replication FROM PUBLIC");
    struct err err = ERR_INIT;
    struct snapshot *snap =
        poll_alone(pg_pipeline(server.port, "plain", "plain", "postgres"), &err);
    if (snap == NULL)
        fail_msg("%s", err.text);
    const struct note *note = find_note(snap, "walsenders");
    assert_non_null(note);
    assert_string_equal(note->fix, "GRANT SELECT ON pg_stat_replication TO plain");
    assert_non_null(find_note(snap, "publications"));
    assert_true(snap->pg.nsettings > 0);
    snapshot_free(snap);
}

/* A listener whose queue is full drops what comes, as a machine that is gone does. */
static void test_next_host_is_tried_when_one_is_gone(void **state)
{
    (void)state;
    struct sockaddr_in addr = {.sin_family = AF_INET};
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t len = sizeof(addr);
    int gone = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(gone, (struct sockaddr *)&addr, len), 0);
    assert_int_equal(listen(gone, 0), 0);
    assert_int_equal(getsockname(gone, (struct sockaddr *)&addr, &len), 0);
    int fill[3];
    for (size_t i = 0; i < ARRAY_LEN(fill); i++) {
        fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(fill[i], (struct sockaddr *)&addr, len);
    }
    char url[200];
    (void)snprintf(url, sizeof(url), "postgresql://postgres@127.0.0.1:%d,127.0.0.1:%d/postgres",
                   ntohs(addr.sin_port), server.port);
    char password[] = "postgres";
    struct pipeline_config cfg = {
        .postgres = {.conninfo = url, .password = password}
    };
    struct err err = ERR_INIT;
    struct snapshot *snap = poll_alone(&cfg, &err);
    for (size_t i = 0; i < ARRAY_LEN(fill); i++)
        (void)close(fill[i]);
    (void)close(gone);
    if (snap == NULL)
        fail_msg("%s", err.text);
    assert_int_equal(snap->pg.port, server.port);
    snapshot_free(snap);
}

/* ---- servers that are none --------------------------------------------------------------------
 */

struct impostor {
    int fd;
    const char *says;
};

static void *impostor_main(void *arg)
{
    struct impostor *imp = arg;
    for (;;) {
        int fd = accept(imp->fd, NULL, NULL);
        if (fd < 0)
            return NULL;
        char in[512];
        ssize_t n = recv(fd, in, sizeof(in), 0);
        if (n > 0)
            (void)send(fd, imp->says, strlen(imp->says), MSG_NOSIGNAL);
        (void)close(fd);
    }
}

static void poll_impostor(const char *says, struct err *err)
{
    struct sockaddr_in addr = {.sin_family = AF_INET};
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t len = sizeof(addr);
    struct impostor imp = {.fd = socket(AF_INET, SOCK_STREAM, 0), .says = says};
    assert_int_equal(bind(imp.fd, (struct sockaddr *)&addr, len), 0);
    assert_int_equal(listen(imp.fd, 8), 0);
    assert_int_equal(getsockname(imp.fd, (struct sockaddr *)&addr, &len), 0);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, impostor_main, &imp), 0);
    struct snapshot *snap =
        poll_alone(pg_pipeline(ntohs(addr.sin_port), "u", "secret77", "d"), err);
    (void)shutdown(imp.fd, SHUT_RDWR);
    (void)pthread_join(thread, NULL);
    (void)close(imp.fd);
    assert_null(snap);
    assert_null(strstr(err->text, "secret77"));
}

static void test_what_is_not_postgresql_is_said_to_be_none(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    poll_impostor("HTTP/1.1 400 Bad Request\r\n\r\n<html>", &err);
    assert_int_equal(err.kind, ERR_PROTOCOL);
    assert_non_null(strstr(err.text, "not PostgreSQL"));
    poll_impostor("N\xff\xff\xff\xff\xff", &err);
    assert_int_not_equal(err.kind, ERR_NONE);
    poll_impostor("", &err);
    assert_int_equal(err.kind, ERR_REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_frozen_server_times_out_and_recovers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stop_ends_a_poll_of_a_frozen_server, setup, teardown),
        cmocka_unit_test_setup_teardown(test_killed_and_started_again, setup, teardown),
        cmocka_unit_test_setup_teardown(test_restart_between_two_polls_goes_unnoticed, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_ended_session_is_replaced, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_free_connection, setup, teardown),
        cmocka_unit_test_setup_teardown(test_locked_catalog_costs_only_its_part, setup, teardown),
        cmocka_unit_test_setup_teardown(test_next_host_is_tried_when_one_is_gone, setup, teardown),
        cmocka_unit_test(test_what_is_not_postgresql_is_said_to_be_none),
    };
    return cmocka_run_group_tests(tests, NULL, keep_diary);
}
