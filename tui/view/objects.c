/* objects.c: pane 4: what arrives in S3, by prefix. */
#include "base/clock.h"
#include "base/human.h"
#include "base/mem.h"
#include "tui/draw/glyph.h"
#include "tui/view/pane.h"

#include <math.h>

static const struct prefix_row *prefix_of(const struct row_base *row)
{
    return (const struct prefix_row *)row;
}

static size_t rows(const struct scene *s, const struct row_base ***out)
{
    size_t n = s->p != NULL ? s->p->nprefixes : 0;
    *out = arena_array(s->arena, n + 1, sizeof(const struct row_base *));
    for (size_t i = 0; i < n; i++)
        (*out)[i] = &s->p->prefixes[i].base;
    return n;
}

static void label_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    const char *label = prefix_of(row)->label;
    out->text = label != NULL ? label : row->name;
}

static void newest_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const struct prefix_row *p = prefix_of(row);
    (void)ctx;
    out->text = human_duration_ms(out->buf, p->newest_age_ms);
    if (p->newest_age_ms == UNKNOWN)
        out->style = ROLE_DIM;
    else if (p->late_ms > 0)
        out->style = ROLE_CRIT;
}

static void due_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    int64_t due = prefix_of(row)->due_ms;
    (void)ctx;
    out->text = due == DUE_NEVER ? "no" : human_age_ms(out->buf, due);
    out->style = due == UNKNOWN ? ROLE_DIM : ROLE_TEXT;
}

static void size_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = human_bytes(out->buf, prefix_of(row)->size);
}

static void spark_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->spark = prefix_of(row)->spark;
    out->nspark = prefix_of(row)->nspark;
    out->style = ROLE_SPARK;
}

static void late_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    int64_t late = prefix_of(row)->late_ms;
    (void)ctx;
    out->text = late == 0 ? "on time" : human_duration_ms(out->buf, late);
    out->style = late > 0 ? ROLE_CRIT : ROLE_DIM;
}

static void waiting_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = human_count(out->buf, prefix_of(row)->waiting);
}

static void rate_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    double v = prefix_of(row)->objects_per_s;
    (void)ctx;
    out->text = isnan(v) ? "…" : human_rate(out->buf, v * 60);
    out->style = isnan(v) ? ROLE_DIM : ROLE_TEXT;
}

static void sink_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const char *name = prefix_of(row)->connector;
    (void)ctx;
    out->text = name != NULL ? name : "none known";
    out->style = name != NULL ? ROLE_TEXT : ROLE_DIM;
}

static int by_newest(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(prefix_of(a)->newest_age_ms, prefix_of(b)->newest_age_ms);
}
static int by_due(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(prefix_of(a)->due_ms, prefix_of(b)->due_ms);
}
static int by_size(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(prefix_of(a)->size, prefix_of(b)->size);
}
static int by_late(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(prefix_of(a)->late_ms, prefix_of(b)->late_ms);
}
static int by_waiting(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(prefix_of(a)->waiting, prefix_of(b)->waiting);
}
static int by_rate(const struct row_base *a, const struct row_base *b)
{
    return compare_double(prefix_of(a)->objects_per_s, prefix_of(b)->objects_per_s);
}

static const char *connector(const struct row_base *row)
{
    return prefix_of(row)->connector;
}

static const char *spark_head(const struct row_base *first, char *buf, size_t size)
{
    return spark_title(prefix_of(first)->spark_span_ms, buf, size);
}

static const char *note(const struct scene *s)
{
    char count[HUMAN_SIZE];
    char bytes[HUMAN_SIZE];
    char hms[32];
    int64_t n = 0;
    int64_t sum = 0;
    int64_t since = INT64_MAX;
    bool complete = true;
    if (s->p == NULL || s->p->nprefixes == 0)
        return NULL;
    for (size_t i = 0; i < s->p->nprefixes; i++) {
        const struct s3_prefix *p = s->p->prefixes[i].prefix;
        n += p->seen > 0 ? p->seen : 0;
        sum += p->seen_bytes > 0 ? p->seen_bytes : 0;
        since = p->since_ms != UNKNOWN && p->since_ms < since ? p->since_ms : since;
        complete = complete && p->complete;
    }
    if (!complete)
        return "listing…";
    if (since == INT64_MAX)
        return scene_text(s, "%s objects", human_count(count, n));
    return scene_text(s, "%s · %s since %.5sZ", human_count(count, n), human_bytes(bytes, sum),
                      clock_hms(since, hms, sizeof(hms)));
}

static const struct column columns[] = {
    {.id = "prefix",
     .title = "PREFIX",
     .help = "where the topic's newest object lies",
     .width = 12,
     .grow = 50,
     .cell = label_cell,
     .compare = compare_name                          },
    {     .id = "newest",
     .title = "NEWEST",
     .help = "age of the newest object",
     .width = 7,
     .priority = 1,
     .right = true,
     .descending = true,
     .cell = newest_cell,
     .compare = by_newest},
    {                                    .id = "due",
     .title = "DUE",
     .help = "how often the sink should close a file; no: it never does by time",
     .width = 4,
     .priority = 2,
     .right = true,
     .cell = due_cell,
     .compare = by_due},
    {                                       .id = "size",
     .title = "SIZE",
     .help = "bytes of the newest object",
     .width = 7,
     .priority = 3,
     .right = true,
     .descending = true,
     .cell = size_cell,
     .compare = by_size},
    {                                       .id = "trend",
     .title = "TREND",
     .help = "objects per second over time",
     .width = 10,
     .grow = 40,
     .priority = 4,
     .gap = 1,
     .cell = spark_cell,
     .compare = by_rate,
     .descending = true,
     .head = spark_head},
    {                                                .id = "late",
     .title = "LATE",
     .help = "beyond due and grace while records wait",
     .width = 8,
     .priority = 6,
     .right = true,
     .descending = true,
     .cell = late_cell,
     .compare = by_late},
    {                                              .id = "waiting",
     .title = "WAITING",
     .help = "records of the topic that no object holds yet",
     .width = 8,
     .priority = 7,
     .right = true,
     .descending = true,
     .cell = waiting_cell,
     .compare = by_waiting},
    { .id = "rate",
     .title = "OBJ/MIN",
     .help = "objects per minute",
     .width = 7,
     .priority = 8,
     .right = true,
     .descending = true,
     .cell = rate_cell,
     .compare = by_rate},
    {                                      .id = "sink",
     .title = "SINK",
     .help = "connector that writes here",
     .width = 10,
     .grow = 24,
     .priority = 9,
     .cell = sink_cell,
     .compare = compare_name},
};

const struct pane_ops pane_objects = {
    .id = PANE_OBJECTS,
    .number = "4",
    .title = "S3 objects",
    .tab = "S3",
    .empty = "no object here yet",
    .has_source = true,
    .source = SOURCE_S3,
    .columns = columns,
    .ncolumns = ARRAY_LEN(columns),
    .rows = rows,
    .note = note,
    .connector = connector,
    .detail = VIEW_PREFIX,
};
