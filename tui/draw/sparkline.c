#include "tui/draw/sparkline.h"

#include "tui/draw/glyph.h"

#include <math.h>

double sparkline_top(const double *v, int n)
{
    double top = 0;
    for (int i = 0; i < n; i++)
        if (isfinite(v[i]) && v[i] > top)
            top = v[i];
    return top;
}

void sparkline_draw(struct canvas *cv, int x, int y, int w, unsigned style, const double *v, int n,
                    double top)
{
    int first = n > w ? n - w : 0;
    if (top <= 0)
        top = sparkline_top(v + first, n - first);
    int at = x + (n < w ? w - n : 0);
    for (int i = first; i < n; i++, at++) {
        if (!isfinite(v[i]))
            continue;
        double part = top > 0 && v[i] > 0 ? sqrt(v[i] / top) : 0;
        int level = (int)(part * 7 + 0.5);
        (void)canvas_text(cv, at, y, v[i] > 0 ? style : (unsigned)ROLE_BORDER, glyph_bar(level));
    }
}
