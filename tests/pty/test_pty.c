/* The harness itself: it must see what it is asked to see, and miss what is not there. */
#include "tests/check.h"
#include "tests/pty/pty.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

enum { SOON = 30000 };

static struct pty *shell(const char *script)
{
    const char *argv[] = {"sh", "-c", script, NULL};
    struct pty *pty = pty_start(&(struct pty_options){.argv = argv, .rows = 10, .cols = 40});
    assert_non_null(pty);
    return pty;
}

static void test_text_keys_and_exit(void **state)
{
    (void)state;
    struct pty *pty = shell("printf 'héllo\\n'; read x; echo got:$x; exit 3");
    int col;
    assert_true(pty_expect(pty, "llo", SOON));
    assert_int_equal(pty_find(pty, "llo", &col), 0);
    assert_int_equal(col, 2);
    pty_send(pty, "abc\n");
    assert_true(pty_expect(pty, "got:abc", SOON));
    assert_true(pty_exits_with(pty, SOON, 3));
    const char *why;
    assert_true(pty_terminal_clean(pty, &why));
    pty_free(pty);
}

static void test_what_is_absent_is_not_found(void **state)
{
    (void)state;
    struct pty *pty = shell("echo here; exec sleep 60");
    assert_true(pty_expect(pty, "here", SOON));
    assert_false(pty_expect(pty, "elsewhere", 50));
    assert_false(pty_expect_gone(pty, "here", 50));
    int status;
    assert_false(pty_wait_exit(pty, 50, &status));
    kill(pty_pid(pty), SIGTERM);
    assert_true(pty_wait_exit(pty, SOON, &status));
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    pty_free(pty);
}

static void test_an_unclean_terminal_is_seen(void **state)
{
    (void)state;
    static const char *const left_behind[] = {
        "stty -echo",          "stty raw",
        "stty -isig",          "printf '\\033[?1049h'",
        "printf '\\033[?25l'", "printf '\\033[?1000h'",
        "printf '\\033[31m'",  "printf '\\033[7m'",
    };
    for (size_t i = 0; i < sizeof(left_behind) / sizeof(left_behind[0]); i++) {
        struct pty *pty = shell(left_behind[i]);
        const char *why;
        assert_true(pty_exits_with(pty, SOON, 0));
        if (pty_terminal_clean(pty, &why))
            fail_msg("not seen: %s", left_behind[i]);
        pty_free(pty);
    }
}

static void test_sizes_reach_the_program(void **state)
{
    (void)state;
    struct pty *pty = shell("trap 'stty size' WINCH; stty size; while :; do read x; done");
    assert_true(pty_expect(pty, "10 40", SOON));
    pty_resize(pty, 12, 50);
    pty_send(pty, "\n");
    assert_true(pty_expect(pty, "12 50", SOON));
    pty_free(pty);
}

static void test_environment_is_what_was_asked_for(void **state)
{
    (void)state;
    const char *argv[] = {"sh", "-c", "echo [$TERM][$LANG][$A][${USER-none}]", NULL};
    const char *env[] = {"TERM=vt100", "A=b c", "LANG", NULL};
    struct pty *pty = pty_start(&(struct pty_options){.argv = argv, .env = env});
    assert_non_null(pty);
    assert_true(pty_expect(pty, "[vt100][][b c][none]", SOON));
    assert_true(pty_exits_with(pty, SOON, 0));
    pty_free(pty);
}

static void test_figures_of_the_process(void **state)
{
    (void)state;
    struct pty *pty = shell(
        "echo up; read x; i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo done; read x");
    assert_true(pty_expect(pty, "up", SOON));
    int64_t cpu = pty_cpu_us(pty);
    long wakeups = pty_wakeups(pty);
    assert_true(pty_rss_kib(pty) > 100);
    assert_true(cpu >= 0 && wakeups >= 0);
    pty_send(pty, "\n");
    assert_true(pty_expect(pty, "done", SOON));
    assert_true(pty_cpu_us(pty) > cpu);
    pty_free(pty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_keys_and_exit),
        cmocka_unit_test(test_what_is_absent_is_not_found),
        cmocka_unit_test(test_an_unclean_terminal_is_seen),
        cmocka_unit_test(test_sizes_reach_the_program),
        cmocka_unit_test(test_environment_is_what_was_asked_for),
        cmocka_unit_test(test_figures_of_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
