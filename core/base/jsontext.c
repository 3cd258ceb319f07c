#include "base/jsontext.h"

#include "base/hex.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- reading foreign bytes ------------------------------------------------------------------- */

static const char *blanks(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
        p++;
    return p;
}

/* Each of these returns what follows, or NULL when the text is not what it should be. */

static const char *read_string(const char *p, const char *end)
{
    if (p == end || *p != '"')
        return NULL;
    for (p++; p < end && *p != '"'; p++) {
        if ((unsigned char)*p < 0x20)
            return NULL;
        if (*p != '\\')
            continue;
        if (++p == end || strchr("\"\\/bfnrtu", *p) == NULL || *p == '\0')
            return NULL;
        for (int i = 0; *p == 'u' && i < 4; i++) {
            if (p + 1 + i >= end || hex_digit(p[1 + i]) < 0)
                return NULL;
        }
    }
    return p < end ? p + 1 : NULL;
}

static const char *digits(const char *p, const char *end)
{
    const char *from = p;
    while (p < end && *p >= '0' && *p <= '9')
        p++;
    return p > from ? p : NULL;
}

static const char *read_number(const char *p, const char *end)
{
    p += *p == '-';
    p = digits(p, end);
    if (p != NULL && p < end && *p == '.')
        p = digits(p + 1, end);
    if (p != NULL && p < end && (*p == 'e' || *p == 'E')) {
        p++;
        p += p < end && (*p == '+' || *p == '-');
        p = digits(p, end);
    }
    return p;
}

static const char *read_word(const char *p, const char *end)
{
    static const char *const words[] = {"null", "true", "false"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t n = strlen(words[i]);
        if ((size_t)(end - p) >= n && memcmp(p, words[i], n) == 0)
            return p + n;
    }
    return NULL;
}

static const char *read_value(const char *p, const char *end, int depth);

/* An object or an array. */
static const char *read_list(const char *p, const char *end, int depth)
{
    bool object = *p == '{';
    char close = object ? '}' : ']';
    if (depth == 0)
        return NULL;
    p = blanks(p + 1, end);
    if (p < end && *p == close)
        return p + 1;
    while (p != NULL) {
        if (object) {
            p = read_string(blanks(p, end), end);
            p = p != NULL ? blanks(p, end) : NULL;
            if (p == NULL || p == end || *p++ != ':')
                return NULL;
        }
        p = read_value(blanks(p, end), end, depth - 1);
        p = p != NULL ? blanks(p, end) : NULL;
        if (p == NULL || p == end)
            return NULL;
        if (*p == close)
            return p + 1;
        p = *p == ',' ? p + 1 : NULL;
    }
    return NULL;
}

static const char *read_value(const char *p, const char *end, int depth)
{
    if (p == end)
        return NULL;
    switch (*p) {
    case '{':
    case '[': return read_list(p, end, depth);
    case '"': return read_string(p, end);
    case 'n':
    case 't':
    case 'f': return read_word(p, end);
    default: return *p == '-' || (*p >= '0' && *p <= '9') ? read_number(p, end) : NULL;
    }
}

bool jsontext_parse(const char *text, size_t n, struct jsontext *value)
{
    const char *end = text + n;
    const char *from = blanks(text, end);
    const char *to = read_value(from, end, JSONTEXT_DEPTH);
    *value = (struct jsontext){0};
    if (to == NULL || blanks(to, end) != end)
        return false;
    *value = (struct jsontext){from, (size_t)(to - from)};
    return true;
}

/* ---- what has been accepted ------------------------------------------------------------------ */

bool jsontext_is(struct jsontext value, char first)
{
    return value.p != NULL && value.p[0] == first;
}

bool jsontext_null(struct jsontext value)
{
    return jsontext_is(value, 'n');
}

bool jsontext_same(struct jsontext a, struct jsontext b)
{
    return (a.p != NULL) == (b.p != NULL) && a.n == b.n &&
           (a.p == NULL || memcmp(a.p, b.p, a.n) == 0);
}

bool jsontext_next(struct jsontext in, size_t *at, struct jsontext *key, struct jsontext *value)
{
    *key = *value = (struct jsontext){0};
    if (!jsontext_is(in, '{') && !jsontext_is(in, '['))
        return false;
    const char *end = in.p + in.n - 1; /* the closing bracket */
    const char *p = blanks(in.p + (*at == 0 ? 1 : *at), end);
    p = p < end && *p == ',' ? blanks(p + 1, end) : p;
    if (p >= end)
        return false;
    if (in.p[0] == '{') {
        const char *to = read_string(p, end);
        *key = (struct jsontext){p, (size_t)(to - p)};
        p = blanks(blanks(to, end) + 1, end);
    }
    const char *to = read_value(p, end, JSONTEXT_DEPTH);
    *value = (struct jsontext){p, (size_t)(to - p)};
    *at = (size_t)(to - in.p);
    return true;
}

/* Names that we look for have no escapes; one that is written with them is another's. */
struct jsontext jsontext_get(struct jsontext object, const char *name)
{
    struct jsontext key, value;
    size_t n = strlen(name);
    if (!jsontext_is(object, '{'))
        return (struct jsontext){0};
    for (size_t at = 0; jsontext_next(object, &at, &key, &value);) {
        if (key.n == n + 2 && memcmp(key.p + 1, name, n) == 0)
            return value;
    }
    return (struct jsontext){0};
}

static uint32_t four_digits(const char *p)
{
    uint32_t v = 0;
    for (int i = 0; i < 4; i++)
        v = v << 4 | (uint32_t)hex_digit(p[i]);
    return v;
}

static char *put_utf8(char *out, uint32_t cp)
{
    if (cp < 0x80) {
        *out++ = (char)cp;
    } else if (cp < 0x800) {
        *out++ = (char)(0xC0 | cp >> 6);
        *out++ = (char)(0x80 | (cp & 0x3F));
    } else if (cp < 0x10000) {
        *out++ = (char)(0xE0 | cp >> 12);
        *out++ = (char)(0x80 | (cp >> 6 & 0x3F));
        *out++ = (char)(0x80 | (cp & 0x3F));
    } else {
        *out++ = (char)(0xF0 | cp >> 18);
        *out++ = (char)(0x80 | (cp >> 12 & 0x3F));
        *out++ = (char)(0x80 | (cp >> 6 & 0x3F));
        *out++ = (char)(0x80 | (cp & 0x3F));
    }
    return out;
}

/* p stands behind "\u"; *used: the characters taken. Half a pair becomes U+FFFD, as does NUL. */
static uint32_t escaped(const char *p, const char *end, size_t *used)
{
    enum { REPLACEMENT = 0xFFFD };
    uint32_t cp = four_digits(p);
    *used = 4;
    if (cp >= 0xD800 && cp < 0xDC00 && end - p >= 10 && p[4] == '\\' && p[5] == 'u') {
        uint32_t low = four_digits(p + 6);
        if (low >= 0xDC00 && low < 0xE000) {
            *used = 10;
            return 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00);
        }
    }
    return cp == 0 || (cp >= 0xD800 && cp < 0xE000) ? REPLACEMENT : cp;
}

char *jsontext_plain(struct arena *arena, struct jsontext value)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    if (!jsontext_is(value, '"'))
        return arena_strndup(arena, value.p != NULL ? value.p : "", value.n);
    /* Two characters of an escape are never less than what they stand for: \u0000 has six. */
    char *text = arena_alloc(arena, value.n), *out = text;
    const char *end = value.p + value.n - 1;
    for (const char *p = value.p + 1; p < end; p++) {
        if (*p != '\\') {
            *out++ = *p;
            continue;
        }
        p++;
        const char *short_form = strchr(from, *p);
        if (*p == 'u') {
            size_t used;
            out = put_utf8(out, escaped(p + 1, end, &used));
            p += used;
        } else {
            *out++ = short_form != NULL ? to[short_form - from] : *p;
        }
    }
    *out = '\0';
    return text;
}

bool jsontext_int(struct jsontext value, long long *out)
{
    char buf[32], *end;
    bool quoted = jsontext_is(value, '"');
    size_t n = quoted ? value.n - 2 : value.n;
    if (value.p == NULL || n == 0 || n >= sizeof(buf))
        return false;
    memcpy(buf, value.p + quoted, n);
    buf[n] = '\0';
    errno = 0;
    *out = strtoll(buf, &end, 10);
    return *end == '\0' && errno == 0 && buf[0] != ' ';
}

/* ---- laid out -------------------------------------------------------------------------------- */

static void line(struct strbuf *out, int depth)
{
    (void)strbuf_putc(out, '\n');
    for (int i = 0; i < depth; i++)
        (void)strbuf_puts(out, "  ");
}

static void pretty(struct strbuf *out, struct jsontext value, int depth)
{
    struct jsontext key, item;
    size_t at = 0;
    bool object = jsontext_is(value, '{'), any = false;
    if (!object && !jsontext_is(value, '[')) {
        (void)strbuf_add(out, value.p, value.n);
        return;
    }
    (void)strbuf_putc(out, value.p[0]);
    while (!out->overflow && jsontext_next(value, &at, &key, &item)) {
        if (any)
            (void)strbuf_putc(out, ',');
        any = true;
        line(out, depth + 1);
        if (object) {
            (void)strbuf_add(out, key.p, key.n);
            (void)strbuf_puts(out, ": ");
        }
        pretty(out, item, depth + 1);
    }
    if (any)
        line(out, depth);
    (void)strbuf_putc(out, object ? '}' : ']');
}

void jsontext_pretty(struct strbuf *out, struct jsontext value)
{
    if (value.p != NULL)
        pretty(out, value, 0);
}
