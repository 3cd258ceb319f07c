#include "config/values.h"

#include "base/mem.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct unit {
    const char *name;
    int64_t size;
};

/* Largest first; writers use the first that divides. */
static const struct unit duration_units[] = {
    {"d",  86400000},
    {"h",  3600000 },
    {"m",  60000   },
    {"s",  1000    },
    {"ms", 1       }
};
static const struct unit byte_units[] = {
    {"PB",  INT64_C(1000000000000000)},
    {"PiB", INT64_C(1) << 50         },
    {"TB",  INT64_C(1000000000000)   },
    {"TiB", INT64_C(1) << 40         },
    {"GB",  1000000000               },
    {"GiB", 1 << 30                  },
    {"MB",  1000000                  },
    {"MiB", 1 << 20                  },
    {"KB",  1000                     },
    {"KiB", 1 << 10                  },
    {"B",   1                        }
};

static const char *skip_blanks(const char *s)
{
    while (*s == ' ' || *s == '\t')
        s++;
    return s;
}

/* Digits with at most three decimals: "12", "1.5". The value is whole + thousandths / 1000. */
static bool read_decimal(const char **s, int64_t *whole, int64_t *thousandths)
{
    const char *p = *s;
    int64_t n = 0;
    if (!isdigit((unsigned char)*p))
        return false;
    for (; isdigit((unsigned char)*p); p++) {
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, *p - '0', &n))
            return false;
    }
    *whole = n;
    *thousandths = 0;
    if (*p == '.') {
        int64_t place = 100;
        if (!isdigit((unsigned char)*++p))
            return false;
        for (; isdigit((unsigned char)*p); p++, place /= 10) {
            if (place == 0)
                return false;
            *thousandths += (*p - '0') * place;
        }
    }
    *s = p;
    return true;
}

static bool scale(int64_t whole, int64_t thousandths, int64_t size, int64_t *out)
{
    int64_t n;
    return !__builtin_mul_overflow(whole, size, &n) &&
           !__builtin_add_overflow(n, size / 1000 * thousandths + size % 1000 * thousandths / 1000,
                                   out);
}

static const struct unit *read_unit(const char **s, const struct unit *units, size_t count)
{
    size_t n = 0;
    while (isalpha((unsigned char)(*s)[n]))
        n++;
    for (size_t i = 0; i < count; i++) {
        if (strlen(units[i].name) == n && strncasecmp(units[i].name, *s, n) == 0) {
            *s += n;
            return &units[i];
        }
    }
    return NULL;
}

bool value_integer(const char *text, int64_t *out)
{
    const char *p = skip_blanks(text);
    bool negative = *p == '-', digits = false;
    int64_t n = 0;
    for (p += negative; isdigit((unsigned char)*p) || (digits && (*p == '_' || *p == ',')); p++) {
        if (!isdigit((unsigned char)*p)) {
            if (!isdigit((unsigned char)p[1]))
                return false;
            continue;
        }
        digits = true;
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, *p - '0', &n))
            return false;
    }
    if (!digits || *skip_blanks(p) != '\0')
        return false;
    *out = negative ? -n : n;
    return true;
}

bool value_duration(const char *text, int64_t *ms)
{
    const char *p = skip_blanks(text);
    int64_t sum = 0, last = INT64_MAX;
    if (*p == '\0')
        return false;
    while (*p != '\0') {
        int64_t whole, thousandths, part;
        if (!read_decimal(&p, &whole, &thousandths))
            return false;
        p = skip_blanks(p);
        const struct unit *unit = read_unit(&p, duration_units, ARRAY_LEN(duration_units));
        /* Larger units come first and only once: "30m1h" is a slip, not a sum. */
        if (unit == NULL || unit->size >= last || !scale(whole, thousandths, unit->size, &part) ||
            __builtin_add_overflow(sum, part, &sum))
            return false;
        last = unit->size;
        p = skip_blanks(p);
    }
    *ms = sum;
    return true;
}

bool value_bytes(const char *text, int64_t *bytes)
{
    const char *p = skip_blanks(text);
    int64_t whole, thousandths;
    if (!read_decimal(&p, &whole, &thousandths))
        return false;
    p = skip_blanks(p);
    if (*p == '\0' && thousandths == 0) {
        *bytes = whole;
        return true;
    }
    const struct unit *unit = read_unit(&p, byte_units, ARRAY_LEN(byte_units));
    return unit != NULL && *skip_blanks(p) == '\0' && scale(whole, thousandths, unit->size, bytes);
}

bool value_percent(const char *text, int64_t *pct)
{
    const char *p = skip_blanks(text);
    int64_t whole, thousandths;
    if (!read_decimal(&p, &whole, &thousandths) || thousandths != 0)
        return false;
    p = skip_blanks(p);
    if (*p == '%')
        p = skip_blanks(p + 1);
    if (*p != '\0')
        return false;
    *pct = whole;
    return true;
}

bool value_bool(const char *text, bool *out)
{
    *out = strcmp(text, "true") == 0;
    return *out || strcmp(text, "false") == 0;
}

const char *value_print_duration(char *buf, int64_t ms)
{
    size_t used = 0;
    (void)snprintf(buf, VALUE_SIZE, "0s");
    for (size_t i = 0; i < ARRAY_LEN(duration_units) && used < VALUE_SIZE; i++) {
        int64_t n = ms / duration_units[i].size;
        ms %= duration_units[i].size;
        if (n != 0)
            used += (size_t)snprintf(buf + used, VALUE_SIZE - used, "%lld%s", (long long)n,
                                     duration_units[i].name);
    }
    return buf;
}

const char *value_print_bytes(char *buf, int64_t bytes)
{
    for (size_t i = 0; i < ARRAY_LEN(byte_units); i++) {
        if (bytes % byte_units[i].size == 0 && (bytes != 0 || byte_units[i].size == 1)) {
            (void)snprintf(buf, VALUE_SIZE, "%lld %s", (long long)(bytes / byte_units[i].size),
                           byte_units[i].name);
            break;
        }
    }
    return buf;
}

const char *value_print_percent(char *buf, int64_t pct)
{
    (void)snprintf(buf, VALUE_SIZE, "%lld%%", (long long)pct);
    return buf;
}

const char *value_print_integer(char *buf, int64_t n)
{
    char digits[VALUE_SIZE];
    int len = snprintf(digits, sizeof(digits), "%lld", (long long)n);
    size_t used = 0;
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0 && digits[i - 1] != '-')
            buf[used++] = '_';
        buf[used++] = digits[i];
    }
    buf[used] = '\0';
    return buf;
}
