/* Marks, and one action on all that is marked: what is asked, what is sent, how it ends. */
#include "tests/check.h"
#include "tests/screen/golden.h"

#include "tui/command.h"
#include "tui/view/pane.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The target of the next submission, answered with the next id; "" if there is none. */
static const char *sent(struct stage *st, unsigned *id)
{
    static char target[128];
    struct effect e;
    target[0] = '\0';
    if (!app_take(st->app, &e))
        return target;
    assert_int_equal(e.kind, EFFECT_SUBMIT);
    (void)snprintf(target, sizeof(target), "%s", e.args->target);
    fixture_action(st->fixture, e.args->kind, e.args->target, ACTION_SENDING, "sending");
    app_submitted(st->app, ++*id, "");
    free(e.text);
    action_args_free(e.args);
    return target;
}

static struct action_status *status(struct stage *st, unsigned id)
{
    struct app_model *m = fixture_model(st->fixture);
    for (size_t i = 0; i < m->nactions; i++)
        if (m->actions[i].id == id)
            return &m->actions[i];
    fail_msg("no action %u", id);
    return NULL;
}

static void test_marks_are_of_names(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "1  ");
    assert_true(marks_has(&st.app->panes[PANE_SLOTS].marks, "old_export"));
    assert_true(marks_has(&st.app->panes[PANE_SLOTS].marks, "debezium"));
    assert_true(stage_has(&st, "◆ 2 marked"));
    assert_true(stage_has(&st, "▲◆old_export"));
    stage_keys(&st, ":sort slot\rI/dms\r"); /* neither of the marked is shown now */
    assert_true(stage_has(&st, "◆ 2 marked"));
    stage_key(&st, K_ESC);
    fixture_free(st.fixture);
    st.fixture = fixture_new(FIXTURE_INCIDENT);
    stage_draw(&st);
    assert_true(stage_has(&st, "◆debezium"));
    stage_keys(&st, "gkk:mark all\r");
    assert_int_equal(st.app->panes[PANE_SLOTS].marks.n, 3);
    stage_keys(&st, "g ");
    assert_int_equal(st.app->panes[PANE_SLOTS].marks.n, 2);
    stage_keys(&st, "U");
    assert_int_equal(st.app->panes[PANE_SLOTS].marks.n, 0);
    assert_true(stage_lacks(&st, "marked"));
    stage_keys(&st, "U");
    assert_true(stage_has(&st, "nothing is marked"));
    stage_close(&st);
}

static void test_another_pipeline_has_none_of_the_marks(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_FLEET, 120, 36, false);
    stage_keys(&st, "\r3 ");
    assert_true(stage_has(&st, "◆ 1 marked"));
    stage_keys(&st, "0j\r3");
    assert_int_equal(st.app->panes[PANE_CONNECTORS].marks.n, 0);
    stage_close(&st);
}

static void test_one_preview_lists_every_request_and_every_refusal(void **state)
{
    (void)state;
    unsigned id = 0;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "3:mark all\rR");
    assert_true(stage_has(&st, "1 request for 1 of 3 marked"));
    assert_true(stage_has(&st, "nothing of it has failed"));
    stage_keys(&st, "\t");
    assert_true(stage_has(&st, "3 requests for 3 of 3 marked"));
    assert_true(stage_has(&st, "/connectors/jdbc-audit/restart"));
    stage_keys(&st, "\r"); /* no is the default */
    assert_int_equal(st.app->dialog.kind, DIALOG_NONE);
    assert_string_equal(sent(&st, &id), "");
    stage_keys(&st, "R\ty");
    assert_string_equal(sent(&st, &id), "s3-sink");
    assert_string_equal(sent(&st, &id), "debezium-pg");
    assert_string_equal(sent(&st, &id), "jdbc-audit");
    assert_string_equal(sent(&st, &id), "");
    stage_close(&st);
}

static void test_each_is_followed_to_its_end(void **state)
{
    (void)state;
    unsigned id = 0;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "3:mark all\rR\ty");
    while (sent(&st, &id)[0] != '\0')
        ;
    status(&st, 1)->state = ACTION_WORKED;
    (void)snprintf(status(&st, 1)->text, 100, "RUNNING 3/3, lag falling");
    status(&st, 2)->state = ACTION_FAILED;
    (void)snprintf(status(&st, 2)->text, 100, "409: rebalancing");
    stage_draw(&st);
    assert_true(stage_has(&st, "1 worked, 1 failed, 0 not seen to work, 1 under way"));
    golden_check(&st, "dialog-bulk-progress");
    stage_keys(&st, "\r"); /* closed: it goes on */
    assert_true(st.app->bulk.running);
    stage_keys(&st, ":mark all\rR"); /* another one has to wait */
    assert_true(stage_has(&st, "still runs"));
    status(&st, 3)->state = ACTION_WORKED;
    stage_draw(&st);
    assert_false(st.app->bulk.running);
    assert_true(stage_has(&st, "restart: 2 of 3 worked"));
    stage_close(&st);
}

static void test_dangerous_ones_want_word_and_count(void **state)
{
    (void)state;
    unsigned id = 0;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "1:mark all\rD");
    assert_true(stage_has(&st, "Type drop-slot 1 to confirm"));
    stage_keys(&st, "y\r");
    assert_string_equal(sent(&st, &id), "");
    stage_key(&st, K_BACKSPACE);
    stage_keys(&st, "drop-slot 3\r");
    assert_string_equal(sent(&st, &id), "");
    stage_key(&st, K_BACKSPACE);
    stage_keys(&st, "1\r");
    assert_string_equal(sent(&st, &id), "old_export");
    assert_string_equal(sent(&st, &id), "");
    stage_close(&st);
}

static void test_what_the_engine_refuses_is_shown_and_the_others_go_on(void **state)
{
    (void)state;
    struct effect e;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "3:mark all\rP");
    stage_keys(&st, "y");
    assert_true(app_take(st.app, &e));
    app_submitted(st.app, 0, "read-only mode: nothing is changed");
    action_args_free(e.args);
    stage_draw(&st);
    assert_true(stage_has(&st, "not sent: read-only mode"));
    unsigned id = 0;
    assert_string_equal(sent(&st, &id), "debezium-pg");
    stage_close(&st);
}

static void test_rows_without_such_a_target_are_told(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "2 R");
    assert_int_equal(st.app->dialog.kind, DIALOG_NONE);
    assert_true(stage_has(&st, "what is marked has none of that kind"));
    stage_keys(&st, " R");
    assert_true(stage_has(&st, "no connector belongs to it"));
    stage_keys(&st, "T");
    assert_true(stage_has(&st, "one at a time"));
    stage_keys(&st, "4 R"); /* of objects their sink is meant … */
    assert_true(stage_has(&st, "restart: s3-sink"));
    stage_keys(&st, "\033:mark all\rR"); /* … once */
    assert_true(stage_has(&st, "1 request for 1 of"));
    stage_close(&st);
}

static void test_one_that_is_marked_stands_before_the_selected(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "3j kk"); /* debezium-pg is marked, s3-sink selected */
    stage_keys(&st, "R");
    assert_true(stage_has(&st, "restart: debezium-pg"));
    stage_key(&st, K_ESC);
    stage_keys(&st, "1jj D"); /* dms_audit is active: not the slot that a finding offers */
    assert_int_equal(st.app->dialog.kind, DIALOG_NONE);
    assert_true(stage_has(&st, "the slot is active"));
    fixture_free(st.fixture);
    st.fixture = fixture_new(FIXTURE_EMPTY);
    stage_draw(&st);
    stage_keys(&st, "D");
    assert_int_equal(st.app->dialog.kind, DIALOG_NONE);
    assert_true(stage_has(&st, "not there any more"));
    stage_close(&st);
}

static void test_they_look_right(void **state)
{
    (void)state;
    static const struct {
        const char *keys, *name;
    } cases[] = {
        {"3:mark all\rR",     "dialog-bulk"       },
        {"1:mark all\rDdrop", "dialog-bulk-danger"},
        {"3:mark all\ra",     "dialog-bulk-menu"  },
        {"2j   ",             "marks"             },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        golden_sizes(FIXTURE_INCIDENT, cases[i].keys, cases[i].name);
    golden_at(FIXTURE_INCIDENT, "2j  ", "marks", 80, 24, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_marks_are_of_names),
        cmocka_unit_test(test_another_pipeline_has_none_of_the_marks),
        cmocka_unit_test(test_one_preview_lists_every_request_and_every_refusal),
        cmocka_unit_test(test_each_is_followed_to_its_end),
        cmocka_unit_test(test_dangerous_ones_want_word_and_count),
        cmocka_unit_test(test_what_the_engine_refuses_is_shown_and_the_others_go_on),
        cmocka_unit_test(test_rows_without_such_a_target_are_told),
        cmocka_unit_test(test_one_that_is_marked_stands_before_the_selected),
        cmocka_unit_test(test_they_look_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
