/* action_lines.h: among the details of a connector: what can be done to it now, and why not. */
#ifndef CDCTOP_TUI_VIEW_ACTION_LINES_H
#define CDCTOP_TUI_VIEW_ACTION_LINES_H

#include "tui/view/view.h"

void action_lines(const struct scene *s, struct doc *d, const struct connector_row *row);

#endif
