/* moto, which verifies with code of its own and knows users and policies: STS, Secrets Manager,
 * RDS, CloudWatch, Logs, and the lists of S3. */
#include "base/clock.h"
#include "base/mem.h"
#include "net/s3list.h"
#include "tests/aws/rig.h"
#include "tests/check.h"
#include "tests/pty/rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CALL_MS = 20 * 1000 };

static void open_moto(struct contract_client *c, const char *id, const char *secret)
{
    char *toml =
        mem_printf("[[pipeline]]\nname = \"shop\"\n[pipeline.aws]\nregion = \"eu-west-3\"\n"
                   "endpoint = \"%s\"\naccess_key_id = \"%s\"\nsecret_access_key = \"%s\"\n"
                   "[pipeline.rds]\ninstance = \"shop\"\n",
                   getenv("AWS_MOTO_URL"), id, secret);
    contract_open(c, toml);
    free(toml);
}

static void open_admin(struct contract_client *c)
{
    open_moto(c, getenv("AWS_MOTO_KEY"), getenv("AWS_MOTO_SECRET"));
}

static bool send(struct contract_client *c, enum aws_call call, const char *body,
                 struct aws_answer *answer, struct err *err)
{
    *err = (struct err)ERR_INIT;
    struct aws_request request = {
        .call = call, .body = body, .deadline_ms = clock_mono_ms() + CALL_MS, .stop_fd = -1};
    return aws_send(c->client, &request, answer, err);
}

struct call {
    enum aws_call call;
    const char *body;
    const char *says;
};

static const struct call calls[] = {
    {STS_GET_CALLER_IDENTITY, NULL,                              ":user/admin"                },
    {SECRETS_GET_VALUE,       "{\"SecretId\":\"shop/db\"}",      "debezium"                   },
    {RDS_INSTANCES,           "DBInstanceIdentifier=shop",       "<DBInstanceIdentifier>shop<"},
    {RDS_CLUSTERS,            "DBClusterIdentifier=shop-aurora", "<IsClusterWriter>true<"     },
};

static void answers(struct contract_client *c, enum aws_call call, const char *body,
                    const char *says)
{
    struct aws_answer answer;
    struct err err;
    if (!send(c, call, body, &answer, &err))
        fail_msg("%s: %s", aws_calls[call].operation, err.text);
    if (strstr(answer.body.text, says) == NULL)
        fail_msg("%s: no %s in %s", aws_calls[call].operation, says, answer.body.text);
    aws_answer_free(&answer);
}

static void test_the_services_answer(void **state)
{
    (void)state;
    struct contract_client c;
    open_admin(&c);
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
        answers(&c, calls[i].call, calls[i].body, calls[i].says);
    long long now = clock_wall_ms() / 1000 + 60;
    char *figures = mem_printf(
        "{\"StartTime\":%lld,\"EndTime\":%lld,\"MetricDataQueries\":[{\"Id\":\"m\",\"MetricStat\":{"
        "\"Metric\":{\"Namespace\":\"AWS/"
        "RDS\",\"MetricName\":\"FreeStorageSpace\",\"Dimensions\":[{"
        "\"Name\":\"DBInstanceIdentifier\",\"Value\":\"shop\"}]},\"Period\":60,\"Stat\":"
        "\"Average\"}}]}",
        now - 3600, now);
    answers(&c, CW_GET_DATA, figures, "40000000000");
    free(figures);
    contract_close(&c);
}

static enum err_kind refusal(const char *id, const char *secret, enum aws_call call,
                             const char *body)
{
    struct contract_client c;
    struct aws_answer answer;
    struct err err;
    open_moto(&c, id, secret);
    if (send(&c, call, body, &answer, &err))
        fail_msg("%s was not refused", aws_calls[call].operation);
    contract_close(&c);
    return err.kind;
}

/* moto writes its refusals of a signature as EC2 would, whatever the service: that they are told
 * from those of IAM is tested with the contract server. */
static void test_refusals_are_told_apart(void **state)
{
    (void)state;
    const char *key = getenv("AWS_MOTO_KEY"), *secret = getenv("AWS_MOTO_SECRET");
    const char *db = "{\"SecretId\":\"shop/db\"}";
    for (int i = 0; i < 2; i++) {
        const char *id = i == 0 ? key : "AKIANOBODY";
        enum err_kind kind = refusal(id, i == 0 ? "wrong" : secret, SECRETS_GET_VALUE, db);
        assert_true(kind == ERR_AUTH || kind == ERR_DENIED);
    }
    assert_int_equal(refusal(key, secret, SECRETS_GET_VALUE, "{\"SecretId\":\"no\"}"),
                     ERR_NOTFOUND);
    assert_int_equal(refusal(getenv("AWS_MOTO_READER_KEY"), getenv("AWS_MOTO_READER_SECRET"),
                             STS_ASSUME_ROLE,
                             "RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fcdctop"
                             "&RoleSessionName=test"),
                     ERR_DENIED);
}

/* As a rotation does it: another value, under the same name. */
static void put_secret(const char *name, const char *text)
{
    const char *argv[] = {getenv("AWS_PYTHON"),
                          "tests/stack/aws/moto_run.py",
                          "put-secret",
                          getenv("AWS_MOTO_URL"),
                          getenv("AWS_MOTO_KEY"),
                          getenv("AWS_MOTO_SECRET"),
                          name,
                          text,
                          NULL};
    int status;
    char *out = rig_run_other(argv, NULL, 60, &status);
    if (status != 0)
        fail_msg("put-secret: %s", out);
    free(out);
}

static void settles(struct contract_client *c, const char *text, const char *want)
{
    struct err err = ERR_INIT;
    char *got = aws_settle(c->client, text, clock_mono_ms() + CALL_MS, -1, &err);
    if (got == NULL)
        fail_msg("%s: %s", text, err.text);
    assert_string_equal(got, want);
    mem_wipe_free(got);
}

static void test_a_rotated_secret_is_read_again_when_it_was_refused(void **state)
{
    (void)state;
    struct contract_client c;
    open_admin(&c);
    put_secret("shop/rotated", "{\"username\":\"a\",\"password\":\"before\"}");
    settles(&c, "x-${secret:shop/rotated#password}-y", "x-before-y");
    put_secret("shop/rotated", "{\"username\":\"a\",\"password\":\"after\"}");
    settles(&c, "${secret:shop/rotated#password}", "before");
    assert_true(aws_secrets_forget(c.aws, "${secret:shop/rotated#password}"));
    settles(&c, "${secret:shop/rotated#password}", "after");
    settles(&c, "${secret:shop/rotated#username}", "a");
    assert_false(aws_secrets_forget(c.aws, "${secret:shop/rotated#password}"));
    contract_close(&c);
}

/* ---- S3 */

static struct s3list *open_list(const char *secret)
{
    struct err err = ERR_INIT;
    struct s3list_target target = {
        .bucket = "shop-lake", .region = "eu-west-3", .endpoint = getenv("AWS_MOTO_URL")};
    char *id = mem_strdup(getenv("AWS_MOTO_KEY")), *key = mem_strdup(secret);
    struct aws_credentials creds = {
        .access_key_id = id, .secret_access_key = key, .expires_ms = INT64_MAX};
    struct s3list *list = s3list_open(&target, &creds, &err);
    assert_non_null(list);
    aws_credentials_free(&creds);
    return list;
}

static void test_a_list_comes_page_by_page(void **state)
{
    (void)state;
    struct s3list *list = open_list(getenv("AWS_MOTO_SECRET"));
    struct arena *arena = arena_new();
    struct s3list_query query = {.prefix = "pages/", .max_keys = 7}, next;
    struct s3list_page page;
    struct err err = ERR_INIT;
    int keys = 0, pages = 0;
    for (bool more = true; more; query = next) {
        if (!s3list_page(list, &query, clock_mono_ms() + CALL_MS, -1, arena, &page, &err))
            fail_msg("page %d: %s", pages, err.text);
        for (size_t i = 0; i < page.nentries; i++) {
            char want[32];
            (void)snprintf(want, sizeof(want), "pages/%04d.json", keys++);
            assert_string_equal(page.entries[i].key, want);
        }
        pages++;
        more = s3list_next(arena, &query, &page, &next);
    }
    assert_int_equal(keys, 25);
    assert_int_equal(pages, 4);
    arena_free(arena);
    s3list_close(list);
}

static void test_odd_keys_come_as_they_are(void **state)
{
    (void)state;
    static const char *const names[] = {"space here",  "plus+plus", "percent%25",
                                        "amp&eq=",     "quote'\"",  "semi;colon:at@",
                                        "star*(par)!", "a//b",      "\u00e9\u65e5\u672c"};
    struct s3list *list = open_list(getenv("AWS_MOTO_SECRET"));
    struct arena *arena = arena_new();
    struct err err = ERR_INIT;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *prefix = mem_printf("raw/%s/", names[i]);
        char *want = mem_printf("%sfile 1+2.json", prefix);
        struct s3list_query query = {.prefix = prefix};
        struct s3list_page page;
        if (!s3list_page(list, &query, clock_mono_ms() + CALL_MS, -1, arena, &page, &err))
            fail_msg("%s: %s", prefix, err.text);
        if (page.nentries != 1 || strcmp(page.entries[0].key, want) != 0)
            fail_msg("%s: %zu keys", prefix, page.nentries);
        free(prefix);
        free(want);
    }
    arena_free(arena);
    s3list_close(list);
}

static void test_a_wrong_secret_is_no_empty_bucket(void **state)
{
    (void)state;
    struct s3list *list = open_list("wrong");
    struct arena *arena = arena_new();
    struct s3list_query query = {.prefix = ""};
    struct s3list_page page;
    struct err err = ERR_INIT;
    assert_false(s3list_page(list, &query, clock_mono_ms() + CALL_MS, -1, arena, &page, &err));
    assert_int_equal(err.kind, ERR_AUTH);
    arena_free(arena);
    s3list_close(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_services_answer),
        cmocka_unit_test(test_refusals_are_told_apart),
        cmocka_unit_test(test_a_rotated_secret_is_read_again_when_it_was_refused),
        cmocka_unit_test(test_a_list_comes_page_by_page),
        cmocka_unit_test(test_odd_keys_come_as_they_are),
        cmocka_unit_test(test_a_wrong_secret_is_no_empty_bucket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
