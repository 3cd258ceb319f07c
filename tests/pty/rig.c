#include "tests/pty/rig.h"

#include "tests/check.h"
#include "tests/unit/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const char rig_frame[] = "q quit";

const struct fake_manner rig_all_frozen[RIG_SERVERS] = {
    {.frozen = true},
    {.frozen = true},
    {.frozen = true},
    {.frozen = true},
};

const char *rig_program(void)
{
    const char *program = getenv("CDCTOP");
    return program != NULL && program[0] != '\0' ? program : "build/cdctop";
}

static size_t append(const char **list, size_t n, size_t max, const char *const *more)
{
    for (size_t i = 0; more != NULL && more[i] != NULL && n + 1 < max; i++)
        list[n++] = more[i];
    list[n] = NULL;
    return n;
}

/* Its diary, too, if the run is looked through. */
static size_t server_flags(struct rig_line *line, const struct rig_options *options, size_t n)
{
    const struct rig_ports *ports = &options->ports;
    if (ports->port[RIG_PG] != 0) {
        (void)snprintf(
            line->pg, sizeof(line->pg),
            "host=127.0.0.1 port=%d dbname=shop user=cdctop password=lab-password-of-cdctop%s",
            ports->port[RIG_PG], options->pg_more != NULL ? options->pg_more : "");
        line->argv[n++] = "--pg";
        line->argv[n++] = line->pg;
    }
    if (ports->port[RIG_KAFKA] != 0) {
        (void)snprintf(line->kafka, sizeof(line->kafka), "127.0.0.1:%d", ports->port[RIG_KAFKA]);
        line->argv[n++] = "--kafka";
        line->argv[n++] = line->kafka;
    }
    if (ports->port[RIG_CONNECT] != 0) {
        (void)snprintf(line->connect, sizeof(line->connect), "http://127.0.0.1:%d",
                       ports->port[RIG_CONNECT]);
        line->argv[n++] = "--connect";
        line->argv[n++] = line->connect;
    }
    if (ports->port[RIG_S3] != 0) {
        line->argv[n++] = "--s3";
        line->argv[n++] = "s3://cdc-archive";
    }
    if (keep_path(line->log, sizeof(line->log), "log")) {
        line->argv[n++] = "--log";
        line->argv[n++] = line->log;
    }
    return n;
}

void rig_command(struct rig_line *line, const struct rig_options *options)
{
    enum { MAX = sizeof(line->argv) / sizeof(line->argv[0]) };
    static const char *const keys[] = {
        "AWS_REGION=us-east-1",
        "AWS_ACCESS_KEY_ID=labaccess",
        "AWS_SECRET_ACCESS_KEY=labsecret12345678",
        NULL,
    };
    size_t n = 0;
    *line = (struct rig_line){0};
    line->argv[n++] = rig_program();
    /* A subcommand stands before the flags. */
    size_t first = 0;
    while (options->args != NULL && options->args[first] != NULL && options->args[first][0] != '-')
        line->argv[n++] = options->args[first++];
    n = server_flags(line, options, n);
    append(line->argv, n, MAX, options->args != NULL ? options->args + first : NULL);
    n = append(line->env, 0, MAX, keys);
    (void)snprintf(line->endpoint, sizeof(line->endpoint),
                   "AWS_ENDPOINT_URL_S3=http://127.0.0.1:%d", options->ports.port[RIG_S3]);
    if (options->ports.port[RIG_S3] != 0)
        line->env[n++] = line->endpoint;
    append(line->env, n, MAX, options->env);
}

struct pty *rig_start(const struct rig_options *options)
{
    struct rig_line line;
    rig_command(&line, options);
    return pty_start(&(struct pty_options){
        .argv = line.argv, .env = line.env, .rows = options->rows, .cols = options->cols});
}

struct pty *rig_start_fakes(const struct fake_manner manners[RIG_SERVERS],
                            struct fake *fakes[RIG_SERVERS], const struct rig_options *options)
{
    struct rig_options with = options != NULL ? *options : (struct rig_options){0};
    for (int i = 0; i < RIG_SERVERS; i++) {
        fakes[i] = fake_start(&manners[i]);
        with.ports.port[i] = fake_port(fakes[i]);
    }
    return rig_start(&with);
}

void rig_stop_fakes(struct fake *fakes[RIG_SERVERS])
{
    for (int i = 0; i < RIG_SERVERS; i++)
        fake_stop(fakes[i]);
}

static const char *const pane_titles[RIG_SERVERS] = {
    [RIG_PG] = "1 Slots",
    [RIG_KAFKA] = "2 Topics",
    [RIG_CONNECT] = "3 Connectors",
    [RIG_S3] = "4 S3",
};

const char *rig_pane_title(struct pty *pty, enum rig_server server, char *buf, size_t size)
{
    int row = pty_find(pty, pane_titles[server], NULL);
    if (row < 0)
        return "";
    pty_row(pty, row, buf, size);
    char *start = strstr(buf, pane_titles[server]);
    for (int i = 0; i < RIG_SERVERS; i++) { /* the pane to the right begins with its own title */
        char *next = strstr(start + 1, pane_titles[i]);
        if (next != NULL)
            *next = '\0';
    }
    return start;
}

bool rig_pane_in_trouble(struct pty *pty, enum rig_server server)
{
    char line[2048];
    const char *title = rig_pane_title(pty, server, line, sizeof(line));
    return strstr(title, " old") != NULL || strstr(title, "UNKNOWN") != NULL;
}

bool rig_expect_trouble(struct pty *pty, enum rig_server server, bool trouble, int ms)
{
    int64_t end = pty_now_us() + (int64_t)ms * 1000;
    while (rig_pane_in_trouble(pty, server) != trouble) {
        if (pty_now_us() > end) {
            (void)fprintf(stderr, "pane %s is %s after %d ms\n", pane_titles[server],
                          trouble ? "in no trouble" : "still in trouble", ms);
            pty_dump(pty);
            return false;
        }
        pty_pump(pty, 100);
    }
    return true;
}

bool rig_lab(struct rig_ports *ports)
{
    static const char *const names[RIG_SERVERS] = {
        [RIG_PG] = "LAB_PORT_PG",
        [RIG_KAFKA] = "LAB_PORT_KAFKA",
        [RIG_CONNECT] = "LAB_PORT_CONNECT",
        [RIG_S3] = "LAB_PORT_S3",
    };
    for (int i = 0; i < RIG_SERVERS; i++) {
        const char *value = getenv(names[i]);
        if (value == NULL)
            return false;
        ports->port[i] = (int)strtol(value, NULL, 10);
    }
    return true;
}

/* ---- without a terminal */

_Noreturn static void child(int out, const char *const *argv, const char *const *env)
{
    int null = open("/dev/null", O_RDONLY);
    dup2(null, 0);
    dup2(out, 1);
    dup2(out, 2);
    keep_cores();
    for (size_t i = 0; env != NULL && env[i] != NULL; i++)
        putenv((char *)(uintptr_t)env[i]);
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

static char *read_all(int fd, int64_t end_us)
{
    size_t n = 0, cap = 1 << 16;
    char *text = malloc(cap);
    while (text != NULL) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int64_t left = (end_us - pty_now_us()) / 1000;
        if (left <= 0 || poll(&p, 1, (int)left) <= 0)
            break;
        ssize_t got = read(fd, text + n, cap - n - 1);
        if (got <= 0)
            break;
        n += (size_t)got;
        if (n + 1 == cap) {
            char *more = realloc(text, cap *= 2);
            if (more == NULL)
                break;
            text = more;
        }
    }
    if (text == NULL)
        abort();
    text[n] = '\0';
    return text;
}

char *rig_run_other(const char *const *argv, const char *const *env, int seconds, int *status)
{
    int pipe_fd[2];
    int64_t end_us = pty_now_us() + (int64_t)seconds * 1000000;
    if (pipe2(pipe_fd, O_CLOEXEC) != 0)
        abort();
    pid_t pid = fork();
    if (pid == 0)
        child(pipe_fd[1], argv, env);
    close(pipe_fd[1]);
    char *text = read_all(pipe_fd[0], end_us);
    close(pipe_fd[0]);
    int raw = 0;
    if (pty_now_us() >= end_us)
        kill(pid, SIGKILL);
    while (waitpid(pid, &raw, 0) < 0 && errno == EINTR)
        continue;
    *status = WIFEXITED(raw) ? WEXITSTATUS(raw) : -1;
    return text;
}

char *rig_run(const char *const *argv, const char *const *env, int seconds, int *status)
{
    char *text = rig_run_other(argv, env, seconds, status);
    keep_bytes("said", text, strlen(text));
    return text;
}

char *rig_sh(const char *script, const char *word)
{
    enum { LIMIT_S = 60 };
    int status;
    char *program = realpath(rig_program(), NULL);
    const char *argv[] = {"/bin/sh", "-c", script, program, word, NULL};
    char *text = rig_run(argv, NULL, LIMIT_S, &status);
    free(program);
    if (status != 0)
        fail_msg("status %d of %s:\n%s", status, script, text);
    return text;
}

void rig_has(char *text, const char *const *words)
{
    for (size_t i = 0; words[i] != NULL; i++)
        if (strstr(text, words[i]) == NULL)
            fail_msg("no %s in:\n%s", words[i], text);
    free(text);
}
