/* The addresses at which AWS itself gives keys, as they are on a machine of AWS's: the instance's
 * metadata, the endpoint of an ECS task, that of an EKS pod. In a network of the test's own. */
#include "base/mem.h"
#include "tests/check.h"
#include "tests/unit/creds_rig.h"
#include "tests/unit/netns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INSTANCE "169.254.169.254"
#define TASK     "169.254.170.2"
#define POD      "169.254.170.23"

static bool inside;
static char why[200];

/* Begins anew, and has these keys. */
static void has(struct creds_rig *r, const char *id, const char *from)
{
    creds_rig_open(r);
    struct aws_credentials creds = creds_rig_get(r, from);
    assert_memory_equal(creds.access_key_id, id, strlen(id));
    aws_credentials_free(&creds);
}

static void test_the_instance_gives_its_role_and_region(void **state)
{
    struct creds_rig *r = *state;
    netns_needed(inside, why);
    struct fakehttp *at = fakekeys_also_at(&r->fake, INSTANCE, 80);
    creds_rig_env("AWS_EC2_METADATA_DISABLED", NULL);
    creds_rig_env("AWS_REGION", NULL);
    creds_rig_env("http_proxy", "http://127.0.0.1:1"); /* never for what is on our own link */
    has(r, "ASIAIMDS", "the instance's role bastion+role");
    assert_string_equal(aws_region(r->aws), "ap-south-1");
    assert_int_equal(atomic_load(&r->fake.imds_keys), 1);
    creds_rig_env("http_proxy", NULL);
    fakehttp_stop(at);
}

static void test_a_task_of_ecs_gives_its_role(void **state)
{
    struct creds_rig *r = *state;
    netns_needed(inside, why);
    struct fakehttp *at = fakekeys_also_at(&r->fake, TASK, 80);
    creds_rig_env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/container");
    has(r, "ASIATASK", "the container's role");
    fakehttp_stop(at);
    assert_string_equal(r->fake.authorization, "");
    assert_int_equal(atomic_load(&r->fake.container), 1);
}

static void test_a_pod_of_eks_gives_its_role(void **state)
{
    struct creds_rig *r = *state;
    char path[100];
    netns_needed(inside, why);
    struct fakehttp *at = fakekeys_also_at(&r->fake, POD, 80);
    (void)snprintf(path, sizeof(path), "%s/token", r->home);
    creds_rig_write(r, "token", FAKEKEYS_SECRET "-pod\n");
    creds_rig_env("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://" POD "/container");
    creds_rig_env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path);
    has(r, "ASIATASK", "the container's role");
    fakehttp_stop(at);
    assert_string_equal(r->fake.authorization, FAKEKEYS_SECRET "-pod");
}

static void test_where_nobody_listens_there_are_no_keys(void **state)
{
    struct creds_rig *r = *state;
    netns_needed(inside, why);
    creds_rig_env("AWS_EC2_METADATA_DISABLED", NULL);
    creds_rig_open(r);
    creds_rig_fail(r, ERR_CONFIG, "no AWS keys: neither in [pipeline.aws]");
    /* A task was to give them: the instance must not. */
    struct fakehttp *at = fakekeys_also_at(&r->fake, INSTANCE, 80);
    creds_rig_env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/container");
    creds_rig_open(r);
    creds_rig_fail(r, ERR_REFUSED, "the container's credentials");
    assert_int_equal(atomic_load(&r->fake.imds_tokens), 0);
    fakehttp_stop(at);
}

#define WITH_RIG(f) cmocka_unit_test_setup_teardown(f, creds_rig_setup, creds_rig_teardown)

int main(void)
{
    static const char *const addresses[] = {INSTANCE, TASK, POD, NULL};
    inside = netns_enter(addresses, why, sizeof(why));
    const struct CMUnitTest tests[] = {
        WITH_RIG(test_the_instance_gives_its_role_and_region),
        WITH_RIG(test_a_task_of_ecs_gives_its_role),
        WITH_RIG(test_a_pod_of_eks_gives_its_role),
        WITH_RIG(test_where_nobody_listens_there_are_no_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
