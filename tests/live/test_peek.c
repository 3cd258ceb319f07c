/* Looking into the lab's topics and objects as the program does: newest, by offset, by time, pages,
 * tombstones, gzip; with LAB_FAULTS=1 also a frozen, killed and restarted broker and a frozen S3.
 */
#include "base/clock.h"
#include "base/mailbox.h"
#include "base/mem.h"
#include "model/envelope.h"
#include "source/peeker.h"
#include "tests/check.h"
#include "tests/live/lab.h"
#include "tests/live/postgres_help.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATIENCE_MS = 60000 };

#define ORDERS "shop.public.orders"
#define OWN    "live-test-peek"

struct rig {
    struct config config;
    struct pipeline_config pipeline;
    struct peeker *peeker;
    int bell, stop_fd;
    char url[64], endpoint[64], server[64];
    char *servers[1];
    unsigned id;
};

static char key_id[] = "labaccess", secret[] = "labsecret12345678", empty[] = "",
            automatic[] = "auto", plaintext[] = "PLAINTEXT";

static int setup(void **state)
{
    struct rig *r = mem_alloc(sizeof(*r));
    struct err err = ERR_INIT;
    (void)snprintf(r->url, sizeof(r->url), "s3://cdc-archive");
    (void)snprintf(r->endpoint, sizeof(r->endpoint), "http://127.0.0.1:%s", lab_env("LAB_PORT_S3"));
    (void)snprintf(r->server, sizeof(r->server), "127.0.0.1:%s", lab_env("LAB_PORT_KAFKA"));
    r->servers[0] = r->server;
    r->pipeline.s3 = (struct s3_config){.url = r->url,
                                        .region = empty,
                                        .endpoint = r->endpoint,
                                        .addressing = automatic,
                                        .access_key_id = key_id,
                                        .secret_access_key = secret,
                                        .session_token = empty,
                                        .ssl_ca = empty};
    r->pipeline.kafka = (struct kafka_config){
        .bootstrap_servers = {.items = r->servers, .count = 1},
        .security_protocol = plaintext,
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
    assert_true(peeker_join(r->peeker, clock_mono_ms() + PATIENCE_MS));
    (void)close(r->bell);
    (void)close(r->stop_fd);
    free(r);
    return 0;
}

static struct peek_answer *wait_answer(struct rig *r)
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

static struct peek_answer *ask(struct rig *r, const struct peek_request *request)
{
    peeker_ask(r->peeker, ++r->id, request);
    struct peek_answer *a = wait_answer(r);
    while (a->id != r->id) { /* an earlier one had failed before it could be given up */
        peek_answer_free(a);
        a = wait_answer(r);
    }
    return a;
}

static struct peek_answer *good(struct rig *r, const struct peek_request *request)
{
    struct peek_answer *a = ask(r, request);
    if (a->err.kind != ERR_NONE)
        fail_msg("%s", a->err.text);
    return a;
}

static struct peek_request newest(const char *topic, int count)
{
    return (struct peek_request){.name = topic, .partition = -1, .count = count};
}

/* By offset, one after the other. */
static void assert_stretch(const struct peek_answer *a, int64_t from, size_t n)
{
    assert_int_equal(a->nrecords, n);
    for (size_t i = 0; i < n; i++)
        assert_true(a->records[i].offset == from + (int64_t)i);
    assert_true(a->parts[0].from == from && a->parts[0].upto == from + (int64_t)n);
}

static void test_the_newest_changes(void **state)
{
    struct rig *r = *state;
    struct peek_request request = newest(ORDERS, 30);
    struct peek_answer *a = good(r, &request);
    assert_int_equal(a->nparts, 1);
    assert_stretch(a, a->parts[0].end - 30, 30);
    const struct peek_record *last = &a->records[29];
    assert_int_equal(last->envelope->kind, ENVELOPE_CHANGE);
    assert_string_equal(last->envelope->table, "public.orders");
    assert_non_null(strchr(last->envelope->position, '/'));
    assert_memory_equal(last->envelope->key, "id=", 3);
    assert_true(last->time_ms > clock_wall_ms() - INT64_C(86400000));
    peek_answer_free(a);
}

static void test_by_offset_and_by_time(void **state)
{
    struct rig *r = *state;
    struct peek_request request = newest(ORDERS, 10);
    struct peek_answer *a = good(r, &request);
    int64_t end = a->parts[0].end, begin = a->parts[0].begin;
    int64_t middle = begin + (end - begin) / 2;
    peek_answer_free(a);

    request.from = PEEK_OFFSET;
    request.offset = middle;
    a = good(r, &request);
    assert_stretch(a, middle, 10);
    int64_t time_ms = a->records[5].time_ms;
    peek_answer_free(a);

    request.offset = -3;
    a = good(r, &request);
    assert_true(a->nrecords >= 3 && a->records[0].offset >= end - 3); /* it may have grown */
    peek_answer_free(a);

    request.offset = end + 1000000;
    a = good(r, &request);
    assert_int_equal(a->nrecords, 0);
    peek_answer_free(a);

    request.from = PEEK_TIME;
    request.time_ms = time_ms;
    a = good(r, &request);
    assert_int_equal(a->nrecords, 10);
    assert_true(a->records[0].time_ms >= time_ms && a->records[0].offset <= middle + 5);
    peek_answer_free(a);

    request.time_ms = clock_wall_ms() + 3600000;
    a = good(r, &request);
    assert_int_equal(a->nrecords, 0);
    peek_answer_free(a);
}

static void test_pages_follow_each_other(void **state)
{
    struct rig *r = *state;
    struct peek_request request = newest(ORDERS, 10);
    struct peek_answer *a = good(r, &request);
    int64_t from = a->parts[0].from, upto = a->parts[0].upto;
    peek_answer_free(a);
    struct peek_edge edge = {0, from};
    request.edges = &edge;
    request.nedges = 1;
    request.from = PEEK_BEFORE;
    a = good(r, &request);
    assert_stretch(a, from - 10, 10);
    peek_answer_free(a);
    edge.offset = from - 10;
    request.from = PEEK_AFTER;
    request.count = 20;
    a = good(r, &request);
    assert_stretch(a, from - 10, 20);
    assert_true(a->parts[0].upto == upto);
    peek_answer_free(a);
}

/* One line of a shell for what the lab's scripts read from standard input. */
static void shell(const char *command)
{
    if (system(command) != 0)
        fail_msg("%s failed", command);
}

static void test_values_of_every_kind_and_tombstones(void **state)
{
    struct rig *r = *state;
    shell("printf '{\"id\":1}\\tplain words\\n{\"id\":1}\\t{\"a\":[1,2]}\\n{\"id\":1}\\tNULL\\n' |"
          " tests/stack/topic.sh send " OWN " 2>/dev/null");
    struct peek_request request = newest(OWN, 50);
    int64_t deadline = clock_mono_ms() + PATIENCE_MS;
    struct peek_answer *a;
    while ((a = ask(r, &request))->nrecords < 3 && clock_left_ms(deadline) > 0)
        peek_answer_free(a);
    assert_true(a->nrecords >= 3);
    const struct peek_record *last = &a->records[a->nrecords - 3];
    assert_int_equal(last[0].envelope->kind, ENVELOPE_TEXT);
    assert_string_equal(last[0].envelope->summary, "plain words");
    assert_int_equal(last[1].envelope->kind, ENVELOPE_JSON);
    assert_int_equal(last[2].envelope->kind, ENVELOPE_TOMBSTONE);
    assert_string_equal(last[2].envelope->key, "id=1");
    peek_answer_free(a);
    shell("tests/stack/topic.sh delete " OWN " >/dev/null 2>&1");
}

static void test_a_delete_whose_row_was_not_sent(void **state)
{
    struct rig *r = *state;
    struct peek_request request = newest(ORDERS, 50);
    struct peek_answer *a = good(r, &request);
    /* From here on, page by page: others write, too, and many at once. */
    request.from = PEEK_OFFSET;
    request.offset = a->parts[0].end;
    int id = (int)strtol(
        ask_sql(lab_port(), "shop",
                "WITH one AS (INSERT INTO orders (customer, amount, note) VALUES (7, 1, 'peek') "
                "RETURNING id) SELECT id FROM one"),
        NULL, 10);
    char sql[80], key[40];
    (void)snprintf(sql, sizeof(sql), "DELETE FROM orders WHERE id = %d", id);
    run_sql(lab_port(), "shop", sql);
    (void)snprintf(key, sizeof(key), "id=%d", id);
    int64_t deadline = clock_mono_ms() + PATIENCE_MS;
    const struct envelope *found = NULL;
    while (found == NULL && clock_left_ms(deadline) > 0) {
        request.offset += a->nrecords == 50 && a->parts[0].from == request.offset ? 50 : 0;
        peek_answer_free(a);
        a = good(r, &request);
        for (size_t i = 0; i < a->nrecords; i++) {
            const struct envelope *e = a->records[i].envelope;
            if (e->op == 'd' && strcmp(e->key, key) == 0)
                found = e;
        }
    }
    assert_non_null(found);
    assert_non_null(found->before_note); /* the lab's tables have REPLICA IDENTITY DEFAULT */
    for (size_t i = 0; i < found->ncolumns; i++)
        assert_int_equal(found->columns[i].before.state,
                         found->columns[i].key ? CELL_VALUE : CELL_UNSENT);
    peek_answer_free(a);
}

static void test_topics_that_are_not_there(void **state)
{
    struct rig *r = *state;
    struct peek_request request = newest("no-such-topic-at-all", 5);
    struct peek_answer *a = ask(r, &request);
    assert_int_equal(a->err.kind, ERR_NOTFOUND);
    peek_answer_free(a);
    request = newest(ORDERS, 5);
    request.partition = 77;
    a = ask(r, &request);
    assert_int_equal(a->err.kind, ERR_NOTFOUND);
    peek_answer_free(a);
}

static struct peek_request object(const char *key)
{
    return (struct peek_request){.kind = PEEK_OBJECT, .name = key, .partition = -1};
}

static void test_objects(void **state)
{
    struct rig *r = *state;
    shell("d=$(mktemp) && printf '{\"id\":1}\\n{\"id\":2}\\n' | gzip -n > $d &&"
          " tests/stack/s3.sh PUT '/cdc-archive/live-test-peek/a%20b%2Bc.json.gz' --data-binary @$d"
          " -o /dev/null -f; rc=$?; rm -f $d; exit $rc");
    struct peek_request request = object("live-test-peek/a b+c.json.gz");
    struct peek_answer *a = good(r, &request);
    assert_true(a->gzip && !a->cut);
    assert_int_equal(a->nrecords, 2);
    assert_string_equal(a->records[1].envelope->summary, "{\"id\":2}");
    peek_answer_free(a);

    shell("d=$(mktemp) && head -c 700000 /dev/zero | tr '\\0' 'x' > $d &&"
          " tests/stack/s3.sh PUT '/cdc-archive/live-test-peek/big' --data-binary @$d"
          " -o /dev/null -f; rc=$?; rm -f $d; exit $rc");
    request = object("live-test-peek/big");
    a = good(r, &request);
    assert_true(a->cut && a->body.size == 700000 && a->body.n == PEEK_OBJECT_MAX);
    assert_true(a->records[0].envelope->cut);
    peek_answer_free(a);

    shell(
        "d=$(mktemp) && tests/stack/s3.sh PUT '/cdc-archive/live-test-peek/none' --data-binary @$d"
        " -o /dev/null -f; rc=$?; rm -f $d; exit $rc");
    request = object("live-test-peek/none");
    a = good(r, &request);
    assert_true(a->body.size == 0 && a->nrecords == 0);
    peek_answer_free(a);

    request = object("live-test-peek/not-there");
    a = ask(r, &request);
    assert_int_equal(a->err.kind, ERR_NOTFOUND);
    peek_answer_free(a);
    shell("for k in a%20b%2Bc.json.gz big none; do"
          " tests/stack/s3.sh DELETE /cdc-archive/live-test-peek/$k -o /dev/null; done");
}

/* ---- bad days -------------------------------------------------------------------------------- */

static struct peek_answer *until_good(struct rig *r, const struct peek_request *request)
{
    int64_t deadline = clock_mono_ms() + PATIENCE_MS;
    struct peek_answer *a;
    while ((a = ask(r, request))->err.kind != ERR_NONE) {
        if (clock_left_ms(deadline) == 0)
            fail_msg("%s", a->err.text);
        peek_answer_free(a);
        (void)usleep(200 * 1000);
    }
    return a;
}

static void test_a_frozen_broker(void **state)
{
    lab_may_break();
    struct rig *r = *state;
    struct peek_request request = newest(ORDERS, 5);
    peek_answer_free(until_good(r, &request));
    lab_fault("freeze", "kafka");
    struct peek_answer *a = ask(r, &request);
    enum err_kind kind = a->err.kind;
    peek_answer_free(a);
    /* A newer request does not wait for the older one's deadline. */
    struct peek_request other = object("live-test-peek/not-there");
    peeker_ask(r->peeker, ++r->id, &request);
    (void)usleep(300 * 1000);
    a = ask(r, &other);
    enum err_kind second = a->err.kind;
    peek_answer_free(a);
    lab_fault("thaw", "kafka");
    assert_int_equal(kind, ERR_TIMEOUT);
    assert_int_equal(second, ERR_NOTFOUND);
    a = until_good(r, &request);
    assert_int_equal(a->nrecords, 5);
    peek_answer_free(a);
}

static void test_a_broker_that_was_killed_and_started(void **state)
{
    lab_may_break();
    struct rig *r = *state;
    struct peek_request request = newest(ORDERS, 5);
    peek_answer_free(until_good(r, &request));
    lab_fault("kill", "kafka");
    struct peek_answer *a = ask(r, &request);
    enum err_kind kind = a->err.kind;
    peek_answer_free(a);
    lab_fault("start", "kafka");
    assert_int_not_equal(kind, ERR_NONE);
    a = until_good(r, &request);
    assert_int_equal(a->nrecords, 5);
    peek_answer_free(a);
}

static void test_a_frozen_s3(void **state)
{
    lab_may_break();
    struct rig *r = *state;
    struct peek_request request = object("live-test-peek/not-there");
    lab_fault("freeze", "s3");
    struct peek_answer *a = ask(r, &request);
    enum err_kind kind = a->err.kind;
    peek_answer_free(a);
    lab_fault("thaw", "s3");
    assert_int_equal(kind, ERR_TIMEOUT);
    a = ask(r, &request);
    assert_int_equal(a->err.kind, ERR_NOTFOUND);
    peek_answer_free(a);
}

#define ON_RIG(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_RIG(test_the_newest_changes),
        ON_RIG(test_by_offset_and_by_time),
        ON_RIG(test_pages_follow_each_other),
        ON_RIG(test_values_of_every_kind_and_tombstones),
        ON_RIG(test_a_delete_whose_row_was_not_sent),
        ON_RIG(test_topics_that_are_not_there),
        ON_RIG(test_objects),
        ON_RIG(test_a_frozen_broker),
        ON_RIG(test_a_broker_that_was_killed_and_started),
        ON_RIG(test_a_frozen_s3),
    };
    return cmocka_run_group_tests(tests, NULL, lab_heal_after);
}
