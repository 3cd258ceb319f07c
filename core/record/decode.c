/* decode.c: rows from JSON that anybody may have written: every type is checked, every size
 * bounded.
 */
#include "base/lsn.h"
#include "record/codec.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define AT(row, f)       ((char *)(row) + (f)->offset)
#define AT_CONST(row, f) ((const char *)(row) + (f)->offset)
#define PUT(type, row, f, value)                 \
    do {                                         \
        type put_ = (value);                     \
        memcpy(AT(row, f), &put_, sizeof(put_)); \
    } while (0)

struct decoding {
    struct arena *arena;
    struct err *err;
};

static bool copy_row(struct decoding *d, const struct shape *shape, void *row, const void *base);
static bool read_row(struct decoding *d, const struct shape *shape, const cJSON *object, void *row,
                     const void *base);

static bool wrong(const struct decoding *d, const struct field *f, const char *wanted)
{
    return err_set(d->err, ERR_PROTOCOL, 0, "%s is not %s", f->name, wanted);
}

/* Asked before each array: ranges of a base could double it with every line. */
static bool room(const struct decoding *d, size_t n, size_t size)
{
    size_t used = arena_used(d->arena);
    if (used < DECODE_MAX_BYTES && n <= (DECODE_MAX_BYTES - used) / size)
        return true;
    return err_set(d->err, ERR_TOOBIG, 0, "more than %d MB in one snapshot",
                   DECODE_MAX_BYTES / 1024 / 1024);
}

static const void *pointer(const void *row, const struct field *f)
{
    const void *p;
    memcpy(&p, AT_CONST(row, f), sizeof(p));
    return p;
}

static size_t count_of(const void *row, const struct field *f)
{
    size_t n;
    memcpy(&n, (const char *)row + f->count, sizeof(n));
    return n;
}

static void put_array(void *row, const struct field *f, void *items, size_t n)
{
    PUT(void *, row, f, items);
    memcpy((char *)row + f->count, &n, sizeof(n));
}

/* ---- what the base has ----------------------------------------------------------------------- */

static bool copy_rows(struct decoding *d, const struct field *f, void *row, const void *base)
{
    size_t n = count_of(base, f);
    const char *from = pointer(base, f);
    if (!room(d, n, f->of->size))
        return false;
    char *items = arena_array(d->arena, n, f->of->size);
    for (size_t i = 0; i < n; i++)
        if (!copy_row(d, f->of, items + i * f->of->size, from + i * f->of->size))
            return false;
    put_array(row, f, items, n);
    return true;
}

static bool copy_kvs(struct decoding *d, const struct field *f, void *row, const void *base)
{
    size_t n = count_of(base, f);
    const struct kv *from = pointer(base, f);
    if (!room(d, n, sizeof(*from)))
        return false;
    struct kv *items = arena_array(d->arena, n, sizeof(*items));
    for (size_t i = 0; i < n; i++) {
        items[i].key = arena_strdup(d->arena, from[i].key);
        items[i].value = arena_strdup(d->arena, from[i].value);
    }
    put_array(row, f, items, n);
    return true;
}

static bool copy_strs(struct decoding *d, const struct field *f, void *row, const void *base)
{
    size_t n = count_of(base, f);
    const char *const *from = pointer(base, f);
    if (!room(d, n, sizeof(*from)))
        return false;
    const char **items = arena_array(d->arena, n, sizeof(*items));
    for (size_t i = 0; i < n; i++)
        items[i] = arena_strdup(d->arena, from[i]);
    put_array(row, f, (void *)items, n);
    return true;
}

static bool copy_one(struct decoding *d, const struct field *f, void *row, const void *base)
{
    const void *from = pointer(base, f);
    if (from == NULL)
        return true;
    if (!room(d, 1, f->of->size))
        return false;
    void *one = arena_alloc(d->arena, f->of->size);
    PUT(void *, row, f, one);
    return copy_row(d, f->of, one, from);
}

/* The plain members came along in one piece; what they point to did not. */
static bool copy_field(struct decoding *d, const struct field *f, void *row, const void *base)
{
    switch (f->type) {
    case FIELD_STR:
    case FIELD_NAME: {
        const char *text = pointer(base, f);
        PUT(char *, row, f, arena_strdup(d->arena, text));
        return true;
    }
    case FIELD_STRS: return copy_strs(d, f, row, base);
    case FIELD_KVS: return copy_kvs(d, f, row, base);
    case FIELD_ROW: return copy_one(d, f, row, base);
    case FIELD_PART: return copy_row(d, f->of, AT(row, f), AT_CONST(base, f));
    case FIELD_ROWS: return copy_rows(d, f, row, base);
    case FIELD_BOOL: PUT(bool, row, f, *(const bool *)AT_CONST(base, f)); return true;
    case FIELD_CHAR: PUT(char, row, f, *AT_CONST(base, f)); return true;
    case FIELD_INT:
    case FIELD_I32:
    case FIELD_TRI: memcpy(AT(row, f), AT_CONST(base, f), sizeof(int32_t)); return true;
    case FIELD_SIZE:
    case FIELD_I64:
    case FIELD_ZERO:
    case FIELD_F64:
    case FIELD_LSN: memcpy(AT(row, f), AT_CONST(base, f), sizeof(int64_t)); return true;
    case FIELD_TEXT: memcpy(AT(row, f), AT_CONST(base, f), f->size); return true;
    }
    return false;
}

static bool copy_row(struct decoding *d, const struct shape *shape, void *row, const void *base)
{
    if (!room(d, 1, shape->size))
        return false;
    for (size_t i = 0; i < shape->nfields; i++)
        if (!copy_field(d, &shape->fields[i], row, base))
            return false;
    return true;
}

/* ---- what the file says ---------------------------------------------------------------------- */

/* A whole number between the two, in digits or, beyond 2^53, as a string of them. */
static bool read_int(const cJSON *item, int64_t min, int64_t max, int64_t *out)
{
    int64_t v;
    if (cJSON_IsString(item)) {
        static const char *const fallbacks = "-0123456789";
        if (strlen(item->valuestring) > 20 ||
            item->valuestring[strspn(item->valuestring, fallbacks)] != '\0')
            return false;
        char *end;
        v = strtoll(item->valuestring, &end, 10);
        if (end == item->valuestring || *end != '\0')
            return false;
    } else {
        if (!cJSON_IsNumber(item) || !isfinite(item->valuedouble) ||
            fabs(item->valuedouble) > 9007199254740992.0 ||
            item->valuedouble != floor(item->valuedouble))
            return false;
        v = (int64_t)item->valuedouble;
    }
    *out = v;
    return v >= min && v <= max;
}

static bool read_kvs(struct decoding *d, const struct field *f, const cJSON *item, void *row)
{
    if (!cJSON_IsObject(item))
        return wrong(d, f, "an object");
    size_t n = (size_t)cJSON_GetArraySize(item);
    if (!room(d, n, sizeof(struct kv)))
        return false;
    struct kv *items = arena_array(d->arena, n, sizeof(*items));
    size_t i = 0;
    const cJSON *at;
    cJSON_ArrayForEach(at, item)
    {
        if (!cJSON_IsString(at) && !cJSON_IsNull(at))
            return wrong(d, f, "an object of strings");
        items[i].key = arena_strdup(d->arena, at->string != NULL ? at->string : "");
        items[i++].value = arena_strdup(d->arena, at->valuestring);
    }
    put_array(row, f, items, n);
    return true;
}

static bool read_strs(struct decoding *d, const struct field *f, const cJSON *item, void *row)
{
    if (!cJSON_IsArray(item))
        return wrong(d, f, "an array");
    size_t n = (size_t)cJSON_GetArraySize(item);
    if (!room(d, n, sizeof(char *)))
        return false;
    const char **items = arena_array(d->arena, n, sizeof(*items));
    size_t i = 0;
    const cJSON *at;
    cJSON_ArrayForEach(at, item)
    {
        if (!cJSON_IsString(at))
            return wrong(d, f, "an array of strings");
        items[i++] = arena_strdup(d->arena, at->valuestring);
    }
    put_array(row, f, (void *)items, n);
    return true;
}

/* [FROM, COUNT]: rows of the base. */
static bool read_range(const cJSON *item, size_t nbase, size_t *from, size_t *n)
{
    int64_t a, b;
    if (!cJSON_IsArray(item) || cJSON_GetArraySize(item) != 2 ||
        !read_int(cJSON_GetArrayItem(item, 0), 0, (int64_t)nbase, &a) ||
        !read_int(cJSON_GetArrayItem(item, 1), 0, (int64_t)nbase - a, &b))
        return false;
    *from = (size_t)a;
    *n = (size_t)b;
    return true;
}

/* How many rows it will be, before there is memory for them. */
static bool count_rows(const cJSON *item, size_t nbase, size_t *total)
{
    const cJSON *at;
    size_t from, n;
    *total = 0;
    cJSON_ArrayForEach(at, item)
    {
        n = 1;
        if (!cJSON_IsObject(at) && !read_range(at, nbase, &from, &n))
            return false;
        *total += n;
    }
    return cJSON_IsArray(item);
}

static bool read_rows(struct decoding *d, const struct field *f, const cJSON *item, void *row,
                      const void *base)
{
    size_t size = f->of->size, n, i = 0;
    size_t nbase = base != NULL ? count_of(base, f) : 0;
    const char *from = base != NULL ? pointer(base, f) : NULL;
    if (!count_rows(item, nbase, &n))
        return wrong(d, f, "an array of objects, or ranges of what it was");
    if (!room(d, n, size))
        return false;
    char *items = arena_array(d->arena, n, size);
    const cJSON *at;
    cJSON_ArrayForEach(at, item)
    {
        size_t first, run;
        if (cJSON_IsObject(at)) {
            const char *before = i < nbase ? from + i * size : NULL;
            if (!read_row(d, f->of, at, items + i++ * size, before))
                return false;
            continue;
        }
        if (!read_range(at, nbase, &first, &run))
            return false;
        for (size_t k = first; k < first + run; k++)
            if (!copy_row(d, f->of, items + i++ * size, from + k * size))
                return false;
    }
    put_array(row, f, items, n);
    return true;
}

static bool read_one(struct decoding *d, const struct field *f, const cJSON *item, void *row,
                     const void *base)
{
    if (cJSON_IsNull(item))
        return true;
    if (!cJSON_IsObject(item))
        return wrong(d, f, "an object");
    if (!room(d, 1, f->of->size))
        return false;
    void *one = arena_alloc(d->arena, f->of->size);
    PUT(void *, row, f, one);
    return read_row(d, f->of, item, one, base != NULL ? pointer(base, f) : NULL);
}

/* Everything real is below 2^53, but for Kafka's "for ever". What a file claims beyond it is cut:
 * whoever adds and subtracts such figures would leave what a figure can hold. */
static int64_t sane(int64_t v)
{
    const int64_t most = INT64_C(1) << 53;
    if (v == INT64_MAX)
        return v;
    return v > most ? most : v < -most ? -most : v;
}

static bool read_number(struct decoding *d, const struct field *f, const cJSON *item, void *row)
{
    bool narrow = f->type == FIELD_INT || f->type == FIELD_I32;
    int64_t v;
    if (cJSON_IsNull(item) && f->type == FIELD_I64)
        v = UNKNOWN;
    else if (!read_int(item,
                       narrow                  ? INT32_MIN
                       : f->type == FIELD_SIZE ? 0
                                               : INT64_MIN + 1,
                       narrow ? INT32_MAX : INT64_MAX, &v))
        return wrong(d, f, "a whole number that it can be");
    if (narrow)
        PUT(int32_t, row, f, (int32_t)v);
    else
        PUT(int64_t, row, f, v == UNKNOWN ? v : sane(v));
    return true;
}

static bool read_string(struct decoding *d, const struct field *f, const cJSON *item, void *row)
{
    uint64_t lsn = LSN_NONE;
    if (!cJSON_IsString(item) && !(cJSON_IsNull(item) && f->type != FIELD_CHAR))
        return wrong(d, f, "a string");
    const char *text = item->valuestring;
    switch (f->type) {
    case FIELD_LSN:
        if (text != NULL && !lsn_parse(text, &lsn))
            return wrong(d, f, "a position in the WAL");
        PUT(uint64_t, row, f, lsn);
        return true;
    case FIELD_CHAR: *AT(row, f) = text[0]; return true;
    case FIELD_TEXT: {
        size_t n = text != NULL ? strnlen(text, f->size - 1) : 0;
        if (n > 0)
            memcpy(AT(row, f), text, n);
        return true;
    }
    case FIELD_NAME: PUT(char *, row, f, arena_strdup(d->arena, text != NULL ? text : "")); break;
    default: PUT(char *, row, f, arena_strdup(d->arena, text)); break;
    }
    return true;
}

static bool read_field(struct decoding *d, const struct field *f, const cJSON *item, void *row,
                       const void *base)
{
    switch (f->type) {
    case FIELD_BOOL:
        PUT(bool, row, f, cJSON_IsTrue(item));
        return cJSON_IsBool(item) || wrong(d, f, "true or false");
    case FIELD_TRI:
        PUT(enum tri, row, f,
            cJSON_IsNull(item)   ? TRI_UNKNOWN
            : cJSON_IsTrue(item) ? TRI_YES
                                 : TRI_NO);
        return cJSON_IsBool(item) || cJSON_IsNull(item) || wrong(d, f, "true, false or null");
    case FIELD_INT:
    case FIELD_I32:
    case FIELD_SIZE:
    case FIELD_I64:
    case FIELD_ZERO: return read_number(d, f, item, row);
    case FIELD_F64:
        PUT(double, row, f, cJSON_IsNumber(item) ? item->valuedouble : NAN);
        return cJSON_IsNumber(item) || cJSON_IsNull(item) || wrong(d, f, "a number or null");
    case FIELD_LSN:
    case FIELD_CHAR:
    case FIELD_STR:
    case FIELD_NAME:
    case FIELD_TEXT: return read_string(d, f, item, row);
    case FIELD_STRS: return read_strs(d, f, item, row);
    case FIELD_KVS: return read_kvs(d, f, item, row);
    case FIELD_ROW: return read_one(d, f, item, row, base);
    case FIELD_PART:
        return cJSON_IsObject(item)
                   ? read_row(d, f->of, item, AT(row, f), base != NULL ? AT_CONST(base, f) : NULL)
                   : wrong(d, f, "an object");
    case FIELD_ROWS: return read_rows(d, f, item, row, base);
    }
    return false;
}

static bool read_row(struct decoding *d, const struct shape *shape, const cJSON *object, void *row,
                     const void *base)
{
    shape_clear(shape, row);
    for (size_t i = 0; i < shape->nfields; i++) {
        const struct field *f = &shape->fields[i];
        const cJSON *item = json_get(object, f->name);
        bool ok = item != NULL   ? read_field(d, f, item, row, base)
                  : base != NULL ? copy_field(d, f, row, base)
                                 : true;
        if (!ok)
            return err_wrap(d->err, "%s", shape->name);
    }
    return true;
}

bool decode_row(struct arena *arena, const struct shape *shape, const cJSON *object, void *row,
                const void *base, struct err *err)
{
    struct decoding d = {arena, err};
    return read_row(&d, shape, object, row, base);
}
