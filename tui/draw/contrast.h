/* contrast.h: can it be read? Contrast as WCAG 2.1 defines it, level AA. */
#ifndef CDCTOP_TUI_DRAW_CONTRAST_H
#define CDCTOP_TUI_DRAW_CONTRAST_H

#include "base/strbuf.h"
#include "tui/draw/theme.h"

#include <stddef.h>

double contrast_linear(int channel);            /* light of 0 … 255 of sRGB, 0 to 1 */
double contrast_luminance(int32_t rgb);         /* relative: 0 black, 1 white */
double contrast_ratio(int32_t a, int32_t b);    /* 1 to 21 */
double contrast_of(double lum_a, double lum_b); /* the same from luminances */

/* What a role needs on a ground; 0: they never meet. */
double contrast_wanted(enum role role, enum ground ground);
/* One line to out for each pair that has less, in full colour or in 256; returns their number. */
size_t contrast_faults(const struct theme *theme, struct strbuf *out);

#endif
