#include "base/log.h"

#include "base/clock.h"
#include "base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct {
    pthread_mutex_t lock;
    int fd;
    enum log_level min;
    struct log_line ring[LOG_RING];
    unsigned long written;
    log_clock_fn *wall_ms;
    void *ctx;
} diary = {.lock = PTHREAD_MUTEX_INITIALIZER, .fd = -1, .min = LOG_INFO};

static const char level_names[][6] = {"debug", "info", "warn", "error"};

bool log_open(const char *path, enum log_level min, struct err *err)
{
    diary.min = min;
    if (path == NULL || path[0] == '\0')
        return true;
    /* A pipe without a reader must not hold up the start, nor a full one a key; a terminal is not
     * made ours. */
    diary.fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
    if (diary.fd < 0)
        return err_set(err, ERR_IO, errno, "log file %s: %s", path, strerror(errno));
    return true;
}

void log_close(void)
{
    pthread_mutex_lock(&diary.lock);
    if (diary.fd >= 0)
        (void)close(diary.fd);
    diary.fd = -1;
    diary.written = 0;
    pthread_mutex_unlock(&diary.lock);
}

bool log_clock(log_clock_fn *wall_ms, void *ctx)
{
    pthread_mutex_lock(&diary.lock);
    bool taken = diary.wall_ms == NULL;
    if (taken) {
        diary.wall_ms = wall_ms;
        diary.ctx = ctx;
    }
    pthread_mutex_unlock(&diary.lock);
    return taken;
}

void log_clock_back(void)
{
    pthread_mutex_lock(&diary.lock);
    diary.wall_ms = NULL;
    diary.ctx = NULL;
    pthread_mutex_unlock(&diary.lock);
}

void log_put(enum log_level level, const char *fmt, ...)
{
    if (level < diary.min)
        return;
    char raw[LOG_LINE * 2];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(raw, sizeof(raw), fmt, ap);
    va_end(ap);
    pthread_mutex_lock(&diary.lock);
    struct log_line *line = &diary.ring[diary.written++ % LOG_RING];
    line->wall_ms = diary.wall_ms != NULL ? diary.wall_ms(diary.ctx) : clock_wall_ms();
    line->level = level;
    utf8_clean(line->text, sizeof(line->text), raw, false);
    if (diary.fd >= 0) {
        char stamp[40];
        char out[LOG_LINE + 64];
        int n = snprintf(out, sizeof(out), "%s %s %s\n",
                         clock_iso_ms(line->wall_ms, stamp, sizeof(stamp)), level_names[level],
                         line->text);
        ssize_t done = write(diary.fd, out, (size_t)n);
        (void)done; /* a full disk must not stop the console */
    }
    pthread_mutex_unlock(&diary.lock);
}

int log_copy(struct log_line *out, int max)
{
    pthread_mutex_lock(&diary.lock);
    unsigned long have = diary.written < LOG_RING ? diary.written : LOG_RING;
    unsigned long n = have < (unsigned long)max ? have : (unsigned long)max;
    for (unsigned long i = 0; i < n; i++)
        out[i] = diary.ring[(diary.written - n + i) % LOG_RING];
    pthread_mutex_unlock(&diary.lock);
    return (int)n;
}
