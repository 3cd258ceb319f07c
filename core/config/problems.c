#include "base/mem.h"
#include "base/strbuf.h"
#include "base/utf8.h"
#include "config/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROBLEMS_MAX = 200, PROBLEMS_TEXT = 1024 };

static char *clean_copy(const char *s)
{
    char clean[400];
    return s != NULL ? mem_strdup(utf8_clean(clean, sizeof(clean), s, false)) : NULL;
}

/* FILE:LINE:COLUMN: KEY: WHAT, found …; allowed: …; did you mean …? */
static char *compose(const struct config_problem *p, const char *what)
{
    char clean[400];
    struct strbuf sb;
    strbuf_init(&sb, PROBLEMS_TEXT);
    if (p->file != NULL && p->line > 0)
        strbuf_printf(&sb, "%s:%d:%d: ", p->file, p->line, p->column);
    else if (p->file != NULL)
        strbuf_printf(&sb, "%s: ", p->file);
    if (p->key != NULL)
        strbuf_printf(&sb, "%s: ", p->key);
    strbuf_puts(&sb, utf8_clean(clean, sizeof(clean), what, false));
    if (p->found != NULL)
        strbuf_printf(&sb, "; found %s", p->found);
    if (p->allowed != NULL)
        strbuf_printf(&sb, "; allowed is %s", p->allowed);
    if (p->nearest != NULL)
        strbuf_printf(&sb, "; did you mean %s?", p->nearest);
    return strbuf_take(&sb);
}

void problems_add(struct config_problems *problems, const char *file, const struct problem *draft)
{
    problems->errors += !draft->warning;
    if (problems->count >= PROBLEMS_MAX)
        return;
    problems->items =
        mem_realloc(problems->items, (problems->count + 1) * sizeof(*problems->items));
    struct config_problem *p = &problems->items[problems->count++];
    *p = (struct config_problem){
        .warning = draft->warning,
        .file = clean_copy(file),
        .line = draft->line,
        .column = draft->column,
        .key = clean_copy(draft->key),
        .found = clean_copy(draft->found),
        .allowed = clean_copy(draft->allowed),
        .nearest = clean_copy(draft->nearest),
    };
    p->text = compose(p, draft->what);
}

const char *problems_key(const struct option *option, char *buf, size_t size)
{
    (void)snprintf(buf, size, "%s.%s", option_sections[option->section].name, option->key);
    return buf;
}

void problems_option(const struct loader *loader, const struct origin *origin,
                     const struct option *option, bool warning, const char *what)
{
    char key[96];
    size_t i = (size_t)(option - options);
    int line = origin->at[i].line, column = origin->at[i].column;
    if (line == 0 && origin->line > 0) {
        line = origin->line;
        column = origin->column;
    }
    problems_add(loader->problems, line > 0 ? loader->file : NULL,
                 &(struct problem){.warning = warning,
                                   .line = line,
                                   .column = column,
                                   .key = problems_key(option, key, sizeof(key)),
                                   .what = what});
}

static int by_place(const void *a, const void *b)
{
    const struct config_problem *p = a, *q = b;
    if ((p->line == 0) != (q->line == 0))
        return p->line == 0 ? 1 : -1;
    if (p->line != q->line)
        return p->line < q->line ? -1 : 1;
    return (p->column > q->column) - (p->column < q->column);
}

void problems_sort(struct config_problems *problems)
{
    if (problems->count > 1)
        qsort(problems->items, problems->count, sizeof(*problems->items), by_place);
}

void config_problems_free(struct config_problems *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        struct config_problem *p = &problems->items[i];
        free(p->file);
        free(p->key);
        free(p->found);
        free(p->allowed);
        free(p->nearest);
        free(p->text);
    }
    free(problems->items);
    *problems = (struct config_problems){0};
}
