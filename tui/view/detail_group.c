/* detail_group.c: a consumer group: its state and what is remembered of it, and as a list each
 * partition with what was committed, what there is, and the lag between them. */
#include "base/human.h"
#include "base/mem.h"
#include "model/kafka_past.h"
#include "tui/draw/glyph.h"
#include "tui/view/groups.h"
#include "tui/view/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { RATE_WINDOW_MS = 60 * 1000, ETA_WINDOW_MS = 4 * 60 * 1000, EVENTS_SHOWN = 3 };

struct part_row {
    struct row_base base;
    const char *topic;
    int32_t partition;
    int64_t committed, end, lag, lag_ms, newest_ms;
    bool lag_ms_more;
    double read_per_s;
};

static const struct part_row *part_of(const struct row_base *row)
{
    return (const struct part_row *)row;
}

/* The group that is open; NULL when it is gone. */
static const struct group_row *group_open(const struct scene *s)
{
    if (scene_view(s)->id != VIEW_GROUP)
        return NULL;
    return (const struct group_row *)view_row(s, LIST_GROUPS);
}

/* ---- partitions ------------------------------------------------------------------------------ */

static void judge(struct part_row *row, const struct kafka_partition *p)
{
    if (p == NULL || p->end == UNKNOWN) {
        row->base.verdict = VERDICT_UNKNOWN;
        row->base.why = "the end of this partition is not known";
    } else if (p->leader < 0) {
        row->base.verdict = VERDICT_CRIT;
        row->base.why = "no leader: nobody can read it";
    } else if (row->committed != UNKNOWN && p->begin != UNKNOWN && row->committed < p->begin) {
        row->base.verdict = VERDICT_CRIT;
        row->base.why = "retention has deleted records that were not read";
    } else if (row->committed == UNKNOWN) {
        row->base.verdict = VERDICT_INFO;
        row->base.why = "no offset is committed";
    }
}

static void fill(const struct scene *s, const struct group_row *g, const struct kafka_offset *o,
                 struct part_row *row)
{
    const struct snapshot *snap = world_snap(s->m->world, s->app->pipeline, SOURCE_KAFKA);
    const struct kafka_partition *p =
        snap != NULL ? kafka_find_partition(&snap->kafka, o->topic, o->partition) : NULL;
    *row = (struct part_row){
        .base = {.name = scene_text(s, "%s/%d", o->topic, (int)o->partition),
                 .verdict = VERDICT_OK,
                 .why = "",
                 .stale = g->base.stale},
        .topic = o->topic,
        .partition = o->partition,
        .committed = o->committed,
        .end = p != NULL ? p->end : UNKNOWN,
        .newest_ms = p != NULL ? p->newest_ms : UNKNOWN,
        .lag = UNKNOWN,
        .lag_ms = UNKNOWN
    };
    judge(row, p);
    if (row->end != UNKNOWN && row->committed != UNKNOWN) {
        row->lag = row->end > row->committed ? row->end - row->committed : 0;
        row->lag_ms = row->lag == 0
                          ? 0
                          : series_lag_ms(group_series(s, "hw", row->base.name),
                                          (double)row->committed, s->m->mono_ms, &row->lag_ms_more);
    }
    row->read_per_s =
        series_rate(group_series(s, "at", scene_text(s, "%s %s", g->base.name, row->base.name)),
                    RATE_WINDOW_MS);
}

static size_t rows(const struct scene *s, const struct row_base ***out)
{
    const struct group_row *g = group_open(s);
    size_t n = g != NULL ? g->group->noffsets : 0;
    struct part_row *made = arena_array(s->arena, n + 1, sizeof(*made));
    *out = arena_array(s->arena, n + 1, sizeof(const struct row_base *));
    for (size_t i = 0; i < n; i++) {
        fill(s, g, &g->group->offsets[i], &made[i]);
        (*out)[i] = &made[i].base;
    }
    return n;
}

static int order(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(part_of(b)->lag, part_of(a)->lag);
}

static void topic_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = part_of(row)->topic;
}

static void number_cell(struct cell_out *out, int64_t n)
{
    out->text = human_count(out->buf, n);
    out->style = n == UNKNOWN ? ROLE_DIM : ROLE_TEXT;
}

static void part_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    number_cell(out, part_of(row)->partition);
}
static void committed_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    number_cell(out, part_of(row)->committed);
}
static void end_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    number_cell(out, part_of(row)->end);
}
static void lag_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    number_cell(out, part_of(row)->lag);
}

static void lag_age_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const struct part_row *r = part_of(row);
    (void)ctx;
    cell_lag_age(out, r->lag_ms, r->lag_ms_more);
}

static void read_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    double rate = part_of(row)->read_per_s;
    (void)ctx;
    out->text = isnan(rate) ? "…" : human_rate(out->buf, rate);
    out->style = isnan(rate) || rate < 0.05 ? ROLE_DIM : ROLE_TEXT;
}

static void newest_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const struct scene *s = ctx;
    int64_t newest = part_of(row)->newest_ms;
    int64_t now = world_server_now(s->m->world, s->app->pipeline, SOURCE_KAFKA);
    out->text = human_age_ms(out->buf, newest != UNKNOWN ? now - newest : UNKNOWN);
    out->style = newest == UNKNOWN ? ROLE_DIM : ROLE_TEXT;
}

static void why_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = row->why;
    out->style = glyph_style(row->verdict);
}

static int by_topic(const struct row_base *a, const struct row_base *b)
{
    int c = strcmp(part_of(a)->topic, part_of(b)->topic);
    return c != 0 ? c : compare_i64(part_of(a)->partition, part_of(b)->partition);
}
static int by_part(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(part_of(a)->partition, part_of(b)->partition);
}
static int by_committed(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(part_of(a)->committed, part_of(b)->committed);
}
static int by_end(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(part_of(a)->end, part_of(b)->end);
}
static int by_lag(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(part_of(a)->lag, part_of(b)->lag);
}
static int by_lag_age(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(part_of(a)->lag_ms, part_of(b)->lag_ms);
}
static int by_read(const struct row_base *a, const struct row_base *b)
{
    return compare_double(part_of(a)->read_per_s, part_of(b)->read_per_s);
}
static int by_newest(const struct row_base *a, const struct row_base *b)
{
    return -compare_i64(part_of(a)->newest_ms, part_of(b)->newest_ms);
}

static const char *subject(const struct row_base *row)
{
    return part_of(row)->topic;
}

static void open_topic(const struct scene *s, const struct row_base *row)
{
    view_open(s, VIEW_TOPIC, part_of(row)->topic);
}

static const char *note(const struct scene *s)
{
    const struct group_row *g = group_open(s);
    char n[HUMAN_SIZE];
    if (g == NULL || g->group->noffsets == 0)
        return NULL;
    return scene_text(s, "%s partitions", human_count(n, (int64_t)g->group->noffsets));
}

static const struct column columns[] = {
    {.id = "topic",
     .title = "TOPIC",
     .help = "topic that it reads",
     .width = 14,
     .grow = 70,
     .cell = topic_cell,
     .compare = by_topic    },
    {                 .id = "partition",
     .title = "PART",
     .help = "partition",
     .width = 5,
     .right = true,
     .cell = part_cell,
     .compare = by_part   },
    { .id = "committed",
     .title = "COMMITTED",
     .help = "offset that the group has committed",
     .width = 12,
     .priority = 5,
     .right = true,
     .descending = true,
     .cell = committed_cell,
     .compare = by_committed},
    {                 .id = "end",
     .title = "END",
     .help = "offset of the next record",
     .width = 12,
     .priority = 6,
     .right = true,
     .descending = true,
     .cell = end_cell,
     .compare = by_end},
    {                         .id = "lag",
     .title = "LAG",
     .help = "messages between the two",
     .width = 9,
     .priority = 1,
     .right = true,
     .descending = true,
     .cell = lag_cell,
     .compare = by_lag},
    {                          .id = "age",
     .title = "LAG AGE",
     .help = "how old the oldest of them is",
     .width = 8,
     .priority = 2,
     .right = true,
     .descending = true,
     .cell = lag_age_cell,
     .compare = by_lag_age},
    {                        .id = "read",
     .title = "READ/S",
     .help = "messages committed per second, over the last minute",
     .width = 7,
     .priority = 3,
     .right = true,
     .descending = true,
     .cell = read_cell,
     .compare = by_read},
    {                             .id = "newest",
     .title = "NEWEST",
     .help = "how old the newest record is",
     .width = 6,
     .priority = 7,
     .right = true,
     .cell = newest_cell,
     .compare = by_newest},
    {                             .id = "remark",
     .title = "REMARK",
     .help = "what is to be said of it",
     .width = 20,
     .grow = GROW_ALL,
     .priority = 4,
     .cell = why_cell,
     .compare = by_topic},
};

const struct pane_ops list_partitions = {
    .id = LIST_PARTITIONS,
    .title = "Partitions",
    .empty = "it has committed no offset",
    .has_source = true,
    .source = SOURCE_KAFKA,
    .columns = columns,
    .ncolumns = ARRAY_LEN(columns),
    .rows = rows,
    .order = order,
    .note = note,
    .subject = subject,
    .open = open_topic,
};

/* ---- the group ------------------------------------------------------------------------------- */

static const char *range(const struct scene *s, const struct projection *p)
{
    char low[HUMAN_SIZE];
    char high[HUMAN_SIZE];
    human_duration_ms(low, p->low_ms);
    if (p->high_ms == INT64_MAX)
        return scene_text(s, "at least %s", low);
    return scene_text(s, "%s to %s", low, human_duration_ms(high, p->high_ms));
}

/* "61,204 messages, more than 3m12s; caught up in est. 4m to 9m". */
static const char *behind(const struct scene *s, const struct group_row *g)
{
    char a[HUMAN_SIZE];
    char b[HUMAN_SIZE];
    if (g->lag == UNKNOWN)
        return group_commits(g) ? "unknown" : "nothing: it is no consumer";
    const char *text = scene_text(s, "%s messages", human_count(a, g->lag));
    if (g->lag > 0 && g->lag_ms != UNKNOWN)
        text = scene_text(s, "%s, the oldest %s%s old", text, g->lag_ms_more ? "more than " : "",
                          human_duration_ms(b, g->lag_ms));
    struct projection p =
        series_project(group_series(s, "lag", g->base.name), (double)g->lag, -1, ETA_WINDOW_MS);
    if (g->lag > 0 && p.known)
        text = scene_text(s, "%s; caught up in est. %s", text, range(s, &p));
    return text;
}

static void put_trend(const struct scene *s, struct doc *d, const struct group_row *g)
{
    static const struct {
        const char *trend, *why;
    } table[] = {
        {"OK",     "its lag was 0, or its commits move and its lag does not grow for good"},
        {"WARN",   "its commits move, but its lag grows and shrinks in no step"           },
        {"STALL",  "it committed nothing in ten samples while records wait"               },
        {"STOP",   "it committed nothing for twenty samples while records wait"           },
        {"REWIND", "its commits went backwards"                                           },
    };
    unsigned style;
    const char *words = group_trend_words(g, &style);
    const char *why = "ten samples are needed before anything is said";
    for (size_t i = 0; g->trend != NULL && i < ARRAY_LEN(table); i++)
        if (strcmp(g->trend, table[i].trend) == 0)
            why = scene_text(s, "Burrow: %s: %s", table[i].trend, table[i].why);
    if (group_commits(g))
        doc_kv(d, "trend", style, scene_text(s, "%s (%s)", words, why));
}

/* How often it was rebalancing or empty, as far as it was watched. */
static void put_watched(const struct scene *s, struct doc *d, const struct group_row *g)
{
    const struct group_trend *t = world_group(s->m->world, s->app->pipeline, g->base.name);
    if (t == NULL || t->busy_polls == 0)
        return;
    uint32_t mask = t->busy_polls >= 32 ? UINT32_MAX : (UINT32_C(1) << t->busy_polls) - 1;
    int busy = __builtin_popcount(t->busy & mask);
    int empty = __builtin_popcount(t->empty & mask);
    const char *text = scene_text(s, "of the last %d answers %d rebalancing, %d without a member",
                                  t->busy_polls, busy, empty);
    if (t->nbegun > 0) {
        char age[HUMAN_SIZE];
        int64_t last = t->begun_ms[(t->nbegun - 1) % GROUP_REBALANCES];
        text = scene_text(s, "%s; %d rebalance%s seen, the last one %s ago", text, t->nbegun,
                          t->nbegun == 1 ? "" : "s", human_duration_ms(age, s->m->mono_ms - last));
    }
    doc_kv(d, "history", busy > 0 ? ROLE_WARN : ROLE_TEXT, text);
}

static const char *event_words(const struct scene *s, const struct kafka_event *e)
{
    char from[HUMAN_SIZE];
    char to[HUMAN_SIZE];
    human_count(from, e->from);
    human_count(to, e->to);
    if (e->kind == KAFKA_REWOUND)
        return scene_text(s, "%s/%d went back from offset %s to %s", e->topic, (int)e->partition,
                          from, to);
    return scene_text(s, "%s/%d lost records: committed %s, but the log began at %s", e->topic,
                      (int)e->partition, from, to);
}

static void put_events(const struct scene *s, struct doc *d, const struct group_row *g)
{
    int shown = 0;
    for (size_t i = s->wp != NULL ? s->wp->kafka_past.count : 0; i > 0; i--) {
        const struct kafka_event *e = &s->wp->kafka_past.items[i - 1];
        char age[HUMAN_SIZE];
        if (e->group == NULL || strcmp(e->group, g->base.name) != 0 || shown++ >= EVENTS_SHOWN)
            continue;
        doc_kv(d, shown == 1 ? "seen" : "", ROLE_WARN,
               scene_text(s, "%s, %s ago", event_words(s, e),
                          human_duration_ms(age, s->m->mono_ms - e->mono_ms)));
    }
}

static void put_owner(const struct scene *s, struct doc *d, const struct group_row *g)
{
    const struct connector_row *c =
        g->connector != NULL ? pipeline_connector(s->p, g->connector) : NULL;
    const char *state = g->group->state != NULL ? g->group->state : "state unknown";
    const char *members = g->group->members < 0 ? "members unknown"
                                                : scene_text(s, "%d member%s", g->group->members,
                                                             g->group->members == 1 ? "" : "s");
    doc_kv(d, "state", ROLE_TEXT, scene_text(s, "%s, %s", state, members));
    if (c != NULL)
        doc_kv(d, "connector", c->failed > 0 ? ROLE_WARN : ROLE_TEXT,
               scene_text(s, "%s, %s, %s", g->connector,
                          c->connector->state != NULL ? c->connector->state : "state unknown",
                          pipeline_tasks_text(s->arena, c)));
    else
        doc_kv(d, "connector", ROLE_DIM, "no sink that is seen here reads by this group");
}

static void build(const struct scene *s, struct doc *d)
{
    const struct group_row *g = group_open(s);
    if (g == NULL) {
        view_gone(s, d, SOURCE_KAFKA);
        return;
    }
    char rate[HUMAN_SIZE];
    double read = group_read_rate(s, g);
    const char *reads =
        isnan(read) ? "" : scene_text(s, "; reads %s messages/s", human_rate(rate, read));
    d->label = 11;
    doc_kv(d, "behind", g->lag == UNKNOWN ? ROLE_DIM : ROLE_TEXT,
           scene_text(s, "%s%s", behind(s, g), reads));
    put_trend(s, d, g);
    if (g->base.why != NULL && g->base.why[0] != '\0')
        doc_kv(d, "verdict", glyph_style(g->base.verdict), g->base.why);
    put_owner(s, d, g);
    put_watched(s, d, g);
    put_events(s, d, g);
}

const struct view_ops view_group = {.id = VIEW_GROUP,
                                    .title = "Group",
                                    .build = build,
                                    .list = &list_partitions,
                                    .of = &list_groups};
