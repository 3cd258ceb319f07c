/* menu.c: a list to pick from: the actions (allowed or why not), the columns to sort by, colours,
 * what to copy. */
#include "base/utf8.h"
#include "tui/command.h"
#include "tui/dialog/dialog.h"
#include "tui/draw/theme.h"
#include "tui/view/pane.h"

#include <assert.h>
#include <string.h>

enum { ITEMS_MAX = TABLE_COLUMNS_MAX + ACTION_KIND_COUNT + 8 };

struct item {
    const char *key, *label, *note;
    bool enabled, advised;
    bool here; /* about the selected row itself */
};

/* Tables of a task of DMS are picked for one task at a time: the last of all kinds is no action of
 * other rows. */
enum { KINDS_OF_ALL = ACTION_RELOAD };
static_assert(ACTION_RELOAD == ACTION_KIND_COUNT - 1, "the last one");

/* About all marked rows at once. */
static int marked_items(const struct scene *s, struct item *items)
{
    size_t all = s->app->panes[list_now(s)].marks.n;
    for (int i = 0; i < KINDS_OF_ALL; i++) {
        const struct action_info *info = action_info((enum action_kind)i);
        size_t possible;
        const char *why = bulk_blocked(s, (enum action_kind)i, &possible);
        items[i] = (struct item){
            .key = act_key(s, (enum action_kind)i), .label = info->label, .enabled = why == NULL};
        items[i].note = why != NULL ? why : scene_text(s, "%zu of %zu marked", possible, all);
    }
    return KINDS_OF_ALL;
}

static int action_items(const struct scene *s, struct item *items)
{
    if (act_on_marked(s))
        return marked_items(s, items);
    const struct row_base *row = pane_row(s, list_now(s));
    bool dms = false;
    for (int i = 0; i < ACTION_KIND_COUNT; i++) {
        enum action_kind kind = (enum action_kind)i;
        const struct action_info *info = action_info(kind);
        const char *why = NULL;
        const char *target = act_target(s, kind, &why);
        items[i] = (struct item){
            .key = act_key(s, (enum action_kind)i), .label = info->label, .note = why};
        if (target == NULL)
            continue;
        if (kind == ACTION_SNAPSHOT && act_reloads(s, target)) {
            items[i] = (struct item){
                .key = "", .label = info->label, .note = "a task of DMS reloads tables instead"};
            dms = true;
            continue;
        }
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
    return dms ? ACTION_KIND_COUNT : KINDS_OF_ALL;
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

static int theme_items(const struct scene *s, struct item *items)
{
    int n = 0;
    for (; n < ITEMS_MAX && theme_name(n) != NULL; n++)
        items[n] =
            (struct item){.key = "",
                          .label = theme_name(n),
                          .note = strcmp(theme_name(n), s->app->theme) == 0 ? "in force" : "",
                          .enabled = true};
    return n;
}

static int copy_items(const struct scene *s, struct item *items)
{
    struct copy_choice choices[COPY_CHOICES];
    int n = copy_choices(s, choices);
    for (int i = 0; i < n; i++)
        items[i] = (struct item){.key = choices[i].key,
                                 .label = choices[i].label,
                                 .note = choices[i].text != NULL ? choices[i].text : choices[i].why,
                                 .enabled = choices[i].text != NULL};
    return n;
}

static void pick_action(const struct scene *s, int at)
{
    enum action_kind kind = (enum action_kind)at;
    const char *why = NULL;
    size_t possible;
    const char *target = NULL;
    dialog_close(s->app);
    if (act_on_marked(s)) {
        why = bulk_blocked(s, kind, &possible);
        if (why == NULL)
            bulk_open(s, kind);
    } else if ((target = act_target(s, kind, &why)) != NULL) {
        act_open(s, kind, target, NULL);
        return;
    }
    if (why != NULL)
        app_toast(s->app, s->m, VERDICT_INFO, "%s: %s", action_info(kind)->name, why);
}

static void pick_column(const struct scene *s, int at)
{
    s->app->panes[list_now(s)].sort = at - 1;
    dialog_close(s->app);
}

static void pick_theme(const struct scene *s, int at)
{
    dialog_close(s->app);
    theme_choose(s, theme_name(at));
}

static void pick_copy(const struct scene *s, int at)
{
    struct copy_choice choices[COPY_CHOICES];
    int n = copy_choices(s, choices);
    dialog_close(s->app);
    if (at < n && choices[at].text != NULL)
        app_effect(s->app, EFFECT_COPY, 0, choices[at].text, NULL);
    else if (at < n)
        app_toast(s->app, s->m, VERDICT_INFO, "copy: %s", choices[at].why);
}

static const char *actions_title(const struct scene *s)
{
    if (act_on_marked(s))
        return scene_text(s, "Actions on %zu marked", s->app->panes[list_now(s)].marks.n);
    return "Actions";
}

static void show_theme(const struct scene *s, int at)
{
    app_preview(s->app, theme_name(at));
}

static const struct {
    const char *title;
    const char *(*titled)(const struct scene *s); /* instead */
    int (*items)(const struct scene *s, struct item *items);
    void (*pick)(const struct scene *s, int at);
    void (*moved)(const struct scene *s, int at);
    bool keyed; /* items have keys */
    const char *enter;
} menus[] = {
    [MENU_ACTIONS] = {.titled = actions_title,
                      .items = action_items,
                      .pick = pick_action,
                      .keyed = true,
                      .enter = "look at it"                                                               },
    [MENU_SORT] = {.title = "Sort by",      .items = sort_items, .pick = pick_column, .enter = "sort"},
    [MENU_THEMES] = {.title = "Theme",
                      .items = theme_items,
                      .pick = pick_theme,
                      .moved = show_theme,
                      .enter = "take it"},
    [MENU_COPY] =
        {.title = "Copy",    .items = copy_items,   .pick = pick_copy,       .keyed = true, .enter = "copy"                                                                },
};

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

static void step(const struct scene *s, int to, int n)
{
    struct dialog *d = &s->app->dialog;
    d->selected = to < 0 ? 0 : to >= n ? n - 1 : to;
    if (menus[d->menu].moved != NULL)
        menus[d->menu].moved(s, d->selected);
}

/* An item's own key; of actions all that they are bound to. In the menu of actions `copy` is about
 * the selected one. */
static void own_key(const struct scene *s, const struct item *items, int n, int key)
{
    struct dialog *d = &s->app->dialog;
    const struct command *c = command_for_key(s, key);
    for (int i = 0; d->menu == MENU_COPY && i < n; i++)
        if (items[i].key[0] == key) {
            pick_copy(s, i);
            return;
        }
    if (d->menu != MENU_ACTIONS || c == NULL)
        return;
    if (c->run == act_run)
        pick_action(s, c->arg);
    else if (c == command_find("copy"))
        copy_action(s, (enum action_kind)d->selected);
}

void menu_key(const struct scene *s, int key)
{
    struct item items[ITEMS_MAX];
    struct dialog *d = &s->app->dialog;
    int n = menus[d->menu].items(s, items);
    first_enabled(d, items, n);
    if (key == K_ESC || key == 'q' || key == K_CTRL_C || key == K_BACKSPACE) {
        app_preview(s->app, NULL);
        dialog_close(s->app);
    } else if (key == 'j' || key == K_DOWN) {
        step(s, d->selected + 1, n);
    } else if (key == 'k' || key == K_UP) {
        step(s, d->selected - 1, n);
    } else if (key == K_ENTER) {
        menus[d->menu].pick(s, d->selected);
    } else {
        own_key(s, items, n, key);
    }
}

enum { LABEL_W = 20, LEAST_W = 84, MOST_W = 112, AROUND = 6 };

/* So wide that the reasons can be read, where there is room. */
static int frame_width(const struct item *items, int n, int before)
{
    int w = LEAST_W;
    for (int i = 0; i < n; i++) {
        int want = items[i].note != NULL ? before + utf8_width(items[i].note) + AROUND : 0;
        w = want > w ? want : w;
    }
    return w < MOST_W ? w : MOST_W;
}

void menu_draw(const struct scene *s)
{
    struct item items[ITEMS_MAX];
    struct dialog *d = &s->app->dialog;
    bool keyed = menus[d->menu].keyed;
    int n = menus[d->menu].items(s, items);
    first_enabled(d, items, n);
    int before = (keyed ? 3 : 0) + LABEL_W + 1;
    struct rect in = dialog_frame(s, frame_width(items, n, before), n + 6, ROLE_KEY,
                                  menus[d->menu].titled != NULL ? menus[d->menu].titled(s)
                                                                : menus[d->menu].title);
    int y = in.y + 1;
    int lines = in.h - 3;
    if (d->selected >= d->scroll + lines)
        d->scroll = d->selected - lines + 1;
    if (d->selected < d->scroll)
        d->scroll = d->selected;
    for (int i = d->scroll; i < n && i < d->scroll + lines; i++, y++) {
        unsigned style = items[i].enabled ? ROLE_TEXT : ROLE_FAINT;
        if (keyed)
            (void)canvas_fit(s->cv, in.x, y, 2, items[i].enabled ? ROLE_KEY : ROLE_FAINT,
                             items[i].key);
        (void)canvas_fit(s->cv, in.x + (keyed ? 3 : 0), y, LABEL_W, style, items[i].label);
        (void)canvas_fit(s->cv, in.x + before, y, in.w - before,
                         items[i].advised   ? ROLE_KEY
                         : items[i].enabled ? ROLE_DIM
                                            : ROLE_FAINT,
                         items[i].note);
        if (i == d->selected)
            canvas_ground(s->cv, (struct rect){in.x - 1, y, in.w + 2, 1}, GROUND_SELECT);
    }
    const char *note = n > 0 ? items[d->selected].note : NULL;
    if (note != NULL && utf8_width(note) > in.w - before) /* all of it, of the selected one */
        (void)canvas_fit(s->cv, in.x, in.y + in.h - 2, in.w, ROLE_DIM, note);
    int top = in.y + 1;
    hot_add(s, (struct hot){
                   {in.x - 1, top, in.w + 2, y - top},
                   HOT_ITEMS, K_ENTER, d->scroll, 1
    });
    int x = in.x + canvas_text(s->cv, in.x, in.y + in.h - 1, ROLE_KEY, "Enter") + 1;
    x += canvas_text(s->cv, x, in.y + in.h - 1, ROLE_DIM, menus[d->menu].enter) + 3;
    dialog_esc(s, x, in.y + in.h - 1, ROLE_DIM, "leave");
}
