/* sparkline.h: a short history as a row of bars; gaps where nothing is known. */
#ifndef CDCTOP_TUI_DRAW_SPARKLINE_H
#define CDCTOP_TUI_DRAW_SPARKLINE_H

#include "tui/draw/canvas.h"

/* The newest w of n values (oldest first); NAN is a gap. top: the value of a full bar; 0: the
 * greatest of those shown. Heights go by the square root: rows share one scale, and the small ones
 * still show their shape. */
void sparkline_draw(struct canvas *cv, int x, int y, int w, unsigned style, const double *v, int n,
                    double top);
/* The greatest finite value; 0 if there is none. */
double sparkline_top(const double *v, int n);

#endif
