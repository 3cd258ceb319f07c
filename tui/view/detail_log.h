/* detail_log.h: what the page of a connector tells of its log in CloudWatch Logs. */
#ifndef CDCTOP_TUI_VIEW_DETAIL_LOG_H
#define CDCTOP_TUI_VIEW_DETAIL_LOG_H

#include "tui/view/view.h"

/* Its last events, or why there are none; nothing of a connector whose log is not read. */
void detail_log(const struct scene *s, struct doc *d, const struct connector_row *row);
/* The traces of its deaths that hold: at the end of the page. */
void detail_log_traces(const struct scene *s, struct doc *d, const struct connector_row *row);

#endif
