/* ListObjectsV2: answers recorded from real servers, answers that no server should give, and what
 * is sent. The recorded bodies are also the seeds of the fuzzer. */
#include "base/clock.h"
#include "base/mem.h"
#include "net/s3list.h"
#include "net/s3xml.h"
#include "tests/check.h"
#include "tests/unit/fakehttp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *seed(const char *name, size_t *len)
{
    char path[200];
    (void)snprintf(path, sizeof(path), "tests/fuzz/corpus/s3list/%s", name);
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        fail_msg("%s is missing", path);
    char *text = mem_alloc(1 << 20);
    *len = fread(text, 1, (1 << 20) - 1, f);
    fclose(f);
    return text;
}

static void test_a_recorded_page(void **state)
{
    (void)state;
    size_t len;
    char *body = seed("s3proxy-list.xml", &len);
    struct arena *a = arena_new();
    struct s3list_page page;
    struct err err = ERR_INIT;
    assert_true(s3xml_read_page(body, len, a, &page, &err));
    assert_int_equal(page.nentries, 3);
    assert_string_equal(page.entries[0].key,
                        "topics/shop.public.customers/year=2026/month=11/"
                        "day=20/hour=19/shop.public.customers+0+0000000000.json");
    assert_int_equal(page.entries[0].size, 234728);
    assert_true(page.entries[0].modified_ms == INT64_C(1795201740000));
    assert_true(page.truncated);
    /* Its token is the last key: to go on means to start after that. */
    struct s3list_query q = {.prefix = "topics/"}, next;
    assert_true(s3list_next(a, &q, &page, &next));
    assert_true(next.token != NULL || strcmp(next.start_after, page.entries[2].key) == 0);
    arena_free(a);
    free(body);
}

static void test_encoded_keys_are_decoded_only_where_the_server_says_so(void **state)
{
    (void)state;
    size_t len;
    char *body = seed("encoded.xml", &len);
    struct arena *a = arena_new();
    struct s3list_page page;
    struct err err = ERR_INIT;
    assert_true(s3xml_read_page(body, len, a, &page, &err));
    assert_string_equal(page.entries[0].key, "topics/a+b c/\xC3\xA9%00.json");
    assert_string_equal(page.prefixes[0], "topics/x/");
    struct s3list_query q = {.prefix = "topics/", .start_after = "x"}, next;
    assert_true(s3list_next(a, &q, &page, &next)); /* an opaque token goes back untouched */
    assert_string_equal(next.token, "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM==");
    /* versitygw is asked for it and says that it did not. */
    static const char plain[] = "<ListBucketResult><Contents><Key>a+b%41</Key></Contents>"
                                "<EncodingType></EncodingType></ListBucketResult>";
    assert_true(s3xml_read_page(plain, sizeof(plain) - 1, a, &page, &err));
    assert_string_equal(page.entries[0].key, "a+b%41");
    assert_int_equal(page.entries[0].size, -1);
    assert_int_equal(page.entries[0].modified_ms, -1);
    assert_false(s3list_next(a, &q, &page, &next));
    /* s3proxy's token is the last key, encoded, and taken decoded. */
    static const char proxy[] =
        "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>"
        "<NextContinuationToken>t%2Fa%2B0</NextContinuationToken>"
        "<Contents><Key>t%2Fa%2B0</Key></Contents></ListBucketResult>";
    assert_true(s3xml_read_page(proxy, sizeof(proxy) - 1, a, &page, &err));
    assert_true(s3list_next(a, &q, &page, &next));
    assert_null(next.token);
    assert_string_equal(next.start_after, "t/a+0");
    arena_free(a);
    free(body);
}

static void test_what_is_no_list_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *file, *text;
    } cases[] = {
        {"doctype.xml",  "DOCTYPE"        },
        {"deep.xml",     "nested too deep"},
        {"cut.xml",      "no element"     },
        {"html.txt",     "502 Bad Gateway"},
        {"redirect.xml", "is in region"   },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t len;
        char *body = seed(cases[i].file, &len);
        struct arena *a = arena_new();
        struct s3list_page page;
        struct err err = ERR_INIT;
        assert_false(s3xml_read_page(body, len, a, &page, &err));
        if (i + 1 < ARRAY_LEN(cases))
            assert_int_equal(err.kind, ERR_PROTOCOL);
        if (i != 2 && strstr(err.text, cases[i].text) == NULL)
            fail_msg("%s: %s", cases[i].file, err.text);
        arena_free(a);
        free(body);
    }
}

static void add_keys(struct strbuf *sb, int count, size_t key_len)
{
    strbuf_puts(sb, "<ListBucketResult>");
    for (int i = 0; i < count; i++) {
        strbuf_puts(sb, "<Contents><Key>");
        for (size_t j = 0; j < key_len; j++)
            strbuf_putc(sb, 'k');
        strbuf_puts(sb, "</Key></Contents>");
    }
    strbuf_puts(sb, "</ListBucketResult>");
}

static void test_limits_hold(void **state)
{
    (void)state;
    static const struct {
        int count;
        size_t key_len;
        bool ok;
    } cases[] = {
        {1000, 10,      true },
        {1001, 10,      false},
        {1,    1024,    true },
        {1,    1025,    false},
        {1,    1000000, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct strbuf sb;
        struct arena *a = arena_new();
        struct s3list_page page;
        struct err err = ERR_INIT;
        strbuf_init(&sb, 4 << 20);
        add_keys(&sb, cases[i].count, cases[i].key_len);
        assert_int_equal(s3xml_read_page(sb.text, sb.len, a, &page, &err), cases[i].ok);
        assert_int_equal(err.kind, cases[i].ok ? ERR_NONE : ERR_TOOBIG);
        arena_free(a);
        strbuf_free(&sb);
    }
}

static void test_errors_say_what_an_operator_needs(void **state)
{
    (void)state;
    static const struct {
        long status;
        const char *file, *region;
        enum err_kind kind;
        const char *text;
    } cases[] = {
        {403, "versitygw-wrong-secret.xml",   NULL,        ERR_AUTH,     "SignatureDoesNotMatch: The"                      },
        {403, "s3proxy-signature.xml",        NULL,        ERR_AUTH,     "SignatureDoesNotMatch: The"                      },
        {404, "versitygw-unknown-key.xml",    NULL,        ERR_AUTH,     "XAdminUserNotFound"                              },
        {404, "versitygw-no-such-bucket.xml", NULL,        ERR_NOTFOUND, "NoSuchBucket"                                    },
        {403, "versitygw-anonymous.xml",      NULL,        ERR_DENIED,   "AccessDenied"                                    },
        {301, "redirect.xml",                 NULL,        ERR_CONFIG,
         "bucket lake is in region eu-west-3, not us-east-1"                                                               },
        {301, "redirect.xml",                 "eu-west-1", ERR_CONFIG,   "is in region eu-west-1"                          },
        {502, "html.txt",                     NULL,        ERR_PROTOCOL, "HTTP 502 and no S3 answer: \"<html><body>502 Bad"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t len;
        char *body = seed(cases[i].file, &len);
        struct err err = ERR_INIT;
        assert_false(
            s3list_error(cases[i].status, body, len, "lake", "us-east-1", cases[i].region, &err));
        if (err.kind != cases[i].kind || strstr(err.text, cases[i].text) == NULL)
            fail_msg("%s: %s: %s", cases[i].file, err_kind_name(err.kind), err.text);
        assert_null(strstr(err.text, "StringToSign"));
        free(body);
    }
    struct err err = ERR_INIT;
    assert_false(s3list_error(304, "", 0, "lake", "us-east-1", NULL, &err));
    assert_int_equal(err.kind, ERR_PROTOCOL);
    assert_false(s3list_error(503, "", 0, "lake", "us-east-1", NULL, &err));
    assert_int_equal(err.kind, ERR_SERVER);
    assert_false(s3list_error(500, "\x1b[2J\xff", 5, "lake", "us-east-1", NULL, &err));
    assert_null(strchr(err.text, '\x1b'));
}

/* ---- what is sent ------------------------------------------------------------------------------
 */

struct sent {
    char target[4096], host[100], authorization[400], token[100], date[40], hash[80];
    int status;
    const char *body;
};

static void handler(struct fakehttp *server, int fd, const struct fakehttp_request *req, void *arg)
{
    struct sent *sent = arg;
    (void)server;
    (void)snprintf(sent->target, sizeof(sent->target), "%s", req->target);
    fakehttp_header(req, "host", sent->host, sizeof(sent->host));
    fakehttp_header(req, "authorization", sent->authorization, sizeof(sent->authorization));
    fakehttp_header(req, "x-amz-security-token", sent->token, sizeof(sent->token));
    fakehttp_header(req, "x-amz-date", sent->date, sizeof(sent->date));
    fakehttp_header(req, "x-amz-content-sha256", sent->hash, sizeof(sent->hash));
    fakehttp_answer(fd, sent->status, NULL, sent->body);
}

static char id[] = "AKID", secret[] = "wJalr", token[] = "Fwo+token/=";

static void test_requests_are_signed_and_sent_alike(void **state)
{
    (void)state;
    struct sent sent = {.status = 200, .body = "<ListBucketResult></ListBucketResult>"};
    struct fakehttp *server = fakehttp_start(handler, &sent);
    struct aws_credentials creds = {
        .access_key_id = id, .secret_access_key = secret, .session_token = token};
    char endpoint[64], host[64];
    (void)snprintf(endpoint, sizeof(endpoint), "http://127.0.0.1:%d/", fakehttp_port(server));
    (void)snprintf(host, sizeof(host), "127.0.0.1:%d", fakehttp_port(server));
    struct s3list_target target = {.bucket = "cdc-lake", .endpoint = endpoint};
    struct err err = ERR_INIT;
    struct s3list *list = s3list_open(&target, &creds, &err);
    struct arena *a = arena_new();
    struct s3list_page page;
    struct s3list_query q = {
        .prefix = "t/a b+c/", .start_after = "t/a b+c/x+0", .delimiter = "/", .max_keys = 7};
    assert_non_null(list);
    assert_true(s3list_page(list, &q, clock_mono_ms() + 120000, -1, a, &page, &err));
    fakehttp_sync(server);
    assert_string_equal(sent.target,
                        "/cdc-lake?list-type=2&encoding-type=url&prefix=t%2Fa%20b%2Bc%2F&"
                        "delimiter=%2F&start-after=t%2Fa%20b%2Bc%2Fx%2B0&max-keys=7");
    assert_string_equal(sent.host, host);
    assert_string_equal(sent.token, token);
    assert_int_equal(strlen(sent.hash), 64);
    assert_true(page.date_ms == INT64_C(1795183402000));

    /* The signature is that of exactly these parts. */
    struct sigv4_request req = {
        .method = "GET",
        .host = host,
        .path = "/cdc-lake",
        .query = strchr(sent.target, '?') + 1,
        .payload_sha256 = sent.hash,
        .region = "us-east-1",
        .service = "s3",
    };
    char iso[40];
    (void)snprintf(iso, sizeof(iso), "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", sent.date, sent.date + 4,
                   sent.date + 6, sent.date + 9, sent.date + 11, sent.date + 13);
    req.time_ms = clock_parse_iso(iso);
    struct sigv4_result r;
    assert_true(sigv4_sign(&req, &creds, &r, &err));
    assert_string_equal(sent.authorization, r.authorization.text);
    sigv4_result_free(&r);
    q.token = "a/b==";
    fakehttp_sync(server);
    assert_true(s3list_page(list, &q, clock_mono_ms() + 120000, -1, a, &page, &err));
    fakehttp_sync(server);
    assert_non_null(strstr(sent.target, "continuation-token=a%2Fb%3D%3D"));
    assert_null(strstr(sent.target, "start-after"));
    arena_free(a);
    s3list_close(list);
    fakehttp_stop(server);
}

static void test_recorded_uploads(void **state)
{
    (void)state;
    size_t len;
    char *body = seed("s3proxy-uploads.xml", &len);
    struct arena *a = arena_new();
    struct s3list_uploads page;
    struct err err = ERR_INIT;
    assert_true(s3xml_read_uploads(body, len, a, &page, &err));
    assert_int_equal(page.count, 6);
    assert_false(page.truncated);
    assert_string_equal(page.items[1].key,
                        "big/q-big/year=2026/month=11/day=20/hour=17/q-big+0+0000000000.json");
    assert_string_equal(page.items[1].id, "7a72cebf-d922-4d28-939a-c17bb2265692");
    assert_true(page.items[0].initiated_ms == clock_parse_iso("2026-11-20T17:50:26.077Z"));
    /* The one kind of list is not the other. */
    struct s3list_page objects;
    assert_false(s3xml_read_page(body, len, a, &objects, &err));
    free(body);
    body = seed("s3proxy-list.xml", &len);
    assert_false(s3xml_read_uploads(body, len, a, &page, &err));
    assert_int_equal(err.kind, ERR_PROTOCOL);
    static const char no_id[] = "<ListMultipartUploadsResult><Upload><Key>k</Key></Upload>"
                                "</ListMultipartUploadsResult>";
    assert_false(s3xml_read_uploads(no_id, strlen(no_id), a, &page, &err));
    static const char none[] = "<ListMultipartUploadsResult/>";
    assert_true(s3xml_read_uploads(none, strlen(none), a, &page, &err));
    assert_int_equal(page.count, 0);
    arena_free(a);
    free(body);
}

static struct s3list *open_fake(struct fakehttp *server)
{
    struct aws_credentials creds = {.access_key_id = id, .secret_access_key = secret};
    struct err err = ERR_INIT;
    char endpoint[64];
    (void)snprintf(endpoint, sizeof(endpoint), "http://127.0.0.1:%d", fakehttp_port(server));
    struct s3list_target target = {.bucket = "b", .endpoint = endpoint};
    struct s3list *list = s3list_open(&target, &creds, &err);
    assert_non_null(list);
    return list;
}

static void test_uploads_go_on_after_the_last(void **state)
{
    (void)state;
    struct sent sent = {.status = 200, .body = "<ListMultipartUploadsResult/>"};
    struct fakehttp *server = fakehttp_start(handler, &sent);
    struct s3list *list = open_fake(server);
    struct arena *a = arena_new();
    struct s3list_uploads page;
    struct s3list_upload last = {.key = "t/a b", .id = "i/1"};
    struct err err = ERR_INIT;
    int64_t deadline = clock_mono_ms() + 120000;
    assert_true(s3list_uploads(list, "", NULL, deadline, -1, a, &page, &err));
    fakehttp_sync(server);
    assert_string_equal(sent.target, "/b?uploads=&encoding-type=url");
    fakehttp_sync(server); /* read before the next request writes it */
    assert_true(s3list_uploads(list, "t/", &last, deadline, -1, a, &page, &err));
    fakehttp_sync(server);
    assert_string_equal(sent.target, "/b?uploads=&encoding-type=url&prefix=t%2F&"
                                     "key-marker=t%2Fa%20b&upload-id-marker=i%2F1");
    arena_free(a);
    s3list_close(list);
    fakehttp_stop(server);
}

/* One GET of the object against a server that answers so; the answer is there before it starts. */
static bool count(const char *key, int64_t most, struct sent *sent, struct s3list_lines *lines,
                  struct err *err)
{
    struct fakehttp *server = fakehttp_start(handler, sent);
    struct s3list *list = open_fake(server);
    bool ok = s3list_count(list, key, most, clock_mono_ms() + 120000, -1, lines, err);
    fakehttp_sync(server);
    s3list_close(list);
    fakehttp_stop(server);
    return ok;
}

/* Confluent ends every line, Aiven's jsonl does not end the last one. */
static void test_lines_are_counted_and_not_kept(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        int64_t lines;
        char first;
    } cases[] = {
        {"{\"id\":1}\n{\"id\":2}\n", 2, '{' },
        {"{\"id\":1}\n{\"id\":2}",   2, '{' },
        {"",                         0, '\0'},
    };
    struct s3list_lines lines;
    struct err err = ERR_INIT;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct sent sent = {.status = 200, .body = cases[i].body};
        assert_true(count("t/a+0+1 é.json", 100, &sent, &lines, &err));
        assert_int_equal(lines.lines, cases[i].lines);
        assert_int_equal(lines.bytes, strlen(cases[i].body));
        assert_int_equal(lines.first, cases[i].first);
        assert_string_equal(sent.target, "/b/t/a%2B0%2B1%20%C3%A9.json");
    }
    struct sent large = {.status = 200, .body = cases[0].body};
    assert_false(count("k", 10, &large, &lines, &err));
    assert_int_equal(err.kind, ERR_TOOBIG);
    struct sent denied = {.status = 403,
                          .body = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>"};
    assert_false(count("k", 100, &denied, &lines, &err));
    assert_int_equal(err.kind, ERR_DENIED);
}

static void test_a_clock_that_is_off_is_named(void **state)
{
    (void)state;
    struct sent sent = {.status = 403, .body = "<Error><Code>RequestTimeTooSkewed</Code></Error>"};
    struct fakehttp *server = fakehttp_start(handler, &sent);
    struct aws_credentials creds = {.access_key_id = id, .secret_access_key = secret};
    char endpoint[64];
    (void)snprintf(endpoint, sizeof(endpoint), "http://127.0.0.1:%d", fakehttp_port(server));
    struct s3list_target target = {.bucket = "b", .endpoint = endpoint};
    struct err err = ERR_INIT;
    struct s3list *list = s3list_open(&target, &creds, &err);
    struct arena *a = arena_new();
    struct s3list_page page;
    struct s3list_query q = {.prefix = ""};
    assert_false(s3list_page(list, &q, clock_mono_ms() + 120000, -1, a, &page, &err));
    assert_int_equal(err.kind, ERR_AUTH);
    assert_non_null(strstr(err.text, "of the server's"));
    arena_free(a);
    s3list_close(list);
    fakehttp_stop(server);
}

static void test_endpoints(void **state)
{
    (void)state;
    static const struct {
        const char *bucket, *region, *endpoint, *shown;
    } cases[] = {
        {"b",      "",           "",               "https://s3.us-east-1.amazonaws.com"    },
        {"b",      "eu-west-3",  NULL,             "https://s3.eu-west-3.amazonaws.com"    },
        {"b",      "cn-north-1", NULL,             "https://s3.cn-north-1.amazonaws.com.cn"},
        {"b.c",    "",           "http://h:80",    "http://h"                              },
        {"b",      "",           "https://h:443/", "https://h"                             },
        {"b",      "",           "http://h:9000",  "http://h:9000"                         },
        {"b",      "",           "ftp://h",        NULL                                    },
        {"b",      "",           "http://u:p@h",   NULL                                    },
        {"b",      "",           "http://h/path",  NULL                                    },
        {"b/../c", "",           "http://h",       NULL                                    },
        {"",       "",           "http://h",       NULL                                    },
        {"b",      "evil.com/",  NULL,             NULL                                    },
    };
    struct aws_credentials creds = {.access_key_id = id, .secret_access_key = secret};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct s3list_target target = {
            .bucket = cases[i].bucket, .region = cases[i].region, .endpoint = cases[i].endpoint};
        struct err err = ERR_INIT;
        struct s3list *list = s3list_open(&target, &creds, &err);
        if ((list != NULL) != (cases[i].shown != NULL))
            fail_msg("case %zu: %s", i, err.text);
        if (list != NULL)
            assert_string_equal(s3list_endpoint(list), cases[i].shown);
        else
            assert_int_equal(err.kind, ERR_CONFIG);
        s3list_close(list);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_recorded_page),
        cmocka_unit_test(test_encoded_keys_are_decoded_only_where_the_server_says_so),
        cmocka_unit_test(test_what_is_no_list_is_refused),
        cmocka_unit_test(test_limits_hold),
        cmocka_unit_test(test_errors_say_what_an_operator_needs),
        cmocka_unit_test(test_requests_are_signed_and_sent_alike),
        cmocka_unit_test(test_recorded_uploads),
        cmocka_unit_test(test_uploads_go_on_after_the_last),
        cmocka_unit_test(test_lines_are_counted_and_not_kept),
        cmocka_unit_test(test_a_clock_that_is_off_is_named),
        cmocka_unit_test(test_endpoints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
