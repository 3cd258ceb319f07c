/* Four servers that do not answer, or answer with rubbish: the program starts, answers keys, says
 * what is wrong, and leaves at once. */
#include "tests/check.h"
#include "tests/pty/rig.h"

#include <string.h>
#include <sys/wait.h>

enum { SOON = 20000, AT_ONCE = RIG_AT_ONCE };

static void leave(struct pty *pty)
{
    const char *why;
    pty_send(pty, "q");
    assert_true(pty_exits_with(pty, AT_ONCE, 0));
    if (!pty_terminal_clean(pty, &why))
        fail_msg("after q: %s", why);
    pty_free(pty);
}

/* Every key that opens something shows it at once, whatever the servers do. */
static void keys_answer(struct pty *pty)
{
    pty_send(pty, "?");
    assert_true(pty_expect(pty, "elp", AT_ONCE));
    pty_send(pty, "\033");
    assert_true(pty_expect(pty, rig_frame, AT_ONCE));
    pty_send(pty, ":");
    pty_send(pty, "xyzzy");
    assert_true(pty_expect(pty, "xyzzy", AT_ONCE));
    pty_send(pty, "\033");
    assert_true(pty_expect_gone(pty, "xyzzy", AT_ONCE));
    uint64_t before = pty_bytes(pty);
    pty_send(pty, "\t");
    assert_true(pty_wait_bytes(pty, before + 1, AT_ONCE));
}

static void all_of_one_manner(const struct fake_manner *manner)
{
    struct fake *fakes[RIG_SERVERS];
    const struct fake_manner manners[RIG_SERVERS] = {*manner, *manner, *manner, *manner};
    struct pty *pty = rig_start_fakes(manners, fakes, NULL);
    assert_non_null(pty);
    assert_true(pty_expect(pty, rig_frame, SOON));
    keys_answer(pty);
    assert_false(pty_has(pty, "● ok"));
    leave(pty);
    rig_stop_fakes(fakes);
}

static void test_frozen_from_the_start(void **state)
{
    (void)state;
    all_of_one_manner(&(struct fake_manner){.frozen = true});
}

static void test_connections_that_never_answer(void **state)
{
    (void)state;
    all_of_one_manner(&(struct fake_manner){.mute = true});
}

static void test_connections_that_are_closed_at_once(void **state)
{
    (void)state;
    all_of_one_manner(&(struct fake_manner){.text = NULL});
}

static void test_nobody_listens(void **state)
{
    (void)state;
    struct rig_options options = {0};
    for (int i = 0; i < RIG_SERVERS; i++)
        options.ports.port[i] = fake_closed_port();
    struct pty *pty = rig_start(&options);
    assert_non_null(pty);
    assert_true(pty_expect(pty, rig_frame, SOON));
    /* in the operator's words, wherever it stands */
    assert_true(pty_expect(pty, "refused", SOON));
    keys_answer(pty);
    leave(pty);
}

/* One bad server among three frozen ones: its own pane says UNKNOWN, and what is wrong. */
static void one_bad(enum rig_server which, const struct fake_manner *manner, const char *words)
{
    struct fake *fakes[RIG_SERVERS];
    struct fake_manner manners[RIG_SERVERS];
    memcpy(manners, rig_all_frozen, sizeof(manners));
    manners[which] = *manner;
    struct pty *pty =
        rig_start_fakes(manners, fakes, &(struct rig_options){.pg_more = " sslmode=disable"});
    assert_non_null(pty);
    assert_true(pty_expect(pty, rig_frame, SOON));
    assert_true(rig_expect_trouble(pty, which, true, SOON));
    assert_true(pty_expect(pty, words, SOON));
    assert_false(pty_has(pty, "● ok"));
    keys_answer(pty);
    assert_in_range(pty_rss_kib(pty), 1000, 64 * 1024);
    leave(pty);
    assert_true(fake_connections(fakes[which]) > 0);
    rig_stop_fakes(fakes);
}

#define HTML_BODY \
    "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
#define HTML_PAGE \
    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n" HTML_BODY

static const struct fake_manner html = {.text = HTML_PAGE};
static const struct fake_manner garbage = {
    .text = "\x00\xff\xfe\x1b[31m\x07\x80\x81\x82\x83\x84\x85\x86garbage\x00\x00\x00\x7f\xff\xff",
    .len = 36,
};
static const struct fake_manner truncated = {
    .text =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{\"a\":[",
};
static const struct fake_manner huge = {
    .text = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
            "104857606\r\n\r\n{\"a\":\"",
    .filler = 104857600,
};
/* Kafka and PostgreSQL frame their answers by a length. */
static const struct fake_manner huge_kafka = {
    .text = "\x06\x40\x00\x00\x00\x00\x00\x01", .len = 8, .filler = 104857600};
static const struct fake_manner huge_pg = {
    .text = "E\x06\x40\x00\x00SFATAL", .len = 11, .filler = 104857600};
static const struct fake_manner truncated_pg = {.text = "R\x00\x00\x00\x17\x00\x00", .len = 7};
static const struct fake_manner truncated_kafka = {.text = "\x00\x00\x10\x00\x00\x00", .len = 6};
static const struct fake_manner mute = {.mute = true};

static void test_html_instead_of_an_answer(void **state)
{
    (void)state;
    one_bad(RIG_PG, &html, "not PostgreSQL");
    one_bad(RIG_KAFKA, &html, "Invalid response size");
    one_bad(RIG_CONNECT, &html, "a page instead of");
    one_bad(RIG_S3, &html, "DOCTYPE");
}

static void test_garbage_instead_of_an_answer(void **state)
{
    (void)state;
    one_bad(RIG_PG, &garbage, "PostgreSQL");
    one_bad(RIG_KAFKA, &garbage, "metadata");
    one_bad(RIG_CONNECT, &garbage, "does not speak HTTP");
    one_bad(RIG_S3, &garbage, "does not speak");
}

static void test_truncated_answers(void **state)
{
    (void)state;
    one_bad(RIG_PG, &truncated_pg, "closed the connection");
    one_bad(RIG_KAFKA, &truncated_kafka, "isconnected");
    one_bad(RIG_CONNECT, &truncated, "cut short");
    one_bad(RIG_S3, &truncated, "cut short");
}

static void test_answers_of_100_megabytes(void **state)
{
    (void)state;
    one_bad(RIG_PG, &huge_pg, "connect to");
    one_bad(RIG_KAFKA, &huge_kafka, "Invalid response size");
    one_bad(RIG_CONNECT, &huge, "larger than");
    one_bad(RIG_S3, &huge, "larger than");
}

static void test_silent_servers_are_named_in_time(void **state)
{
    (void)state;
    static const char *const words[RIG_SERVERS] = {
        [RIG_PG] = "does not answer",
        [RIG_KAFKA] = "timed out",
        [RIG_CONNECT] = "gave no answer",
        [RIG_S3] = "s3://cdc-archive: 127.0.0.1",
    };
    const struct fake_manner manners[RIG_SERVERS] = {mute, mute, mute, mute};
    struct fake *fakes[RIG_SERVERS];
    struct pty *pty = rig_start_fakes(manners, fakes, NULL);
    for (int i = 0; i < RIG_SERVERS; i++) {
        assert_true(rig_expect_trouble(pty, (enum rig_server)i, true, SOON));
        assert_true(pty_expect(pty, words[i], SOON));
    }
    keys_answer(pty);
    leave(pty);
    rig_stop_fakes(fakes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frozen_from_the_start),
        cmocka_unit_test(test_connections_that_never_answer),
        cmocka_unit_test(test_connections_that_are_closed_at_once),
        cmocka_unit_test(test_nobody_listens),
        cmocka_unit_test(test_html_instead_of_an_answer),
        cmocka_unit_test(test_garbage_instead_of_an_answer),
        cmocka_unit_test(test_truncated_answers),
        cmocka_unit_test(test_answers_of_100_megabytes),
        cmocka_unit_test(test_silent_servers_are_named_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
