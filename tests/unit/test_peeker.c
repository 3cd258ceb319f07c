/* Looking into objects of a bucket on loopback, and the thread that looks: newer requests, the
 * stop, servers that say nothing. Threads: also run under ThreadSanitizer. */
#include "base/clock.h"
#include "base/mailbox.h"
#include "base/mem.h"
#include "model/envelope.h"
#include "source/peeker.h"
#include "tests/check.h"
#include "tests/unit/fakehttp.h"

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATIENCE_MS = 120000, LOOK_MS = 10000 };

struct rig {
    struct fakehttp *server;
    struct config config;
    struct pipeline_config pipeline;
    struct peeker *peeker;
    int bell, stop_fd;
    char endpoint[64], kafka[64];
    char *servers[1];
    const char *status, *body; /* "206 Partial Content\r\nContent-Range: …" */
    size_t body_len;
    atomic_bool hold;
    atomic_int held;
    char target[4096], range[80];
};

static void handler(struct fakehttp *server, int fd, const struct fakehttp_request *req, void *arg)
{
    struct rig *r = arg;
    char head[400];
    if (atomic_load(&r->hold)) {
        atomic_fetch_add(&r->held, 1);
        fakehttp_hold(server, fd);
        return;
    }
    (void)snprintf(r->target, sizeof(r->target), "%s", req->target);
    (void)fakehttp_header(req, "Range", r->range, sizeof(r->range));
    int n = snprintf(head, sizeof(head),
                     "HTTP/1.1 %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n", r->status,
                     r->body_len);
    (void)fakehttp_send(fd, head, (size_t)n);
    (void)fakehttp_send(fd, r->body, r->body_len);
}

static int setup(void **state)
{
    static char url[] = "s3://lake", none[] = "", how[] = "auto", key[] = "AKID", secret[] = "s";
    struct rig *r = mem_alloc(sizeof(*r));
    struct err err = ERR_INIT;
    (void)signal(SIGPIPE, SIG_IGN);
    r->server = fakehttp_start(handler, r);
    (void)snprintf(r->endpoint, sizeof(r->endpoint), "http://127.0.0.1:%d",
                   fakehttp_port(r->server));
    (void)snprintf(r->kafka, sizeof(r->kafka), "127.0.0.1:%d", fakehttp_port(r->server));
    r->servers[0] = r->kafka;
    r->pipeline.s3 = (struct s3_config){.url = url,
                                        .region = none,
                                        .endpoint = r->endpoint,
                                        .addressing = how,
                                        .access_key_id = key,
                                        .secret_access_key = secret,
                                        .session_token = none,
                                        .ssl_ca = none};
    r->pipeline.kafka = (struct kafka_config){
        .bootstrap_servers = {.items = r->servers, .count = 1},
          .timeout_ms = 5000
    };
    r->config.pipelines = &r->pipeline;
    r->config.npipelines = 1;
    r->bell = bell_open();
    r->stop_fd = bell_open();
    r->peeker = peeker_start(&r->config, NULL, r->bell, r->stop_fd, &err);
    assert_non_null(r->peeker);
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    struct rig *r = *state;
    bell_ring(r->stop_fd);
    if (r->peeker != NULL)
        assert_true(peeker_join(r->peeker, clock_mono_ms() + PATIENCE_MS));
    fakehttp_stop(r->server);
    (void)close(r->bell);
    (void)close(r->stop_fd);
    free(r);
    return 0;
}

static void ask(struct rig *r, unsigned id, enum peek_kind kind, const char *name)
{
    const struct peek_request request = {.kind = kind, .name = name, .partition = -1, .count = 10};
    peeker_ask(r->peeker, id, &request);
}

static struct peek_answer *answer(struct rig *r)
{
    int64_t deadline = clock_mono_ms() + PATIENCE_MS;
    struct peek_answer *a;
    while ((a = peeker_take(r->peeker)) == NULL) {
        struct pollfd fd = {.fd = r->bell, .events = POLLIN};
        if (poll(&fd, 1, clock_left_ms(deadline)) <= 0)
            fail_msg("no answer");
        bell_clear(r->bell);
    }
    return a;
}

static struct peek_answer *object(struct rig *r, const char *key, const char *status,
                                  const char *body, size_t n)
{
    static unsigned id;
    r->status = status;
    r->body = body;
    r->body_len = n;
    fakehttp_sync(r->server);
    ask(r, ++id, PEEK_OBJECT, key);
    struct peek_answer *a = answer(r);
    assert_int_equal(a->id, id);
    fakehttp_sync(r->server);
    return a;
}

static void test_the_first_records_by_a_ranged_get(void **state)
{
    struct rig *r = *state;
    static const char body[] = "{\"id\":1}\n{\"id\":2}\n{\"i";
    struct peek_answer *a =
        object(r, "topics/a b+c/\xC3\xA9=1/x+0+0000000000.json",
               "206 Partial Content\r\nContent-Range: bytes 0-20/5000000", body, sizeof(body) - 1);
    assert_int_equal(a->err.kind, ERR_NONE);
    assert_string_equal(r->target, "/lake/topics/a%20b%2Bc/%C3%A9%3D1/x%2B0%2B0000000000.json");
    assert_string_equal(r->range, "bytes=0-262143");
    assert_true(a->body.size == 5000000 && a->cut && !a->gzip);
    assert_int_equal(a->nrecords, 3);
    assert_string_equal(a->records[1].envelope->summary, "{\"id\":2}");
    assert_true(a->records[2].envelope->cut);
    peek_answer_free(a);
}

static void test_a_server_that_knows_no_ranges_is_cut_off(void **state)
{
    struct rig *r = *state;
    size_t n = 3 * PEEK_OBJECT_MAX;
    char *big = mem_alloc(n);
    memset(big, 'x', n);
    struct peek_answer *a = object(r, "k", "200 OK", big, n);
    assert_int_equal(a->err.kind, ERR_NONE);
    assert_int_equal(a->body.n, PEEK_OBJECT_MAX);
    assert_true(a->body.size == (int64_t)n && a->cut);
    peek_answer_free(a);
    a = object(r, "k", "200 OK", "one\n", 4);
    assert_true(a->body.size == 4 && !a->cut && a->nrecords == 1);
    peek_answer_free(a);
    free(big);
}

static void test_gzip_is_known_by_its_first_bytes(void **state)
{
    struct rig *r = *state;
    static const char hello[] = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\x07"
                                "\x00\x86\xa6\x10\x36\x05\x00\x00\x00";
    struct peek_answer *a =
        object(r, "x.json.gz", "206 P\r\nContent-Range: bytes 0-24/25", hello, sizeof(hello) - 1);
    assert_true(a->gzip && !a->cut && a->body.size == 25 && a->note == NULL);
    assert_int_equal(a->nrecords, 1);
    assert_string_equal(a->records[0].envelope->summary, "hello");
    peek_answer_free(a);
    a = object(r, "x.json.gz", "206 P\r\nContent-Range: bytes 0-17/18", hello, 18);
    assert_non_null(strstr(a->note, "damaged"));
    peek_answer_free(a);
}

static void test_avro_stays_what_it_is(void **state)
{
    struct rig *r = *state;
    struct peek_answer *a =
        object(r, "x.avro", "206 P\r\nContent-Range: bytes 0-6/900", "Obj\x01\x04\x14\x00", 7);
    assert_int_equal(a->nrecords, 0);
    assert_int_equal(a->body.n, 7);
    assert_true(a->body.size == 900);
    peek_answer_free(a);
}

static void test_refusals(void **state)
{
    struct rig *r = *state;
    static const struct {
        const char *status, *body;
        enum err_kind kind;
        const char *says;
    } cases[] = {
        {"403 F",  "<Error><Code>AccessDenied</Code><Message>no</Message></Error>", ERR_DENIED,
         "AccessDenied"                                                                                     },
        {"404 N",  "<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>",  ERR_NOTFOUND,
         "NoSuchKey"                                                                                        },
        {"503 S",  "<Error><Code>SlowDown</Code><Message>less</Message></Error>",   ERR_SERVER,
         "SlowDown"                                                                                         },
        {"500 E",  "",                                                              ERR_SERVER,   "HTTP 500"},
        {"200 OK", "",                                                              ERR_NONE,     ""        },
        {"416 R",  "<Error><Code>InvalidRange</Code><Message>r</Message></Error>",  ERR_NONE,     ""        },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct peek_answer *a =
            object(r, "k", cases[i].status, cases[i].body, strlen(cases[i].body));
        assert_int_equal(a->err.kind, cases[i].kind);
        assert_non_null(strstr(a->err.text, cases[i].says));
        assert_int_equal(a->nrecords, 0);
        if (cases[i].kind == ERR_NONE)
            assert_true(a->body.size == 0 && !a->cut);
        peek_answer_free(a);
    }
}

static void test_a_newer_request_takes_the_place_of_one_that_hangs(void **state)
{
    struct rig *r = *state;
    r->status = "200 OK";
    r->body = "two\n";
    r->body_len = 4;
    fakehttp_sync(r->server);
    atomic_store(&r->hold, true);
    ask(r, 1, PEEK_OBJECT, "first");
    while (atomic_load(&r->held) == 0)
        (void)usleep(1000);
    atomic_store(&r->hold, false);
    ask(r, 2, PEEK_OBJECT, "second");
    struct peek_answer *a = answer(r);
    assert_int_equal(a->id, 2); /* the first one's error at its deadline would have come before */
    assert_int_equal(a->nrecords, 1);
    peek_answer_free(a);
    assert_null(peeker_take(r->peeker));
}

static void test_the_stop_ends_one_that_hangs(void **state)
{
    struct rig *r = *state;
    atomic_store(&r->hold, true);
    ask(r, 1, PEEK_OBJECT, "first");
    while (atomic_load(&r->held) == 0)
        (void)usleep(1000);
    bell_ring(r->stop_fd);
    /* Sooner than the deadline of what it is at. */
    assert_true(peeker_join(r->peeker, clock_mono_ms() + LOOK_MS - 1000));
    r->peeker = NULL;
}

static void test_what_is_no_kafka_becomes_an_error(void **state)
{
    struct rig *r = *state;
    r->status = "400 B";
    r->body = "";
    fakehttp_sync(r->server);
    ask(r, 1, PEEK_TOPIC, "orders");
    struct peek_answer *a = answer(r);
    assert_int_not_equal(a->err.kind, ERR_NONE);
    assert_true(a->err.text[0] != '\0');
    peek_answer_free(a);
}

static void test_hints_tell_of_a_bucket_that_the_configuration_does_not_name(void **state)
{
    struct rig *r = *state;
    static char none[] = "";
    const struct hint_sink sink = {.bucket = "pond", .endpoint = r->endpoint};
    const struct hints hints = {.sinks = &sink, .nsinks = 1};
    r->pipeline.s3.url = none;
    peeker_hints(r->peeker, 0, &hints);
    struct peek_answer *a = object(r, "k", "200 OK", "x\n", 2);
    assert_string_equal(r->target, "/pond/k");
    peek_answer_free(a);
}

#define ON_RIG(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_RIG(test_the_first_records_by_a_ranged_get),
        ON_RIG(test_a_server_that_knows_no_ranges_is_cut_off),
        ON_RIG(test_gzip_is_known_by_its_first_bytes),
        ON_RIG(test_avro_stays_what_it_is),
        ON_RIG(test_refusals),
        ON_RIG(test_a_newer_request_takes_the_place_of_one_that_hangs),
        ON_RIG(test_the_stop_ends_one_that_hangs),
        ON_RIG(test_what_is_no_kafka_becomes_an_error),
        ON_RIG(test_hints_tell_of_a_bucket_that_the_configuration_does_not_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
