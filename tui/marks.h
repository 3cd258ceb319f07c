/* marks.h: rows that were marked, by name: what actions are about. They survive a refresh, a sort
 * and a filter. */
#ifndef CDCTOP_TUI_MARKS_H
#define CDCTOP_TUI_MARKS_H

#include <stdbool.h>
#include <stddef.h>

enum { MARKS_MAX = 200 };

struct marks {
    char **names;
    size_t n;
};

bool marks_has(const struct marks *m, const char *name);
/* False: there are too many. */
bool marks_add(struct marks *m, const char *name);
bool marks_toggle(struct marks *m, const char *name);
void marks_clear(struct marks *m);

#endif
