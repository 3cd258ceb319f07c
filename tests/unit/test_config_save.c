/* Choices written into the file of a user: it keeps every other byte, its mode and its links, and
 * loads to what was chosen; or it stays as it was and the reason is told. */
#include "config/load.h"
#include "config/save.h"
#include "tests/check.h"
#include "tui/app.h"
#include "tui/choices.h"
#include "tui/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
    char dir[64], file[96];
};

static int set_up(void **state)
{
    struct place *p = calloc(1, sizeof(*p));
    (void)snprintf(p->dir, sizeof(p->dir), "/tmp/cdctop-save.XXXXXX");
    if (p == NULL || mkdtemp(p->dir) == NULL)
        return -1;
    (void)snprintf(p->file, sizeof(p->file), "%s/config.toml", p->dir);
    (void)setenv("HOME", p->dir, 1);
    (void)unsetenv("XDG_CONFIG_HOME");
    (void)unsetenv("CDCTOP_CONFIG");
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    struct place *p = *state;
    char path[200];
    static const char *const left[] = {"config.toml", "link.toml", ".config/cdctop/config.toml",
                                       ".config/cdctop", ".config"};
    for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", p->dir, left[i]);
        (void)remove(path);
    }
    assert_int_equal(rmdir(p->dir), 0); /* no temporary file was left behind */
    free(p);
    return 0;
}

static void put_file(const char *path, const char *text, mode_t mode)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static const char *get_file(const char *path)
{
    static char text[8192];
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
    (void)fclose(f);
    return text;
}

static struct config *load(const char *path)
{
    struct config_problems problems;
    struct config_flags flags = {.config_path = path, .words = command_words()};
    struct config *config = config_load(&flags, &problems);
    if (config == NULL)
        fail_msg("%s", problems.items[0].text);
    config_problems_free(&problems);
    return config;
}

/* What is in force, with another theme, order and columns. */
static struct config chosen(const struct config *config)
{
    struct app *app = app_new(config, NULL, false);
    struct config now;
    char lag[] = "lag";
    char age[] = "age";
    char *items[] = {lag, age};
    const struct strlist ids = {.items = items, .count = 2};
    char bad[64];
    app->panes[PANE_TOPICS].sort = 2;
    app->panes[PANE_TOPICS].reverse = true;
    assert_true(choices_columns(&app->panes[PANE_TOPICS], PANE_TOPICS, &ids, bad, sizeof(bad)));
    const struct app_model m = {.config = config};
    app_theme(app, "light");
    choices_config(app, &m, &now);
    app_free(app);
    return now;
}

static bool save(const struct config *config, uint64_t *hash, char *said, size_t size,
                 struct err *err)
{
    struct strbuf sb;
    struct config now = chosen(config);
    strbuf_init(&sb, 4096);
    bool ok = config_save(config, &now, hash, &sb, err);
    (void)snprintf(said, size, "%s", sb.text);
    strbuf_free(&sb);
    options_free(false, &now);
    return ok;
}

static const char before[] = "# my own\n\n[ui]\ntheme = \"dark\" # for the night\n"
                             "#glyphs = \"ascii\"\n\n# orders\n[ui.sort]\nslots = 'retained'\n"
                             "topics = \"lag\"\n\n[keys]\nrestart = \"X\"\n# end\n";
static const char after[] = "# my own\n\n[ui]\ntheme = \"light\" # for the night\n"
                            "#glyphs = \"ascii\"\n\n# orders\n[ui.sort]\nslots = 'retained'\n"
                            "topics = \"lag reversed\"\n\n[keys]\nrestart = \"X\"\n# end\n"
                            "\n[ui.columns]\ntopics = [\"topic\", \"lag\", \"age\"]\n";

static void test_choices_are_written_and_read_again(void **state)
{
    const struct place *p = *state;
    char said[400];
    struct stat st;
    put_file(p->file, before, 0640);
    struct config *config = load(p->file);
    uint64_t hash = config->text_hash;
    struct err err = ERR_INIT;
    if (!save(config, &hash, said, sizeof(said), &err))
        fail_msg("%s", err.text);
    assert_string_equal(get_file(p->file), after);
    assert_non_null(strstr(said, "ui.theme, ui.sort.topics, ui.columns.topics written to"));
    assert_int_equal(stat(p->file, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
    struct config *again = load(p->file);
    assert_string_equal(again->theme, "light");
    assert_string_equal(again->view.sort_topics, "lag reversed");
    assert_int_equal(again->view.columns_topics.count, 3);
    assert_true(again->text_hash == hash);
    assert_true(save(config, &hash, said, sizeof(said), &err)); /* once more: nothing to do */
    assert_non_null(strstr(said, "nothing to save"));
    assert_string_equal(get_file(p->file), after);
    config_free(again);
    config_free(config);
}

static void test_a_link_stays_a_link(void **state)
{
    const struct place *p = *state;
    char link_path[120];
    char said[400];
    struct stat st;
    (void)snprintf(link_path, sizeof(link_path), "%s/link.toml", p->dir);
    put_file(p->file, before, 0600);
    assert_int_equal(symlink(p->file, link_path), 0);
    struct config *config = load(link_path);
    uint64_t hash = config->text_hash;
    assert_true(save(config, &hash, said, sizeof(said), NULL));
    assert_int_equal(lstat(link_path, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_string_equal(get_file(p->file), after);
    config_free(config);
}

static void test_what_others_changed_is_not_written_over(void **state)
{
    const struct place *p = *state;
    char said[400];
    struct err err = ERR_INIT;
    put_file(p->file, before, 0600);
    struct config *config = load(p->file);
    uint64_t hash = config->text_hash;
    put_file(p->file, "[ui]\n# another hand\n", 0600);
    assert_false(save(config, &hash, said, sizeof(said), &err));
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_string_equal(get_file(p->file), "[ui]\n# another hand\n");
    config_free(config);
}

static void test_what_cannot_be_edited_stays(void **state)
{
    const struct place *p = *state;
    static const char text[] = "ui = { theme = \"dark\" }\n";
    char said[400];
    struct err err = ERR_INIT;
    put_file(p->file, text, 0600);
    struct config *config = load(p->file);
    uint64_t hash = config->text_hash;
    assert_false(save(config, &hash, said, sizeof(said), &err));
    assert_non_null(strstr(err.text, "inline table"));
    assert_string_equal(get_file(p->file), text);
    config_free(config);
}

static void test_without_a_file_one_is_made(void **state)
{
    const struct place *p = *state;
    char path[200];
    char said[400];
    struct stat st;
    struct config *config = load(NULL);
    uint64_t hash = config->text_hash;
    struct err err = ERR_INIT;
    assert_true(hash == 0);
    if (!save(config, &hash, said, sizeof(said), &err))
        fail_msg("%s", err.text);
    (void)snprintf(path, sizeof(path), "%s/.config/cdctop/config.toml", p->dir);
    assert_string_equal(get_file(path), "[ui]\ntheme = \"light\"\n\n[ui.sort]\ntopics = \"lag "
                                        "reversed\"\n\n[ui.columns]\ntopics = [\"topic\", "
                                        "\"lag\", \"age\"]\n");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    config_free(config);
    config_free(load(NULL));
}

static void test_a_file_that_may_not_be_written_is_told(void **state)
{
    const struct place *p = *state;
    char said[400];
    struct err err = ERR_INIT;
    put_file(p->file, before, 0400);
    if (access(p->file, W_OK) == 0) /* root may */
        return;
    struct config *config = load(p->file);
    uint64_t hash = config->text_hash;
    assert_false(save(config, &hash, said, sizeof(said), &err));
    assert_non_null(strstr(err.text, "not writable"));
    config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_choices_are_written_and_read_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_link_stays_a_link, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_others_changed_is_not_written_over, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_what_cannot_be_edited_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_without_a_file_one_is_made, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_file_that_may_not_be_written_is_told, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
