/* backend.h: where an engine's answers come from and where its actions go: real servers (live.c),
 * the simulated pipeline (demo/) or a recording (record/).
 *
 * The engine is the only caller, on its one thread, and no call may block on a network. A backend
 * has its own clock: the demo's runs faster or slower, a recording's jumps. Whoever looks at the
 * world takes the time from here.
 */
#ifndef CDCTOP_BACKEND_H
#define CDCTOP_BACKEND_H

#include "action/action.h"
#include "config/config.h"
#include "model/hints.h"
#include "model/peek.h"
#include "model/world.h"

/* How a clock goes that is not the real one. */
struct play {
    int64_t at_ms;     /* since its beginning */
    int64_t length_ms; /* UNKNOWN: without end */
    int64_t begin_ms;  /* where a person comes in: what lies before is gone through at the start */
    double speed;      /* 1: as fast as the real one */
    bool paused;
    bool lost; /* its ground was taken away: only by beginning anew it goes on */
};

struct backend_ops {
    const char *name; /* "live", "demo", "replay" */
    /* bell: an eventfd to ring when there is something to take; borrowed. */
    bool (*start)(void *self, const struct config *config, int64_t interval_ms, int bell,
                  struct err *err);
    /* Asks everything to end and waits at most wait_ms. True: self is freed. False: a thread is
     * still inside a library call and self stays; the process must leave by _exit. */
    bool (*stop)(void *self, int64_t wait_ms);

    int64_t (*mono_ms)(void *self);
    int64_t (*wall_ms)(void *self);

    /* All three NULL where time is the real one. seek only goes forward, or to 0: then everything
     * begins anew. Between two seeks at most one report of each source is there to take. */
    void (*play)(void *self, struct play *out);
    void (*seek)(void *self, int64_t at_ms);
    void (*pace)(void *self, double speed, bool paused);
    /* Instead of seek(0), where it need not be the very beginning: goes to a moment from which that
     * one can be reached with all that is looked back on, and returns it. NULL: there is none. */
    int64_t (*anew)(void *self, int64_t at_ms);
    /* After anew, on the way there: leaps to a moment at which all is told once more, as long as it
     * is far, and returns it. -1: from here on it goes step by step. */
    int64_t (*leap)(void *self, int64_t at_ms);
    /* When there is something to take next, by the real monotonic clock, for a backend without
     * threads that could ring; INT64_MAX: not known. NULL: it rings. */
    int64_t (*next_ms)(void *self);

    bool (*configured)(void *self, size_t pipeline, enum source_kind kind);
    /* What that source saw since it was last asked; the caller owns it, and keeps its snapshot
     * until the next one of that source, or until time goes back. NULL: nothing new. */
    struct report *(*take)(void *self, size_t pipeline, enum source_kind kind);
    /* What was done at the time of a recording, one change not taken yet. NULL: it is no recording.
     */
    bool (*acted)(void *self, size_t *pipeline, struct ledger_entry *entry);
    /* NULL: it needs none. */
    void (*hints)(void *self, size_t pipeline, enum source_kind kind,
                  struct hints *hints); /* takes */
    void (*interval)(void *self, int64_t interval_ms);
    void (*poll_now)(void *self);

    /* Copies args; takes route. request: the lines for the audit record. 0 and *err: refused. */
    unsigned (*submit)(void *self, const struct action_args *args, struct action_route *route,
                       const char *const *request, size_t nrequest, struct err *err);
    bool (*collect)(void *self, struct action_status *out);          /* one change not taken yet */
    void (*outcome)(void *self, const struct action_status *status); /* for the audit log */

    /* A look into a topic or an object; request is copied. The answer carries id. NULL: there is
     * nothing to look into. A new request gives up the one before. */
    bool (*peek)(void *self, unsigned id, const struct peek_request *request, struct err *err);
    struct peek_answer *(*peeked)(void *self); /* the caller owns it; NULL: none yet */
};

struct backend {
    const struct backend_ops *ops;
    void *self;
};

/* Threads that ask the servers of the configuration, and one that acts on them. */
struct backend live_backend(void);

#endif
