/* encode.c: rows as JSON. By hand, for it happens with every answer. */
#include "base/lsn.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "record/codec.h"
#include "record/redact.h"

#include <math.h>
#include <string.h>

enum { LOOK_ABOUT = 16 }; /* rows, for those that moved */
static const int64_t json_exact = INT64_C(1) << 53;

/* What a field of the base or the row is, wherever it lies. */
#define GET(type, row, f) (*(const type *)((const char *)(row) + (f)->offset))
#define COUNT(row, f)     (*(const size_t *)((const char *)(row) + (f)->count))

void encode_int(struct strbuf *out, int64_t value)
{
    char digits[24];
    size_t at = sizeof(digits);
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left != 0);
    if (value < 0)
        digits[--at] = '-';
    (void)strbuf_add(out, digits + at, sizeof(digits) - at);
}

static bool plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

/* One character that is not plain ASCII; returns the bytes it took. What a terminal should not see
 * is written by its number, so that a recording can be looked at. */
static size_t odd(struct strbuf *out, const char *s, size_t n)
{
    char one[8] = "";
    int32_t cp;
    size_t used = utf8_decode(s, n, &cp);
    memcpy(one, s, used);
    if (cp == '"' || cp == '\\')
        (void)strbuf_printf(out, "\\%c", (char)cp);
    else if (cp >= 0x20 && utf8_is_clean(one))
        (void)strbuf_add(out, one, used);
    else if (cp <= 0xFFFF)
        (void)strbuf_printf(out, "\\u%04x", (unsigned)cp);
    else
        (void)strbuf_printf(out, "\\u%04x\\u%04x", 0xD800U + (((unsigned)cp - 0x10000U) >> 10),
                            0xDC00U + (((unsigned)cp - 0x10000U) & 0x3FFU));
    return used;
}

void encode_string(struct strbuf *out, const char *text)
{
    if (text == NULL) {
        (void)strbuf_puts(out, "null");
        return;
    }
    size_t n = strlen(text);
    (void)strbuf_putc(out, '"');
    for (size_t i = 0; i < n;) {
        size_t run = i;
        while (run < n && plain((unsigned char)text[run]))
            run++;
        (void)strbuf_add(out, text + i, run - i);
        i = run < n ? run + odd(out, text + run, n - run) : run;
    }
    (void)strbuf_putc(out, '"');
}

/* ---- equality -------------------------------------------------------------------------------- */

static bool same_rows(const struct field *f, const void *a, const void *b)
{
    const char *x = GET(char *const, a, f), *y = GET(char *const, b, f);
    for (size_t i = 0; i < COUNT(a, f); i++)
        if (!shape_same(f->of, x + i * f->of->size, y + i * f->of->size))
            return false;
    return true;
}

static bool same_strs(const struct field *f, const void *a, const void *b)
{
    const char *const *x = GET(char *const *const, a, f), *const *y = GET(char *const *const, b, f);
    for (size_t i = 0; i < COUNT(a, f); i++)
        if (!mem_same(x[i], y[i]))
            return false;
    return true;
}

static bool same_kvs(const struct field *f, const void *a, const void *b)
{
    const struct kv *x = GET(struct kv *const, a, f), *y = GET(struct kv *const, b, f);
    for (size_t i = 0; i < COUNT(a, f); i++)
        if (!mem_same(x[i].key, y[i].key) || !mem_same(x[i].value, y[i].value))
            return false;
    return true;
}

static bool same_row(const struct field *f, const void *a, const void *b)
{
    const void *x = GET(void *const, a, f), *y = GET(void *const, b, f);
    return x == y || (x != NULL && y != NULL && shape_same(f->of, x, y));
}

static bool same_fraction(double a, double b)
{
    return (isnan(a) && isnan(b)) || a == b;
}

static bool same_field(const struct field *f, const void *a, const void *b)
{
    switch (f->type) {
    case FIELD_BOOL: return GET(bool, a, f) == GET(bool, b, f);
    case FIELD_INT: return GET(int, a, f) == GET(int, b, f);
    case FIELD_I32: return GET(int32_t, a, f) == GET(int32_t, b, f);
    case FIELD_SIZE: return GET(size_t, a, f) == GET(size_t, b, f);
    case FIELD_I64:
    case FIELD_ZERO: return GET(int64_t, a, f) == GET(int64_t, b, f);
    case FIELD_F64: return same_fraction(GET(double, a, f), GET(double, b, f));
    case FIELD_LSN: return GET(uint64_t, a, f) == GET(uint64_t, b, f);
    case FIELD_TRI: return GET(enum tri, a, f) == GET(enum tri, b, f);
    case FIELD_CHAR: return GET(char, a, f) == GET(char, b, f);
    case FIELD_STR:
    case FIELD_NAME: return mem_same(GET(char *const, a, f), GET(char *const, b, f));
    case FIELD_TEXT: return strcmp(&GET(char, a, f), &GET(char, b, f)) == 0;
    case FIELD_STRS: return COUNT(a, f) == COUNT(b, f) && same_strs(f, a, b);
    case FIELD_KVS: return COUNT(a, f) == COUNT(b, f) && same_kvs(f, a, b);
    case FIELD_ROW: return same_row(f, a, b);
    case FIELD_PART: return shape_same(f->of, &GET(char, a, f), &GET(char, b, f));
    case FIELD_ROWS: return COUNT(a, f) == COUNT(b, f) && same_rows(f, a, b);
    }
    return false;
}

bool shape_same(const struct shape *shape, const void *a, const void *b)
{
    for (size_t i = 0; i < shape->nfields; i++)
        if (!same_field(&shape->fields[i], a, b))
            return false;
    return true;
}

/* ---- writing --------------------------------------------------------------------------------- */

static bool is_default(const struct field *f, const void *row);

static bool all_default(const struct shape *shape, const void *row)
{
    for (size_t i = 0; i < shape->nfields; i++)
        if (!is_default(&shape->fields[i], row))
            return false;
    return true;
}

static bool is_default(const struct field *f, const void *row)
{
    switch (f->type) {
    case FIELD_BOOL: return !GET(bool, row, f);
    case FIELD_INT: return GET(int, row, f) == 0;
    case FIELD_I32: return GET(int32_t, row, f) == 0;
    case FIELD_SIZE: return GET(size_t, row, f) == 0;
    case FIELD_I64: return GET(int64_t, row, f) == UNKNOWN;
    case FIELD_ZERO: return GET(int64_t, row, f) == 0;
    case FIELD_F64: return isnan(GET(double, row, f));
    case FIELD_LSN: return GET(uint64_t, row, f) == LSN_NONE;
    case FIELD_TRI: return GET(enum tri, row, f) == TRI_UNKNOWN;
    case FIELD_CHAR:
    case FIELD_TEXT: return GET(char, row, f) == '\0';
    case FIELD_STR: return GET(char *const, row, f) == NULL;
    case FIELD_NAME: return GET(char *const, row, f) == NULL || *GET(char *const, row, f) == '\0';
    case FIELD_STRS:
    case FIELD_KVS:
    case FIELD_ROWS: return COUNT(row, f) == 0;
    case FIELD_ROW: return GET(void *const, row, f) == NULL;
    case FIELD_PART: return all_default(f->of, &GET(char, row, f));
    }
    return true;
}

static void put_object(struct strbuf *out, const struct shape *shape, const void *row,
                       const void *base, struct redact *redact)
{
    (void)strbuf_putc(out, '{');
    (void)encode_members(out, shape, row, base, redact, false);
    (void)strbuf_putc(out, '}');
}

/* How many rows from a on are those of the base from b on. */
static size_t alike(const struct shape *shape, const char *a, size_t na, const char *b, size_t nb)
{
    size_t n = 0;
    while (n < na && n < nb && shape_same(shape, a + n * shape->size, b + n * shape->size))
        n++;
    return n;
}

/* The same, wherever near *at in the base it is: rows came or went, or a new one came before all.
 */
static size_t find_run(const struct shape *shape, const char *a, size_t na, const char *b,
                       size_t nb, size_t *at)
{
    size_t first = *at > LOOK_ABOUT ? *at - LOOK_ABOUT : 0;
    size_t run = *at < nb ? alike(shape, a, na, b + *at * shape->size, nb - *at) : 0;
    for (size_t k = first; run == 0 && k < nb && k < *at + LOOK_ABOUT; k++) {
        run = alike(shape, a, na, b + k * shape->size, nb - k);
        if (run > 0)
            *at = k;
    }
    return run;
}

static void put_rows(struct strbuf *out, const struct field *f, const void *row, const void *base,
                     struct redact *redact)
{
    const struct shape *of = f->of;
    const char *a = GET(char *const, row, f);
    const char *b = base != NULL ? GET(char *const, base, f) : NULL;
    size_t na = COUNT(row, f), nb = base != NULL ? COUNT(base, f) : 0;
    size_t next = 0; /* where the base is expected to go on */
    (void)strbuf_putc(out, '[');
    for (size_t i = 0; i < na;) {
        size_t at = next, run = 0;
        if (nb > 0)
            run = find_run(of, a + i * of->size, na - i, b, nb, &at);
        if (i > 0)
            (void)strbuf_putc(out, ',');
        if (run > 0) {
            (void)strbuf_putc(out, '[');
            encode_int(out, (int64_t)at);
            (void)strbuf_putc(out, ',');
            encode_int(out, (int64_t)run);
            (void)strbuf_putc(out, ']');
            i += run;
        } else {
            put_object(out, of, a + i * of->size, i < nb ? b + i * of->size : NULL, redact);
            i++;
        }
        next = at + (run > 0 ? run : 1);
    }
    (void)strbuf_putc(out, ']');
}

static void put_kvs(struct strbuf *out, const struct field *f, const void *row,
                    struct redact *redact)
{
    const struct kv *items = GET(struct kv *const, row, f);
    (void)strbuf_putc(out, '{');
    for (size_t i = 0; i < COUNT(row, f); i++) {
        if (i > 0)
            (void)strbuf_putc(out, ',');
        encode_string(out, items[i].key != NULL ? items[i].key : "");
        (void)strbuf_putc(out, ':');
        encode_string(out, redact_value(redact, f->redact, items[i].key, items[i].value));
    }
    (void)strbuf_putc(out, '}');
}

static void put_strs(struct strbuf *out, const struct field *f, const void *row,
                     struct redact *redact)
{
    const char *const *items = GET(char *const *const, row, f);
    (void)strbuf_putc(out, '[');
    for (size_t i = 0; i < COUNT(row, f); i++) {
        if (i > 0)
            (void)strbuf_putc(out, ',');
        encode_string(out, redact_text(redact, f->redact, items[i]));
    }
    (void)strbuf_putc(out, ']');
}

static void put_figure(struct strbuf *out, int64_t v)
{
    bool exact = v > -json_exact && v < json_exact;
    if (!exact)
        (void)strbuf_putc(out, '"');
    encode_int(out, v);
    if (!exact)
        (void)strbuf_putc(out, '"');
}

static void put_lsn(struct strbuf *out, uint64_t lsn)
{
    char text[LSN_TEXT];
    encode_string(out, lsn != LSN_NONE ? lsn_text(lsn, text, sizeof(text)) : NULL);
}

static void put_char(struct strbuf *out, char c)
{
    const char text[2] = {c, '\0'};
    encode_string(out, text);
}

static void put_fraction(struct strbuf *out, double value)
{
    if (isfinite(value))
        (void)strbuf_printf(out, "%.17g", value);
    else
        (void)strbuf_puts(out, "null");
}

static void put_field(struct strbuf *out, const struct field *f, const void *row, const void *base,
                      struct redact *redact)
{
    switch (f->type) {
    case FIELD_BOOL: (void)strbuf_puts(out, GET(bool, row, f) ? "true" : "false"); break;
    case FIELD_INT: encode_int(out, GET(int, row, f)); break;
    case FIELD_I32: encode_int(out, GET(int32_t, row, f)); break;
    case FIELD_SIZE: encode_int(out, (int64_t)GET(size_t, row, f)); break;
    case FIELD_I64:
        if (GET(int64_t, row, f) == UNKNOWN)
            (void)strbuf_puts(out, "null");
        else
            put_figure(out, GET(int64_t, row, f));
        break;
    case FIELD_ZERO: put_figure(out, GET(int64_t, row, f)); break;
    case FIELD_F64: put_fraction(out, GET(double, row, f)); break;
    case FIELD_LSN: put_lsn(out, GET(uint64_t, row, f)); break;
    case FIELD_TRI:
        (void)strbuf_puts(out, GET(enum tri, row, f) == TRI_YES  ? "true"
                               : GET(enum tri, row, f) == TRI_NO ? "false"
                                                                 : "null");
        break;
    case FIELD_CHAR: put_char(out, GET(char, row, f)); break;
    case FIELD_STR:
    case FIELD_NAME:
        encode_string(out, redact_text(redact, f->redact, GET(char *const, row, f)));
        break;
    case FIELD_TEXT: encode_string(out, redact_text(redact, f->redact, &GET(char, row, f))); break;
    case FIELD_STRS: put_strs(out, f, row, redact); break;
    case FIELD_KVS: put_kvs(out, f, row, redact); break;
    case FIELD_ROW:
        if (GET(void *const, row, f) == NULL)
            (void)strbuf_puts(out, "null");
        else
            put_object(out, f->of, GET(void *const, row, f),
                       base != NULL ? GET(void *const, base, f) : NULL, redact);
        break;
    case FIELD_PART:
        put_object(out, f->of, &GET(char, row, f), base != NULL ? &GET(char, base, f) : NULL,
                   redact);
        break;
    case FIELD_ROWS: put_rows(out, f, row, base, redact); break;
    }
}

bool encode_members(struct strbuf *out, const struct shape *shape, const void *row,
                    const void *base, struct redact *redact, bool comma)
{
    bool any = false;
    for (size_t i = 0; i < shape->nfields; i++) {
        const struct field *f = &shape->fields[i];
        if (base != NULL ? same_field(f, row, base) : is_default(f, row))
            continue;
        if (comma || any)
            (void)strbuf_putc(out, ',');
        encode_string(out, f->name);
        (void)strbuf_putc(out, ':');
        put_field(out, f, row, base, redact);
        any = true;
    }
    return any;
}
