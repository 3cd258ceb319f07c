#include "tui/view/findings.h"

#include "base/clock.h"
#include "base/human.h"
#include "base/utf8.h"
#include "tui/command.h"
#include "tui/draw/glyph.h"

enum { TEXT_AT = 8, REMEDY_W = 12, SIDE_W = 18 };

static size_t rows(const struct scene *s, const struct row_base ***out)
{
    size_t n = s->f != NULL ? s->f->count : 0;
    struct finding_row *made = arena_array(s->arena, n + 1, sizeof(*made));
    *out = arena_array(s->arena, n + 1, sizeof(const struct row_base *));
    for (size_t i = 0; i < n; i++) {
        const struct finding *f = &s->f->items[i];
        made[i].base = (struct row_base){.name = scene_text(s, "%s %s", f->id, f->object),
                                         .verdict = f->severity,
                                         .why = f->title};
        made[i].finding = f;
        (*out)[i] = &made[i].base;
    }
    return n;
}

static const char *note(const struct scene *s)
{
    char hms[HUMAN_SIZE];
    int64_t first = INT64_MAX;
    if (s->f == NULL || s->f->count == 0)
        return s->f != NULL && s->f->nmuted > 0 ? scene_text(s, "%zu muted", s->f->nmuted) : NULL;
    for (size_t i = 0; i < s->f->count; i++)
        if (s->f->items[i].since_wall_ms < first)
            first = s->f->items[i].since_wall_ms;
    int64_t age = s->m->wall_ms - first;
    const char *muted = s->f->nmuted > 0 ? scene_text(s, "%zu muted · ", s->f->nmuted) : "";
    if (age > 12 * 3600 * 1000) /* a time of day alone would mislead */
        return scene_text(s, "%sfirst seen %s ago", muted, human_duration_ms(hms, age));
    return scene_text(s, "%sfirst seen %s", muted, clock_hms(first, hms, sizeof(hms)));
}

void findings_line(const struct scene *s, const struct finding *f, struct rect r, bool selected)
{
    struct canvas *cv = s->cv;
    int right = r.x + r.w - 1;
    unsigned loud = f->clearing ? ROLE_DIM : glyph_style(f->severity);
    (void)canvas_text(cv, r.x + 1, r.y, loud, glyph_verdict(f->severity));
    (void)canvas_text(cv, r.x + 3, r.y, ROLE_DIM, f->id);
    if (f->has_remedy) {
        const struct action_info *info = action_info(f->remedy);
        int wide = utf8_width(info->label) + 3; /* "T reload tables" */
        right -= wide > REMEDY_W ? wide : REMEDY_W;
        int at = right + 1;
        const char *key = act_key(s, f->remedy);
        bool now = s->m->when.no_actions == NULL;
        if (key[0] != '\0') {
            at += canvas_text(cv, at, r.y, now ? ROLE_KEY : ROLE_FAINT, key);
            at++;
        }
        (void)canvas_fit(cv, at, r.y, r.x + r.w - at, now ? ROLE_TEXT : ROLE_FAINT, info->label);
        right--;
    }
    if (f->nexplains > 0 && r.w >= 90) {
        const char *text = scene_text(s, "explains %d more", f->nexplains);
        right -= SIDE_W;
        (void)canvas_fit(cv, right + 1, r.y, SIDE_W, ROLE_DIM, text);
        right -= 2;
    }
    const char *title = f->clearing ? scene_text(s, "(clearing) %s", f->title) : f->title;
    (void)canvas_fit(cv, r.x + TEXT_AT, r.y, right - r.x - TEXT_AT,
                     f->clearing ? ROLE_DIM : ROLE_STRONG, title);
    if (selected)
        canvas_ground(cv, (struct rect){r.x, r.y, r.w, 1}, GROUND_SELECT);
    if (r.h < 2)
        return;
    const char *advice = f->advice;
    if (f->nexplains > 0 && r.w < 90)
        advice = scene_text(s, "explains %d more · %s", f->nexplains, advice);
    (void)canvas_fit(cv, r.x + TEXT_AT, r.y + 1, r.w - TEXT_AT - 1, ROLE_DIM, advice);
}

static bool is_waited_for(const struct scene *s)
{
    for (int k = 0; k < SOURCE_KIND_COUNT; k++) {
        if (world_state(s->m->world, s->app->pipeline, (enum source_kind)k) == STATE_WAITING)
            return true;
    }
    return false;
}

/* E01 of the diagnosis: said only when every hop has told and none is late. */
static const char *nothing(const struct scene *s)
{
    bool known = s->p != NULL, well = s->p != NULL;
    for (int i = 0; s->p != NULL && i < HOP_COUNT; i++) {
        const struct hop *hop = &s->p->hops[i];
        known = known && hop->verdict != VERDICT_UNKNOWN;
        well = well && hop->verdict == VERDICT_OK && !hop->late;
    }
    if (is_waited_for(s))
        return "nothing so far: not every server has answered yet";
    if (!known)
        return "nothing to report of the hops that are known";
    return well ? "nothing to report: data flows, every hop is fresh" : "nothing to report";
}

static void draw(const struct scene *s, const struct row_list *list, struct rect r, int selected,
                 bool focused)
{
    struct pane_state *st = &s->app->panes[PANE_FINDINGS];
    int each = r.h >= 3 * (int)list->n ? 3 : 2; /* a blank line between them when there is room */
    int fit = r.h / each > 0 ? r.h / each : 1;
    if (list->n == 0) {
        bool known = s->f != NULL && s->m->world != NULL;
        const char *text = list->total > 0 ? "none that passes the filter"
                           : known         ? nothing(s)
                                           : "no evidence yet";
        (void)canvas_text(s->cv, r.x + 2, r.y, ROLE_DIM, text);
        return;
    }
    st->page = fit;
    if (selected < st->scroll)
        st->scroll = selected;
    if (selected >= st->scroll + fit)
        st->scroll = selected - fit + 1;
    if (st->scroll > (int)list->n - fit)
        st->scroll = (int)list->n > fit ? (int)list->n - fit : 0;
    struct rect old = canvas_clip(s->cv, r);
    int shown = 0;
    for (int i = st->scroll; i < (int)list->n && shown < fit; i++, shown++) {
        const struct finding_row *row = (const struct finding_row *)list->rows[i];
        findings_line(s, row->finding, (struct rect){r.x, r.y + shown * each, r.w, 2},
                      focused && i == selected);
        if (marks_has(&st->marks, row->base.name))
            (void)canvas_text(s->cv, r.x + 2, r.y + shown * each, ROLE_KEY, "◆");
    }
    hot_add(s, (struct hot){
                   {r.x, r.y, r.w, shown * each},
                   HOT_ROWS, PANE_FINDINGS, st->scroll, each
    });
    int left = (int)list->n - st->scroll - shown;
    int y = r.y + shown * each;
    if (left > 0 && y < r.y + r.h)
        (void)canvas_printf(s->cv, r.x + TEXT_AT, y, ROLE_DIM, "…%d more", left);
    canvas_unclip(s->cv, old);
}

static const char *subject(const struct row_base *row)
{
    return ((const struct finding_row *)row)->finding->object;
}

static const struct finding *finding(const struct row_base *row)
{
    return ((const struct finding_row *)row)->finding;
}

/* What its remedy is done to, else what it is about. */
static const char *remedied(const struct row_base *row)
{
    const struct finding *f = ((const struct finding_row *)row)->finding;
    return f->has_remedy ? f->remedy_target : f->object;
}

const struct pane_ops pane_findings = {
    .id = PANE_FINDINGS,
    .number = "5",
    .title = "Findings",
    .tab = "Findings",
    .empty = "nothing to report",
    .ordered = true,
    .messages = true,
    .unsorted = "findings are ordered by importance",
    .rows = rows,
    .note = note,
    .draw = draw,
    .subject = subject,
    .finding = finding,
    .connector = remedied,
    .slot = remedied,
    .detail = VIEW_FINDING,
};
