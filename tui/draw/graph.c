#include "tui/draw/graph.h"

#include "base/human.h"
#include "base/utf8.h"
#include "tui/draw/glyph.h"

#include <math.h>

enum { EIGHTHS = 8, AXIS_LINES = 2 };

struct scale {
    double low, high;
    int rows;      /* of the plot */
    int past, all; /* columns: of the past, and of all */
    int64_t ahead_ms;
    bool limit_shown;
};

static bool ahead(const struct graph *g)
{
    return g->low_ms >= 0 && !isnan(g->limit);
}

int graph_columns(const struct graph *g, int w)
{
    int all = w - GRAPH_LABEL - 1;
    return ahead(g) ? all - all * 2 / 5 : all;
}

static double newest(const struct graph *g)
{
    for (int i = g->npast - 1; i >= 0; i--)
        if (isfinite(g->past[i]))
            return g->past[i];
    return NAN;
}

static struct scale scale_of(const struct graph *g, struct rect r)
{
    struct scale s = {.rows = r.h - AXIS_LINES, .all = r.w - GRAPH_LABEL - 1};
    double least = INFINITY;
    double most = -INFINITY;
    s.past = graph_columns(g, r.w);
    for (int i = 0; i < g->npast; i++) {
        if (!isfinite(g->past[i]))
            continue;
        least = g->past[i] < least ? g->past[i] : least;
        most = g->past[i] > most ? g->past[i] : most;
    }
    if (!isfinite(most))
        least = most = 0;
    /* A limit that is far away would flatten everything else. */
    s.limit_shown = !isnan(g->limit) && (ahead(g) || most > g->limit / 3);
    if (s.limit_shown && g->limit > most)
        most = g->limit;
    s.low = least > most / 2 ? least - (most - least) / 4 : 0;
    s.high = most > s.low ? most : s.low + 1;
    /* A figure that hardly moves is shown as one that hardly moves. */
    if (s.low > 0 && s.high - s.low < s.high / 50)
        s.low = 0;
    if (ahead(g))
        s.ahead_ms = g->high_ms < INT64_MAX ? g->high_ms + g->high_ms / 20 + 1 : g->low_ms * 2 + 1;
    return s;
}

/* Height in eighths of a row. */
static int level(const struct scale *s, double v)
{
    double part = (v - s->low) / (s->high - s->low);
    part = part < 0 ? 0 : part > 1 ? 1 : part;
    return (int)(part * s->rows * EIGHTHS + 0.5);
}

/* Row (0 is the top one) in which that value lies. */
static int row_of(const struct scale *s, double v)
{
    int up = (level(s, v) - 1) / EIGHTHS;
    up = up < 0 ? 0 : up >= s->rows ? s->rows - 1 : up;
    return s->rows - 1 - up;
}

static void past_cell(const struct graph *g, const struct scale *s, struct canvas *cv, int x, int y,
                      int col, int row)
{
    if (g->npast == 0)
        return;
    double v = g->past[(int)((int64_t)col * g->npast / s->past)];
    if (!isfinite(v))
        return;
    int below = (s->rows - 1 - row) * EIGHTHS;
    int fill = level(s, v) - below;
    if (fill <= 0 && row == s->rows - 1)
        fill = 1; /* known, and as good as nothing */
    if (fill > 0)
        (void)canvas_text(cv, x, y, g->style, glyph_bar((fill > EIGHTHS ? EIGHTHS : fill) - 1));
}

/* Where a way that reaches the limit after ms has come at time t. */
static double way(const struct graph *g, double now, int64_t ms, double t)
{
    if (ms == INT64_MAX)
        return now;
    double v = ms > 0 ? now + (g->limit - now) * t / (double)ms : g->limit;
    return v < g->limit ? v : g->limit;
}

static void ahead_cell(const struct graph *g, const struct scale *s, struct canvas *cv, int x,
                       int y, int col, int row)
{
    double now = newest(g);
    int cols = s->all - s->past;
    if (cols <= 0 || isnan(now))
        return;
    double t = (double)s->ahead_ms * (col + 0.5) / cols;
    int top = row_of(s, way(g, now, g->low_ms, t));
    int bottom = row_of(s, way(g, now, g->high_ms, t));
    if (row >= top && row <= bottom)
        (void)canvas_text(cv, x, y, ROLE_DIM, "░");
}

static void plot_row(const struct graph *g, const struct scale *s, struct canvas *cv, struct rect r,
                     int row)
{
    char buf[HUMAN_SIZE];
    bool limit_here = s->limit_shown && row == row_of(s, g->limit);
    double label = NAN;
    if (limit_here)
        label = g->limit;
    else if (row == 0)
        label = s->high;
    else if (row == s->rows - 1)
        label = s->low;
    else if (s->rows >= 7 && row == s->rows / 2)
        label = s->low + (s->high - s->low) * (s->rows - row) / s->rows;
    if (!isnan(label))
        (void)canvas_right(cv, r.x, r.y, GRAPH_LABEL - 1, limit_here ? g->limit_style : ROLE_DIM,
                           g->figure(buf, label));
    int x = r.x + GRAPH_LABEL;
    (void)canvas_text(cv, x++, r.y, ROLE_BORDER, "│");
    if (limit_here) {
        canvas_hline(cv, x, r.y, s->all, g->limit_style);
        if (g->limit_name != NULL)
            (void)canvas_fit(cv, x + 1, r.y, s->past - 2, g->limit_style, g->limit_name);
    }
    for (int i = 0; i < s->past; i++)
        past_cell(g, s, cv, x + i, r.y, i, row);
    for (int i = s->past; ahead(g) && i < s->all; i++)
        if (!limit_here)
            ahead_cell(g, s, cv, x + i, r.y, i - s->past, row);
}

static void axis(const struct graph *g, const struct scale *s, struct canvas *cv, struct rect r)
{
    int x = r.x + GRAPH_LABEL;
    (void)canvas_text(cv, x, r.y, ROLE_BORDER, "└");
    canvas_hline(cv, x + 1, r.y, s->all, ROLE_BORDER);
    if (ahead(g))
        (void)canvas_text(cv, x + s->past, r.y, ROLE_TEXT, "┴");
}

/* "10 min ago … now … in 5h … in 7h": what does not fit is left out, the far end last. */
static void times(const struct graph *g, const struct scale *s, struct canvas *cv, struct rect r)
{
    char buf[HUMAN_SIZE];
    int x = r.x + GRAPH_LABEL + 1;
    int now_x = x + s->past - 3;
    (void)canvas_fit(cv, x, r.y, s->past - 5, ROLE_DIM, g->from);
    (void)canvas_text(cv, now_x, r.y, ROLE_TEXT, "now");
    if (!ahead(g))
        return;
    int cols = s->all - s->past;
    bool never = g->high_ms == INT64_MAX;
    const char *last = g->time(buf, never ? s->ahead_ms : g->high_ms);
    int last_x = x + s->all - utf8_width(last);
    (void)canvas_text(cv, last_x, r.y, ROLE_DIM, last);
    const char *low = g->time(buf, g->low_ms);
    int at = x + s->past + (int)((int64_t)cols * g->low_ms / (s->ahead_ms > 0 ? s->ahead_ms : 1));
    int low_x = at - utf8_width(low) / 2;
    if (low_x > now_x + 4 && low_x + utf8_width(low) + 2 <= last_x)
        (void)canvas_text(cv, low_x, r.y, ROLE_DIM, low);
}

void graph_row(const struct graph *g, struct canvas *cv, struct rect r, int row)
{
    if (r.w < GRAPH_LEAST_W || r.h < GRAPH_LEAST_H)
        return;
    struct scale s = scale_of(g, r);
    struct rect line = {r.x, r.y + row, r.w, 1};
    if (row < s.rows)
        plot_row(g, &s, cv, line, row);
    else if (row == s.rows)
        axis(g, &s, cv, line);
    else
        times(g, &s, cv, line);
}
