/* Secrets of Secrets Manager against its model: read, rotated, refused, broken. What they hold is
 * never in an error (the run's directory is searched for it, too). */
#include "base/clock.h"
#include "base/mem.h"
#include "tests/aws/rig.h"
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

enum { PLENTY_MS = 30000, SHORT_MS = 400 };

static void open_as(struct contract_client *c, const char *user)
{
    char *toml =
        contract_toml(user, "[pipeline.connect]\nurls = \"http://127.0.0.1:1\"\n"
                            "username = \"u\"\npassword = \"${secret:shop/db#password}\"\n");
    contract_open(c, toml);
    free(toml);
}

static char *settled(struct contract_client *c, const char *text, int ms, struct err *err)
{
    err_clear(err);
    return aws_settle(c->client, text, clock_mono_ms() + ms, -1, err);
}

static void test_a_member_and_all_of_it(void **state)
{
    (void)state;
    struct contract_client c;
    struct err err = ERR_INIT;
    open_as(&c, "reader");
    char *text = settled(&c, "${secret:shop/db#username}:${secret:shop/db#port}", PLENTY_MS, &err);
    if (text == NULL)
        fail_msg("%s", err.text);
    assert_string_equal(text, "debezium:5432");
    mem_wipe_free(text);
    assert_int_equal(contract_count("GetSecretValue"), 1);
    text = settled(&c, "${secret:shop/plain}", PLENTY_MS, &err);
    assert_non_null(text);
    assert_true(strlen(text) > 8);
    mem_wipe_free(text);
    text = settled(&c,
                   "${secret:arn:aws:secretsmanager:eu-west-3:123456789012:secret:shop/kafka-AbCdEf"
                   "#username}",
                   PLENTY_MS, &err);
    if (text == NULL)
        fail_msg("%s", err.text);
    assert_string_equal(text, "shop");
    mem_wipe_free(text);
    contract_close(&c);
}

static void test_a_rotation_is_seen_after_a_refusal(void **state)
{
    (void)state;
    struct contract_client c;
    struct err err = ERR_INIT;
    open_as(&c, "admin");
    char *before = settled(&c, "${secret:shop/kafka#username}", PLENTY_MS, &err);
    contract_set("\"{\\\"username\\\": \\\"rotated\\\"}\"", "secretsmanager", "secrets",
                 "shop/kafka", "SecretString", NULL);
    char *kept = settled(&c, "${secret:shop/kafka#username}", PLENTY_MS, &err);
    assert_string_equal(before, kept);
    assert_true(aws_secrets_forget(c.aws, "${secret:shop/kafka#username}"));
    assert_false(aws_secrets_forget(c.aws, "${secret:shop/kafka#username}"));
    char *after = settled(&c, "${secret:shop/kafka#username}", PLENTY_MS, &err);
    assert_string_equal(after, "rotated");
    assert_int_equal(contract_count("GetSecretValue"), 2);
    mem_wipe_free(before);
    mem_wipe_free(kept);
    mem_wipe_free(after);
    contract_close(&c);
}

static void test_refusals_say_which_secret(void **state)
{
    (void)state;
    static const struct {
        const char *user, *text, *says;
        enum err_kind kind;
    } cases[] = {
        {"nobody",  "${secret:shop/db}",             "secret shop/db",      ERR_DENIED     },
        {"unknown", "${secret:shop/db}",             "secret shop/db",      ERR_AUTH       },
        {"expired", "${secret:shop/db}",             "secret shop/db",      ERR_AUTH       },
        {"admin",   "${secret:shop/nothing}",        "secret shop/nothing", ERR_NOTFOUND   },
        {"admin",   "${secret:shop/binary}",         "SecretBinary",        ERR_UNSUPPORTED},
        {"admin",   "${secret:shop/plain#password}", "no JSON object",      ERR_CONFIG     },
        {"admin",   "${secret:shop/db#pasword}",     "no member pasword",   ERR_CONFIG     },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct contract_client c;
        struct err err = ERR_INIT;
        open_as(&c, cases[i].user);
        assert_null(settled(&c, cases[i].text, PLENTY_MS, &err));
        if (err.kind != cases[i].kind || strstr(err.text, cases[i].says) == NULL ||
            strstr(err.text, "Passw0rd") != NULL)
            fail_msg("%s as %s: %d %s", cases[i].text, cases[i].user, (int)err.kind, err.text);
        contract_close(&c);
    }
}

static void test_throttled_and_broken(void **state)
{
    (void)state;
    static const char *const kinds[] = {"hang", "half",  "reset",  "garbage",
                                        "html", "empty", "http500"};
    struct contract_client c;
    struct err err = ERR_INIT;
    open_as(&c, "admin");
    contract_fault("throttle", "secretsmanager", NULL, 2);
    char *text = settled(&c, "${secret:shop/db#username}", PLENTY_MS, &err);
    if (text == NULL)
        fail_msg("%s", err.text);
    mem_wipe_free(text);
    contract_close(&c);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        contract_reset();
        contract_fault(kinds[i], "secretsmanager", NULL, 0);
        open_as(&c, "admin");
        assert_null(settled(&c, "${secret:shop/db#username}", SHORT_MS, &err));
        assert_true(err.kind != ERR_NONE && strstr(err.text, "shop/db") != NULL);
        contract_close(&c);
    }
}

/* Connect is not there: what is told of that must not have the password, wherever it went. */
static void test_the_program_keeps_it_to_itself(void **state)
{
    (void)state;
    cJSON *root = contract_status_of(
        "reader", "[pipeline.connect]\nurls = \"http://127.0.0.1:1\"\n"
                  "username = \"u\"\npassword = \"${secret:shop/db#password}\"\n");
    assert_true(contract_count("GetSecretValue") >= 1);
    char *printed = cJSON_PrintUnformatted(root);
    assert_null(strstr(printed, "Passw0rd"));
    cJSON_free(printed);
    cJSON_Delete(root);
}

#define TEST(f) cmocka_unit_test_setup(f, contract_fresh)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_a_member_and_all_of_it),         TEST(test_a_rotation_is_seen_after_a_refusal),
        TEST(test_refusals_say_which_secret),      TEST(test_throttled_and_broken),
        TEST(test_the_program_keeps_it_to_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
