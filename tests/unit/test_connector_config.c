/* The config of a connector, as one would create it anew from. */
#include "base/json.h"
#include "base/mem.h"
#include "base/secrets.h"
#include "report/connector_config.h"
#include "source/msk_connect_parse.h"
#include "tests/check.h"
#include "tests/unit/dms_rig.h"

#include <stdlib.h>
#include <string.h>

static cJSON *saved(const struct connect_connector *c, size_t *masked)
{
    struct err err = ERR_INIT;
    char *text = connector_config_json(c, masked);
    cJSON *root = json_parse(text, strlen(text), &err);
    assert_non_null(root);
    free(text);
    return root;
}

static void test_of_msk_connect_as_create_connector_takes_it(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct connect_connector c = {.name = "shop-source"};
    struct err err = ERR_INIT;
    size_t masked;
    char *body = dms_sample("mskconnect_source.json");
    assert_true(mskc_parse_connector(arena, body, strlen(body), &c, &err));
    free(body);
    cJSON *root = saved(&c, &masked);
    const cJSON *config = json_get(root, "connectorConfiguration");
    assert_string_equal(json_str(root, "connectorName", ""), "shop-source");
    assert_string_equal(json_str(config, "slot.name", ""), "dbz");
    assert_string_equal(json_str(config, "database.password", ""), SECRETS_MASK);
    assert_int_equal(masked, 1);
    const cJSON *fixed = json_get(json_get(root, "capacity"), "provisionedCapacity");
    assert_int_equal(json_int(fixed, "workerCount", 0), 2);
    assert_int_equal(json_int(fixed, "mcuCount", 0), 1);
    assert_string_equal(json_str(root, "serviceExecutionRoleArn", ""),
                        "arn:aws:iam::123456789012:role/shop-connect");
    cJSON_Delete(root);
    arena_free(arena);
}

static void test_of_kafka_connect_as_its_rest_takes_it(void **state)
{
    (void)state;
    struct kv config[] = {
        {"flush.size", "100"},
        {"topics",     "a,b"}
    };
    struct connect_connector c = {.name = "sink", .config = config, .nconfig = 2};
    size_t masked;
    cJSON *root = saved(&c, &masked);
    assert_string_equal(json_str(root, "name", ""), "sink");
    assert_string_equal(json_str(json_get(root, "config"), "topics", ""), "a,b");
    assert_int_equal(masked, 0);
    cJSON_Delete(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of_msk_connect_as_create_connector_takes_it),
        cmocka_unit_test(test_of_kafka_connect_as_its_rest_takes_it),
    };
    return cmocka_run_group_tests_name("connector_config", tests, NULL, NULL);
}
