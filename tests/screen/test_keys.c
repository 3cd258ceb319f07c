/* Keys and lists as a configuration has them: what it may say, what is told of its mistakes, and
 * what then happens. */
#include "config/load.h"
#include "tests/check.h"
#include "tests/screen/golden.h"

#include "tui/command.h"
#include "tui/keymap.h"
#include "tui/view/pane.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct config *load(const char *text)
{
    struct config_problems problems;
    struct config *config = config_load_text_with(command_words(), text, strlen(text), &problems);
    if (config == NULL)
        fail_msg("%s", problems.items[0].text);
    assert_int_equal(problems.count, 0);
    config_problems_free(&problems);
    return config;
}

/* The stage's own configuration, with the keys of another one. */
static void bind(struct stage *st, struct config *mine, const struct config *from)
{
    *mine = *fixture_model(st->fixture)->config;
    mine->keys = from->keys;
    fixture_model(st->fixture)->config = mine;
}

static void test_keys_are_bound_in_the_words_of_the_defaults(void **state)
{
    (void)state;
    struct stage st;
    struct config mine;
    struct config *config = load("[keys]\nrestart = \"X F5\"\ndown = \"j Down Ctrl-N\"\n"
                                 "columns = \"\"\nhelp = \"h\"\n");
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    bind(&st, &mine, config);
    stage_draw(&st);
    assert_true(stage_has(&st, "h help"));
    assert_true(stage_has(&st, "X restart")); /* beside the finding */
    stage_keys(&st, "3X");
    assert_true(stage_has(&st, "restart: s3-sink"));
    stage_key(&st, K_ESC);
    stage_keys(&st, "R"); /* not its key any more */
    assert_int_equal(st.app->dialog.kind, DIALOG_NONE);
    stage_key(&st, K_F5);
    assert_true(stage_has(&st, "restart: s3-sink"));
    stage_key(&st, K_ESC);
    stage_keys(&st, "a");
    assert_true(stage_has(&st, "X  restart"));
    stage_keys(&st, "X"); /* in the menu too */
    assert_true(stage_has(&st, "restart: s3-sink"));
    stage_key(&st, K_ESC);
    stage_keys(&st, "%");
    assert_true(stage_has(&st, "h lists those that do"));
    stage_keys(&st, "h");
    assert_true(stage_has(&st, "j Down Ctrl-N"));
    stage_close(&st);
    config_free(config);
}

static void test_mistakes_in_keys_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"restrat = \"X\"",              "text:2:11: keys.restrat: there is no such command; did you mean "
                            "restart?"                         },
        {"down = \"Entr\"",              "keys.down: there is no such key; found \"Entr\""},
        {"down = \"Entr\"",              "did you mean Enter?"                            },
        {"down = 7",                     "keys.down: this is of the wrong type"           },
        {"restart = \"r\"",              "lower case never changes a server; found \"r\"" },
        {"terminate = \"K 9\"",          "lower case never changes a server"              },
        {"stop = \"Space\"",             "lower case never changes a server"              },
        {"down = \"Ctrl-S\"",            "Ctrl-S stops a terminal's output"               },
        {"down = \"Ctrl-Q\"",            "Ctrl-Q lets"                                    },
        {"down = \"Ctrl-Z\"",            "Ctrl-Z belongs to the shell"                    },
        {"down = \"Ctrl-\\\\\"",         "ends programs"                                  },
        {"down = \"Ctrl-A\"",            "Ctrl-A belongs to screen"                       },
        {"down = \"Ctrl-B\"",            "Ctrl-B belongs to tmux"                         },
        {"down = \"Ctrl-C\"",            "Ctrl-C is the way out"                          },
        {"down = \"Alt-x\"",             "Alt is Esc and a letter"                        },
        {"down = \"k\"",                 "k is a key of up as well"                       },
        {"down = \"Ctrl-M\"",            "Ctrl-M is a key of open as well"                },
        {"zoom = \"x\"\nfaults = \"x\"", "x is a key of zoom as well"                     },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[200];
        struct config_problems problems;
        (void)snprintf(text, sizeof(text), "[keys]\n%s\n", cases[i].text);
        struct config *config =
            config_load_text_with(command_words(), text, strlen(text), &problems);
        bool said = false;
        for (size_t k = 0; k < problems.count; k++)
            said = said || strstr(problems.items[k].text, cases[i].says) != NULL;
        if (config != NULL || !said)
            fail_msg("%s: %s", cases[i].text,
                     problems.count > 0 ? problems.items[0].text : "no mistake");
        config_problems_free(&problems);
    }
}

/* A default may be written down as it stands, and handed on when its command lets it go. */
static void test_what_is_no_mistake(void **state)
{
    (void)state;
    static const char *const fine[] = {
        "suspend = \"Ctrl-Z\"",    "quit-now = \"Q Ctrl-C\"",
        "up = \"\"\ndown = \"k\"", "restart = \"F5 Ctrl-R\"\npoll = \"Ctrl-P\"",
        "down = \"  j   Down  \"", "copy = \"ä\"",
    };
    for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
        char text[200];
        (void)snprintf(text, sizeof(text), "[keys]\n%s\n", fine[i]);
        config_free(load(text));
    }
}

static void test_default_keys_are_known_and_belong_to_one_command(void **state)
{
    (void)state;
    const struct config_words *w = command_words();
    for (size_t i = 0; i < w->ncommands; i++) {
        char text[300];
        (void)snprintf(text, sizeof(text), "[keys]\n%s = '%s'\n", w->commands[i].name,
                       w->commands[i].keys);
        config_free(load(text)); /* by itself: no default is a mistake */
        for (const char *p = w->commands[i].keys; *p != '\0';) {
            size_t n = strcspn(p, " ");
            assert_int_not_equal(keymap_code(p, n), K_NONE);
            p += n + (p[n] == ' ');
        }
    }
}

static void test_every_list_has_its_options_and_their_examples_fit(void **state)
{
    (void)state;
    const struct config_words *w = command_words();
    size_t found = 0;
    for (size_t i = 0; i < w->nlists; i++) {
        const struct option *sort = options_find(SECTION_SORT, w->lists[i].name);
        const struct option *columns = options_find(SECTION_COLUMNS, w->lists[i].name);
        if (sort == NULL || columns == NULL)
            fail_msg("%s has no option in [ui.sort] or [ui.columns]", w->lists[i].name);
        char text[400];
        (void)snprintf(text, sizeof(text), "[ui.sort]\n%s = \"%s\"\n[ui.columns]\n%s = \"%s\"\n",
                       sort->key, sort->example, columns->key, columns->example);
        config_free(load(text));
        found += 2;
    }
    for (size_t i = 0; i < options_count; i++)
        found -= options[i].section == SECTION_SORT || options[i].section == SECTION_COLUMNS;
    assert_int_equal(found, 0); /* none is of a list that does not exist */
}

static void test_mistakes_in_columns_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"[ui.sort]\ntopics = \"lagg\"",                     "text:2:10: ui.sort.topics: there is no such column"},
        {"[ui.sort]\ntopics = \"lagg\"",                     "did you mean lag?"                                 },
        {"[ui.sort]\ntopics = \"lag down\"",                 "or \"COLUMN reversed\""                            },
        {"[ui.columns]\ntopics = [\"topic\", \"retained\"]", "found \"retained\""                                },
        {"[ui.columns]\nfindings = [\"x\"]",                 "ui.columns.findings: there is no such key"         },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct config_problems problems;
        struct config *config =
            config_load_text_with(command_words(), cases[i].text, strlen(cases[i].text), &problems);
        if (config != NULL || strstr(problems.items[0].text, cases[i].says) == NULL)
            fail_msg("%s: %s", cases[i].text,
                     problems.count > 0 ? problems.items[0].text : "no mistake");
        config_problems_free(&problems);
    }
}

static void test_columns_are_chosen_and_stand_before_priority(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "2:columns age,lag\r");
    assert_true(stage_has(&st, "AGE      LAG"));
    assert_true(stage_lacks(&st, "MSG/S"));
    stage_keys(&st, ":columns nosuch\r");
    assert_true(stage_has(&st, "there is no column nosuch"));
    stage_keys(&st, ":columns all\r");
    assert_true(stage_has(&st, "MSG/S"));
    stage_keys(&st, "cjjjj ");
    assert_true(stage_has(&st, "[ ]"));
    stage_key(&st, K_ESC); /* taken back */
    assert_int_equal(st.app->panes[PANE_TOPICS].ncolumns, 0);
    stage_keys(&st, "cjJ\r"); /* the second goes one down */
    assert_int_equal(st.app->panes[PANE_TOPICS].columns[1], 2);
    assert_int_equal(st.app->panes[PANE_TOPICS].columns[2], 1);
    stage_keys(&st, "c \r"); /* the name stays */
    assert_int_equal(st.app->panes[PANE_TOPICS].columns[0], 0);
    stage_keys(&st, "cr\r");
    assert_int_equal(st.app->panes[PANE_TOPICS].ncolumns, 0);
    stage_close(&st);
    for (int w = 60; w < 300; w += 7) { /* what was chosen first is there last */
        stage_open(&st, FIXTURE_INCIDENT, w, 24, false);
        stage_keys(&st, "2z:columns lag age rate\r");
        if (w > 62)
            assert_true(stage_has(&st, "LAG"));
        stage_close(&st);
    }
}

static void test_lists_begin_as_the_configuration_says(void **state)
{
    (void)state;
    struct config *config = load("[ui.sort]\nslots = \"retained reversed\"\n"
                                 "[ui.columns]\nslots = [\"retained\"]\n");
    struct app *app = app_new(config, NULL, false);
    assert_int_equal(app->panes[PANE_SLOTS].sort, 3);
    assert_true(app->panes[PANE_SLOTS].reverse);
    assert_int_equal(app->panes[PANE_SLOTS].ncolumns, 2);
    assert_int_equal(app->panes[PANE_SLOTS].columns[1], 3);
    assert_int_equal(app->panes[PANE_TOPICS].sort, -1);
    app_free(app);
    config_free(config);
}

static void test_the_chooser_looks_right(void **state)
{
    (void)state;
    golden_sizes(FIXTURE_INCIDENT, "2cj jJ", "dialog-columns");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys_are_bound_in_the_words_of_the_defaults),
        cmocka_unit_test(test_mistakes_in_keys_are_told),
        cmocka_unit_test(test_what_is_no_mistake),
        cmocka_unit_test(test_default_keys_are_known_and_belong_to_one_command),
        cmocka_unit_test(test_every_list_has_its_options_and_their_examples_fit),
        cmocka_unit_test(test_mistakes_in_columns_are_told),
        cmocka_unit_test(test_columns_are_chosen_and_stand_before_priority),
        cmocka_unit_test(test_lists_begin_as_the_configuration_says),
        cmocka_unit_test(test_the_chooser_looks_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
