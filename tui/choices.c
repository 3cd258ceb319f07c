#include "tui/choices.h"

#include "config/options.h"
#include "tui/command.h"
#include "tui/view/pane.h"

#include <stdio.h>
#include <string.h>

static int column_of(const struct pane_ops *ops, const char *id, size_t n)
{
    for (int i = 0; i < ops->ncolumns && i < COLUMNS_MAX; i++)
        if (strlen(ops->columns[i].id) == n && strncmp(ops->columns[i].id, id, n) == 0)
            return i;
    return -1;
}

bool choices_columns(struct pane_state *st, enum pane_id id, const struct strlist *ids, char *bad,
                     size_t size)
{
    signed char columns[COLUMNS_MAX] = {0}; /* the name is always the first */
    bool seen[COLUMNS_MAX] = {true};
    int n = 1;
    for (size_t i = 0; i < ids->count; i++) {
        int at = column_of(pane_ops(id), ids->items[i], strlen(ids->items[i]));
        if (at < 0) {
            (void)snprintf(bad, size, "%s", ids->items[i]);
            return false;
        }
        if (!seen[at])
            columns[n++] = (signed char)at;
        seen[at] = true;
    }
    memcpy(st->columns, columns, sizeof(columns));
    st->ncolumns = ids->count > 0 ? n : 0;
    return true;
}

static void apply_sort(struct pane_state *st, enum pane_id id, const char *text)
{
    size_t n = strcspn(text, " ");
    int at = column_of(pane_ops(id), text, n);
    st->sort = at;
    st->reverse = at >= 0 && strcmp(text + n, " reversed") == 0;
}

void choices_apply(struct app *app, const struct config *config)
{
    char bad[64];
    for (int i = 0; config != NULL && i < LIST_COUNT; i++) {
        enum pane_id id = (enum pane_id)i;
        const struct option *sort = options_find(SECTION_SORT, list_name(id));
        const struct option *columns = options_find(SECTION_COLUMNS, list_name(id));
        const char *text = sort != NULL ? *(char *const *)options_field_const(sort, config) : NULL;
        if (text != NULL && text[0] != '\0')
            apply_sort(&app->panes[i], id, text);
        if (columns != NULL) /* what it names was checked when it was read */
            (void)choices_columns(&app->panes[i], id, options_field_const(columns, config), bad,
                                  sizeof(bad));
    }
}

static void put_columns(const struct option *option, const struct pane_state *st,
                        const struct pane_ops *ops, struct config *out)
{
    const char *why;
    for (int k = 0; k < st->ncolumns; k++)
        (void)options_append(option, out, ops->columns[st->columns[k]].id, &why);
}

/* As it was configured, but for what can be changed while it runs. */
static void base(const struct app *app, const struct app_model *m, struct config *out)
{
    const char *why;
    *out = (struct config){0};
    options_defaults(false, out);
    for (size_t i = 0; i < options_count && m->config != NULL; i++)
        if (options[i].section == SECTION_UI)
            options_copy(&options[i], m->config, out);
    (void)options_set(options_find(SECTION_UI, "theme"), out, app->theme, &why);
    if (m->interval_ms > 0)
        out->interval_ms = m->interval_ms;
    out->mouse = app->mouse;
}

void choices_config(const struct app *app, const struct app_model *m, struct config *out)
{
    base(app, m, out);
    for (int i = 0; i < LIST_COUNT; i++) {
        enum pane_id id = (enum pane_id)i;
        const struct pane_state *st = &app->panes[i];
        const struct pane_ops *ops = pane_ops(id);
        const struct option *sort = options_find(SECTION_SORT, list_name(id));
        const struct option *columns = options_find(SECTION_COLUMNS, list_name(id));
        char text[96];
        const char *why;
        if (sort != NULL && st->sort >= 0) {
            (void)snprintf(text, sizeof(text), "%s%s", ops->columns[st->sort].id,
                           st->reverse ? " reversed" : "");
            (void)options_set(sort, out, text, &why);
        }
        if (columns != NULL)
            put_columns(columns, st, ops, out);
    }
}
