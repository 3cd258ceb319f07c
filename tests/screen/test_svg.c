/* The screen as a picture: read back by an XML parser, and compared cell by cell with the canvas.
 */
#include "tests/check.h"
#include "tests/screen/golden.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "tui/term/screen.h"

#include <expat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CELL_W = 10, CELL_H = 20, BASELINE = 15 };

struct picture {
    const struct canvas *cv;
    char *drawn; /* of each cell: 't' in a text, 's' in a shape, 0 nothing */
    bool in_text;
    int x, y, length, moved_x, moved_y;
    int32_t fill;
    char text[4096];
    size_t len;
};

static const char *attribute(const char **attrs, const char *name)
{
    for (; attrs[0] != NULL; attrs += 2)
        if (strcmp(attrs[0], name) == 0)
            return attrs[1];
    return NULL;
}

static int number(const char **attrs, const char *name)
{
    const char *value = attribute(attrs, name);
    return value != NULL ? (int)strtol(value, NULL, 10) : 0;
}

static void mark(struct picture *p, int x, int y, int n, char what)
{
    assert_true(y >= 0 && y < p->cv->h && x >= 0 && x + n <= p->cv->w);
    for (int i = 0; i < n; i++) {
        if (p->drawn[y * p->cv->w + x + i] != 0)
            fail_msg("cell %d,%d is drawn twice", x + i, y);
        p->drawn[y * p->cv->w + x + i] = what;
    }
}

static void on_start(void *user, const char *name, const char **attrs)
{
    struct picture *p = user;
    if (strcmp(name, "text") == 0) {
        p->in_text = true;
        p->len = 0;
        p->x = number(attrs, "x");
        p->y = number(attrs, "y");
        p->length = number(attrs, "textLength");
        p->fill = (int32_t)strtol(attribute(attrs, "fill") + 1, NULL, 16);
    } else if (strcmp(name, "path") == 0) {
        assert_int_equal(
            sscanf(attribute(attrs, "transform"), "translate(%d %d)", &p->moved_x, &p->moved_y), 2);
        int n = 1;
        if (sscanf(attribute(attrs, "d"), "M0 10H%d", &n) != 1 || n < CELL_W)
            n = CELL_W;
        mark(p, p->moved_x / CELL_W, p->moved_y / CELL_H, n / CELL_W, 's');
    } else if (strcmp(name, "rect") == 0 && number(attrs, "width") == CELL_W &&
               number(attrs, "height") < CELL_H) {
        mark(p, number(attrs, "x") / CELL_W, number(attrs, "y") / CELL_H, 1, 's');
    }
}

static void on_text(void *user, const char *text, int n)
{
    struct picture *p = user;
    if (!p->in_text)
        return;
    assert_true(p->len + (size_t)n < sizeof(p->text));
    memcpy(p->text + p->len, text, (size_t)n);
    p->len += (size_t)n;
    p->text[p->len] = '\0';
}

static void on_end(void *user, const char *name)
{
    struct picture *p = user;
    char want[4096] = "";
    size_t len = 0;
    if (strcmp(name, "text") != 0)
        return;
    p->in_text = false;
    int n = p->length / CELL_W;
    int x = p->x / CELL_W;
    int y = (p->y - BASELINE) / CELL_H;
    mark(p, x, y, n, 't');
    for (int i = 0; i < n; i++)
        len += (size_t)snprintf(want + len, sizeof(want) - len, "%s",
                                canvas_at(p->cv, x + i, y)->text);
    assert_string_equal(p->text, want);
}

/* What is parsed is a document of its own; every cell that is not blank is drawn once. */
static void check(const struct canvas *cv, const char *svg)
{
    struct picture p = {.cv = cv, .drawn = mem_calloc((size_t)(cv->w * cv->h) + 1, 1)};
    XML_Parser parser = XML_ParserCreate("UTF-8");
    XML_SetUserData(parser, &p);
    XML_SetElementHandler(parser, on_start, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    if (XML_Parse(parser, svg, (int)strlen(svg), 1) != XML_STATUS_OK)
        fail_msg("line %lu: %s", XML_GetCurrentLineNumber(parser),
                 XML_ErrorString(XML_GetErrorCode(parser)));
    XML_ParserFree(parser);
    for (int i = 0; i < cv->w * cv->h; i++) {
        const struct cell *cell = &cv->cells[i];
        bool full = cell->text[0] == (char)0xE2 && strcmp(cell->text, "█") == 0;
        bool empty = cell->text[0] == '\0' || cell->text[0] == ' ';
        if (!empty && !full && p.drawn[i] == 0)
            fail_msg("cell %d,%d (%s) is not drawn", i % cv->w, i / cv->w, cell->text);
    }
    free(p.drawn);
}

static char *picture_of(const struct canvas *cv, const char *theme_name)
{
    struct theme theme;
    struct err err = ERR_INIT;
    struct strbuf sb;
    if (!theme_load(&theme, theme_name, &err))
        fail_msg("%s", err.text);
    strbuf_init(&sb, 16 << 20);
    screen_svg(cv, &theme, &sb);
    assert_false(sb.overflow);
    return strbuf_take(&sb);
}

static void test_every_cell_is_where_it_belongs(void **state)
{
    (void)state;
    static const struct {
        enum fixture_kind kind;
        const char *keys, *theme;
    } cases[] = {
        {FIXTURE_INCIDENT, "",    "dark"     },
        {FIXTURE_INCIDENT, "3\r", "light"    },
        {FIXTURE_INCIDENT, "3R",  "mono"     },
        {FIXTURE_INCIDENT, ":",   "solarized"},
        {FIXTURE_HOSTILE,  "",    "nord"     },
        {FIXTURE_HOSTILE,  "2\r", "gruvbox"  },
        {FIXTURE_UNKNOWN,  "l",   "safe"     },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (int ascii = 0; ascii < 2; ascii++) {
            struct stage st;
            stage_open(&st, cases[i].kind, 120, 36, ascii != 0);
            stage_keys(&st, cases[i].keys);
            stage_draw(&st);
            char *svg = picture_of(&st.canvas, cases[i].theme);
            check(&st.canvas, svg);
            free(svg);
            stage_close(&st);
        }
}

static void test_markup_and_wide_characters(void **state)
{
    (void)state;
    struct canvas cv;
    canvas_init(&cv, 24, 2, false);
    (void)canvas_text(&cv, 0, 0, ROLE_TEXT, "<a href=\"&'\"/>  漢字 é");
    (void)canvas_text(&cv, 2, 1, ROLE_CRIT | STYLE_BOLD, "▁█ a▲b");
    char *svg = picture_of(&cv, "dark");
    check(&cv, svg);
    assert_non_null(strstr(svg, "&lt;a href=&quot;&amp;&#39;&quot;/&gt;"));
    assert_non_null(strstr(svg, "textLength=\"20\" lengthAdjust=\"spacingAndGlyphs\" "
                                "fill=\"#d0d0d0\">漢<"));
    free(svg);
    canvas_free(&cv);
}

static void test_the_colours_are_those_of_the_theme(void **state)
{
    (void)state;
    struct canvas cv;
    canvas_init(&cv, 12, 1, false);
    (void)canvas_text(&cv, 0, 0, ROLE_CRIT, "bad");
    (void)canvas_text(&cv, 4, 0, ROLE_TEXT, "row");
    canvas_ground(&cv, (struct rect){4, 0, 4, 1}, GROUND_SELECT);
    (void)canvas_text(&cv, 9, 0, ROLE_INPUT, "x");
    canvas_ground(&cv, (struct rect){9, 0, 1, 1}, GROUND_CURSOR);
    char *svg = picture_of(&cv, "gruvbox");
    assert_non_null(strstr(svg, "rx=\"8\" fill=\"#282828\""));
    assert_non_null(strstr(svg, "fill=\"#ff8272\">bad<"));
    assert_non_null(
        strstr(svg, "<rect x=\"40\" y=\"0\" width=\"40\" height=\"20\" fill=\"#403c3a\"/>"));
    assert_non_null(strstr(svg, "fill=\"#282828\" font-weight=\"bold\">x<")); /* on the cursor */
    free(svg);
    svg = picture_of(&cv, "mono"); /* reversed: the ground is the text's, the text the ground's */
    assert_non_null(
        strstr(svg, "<rect x=\"40\" y=\"0\" width=\"40\" height=\"20\" fill=\"#d0d0d0\"/>"));
    assert_non_null(strstr(svg, "fill=\"#1c1c1c\">row<"));
    free(svg);
    canvas_free(&cv);
}

static void test_a_picture_of_nothing(void **state)
{
    (void)state;
    struct canvas cv;
    canvas_init(&cv, 0, 0, false);
    char *svg = picture_of(&cv, "dark");
    check(&cv, svg);
    free(svg);
    canvas_free(&cv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_cell_is_where_it_belongs),
        cmocka_unit_test(test_markup_and_wide_characters),
        cmocka_unit_test(test_the_colours_are_those_of_the_theme),
        cmocka_unit_test(test_a_picture_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
