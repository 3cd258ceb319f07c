/* theme.h: what turns roles and grounds into colours.
 *
 * A theme file (themes/NAME.toml, or a user's own by path) has one line per role or ground; the
 * head of themes/dark.toml says in which form. Every role must be there, nothing else may. What a
 * terminal with fewer colours shows is derived once, when the theme is read (palette.c), unless the
 * line gives it.
 */
#ifndef CDCTOP_TUI_DRAW_THEME_H
#define CDCTOP_TUI_DRAW_THEME_H

#include "base/err.h"
#include "tui/draw/style.h"

#include <stdbool.h>
#include <stdint.h>

enum { THEME_DEFAULT = -1, THEME_DERIVE = -2 }; /* in place of a colour */

struct theme_entry {
    int32_t rgb;      /* 0xRRGGBB, or THEME_DEFAULT: the terminal's own */
    int16_t c256;     /* of xterm's palette; THEME_DEFAULT */
    int16_t c16, c8;  /* of the terminal's own 16 or 8; THEME_DEFAULT */
    uint16_t attrs;   /* STYLE_… */
    int32_t no_color; /* STYLE_… of a terminal without colours */
};

struct theme {
    char name[64];
    struct theme_entry roles[ROLE_COUNT];
    struct theme_entry grounds[GROUND_COUNT];
    int32_t assumed_ground, assumed_text; /* what THEME_DEFAULT is taken for, where one must know */
};

/* A built-in theme by name, or a file by path (contains '/' or ends in .toml). */
bool theme_load(struct theme *theme, const char *name_or_path, struct err *err);
bool theme_parse(struct theme *theme, const char *name, const char *text, struct err *err);
/* Names of the built-in ones, i from 0; NULL after the last. */
const char *theme_name(int i);
const char *theme_role_name(enum role role);
const char *theme_ground_name(enum ground ground);

/* Number of the colour on a terminal of so many: 8, 16, 256, or more: 0xRRGGBB. THEME_DEFAULT. */
int32_t theme_colour(const struct theme_entry *entry, int colors);
/* The same as 0xRRGGBB always: what the theme takes the terminal's own for. */
int32_t theme_role_rgb(const struct theme *theme, enum role role);
int32_t theme_ground_rgb(const struct theme *theme, enum ground ground);

#endif
