/* overview.c: the first screen: strip, four panes, findings; on a small terminal one pane at a
 * time under a line of tabs. */
#include "tui/draw/glyph.h"
#include "tui/view/findings.h"
#include "tui/view/view.h"

/* "1 Slots ▲1": each pane's number, name and its worst count. */
static void tabs_draw(const struct scene *s, int y)
{
    struct canvas *cv = s->cv;
    int gap = cv->w >= 76 ? 3 : cv->w >= 66 ? 2 : 1;
    int x = 1;
    for (int i = 0; i < PANE_COUNT; i++) {
        const struct pane_ops *ops = pane_ops((enum pane_id)i);
        size_t counts[VERDICT_COUNT];
        bool here = (int)s->app->pane == i;
        pane_counts(s, (enum pane_id)i, counts);
        int from = x;
        x += canvas_text(cv, x, y, ROLE_KEY, ops->number) + 1;
        x += canvas_text(cv, x, y, here ? ROLE_STRONG : ROLE_DIM,
                         cv->w < 70 && i == PANE_CONNECTORS ? "Connect" : ops->tab);
        size_t all = 0;
        for (int v = 0; v < VERDICT_COUNT; v++)
            all += counts[v];
        enum verdict loud = counts[VERDICT_CRIT] > 0      ? VERDICT_CRIT
                            : counts[VERDICT_WARN] > 0    ? VERDICT_WARN
                            : counts[VERDICT_UNKNOWN] > 0 ? VERDICT_UNKNOWN
                                                          : VERDICT_NONE;
        bool failing =
            ops->has_source && scene_state(s, scene_teller(s, ops->source)) == STATE_FAILING;
        if (failing)
            x += 1 + canvas_text(cv, x + 1, y, ROLE_UNKNOWN, "?");
        else if (loud != VERDICT_NONE && i != PANE_FINDINGS)
            x += 1 + canvas_text(cv, x + 1, y, glyph_style(loud),
                                 scene_text(s, "%s%zu", glyph_verdict(loud), counts[loud]));
        else if (all > 0)
            x += 1 + canvas_text(cv, x + 1, y, i == PANE_FINDINGS ? glyph_style(loud) : ROLE_DIM,
                                 scene_text(s, "%zu", all));
        hot_add(s, (struct hot){
                       {from, y, x - from, 1},
                       HOT_PANE, i, 0, 0
        });
        x += gap;
    }
}

static void draw_narrow(const struct scene *s, struct rect r)
{
    bool tight = r.h < 20;
    int y = r.y + (tight ? 0 : 1);
    y += strip_draw_narrow(s, y) + (tight ? 0 : 1);
    tabs_draw(s, y++);
    int end = r.y + r.h;
    bool first = s->app->pane != PANE_FINDINGS && s->f != NULL && s->f->count > 0;
    int below = first ? (tight ? 2 : 4) : 0;
    const struct pane_state *st = &s->app->panes[s->app->pane];
    const struct pane_ops *ops = pane_ops(s->app->pane);
    if (!tight || st->filter[0] != '\0' || st->faults ||
        (ops->has_source && scene_state(s, scene_teller(s, ops->source)) != STATE_FRESH)) {
        pane_draw_untitled(s, s->app->pane, (struct rect){r.x, y, r.w, end - below - y});
    } else {
        pane_body(s, s->app->pane, (struct rect){r.x, y, r.w, end - below - y}, true);
    }
    if (first) {
        canvas_hline(s->cv, r.x, end - below, r.w, ROLE_BORDER);
        findings_line(s, &s->f->items[0], (struct rect){r.x, end - below + 1, r.w, tight ? 1 : 2},
                      false);
    }
}

/* Lines that a row of panes can use: title, heads, the longer of its lists, and air. */
static int wanted(const struct scene *s, enum pane_id a, enum pane_id b)
{
    const struct row_base **rows;
    size_t na = pane_ops(a)->rows(s, &rows);
    size_t nb = pane_ops(b)->rows(s, &rows);
    size_t most = na > nb ? na : nb;
    return most < 200 ? (int)most + 5 : 205;
}

/* A screen with room to spare has what happened last beside what is wrong, or below it. */
static void draw_events(const struct scene *s, struct rect r)
{
    pane_draw(s, LIST_EVENTS, r, false);
    hot_add(s, (struct hot){r, HOT_KEY, '9', 0, 0});
}

static void draw_findings(const struct scene *s, struct rect r)
{
    enum { BESIDE_W = 160, BELOW_H = 22, FINDING_LINES = 3 };
    struct rect f = r;
    if (r.w >= BESIDE_W) {
        f.w = (r.w - 2) / 2;
        draw_events(s, (struct rect){r.x + f.w + 2, r.y, r.w - f.w - 2, r.h});
    } else if (r.h >= BELOW_H) {
        size_t n = s->f != NULL ? s->f->count : 0;
        f.h = n < 4 ? FINDING_LINES * (int)n + 2 : r.h / 2;
        f.h = f.h < 7 ? 7 : f.h;
        draw_events(s, (struct rect){r.x, r.y + f.h, r.w, r.h - f.h});
    }
    pane_draw(s, PANE_FINDINGS, f, s->app->pane == PANE_FINDINGS);
}

static void draw_wide(const struct scene *s, struct rect r)
{
    enum { TALL = 48 };
    int y = r.y + 1;
    y += strip_draw(s, y) + 1;
    int body = r.y + r.h - y;
    int findings = body * 29 / 100;
    findings = findings < 7 ? 7 : findings > 14 ? 14 : findings;
    int top = (body - findings + 1) / 2;
    int bottom = body - findings - top;
    if (body >= TALL) { /* no emptiness: what the lists do not need goes to what is below */
        int upper = wanted(s, PANE_SLOTS, PANE_TOPICS);
        int lower = wanted(s, PANE_CONNECTORS, PANE_OBJECTS);
        top = upper < top ? upper : top;
        bottom = lower < bottom ? lower : bottom;
        findings = body - top - bottom;
    }
    int left = (r.w - 2) / 2;
    int right_x = r.x + left + 2;
    int right = r.w - left - 2;
    const struct {
        enum pane_id id;
        struct rect r;
    } panes[] = {
        {PANE_SLOTS,      {r.x, y, left, top}              },
        {PANE_TOPICS,     {right_x, y, right, top}         },
        {PANE_CONNECTORS, {r.x, y + top, left, bottom}     },
        {PANE_OBJECTS,    {right_x, y + top, right, bottom}},
    };
    for (size_t i = 0; i < sizeof(panes) / sizeof(panes[0]); i++) {
        struct rect p = panes[i].r;
        p.h--; /* air between the rows of panes */
        pane_draw(s, panes[i].id, p, panes[i].id == s->app->pane);
    }
    draw_findings(s, (struct rect){r.x, y + top + bottom, r.w, findings});
}

static void draw(const struct scene *s, struct rect r)
{
    if (s->m->npipelines == 0) {
        int y = r.y + 2;
        (void)canvas_text(s->cv, 4, y, ROLE_STRONG, "no pipeline is configured");
        (void)canvas_fit(s->cv, 4, y + 2, r.w - 5, ROLE_TEXT,
                         "cdctop --pg CONNINFO --kafka HOST:PORT --connect URL --s3 s3://BUCKET");
        (void)canvas_fit(s->cv, 4, y + 3, r.w - 5, ROLE_DIM,
                         "or write one: cdctop init, at AWS: cdctop init --aws");
        return;
    }
    if (s->app->zoom && !scene_narrow(s)) {
        int y = r.y + 1;
        y += strip_draw(s, y) + 1;
        pane_draw(s, s->app->pane, (struct rect){r.x, y, r.w, r.y + r.h - y}, true);
    } else if (s->app->zoom) {
        pane_draw(s, s->app->pane, r, true);
    } else if (scene_narrow(s)) {
        draw_narrow(s, r);
    } else {
        draw_wide(s, r);
    }
}

const struct view_ops view_overview = {.id = VIEW_OVERVIEW, .title = "Overview", .draw = draw};
