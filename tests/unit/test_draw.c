/* The canvas, the themes, lines of input, tables and keys: what the screens rest on. */
#include "tests/check.h"

#include "base/mem.h"
#include "base/strbuf.h"
#include "base/utf8.h"
#include "tui/draw/canvas.h"
#include "tui/draw/doc.h"
#include "tui/draw/glyph.h"
#include "tui/draw/sparkline.h"
#include "tui/draw/table.h"
#include "tui/keymap.h"
#include "tui/state.h"
#include "tui/term/screen.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *dump(const struct canvas *cv)
{
    struct strbuf sb;
    strbuf_init(&sb, 1 << 20);
    screen_dump(cv, false, &sb);
    return strbuf_take(&sb);
}

static void shows(const struct canvas *cv, const char *want)
{
    char *got = dump(cv);
    assert_string_equal(got, want);
    free(got);
}

static void test_text_is_clipped_and_cut_with_an_ellipsis(void **state)
{
    (void)state;
    struct canvas cv;
    canvas_init(&cv, 8, 4, false);
    (void)canvas_fit(&cv, 0, 0, 6, ROLE_TEXT, "abcdefgh");
    (void)canvas_right(&cv, 0, 1, 8, ROLE_TEXT, "12 MB");
    (void)canvas_text(&cv, 6, 2, ROLE_TEXT, "beyond");
    (void)canvas_middle(&cv, 0, 3, 7, ROLE_TEXT, "head-and-tail");
    (void)canvas_text(&cv, -3, 2, ROLE_TEXT, "abcd");
    (void)canvas_text(&cv, 0, 9, ROLE_TEXT, "nowhere");
    shows(&cv, "abcde…\n   12 MB\nd     be\nhea…ail\n");
    canvas_free(&cv);
}

static void test_hostile_text_is_harmless(void **state)
{
    (void)state;
    static const char *const texts[] = {"\033]0;x\a\033[2J",
                                        "a\xe2\x80\xae"
                                        "b",
                                        "bad\xff\xc3\x28", "new\nline\ttab", "\x7f\x9b\x01"};
    struct canvas cv;
    for (int ascii = 0; ascii < 2; ascii++)
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
            canvas_init(&cv, 20, 1, ascii == 1);
            (void)canvas_text(&cv, 0, 0, ROLE_TEXT, texts[i]);
            for (int x = 0; x < cv.w; x++) {
                const char *cell = canvas_at(&cv, x, 0)->text;
                assert_true(utf8_is_clean(cell) || strcmp(cell, "\xef\xbf\xbd") == 0);
                if (ascii == 1)
                    assert_true((unsigned char)cell[0] < 0x7F && cell[0] >= ' ');
            }
            canvas_free(&cv);
        }
}

static void test_megabytes_of_name_cost_a_line(void **state)
{
    (void)state;
    char *name = mem_alloc(3 * 1000 * 1000 + 1);
    struct canvas cv;
    memset(name, 'x', 3 * 1000 * 1000);
    canvas_init(&cv, 10, 1, false);
    assert_int_equal(canvas_fit(&cv, 0, 0, 10, ROLE_TEXT, name), 10);
    shows(&cv, "xxxxxxxxx…\n");
    canvas_free(&cv);
    free(name);
}

static void test_wide_characters_never_lose_a_half(void **state)
{
    (void)state;
    struct canvas cv;
    canvas_init(&cv, 5, 1, false);
    (void)canvas_text(&cv, 0, 0, ROLE_TEXT, "漢字");
    assert_int_equal(canvas_at(&cv, 0, 0)->width, 2);
    assert_int_equal(canvas_at(&cv, 1, 0)->width, 0);
    (void)canvas_text(&cv, 1, 0, ROLE_TEXT, "a");
    shows(&cv, " a字\n");
    (void)canvas_text(&cv, 4, 0, ROLE_TEXT, "漢"); /* half of it would be outside */
    shows(&cv, " a字\n");
    canvas_free(&cv);
}

static void test_every_mark_of_ours_has_an_ascii_form_of_one_column(void **state)
{
    (void)state;
    struct canvas cv;
    canvas_init(&cv, 12, 1, true);
    (void)canvas_text(&cv, 0, 0, ROLE_TEXT, "●▲✖✔→…–━▶│≥");
    shows(&cv, "o!X+>~-=>|>\n");
    for (int v = 0; v < VERDICT_COUNT; v++)
        assert_int_equal(utf8_width(glyph_verdict((enum verdict)v)), 1);
    canvas_free(&cv);
}

static void test_a_canvas_of_nothing(void **state)
{
    (void)state;
    struct canvas cv;
    canvas_init(&cv, 0, 0, false);
    (void)canvas_text(&cv, 0, 0, ROLE_TEXT, "x");
    canvas_fill(&cv, (struct rect){-5, -5, 100, 100}, ROLE_TEXT, "x");
    canvas_hline(&cv, 0, 0, -4, ROLE_TEXT);
    shows(&cv, "");
    canvas_free(&cv);
}

static void test_sparkline_shows_gaps_and_scale(void **state)
{
    (void)state;
    const double v[] = {99, NAN, 0, 1, 4};
    struct canvas cv;
    canvas_init(&cv, 6, 2, false);
    sparkline_draw(&cv, 0, 0, 4, ROLE_SPARK, v, 5, 0);
    sparkline_draw(&cv, 0, 1, 6, ROLE_SPARK, v, 5, 0);
    shows(&cv, "█ ▁▂\n █ ▁▂▂\n"); /* in four columns the last two share one */
    canvas_free(&cv);
}

static void test_scrolling_keeps_the_selection_in_sight(void **state)
{
    (void)state;
    for (size_t n = 0; n < 40; n++)
        for (int lines = 1; lines < 12; lines++) {
            int scroll = 0;
            for (int sel = 0; sel < (int)n; sel++) {
                scroll = table_scroll(scroll, sel, n, lines);
                int left = (int)n - scroll;
                int shown = left > lines ? lines - 1 : left; /* the last says "…N more" */
                assert_true(sel >= scroll);
                if (lines > 1)
                    assert_true(sel < scroll + shown);
            }
        }
}

static void test_an_edited_line(void **state)
{
    (void)state;
    struct edit e = {0};
    for (const char *p = "drop old"; *p != '\0'; p++)
        assert_true(edit_key(&e, *p));
    assert_true(edit_key(&e, 0xE9));
    assert_string_equal(e.text, "drop oldé");
    assert_true(edit_key(&e, K_BACKSPACE));
    assert_true(edit_key(&e, K_CTRL_W));
    assert_string_equal(e.text, "drop ");
    assert_true(edit_key(&e, K_HOME));
    assert_true(edit_key(&e, K_DELETE));
    assert_string_equal(e.text, "rop ");
    assert_true(edit_key(&e, K_END));
    assert_true(edit_key(&e, K_CTRL_U));
    assert_string_equal(e.text, "");
    assert_true(edit_key(&e, K_BACKSPACE));
    assert_false(edit_key(&e, K_ESC));
    for (int i = 0; i < 2000; i++)
        (void)edit_key(&e, 0x1F600);
    assert_true(e.len < sizeof(e.text));
}

static void test_key_words(void **state)
{
    (void)state;
    assert_true(keymap_has("Esc Backspace", K_BACKSPACE));
    assert_true(keymap_has("Ctrl-R", 18));
    assert_true(keymap_has("? F1", '?'));
    assert_false(keymap_has("? F1", 'F'));
    assert_false(keymap_has("", 'a'));
    assert_int_equal(keymap_code("nonsense", 8), K_NONE);
}

static void test_a_page_wraps_and_finds(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct doc *d = doc_new(arena, 30);
    doc_wrap(d, 2, ROLE_TEXT, "one two three four five six seven eight\nnext");
    assert_true(d->count >= 3);
    int at = doc_find(d, "NEXT", 0, 1);
    assert_int_equal(at, (int)d->count - 1);
    assert_int_equal(doc_find(d, "nothing", 0, 1), -1);
    assert_int_equal(doc_find(d, "", 0, 1), -1);
    for (int i = 0; i < DOC_LINES_MAX + 10; i++)
        doc_line(d);
    assert_true(d->dropped > 0);
    assert_int_equal(d->count, DOC_LINES_MAX);
    arena_free(arena);
}

static void test_marks_stand_beside_the_first_of_wrapped_lines(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct canvas cv;
    canvas_init(&cv, 16, 2, false);
    struct doc *d = doc_new(arena, 16);
    doc_line(d);
    doc_span(d, 0, 1, false, ROLE_OK, "+");
    doc_wrap_on(d, 2, ROLE_TEXT, "a name\nand on");
    assert_int_equal(d->count, 2);
    doc_draw(d, &cv, (struct rect){0, 0, 16, 2}, 0, NULL);
    shows(&cv, "+ a name\n  and on\n");
    canvas_free(&cv);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_is_clipped_and_cut_with_an_ellipsis),
        cmocka_unit_test(test_hostile_text_is_harmless),
        cmocka_unit_test(test_megabytes_of_name_cost_a_line),
        cmocka_unit_test(test_wide_characters_never_lose_a_half),
        cmocka_unit_test(test_every_mark_of_ours_has_an_ascii_form_of_one_column),
        cmocka_unit_test(test_a_canvas_of_nothing),
        cmocka_unit_test(test_sparkline_shows_gaps_and_scale),
        cmocka_unit_test(test_scrolling_keeps_the_selection_in_sight),
        cmocka_unit_test(test_an_edited_line),
        cmocka_unit_test(test_key_words),
        cmocka_unit_test(test_a_page_wraps_and_finds),
        cmocka_unit_test(test_marks_stand_beside_the_first_of_wrapped_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
