/* The policies in README.md against the table of calls: each right stands in the one of the two
 * where it belongs, and no other right of these services in either. */
#include "aws/calls.h"
#include "base/json.h"
#include "base/mem.h"
#include "tests/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { README_MAX = 1 << 20 };

static cJSON *policies[2]; /* to look, to act */

/* Logins and S3 go other ways than through the table. */
static const char *const further[][2] = {
    {"kafka-cluster:Connect",                           "look"},
    {"kafka-cluster:DescribeCluster",                   "look"},
    {"kafka-cluster:DescribeGroup",                     "look"},
    {"kafka-cluster:DescribeTopic",                     "look"},
    {"kafka-cluster:DescribeTopicDynamicConfiguration", "look"},
    {"kafka-cluster:ReadData",                          "look"},
    {"kafka-cluster:WriteData",                         "act" },
    {"rds-db:connect",                                  "look"},
    {"s3:ListBucket",                                   "look"},
    {"s3:ListBucketMultipartUploads",                   "look"},
    {"s3:GetObject",                                    "look"},
};

static int setup(void **state)
{
    (void)state;
    char *text = mem_alloc(README_MAX), *at = text;
    FILE *f = fopen("README.md", "r");
    assert_non_null(f);
    assert_in_range(fread(text, 1, README_MAX - 1, f), 1000, README_MAX - 2);
    fclose(f);
    size_t n = 0;
    while ((at = strstr(at, "```json\n")) != NULL) {
        char *from = at + strlen("```json\n"), *end = strstr(from, "```");
        assert_non_null(end);
        cJSON *root = cJSON_ParseWithLength(from, (size_t)(end - from));
        assert_non_null(root); /* what can be pasted is JSON */
        if (json_get(root, "Statement") != NULL) {
            assert_in_range(n, 0, 1);
            policies[n++] = root;
        } else {
            cJSON_Delete(root);
        }
        at = end;
    }
    assert_int_equal(n, 2);
    free(text);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cJSON_Delete(policies[0]);
    cJSON_Delete(policies[1]);
    return 0;
}

/* Calls visit for each action of the policy. */
static void each(const cJSON *policy, void (*visit)(const char *action, void *arg), void *arg)
{
    const cJSON *statement, *one;
    cJSON_ArrayForEach(statement, json_get(policy, "Statement"))
    {
        const cJSON *actions = json_get(statement, "Action");
        if (cJSON_IsString(actions))
            visit(actions->valuestring, arg);
        cJSON_ArrayForEach(one, actions)
        {
            visit(one->valuestring, arg);
        }
    }
}

struct tally {
    const char *action;
    int count;
};

static void count_it(const char *action, void *arg)
{
    struct tally *t = arg;
    t->count += strcmp(action, t->action) == 0;
}

static int times(const char *action, bool acts)
{
    struct tally t = {action, 0};
    each(policies[acts], count_it, &t);
    return t.count;
}

static void test_every_call_has_its_right_in_one_of_them(void **state)
{
    (void)state;
    for (int c = 0; c < AWS_CALL_COUNT; c++) {
        const struct aws_call_info *call = &aws_calls[c];
        if (call->action == NULL)
            continue;
        if (times(call->action, call->changes) != 1 || times(call->action, !call->changes) != 0)
            fail_msg("%s belongs into the policy %s, once", call->action,
                     call->changes ? "for actions" : "to look");
    }
    for (size_t i = 0; i < ARRAY_LEN(further); i++) {
        bool acts = strcmp(further[i][1], "act") == 0;
        if (times(further[i][0], acts) != 1 || times(further[i][0], !acts) != 0)
            fail_msg("%s is to stand in one of them, once", further[i][0]);
    }
}

static void is_needed(const char *action, void *arg)
{
    (void)arg;
    for (int c = 0; c < AWS_CALL_COUNT; c++) {
        if (aws_calls[c].action != NULL && strcmp(aws_calls[c].action, action) == 0)
            return;
    }
    for (size_t i = 0; i < ARRAY_LEN(further); i++) {
        if (strcmp(further[i][0], action) == 0)
            return;
    }
    fail_msg("%s is needed by nothing", action);
}

static void test_no_other_right_is_asked_for(void **state)
{
    (void)state;
    each(policies[0], is_needed, NULL);
    each(policies[1], is_needed, NULL);
}

/* What changes something is never allowed on everything, and statements are whole. */
static void test_statements_are_whole_and_narrow(void **state)
{
    (void)state;
    for (int p = 0; p < 2; p++) {
        const cJSON *statement;
        assert_string_equal(json_str(policies[p], "Version", ""), "2012-10-17");
        cJSON_ArrayForEach(statement, json_get(policies[p], "Statement"))
        {
            assert_string_equal(json_str(statement, "Effect", ""), "Allow");
            assert_non_null(json_get(statement, "Resource"));
            if (p == 1)
                assert_string_not_equal(json_str(statement, "Resource", ""), "*");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_call_has_its_right_in_one_of_them),
        cmocka_unit_test(test_no_other_right_is_asked_for),
        cmocka_unit_test(test_statements_are_whole_and_narrow),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
