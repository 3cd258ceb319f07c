/* style.h: what a piece of text means (role) and what it lies on (ground). Which colours that is, a
 * theme says (theme.h). */
#ifndef CDCTOP_TUI_DRAW_STYLE_H
#define CDCTOP_TUI_DRAW_STYLE_H

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

#endif
