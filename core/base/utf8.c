#include "base/utf8.h"

#include <string.h>
#include <utf8proc.h>

enum { REPLACEMENT = 0xFFFD, MARKS_MAX = 4 };

size_t utf8_decode(const char *s, size_t n, int32_t *cp)
{
    utf8proc_int32_t c;
    if (n == 0) {
        *cp = 0;
        return 0;
    }
    utf8proc_ssize_t used = utf8proc_iterate((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)n, &c);
    if (used <= 0) {
        *cp = REPLACEMENT;
        return 1;
    }
    *cp = c;
    return (size_t)used;
}

/* What must not reach a terminal: it moves the cursor, reorders the line or shows nothing at all.
 */
static bool hostile(int32_t cp)
{
    switch (utf8proc_category(cp)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP: return true;
    default: return cp == REPLACEMENT;
    }
}

static bool combining(int32_t cp)
{
    utf8proc_category_t c = utf8proc_category(cp);
    return c == UTF8PROC_CATEGORY_MN || c == UTF8PROC_CATEGORY_ME;
}

int utf8_cp_width(int32_t cp)
{
    if (cp >= 0x20 && cp < 0x7F)
        return 1;
    if (hostile(cp))
        return 1;
    if (combining(cp))
        return 0;
    return utf8proc_charwidth(cp) == 2 ? 2 : 1;
}

int utf8_width(const char *s)
{
    int w = 0;
    size_t n = strlen(s);
    for (size_t i = 0; i < n;) {
        int32_t cp;
        i += utf8_decode(s + i, n - i, &cp);
        w += utf8_cp_width(cp);
    }
    return w;
}

/* One step of cleaning: what the code point becomes, and how many bytes that is (0: nothing). */
static size_t clean_one(char out[4], int32_t cp, int *marks, bool ascii)
{
    if (cp == '\n' || cp == '\t' || cp == '\r')
        cp = ' ';
    if (cp >= 0x20 && cp < 0x7F) {
        *marks = 0;
        out[0] = (char)cp;
        return 1;
    }
    if (combining(cp)) {
        if (ascii || (*marks)++ >= MARKS_MAX)
            return 0;
    } else {
        *marks = 0;
        if (ascii || hostile(cp))
            cp = ascii ? '?' : REPLACEMENT;
    }
    return (size_t)utf8proc_encode_char(cp, (utf8proc_uint8_t *)out);
}

char *utf8_clean(char *dst, size_t size, const char *src, bool ascii)
{
    size_t used = 0;
    size_t n = strlen(src);
    int marks = MARKS_MAX; /* a mark with no base before it has nothing to sit on */
    for (size_t i = 0; i < n;) {
        int32_t cp;
        char out[4];
        i += utf8_decode(src + i, n - i, &cp);
        size_t len = clean_one(out, cp, &marks, ascii);
        if (used + len + 1 > size)
            break;
        memcpy(dst + used, out, len);
        used += len;
    }
    if (size > 0)
        dst[used] = '\0';
    return dst;
}

bool utf8_is_clean(const char *s)
{
    size_t n = strlen(s);
    int marks = MARKS_MAX;
    for (size_t i = 0; i < n;) {
        int32_t cp;
        char out[4];
        size_t used = utf8_decode(s + i, n - i, &cp);
        if (clean_one(out, cp, &marks, false) != used || memcmp(out, s + i, used) != 0)
            return false;
        i += used;
    }
    return true;
}

/* Copies characters while they fit into cols and size; returns the columns, *src_used the bytes
 * read. */
static int take(char *dst, size_t size, const char *s, int cols, size_t *src_used)
{
    size_t n = strlen(s);
    size_t i = 0;
    size_t used = 0;
    int w = 0;
    while (i < n) {
        int32_t cp;
        size_t len = utf8_decode(s + i, n - i, &cp);
        int cw = utf8_cp_width(cp);
        if (w + cw > cols || used + len + 1 > size)
            break;
        memcpy(dst + used, s + i, len);
        used += len;
        w += cw;
        i += len;
    }
    if (size > 0)
        dst[used] = '\0';
    *src_used = i;
    return w;
}

static const char *ellipsis(bool ascii)
{
    return ascii ? "~" : "…";
}

int utf8_fit(char *dst, size_t size, const char *s, int cols, bool ascii)
{
    size_t read;
    if (cols <= 0 || size < 8) {
        if (size > 0)
            dst[0] = '\0';
        return 0;
    }
    if (utf8_width(s) <= cols && strlen(s) < size)
        return take(dst, size, s, cols, &read);
    int w = take(dst, size - 4, s, cols - 1, &read);
    size_t end = strlen(dst);
    memcpy(dst + end, ellipsis(ascii), strlen(ellipsis(ascii)) + 1);
    return w + 1;
}

int utf8_fit_middle(char *dst, size_t size, const char *s, int cols, bool ascii)
{
    if (cols < 5 || size < 16 || utf8_width(s) <= cols)
        return utf8_fit(dst, size, s, cols, ascii);
    int head = (cols - 1) / 2;
    int tail = cols - 1 - head;
    size_t read;
    int w = take(dst, size / 2, s, head, &read);
    size_t used = strlen(dst);
    memcpy(dst + used, ellipsis(ascii), strlen(ellipsis(ascii)) + 1);
    used += strlen(ellipsis(ascii));
    /* Walk forward until what is left fits the tail: a character is never split. */
    size_t n = strlen(s);
    size_t at = read;
    int left = utf8_width(s + at);
    while (left > tail && at < n) {
        int32_t cp;
        at += utf8_decode(s + at, n - at, &cp);
        left -= utf8_cp_width(cp);
    }
    return w + 1 + take(dst + used, size - used, s + at, tail, &read);
}
