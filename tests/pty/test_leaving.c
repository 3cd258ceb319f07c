/* Whichever way the program ends, with every server frozen: at once, and the terminal is as it was.
 */
#include "tests/check.h"
#include "tests/pty/rig.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

enum { SOON = 10000, AT_ONCE = RIG_AT_ONCE };

struct scene {
    struct fake *fakes[RIG_SERVERS];
    struct pty *pty;
};

static int setup(void **state)
{
    static struct scene scene;
    scene.pty = rig_start_fakes(rig_all_frozen, scene.fakes, NULL);
    *state = &scene;
    return scene.pty != NULL && pty_expect(scene.pty, rig_frame, SOON) ? 0 : -1;
}

static int teardown(void **state)
{
    struct scene *scene = *state;
    pty_free(scene->pty);
    rig_stop_fakes(scene->fakes);
    return 0;
}

static void clean(struct pty *pty)
{
    const char *why;
    if (!pty_terminal_clean(pty, &why)) {
        pty_dump(pty);
        fail_msg("the terminal is not as it was: %s", why);
    }
}

static void key_quits(void **state, const char *keys)
{
    struct scene *scene = *state;
    pty_send(scene->pty, keys);
    assert_true(pty_exits_with(scene->pty, AT_ONCE, 0));
    clean(scene->pty);
}

static void test_q(void **state)
{
    key_quits(state, "q");
}

static void test_Q_from_within_a_view(void **state)
{
    struct scene *scene = *state;
    pty_send(scene->pty, "?");
    assert_true(pty_expect(scene->pty, "elp", AT_ONCE));
    key_quits(state, "Q");
}

static void test_command_quit(void **state)
{
    key_quits(state, ":quit\r");
}

static void test_ctrl_c(void **state)
{
    struct scene *scene = *state;
    int status;
    pty_send(scene->pty, "\003");
    assert_true(pty_wait_exit(scene->pty, AT_ONCE, &status));
    clean(scene->pty);
}

static int signalled(void **state, int sig)
{
    struct scene *scene = *state;
    int status;
    assert_int_equal(kill(pty_pid(scene->pty), sig), 0);
    assert_true(pty_wait_exit(scene->pty, AT_ONCE, &status));
    clean(scene->pty);
    return status;
}

/* A request to end is met in good order. */
static void signal_quits(void **state, int sig)
{
    int status = signalled(state, sig);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("signal %d ended it with status %#x", sig, (unsigned)status);
}

/* A crash is still one for the shell: not swallowed by the clean-up. */
static void signal_kills(void **state, int sig)
{
    int status = signalled(state, sig);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != sig)
        fail_msg("signal %d ended it with status %#x", sig, (unsigned)status);
}

static void test_sigterm(void **state)
{
    signal_quits(state, SIGTERM);
}

static void test_sighup(void **state)
{
    signal_quits(state, SIGHUP);
}

static void test_sigint(void **state)
{
    signal_quits(state, SIGINT);
}

static void test_crashes(void **state)
{
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
    signal_kills(state, crashes[0]);
    for (size_t i = 1; i < sizeof(crashes) / sizeof(crashes[0]); i++) {
        teardown(state);
        assert_int_equal(setup(state), 0);
        signal_kills(state, crashes[i]);
    }
}

static void test_typing_ahead_is_not_lost(void **state)
{
    struct scene *scene = *state;
    /* three views deep and out again, in one go */
    pty_send(scene->pty, "??\tjjkk:");
    key_quits(state, "\033\033Q");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_q, setup, teardown),
        cmocka_unit_test_setup_teardown(test_Q_from_within_a_view, setup, teardown),
        cmocka_unit_test_setup_teardown(test_command_quit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ctrl_c, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sigterm, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sighup, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sigint, setup, teardown),
        cmocka_unit_test_setup_teardown(test_crashes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_typing_ahead_is_not_lost, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
