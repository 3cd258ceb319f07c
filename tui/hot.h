/* hot.h: what a place on the screen stands for. Whoever draws something that can be clicked says so
 * (hot_add); the mouse looks up what lies under it (mouse.c). Anew for each frame, and only while
 * the mouse is on. */
#ifndef CDCTOP_TUI_HOT_H
#define CDCTOP_TUI_HOT_H

#include "tui/draw/canvas.h"

enum hot_kind {
    HOT_PANE,  /* id: a pane of the overview: gets the focus */
    HOT_ROWS,  /* id: of a list; first: index of the row on top; each: lines of a row */
    HOT_HEAD,  /* id: of a list; first: the column to sort by */
    HOT_ITEMS, /* of a dialog; first: as above; id: the key for the item that is selected already */
    HOT_KEY,   /* id: what a click stands for; never one that changes a server */
    HOT_TEXT,  /* a page that scrolls */
    HOT_KIND_COUNT
};

enum { HOTS_MAX = 128 };

struct hot {
    struct rect r;
    enum hot_kind kind;
    int id, first, each;
};

struct scene;
/* What is added later lies above. */
void hot_add(const struct scene *s, struct hot hot);

#endif
