#include "tests/pty/pty.h"

#include "tests/unit/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <vterm.h>

enum { OUTPUT_MAX = 8 << 20, ENV_MAX = 64, ROWS_MAX = 600 };

struct pty {
    pid_t pid;
    int master, slave, pidfd; /* the slave stays open: its settings are looked at after the end */
    int rows, cols;
    struct termios before;
    VTerm *vt;
    VTermScreen *screen;
    bool altscreen, cursor_hidden, mouse;
    bool ended;
    int status;
    uint64_t bytes;
    unsigned char *output;
    size_t noutput, output_cap;
    int64_t started_us, first_us, last_us;
    char home[64];
    int rate;        /* bytes a second; 0: no limit */
    int64_t paid_us; /* up to then they have been taken */
};

int64_t pty_now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* ---- the terminal */

static int on_prop(VTermProp prop, VTermValue *value, void *user)
{
    struct pty *pty = user;
    if (prop == VTERM_PROP_ALTSCREEN)
        pty->altscreen = value->boolean != 0;
    else if (prop == VTERM_PROP_CURSORVISIBLE)
        pty->cursor_hidden = value->boolean == 0;
    else if (prop == VTERM_PROP_MOUSE)
        pty->mouse = value->number != VTERM_PROP_MOUSE_NONE;
    return 1;
}

/* Answers of the terminal to questions of the program. */
static void on_reply(const char *bytes, size_t n, void *user)
{
    pty_write(user, bytes, n);
}

static void terminal_new(struct pty *pty)
{
    static const VTermScreenCallbacks callbacks = {.settermprop = on_prop};
    pty->vt = vterm_new(pty->rows, pty->cols);
    vterm_set_utf8(pty->vt, 1);
    vterm_output_set_callback(pty->vt, on_reply, pty);
    pty->screen = vterm_obtain_screen(pty->vt);
    vterm_screen_enable_altscreen(pty->screen, 1);
    vterm_screen_set_callbacks(pty->screen, &callbacks, pty);
    vterm_screen_reset(pty->screen, 1);
}

/* ---- starting */

struct environment {
    const char *items[ENV_MAX + 1];
    size_t n;
};

static size_t name_length(const char *item)
{
    const char *eq = strchr(item, '=');
    return eq != NULL ? (size_t)(eq - item) : strlen(item);
}

/* The later one of a name wins; a name alone removes it. */
static void environment_put(struct environment *env, const char *item)
{
    size_t len = name_length(item);
    size_t at = 0;
    while (at < env->n &&
           !(name_length(env->items[at]) == len && strncmp(env->items[at], item, len) == 0))
        at++;
    if (at == ENV_MAX)
        return;
    env->items[at] = item;
    if (at == env->n)
        env->n++;
    if (item[len] == '\0')
        env->items[at] = env->items[--env->n];
    env->items[env->n] = NULL;
}

_Noreturn static void child(const struct pty *pty, const struct pty_options *options,
                            struct environment *env)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int sig = 1; sig < 32; sig++)
        (void)signal(sig, SIG_DFL);
    setsid();
    if (ioctl(pty->slave, TIOCSCTTY, 0) != 0 || chdir(pty->home) != 0)
        _exit(126);
    for (int fd = 0; fd < 3; fd++)
        dup2(pty->slave, fd);
    keep_cores();
    syscall(SYS_close_range, 3U, ~0U, 0U);
    execvpe(options->argv[0], (char *const *)(uintptr_t)options->argv,
            (char *const *)(uintptr_t)env->items);
    _exit(127);
}

/* A child works in an empty home: a path with a slash is made absolute before it goes there. */
static char *program_path(const char *name)
{
    return strchr(name, '/') != NULL ? realpath(name, NULL) : strdup(name);
}

static bool spawn(struct pty *pty, const struct pty_options *options)
{
    enum { ARGS_MAX = 64 };
    struct environment env = {.n = 0};
    const char *argv[ARGS_MAX + 1] = {NULL};
    char path[4096], home[80];
    char *program = program_path(options->argv[0]);
    if (program == NULL)
        return false;
    (void)snprintf(path, sizeof(path), "PATH=%s", getenv("PATH"));
    (void)snprintf(home, sizeof(home), "HOME=%s", pty->home);
    environment_put(&env, path);
    environment_put(&env, home);
    environment_put(&env, "TERM=xterm-256color");
    environment_put(&env, "LANG=C.UTF-8");
    for (size_t i = 0; options->env != NULL && options->env[i] != NULL; i++)
        environment_put(&env, options->env[i]);
    for (int i = 0; i < ARGS_MAX && options->argv[i] != NULL; i++)
        argv[i] = options->argv[i];
    argv[0] = program;
    struct pty_options absolute = {.argv = argv};
    pty->started_us = pty_now_us();
    pty->pid = fork();
    if (pty->pid == 0)
        child(pty, &absolute, &env);
    free(program);
    if (pty->pid < 0)
        return false;
    pty->pidfd = (int)syscall(SYS_pidfd_open, pty->pid, 0);
    return pty->pidfd >= 0;
}

struct pty *pty_start(const struct pty_options *options)
{
    struct pty *pty = calloc(1, sizeof(*pty));
    if (pty == NULL)
        return NULL;
    pty->rows = options->rows > 0 ? options->rows : 36;
    pty->cols = options->cols > 0 ? options->cols : 120;
    pty->pidfd = pty->master = pty->slave = -1;
    struct winsize size = {.ws_row = (unsigned short)pty->rows,
                           .ws_col = (unsigned short)pty->cols};
    keep_dir(pty->home, sizeof(pty->home), "pty");
    if (openpty(&pty->master, &pty->slave, NULL, NULL, &size) != 0 ||
        tcgetattr(pty->slave, &pty->before) != 0) {
        perror("pty_start");
        pty_free(pty);
        return NULL;
    }
    fcntl(pty->master, F_SETFL, O_NONBLOCK);
    terminal_new(pty);
    if (!spawn(pty, options)) {
        perror(options->argv[0]);
        pty_free(pty);
        return NULL;
    }
    return pty;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

/* What was drawn, all of it and how it stood at the end, beside what was written at home. */
static void keep_drawn(struct pty *pty)
{
    char *screen = pty_screen(pty);
    keep_bytes("drawn", pty->output, pty->noutput);
    keep_bytes("screen", screen, strlen(screen));
    free(screen);
}

void pty_free(struct pty *pty)
{
    if (pty == NULL)
        return;
    if (keeping() && pty->vt != NULL)
        keep_drawn(pty);
    if (pty->pid > 0 && !pty->ended) {
        kill(pty->pid, SIGKILL);
        waitpid(pty->pid, NULL, 0);
    }
    if (pty->vt != NULL)
        vterm_free(pty->vt);
    if (pty->master >= 0)
        close(pty->master);
    if (pty->slave >= 0)
        close(pty->slave);
    if (pty->pidfd >= 0)
        close(pty->pidfd);
    if (!keeping())
        nftw(pty->home, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(pty->output);
    free(pty);
}

/* ---- reading */

static void keep(struct pty *pty, const char *bytes, size_t n)
{
    pty->last_us = pty_now_us();
    if (pty->first_us == 0)
        pty->first_us = pty->last_us;
    pty->bytes += n;
    if (pty->noutput + n > pty->output_cap && pty->output_cap < OUTPUT_MAX) {
        size_t cap = pty->output_cap == 0 ? 1 << 16 : pty->output_cap * 2;
        unsigned char *more = realloc(pty->output, cap);
        if (more == NULL)
            abort();
        pty->output = more;
        pty->output_cap = cap;
    }
    size_t room = pty->output_cap - pty->noutput;
    if (n > room)
        n = room;
    memcpy(pty->output + pty->noutput, bytes, n);
    pty->noutput += n;
}

/* How much may be taken now. */
static size_t allowance(struct pty *pty, size_t max)
{
    if (pty->rate == 0)
        return max;
    int64_t bytes = (pty_now_us() - pty->paid_us) * pty->rate / 1000000;
    size_t n = bytes < (int64_t)max ? (size_t)bytes : max;
    pty->paid_us += (int64_t)n * 1000000 / pty->rate;
    return n;
}

void pty_throttle(struct pty *pty, int bytes_per_s)
{
    pty->rate = bytes_per_s;
    pty->paid_us = pty_now_us();
}

/* Everything that is there now, or as much as a slow terminal takes. */
static bool drain(struct pty *pty)
{
    char buf[16384];
    bool any = false;
    for (;;) {
        size_t most = allowance(pty, sizeof(buf));
        if (most == 0)
            return any;
        ssize_t n = read(pty->master, buf, most);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return any;
        any = true;
        keep(pty, buf, (size_t)n);
        vterm_input_write(pty->vt, buf, (size_t)n);
    }
}

static void reap(struct pty *pty)
{
    if (!pty->ended && waitpid(pty->pid, &pty->status, WNOHANG) == pty->pid)
        pty->ended = true;
}

bool pty_pump(struct pty *pty, int ms)
{
    struct pollfd p[2] = {
        {.fd = pty->master,                  .events = POLLIN},
        {.fd = pty->ended ? -1 : pty->pidfd, .events = POLLIN}
    };
    enum { TICK_MS = 10 }; /* a slow terminal looks again when it may take some more */
    if (pty->rate > 0)
        p[0].fd = -1;
    if (ms > 0 || !pty->ended)
        (void)poll(p, 2, pty->rate > 0 && ms > TICK_MS ? TICK_MS : ms);
    bool any = drain(pty);
    if (p[1].revents != 0) {
        reap(pty);
        any = drain(pty) || any;
    }
    return any;
}

void pty_settle(struct pty *pty, int quiet_ms, int ms)
{
    int64_t end = pty_now_us() + (int64_t)ms * 1000;
    while (pty_now_us() < end && pty_pump(pty, quiet_ms))
        continue;
}

/* ---- looking */

static size_t put_utf8(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = n; i-- > 1; c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)(lead[n] | c);
    return n;
}

/* Row as UTF-8; columns[i] is the column of byte i (may be NULL). */
static size_t row_text(struct pty *pty, int row, char *buf, size_t size, int *columns)
{
    size_t len = 0, trimmed = 0;
    for (int col = 0; col < pty->cols; col++) {
        VTermScreenCell cell = {.chars = {0}}; /* of an empty one only the first is set */
        if (!vterm_screen_get_cell(pty->screen, (VTermPos){.row = row, .col = col}, &cell))
            break;
        if (cell.chars[0] == UINT32_MAX) /* the right half of a wide character */
            continue;
        size_t before = len;
        for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && (i == 0 || cell.chars[i] != 0); i++) {
            if (len + 5 > size)
                break;
            len += put_utf8(buf + len, cell.chars[i] != 0 ? cell.chars[i] : ' ');
        }
        for (size_t i = before; columns != NULL && i < len; i++)
            columns[i] = col;
        if (cell.chars[0] != 0 && cell.chars[0] != ' ')
            trimmed = len;
    }
    buf[trimmed] = '\0';
    return trimmed;
}

const char *pty_row(struct pty *pty, int row, char *buf, size_t size)
{
    row_text(pty, row, buf, size, NULL);
    return buf;
}

int pty_find(struct pty *pty, const char *text, int *col)
{
    enum { SIZE = 8192 };
    char line[SIZE];
    int columns[SIZE];
    for (int row = 0; row < pty->rows; row++) {
        row_text(pty, row, line, sizeof(line), columns);
        const char *at = strstr(line, text);
        if (at != NULL) {
            if (col != NULL)
                *col = columns[at - line];
            return row;
        }
    }
    return -1;
}

bool pty_has(struct pty *pty, const char *text)
{
    return pty_find(pty, text, NULL) >= 0;
}

bool pty_cell(struct pty *pty, int row, int col, struct pty_cell *cell)
{
    VTermScreenCell c;
    if (!vterm_screen_get_cell(pty->screen, (VTermPos){.row = row, .col = col}, &c))
        return false;
    *cell = (struct pty_cell){
        .ch = c.chars[0],
        .bold = c.attrs.bold,
        .reverse = c.attrs.reverse,
        .underline = c.attrs.underline != 0,
        .fg_default = VTERM_COLOR_IS_DEFAULT_FG(&c.fg),
        .bg_default = VTERM_COLOR_IS_DEFAULT_BG(&c.bg),
    };
    return true;
}

char *pty_screen(struct pty *pty)
{
    size_t line = (size_t)pty->cols * 4 * VTERM_MAX_CHARS_PER_CELL + 8;
    char *text = malloc(line * (size_t)pty->rows + 1);
    size_t n = 0;
    if (text == NULL)
        abort();
    for (int row = 0; row < pty->rows; row++) {
        n += row_text(pty, row, text + n, line - 1, NULL);
        text[n++] = '\n';
    }
    text[n] = '\0';
    return text;
}

void pty_dump(struct pty *pty)
{
    char *text = pty_screen(pty);
    (void)fprintf(stderr, "--- screen %d x %d%s\n%s---\n", pty->cols, pty->rows,
                  pty->ended ? " (program has ended)" : "", text);
    free(text);
}

/* ---- waiting */

/* Milliseconds until end, 0 when past. */
static int left(int64_t end_us)
{
    int64_t us = end_us - pty_now_us();
    return us > 0 ? (int)(us / 1000 + 1) : 0;
}

static bool wait_text(struct pty *pty, const char *text, bool present, int ms)
{
    int64_t end = pty_now_us() + (int64_t)ms * 1000;
    pty_pump(pty, 0);
    while (pty_has(pty, text) != present) {
        int rest = left(end);
        if (rest == 0 || (pty->ended && !pty_pump(pty, 0))) {
            (void)fprintf(stderr, "after %d ms \"%s\" is %s on the screen\n", ms, text,
                          present ? "not" : "still");
            pty_dump(pty);
            return false;
        }
        pty_pump(pty, rest);
    }
    return true;
}

bool pty_expect(struct pty *pty, const char *text, int ms)
{
    return wait_text(pty, text, true, ms);
}

bool pty_expect_gone(struct pty *pty, const char *text, int ms)
{
    return wait_text(pty, text, false, ms);
}

int pty_expect_any(struct pty *pty, const char *const *texts, int ms)
{
    int64_t end = pty_now_us() + (int64_t)ms * 1000;
    for (;;) {
        int rest = left(end);
        pty_pump(pty, rest);
        for (int i = 0; texts[i] != NULL; i++) {
            if (pty_has(pty, texts[i]))
                return i;
        }
        if (rest == 0 || pty->ended) {
            (void)fprintf(stderr, "none of \"%s\"… came in %d ms\n", texts[0], ms);
            pty_dump(pty);
            return -1;
        }
    }
}

bool pty_wait_bytes(struct pty *pty, uint64_t count, int ms)
{
    int64_t end = pty_now_us() + (int64_t)ms * 1000;
    while (pty->bytes < count) {
        int rest = left(end);
        if (rest == 0 || pty->ended)
            return false;
        pty_pump(pty, rest);
    }
    return true;
}

bool pty_wait_exit(struct pty *pty, int ms, int *status)
{
    int64_t end = pty_now_us() + (int64_t)ms * 1000;
    while (!pty->ended) {
        int rest = left(end);
        if (rest == 0)
            return false;
        pty_pump(pty, rest);
    }
    *status = pty->status;
    return true;
}

bool pty_exits_with(struct pty *pty, int ms, int code)
{
    int status;
    if (!pty_wait_exit(pty, ms, &status)) {
        (void)fprintf(stderr, "does not end within %d ms\n", ms);
        pty_dump(pty);
        return false;
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != code) {
        (void)fprintf(stderr, "ended with status %#x instead of exit %d\n", (unsigned)status, code);
        pty_dump(pty);
        return false;
    }
    return true;
}

bool pty_terminal_clean(struct pty *pty, const char **why)
{
    struct termios now;
    pty_pump(pty, 0);
    *why = NULL;
    if (tcgetattr(pty->slave, &now) != 0)
        *why = "its settings cannot be read";
    else if (now.c_lflag != pty->before.c_lflag)
        *why = "echo, line mode or signal keys are not as before";
    else if (now.c_iflag != pty->before.c_iflag || now.c_oflag != pty->before.c_oflag)
        *why = "input or output processing is not as before";
    else if (memcmp(now.c_cc, pty->before.c_cc, sizeof(now.c_cc)) != 0)
        *why = "special characters are not as before";
    else if (pty->altscreen)
        *why = "the alternate screen is still on";
    else if (pty->cursor_hidden)
        *why = "the cursor is hidden";
    else if (pty->mouse)
        *why = "mouse reports are on";
    else {
        struct pty_cell cell;
        vterm_input_write(pty->vt, "\r\n#", 3);
        VTermPos at;
        vterm_state_get_cursorpos(vterm_obtain_state(pty->vt), &at);
        if (pty_cell(pty, at.row, at.col - 1, &cell) &&
            (!cell.fg_default || !cell.bg_default || cell.bold || cell.reverse || cell.underline))
            *why = "a colour or attribute is still set";
    }
    return *why == NULL;
}

/* ---- sending */

void pty_write(struct pty *pty, const void *bytes, size_t n)
{
    const char *p = bytes;
    while (n > 0) {
        ssize_t w = write(pty->master, p, n);
        if (w < 0 && errno != EAGAIN && errno != EINTR)
            return;
        if (w <= 0) {
            pty_pump(pty, 10);
            if (pty->ended)
                return;
            continue;
        }
        p += w;
        n -= (size_t)w;
    }
}

void pty_send(struct pty *pty, const char *keys)
{
    pty_write(pty, keys, strlen(keys));
}

void pty_hang_up(struct pty *pty)
{
    (void)close(pty->master);
    (void)close(pty->slave);
    pty->master = pty->slave = -1;
}

void pty_resize(struct pty *pty, int rows, int cols)
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};
    pty_pump(pty, 0);
    pty->rows = rows;
    pty->cols = cols;
    vterm_set_size(pty->vt, rows, cols);
    ioctl(pty->master, TIOCSWINSZ, &size);
}

/* ---- figures */

pid_t pty_pid(const struct pty *pty)
{
    return pty->pid;
}

int64_t pty_started_us(const struct pty *pty)
{
    return pty->started_us;
}

int64_t pty_first_byte_us(const struct pty *pty)
{
    return pty->first_us;
}

int64_t pty_last_byte_us(const struct pty *pty)
{
    return pty->last_us;
}

uint64_t pty_bytes(const struct pty *pty)
{
    return pty->bytes;
}

const unsigned char *pty_output(const struct pty *pty, size_t *n)
{
    *n = pty->noutput;
    return pty->output;
}

int pty_rows(const struct pty *pty)
{
    return pty->rows;
}

int pty_cols(const struct pty *pty)
{
    return pty->cols;
}
