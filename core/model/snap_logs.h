/* snap_logs.h: what the logs of managed connectors say of their failures. MSK Connect and DMS tell
 * states, but no trace: why a task died stands in the log of its worker alone.
 * Conventions (unknown figures, times, ownership): snapshot.h, which includes this.
 */
#ifndef CDCTOP_MODEL_SNAP_LOGS_H
#define CDCTOP_MODEL_SNAP_LOGS_H

#include "model/snap_connect.h"

enum logged {
    LOGGED_TASK_DIED,   /* MSK Connect: a task, with its trace */
    LOGGED_WORKER_DIED, /* … or the whole worker */
    LOGGED_PAUSED,      /* DMS: it reads no further from its source */
    LOGGED_RESUMED,     /* … and goes on */
    LOGGED_ERROR,       /* DMS: a line of level E */
    LOGGED_KIND_COUNT
};

struct log_event {
    int kind;          /* enum logged */
    int task;          /* of LOGGED_TASK_DIED; -1 */
    int64_t at_ms;     /* by the clock of its worker */
    const char *text;  /* the trace, or the line, as it was logged; secrets masked */
    const char *cause; /* the root cause in one line, masked; NULL */
};

/* What was read of one connector. */
struct log_tail {
    int service; /* enum connect_service */
    const char *connector;
    const char *group;
    const char *stream;       /* NULL: every stream of the group */
    int64_t from_ms, to_ms;   /* read without a gap; UNKNOWN: not yet */
    bool wanted;              /* because it has failed, or because the log alone tells of it */
    bool searching;           /* there is more to be read at once: the next poll goes on */
    const char *error;        /* why it cannot be read now; NULL */
    struct log_event *events; /* newest first: of each task the last death alone */
    size_t nevents;
};

struct logs_snap {
    struct log_tail *tails;
    size_t ntails;
};

const struct log_tail *logs_find(const struct logs_snap *logs, enum connect_service service,
                                 const char *connector);

/* Puts its events in their order. */
void log_sort(struct log_tail *tail);

/* The newest event of that kind; NULL. tail may be NULL. */
const struct log_event *log_newest(const struct log_tail *tail, enum logged kind);

/* "task died", "paused" …: as in JSON. */
const char *log_kind_name(int kind);

#endif
