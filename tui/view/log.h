/* log.h: everything that happened, whoever saw it, as lines of one list. */
#ifndef CDCTOP_TUI_VIEW_LOG_H
#define CDCTOP_TUI_VIEW_LOG_H

#include "tui/view/pane.h"

struct event_row {
    struct row_base base; /* name: moment, kind and text, hashed: the same line keeps its name */
    int64_t wall_ms;
    const char *kind;   /* "action", "finding", "connector", "kafka", "postgres", "log" */
    const char *word;   /* "worked", "raised", "failed" … */
    const char *object; /* ""; what it is about */
    const char *text;
    unsigned style;    /* of the word */
    enum view_id view; /* of the object; VIEW_COUNT: there is none */
};

/* Newest first, in the arena; returns how many. */
size_t event_rows(const struct scene *s, struct event_row **out);

#endif
