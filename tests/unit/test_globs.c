/* Names by patterns: what is taken in, what is left out. */
#include "config/globs.h"
#include "tests/check.h"

static char shop[] = "shop-*";
static char pay[] = "pay";
static char not_test[] = "!shop-test*";

static void test_patterns_take_in_and_leave_out(void **state)
{
    (void)state;
    char *items[] = {shop, not_test, pay};
    const struct strlist globs = {.items = items, .count = 3};
    assert_true(globs_match(&globs, "shop-cdc", false));
    assert_true(globs_match(&globs, "pay", false));
    assert_false(globs_match(&globs, "shop-test-2", true));
    assert_false(globs_match(&globs, "other", true));
}

static void test_where_nothing_is_taken_in_the_others_are_as_asked(void **state)
{
    (void)state;
    char *items[] = {not_test};
    const struct strlist globs = {.items = items, .count = 1};
    const struct strlist none = {0};
    assert_true(globs_match(&globs, "other", true));
    assert_false(globs_match(&globs, "other", false));
    assert_false(globs_match(&globs, "shop-test", true));
    assert_true(globs_match(&none, "shop-test", true));
    assert_true(globs_match(NULL, "shop-test", true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_patterns_take_in_and_leave_out),
        cmocka_unit_test(test_where_nothing_is_taken_in_the_others_are_as_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
