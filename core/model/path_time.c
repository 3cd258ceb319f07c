#include "model/path_time.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

enum { MINUTE_MS = 60 * 1000, HOUR_MS = 60 * MINUTE_MS, DAY_MS = 24 * HOUR_MS };

enum unit { UNIT_YEAR, UNIT_MONTH, UNIT_DAY, UNIT_HOUR, UNIT_MINUTE, UNIT_COUNT };

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* ---- the directory --------------------------------------------------------------------------- */

static int unit_of(char c)
{
    switch (c) {
    case 'y':
    case 'Y':
    case 'u': return UNIT_YEAR;
    case 'M': return UNIT_MONTH;
    case 'd': return UNIT_DAY;
    case 'H': return UNIT_HOUR;
    case 'm': return UNIT_MINUTE;
    default: return -1;
    }
}

/* A number of at most `width` digits, or of as many as there are where the pattern has one letter.
 */
static bool read_number(const char **path, size_t width, int *value)
{
    const char *p = *path;
    size_t most = width == 1 ? 4 : width, n = 0;
    for (*value = 0; n < most && digit(p[n]); n++)
        *value = *value * 10 + (p[n] - '0');
    *path = p + n;
    return n > 0 && n <= 4 && (width == 1 || n == width);
}

static bool literal(const char **path, const char *text, size_t n)
{
    if (strncmp(*path, text, n) != 0)
        return false;
    *path += n;
    return true;
}

/* One piece of the pattern: 'quoted', a run of letters, or a character that stands for itself. */
static bool piece(const char **format, const char **path, int value[UNIT_COUNT])
{
    const char *f = *format;
    size_t n = 1;
    if (*f == '\'') {
        const char *end = strchr(f + 1, '\'');
        if (end == NULL)
            return false;
        *format = end + 1;
        return end == f + 1 ? literal(path, "'", 1) : literal(path, f + 1, (size_t)(end - f - 1));
    }
    if (!letter(*f)) {
        *format = f + 1;
        return literal(path, f, 1);
    }
    while (f[n] == *f)
        n++;
    *format = f + n;
    int unit = unit_of(*f);
    return unit >= 0 && read_number(path, n, &value[unit]);
}

bool path_time_read(const char *format, const char *path, struct path_time *out)
{
    int v[UNIT_COUNT] = {-1, -1, -1, -1, -1};
    while (*format != '\0') {
        if (!piece(&format, &path, v))
            return false;
    }
    if (v[UNIT_YEAR] < 1970 || v[UNIT_MONTH] < 1 || v[UNIT_MONTH] > 12 || v[UNIT_DAY] < 1 ||
        v[UNIT_DAY] > 31 || v[UNIT_HOUR] > 23 || v[UNIT_MINUTE] > 59)
        return false;
    struct tm tm = {.tm_year = v[UNIT_YEAR] - 1900,
                    .tm_mon = v[UNIT_MONTH] - 1,
                    .tm_mday = v[UNIT_DAY],
                    .tm_hour = v[UNIT_HOUR] >= 0 ? v[UNIT_HOUR] : 0,
                    .tm_min = v[UNIT_MINUTE] >= 0 ? v[UNIT_MINUTE] : 0};
    out->from_ms = (int64_t)timegm(&tm) * 1000;
    /* A directory by minutes holds the sink's partition.duration.ms, an hour at most. */
    out->to_ms = out->from_ms + (v[UNIT_HOUR] >= 0 ? HOUR_MS : DAY_MS);
    return true;
}

/* ---- zones ----------------------------------------------------------------------------------- */

/* "+02:00", "-0330", "+5" to minutes. */
static bool read_offset(const char *text, int *minutes)
{
    int sign = *text == '-' ? -1 : 1, hours = 0, rest = 0, n = 0;
    if (*text != '+' && *text != '-')
        return false;
    for (text++; digit(*text) && n < 2; text++, n++)
        hours = hours * 10 + (*text - '0');
    if (n == 0)
        return false;
    if (*text == ':')
        text++;
    for (n = 0; digit(*text) && n < 2; text++, n++)
        rest = rest * 10 + (*text - '0');
    *minutes = sign * (hours * 60 + rest);
    return *text == '\0' && hours <= 18 && rest < 60;
}

void path_time_zone(const char *zone, int64_t *low_ms, int64_t *high_ms)
{
    static const struct {
        const char *start;
        int low, high; /* hours */
    } areas[] = {
        {"Africa/",    -1,  4 },
        {"America/",   -10, -1},
        {"Asia/",      2,   12},
        {"Atlantic/",  -4,  1 },
        {"Australia/", 8,   11},
        {"Europe/",    0,   4 },
        {"Indian/",    3,   7 },
        {"Pacific/",   -11, 14},
        {"US/",        -10, -4},
        {"",           -12, 14},
    };
    static const char *const utc[] = {"", "UTC", "GMT", "Z", "Etc/UTC", "Etc/GMT", "Zulu", "UCT"};
    int minutes;
    const char *z = zone != NULL ? zone : "";
    *low_ms = *high_ms = 0;
    for (size_t i = 0; i < sizeof(utc) / sizeof(utc[0]); i++) {
        if (strcmp(z, utc[i]) == 0)
            return;
    }
    bool named = strncmp(z, "UTC", 3) == 0 || strncmp(z, "GMT", 3) == 0;
    /* POSIX's signs: Etc/GMT+5 is behind. */
    bool etc = strncmp(z, "Etc/GMT", 7) == 0;
    if (read_offset(etc ? z + 7 : named ? z + 3 : z, &minutes)) {
        *low_ms = *high_ms = (int64_t)(etc ? -minutes : minutes) * MINUTE_MS;
        return;
    }
    size_t i = 0;
    while (strncmp(z, areas[i].start, strlen(areas[i].start)) != 0)
        i++;
    *low_ms = (int64_t)areas[i].low * HOUR_MS;
    *high_ms = (int64_t)areas[i].high * HOUR_MS;
}
