/* doc.h: a page of text that scrolls: what detail views, help and the log are made of.
 *
 * Built anew for each frame in the frame's arena; lines hold spans at fixed columns, so that what
 * a name holds cannot push the rest of the line about.
 */
#ifndef CDCTOP_TUI_DRAW_DOC_H
#define CDCTOP_TUI_DRAW_DOC_H

#include "base/arena.h"
#include "tui/draw/canvas.h"
#include "tui/draw/graph.h"

enum { DOC_LINES_MAX = 20000, DOC_LABEL = 20, DOC_LABEL_NARROW = 16, DOC_NARROW = 72 };

struct span {
    int x, w; /* w 0: to the end of the line */
    bool right;
    unsigned style;
    const char *text;
    const double *spark;
    int nspark;
    const struct graph *graph; /* row `row` of `rows` */
    int row, rows;
};

struct doc_line {
    struct span *spans;
    size_t n, cap;
};

struct doc {
    struct arena *arena;
    int width;
    int label; /* columns of the labels of doc_kv; at first DOC_LABEL, less on a narrow page */
    struct doc_line *lines;
    size_t count, cap;
    size_t dropped; /* lines beyond the maximum */
};

struct doc_cell { /* of doc_row */
    int w;
    bool right;
    unsigned style;
    const char *text;
};

struct doc *doc_new(struct arena *arena, int width);
void doc_line(struct doc *d); /* begins a line */
void doc_span(struct doc *d, int x, int w, bool right, unsigned style, const char *text);
void doc_spark(struct doc *d, int x, int w, unsigned style, const double *v, int n);
void doc_graph(struct doc *d, int x, int w, int h, const struct graph *g);
void doc_blank(struct doc *d); /* never two in a row */
void doc_head(struct doc *d, const char *title, const char *note);
void doc_kv(struct doc *d, const char *label, unsigned style, const char *text); /* wraps */
void doc_kvf(struct doc *d, const char *label, unsigned style, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void doc_wrap(struct doc *d, int x, unsigned style, const char *text);
/* Goes on in the line that was begun, so that marks put there stand beside the first line alone. */
void doc_wrap_on(struct doc *d, int x, unsigned style, const char *text);
void doc_row(struct doc *d, int x, const struct doc_cell *cells, int n);

/* Draws from line `scroll` on; lines that contain `needle` (NULL none) are marked. */
void doc_draw(const struct doc *d, struct canvas *cv, struct rect r, int scroll,
              const char *needle);
/* The next line that contains needle after `from` (dir 1) or before it (-1), around the end; -1. */
int doc_find(const struct doc *d, const char *needle, int from, int dir);

#endif
