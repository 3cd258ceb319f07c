/* cli.h: the command line, by one table of flags, commands and verbs: parsing, help texts and
 * suggestions all come from it.
 *
 * Nothing is copied: every string points into argv (see config_scrub_argv) and lives as long.
 */
#ifndef CDCTOP_CONFIG_CLI_H
#define CDCTOP_CONFIG_CLI_H

#include "base/err.h"
#include "config/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cli_command {
    CLI_TUI, /* no command */
    CLI_STATUS,
    CLI_CHECK,
    CLI_INIT,
    CLI_CONFIG,
    CLI_DO,
    CLI_RECORD,
    CLI_PRINT_CONFIG,
    CLI_VERSION,
    CLI_HELP,
    CLI_COMMAND_COUNT
};

enum cli_verb {
    CLI_RESTART,
    CLI_PAUSE,
    CLI_RESUME,
    CLI_STOP,
    CLI_DROP_SLOT,
    CLI_SNAPSHOT,
    CLI_TERMINATE,
    CLI_START,
    CLI_RELOAD,
    CLI_VERB_COUNT
};

enum cli_snapshot {
    CLI_SNAPSHOT_START,
    CLI_SNAPSHOT_STOP,
    CLI_SNAPSHOT_PAUSE,
    CLI_SNAPSHOT_RESUME
};

enum { CLI_MAX_TABLES = 256, CLI_EXIT_MISUSE = 2 };

struct cli_options {
    enum cli_command command;
    enum cli_command help_about; /* CLI_HELP: which command's help */
    struct config_flags flags;

    const char *dump;        /* the screen, printed: "" or "text", "svg"; NULL: no */
    const char *size, *keys; /* of the dump; NULL: not given */
    const char *at;          /* of a dump or a recording: the moment; NULL: not given */

    const char *replay; /* a recording to be shown; NULL: none */
    const char *file;   /* record: where to */
    int64_t for_ms;     /* record: so long; 0: until a signal */
    bool redact;        /* record: without names */

    const char *demo; /* scenario or file, "": the default one; NULL: real servers */
    int64_t demo_seed;
    double demo_speed;

    bool json;         /* status, check */
    bool watch;        /* status: a document a line for every refresh; means json */
    int64_t wait_ms;   /* status, check, init, config: how long servers may take to answer first;
                          10,000 */
    const char *junit; /* check: file for JUnit XML, "-": standard output; NULL */

    const char *output; /* init: the file to write; NULL: the first one that would be read */
    bool force;         /* init: overwrite it */

    enum cli_verb verb; /* do */
    const char *name;   /* connector, slot or pid; NULL for snapshot; config: the connector */
    bool all_tasks;     /* restart; reload: all tables */
    bool validate;      /* reload: compare only */
    int task;           /* restart: this one; -1: not given (then the failed ones, or all_tasks) */
    const char *connector; /* snapshot; NULL: the only source connector */
    const char *tables[CLI_MAX_TABLES];
    size_t ntables;
    bool blocking;
    const char *filter; /* NULL: none */
    enum cli_snapshot snapshot;
    bool dry_run;
    const char *yes; /* the name, in place of typing it; NULL: not given */
};

/* False with one sentence in err when the command line is not understood (exit CLI_EXIT_MISUSE). */
bool cli_parse(int argc, char *const *argv, struct cli_options *out, struct err *err);

/* The help of the program (CLI_TUI) or of one command. malloc'd. */
char *cli_help(enum cli_command command);

#endif
