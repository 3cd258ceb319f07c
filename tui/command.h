/* command.h: everything that can be done, once: a name for `:`, keys, a word for the key line, a
 * sentence for help, when it is possible and what it does. Help, completion and the key line are
 * made from this table; a key that does nothing cannot exist. */
#ifndef CDCTOP_TUI_COMMAND_H
#define CDCTOP_TUI_COMMAND_H

#include "tui/state.h"

enum command_section { SECTION_MOVE, SECTION_LOOK, SECTION_ACT, SECTION_PROGRAM, COMMAND_SECTIONS };
enum complete {
    COMPLETE_NONE,
    COMPLETE_TARGET,
    COMPLETE_TOPIC,
    COMPLETE_THEME,
    COMPLETE_COLUMN,
    COMPLETE_COLUMNS, /* several */
    COMPLETE_OPTION,  /* its name, then its value */
};

struct command {
    const char *name;  /* NULL: action_info tells */
    const char *keys;  /* as in keymap.h, blanks between; "" none; NULL: action_info tells */
    const char *label; /* in the key line; NULL: not there */
    const char *help;
    enum command_section section;
    enum complete complete;
    int arg; /* for run: a direction, a pane, an action_kind */
    /* NULL: possible now; else why not. */
    const char *(*blocked)(const struct scene *s, const struct command *c);
    /* text: what stands behind the name on the command line; NULL when a key was pressed. */
    void (*run)(const struct scene *s, const struct command *c, const char *text);
};

const struct command *command_at(size_t i); /* NULL after the last */
const struct command *command_find(const char *name);
const struct command *command_for_key(const struct scene *s, int key);
const char *command_name(const struct command *c);
/* As the configuration has them, else by default. */
const char *command_keys(const struct scene *s, const struct command *c);
const char *command_key(const struct scene *s, const struct command *c); /* the first; "" none */
const char *act_key(const struct scene *s, enum action_kind kind);
const char *command_default_keys(const struct command *c);
const char *command_help(const struct command *c);
const char *command_blocked(const struct scene *s, const struct command *c);
/* Runs it, or says in a toast why not. */
void command_run(const struct scene *s, const struct command *c, const char *text);
/* A whole line as typed after ':'. */
void command_line(const struct scene *s, const char *line);
/* The command that the first n bytes mean, whole or as the only beginning; how many there are. */
size_t command_prefixed(const char *text, size_t n, const struct command **only);

/* complete.c: completes the word at the end of the line; false if there is nothing to add. */
bool command_complete(const struct scene *s, struct edit *e);
/* The candidates for what is typed now, for the line above the input. */
const char *command_candidates(const struct scene *s, const struct edit *e);

/* command_copy.c: what of the row, or of all that is marked, can be copied. */
enum { COPY_CHOICES = 4 };
struct copy_choice {
    const char *key, *label;
    const char *text; /* NULL: why not */
    const char *why;
};
int copy_choices(const struct scene *s, struct copy_choice choices[COPY_CHOICES]);
/* The command that does what this action would do. */
void copy_action(const struct scene *s, enum action_kind kind);

/* command_set.c: options that can change while it runs. */
const char *setting_name(size_t i);                    /* NULL after the last */
const char *setting_value(const char *name, size_t i); /* what it may be; NULL after the last */
/* The command line as far as it is typed: a theme that it names is shown. */
void theme_typed(const struct scene *s, const char *line);
void theme_choose(const struct scene *s, const char *name);

/* words.c: the same for the reader of the configuration; and what it calls a list. */
const struct config_words *command_words(void);
const char *list_name(enum pane_id id);

/* command_do.c: actions on servers. */
const char *act_blocked(const struct scene *s, const struct command *c);
void act_run(const struct scene *s, const struct command *c, const char *text);
/* The finding whose remedy that action on that target is; NULL. */
const struct finding *act_recommended(const struct scene *s, enum action_kind kind,
                                      const char *target);
/* What the action would be about now, from selection or view; NULL: nothing suitable. Sets *why. */
const char *act_target(const struct scene *s, enum action_kind kind, const char **why);
/* The plan for it. A restart of failed tasks that has none to restart becomes one of all tasks:
 * *scope says which. */
const struct action_plan *act_plan(const struct scene *s, enum action_kind kind, const char *target,
                                   enum restart_scope *scope);
/* The row that the eye is on, in a list or in its details, and the list it is of; NULL. */
struct pane_ops;
const struct row_base *act_row(const struct scene *s, const struct pane_ops **ops);
/* Files with this ending hold the config of one connector. */
#define WRITE_CONFIG ".connector.json"
/* The connector that this row is about; NULL. */
const char *act_connector(const struct scene *s);
/* Marked rows stand before the selected one. */
bool act_on_marked(const struct scene *s);
/* Is that a task of DMS: does it reload tables where others take a snapshot? */
bool act_reloads(const struct scene *s, const char *target);
/* The target that row of that pane means for it; NULL: none. */
const char *act_target_of(const struct scene *s, enum action_kind kind, const struct pane_ops *ops,
                          const struct row_base *row);
void act_open(const struct scene *s, enum action_kind kind, const char *target, const char *rest);

#endif
