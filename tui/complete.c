/* complete.c: what may stand at the end of a command line: commands, names, options and values. */
#include "tui/command.h"
#include "tui/draw/theme.h"
#include "tui/view/pane.h"

#include <stdio.h>
#include <string.h>

struct line {
    const struct command *command; /* NULL: the command itself is being typed */
    int index;                     /* of the word behind it, from 0 */
    const char *first;             /* the first word behind it */
    const char *word;              /* the one that is being typed: the end of the text */
};

/* "set interval=5" has its words apart at the sign, "columns topic,lag" at the comma. */
static bool parts(char c)
{
    return c == ' ' || c == ',' || c == '=';
}

static struct line line_of(const struct scene *s, const struct edit *e)
{
    struct line l = {.word = e->text};
    const char *blank = strchr(e->text, ' ');
    if (blank == NULL)
        return l;
    if (command_prefixed(e->text, (size_t)(blank - e->text), &l.command) != 1)
        l.command = NULL;
    const char *p = blank + strspn(blank, " ");
    l.first = arena_strndup(s->arena, p, strcspn(p, " ,="));
    l.word = p;
    for (; *p != '\0'; p++) {
        if (!parts(*p))
            continue;
        l.word = p + 1;
        l.index += !parts(p[1]);
    }
    return l;
}

static const char *target(const struct scene *s, enum action_kind kind, size_t i)
{
    if (s->p == NULL || action_info(kind)->target == TARGET_SESSION)
        return NULL;
    if (action_info(kind)->target == TARGET_SLOT)
        return i < s->p->nslots ? s->p->slots[i].base.name : NULL;
    return i < s->p->nconnectors ? s->p->connectors[i].base.name : NULL;
}

static const char *column(const struct scene *s, size_t i)
{
    enum pane_id id = list_now(s);
    const struct pane_ops *ops = id != LIST_NONE ? pane_ops(id) : NULL;
    return ops != NULL && i < (size_t)ops->ncolumns ? ops->columns[i].id : NULL;
}

/* i-th candidate; NULL after the last. */
static const char *candidate(const struct scene *s, const struct line *l, const char *text,
                             size_t i)
{
    if (l->word == text) {
        const struct command *row = command_at(i);
        return row != NULL ? command_name(row) : NULL;
    }
    if (l->command == NULL)
        return NULL;
    bool first = l->index == 0;
    switch (l->command->complete) {
    case COMPLETE_THEME: return first ? theme_name((int)i) : NULL;
    case COMPLETE_COLUMN: return first ? column(s, i) : NULL;
    case COMPLETE_COLUMNS: return column(s, i);
    case COMPLETE_TARGET: return first ? target(s, (enum action_kind)l->command->arg, i) : NULL;
    case COMPLETE_OPTION:
        return first ? setting_name(i) : l->index == 1 ? setting_value(l->first, i) : NULL;
    case COMPLETE_TOPIC:
        return first && s->p != NULL && i < s->p->ntopics ? s->p->topics[i].base.name : NULL;
    case COMPLETE_NONE: break;
    }
    return NULL;
}

bool command_complete(const struct scene *s, struct edit *e)
{
    struct line l = line_of(s, e);
    size_t len = strlen(l.word);
    char common[256] = "";
    size_t found = 0;
    const char *name;
    for (size_t i = 0; (name = candidate(s, &l, e->text, i)) != NULL; i++) {
        if (strncmp(name, l.word, len) != 0)
            continue;
        if (found++ == 0) {
            (void)snprintf(common, sizeof(common), "%s", name);
            continue;
        }
        size_t same = 0;
        while (common[same] != '\0' && common[same] == name[same])
            same++;
        common[same] = '\0';
    }
    if (found == 0 || (strlen(common) <= len && found > 1))
        return false;
    char line[sizeof(e->text)];
    (void)snprintf(line, sizeof(line), "%.*s%s%s", (int)(l.word - e->text), e->text, common,
                   found == 1 ? " " : "");
    edit_set(e, line);
    return true;
}

const char *command_candidates(const struct scene *s, const struct edit *e)
{
    enum { SHOWN = 12 };
    struct line l = line_of(s, e);
    size_t len = strlen(l.word);
    const char *out = "";
    size_t shown = 0;
    const char *name;
    for (size_t i = 0; shown < SHOWN && (name = candidate(s, &l, e->text, i)) != NULL; i++) {
        if (strncmp(name, l.word, len) != 0)
            continue;
        out = scene_text(s, "%s%s%s", out, shown > 0 ? "  " : "", name);
        shown++;
    }
    return out;
}
