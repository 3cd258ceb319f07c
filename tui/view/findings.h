/* findings.h: how a finding is listed: two lines, the cause and what to do first. */
#ifndef CDCTOP_TUI_VIEW_FINDINGS_H
#define CDCTOP_TUI_VIEW_FINDINGS_H

#include "tui/view/pane.h"

/* One finding in at most two lines, for the small screen. */
void findings_line(const struct scene *s, const struct finding *f, struct rect r, bool selected);

#endif
