/* groups.c: the consumer groups: what each has yet to read, and where that leads to. */
#include "tui/view/groups.h"
#include "base/human.h"
#include "base/mem.h"
#include "tui/draw/glyph.h"
#include "tui/view/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { RATE_WINDOW_MS = 60 * 1000, SPAN_MS = 2 * 60 * 1000, SLICES = 40 };

static const struct group_row *group_of(const struct row_base *row)
{
    return (const struct group_row *)row;
}

static size_t rows(const struct scene *s, const struct row_base ***out)
{
    size_t n = s->p != NULL ? s->p->ngroups : 0;
    *out = arena_array(s->arena, n + 1, sizeof(const struct row_base *));
    for (size_t i = 0; i < n; i++)
        (*out)[i] = &s->p->groups[i].base;
    return n;
}

/* The most that waits first. */
static int order(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(group_of(b)->lag, group_of(a)->lag);
}

bool group_commits(const struct group_row *g)
{
    const char *type = g->group->protocol_type;
    return type == NULL || type[0] == '\0' || strcmp(type, "consumer") == 0 ||
           g->group->noffsets > 0;
}

const char *group_trend_words(const struct group_row *g, unsigned *style)
{
    static const struct {
        const char *trend, *words;
        unsigned char style;
    } table[] = {
        {"OK",     "keeps up",     ROLE_TEXT},
        {"WARN",   "falls behind", ROLE_WARN},
        {"STALL",  "stands still", ROLE_WARN},
        {"STOP",   "has stopped",  ROLE_CRIT},
        {"REWIND", "went back",    ROLE_WARN},
    };
    *style = ROLE_DIM;
    for (size_t i = 0; g->trend != NULL && i < ARRAY_LEN(table); i++)
        if (strcmp(g->trend, table[i].trend) == 0) {
            *style = table[i].style;
            return table[i].words;
        }
    return group_commits(g) ? "watching…" : "–";
}

const struct series *group_series(const struct scene *s, const char *what, const char *name)
{
    return s->wp != NULL ? series_find(s->wp->series, scene_text(s, "%s %s", what, name)) : NULL;
}

double group_read_rate(const struct scene *s, const struct group_row *g)
{
    return series_rate(group_series(s, "committed", g->base.name), RATE_WINDOW_MS);
}

static void state_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const char *state = group_of(row)->group->state;
    (void)ctx;
    bool busy = state != NULL && strstr(state, "Rebalance") != NULL;
    out->text = state == NULL ? "–" : busy ? "rebalancing" : state;
    out->style = state == NULL                  ? ROLE_DIM
                 : busy                         ? ROLE_WARN
                 : strcmp(state, "Stable") == 0 ? ROLE_TEXT
                                                : ROLE_INFO;
}

static void members_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    int n = group_of(row)->group->members;
    (void)ctx;
    out->text = human_count(out->buf, n < 0 ? HUMAN_UNKNOWN : n);
    out->style = n < 0 ? ROLE_DIM : ROLE_TEXT;
}

static void lag_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = human_count(out->buf, group_of(row)->lag);
    out->style = group_of(row)->lag == UNKNOWN ? ROLE_DIM : ROLE_TEXT;
}

static void lag_age_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const struct group_row *g = group_of(row);
    (void)ctx;
    cell_lag_age(out, g->lag_ms, g->lag_ms_more);
}

static void trend_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = group_trend_words(group_of(row), &out->style);
}

static void read_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    double rate = group_read_rate(ctx, group_of(row));
    out->text = !isnan(rate)                   ? human_rate(out->buf, rate)
                : group_commits(group_of(row)) ? "…"
                                               : "–";
    out->style = isnan(rate) || rate < 0.05 ? ROLE_DIM : ROLE_TEXT;
}

static void spark_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const struct scene *s = ctx;
    double *v = arena_array(s->arena, SLICES, sizeof(*v));
    series_slices(group_series(s, "lag", row->name), s->m->mono_ms, SPAN_MS, v, SLICES);
    out->spark = v;
    out->nspark = SLICES;
    out->style = ROLE_SPARK;
}

static void connector_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const char *name = group_of(row)->connector;
    (void)ctx;
    out->text = name != NULL ? name : "none seen";
    out->style = name != NULL ? ROLE_TEXT : ROLE_DIM;
}

static size_t count_topics(const struct kafka_group *g)
{
    size_t n = 0;
    for (size_t i = 0; i < g->noffsets; i++)
        n += i == 0 || strcmp(g->offsets[i].topic, g->offsets[i - 1].topic) != 0;
    return n;
}

static void topics_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const struct kafka_group *g = group_of(row)->group;
    (void)ctx;
    out->text = human_count(out->buf, g->offsets_read ? (int64_t)count_topics(g) : HUMAN_UNKNOWN);
    out->style = g->offsets_read ? ROLE_TEXT : ROLE_DIM;
}

static void protocol_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const char *type = group_of(row)->group->protocol_type;
    (void)ctx;
    out->text = type != NULL && type[0] != '\0' ? type : "–";
    out->style = ROLE_DIM;
}

static int by_state(const struct row_base *a, const struct row_base *b)
{
    const char *x = group_of(a)->group->state;
    const char *y = group_of(b)->group->state;
    return strcmp(x != NULL ? x : "", y != NULL ? y : "");
}
static int by_members(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(group_of(a)->group->members, group_of(b)->group->members);
}
static int by_lag(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(group_of(a)->lag, group_of(b)->lag);
}
static int by_lag_age(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(group_of(a)->lag_ms, group_of(b)->lag_ms);
}
static int by_trend(const struct row_base *a, const struct row_base *b)
{
    unsigned style;
    return strcmp(group_trend_words(group_of(a), &style), group_trend_words(group_of(b), &style));
}
static int by_connector(const struct row_base *a, const struct row_base *b)
{
    const char *x = group_of(a)->connector;
    const char *y = group_of(b)->connector;
    return strcmp(x != NULL ? x : "~", y != NULL ? y : "~"); /* those without one last */
}
static int by_topics(const struct row_base *a, const struct row_base *b)
{
    return compare_i64((int64_t)count_topics(group_of(a)->group),
                       (int64_t)count_topics(group_of(b)->group));
}

static const char *spark_head(const struct row_base *first, char *buf, size_t size)
{
    char span[16];
    (void)first;
    (void)snprintf(buf, size, "LAG %s", spark_title(SPAN_MS, span, sizeof(span)));
    return buf;
}

static const char *connector(const struct row_base *row)
{
    return group_of(row)->connector;
}

static const char *note(const struct scene *s)
{
    char n[HUMAN_SIZE];
    char sum[HUMAN_SIZE];
    int64_t lag = 0;
    if (s->p == NULL || s->p->ngroups == 0)
        return NULL;
    for (size_t i = 0; i < s->p->ngroups; i++)
        if (s->p->groups[i].connector != NULL && s->p->groups[i].lag != UNKNOWN)
            lag += s->p->groups[i].lag;
    return scene_text(s, "%s · sinks %s behind", human_count(n, (int64_t)s->p->ngroups),
                      human_count(sum, lag));
}

static const struct column columns[] = {
    {.id = "group",
     .title = "GROUP",
     .help = "name of the consumer group",
     .width = 14,
     .grow = 60,
     .cell = cell_name,
     .compare = compare_name         },
    {.id = "state",
     .title = "STATE",
     .help = "what the coordinator says: Stable, Empty, a rebalance",
     .width = 11,
     .grow = 20,
     .priority = 4,
     .cell = state_cell,
     .compare = by_state},
    {.id = "members",
     .title = "MEMBERS",
     .help = "consumers in it",
     .width = 7,
     .priority = 7,
     .right = true,
     .descending = true,
     .cell = members_cell,
     .compare = by_members},
    {.id = "lag",
     .title = "LAG",
     .help = "messages that it has not committed, over all its partitions",
     .width = 9,
     .priority = 1,
     .right = true,
     .descending = true,
     .cell = lag_cell,
     .compare = by_lag},
    {.id = "age",
     .title = "LAG AGE",
     .help = "how old the oldest message is that it has not committed",
     .width = 8,
     .priority = 3,
     .right = true,
     .descending = true,
     .cell = lag_age_cell,
     .compare = by_lag_age},
    {.id = "trend",
     .title = "TREND",
     .help = "where its lag goes, by Burrow's rules over ten samples",
     .width = 12,
     .priority = 2,
     .cell = trend_cell,
     .compare = by_trend         },
    {.id = "read",
     .title = "READ/S",
     .help = "messages committed per second, over the last minute",
     .width = 7,
     .priority = 5,
     .right = true,
     .descending = true,
     .cell = read_cell,
     .compare = by_lag},
    {.id = "history",
     .title = "LAG",
     .help = "its lag over time",
     .width = 10,
     .grow = 40,
     .priority = 8,
     .cell = spark_cell,
     .compare = by_lag,
     .descending = true,
     .head = spark_head},
    {.id = "connector",
     .title = "CONNECTOR",
     .help = "sink whose group it is",
     .width = 12,
     .grow = 40,
     .priority = 6,
     .cell = connector_cell,
     .compare = by_connector},
    {.id = "topics",
     .title = "TOPICS",
     .help = "topics that it has committed offsets of",
     .width = 6,
     .priority = 9,
     .right = true,
     .descending = true,
     .cell = topics_cell,
     .compare = by_topics},
    {.id = "protocol",
     .title = "PROTOCOL",
     .help = "consumer, or connect for the workers of a Connect cluster",
     .width = 8,
     .priority = 10,
     .cell = protocol_cell,
     .compare = compare_name               },
};

const struct pane_ops list_groups = {
    .id = LIST_GROUPS,
    .number = "6",
    .title = "Consumer groups",
    .empty = "no consumer group is known here",
    .has_source = true,
    .source = SOURCE_KAFKA,
    .columns = columns,
    .ncolumns = ARRAY_LEN(columns),
    .rows = rows,
    .order = order,
    .note = note,
    .connector = connector,
    .detail = VIEW_GROUP,
};

const struct view_ops view_groups = {.id = VIEW_GROUPS, .list = &list_groups};
