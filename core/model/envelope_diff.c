/* envelope_diff.c: two rows side by side, and what changed in short. */
#include "model/envelope_int.h"

#include "base/mem.h"

#include <string.h>

/* As Debezium writes it, plain and as the base64 of a bytea. */
static const char *const stand_ins[] = {
    "__debezium_unavailable_value",
    "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==",
};

static bool is_stand_in(struct jsontext value)
{
    struct jsontext key, first;
    size_t at = 0;
    if (jsontext_is(value, '[') && jsontext_next(value, &at, &key, &first))
        value = first; /* of an array column */
    for (size_t i = 0; i < ARRAY_LEN(stand_ins); i++) {
        size_t n = strlen(stand_ins[i]);
        if (value.n == n + 2 && memcmp(value.p + 1, stand_ins[i], n) == 0)
            return true;
    }
    return false;
}

static struct envelope_cell cell_of(struct arena *arena, struct jsontext value, bool unsent)
{
    if (unsent)
        return (struct envelope_cell){CELL_UNSENT, "not sent"};
    if (value.p == NULL)
        return (struct envelope_cell){CELL_ABSENT, ""};
    if (jsontext_null(value))
        return (struct envelope_cell){CELL_NULL, "null"};
    if (is_stand_in(value))
        return (struct envelope_cell){CELL_TOAST, "not sent (TOAST)"};
    const char *text = jsontext_plain(arena, value);
    return (struct envelope_cell){CELL_VALUE, text[0] != '\0' ? text : "\"\""};
}

static struct jsontext member(struct jsontext object, struct jsontext name)
{
    struct jsontext key, value;
    for (size_t at = 0; jsontext_is(object, '{') && jsontext_next(object, &at, &key, &value);) {
        if (jsontext_same(key, name))
            return value;
    }
    return (struct jsontext){0};
}

/* The same column of the other row, which as a rule stands at the same place: *at goes along. */
static struct jsontext beside(struct jsontext row, size_t *at, struct jsontext name)
{
    struct jsontext key, value;
    size_t next = *at;
    if (!jsontext_is(row, '{') || !jsontext_next(row, &next, &key, &value) ||
        !jsontext_same(key, name))
        return member(row, name);
    *at = next;
    return value;
}

/* What Debezium fills a column with that it knows nothing of: null, or if that may not be, 0,
 * false,
 * "", or the beginning of time. */
static bool is_nothing(struct jsontext value)
{
    static const char epoch[] = "1970-01-01";
    static const char zero[] = "\"AA==\""; /* of a decimal, as bytes */
    if (jsontext_null(value) || jsontext_is(value, 'f') ||
        (value.n == sizeof(zero) - 1 && memcmp(value.p, zero, value.n) == 0))
        return true;
    bool text = jsontext_is(value, '"');
    const char *p = value.p + text, *end = value.p + value.n - text;
    size_t n = sizeof(epoch) - 1;
    if (text && (size_t)(end - p) >= n && memcmp(p, epoch, n) == 0)
        p += n;
    while (p < end && strchr("0.:TZ", *p) != NULL)
        p++;
    return p == end;
}

/* Every column but the key's is nothing: what comes of a row that PostgreSQL did not log. */
static bool key_alone(struct jsontext row, struct jsontext key)
{
    struct jsontext name, value;
    bool others = false;
    if (!jsontext_is(key, '{'))
        return false;
    for (size_t at = 0; jsontext_next(row, &at, &name, &value);) {
        if (member(key, name).p != NULL)
            continue;
        if (!is_nothing(value))
            return false;
        others = true;
    }
    return others;
}

static enum column_change change_of(struct jsontext before, struct jsontext after,
                                    const struct envelope_column *c)
{
    if (c->after.state == CELL_TOAST)
        return COLUMN_SAME;
    if (c->before.state == CELL_UNSENT || c->before.state == CELL_TOAST)
        return COLUMN_UNTOLD;
    if (before.p == NULL)
        return COLUMN_ADDED;
    if (after.p == NULL)
        return COLUMN_REMOVED;
    return jsontext_same(before, after) ? COLUMN_SAME : COLUMN_CHANGED;
}

struct rows {
    struct jsontext before, after, key;
    bool no_before, alone; /* an update without the row before; one that has its key alone */
    size_t cap;
};

static void add_column(struct arena *arena, struct envelope *e, struct rows *r,
                       struct jsontext name, struct jsontext before, struct jsontext after)
{
    struct envelope_column *c =
        arena_push(arena, &e->columns, &e->ncolumns, &r->cap, sizeof(*e->columns));
    bool key = member(r->key, name).p != NULL;
    *c = (struct envelope_column){.name = jsontext_plain(arena, name), .key = key};
    c->before = cell_of(arena, before, r->no_before || (r->alone && !key));
    c->after = cell_of(arena, after, false);
    c->change = e->op == 'd' ? COLUMN_REMOVED : change_of(before, after, c);
}

static int rank(const struct envelope_column *c)
{
    if (c->key)
        return 0;
    return c->change == COLUMN_SAME ? 2 : 1;
}

/* The columns of one rank stay in the table's order. */
static void sort_columns(struct arena *arena, struct envelope *e)
{
    struct envelope_column *sorted = arena_array(arena, e->ncolumns, sizeof(*sorted));
    size_t n = 0;
    for (int r = 0; r <= 2; r++) {
        for (size_t i = 0; i < e->ncolumns; i++) {
            if (rank(&e->columns[i]) == r)
                sorted[n++] = e->columns[i];
        }
    }
    e->columns = sorted;
}

void envelope_diff(struct arena *arena, struct envelope *e, struct jsontext change,
                   struct jsontext key, char identity)
{
    struct rows r = {.before = jsontext_get(change, "before"),
                     .after = jsontext_get(change, "after"),
                     .key = key};
    struct jsontext name, value;
    r.before = jsontext_is(r.before, '{') ? r.before : (struct jsontext){0};
    r.after = jsontext_is(r.after, '{') ? r.after : (struct jsontext){0};
    bool postgres = kv_find(e->facts, e->nfacts, "LSN") != NULL;
    r.no_before = e->op == 'u' && r.before.p == NULL;
    r.alone =
        postgres && identity != 'f' && (e->op == 'u' || e->op == 'd') && key_alone(r.before, key);
    for (size_t at = 0, other = 0; jsontext_next(r.after, &at, &name, &value);)
        add_column(arena, e, &r, name, beside(r.before, &other, name), value);
    for (size_t at = 0, other = 0; jsontext_next(r.before, &at, &name, &value);) {
        if (beside(r.after, &other, name).p == NULL)
            add_column(arena, e, &r, name, value, (struct jsontext){0});
    }
    sort_columns(arena, e);
    if (r.no_before)
        e->before_note = postgres ? "the row before was not sent: that takes REPLICA IDENTITY FULL"
                                  : "the row before was not sent";
    else if (r.alone)
        e->before_note = "of the row before only the key was sent: the rest takes REPLICA IDENTITY "
                         "FULL";
}

/* ---- in short -------------------------------------------------------------------------------- */

/* Bytes of text without a character that was cut off at the end. */
static size_t whole_characters(const char *text, size_t n)
{
    size_t lead = n;
    while (lead > 0 && n - lead < 4 && ((unsigned char)text[lead - 1] & 0xC0) == 0x80)
        lead--;
    if (lead == 0 || (unsigned char)text[lead - 1] < 0xC0)
        return n;
    unsigned char c = (unsigned char)text[--lead];
    size_t wants = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
    return n - lead < wants ? lead : n;
}

const char *envelope_short(struct arena *arena, struct strbuf *sb)
{
    int n = (int)(sb->overflow ? whole_characters(sb->text, sb->len) : sb->len);
    const char *text = arena_printf(arena, "%.*s%s", n, sb->text, sb->overflow ? "…" : "");
    strbuf_free(sb);
    return text;
}

void envelope_members(struct strbuf *out, struct arena *arena, struct jsontext object)
{
    struct jsontext name, value;
    for (size_t at = 0; !out->overflow && jsontext_next(object, &at, &name, &value);) {
        (void)strbuf_puts(out, out->len > 0 ? " " : "");
        (void)strbuf_puts(out, jsontext_plain(arena, name));
        (void)strbuf_putc(out, '=');
        (void)strbuf_puts(out, cell_of(arena, value, false).text);
    }
}

static void put_cells(struct strbuf *out, const struct envelope *e, bool after)
{
    for (size_t i = 0; i < e->ncolumns && !out->overflow; i++) {
        const struct envelope_column *c = &e->columns[i];
        const struct envelope_cell *cell = after ? &c->after : &c->before;
        if (c->key || (cell->state != CELL_VALUE && cell->state != CELL_NULL))
            continue;
        (void)strbuf_puts(out, out->len > 0 ? " " : "");
        (void)strbuf_printf(out, "%.100s=%.300s", c->name, cell->text);
    }
}

static void put_changes(struct strbuf *out, const struct envelope *e)
{
    for (size_t i = 0; i < e->ncolumns && !out->overflow; i++) {
        const struct envelope_column *c = &e->columns[i];
        if (c->change == COLUMN_SAME)
            continue;
        (void)strbuf_puts(out, out->len > 0 ? ", " : "");
        if (c->change == COLUMN_CHANGED)
            (void)strbuf_printf(out, "%.100s: %.100s → %.200s", c->name, c->before.text,
                                c->after.text);
        else if (c->change == COLUMN_REMOVED)
            (void)strbuf_printf(out, "%.100s is gone", c->name);
        else
            (void)strbuf_printf(out, "%.100s: %.200s", c->name, c->after.text);
    }
    if (out->len == 0)
        (void)strbuf_puts(out, "no column changed");
}

const char *envelope_summary(struct arena *arena, const struct envelope *e)
{
    struct strbuf sb;
    strbuf_init(&sb, ENVELOPE_SHORT);
    if (e->op == 't')
        (void)strbuf_puts(&sb, "all rows were removed at once");
    else if (e->op == 'd' && e->before_note != NULL)
        (void)strbuf_puts(&sb, "the row was not sent, only its key");
    else if (e->op == 'u' && e->before_note == NULL)
        put_changes(&sb, e);
    else {
        if (e->op == 'u') /* what it was before nobody knows */
            (void)strbuf_puts(&sb, "now");
        put_cells(&sb, e, e->op != 'd');
    }
    return envelope_short(arena, &sb);
}
