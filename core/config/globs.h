/* globs.h: names by a list of patterns, as the configuration has them: "shop-*", "!shop-test". */
#ifndef CDCTOP_CONFIG_GLOBS_H
#define CDCTOP_CONFIG_GLOBS_H

#include "config/view.h"

#include <stdbool.h>

/* Is the name meant? One that a pattern with "!" fits never is. Where no pattern takes anything in,
 * every other one is as `others` says.
 * globs NULL: there is no pattern. */
bool globs_match(const struct strlist *globs, const char *name, bool others);

#endif
