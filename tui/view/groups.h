/* groups.h: what the list of consumer groups and the view of one of them share. */
#ifndef CDCTOP_TUI_VIEW_GROUPS_H
#define CDCTOP_TUI_VIEW_GROUPS_H

#include "model/series.h"
#include "tui/view/pane.h"

/* Does it consume at all? The workers of a Connect cluster are a group that commits nothing. */
bool group_commits(const struct group_row *g);
/* Burrow's word as a person says it, and the role that goes with it. */
const char *group_trend_words(const struct group_row *g, unsigned *style);
/* A series "WHAT NAME" of the present pipeline; NULL. */
const struct series *group_series(const struct scene *s, const char *what, const char *name);
double group_read_rate(const struct scene *s, const struct group_row *g); /* messages/s; NAN */

#endif
