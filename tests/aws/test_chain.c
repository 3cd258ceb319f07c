/* The credential chain with servers that verify what is signed with its keys: a bastion of which
 * only the instance knows who it is, roles on the contract server and on moto, and calls that go on
 * while the keys of a role end and are renewed. */
#include "base/clock.h"
#include "base/mem.h"
#include "tests/aws/instance.h"
#include "tests/aws/rig.h"
#include "tests/check.h"
#include "tests/unit/fakehttp.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROLE "arn:aws:iam::123456789012:role/cdctop"

/* ---- a bastion ------------------------------------------------------------------------------- */

static const cJSON *named(const cJSON *list, const char *key, const char *name)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        if (strcmp(json_str(item, key, ""), name) == 0)
            return item;
    }
    fail_msg("there is no %s", name);
    return NULL;
}

static void test_a_bastion_needs_neither_keys_nor_a_region(void **state)
{
    (void)state;
    struct instance instance;
    int status;
    instance_start(&instance, "session");
    assert_int_equal(setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", instance.url, 1), 0);
    assert_int_equal(setenv("AWS_EC2_METADATA_DISABLED", "false", 1), 0);
    char *toml = mem_printf("[[pipeline]]\nname = \"shop\"\n[pipeline.aws]\nendpoint = \"%s\"\n"
                            "[pipeline.mskconnect]\nconnectors = [\"shop-*\"]\n",
                            getenv("AWS_CONTRACT_URL"));
    cJSON *root = contract_status(toml, &status);
    (void)named(json_get(root, "connectors"), "name", "shop-source");
    const cJSON *aws = json_get(root, "aws");
    assert_string_equal(json_str(aws, "credentials", ""), "the instance's role bastion");
    assert_string_equal(json_str(aws, "region", ""), "eu-west-3");
    cJSON_Delete(root);
    assert_int_equal(setenv("AWS_EC2_METADATA_DISABLED", "true", 1), 0);
    free(toml);
    instance_stop(&instance);
}

/* ---- roles ----------------------------------------------------------------------------------- */

static char shared[64];

/* Not in the run's directory: there the secret would be found, and rightly. */
static void write_profiles(const char *id, const char *secret, const char *more)
{
    (void)snprintf(shared, sizeof(shared), "/tmp/cdctop-chain-XXXXXX");
    int fd = mkstemp(shared);
    assert_true(fd >= 0);
    assert_true(dprintf(fd,
                        "[base]\naws_access_key_id = %s\naws_secret_access_key = %s\n"
                        "[work]\nsource_profile = base\nregion = eu-west-3\n%s",
                        id, secret, more) > 0);
    assert_int_equal(close(fd), 0);
    assert_int_equal(setenv("AWS_SHARED_CREDENTIALS_FILE", shared, 1), 0);
}

static int forget_profiles(void **state)
{
    (void)state;
    (void)unlink(shared);
    return setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent", 1);
}

static void open_work(struct contract_client *c, const char *url)
{
    char *toml = mem_printf("[[pipeline]]\nname = \"shop\"\n[pipeline.aws]\nprofile = \"work\"\n"
                            "endpoint = \"%s\"\n[pipeline.dms]\ntasks = [\"*\"]\n",
                            url);
    contract_open(c, toml);
    free(toml);
}

static void assert_called(struct contract_client *c)
{
    struct err err = ERR_INIT;
    cJSON *json =
        contract_call(c, SECRETS_GET_VALUE, NULL, NULL, "{\"SecretId\":\"shop/db\"}", &err);
    if (json == NULL)
        fail_msg("%s", err.text);
    cJSON_Delete(json);
}

static void test_moto_takes_the_keys_of_a_role(void **state)
{
    (void)state;
    struct contract_client c;
    write_profiles(getenv("AWS_MOTO_KEY"), getenv("AWS_MOTO_SECRET"), "role_arn = " ROLE "\n");
    open_work(&c, getenv("AWS_MOTO_URL"));
    assert_called(&c);
    contract_close(&c);
}

static void test_a_role_with_an_external_id(void **state)
{
    (void)state;
    struct contract_user user = contract_user("admin");
    struct contract_client c;
    struct err err = ERR_INIT;
    write_profiles(user.id, user.secret, "role_arn = " ROLE "-external\nexternal_id = shop\n");
    open_work(&c, getenv("AWS_CONTRACT_URL"));
    assert_called(&c);
    contract_close(&c);
    (void)forget_profiles(NULL);
    write_profiles(user.id, user.secret, "role_arn = " ROLE "-external\nexternal_id = other\n");
    open_work(&c, getenv("AWS_CONTRACT_URL"));
    assert_null(contract_call(&c, SECRETS_GET_VALUE, NULL, NULL, "{}", &err));
    assert_int_equal(err.kind, ERR_DENIED);
    assert_non_null(strstr(err.text, "profile work: role " ROLE "-external: AccessDenied"));
    assert_int_equal(contract_count("GetSecretValue"), 1); /* not as somebody else */
    contract_close(&c);
    contract_user_free(&user);
}

/* The server refuses keys that have ended; so each call shows that they were renewed in time. */
static void test_calls_go_on_while_keys_end(void **state)
{
    (void)state;
    struct contract_user user = contract_user("admin");
    struct contract_client c;
    write_profiles(user.id, user.secret, "role_arn = " ROLE "-short\n"); /* 5 s each */
    open_work(&c, getenv("AWS_CONTRACT_URL"));
    while (contract_count("AssumeRole") < 4) {
        assert_called(&c);
        (void)poll(NULL, 0, 100);
    }
    assert_called(&c);
    contract_close(&c);
    contract_user_free(&user);
}

#define WITH_PROFILES(test) cmocka_unit_test_setup_teardown(test, contract_fresh, forget_profiles)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_bastion_needs_neither_keys_nor_a_region, contract_fresh),
        WITH_PROFILES(test_moto_takes_the_keys_of_a_role),
        WITH_PROFILES(test_a_role_with_an_external_id),
        WITH_PROFILES(test_calls_go_on_while_keys_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
