/* menu.c: a list to pick from: the actions (allowed or why not), the columns to sort by. */
#include "tui/command.h"
#include "tui/dialog/dialog.h"
#include "tui/view/pane.h"

#include <string.h>

struct item {
    const char *key, *label, *note;
    bool enabled, advised;
    bool here; /* about the selected row itself */
};

/* About all marked rows at once. */
static int marked_items(const struct scene *s, struct item *items)
{
    size_t all = s->app->panes[list_now(s)].marks.n;
    for (int i = 0; i < ACTION_KIND_COUNT; i++) {
        const struct action_info *info = action_info((enum action_kind)i);
        size_t possible;
        const char *why = bulk_blocked(s, (enum action_kind)i, &possible);
        items[i] = (struct item){
            .key = act_key(s, (enum action_kind)i), .label = info->label, .enabled = why == NULL};
        items[i].note = why != NULL ? why : scene_text(s, "%zu of %zu marked", possible, all);
    }
    return ACTION_KIND_COUNT;
}

static int action_items(const struct scene *s, struct item *items)
{
    if (act_on_marked(s))
        return marked_items(s, items);
    const struct row_base *row = pane_row(s, list_now(s));
    for (int i = 0; i < ACTION_KIND_COUNT; i++) {
        enum action_kind kind = (enum action_kind)i;
        const struct action_info *info = action_info(kind);
        const char *why = NULL;
        const char *target = act_target(s, kind, &why);
        items[i] = (struct item){
            .key = act_key(s, (enum action_kind)i), .label = info->label, .note = why};
        if (target == NULL)
            continue;
        enum restart_scope scope;
        const struct action_plan *plan = act_plan(s, kind, target, &scope);
        /* Tables are picked later: a snapshot without any is not refused here for that. */
        items[i].enabled = plan->allowed || kind == ACTION_SNAPSHOT;
        items[i].note = items[i].enabled ? target : plan->why_not;
        const struct finding *f = act_recommended(s, kind, target);
        items[i].advised = f != NULL && items[i].enabled;
        items[i].here = row != NULL && strcmp(row->name, target) == 0;
        if (items[i].advised)
            items[i].note = scene_text(s, "%s: recommended for %s", target, f->id);
    }
    return ACTION_KIND_COUNT;
}

static int sort_items(const struct scene *s, struct item *items)
{
    const struct pane_ops *ops = pane_ops(list_now(s));
    items[0] =
        (struct item){"", "own order", ops->ordered ? "" : "trouble first", true, false, false};
    for (int i = 0; i < ops->ncolumns; i++)
        items[i + 1] =
            (struct item){"", ops->columns[i].title, ops->columns[i].help, true, false, false};
    return ops->ncolumns + 1;
}

static int items_of(const struct scene *s, struct item *items)
{
    return s->app->dialog.menu == MENU_ACTIONS ? action_items(s, items) : sort_items(s, items);
}

enum { ITEMS_MAX = TABLE_COLUMNS_MAX + ACTION_KIND_COUNT };

static void pick(const struct scene *s, int at)
{
    enum menu_kind menu = s->app->dialog.menu;
    dialog_close(s->app);
    if (menu == MENU_SORT) {
        s->app->panes[list_now(s)].sort = at - 1;
        return;
    }
    const char *why = NULL;
    if (act_on_marked(s)) {
        size_t possible;
        why = bulk_blocked(s, (enum action_kind)at, &possible);
        if (why == NULL)
            bulk_open(s, (enum action_kind)at);
        else
            app_toast(s->app, s->m, VERDICT_INFO, "%s: %s", action_info((enum action_kind)at)->name,
                      why);
        return;
    }
    const char *target = act_target(s, (enum action_kind)at, &why);
    if (target != NULL)
        act_open(s, (enum action_kind)at, target, NULL);
    else
        app_toast(s->app, s->m, VERDICT_INFO, "%s: %s", action_info((enum action_kind)at)->name,
                  why);
}

/* It opens on what the diagnosis recommends, else on the first thing that is possible. */
static void first_enabled(struct dialog *d, const struct item *items, int n)
{
    if (d->opened)
        return;
    d->opened = true;
    int best = -1;
    for (int i = 0; d->menu == MENU_ACTIONS && i < n; i++)
        if (items[i].advised && (best < 0 || (items[i].here && !items[best].here)))
            best = i;
    d->selected = best >= 0 ? best : d->selected;
    for (int i = 0; best < 0 && d->menu == MENU_ACTIONS && i < n; i++)
        if (items[i].enabled) {
            d->selected = i;
            return;
        }
}

void menu_key(const struct scene *s, int key)
{
    struct item items[ITEMS_MAX];
    struct dialog *d = &s->app->dialog;
    int n = items_of(s, items);
    first_enabled(d, items, n);
    if (key == K_ESC || key == 'q' || key == K_CTRL_C || key == K_BACKSPACE) {
        dialog_close(s->app);
    } else if (key == 'j' || key == K_DOWN) {
        d->selected = d->selected + 1 < n ? d->selected + 1 : n - 1;
    } else if (key == 'k' || key == K_UP) {
        d->selected = d->selected > 0 ? d->selected - 1 : 0;
    } else if (key == K_ENTER) {
        pick(s, d->selected);
    } else if (d->menu == MENU_ACTIONS) {
        const struct command *c = command_for_key(s, key);
        if (c != NULL && c->run == act_run)
            pick(s, c->arg);
    }
}

static const char *title(const struct scene *s)
{
    if (s->app->dialog.menu == MENU_SORT)
        return "Sort by";
    if (act_on_marked(s))
        return scene_text(s, "Actions on %zu marked", s->app->panes[list_now(s)].marks.n);
    return "Actions";
}

void menu_draw(const struct scene *s)
{
    struct item items[ITEMS_MAX];
    struct dialog *d = &s->app->dialog;
    bool actions = d->menu == MENU_ACTIONS;
    int n = items_of(s, items);
    first_enabled(d, items, n);
    struct rect in = dialog_frame(s, 84, n + 6, ROLE_KEY, title(s));
    int y = in.y + 1;
    int lines = in.h - 3;
    if (d->selected >= d->scroll + lines)
        d->scroll = d->selected - lines + 1;
    if (d->selected < d->scroll)
        d->scroll = d->selected;
    for (int i = d->scroll; i < n && i < d->scroll + lines; i++, y++) {
        unsigned style = items[i].enabled ? ROLE_TEXT : ROLE_FAINT;
        if (actions)
            (void)canvas_fit(s->cv, in.x, y, 2, items[i].enabled ? ROLE_KEY : ROLE_FAINT,
                             items[i].key);
        int x = in.x + (actions ? 3 : 0);
        (void)canvas_fit(s->cv, x, y, 20, style, items[i].label);
        (void)canvas_fit(s->cv, x + 21, y, in.w - 21 - (x - in.x),
                         items[i].advised   ? ROLE_KEY
                         : items[i].enabled ? ROLE_DIM
                                            : ROLE_FAINT,
                         items[i].note);
        if (i == d->selected)
            canvas_ground(s->cv, (struct rect){in.x - 1, y, in.w + 2, 1}, GROUND_SELECT);
    }
    int top = in.y + 1;
    hot_add(s, (struct hot){
                   {in.x - 1, top, in.w + 2, y - top},
                   HOT_ITEMS, K_ENTER, d->scroll, 1
    });
    int x = in.x + canvas_text(s->cv, in.x, in.y + in.h - 1, ROLE_KEY, "Enter") + 1;
    x += canvas_text(s->cv, x, in.y + in.h - 1, ROLE_DIM, actions ? "look at it" : "sort") + 3;
    dialog_esc(s, x, in.y + in.h - 1, ROLE_DIM, "leave");
}
