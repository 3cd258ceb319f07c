/* pane.h: the lists: which rows, in which order, under which columns. Five of them are the panes of
 * the overview, the others fill a screen of their own (view_ops.list); filter, order, selection and
 * what a row is about are the same for all. */
#ifndef CDCTOP_TUI_VIEW_PANE_H
#define CDCTOP_TUI_VIEW_PANE_H

#include "tui/draw/box.h"
#include "tui/draw/table.h"
#include "tui/state.h"

struct row_list {
    const struct row_base **rows; /* filtered and sorted; in the frame's arena */
    size_t n, total;
};

struct pane_ops {
    enum pane_id id;
    const char *number; /* "1"; NULL: no key leads there */
    const char *title;  /* "S3 objects" */
    const char *tab;    /* "S3"; panes of the overview */
    const char *empty;  /* what it means that there is no row */
    bool has_source;    /* findings have none of their own */
    enum source_kind source;
    /* What is to be said before the rows, as source_words; lists without a source. */
    bool (*words)(const struct scene *s, struct rect r, int *lines);
    bool ordered;         /* rows come in the order in which they are shown */
    bool messages;        /* rows are things said, not things: none of them is "failing" */
    const char *unsorted; /* why no column can be sorted by; NULL: any can */
    const struct column *columns;
    int ncolumns;
    /* All rows as row_base pointers, in the arena. */
    size_t (*rows)(const struct scene *s, const struct row_base ***out);
    int (*order)(const struct row_base *a, const struct row_base *b); /* after the verdict */
    /* The figure at the right end of the title. */
    const char *(*note)(const struct scene *s);
    /* Draws the rows instead of the table. */
    void (*draw)(const struct scene *s, const struct row_list *list, struct rect r, int selected,
                 bool focused);
    /* What a row is about. NULL functions: its name; no connector; no slot; no further text that a
     * filter looks at. */
    const char *(*subject)(const struct row_base *row);
    const char *(*connector)(const struct row_base *row);
    const char *(*slot)(const struct row_base *row);
    const char *(*text)(const struct row_base *row);
    const struct finding *(*finding)(const struct row_base *row); /* that it is; NULL: gone */
    /* Enter: this, or the detail view of its name. */
    void (*open)(const struct scene *s, const struct row_base *row);
    enum view_id detail;
};

extern const struct pane_ops pane_slots, pane_topics, pane_connectors, pane_objects, pane_findings,
    list_fleet, list_groups, list_partitions, list_snapshots, list_tables, list_history,
    list_events, list_objects, list_messages, list_content;
const struct pane_ops *pane_ops(enum pane_id id);

/* A row of the findings pane. */
struct finding_row {
    struct row_base base;
    const struct finding *finding;
};

/* The list that has the keys: LIST_NONE where a page of text is on top. */
enum pane_id list_now(const struct scene *s);
struct row_list pane_list(const struct scene *s, enum pane_id id);
/* Index of the selection in the list, -1 if it is empty; keeps the state in step with it. */
int pane_selected(struct pane_state *st, const struct row_list *list);
void pane_select(struct pane_state *st, const struct row_list *list, int index);
/* The selected row of that list, or NULL; LIST_NONE has none. */
const struct row_base *pane_row(const struct scene *s, enum pane_id id);

/* Draws a pane with its title line; untitled: a rule with the notes alone, under a line of tabs. */
void pane_draw(const struct scene *s, enum pane_id id, struct rect r, bool focused);
void pane_draw_untitled(const struct scene *s, enum pane_id id, struct rect r);
/* The notes at the right end of a title; returns how many. */
enum { PANE_NOTES = 6 };
int pane_notes(const struct scene *s, enum pane_id id, int width,
               struct box_note notes[PANE_NOTES]);
/* The inside alone: state of the source, table. */
void pane_body(const struct scene *s, enum pane_id id, struct rect r, bool focused);
/* Counts by loudness of all rows (not only those that pass the filter). */
void pane_counts(const struct scene *s, enum pane_id id, size_t counts[VERDICT_COUNT]);

/* Helpers for columns. */
int compare_i64(int64_t a, int64_t b);
int compare_double(double a, double b);
int compare_name(const struct row_base *a, const struct row_base *b);
void cell_name(const void *ctx, const struct row_base *row, struct cell_out *out);
/* How long something lags; more: that is only what is known, so ">". */
void cell_lag_age(struct cell_out *out, int64_t ms, bool more);
/* "2 MIN", "2 H": how much time a sparkline of that many columns shows. */
const char *spark_title(int64_t span_ms, char *buf, size_t size);

/* "not configured…", "asking HOST…", the error and the next step; false when there is nothing to
 * say. Returns the lines used in *lines. */
bool source_words(const struct scene *s, enum source_kind kind, struct rect r, int *lines);

#endif
