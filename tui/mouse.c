/* mouse.c: what a press does: what the keys do that it stands for. */
#include "base/mem.h"
#include "tui/app.h"
#include "tui/command.h"
#include "tui/dialog/dialog.h"
#include "tui/view/pane.h"
#include "tui/view/view.h"

#include <assert.h>

enum { WHEEL_LINES = 3 };

static bool inside(const struct rect *r, int x, int y)
{
    return x >= r->x && x < r->x + r->w && y >= r->y && y < r->y + r->h;
}

static const struct hot *under(const struct app *app, int x, int y)
{
    for (int i = app->nhots - 1; i >= 0; i--)
        if (inside(&app->hots[i].r, x, y))
            return &app->hots[i];
    return NULL;
}

static void run(const struct scene *s, const char *name)
{
    command_run(s, command_find(name), NULL);
}

static int row_of(const struct hot *hot, int y)
{
    return hot->first + (y - hot->r.y) / (hot->each > 0 ? hot->each : 1);
}

/* The list of a pane of the overview gets the keys; a list that fills the screen has them. */
static bool focus(const struct scene *s, int list)
{
    bool there = (int)list_now(s) == list;
    if (!there && list < PANE_COUNT && scene_view(s)->id == VIEW_OVERVIEW)
        s->app->pane = (enum pane_id)list;
    return there;
}

/* ---- clicks ---------------------------------------------------------------------------------- */

static void click_pane(const struct scene *s, const struct hot *hot, int y)
{
    (void)y;
    (void)focus(s, hot->id);
}

/* The first click selects, one on what is selected opens. */
static void click_row(const struct scene *s, const struct hot *hot, int y)
{
    bool there = focus(s, hot->id);
    struct pane_state *st = &s->app->panes[hot->id];
    struct row_list list = pane_list(s, (enum pane_id)hot->id);
    int at = row_of(hot, y);
    if (at >= (int)list.n)
        return;
    if (there && pane_selected(st, &list) == at)
        run(s, "open");
    else
        pane_select(st, &list, at);
}

static void click_head(const struct scene *s, const struct hot *hot, int y)
{
    struct pane_state *st = &s->app->panes[hot->id];
    (void)y;
    (void)focus(s, hot->id);
    const struct command *sort = command_find("sort");
    const char *why = command_blocked(s, sort);
    if (why != NULL) {
        app_toast(s->app, s->m, VERDICT_INFO, "%s: %s", command_name(sort), why);
        return;
    }
    if (st->sort == hot->first)
        st->reverse = !st->reverse;
    else
        st->reverse = false;
    st->sort = hot->first;
}

static void click_item(const struct scene *s, const struct hot *hot, int y)
{
    int at = row_of(hot, y);
    if (s->app->dialog.selected == at)
        dialog_key(s, hot->id);
    else
        s->app->dialog.selected = at;
}

static void click_key(const struct scene *s, const struct hot *hot, int y)
{
    (void)y;
    app_key(s->app, s->m, hot->id);
}

/* ---- the wheel ------------------------------------------------------------------------------- */

static void wheel_rows(const struct scene *s, const struct hot *hot, int by)
{
    struct pane_state *st = &s->app->panes[hot->id];
    struct row_list list = pane_list(s, (enum pane_id)hot->id);
    (void)focus(s, hot->id);
    pane_select(st, &list, pane_selected(st, &list) + by);
}

static void wheel_text(const struct scene *s, const struct hot *hot, int by)
{
    (void)hot;
    for (int i = 0; i < WHEEL_LINES; i++)
        run(s, by > 0 ? "down" : "up");
}

static const struct {
    void (*click)(const struct scene *s, const struct hot *hot, int y);
    void (*wheel)(const struct scene *s, const struct hot *hot, int by);
} kinds[] = {
    [HOT_PANE] = {click_pane, NULL      },
      [HOT_ROWS] = {click_row,  wheel_rows},
    [HOT_HEAD] = {click_head, NULL      },
      [HOT_ITEMS] = {click_item, NULL      },
    [HOT_KEY] = {click_key,  NULL      },
      [HOT_TEXT] = {NULL,       wheel_text},
};
static_assert(ARRAY_LEN(kinds) == HOT_KIND_COUNT, "every kind has its deeds");

void hot_add(const struct scene *s, struct hot hot)
{
    struct app *app = s->app;
    if (app->mouse && app->nhots < HOTS_MAX && hot.r.w > 0 && hot.r.h > 0)
        app->hots[app->nhots++] = hot;
}

void app_mouse(struct app *app, const struct app_model *m, const struct mouse *e)
{
    arena_reset(app->arena);
    struct scene s = scene_make(app, m, NULL);
    const struct hot *found = under(app, e->x, e->y);
    int by = e->what == MOUSE_WHEEL_UP ? -WHEEL_LINES : WHEEL_LINES;
    if (!app->mouse || app->input != INPUT_NONE) /* a line is being typed: it has everything */
        return;
    app->toast.until_ms = 0;
    if (app->dialog.kind != DIALOG_NONE && e->what != MOUSE_PRESS) {
        dialog_key(&s, by > 0 ? K_DOWN : K_UP);
        return;
    }
    if (found == NULL)
        return;
    struct hot hot = *found; /* the deed may draw anew */
    if (e->what == MOUSE_PRESS && kinds[hot.kind].click != NULL)
        kinds[hot.kind].click(&s, &hot, e->y);
    else if (e->what != MOUSE_PRESS && kinds[hot.kind].wheel != NULL)
        kinds[hot.kind].wheel(&s, &hot, by);
}
