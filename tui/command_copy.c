/* command_copy.c: what is copied: a name, a row, or what one would type to do the same: the command
 * of cdctop, and the request itself. */
#include "base/mem.h"
#include "base/strbuf.h"
#include "tui/command_view.h"
#include "tui/dialog/dialog.h"

#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 256 * 1024 };

static const char *keep(const struct scene *s, struct strbuf *sb)
{
    const char *text = arena_strdup(s->arena, sb->text);
    strbuf_free(sb);
    return text;
}

/* What is pasted into a shell must not press Enter there: no control character of a name stays. */
static void put_clean(struct strbuf *sb, const char *text)
{
    for (; *text != '\0'; text++)
        strbuf_putc(sb, (unsigned char)*text < ' ' || *text == 0x7F ? ' ' : *text);
}

/* As a shell takes it. */
static void put_word(struct strbuf *sb, const char *word)
{
    bool plain = word[0] != '\0' && word[0] != '-' &&
                 word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "0123456789_-./:@%+")] == '\0';
    if (plain) {
        strbuf_puts(sb, word);
        return;
    }
    strbuf_putc(sb, '\'');
    for (; *word != '\0'; word++) {
        const char one[] = {*word, '\0'};
        if (*word == '\'')
            strbuf_puts(sb, "'\\''");
        else
            put_clean(sb, one);
    }
    strbuf_putc(sb, '\'');
}

static const char *names(const struct scene *s)
{
    const char *one = subject_now(s);
    enum pane_id id = list_now(s);
    const struct marks *m = id != LIST_NONE ? &s->app->panes[id].marks : NULL;
    struct strbuf sb;
    strbuf_init(&sb, TEXT_MAX);
    for (size_t i = 0; m != NULL && i < m->n; i++) {
        strbuf_puts(&sb, i > 0 ? "\n" : "");
        put_clean(&sb, m->names[i]);
    }
    if (sb.len == 0 && one != NULL)
        put_clean(&sb, one);
    bool any = sb.len > 0;
    const char *text = keep(s, &sb);
    return any ? text : NULL;
}

/* The cells of all columns as they would be shown, with tabs between. */
static void put_row(const struct scene *s, struct strbuf *sb, const struct pane_ops *ops,
                    const struct row_base *row)
{
    bool any = false;
    for (int i = 0; i < ops->ncolumns; i++) {
        const struct column *col = &ops->columns[i];
        struct cell_out out = {.text = ""};
        if (col->wanted != NULL && !col->wanted(&row, 1))
            continue;
        col->cell(s, row, &out);
        if (out.spark != NULL)
            continue;
        strbuf_puts(sb, any ? "\t" : "");
        put_clean(sb, out.text != NULL ? out.text : "");
        any = true;
    }
}

static const char *rows(const struct scene *s)
{
    enum pane_id id = list_now(s);
    const struct row_base *one = pane_row(s, id);
    if (one == NULL)
        return NULL;
    const struct pane_ops *ops = pane_ops(id);
    const struct marks *marks = &s->app->panes[id].marks;
    struct row_list list = pane_list(s, id);
    struct strbuf sb;
    strbuf_init(&sb, TEXT_MAX);
    for (size_t i = 0; i < list.n; i++) {
        if (marks->n > 0 ? !marks_has(marks, list.rows[i]->name) : list.rows[i] != one)
            continue;
        if (sb.len > 0)
            strbuf_putc(&sb, '\n');
        put_row(s, &sb, ops, list.rows[i]);
    }
    return keep(s, &sb);
}

/* What is done about it: what is recommended, else the first that is possible. False: nothing. */
static bool deed(const struct scene *s, enum action_kind *kind, const char **target)
{
    bool found = false;
    const struct pane_ops *ops;
    const struct row_base *row = act_row(s, &ops);
    for (int i = 0; i < ACTION_KIND_COUNT; i++) {
        enum action_kind k = (enum action_kind)i;
        const char *why = NULL;
        enum restart_scope scope;
        const char *t = act_target(s, k, &why);
        const char *own = row != NULL ? act_target_of(s, k, ops, row) : NULL;
        if (t == NULL || own == NULL || strcmp(t, own) != 0 || k == ACTION_SNAPSHOT ||
            k == ACTION_RELOAD || !act_plan(s, k, t, &scope)->allowed)
            continue;
        bool advised = act_recommended(s, k, t) != NULL;
        if (found && !advised)
            continue;
        *kind = k;
        *target = t;
        found = true;
        if (advised)
            break;
    }
    return found;
}

static const char *command_text(const struct scene *s, enum action_kind kind, const char *target)
{
    static const char *const signals[] = {
        [ACTION_SNAPSHOT_STOP] = "--stop",
        [ACTION_SNAPSHOT_PAUSE] = "--pause",
        [ACTION_SNAPSHOT_RESUME] = "--resume",
    };
    enum restart_scope scope;
    struct strbuf sb;
    (void)act_plan(s, kind, target, &scope);
    strbuf_init(&sb, TEXT_MAX);
    bool snapshot = kind >= ACTION_SNAPSHOT && kind <= ACTION_SNAPSHOT_RESUME;
    strbuf_printf(&sb, "cdctop do %s ",
                  snapshot ? "snapshot --connector" : action_info(kind)->name);
    put_word(&sb, target);
    if (kind == ACTION_RESTART && scope == RESTART_ALL)
        strbuf_puts(&sb, " --all");
    if (snapshot && kind != ACTION_SNAPSHOT)
        strbuf_printf(&sb, " %s", signals[kind]);
    if (s->m->npipelines > 1 && s->p != NULL) {
        strbuf_puts(&sb, " --pipeline ");
        put_word(&sb, s->p->name);
    }
    return keep(s, &sb);
}

/* "POST URL" as curl sends it; SQL and records as they stand. */
static const char *request_text(const struct scene *s, enum action_kind kind, const char *target)
{
    static const char *const methods[] = {"POST ", "PUT ", "DELETE ", "PATCH "};
    enum restart_scope scope;
    const struct action_plan *plan = act_plan(s, kind, target, &scope);
    struct strbuf sb;
    strbuf_init(&sb, TEXT_MAX);
    for (size_t i = 0; i < plan->nrequest; i++) {
        const char *line = plan->request[i];
        if (strncmp(line, "aws ", 4) == 0) { /* curl would not sign what stands before it */
            strbuf_reset(&sb);
            put_clean(&sb, line);
            break;
        }
        if (i > 0)
            strbuf_putc(&sb, '\n');
        size_t n = 0;
        for (size_t k = 0; k < ARRAY_LEN(methods); k++)
            if (strncmp(line, methods[k], strlen(methods[k])) == 0)
                n = strlen(methods[k]);
        if (n == 0) {
            put_clean(&sb, line);
            continue;
        }
        strbuf_printf(&sb, "curl -sS -X %.*s", (int)n, line);
        put_word(&sb, line + n);
    }
    return keep(s, &sb);
}

int copy_choices(const struct scene *s, struct copy_choice out[COPY_CHOICES])
{
    enum action_kind kind = ACTION_RESTART;
    const char *target = NULL;
    bool can = deed(s, &kind, &target);
    const char *nothing = "nothing can be done about it now";
    out[0] = (struct copy_choice){"y", "name", names(s), "no row is selected"};
    out[1] = (struct copy_choice){"r", "row", rows(s), "only in lists"};
    out[2] =
        (struct copy_choice){"c", "command", can ? command_text(s, kind, target) : NULL, nothing};
    out[3] =
        (struct copy_choice){"u", "request", can ? request_text(s, kind, target) : NULL, nothing};
    return COPY_CHOICES;
}

void copy_action(const struct scene *s, enum action_kind kind)
{
    const char *why = NULL;
    const char *target = act_target(s, kind, &why);
    dialog_close(s->app);
    if (target != NULL)
        app_effect(s->app, EFFECT_COPY, 0, command_text(s, kind, target), NULL);
    else
        app_toast(s->app, s->m, VERDICT_INFO, "copy: %s", why);
}

/* The word of `:copy` picks without the menu. */
void cmd_copy(const struct scene *s, const struct command *c, const char *text)
{
    struct copy_choice choices[COPY_CHOICES];
    (void)c;
    if (text == NULL || text[0] == '\0') {
        s->app->dialog = (struct dialog){.kind = DIALOG_MENU, .menu = MENU_COPY};
        return;
    }
    int n = copy_choices(s, choices);
    for (int i = 0; i < n; i++) {
        if (strncmp(choices[i].label, text, strcspn(text, " ")) != 0)
            continue;
        if (choices[i].text != NULL)
            app_effect(s->app, EFFECT_COPY, 0, choices[i].text, NULL);
        else
            app_toast(s->app, s->m, VERDICT_WARN, "copy: %s", choices[i].why);
        return;
    }
    app_toast(s->app, s->m, VERDICT_WARN, "copy: name, row, command or request");
}
