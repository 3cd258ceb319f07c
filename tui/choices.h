/* choices.h: how a person wants the lists: read from the configuration at the start, and as the
 * configuration would have them. */
#ifndef CDCTOP_TUI_CHOICES_H
#define CDCTOP_TUI_CHOICES_H

#include "tui/state.h"

void choices_apply(struct app *app, const struct config *config);

/* Columns by their ids; false and the first that there is not in bad. */
bool choices_columns(struct pane_state *st, enum pane_id id, const struct strlist *ids, char *bad,
                     size_t size);

/* A configuration of nothing but what is chosen now; options_free(false, …) it. */
void choices_config(const struct app *app, const struct app_model *m, struct config *out);

#endif
