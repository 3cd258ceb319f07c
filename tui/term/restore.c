/* restore.c: the terminal must come back whatever happens. The state is file-local because a signal
 * handler has no other way to it; it is written before any thread starts. */
#include "tui/term/screen.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static struct {
    bool armed;
    int fd;
    struct termios saved;
    char sequence[512];
    size_t len;
} state;

void restore_prepare(const char *sequence)
{
    state.len = strnlen(sequence, sizeof(state.sequence) - 1);
    memcpy(state.sequence, sequence, state.len);
    state.fd = STDOUT_FILENO;
    state.armed = state.len > 0;
}

void restore_now(void)
{
    if (!state.armed)
        return;
    state.armed = false;
    ssize_t n = write(state.fd, state.sequence, state.len);
    (void)n;
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &state.saved);
}

void restore_forget(void)
{
    state.armed = false;
}

static void crashed(int sig)
{
    static const char text[] = "cdctop: crashed; the terminal was restored\n";
    restore_now();
    ssize_t n = write(STDERR_FILENO, text, sizeof(text) - 1);
    (void)n;
    (void)signal(sig, SIG_DFL);
    (void)raise(sig);
}

void restore_on_crash(void)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    struct sigaction sa = {.sa_handler = crashed, .sa_flags = SA_RESETHAND | SA_NODEFER};
    (void)sigemptyset(&sa.sa_mask);
    (void)tcgetattr(STDIN_FILENO, &state.saved);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        (void)sigaction(signals[i], &sa, NULL);
}
