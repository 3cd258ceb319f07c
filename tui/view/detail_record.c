/* detail_record.c: one record, whole: where it stands, what changed by column, headers, key, value.
 */
#include "base/human.h"
#include "base/jsontext.h"
#include "base/utf8.h"
#include "tui/draw/glyph.h"
#include "tui/view/records.h"

#include <string.h>

enum { PRETTY_MAX = 512 * 1024, HEX_MAX = 4096 };

static const char *size_words(const struct scene *s, const struct peek_bytes *b)
{
    char whole[HUMAN_SIZE], part[HUMAN_SIZE];
    if (b->data == NULL)
        return "none";
    if (b->size == (int64_t)b->n)
        return scene_text(s, "%s", human_bytes(whole, b->size));
    human_bytes(part, (int64_t)b->n);
    return b->size == UNKNOWN ? scene_text(s, "cut: only its first %s were read", part)
                              : scene_text(s, "%s, cut: only its first %s were read",
                                           human_bytes(whole, b->size), part);
}

static const char *later(const struct scene *s, const char *what, int64_t from, int64_t to)
{
    enum { SHORT_MS = 1000 };
    char buf[HUMAN_SIZE];
    if (from == UNKNOWN || to == UNKNOWN || to < from)
        return "";
    return to - from < SHORT_MS
               ? scene_text(s, ", %s %d ms later", what, (int)(to - from))
               : scene_text(s, ", %s %s later", what, human_duration_ms(buf, to - from));
}

static void put_place(const struct scene *s, struct doc *d, const struct peek_record *r)
{
    const struct envelope *e = r->envelope;
    const char *name = s->app->looking.request->name;
    char buf[HUMAN_SIZE];
    if (r->partition < 0) {
        doc_kv(d, "object", ROLE_TEXT, name);
        doc_kv(d, "record", ROLE_TEXT, scene_text(s, "no. %s", human_count(buf, r->offset + 1)));
    } else {
        doc_kv(d, "topic", ROLE_TEXT, name);
        doc_kv(d, "record", ROLE_TEXT,
               scene_text(s, "partition %d, offset %s", (int)r->partition,
                          human_count(buf, r->offset)));
    }
    int64_t age = records_now(s) - r->time_ms;
    if (r->time_ms != UNKNOWN)
        doc_kv(d, "time", ROLE_TEXT,
               scene_text(s, "%s, %s %s", record_time(s, r->time_ms),
                          human_duration_ms(buf, age < 0 ? -age : age),
                          age < 0 ? "ahead of Kafka's clock" : "ago"));
    doc_kv(d, e->kind == ENVELOPE_CHANGE ? "operation" : "kind", ROLE_STRONG, e->word);
    if (r->value.data != NULL)
        doc_kv(d, "size", e->cut ? ROLE_WARN : ROLE_TEXT, size_words(s, &r->value));
    if (e->schema_id != UNKNOWN)
        doc_kv(d, "schema", ROLE_TEXT,
               scene_text(s, "framed for a schema registry, id %lld", (long long)e->schema_id));
}

/* Where the change comes from, in the database's terms. */
static void put_source(const struct scene *s, struct doc *d, const struct peek_record *r)
{
    const struct envelope *e = r->envelope;
    if (e->kind != ENVELOPE_CHANGE)
        return;
    doc_head(d, "Source", NULL);
    for (size_t i = 0; i < e->nfacts; i++)
        doc_kv(d, e->facts[i].key, ROLE_TEXT, e->facts[i].value);
    if (e->source_ms != UNKNOWN)
        doc_kv(d, "committed", ROLE_TEXT,
               scene_text(s, "%s%s%s", record_time(s, e->source_ms),
                          later(s, "read by Debezium", e->source_ms, e->read_ms),
                          later(s, "in Kafka", e->read_ms, r->time_ms)));
}

/* ---- before and after ------------------------------------------------------------------------ */

static unsigned cell_style(const struct envelope_column *c, const struct envelope_cell *cell,
                           bool after)
{
    if (cell->state == CELL_UNSENT || cell->state == CELL_TOAST)
        return ROLE_INFO;
    if (cell->state == CELL_NULL || c->change == COLUMN_SAME)
        return ROLE_DIM;
    return after ? ROLE_STRONG : ROLE_TEXT;
}

/* What is wider than any screen need not be looked at to its end in every frame. */
static const char *bounded(const struct scene *s, const char *text)
{
    enum { WIDEST = 1600 };
    return strnlen(text, WIDEST) < WIDEST ? text : arena_strndup(s->arena, text, WIDEST);
}

static const char *const change_marks[] = {
    [COLUMN_SAME] = " ",    [COLUMN_CHANGED] = "~", [COLUMN_ADDED] = "+",
    [COLUMN_REMOVED] = "-", [COLUMN_UNTOLD] = "?",
};
static const unsigned char change_styles[] = {
    [COLUMN_SAME] = ROLE_DIM,     [COLUMN_CHANGED] = ROLE_KEY, [COLUMN_ADDED] = ROLE_OK,
    [COLUMN_REMOVED] = ROLE_WARN, [COLUMN_UNTOLD] = ROLE_INFO,
};

/* Where the columns of the table stand. An operation with one row has one column of values. */
struct layout {
    bool one;
    int name_w, before_x, after_x, value_w;
};

static struct layout layout_of(const struct doc *d, const struct envelope *e)
{
    enum { NAME_X = 6, GAP = 2, MARGIN = 1 };
    struct layout l = {.one = e->op != 'u'};
    l.name_w = d->width >= 110 ? 28 : d->width >= 76 ? 20 : 14;
    l.before_x = NAME_X + l.name_w + GAP;
    int room = d->width - l.before_x - MARGIN;
    l.value_w = l.one ? room : (room - GAP) / 2;
    l.after_x = l.one ? l.before_x : l.before_x + l.value_w + GAP;
    return l;
}

static void put_column(const struct scene *s, struct doc *d, const struct envelope *e,
                       const struct layout *l, const struct envelope_column *c)
{
    doc_line(d);
    doc_span(d, 4, 1, false, change_styles[c->change], change_marks[c->change]);
    doc_span(d, 6, l->name_w, false, c->key ? ROLE_STRONG : ROLE_TEXT, bounded(s, c->name));
    if (!l->one || e->op == 'd')
        doc_span(d, l->before_x, l->value_w, false, cell_style(c, &c->before, false),
                 bounded(s, c->before.text));
    if (!l->one || e->op != 'd')
        doc_span(d, l->after_x, l->value_w, false, cell_style(c, &c->after, true),
                 bounded(s, c->after.text));
}

static void put_columns(const struct scene *s, struct doc *d, const struct envelope *e)
{
    struct layout l = layout_of(d, e);
    doc_head(d, "Columns", e->op == 'u' ? "~ changed   + added   - removed   ? not known" : NULL);
    doc_line(d);
    doc_span(d, 6, l.name_w, false, ROLE_DIM, "COLUMN");
    if (!l.one || e->op == 'd')
        doc_span(d, l.before_x, l.value_w, false, ROLE_DIM, "BEFORE");
    if (!l.one || e->op != 'd')
        doc_span(d, l.after_x, l.value_w, false, ROLE_DIM, "AFTER");
    for (size_t i = 0; i < e->ncolumns; i++)
        put_column(s, d, e, &l, &e->columns[i]);
    if (e->before_note != NULL)
        doc_wrap(d, 4, ROLE_INFO, e->before_note);
}

/* ---- key, headers, value --------------------------------------------------------------------- */

static void put_pretty(struct doc *d, struct jsontext json)
{
    struct strbuf sb;
    strbuf_init(&sb, PRETTY_MAX);
    jsontext_pretty(&sb, json);
    if (sb.overflow)
        (void)strbuf_puts(&sb, "…");
    doc_wrap(d, 4, ROLE_TEXT, arena_strndup(d->arena, sb.text, sb.len));
    strbuf_free(&sb);
}

static void put_bytes(struct doc *d, const struct peek_bytes *b, int64_t schema_id)
{
    struct jsontext json;
    size_t skip = schema_id != UNKNOWN ? 5 : 0;
    if (b->data == NULL) {
        doc_wrap(d, 4, ROLE_DIM, "none");
    } else if (b->n == 0) {
        doc_wrap(d, 4, ROLE_DIM, "no bytes");
    } else if (b->n > skip && jsontext_parse(b->data + skip, b->n - skip, &json)) {
        if (json.n + 6 < (size_t)d->width) /* a line is enough */
            doc_wrap(d, 4, ROLE_TEXT, arena_strndup(d->arena, json.p, json.n));
        else
            put_pretty(d, json);
    } else if (envelope_is_binary(b->data, b->n)) {
        record_hex(d, b->data, b->n, HEX_MAX);
    } else {
        doc_wrap(d, 4, ROLE_TEXT, b->data);
    }
}

static void put_headers(struct doc *d, const struct peek_record *r)
{
    enum { WIDEST = 40 };
    int label = d->label;
    if (r->nheaders == 0)
        return;
    doc_head(d, "Headers", NULL);
    for (size_t i = 0; i < r->nheaders; i++) {
        int w = utf8_width(r->headers[i].key) + 2;
        d->label = w > WIDEST ? WIDEST : w > d->label ? w : d->label;
    }
    for (size_t i = 0; i < r->nheaders; i++)
        doc_kv(d, r->headers[i].key, r->headers[i].value != NULL ? ROLE_TEXT : ROLE_DIM,
               r->headers[i].value != NULL ? r->headers[i].value : "null");
    d->label = label;
}

static void build(const struct scene *s, struct doc *d)
{
    const struct peek_record *r = records_find(s, scene_view(s)->object);
    if (r == NULL) {
        doc_blank(d);
        doc_wrap(d, 2, ROLE_WARN, "this record is not among those that were read last");
        return;
    }
    const struct envelope *e = r->envelope;
    put_place(s, d, r);
    if (e->ncolumns > 0)
        put_columns(s, d, e);
    put_source(s, d, r);
    put_headers(d, r);
    if (r->partition >= 0) {
        doc_head(d, "Key", NULL);
        put_bytes(d, &r->key, UNKNOWN);
    }
    doc_head(d, "Value", e->kind == ENVELOPE_TOMBSTONE ? e->summary : NULL);
    if (e->kind != ENVELOPE_TOMBSTONE)
        put_bytes(d, &r->value, e->schema_id);
}

static const char *note(const struct scene *s, unsigned *style)
{
    const struct peek_record *r = records_find(s, scene_view(s)->object);
    *style = ROLE_DIM;
    return r == NULL ? NULL : r->envelope->word;
}

const struct view_ops view_record = {
    .id = VIEW_RECORD, .title = "Record", .build = build, .note = note};
