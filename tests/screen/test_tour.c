/* The guided tours are walked to its end and back: each stop shows what its data says. */
#include "base/mem.h"
#include "demo/demo.h"
#include "tests/check.h"
#include "tests/unit/stepped_demo.h"
#include "tui/dump.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCREEN_MAX = 1024 * 1024 };

struct walk {
    struct demo *demo;
    struct config *config;
    struct tour *tour;
};

static void walk_open(struct walk *w, const char *name)
{
    stepped_demo(name, 0, &w->demo, &w->config);
    w->tour = tour_new(demo_scenario(w->demo));
    assert_non_null(w->tour);
}

static void walk_close(struct walk *w)
{
    tour_free(w->tour);
    config_free(w->config);
    demo_free(w->demo);
}

/* The screen after these keys, pressed from the first stop on; free it. */
static char *screen_of(const char *tour, const char *keys, const char *size)
{
    struct walk w;
    struct err err = ERR_INIT;
    struct strbuf out;
    char at[24];
    walk_open(&w, tour);
    (void)snprintf(at, sizeof(at), "%llds", (long long)demo_scenario(w.demo)->begin_ms / 1000);
    struct run_engine *engine = run_engine_new(w.config, demo_backend(w.demo));
    run_engine_demo(engine, tour, w.tour);
    struct dump_source source = dump_engine(engine);
    const struct dump_options o = {
        .config = w.config, .form = "", .size = size, .keys = keys, .at = at};
    strbuf_init(&out, SCREEN_MAX);
    if (!dump_screen(&o, &source, &out, &err))
        fail_msg("%s: %s", keys, err.text);
    assert_true(source.run.stop(source.run.ctx));
    walk_close(&w);
    return strbuf_take(&out);
}

static char *screen_after(const char *keys, const char *size)
{
    return screen_of("tour", keys, size);
}

static char *times(char key, size_t n, char then, size_t m)
{
    char *keys = mem_calloc(n + m + 1, 1);
    memset(keys, key, n);
    memset(keys + n, then, m);
    return keys;
}

static void see(const char *screen, const char *text)
{
    if (strstr(screen, text) == NULL)
        fail_msg("not on the screen: %s\n%s", text, screen);
}

static void see_stop(const char *screen, const struct scenario *s, size_t at)
{
    char number[48];
    char first[40];
    (void)snprintf(number, sizeof(number), "%zu/%zu", at + 1, s->nstops);
    (void)snprintf(first, sizeof(first), "%.30s", s->stops[at].says);
    see(screen, number);
    see(screen, first);
    see(screen, s->stops[at].shows);
}

static void walk(const char *tour)
{
    struct err err = ERR_INIT;
    struct scenario *s = scenario_open(tour, &err);
    assert_non_null(s);
    assert_in_range(s->nstops, 8, 12);
    for (size_t i = 0; i < s->nstops; i++) {
        char *on = times('n', i, 'b', 0);
        char *back = times('n', s->nstops - 1, 'b', s->nstops - 1 - i);
        char *there = screen_of(tour, on, "120x36");
        char *again = screen_of(tour, back, "120x36");
        see_stop(there, s, i);
        assert_string_equal(there, again); /* time went back, and everything with it */
        free(on);
        free(back);
        free(there);
        free(again);
    }
    scenario_free(s);
}

static void test_it_is_walked_to_its_end_and_back(void **state)
{
    (void)state;
    walk("tour");
}

static void test_the_one_on_aws_too(void **state)
{
    (void)state;
    walk("tour-aws");
}

static void test_beyond_its_ends_there_is_nothing(void **state)
{
    (void)state;
    char *first = screen_after("bb", "120x36");
    char *last = screen_after("nnnnnnnnnnnnnnnn", "120x36");
    see(first, "1/10");
    assert_null(strstr(first, "b goes back"));
    see(last, "10/10");
    assert_null(strstr(last, "n goes on"));
    free(first);
    free(last);
}

static void test_what_is_done_on_the_way_is_done(void **state)
{
    (void)state;
    char *early = screen_after("nnnnnRy<wait 40s><wait 40s>", "120x36");
    char *later = screen_after("nnnnnnRy<wait 60s>", "120x36");
    char *after = screen_after("nnnnnnRy<wait 60s><Esc>n", "120x36");
    see(early, "FAILED again"); /* nothing was mended yet */
    see(later, "data moves: worked");
    see(after, "8/10");
    free(early);
    free(later);
    free(after);
}

static void test_the_caption_keeps_within_small_screens(void **state)
{
    (void)state;
    char *small = screen_after("n", "60x15");
    see(small, "2/10");
    see(small, "b goes back");
    see(small, "? help");
    free(small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_is_walked_to_its_end_and_back),
        cmocka_unit_test(test_the_one_on_aws_too),
        cmocka_unit_test(test_beyond_its_ends_there_is_nothing),
        cmocka_unit_test(test_what_is_done_on_the_way_is_done),
        cmocka_unit_test(test_the_caption_keeps_within_small_screens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
