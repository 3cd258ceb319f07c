/* msk_facts.h: the MSK cluster beneath the topics, as a part of their details. */
#ifndef CDCTOP_TUI_VIEW_MSK_FACTS_H
#define CDCTOP_TUI_VIEW_MSK_FACTS_H

#include "tui/view/view.h"

/* Adds nothing where no cluster is configured. */
void msk_facts(const struct scene *s, struct doc *d);
/* In one line, for :about. */
const char *msk_facts_line(const struct scene *s, const struct msk_snap *msk);

#endif
