/* graph.h: a figure over time as columns of blocks, the limit it must not reach, and, right of now,
 * where it is heading: a band between the slowest and the fastest that was seen.
 *
 * What was and what may come have each their own scale of time, named below them. Heights are
 * linear; the scale begins at 0 unless all that is to be shown lies in its upper half.
 */
#ifndef CDCTOP_TUI_DRAW_GRAPH_H
#define CDCTOP_TUI_DRAW_GRAPH_H

#include "tui/draw/canvas.h"

enum { GRAPH_LEAST_W = 30, GRAPH_LEAST_H = 5, GRAPH_LABEL = 9 };

struct graph {
    const double *past; /* oldest first, evenly spaced, the last one is now; NAN: not known */
    int npast;
    double limit; /* NAN: none */
    /* When the limit is reached at the fastest and at the slowest; low_ms < 0: not in sight;
     * high_ms INT64_MAX: at its slowest never. */
    int64_t low_ms, high_ms;
    unsigned style; /* of the columns */
    unsigned limit_style;
    const char *limit_name;                   /* stands on its line */
    const char *from;                         /* "10 min ago": below the left end */
    char *(*figure)(char *buf, double value); /* in human units; HUMAN_SIZE */
    char *(*time)(char *buf, int64_t ms);
};

/* Columns for the past in that width: how many values are worth having. */
int graph_columns(const struct graph *g, int w);
/* Line `row` of h: a page that scrolls draws one at a time. */
void graph_row(const struct graph *g, struct canvas *cv, struct rect r, int row);

#endif
