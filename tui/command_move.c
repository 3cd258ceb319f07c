/* command_move.c: going from row to row, pane to pane, view to view. */
#include "tui/command_view.h"

/* What the arrows move now. */
static bool on_list(const struct scene *s)
{
    enum view_id id = scene_view(s)->id;
    return id == VIEW_OVERVIEW || id == VIEW_FLEET;
}

static struct pane_state *list_now(const struct scene *s, struct row_list *list)
{
    if (scene_view(s)->id == VIEW_FLEET) {
        (void)fleet_rows(s, list);
        return &s->app->fleet;
    }
    *list = pane_list(s, s->app->pane);
    return &s->app->panes[s->app->pane];
}

static void move_by(const struct scene *s, int by)
{
    if (on_list(s)) {
        struct row_list list;
        struct pane_state *st = list_now(s, &list);
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
    int page = on_list(s) ? (s->app->h > 16 ? s->app->h / 3 : 4) : scene_view(s)->page - 1;
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
    struct row_list list;
    (void)c;
    if (scene_view(s)->id == VIEW_FINDING)
        return NULL;
    if (!on_list(s))
        return "there is nothing further to open here";
    (void)list_now(s, &list);
    return list.n == 0 ? "no row here" : NULL;
}

/* From a finding to the thing that it is about. */
static void open_object(const struct scene *s, const struct finding *f)
{
    static const enum view_id views[HOP_COUNT] = {
        [HOP_SOURCE] = VIEW_SLOT,  [HOP_SLOT] = VIEW_SLOT,      [HOP_CAPTURE] = VIEW_CONNECTOR,
        [HOP_TOPICS] = VIEW_TOPIC, [HOP_SINK] = VIEW_CONNECTOR, [HOP_OBJECTS] = VIEW_PREFIX,
    };
    enum view_id id = views[f->hop];
    if (s->p != NULL && pipeline_connector(s->p, f->object) != NULL)
        id = VIEW_CONNECTOR;
    else if (s->p != NULL && pipeline_slot(s->p, f->object) != NULL)
        id = VIEW_SLOT;
    else if (s->p != NULL && pipeline_topic(s->p, f->object) != NULL && f->hop != HOP_OBJECTS)
        id = VIEW_TOPIC;
    app_push(s->app, id, f->object);
}

void cmd_open(const struct scene *s, const struct command *c, const char *text)
{
    (void)c;
    (void)text;
    if (scene_view(s)->id == VIEW_FLEET) {
        int at = fleet_selected(s);
        if (at >= 0)
            s->app->pipeline = (size_t)at;
        app_push(s->app, VIEW_OVERVIEW, NULL);
        return;
    }
    if (scene_view(s)->id == VIEW_FINDING) {
        const struct row_base *row = view_row(s, PANE_FINDINGS);
        if (row != NULL)
            open_object(s, ((const struct finding_row *)row)->finding);
        return;
    }
    const struct row_base *row = pane_row(s, s->app->pane);
    if (row != NULL)
        app_push(s->app, pane_ops(s->app->pane)->detail, row->name);
}

static bool filtered(const struct scene *s)
{
    const struct pane_state *st = &s->app->panes[s->app->pane];
    return st->filter[0] != '\0' || st->faults;
}

const char *cant_back(const struct scene *s, const struct command *c)
{
    (void)c;
    if (s->app->depth > 1 || s->app->zoom || filtered(s))
        return NULL;
    return "this is the first screen: q leaves";
}

void cmd_back(const struct scene *s, const struct command *c, const char *text)
{
    struct pane_state *st = &s->app->panes[s->app->pane];
    (void)c;
    (void)text;
    if (scene_view(s)->id == VIEW_OVERVIEW && filtered(s)) {
        st->filter[0] = '\0';
        st->faults = false;
    } else if (scene_view(s)->id == VIEW_OVERVIEW && s->app->zoom) {
        s->app->zoom = false;
    } else {
        (void)app_pop(s->app);
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

void cmd_pane(const struct scene *s, const struct command *c, const char *text)
{
    (void)text;
    while (scene_view(s)->id != VIEW_OVERVIEW && app_pop(s->app))
        ;
    s->app->pane = (enum pane_id)c->arg;
}

const char *cant_fleet(const struct scene *s, const struct command *c)
{
    (void)c;
    return s->m->npipelines > 1 ? NULL : "only one pipeline is configured";
}

void cmd_fleet(const struct scene *s, const struct command *c, const char *text)
{
    (void)c;
    (void)text;
    while (app_pop(s->app))
        ;
    s->app->stack[0].id = VIEW_FLEET;
}

void cmd_zoom(const struct scene *s, const struct command *c, const char *text)
{
    (void)c;
    (void)text;
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
    if (on_list(s))
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
