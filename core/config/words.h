/* words.h: what a configuration names and only a front end knows: its commands with their keys, its
 * lists with their columns. The front end hands them in (config_flags), so that a mistake in them
 * is told like any other, with line and column; without them nothing of this is checked.
 */
#ifndef CDCTOP_CONFIG_WORDS_H
#define CDCTOP_CONFIG_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct config_command {
    const char *name, *keys, *help; /* keys: the default, blanks between; "" none */
    bool changes;                   /* something on a server */
};

enum { CONFIG_LIST_COLUMNS = 24 };
struct config_list {
    const char *name;
    const char *columns[CONFIG_LIST_COLUMNS];
    size_t ncolumns;
};

struct config_words {
    const struct config_command *commands;
    size_t ncommands;
    const struct config_list *lists;
    size_t nlists;
    int (*key_code)(const char *word, size_t n); /* equal for the same key; -1: there is none */
    const char *const *key_names;                /* "Enter", "F5": for suggestions */
    size_t nkey_names;
};

/* [keys]: in place of the default keys of a command. */
struct key_binding {
    char *command, *keys;
};
struct key_bindings {
    struct key_binding *items;
    size_t count;
};

/* NULL: it keeps its default keys. */
const char *key_bindings_find(const struct key_bindings *bindings, const char *command);

#endif
