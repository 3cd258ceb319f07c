/* at.h: moments as people type them. */
#ifndef CDCTOP_TUI_AT_H
#define CDCTOP_TUI_AT_H

#include "backend.h"

/* "90s" since the beginning, "-90s" before the present moment, "14:03:22" or
 * "2026-11-20T14:03:22Z" of the clock that is shown; wall_ms is what that says now. False and *err:
 * it is not one, or not within what can be shown. */
bool at_parse(const char *text, const struct play *play, int64_t wall_ms, int64_t *at_ms,
              struct err *err);

#endif
