/* style.h: what a piece of text means (role), what it lies on (ground), and the theme that turns
 * both into colours.
 *
 * A theme file (themes/NAME.toml, or a user's own by path) has one line per role or ground:
 *     crit = "#ff5f5f bold"      fg colour and attributes: bold dim underline reverse
 *     text = "default"           the terminal's own colour
 * Every role must be there, nothing else may. Terminals with fewer colours get the nearest ones.
 */
#ifndef CDCTOP_TUI_DRAW_STYLE_H
#define CDCTOP_TUI_DRAW_STYLE_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum role {
    ROLE_TEXT,
    ROLE_STRONG, /* names and what one should read first */
    ROLE_DIM,    /* labels, units, what is normal */
    ROLE_FAINT,  /* stale rows, what lies behind a dialog, quiet lines */
    ROLE_BORDER,
    ROLE_KEY, /* keys to press, pane numbers, the program's name */
    ROLE_OK,
    ROLE_INFO,
    ROLE_WARN,
    ROLE_CRIT,
    ROLE_UNKNOWN,
    ROLE_SPARK,
    ROLE_REQUEST, /* what will be sent to a server */
    ROLE_INPUT,   /* what the person types */
    ROLE_MATCH,   /* found by a search */
    ROLE_COUNT
};

enum ground {
    GROUND_NONE,
    GROUND_BAR,
    GROUND_SELECT,
    GROUND_CURSOR,
    GROUND_COUNT,
    GROUND_KEEP = 15
};

/* A style is one word: role | ground | attributes. */
enum { STYLE_GROUND_SHIFT = 8, STYLE_ATTR_SHIFT = 12 };
#define STYLE_BOLD             (1U << 12)
#define STYLE_UNDERLINE        (1U << 13)
#define STYLE_DIM              (1U << 14)
#define STYLE_REVERSE          (1U << 15)
#define STYLE_ON(role, ground) ((unsigned)(role) | (unsigned)(ground) << 8)

static inline enum role style_role(unsigned style)
{
    return (enum role)(style & 0xFFU);
}
static inline enum ground style_ground(unsigned style)
{
    return (enum ground)(style >> 8 & 0xFU);
}
static inline unsigned style_attrs(unsigned style)
{
    return style >> STYLE_ATTR_SHIFT & 0xFU;
}

struct theme_entry {
    int32_t rgb;    /* 0xRRGGBB; -1: the terminal's default */
    unsigned attrs; /* STYLE_… */
};

struct theme {
    char name[64];
    struct theme_entry roles[ROLE_COUNT];
    struct theme_entry grounds[GROUND_COUNT];
};

/* A built-in theme by name, or a file by path (contains '/' or ends in .toml). */
bool theme_load(struct theme *theme, const char *name_or_path, struct err *err);
bool theme_parse(struct theme *theme, const char *name, const char *text, struct err *err);
/* Names of the built-in ones, i from 0; NULL after the last. */
const char *theme_name(int i);

/* Nearest colour of a palette of `colors` (8, 16 or 256); -1 for the default. */
int theme_nearest(int32_t rgb, int colors);

#endif
