#include "base/human.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static int ascii_mode;

void human_ascii(int on)
{
    ascii_mode = on;
}

static char *unknown(char *buf)
{
    (void)snprintf(buf, HUMAN_SIZE, "%s", ascii_mode ? "-" : "–");
    return buf;
}

/* Three significant digits at most, one decimal only below 100: "0.6", "18.4", "640". */
static char *scaled(char *buf, double v, const char *unit)
{
    int decimals = fabs(v) < 99.95 ? 1 : 0;
    (void)snprintf(buf, HUMAN_SIZE, "%.*f %s", decimals, v, unit);
    return buf;
}

static char *bytes(char *buf, double v, const char *suffix)
{
    static const char units[][3] = {"B", "KB", "MB", "GB", "TB", "PB", "EB"};
    size_t u = 0;
    while (fabs(v) >= 999.5 && u + 1 < sizeof(units) / sizeof(units[0])) {
        v /= 1000;
        u++;
    }
    char unit[8];
    (void)snprintf(unit, sizeof(unit), "%s%s", units[u], suffix);
    if (u == 0) {
        (void)snprintf(buf, HUMAN_SIZE, "%.0f %s", v, unit);
        return buf;
    }
    return scaled(buf, v, unit);
}

char *human_bytes(char *buf, int64_t n)
{
    return n == HUMAN_UNKNOWN ? unknown(buf) : bytes(buf, (double)n, "");
}

char *human_byte_rate(char *buf, double per_s)
{
    return isnan(per_s) ? unknown(buf) : bytes(buf, per_s, "/s");
}

char *human_count(char *buf, int64_t n)
{
    if (n == HUMAN_UNKNOWN)
        return unknown(buf);
    if (n >= 10000000 || n <= -10000000) {
        double v = (double)n / 1e6;
        (void)snprintf(buf, HUMAN_SIZE, v < 1000 ? "%.1fM" : "%.0fM", v);
        return buf;
    }
    char digits[24];
    int len = snprintf(digits, sizeof(digits), "%lld", (long long)(n < 0 ? -n : n));
    int o = 0;
    if (n < 0)
        buf[o++] = '-';
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            buf[o++] = ',';
        buf[o++] = digits[i];
    }
    buf[o] = '\0';
    return buf;
}

char *human_short(char *buf, double v, const char *gap, const char *unit)
{
    static const char *const prefixes[] = {"", "k", "M", "G", "T", "P", "E"};
    size_t p = 0;
    if (isnan(v))
        return unknown(buf);
    for (; fabs(v) >= 999.5 && p + 1 < sizeof(prefixes) / sizeof(prefixes[0]); p++)
        v /= 1000;
    const char *prefix = p == 1 && unit[0] == 'B' ? "K" : prefixes[p];
    int decimals = fabs(v) < 9.95 && v != floor(v) ? 1 : 0;
    (void)snprintf(buf, HUMAN_SIZE, "%.*f%s%s%s", decimals, v, gap, prefix, unit);
    return buf;
}

char *human_rate(char *buf, double per_s)
{
    if (isnan(per_s))
        return unknown(buf);
    if (per_s < 999.95)
        (void)snprintf(buf, HUMAN_SIZE, "%.1f", per_s);
    else if (per_s < 99999.5)
        (void)human_count(buf, (int64_t)llround(per_s));
    else if (per_s < 999950)
        (void)snprintf(buf, HUMAN_SIZE, "%.1fk", per_s / 1e3);
    else
        (void)snprintf(buf, HUMAN_SIZE, "%.1fM", per_s / 1e6);
    return buf;
}

char *human_duration_ms(char *buf, int64_t ms)
{
    if (ms == HUMAN_UNKNOWN)
        return unknown(buf);
    const char *sign = ms < 0 ? "-" : "";
    unsigned long long t = ms < 0 ? 0ULL - (unsigned long long)ms : (unsigned long long)ms;
    unsigned long long s = t / 1000;
    if (t < 9950)
        (void)snprintf(buf, HUMAN_SIZE, "%s%.1fs", sign, (double)t / 1000);
    else if (s < 60)
        (void)snprintf(buf, HUMAN_SIZE, "%s%llus", sign, s);
    else if (s < 3600)
        (void)snprintf(buf, HUMAN_SIZE, "%s%llum%02llus", sign, s / 60, s % 60);
    else if (s < 86400)
        (void)snprintf(buf, HUMAN_SIZE, "%s%lluh %02llum", sign, s / 3600, s / 60 % 60);
    else if (s < 100 * 86400ULL)
        (void)snprintf(buf, HUMAN_SIZE, "%s%llud %lluh", sign, s / 86400, s / 3600 % 24);
    else
        (void)snprintf(buf, HUMAN_SIZE, "%s%llud", sign, s / 86400);
    return buf;
}

char *human_age_ms(char *buf, int64_t ms)
{
    if (ms == HUMAN_UNKNOWN)
        return unknown(buf);
    if (ms < 0)
        ms = 0; /* a younger clock than ours: the age is "now" */
    int64_t s = ms / 1000;
    if (ms < 9950)
        (void)snprintf(buf, HUMAN_SIZE, "%.1fs", (double)ms / 1000);
    else if (s < 100)
        (void)snprintf(buf, HUMAN_SIZE, "%llds", (long long)s);
    else if (s < 100 * 60)
        (void)snprintf(buf, HUMAN_SIZE, "%lldm", (long long)(s / 60));
    else if (s < 48 * 3600)
        (void)snprintf(buf, HUMAN_SIZE, "%lldh", (long long)(s / 3600));
    else
        (void)snprintf(buf, HUMAN_SIZE, "%lldd", (long long)(s / 86400));
    return buf;
}

char *human_percent(char *buf, double fraction)
{
    if (isnan(fraction))
        return unknown(buf);
    (void)snprintf(buf, HUMAN_SIZE, "%.0f %%", fraction * 100);
    return buf;
}

bool human_same_words(const char *a, const char *b)
{
    for (;; a++, b++) {
        if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
            a += strcspn(a, " "); /* its unit too */
            b += strcspn(b, " ");
        }
        if (*a != *b)
            return false;
        if (*a == '\0')
            return true;
    }
}
