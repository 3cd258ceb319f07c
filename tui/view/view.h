/* view.h: what fills the screen between the header and the key line. A view draws itself, builds a
 * page that scrolls, or is a list, below the lines that it builds. */
#ifndef CDCTOP_TUI_VIEW_VIEW_H
#define CDCTOP_TUI_VIEW_VIEW_H

#include "tui/draw/doc.h"
#include "tui/view/pane.h"

struct view_ops {
    enum view_id id;
    const char *title; /* "Slot"; NULL: that of the list */
    void (*draw)(const struct scene *s, struct rect r);
    void (*build)(const struct scene *s, struct doc *d); /* instead of draw */
    const struct pane_ops *list;                         /* instead of draw */
    const struct pane_ops *of;                           /* it tells more of a row of this list */
    bool key; /* what names its object is a key, not a name: it is not in the title */
    void (*open)(const struct scene *s); /* Enter, where no list has it … */
    const char *open_label;              /* … and how the key line calls it */
    const char *(*note)(const struct scene *s, unsigned *style); /* right end of the title */
};

extern const struct view_ops view_fleet, view_overview, view_slot, view_topic, view_connector,
    view_prefix, view_finding, view_groups, view_group, view_snapshots, view_snapshot, view_history,
    view_help, view_log, view_event, view_about, view_messages, view_object, view_record;
const struct view_ops *view_ops(enum view_id id);

/* Opens it on top; a list that belongs to an object begins anew. */
void view_open(const struct scene *s, enum view_id id, const char *object);

/* The page of the view on top, built for that width; NULL for lists and views that draw themselves.
 */
struct doc *view_doc(const struct scene *s, int width);
void view_draw(const struct scene *s, struct rect r);

void header_draw(const struct scene *s);
/* The six hops; returns the lines used. */
int strip_draw(const struct scene *s, int y);
int strip_draw_narrow(const struct scene *s, int y);
void keyline_draw(const struct scene *s);
int tour_line_height(const struct scene *s); /* 0 without a tour */
void tour_line_draw(const struct scene *s, int y);
/* Where in time, when it is not now. */
void timeline_draw(const struct scene *s, int y);

/* What RDS says of the database, as a section; nothing where RDS is not asked. */
void view_rds(const struct scene *s, struct doc *d);

/* The row that the detail view on top shows, by its name; NULL when it is gone. */
const struct row_base *view_row(const struct scene *s, enum pane_id id);
/* "… is not there any more": what a detail says whose object left. */
void view_gone(const struct scene *s, struct doc *d, enum source_kind kind);

#endif
