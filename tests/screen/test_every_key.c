/* No key does nothing without a word: every key of every command, in every view of every scenario,
 * changes what is on the screen, or a toast says why not. */
#include "tests/check.h"
#include "tests/screen/demo_stage.h"

#include "base/mem.h"
#include "tui/command_view.h"
#include "tui/keymap.h"

#include <stdlib.h>
#include <string.h>

#ifdef __SANITIZE_ADDRESS__ /* slow, and test_walk.c goes there too */
enum { EACH = 4 };
#else
enum { EACH = 1 };
#endif

enum { WIDTH = 120, HEIGHT = 36 };

struct place { /* somewhere in the program */
    enum view_id view;
    enum pane_id pane; /* of the overview */
    bool zoom;
};

static struct cell *before; /* the frame before the key */

/* Records are there only when they were asked for: the keys that do so. */
static const char *keys_to(enum view_id id)
{
    switch (id) {
    case VIEW_MESSAGES: return "2m";
    case VIEW_RECORD: return "2m\r";
    case VIEW_OBJECT: return "4\r\r";
    default: return NULL;
    }
}

static bool follow(struct demo_stage *st, const char *keys, enum view_id id)
{
    for (; *keys != '\0'; keys++) {
        demo_stage_key(st, (unsigned char)*keys);
        demo_stage_wait(st, 1); /* the answer comes */
    }
    struct scene s = demo_stage_scene(st);
    return scene_view(&s)->id == id;
}

/* True: the app is there; false: this scenario has nothing to show there. */
static bool go_to(struct demo_stage *st, const struct place *at)
{
    demo_stage_again(st);
    struct scene s = demo_stage_scene(st);
    const struct view_ops *ops = view_ops(at->view);
    bool fleet = st->config->npipelines > 1;
    if (at->view == VIEW_FLEET)
        return fleet;
    if (fleet)
        app_push(st->app, VIEW_OVERVIEW, NULL);
    if (keys_to(at->view) != NULL)
        return follow(st, keys_to(at->view), at->view);
    if (ops->of != NULL) {
        const struct row_base **rows;
        if (ops->of->rows(&s, &rows) == 0)
            return false;
        view_open(&s, at->view, rows[0]->name);
    } else if (at->view != VIEW_OVERVIEW) {
        app_push(st->app, at->view, NULL);
    }
    st->app->pane = at->pane;
    st->app->zoom = at->zoom;
    demo_stage_draw(st);
    return true;
}

/* At the end of a list or page its edge is seen: only where there is a way to go, a key must. */
static bool moves(const struct command *c)
{
    return c->run == cmd_move || c->run == cmd_page || c->run == cmd_end;
}

static bool nowhere_to_go(struct demo_stage *st)
{
    struct scene s = demo_stage_scene(st);
    enum pane_id id = list_now(&s);
    return id != LIST_NONE ? pane_list(&s, id).n <= 1
                           : scene_view(&s)->lines <= scene_view(&s)->page;
}

/* Leaving, stopping, painting anew and writing a file are seen elsewhere than on the canvas. */
static bool seen_elsewhere(const struct demo_stage *st)
{
    return (st->asked & (1U << EFFECT_QUIT | 1U << EFFECT_SUSPEND | 1U << EFFECT_REPAINT |
                         1U << EFFECT_WRITE | 1U << EFFECT_STEP | 1U << EFFECT_CHANGE)) != 0;
}

static bool answered(struct demo_stage *st, const struct command *c, int key)
{
    size_t size = sizeof(*before) * WIDTH * HEIGHT;
    if (moves(c) && c->arg < 0)
        demo_stage_key(st, K_END);
    st->asked = 0;
    memcpy(before, st->canvas.cells, size);
    demo_stage_key(st, key);
    return memcmp(before, st->canvas.cells, size) != 0 || seen_elsewhere(st) ||
           (moves(c) && nowhere_to_go(st));
}

static int press_all_keys_of(struct demo_stage *st, const struct place *at, const struct command *c)
{
    int silent = 0;
    for (const char *keys = command_default_keys(c); *keys != '\0';) {
        size_t n = strcspn(keys, " ");
        if (!go_to(st, at))
            return 0;
        if (!answered(st, c, keymap_code(keys, n))) {
            print_message("# %s: %s%s, list %d: %.*s (%s) does nothing, and nothing is said\n",
                          demo_scenario(st->demo)->name, view_ops(at->view)->title,
                          at->zoom ? " zoomed" : "", at->pane, (int)n, keys, command_name(c));
            silent++;
        }
        keys += n + strspn(keys + n, " ");
    }
    return silent;
}

static int press_all_keys(struct demo_stage *st, struct place at, unsigned *reached)
{
    int silent = 0;
    if (go_to(st, &at))
        *reached |= 1U << at.view;
    for (size_t i = 0; command_at(i) != NULL; i++)
        silent += press_all_keys_of(st, &at, command_at(i));
    return silent;
}

static int press_everywhere(const char *scenario, unsigned *reached)
{
    struct demo_stage st;
    int silent = 0;
    demo_stage_open(&st, scenario, WIDTH, HEIGHT, false);
    for (int i = 0; i < VIEW_COUNT; i++) {
        struct place at = {.view = (enum view_id)i};
        if (at.view != VIEW_OVERVIEW)
            silent += press_all_keys(&st, at, reached);
        for (int k = 0; at.view == VIEW_OVERVIEW && k < 2 * PANE_COUNT; k++) {
            at.pane = (enum pane_id)(k / 2);
            at.zoom = k % 2 != 0;
            silent += press_all_keys(&st, at, reached);
        }
    }
    demo_stage_close(&st);
    return silent;
}

static void test_no_key_does_nothing_without_a_word(void **state)
{
    (void)state;
    const char *only = getenv("SCENARIO");
    unsigned reached = 0;
    int silent = 0;
    before = mem_calloc((size_t)WIDTH * HEIGHT, sizeof(*before));
    for (int i = 0; scenario_files[i].name != NULL; i++) {
        const char *name = scenario_files[i].name;
        if (only != NULL ? strcmp(only, name) == 0 : i % EACH == 0)
            silent += press_everywhere(name, &reached);
    }
    free(before);
    for (int i = 0; only == NULL && EACH == 1 && i < VIEW_COUNT; i++)
        if ((reached & 1U << i) == 0)
            fail_msg("no scenario leads to %s", view_ops((enum view_id)i)->title);
    assert_int_equal(silent, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_key_does_nothing_without_a_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
