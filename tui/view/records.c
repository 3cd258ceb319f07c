/* records.c: the messages of a topic and the first records of an object, as lists: newest first. */
#include "tui/view/records.h"
#include "base/clock.h"
#include "base/human.h"
#include "base/mem.h"
#include "tui/draw/glyph.h"

#include <stdio.h>
#include <string.h>

/* ---- rows ------------------------------------------------------------------------------------ */

static size_t rows(const struct scene *s, const struct row_base ***out)
{
    const struct peek_answer *a = records_answer(s);
    size_t n = a != NULL ? a->nrecords : 0;
    bool object = records_list(s) == LIST_CONTENT, stale = records_waiting(s);
    struct record_row *made = arena_array(s->arena, n + 1, sizeof(*made));
    *out = arena_array(s->arena, n + 1, sizeof(const struct row_base *));
    for (size_t i = 0; i < n; i++) {
        const struct peek_record *r = &a->records[object ? i : n - 1 - i];
        const char *key = r->envelope->key;
        made[i] = (struct record_row){.record = r, .topic = a->request->name};
        made[i].base = (struct row_base){.name = records_name(s, r),
                                         .verdict = VERDICT_NONE,
                                         .why = scene_text(s, "%s%s%s %s", key != NULL ? key : "",
                                                           key != NULL ? ": " : "",
                                                           r->envelope->word, r->envelope->summary),
                                         .stale = stale};
        (*out)[i] = &made[i].base;
    }
    return n;
}

/* ---- columns --------------------------------------------------------------------------------- */

static const struct record_row *row_of(const struct row_base *row)
{
    return (const struct record_row *)row;
}

static const struct peek_record *record_of(const struct row_base *row)
{
    return row_of(row)->record;
}

static void part_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    (void)snprintf(out->buf, sizeof(out->buf), "%d", (int)record_of(row)->partition);
    out->text = out->buf;
    out->style = ROLE_DIM;
}

static void offset_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = human_count(out->buf, record_of(row)->offset);
}

static void number_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = human_count(out->buf, record_of(row)->offset + 1);
    out->style = ROLE_DIM;
}

static void time_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    int64_t ms = record_of(row)->time_ms;
    (void)ctx;
    out->text = ms != UNKNOWN ? clock_hms(ms, out->buf, sizeof(out->buf)) : "–";
    out->style = ROLE_DIM;
}

static void age_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    int64_t ms = record_of(row)->time_ms;
    out->text = human_age_ms(out->buf, ms != UNKNOWN ? records_now(ctx) - ms : UNKNOWN);
    out->style = ms != UNKNOWN ? ROLE_TEXT : ROLE_DIM;
}

static void op_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const struct envelope *e = record_of(row)->envelope;
    (void)ctx;
    out->text = e->word;
    out->style = e->op == 'c'                   ? ROLE_OK
                 : e->op == 'd' || e->op == 't' ? ROLE_WARN
                 : e->op == 'u'                 ? ROLE_TEXT
                                                : ROLE_DIM;
}

static void key_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const char *key = record_of(row)->envelope->key;
    (void)ctx;
    out->text = key != NULL ? key : "–";
    out->style = key != NULL ? ROLE_STRONG : ROLE_DIM;
}

static void change_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const struct scene *s = ctx;
    const struct envelope *e = record_of(row)->envelope;
    bool untold = e->op == 'u' && e->before_note != NULL;
    out->text = e->cut ? scene_text(s, "cut: %s", e->summary) : e->summary;
    out->style = e->kind == ENVELOPE_TOMBSTONE || untold ? ROLE_DIM : ROLE_TEXT;
}

static void size_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const struct peek_bytes *v = &record_of(row)->value;
    (void)ctx;
    out->text = v->data == NULL ? "–" : human_bytes(out->buf, v->size);
    out->style = ROLE_DIM;
}

static int by_part(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(record_of(a)->partition, record_of(b)->partition);
}
static int by_offset(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(record_of(a)->offset, record_of(b)->offset);
}
static int by_time(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(record_of(a)->time_ms, record_of(b)->time_ms);
}
static int by_op(const struct row_base *a, const struct row_base *b)
{
    return strcmp(record_of(a)->envelope->word, record_of(b)->envelope->word);
}
static int by_key(const struct row_base *a, const struct row_base *b)
{
    const char *x = record_of(a)->envelope->key, *y = record_of(b)->envelope->key;
    return strcmp(x != NULL ? x : "", y != NULL ? y : "");
}
static int by_change(const struct row_base *a, const struct row_base *b)
{
    return strcmp(record_of(a)->envelope->summary, record_of(b)->envelope->summary);
}
static int by_size(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(record_of(a)->value.size, record_of(b)->value.size);
}

#define OP_COLUMN                                                                             \
    {                                                                                         \
        .id = "op", .title = "OP", .help = "what happened, or what the value is", .width = 9, \
        .priority = 1, .cell = op_cell, .compare = by_op                                      \
    }
#define SIZE_COLUMN                                                                             \
    {                                                                                           \
        .id = "size", .title = "SIZE", .help = "bytes of the value", .width = 8, .priority = 8, \
        .right = true, .descending = true, .cell = size_cell, .compare = by_size                \
    }
#define CHANGE_COLUMN                                                                      \
    {                                                                                      \
        .id = "change", .title = "CHANGE", .help = "what changed, or the value, in short", \
        .width = 20, .grow = GROW_ALL, .cell = change_cell, .compare = by_change           \
    }

static const struct column message_columns[] = {
    {.id = "partition",
     .title = "PART",
     .help = "partition",
     .width = 4,
     .right = true,
     .cell = part_cell,
     .compare = by_part },
    { .id = "offset",
     .title = "OFFSET",
     .help = "its offset in the partition",
     .width = 11,
     .priority = 4,
     .right = true,
     .descending = true,
     .cell = offset_cell,
     .compare = by_offset},
    {  .id = "time",
     .title = "TIME",
     .help = "when it was written, by its timestamp",
     .width = 9,
     .priority = 7,
     .descending = true,
     .cell = time_cell,
     .compare = by_time},
    {    .id = "age",
     .title = "AGE",
     .help = "how long ago that was",
     .width = 5,
     .priority = 3,
     .right = true,
     .cell = age_cell,
     .compare = by_time},
    OP_COLUMN,
    {    .id = "key",
     .title = "KEY",
     .help = "the record's key",
     .width = 10,
     .grow = 36,
     .priority = 2,
     .cell = key_cell,
     .compare = by_key},
    SIZE_COLUMN,
    CHANGE_COLUMN,
};

static const struct column content_columns[] = {
    {.id = "number",
     .title = "NO.",
     .help = "which record of the object it is",
     .width = 5,
     .priority = 3,
     .right = true,
     .cell = number_cell,
     .compare = by_offset},
    OP_COLUMN,
    SIZE_COLUMN,
    CHANGE_COLUMN,
};

/* ---- what is said of the whole --------------------------------------------------------------- */

static const char *where_asked(const struct scene *s, const struct peek_request *r)
{
    char n[HUMAN_SIZE];
    const char *text = "";
    switch (r->from) {
    case PEEK_NEWEST: text = scene_text(s, "the newest %d", r->count); break;
    case PEEK_OFFSET:
        text = r->offset < 0
                   ? scene_text(s, "from %s before the end on", human_count(n, -r->offset))
                   : scene_text(s, "from offset %s on", human_count(n, r->offset));
        break;
    case PEEK_TIME: text = scene_text(s, "from %s on", record_time(s, r->time_ms)); break;
    case PEEK_BEFORE: text = "the page before"; break;
    case PEEK_AFTER: text = "the page after"; break;
    }
    return r->partition >= 0 ? scene_text(s, "%s, partition %d", text, (int)r->partition) : text;
}

/* How many there are, of which offsets, and how many offsets have none. */
static const char *what_came(const struct scene *s, const struct peek_answer *a)
{
    char n[HUMAN_SIZE], from[HUMAN_SIZE], to[HUMAN_SIZE];
    int64_t covered = 0;
    for (size_t i = 0; i < a->nparts; i++)
        covered += a->parts[i].upto - a->parts[i].from;
    const char *text = scene_text(s, "%s record%s", human_count(n, (int64_t)a->nrecords),
                                  a->nrecords == 1 ? "" : "s");
    if (a->nparts == 1 && covered > 0)
        text = scene_text(s, "%s, offsets %s to %s", text, human_count(from, a->parts[0].from),
                          human_count(to, a->parts[0].upto - 1));
    else if (a->nparts > 1)
        text = scene_text(s, "%s of %zu partitions", text, a->nparts);
    if (covered > (int64_t)a->nrecords)
        text = scene_text(s, "%s; %s more hold none (compacted, markers)", text,
                          human_count(n, covered - (int64_t)a->nrecords));
    return text;
}

static void build_messages(const struct scene *s, struct doc *d)
{
    const struct peek_answer *a = records_answer(s);
    const struct peek_request *r = s->app->looking.request;
    d->label = 12;
    if (r == NULL)
        return;
    doc_kv(d, "asked for", ROLE_TEXT, where_asked(s, r));
    if (a == NULL || a->err.kind != ERR_NONE)
        return;
    if (a->nrecords > 0)
        doc_kv(d, "came", ROLE_TEXT, what_came(s, a));
    if (a->note != NULL)
        doc_kv(d, "not whole", ROLE_WARN, a->note);
}

static const char *object_size(const struct scene *s, const struct peek_answer *a)
{
    char whole[HUMAN_SIZE], part[HUMAN_SIZE];
    const char *size = a->body.size == UNKNOWN ? "size unknown" : human_bytes(whole, a->body.size);
    const char *magic = a->gzip ? "gzip" : envelope_magic(a->body.data, a->body.n);
    return scene_text(s, "%s%s%s%s", size, magic != NULL ? ", " : "", magic != NULL ? magic : "",
                      a->cut ? scene_text(s, "; its first %s%s are shown",
                                          human_bytes(part, (int64_t)a->body.n),
                                          a->gzip ? " unpacked" : "")
                             : "");
}

static void build_object(const struct scene *s, struct doc *d)
{
    const struct peek_answer *a = records_answer(s);
    d->label = 12;
    if (a == NULL || a->err.kind != ERR_NONE)
        return;
    doc_kv(d, "object", ROLE_TEXT, object_size(s, a));
    if (a->nrecords >= PEEK_RECORDS_MAX)
        doc_kv(d, "records", ROLE_TEXT,
               scene_text(s, "the first %d of them", (int)PEEK_RECORDS_MAX));
    if (a->note != NULL)
        doc_kv(d, "not whole", ROLE_WARN, a->note);
}

static const char *note(const struct scene *s)
{
    const struct peek_answer *a = records_answer(s);
    char age[HUMAN_SIZE];
    const char *old = a != NULL ? human_duration_ms(age, s->m->wall_ms - a->at_ms) : "";
    if (records_waiting(s))
        return a == NULL ? "asking…" : scene_text(s, "asking… · these are %s old", old);
    if (a == NULL)
        return NULL;
    return scene_text(s, "%s %s ago %s %lld ms", a->err.kind == ERR_NONE ? "read" : "failed", old,
                      a->err.kind == ERR_NONE ? "in" : "after", (long long)a->took_ms);
}

static const char *nothing_there(const struct peek_answer *a)
{
    bool empty = true;
    for (size_t i = 0; i < a->nparts; i++)
        empty = empty && a->parts[i].end <= a->parts[i].begin;
    if (a->request->kind == PEEK_OBJECT)
        return a->body.n == 0 ? "the object is empty" : "no record in it";
    if (empty)
        return "no message: the topic holds none";
    switch (a->request->from) {
    case PEEK_BEFORE: return "nothing older: what was before has been deleted  (O goes on)";
    case PEEK_AFTER: return "nothing newer yet  (o goes back)";
    case PEEK_OFFSET:
    case PEEK_TIME: return "no message from there on  (o goes back)";
    case PEEK_NEWEST: break;
    }
    return "no message: all of them were compacted away";
}

static bool words(const struct scene *s, struct rect r, int *lines)
{
    const struct looking *l = &s->app->looking;
    const struct peek_answer *a = records_answer(s);
    enum source_kind kind =
        l->request != NULL && l->request->kind == PEEK_OBJECT ? SOURCE_S3 : SOURCE_KAFKA;
    struct doc *d = doc_new(s->arena, r.w);
    if (l->error[0] != '\0') {
        doc_wrap(d, 2, ROLE_UNKNOWN, l->error);
    } else if (a == NULL) {
        doc_wrap(d, 2, ROLE_DIM, scene_text(s, "asking %s…", scene_where(s, kind)));
    } else if (a->err.kind != ERR_NONE) {
        doc_wrap(d, 2, records_waiting(s) ? ROLE_DIM : ROLE_UNKNOWN, a->err.text);
        doc_wrap(d, 2, ROLE_DIM, err_next_step(a->err.kind));
    } else if (a->nrecords == 0) {
        if (a->body.n > 0 && envelope_is_binary(a->body.data, a->body.n))
            record_hex(d, a->body.data, a->body.n, 4096);
        else
            doc_wrap(d, 2, ROLE_DIM, nothing_there(a));
    }
    *lines = (int)d->count < r.h ? (int)d->count : r.h;
    doc_draw(d, s->cv, (struct rect){r.x, r.y, r.w, *lines}, 0, NULL);
    return d->count > 0;
}

/* ---- the lists ------------------------------------------------------------------------------- */

static const char *subject(const struct row_base *row)
{
    return row_of(row)->topic;
}

static const char *text(const struct row_base *row)
{
    const struct peek_record *r = record_of(row);
    return r->envelope->kind != ENVELOPE_BINARY && r->envelope->kind != ENVELOPE_REGISTRY
               ? r->value.data
               : NULL;
}

const struct pane_ops list_messages = {
    .id = LIST_MESSAGES,
    .title = "Messages",
    .words = words,
    .empty = "no message",
    .ordered = true,
    .messages = true,
    .columns = message_columns,
    .ncolumns = ARRAY_LEN(message_columns),
    .rows = rows,
    .note = note,
    .subject = subject,
    .text = text,
    .detail = VIEW_RECORD,
};

const struct pane_ops list_content = {
    .id = LIST_CONTENT,
    .title = "Object",
    .words = words,
    .empty = "no record",
    .ordered = true,
    .messages = true,
    .columns = content_columns,
    .ncolumns = ARRAY_LEN(content_columns),
    .rows = rows,
    .note = note,
    .text = text,
    .detail = VIEW_RECORD,
};

const struct view_ops view_messages = {
    .id = VIEW_MESSAGES, .title = "Messages of", .build = build_messages, .list = &list_messages};
const struct view_ops view_object = {
    .id = VIEW_OBJECT, .build = build_object, .list = &list_content};
