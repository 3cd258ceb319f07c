/* The member "rds" of status --json: null is what nobody told, and nothing without RDS. */
#include "base/json.h"
#include "model/metrics.h"
#include "report/json_rds.h"
#include "tests/check.h"
#include "tests/unit/world_fixture.h"

#include <math.h>
#include <string.h>

static void tell_little(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    struct rds_instance *n = arena_array(snap->arena, 1, sizeof(*n));
    *n = (struct rds_instance){
        .id = "shop",
        .writer = TRI_UNKNOWN,
        .allocated_gib = UNKNOWN,
        .max_allocated_gib = INT64_MAX,
        .multi_az = TRI_NO,
        .backup_days = UNKNOWN,
        .certificate_ends_ms = UNKNOWN,
    };
    snap->rds = (struct rds_snap){
        .instances = n, .ninstances = 1, .iam_login = TRI_UNKNOWN, .backup_days = UNKNOWN};
}

static void tell_free(struct fixture *f, struct snapshot *snap)
{
    struct cw_metric *m = arena_array(snap->arena, 1, sizeof(*m));
    *m = (struct cw_metric){SPACE_RDS, "FreeStorageSpace", "shop", "Minimum",
                            12e9,      f->wall_ms - 60000, NAN,    UNKNOWN};
    snap->cloudwatch = (struct cloudwatch_snap){.metrics = m, .nmetrics = 1};
}

static void test_what_is_not_told_is_null(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    fixture_tick(&f, 2000);
    cJSON *root = cJSON_CreateObject();
    json_rds_add(root, f.world, 0);
    assert_null(json_get(root, "rds")); /* nobody asks it */
    f.edit[SOURCE_RDS] = tell_little;
    f.edit[SOURCE_CLOUDWATCH] = tell_free;
    fixture_tick(&f, 2000);
    json_rds_add(root, f.world, 0);
    const cJSON *rds = json_get(root, "rds");
    assert_true(cJSON_IsNull(json_get(rds, "role")));
    assert_true(cJSON_IsNull(json_get(rds, "iam_login")));
    assert_true(cJSON_IsNull(json_get(rds, "events")));
    assert_true(cJSON_IsFalse(json_get(rds, "stale")));
    const cJSON *n = cJSON_GetArrayItem(json_get(rds, "instances"), 0);
    assert_string_equal(json_str(n, "id", ""), "shop");
    static const char *const nulls[] = {"allocated_bytes", "max_allocated_bytes",
                                        "backup_days",     "certificate_ends",
                                        "writer",          "slot_bytes"};
    for (size_t i = 0; i < sizeof(nulls) / sizeof(nulls[0]); i++)
        assert_true(cJSON_IsNull(json_get(n, nulls[i])));
    assert_true(cJSON_IsFalse(json_get(n, "multi_az")));
    const cJSON *free_space = json_get(n, "free_bytes");
    assert_int_equal(json_int(free_space, "value", 0), 12000000000);
    assert_true(strlen(json_str(free_space, "time", "")) > 10);
    cJSON_Delete(root);
    fixture_close(&f);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_not_told_is_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
