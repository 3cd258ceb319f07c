/* The themes: whole, readable, apart from each other on every kind of terminal; and what is said of
 * a theme that is not. */
#include "tests/check.h"

#include "base/strbuf.h"
#include "tui/draw/canvas.h"
#include "tui/draw/contrast.h"
#include "tui/draw/palette.h"
#include "tui/draw/theme.h"
#include "tui/draw/theme_files.h"

#include "theme_names.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct theme load(const char *name)
{
    struct theme theme;
    struct err err = ERR_INIT;
    if (!theme_load(&theme, name, &err))
        fail_msg("%s", err.text);
    return theme;
}

static void test_every_built_in_theme_is_whole_and_readable(void **state)
{
    (void)state;
    static const char *const promised[] = {"dark",      "light",   "mono", "high-contrast",  "safe",
                                           "solarized", "gruvbox", "nord", "solarized-light"};
    for (size_t i = 0; i < sizeof(promised) / sizeof(promised[0]); i++)
        (void)load(promised[i]);
    for (int i = 0; theme_name(i) != NULL; i++) {
        struct theme theme = load(theme_name(i));
        struct strbuf sb;
        strbuf_init(&sb, 1 << 16);
        if (contrast_faults(&theme, &sb) > 0)
            fail_msg("%s", sb.text);
        strbuf_free(&sb);
        assert_non_null(strstr(THEME_NAMES, theme_name(i)));
    }
}

/* The measure itself, against WCAG's own examples. */
static void test_contrast_is_the_one_of_wcag(void **state)
{
    (void)state;
    assert_true(fabs(contrast_ratio(0x000000, 0xFFFFFF) - 21) < 0.001);
    assert_true(fabs(contrast_ratio(0xFFFFFF, 0xFFFFFF) - 1) < 0.001);
    assert_true(fabs(contrast_ratio(0x777777, 0xFFFFFF) - 4.48) < 0.005); /* just too little */
    assert_true(fabs(contrast_ratio(0x767676, 0xFFFFFF) - 4.54) < 0.005);
}

static void test_pale_text_is_found(void **state)
{
    (void)state;
    struct theme theme = load("dark");
    struct strbuf sb;
    strbuf_init(&sb, 1 << 16);
    theme.roles[ROLE_WARN].rgb = 0x555555;
    theme.roles[ROLE_WARN].c256 = 240;
    assert_true(contrast_faults(&theme, &sb) > 0);
    assert_non_null(strstr(sb.text, "warn (#555555) on ground"));
    strbuf_free(&sb);
    theme = load("dark");
    strbuf_init(&sb, 1 << 16);
    theme.roles[ROLE_BORDER].rgb = 0x585858; /* a line needs less than text, but not so little */
    assert_int_equal(contrast_faults(&theme, &sb), 1);
    strbuf_free(&sb);
}

/* ---- apart ----------------------------------------------------------------------------------- */

static const enum role signals[] = {ROLE_OK, ROLE_WARN, ROLE_CRIT, ROLE_UNKNOWN, ROLE_INFO};
enum { SIGNALS = sizeof(signals) / sizeof(signals[0]) };

static void check_apart(const struct theme *t, enum role a, enum role b)
{
    enum { FULL = 1 << 24 };
    static const int colors[] = {8, 16, 256, FULL};
    for (size_t i = 0; i < sizeof(colors) / sizeof(colors[0]); i++) {
        int32_t ca = theme_colour(&t->roles[a], colors[i]);
        int32_t cb = theme_colour(&t->roles[b], colors[i]);
        if (ca == cb)
            fail_msg("%s: %s and %s look the same in %d colours", t->name, theme_role_name(a),
                     theme_role_name(b), colors[i]);
        if (colors[i] == 256 && palette_distance(palette_rgb(ca), palette_rgb(cb)) < 0.05)
            fail_msg("%s: %s and %s look alike in 256 colours", t->name, theme_role_name(a),
                     theme_role_name(b));
        if (colors[i] == FULL && palette_distance(ca, cb) < 0.05)
            fail_msg("%s: %s and %s look alike", t->name, theme_role_name(a), theme_role_name(b));
    }
}

static void test_what_means_different_things_looks_different(void **state)
{
    (void)state;
    for (int i = 0; theme_name(i) != NULL; i++) {
        struct theme theme = load(theme_name(i));
        if (strcmp(theme.name, "mono") == 0)
            continue; /* that is its point */
        for (int a = 0; a < SIGNALS; a++)
            for (int b = a + 1; b < SIGNALS; b++)
                check_apart(&theme, signals[a], signals[b]);
    }
}

/* What somebody sees to whom one kind of cone is missing (Machado, Oliveira, Fernandes 2009). */
static int32_t seen(int32_t rgb, int kind)
{
    static const double m[3][9] = {
        {0.152286, 1.052583,  -0.204868, 0.114503,  0.786281, 0.099216, -0.003882, -0.048116,
         1.051998},
        {0.367322, 0.860646,  -0.227968, 0.280085,  0.672501, 0.047413, -0.011820, 0.042940,
         0.968881},
        {1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733,  0.691367,
         0.303900},
    };
    double in[3] = {contrast_linear(rgb >> 16 & 255), contrast_linear(rgb >> 8 & 255),
                    contrast_linear(rgb & 255)};
    int32_t out = 0;
    for (int i = 0; i < 3; i++) {
        double v = m[kind][3 * i] * in[0] + m[kind][3 * i + 1] * in[1] + m[kind][3 * i + 2] * in[2];
        v = v < 0 ? 0 : v > 1 ? 1 : v;
        v = v <= 0.0031308 ? v * 12.92 : 1.055 * pow(v, 1 / 2.4) - 0.055;
        out = out << 8 | (int32_t)lround(v * 255);
    }
    return out;
}

static void test_safe_is_safe_for_every_kind_of_colour_vision(void **state)
{
    (void)state;
    struct theme theme = load("safe");
    for (int kind = 0; kind < 3; kind++)
        for (int a = 0; a < SIGNALS; a++)
            for (int b = a + 1; b < SIGNALS; b++)
                for (int few = 0; few < 2; few++) {
                    const struct theme_entry *ea = &theme.roles[signals[a]];
                    const struct theme_entry *eb = &theme.roles[signals[b]];
                    int32_t ca = seen(few != 0 ? palette_rgb(ea->c256) : ea->rgb, kind);
                    int32_t cb = seen(few != 0 ? palette_rgb(eb->c256) : eb->rgb, kind);
                    if (palette_distance(ca, cb) < 0.06)
                        fail_msg("%s and %s look alike (kind %d, #%06x #%06x)",
                                 theme_role_name(signals[a]), theme_role_name(signals[b]), kind,
                                 (unsigned)ca, (unsigned)cb);
                }
}

/* ---- fewer colours --------------------------------------------------------------------------- */

static void test_colours_find_their_nearest(void **state)
{
    (void)state;
    assert_int_equal(palette_nearest(0xFF5F5F), 203);
    assert_int_equal(palette_nearest(0x444444), 238);
    struct theme t = load("dark");
    assert_int_equal(t.roles[ROLE_TEXT].c256, THEME_DEFAULT);
    assert_int_equal(t.roles[ROLE_TEXT].c8, THEME_DEFAULT);
    assert_int_equal(t.roles[ROLE_OK].c8, 2); /* a soft green is green, not white */
    assert_int_equal(t.roles[ROLE_WARN].c8, 3);
    assert_int_equal(t.roles[ROLE_CRIT].c8, 1);
    assert_int_equal(t.roles[ROLE_CRIT].c16, 9);
    assert_int_equal(t.roles[ROLE_BORDER].c8, THEME_DEFAULT); /* never black on black */
    assert_int_equal(t.roles[ROLE_BORDER].c16, 8);
    assert_int_equal(theme_colour(&t.roles[ROLE_CRIT], 1 << 24), t.roles[ROLE_CRIT].rgb);
}

/* `dark`, with one line in place of another. */
static char *changed(const char *key, const char *line)
{
    struct strbuf sb;
    const char *text = NULL;
    for (int i = 0; theme_files[i].name != NULL; i++)
        if (strcmp(theme_files[i].name, "dark") == 0)
            text = theme_files[i].text;
    strbuf_init(&sb, 1 << 16);
    for (; text != NULL && *text != '\0'; text += strcspn(text, "\n") + 1) {
        size_t n = strlen(key);
        bool it = strncmp(text, key, n) == 0 && (text[n] == ' ' || text[n] == '=');
        if (it)
            (void)strbuf_puts(&sb, line);
        else
            (void)strbuf_add(&sb, text, strcspn(text, "\n"));
        (void)strbuf_putc(&sb, '\n');
    }
    return strbuf_take(&sb);
}

static void test_a_line_may_give_the_forms_itself(void **state)
{
    (void)state;
    struct theme t;
    struct err err = ERR_INIT;
    char *text = changed("crit", "crit = \"#ff5f5f 256:208 16:13 mono:bold mono:reverse\" # mine");
    assert_true(theme_parse(&t, "mine", text, &err));
    free(text);
    assert_int_equal(t.roles[ROLE_CRIT].c256, 208);
    assert_int_equal(t.roles[ROLE_CRIT].c16, 13);
    assert_int_equal(t.roles[ROLE_CRIT].c8, 5);
    assert_int_equal(t.roles[ROLE_CRIT].no_color, STYLE_BOLD | STYLE_REVERSE);
    assert_int_not_equal(t.roles[ROLE_UNKNOWN].c8, 5); /* makes room for what is given */
    text = changed("crit", "crit = \"#ff5f5f bold mono:plain\"");
    assert_true(theme_parse(&t, "mine", text, &err));
    assert_int_equal(t.roles[ROLE_CRIT].no_color, 0);
    free(text);
}

static void test_mistakes_are_named_with_line_and_what_is_allowed(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says[3];
    } bad[] = {
        {"text = \"#12345\"\n",                      {"line 1", "#12345", "#rrggbb or default"}},
        {"\n\ntext = \"#123456 blinking\"\n",        {"line 3", "blinking", "underline"}       },
        {"nosuch = \"default\"\n",                   {"line 1", "nosuch", "crit"}              },
        {"text = default\n",                         {"line 1", "ROLE = "}                     },
        {"text = \"default\" rest\n",                {"line 1", "text", "comment"}             },
        {"text = \"default\"\ntext = \"default\"\n", {"line 2", "text", "twice"}               },
        {"text = \"#ffffff 256:7\"\n",               {"line 1", "256:7", "16 to 255"}          },
        {"text = \"#ffffff 16:16\"\n",               {"line 1", "16:16", "1 to 15"}            },
        {"text = \"#ffffff mono:loud\"\n",           {"line 1", "mono:loud", "mono:ATTRIBUTE"} },
        {"assumes = \"#000000\"\n",                  {"line 1", "assumes", "#rrggbb #rrggbb"}  },
        {"text = \"default\"\n",                     {"mine", "strong", "missing"}             },
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct theme theme;
        struct err err = ERR_INIT;
        assert_false(theme_parse(&theme, "mine", bad[i].text, &err));
        assert_non_null(strstr(err.text, "mine"));
        for (int k = 0; k < 3 && bad[i].says[k] != NULL; k++)
            if (strstr(err.text, bad[i].says[k]) == NULL)
                fail_msg("\"%s\" is not in: %s", bad[i].says[k], err.text);
    }
    struct theme theme;
    struct err err = ERR_INIT;
    char *text = changed("assumes", "");
    assert_false(theme_parse(&theme, "mine", text, &err));
    assert_non_null(strstr(err.text, "assumes = "));
    free(text);
}

static void test_a_theme_of_ones_own_by_path(void **state)
{
    (void)state;
    char dir[] = "/tmp/cdctop-theme.XXXXXX";
    char path[64];
    struct theme theme;
    struct err err = ERR_INIT;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof(path), "%s/mine.toml", dir);
    assert_false(theme_load(&theme, path, &err));
    assert_non_null(strstr(err.text, "No such file"));
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    char *text = changed("crit", "crit = \"#ff0000\"");
    assert_true(fputs(text, f) >= 0 && fclose(f) == 0);
    free(text);
    assert_true(theme_load(&theme, path, &err));
    assert_int_equal(theme.roles[ROLE_CRIT].rgb, 0xFF0000);
    err_clear(&err);
    assert_false(theme_load(&theme, "/", &err)); /* a directory */
    err_clear(&err);
    assert_false(theme_load(&theme, "drak", &err));
    assert_non_null(strstr(err.text, THEME_NAMES));
    (void)unlink(path);
    (void)rmdir(dir);
}

/* A faint word on the selected line takes the stronger of the quiet roles. */
static void test_the_selection_swallows_no_word(void **state)
{
    (void)state;
    struct canvas cv;
    canvas_init(&cv, 3, 1, false);
    (void)canvas_text(&cv, 0, 0, ROLE_FAINT, "abc");
    canvas_ground(&cv, (struct rect){0, 0, 2, 1}, GROUND_SELECT);
    assert_int_equal(canvas_at(&cv, 0, 0)->role, ROLE_DIM);
    assert_int_equal(canvas_at(&cv, 2, 0)->role, ROLE_FAINT);
    canvas_free(&cv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_built_in_theme_is_whole_and_readable),
        cmocka_unit_test(test_contrast_is_the_one_of_wcag),
        cmocka_unit_test(test_pale_text_is_found),
        cmocka_unit_test(test_what_means_different_things_looks_different),
        cmocka_unit_test(test_safe_is_safe_for_every_kind_of_colour_vision),
        cmocka_unit_test(test_colours_find_their_nearest),
        cmocka_unit_test(test_a_line_may_give_the_forms_itself),
        cmocka_unit_test(test_mistakes_are_named_with_line_and_what_is_allowed),
        cmocka_unit_test(test_a_theme_of_ones_own_by_path),
        cmocka_unit_test(test_the_selection_swallows_no_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
