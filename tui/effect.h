/* effect.h: what the loop has to do for the app, which itself does no I/O. */
#ifndef CDCTOP_TUI_EFFECT_H
#define CDCTOP_TUI_EFFECT_H

#include "action/action.h"
#include "model/peek.h"

enum effect_kind {
    EFFECT_QUIT,
    EFFECT_SUSPEND,
    EFFECT_POLL,
    EFFECT_INTERVAL, /* number: ms */
    EFFECT_SUBMIT,   /* args: taken by the loop */
    EFFECT_COPY,     /* text */
    EFFECT_WRITE,    /* text: path or NULL */
    EFFECT_REPAINT,
    EFFECT_THEME,  /* text; number 1: only to look at */
    EFFECT_GLYPHS, /* text */
    EFFECT_SAVE,
    EFFECT_MOUSE, /* number: 1 on, 0 off */
    EFFECT_PEEK,  /* request: taken by the loop; NULL: nobody looks any more */
    EFFECT_TOUR,  /* number: 1 on, -1 back */
    /* Which time is shown (run.h: time). */
    EFFECT_STEP,     /* number: steps, backwards below 0 */
    EFFECT_CHANGE,   /* number: to the change of verdict before (-1) or after (1) */
    EFFECT_TIME,     /* text: a moment; NULL: now */
    EFFECT_PACE,     /* number: 0 plays or pauses, 1 faster, -1 slower */
    EFFECT_RECORD,   /* text: the file; NULL: stop. number 1: without names */
    EFFECT_INCIDENT, /* text: the file for what was kept; NULL: a new one here */
};

struct effect {
    enum effect_kind kind;
    int64_t number;
    char *text;                   /* owned */
    struct action_args *args;     /* owned */
    struct peek_request *request; /* owned */
};
void effect_free(struct effect *e); /* what it carries */

#endif
