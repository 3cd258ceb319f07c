/* Job control with a shell and a controlling terminal: stopped by Ctrl-Z or from outside, the
 * terminal is the shell's; brought back, the screen is whole and keys act. */
#include "tests/check.h"
#include "tests/pty/rig.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SOON = 15000 };

static struct pty *start(void)
{
    static const char script[] = "set -m; \"$0\" --demo; s=$?; echo; echo stopped=$s; "
                                 "read line; echo typed=$line; fg >/dev/null; echo over=$?";
    const char *argv[] = {"sh", "-c", script, realpath(rig_program(), NULL), NULL};
    struct pty *pty = pty_start(&(struct pty_options){.argv = argv});
    assert_non_null(pty);
    assert_true(pty_expect(pty, rig_frame, SOON));
    free((char *)(uintptr_t)argv[3]);
    return pty;
}

static void go_on(struct pty *pty)
{
    /* 148: SIGTSTP, 147: SIGSTOP */
    assert_int_not_equal(
        pty_expect_any(pty, (const char *const[]){"stopped=147", "stopped=148", NULL}, SOON), -1);
    assert_false(pty_has(pty, rig_frame)); /* the alternate screen was left */
    pty_send(pty, "word\n");               /* lines and echo are there again */
    assert_true(pty_expect(pty, rig_frame, SOON));
    pty_send(pty, "?");
    assert_true(pty_expect(pty, "next row or line", SOON));
    assert_false(pty_has(pty, "typed=")); /* nothing of the shell's is left on the screen */
    pty_send(pty, "Q");
    assert_true(pty_expect(pty, "over=0", SOON));
    assert_true(pty_has(pty, "typed=word"));
    assert_true(pty_exits_with(pty, SOON, 0));
    const char *why;
    if (!pty_terminal_clean(pty, &why))
        fail_msg("the terminal is not as it was: %s", why);
    pty_free(pty);
}

static void test_ctrl_z_and_fg(void **state)
{
    (void)state;
    struct pty *pty = start();
    pty_send(pty, "\032");
    go_on(pty);
}

static void test_command_suspend(void **state)
{
    (void)state;
    struct pty *pty = start();
    pty_send(pty, ":suspend\r");
    go_on(pty);
}

/* The child of the shell. */
static pid_t child_of(pid_t parent)
{
    char path[64];
    char text[64] = "";
    (void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)parent, (int)parent);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(text, sizeof(text), f));
    (void)fclose(f);
    return (pid_t)strtol(text, NULL, 10);
}

/* It could not put the terminal in order; but once brought back it has it as it needs it. */
static void test_stopped_from_outside(void **state)
{
    (void)state;
    struct pty *pty = start();
    assert_int_equal(kill(child_of(pty_pid(pty)), SIGSTOP), 0);
    assert_true(pty_expect(pty, "topped=147", SOON)); /* wherever the cursor was */
    pty_send(pty, "word\n\r");
    assert_true(pty_expect_gone(pty, "topped=", SOON));
    pty_send(pty, "?");
    assert_true(pty_expect(pty, "next row or line", SOON));
    pty_send(pty, "Q");
    assert_true(pty_exits_with(pty, SOON, 0));
    pty_free(pty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ctrl_z_and_fg),
        cmocka_unit_test(test_command_suspend),
        cmocka_unit_test(test_stopped_from_outside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
