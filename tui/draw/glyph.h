/* glyph.h: the marks that cdctop draws, and what each becomes on a terminal without UTF-8.
 *
 * Code writes the Unicode form; the canvas asks glyph_ascii for the other one. Every pair has the
 * same width (one column), so that a layout does not depend on the locale.
 */
#ifndef CDCTOP_TUI_DRAW_GLYPH_H
#define CDCTOP_TUI_DRAW_GLYPH_H

#include "model/pipeline.h"

#include <stdint.h>

/* The ASCII stand-in of one of our own marks; 0: not one of ours. */
char glyph_ascii(int32_t cp);

/* One column: ● ok, ○ info, ? unknown, ▲ warning, ✖ critical, "·" nothing to judge. */
const char *glyph_verdict(enum verdict v);

unsigned glyph_style(enum verdict v); /* the role that goes with it */

/* Height 0..7 of a bar. */
const char *glyph_bar(int level);

#endif
