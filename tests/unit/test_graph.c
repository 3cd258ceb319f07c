/* A figure over time as blocks: heights, gaps, the limit and the band that leads to it. */
#include "tests/check.h"

#include "base/human.h"
#include "tui/draw/doc.h"
#include "tui/draw/graph.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { W = 60, H = 10 };

static char *figure(char *buf, double value)
{
    (void)snprintf(buf, HUMAN_SIZE, "%.0f", value);
    return buf;
}

static struct graph graph_of(const double *past, int n)
{
    return (struct graph){.past = past,
                          .npast = n,
                          .limit = NAN,
                          .low_ms = -1,
                          .high_ms = INT64_MAX,
                          .from = "1m ago",
                          .limit_name = "limit",
                          .figure = figure,
                          .time = human_duration_ms};
}

static void draw(struct canvas *cv, const struct graph *g, bool ascii)
{
    canvas_init(cv, W, H, ascii);
    for (int i = 0; i < H; i++)
        graph_row(g, cv, (struct rect){0, 0, W, H}, i);
}

/* The row as text, blanks and all. */
static const char *row(const struct canvas *cv, int y)
{
    static char line[W * CELL_TEXT + 1];
    line[0] = '\0';
    size_t n = 0;
    for (int x = 0; x < cv->w; x++) {
        const struct cell *c = canvas_at(cv, x, y);
        n += (size_t)snprintf(line + n, sizeof(line) - n, "%s", c->text[0] != '\0' ? c->text : " ");
    }
    return line;
}

static const char *at(const struct canvas *cv, int x, int y)
{
    return canvas_at(cv, x, y)->text;
}

static void test_heights_are_linear_and_the_scale_begins_at_zero(void **state)
{
    (void)state;
    struct canvas cv;
    double past[W - GRAPH_LABEL - 1];
    int n = W - GRAPH_LABEL - 1;
    for (int i = 0; i < n; i++)
        past[i] = i < n / 2 ? 400 : 800;
    struct graph g = graph_of(past, n);
    assert_int_equal(graph_columns(&g, W), n);
    draw(&cv, &g, false);
    int left = GRAPH_LABEL + 1;
    assert_string_equal(at(&cv, left, 7), "█");
    assert_string_equal(at(&cv, left, 4), "█"); /* four of eight rows */
    assert_string_equal(at(&cv, left, 3), " ");
    assert_string_equal(at(&cv, W - 1, 0), "█");
    assert_non_null(strstr(row(&cv, 0), "800"));
    assert_non_null(strstr(row(&cv, 7), "0 │"));
    assert_non_null(strstr(row(&cv, 9), "1m ago"));
    assert_non_null(strstr(row(&cv, 9), "now"));
    canvas_free(&cv);
}

static void test_what_is_not_known_is_a_gap_and_nothing_is_not(void **state)
{
    (void)state;
    struct canvas cv;
    double past[W - GRAPH_LABEL - 1];
    int n = W - GRAPH_LABEL - 1;
    for (int i = 0; i < n; i++)
        past[i] = i == 3 ? NAN : i == 4 ? 0 : 100;
    struct graph g = graph_of(past, n);
    draw(&cv, &g, false);
    assert_string_equal(at(&cv, GRAPH_LABEL + 1 + 3, 7), " ");
    assert_string_equal(at(&cv, GRAPH_LABEL + 1 + 4, 7), "▁");
    canvas_free(&cv);
}

static void test_a_figure_that_moves_little_far_above_zero_shows_how(void **state)
{
    (void)state;
    struct canvas cv;
    double past[40];
    for (int i = 0; i < 40; i++)
        past[i] = 1000 + i * 2;
    struct graph g = graph_of(past, 40);
    draw(&cv, &g, false);
    assert_null(strstr(row(&cv, 7), "  0 │")); /* not from 0 … */
    assert_string_equal(at(&cv, W - 1, 0), "█");
    assert_string_equal(at(&cv, GRAPH_LABEL + 1, 3), " ");
    canvas_free(&cv);
    for (int i = 0; i < 40; i++)
        past[i] = 1000 + i * 0.01;
    draw(&cv, &g, false);
    assert_non_null(
        strstr(row(&cv, 7), "0 │")); /* … but where nothing happens nothing is blown up */
    assert_string_equal(at(&cv, GRAPH_LABEL + 1, 0), "█");
    canvas_free(&cv);
}

static void test_a_limit_is_a_line_and_the_band_leads_to_it(void **state)
{
    (void)state;
    struct canvas cv;
    const double past[] = {500, 500, 500};
    struct graph g = graph_of(past, 3);
    g.limit = 1000;
    g.low_ms = 60 * 60 * 1000;
    g.high_ms = 2 * g.low_ms;
    draw(&cv, &g, false);
    int columns = graph_columns(&g, W);
    assert_true(columns < W - GRAPH_LABEL - 1); /* room for what may come */
    assert_non_null(strstr(row(&cv, 0), "1000 │─limit──"));
    assert_string_equal(at(&cv, W - 1, 0), "─");
    int now = GRAPH_LABEL + 1 + columns;
    assert_string_equal(at(&cv, now, 3), "░"); /* it begins where the past ends … */
    assert_string_equal(at(&cv, now - 1, 4), "█");
    assert_string_equal(at(&cv, W - 1, 4), " "); /* … and has left that height by its end */
    int middle = now + (W - now) / 2;
    assert_string_equal(at(&cv, middle, 1), "░"); /* at its fastest it is there by then, … */
    assert_string_equal(at(&cv, middle, 3), " "); /* … at its slowest half way */
    assert_non_null(strstr(row(&cv, 9), "2h"));
    canvas_free(&cv);
    g.high_ms = INT64_MAX; /* at its slowest never: the band stays open */
    draw(&cv, &g, false);
    assert_string_equal(at(&cv, W - 1, 4), "░");
    canvas_free(&cv);
}

static void test_a_limit_that_is_far_away_flattens_nothing(void **state)
{
    (void)state;
    struct canvas cv;
    const double past[] = {1, 2, 3};
    struct graph g = graph_of(past, 3);
    g.limit = 1e12;
    draw(&cv, &g, false);
    assert_null(strstr(row(&cv, 0), "limit"));
    assert_string_equal(at(&cv, W - 1, 0), "█");
    canvas_free(&cv);
}

static void test_it_has_an_ascii_form_and_survives_any_size(void **state)
{
    (void)state;
    struct canvas cv;
    const double past[] = {500, NAN, 900};
    struct graph g = graph_of(past, 3);
    g.limit = 1000;
    g.low_ms = 0;
    g.high_ms = 5000;
    draw(&cv, &g, true);
    for (int y = 0; y < H; y++)
        for (const char *p = row(&cv, y); *p != '\0'; p++)
            assert_true((unsigned char)*p < 0x80);
    assert_non_null(strchr(row(&cv, 5), '#'));
    canvas_free(&cv);
    const struct graph none = graph_of(NULL, 0);
    canvas_init(&cv, W, H, false);
    for (int w = 0; w < W; w++)
        for (int h = 0; h < H; h++)
            for (int i = 0; i < h; i++) {
                graph_row(&g, &cv, (struct rect){0, 0, w, h}, i);
                graph_row(&none, &cv, (struct rect){0, 0, w, h}, i);
            }
    canvas_clear(&cv);
    graph_row(&g, &cv, (struct rect){0, 0, GRAPH_LEAST_W - 1, H}, 0);
    assert_string_equal(at(&cv, GRAPH_LABEL, 0), " "); /* too narrow: nothing rather than a mess */
    canvas_free(&cv);
}

static void test_a_page_draws_the_lines_of_it_that_are_in_sight(void **state)
{
    (void)state;
    struct canvas cv;
    const double past[] = {800, 800};
    struct graph g = graph_of(past, 2);
    struct arena *arena = arena_new();
    struct doc *d = doc_new(arena, W);
    doc_wrap(d, 2, ROLE_TEXT, "above");
    doc_graph(d, 0, W, H, &g);
    assert_int_equal(d->count, 1 + H);
    canvas_init(&cv, W, 4, false);
    doc_draw(d, &cv, (struct rect){0, 0, W, 4}, 7, NULL);
    assert_string_equal(at(&cv, W - 1, 0), "█"); /* row 6 of the plot */
    assert_non_null(strstr(row(&cv, 1), "0 │"));
    assert_non_null(strstr(row(&cv, 3), "now"));
    canvas_free(&cv);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heights_are_linear_and_the_scale_begins_at_zero),
        cmocka_unit_test(test_what_is_not_known_is_a_gap_and_nothing_is_not),
        cmocka_unit_test(test_a_figure_that_moves_little_far_above_zero_shows_how),
        cmocka_unit_test(test_a_limit_is_a_line_and_the_band_leads_to_it),
        cmocka_unit_test(test_a_limit_that_is_far_away_flattens_nothing),
        cmocka_unit_test(test_it_has_an_ascii_form_and_survives_any_size),
        cmocka_unit_test(test_a_page_draws_the_lines_of_it_that_are_in_sight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
