/* canvas.h: a grid of cells that views draw into; the terminal and the tests read it.
 *
 * The one door: every text passes utf8_clean here, whoever wrote it, so control characters, bad
 * UTF-8 and bidi marks never reach a terminal. A cell carries a style (role, ground, attributes),
 * never a colour. Drawing outside the clip rectangle is silently nothing, at any size down to 0×0.
 */
#ifndef CDCTOP_TUI_DRAW_CANVAS_H
#define CDCTOP_TUI_DRAW_CANVAS_H

#include "tui/draw/style.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CELL_TEXT = 20 };

struct cell {
    char text[CELL_TEXT]; /* one character with its combining marks; "" behind a wide one */
    uint8_t width;        /* 1 or 2; 0: covered by the wide character to the left */
    uint8_t role;
    uint8_t ground;
    uint8_t attrs; /* STYLE_BOLD >> STYLE_ATTR_SHIFT … */
};

struct rect {
    int x, y, w, h;
};

struct canvas {
    int w, h;
    bool ascii;
    struct rect clip;
    struct cell *cells;
    int cursor_x, cursor_y; /* where the terminal's cursor stands; -1: hidden */
};

void canvas_init(struct canvas *cv, int w, int h, bool ascii);
void canvas_resize(struct canvas *cv, int w, int h); /* clears */
void canvas_free(struct canvas *cv);
void canvas_clear(struct canvas *cv); /* also resets the clip and hides the cursor */

/* Narrows the clip; returns the old one for canvas_unclip. */
struct rect canvas_clip(struct canvas *cv, struct rect r);
void canvas_unclip(struct canvas *cv, struct rect old);

struct cell *canvas_at(const struct canvas *cv, int x, int y); /* NULL outside */

/* Draws text; returns the columns used. _fit cuts at w columns with an ellipsis, _right aligns it
 * to the right end of those w columns, _middle cuts in the middle. */
int canvas_text(struct canvas *cv, int x, int y, unsigned style, const char *text);
int canvas_fit(struct canvas *cv, int x, int y, int w, unsigned style, const char *text);
int canvas_right(struct canvas *cv, int x, int y, int w, unsigned style, const char *text);
int canvas_middle(struct canvas *cv, int x, int y, int w, unsigned style, const char *text);
int canvas_printf(struct canvas *cv, int x, int y, unsigned style, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

void canvas_fill(struct canvas *cv, struct rect r, unsigned style, const char *ch);
void canvas_hline(struct canvas *cv, int x, int y, int w, unsigned style);
/* Sets the ground of a row of cells, keeping what stands there: the selected line. */
void canvas_ground(struct canvas *cv, struct rect r, enum ground ground);
/* Everything there takes one quiet role: stale data, and what lies behind a dialog. */
void canvas_dim(struct canvas *cv, struct rect r, enum role role);

#endif
