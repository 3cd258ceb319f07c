/* detail_msk.h: what the page of a connector tells of one that MSK Connect runs. */
#ifndef CDCTOP_TUI_VIEW_DETAIL_MSK_H
#define CDCTOP_TUI_VIEW_DETAIL_MSK_H

#include "tui/view/view.h"

void detail_msk(const struct scene *s, struct doc *d, const struct connector_row *row);

#endif
