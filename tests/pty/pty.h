/* pty.h: a program in a terminal of its own: what it draws is interpreted by libvterm, and every
 * wait is for something that must appear, with a limit; nothing sleeps and hopes.
 *
 * One thread, no globals: several programs may run side by side. Times are milliseconds.
 */
#ifndef CDCTOP_TESTS_PTY_H
#define CDCTOP_TESTS_PTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct pty;

struct pty_cell {
    uint32_t ch; /* 0: empty */
    bool bold, dim, reverse, underline;
    bool fg_default, bg_default;
};

struct pty_options {
    const char *const *argv; /* NULL-terminated; argv[0] is a path or found in PATH */
    const char *const *env;  /* NULL-terminated NAME=VALUE: the whole environment but for PATH, HOME
                                (an empty directory), TERM=xterm-256color and LANG=C.UTF-8, which it
                                may override; a NAME without = is left out */
    int rows, cols;          /* 0: 36×120 */
};

/* NULL with a message on stderr when nothing could be started. */
struct pty *pty_start(const struct pty_options *options);
/* Kills what still runs. NULL is fine. */
void pty_free(struct pty *pty);

pid_t pty_pid(const struct pty *pty);
/* Microseconds, CLOCK_MONOTONIC: just before the exec, and when the first byte came (0: none). */
int64_t pty_started_us(const struct pty *pty);
int64_t pty_first_byte_us(const struct pty *pty);
int64_t pty_last_byte_us(const struct pty *pty);
int64_t pty_now_us(void);

/* Reads what is there, and waits up to `ms` for more. True if anything came. */
bool pty_pump(struct pty *pty, int ms);
/* Reads until nothing comes for `quiet_ms`, at most `ms`. */
void pty_settle(struct pty *pty, int quiet_ms, int ms);
/* Until the text stands on the screen (within one row) or does no longer; prints the screen to
 * stderr when it does not happen. */
bool pty_expect(struct pty *pty, const char *text, int ms);
bool pty_expect_gone(struct pty *pty, const char *text, int ms);
/* Until one of the NULL-terminated texts is there; its index or -1. */
int pty_expect_any(struct pty *pty, const char *const *texts, int ms);
bool pty_has(struct pty *pty, const char *text);
/* Until `byte` number `count` has come: for figures; false after ms. */
bool pty_wait_bytes(struct pty *pty, uint64_t count, int ms);

void pty_send(struct pty *pty, const char *keys);
void pty_write(struct pty *pty, const void *bytes, size_t n);
/* From now on the terminal takes so many bytes a second and no more; 0: all it can. */
void pty_throttle(struct pty *pty, int bytes_per_s);
/* The terminal is gone, as when its window is closed. */
void pty_hang_up(struct pty *pty);
void pty_resize(struct pty *pty, int rows, int cols);

/* Everything below looks at what has come so far. */
uint64_t pty_bytes(const struct pty *pty);
/* All output of the program, for a search; the first 8 MiB. */
const unsigned char *pty_output(const struct pty *pty, size_t *n);
/* Row as UTF-8 without trailing blanks. */
const char *pty_row(struct pty *pty, int row, char *buf, size_t size);
/* The row on which the text stands, and its column; -1 if nowhere. */
int pty_find(struct pty *pty, const char *text, int *col);
bool pty_cell(struct pty *pty, int row, int col, struct pty_cell *cell);
int pty_rows(const struct pty *pty);
int pty_cols(const struct pty *pty);
char *pty_screen(struct pty *pty); /* malloc'd, rows ended by newlines */
void pty_dump(struct pty *pty);    /* to stderr */

/* Reads on until the program ends. True, and waitpid's status, if it did within ms. */
bool pty_wait_exit(struct pty *pty, int ms, int *status);
/* pty_wait_exit and "exited with this code". */
bool pty_exits_with(struct pty *pty, int ms, int code);
/* Is the terminal as it was before the start? Line discipline, alternate screen, cursor, mouse,
 * colours. *why says what is not. */
bool pty_terminal_clean(struct pty *pty, const char **why);

/* Of /proc/PID: resident set in KiB, CPU time in microseconds, context switches by own will of all
 * threads, number of threads. -1: gone. */
long pty_rss_kib(const struct pty *pty);
int64_t pty_cpu_us(const struct pty *pty);
long pty_wakeups(const struct pty *pty);

#endif
