/* log.h: the diary of the program: a file if one was asked for, and always the newest lines in
 * memory for the log view. Thread-safe; never blocks on anything but the local file. Texts pass
 * utf8_clean; nobody passes secrets here.
 */
#ifndef CDCTOP_BASE_LOG_H
#define CDCTOP_BASE_LOG_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
enum { LOG_RING = 512, LOG_LINE = 240 };

struct log_line {
    int64_t wall_ms;
    enum log_level level;
    char text[LOG_LINE];
};

/* path NULL: memory only. The file is created 0600 and appended to. */
bool log_open(const char *path, enum log_level min, struct err *err);
void log_close(void); /* and forgets the lines */
void log_put(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Whose clock the lines go by; nobody's: the machine's. False: another one's is taken already, and
 * stays. It is asked by whichever thread logs, until it was given back. */
typedef int64_t log_clock_fn(void *ctx);
bool log_clock(log_clock_fn *wall_ms, void *ctx);
void log_clock_back(void);

/* Copies the newest lines (oldest of them first) into out; returns how many. */
int log_copy(struct log_line *out, int max);

#endif
