/* cli_int.h: the tables of the command line, for those who read them: cli.c and cli_help.c. */
#ifndef CDCTOP_CONFIG_CLI_INT_H
#define CDCTOP_CONFIG_CLI_INT_H

#include "config/cli.h"

enum flag_kind {
    FLAG_TEXT,
    FLAG_SEED,
    FLAG_SPEED,
    FLAG_ON,
    FLAG_TASK,
    FLAG_WAIT,
    FLAG_FOR,
    FLAG_SNAPSHOT,
    FLAG_COMMAND
};

/* Where a flag may stand, as bits. */
enum flag_scope {
    IN_ALL = 1,
    IN_STATUS = 2,
    IN_DO = 4,
    IN_RESTART = 8,
    IN_SNAPSHOT = 16,
    IN_CHECK = 32,
    IN_INIT = 64,
    IN_READING = 128, /* whatever waits for answers: status, check, init, config */
    IN_REPORT = 256,  /* status and check */
    IN_TUI = 512,     /* the screen, without a command */
    IN_RECORD = 1024,
    IN_RELOAD = 2048,
};

struct cli_flag {
    const char *name, *letter, *argument;
    enum flag_scope scope;
    enum flag_kind kind;
    size_t offset; /* into struct cli_options; FLAG_SNAPSHOT and FLAG_COMMAND: the value itself */
    const char *help;
};

extern const struct cli_flag cli_flags[];
extern const size_t cli_nflags;

extern const struct cli_verb_row {
    const char *name, *usage, *help;
    enum flag_scope scope;
} cli_verbs[CLI_VERB_COUNT];

extern const struct cli_command_row {
    const char *name, *usage, *help; /* name NULL: not a word of its own */
    unsigned scopes;
} cli_commands[CLI_COMMAND_COUNT];

#endif
