#include "base/clock.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t read_us(clockid_t id)
{
    struct timespec ts;
    (void)clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t clock_mono_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

int64_t clock_mono_ms(void)
{
    return read_us(CLOCK_MONOTONIC) / 1000;
}

int64_t clock_wall_ms(void)
{
    return read_us(CLOCK_REALTIME) / 1000;
}

int clock_left_ms(int64_t deadline_ms)
{
    int64_t left = deadline_ms - clock_mono_ms();
    if (left < 0)
        return 0;
    return left > INT_MAX ? INT_MAX : (int)left;
}

static void split(int64_t wall_ms, struct tm *tm, int *ms)
{
    int64_t sec = wall_ms / 1000;
    int64_t rest = wall_ms % 1000;
    if (rest < 0) {
        rest += 1000;
        sec--;
    }
    time_t t = (time_t)sec;
    (void)gmtime_r(&t, tm);
    *ms = (int)rest;
}

const char *clock_iso(int64_t wall_ms, char *buf, size_t size)
{
    struct tm tm;
    int ms;
    split(wall_ms, &tm, &ms);
    if (strftime(buf, size, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0 && size > 0)
        buf[0] = '\0';
    return buf;
}

const char *clock_iso_ms(int64_t wall_ms, char *buf, size_t size)
{
    struct tm tm;
    int ms;
    split(wall_ms, &tm, &ms);
    char head[32];
    (void)strftime(head, sizeof(head), "%Y-%m-%dT%H:%M:%S", &tm);
    (void)snprintf(buf, size, "%s.%03dZ", head, ms);
    return buf;
}

const char *clock_hms(int64_t wall_ms, char *buf, size_t size)
{
    struct tm tm;
    int ms;
    split(wall_ms, &tm, &ms);
    if (strftime(buf, size, "%H:%M:%SZ", &tm) == 0 && size > 0)
        buf[0] = '\0';
    return buf;
}

static bool digits(const char **p, int n, int *out)
{
    int v = 0;
    for (int i = 0; i < n; i++) {
        char c = (*p)[i];
        if (c < '0' || c > '9')
            return false;
        v = v * 10 + (c - '0');
    }
    *p += n;
    *out = v;
    return true;
}

static bool expect(const char **p, const char *set)
{
    if (**p == '\0' || strchr(set, **p) == NULL)
        return false;
    (*p)++;
    return true;
}

/* Zone part of an ISO time: Z, +HH, +HHMM, +HH:MM or nothing (taken as UTC). Minutes into *out. */
static bool zone(const char **p, int *out)
{
    *out = 0;
    if (**p == 'Z' || **p == 'z') {
        (*p)++;
        return true;
    }
    if (**p != '+' && **p != '-')
        return true;
    int sign = *(*p)++ == '-' ? -1 : 1;
    int h = 0;
    int m = 0;
    if (!digits(p, 2, &h))
        return false;
    if (**p == ':')
        (*p)++;
    if (**p != '\0' && !digits(p, 2, &m))
        return false;
    *out = sign * (h * 60 + m);
    return true;
}

int64_t clock_parse_iso(const char *text)
{
    if (text == NULL)
        return -1;
    const char *p = text;
    struct tm tm = {0};
    int y = 0;
    int mon = 0;
    if (!digits(&p, 4, &y) || !expect(&p, "-") || !digits(&p, 2, &mon) || !expect(&p, "-") ||
        !digits(&p, 2, &tm.tm_mday) || !expect(&p, "T t") || !digits(&p, 2, &tm.tm_hour) ||
        !expect(&p, ":") || !digits(&p, 2, &tm.tm_min) || !expect(&p, ":") ||
        !digits(&p, 2, &tm.tm_sec))
        return -1;
    if (mon < 1 || mon > 12 || tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_hour > 24)
        return -1;
    tm.tm_year = y - 1900;
    tm.tm_mon = mon - 1;
    int ms = 0;
    if (*p == '.' || *p == ',') {
        int scale = 100;
        for (p++; *p >= '0' && *p <= '9'; p++) {
            ms += (*p - '0') * scale;
            scale /= 10;
        }
    }
    int off = 0;
    if (!zone(&p, &off) || *p != '\0')
        return -1;
    return ((int64_t)timegm(&tm) - (int64_t)off * 60) * 1000 + ms;
}

int64_t clock_parse_http_date(const char *text)
{
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const char *p = text != NULL ? strchr(text, ',') : NULL;
    if (p == NULL)
        return -1;
    p++;
    struct tm tm = {.tm_mon = -1};
    int y = 0;
    if (!expect(&p, " ") || !digits(&p, 2, &tm.tm_mday) || !expect(&p, " -"))
        return -1;
    for (int i = 0; i < 12; i++) {
        if (strncmp(p, months[i], 3) == 0)
            tm.tm_mon = i;
    }
    if (tm.tm_mon < 0)
        return -1;
    p += 3;
    if (!expect(&p, " -") || !digits(&p, 4, &y) || !expect(&p, " ") ||
        !digits(&p, 2, &tm.tm_hour) || !expect(&p, ":") || !digits(&p, 2, &tm.tm_min) ||
        !expect(&p, ":") || !digits(&p, 2, &tm.tm_sec))
        return -1;
    tm.tm_year = y - 1900;
    return (int64_t)timegm(&tm) * 1000;
}
