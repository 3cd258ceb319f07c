/* When the next frame may go to a terminal. */
#include "tests/check.h"
#include "tui/term/flow.h"

static void test_one_frame_at_a_time(void **state)
{
    (void)state;
    struct flow f = {0};
    flow_asked(&f, 0);
    assert_true(flow_ready(&f, 0)); /* the first frame does not wait */
    assert_false(flow_sent(&f, 4000, 1));
    flow_answered(&f);
    assert_true(flow_sent(&f, 4000, 100));
    assert_false(flow_ready(&f, 101));
    assert_false(flow_ready(&f, 5000));
    flow_answered(&f);
    assert_true(flow_ready(&f, 5001));
}

static void test_a_clock_that_moves_is_not_asked_about(void **state)
{
    (void)state;
    struct flow f = {.answers = true};
    int asked = 0;
    for (int i = 0; i < 100; i++) {
        asked += flow_sent(&f, 2, i);
        assert_true(asked > 0 || flow_ready(&f, i));
    }
    assert_int_equal(asked, 3); /* 200 cells are much all the same */
}

static void test_who_never_answers_is_never_waited_for(void **state)
{
    (void)state;
    struct flow f = {0};
    flow_asked(&f, 0);
    for (int i = 0; i < 100; i++) {
        assert_false(flow_sent(&f, 4000, i));
        assert_true(flow_ready(&f, i));
    }
}

static void test_a_lost_answer_is_given_up(void **state)
{
    (void)state;
    struct flow f = {.answers = true};
    assert_true(flow_sent(&f, 4000, 1000));
    assert_false(flow_ready(&f, 10000));
    assert_true(flow_ready(&f, 11000));
    assert_true(flow_sent(&f, 4000, 11001));
    assert_false(flow_ready(&f, 11002));
    flow_answered(&f);
    flow_answered(&f); /* the lost one after all */
    assert_true(flow_ready(&f, 11003));
    assert_true(flow_sent(&f, 4000, 11004));
    assert_false(flow_ready(&f, 11005));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_frame_at_a_time),
        cmocka_unit_test(test_a_clock_that_moves_is_not_asked_about),
        cmocka_unit_test(test_who_never_answers_is_never_waited_for),
        cmocka_unit_test(test_a_lost_answer_is_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
