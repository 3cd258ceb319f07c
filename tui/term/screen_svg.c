/* screen_svg.c: a canvas as a picture. A cell is 10 by 20 units; what lies on a ground, the bars of
 * graphs and the lines are drawn as shapes, so that they meet without seams in whatever font; words
 * are set with their length given, so that columns stay columns. */
#include "tui/term/screen.h"

#include "base/mem.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

enum { CELL_W = 10, CELL_H = 20, BASELINE = 15, MARGIN = 10 };

struct look {
    int32_t fg, bg;
    unsigned attrs;
};

struct svg {
    const struct canvas *cv;
    const struct theme *theme;
    struct strbuf *out;
};

static struct look look_of(const struct svg *s, const struct cell *cell)
{
    const struct theme *t = s->theme;
    const struct theme_entry *ground = &t->grounds[cell->ground];
    struct look l = {
        theme_role_rgb(t, (enum role)cell->role), theme_ground_rgb(t, (enum ground)cell->ground),
        t->roles[cell->role].attrs | ground->attrs | (unsigned)cell->attrs << STYLE_ATTR_SHIFT};
    if (cell->ground == GROUND_CURSOR && ground->rgb >= 0)
        l.fg = theme_ground_rgb(t, GROUND_NONE);
    if ((l.attrs & STYLE_REVERSE) != 0) {
        int32_t fg = l.fg;
        l.fg = l.bg;
        l.bg = fg;
    }
    return l;
}

static bool same(const struct look *a, const struct look *b)
{
    return a->fg == b->fg && a->attrs == b->attrs;
}

static bool blank(const struct cell *cell)
{
    return cell->text[0] == ' ' || cell->text[0] == '\0';
}

static void rect(const struct svg *s, int x, int y, int w, int h, int32_t rgb)
{
    (void)strbuf_printf(s->out,
                        "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#%06x\"/>\n", x,
                        y, w, h, (unsigned)rgb);
}

/* ---- grounds --------------------------------------------------------------------------------- */

static void grounds(const struct svg *s, int y)
{
    int32_t none = theme_ground_rgb(s->theme, GROUND_NONE);
    int from = 0;
    for (int x = 1; x <= s->cv->w; x++) {
        int32_t here = look_of(s, canvas_at(s->cv, from, y)).bg;
        if (x < s->cv->w && look_of(s, canvas_at(s->cv, x, y)).bg == here)
            continue;
        if (here != none)
            rect(s, from * CELL_W, y * CELL_H, (x - from) * CELL_W, CELL_H, here);
        from = x;
    }
}

/* ---- what is drawn as a shape ---------------------------------------------------------------- */

/* Bars of an eighth to eight eighths stand on the foot of the cell. */
static int bar_level(int32_t cp)
{
    enum { LOWEST = 0x2581, FULL = 0x2588 };
    return cp >= LOWEST && cp <= FULL ? cp - LOWEST + 1 : 0;
}

/* Lines and corners, as paths within the cell. */
static const char *line_path(int32_t cp)
{
    static const struct {
        int32_t cp;
        const char *path;
    } lines[] = {
        {0x2500, "M0 10H10"           }, /* ─ */
        {0x2501, "M0 9.5H10M0 10.5H10"}, /* ━ */
        {0x2502, "M5 0V20"            }, /* │ */
        {0x256D, "M5 20V15Q5 10 10 10"}, /* ╭ */
        {0x256E, "M0 10Q5 10 5 15V20" }, /* ╮ */
        {0x256F, "M0 10Q5 10 5 5V0"   }, /* ╯ */
        {0x2570, "M5 0V5Q5 10 10 10"  }, /* ╰ */
    };
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        if (lines[i].cp == cp)
            return lines[i].path;
    return NULL;
}

static int32_t char_of(const struct cell *cell)
{
    int32_t cp = 0;
    (void)utf8_decode(cell->text, strlen(cell->text), &cp);
    return cp;
}

/* How many cells from x on hold the same line in the same colour: one long stroke. */
static int line_length(const struct svg *s, int x, int y)
{
    const struct cell *first = canvas_at(s->cv, x, y);
    struct look l = look_of(s, first);
    int n = 1;
    while (x + n < s->cv->w) {
        const struct cell *cell = canvas_at(s->cv, x + n, y);
        struct look here = look_of(s, cell);
        if (strcmp(cell->text, first->text) != 0 || !same(&l, &here))
            break;
        n++;
    }
    return n;
}

/* Returns the cells drawn; 0: it is text. */
static int shape(const struct svg *s, int x, int y)
{
    enum { DASH = 0x2500 };
    const struct cell *cell = canvas_at(s->cv, x, y);
    struct look l = look_of(s, cell);
    int32_t cp = char_of(cell);
    int level = bar_level(cp);
    const char *path = line_path(cp);
    if (level > 0) {
        int h = level * CELL_H / 8;
        rect(s, x * CELL_W, (y + 1) * CELL_H - h, CELL_W, h, l.fg);
        return 1;
    }
    if (path == NULL)
        return 0;
    int n = cp == DASH ? line_length(s, x, y) : 1;
    (void)strbuf_printf(s->out, "<path transform=\"translate(%d %d)\" d=\"", x * CELL_W,
                        y * CELL_H);
    if (cp == DASH)
        (void)strbuf_printf(s->out, "M0 10H%d", n * CELL_W);
    else
        (void)strbuf_puts(s->out, path);
    (void)strbuf_printf(s->out, "\" stroke=\"#%06x\" fill=\"none\"/>\n", (unsigned)l.fg);
    return n;
}

/* ---- text ------------------------------------------------------------------------------------ */

static void escape(struct strbuf *out, const char *text)
{
    static const struct {
        char c;
        const char *entity;
    } entities[] = {
        {'&',  "&amp;" },
        {'<',  "&lt;"  },
        {'>',  "&gt;"  },
        {'"',  "&quot;"},
        {'\'', "&#39;" }
    };
    for (; *text != '\0'; text++) {
        size_t i = 0;
        while (i < ARRAY_LEN(entities) && entities[i].c != *text)
            i++;
        if (i < ARRAY_LEN(entities))
            (void)strbuf_puts(out, entities[i].entity);
        else
            (void)strbuf_putc(out, *text);
    }
}

/* A mark of another font than the letters stands alone: nothing to its right is moved by it. */
static bool lonely(const struct cell *cell)
{
    enum { LATIN_END = 0x250 };
    return cell->width == 2 || char_of(cell) >= LATIN_END;
}

/* Cells from x on that make one run: one look, no two blanks in a row, none at its end. */
static int run_length(const struct svg *s, int x, int y)
{
    const struct cell *first = canvas_at(s->cv, x, y);
    struct look l = look_of(s, first);
    int n = first->width == 2 ? 2 : 1;
    if (lonely(first))
        return n;
    for (int at = x + 1; at < s->cv->w; at++) {
        const struct cell *cell = canvas_at(s->cv, at, y);
        struct look here = look_of(s, cell);
        bool pause = blank(cell) && (at + 1 >= s->cv->w || blank(canvas_at(s->cv, at + 1, y)));
        if (pause || lonely(cell) || !same(&l, &here))
            break;
        n = at - x + 1;
    }
    while (n > 1 && blank(canvas_at(s->cv, x + n - 1, y)))
        n--;
    return n;
}

static int run(const struct svg *s, int x, int y)
{
    int n = run_length(s, x, y);
    struct look l = look_of(s, canvas_at(s->cv, x, y));
    (void)strbuf_printf(s->out,
                        "<text x=\"%d\" y=\"%d\" textLength=\"%d\" lengthAdjust="
                        "\"spacingAndGlyphs\" fill=\"#%06x\"%s%s%s>",
                        x * CELL_W, y * CELL_H + BASELINE, n * CELL_W, (unsigned)l.fg,
                        (l.attrs & STYLE_BOLD) != 0 ? " font-weight=\"bold\"" : "",
                        (l.attrs & STYLE_UNDERLINE) != 0 ? " text-decoration=\"underline\"" : "",
                        (l.attrs & STYLE_DIM) != 0 ? " fill-opacity=\"0.6\"" : "");
    for (int i = 0; i < n; i++)
        escape(s->out, canvas_at(s->cv, x + i, y)->text);
    (void)strbuf_puts(s->out, "</text>\n");
    return n;
}

static void row(const struct svg *s, int y)
{
    for (int x = 0; x < s->cv->w;) {
        if (blank(canvas_at(s->cv, x, y))) {
            x++;
            continue;
        }
        int n = shape(s, x, y);
        x += n > 0 ? n : run(s, x, y);
    }
}

void screen_svg(const struct canvas *cv, const struct theme *theme, struct strbuf *out)
{
    struct svg s = {cv, theme, out};
    int w = cv->w * CELL_W + 2 * MARGIN;
    int h = cv->h * CELL_H + 2 * MARGIN;
    (void)strbuf_printf(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d "
        "%d\" role=\"img\">\n<title>cdctop, %d columns and %d rows</title>\n"
        "<rect width=\"%d\" height=\"%d\" rx=\"8\" fill=\"#%06x\"/>\n"
        "<g transform=\"translate(%d %d)\" font-size=\"16\" font-family=\"ui-monospace, "
        "SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace\" "
        "xml:space=\"preserve\">\n",
        w, h, w, h, cv->w, cv->h, w, h, (unsigned)theme_ground_rgb(theme, GROUND_NONE), MARGIN,
        MARGIN);
    for (int y = 0; y < cv->h; y++)
        grounds(&s, y);
    for (int y = 0; y < cv->h; y++)
        row(&s, y);
    (void)strbuf_puts(out, "</g>\n</svg>\n");
}
