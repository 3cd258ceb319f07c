/* timeline.c: one line above the keys: where in time, how fast, and where the verdict changed. */
#include "base/clock.h"
#include "base/human.h"
#include "base/utf8.h"
#include "tui/draw/glyph.h"
#include "tui/view/view.h"

enum { LEAST_BAR = 12 };

/* Left of the bar. */
static const char *position(const struct scene *s, unsigned *style)
{
    const struct when *w = &s->m->when;
    char hms[32], at[HUMAN_SIZE], length[HUMAN_SIZE];
    (void)clock_hms(s->m->wall_ms, hms, sizeof(hms));
    *style = w->kind == WHEN_PAST ? ROLE_WARN : ROLE_STRONG;
    if (w->kind == WHEN_PAST)
        return scene_text(s, "%s  %s ago", hms, human_duration_ms(at, w->ago_ms));
    (void)human_duration_ms(at, w->at_ms);
    (void)human_duration_ms(length, w->length_ms);
    const char *state = w->at_ms >= w->length_ms ? "the end"
                        : w->paused              ? "paused"
                                                 : scene_text(s, "▶ %gx", w->speed);
    return scene_text(s, "%s  %s of %s  %s", hms, at, length, state);
}

/* The verdict that holds at the moment shown; NULL: it was not told. */
static const struct reel_mark *mark_now(const struct scene *s)
{
    const struct when *w = &s->m->when;
    const struct reel_mark *best = NULL;
    for (size_t i = 0; i < w->reel->nmarks; i++) {
        const struct reel_mark *m = &w->reel->marks[i];
        if (m->pipeline == s->app->pipeline && m->t <= w->reel->first + w->at_ms)
            best = m;
    }
    return best;
}

/* Right of the bar: the verdict in a word, the rule and since when. */
static const char *verdict(const struct scene *s, unsigned *style)
{
    const struct reel_mark *m = mark_now(s);
    char hms[32];
    *style = ROLE_DIM;
    if (m == NULL)
        return "";
    *style = glyph_style(m->verdict != VERDICT_NONE ? m->verdict : VERDICT_OK);
    const char *word = m->verdict != VERDICT_NONE ? verdict_name(m->verdict) : "ok";
    (void)clock_hms(s->m->when.reel->wall_ms + m->t, hms, sizeof(hms));
    return scene_text(s, "%s%s%s since %s", word, m->id[0] != '\0' ? " " : "", m->id, hms);
}

static void bar(const struct scene *s, int x, int y, int width)
{
    const struct when *w = &s->m->when;
    int64_t length = w->length_ms > 0 ? w->length_ms : 1;
    int at = (int)(w->at_ms * (width - 1) / length);
    for (int i = 0; i < width; i++)
        (void)canvas_text(s->cv, x + i, y, i < at ? ROLE_DIM : ROLE_BORDER, i < at ? "━" : "─");
    enum verdict shown = VERDICT_NONE;
    int before = -1;
    for (size_t i = 0; i < w->reel->nmarks; i++) {
        const struct reel_mark *m = &w->reel->marks[i];
        int64_t t = m->t - w->reel->first;
        if (m->pipeline != s->app->pipeline || t < 0 || t > length)
            continue;
        int column = (int)(t * (width - 1) / length);
        enum verdict v = m->verdict != VERDICT_NONE ? m->verdict : VERDICT_OK;
        shown = column != before || v > shown ? v : shown; /* the loudest of one column */
        before = column;
        (void)canvas_text(s->cv, x + column, y, glyph_style(shown), glyph_verdict(shown));
    }
    (void)canvas_text(s->cv, x + (at < width ? at : width - 1), y, ROLE_KEY | STYLE_BOLD, "▼");
}

void timeline_draw(const struct scene *s, int y)
{
    unsigned left_style, right_style;
    const char *left = position(s, &left_style);
    const char *right = s->m->when.reel != NULL ? verdict(s, &right_style) : "";
    int w = s->cv->w;
    canvas_fill(s->cv, (struct rect){0, y, w, 1}, ROLE_DIM, " ");
    int x = 1 + canvas_text(s->cv, 1, y, left_style, left) + 2;
    int room = w - x - 1;
    int right_w = utf8_width(right);
    if (right[0] != '\0' && room - right_w - 2 >= LEAST_BAR) {
        (void)canvas_text(s->cv, w - 1 - right_w, y, right_style, right);
        room -= right_w + 2;
    }
    if (room >= LEAST_BAR && s->m->when.reel != NULL)
        bar(s, x, y, room);
}
