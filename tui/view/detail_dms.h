/* detail_dms.h: what the page of a connector tells of a task of DMS. */
#ifndef CDCTOP_TUI_VIEW_DETAIL_DMS_H
#define CDCTOP_TUI_VIEW_DETAIL_DMS_H

#include "tui/view/view.h"

void detail_dms(const struct scene *s, struct doc *d, const struct connector_row *row);

#endif
