/* when.h: which time is shown: now, what was kept of the last hour, or a recording. */
#ifndef CDCTOP_TUI_WHEN_H
#define CDCTOP_TUI_WHEN_H

#include "record/reel.h"

enum when_kind { WHEN_NOW, WHEN_PAST, WHEN_RECORDING };

struct when {
    enum when_kind kind;
    const struct reel *reel;  /* what can be gone through; NULL: nothing */
    int64_t at_ms, length_ms; /* of it, since its beginning */
    int64_t ago_ms;           /* WHEN_PAST: before the present */
    double speed;             /* WHEN_RECORDING */
    bool paused;
    const char *no_actions;  /* why nothing can be done to a server; NULL: it can */
    const char *writing;     /* :record writes this file; NULL */
    const char *write_error; /* … and has stopped because of this; NULL */
};

/* How far one step goes. */
int64_t when_step_ms(int64_t length_ms, int64_t interval_ms);

#endif
