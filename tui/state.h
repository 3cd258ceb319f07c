/* state.h: what the front end remembers between frames: plain data, no pointers into a world.
 *
 * Reading order of tui: model.h (what is shown), this (what is remembered), command.c (what can be
 * done), view/ (how it looks). Objects are remembered by name or by a hash of it: a refresh that
 * moves or removes rows cannot make a selection point at another object.
 */
#ifndef CDCTOP_TUI_STATE_H
#define CDCTOP_TUI_STATE_H

#include "base/arena.h"
#include "tui/bulk.h"
#include "tui/draw/canvas.h"
#include "tui/edit.h"
#include "tui/effect.h"
#include "tui/hot.h"
#include "tui/ids.h"
#include "tui/key.h"
#include "tui/marks.h"
#include "tui/model.h"

enum { COLUMNS_MAX = 16, FILTER_MAX = 96, VIEW_DEPTH = 8, HISTORY_MAX = 50, EFFECTS_MAX = 8 };

struct pane_state {
    uint64_t selected; /* hash of the name; 0: the first row, whichever it is */
    int index;         /* where it was: taken when the object is gone */
    int scroll, page;  /* first row shown, and how many there is room for */
    int sort;          /* column; -1 the pane's own order: worst first */
    bool reverse;
    bool faults; /* only rows that are not well */
    char filter[FILTER_MAX];
    struct marks marks;
    signed char columns[COLUMNS_MAX]; /* which, in which order; the name first */
    int ncolumns;                     /* 0: all, as far as there is room */
};

struct view_state {
    enum view_id id;
    char *object; /* owned; NULL for views without one */
    int scroll, lines, page;
    int found;  /* line of the last match; -1 */
    bool whole; /* what stands above a list has the screen alone */
    char search[FILTER_MAX];
};

enum input_mode { INPUT_NONE, INPUT_COMMAND, INPUT_FILTER, INPUT_SEARCH };

enum dialog_kind {
    DIALOG_NONE,
    DIALOG_CONFIRM,
    DIALOG_MENU,
    DIALOG_PICKER,
    DIALOG_BULK,
    DIALOG_COLUMNS
};
enum menu_kind { MENU_ACTIONS, MENU_SORT, MENU_THEMES, MENU_COPY };

struct dialog {
    enum dialog_kind kind;
    enum menu_kind menu;
    int selected, scroll;
    bool opened;                      /* it has been drawn once */
    struct action_args *args;         /* confirm, picker: what is asked for */
    struct edit edit;                 /* the typed name, or the filter condition */
    bool editing;                     /* picker: the condition has the keys */
    unsigned id;                      /* of the submitted action; 0 not yet */
    char error[400];                  /* refused by the engine */
    signed char columns[COLUMNS_MAX]; /* columns: as they were, for Esc */
    int ncolumns;
    uint64_t *picked; /* picker: hashes of the marked tables */
    size_t npicked;
};

/* What was asked for last about records; the answer is in the model. */
struct looking {
    struct peek_request *request; /* owned; NULL: nothing */
    unsigned id;                  /* 0: not sent yet, or refused */
    int64_t since_ms;             /* ui clock */
    char error[400];              /* refused by the engine */
};

struct toast {
    char text[400];
    enum verdict verdict;
    int64_t until_ms; /* monotonic; 0 none */
};

struct app {
    struct arena *arena; /* of this frame */
    bool ascii;
    int w, h; /* of the last frame */
    size_t pipeline;
    enum pane_id pane;
    bool zoom, frozen;
    char *theme;   /* in force; owned */
    char *preview; /* another one that is shown while it is being chosen; owned; NULL */
    bool mouse;
    struct hot hots[HOTS_MAX]; /* of the last frame */
    int nhots;
    struct pane_state panes[LIST_COUNT];
    struct view_state stack[VIEW_DEPTH]; /* [0] is the overview or the fleet */
    int depth;
    enum input_mode input;
    struct edit edit;
    char *history[HISTORY_MAX];
    int nhistory, history_at;
    struct dialog dialog;
    struct bulk bulk;
    size_t marked; /* the pipeline that the marks are of */
    struct toast toast;
    struct looking looking;
    unsigned followed; /* newest action whose end was told */
    size_t stop;       /* of the tour, that is shown; 0: none */
    struct effect effects[EFFECTS_MAX];
    int neffects;
};

/* Everything a view or a command needs at one moment. */
struct scene {
    struct app *app;
    const struct app_model *m;
    const struct pipeline *p;        /* NULL: nothing joined yet */
    const struct findings *f;        /* NULL: none yet */
    const struct world_pipeline *wp; /* NULL: not started */
    struct canvas *cv;               /* NULL while a key is handled */
    struct arena *arena;
};

struct scene scene_make(struct app *app, const struct app_model *m, struct canvas *cv);
/* Lists of connectors name SOURCE_CONNECT, whoever tells of them: this is the one whose state
 * counts for all (world_connectors_kind). Other kinds stand for themselves. */
enum source_kind scene_teller(const struct scene *s, enum source_kind kind);
enum source_state scene_state(const struct scene *s, enum source_kind kind);
const struct source_slot *scene_source(const struct scene *s, enum source_kind kind);
/* Where that source is, in words for a person: "10.0.3.4:5432"; never a secret. */
const char *scene_where(const struct scene *s, enum source_kind kind);
struct view_state *scene_view(const struct scene *s); /* the one on top */
bool scene_narrow(const struct scene *s);             /* below 100×30: one pane at a time */

uint64_t name_hash(const char *name); /* never 0 */

/* Printf into the frame's arena. */
const char *scene_text(const struct scene *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

void app_effect(struct app *app, enum effect_kind kind, int64_t number, const char *text,
                struct action_args *args);
/* Asks for records in place of what was asked before; takes request. NULL: nobody looks any more.
 */
void app_look(struct app *app, const struct app_model *m, struct peek_request *request);
void app_toast(struct app *app, const struct app_model *m, enum verdict verdict, const char *fmt,
               ...) __attribute__((format(printf, 4, 5)));
void app_push(struct app *app, enum view_id id, const char *object);
bool app_pop(struct app *app);
void app_unmark(struct app *app);                  /* in all panes */
void app_theme(struct app *app, const char *name); /* that one is in force now */
/* Shows it while it is being chosen; NULL: shows the one in force again. */
void app_preview(struct app *app, const char *name);

#endif
