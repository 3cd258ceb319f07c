/* strip.c: the heart of the screen: six hops in the way of the data, each with its one figure and
 * its verdict; the arrow into the first bad hop is the loud one. */
#include "base/utf8.h"
#include "tui/draw/glyph.h"
#include "tui/view/view.h"

static const char *const titles[HOP_COUNT] = {
    [HOP_SOURCE] = "source", [HOP_SLOT] = "slot", [HOP_CAPTURE] = "capture",
    [HOP_TOPICS] = "topics", [HOP_SINK] = "sink", [HOP_OBJECTS] = "objects",
};

static const char *or_dash(const char *text)
{
    return text != NULL && text[0] != '\0' ? text : "–";
}

static unsigned word_style(enum verdict v)
{
    return glyph_style(v) | (v >= VERDICT_UNKNOWN ? STYLE_BOLD : 0U);
}

/* A click on a hop leads to the pane that has its rows. */
static void hot_hop(const struct scene *s, int i, struct rect r)
{
    static const enum pane_id panes[HOP_COUNT] = {
        [HOP_SOURCE] = PANE_SLOTS,  [HOP_SLOT] = PANE_SLOTS,      [HOP_CAPTURE] = PANE_CONNECTORS,
        [HOP_TOPICS] = PANE_TOPICS, [HOP_SINK] = PANE_CONNECTORS, [HOP_OBJECTS] = PANE_OBJECTS,
    };
    hot_add(s, (struct hot){r, HOT_PANE, (int)panes[i], 0, 0});
}

static struct hop hop_at(const struct scene *s, int i)
{
    if (s->p != NULL)
        return s->p->hops[i];
    return (struct hop){
        .name = "…", .figure = "", .brief = "", .word = "asking…", .curt = "asking"};
}

static unsigned arrow_style(const struct scene *s, int i)
{
    if (s->p == NULL || s->p->first_bad != i)
        return ROLE_BORDER;
    return glyph_style(s->p->hops[i].verdict);
}

/* Rather a shorter form than a cut one. */
static const char *fitting(const char *full, const char *shorter, int w)
{
    return full == NULL || shorter == NULL || utf8_width(full) <= w ? full : shorter;
}

int strip_draw(const struct scene *s, int y)
{
    enum { ROOMY_W = 116 };
    struct canvas *cv = s->cv;
    const char *arrow = cv->w >= ROOMY_W ? "━━▶" : "▶";
    int arrow_w = utf8_width(arrow);
    int least = cv->w / HOP_COUNT - arrow_w - 2;
    for (int i = 0; i < HOP_COUNT; i++) {
        int x = 2 + i * cv->w / HOP_COUNT;
        int end = i + 1 < HOP_COUNT ? 2 + (i + 1) * cv->w / HOP_COUNT : cv->w + arrow_w + 1;
        int w = end - x - arrow_w - 2;
        struct hop h = hop_at(s, i);
        (void)canvas_fit(cv, x, y, w, ROLE_DIM, h.title != NULL ? h.title : titles[i]);
        (void)canvas_fit(cv, x, y + 1, w, ROLE_STRONG, or_dash(h.name));
        (void)canvas_fit(cv, x, y + 2, w, ROLE_TEXT, fitting(h.figure, h.brief, least));
        (void)canvas_text(cv, x, y + 3, word_style(h.verdict), glyph_verdict(h.verdict));
        (void)canvas_fit(cv, x + 2, y + 3, w - 2, word_style(h.verdict),
                         or_dash(fitting(h.word, h.curt, least - 2)));
        hot_hop(s, i, (struct rect){x, y, w, 4});
        if (i + 1 < HOP_COUNT)
            (void)canvas_text(cv, end - arrow_w - 1, y + 1, arrow_style(s, i + 1), arrow);
    }
    return 4;
}

int strip_draw_narrow(const struct scene *s, int y)
{
    struct canvas *cv = s->cv;
    int hop_w = cv->w / HOP_COUNT;
    int gap = hop_w > 10 ? 1 : 0; /* between an arrow and where it leads */
    int least = hop_w - 4 - gap;  /* for the figure, without the mark and the arrow */
    for (int i = 0; i < HOP_COUNT; i++) {
        bool last = i + 1 == HOP_COUNT;
        int x = 1 + i * cv->w / HOP_COUNT;
        int end = last ? cv->w + 1 : 1 + (i + 1) * cv->w / HOP_COUNT;
        int w = end - x - 2;
        struct hop h = hop_at(s, i);
        bool figure = h.verdict != VERDICT_UNKNOWN && h.brief[0] != '\0';
        const char *text =
            figure ? fitting(h.brief, h.tight, least) : fitting(h.word, h.curt, least);
        (void)canvas_fit(cv, x, y, w, ROLE_STRONG, or_dash(h.name));
        (void)canvas_text(cv, x, y + 1, word_style(h.verdict), glyph_verdict(h.verdict));
        (void)canvas_fit(cv, x + 2, y + 1, last ? w - 2 : w - 2 - gap, word_style(h.verdict),
                         or_dash(text));
        hot_hop(s, i, (struct rect){x, y, w, 2});
        if (!last)
            (void)canvas_text(cv, end - 1 - gap, y + 1, arrow_style(s, i + 1), "▶");
    }
    return 2;
}
