#include "tests/screen/invariants.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "tui/view/pane.h"
#include "tui/view/view.h"

#include <string.h>

/* ---- the canvas ------------------------------------------------------------------------------ */

static const char *bad_cell(const struct canvas *cv, const struct cell *c, int *covered)
{
    bool plain = c->text[0] >= ' ' && c->text[0] < 0x7F && c->text[1] == '\0';
    if (c->role >= ROLE_COUNT || c->ground >= GROUND_COUNT)
        return "has a style that does not exist";
    if (plain && c->width == 1 && *covered == 0) /* nearly all of them */
        return NULL;
    if (memchr(c->text, '\0', CELL_TEXT) == NULL || !utf8_is_clean(c->text))
        return "has text that is not fit for a terminal";
    if (c->width != 0 && utf8_width(c->text) != c->width)
        return "is not as wide as it says";
    for (const char *p = c->text; cv->ascii && *p != '\0'; p++)
        if ((unsigned char)*p >= 0x80)
            return "is no ASCII";
    if ((c->width == 0) != (*covered > 0))
        return "is covered by nothing, or covered and drawn";
    *covered = *covered > 0 ? *covered - 1 : c->width - 1;
    return NULL;
}

static const char *broken_canvas(const struct scene *s, const struct canvas *cv)
{
    for (int y = 0; y < cv->h; y++) {
        int covered = 0;
        for (int x = 0; x < cv->w; x++) {
            const char *why = bad_cell(cv, canvas_at(cv, x, y), &covered);
            if (why != NULL)
                return scene_text(s, "the cell at %d,%d %s", x, y, why);
        }
        if (covered != 0)
            return scene_text(s, "a wide character sticks out of row %d", y);
    }
    if (cv->clip.x != 0 || cv->clip.y != 0 || cv->clip.w != cv->w || cv->clip.h != cv->h)
        return "a clip was not taken back";
    if (cv->cursor_x >= cv->w || cv->cursor_y >= cv->h)
        return scene_text(s, "the cursor is at %d,%d", cv->cursor_x, cv->cursor_y);
    return NULL;
}

static const char *broken_hots(const struct scene *s)
{
    for (int i = 0; i < s->app->nhots; i++) {
        const struct hot *h = &s->app->hots[i];
        if (h->r.x < 0 || h->r.y < 0 || h->r.x + h->r.w > s->app->w ||
            h->r.y + h->r.h > s->app->h || h->kind >= HOT_KIND_COUNT)
            return scene_text(s, "what can be clicked (%d) lies at %d,%d %dx%d", h->kind, h->r.x,
                              h->r.y, h->r.w, h->r.h);
    }
    return NULL;
}

/* ---- lists and pages ------------------------------------------------------------------------- */

static const char *broken_list(const struct scene *s, enum pane_id id)
{
    struct pane_state *st = &s->app->panes[id];
    struct row_list list = pane_list(s, id);
    int at = pane_selected(st, &list);
    if (list.n > list.total)
        return scene_text(s, "%zu rows of %zu pass the filter", list.n, list.total);
    if (list.n == 0 ? at != -1 : at < 0 || at >= (int)list.n)
        return scene_text(s, "row %d of %zu is selected", at, list.n);
    if (st->scroll < 0 || (list.n > 0 && st->scroll >= (int)list.n))
        return scene_text(s, "%zu rows are shown from %d on", list.n, st->scroll);
    if (list.n > 0 && st->page > 0 && (at < st->scroll || at >= st->scroll + st->page))
        return scene_text(s, "row %d is selected, %d to %d are shown", at, st->scroll,
                          st->scroll + st->page - 1);
    if (st->sort < -1 || st->sort >= pane_ops(id)->ncolumns)
        return scene_text(s, "sorted by column %d", st->sort);
    for (int i = 0; i < st->ncolumns; i++)
        if (st->columns[i] < 0 || st->columns[i] >= pane_ops(id)->ncolumns)
            return scene_text(s, "column %d is chosen", st->columns[i]);
    for (size_t i = 0; i < st->marks.n; i++)
        if (st->marks.names[i] == NULL)
            return "a mark has no name";
    return st->marks.n > MARKS_MAX ? "there are too many marks" : NULL;
}

static const char *broken_page(const struct scene *s)
{
    const struct view_state *v = scene_view(s);
    int last = v->lines > v->page ? v->lines - v->page : 0;
    if (v->scroll < 0 || v->scroll > last)
        return scene_text(s, "line %d is on top, of %d on pages of %d", v->scroll, v->lines,
                          v->page);
    return v->found >= 0 && v->found >= v->lines
               ? scene_text(s, "found in line %d of %d", v->found, v->lines)
               : NULL;
}

static const char *broken_views(const struct scene *s)
{
    const struct app *app = s->app;
    if (app->depth < 1 || app->depth > VIEW_DEPTH)
        return scene_text(s, "%d views lie on each other", app->depth);
    for (int i = 0; i < app->depth; i++) {
        const struct view_state *v = &app->stack[i];
        if (v->id >= VIEW_COUNT)
            return scene_text(s, "there is no view %d", v->id);
        if (view_ops(v->id)->of != NULL && v->object == NULL)
            return scene_text(s, "%s is open on nothing", view_ops(v->id)->title);
    }
    if (app->pane >= PANE_COUNT || app->pipeline >= s->m->npipelines)
        return scene_text(s, "pane %d of pipeline %zu has the keys", app->pane, app->pipeline);
    return NULL;
}

/* ---- input and dialogs ----------------------------------------------------------------------- */

static const char *broken_edit(const struct edit *e)
{
    if (e->len >= sizeof(e->text) || e->at > e->len || strlen(e->text) != e->len)
        return "a line of input does not know its length";
    if (((unsigned char)e->text[e->at] & 0xC0U) == 0x80U)
        return "a cursor stands within a character";
    return NULL;
}

static const char *broken_dialog(const struct scene *s, bool drawn)
{
    const struct dialog *d = &s->app->dialog;
    bool asks = d->kind == DIALOG_CONFIRM || d->kind == DIALOG_PICKER;
    if (d->kind == DIALOG_NONE && (d->args != NULL || d->picked != NULL))
        return "a dialog that is closed left something behind";
    if (asks && (d->args == NULL || d->args->pipeline >= s->m->npipelines))
        return "a dialog asks for nothing";
    if (d->kind == DIALOG_BULK && s->app->bulk.n == 0)
        return "a dialog is about many and there are none";
    if (drawn && (d->selected < 0 || d->scroll < 0))
        return scene_text(s, "a dialog selects %d and begins at %d", d->selected, d->scroll);
    return d->error[sizeof(d->error) - 1] != '\0' ? "an error has no end" : NULL;
}

const char *invariants_broken(struct demo_stage *st)
{
    struct scene s = demo_stage_scene(st);
    bool small = st->canvas.w < APP_MIN_W || st->canvas.h < APP_MIN_H; /* nothing was drawn */
    const char *why = broken_canvas(&s, &st->canvas);
    why = why == NULL ? broken_hots(&s) : why;
    why = why == NULL ? broken_views(&s) : why;
    why = why == NULL ? broken_edit(&s.app->edit) : why;
    why = why == NULL ? broken_edit(&s.app->dialog.edit) : why;
    why = why == NULL ? broken_dialog(&s, !small) : why;
    if (why == NULL && !small && list_now(&s) != LIST_NONE)
        why = broken_list(&s, list_now(&s));
    else if (why == NULL && !small)
        why = broken_page(&s);
    if (why == NULL && (st->overflow || st->app->neffects != 0))
        why = "more effects were asked for than there is room for";
    return why;
}
