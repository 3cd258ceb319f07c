/* words.c: what a configuration may name of the front end, for its reader: made from the tables of
 * commands and lists. */
#include "tui/command.h"
#include "tui/keymap.h"
#include "tui/view/pane.h"

enum { COMMANDS_MAX = 160, KEYS_MAX = 48 };

static int key_code(const char *word, size_t n)
{
    int code = keymap_code(word, n);
    return code != K_NONE ? code : -1;
}

static size_t fill_commands(struct config_command *out)
{
    const struct command *c;
    size_t n = 0;
    for (; n < COMMANDS_MAX && (c = command_at(n)) != NULL; n++)
        out[n] = (struct config_command){
            .name = command_name(c),
            .keys = command_default_keys(c),
            .help = command_help(c),
            .changes = c->section == SECTION_ACT && c->run == act_run,
        };
    return n;
}

const char *list_name(enum pane_id id)
{
    static const char *const names[LIST_COUNT] = {
        [PANE_SLOTS] = "slots",           [PANE_TOPICS] = "topics",
        [PANE_CONNECTORS] = "connectors", [PANE_OBJECTS] = "objects",
        [PANE_FINDINGS] = "findings",     [LIST_FLEET] = "pipelines",
        [LIST_GROUPS] = "groups",         [LIST_PARTITIONS] = "partitions",
        [LIST_SNAPSHOTS] = "snapshots",   [LIST_TABLES] = "tables",
        [LIST_HISTORY] = "history",       [LIST_EVENTS] = "events",
        [LIST_OBJECTS] = "files",         [LIST_MESSAGES] = "messages",
        [LIST_CONTENT] = "records",
    };
    return names[id] != NULL ? names[id] : "";
}

/* Those that can be sorted: findings have an order and a form of their own. */
static size_t fill_lists(struct config_list *out)
{
    size_t n = 0;
    for (int id = 0; id < LIST_COUNT; id++) {
        const struct pane_ops *ops = pane_ops((enum pane_id)id);
        if (ops->unsorted != NULL)
            continue;
        out[n].name = list_name((enum pane_id)id);
        for (int i = 0; i < ops->ncolumns && i < CONFIG_LIST_COLUMNS; i++)
            out[n].columns[out[n].ncolumns++] = ops->columns[i].id;
        n++;
    }
    return n;
}

const struct config_words *command_words(void)
{
    static struct config_command commands[COMMANDS_MAX];
    static struct config_list lists[LIST_COUNT];
    static const char *names[KEYS_MAX];
    static struct config_words words;
    if (words.ncommands > 0)
        return &words;
    words = (struct config_words){
        .commands = commands, .lists = lists, .key_code = key_code, .key_names = names};
    words.nlists = fill_lists(lists);
    while (words.nkey_names < KEYS_MAX && keymap_name(words.nkey_names) != NULL) {
        names[words.nkey_names] = keymap_name(words.nkey_names);
        words.nkey_names++;
    }
    words.ncommands = fill_commands(commands);
    return &words;
}
