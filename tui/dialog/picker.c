/* picker.c: which tables to take a snapshot of: the captured ones, with a blocking switch and an
 * optional condition. Or which tables of a DMS task to reload: to send again, or only to compare.
 */
#include "base/human.h"
#include "base/mem.h"
#include "model/connector_facts.h"
#include "tui/dialog/dialog.h"
#include "tui/draw/glyph.h"

#include <string.h>

struct choice {
    const char *name;  /* "schema.table" */
    int64_t rows;      /* UNKNOWN */
    const char *state; /* of a DMS task's table; NULL: rows are an estimate */
};

static bool reloads(const struct scene *s)
{
    return s->app->dialog.args->kind == ACTION_RELOAD;
}

static size_t choices_dms(const struct scene *s, const struct connector_row *row,
                          struct choice **out)
{
    const struct dms_task *t = row != NULL ? row->connector->dms : NULL;
    size_t n = t != NULL ? t->ntables : 0;
    *out = arena_array(s->arena, n + 1, sizeof(**out));
    size_t at = 0;
    for (int pass = 0; pass < 2; pass++) { /* those in error first: they are why one comes here */
        for (size_t i = 0; i < n; i++) {
            const struct dms_table *table = &t->tables[i];
            const char *state = table->state != NULL ? table->state : "–";
            if ((strcmp(state, "Table error") == 0) == (pass == 0))
                (*out)[at++] = (struct choice){scene_text(s, "%s.%s", table->schema, table->name),
                                               table->loaded, state};
        }
    }
    return n;
}

static bool captured(const struct connector_row *row, const struct pg_table *t, const char *name)
{
    const struct connector_facts *f = row != NULL ? row->facts : NULL;
    if (f == NULL)
        return true;
    if (t->publication != NULL && f->publication_name != NULL &&
        strcmp(t->publication, f->publication_name) != 0)
        return false;
    if (f->signal_table != NULL && strcmp(f->signal_table, name) == 0)
        return false;
    return connector_facts_captures(f, t->schema, t->name) != TRI_NO;
}

static size_t choices(const struct scene *s, struct choice **out)
{
    const struct snapshot *snap =
        s->wp != NULL ? world_snap(s->m->world, s->app->pipeline, SOURCE_POSTGRES) : NULL;
    const struct connector_row *row =
        s->p != NULL ? pipeline_connector(s->p, s->app->dialog.args->target) : NULL;
    if (reloads(s))
        return choices_dms(s, row, out);
    size_t n = snap != NULL ? snap->pg.ntables : 0;
    size_t found = 0;
    *out = arena_array(s->arena, n + 1, sizeof(**out));
    for (size_t i = 0; i < n; i++) {
        const struct pg_table *t = &snap->pg.tables[i];
        const char *name = scene_text(s, "%s.%s", t->schema, t->name);
        if (captured(row, t, name))
            (*out)[found++] = (struct choice){name, t->live_rows, NULL};
    }
    return found;
}

static bool is_picked(const struct dialog *d, const char *name, size_t *at)
{
    for (size_t i = 0; i < d->npicked; i++)
        if (d->picked[i] == name_hash(name)) {
            *at = i;
            return true;
        }
    return false;
}

static void toggle(struct dialog *d, const char *name)
{
    size_t at;
    if (is_picked(d, name, &at)) {
        d->picked[at] = d->picked[--d->npicked];
        return;
    }
    d->picked = mem_realloc(d->picked, (d->npicked + 1) * sizeof(*d->picked));
    d->picked[d->npicked++] = name_hash(name);
}

void picker_open(const struct scene *s, struct action_args *args)
{
    dialog_close(s->app);
    s->app->dialog = (struct dialog){.kind = DIALOG_PICKER, .args = args};
}

static void finish(const struct scene *s, const struct choice *list, size_t n)
{
    struct dialog *d = &s->app->dialog;
    struct action_args *args = action_args_new(d->args->kind, d->args->pipeline, d->args->target);
    size_t at;
    for (size_t i = 0; i < n; i++)
        if (is_picked(d, list[i].name, &at))
            action_args_add_table(args, list[i].name);
    args->blocking = d->args->blocking;
    args->validate = d->args->validate;
    args->filter = d->edit.len > 0 ? mem_strdup(d->edit.text) : NULL;
    args->signal_id = action_signal_id(s->m->wall_ms);
    confirm_open(s, args);
}

static void edit_condition(struct dialog *d, int key)
{
    if (key == K_ENTER || key == K_TAB || key == K_ESC)
        d->editing = false;
    else
        (void)edit_key(&d->edit, key);
}

void picker_key(const struct scene *s, int key)
{
    struct dialog *d = &s->app->dialog;
    struct choice *list;
    size_t n = choices(s, &list);
    int last = n > 0 ? (int)n - 1 : 0;
    if (d->editing) {
        edit_condition(d, key);
        return;
    }
    switch (key) {
    case K_ESC:
    case K_CTRL_C:
    case 'q': dialog_close(s->app); break;
    case 'j':
    case K_DOWN: d->selected = d->selected < last ? d->selected + 1 : last; break;
    case 'k':
    case K_UP: d->selected = d->selected > 0 ? d->selected - 1 : 0; break;
    case ' ':
        if (n > 0)
            toggle(d, list[d->selected <= last ? d->selected : last].name);
        break;
    case 'b':
        if (reloads(s))
            d->args->validate = !d->args->validate;
        else
            d->args->blocking = !d->args->blocking;
        break;
    case K_TAB:
    case '/': d->editing = !reloads(s); break;
    case K_ENTER:
        if (d->npicked == 0 && n > 0)
            toggle(d, list[d->selected <= last ? d->selected : last].name);
        if (n > 0)
            finish(s, list, n);
        break;
    default: break;
    }
}

static void draw_choice(const struct scene *s, const struct choice *c, struct rect in, int y,
                        bool here)
{
    enum { STATE_W = 24 }; /* "Table is being reloaded" */
    char rows[HUMAN_SIZE];
    size_t at;
    bool on = is_picked(&s->app->dialog, c->name, &at);
    int64_t n = c->rows;
    (void)canvas_text(s->cv, in.x, y, on ? ROLE_KEY : ROLE_DIM, on ? "[x]" : "[ ]");
    bool error = c->state != NULL && strcmp(c->state, "Table error") == 0;
    (void)canvas_middle(s->cv, in.x + 4, y, in.w - STATE_W - 6, on ? ROLE_STRONG : ROLE_TEXT,
                        c->name);
    const char *text = c->state != NULL ? c->state
                       : n == UNKNOWN   ? "rows unknown"
                                        : scene_text(s, "est. %s rows", human_count(rows, n));
    (void)canvas_right(s->cv, in.x + in.w - STATE_W, y, STATE_W, error ? ROLE_WARN : ROLE_DIM,
                       text);
    if (here)
        canvas_ground(s->cv, (struct rect){in.x - 1, y, in.w + 2, 1}, GROUND_SELECT);
}

static void draw_keys(const struct scene *s, struct rect in)
{
    static const struct {
        const char *key, *label;
    } keys[] = {
        {"Space", "mark"     },
        {"b",     "kind"     },
        {"Tab",   "condition"},
        {"Enter", "next"     },
        {"Esc",   "leave"    }
    };
    int x = in.x;
    int y = in.y + in.h - 2;
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        if (reloads(s) && strcmp(keys[i].key, "Tab") == 0)
            continue;
        x += canvas_text(s->cv, x, y, ROLE_KEY, keys[i].key) + 1;
        x += canvas_text(s->cv, x, y, ROLE_DIM, keys[i].label) + (s->cv->w >= 80 ? 3 : 1);
    }
}

/* Of a snapshot: how, and of which rows. */
static void draw_kind(const struct scene *s, struct rect in, int y)
{
    const struct dialog *d = &s->app->dialog;
    (void)canvas_fit(s->cv, in.x + 11, y, in.w - 11, ROLE_TEXT,
                     d->args->blocking ? "blocking: streaming stands still until it is done"
                                       : "incremental: in chunks, while streaming goes on");
    (void)canvas_text(s->cv, in.x, y + 1, ROLE_DIM, "condition");
    if (d->editing)
        edit_draw(&d->edit, s->cv, in.x + 11, y + 1, in.w - 11, ROLE_INPUT);
    else
        (void)canvas_fit(s->cv, in.x + 11, y + 1, in.w - 11, d->edit.len > 0 ? ROLE_TEXT : ROLE_DIM,
                         d->edit.len > 0 ? d->edit.text : "none: every row");
}

static void draw_reload(const struct scene *s, struct rect in, int y)
{
    const struct action_args *a = s->app->dialog.args;
    (void)canvas_fit(s->cv, in.x + 11, y, in.w - 11, ROLE_TEXT,
                     a->validate ? "compare: rows are validated again, nothing is sent"
                                 : "reload: every row is sent to the target again");
    (void)canvas_fit(s->cv, in.x + 11, y + 1, in.w - 11, ROLE_DIM,
                     scene_text(s, "all of it, from a stop: :reload %s --all", a->target));
}

void picker_draw(const struct scene *s)
{
    struct dialog *d = &s->app->dialog;
    struct choice *list;
    int n = (int)choices(s, &list);
    int want = n < 4 ? 4 : n;
    const char *title = scene_text(s, "%s which tables? (%s)",
                                   reloads(s) ? "Reload" : "Snapshot of", d->args->target);
    struct rect in = dialog_frame(s, 78, want + 10, ROLE_KEY, title);
    int lines = in.h - 8;
    if (d->selected >= n)
        d->selected = n > 0 ? n - 1 : 0;
    if (d->selected >= d->scroll + lines)
        d->scroll = d->selected - lines + 1;
    if (d->selected < d->scroll)
        d->scroll = d->selected;
    if (n == 0)
        (void)canvas_fit(s->cv, in.x, in.y + 1, in.w, ROLE_DIM,
                         reloads(s) ? "no table is known: DMS has told no statistics yet"
                                    : "no captured table is known: PostgreSQL's publication names "
                                      "none");
    for (int i = d->scroll; i < n && i < d->scroll + lines; i++)
        draw_choice(s, &list[i], in, in.y + 1 + i - d->scroll, i == d->selected && !d->editing);
    int shown = n - d->scroll < lines ? n - d->scroll : lines;
    hot_add(s, (struct hot){
                   {in.x - 1, in.y + 1, in.w + 2, shown},
                   HOT_ITEMS, ' ', d->scroll, 1
    });
    int y = in.y + in.h - 6;
    (void)canvas_text(s->cv, in.x, y, ROLE_DIM, "kind");
    if (reloads(s))
        draw_reload(s, in, y);
    else
        draw_kind(s, in, y);
    (void)canvas_text(s->cv, in.x, y + 2, ROLE_DIM,
                      scene_text(s, "%zu of %d marked", d->npicked, n));
    draw_keys(s, in);
}
