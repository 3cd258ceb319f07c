/* Options that change while it runs, colours that are looked at first, what is copied and written.
 */
#include "tests/check.h"
#include "tests/screen/golden.h"
#include "tests/unit/keep.h"

#include "tui/command.h"
#include "tui/write.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char text[4096]; /* of the effect that was taken */

/* The next effect, or -1; its text and number are kept. */
static int next(struct stage *st, int64_t *number)
{
    struct effect e;
    text[0] = '\0';
    if (!app_take(st->app, &e))
        return -1;
    (void)snprintf(text, sizeof(text), "%s", e.text != NULL ? e.text : "");
    if (number != NULL)
        *number = e.number;
    free(e.text);
    action_args_free(e.args);
    return (int)e.kind;
}

static void expect_theme(struct stage *st, const char *name, int64_t preview)
{
    int64_t number = -1;
    assert_int_equal(next(st, &number), EFFECT_THEME);
    assert_string_equal(text, name);
    assert_true(number == preview);
}

static void test_a_theme_is_shown_while_it_is_typed(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, ":theme lig");
    expect_theme(&st, "light", 1);
    assert_int_equal(next(&st, NULL), -1);
    stage_key(&st, K_ESC);
    expect_theme(&st, "dark", 1); /* taken back */
    assert_int_equal(next(&st, NULL), -1);
    stage_keys(&st, ":theme light\r");
    expect_theme(&st, "light", 1);
    expect_theme(&st, "light", 0);
    assert_int_equal(next(&st, NULL), -1); /* nothing took it back */
    assert_string_equal(st.app->theme, "light");
    stage_keys(&st, ":set theme=no");
    expect_theme(&st, "nord", 1);
    stage_keys(&st, "sense"); /* no such theme: the one in force is shown again */
    expect_theme(&st, "light", 1);
    assert_int_equal(next(&st, NULL), -1);
    stage_close(&st);
}

static void test_a_theme_is_picked(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, ":theme\r");
    assert_int_equal(st.app->dialog.kind, DIALOG_MENU);
    stage_keys(&st, "j");
    assert_int_equal(next(&st, NULL), EFFECT_THEME);
    stage_key(&st, K_ESC);
    expect_theme(&st, "dark", 1);
    stage_keys(&st, ":theme\rj\r");
    assert_int_equal(next(&st, NULL), EFFECT_THEME);
    int64_t number = -1;
    assert_int_equal(next(&st, &number), EFFECT_THEME);
    assert_true(number == 0);
    assert_string_equal(st.app->theme, text);
    assert_int_equal(next(&st, NULL), -1);
    stage_close(&st);
}

static bool set_seen(void *ctx, size_t pipeline, const struct option *option, const char *value,
                     const char **why)
{
    (void)ctx;
    (void)pipeline;
    (void)option;
    *why = NULL;
    return strcmp(value, "1000") == 0;
}

static void test_options_are_set_and_shown(void **state)
{
    (void)state;
    struct stage st;
    int64_t number = 0;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    fixture_model(st.fixture)->set = set_seen;
    stage_keys(&st, ":set interval 5s\r");
    assert_int_equal(next(&st, &number), EFFECT_INTERVAL);
    assert_true(number == 5000);
    stage_keys(&st, ":set interval=soon\r");
    assert_int_equal(next(&st, NULL), -1);
    assert_true(stage_has(&st, "is not a duration from 500ms to 1h"));
    stage_keys(&st, ":set interval\r");
    assert_true(stage_has(&st, "interval = \"2s\""));
    stage_keys(&st, ":set glyphs ascii\r");
    assert_int_equal(next(&st, NULL), EFFECT_GLYPHS);
    stage_keys(&st, ":set mouse true\r");
    assert_int_equal(next(&st, NULL), EFFECT_MOUSE);
    stage_keys(&st, ":set lag_warn 1000\r");
    assert_true(stage_has(&st, "lag_warn = 1000 for orders-prod"));
    stage_keys(&st, ":set lag_warn much\r");
    assert_true(stage_has(&st, "lag_warn: \"much\" is not a whole number"));
    stage_keys(&st, ":set password x\r"); /* not while it runs */
    assert_true(stage_has(&st, "Tab completes"));
    stage_keys(&st, ":save\r");
    assert_int_equal(next(&st, NULL), EFFECT_SAVE);
    stage_close(&st);
}

static void test_options_values_and_columns_are_completed(void **state)
{
    (void)state;
    static const struct {
        const char *typed, *line;
    } cases[] = {
        {":set inter\t",             "set interval "              },
        {":set glyphs u\t",          "set glyphs unicode "        },
        {":set glyphs=u\t",          "set glyphs=unicode "        },
        {":set theme nor\t",         "set theme nord "            },
        {":set mouse t\t",           "set mouse true "            },
        {":set lag_time_w\t",        "set lag_time_warn "         },
        {"2:columns topic,me\t",     "columns topic,messages "    },
        {"2:columns topic lag me\t", "columns topic lag messages "},
        {"2:sort me\t",              "sort messages "             },
        {":theme gru\t",             "theme gruvbox "             },
        {":restart s3-sink s3\t",    "restart s3-sink s3"         },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct stage st;
        stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
        stage_keys(&st, cases[i].typed);
        assert_string_equal(st.app->edit.text, cases[i].line);
        stage_close(&st);
    }
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, ":set glyphs ");
    assert_true(stage_has(&st, "auto  unicode  ascii"));
    stage_close(&st);
}

static void test_what_is_copied(void **state)
{
    (void)state;
    static const struct {
        const char *keys, *copied;
    } cases[] = {
        {"2yy",              "cdc.public.orders"                                                               },
        {"3yc",              "cdctop do restart s3-sink"                                                       },
        {"3yu",              "curl -sS -X POST '/connectors/s3-sink/restart?includeTasks=true&onlyFailed=true'"},
        {"1yu",              "SELECT pg_drop_replication_slot('old_export')"                                   },
        {"1yc",              "cdctop do drop-slot old_export"                                                  },
        {"3jyc",             "cdctop do restart debezium-pg --all"                                             },
        {"3 jk yy",          "s3-sink\ndebezium-pg"                                                            },
        {"3:copy command\r", "cdctop do restart s3-sink"                                                       },
        {"3ay",              "cdctop do restart s3-sink"                                                       },
        {"2\ryy",            "cdc.public.orders"                                                               },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct stage st;
        stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
        stage_keys(&st, cases[i].keys);
        if (next(&st, NULL) != EFFECT_COPY || strcmp(text, cases[i].copied) != 0)
            fail_msg("%s copies: %s", cases[i].keys, text);
        assert_int_equal(st.app->dialog.kind, DIALOG_NONE);
        stage_close(&st);
    }
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "2yr");
    assert_int_equal(next(&st, NULL), EFFECT_COPY);
    assert_non_null(strstr(text, "cdc.public.orders\t612.0\t61,204\t"));
    stage_close(&st);
    stage_open(&st, FIXTURE_HOSTILE, 120, 36, false);
    for (const char *p = "12345"; *p != '\0'; p++) {
        const char keys[] = {*p, 'y', 'y', '\0'};
        stage_keys(&st, keys);
        while (next(&st, NULL) >= 0)
            for (const char *c = text; *c != '\0'; c++)
                assert_true((unsigned char)*c >= ' ' && *c != 0x7F);
    }
    stage_close(&st);
}

static const char *read_file(const char *path)
{
    static char buf[65536];
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    buf[fread(buf, 1, sizeof(buf) - 1, f)] = '\0';
    (void)fclose(f);
    return buf;
}

static void test_the_config_of_a_connector_is_written(void **state)
{
    (void)state;
    char dir[] = "/tmp/cdctop-write.XXXXXX";
    char path[100];
    struct stage st;
    assert_non_null(mkdtemp(dir));
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    (void)snprintf(path, sizeof(path), "%s/x.connector.json", dir);
    stage_keys(&st, "2");
    write_out(st.app, fixture_model(st.fixture), &st.canvas, path);
    stage_draw(&st);
    assert_true(stage_has(&st, "no connector is selected"));
    stage_keys(&st, "3");
    write_out(st.app, fixture_model(st.fixture), &st.canvas, path);
    stage_draw(&st);
    assert_true(stage_has(&st, "secrets are masked in it"));
    assert_non_null(strstr(read_file(path), "\"config\":"));
    stage_close(&st);
    keep_file(path);
    assert_int_equal(rmdir(dir), 0);
}

static void test_screen_and_data_are_written(void **state)
{
    (void)state;
    char dir[] = "/tmp/cdctop-write.XXXXXX";
    char path[100];
    struct stat info;
    struct stage st;
    assert_non_null(mkdtemp(dir));
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "2/pay\r");
    (void)snprintf(path, sizeof(path), "%s/a.csv", dir);
    write_out(st.app, fixture_model(st.fixture), &st.canvas, path);
    assert_non_null(strstr(read_file(path), "\"topic\",\"rate\",\"lag\","));
    assert_non_null(strstr(read_file(path), "\r\n\"cdc.public.payments\",\"0.6\",\"0\","));
    assert_null(strstr(read_file(path), "cdc.public.orders"));
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    write_out(st.app, fixture_model(st.fixture), &st.canvas, path); /* never over it */
    stage_draw(&st);
    assert_true(stage_has(&st, "not written"));
    keep_file(path);
    (void)snprintf(path, sizeof(path), "%s/b", dir);
    write_out(st.app, fixture_model(st.fixture), &st.canvas, path);
    stage_draw(&st);
    assert_true(stage_has(&st, "/b.txt and .json"));
    (void)snprintf(path, sizeof(path), "%s/b.txt", dir);
    assert_non_null(strstr(read_file(path), "2 Topics"));
    keep_file(path);
    (void)snprintf(path, sizeof(path), "%s/b.json", dir);
    assert_non_null(strstr(read_file(path), "{\"schema\":1,"));
    keep_file(path);
    stage_keys(&st, "\033\r");
    (void)snprintf(path, sizeof(path), "%s/c.csv", dir);
    write_out(st.app, fixture_model(st.fixture), &st.canvas, path);
    stage_draw(&st);
    assert_true(stage_has(&st, "there is no list on this screen"));
    stage_close(&st);
    assert_int_equal(rmdir(dir), 0);
}

static void test_a_copy_goes_into_a_file_where_there_is_no_clipboard(void **state)
{
    (void)state;
    char dir[] = "/tmp/cdctop-copy.XXXXXX";
    char file[] = "file";
    struct stat info;
    struct stage st;
    assert_non_null(mkdtemp(dir));
    (void)setenv("XDG_RUNTIME_DIR", dir, 1);
    stage_open(&st, FIXTURE_INCIDENT, 200, 36, false);
    struct config config = *fixture_model(st.fixture)->config;
    config.clipboard = file;
    fixture_model(st.fixture)->config = &config;
    write_copy(st.app, fixture_model(st.fixture), NULL, "one\ntwo");
    stage_draw(&st);
    assert_true(stage_has(&st, "7 B written to /tmp/cdctop-copy."));
    const char *path = strstr(st.app->toast.text, "/tmp/");
    assert_string_equal(read_file(path), "one\ntwo");
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    keep_file(path);
    stage_close(&st);
    assert_int_equal(rmdir(dir), 0);
}

static void test_they_look_right(void **state)
{
    (void)state;
    static const struct {
        const char *keys, *name;
    } cases[] = {
        {"3y",         "dialog-copy" },
        {":theme\rjj", "dialog-theme"},
        {":set l",     "set-line"    },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        golden_sizes(FIXTURE_INCIDENT, cases[i].keys, cases[i].name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_theme_is_shown_while_it_is_typed),
        cmocka_unit_test(test_a_theme_is_picked),
        cmocka_unit_test(test_options_are_set_and_shown),
        cmocka_unit_test(test_options_values_and_columns_are_completed),
        cmocka_unit_test(test_what_is_copied),
        cmocka_unit_test(test_screen_and_data_are_written),
        cmocka_unit_test(test_the_config_of_a_connector_is_written),
        cmocka_unit_test(test_a_copy_goes_into_a_file_where_there_is_no_clipboard),
        cmocka_unit_test(test_they_look_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
