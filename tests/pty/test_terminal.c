/* Terminals of all kinds and sizes. The four servers are frozen: nothing but the terminal matters.
 */
#include "tests/check.h"
#include "tests/pty/rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { SOON = 10000, AT_ONCE = RIG_AT_ONCE, DIRECT = 1 << 24 };

struct scene {
    struct fake *fakes[RIG_SERVERS];
    struct pty *pty;
};

static struct scene open_scene(const struct rig_options *options)
{
    struct scene scene;
    scene.pty = rig_start_fakes(rig_all_frozen, scene.fakes, options);
    assert_non_null(scene.pty);
    return scene;
}

static void close_scene(struct scene *scene)
{
    const char *why;
    pty_send(scene->pty, "Q");
    assert_true(pty_exits_with(scene->pty, AT_ONCE, 0));
    if (!pty_terminal_clean(scene->pty, &why))
        fail_msg("the terminal is not as it was: %s", why);
    pty_free(scene->pty);
    rig_stop_fakes(scene->fakes);
}

static bool all_ascii(const struct pty *pty)
{
    size_t n;
    const unsigned char *out = pty_output(pty, &n);
    for (size_t i = 0; i < n; i++) {
        if (out[i] >= 0x80)
            return false;
    }
    return n > 0;
}

/* How many colours one SGR sequence is about: the parameters between out[from] and out[end]. */
static int colours_of(const char *out, size_t from, size_t end)
{
    int most = 0;
    for (size_t p = from; p < end;) {
        char *next;
        long v = strtol(out + p, &next, 10);
        size_t after = (size_t)(next - out) + 1;
        int n = 0;
        if ((v == 38 || v == 48) && after < end) /* what kind of number follows */
            n = out[after] == '2' ? DIRECT : 256;
        else if (v >= 90 && v <= 107)
            n = 16;
        else if (v >= 30 && v <= 47 && v != 39)
            n = 8;
        most = n > most ? n : most;
        if (n > 16) /* its other parameters are no codes */
            return most;
        p = after;
    }
    return most;
}

/* The most that the program has made use of: 0, 8, 16, 256, DIRECT. */
static int colours_used(const struct pty *pty)
{
    size_t n;
    const char *out = (const char *)pty_output(pty, &n);
    int most = 0;
    for (size_t i = 0; i + 2 < n; i++) {
        if (out[i] != '\033' || out[i + 1] != '[')
            continue;
        size_t end = i + 2;
        while (end < n && strchr("0123456789;:", out[end]) != NULL && out[end] != '\0')
            end++;
        int here = end < n && out[end] == 'm' ? colours_of(out, i + 2, end) : 0;
        most = here > most ? here : most;
    }
    return most;
}

struct terminal {
    const char *term;
    int colours;
    bool small_font; /* ASCII alone, whatever the locale says */
};

static void try_terminal(const struct terminal *t, const char *lang, bool utf8)
{
    char term[64], locale[64];
    (void)snprintf(term, sizeof(term), "TERM=%s", t->term);
    (void)snprintf(locale, sizeof(locale), "LC_ALL=%s", lang);
    const char *env[] = {term, locale, NULL};
    struct scene scene = open_scene(&(struct rig_options){.env = env, .rows = 24, .cols = 80});
    if (!pty_expect(scene.pty, rig_frame, SOON))
        fail_msg("no frame with %s %s", term, locale);
    pty_send(scene.pty, "?");
    assert_true(pty_expect(scene.pty, "next row or line", SOON));
    if (all_ascii(scene.pty) == (utf8 && !t->small_font))
        fail_msg("%s %s: %s", term, locale, utf8 ? "only ASCII" : "more than ASCII");
    if (colours_used(scene.pty) != t->colours)
        fail_msg("%s %s: %d colours instead of %d", term, locale, colours_used(scene.pty),
                 t->colours);
    close_scene(&scene);
}

/* On each of them the screen is right, has as many colours as there are, and leaves nothing. */
static void test_every_terminal_type(void **state)
{
    (void)state;
    static const struct terminal terminals[] = {
        {"dumb",                  0,      true },
        {"vt100",                 0,      true },
        {"linux",                 8,      true },
        {"xterm",                 8,      false},
        {"screen",                8,      false},
        {"tmux",                  8,      false},
        {"xterm-16color",         16,     false},
        {"screen-256color",       256,    false},
        {"tmux-256color",         256,    false},
        {"xterm-256color",        256,    false},
        {"xterm-kitty",           256,    false},
        {"rxvt-unicode-256color", 256,    false},
        {"xterm-direct",          DIRECT, false},
    };
    for (size_t t = 0; t < sizeof(terminals) / sizeof(terminals[0]); t++) {
        try_terminal(&terminals[t], "C", false);
        try_terminal(&terminals[t], "C.UTF-8", true);
    }
}

static bool locale_there(const char *name)
{
    int status;
    char *all = rig_run_other((const char *const[]){"locale", "-a", NULL}, NULL, 10, &status);
    bool there = strstr(all, name) != NULL;
    free(all);
    return there;
}

/* An unknown locale is the one of C: no bytes that nobody asked for. */
static void test_every_language(void **state)
{
    (void)state;
    static const struct terminal xterm = {"xterm-256color", 256, false};
    static const char *const latin[] = {"en_US.iso88591", "de_DE.iso88591", "fr_FR.iso88591"};
    try_terminal(&xterm, "POSIX", false);
    try_terminal(&xterm, "xx_YY.nothing", false);
    for (size_t i = 0; i < sizeof(latin) / sizeof(latin[0]); i++)
        if (locale_there(latin[i]))
            try_terminal(&xterm, latin[i], false);
}

/* A terminal that nobody knows, or one that can do nothing: a frame with a fall-back, or a message
 * and an end; never a hang, a crash or a terminal in disorder. */
static void test_terminals_that_cannot(void **state)
{
    (void)state;
    static const char *const terms[] = {"TERM=dumb", "TERM=no-such-terminal", "TERM=", "TERM"};
    for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++) {
        const char *env[] = {terms[i], NULL};
        struct scene scene = open_scene(&(struct rig_options){.env = env});
        int status;
        const char *why;
        int seen = pty_expect_any(scene.pty, (const char *const[]){rig_frame, "TERM", NULL}, SOON);
        if (seen < 0)
            fail_msg("%s: neither a frame nor a word about TERM", terms[i]);
        if (seen == 0)
            pty_send(scene.pty, "Q");
        assert_true(pty_wait_exit(scene.pty, AT_ONCE, &status));
        assert_true(WIFEXITED(status));
        if (seen == 1)
            assert_int_not_equal(WEXITSTATUS(status), 0);
        if (!pty_terminal_clean(scene.pty, &why))
            fail_msg("%s: %s", terms[i], why);
        pty_free(scene.pty);
        rig_stop_fakes(scene.fakes);
    }
}

static void test_no_color(void **state)
{
    (void)state;
    struct scene scene = open_scene(NULL);
    assert_true(pty_expect(scene.pty, rig_frame, SOON));
    assert_int_equal(colours_used(scene.pty), 256);
    close_scene(&scene);
    const char *env[] = {"NO_COLOR=1", NULL};
    scene = open_scene(&(struct rig_options){.env = env});
    assert_true(pty_expect(scene.pty, rig_frame, SOON));
    pty_send(scene.pty, "?");
    assert_true(pty_expect(scene.pty, "elp", AT_ONCE));
    assert_int_equal(colours_used(scene.pty), 0);
    close_scene(&scene);
}

static void test_ascii_flag(void **state)
{
    (void)state;
    const char *args[] = {"--ascii", NULL};
    struct scene scene = open_scene(&(struct rig_options){.args = args});
    assert_true(pty_expect(scene.pty, rig_frame, SOON));
    assert_true(all_ascii(scene.pty));
    close_scene(&scene);
}

static void test_every_size(void **state)
{
    (void)state;
    enum { STORM = 1000 };
    struct scene scene = open_scene(NULL);
    assert_true(pty_expect(scene.pty, rig_frame, SOON));
    unsigned seed = 20261120;
    for (int i = 0; i < STORM; i++) {
        seed = seed * 1103515245U + 12345U;
        int rows = 1 + (int)(seed >> 16) % 80;
        seed = seed * 1103515245U + 12345U;
        int cols = 1 + (int)(seed >> 16) % 250;
        if (i % 10 == 0)
            rows = cols = 1;
        pty_resize(scene.pty, rows, cols);
        if (i % 7 == 0)
            pty_send(scene.pty, "?");
        pty_pump(scene.pty, 5);
    }
    pty_resize(scene.pty, 24, 80);
    pty_send(scene.pty, "\033");
    pty_send(scene.pty, "\033");
    if (!pty_expect(scene.pty, rig_frame, SOON))
        fail_msg("no frame after %d sizes", STORM);
    char line[512];
    (void)pty_row(scene.pty, 0, line, sizeof(line)); /* and it is one of this size */
    assert_non_null(strstr(line, "cdctop"));
    assert_int_equal(pty_find(scene.pty, rig_frame, NULL), 23);
    close_scene(&scene);
}

static void test_starts_at_every_size(void **state)
{
    (void)state;
    static const int sizes[][2] = {
        {1,   1  },
        {1,   200},
        {200, 1  },
        {2,   2  },
        {5,   20 },
        {14,  59 },
        {500, 3  }
    };
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct scene scene =
            open_scene(&(struct rig_options){.rows = sizes[i][0], .cols = sizes[i][1]});
        assert_true(pty_wait_bytes(scene.pty, 1, SOON));
        pty_resize(scene.pty, 24, 80);
        assert_true(pty_expect(scene.pty, rig_frame, SOON));
        close_scene(&scene);
    }
}

static void test_too_small_is_said(void **state)
{
    (void)state;
    struct scene scene = open_scene(&(struct rig_options){.rows = 10, .cols = 40});
    assert_true(pty_expect(scene.pty, "too small", SOON));
    pty_resize(scene.pty, 15, 60);
    assert_true(pty_expect_gone(scene.pty, "too small", SOON));
    close_scene(&scene);
}

static void test_escape_alone_and_escape_sequences(void **state)
{
    (void)state;
    struct scene scene = open_scene(NULL);
    assert_true(pty_expect(scene.pty, rig_frame, SOON));
    pty_send(scene.pty, "/");
    pty_send(scene.pty, "zzqq");
    assert_true(pty_expect(scene.pty, "zzqq", AT_ONCE));
    pty_send(scene.pty, "\033");
    assert_true(pty_expect_gone(scene.pty, "zzqq", AT_ONCE));
    /* keys that the program does not know, and rubbish: no exit, no text on the screen */
    static const char *const odd[] = {
        "\033[1;5A",    "\033[200~",    "\033[201~",
        "\033[24~",     "\033OP",       "\033[I",
        "\033[O",       "\033[<0;5;5M", "\033[99;99;99;99;99;99Z",
        "\xff\xfe\x80", "\xc3",         "\001\002\016\034",
    };
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        pty_send(scene.pty, odd[i]);
        pty_settle(scene.pty, 30, 200);
    }
    /* F1 among them opened help; no letter or figure of the others was a key */
    assert_true(pty_has(scene.pty, "next row or line"));
    pty_send(scene.pty, "\033");
    assert_true(pty_expect(scene.pty, rig_frame, AT_ONCE));
    pty_send(scene.pty, ":still-here");
    assert_true(pty_expect(scene.pty, "still-here", AT_ONCE));
    pty_send(scene.pty, "\033");
    close_scene(&scene);
}

/* A sequence that comes in two packets is no Esc, and its rest no key. */
/* One half, a moment, the other half; then the page must be the one that it was. */
static bool piece_is_no_key(struct scene *scene, const char *const half[2])
{
    pty_send(scene->pty, half[0]);
    for (int64_t end = pty_now_us() + 5000; pty_now_us() < end;)
        pty_pump(scene->pty, 1);
    pty_send(scene->pty, half[1]);
    pty_settle(scene->pty, 150, 1000);
    pty_send(scene->pty, "g");
    return pty_expect(scene->pty, "next row or line", SOON);
}

static void test_sequences_in_pieces(void **state)
{
    (void)state;
    static const char *const halves[][2] = {
        {"\033[",    "B"   },
        {"\033[1;",  "5q"  }, /* a letter that would leave the program */
        {"\033[<0;", "9;9M"},
        {"\033[Mq",  "qq"  },
        {"\033O",    "B"   },
    };
    static const char *const alone[2] = {"\033", "[B"}; /* while a lone Esc is waited for */
    struct scene scene = open_scene(NULL);
    assert_true(pty_expect(scene.pty, rig_frame, SOON));
    pty_send(scene.pty, "?");
    assert_true(pty_expect(scene.pty, "next row or line", SOON));
    for (size_t i = 0; i < sizeof(halves) / sizeof(halves[0]); i++) {
        if (!piece_is_no_key(&scene, halves[i]))
            fail_msg("piece %zu acted as Esc or as a key", i);
    }
    /* On a machine that is busy elsewhere the second half may come too late: not every time. */
    bool held = false;
    for (int i = 0; i < 8 && !held; i++) {
        held = piece_is_no_key(&scene, alone);
        if (!held)
            pty_send(scene.pty, "?");
    }
    assert_true(held);
    pty_send(scene.pty, "\033"); /* alone it acts without a further key */
    assert_true(pty_expect_gone(scene.pty, "next row or line", SOON));
    close_scene(&scene);
}

static void test_megabytes_of_keys(void **state)
{
    (void)state;
    struct scene scene = open_scene(NULL);
    assert_true(pty_expect(scene.pty, rig_frame, SOON));
    char keys[4096];
    memset(keys, 'j', sizeof(keys));
    for (int i = 0; i < 64; i++)
        pty_write(scene.pty, keys, sizeof(keys));
    pty_send(scene.pty, ":");
    assert_true(pty_expect(scene.pty, ":", SOON));
    pty_send(scene.pty, "\033");
    close_scene(&scene);
}

/* Nothing changes but the clock: no redraw of the whole screen, no animation. */
static void test_an_idle_screen_sends_little(void **state)
{
    (void)state;
    struct scene scene = open_scene(NULL);
    assert_true(pty_expect(scene.pty, rig_frame, SOON));
    pty_settle(scene.pty, 700, 3000);
    uint64_t full = pty_bytes(scene.pty), before = full;
    for (int64_t end = pty_now_us() + 4000000; pty_now_us() < end;)
        pty_pump(scene.pty, 100);
    assert_in_range(pty_bytes(scene.pty) - before, 0, full);
    pty_send(scene.pty, "\014"); /* Ctrl-L: all of it again */
    assert_true(pty_wait_bytes(scene.pty, before + full / 2, AT_ONCE));
    close_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_terminal_type),
        cmocka_unit_test(test_every_language),
        cmocka_unit_test(test_terminals_that_cannot),
        cmocka_unit_test(test_no_color),
        cmocka_unit_test(test_ascii_flag),
        cmocka_unit_test(test_every_size),
        cmocka_unit_test(test_starts_at_every_size),
        cmocka_unit_test(test_too_small_is_said),
        cmocka_unit_test(test_escape_alone_and_escape_sequences),
        cmocka_unit_test(test_sequences_in_pieces),
        cmocka_unit_test(test_megabytes_of_keys),
        cmocka_unit_test(test_an_idle_screen_sends_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
