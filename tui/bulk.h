/* bulk.h: one action on several targets: one preview, one confirmation; each is submitted, recorded
 * and judged by itself. It goes on when its dialog is closed. */
#ifndef CDCTOP_TUI_BULK_H
#define CDCTOP_TUI_BULK_H

#include "tui/model.h"

struct app;

struct bulk_item {
    struct action_args *args; /* NULL: the row has nothing of that kind */
    char *name;               /* of the row */
    char *refused;            /* why it was not sent; NULL */
    bool asked;               /* its effect is on the way */
    unsigned id;              /* 0: not submitted */
    enum action_state state;
    char text[400];
};

struct bulk {
    enum action_kind kind;
    struct bulk_item *items; /* owned */
    size_t n;
    bool running; /* confirmed, and not all have ended */
    bool done;    /* all have */
};

/* Takes what became of its actions from the model, submits the next ones. */
void bulk_tick(struct app *app, const struct app_model *m);
/* The engine's answer to the oldest submission on the way; false: none is of a bulk. */
bool bulk_submitted(struct app *app, unsigned id, const char *why_not);
bool bulk_has(const struct bulk *b, unsigned id);
void bulk_clear(struct bulk *b);

#endif
