/* sparkline.h: a short history as a row of bars; gaps where nothing is known. */
#ifndef CDCTOP_TUI_DRAW_SPARKLINE_H
#define CDCTOP_TUI_DRAW_SPARKLINE_H

#include "tui/draw/canvas.h"

/* The newest w of n values (oldest first), scaled to the greatest of those shown; NAN is a gap. */
void sparkline_draw(struct canvas *cv, int x, int y, int w, unsigned style, const double *v, int n);

#endif
