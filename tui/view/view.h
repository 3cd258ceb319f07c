/* view.h: what fills the screen between the header and the key line. A view either draws itself or
 * builds a page that scrolls. */
#ifndef CDCTOP_TUI_VIEW_VIEW_H
#define CDCTOP_TUI_VIEW_VIEW_H

#include "tui/draw/doc.h"
#include "tui/view/pane.h"

struct view_ops {
    enum view_id id;
    const char *title; /* "Slot" */
    void (*draw)(const struct scene *s, struct rect r);
    void (*build)(const struct scene *s, struct doc *d);         /* instead of draw */
    const char *(*note)(const struct scene *s, unsigned *style); /* right end of the title */
};

extern const struct view_ops view_fleet, view_overview, view_slot, view_topic, view_connector,
    view_prefix, view_finding, view_help, view_log;
const struct view_ops *view_ops(enum view_id id);

/* The page of the view on top, built for that width; NULL for views that draw themselves. */
struct doc *view_doc(const struct scene *s, int width);
void view_draw(const struct scene *s, struct rect r);

void header_draw(const struct scene *s);
/* The six hops; returns the lines used. */
int strip_draw(const struct scene *s, int y);
int strip_draw_narrow(const struct scene *s, int y);
void keyline_draw(const struct scene *s);

/* The row that the detail view on top shows, by its name; NULL when it is gone. */
const struct row_base *view_row(const struct scene *s, enum pane_id id);
/* "… is not there any more": what a detail says whose object left. */
void view_gone(const struct scene *s, struct doc *d, enum source_kind kind);

/* Rows of the list of pipelines. */
size_t fleet_rows(const struct scene *s, struct row_list *list);
int fleet_selected(const struct scene *s);

#endif
