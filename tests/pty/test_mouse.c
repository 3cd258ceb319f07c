/* The mouse in a real terminal: asked for only when it is wanted, given back whatever happens. */
#include "tests/check.h"
#include "tests/pty/rig.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

enum { SOON = 10000 };

struct scene {
    struct fake *fakes[RIG_SERVERS];
    struct pty *pty;
};

static struct scene open_scene(const char *const *args, const char *const *env)
{
    struct scene scene;
    scene.pty = rig_start_fakes(rig_all_frozen, scene.fakes,
                                &(struct rig_options){.args = args, .env = env});
    assert_non_null(scene.pty);
    assert_true(pty_expect(scene.pty, rig_frame, SOON));
    return scene;
}

static void close_scene(struct scene *scene)
{
    const char *why;
    pty_send(scene->pty, "Q");
    assert_true(pty_exits_with(scene->pty, SOON, 0));
    if (!pty_terminal_clean(scene->pty, &why))
        fail_msg("the terminal is not as it was: %s", why);
    pty_free(scene->pty);
    rig_stop_fakes(scene->fakes);
}

static bool sent(const struct pty *pty, const char *what)
{
    size_t n;
    const unsigned char *out = pty_output(pty, &n);
    return memmem(out, n, what, strlen(what)) != NULL;
}

/* Button 0 is a press of the left one, 64 and 65 the wheel; sgr: 1006, else as X10 had it. */
static void report(struct pty *pty, int button, int col, int row, bool sgr)
{
    char text[80];
    if (sgr)
        (void)snprintf(text, sizeof(text), "\033[<%d;%d;%dM\033[<%d;%d;%dm", button, col + 1,
                       row + 1, button, col + 1, row + 1);
    else
        (void)snprintf(text, sizeof(text), "\033[M%c%c%c", 32 + button, 33 + col, 33 + row);
    pty_send(pty, text);
}

static void click(struct pty *pty, const char *text, bool sgr)
{
    int col;
    int row = pty_find(pty, text, &col);
    assert_true(row >= 0);
    report(pty, 0, col, row, sgr);
}

static void use_it(struct pty *pty, bool sgr)
{
    enum { WHEEL_DOWN = 65, WHEEL_UP = 64 };
    click(pty, "help", sgr);
    assert_true(pty_expect(pty, "next row or line", SOON));
    for (int i = 0; i < 3; i++)
        report(pty, WHEEL_DOWN, 10, 10, sgr);
    assert_true(pty_expect_gone(pty, "next row or line", SOON));
    for (int i = 0; i < 5; i++)
        report(pty, WHEEL_UP, 10, 10, sgr);
    assert_true(pty_expect(pty, "next row or line", SOON));
    pty_send(pty, "\033");
    assert_true(pty_expect_gone(pty, "next row or line", SOON));
}

static void test_off_nothing_is_asked_of_the_terminal(void **state)
{
    (void)state;
    struct scene scene = open_scene(NULL, NULL);
    pty_send(scene.pty, "?");
    assert_true(pty_expect(scene.pty, "next row or line", SOON));
    assert_false(sent(scene.pty, "?1000h"));
    /* a report that comes all the same: none of its letters is a key (q, Q, M …) */
    report(scene.pty, 0, 80, 80, true);
    report(scene.pty, 0, 'Q' - 33, 'Q' - 33, false);
    pty_send(scene.pty, "G");
    assert_true(pty_expect(scene.pty, "leave at once", SOON));
    close_scene(&scene);
}

static void test_on_by_key_and_off_again(void **state)
{
    (void)state;
    struct scene scene = open_scene(NULL, NULL);
    pty_send(scene.pty, "\024"); /* Ctrl-T */
    assert_true(pty_expect(scene.pty, "the mouse is on", SOON));
    assert_true(sent(scene.pty, "1006") && sent(scene.pty, "1000"));
    pty_send(scene.pty, "1"); /* the toast goes, the line of keys is back */
    assert_true(pty_expect(scene.pty, rig_frame, SOON));
    use_it(scene.pty, true);
    pty_send(scene.pty, ":mouse off\r");
    assert_true(pty_expect(scene.pty, "terminal's again", SOON));
    pty_send(scene.pty, "1");
    assert_true(pty_expect(scene.pty, rig_frame, SOON));
    click(scene.pty, "help", true);
    pty_send(scene.pty, ":");
    assert_true(pty_expect(scene.pty, "page-down", SOON));
    assert_false(pty_has(scene.pty, "next row or line"));
    pty_send(scene.pty, "\033");
    close_scene(&scene);
}

static void test_on_from_the_start_in_every_encoding(void **state)
{
    (void)state;
    static const char *const args[] = {"--mouse", NULL};
    static const struct {
        const char *term;
        bool sgr;
    } cases[] = {
        {"TERM=xterm-256color", true },
        {"TERM=screen",         false},
        {"TERM=tmux-256color",  false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *env[] = {cases[i].term, NULL};
        struct scene scene = open_scene(args, env);
        use_it(scene.pty, cases[i].sgr);
        close_scene(&scene);
    }
}

static void test_a_crash_gives_it_back(void **state)
{
    (void)state;
    static const char *const args[] = {"--mouse", NULL};
    struct scene scene = open_scene(args, NULL);
    const char *why;
    int status;
    assert_true(sent(scene.pty, "1000"));
    assert_int_equal(kill(pty_pid(scene.pty), SIGSEGV), 0);
    assert_true(pty_wait_exit(scene.pty, SOON, &status));
    assert_true(WIFSIGNALED(status));
    if (!pty_terminal_clean(scene.pty, &why))
        fail_msg("the terminal is not as it was: %s", why);
    pty_free(scene.pty);
    rig_stop_fakes(scene.fakes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_off_nothing_is_asked_of_the_terminal),
        cmocka_unit_test(test_on_by_key_and_off_again),
        cmocka_unit_test(test_on_from_the_start_in_every_encoding),
        cmocka_unit_test(test_a_crash_gives_it_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
