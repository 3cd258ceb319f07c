/* detail_prefix.c: where one topic's objects arrive, and as a list each of them, newest first, with
 * the offsets it covers; what no object holds, or two do, is marked. */
#include "base/clock.h"
#include "base/human.h"
#include "base/mem.h"
#include "model/offsets_cover.h"
#include "tui/draw/glyph.h"
#include "tui/view/records.h"

#include <math.h>
#include <string.h>

static const char *count(const struct scene *s, int64_t n)
{
    char buf[HUMAN_SIZE];
    return scene_text(s, "%s", human_count(buf, n));
}

/* What the objects hold, by the sink that writes them. */
static struct covers coverage(const struct scene *s, const struct prefix_row *r)
{
    const struct connector_row *sink =
        r->connector != NULL ? pipeline_connector(s->p, r->connector) : NULL;
    const struct topic_row *topic = pipeline_topic(s->p, r->base.name);
    struct cover_rules rules =
        offsets_cover_rules(sink != NULL ? sink->facts : NULL, topic != NULL ? topic->topic : NULL);
    return offsets_cover(r->prefix, &rules, s->arena);
}

/* ---- objects --------------------------------------------------------------------------------- */

struct object_row {
    struct row_base base; /* name: the key */
    const struct s3_object *object;
    const struct prefix_row *prefix;
    const char *shown; /* the key without the prefix's path */
};

static const struct object_row *object_of(const struct row_base *row)
{
    return (const struct object_row *)row;
}

/* The prefix that is open; NULL when it is gone. */
static const struct prefix_row *prefix_open(const struct scene *s)
{
    if (scene_view(s)->id != VIEW_PREFIX)
        return NULL;
    return (const struct prefix_row *)view_row(s, PANE_OBJECTS);
}

/* Why what is missing before an object need not be lost; NULL: it is. */
static const char *excuse(const struct covers *covers, int32_t partition)
{
    for (size_t i = 0; i < covers->count; i++) {
        if (covers->items[i].partition == partition)
            return covers->items[i].cannot_tell;
    }
    return NULL;
}

/* Between an object and the older one before it: what neither holds, or what both do. */
static void judge(const struct scene *s, const struct covers *covers, struct object_row *row)
{
    const struct s3_object *o = row->object;
    const struct cover_item *item = offsets_cover_item(covers, o);
    row->base.why = "";
    if (item == NULL)
        return;
    if (item->overlap > 0) {
        row->base.verdict = VERDICT_INFO;
        row->base.why = scene_text(s, "overlap: %s record%s in older objects too",
                                   count(s, item->overlap), item->overlap == 1 ? "" : "s");
    }
    if (item->gap <= 0)
        return;
    const char *why = excuse(covers, o->partition);
    row->base.verdict = why != NULL ? VERDICT_INFO : VERDICT_CRIT;
    row->base.why = scene_text(s, "%s: %s to %s in no object%s%s", why != NULL ? "gap" : "hole",
                               count(s, o->start_offset - item->gap), count(s, o->start_offset - 1),
                               why != NULL ? "; " : "", why != NULL ? why : "");
}

static size_t rows(const struct scene *s, const struct row_base ***out)
{
    const struct prefix_row *r = prefix_open(s);
    size_t n = r != NULL ? r->prefix->nobjects : 0;
    struct object_row *made = arena_array(s->arena, n + 1, sizeof(*made));
    struct covers covers = {0};
    *out = arena_array(s->arena, n + 1, sizeof(const struct row_base *));
    if (r != NULL)
        covers = coverage(s, r);
    for (size_t i = 0; i < n; i++) {
        const struct s3_object *o = &r->prefix->objects[i];
        size_t skip = strlen(r->prefix->path);
        made[i] = (struct object_row){.object = o, .prefix = r};
        made[i].shown = strncmp(o->key, r->prefix->path, skip) == 0 ? o->key + skip : o->key;
        made[i].base =
            (struct row_base){.name = o->key, .verdict = VERDICT_NONE, .stale = r->base.stale};
        judge(s, &covers, &made[i]);
        (*out)[i] = &made[i].base;
    }
    return n;
}

static void age_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const struct scene *s = ctx;
    int64_t now = world_server_now(s->m->world, s->app->pipeline, SOURCE_S3);
    out->text = human_duration_ms(out->buf, now - object_of(row)->object->modified_ms);
}

static void size_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = human_bytes(out->buf, object_of(row)->object->size);
}

static void part_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    int32_t partition = object_of(row)->object->partition;
    (void)ctx;
    out->text = human_count(out->buf, partition >= 0 ? partition : HUMAN_UNKNOWN);
}

static void from_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = human_count(out->buf, object_of(row)->object->start_offset);
}

static int64_t last_offset(const struct s3_object *o)
{
    bool known = o->records != UNKNOWN && o->records > 0 && o->start_offset != UNKNOWN;
    return known ? o->start_offset + o->records - 1 : UNKNOWN;
}

static void to_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    int64_t last = last_offset(object_of(row)->object);
    (void)ctx;
    out->text = human_count(out->buf, last);
    out->style = last != UNKNOWN ? ROLE_TEXT : ROLE_DIM;
}

static void key_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = object_of(row)->shown;
    out->style = ROLE_DIM;
}

static void remark_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = row->why;
    out->style = glyph_style(row->verdict);
}

static int by_age(const struct row_base *a, const struct row_base *b)
{
    return -compare_i64(object_of(a)->object->modified_ms, object_of(b)->object->modified_ms);
}
static int by_size(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(object_of(a)->object->size, object_of(b)->object->size);
}
static int by_part(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(object_of(a)->object->partition, object_of(b)->object->partition);
}
static int by_from(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(object_of(a)->object->start_offset, object_of(b)->object->start_offset);
}
static int by_to(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(last_offset(object_of(a)->object), last_offset(object_of(b)->object));
}
static int by_remark(const struct row_base *a, const struct row_base *b)
{
    return (int)b->verdict - (int)a->verdict;
}

static const struct column columns[] = {
    {.id = "age",
     .title = "AGE",
     .help = "how long ago it arrived",
     .width = 7,
     .right = true,
     .cell = age_cell,
     .compare = by_age },
    { .id = "size",
     .title = "SIZE",
     .help = "bytes as they are stored",
     .width = 8,
     .priority = 3,
     .right = true,
     .descending = true,
     .cell = size_cell,
     .compare = by_size},
    {   .id = "partition",
     .title = "PART",
     .help = "partition whose records it holds",
     .width = 4,
     .priority = 5,
     .right = true,
     .cell = part_cell,
     .compare = by_part},
    {   .id = "from",
     .title = "FROM OFFSET",
     .help = "offset of its first record, by its key",
     .width = 12,
     .priority = 1,
     .right = true,
     .descending = true,
     .cell = from_cell,
     .compare = by_from},
    {    .id = "to",
     .title = "TO OFFSET",
     .help = "offset of its last record, if its lines are counted",
     .width = 12,
     .priority = 4,
     .right = true,
     .descending = true,
     .cell = to_cell,
     .compare = by_to},
    {   .id = "remark",
     .title = "REMARK",
     .help = "holes before it, and overlaps with objects before it",
     .width = 14,
     .grow = 90,
     .priority = 2,
     .cell = remark_cell,
     .compare = by_remark},
    {        .id = "key",
     .title = "KEY",
     .help = "its key, without the path of the topic",
     .width = 20,
     .grow = GROW_ALL,
     .priority = 6,
     .cell = key_cell,
     .compare = compare_name},
};

static const char *objects_note(const struct scene *s)
{
    const struct prefix_row *r = prefix_open(s);
    if (r == NULL)
        return NULL;
    const char *text = verdict_name(r->base.verdict);
    struct covers covers = coverage(s, r);
    size_t holes = 0;
    for (size_t i = 0; i < covers.count; i++)
        holes += covers.items[i].nholes;
    if (holes > 0)
        text = scene_text(s, "%s · %zu hole%s", text, holes, holes == 1 ? "" : "s");
    return r->prefix->nobjects >= S3_OBJECTS_KEPT
               ? scene_text(s, "%s · the newest %d", text, (int)S3_OBJECTS_KEPT)
               : scene_text(s, "%s · newest first", text);
}

static const char *subject(const struct row_base *row)
{
    return object_of(row)->prefix->base.name;
}

static const char *connector(const struct row_base *row)
{
    return object_of(row)->prefix->connector;
}

static void open_object(const struct scene *s, const struct row_base *row)
{
    peek_object(s, row->name, subject(row));
}

const struct pane_ops list_objects = {
    .id = LIST_OBJECTS,
    .title = "Objects",
    .empty = "no object was seen yet",
    .has_source = true,
    .source = SOURCE_S3,
    .ordered = true,
    .messages = true, /* a hole is none of the object's faults */
    .columns = columns,
    .ncolumns = ARRAY_LEN(columns),
    .rows = rows,
    .note = objects_note,
    .subject = subject,
    .connector = connector,
    .open = open_object,
};

/* ---- the prefix ------------------------------------------------------------------------------ */

static void build(const struct scene *s, struct doc *d)
{
    const struct row_base *row = view_row(s, PANE_OBJECTS);
    char a[HUMAN_SIZE];
    char iso[40];
    if (row == NULL) {
        view_gone(s, d, SOURCE_S3);
        return;
    }
    const struct prefix_row *r = (const struct prefix_row *)row;
    const struct s3_prefix *p = r->prefix;
    if (p->error != NULL)
        doc_kv(d, "error", ROLE_CRIT, p->error);
    if (row->why != NULL && row->why[0] != '\0')
        doc_kv(d, "verdict", glyph_style(row->verdict), row->why);
    doc_kv(d, "path", ROLE_TEXT, p->path);
    doc_kv(d, "newest in", ROLE_TEXT, p->newest_path);
    doc_kv(d, "written by", ROLE_TEXT,
           r->connector != NULL ? scene_text(s, "connector %s", r->connector)
                                : "no connector that is seen here");
    doc_kv(d, "key layout", ROLE_TEXT, p->layout);
    doc_kvf(d, "newest", r->late_ms > 0 ? ROLE_CRIT : ROLE_TEXT, "%s ago",
            human_duration_ms(a, r->newest_age_ms));
    doc_kv(d, "due", ROLE_TEXT,
           r->due_ms == DUE_NEVER ? "never by time: this sink closes a file only when it is full"
           : r->due_ms == UNKNOWN ? "unknown"
                                  : scene_text(s, "every %s", human_age_ms(a, r->due_ms)));
    if (r->late_ms > 0)
        doc_kvf(d, "late by", ROLE_CRIT, "%s", human_duration_ms(a, r->late_ms));
    doc_kv(d, "waiting", ROLE_TEXT,
           r->waiting == UNKNOWN
               ? "unknown"
               : scene_text(s, "%s records that no object holds yet", count(s, r->waiting)));
    if (p->since_ms != UNKNOWN)
        doc_kv(d, "seen", ROLE_TEXT,
               scene_text(s, "%s objects, %s, since %s", count(s, p->seen),
                          human_bytes(a, p->seen_bytes), clock_iso(p->since_ms, iso, sizeof(iso))));
    if (p->uploads != UNKNOWN && p->uploads > 0)
        doc_kv(d, "unfinished uploads", ROLE_TEXT,
               p->oldest_upload_ms != UNKNOWN
                   ? scene_text(s, "%s, the oldest since %s", count(s, p->uploads),
                                clock_iso(p->oldest_upload_ms, iso, sizeof(iso)))
                   : count(s, p->uploads));
    doc_line(d);
    doc_span(d, 4, d->label, false, ROLE_DIM, "objects");
    doc_spark(d, 4 + d->label, SPARK_MAX, ROLE_SPARK, r->spark, r->nspark);
}

const struct view_ops view_prefix = {.id = VIEW_PREFIX,
                                     .title = "Objects of",
                                     .build = build,
                                     .list = &list_objects,
                                     .of = &pane_objects};
