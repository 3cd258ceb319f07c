/* Where a click lands and what it does: on made-up worlds, at places found by their text. */
#include "tests/check.h"
#include "tests/screen/golden.h"

#include "tui/view/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool stands_at(const struct canvas *cv, int x, int y, const char *text)
{
    for (; *text != '\0'; x++) {
        const struct cell *cell = canvas_at(cv, x, y);
        size_t n = cell != NULL ? strlen(cell->text) : 0;
        if (n == 0 || strncmp(text, cell->text, n) != 0)
            return false;
        text += n;
    }
    return true;
}

/* The first place of the text, from row `from` on. */
static void place(struct stage *st, const char *text, int from, int *x, int *y)
{
    stage_draw(st);
    for (*y = from; *y < st->canvas.h; (*y)++)
        for (*x = 0; *x < st->canvas.w; (*x)++)
            if (stands_at(&st->canvas, *x, *y, text))
                return;
    fail_msg("%s is not on the screen", text);
}

static void event(struct stage *st, enum mouse_what what, const char *text, int from)
{
    struct mouse e = {.what = what};
    place(st, text, from, &e.x, &e.y);
    app_mouse(st->app, fixture_model(st->fixture), &e);
    stage_draw(st);
}

static void click(struct stage *st, const char *text)
{
    event(st, MOUSE_PRESS, text, 0);
}

static void open_stage(struct stage *st, enum fixture_kind kind, int w, int h)
{
    stage_open(st, kind, w, h, false);
    st->app->mouse = true;
}

static enum view_id view_of(const struct stage *st)
{
    return st->app->stack[st->app->depth - 1].id;
}

static void test_a_row_is_selected_then_opened(void **state)
{
    (void)state;
    struct stage st;
    open_stage(&st, FIXTURE_INCIDENT, 120, 36);
    click(&st, "cdc.public.customers");
    assert_int_equal(st.app->pane, PANE_TOPICS);
    assert_int_equal(view_of(&st), VIEW_OVERVIEW);
    click(&st, "cdc.public.customers");
    assert_int_equal(view_of(&st), VIEW_TOPIC);
    assert_true(stage_has(&st, "cdc.public.customers"));
    stage_close(&st);
    /* the first row of a pane without the focus is the selected one there: it is focused first */
    open_stage(&st, FIXTURE_INCIDENT, 120, 36);
    event(&st, MOUSE_PRESS, "s3-sink", 12);
    assert_int_equal(view_of(&st), VIEW_OVERVIEW);
    assert_int_equal(st.app->pane, PANE_CONNECTORS);
    event(&st, MOUSE_PRESS, "s3-sink", 12);
    assert_int_equal(view_of(&st), VIEW_CONNECTOR);
    stage_close(&st);
}

static void test_a_finding_has_several_lines(void **state)
{
    (void)state;
    struct stage st;
    open_stage(&st, FIXTURE_INCIDENT, 120, 36);
    click(&st, "last held by"); /* the second line of the second one */
    assert_int_equal(st.app->pane, PANE_FINDINGS);
    click(&st, "slot old_export");
    assert_int_equal(view_of(&st), VIEW_FINDING);
    assert_true(stage_has(&st, "P03"));
    stage_close(&st);
}

static void test_a_head_sorts_and_turns_round(void **state)
{
    (void)state;
    struct stage st;
    open_stage(&st, FIXTURE_INCIDENT, 120, 36);
    const struct pane_state *topics = &st.app->panes[PANE_TOPICS];
    event(&st, MOUSE_PRESS, "LAG", 8);
    assert_int_equal(st.app->pane, PANE_TOPICS);
    int lag = topics->sort;
    assert_true(lag > 0 && !topics->reverse);
    event(&st, MOUSE_PRESS, "LAG", 8);
    assert_true(topics->sort == lag && topics->reverse);
    event(&st, MOUSE_PRESS, "TOPIC", 8);
    assert_true(topics->sort == 0 && !topics->reverse);
    stage_close(&st);
}

static void test_panes_tabs_and_hops_get_the_focus(void **state)
{
    (void)state;
    struct stage st;
    open_stage(&st, FIXTURE_INCIDENT, 120, 36);
    click(&st, "S3 objects");
    assert_int_equal(st.app->pane, PANE_OBJECTS);
    click(&st, "debezium-pg"); /* the hop that captures */
    assert_int_equal(st.app->pane, PANE_CONNECTORS);
    stage_close(&st);
    open_stage(&st, FIXTURE_INCIDENT, 80, 24);
    click(&st, "Findings");
    assert_int_equal(st.app->pane, PANE_FINDINGS);
    click(&st, "Topics");
    assert_int_equal(st.app->pane, PANE_TOPICS);
    stage_close(&st);
}

static void test_the_wheel_moves_what_lies_under_it(void **state)
{
    (void)state;
    struct stage st;
    open_stage(&st, FIXTURE_HUGE, 120, 36);
    struct mouse e = {.what = MOUSE_WHEEL_DOWN};
    place(&st, "TOPIC", 0, &e.x, &e.y);
    e.y += 2;
    for (int i = 0; i < 10; i++)
        app_mouse(st.app, fixture_model(st.fixture), &e);
    stage_draw(&st);
    assert_int_equal(st.app->pane, PANE_TOPICS);
    assert_int_equal(st.app->panes[PANE_TOPICS].index, 30);
    e.what = MOUSE_WHEEL_UP;
    app_mouse(st.app, fixture_model(st.fixture), &e);
    assert_int_equal(st.app->panes[PANE_TOPICS].index, 27);
    stage_keys(&st, "?"); /* a page of text */
    stage_draw(&st);
    e.what = MOUSE_WHEEL_DOWN;
    app_mouse(st.app, fixture_model(st.fixture), &e);
    assert_int_equal(st.app->stack[st.app->depth - 1].scroll, 3);
    stage_close(&st);
}

static void test_dialogs(void **state)
{
    (void)state;
    struct stage st;
    open_stage(&st, FIXTURE_INCIDENT, 120, 36);
    stage_keys(&st, "3");
    click(&st, "actions"); /* in the line of keys */
    assert_int_equal(st.app->dialog.kind, DIALOG_MENU);
    int was = st.app->dialog.selected;
    click(&st, "pause");
    assert_int_not_equal(st.app->dialog.selected, was);
    assert_int_equal(st.app->dialog.kind, DIALOG_MENU);
    click(&st, "pause");
    assert_int_equal(st.app->dialog.kind, DIALOG_CONFIRM);
    click(&st, "Send this?"); /* nothing, and nothing that lies behind */
    assert_int_equal(st.app->dialog.kind, DIALOG_CONFIRM);
    /* what changes a server wants a key */
    event(&st, MOUSE_PRESS, "y pause", 0);
    assert_int_equal(st.app->dialog.kind, DIALOG_CONFIRM);
    assert_int_equal(st.app->neffects, 0);
    click(&st, "Esc leave");
    assert_int_equal(st.app->dialog.kind, DIALOG_NONE);
    stage_keys(&st, "a");
    stage_draw(&st);
    app_mouse(st.app, fixture_model(st.fixture),
              &(struct mouse){.what = MOUSE_PRESS, .x = 0, .y = 0});
    assert_int_equal(st.app->dialog.kind, DIALOG_NONE); /* a click beside it */
    stage_close(&st);
}

static void test_off_it_does_nothing(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    assert_false(st.app->mouse);
    click(&st, "cdc.public.customers");
    click(&st, "cdc.public.customers");
    assert_int_equal(st.app->pane, PANE_SLOTS);
    assert_int_equal(st.app->nhots, 0);
    stage_keys(&st, ":mouse\r");
    struct effect e;
    assert_true(app_take(st.app, &e));
    assert_int_equal(e.kind, EFFECT_MOUSE);
    assert_int_equal(e.number, 1);
    stage_draw(&st);
    click(&st, "cdc.public.customers");
    assert_int_equal(st.app->pane, PANE_TOPICS);
    stage_keys(&st, ":mouse off\r");
    assert_true(app_take(st.app, &e));
    assert_int_equal(e.number, 0);
    stage_close(&st);
}

/* A press anywhere, on any screen, at any size: nothing but what is recorded is touched. */
static void test_clicks_everywhere_are_harmless(void **state)
{
    (void)state;
    static const int sizes[][2] = {
        {120, 36},
        {80,  24},
        {60,  15},
        {5,   2 }
    };
    static const char *const screens[] = {"", "1\r", "3a", "3R", "?", "z", ":mo", "/x"};
    for (size_t z = 0; z < sizeof(sizes) / sizeof(sizes[0]); z++)
        for (size_t i = 0; i < sizeof(screens) / sizeof(screens[0]); i++) {
            struct stage st;
            unsigned seed = 7;
            open_stage(&st, i % 2 == 0 ? FIXTURE_HOSTILE : FIXTURE_INCIDENT, sizes[z][0],
                       sizes[z][1]);
            stage_keys(&st, screens[i]);
            for (int k = 0; k < 200; k++) {
                seed = seed * 1103515245U + 12345U;
                struct mouse e = {.what = (enum mouse_what)(seed >> 16 & 3) % 3,
                                  .x = (int)(seed >> 8 & 127) - 2,
                                  .y = (int)(seed >> 20 & 63) - 2};
                stage_draw(&st);
                app_mouse(st.app, fixture_model(st.fixture), &e);
                struct effect out;
                while (app_take(st.app, &out)) {
                    assert_int_not_equal(out.kind, EFFECT_SUBMIT);
                    free(out.text);
                    action_args_free(out.args);
                }
            }
            stage_close(&st);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_row_is_selected_then_opened),
        cmocka_unit_test(test_a_finding_has_several_lines),
        cmocka_unit_test(test_a_head_sorts_and_turns_round),
        cmocka_unit_test(test_panes_tabs_and_hops_get_the_focus),
        cmocka_unit_test(test_the_wheel_moves_what_lies_under_it),
        cmocka_unit_test(test_dialogs),
        cmocka_unit_test(test_off_it_does_nothing),
        cmocka_unit_test(test_clicks_everywhere_are_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
