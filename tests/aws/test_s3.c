/* S3 servers that verify signatures: listing, what is wrong with the login, another region, a clock
 * that is wrong, and who pays. */
#include "base/clock.h"
#include "base/mem.h"
#include "net/s3list.h"
#include "tests/aws/rig.h"
#include "tests/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOUR_MS = 3600 * 1000 };

struct server {
    char name[32], url[100], key[64], secret[64];
    bool looks_at_clocks, has_a_region;
};

/* The next of AWS_S3_SERVERS; false: there is no more. */
static bool next_server(const char **at, struct server *s)
{
    char looks[16];
    if (*at == NULL ||
        sscanf(*at, "%31s %99s %63s %63s %15s", s->name, s->url, s->key, s->secret, looks) != 5)
        return false;
    s->looks_at_clocks = strstr(looks, "skew") != NULL;
    s->has_a_region = strstr(looks, "region") != NULL;
    const char *end = strchr(*at, '\n');
    *at = end != NULL ? end + 1 : NULL;
    return true;
}

static struct s3list *open_list(struct server *s, const char *region, int64_t skew_ms)
{
    struct aws_credentials creds = {.access_key_id = s->key, .secret_access_key = s->secret};
    struct s3list_target target = {.bucket =
                                       strcmp(s->name, "moto") == 0 ? "shop-lake" : "cdc-lake",
                                   .region = region,
                                   .endpoint = s->url,
                                   .requester_pays = true,
                                   .skew_ms = skew_ms};
    struct err err = ERR_INIT;
    struct s3list *list = s3list_open(&target, &creds, &err);
    if (list == NULL)
        fail_msg("%s: %s", s->name, err.text);
    return list;
}

static bool list_it(struct s3list *list, size_t *n, struct err *err)
{
    struct arena *a = arena_new();
    struct s3list_query query = {.prefix = "pages/", .max_keys = 10};
    struct s3list_page page;
    bool ok = s3list_page(list, &query, clock_mono_ms() + 20000, -1, a, &page, err);
    *n = ok ? page.nentries : 0;
    arena_free(a);
    return ok;
}

static void each(void (*test)(struct server *s))
{
    const char *at = getenv("AWS_S3_SERVERS");
    struct server s;
    int n = 0;
    for (; next_server(&at, &s); n++)
        test(&s);
    assert_true(n > 0);
}

static void lists_well(struct server *s)
{
    struct err err = ERR_INIT;
    size_t n;
    struct s3list *list = open_list(s, "eu-west-3", 0);
    if (!list_it(list, &n, &err))
        fail_msg("%s: %s", s->name, err.text);
    assert_int_equal(n, strcmp(s->name, "moto") == 0 ? 10 : 0);
    s3list_close(list);
}

static void refuses_a_wrong_key(struct server *s)
{
    struct server wrong = *s;
    struct err err = ERR_INIT;
    size_t n;
    (void)snprintf(wrong.secret, sizeof(wrong.secret), "another-secret");
    struct s3list *list = open_list(&wrong, "eu-west-3", 0);
    assert_false(list_it(list, &n, &err));
    if (err.kind != ERR_AUTH)
        fail_msg("%s: %s", s->name, err.text);
    s3list_close(list);
}

/* Signed for another region: the server tells its own and is asked again with a signature for that
 * one, or does not mind. */
static void minds_no_other_region(struct server *s)
{
    struct err err = ERR_INIT;
    size_t n;
    struct s3list *list = open_list(s, "us-east-1", 0);
    if (!list_it(list, &n, &err))
        fail_msg("%s: %s", s->name, err.text);
    assert_string_equal(s3list_region(list), s->has_a_region ? "eu-west-3" : "us-east-1");
    s3list_close(list);
}

/* The whole program, whose configuration has the wrong one. */
static void shows_the_bucket(struct server *s)
{
    int status;
    char *toml = mem_printf("[[pipeline]]\nname = \"shop\"\n[pipeline.s3]\n"
                            "url = \"s3://cdc-lake/topics\"\nregion = \"us-east-1\"\n"
                            "endpoint = \"%s\"\naccess_key_id = \"%s\"\n"
                            "secret_access_key = \"%s\"\n",
                            s->url, s->key, s->secret);
    cJSON *root = contract_status(toml, &status);
    assert_string_equal(contract_source(root, "s3", "error"), "");
    assert_string_equal(contract_source(root, "s3", "state"), "fresh");
    (void)contract_find(root, "prefixes", "name", "shop.public.orders");
    cJSON_Delete(root);
    free(toml);
}

/* Ours is an hour ahead: the first answer tells the time, the second request has it. */
static void mends_the_clock(struct server *s)
{
    struct err err = ERR_INIT;
    size_t n;
    struct s3list *list = open_list(s, "eu-west-3", HOUR_MS);
    if (!list_it(list, &n, &err))
        fail_msg("%s: %s", s->name, err.text);
    if (s->looks_at_clocks)
        assert_true(s3list_skew_ms(list) < 60 * 1000 && s3list_skew_ms(list) > -60 * 1000);
    s3list_close(list);
}

static void test_a_list(void **state)
{
    (void)state;
    each(lists_well);
}

static void test_a_wrong_key(void **state)
{
    (void)state;
    each(refuses_a_wrong_key);
}

static void test_another_region(void **state)
{
    (void)state;
    each(minds_no_other_region);
}

static void test_the_program_in_another_region(void **state)
{
    const char *at = getenv("AWS_S3_SERVERS");
    struct server s;
    (void)state;
    while (next_server(&at, &s)) {
        if (s.has_a_region) {
            shows_the_bucket(&s);
            return;
        }
    }
    print_message("# forbidden here: versitygw, the S3 server that has a region, cannot be built "
                  "without Go\n");
    skip();
}

static void test_a_wrong_clock(void **state)
{
    (void)state;
    each(mends_the_clock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_list),         cmocka_unit_test(test_a_wrong_key),
        cmocka_unit_test(test_another_region), cmocka_unit_test(test_the_program_in_another_region),
        cmocka_unit_test(test_a_wrong_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
