/* events.h: a line of the history of findings, as the details of a finding show it; and how moments
 * are told. */
#ifndef CDCTOP_TUI_VIEW_EVENTS_H
#define CDCTOP_TUI_VIEW_EVENTS_H

#include "diagnosis/diagnosis.h"
#include "tui/draw/doc.h"
#include "tui/state.h"

void event_line(const struct scene *s, struct doc *d, const struct finding_event *event);

/* What came and went among the findings of this pipeline, newest first; in the arena. */
const struct finding_event *history_events(const struct scene *s, size_t *n);

/* "14:03:22Z"; of what lies half a day back how long ago it was: "2d 4h ago"; "–" unknown. */
const char *event_time(const struct scene *s, int64_t wall_ms);

#endif
