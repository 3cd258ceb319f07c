/* topics.c: pane 2: topics with the sink's lag. */
#include "base/human.h"
#include "base/mem.h"
#include "tui/draw/glyph.h"
#include "tui/view/pane.h"

#include <math.h>
#include <stdio.h>

static const struct topic_row *topic_of(const struct row_base *row)
{
    return (const struct topic_row *)row;
}

static size_t rows(const struct scene *s, const struct row_base ***out)
{
    size_t n = s->p != NULL ? s->p->ntopics : 0;
    *out = arena_array(s->arena, n + 1, sizeof(const struct row_base *));
    for (size_t i = 0; i < n; i++)
        (*out)[i] = &s->p->topics[i].base;
    return n;
}

/* Busy topics first, but in steps of two: rates that flicker must not shuffle the list. */
static int order(const struct row_base *a, const struct row_base *b)
{
    double x = topic_of(a)->per_s;
    double y = topic_of(b)->per_s;
    int lx = x >= 0.05 ? ilogb(x) + 8 : 0;
    int ly = y >= 0.05 ? ilogb(y) + 8 : 0;
    return ly - lx;
}

static void rate_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    double v = topic_of(row)->per_s;
    (void)ctx;
    out->text = isnan(v) ? "…" : human_rate(out->buf, v);
    out->style = isnan(v) || v < 0.05 ? ROLE_DIM : ROLE_TEXT;
}

static void lag_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const struct topic_row *t = topic_of(row);
    (void)ctx;
    out->text = human_count(out->buf, t->lag);
    if (t->lag == UNKNOWN)
        out->style = ROLE_DIM;
    else if (t->lag > 0 && row->verdict >= VERDICT_WARN)
        out->style = glyph_style(row->verdict);
}

static void age_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const struct scene *s = ctx;
    int64_t newest = topic_of(row)->newest_ms;
    int64_t age = UNKNOWN;
    if (newest != UNKNOWN && s->m->world != NULL)
        age = world_server_now(s->m->world, s->app->pipeline, SOURCE_KAFKA) - newest;
    out->text = human_age_ms(out->buf, age);
    out->style = age == UNKNOWN ? ROLE_DIM : ROLE_TEXT;
}

static void spark_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->spark = topic_of(row)->spark;
    out->nspark = topic_of(row)->nspark;
    out->style = ROLE_SPARK;
}

static void bytes_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    double v = topic_of(row)->bytes_per_s;
    (void)ctx;
    out->text = isnan(v) ? "–" : human_byte_rate(out->buf, v);
    out->style = isnan(v) ? ROLE_DIM : ROLE_TEXT;
}

static void lag_time_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const struct topic_row *t = topic_of(row);
    char buf[HUMAN_SIZE];
    (void)ctx;
    (void)snprintf(out->buf, sizeof(out->buf), "%s%s",
                   t->lag_ms_more && t->lag_ms != UNKNOWN ? ">" : "", human_age_ms(buf, t->lag_ms));
    out->text = out->buf;
    out->style = t->lag_ms == UNKNOWN ? ROLE_DIM : ROLE_TEXT;
}

static void messages_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = human_count(out->buf, topic_of(row)->messages);
}

static void parts_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const struct topic_row *t = topic_of(row);
    (void)ctx;
    (void)snprintf(out->buf, sizeof(out->buf), "%zu", t->topic->npartitions);
    out->text = out->buf;
    if (t->leaderless > 0)
        out->style = ROLE_CRIT;
    else if (t->under_replicated > 0)
        out->style = ROLE_WARN;
}

static int by_rate(const struct row_base *a, const struct row_base *b)
{
    return compare_double(topic_of(a)->per_s, topic_of(b)->per_s);
}
static int by_lag(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(topic_of(a)->lag, topic_of(b)->lag);
}
static int by_age(const struct row_base *a, const struct row_base *b)
{
    return -compare_i64(topic_of(a)->newest_ms, topic_of(b)->newest_ms);
}
static int by_bytes(const struct row_base *a, const struct row_base *b)
{
    return compare_double(topic_of(a)->bytes_per_s, topic_of(b)->bytes_per_s);
}
static int by_lag_time(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(topic_of(a)->lag_ms, topic_of(b)->lag_ms);
}
static int by_messages(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(topic_of(a)->messages, topic_of(b)->messages);
}
static int by_parts(const struct row_base *a, const struct row_base *b)
{
    return compare_i64((int64_t)topic_of(a)->topic->npartitions,
                       (int64_t)topic_of(b)->topic->npartitions);
}

static const char *spark_head(const struct row_base *first, char *buf, size_t size)
{
    return spark_title(topic_of(first)->spark_span_ms, buf, size);
}

static const char *note(const struct scene *s)
{
    char a[HUMAN_SIZE];
    char b[HUMAN_SIZE];
    char n[HUMAN_SIZE];
    double rate = NAN;
    double bytes = NAN;
    if (s->p == NULL || s->p->ntopics == 0)
        return NULL;
    (void)human_count(n, (int64_t)s->p->ntopics);
    for (size_t i = 0; i < s->p->ntopics; i++) {
        const struct topic_row *t = &s->p->topics[i];
        if (!isnan(t->per_s))
            rate = isnan(rate) ? t->per_s : rate + t->per_s;
        if (!isnan(t->bytes_per_s))
            bytes = isnan(bytes) ? t->bytes_per_s : bytes + t->bytes_per_s;
    }
    if (isnan(rate))
        return scene_text(s, "%s · …", n);
    if (rate >= 100 && rate < 1000)
        (void)snprintf(a, sizeof(a), "%.0f", rate);
    else
        (void)human_rate(a, rate);
    if (isnan(bytes))
        return scene_text(s, "%s · %s/s", n, a);
    return scene_text(s, "%s · %s/s · est. %s", n, a, human_byte_rate(b, bytes));
}

static const struct column columns[] = {
    {.id = "topic",
     .title = "TOPIC",
     .help = "name of the topic",
     .width = 12,
     .grow = 50,
     .cell = cell_name,
     .compare = compare_name},
    {         .id = "rate",
     .title = "MSG/S",
     .help = "messages written per second, over the last minute",
     .width = 6,
     .priority = 2,
     .right = true,
     .descending = true,
     .cell = rate_cell,
     .compare = by_rate},
    {              .id = "lag",
     .title = "LAG",
     .help = "messages that the sink's group has not consumed",
     .width = 7,
     .priority = 1,
     .right = true,
     .descending = true,
     .cell = lag_cell,
     .compare = by_lag},
    {               .id = "age",
     .title = "AGE",
     .help = "how old the newest record is",
     .width = 4,
     .priority = 3,
     .right = true,
     .cell = age_cell,
     .compare = by_age},
    { .id = "trend",
     .title = "TREND",
     .help = "messages per second over time",
     .width = 10,
     .grow = 40,
     .priority = 4,
     .gap = 1,
     .cell = spark_cell,
     .compare = by_rate,
     .descending = true,
     .head = spark_head},
    {                .id = "lagtime",
     .title = "LAG AGE",
     .help = "how old the oldest unconsumed record is",
     .width = 7,
     .priority = 5,
     .right = true,
     .descending = true,
     .cell = lag_time_cell,
     .compare = by_lag_time},
    {            .id = "bytes",
     .title = "EST. B/S",
     .help = "bytes per second, an estimate from sampled records",
     .width = 9,
     .priority = 6,
     .right = true,
     .descending = true,
     .cell = bytes_cell,
     .compare = by_bytes},
    {               .id = "messages",
     .title = "MESSAGES",
     .help = "records kept: end minus begin offsets",
     .width = 9,
     .priority = 7,
     .right = true,
     .descending = true,
     .cell = messages_cell,
     .compare = by_messages},
    {            .id = "partitions",
     .title = "PARTS",
     .help = "partitions",
     .width = 5,
     .priority = 8,
     .right = true,
     .descending = true,
     .cell = parts_cell,
     .compare = by_parts},
};

const struct pane_ops pane_topics = {
    .id = PANE_TOPICS,
    .number = "2",
    .title = "Topics",
    .tab = "Topics",
    .empty = "no topic is visible here",
    .has_source = true,
    .source = SOURCE_KAFKA,
    .columns = columns,
    .ncolumns = ARRAY_LEN(columns),
    .rows = rows,
    .order = order,
    .note = note,
    .detail = VIEW_TOPIC,
};
