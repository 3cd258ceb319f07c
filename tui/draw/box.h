/* box.h: the lines around things: a pane's title line and a dialog's frame. */
#ifndef CDCTOP_TUI_DRAW_BOX_H
#define CDCTOP_TUI_DRAW_BOX_H

#include "tui/draw/canvas.h"

/* "─ 1 Slots ──────── note ─": number and title NULL for none, notes drawn from the right, in
 * order. */
struct box_note {
    unsigned style;
    const char *text;
};
void box_title(struct canvas *cv, int x, int y, int w, const char *number, const char *title,
               bool focused, const struct box_note *notes, int nnotes);

/* A frame with rounded corners and a title; the inside is blanked. */
void box_frame(struct canvas *cv, struct rect r, unsigned style, const char *title);

#endif
