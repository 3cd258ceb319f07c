/* events.h: a line of the history of findings, as the log and the details of a finding show it. */
#ifndef CDCTOP_TUI_VIEW_EVENTS_H
#define CDCTOP_TUI_VIEW_EVENTS_H

#include "diagnosis/diagnosis.h"
#include "tui/draw/doc.h"
#include "tui/state.h"

void event_line(const struct scene *s, struct doc *d, const struct finding_event *event);

#endif
