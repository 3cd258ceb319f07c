/* tour_line.c: the caption of a guided tour, above the key line. */
#include "base/utf8.h"
#include "tui/view/view.h"

#include <string.h>

enum { LINES_MAX = 4, LEFT = 8 };

/* How many bytes of the text fit into w columns, broken at a blank. */
static size_t fitting(const struct scene *s, const char *text, int w)
{
    size_t fits = 0;
    for (size_t n = 0; text[n] != '\0';) {
        size_t end = n + strcspn(text + n, " ");
        if (fits > 0 && utf8_width(arena_strndup(s->arena, text, end)) > w)
            return fits;
        fits = end;
        n = end + strspn(text + end, " ");
    }
    return fits;
}

/* Draws with y ≥ 0; returns how many lines it takes. */
static int wrap(const struct scene *s, const char *text, int y, unsigned style)
{
    int w = s->cv->w - LEFT - 1;
    int lines = 0;
    while (*text != '\0' && lines < LINES_MAX) {
        size_t n = lines == LINES_MAX - 1 ? strlen(text) : fitting(s, text, w);
        if (y >= 0)
            (void)canvas_fit(s->cv, LEFT, y + lines, w, style, arena_strndup(s->arena, text, n));
        text += n;
        text += strspn(text, " ");
        lines++;
    }
    return lines;
}

/* What to press here, and how to go on: on one line where both fit. As wrap(). */
static int wrap_keys(const struct scene *s, const struct tour_place *t, int y)
{
    const char *on =
        scene_text(s, "%s%s%s", t->nth < t->of ? "n goes on" : "",
                   t->nth < t->of && t->nth > 1 ? ", " : "", t->nth > 1 ? "b goes back" : "");
    const char *both = scene_text(s, "%s%s%s", t->press, t->press[0] != '\0' ? "   " : "", on);
    if (utf8_width(both) <= s->cv->w - LEFT - 1)
        return wrap(s, both, y, ROLE_KEY);
    int n = wrap(s, t->press, y, ROLE_KEY);
    return n + wrap(s, on, y >= 0 ? y + n : y, ROLE_KEY);
}

int tour_line_height(const struct scene *s)
{
    const struct tour_place *t = s->m->tour;
    if (t == NULL)
        return 0;
    return 1 + wrap(s, t->says, -1, 0) + wrap_keys(s, t, -1);
}

void tour_line_draw(const struct scene *s, int y)
{
    const struct tour_place *t = s->m->tour;
    if (t == NULL)
        return;
    canvas_hline(s->cv, 0, y, s->cv->w, ROLE_BORDER);
    (void)canvas_text(s->cv, 1, y + 1, ROLE_KEY, scene_text(s, "%zu/%zu", t->nth, t->of));
    int n = wrap(s, t->says, y + 1, ROLE_STRONG);
    (void)wrap_keys(s, t, y + 1 + n);
}
