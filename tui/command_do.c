/* command_do.c: the commands that change a server: find the target, open the dialog. Nothing is
 * sent from here: the one executor behind the engine does that after the confirmation. */
#include "base/mem.h"
#include "model/pg_session.h"
#include "tui/command.h"
#include "tui/dialog/dialog.h"
#include "tui/view/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The list that the eye is on, or of whose row the detail view tells; and that row. */
static const struct pane_ops *ops_now(const struct scene *s)
{
    const struct pane_ops *of = view_ops(scene_view(s)->id)->of;
    enum pane_id id = list_now(s);
    return of != NULL ? of : id != LIST_NONE ? pane_ops(id) : NULL;
}

static const struct row_base *row_now(const struct scene *s, const struct pane_ops *ops)
{
    if (ops == NULL)
        return NULL;
    return ops == view_ops(scene_view(s)->id)->of ? view_row(s, ops->id) : pane_row(s, ops->id);
}

const struct row_base *act_row(const struct scene *s, const struct pane_ops **ops)
{
    *ops = ops_now(s);
    return row_now(s, *ops);
}

/* Snapshots are about the source connector: when there is one alone, it is meant. */
static const char *only_source(const struct scene *s)
{
    const char *name = NULL;
    for (size_t i = 0; i < s->p->nconnectors; i++) {
        const struct connect_connector *c = s->p->connectors[i].connector;
        if (c->type == NULL || strcmp(c->type, "source") != 0)
            continue;
        if (name != NULL)
            return NULL;
        name = c->name;
    }
    return name;
}

static bool is_source(const struct scene *s, const char *name)
{
    const struct connector_row *row = name != NULL ? pipeline_connector(s->p, name) : NULL;
    return row != NULL && row->connector->type != NULL &&
           strcmp(row->connector->type, "source") == 0;
}

/* The finding that offers this very key: what stands on the screen beside "R restart". */
static const char *offered(const struct scene *s, enum action_kind kind)
{
    for (size_t i = 0; s->f != NULL && i < s->f->count; i++)
        if (s->f->items[i].has_remedy && s->f->items[i].remedy == kind)
            return s->f->items[i].remedy_target;
    return NULL;
}

static const char *slot_target(const struct scene *s)
{
    const struct pane_ops *ops = ops_now(s);
    const struct row_base *row = row_now(s, ops);
    const char *name = row != NULL && ops->slot != NULL ? ops->slot(row) : NULL;
    if (name == NULL || pipeline_slot(s->p, name) == NULL)
        name = offered(s, ACTION_DROP_SLOT);
    return name != NULL && pipeline_slot(s->p, name) != NULL ? name : NULL;
}

/* Of a slot: whose transaction it cannot pass. Of a finding: the session that it names. */
static const char *session_target(const struct scene *s, const char **why)
{
    const struct pane_ops *ops = ops_now(s);
    const struct row_base *row = row_now(s, ops);
    const struct snapshot *snap = world_snap(s->m->world, s->app->pipeline, SOURCE_POSTGRES);
    const struct finding *f = row != NULL && ops->finding != NULL ? ops->finding(row) : NULL;
    if (f != NULL && f->has_remedy && f->remedy == ACTION_TERMINATE)
        return f->remedy_target;
    if (row != NULL && ops->id == PANE_SLOTS) {
        const struct pg_holder *h = snap != NULL ? pg_session_pin(&snap->pg) : NULL;
        *why = "no open transaction holds a slot back";
        if (h == NULL)
            return NULL;
        return h->pid != 0 ? scene_text(s, "%d", h->pid) : h->gid;
    }
    return offered(s, ACTION_TERMINATE);
}

const char *act_connector(const struct scene *s)
{
    const struct pane_ops *ops;
    const struct row_base *row = s->p != NULL ? act_row(s, &ops) : NULL;
    const char *name = row != NULL && ops->connector != NULL ? ops->connector(row) : NULL;
    return name != NULL && pipeline_connector(s->p, name) != NULL ? name : NULL;
}

static const char *connector_target(const struct scene *s, enum action_kind kind)
{
    const struct pane_ops *ops = ops_now(s);
    const struct row_base *row = row_now(s, ops);
    const char *name = row != NULL && ops->connector != NULL ? ops->connector(row) : NULL;
    if (name == NULL || pipeline_connector(s->p, name) == NULL)
        name = offered(s, kind);
    return name != NULL && pipeline_connector(s->p, name) != NULL ? name : NULL;
}

const struct finding *act_recommended(const struct scene *s, enum action_kind kind,
                                      const char *target)
{
    for (size_t i = 0; s->f != NULL && i < s->f->count; i++) {
        const struct finding *f = &s->f->items[i];
        if (f->has_remedy && f->remedy == kind && strcmp(f->remedy_target, target) == 0)
            return f;
    }
    return NULL;
}

static size_t marked(const struct scene *s)
{
    enum pane_id id = list_now(s);
    return id != LIST_NONE ? s->app->panes[id].marks.n : 0;
}

/* What is marked stands before what is selected, and nothing else is taken in its place. */
static const char *marked_target(const struct scene *s, enum action_kind kind, const char **why)
{
    const struct pane_ops *ops = pane_ops(list_now(s));
    const char *name = s->app->panes[ops->id].marks.names[0];
    const struct row_base **rows;
    size_t n = ops->rows(s, &rows);
    size_t i = 0;
    while (i < n && strcmp(rows[i]->name, name) != 0)
        i++;
    *why = i == n ? "the marked row is not there any more: U takes the mark back"
                  : "what is marked has none of that kind";
    if (i == n)
        return NULL;
    if (action_info(kind)->target == TARGET_SESSION)
        return ops->id == PANE_SLOTS || ops->id == PANE_FINDINGS ? session_target(s, why) : NULL;
    return act_target_of(s, kind, ops, rows[i]);
}

const char *act_target(const struct scene *s, enum action_kind kind, const char **why)
{
    static const char *const wanted[] = {
        [TARGET_CONNECTOR] = "select a connector first (pane 3)",
        [TARGET_SLOT] = "select a slot first (pane 1)",
        [TARGET_SESSION] = "select a slot first (pane 1): what holds it back is meant",
    };
    enum action_target target = action_info(kind)->target;
    if (scene_view(s)->id == VIEW_FLEET) { /* the first finding of which of them? */
        *why = "enter a pipeline first";
        return NULL;
    }
    *why = wanted[target];
    if (s->p == NULL)
        return NULL;
    if (marked(s) == 1)
        return marked_target(s, kind, why);
    if (target == TARGET_SLOT)
        return slot_target(s);
    if (target == TARGET_SESSION)
        return session_target(s, why);
    const char *name = connector_target(s, kind);
    bool snapshot = kind >= ACTION_SNAPSHOT && kind <= ACTION_SNAPSHOT_RESUME;
    if (snapshot && !is_source(s, name)) {
        name = only_source(s);
        *why = "select a source connector first (pane 3)";
    }
    return name;
}

bool act_reloads(const struct scene *s, const char *name)
{
    const struct connector_row *row = name != NULL ? pipeline_connector(s->p, name) : NULL;
    return row != NULL && row->connector->service == SERVICE_DMS;
}

/* A task of DMS takes no snapshot: it reloads tables. */
static enum action_kind meant(const struct scene *s, enum action_kind kind, const char *target)
{
    return kind == ACTION_SNAPSHOT && act_reloads(s, target) ? ACTION_RELOAD : kind;
}

/* Its tables are picked afterwards: until then it is judged by one of them. */
static void add_any_table(const struct scene *s, struct action_args *args)
{
    const struct connector_row *row = pipeline_connector(s->p, args->target);
    const struct dms_task *t = row != NULL ? row->connector->dms : NULL;
    if (args->kind == ACTION_RELOAD && t != NULL && t->ntables > 0)
        action_args_add_table(args, scene_text(s, "%s.%s", t->tables[0].schema, t->tables[0].name));
}

const struct action_plan *act_plan(const struct scene *s, enum action_kind kind, const char *target,
                                   enum restart_scope *scope)
{
    struct action_args *args = action_args_new(kind, s->app->pipeline, target);
    action_args_session(args, s->m->world);
    add_any_table(s, args);
    const struct action_plan *plan = s->m->plan(args, s->m->world, s->p, s->arena);
    *scope = RESTART_FAILED;
    if (kind == ACTION_RESTART && !plan->allowed) {
        args->scope = RESTART_ALL;
        const struct action_plan *all = s->m->plan(args, s->m->world, s->p, s->arena);
        if (all->allowed) {
            plan = all;
            *scope = RESTART_ALL;
        }
    }
    action_args_free(args);
    return plan;
}

bool act_on_marked(const struct scene *s)
{
    return marked(s) > 1;
}

const char *act_target_of(const struct scene *s, enum action_kind kind, const struct pane_ops *ops,
                          const struct row_base *row)
{
    const char *name = NULL;
    if (action_info(kind)->target == TARGET_SLOT) {
        name = ops->slot != NULL ? ops->slot(row) : NULL;
        return name != NULL && pipeline_slot(s->p, name) != NULL ? name : NULL;
    }
    name = ops->connector != NULL ? ops->connector(row) : NULL;
    return name != NULL && pipeline_connector(s->p, name) != NULL ? name : NULL;
}

const char *act_blocked(const struct scene *s, const struct command *c)
{
    enum action_kind kind = (enum action_kind)c->arg;
    const char *why = NULL;
    size_t possible;
    if (s->m->when.no_actions != NULL)
        return s->m->when.no_actions;
    if (act_on_marked(s))
        return bulk_blocked(s, kind, &possible);
    const char *target = act_target(s, kind, &why);
    if (target == NULL)
        return why;
    kind = meant(s, kind, target);
    if (kind == ACTION_SNAPSHOT) /* its tables are picked first; the plan judges then */
        return NULL;
    enum restart_scope scope;
    const struct action_plan *plan = act_plan(s, kind, target, &scope);
    return plan->allowed ? NULL : plan->why_not;
}

/* rest of a line: "--all", "--task N" for restart; "TABLE… --blocking" for snapshot; "TABLE…
 * --validate-only" or "--all" for reload. */
static bool parse_rest(struct action_args *args, const char *rest, char *bad, size_t size)
{
    char *copy = mem_strdup(rest);
    char *save = NULL;
    bool ok = true;
    for (char *w = strtok_r(copy, " ", &save); w != NULL && ok; w = strtok_r(NULL, " ", &save)) {
        bool restart = args->kind == ACTION_RESTART;
        bool reload = args->kind == ACTION_RELOAD;
        if ((restart || reload) && strcmp(w, "--all") == 0) {
            args->scope = RESTART_ALL;
        } else if (restart && strcmp(w, "--task") == 0) {
            char *end = NULL;
            w = strtok_r(NULL, " ", &save);
            long task = w != NULL ? strtol(w, &end, 10) : -1;
            ok = w != NULL && *end == '\0' && task >= 0 && task < 10000;
            args->scope = RESTART_TASK;
            args->task = (int)task;
        } else if (args->kind == ACTION_SNAPSHOT && strcmp(w, "--blocking") == 0) {
            args->blocking = true;
        } else if (reload && strcmp(w, "--validate-only") == 0) {
            args->validate = true;
        } else if ((reload || args->kind == ACTION_SNAPSHOT) && w[0] != '-') {
            action_args_add_table(args, w);
        } else {
            ok = false;
        }
        if (!ok)
            (void)snprintf(bad, size, "%s", w != NULL ? w : "--task without a number");
    }
    free(copy);
    return ok;
}

void act_open(const struct scene *s, enum action_kind kind, const char *target, const char *rest)
{
    kind = meant(s, kind, target);
    struct action_args *args = action_args_new(kind, s->app->pipeline, target);
    char bad[128] = "";
    action_args_session(args, s->m->world);
    if (rest != NULL && !parse_rest(args, rest, bad, sizeof(bad))) {
        app_toast(s->app, s->m, VERDICT_WARN, "%s: cannot read %s", action_info(kind)->name, bad);
        action_args_free(args);
        return;
    }
    if (kind == ACTION_RESTART && (rest == NULL || rest[strspn(rest, " ")] == '\0'))
        (void)act_plan(s, kind, target, &args->scope);
    s->app->frozen = false;
    bool picks = kind == ACTION_SNAPSHOT || (kind == ACTION_RELOAD && args->scope != RESTART_ALL);
    if (picks && args->ntables == 0) {
        picker_open(s, args);
        return;
    }
    if (kind >= ACTION_SNAPSHOT && kind <= ACTION_SNAPSHOT_RESUME)
        args->signal_id = action_signal_id(s->m->wall_ms);
    confirm_open(s, args);
}

void act_run(const struct scene *s, const struct command *c, const char *text)
{
    enum action_kind kind = (enum action_kind)c->arg;
    const char *why = NULL;
    if ((text == NULL || text[0] == '\0') && act_on_marked(s)) {
        bulk_open(s, kind);
        return;
    }
    if (text == NULL || text[0] == '\0') {
        const char *target = act_target(s, kind, &why);
        if (target != NULL)
            act_open(s, kind, target, NULL);
        return;
    }
    if (s->p == NULL) {
        app_toast(s->app, s->m, VERDICT_WARN, "%s: nothing is known yet", command_name(c));
        return;
    }
    size_t n = strcspn(text, " ");
    const char *word = arena_strndup(s->arena, text, n);
    static const char *const nouns[] = {"connector", "slot", "session"};
    enum action_target wanted = action_info(kind)->target;
    bool known = wanted == TARGET_SLOT      ? pipeline_slot(s->p, word) != NULL
                 : wanted == TARGET_SESSION ? true /* the plan says who that is, or nobody */
                                            : pipeline_connector(s->p, word) != NULL;
    if (known) {
        act_open(s, kind, word, text + n);
        return;
    }
    /* snapshot TABLE…: the connector goes without saying when there is one. */
    const char *target = kind == ACTION_SNAPSHOT ? act_target(s, kind, &why) : NULL;
    if (target != NULL)
        act_open(s, kind, target, text);
    else
        app_toast(s->app, s->m, VERDICT_WARN, "%s: no %s %s is known: Tab completes",
                  command_name(c), nouns[wanted], word);
}
