/* command_move.c: going from row to row, pane to pane, view to view. */
#include "tui/command_view.h"

static void move_by(const struct scene *s, int by)
{
    enum pane_id id = list_now(s);
    if (id != LIST_NONE) {
        struct row_list list = pane_list(s, id);
        struct pane_state *st = &s->app->panes[id];
        pane_select(st, &list, pane_selected(st, &list) + by);
        return;
    }
    struct view_state *v = scene_view(s);
    int last = v->lines - v->page;
    v->scroll += by;
    v->scroll = v->scroll > last ? last : v->scroll;
    v->scroll = v->scroll < 0 ? 0 : v->scroll;
}

void cmd_move(const struct scene *s, const struct command *c, const char *text)
{
    (void)text;
    move_by(s, c->arg);
}

void cmd_page(const struct scene *s, const struct command *c, const char *text)
{
    enum pane_id id = list_now(s);
    int page = (id != LIST_NONE ? s->app->panes[id].page : scene_view(s)->page) - 1;
    (void)text;
    move_by(s, c->arg * (page > 0 ? page : 1));
}

void cmd_end(const struct scene *s, const struct command *c, const char *text)
{
    enum { FAR = 1000000 };
    (void)text;
    move_by(s, c->arg * FAR);
}

const char *cant_open(const struct scene *s, const struct command *c)
{
    enum pane_id id = list_now(s);
    (void)c;
    if (id == LIST_NONE)
        return view_ops(scene_view(s)->id)->open != NULL ? NULL
                                                         : "there is nothing further to open here";
    return pane_list(s, id).n == 0 ? "no row here" : NULL;
}

void cmd_open(const struct scene *s, const struct command *c, const char *text)
{
    (void)c;
    (void)text;
    enum pane_id id = list_now(s);
    const struct view_ops *view = view_ops(scene_view(s)->id);
    if (id == LIST_NONE && view->open != NULL)
        view->open(s);
    const struct row_base *row = pane_row(s, id);
    if (row == NULL)
        return;
    if (pane_ops(id)->open != NULL)
        pane_ops(id)->open(s, row);
    else
        view_open(s, pane_ops(id)->detail, row->name);
}

static bool filtered(const struct scene *s)
{
    enum pane_id id = list_now(s);
    return id != LIST_NONE && (s->app->panes[id].filter[0] != '\0' || s->app->panes[id].faults);
}

const char *cant_back(const struct scene *s, const struct command *c)
{
    (void)c;
    bool zoomed = s->app->zoom && scene_view(s)->id == VIEW_OVERVIEW;
    if (s->app->depth > 1 || zoomed || filtered(s) || s->m->when.kind == WHEN_PAST)
        return NULL;
    return "this is the first screen: q leaves";
}

void cmd_back(const struct scene *s, const struct command *c, const char *text)
{
    (void)c;
    (void)text;
    if (scene_view(s)->whole) {
        scene_view(s)->whole = false;
    } else if (filtered(s)) {
        struct pane_state *st = &s->app->panes[list_now(s)];
        st->filter[0] = '\0';
        st->faults = false;
    } else if (scene_view(s)->id == VIEW_OVERVIEW && s->app->zoom) {
        s->app->zoom = false;
    } else if (!app_pop(s->app)) {
        app_effect(s->app, EFFECT_TIME, 0, NULL, NULL); /* from the past, back to now */
    }
}

const char *cant_pane(const struct scene *s, const struct command *c)
{
    (void)c;
    return scene_view(s)->id == VIEW_OVERVIEW ? NULL : "only on the overview";
}

void cmd_pane_step(const struct scene *s, const struct command *c, const char *text)
{
    (void)text;
    s->app->pane = (enum pane_id)(((int)s->app->pane + c->arg + PANE_COUNT) % PANE_COUNT);
}

const char *cant_goto(const struct scene *s, const struct command *c)
{
    (void)c;
    return scene_view(s)->id == VIEW_FLEET ? "enter a pipeline first" : NULL;
}

void already_here(const struct scene *s, const struct command *c)
{
    app_toast(s->app, s->m, VERDICT_INFO, "%s: you are there", command_name(c));
}

void cmd_pane(const struct scene *s, const struct command *c, const char *text)
{
    (void)text;
    if (scene_view(s)->id == VIEW_OVERVIEW && (int)s->app->pane == c->arg)
        already_here(s, c);
    while (scene_view(s)->id != VIEW_OVERVIEW && app_pop(s->app))
        ;
    s->app->pane = (enum pane_id)c->arg;
}

void cmd_screen(const struct scene *s, const struct command *c, const char *text)
{
    enum view_id id = (enum view_id)c->arg;
    (void)text;
    for (int i = s->app->depth - 1; i >= 0; i--) {
        if (s->app->stack[i].id != id)
            continue;
        if (i == s->app->depth - 1)
            already_here(s, c);
        while (s->app->depth > i + 1)
            (void)app_pop(s->app);
        return;
    }
    view_open(s, id, NULL);
}

const char *cant_fleet(const struct scene *s, const struct command *c)
{
    (void)c;
    return s->m->npipelines > 1 ? NULL : "only one pipeline is configured";
}

void cmd_fleet(const struct scene *s, const struct command *c, const char *text)
{
    (void)text;
    if (scene_view(s)->id == VIEW_FLEET)
        already_here(s, c);
    while (app_pop(s->app))
        ;
    s->app->stack[0].id = VIEW_FLEET;
    s->app->panes[LIST_FLEET].selected = name_hash(s->p != NULL ? s->p->name : "");
}

static bool has_lines_above(const struct scene *s)
{
    const struct view_ops *ops = view_ops(scene_view(s)->id);
    return ops->list != NULL && ops->build != NULL;
}

const char *cant_zoom(const struct scene *s, const struct command *c)
{
    (void)c;
    if (scene_view(s)->id == VIEW_OVERVIEW || has_lines_above(s))
        return NULL;
    return "it has the screen already";
}

void cmd_zoom(const struct scene *s, const struct command *c, const char *text)
{
    (void)c;
    (void)text;
    if (has_lines_above(s))
        scene_view(s)->whole = !scene_view(s)->whole;
    else
        s->app->zoom = !s->app->zoom;
}

void cmd_quit(const struct scene *s, const struct command *c, const char *text)
{
    (void)c;
    (void)text;
    if (!app_pop(s->app))
        app_effect(s->app, EFFECT_QUIT, 0, NULL, NULL);
}

void cmd_quit_now(const struct scene *s, const struct command *c, const char *text)
{
    (void)c;
    (void)text;
    app_effect(s->app, EFFECT_QUIT, 0, NULL, NULL);
}

const char *cant_match(const struct scene *s, const struct command *c)
{
    (void)c;
    if (list_now(s) != LIST_NONE)
        return "only in text: / filters here";
    return scene_view(s)->search[0] != '\0' ? NULL : "no search yet: / begins one";
}

void cmd_match(const struct scene *s, const struct command *c, const char *text)
{
    struct view_state *v = scene_view(s);
    (void)text;
    const struct doc *d = view_doc(s, s->app->w);
    int from = v->found >= 0 ? v->found : v->scroll - (c->arg > 0);
    int at = d != NULL ? doc_find(d, v->search, from, c->arg) : -1;
    if (at < 0) {
        app_toast(s->app, s->m, VERDICT_INFO, "no line contains %s", v->search);
        return;
    }
    v->found = at;
    if (at < v->scroll || at >= v->scroll + v->page)
        v->scroll = at - v->page / 3;
    move_by(s, 0);
}
