/* save.h: writes choices into the configuration file of the user, as tomledit.h does: nothing else
 * in it changes. */
#ifndef CDCTOP_CONFIG_SAVE_H
#define CDCTOP_CONFIG_SAVE_H

#include "base/strbuf.h"
#include "config/config.h"

/* What is in force now, in the options of [ui], [ui.sort] and [ui.columns] of `now`, goes into the
 * file that config came from (without one: into the one of the home directory, made anew, 0600),
 * as far as it is something else than what stands there or is the default. *hash is that of the
 * text as it was read (config->text_hash; 0: there was none) and follows. said: what was written,
 * or that nothing had to be.
 *
 * Atomic: a temporary file beside it takes its mode and its place; a symbolic link stays one. False
 * with *err and the file as it was: it changed since it was read (ERR_CONFLICT), it may not be
 * written (ERR_IO), it is written in a way that is not edited safely (ERR_CONFIG). */
bool config_save(const struct config *config, const struct config *now, uint64_t *hash,
                 struct strbuf *said, struct err *err);

#endif
