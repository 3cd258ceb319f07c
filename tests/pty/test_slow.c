/* A terminal behind a slow line, at 2 KB/s: what comes next is always what is true now, whatever
 * was to be drawn in between. Counted in bytes, not in time. */
#include "tests/check.h"
#include "tests/pty/rig.h"

#include <string.h>

/* The buffers on the way hold some 15 KB; less than that came before: nothing queued. */
enum { SOON = 30000, SLOW = 2048, TWO_SCREENS = 8000, ONE_SCREEN = 3000 };

static struct pty *start(const char *const *args, const char *const *env)
{
    const char *argv[16] = {rig_program(), "--demo"};
    size_t n = 2;
    for (size_t i = 0; args[i] != NULL; i++)
        argv[n++] = args[i];
    argv[n] = NULL;
    struct pty *pty = pty_start(&(struct pty_options){.argv = argv, .env = env});
    assert_non_null(pty);
    assert_true(pty_expect(pty, rig_frame, SOON));
    return pty;
}

static void leave(struct pty *pty)
{
    const char *why;
    pty_throttle(pty, 0);
    pty_send(pty, "Q");
    assert_true(pty_exits_with(pty, SOON, 0));
    if (!pty_terminal_clean(pty, &why))
        fail_msg("the terminal is not as it was: %s", why);
    pty_free(pty);
}

/* From a key until the text that it leads to. */
static void comes_next(struct pty *pty, const char *key, const char *text, uint64_t most)
{
    uint64_t before = pty_bytes(pty);
    pty_send(pty, key);
    assert_true(pty_expect(pty, text, SOON));
    if (pty_bytes(pty) - before > most)
        fail_msg("%llu bytes came before it", (unsigned long long)(pty_bytes(pty) - before));
}

static void test_the_newest_state_comes_next(void **state)
{
    (void)state;
    struct pty *pty = start((const char *const[]){"--demo-speed", "50", NULL}, NULL);
    pty_throttle(pty, SLOW);
    /* keys that change the whole screen, ten times faster than it can be sent */
    for (int i = 0; i < 60; i++) {
        pty_send(pty, i % 2 == 0 ? "?" : "\033");
        for (int64_t end = pty_now_us() + 50000; pty_now_us() < end;)
            pty_pump(pty, 10);
    }
    comes_next(pty, "l", "Actions and", TWO_SCREENS);
    leave(pty);
}

/* Refreshes alone: no frame queues behind another while nobody presses a key. */
static void test_refreshes_leave_no_backlog(void **state)
{
    (void)state;
    struct pty *pty =
        start((const char *const[]){"--demo-speed", "1000", "--interval", "500ms", NULL}, NULL);
    pty_throttle(pty, SLOW);
    for (int64_t end = pty_now_us() + 8000000; pty_now_us() < end;)
        pty_pump(pty, 10);
    comes_next(pty, "?", "next row or line", ONE_SCREEN);
    leave(pty);
}

/* Whose terminal vanishes while a frame is on its way waits for no answer of it. */
static void test_a_terminal_that_is_gone(void **state)
{
    (void)state;
    int status;
    for (int slow = 0; slow < 2; slow++) {
        struct pty *pty = start((const char *const[]){"--demo-speed", "50", NULL}, NULL);
        pty_throttle(pty, slow != 0 ? SLOW : 0);
        for (int i = 0; slow != 0 && i < 20; i++) {
            pty_send(pty, i % 2 == 0 ? "?" : "\033");
            pty_pump(pty, 50);
        }
        pty_hang_up(pty);
        assert_true(pty_wait_exit(pty, SOON, &status));
        pty_free(pty);
    }
}

/* Who does not answer the question is not waited for; who calls himself dumb is not asked. */
static void test_no_question_to_a_dumb_terminal(void **state)
{
    (void)state;
    const char *env[] = {"TERM=dumb", NULL};
    struct pty *pty = start((const char *const[]){NULL}, env);
    size_t n;
    const unsigned char *out = pty_output(pty, &n);
    assert_null(memmem(out, n, "\033[5n", 4));
    leave(pty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_newest_state_comes_next),
        cmocka_unit_test(test_refreshes_leave_no_backlog),
        cmocka_unit_test(test_a_terminal_that_is_gone),
        cmocka_unit_test(test_no_question_to_a_dumb_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
