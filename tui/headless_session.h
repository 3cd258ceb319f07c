/* headless_session.h: the engine without a screen, for the commands that wait for answers. */
#ifndef CDCTOP_TUI_HEADLESS_SESSION_H
#define CDCTOP_TUI_HEADLESS_SESSION_H

#include "config/cli.h"
#include "engine.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SESSION_WAIT_MS = 10 * 1000, SESSION_STEP_MS = 250 };

struct session {
    struct engine *engine;
    int signals; /* signalfd: INT, TERM, HUP end the wait */
    size_t index;
    int64_t interval_ms; /* as it was configured */
    bool recorded;       /* it plays a recording, and stands at the moment that was asked for */
    int out;             /* its reader's leaving ends the session; -1: it does not */
};

/* False after a complaint on standard error. */
bool session_open(struct session *s, struct config *config, const struct cli_options *opts,
                  struct backend from);
/* Waits for news. False: a signal asked us to end, or nobody reads what we print. */
bool session_wait(struct session *s);
/* Until every source has answered or failed, or wait_ms is over. False: a signal. */
bool session_settle(struct session *s, int64_t wait_ms);
/* The pipelines that were asked for, from *first to before *end. */
void session_chosen(const struct session *s, const struct config *config,
                    const struct cli_options *opts, size_t *first, size_t *end);
/* Ends the engine; returns code, or leaves the process with it when a thread hangs in a library. */
int session_close(struct session *s, int code);

#endif
