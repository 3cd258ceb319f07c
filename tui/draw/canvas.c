#include "tui/draw/canvas.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "tui/draw/glyph.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A line on a screen is never longer; what is longer is cut before it costs anything. */
enum { TEXT_MAX = 4096 };

void canvas_init(struct canvas *cv, int w, int h, bool ascii)
{
    memset(cv, 0, sizeof(*cv));
    cv->ascii = ascii;
    canvas_resize(cv, w, h);
}

void canvas_resize(struct canvas *cv, int w, int h)
{
    free(cv->cells);
    cv->w = w < 0 ? 0 : w;
    cv->h = h < 0 ? 0 : h;
    cv->cells = mem_calloc((size_t)cv->w * (size_t)cv->h + 1, sizeof(*cv->cells));
    canvas_clear(cv);
}

void canvas_free(struct canvas *cv)
{
    free(cv->cells);
    memset(cv, 0, sizeof(*cv));
}

void canvas_clear(struct canvas *cv)
{
    static const struct cell blank = {.text = " ", .width = 1};
    for (int i = 0; i < cv->w * cv->h; i++)
        cv->cells[i] = blank;
    cv->clip = (struct rect){0, 0, cv->w, cv->h};
    cv->cursor_x = cv->cursor_y = -1;
}

static int max_int(int a, int b)
{
    return a > b ? a : b;
}

static int min_int(int a, int b)
{
    return a < b ? a : b;
}

struct rect canvas_clip(struct canvas *cv, struct rect r)
{
    struct rect old = cv->clip;
    int x2 = min_int(r.x + r.w, old.x + old.w);
    int y2 = min_int(r.y + r.h, old.y + old.h);
    cv->clip.x = max_int(r.x, old.x);
    cv->clip.y = max_int(r.y, old.y);
    cv->clip.w = max_int(0, x2 - cv->clip.x);
    cv->clip.h = max_int(0, y2 - cv->clip.y);
    return old;
}

void canvas_unclip(struct canvas *cv, struct rect old)
{
    cv->clip = old;
}

struct cell *canvas_at(const struct canvas *cv, int x, int y)
{
    if (x < 0 || y < 0 || x >= cv->w || y >= cv->h)
        return NULL;
    return &cv->cells[(size_t)y * (size_t)cv->w + (size_t)x];
}

static struct cell *clipped(const struct canvas *cv, int x, int y)
{
    const struct rect *c = &cv->clip;
    if (x < c->x || y < c->y || x >= c->x + c->w || y >= c->y + c->h)
        return NULL;
    return canvas_at(cv, x, y);
}

/* Half of a wide character must not stay behind when the other half is written over. */
static void cut_wide(const struct canvas *cv, int x, int y)
{
    struct cell *here = canvas_at(cv, x, y);
    struct cell *left = canvas_at(cv, x - 1, y);
    struct cell *right = canvas_at(cv, x + 1, y);
    if (here != NULL && here->width == 0 && left != NULL) {
        memcpy(left->text, " ", 2);
        left->width = 1;
    }
    if (here != NULL && here->width == 2 && right != NULL) {
        memcpy(right->text, " ", 2);
        right->width = 1;
    }
}

static void put(struct canvas *cv, int x, int y, unsigned style, const char *ch, size_t n,
                int width)
{
    struct cell *cell = clipped(cv, x, y);
    struct cell *next = width == 2 ? clipped(cv, x + 1, y) : NULL;
    if (cell == NULL)
        return;
    cut_wide(cv, x, y);
    if (width == 2 && next == NULL) { /* does not fit: a blank keeps the columns straight */
        ch = " ";
        n = 1;
        width = 1;
    }
    if (next != NULL)
        cut_wide(cv, x + 1, y);
    memcpy(cell->text, ch, n);
    cell->text[n] = '\0';
    cell->width = (uint8_t)width;
    cell->role = (uint8_t)style_role(style);
    cell->attrs = (uint8_t)style_attrs(style);
    if (style_ground(style) != GROUND_KEEP)
        cell->ground = (uint8_t)style_ground(style);
    if (next != NULL) {
        *next = *cell;
        next->text[0] = '\0';
        next->width = 0;
    }
}

static void add_mark(struct canvas *cv, int x, int y, const char *ch, size_t n)
{
    struct cell *cell = clipped(cv, x, y);
    if (cell != NULL && cell->width == 0)
        cell = clipped(cv, x - 1, y);
    if (cell == NULL)
        return;
    size_t used = strlen(cell->text);
    if (used + n + 1 > CELL_TEXT)
        return;
    memcpy(cell->text + used, ch, n);
    cell->text[used + n] = '\0';
}

/* Our own marks have an ASCII form of the same width; what is foreign becomes '?'. */
static void to_ascii(char *dst, size_t size, const char *src)
{
    size_t n = strnlen(src, TEXT_MAX);
    size_t used = 0;
    for (size_t i = 0; i < n && used + 4 < size;) {
        int32_t cp;
        size_t len = utf8_decode(src + i, n - i, &cp);
        char a = glyph_ascii(cp);
        if (a != 0)
            dst[used++] = a;
        else if (cp < 0x80)
            dst[used++] = (char)cp;
        else
            for (int w = utf8_cp_width(cp); w > 0; w--)
                dst[used++] = '?';
        i += len;
    }
    dst[used] = '\0';
}

static void clean(const struct canvas *cv, char out[TEXT_MAX], const char *text)
{
    char part[TEXT_MAX];
    if (text == NULL)
        text = "";
    if (cv->ascii) {
        to_ascii(part, sizeof(part), text);
        (void)utf8_clean(out, TEXT_MAX, part, true);
        return;
    }
    /* Bounded copy first: a name of megabytes costs no more than a line. */
    size_t n = strnlen(text, sizeof(part) - 1);
    memcpy(part, text, n);
    part[n] = '\0';
    (void)utf8_clean(out, TEXT_MAX, part, false);
}

static int draw(struct canvas *cv, int x, int y, unsigned style, const char *s)
{
    size_t n = strlen(s);
    int at = x;
    for (size_t i = 0; i < n;) {
        int32_t cp;
        size_t len = utf8_decode(s + i, n - i, &cp);
        int width = utf8_cp_width(cp);
        if (width == 0)
            add_mark(cv, at - 1, y, s + i, len);
        else
            put(cv, at, y, style, s + i, len, width);
        at += width;
        i += len;
    }
    return at - x;
}

int canvas_text(struct canvas *cv, int x, int y, unsigned style, const char *text)
{
    char buf[TEXT_MAX];
    clean(cv, buf, text);
    return draw(cv, x, y, style, buf);
}

typedef int fit_fn(char *dst, size_t size, const char *s, int cols, bool ascii);

static int draw_cut(struct canvas *cv, int x, int y, int w, unsigned style, const char *text,
                    fit_fn *fit)
{
    char buf[TEXT_MAX];
    char cut[TEXT_MAX];
    clean(cv, buf, text);
    (void)fit(cut, sizeof(cut), buf, w, cv->ascii);
    return draw(cv, x, y, style, cut);
}

int canvas_fit(struct canvas *cv, int x, int y, int w, unsigned style, const char *text)
{
    return draw_cut(cv, x, y, w, style, text, utf8_fit);
}

int canvas_middle(struct canvas *cv, int x, int y, int w, unsigned style, const char *text)
{
    return draw_cut(cv, x, y, w, style, text, utf8_fit_middle);
}

int canvas_right(struct canvas *cv, int x, int y, int w, unsigned style, const char *text)
{
    char buf[TEXT_MAX];
    char cut[TEXT_MAX];
    clean(cv, buf, text);
    int cols = utf8_fit(cut, sizeof(cut), buf, w, cv->ascii);
    return draw(cv, x + w - cols, y, style, cut);
}

int canvas_printf(struct canvas *cv, int x, int y, unsigned style, const char *fmt, ...)
{
    char buf[1024];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(buf, sizeof(buf), fmt, ap);
    va_end(ap);
    return canvas_text(cv, x, y, style, buf);
}

void canvas_fill(struct canvas *cv, struct rect r, unsigned style, const char *ch)
{
    char buf[TEXT_MAX];
    clean(cv, buf, ch);
    for (int y = max_int(r.y, 0); y < min_int(r.y + r.h, cv->h); y++)
        for (int x = max_int(r.x, 0); x < min_int(r.x + r.w, cv->w); x++)
            (void)draw(cv, x, y, style, buf);
}

void canvas_hline(struct canvas *cv, int x, int y, int w, unsigned style)
{
    canvas_fill(cv, (struct rect){x, y, w, 1}, style, "─");
}

void canvas_ground(struct canvas *cv, struct rect r, enum ground ground)
{
    for (int y = r.y; y < r.y + r.h; y++)
        for (int x = r.x; x < r.x + r.w; x++) {
            struct cell *cell = clipped(cv, x, y);
            if (cell == NULL)
                continue;
            cell->ground = (uint8_t)ground;
            if (cell->role == ROLE_FAINT) /* it would be lost there */
                cell->role = ROLE_DIM;
        }
}

void canvas_dim(struct canvas *cv, struct rect r, enum role role)
{
    for (int y = r.y; y < r.y + r.h; y++)
        for (int x = r.x; x < r.x + r.w; x++) {
            struct cell *cell = clipped(cv, x, y);
            if (cell == NULL)
                continue;
            cell->role = (uint8_t)role;
            cell->attrs = 0;
        }
}
