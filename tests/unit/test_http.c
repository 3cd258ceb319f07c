/* What the sources rely on in net/http: every way in which a server can misbehave ends in the right
 * error, by the deadline, without holding more than was allowed. */
#include "base/clock.h"
#include "base/mem.h"
#include "net/http.h"
#include "tests/check.h"
#include "tests/unit/fakehttp.h"

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MB = 1000 * 1000, PLENTY_MS = 120000 };

struct scene {
    int stop_fd;
    _Atomic size_t sent;
    char target[200], authorization[200], agent[80], custom[80], type[80], length[20], method[16];
    char body[100];
};

static void handle_mischief(struct fakehttp *s, int fd, const struct fakehttp_request *req,
                            struct scene *scene)
{
    static const char chunked[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    static char block[100000];
    if (strcmp(req->target, "/truncated") == 0) {
        static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"half\":";
        fakehttp_send(fd, text, sizeof(text) - 1);
    } else if (strcmp(req->target, "/endless") == 0) {
        fakehttp_send(fd, chunked, sizeof(chunked) - 1);
        while (fakehttp_send(fd, "5\r\nhello\r\n", 10) == 10)
            scene->sent += 5;
    } else if (strcmp(req->target, "/huge") == 0) {
        static const char head[] = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
        fakehttp_send(fd, head, sizeof(head) - 1);
        for (int i = 0; i < 1000; i++)
            scene->sent += fakehttp_send(fd, block, sizeof(block));
    } else if (strcmp(req->target, "/headers") == 0) {
        fakehttp_send(fd, "HTTP/1.1 200 OK\r\n", 17);
        while (fakehttp_send(fd, "X-Padding: 0123456789abcdef\r\n", 29) == 29)
            scene->sent += 29;
    } else if (strcmp(req->target, "/drip") == 0) {
        fakehttp_send(fd, chunked, sizeof(chunked) - 1);
        while (fakehttp_send(fd, "1\r\nx\r\n", 6) == 6)
            usleep(5000);
    } else if (strcmp(req->target, "/stop") == 0) {
        (void)eventfd_write(scene->stop_fd, 1);
        fakehttp_hold(s, fd);
    } else if (strcmp(req->target, "/silence") == 0) {
        fakehttp_hold(s, fd);
    } else if (strcmp(req->target, "/garbage") == 0) {
        fakehttp_send(fd, "SSH-2.0-OpenSSH_9.2\r\n", 21);
    } else {
        assert_string_equal(req->target, "/closed");
    }
}

static void handler(struct fakehttp *s, int fd, const struct fakehttp_request *req, void *arg)
{
    struct scene *scene = arg;
    if (strncmp(req->target, "/ok", 3) == 0) {
        (void)snprintf(scene->target, sizeof(scene->target), "%.199s", req->target);
        (void)snprintf(scene->method, sizeof(scene->method), "%s", req->method);
        (void)snprintf(scene->body, sizeof(scene->body), "%s", req->body);
        fakehttp_header(req, "authorization", scene->authorization, sizeof(scene->authorization));
        fakehttp_header(req, "user-agent", scene->agent, sizeof(scene->agent));
        fakehttp_header(req, "x-custom", scene->custom, sizeof(scene->custom));
        fakehttp_header(req, "content-type", scene->type, sizeof(scene->type));
        fakehttp_header(req, "content-length", scene->length, sizeof(scene->length));
        fakehttp_answer(fd, 200,
                        "Content-Type: application/json\r\nx-amzn-ErrorType: Foo\r\n"
                        "x-amz-bucket-region: eu-west-3\r\nx-amz-request-id: 4442587FB7D0A2F9\r\n",
                        "{\"ok\":true}");
    } else if (strcmp(req->target, "/missing") == 0) {
        fakehttp_answer(fd, 404, "Content-Type: text/html\r\n", "<html>no such page</html>");
    } else if (strcmp(req->target, "/moved") == 0) {
        fakehttp_answer(fd, 302, "Location: /ok\r\n", "");
    } else {
        handle_mischief(s, fd, req, scene);
    }
}

struct fixture {
    struct fakehttp *server;
    struct http_client *client;
    struct scene scene;
    char url[300];
};

static int setup(void **state)
{
    struct fixture *f = mem_alloc(sizeof(*f));
    f->scene.stop_fd = eventfd(0, EFD_CLOEXEC);
    f->server = fakehttp_start(handler, &f->scene);
    f->client = http_open();
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    http_close(f->client);
    fakehttp_stop(f->server);
    close(f->scene.stop_fd);
    free(f);
    return 0;
}

static struct http_request request(struct fixture *f, const char *path)
{
    (void)snprintf(f->url, sizeof(f->url), "http://127.0.0.1:%d%s", fakehttp_port(f->server), path);
    return (struct http_request){
        .method = "GET",
        .url = f->url,
        .max_body = MB,
        .deadline_ms = clock_mono_ms() + PLENTY_MS,
        .stop_fd = -1,
    };
}

static bool exchange(struct fixture *f, const struct http_request *req, struct http_response *resp,
                     struct err *err)
{
    fakehttp_sync(f->server);
    bool ok = http_exchange(f->client, req, resp, err);
    fakehttp_sync(f->server);
    return ok;
}

static void test_an_answer_comes_whole_with_its_headers(void **state)
{
    struct fixture *f = *state;
    static const char *const headers[] = {"X-Custom: yes", NULL};
    struct err err = ERR_INIT;
    struct http_response resp;
    /* Neither dot segments nor escapes nor the order of the query may change: they are signed. */
    struct http_request req = request(f, "/ok/../a%2Fb//./c?z=1&a=%7e%20");
    req.headers = headers;
    req.username = "alice";
    req.password = "p:w";
    assert_true(exchange(f, &req, &resp, &err));
    assert_int_equal(resp.status, 200);
    assert_string_equal(resp.body.text, "{\"ok\":true}");
    assert_string_equal(resp.content_type, "application/json");
    assert_string_equal(resp.errortype, "Foo");
    assert_string_equal(resp.region, "eu-west-3");
    assert_string_equal(resp.request_id, "4442587FB7D0A2F9");
    assert_true(resp.date_ms == INT64_C(1795183402000));
    http_response_free(&resp);
    assert_string_equal(f->scene.target, "/ok/../a%2Fb//./c?z=1&a=%7e%20");
    assert_string_equal(f->scene.authorization, "Basic YWxpY2U6cDp3");
    assert_string_equal(f->scene.agent, "cdctop/" CDCTOP_VERSION);
    assert_string_equal(f->scene.custom, "yes");

    req = request(f, "/ok"); /* the login of the last exchange is not kept */
    assert_true(exchange(f, &req, &resp, &err));
    http_response_free(&resp);
    assert_string_equal(f->scene.authorization, "");
}

static void test_methods_and_bodies_are_sent_as_asked(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *method, *body, *length;
    } cases[] = {
        {"GET",    NULL,        "" },
        {"DELETE", NULL,        "" },
        {"POST",   NULL,        "0"},
        {"PUT",    NULL,        "0"},
        {"PUT",    "{\"a\":1}", "7"},
        {"PATCH",  "{}",        "2"},
        {"POST",   "x",         "1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct http_request req = request(f, "/ok");
        struct http_response resp;
        struct err err = ERR_INIT;
        req.method = cases[i].method;
        req.body = cases[i].body;
        req.body_len = cases[i].body != NULL ? strlen(cases[i].body) : 0;
        assert_true(exchange(f, &req, &resp, &err));
        http_response_free(&resp);
        assert_string_equal(f->scene.method, cases[i].method);
        assert_string_equal(f->scene.length, cases[i].length);
        assert_string_equal(f->scene.type, ""); /* never "a form" by itself */
        assert_string_equal(f->scene.body, cases[i].body != NULL ? cases[i].body : "");
    }
}

static void test_any_status_is_an_answer(void **state)
{
    struct fixture *f = *state;
    struct err err = ERR_INIT;
    struct http_response resp;
    struct http_request req = request(f, "/missing");
    assert_true(exchange(f, &req, &resp, &err));
    assert_int_equal(resp.status, 404);
    assert_string_equal(resp.body.text, "<html>no such page</html>");
    assert_string_equal(resp.content_type, "text/html");
    http_response_free(&resp);
    req = request(f, "/moved"); /* a redirect is shown, not followed */
    assert_true(exchange(f, &req, &resp, &err));
    assert_int_equal(resp.status, 302);
    http_response_free(&resp);
    assert_string_equal(f->scene.target, "");
}

/* An exchange that must fail, with these words. A machine that is busy elsewhere may not even come
 * to the point in a short time: then it gets more. */
static void fails_by_deadline(struct fixture *f, struct http_request *req, int64_t ms,
                              const char *words, struct err *err)
{
    for (;; ms *= 4) {
        struct http_response resp;
        *err = (struct err)ERR_INIT;
        req->deadline_ms = clock_mono_ms() + ms;
        f->scene.sent = 0;
        assert_false(exchange(f, req, &resp, err));
        if (ms >= PLENTY_MS || strstr(err->text, words) != NULL)
            return;
    }
}

static void test_mischief_ends_in_the_right_error(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *path;
        int64_t deadline_ms;
        enum err_kind kind;
        const char *text;
    } cases[] = {
        {"/truncated", PLENTY_MS, ERR_PROTOCOL, "cut short after 8 bytes"                },
        {"/endless",   PLENTY_MS, ERR_TOOBIG,   "larger than 1000000 bytes"              },
        {"/huge",      PLENTY_MS, ERR_TOOBIG,   "larger than 1000000 bytes"              },
        {"/headers",   PLENTY_MS, ERR_TOOBIG,   "of headers"                             },
        {"/silence",   60,        ERR_TIMEOUT,  "accepted the request but gave no answer"},
        {"/drip",      60,        ERR_TIMEOUT,  "was not complete after"                 },
        {"/garbage",   PLENTY_MS, ERR_PROTOCOL, "does not speak HTTP"                    },
        {"/closed",    PLENTY_MS, ERR_REFUSED,  "closed the connection without an answer"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct http_request req = request(f, cases[i].path);
        struct http_response resp;
        struct err err;
        fails_by_deadline(f, &req, cases[i].deadline_ms, cases[i].text, &err);
        if (err.kind != cases[i].kind || strstr(err.text, cases[i].text) == NULL)
            fail_msg("%s: %s: %s", cases[i].path, err_kind_name(err.kind), err.text);
        /* The transfer was cut, not drained: far less than all of it has left the server. */
        assert_true(f->scene.sent < 50 * MB);

        req = request(f, "/ok"); /* and the same client goes on */
        assert_true(exchange(f, &req, &resp, &err));
        http_response_free(&resp);
    }
}

static void test_stop_interrupts_a_silent_server(void **state)
{
    struct fixture *f = *state;
    struct http_request req = request(f, "/stop");
    struct http_response resp;
    struct err err = ERR_INIT;
    req.stop_fd = f->scene.stop_fd;
    req.deadline_ms = clock_mono_ms() + 3600000;
    assert_false(exchange(f, &req, &resp, &err));
    assert_int_equal(err.kind, ERR_STOPPED);
    f->scene.target[0] = '\0';
    req = request(f, "/ok"); /* still asked to stop: nothing is sent any more */
    req.stop_fd = f->scene.stop_fd;
    assert_false(exchange(f, &req, &resp, &err));
    assert_int_equal(err.kind, ERR_STOPPED);
    assert_string_equal(f->scene.target, "");
}

static void test_who_is_not_there_is_named(void **state)
{
    struct fixture *f = *state;
    struct err err = ERR_INIT;
    struct http_response resp;
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(addr);
    int fd = socket(AF_INET, SOCK_STREAM, 0); /* bound, not listening: connections are refused */
    assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
    char url[300], want[100];
    (void)snprintf(url, sizeof(url), "http://u:hunter2@127.0.0.1:%d/x?token=hunter2",
                   ntohs(addr.sin_port));
    (void)snprintf(want, sizeof(want), "connect to 127.0.0.1:%d: connection refused",
                   ntohs(addr.sin_port));
    struct http_request req = request(f, "/");
    req.url = url;
    assert_false(exchange(f, &req, &resp, &err));
    assert_int_equal(err.kind, ERR_REFUSED);
    assert_string_equal(err.text, want);
    close(fd);

    /* A label of 70 characters is no name: the resolver says so without asking anybody. */
    req.url =
        "http://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.invalid/";
    assert_false(exchange(f, &req, &resp, &err));
    assert_int_equal(err.kind, ERR_DNS);
    req.url = "file:///etc/passwd";
    assert_false(exchange(f, &req, &resp, &err));
    assert_int_equal(err.kind, ERR_CONFIG);
    req.url = "http://[half/";
    assert_false(exchange(f, &req, &resp, &err));
    assert_int_equal(err.kind, ERR_CONFIG);
}

static void test_tls_with_a_server_that_speaks_plain_http(void **state)
{
    struct fixture *f = *state;
    struct err err = ERR_INIT;
    struct http_response resp;
    struct http_request req = request(f, "/ok");
    char url[100];
    (void)snprintf(url, sizeof(url), "https://127.0.0.1:%d/", fakehttp_port(f->server));
    req.url = url;
    /* The fake server waits for the end of a request that never comes. */
    fails_by_deadline(f, &req, 200, "TLS hand-shake", &err);
    assert_int_equal(err.kind, ERR_TIMEOUT);
    if (strstr(err.text, "TLS hand-shake") == NULL)
        fail_msg("%s", err.text);
    req.deadline_ms = clock_mono_ms() + PLENTY_MS;
    req.tls.ca = "/nonexistent/ca.pem";
    assert_false(exchange(f, &req, &resp, &err));
    assert_int_equal(err.kind, ERR_TLS);
}

static void test_a_line_break_in_a_header_is_refused(void **state)
{
    struct fixture *f = *state;
    static const char *const headers[] = {"X-Custom: a\r\nX-Other: b", NULL};
    struct err err = ERR_INIT;
    struct http_response resp;
    struct http_request req = request(f, "/ok");
    req.headers = headers;
    assert_false(exchange(f, &req, &resp, &err));
    assert_int_equal(err.kind, ERR_CONFIG);
}

static void test_escape(void **state)
{
    (void)state;
    struct strbuf sb;
    strbuf_init(&sb, 200);
    http_escape(&sb, "a b/ü+~._-=", false);
    assert_string_equal(sb.text, "a%20b%2F%C3%BC%2B~._-%3D");
    strbuf_reset(&sb);
    http_escape(&sb, "a/b%", true);
    assert_string_equal(sb.text, "a/b%25");
    strbuf_free(&sb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_an_answer_comes_whole_with_its_headers, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_methods_and_bodies_are_sent_as_asked, setup, teardown),
        cmocka_unit_test_setup_teardown(test_any_status_is_an_answer, setup, teardown),
        cmocka_unit_test_setup_teardown(test_mischief_ends_in_the_right_error, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stop_interrupts_a_silent_server, setup, teardown),
        cmocka_unit_test_setup_teardown(test_who_is_not_there_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tls_with_a_server_that_speaks_plain_http, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_line_break_in_a_header_is_refused, setup, teardown),
        cmocka_unit_test(test_escape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
