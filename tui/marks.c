#include "tui/marks.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static size_t find(const struct marks *m, const char *name)
{
    size_t i = 0;
    while (i < m->n && strcmp(m->names[i], name) != 0)
        i++;
    return i;
}

bool marks_has(const struct marks *m, const char *name)
{
    return find(m, name) < m->n;
}

bool marks_add(struct marks *m, const char *name)
{
    if (marks_has(m, name))
        return true;
    if (m->n == MARKS_MAX)
        return false;
    m->names = mem_realloc(m->names, (m->n + 1) * sizeof(*m->names));
    m->names[m->n++] = mem_strdup(name);
    return true;
}

bool marks_toggle(struct marks *m, const char *name)
{
    size_t i = find(m, name);
    if (i == m->n)
        return marks_add(m, name);
    free(m->names[i]);
    memmove(&m->names[i], &m->names[i + 1], (m->n - i - 1) * sizeof(*m->names));
    m->n--;
    return true;
}

void marks_clear(struct marks *m)
{
    for (size_t i = 0; i < m->n; i++)
        free(m->names[i]);
    free(m->names);
    *m = (struct marks){0};
}
