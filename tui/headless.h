/* headless.h: the commands that draw nothing: `cdctop status`, `check`, `init`, `config`, `do` and
 * `record`. */
#ifndef CDCTOP_TUI_HEADLESS_H
#define CDCTOP_TUI_HEADLESS_H

#include "backend.h"
#include "config/cli.h"
#include "config/config.h"

/* Each returns the exit code of the process; from is where answers come from. Output goes to
 * stdout, complaints to stderr. */
int headless_status(struct config *config, const struct cli_options *opts, struct backend from);
int headless_init(struct config *config, const struct cli_options *opts);
int headless_check(struct config *config, const struct cli_options *opts, struct backend from);
/* Of one connector; 0: it was printed. */
int headless_config(struct config *config, const struct cli_options *opts, struct backend from);
int headless_do(struct config *config, const struct cli_options *opts, struct backend from);
/* What the engine hears into a new file. 0: all of it is there. */
int headless_record(struct config *config, const struct cli_options *opts, struct backend from);

#endif
