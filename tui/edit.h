/* edit.h: one line of input. */
#ifndef CDCTOP_TUI_EDIT_H
#define CDCTOP_TUI_EDIT_H

#include "tui/draw/canvas.h"

struct edit {
    char text[512];
    size_t len, at; /* bytes; at is on a character boundary */
};

/* True if the key was used. */
bool edit_key(struct edit *e, int key);
void edit_set(struct edit *e, const char *text);
/* Draws it with a cursor in w columns. */
void edit_draw(const struct edit *e, struct canvas *cv, int x, int y, int w, unsigned style);

#endif
