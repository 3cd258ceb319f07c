/* command_mark.c: marking rows: what is marked is what actions are about. */
#include "tui/command_view.h"

#include <string.h>

static struct marks *marks_now(const struct scene *s)
{
    return &s->app->panes[list_now(s)].marks;
}

const char *cant_mark(const struct scene *s, const struct command *c)
{
    const char *why = cant_list(s, c);
    if (why == NULL && list_now(s) == LIST_FLEET)
        why = "enter a pipeline first";
    return why == NULL && pane_row(s, list_now(s)) == NULL ? "no row here" : why;
}

const char *cant_unmark(const struct scene *s, const struct command *c)
{
    const char *why = cant_list(s, c);
    return why == NULL && marks_now(s)->n == 0 ? "nothing is marked" : why;
}

/* All that the filter lets through. */
static void mark_shown(const struct scene *s)
{
    struct row_list list = pane_list(s, list_now(s));
    size_t i = 0;
    while (i < list.n && marks_add(marks_now(s), list.rows[i]->name))
        i++;
    if (i < list.n)
        app_toast(s->app, s->m, VERDICT_WARN, "%d are marked, no more is possible at once",
                  MARKS_MAX);
}

/* The selection goes on to the next row: a block is marked by holding the key. */
void cmd_mark(const struct scene *s, const struct command *c, const char *text)
{
    const char *why = cant_mark(s, c);
    if (why != NULL) {
        app_toast(s->app, s->m, VERDICT_INFO, "mark: %s", why);
        return;
    }
    if (text != NULL && strncmp(text, "all", 3) == 0) {
        mark_shown(s);
        return;
    }
    struct pane_state *st = &s->app->panes[list_now(s)];
    struct row_list list = pane_list(s, list_now(s));
    int at = pane_selected(st, &list);
    if (at < 0)
        return;
    if (!marks_toggle(&st->marks, list.rows[at]->name))
        app_toast(s->app, s->m, VERDICT_WARN, "%d are marked, no more is possible at once",
                  MARKS_MAX);
    pane_select(st, &list, at + 1);
}

void cmd_unmark(const struct scene *s, const struct command *c, const char *text)
{
    (void)c;
    (void)text;
    marks_clear(marks_now(s));
}
