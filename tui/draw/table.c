#include "tui/draw/table.h"

#include "base/utf8.h"
#include "tui/draw/glyph.h"
#include "tui/draw/sparkline.h"

#include <string.h>

/* Left of the first column: the verdict's mark and a blank. */
enum { GUTTER = 2, MARGIN = 1, MEASURED_ROWS = 200, NAME_WISH = 26, OPTIONAL = 5 };

static int gap_of(const struct column *col)
{
    return col->gap > 0 ? col->gap : 2;
}

/* How wide the widest of the first rows is: a stable measure, cheap with 10,000 of them. */
static int content_width(const struct table *t, const struct column *col)
{
    int w = utf8_width(col->title);
    for (size_t i = 0; i < t->nrows && i < MEASURED_ROWS; i++) {
        struct cell_out out = {.text = ""};
        col->cell(t->ctx, t->rows[i], &out);
        if (out.spark != NULL)
            return col->grow;
        if (out.text == NULL || strnlen(out.text, 400) >= 400)
            return GROW_ALL;
        int cw = utf8_width(out.text);
        w = cw > w ? cw : w;
    }
    return w;
}

static int total(const struct table *t, const int *index, const int *widths, int n)
{
    int sum = 0;
    for (int i = 0; i < n; i++)
        sum += widths[i] + (i > 0 ? gap_of(&t->columns[index[i]]) : 0);
    return sum;
}

/* Chosen by a person: the last one leaves first, the name never. */
static bool drop_last(int *n)
{
    if (*n <= 1)
        return false;
    (*n)--;
    return true;
}

/* Removes the column that matters least among those from `priority` on; of equals the rightmost.
 * False if none may leave. */
static bool drop_one(const struct table *t, int *index, int *widths, int *n, int priority)
{
    int worst = -1;
    if (t->nchosen > 0)
        return priority == 1 && drop_last(n);
    for (int i = 0; i < *n; i++) {
        int p = t->columns[index[i]].priority;
        if (p != COLUMN_KEEP && p >= priority &&
            (worst < 0 || p >= t->columns[index[worst]].priority))
            worst = i;
    }
    if (worst < 0)
        return false;
    for (int i = worst; i + 1 < *n; i++) {
        index[i] = index[i + 1];
        widths[i] = widths[i + 1];
    }
    (*n)--;
    return true;
}

static int grow(const struct table *t, const struct column *col, int width, int spare)
{
    int want = content_width(t, col);
    want = want > col->grow ? col->grow : want;
    int more = want - width > spare ? spare : want - width;
    return more > 0 ? more : 0;
}

int table_fit(const struct table *t, int width, int index[TABLE_COLUMNS_MAX],
              int widths[TABLE_COLUMNS_MAX])
{
    int n = 0;
    int room = width - GUTTER - MARGIN;
    int all = t->nchosen > 0 ? t->nchosen : t->ncolumns;
    for (int i = 0; i < all && i < TABLE_COLUMNS_MAX; i++) {
        index[n] = t->nchosen > 0 ? t->chosen[i] : i;
        const struct column *col = &t->columns[index[n]];
        if (t->nchosen == 0 && col->wanted != NULL && !col->wanted(t->rows, t->nrows))
            continue;
        widths[n] = t->columns[index[n]].width;
        n++;
    }
    if (n == 0)
        return 0;
    /* A whole name is worth more than a further column, up to a point. */
    int wish = widths[0] + grow(t, &t->columns[0], widths[0], NAME_WISH - widths[0]);
    int least = widths[0];
    widths[0] = wish;
    while (total(t, index, widths, n) > room && drop_one(t, index, widths, &n, OPTIONAL))
        ;
    int over = total(t, index, widths, n) - room;
    if (over > 0)
        widths[0] = wish - over < least ? least : wish - over;
    while (total(t, index, widths, n) > room && drop_one(t, index, widths, &n, 1))
        ;
    int spare = room - total(t, index, widths, n);
    if (spare < 0)
        widths[0] += spare; /* a very narrow terminal: the name gives way */
    for (int i = 0; i < n && spare > 0; i++) {
        const struct column *col = &t->columns[index[i]];
        int more = col->grow > 0 ? grow(t, col, widths[i], spare) : 0;
        widths[i] += more;
        spare -= more;
    }
    return n;
}

int table_scroll(int scroll, int selected, size_t nrows, int lines)
{
    int n = (int)nrows;
    if (lines < 1)
        lines = 1;
    if (selected >= 0 && selected < scroll)
        scroll = selected;
    /* The line "…N more" takes one row as long as rows follow. */
    int shown = scroll + lines < n ? lines - 1 : lines;
    if (shown < 1)
        shown = 1;
    if (selected >= scroll + shown)
        scroll = selected - (selected + 1 < n && lines > 1 ? lines - 2 : lines - 1);
    if (scroll > n - lines)
        scroll = n - lines;
    return scroll < 0 ? 0 : scroll;
}

int table_heads(const struct table *t, struct rect r, struct rect heads[TABLE_COLUMNS_MAX],
                int index[TABLE_COLUMNS_MAX])
{
    int widths[TABLE_COLUMNS_MAX];
    int n = table_fit(t, r.w, index, widths);
    int x = r.x + GUTTER;
    for (int i = 0; i < n; i++) {
        int w = widths[i] + (i > 0 ? gap_of(&t->columns[index[i]]) : 0);
        heads[i] = (struct rect){x, r.y, w, 1};
        x += w;
    }
    return n;
}

static void draw_head(const struct table *t, struct canvas *cv, struct rect r, const int *index,
                      const int *widths, int n)
{
    int x = r.x + GUTTER;
    for (int i = 0; i < n; i++) {
        const struct column *col = &t->columns[index[i]];
        char buf[48];
        const char *title = col->title;
        if (col->head != NULL && t->nrows > 0)
            title = col->head(t->rows[0], buf, sizeof(buf));
        bool sorted = t->sort == index[i];
        unsigned style = sorted ? (unsigned)ROLE_TEXT : (unsigned)ROLE_DIM;
        x += i > 0 ? gap_of(col) : 0;
        if (col->right)
            (void)canvas_right(cv, x, r.y, widths[i], style, title);
        else
            (void)canvas_fit(cv, x, r.y, widths[i], style, title);
        if (sorted && col->right) /* the mark goes into the gap: the title stays aligned */
            (void)canvas_text(cv, x + widths[i], r.y, ROLE_KEY, t->reverse ? "▲" : "▼");
        else if (sorted)
            (void)canvas_text(cv, x + utf8_width(title), r.y, ROLE_KEY, t->reverse ? "▲" : "▼");
        x += widths[i];
    }
}

static void draw_row(const struct table *t, struct canvas *cv, struct rect r,
                     const struct row_base *row, bool selected, const int *index, const int *widths,
                     int n, double top)
{
    if (row->verdict >= VERDICT_INFO)
        (void)canvas_text(cv, r.x, r.y, glyph_style(row->verdict), glyph_verdict(row->verdict));
    bool marked = t->marked != NULL && t->marked(t->mark_ctx, row);
    if (marked)
        (void)canvas_text(cv, r.x + 1, r.y, ROLE_KEY, "◆");
    int x = r.x + GUTTER;
    for (int i = 0; i < n; i++) {
        const struct column *col = &t->columns[index[i]];
        struct cell_out out = {.text = "", .style = ROLE_TEXT};
        col->cell(t->ctx, row, &out);
        x += i > 0 ? gap_of(col) : 0;
        unsigned style = selected && i == 0 ? (unsigned)ROLE_STRONG : out.style;
        style = marked && i == 0 ? (unsigned)ROLE_KEY : style;
        if (out.spark != NULL)
            sparkline_draw(cv, x, r.y, widths[i], style, out.spark, out.nspark, top);
        else if (col->right)
            (void)canvas_right(cv, x, r.y, widths[i], style, out.text);
        else if (i == 0)
            (void)canvas_middle(cv, x, r.y, widths[i], style, out.text);
        else
            (void)canvas_fit(cv, x, r.y, widths[i], style, out.text);
        x += widths[i];
    }
    if (row->stale)
        canvas_dim(cv, (struct rect){r.x, r.y, r.w, 1}, selected ? ROLE_DIM : ROLE_FAINT);
    if (selected)
        canvas_ground(cv, (struct rect){r.x, r.y, r.w, 1}, GROUND_SELECT);
}

/* The rows on the screen share one scale. */
static double spark_top(const struct table *t, int shown)
{
    double top = 0;
    for (int c = 0; c < t->ncolumns; c++)
        for (int i = 0; i < shown; i++) {
            struct cell_out out = {.text = ""};
            t->columns[c].cell(t->ctx, t->rows[t->scroll + i], &out);
            double v = out.spark != NULL ? sparkline_top(out.spark, out.nspark) : 0;
            top = v > top ? v : top;
        }
    return top;
}

int table_draw(const struct table *t, struct canvas *cv, struct rect r)
{
    int index[TABLE_COLUMNS_MAX];
    int widths[TABLE_COLUMNS_MAX];
    struct rect old = canvas_clip(cv, r);
    int n = table_fit(t, r.w, index, widths);
    draw_head(t, cv, r, index, widths, n);
    int lines = r.h - 1;
    int left = (int)t->nrows - t->scroll;
    int shown = left > lines ? lines - 1 : left;
    double top = spark_top(t, shown);
    for (int i = 0; i < shown; i++) {
        int at = t->scroll + i;
        draw_row(t, cv, (struct rect){r.x, r.y + 1 + i, r.w, 1}, t->rows[at],
                 t->focused && at == t->selected, index, widths, n, top);
    }
    if (left > shown && lines > 0)
        (void)canvas_printf(cv, r.x + GUTTER, r.y + 1 + (shown < 0 ? 0 : shown), ROLE_DIM,
                            "…%d more", left - (shown < 0 ? 0 : shown));
    canvas_unclip(cv, old);
    return shown < 0 ? 0 : shown;
}
