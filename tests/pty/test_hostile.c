/* Names and messages from servers that mean harm: control characters, bidi marks, 10,000 letters,
 * bytes that are no UTF-8. Nothing of that may reach the terminal. */
#include "base/utf8.h"
#include "tests/check.h"
#include "tests/pty/rig.h"
#include "tests/unit/fakehttp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SOON = 15000, AT_ONCE = RIG_AT_ONCE, LONG_NAME = 10000 };

static bool contains(const unsigned char *out, size_t n, const char *what)
{
    return memmem(out, n, what, strlen(what)) != NULL;
}

/* What the program wrote to the terminal is its own: sequences of its kind, text that is UTF-8. */
static void only_clean_output(const struct pty *pty)
{
    static const char *const never[] = {
        "\033]",                                        /* titles, clipboard, colours */
        "\033P",                                        /* device control strings */
        "\033_",        "\033^",        "\033c",        /* reset */
        "\007",         "\177",         "\xE2\x80\xAE", /* right-to-left override */
        "\xE2\x80\x8B", "\xE2\x81\xA6", "\xC2\x9B",     /* CSI as one character */
        "\xC2\x85",     "PWNED\033",
    };
    size_t n;
    const unsigned char *out = pty_output(pty, &n);
    for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
        if (contains(out, n, never[i]))
            fail_msg("sequence %zu of the forbidden ones reached the terminal", i);
    }
    for (size_t i = 0; i < n;) {
        int32_t cp;
        size_t used = utf8_decode((const char *)out + i, n - i, &cp);
        if (cp == 0xFFFD && (n - i < 3 || memcmp(out + i, "\xEF\xBF\xBD", 3) != 0))
            fail_msg("byte %zu of the output is no UTF-8: %02x", i, out[i]);
        i += used;
    }
}

/* A title for the terminal, an override of the direction, a C1 control, an endless name, bad UTF-8.
 */
static const char *const bad_names[] = {
    "a\\u001b]0;PWNED\\u0007", "b\\u202egnp.exe\\u2066\\u200b", "c\\u009b31mred\\u0085\\u007f",
    "d\\r\\n\\t\\b\\u0001",    "e\xff\xfe\xc3(\xed\xa0\x80",    "f\\ud800\\udfff",
};

static void put_connector(FILE *f, const char *name, const char *comma)
{
    (void)fprintf(f,
                  "%s\"%s\":{\"info\":{\"name\":\"%s\",\"config\":{\"connector.class\":\"%s\","
                  "\"topics\":\"%s\"},\"tasks\":[{\"connector\":\"%s\",\"task\":0}],"
                  "\"type\":\"sink\"},\"status\":{\"name\":\"%s\",\"connector\":{\"state\":"
                  "\"RUNNING\",\"worker_id\":\"%s\"},\"tasks\":[{\"id\":0,\"state\":\"FAILED\","
                  "\"worker_id\":\"%s\",\"trace\":\"java.lang.Exception: %s\\nCaused by: "
                  "x.Y: %s\\n\"}],\"type\":\"sink\"}}",
                  comma, name, name, name, name, name, name, name, name, name, name);
}

static char *connectors(void)
{
    char *text, *endless = malloc(LONG_NAME + 1);
    size_t n;
    FILE *f = open_memstream(&text, &n);
    assert_non_null(f);
    assert_non_null(endless);
    memset(endless, 'W', LONG_NAME);
    endless[LONG_NAME] = '\0';
    (void)fputc('{', f);
    for (size_t i = 0; i < sizeof(bad_names) / sizeof(bad_names[0]); i++)
        put_connector(f, bad_names[i], i > 0 ? "," : "");
    put_connector(f, endless, ",");
    (void)fputc('}', f);
    (void)fclose(f);
    free(endless);
    return text;
}

static void serve_connect(struct fakehttp *server, int fd, const struct fakehttp_request *req,
                          void *arg)
{
    (void)server;
    static const char json[] = "Content-Type: application/json\r\n";
    if (strcmp(req->target, "/") == 0)
        fakehttp_answer(fd, 200, json,
                        "{\"version\":\"3.9.0\\u001b[31m\",\"commit\":\"x\","
                        "\"kafka_cluster_id\":\"y\\u0007\"}");
    else if (strncmp(req->target, "/connectors?", 12) == 0)
        fakehttp_answer(fd, 200, json, arg);
    else
        fakehttp_answer(fd, 404, json,
                        "{\"error_code\":404,\"message\":\"\\u001b]0;PWNED\\u0007\\u202e\"}");
}

static void walk_everywhere(struct pty *pty)
{
    static const char *const keys[] = {
        "\t",   "j",    "\r",   "j",    "G", "\033", "z", "j",  "\r", "l",
        "\033", "\033", "a",    "\033", "R", "\033", "/", "W",  "\r", "\033",
        "5",    "\r",   "\033", "3",    "j", "j",    "j", "\r", "G",  "\033",
    };
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        pty_send(pty, keys[i]);
        pty_settle(pty, 40, 300);
    }
}

static void leave(struct pty *pty)
{
    pty_send(pty, "Q");
    assert_true(pty_exits_with(pty, AT_ONCE, 0));
    pty_free(pty);
}

static void names_of_connectors(int rows, int cols, const char *lang)
{
    char *text = connectors();
    struct fakehttp *server = fakehttp_start(serve_connect, text);
    struct fake *frozen = fake_start(&(struct fake_manner){.frozen = true});
    const char *env[] = {lang, NULL};
    struct rig_options options = {.rows = rows, .cols = cols, .env = env};
    for (int i = 0; i < RIG_SERVERS; i++)
        options.ports.port[i] = fake_port(frozen);
    options.ports.port[RIG_CONNECT] = fakehttp_port(server);
    struct pty *pty = rig_start(&options);
    assert_true(pty_expect(pty, rig_frame, SOON));
    pty_send(pty, "3");
    assert_true(pty_expect(pty, "WWWWWW", SOON)); /* the long name, cut */
    walk_everywhere(pty);
    only_clean_output(pty);
    leave(pty);
    fake_stop(frozen);
    fakehttp_stop(server);
    free(text);
}

static void test_names_of_connectors(void **state)
{
    (void)state;
    names_of_connectors(36, 120, "LANG=C.UTF-8");
    names_of_connectors(24, 80, "LANG=C.UTF-8");
    names_of_connectors(36, 120, "LANG=C");
}

/* PostgreSQL's ErrorResponse with a message that would rather be obeyed. */
static void test_messages_of_errors(void **state)
{
    (void)state;
    static const char body[] = "SFATAL\0C28P01\0M"
                               "PWNED\033]0;PWNED\007\033[2J\xE2\x80\xAE\xC2\x9B\xff\r\n"
                               "second line\0";
    char message[5 + sizeof(body)];
    message[0] = 'E';
    message[1] = message[2] = message[3] = 0;
    message[4] = (char)(sizeof(body) + 4);
    memcpy(message + 5, body, sizeof(body));
    static const char s3[] =
        "HTTP/1.1 403 PWNED\033[31m\r\nContent-Type: application/xml\r\nConnection: close\r\n\r\n"
        "<Error><Code>Bad\033]0;PWNED\007</Code><Message>\xE2\x80\xAE\xff PWNED</Message></Error>";
    struct fake_manner manners[RIG_SERVERS];
    memcpy(manners, rig_all_frozen, sizeof(manners));
    manners[RIG_PG] = (struct fake_manner){.text = message, .len = sizeof(message)};
    manners[RIG_S3] = (struct fake_manner){.text = s3};
    struct fake *fakes[RIG_SERVERS];
    struct pty *pty = rig_start_fakes(manners, fakes, NULL);
    assert_true(pty_expect(pty, rig_frame, SOON));
    assert_true(pty_expect(pty, "PWNED", SOON)); /* the message itself, harmless */
    walk_everywhere(pty);
    only_clean_output(pty);
    leave(pty);
    rig_stop_fakes(fakes);
}

static void test_keys_of_objects(void **state)
{
    (void)state;
    static const char s3[] =
        "HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nConnection: close\r\n\r\n"
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult><Name>cdc-archive</Name>"
        "<IsTruncated>false</IsTruncated><Contents><Key>topics/%1B%5D0%3BPWNED%07/partition=0/"
        "a%E2%80%AE+0+0.json</Key><LastModified>2026-11-20T14:03:22.000Z</LastModified>"
        "<Size>5</Size></Contents><CommonPrefixes><Prefix>topics/%1B%5D0%3BPWNED%07%FF/</Prefix>"
        "</CommonPrefixes><CommonPrefixes><Prefix>topics/%E2%80%AEzzz/</Prefix></CommonPrefixes>"
        "<EncodingType>url</EncodingType></ListBucketResult>";
    struct fake_manner manners[RIG_SERVERS];
    memcpy(manners, rig_all_frozen, sizeof(manners));
    manners[RIG_S3] = (struct fake_manner){.text = s3};
    struct fake *fakes[RIG_SERVERS];
    struct pty *pty = rig_start_fakes(manners, fakes, NULL);
    assert_true(pty_expect(pty, rig_frame, SOON));
    pty_send(pty, "4");
    for (int64_t end = pty_now_us() + SOON * INT64_C(1000);
         fake_connections(fakes[RIG_S3]) == 0 && pty_now_us() < end;)
        pty_pump(pty, 50);
    assert_true(fake_connections(fakes[RIG_S3]) > 0);
    pty_settle(pty, 1500, 4000); /* a listing or a complaint, whichever */
    walk_everywhere(pty);
    only_clean_output(pty);
    leave(pty);
    rig_stop_fakes(fakes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_of_connectors),
        cmocka_unit_test(test_messages_of_errors),
        cmocka_unit_test(test_keys_of_objects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
