/* Behind a pooler: a relay that hands out a process number of its own at login, as poolers do. What
 * the session is told to be must then travel with each statement, and nothing may stay behind. */
#include "base/clock.h"
#include "base/mem.h"
#include "net/pgconn.h"
#include "tests/check.h"
#include "tests/live/postgres_help.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct relay {
    int listener, port, server_port;
    pthread_t thread;
};

static struct test_server server;
static struct relay relay;

static int tcp(int port, bool listening, int *bound)
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t len = sizeof(addr);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    bool ok = listening ? bind(fd, (struct sockaddr *)&addr, len) == 0 && listen(fd, 8) == 0 &&
                              getsockname(fd, (struct sockaddr *)&addr, &len) == 0
                        : connect(fd, (struct sockaddr *)&addr, len) == 0;
    if (bound != NULL)
        *bound = ntohs(addr.sin_port);
    return ok ? fd : -1;
}

/* BackendKeyData is 'K', length 12, process, key: the process becomes another. */
static void change_pid(unsigned char *data, size_t n)
{
    static const unsigned char head[] = {'K', 0, 0, 0, 12};
    for (size_t i = 0; i + 9 <= n; i++) {
        if (memcmp(data + i, head, sizeof(head)) == 0)
            data[i + 6] ^= 0x40;
    }
}

static void carry(int client, int upstream)
{
    struct pollfd fds[2] = {
        {.fd = client,   .events = POLLIN},
        {.fd = upstream, .events = POLLIN}
    };
    unsigned char data[16384];
    while (poll(fds, 2, -1) > 0) {
        for (int i = 0; i < 2; i++) {
            if (fds[i].revents == 0)
                continue;
            ssize_t n = recv(fds[i].fd, data, sizeof(data), 0);
            if (n <= 0)
                return;
            if (i == 1)
                change_pid(data, (size_t)n);
            if (send(fds[1 - i].fd, data, (size_t)n, MSG_NOSIGNAL) != n)
                return;
        }
    }
}

/* One client at a time is enough: polls and queries here follow each other. */
static void *relay_main(void *arg)
{
    const struct relay *r = arg;
    for (int client; (client = accept(r->listener, NULL, NULL)) >= 0;) {
        int upstream = tcp(r->server_port, false, NULL);
        if (upstream >= 0)
            carry(client, upstream);
        (void)close(upstream);
        (void)close(client);
    }
    return NULL;
}

static int setup(void **state)
{
    (void)state;
    if (!server_up(&server, 17))
        return -1;
    relay.server_port = server.port;
    relay.listener = tcp(0, true, &relay.port);
    return relay.listener >= 0 ? pthread_create(&relay.thread, NULL, relay_main, &relay) : -1;
}

static int teardown(void **state)
{
    (void)state;
    (void)shutdown(relay.listener, SHUT_RDWR);
    (void)pthread_join(relay.thread, NULL);
    (void)close(relay.listener);
    server_down(&server);
    return 0;
}

static void test_polls_go_through(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    run_sql(server.port, "postgres",
            "SELECT pg_create_logical_replication_slot('old', 'pgoutput')");
    struct snapshot *snap =
        poll_alone(pg_pipeline(relay.port, "postgres", "postgres", "postgres"), &err);
    if (snap == NULL)
        fail_msg("%s", err.text);
    assert_int_equal(snap->notes.count, 0);
    assert_non_null(find_slot(snap, "old"));
    assert_true(find_slot(snap, "old")->retained >= 0);
    assert_true(snap->pg.nsettings > 0);
    snapshot_free(snap);
}

static void expect_cell(struct pgconn *conn, struct arena *arena, const char *sql,
                        const char *const *params, int n, const char *expected)
{
    struct err err = ERR_INIT;
    struct pgrows *rows = pgconn_query(conn, arena, sql, params, n, &err);
    if (rows == NULL)
        fail_msg("%s: %s", sql, err.text);
    assert_string_equal(pgrows_text(rows, 0, 0), expected);
}

static void test_settings_travel_with_the_statement_and_do_not_stay(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct pgconn_params params = {
        .conninfo = pg_pipeline(relay.port, "postgres", "postgres", "postgres")->postgres.conninfo,
        .password = "postgres",
        .statement_timeout_ms = 2500};
    struct pgconn *conn = pgconn_open(&params, clock_mono_ms() + 10000, -1, &err);
    if (conn == NULL)
        fail_msg("%s", err.text);
    struct arena *arena = arena_new();
    assert_true(pgconn_pooled(conn));
    expect_cell(conn, arena, "SELECT current_setting('statement_timeout')", NULL, 0, "2500ms");
    expect_cell(conn, arena, "SELECT current_setting('transaction_read_only')", NULL, 0, "on");
    assert_null(pgconn_query(conn, arena, "CREATE TABLE oops (a int)", NULL, 0, &err));
    assert_int_equal(err.kind, ERR_DENIED);
    /* The failed transaction was closed, and the connection is as others left it. */
    assert_true(pgconn_usable(conn));
    const char *one[] = {"1"};
    expect_cell(conn, arena, "SELECT current_setting('statement_timeout') || $1", one, 1, "01");
    expect_cell(conn, arena, "SELECT current_setting('default_transaction_read_only') || $1", one,
                1, "off1");
    arena_free(arena);
    pgconn_close(conn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_polls_go_through, setup, teardown),
        cmocka_unit_test_setup_teardown(test_settings_travel_with_the_statement_and_do_not_stay,
                                        setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
