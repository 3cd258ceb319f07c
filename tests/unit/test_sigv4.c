/* The signer against recorded vectors of AWS's own, and what no vector says. */
#include "base/mem.h"
#include "net/sigv4.h"
#include "tests/check.h"
#include "tests/unit/sigv4_check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char key_id[] = "A", key_secret[] = "B";

static void test_all_vectors_are_reproduced(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        int count;
    } files[] = {
        {"tests/vectors/msk_iam.json",   4 },
        {"tests/vectors/rds_iam.json",   2 },
        {"tests/vectors/sigv4_api.json", 30},
        {"tests/vectors/sigv4_s3.json",  22},
    };
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct sigv4_tally tally = {0};
        assert_true(sigv4_check_file(files[i].path, &tally, stderr));
        assert_int_equal(tally.failed, 0);
        assert_int_equal(tally.passed, files[i].count);
    }
}

static bool check_text(const char *json, struct sigv4_tally *tally)
{
    char path[] = "/tmp/cdctop-vectors-XXXXXX";
    int fd = mkstemp(path);
    FILE *sink = fopen("/dev/null", "w");
    assert_true(fd >= 0 && sink != NULL);
    assert_int_equal(write(fd, json, strlen(json)), strlen(json));
    close(fd);
    bool ok = sigv4_check_file(path, tally, sink);
    fclose(sink);
    unlink(path);
    return ok;
}

static void test_a_wrong_vector_is_noticed(void **state)
{
    (void)state;
    static const char wrong[] =
        "{\"vectors\":[{\"name\":\"x\",\"region\":\"us-east-1\",\"signing_service\":\"s3\","
        "\"credentials\":{\"access_key_id\":\"A\",\"secret_access_key\":\"B\"},"
        "\"signing_time\":\"2026-03-14T01:59:26Z\",\"method\":\"GET\",\"url\":\"https://h/\","
        "\"expected_signature\":\"00\"},{\"name\":\"of no kind\"}]}";
    struct sigv4_tally tally = {0};
    assert_true(check_text(wrong, &tally));
    assert_int_equal(tally.passed, 0);
    assert_int_equal(tally.failed, 2);
    assert_false(check_text("not json", &tally));
    assert_false(check_text("{\"vectors\":[]}", &tally));
    assert_false(sigv4_check_file("/nonexistent", &tally, stderr));
}

static struct sigv4_request plain_request(void)
{
    return (struct sigv4_request){
        .method = "GET",
        .host = "h",
        .path = "/",
        .query = "",
        .payload_sha256 = "UNSIGNED-PAYLOAD",
        .region = "us-east-1",
        .service = "s3",
        .time_ms = INT64_C(1773453566000),
    };
}

static void assert_canonical(const struct sigv4_request *req, const char *want)
{
    struct aws_credentials creds = {.access_key_id = key_id, .secret_access_key = key_secret};
    struct sigv4_result r;
    struct err err = ERR_INIT;
    assert_true(sigv4_sign(req, &creds, &r, &err));
    assert_string_equal(r.canonical_request.text, want);
    sigv4_result_free(&r);
}

static void test_headers_are_lowered_trimmed_sorted_and_single(void **state)
{
    (void)state;
    static const struct sigv4_header headers[] = {
        {"X-Zed",      "  a   b\t c  "   },
        {"Accept",     "x"               },
        {"Host",       "other"           },
        {"X-Amz-Date", "19990101T000000Z"},
    };
    struct sigv4_request req = plain_request();
    req.headers = headers;
    req.nheaders = ARRAY_LEN(headers);
    assert_canonical(&req, "GET\n/\n\naccept:x\nhost:h\nx-amz-content-sha256:UNSIGNED-PAYLOAD\n"
                           "x-amz-date:20260314T015926Z\nx-zed:a b c\n\n"
                           "accept;host;x-amz-content-sha256;x-amz-date;x-zed\nUNSIGNED-PAYLOAD");
}

static void test_the_query_is_sorted_and_encoded_once(void **state)
{
    (void)state;
    struct sigv4_request req = plain_request();
    req.query = "b=2&a-=1&a=%7e&a=%2f+&flag&&bad=%zz%0";
    assert_canonical(&req, "GET\n/\na=%2F%2B&a=~&a-=1&b=2&bad=%25zz%250&flag=\n"
                           "host:h\nx-amz-content-sha256:UNSIGNED-PAYLOAD\n"
                           "x-amz-date:20260314T015926Z\n\n"
                           "host;x-amz-content-sha256;x-amz-date\nUNSIGNED-PAYLOAD");
}

static void test_only_s3_takes_the_path_as_it_is(void **state)
{
    (void)state;
    static const struct {
        const char *service, *path, *want;
    } cases[] = {
        {"s3",    "/a/../b//c%20d", "GET\n/a/../b//c%20d\n"},
        {"kafka", "/a/../b//c%20d", "GET\n/b/c%2520d\n"    },
        {"kafka", "/a/./b/",        "GET\n/a/b/\n"         },
        {"kafka", "/../..",         "GET\n/\n"             },
        {"kafka", "",               "GET\n/\n"             },
        {"s3",    "",               "GET\n/\n"             },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct aws_credentials creds = {.access_key_id = key_id, .secret_access_key = key_secret};
        struct sigv4_request req = plain_request();
        struct sigv4_result r;
        struct err err = ERR_INIT;
        req.service = cases[i].service;
        req.path = cases[i].path;
        assert_true(sigv4_sign(&req, &creds, &r, &err));
        assert_memory_equal(r.canonical_request.text, cases[i].want, strlen(cases[i].want));
        sigv4_result_free(&r);
    }
}

static void test_nothing_is_signed_without_keys_or_beyond_the_limits(void **state)
{
    (void)state;
    struct aws_credentials none = {0},
                           creds = {.access_key_id = key_id, .secret_access_key = key_secret};
    struct sigv4_request req = plain_request();
    struct sigv4_result r;
    struct err err = ERR_INIT;
    int64_t expires_ms;
    assert_false(sigv4_sign(&req, &none, &r, &err));
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_null(sigv4_msk_token(&none, "us-east-1", NULL, 0, &expires_ms));
    assert_null(sigv4_rds_token(&none, "us-east-1", "h", 5432, "u", 0));
    char *big = mem_alloc(300000);
    memset(big, 'a', 299999);
    req.query = big;
    assert_false(sigv4_sign(&req, &creds, &r, &err));
    assert_int_equal(err.kind, ERR_TOOBIG);
    for (size_t i = 1; i < 299999; i += 2)
        big[i] = '&';
    assert_false(sigv4_sign(&req, &creds, &r, &err));
    assert_int_equal(err.kind, ERR_TOOBIG);
    creds.session_token = big;
    assert_null(sigv4_rds_token(&creds, "us-east-1", "h", 5432, "u", 0));
    free(big);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_vectors_are_reproduced),
        cmocka_unit_test(test_a_wrong_vector_is_noticed),
        cmocka_unit_test(test_headers_are_lowered_trimmed_sorted_and_single),
        cmocka_unit_test(test_the_query_is_sorted_and_encoded_once),
        cmocka_unit_test(test_only_s3_takes_the_path_as_it_is),
        cmocka_unit_test(test_nothing_is_signed_without_keys_or_beyond_the_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
