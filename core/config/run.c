/* run.c: a program whose output is a value (expand_run). */
#include "base/clock.h"
#include "base/mem.h"
#include "config/expand.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A process group of its own, so that its children can be ended with it; no signal blocked. */
static int spawn_child(char *const *argv, int out, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t none, all;
    int rc = posix_spawn_file_actions_init(&files);
    if (rc != 0)
        return rc;
    rc = posix_spawnattr_init(&attr);
    if (rc != 0)
        goto out_files;
    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    (void)posix_spawnattr_setpgroup(&attr, 0);
    (void)posix_spawnattr_setsigmask(&attr, &none);
    (void)posix_spawnattr_setsigdefault(&attr, &all);
    rc = posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                             POSIX_SPAWN_SETSIGDEF);
    if (rc == 0)
        rc = posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (rc == 0)
        rc = posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    if (rc == 0)
        rc = posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (rc == 0)
        rc = posix_spawnp(pid, argv[0], &files, &attr, argv, environ);
    (void)posix_spawnattr_destroy(&attr);
out_files:
    (void)posix_spawn_file_actions_destroy(&files);
    return rc;
}

/* Reads to the end of file. NULL when all is read, else what went wrong. */
static const char *read_all(int fd, int64_t deadline_ms, int stop_fd, char *data, size_t *used)
{
    for (;;) {
        struct pollfd poll_fds[2] = {
            {.fd = fd,      .events = POLLIN},
            {.fd = stop_fd, .events = POLLIN}
        };
        int left = clock_left_ms(deadline_ms);
        if (left == 0)
            return "it did not end in time";
        int ready = poll(poll_fds, 2, left);
        if (ready > 0 && poll_fds[1].revents != 0)
            return "we were asked to stop";
        if (ready == 0 || (ready < 0 && errno == EINTR))
            continue;
        ssize_t n = ready < 0 ? -1 : read(fd, data + *used, EXPAND_MAX_BYTES + 1 - *used);
        if (n < 0 && errno != EINTR)
            return "its output cannot be read";
        if (n == 0)
            return memchr(data, 0, *used) != NULL ? "it printed a NUL byte" : NULL;
        if (n > 0)
            *used += (size_t)n;
        if (*used > EXPAND_MAX_BYTES)
            return "it printed more than 64 KB";
    }
}

/* It may close its output long before it ends. False when the time is over, or we shall stop. */
static bool wait_child(pid_t pid, int64_t deadline_ms, int stop_fd, int *status)
{
    struct pollfd stop = {.fd = stop_fd, .events = POLLIN};
    for (;;) {
        pid_t done = waitpid(pid, status, WNOHANG);
        if (done == pid)
            return true;
        if ((done < 0 && errno != EINTR) || clock_left_ms(deadline_ms) == 0)
            return false;
        if (poll(&stop, 1, 5) > 0)
            return false;
    }
}

static void end_child(pid_t pid)
{
    int status;
    (void)kill(-pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
}

char *expand_run(char *const *argv, int64_t timeout_ms, int stop_fd, char *why, size_t why_size)
{
    int64_t deadline_ms = clock_mono_ms() + timeout_ms;
    int ends[2], status = 0;
    size_t used = 0;
    pid_t pid = 0;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        (void)snprintf(why, why_size, "%s", strerror(errno));
        return NULL;
    }
    int rc = spawn_child(argv, ends[1], &pid);
    (void)close(ends[1]);
    if (rc != 0) {
        (void)close(ends[0]);
        (void)snprintf(why, why_size, "%s", strerror(rc));
        return NULL;
    }
    char *data = mem_alloc(EXPAND_MAX_BYTES + 2);
    const char *bad = read_all(ends[0], deadline_ms, stop_fd, data, &used);
    (void)close(ends[0]);
    if (bad == NULL && !wait_child(pid, deadline_ms, stop_fd, &status))
        bad = "it did not end in time";
    if (bad != NULL) {
        end_child(pid);
        (void)snprintf(why, why_size, "%s", bad);
    } else if (WIFSIGNALED(status)) {
        (void)snprintf(why, why_size, "it was ended by signal %d", WTERMSIG(status));
    } else if (WEXITSTATUS(status) != 0) {
        (void)snprintf(why, why_size, "it failed with exit status %d; run it by hand to see why",
                       WEXITSTATUS(status));
    } else {
        return data;
    }
    mem_wipe(data, EXPAND_MAX_BYTES + 1);
    free(data);
    return NULL;
}
