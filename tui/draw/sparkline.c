#include "tui/draw/sparkline.h"

#include "tui/draw/glyph.h"

#include <math.h>

void sparkline_draw(struct canvas *cv, int x, int y, int w, unsigned style, const double *v, int n)
{
    double top = 0;
    int first = n > w ? n - w : 0;
    for (int i = first; i < n; i++)
        if (isfinite(v[i]) && v[i] > top)
            top = v[i];
    int at = x + (n < w ? w - n : 0);
    for (int i = first; i < n; i++, at++) {
        if (!isfinite(v[i]))
            continue;
        int level = top > 0 ? (int)(v[i] / top * 7 + 0.5) : 0;
        (void)canvas_text(cv, at, y, style, glyph_bar(level));
    }
}
