/* The strip of a narrow screen: no figure is cut or touches an arrow, however long it is. */
#include "tests/check.h"

#include "base/strbuf.h"
#include "tui/state.h"
#include "tui/term/screen.h"
#include "tui/view/view.h"

#include <stdlib.h>
#include <string.h>

/* Each as long as it can be. */
static const struct hop figures[HOP_COUNT] = {
    [HOP_SOURCE] = {.brief = "999 KB/s",      .tight = "999k/s",    .verdict = VERDICT_OK},
    [HOP_SLOT] = {.brief = "99.9 MB",                        .tight = "100MB",                           .verdict = VERDICT_WARN},
    [HOP_CAPTURE] = {.brief = ">23h 59m", .tight = ">23h",.verdict = VERDICT_CRIT},
    [HOP_TOPICS] = {.brief = "99,999/s",         .tight = "100k/s",            .verdict = VERDICT_OK},
    [HOP_SINK] = {.brief = "9,999,999",      .tight = "10M", .verdict = VERDICT_OK},
    [HOP_OBJECTS] = {.brief = "99m",                        .verdict = VERDICT_OK                        },
};

/* The second line of the strip on a screen of that width: the caller frees it. */
static char *second_line(const struct hop *hops, int width)
{
    struct pipeline p = {.first_bad = -1};
    struct app app = {0};
    struct canvas cv;
    memcpy(p.hops, hops, sizeof(p.hops));
    canvas_init(&cv, width, 2, false);
    assert_int_equal(strip_draw_narrow(&(struct scene){.app = &app, .cv = &cv, .p = &p}, 0), 2);
    struct strbuf sb;
    strbuf_init(&sb, 1 << 12);
    screen_dump(&cv, false, &sb);
    canvas_free(&cv);
    char *line = strdup(strchr(sb.text, '\n') + 1);
    strbuf_free(&sb);
    line[strcspn(line, "\n")] = '\0';
    return line;
}

static void shows(const struct hop *hops, int width, const char *want)
{
    char *line = second_line(hops, width);
    assert_string_equal(line, want);
    free(line);
}

static void test_a_figure_has_its_shorter_form_where_it_must(void **state)
{
    (void)state;
    shows(figures, 80, " ● 999 KB/s ▶ ▲ 99.9 MB  ▶ ✖ >23h 59m  ▶ ● 99,999/s ▶ ● 10M      ▶ ● 99m");
    shows(figures, 60, " ● 999k/s ▶▲ 100MB  ▶✖ >23h   ▶● 100k/s ▶● 10M    ▶● 99m");
}

static void test_no_figure_is_cut_or_touches_an_arrow(void **state)
{
    (void)state;
    for (int width = 60; width < 100; width++) {
        char *line = second_line(figures, width);
        int arrows = 0;
        assert_null(strstr(line, "…"));
        for (const char *at = line; (at = strstr(at, "▶")) != NULL; at++, arrows++)
            assert_true(at[-1] == ' ');
        assert_int_equal(arrows, HOP_COUNT - 1);
        free(line);
    }
}

/* What was told once is no figure of now; of a word, too, the shorter form. */
static void test_what_is_unknown_is_said_in_a_word(void **state)
{
    (void)state;
    struct hop hops[HOP_COUNT];
    for (int i = 0; i < HOP_COUNT; i++)
        hops[i] = (struct hop){
            .brief = "18.4 MB", .word = "no answer", .curt = "silent", .verdict = VERDICT_UNKNOWN};
    shows(hops, 60, " ? silent ▶? silent ▶? silent ▶? silent ▶? silent ▶? silent");
    hops[HOP_SLOT] = (struct hop){.brief = "", .word = "synchronising", .verdict = VERDICT_WARN};
    shows(hops, 60, " ? silent ▶▲ synch… ▶? silent ▶? silent ▶? silent ▶? silent");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_figure_has_its_shorter_form_where_it_must),
        cmocka_unit_test(test_no_figure_is_cut_or_touches_an_arrow),
        cmocka_unit_test(test_what_is_unknown_is_said_in_a_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
