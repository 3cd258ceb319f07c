/* table.h: rows under headed columns. A column is a row of a table itself: title, help, width,
 * priority (the lowest leaves first when it gets narrow), what a cell shows, how rows compare. */
#ifndef CDCTOP_TUI_DRAW_TABLE_H
#define CDCTOP_TUI_DRAW_TABLE_H

#include "base/arena.h"
#include "tui/draw/canvas.h"

#include "model/pipeline.h"

enum { TABLE_COLUMNS_MAX = 16 };

struct cell_out {
    const char *text; /* buf, or a string that lives as long as the row */
    char buf[96];
    unsigned style;
    const double *spark; /* instead of text */
    int nspark;
};

struct column {
    const char *id;    /* ":sort ID" */
    const char *title; /* "BEHIND" */
    const char *help;  /* one line with the unit */
    int width;         /* least columns */
    int grow;          /* 0 fixed; else the most it takes when there is room; GROW_ALL */
    int priority;      /* 0 never leaves */
    int gap;           /* blanks before it; 0: 2 */
    /* Is there anything to show in these rows? NULL: always. Left out if not, unless it is chosen.
     */
    bool (*wanted)(const struct row_base *const *rows, size_t n);
    bool right;      /* figures */
    bool descending; /* the useful direction when sorted by it */
    void (*cell)(const void *ctx, const struct row_base *row, struct cell_out *out);
    int (*compare)(const struct row_base *a, const struct row_base *b);
    const char *(*head)(const struct row_base *first, char *buf, size_t size); /* NULL: title */
};
enum { GROW_ALL = 10000, COLUMN_KEEP = 0 };

struct table {
    const struct column *columns;
    int ncolumns;
    const void *ctx; /* handed to cell: what the moment is, say */
    const struct row_base *const *rows;
    size_t nrows;
    int selected; /* index; -1 none */
    bool focused; /* only then the selection is shown */
    int scroll;   /* first row shown */
    int sort;     /* column; -1: the view's own order */
    bool reverse; /* for the mark in the head */
    /* Which columns, in which order; they stand before priority, the last of them leave first. 0:
     * all of them. */
    const signed char *chosen;
    int nchosen;
    /* NULL: no row can be marked. */
    bool (*marked)(const void *ctx, const struct row_base *row);
    const void *mark_ctx;
};

/* Head line and rows. The last line becomes "…7 more" when rows are left below (not while the
 * selection needs that line). Returns how many rows fit. */
int table_draw(const struct table *t, struct canvas *cv, struct rect r);

/* Where the titles of the shown columns stand, with the gap before them: heads[i] is of column
 * index[i]. Returns how many. */
int table_heads(const struct table *t, struct rect r, struct rect heads[TABLE_COLUMNS_MAX],
                int index[TABLE_COLUMNS_MAX]);

/* First row to show so that `selected` is seen, moving as little as possible. */
int table_scroll(int scroll, int selected, size_t nrows, int lines);

/* Which columns fit into `width`, and how wide; returns their number. */
int table_fit(const struct table *t, int width, int index[TABLE_COLUMNS_MAX],
              int widths[TABLE_COLUMNS_MAX]);

#endif
