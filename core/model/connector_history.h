/* connector_history.h: what was seen of each connector and its tasks over time: states, failures
 * with their root causes, restarts, moves between workers, changes of the configuration, and what
 * was asked of it from here.
 *
 * Fed with every answer of Connect and owned by the world, so all calls are of its one thread. It
 * reaches back to the start of the program only, and is bounded: the newest HISTORY_EVENTS of each
 * of HISTORY_CONNECTORS connectors. What happens between two polls is not seen, but that a task
 * failed anew is, where it was restarted from here or its root cause has other figures in it.
 * Times: monotonic and wall clock in ms, both ours. Every query may be given NULL and then knows
 * nothing.
 */
#ifndef CDCTOP_MODEL_CONNECTOR_HISTORY_H
#define CDCTOP_MODEL_CONNECTOR_HISTORY_H

#include "model/snapshot.h"

enum {
    HISTORY_EVENTS = 40,
    HISTORY_CONNECTORS = 2000,
    HISTORY_TEXT = 200,            /* bytes of an event's text, at most */
    CONNECTOR_IN_VAIN = 3,         /* so many restarts say that one more will not help */
    CONNECTOR_START_MS = 10 * 1000 /* a connector that starts has its tasks by then */
};

enum past_kind {
    PAST_STATE,   /* text "RUNNING → PAUSED" */
    PAST_FAILURE, /* text: the root cause, "" if the worker told none */
    PAST_RESTART, /* it was FAILED and is no more; text: what it is now */
    PAST_MOVED,   /* text "a:8083 → b:8083" */
    PAST_CONFIG,  /* text: the keys, "flush.size, +errors.tolerance, -locale" */
    PAST_ASKED,   /* from here, and accepted; text "restart" */
    PAST_OUTCOME, /* of what was asked; text: in words */
    PAST_KIND_COUNT
};
const char *past_kind_name(enum past_kind kind); /* "state", "failed", "restarted" … */

struct past_event {
    enum past_kind kind;
    int64_t mono_ms, wall_ms;
    int task;       /* the first task that it happened to; -1: the connector itself */
    int tasks;      /* to how many it happened, one after the other in a moment */
    uint64_t cause; /* FAILURE: connector_history_cause of the root cause */
    bool again;     /* FAILURE: it had been restarted since its last one */
    bool met;       /* OUTCOME: what was asked was seen to work */
    const char *text;
};

struct connector_history;
struct connector_past; /* of one connector; good until the next feed */

struct connector_history *connector_history_new(void);
void connector_history_free(struct connector_history *h);

/* What an answer of Connect shows. */
void connector_history_feed(struct connector_history *h, const struct snapshot *snap);
/* Its service has accepted `what` for this connector. restart: failed tasks were started anew. */
void connector_history_asked(struct connector_history *h, const struct connect_connector *connector,
                             const char *what, bool restart, int64_t mono_ms, int64_t wall_ms);
void connector_history_outcome(struct connector_history *h,
                               const struct connect_connector *connector, bool met,
                               const char *text, int64_t mono_ms, int64_t wall_ms);

/* Equal for root causes that differ only in figures (process ids, LSNs, request ids, offsets).
 * 0 for NULL and "". */
uint64_t connector_history_cause(const char *cause);

/* By service and name: two services may each have one of that name. */
const struct connector_past *connector_history_of(const struct connector_history *h,
                                                  const struct connect_connector *connector);

size_t connector_past_count(const struct connector_past *past);
/* i-th newest; NULL when there is none. */
const struct past_event *connector_past_event(const struct connector_past *past, size_t i);

/* Restarts within the window before now that ended in this same root cause. */
int connector_past_in_vain(const struct connector_past *past, uint64_t cause, int64_t now_ms,
                           int64_t window_ms);
/* Events of that kind within the window before now. */
int connector_past_number(const struct connector_past *past, enum past_kind kind, int64_t now_ms,
                          int64_t window_ms);

/* Since when (monotonic) task, or the connector itself (-1), is in the state that it is in now;
 * UNKNOWN if it was never seen. *at_least: it was so when it was first seen. */
int64_t connector_past_since(const struct connector_past *past, int task, bool *at_least);
/* Since when (monotonic) it says RUNNING and has no task; UNKNOWN: it has some. */
int64_t connector_past_taskless(const struct connector_past *past, bool *at_least);

/* The newest change within the window before `at` that could be the reason of what happened then:
 * of its configuration, of its worker, or asked from here. NULL: none was seen. */
const struct past_event *connector_past_change(const struct connector_past *past, int64_t at_ms,
                                               int64_t window_ms);

#endif
