#include "tui/term/loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

bool loop_open(struct loop *loop, struct err *err)
{
    sigset_t all;
    sigset_t mine;
    static const int crash[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};
    (void)sigfillset(&all);
    for (size_t i = 0; i < sizeof(crash) / sizeof(crash[0]); i++)
        (void)sigdelset(&all, crash[i]);
    (void)sigprocmask(SIG_SETMASK, &all, NULL);
    (void)sigemptyset(&mine);
    (void)sigaddset(&mine, SIGWINCH);
    (void)sigaddset(&mine, SIGCONT);
    (void)sigaddset(&mine, SIGTERM);
    (void)sigaddset(&mine, SIGHUP);
    (void)sigaddset(&mine, SIGINT);
    (void)sigaddset(&mine, SIGQUIT);
    loop->signal_fd = signalfd(-1, &mine, SFD_NONBLOCK | SFD_CLOEXEC);
    if (loop->signal_fd < 0)
        return err_set(err, ERR_IO, errno, "signalfd: %s", strerror(errno));
    return true;
}

void loop_close(struct loop *loop)
{
    (void)close(loop->signal_fd);
    loop->signal_fd = -1;
}

static int read_signals(struct loop *loop)
{
    struct signalfd_siginfo info;
    int what = 0;
    while (read(loop->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
        what |= info.ssi_signo == SIGWINCH  ? LOOP_RESIZE
                : info.ssi_signo == SIGCONT ? LOOP_RESUME
                                            : LOOP_QUIT;
    return what;
}

int loop_wait(struct loop *loop, int engine_fd, int timeout_ms)
{
    struct pollfd fds[3] = {
        {.fd = STDIN_FILENO,    .events = POLLIN},
        {.fd = loop->signal_fd, .events = POLLIN},
        {.fd = engine_fd,       .events = POLLIN},
    };
    int what = 0;
    if (poll(fds, 3, timeout_ms) <= 0)
        return 0;
    if ((fds[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0)
        what |= LOOP_QUIT; /* the terminal is gone */
    else if ((fds[0].revents & POLLIN) != 0)
        what |= LOOP_INPUT;
    if (fds[1].revents != 0)
        what |= read_signals(loop);
    if (fds[2].revents != 0)
        what |= LOOP_ENGINE;
    return what;
}
