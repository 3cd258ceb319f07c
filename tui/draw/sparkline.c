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

/* Mean of what is known of v[from … to); NAN when nothing is. */
static double mean(const double *v, int from, int to)
{
    double sum = 0;
    int known = 0;
    for (int i = from; i < to; i++) {
        if (!isfinite(v[i]))
            continue;
        sum += v[i];
        known++;
    }
    return known > 0 ? sum / known : NAN;
}

/* All of the time is shown in any width: with fewer columns than values, each stands for several.
 */
void sparkline_draw(struct canvas *cv, int x, int y, int w, unsigned style, const double *v, int n,
                    double top)
{
    int cols = n < w ? n : w;
    if (top <= 0)
        top = sparkline_top(v, n);
    for (int i = 0; i < cols; i++) {
        double value = mean(v, i * n / cols, (i + 1) * n / cols);
        if (!isfinite(value))
            continue;
        double part = top > 0 && value > 0 ? sqrt(value / top) : 0;
        int level = (int)(part * 7 + 0.5);
        (void)canvas_text(cv, x + w - cols + i, y, value > 0 ? style : (unsigned)ROLE_BORDER,
                          glyph_bar(level < 7 ? level : 7));
    }
}
