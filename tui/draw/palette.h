/* palette.h: the colours of terminals that have few, and which of them is nearest to a given one.
 */
#ifndef CDCTOP_TUI_DRAW_PALETTE_H
#define CDCTOP_TUI_DRAW_PALETTE_H

#include "tui/draw/theme.h"

/* 16 to 255: the part of xterm's palette that is the same everywhere, as 0xRRGGBB. */
int32_t palette_rgb(int index);
int palette_nearest(int32_t rgb); /* of those */
/* How far apart two colours look: 0 the same, 1 black and white (OKLab). */
double palette_distance(int32_t a, int32_t b);

/* Fills what the theme leaves to be derived. Roles that are told apart by colour (crit, warn, ok,
 * unknown, info) get different ones; among 256 a role gets none that is hard to read. */
void palette_derive(struct theme *theme);

#endif
