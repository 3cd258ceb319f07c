/* print.h: a configuration as the commented file that would bring it about. */
#ifndef CDCTOP_CONFIG_PRINT_H
#define CDCTOP_CONFIG_PRINT_H

#include "config/config.h"

/* The default configuration as commented TOML: exactly config.example.toml with the words of the
 * program. malloc'd. */
char *config_example(const struct config_words *words);

/* The configuration as TOML for a file that a person goes on with: below each option that is not
 * given a line in comments says what it wants. What is written as "${env:NAME}" stays a reference,
 * everything else is quoted; a secret that is no such reference is never written. `heading`: lines
 * without their #. malloc'd. */
char *config_draft(const struct config *config, const char *heading);

/* Where a configuration of one's own is looked for; NULL: there is no home. malloc'd. */
char *config_home_path(void);

/* The settled configuration as TOML with secrets masked; with the pipeline of the example when
 * neither a file nor anything else gives one. malloc'd. */
char *config_print(const struct config *config);

#endif
