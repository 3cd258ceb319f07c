/* columns.c: the column chooser: which columns a list has, in which order. The list behind it
 * follows at once; Esc takes it all back. */
#include "tui/command.h"
#include "tui/dialog/dialog.h"
#include "tui/view/pane.h"

#include <string.h>

struct choice { /* what is shown, in its order; behind that what is not */
    signed char all[COLUMNS_MAX];
    int n, shown;
};

static struct choice choice_of(const struct scene *s)
{
    enum pane_id id = list_now(s);
    const struct pane_ops *ops = pane_ops(id);
    const struct pane_state *st = &s->app->panes[id];
    struct choice c = {.n = ops->ncolumns < COLUMNS_MAX ? ops->ncolumns : COLUMNS_MAX};
    bool seen[COLUMNS_MAX] = {false};
    int n = 0;
    c.shown = st->ncolumns > 0 ? st->ncolumns : c.n;
    for (int i = 0; i < st->ncolumns; i++) {
        c.all[n++] = st->columns[i];
        seen[st->columns[i]] = true;
    }
    for (int i = 0; i < c.n; i++)
        if (!seen[i])
            c.all[n++] = (signed char)i;
    return c;
}

static void put_back(const struct scene *s, const struct choice *c)
{
    struct pane_state *st = &s->app->panes[list_now(s)];
    memcpy(st->columns, c->all, sizeof(st->columns));
    st->ncolumns = c->shown;
}

void columns_open(const struct scene *s)
{
    const struct pane_state *st = &s->app->panes[list_now(s)];
    dialog_close(s->app);
    s->app->dialog = (struct dialog){.kind = DIALOG_COLUMNS, .ncolumns = st->ncolumns};
    memcpy(s->app->dialog.columns, st->columns, sizeof(st->columns));
}

static void swap(struct choice *c, int a, int b)
{
    signed char x = c->all[a];
    c->all[a] = c->all[b];
    c->all[b] = x;
}

/* The name stays, and stays first. */
static void toggle(const struct scene *s, struct choice *c, int at)
{
    signed char column = c->all[at];
    if (at == 0)
        return;
    bool hide = at < c->shown;
    int to = hide ? c->n - 1 : c->shown;
    int step = to > at ? 1 : -1;
    for (int i = at; i != to; i += step)
        c->all[i] = c->all[i + step];
    c->all[to] = column;
    c->shown += hide ? -1 : 1;
    put_back(s, c);
}

static void move(const struct scene *s, struct choice *c, int by)
{
    struct dialog *d = &s->app->dialog;
    int to = d->selected + by;
    if (d->selected < 1 || to < 1 || d->selected >= c->shown || to >= c->shown)
        return;
    swap(c, d->selected, to);
    d->selected = to;
    put_back(s, c);
}

static void leave(const struct scene *s, bool keep)
{
    struct dialog *d = &s->app->dialog;
    struct pane_state *st = &s->app->panes[list_now(s)];
    if (!keep) {
        memcpy(st->columns, d->columns, sizeof(st->columns));
        st->ncolumns = d->ncolumns;
    }
    dialog_close(s->app);
}

void columns_key(const struct scene *s, int key)
{
    struct dialog *d = &s->app->dialog;
    struct choice c = choice_of(s);
    switch (key) {
    case K_ESC:
    case K_CTRL_C: leave(s, false); break;
    case K_ENTER:
    case 'q': leave(s, true); break;
    case 'j':
    case K_DOWN: d->selected += d->selected + 1 < c.n; break;
    case 'k':
    case K_UP: d->selected -= d->selected > 0; break;
    case ' ': toggle(s, &c, d->selected); break;
    case 'J':
    case '>': move(s, &c, 1); break;
    case 'K':
    case '<': move(s, &c, -1); break;
    case 'r': s->app->panes[list_now(s)].ncolumns = 0; break;
    default: break;
    }
}

static void foot(const struct scene *s, int x, int y)
{
    static const struct {
        const char *key, *label;
    } keys[] = {
        {"Space", "show" },
        {"J K",   "move" },
        {"r",     "reset"},
        {"Enter", "keep" },
        {"Esc",   "back" },
    };
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        x += canvas_text(s->cv, x, y, ROLE_KEY, keys[i].key) + 1;
        x += canvas_text(s->cv, x, y, ROLE_DIM, keys[i].label) + 2;
    }
}

void columns_draw(const struct scene *s)
{
    enum { WIDTH = 76, MARK = 4, TITLE = 14 };
    struct dialog *d = &s->app->dialog;
    const struct pane_ops *ops = pane_ops(list_now(s));
    struct choice c = choice_of(s);
    struct rect in =
        dialog_frame(s, WIDTH, c.n + 5, ROLE_KEY, scene_text(s, "Columns of %s", ops->title));
    int lines = in.h - 3;
    if (d->selected >= d->scroll + lines)
        d->scroll = d->selected - lines + 1;
    if (d->selected < d->scroll)
        d->scroll = d->selected;
    int y = in.y + 1;
    for (int i = d->scroll; i < c.n && i < d->scroll + lines; i++, y++) {
        const struct column *col = &ops->columns[c.all[i]];
        bool shown = i < c.shown;
        unsigned style = shown ? ROLE_STRONG : ROLE_FAINT;
        (void)canvas_text(s->cv, in.x, y, shown ? ROLE_KEY : ROLE_FAINT, shown ? "[x]" : "[ ]");
        (void)canvas_fit(s->cv, in.x + MARK, y, TITLE, style, col->title);
        (void)canvas_fit(s->cv, in.x + MARK + TITLE + 1, y, in.w - MARK - TITLE - 1,
                         shown ? ROLE_DIM : ROLE_FAINT, col->help != NULL ? col->help : "");
        if (i == d->selected)
            canvas_ground(s->cv, (struct rect){in.x - 1, y, in.w + 2, 1}, GROUND_SELECT);
    }
    int top = in.y + 1;
    hot_add(s, (struct hot){
                   {in.x - 1, top, in.w + 2, y - top},
                   HOT_ITEMS, ' ', d->scroll, 1
    });
    foot(s, in.x, in.y + in.h - 1);
}
