/* command_look.c: filter, order, copies and what concerns the program itself. */
#include "base/mem.h"
#include "tui/choices.h"
#include "tui/command_view.h"
#include "tui/dialog/dialog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct pane_state *pane_now(const struct scene *s)
{
    return &s->app->panes[list_now(s)];
}

void cmd_filter(const struct scene *s, const struct command *c, const char *text)
{
    (void)c;
    bool list = list_now(s) != LIST_NONE;
    if (text != NULL && list) {
        (void)snprintf(pane_now(s)->filter, FILTER_MAX, "%s", text);
        return;
    }
    if (text != NULL) {
        (void)snprintf(scene_view(s)->search, FILTER_MAX, "%s", text);
        scene_view(s)->found = -1;
        command_run(s, command_find("next"), NULL);
        return;
    }
    s->app->input = list ? INPUT_FILTER : INPUT_SEARCH;
    edit_set(&s->app->edit, list ? pane_now(s)->filter : "");
}

const char *cant_list(const struct scene *s, const struct command *c)
{
    (void)c;
    return list_now(s) != LIST_NONE ? NULL : "only in lists";
}

void cmd_faults(const struct scene *s, const struct command *c, const char *text)
{
    (void)c;
    (void)text;
    pane_now(s)->faults = !pane_now(s)->faults;
}

const char *cant_sort(const struct scene *s, const struct command *c)
{
    const char *why = cant_list(s, c);
    return why == NULL ? pane_ops(list_now(s))->unsorted : why;
}

void cmd_sort(const struct scene *s, const struct command *c, const char *text)
{
    const char *why = cant_sort(s, c);
    if (text == NULL || text[0] == '\0') {
        s->app->dialog = (struct dialog){.kind = DIALOG_MENU, .menu = MENU_SORT};
        s->app->dialog.selected = pane_now(s)->sort + 1;
        return;
    }
    const struct pane_ops *ops = why == NULL ? pane_ops(list_now(s)) : NULL;
    for (int i = 0; ops != NULL && i < ops->ncolumns; i++)
        if (strncmp(ops->columns[i].id, text, strcspn(text, " ")) == 0) {
            pane_now(s)->sort = i;
            return;
        }
    app_toast(s->app, s->m, VERDICT_WARN, "sort: %s",
              why != NULL ? why : "no such column in this pane: Tab completes");
}

static void say_order(const struct scene *s)
{
    const struct pane_state *st = pane_now(s);
    const struct pane_ops *ops = pane_ops(list_now(s));
    app_toast(s->app, s->m, VERDICT_INFO, "sorted by %s%s",
              st->sort >= 0  ? ops->columns[st->sort].help
              : ops->ordered ? "what comes first"
                             : "trouble first",
              st->reverse ? ", turned round" : "");
}

void cmd_sort_step(const struct scene *s, const struct command *c, const char *text)
{
    struct pane_state *st = pane_now(s);
    int n = pane_ops(list_now(s))->ncolumns;
    (void)text;
    st->sort += c->arg;
    st->sort = st->sort < -1 ? n - 1 : st->sort >= n ? -1 : st->sort;
    say_order(s);
}

void cmd_reverse(const struct scene *s, const struct command *c, const char *text)
{
    (void)c;
    (void)text;
    pane_now(s)->reverse = !pane_now(s)->reverse;
    say_order(s);
}

/* "topic rate lag", "topic,rate,lag", "all" */
void cmd_columns(const struct scene *s, const struct command *c, const char *text)
{
    enum pane_id id = list_now(s);
    const char *why = cant_sort(s, c);
    char bad[64];
    if (why != NULL) {
        app_toast(s->app, s->m, VERDICT_WARN, "columns: %s", why);
        return;
    }
    if (text == NULL || text[0] == '\0') {
        columns_open(s);
        return;
    }
    char *items[COLUMNS_MAX];
    struct strlist ids = {.items = items};
    char *copy = arena_strdup(s->arena, text);
    char *save = NULL;
    for (char *w = strtok_r(copy, " ,", &save); w != NULL && ids.count < COLUMNS_MAX;
         w = strtok_r(NULL, " ,", &save))
        items[ids.count++] = w;
    if (ids.count == 1 && strcmp(items[0], "all") == 0)
        ids.count = 0;
    if (!choices_columns(pane_now(s), id, &ids, bad, sizeof(bad)))
        app_toast(s->app, s->m, VERDICT_WARN,
                  "columns: there is no column %s in this list: Tab completes", bad);
}

const char *cant_explain(const struct scene *s, const struct command *c)
{
    (void)c;
    if (scene_view(s)->id == VIEW_FLEET)
        return "enter a pipeline first";
    return s->f != NULL && s->f->count > 0 ? NULL : "there is no finding";
}

/* The name that the present row or view is about. */
const char *subject_now(const struct scene *s)
{
    enum pane_id id = list_now(s);
    const struct row_base *row = pane_row(s, id);
    if (row == NULL)
        return scene_view(s)->object;
    return pane_ops(id)->subject != NULL ? pane_ops(id)->subject(row) : row->name;
}

static bool explains(const struct finding *f, const char *name)
{
    for (int i = 0; i < f->nexplains; i++) {
        if (strcmp(f->explains[i].object, name) == 0)
            return true;
    }
    return false;
}

/* What is said of it: first what names it, then the cause under which its symptoms are folded, then
 * what would be cured by an action on it. */
static const struct finding *finding_about(const struct findings *all, const char *name)
{
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(all->items[i].object, name) == 0)
            return &all->items[i];
    for (size_t i = 0; i < all->count; i++)
        if (explains(&all->items[i], name))
            return &all->items[i];
    for (size_t i = 0; i < all->count; i++)
        if (all->items[i].has_remedy && strcmp(all->items[i].remedy_target, name) == 0)
            return &all->items[i];
    return NULL;
}

void cmd_explain(const struct scene *s, const struct command *c, const char *text)
{
    const char *name = subject_now(s);
    (void)c;
    (void)text;
    const struct finding *f = name != NULL ? finding_about(s->f, name) : NULL;
    if (f != NULL) {
        app_push(s->app, VIEW_FINDING, scene_text(s, "%s %s", f->id, f->object));
        return;
    }
    const struct row_base *row = pane_row(s, list_now(s));
    if (row != NULL && row->why != NULL && row->why[0] != '\0')
        app_toast(s->app, s->m, row->verdict, "%s: %s", row->name, row->why);
    else
        app_toast(s->app, s->m, VERDICT_OK, "no finding is about %s", name != NULL ? name : "this");
}

void cmd_log(const struct scene *s, const struct command *c, const char *text)
{
    const struct row_base *row = NULL;
    (void)text;
    if (list_now(s) == PANE_CONNECTORS)
        row = pane_row(s, PANE_CONNECTORS);
    if (row != NULL && ((const struct connector_row *)row)->failed > 0) {
        app_push(s->app, VIEW_CONNECTOR, row->name);
        struct view_state *v = scene_view(s);
        const struct doc *d = view_doc(s, s->app->w);
        int at = d != NULL ? doc_find(d, "Trace", 0, 1) : -1;
        v->scroll = at > 0 ? at : 0;
    } else if (scene_view(s)->id != VIEW_LOG) {
        app_push(s->app, VIEW_LOG, NULL);
    } else {
        already_here(s, c);
    }
}

const char *cant_copy(const struct scene *s, const struct command *c)
{
    (void)c;
    return subject_now(s) != NULL ? NULL : "no row is selected";
}

void cmd_write(const struct scene *s, const struct command *c, const char *text)
{
    (void)c;
    app_effect(s->app, EFFECT_WRITE, 0, text != NULL && text[0] != '\0' ? text : NULL, NULL);
}

const char *cant_save_config(const struct scene *s, const struct command *c)
{
    (void)c;
    return act_connector(s) != NULL ? NULL : "no connector is selected";
}

/* Named after the connector, where no file is named. */
void cmd_save_config(const struct scene *s, const struct command *c, const char *text)
{
    (void)c;
    bool given = text != NULL && text[0] != '\0';
    const char *path = given ? text : act_connector(s);
    size_t n = strlen(path), end = strlen(WRITE_CONFIG);
    bool ended = n > end && strcmp(path + n - end, WRITE_CONFIG) == 0;
    char *file = mem_printf("%s%s", path, ended ? "" : WRITE_CONFIG);
    for (char *p = file; !given && *p != '\0'; p++)
        *p = *p == '/' ? '-' : *p;
    app_effect(s->app, EFFECT_WRITE, 0, file, NULL);
    free(file);
}

void cmd_actions(const struct scene *s, const struct command *c, const char *text)
{
    (void)c;
    (void)text;
    s->app->dialog = (struct dialog){.kind = DIALOG_MENU, .menu = MENU_ACTIONS};
}

void cmd_command(const struct scene *s, const struct command *c, const char *text)
{
    (void)c;
    (void)text;
    s->app->input = INPUT_COMMAND;
    s->app->history_at = s->app->nhistory;
    edit_set(&s->app->edit, "");
}

void cmd_help(const struct scene *s, const struct command *c, const char *text)
{
    (void)text;
    if (scene_view(s)->id != VIEW_HELP)
        app_push(s->app, VIEW_HELP, NULL);
    else
        already_here(s, c);
}

void cmd_freeze(const struct scene *s, const struct command *c, const char *text)
{
    (void)c;
    (void)text;
    if (time_pace(s, 0))
        return;
    s->app->frozen = !s->app->frozen;
    if (s->app->frozen)
        app_toast(s->app, s->m, VERDICT_INFO, "the display is held: %s goes on",
                  command_key(s, command_find("freeze")));
    else
        s->app->toast.until_ms = 0;
}

static void set_interval(const struct scene *s, int64_t ms)
{
    enum { LEAST_MS = 500, MOST_MS = 300000 };
    ms = ms < LEAST_MS ? LEAST_MS : ms > MOST_MS ? MOST_MS : ms;
    app_effect(s->app, EFFECT_INTERVAL, ms, NULL, NULL);
    app_toast(s->app, s->m, VERDICT_INFO, "the servers are asked every %g s", (double)ms / 1000);
}

void cmd_interval_step(const struct scene *s, const struct command *c, const char *text)
{
    static const int64_t steps[] = {500, 1000, 2000, 5000, 10000, 30000, 60000};
    int64_t now = s->m->interval_ms;
    int64_t next = now;
    (void)text;
    if (time_pace(s, c->arg))
        return;
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        if (c->arg < 0 && steps[i] > now && next == now)
            next = steps[i];
        if (c->arg > 0 && steps[i] < now)
            next = steps[i];
    }
    set_interval(s, next);
}

void cmd_interval(const struct scene *s, const struct command *c, const char *text)
{
    char *end = NULL;
    (void)c;
    double seconds = text != NULL ? strtod(text, &end) : 0;
    if (text == NULL || end == text || !(seconds > 0) || seconds > 3600) {
        app_toast(s->app, s->m, VERDICT_WARN, "interval: give seconds, 0.5 to 300");
        return;
    }
    set_interval(s, (int64_t)(seconds * 1000));
}

void cmd_poll(const struct scene *s, const struct command *c, const char *text)
{
    (void)c;
    (void)text;
    app_effect(s->app, EFFECT_POLL, 0, NULL, NULL);
    peek_again(s);
    app_toast(s->app, s->m, VERDICT_INFO, "asking every server now");
}

void cmd_repaint(const struct scene *s, const struct command *c, const char *text)
{
    (void)c;
    (void)text;
    app_effect(s->app, EFFECT_REPAINT, 0, NULL, NULL);
}

void cmd_mouse(const struct scene *s, const struct command *c, const char *text)
{
    (void)c;
    bool on = !s->app->mouse;
    if (text != NULL && text[0] != '\0')
        on = strcmp(text, "off") != 0;
    s->app->mouse = on;
    app_effect(s->app, EFFECT_MOUSE, on, NULL, NULL);
    app_toast(s->app, s->m, VERDICT_INFO,
              on ? "the mouse is on: click, again to open, wheel; Shift selects text"
                 : "the mouse is the terminal's again");
}

void cmd_suspend(const struct scene *s, const struct command *c, const char *text)
{
    (void)c;
    (void)text;
    app_effect(s->app, EFFECT_SUSPEND, 0, NULL, NULL);
}
