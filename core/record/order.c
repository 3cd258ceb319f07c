#include "record/order.h"

#include "base/mem.h"
#include "record/codec.h"

#include <stdlib.h>
#include <string.h>

enum { KEYS = 3 };

/* By what arrays of these rows are sorted: fields of their shapes. */
static const struct order {
    const char *of;
    const char *keys[KEYS];
} orders[] = {
    {"struct pg_slot",           {"name"}                         },
    {"struct pg_publication",    {"name"}                         },
    {"struct pg_table",          {"publication", "schema", "name"}},
    {"struct pg_relation",       {"schema", "name"}               },
    {"struct kafka_topic",       {"name"}                         },
    {"struct connect_connector", {"name"}                         },
    {"struct dms_table",         {"schema", "name"}               },
    {"struct s3_prefix",         {"topic"}                        },
    {"struct cw_metric",         {"space", "name", "object"}      },
};

/* Where in a row they are. */
struct keys {
    size_t at[KEYS];
    size_t n;
};

static const char *text_at(const void *row, size_t at)
{
    const char *text;
    memcpy(&text, (const char *)row + at, sizeof(text));
    return text != NULL ? text : "";
}

static int by_keys(const void *a, const void *b, void *arg)
{
    const struct keys *keys = arg;
    int c = 0;
    for (size_t i = 0; c == 0 && i < keys->n; i++)
        c = strcmp(text_at(a, keys->at[i]), text_at(b, keys->at[i]));
    return c;
}

static size_t offset_of(const struct shape *shape, const char *name)
{
    size_t i = 0;
    while (strcmp(shape->fields[i].name, name) != 0)
        i++;
    return shape->fields[i].offset;
}

static struct keys keys_of(const struct shape *shape)
{
    struct keys keys = {0};
    for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
        if (strcmp(orders[i].of, shape->name) != 0)
            continue;
        for (; keys.n < KEYS && orders[i].keys[keys.n] != NULL; keys.n++)
            keys.at[keys.n] = offset_of(shape, orders[i].keys[keys.n]);
    }
    return keys;
}

static void order_rows(const struct shape *shape, void *row);

static void order_array(const struct field *f, void *row)
{
    struct keys keys = keys_of(f->of);
    char *items;
    size_t n;
    memcpy(&items, (char *)row + f->offset, sizeof(items));
    memcpy(&n, (char *)row + f->count, sizeof(n));
    for (size_t i = 0; i < n; i++)
        order_rows(f->of, items + i * f->of->size);
    if (keys.n > 0 && n > 1)
        qsort_r(items, n, f->of->size, by_keys, &keys);
}

/* All arrays in the row, at any depth. */
static void order_rows(const struct shape *shape, void *row)
{
    for (size_t i = 0; i < shape->nfields; i++) {
        const struct field *f = &shape->fields[i];
        void *one = (char *)row + f->offset;
        if (f->type == FIELD_ROW)
            memcpy(&one, (char *)row + f->offset, sizeof(one));
        if (f->type == FIELD_ROWS)
            order_array(f, row);
        else if ((f->type == FIELD_ROW && one != NULL) || f->type == FIELD_PART)
            order_rows(f->of, one);
    }
}

struct snapshot *order_copy(const struct snapshot *snap, struct err *err)
{
    struct snapshot *copy = snapshot_new(snap->kind);
    const struct shape *shape = shape_of(snap->kind);
    if (!decode_row(copy->arena, &shape_head, NULL, copy, snap, err) ||
        !decode_row(copy->arena, shape, NULL, shape_part(copy), shape_part_const(snap), err)) {
        snapshot_free(copy);
        return NULL;
    }
    order_rows(shape, shape_part(copy));
    return copy;
}
