/* Where a bucket is: another region, access points, whose clock is right, who pays; and what an
 * address may be. */
#include "base/clock.h"
#include "base/mem.h"
#include "base/s3url.h"
#include "config/values.h"
#include "net/s3list.h"
#include "source/s3_cost.h"
#include "tests/check.h"
#include "tests/unit/fakehttp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- addresses ------------------------------------------------------------------------------- */

static void test_an_access_point_is_a_bucket_with_a_slash(void **state)
{
    (void)state;
    static const struct {
        const char *url, *bucket, *rest;
    } cases[] = {
        {"s3://lake",                                                    "lake",                   ""         },
        {"s3://lake/topics/a",                                           "lake",                   "/topics/a"},
        {"s3://lake-ap-8fj2k3-s3alias/t",                                "lake-ap-8fj2k3-s3alias", "/t"       },
        {"s3://arn:aws:s3:eu-west-3:123456789012:accesspoint/ap/topics",
         "arn:aws:s3:eu-west-3:123456789012:accesspoint/ap",                                       "/topics"  },
        {"s3://arn:aws:s3:eu-west-3:123456789012:accesspoint:ap/topics",
         "arn:aws:s3:eu-west-3:123456789012:accesspoint:ap",                                       "/topics"  },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t n;
        const char *bucket = s3url_bucket(cases[i].url, &n);
        assert_int_equal(n, strlen(cases[i].bucket));
        assert_memory_equal(bucket, cases[i].bucket, n);
        assert_string_equal(bucket + n, cases[i].rest);
        assert_null(value_bad_s3_url(cases[i].url));
    }
    assert_null(s3url_bucket("https://lake", &(size_t){0}));
}

static void test_what_cannot_be_watched_is_told_in_words(void **state)
{
    (void)state;
    static const struct {
        const char *bucket, *why;
    } cases[] = {
        {"arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-1/accesspoint/x", "Outposts"      },
        {"arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap",               "multi-region"  },
        {"arn:aws:s3-object-lambda:us-west-2:123456789012:accesspoint/x",         "Object Lambda" },
        {"arn:aws:s3:::lake",                                                     "REGION:ACCOUNT"},
        {"arn:aws:s3:eu-west-3:12345:accesspoint/ap",                             "REGION:ACCOUNT"},
        {"arn:aws:s3:eu-west-3:123456789012:accesspoint/",                        "REGION:ACCOUNT"},
        {"arn:aws:s3:eu-west-3:123456789012:accesspoint/a.evil.example",          "REGION:ACCOUNT"},
        {"arn:aws:s3:eu/west:123456789012:accesspoint/ap",                        "REGION:ACCOUNT"},
        {"arn:",                                                                  "REGION:ACCOUNT"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct s3arn arn;
        const char *why;
        assert_false(s3arn_read(cases[i].bucket, strlen(cases[i].bucket), &arn, &why));
        assert_non_null(why);
        if (strstr(why, cases[i].why) == NULL)
            fail_msg("%s: %s", cases[i].bucket, why);
        char *url = mem_printf("s3://%s", cases[i].bucket);
        assert_non_null(value_bad_s3_url(url));
        free(url);
        struct s3list_target target = {.bucket = cases[i].bucket};
        struct aws_credentials creds = {0};
        struct err err = ERR_INIT;
        assert_null(s3list_open(&target, &creds, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        assert_string_equal(err.text, why);
    }
}

/* ---- a server that is elsewhere -------------------------------------------------------------- */

static char id[] = "AKIDEXAMPLE", secret[] = "not-a-real-key";

struct place {
    struct fakehttp *server;
    const char *region; /* where the bucket is */
    int status;         /* of what comes to another one */
    const char *header, *body;
    int64_t clock_ms; /* what it thinks the time is; 0: what it is */
    bool pays;        /* the reader pays */
    int asked, well;
    char host[200], target[4096];
    bool signed_well;
};

static const char list_body[] = "<ListBucketResult><Contents><Key>k</Key></Contents>"
                                "</ListBucketResult>";

/* Is the request signed for that region, with the headers that came? */
static bool check(const struct fakehttp_request *req, const char *region, int64_t at_ms, bool pays)
{
    char host[200], auth[1000], target[4096];
    fakehttp_header(req, "Host", host, sizeof(host));
    fakehttp_header(req, "Authorization", auth, sizeof(auth));
    (void)snprintf(target, sizeof(target), "%s", req->target);
    char *query = strchr(target, '?');
    *query++ = '\0';
    char payload[65];
    sigv4_sha256_hex("", 0, payload);
    struct aws_credentials creds = {.access_key_id = id, .secret_access_key = secret};
    struct sigv4_header payer = {"x-amz-request-payer", "requester"};
    struct sigv4_request sign = {.method = "GET",
                                 .host = host,
                                 .path = target,
                                 .query = query,
                                 .headers = &payer,
                                 .nheaders = pays ? 1 : 0,
                                 .payload_sha256 = payload,
                                 .region = region,
                                 .service = "s3",
                                 .time_ms = at_ms};
    struct sigv4_result sig;
    struct err err = ERR_INIT;
    assert_true(sigv4_sign(&sign, &creds, &sig, &err));
    bool same = strcmp(sig.authorization.text, auth) == 0;
    sigv4_result_free(&sig);
    return same;
}

static int64_t time_of(const char *amz_date)
{
    struct tm tm = {0};
    return strptime(amz_date, "%Y%m%dT%H%M%SZ", &tm) != NULL ? (int64_t)timegm(&tm) * 1000 : -1;
}

static void handle(struct fakehttp *server, int fd, const struct fakehttp_request *req, void *arg)
{
    (void)server;
    struct place *p = arg;
    char auth[1000], date[40], payer[40], scope[80], now[80];
    fakehttp_header(req, "Authorization", auth, sizeof(auth));
    fakehttp_header(req, "X-Amz-Date", date, sizeof(date));
    fakehttp_header(req, "X-Amz-Request-Payer", payer, sizeof(payer));
    fakehttp_header(req, "Host", p->host, sizeof(p->host));
    (void)snprintf(p->target, sizeof(p->target), "%s", req->target);
    (void)snprintf(scope, sizeof(scope), "/%s/s3/aws4_request", p->region);
    int64_t at = time_of(date), clock = p->clock_ms != 0 ? p->clock_ms : clock_wall_ms();
    time_t seconds = (time_t)(clock / 1000);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    (void)strftime(now, sizeof(now), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &tm);
    p->asked++;
    if (strstr(auth, scope) == NULL) {
        fakehttp_answer(fd, p->status, p->header, p->body);
    } else if (at < clock - 900 * 1000 || at > clock + 900 * 1000) {
        fakehttp_answer(fd, 403, now,
                        "<Error><Code>RequestTimeTooSkewed</Code><Message>The difference between "
                        "the request time and the current time is too large.</Message></Error>");
    } else if (p->pays && strcmp(payer, "requester") != 0) {
        fakehttp_answer(fd, 403, now,
                        "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>");
    } else {
        p->well++;
        p->signed_well = check(req, p->region, at, p->pays);
        fakehttp_answer(fd, 200, p->pays ? "x-amz-request-charged: requester\r\n" : now, list_body);
    }
}

static void start(struct place *p)
{
    p->server = fakehttp_start(handle, p);
}

/* AWS's own host names, but at home: every name below localhost is this machine. */
static struct s3list *open_at(const struct place *p, const char *bucket, bool pays)
{
    char own[100];
    struct aws_credentials creds = {.access_key_id = id, .secret_access_key = secret};
    struct err err = ERR_INIT;
    (void)snprintf(own, sizeof(own), "http://s3-fips.us-east-1.localhost:%d",
                   fakehttp_port(p->server));
    struct s3list_target target = {.bucket = bucket, .own = own, .requester_pays = pays};
    struct s3list *list = s3list_open(&target, &creds, &err);
    if (list == NULL)
        fail_msg("%s", err.text);
    return list;
}

static bool list_one(struct s3list *list, struct err *err)
{
    struct s3list_query query = {.prefix = "topics/"};
    struct s3list_page page;
    struct arena *a = arena_new();
    bool ok = s3list_page(list, &query, clock_mono_ms() + 120000, -1, a, &page, err);
    assert_true(!ok || page.nentries == 1);
    arena_free(a);
    return ok;
}

static void test_a_redirect_is_followed_signed_anew_and_remembered(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *header, *body;
    } cases[] = {
        {301, "x-amz-bucket-region: eu-west-3\r\n",
         "<Error><Code>PermanentRedirect</Code><Message>The bucket you are attempting to access "
         "must be addressed using the specified endpoint.</Message><Endpoint>lake.s3.eu-west-3."
         "amazonaws.com</Endpoint></Error>"                                 },
        {301, "x-amz-bucket-region: eu-west-3\r\n", ""                      },
        {307, "x-amz-bucket-region: eu-west-3\r\n",
         "<Error><Code>TemporaryRedirect</Code><Message>m</Message></Error>"},
        {400, NULL,
         "<Error><Code>AuthorizationHeaderMalformed</Code><Message>The authorization header is "
         "malformed; the region 'us-east-1' is wrong; expecting 'eu-west-3'</Message><Region>"
         "eu-west-3</Region></Error>"                                       },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct place p = {.region = "eu-west-3",
                          .status = cases[i].status,
                          .header = cases[i].header,
                          .body = cases[i].body};
        struct err err = ERR_INIT;
        start(&p);
        struct s3list *list = open_at(&p, "lake", false);
        if (!list_one(list, &err))
            fail_msg("%zu: %s", i, err.text);
        fakehttp_sync(p.server);
        assert_int_equal(p.asked, 2);
        assert_true(p.signed_well);
        assert_string_equal(s3list_region(list), "eu-west-3");
        /* The host is the one of that region, with what was wished of it. */
        assert_non_null(strstr(p.host, "lake.s3-fips.eu-west-3.localhost:"));
        assert_true(list_one(list, &err));
        fakehttp_sync(p.server);
        assert_int_equal(p.asked, 3); /* straight away */
        assert_int_equal(s3list_spent(list).lists, 3);
        assert_int_equal(s3list_spent(list).reads, 0);
        s3list_close(list);
        fakehttp_stop(p.server);
    }
}

/* It must not go in circles, nor to a host that an answer made up. */
static void test_a_server_that_sends_in_circles_is_left(void **state)
{
    (void)state;
    static const char *const headers[] = {"x-amz-bucket-region: eu-west-9\r\n",
                                          "x-amz-bucket-region: evil.example/\r\n",
                                          "x-amz-bucket-region: us-east-1\r\n"};
    static const int asked[] = {2, 1, 1};
    for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
        struct place p = {.region = "nowhere",
                          .status = 301,
                          .header = headers[i],
                          .body = "<Error><Code>PermanentRedirect</Code><Message>m</Message>"
                                  "</Error>"};
        struct err err = ERR_INIT;
        start(&p);
        struct s3list *list = open_at(&p, "lake", false);
        assert_false(list_one(list, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        fakehttp_sync(p.server);
        assert_int_equal(p.asked, asked[i]);
        s3list_close(list);
        fakehttp_stop(p.server);
    }
}

/* A server of one's own has one address: only the region that is signed changes. */
static void test_an_endpoint_of_ones_own_is_kept(void **state)
{
    (void)state;
    struct place p = {.region = "eu-central-1",
                      .status = 400,
                      .body = "<Error><Code>AuthorizationHeaderMalformed</Code><Message>m</Message>"
                              "<Region>eu-central-1</Region></Error>"};
    struct aws_credentials creds = {.access_key_id = id, .secret_access_key = secret};
    struct err err = ERR_INIT;
    char endpoint[64];
    start(&p);
    (void)snprintf(endpoint, sizeof(endpoint), "http://127.0.0.1:%d", fakehttp_port(p.server));
    struct s3list_target target = {.bucket = "lake", .endpoint = endpoint};
    struct s3list *list = s3list_open(&target, &creds, &err);
    assert_true(list_one(list, &err));
    fakehttp_sync(p.server);
    assert_true(p.signed_well);
    assert_non_null(strstr(p.host, "127.0.0.1:"));
    assert_int_equal(strncmp(p.target, "/lake?", 6), 0);
    s3list_close(list);
    fakehttp_stop(p.server);
}

static void test_an_access_point_has_a_host_of_its_own(void **state)
{
    (void)state;
    struct place p = {.region = "us-east-1"};
    struct err err = ERR_INIT;
    start(&p);
    struct s3list *list =
        open_at(&p, "arn:aws:s3:us-east-1:123456789012:accesspoint/reports", false);
    assert_true(list_one(list, &err));
    fakehttp_sync(p.server);
    assert_true(p.signed_well);
    assert_non_null(strstr(p.host, "reports-123456789012.s3-accesspoint-fips.us-east-1.localhost"));
    assert_int_equal(strncmp(p.target, "/?", 2), 0);
    s3list_close(list);
    /* In its own region, whatever the configuration says. */
    p.region = "eu-west-3";
    list = open_at(&p, "arn:aws:s3:eu-west-3:123456789012:accesspoint/reports", false);
    assert_true(list_one(list, &err));
    fakehttp_sync(p.server);
    assert_non_null(strstr(p.host, "s3-accesspoint-fips.eu-west-3.localhost"));
    s3list_close(list);
    fakehttp_stop(p.server);
}

static void test_a_clock_that_is_wrong_is_corrected(void **state)
{
    (void)state;
    struct place p = {.region = "us-east-1"};
    struct err err = ERR_INIT;
    start(&p);
    p.clock_ms = clock_wall_ms() + 3600 * 1000;
    struct s3list *list = open_at(&p, "lake", false);
    assert_true(list_one(list, &err));
    fakehttp_sync(p.server);
    assert_int_equal(p.asked, 2);
    assert_true(s3list_skew_ms(list) > 3590 * 1000);
    assert_true(list_one(list, &err));
    fakehttp_sync(p.server);
    assert_int_equal(p.asked, 3);
    s3list_close(list);
    fakehttp_stop(p.server);
}

static void test_who_agrees_to_pay_is_counted_as_charged(void **state)
{
    (void)state;
    struct place p = {.region = "us-east-1", .pays = true};
    struct err err = ERR_INIT;
    start(&p);
    struct s3list *list = open_at(&p, "lake", false);
    assert_false(list_one(list, &err));
    assert_int_equal(err.kind, ERR_DENIED);
    assert_int_equal(s3list_spent(list).charged, 0);
    s3list_close(list);
    list = open_at(&p, "lake", true);
    assert_true(list_one(list, &err));
    fakehttp_sync(p.server);
    assert_true(p.signed_well);
    assert_int_equal(s3list_spent(list).charged, 1);
    s3list_close(list);
    fakehttp_stop(p.server);
}

/* ---- refusals -------------------------------------------------------------------------------- */

static void test_a_key_that_refuses_is_not_the_bucket(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *code, *message;
        enum err_kind kind;
        bool kms;
    } cases[] = {
        {403, "AccessDenied",
         "User: arn:aws:sts::123456789012:assumed-role/cdc/i-1 is not authorized to perform: "
         "kms:Decrypt on resource: arn:aws:kms:eu-west-3:123456789012:key/k because no "
         "identity-based policy allows the kms:Decrypt action",                                     ERR_DENIED,   true },
        {400, "KMS.DisabledException", "arn:aws:kms:eu-west-3:123456789012:key/k is disabled.",
         ERR_DENIED,                                                                                              true },
        {403, "AccessDenied",
         "The ciphertext refers to a customer master key that does not exist, does not exist in "
         "this region, or you are not allowed to access.",                                          ERR_DENIED,   true },
        {403, "AccessDenied",          "Access Denied",                                             ERR_DENIED,   false},
        {400, "ExpiredToken",          "The provided token has expired.",                           ERR_AUTH,     false},
        {403, "SignatureDoesNotMatch", "The request signature we calculated does not match",
         ERR_AUTH,                                                                                                false},
        {403, "InvalidObjectState",    "The operation is not valid for the object's storage class",
         ERR_DENIED,                                                                                              false},
        {404, "NoSuchAccessPoint",     "The specified accesspoint does not exist",                  ERR_NOTFOUND, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_INIT;
        char *body = mem_printf("<Error><Code>%s</Code><Message>%s</Message></Error>",
                                cases[i].code, cases[i].message);
        assert_false(
            s3list_error(cases[i].status, body, strlen(body), "lake", "eu-west-3", NULL, &err));
        assert_int_equal(err.kind, cases[i].kind);
        assert_int_equal(strstr(err.text, "refused by the KMS key") != NULL, cases[i].kms);
        free(body);
    }
}

static void test_only_aws_is_paid_by_the_request(void **state)
{
    (void)state;
    struct s3_cost cost = {0};
    struct s3list_spent before = {0}, now = {.lists = 10, .uploads = 1, .reads = 5};
    struct s3_snap snap;
    s3_cost_count(&cost, false, NULL, &before, now);
    assert_int_equal(cost.nano_usd, 0);
    now.lists += 100;
    now.reads += 10;
    s3_cost_count(&cost, true, NULL, &before, now);
    assert_int_equal(cost.nano_usd, 100 * 5000 + 10 * 400);
    s3_cost_count(&cost, true, NULL, &before, now); /* nothing new */
    assert_int_equal(cost.nano_usd, 100 * 5000 + 10 * 400);
    s3_cost_tell(&cost, &snap);
    assert_int_equal(snap.requests, 126);
    assert_int_equal(snap.reads, 15);
    assert_true(snap.usd_micro_per_hour == UNKNOWN); /* seen for too short a time */
    cost.marks[0].mono_ms -= INT64_C(1800) * 1000;
    cost.marks[0].nano_usd = 4000;
    s3_cost_tell(&cost, &snap);
    assert_true(snap.usd_micro_per_hour >= 990 && snap.usd_micro_per_hour <= 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_access_point_is_a_bucket_with_a_slash),
        cmocka_unit_test(test_what_cannot_be_watched_is_told_in_words),
        cmocka_unit_test(test_a_redirect_is_followed_signed_anew_and_remembered),
        cmocka_unit_test(test_a_server_that_sends_in_circles_is_left),
        cmocka_unit_test(test_an_endpoint_of_ones_own_is_kept),
        cmocka_unit_test(test_an_access_point_has_a_host_of_its_own),
        cmocka_unit_test(test_a_clock_that_is_wrong_is_corrected),
        cmocka_unit_test(test_who_agrees_to_pay_is_counted_as_charged),
        cmocka_unit_test(test_only_aws_is_paid_by_the_request),
        cmocka_unit_test(test_a_key_that_refuses_is_not_the_bucket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
