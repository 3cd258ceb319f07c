#include "tui/draw/doc.h"

#include "base/utf8.h"
#include "tui/draw/sparkline.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct doc *doc_new(struct arena *arena, int width)
{
    struct doc *d = arena_alloc(arena, sizeof(*d));
    d->arena = arena;
    d->width = width;
    d->label = width < DOC_NARROW ? DOC_LABEL_NARROW : DOC_LABEL;
    return d;
}

void doc_line(struct doc *d)
{
    if (d->count >= DOC_LINES_MAX) {
        d->dropped++;
        return;
    }
    (void)arena_push(d->arena, &d->lines, &d->count, &d->cap, sizeof(*d->lines));
}

static struct span *add(struct doc *d)
{
    if (d->count == 0)
        doc_line(d);
    struct doc_line *line = &d->lines[d->count - 1];
    if (d->dropped > 0)
        return NULL;
    return arena_push(d->arena, &line->spans, &line->n, &line->cap, sizeof(*line->spans));
}

void doc_span(struct doc *d, int x, int w, bool right, unsigned style, const char *text)
{
    struct span *s = add(d);
    if (s != NULL)
        *s = (struct span){.x = x, .w = w, .right = right, .style = style, .text = text};
}

void doc_spark(struct doc *d, int x, int w, unsigned style, const double *v, int n)
{
    struct span *s = add(d);
    if (s != NULL)
        *s = (struct span){.x = x, .w = w, .style = style, .text = "", .spark = v, .nspark = n};
}

void doc_graph(struct doc *d, int x, int w, int h, const struct graph *g)
{
    for (int i = 0; i < h; i++) {
        doc_line(d);
        struct span *s = add(d);
        if (s != NULL)
            *s = (struct span){.x = x, .w = w, .text = "", .graph = g, .row = i, .rows = h};
    }
}

void doc_blank(struct doc *d)
{
    if (d->count > 0 && d->lines[d->count - 1].n > 0)
        doc_line(d);
}

void doc_head(struct doc *d, const char *title, const char *note)
{
    doc_blank(d);
    doc_line(d);
    doc_span(d, 2, 0, false, ROLE_STRONG, title);
    if (note != NULL)
        doc_span(d, 4 + utf8_width(title), 0, false, ROLE_DIM, note);
}

/* Length in bytes of what fits into `cols` columns, broken at a blank or a newline if there is one;
 * *skip is what to step over after it. */
static size_t break_at(const char *s, int cols, size_t *skip)
{
    size_t n = strlen(s);
    size_t blank = 0;
    int w = 0;
    for (size_t i = 0; i < n;) {
        int32_t cp;
        size_t len = utf8_decode(s + i, n - i, &cp);
        if (cp == '\n') {
            *skip = 1;
            return i;
        }
        if (cp == ' ')
            blank = i;
        w += cp == '\t' ? 1 : utf8_cp_width(cp);
        if (w > cols && i > 0) {
            if (i - blank > (size_t)cols / 2) /* an address: broken where the line ends */
                blank = 0;
            *skip = blank > 0 ? 1 : 0;
            return blank > 0 ? blank : i;
        }
        i += len;
    }
    *skip = 0;
    return n;
}

void doc_wrap_on(struct doc *d, int x, unsigned style, const char *text)
{
    int cols = d->width - x - 2;
    if (cols < 8)
        cols = 8;
    bool first = true;
    while (*text != '\0') {
        size_t skip;
        size_t n = break_at(text, cols, &skip);
        if (!first)
            doc_line(d);
        doc_span(d, x, 0, false, style, arena_strndup(d->arena, text, n));
        first = false;
        text += n + skip;
    }
}

void doc_wrap(struct doc *d, int x, unsigned style, const char *text)
{
    if (text == NULL)
        return;
    doc_line(d);
    doc_wrap_on(d, x, style, text);
}

void doc_kv(struct doc *d, const char *label, unsigned style, const char *text)
{
    doc_line(d);
    int x = d->label > d->width / 2 ? d->width / 2 : d->label;
    doc_span(d, 4, x - 2, false, ROLE_DIM, label);
    doc_wrap_on(d, 4 + x, style, text == NULL || text[0] == '\0' ? "–" : text);
}

void doc_kvf(struct doc *d, const char *label, unsigned style, const char *fmt, ...)
{
    char buf[1024];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(buf, sizeof(buf), fmt, ap);
    va_end(ap);
    doc_kv(d, label, style, arena_strdup(d->arena, buf));
}

void doc_row(struct doc *d, int x, const struct doc_cell *cells, int n)
{
    doc_line(d);
    for (int i = 0; i < n; i++) {
        doc_span(d, x, cells[i].w, cells[i].right, cells[i].style, cells[i].text);
        x += cells[i].w + 2;
    }
}

static bool line_has(const struct doc_line *line, const char *needle)
{
    for (size_t i = 0; i < line->n; i++)
        if (strcasestr(line->spans[i].text, needle) != NULL)
            return true;
    return false;
}

void doc_draw(const struct doc *d, struct canvas *cv, struct rect r, int scroll, const char *needle)
{
    struct rect old = canvas_clip(cv, r);
    for (int i = 0; i < r.h && scroll + i < (int)d->count; i++) {
        const struct doc_line *line = &d->lines[scroll + i];
        for (size_t s = 0; s < line->n; s++) {
            const struct span *sp = &line->spans[s];
            int w = sp->w > 0 ? sp->w : r.w - sp->x - 1;
            if (sp->x + w > r.w)
                w = r.w - sp->x;
            if (sp->graph != NULL)
                graph_row(sp->graph, cv, (struct rect){r.x + sp->x, r.y + i - sp->row, w, sp->rows},
                          sp->row);
            else if (sp->spark != NULL)
                sparkline_draw(cv, r.x + sp->x, r.y + i, w, sp->style, sp->spark, sp->nspark, 0);
            else if (sp->right)
                (void)canvas_right(cv, r.x + sp->x, r.y + i, w, sp->style, sp->text);
            else
                (void)canvas_fit(cv, r.x + sp->x, r.y + i, w, sp->style, sp->text);
        }
        if (needle != NULL && needle[0] != '\0' && line_has(line, needle))
            (void)canvas_text(cv, r.x, r.y + i, ROLE_MATCH, "▶");
    }
    canvas_unclip(cv, old);
}

int doc_find(const struct doc *d, const char *needle, int from, int dir)
{
    int n = (int)d->count;
    if (needle == NULL || needle[0] == '\0' || n == 0)
        return -1;
    for (int i = 1; i <= n; i++) {
        int at = ((from + dir * i) % n + n) % n;
        if (line_has(&d->lines[at], needle))
            return at;
    }
    return -1;
}
