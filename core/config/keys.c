/* keys.c: [keys] of a configuration: which keys a command has, in the words of the defaults; and
 * the columns that a list may be told of. */
#include "base/mem.h"
#include "base/strbuf.h"
#include "config/load.h"
#include "config/values.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME = 96, TEXT = 320, NAMES_MAX = 256 };

static const char spelling[] =
    "characters and names with blanks between, such as \"R F5\": Enter, Tab, Space, PgDn, F1 to "
    "F12, Ctrl-A to Ctrl-Z; \"\" for no key";

/* What no command may be bound to, and whose it is. A default of that very command may stay. */
static const struct {
    const char *word, *why;
} kept[] = {
    {"Ctrl-S",  "Ctrl-S stops a terminal's output"       },
    {"Ctrl-Q",  "Ctrl-Q lets a terminal's output go on"  },
    {"Ctrl-Z",  "Ctrl-Z belongs to the shell"            },
    {"Ctrl-\\", "Ctrl-\\ ends programs"                  },
    {"Ctrl-C",  "Ctrl-C is the way out that always works"},
    {"Ctrl-A",  "Ctrl-A belongs to screen"               },
    {"Ctrl-B",  "Ctrl-B belongs to tmux"                 },
};

const char *key_bindings_find(const struct key_bindings *b, const char *command)
{
    for (size_t i = 0; i < b->count; i++)
        if (strcmp(b->items[i].command, command) == 0)
            return b->items[i].keys;
    return NULL;
}

void key_bindings_free(struct key_bindings *b)
{
    for (size_t i = 0; i < b->count; i++) {
        free(b->items[i].command);
        free(b->items[i].keys);
    }
    free(b->items);
    *b = (struct key_bindings){0};
}

static const struct config_command *find_command(const struct config_words *words, const char *name)
{
    for (size_t i = 0; i < words->ncommands; i++)
        if (strcmp(words->commands[i].name, name) == 0)
            return &words->commands[i];
    return NULL;
}

static void complain(const struct loader *loader, const struct toml_node *node, const char *found,
                     const char *what, const char *allowed, const char *nearest)
{
    char key[NAME + 8];
    char quoted[NAME];
    (void)snprintf(key, sizeof(key), "keys.%.*s", NAME, node->key);
    (void)snprintf(quoted, sizeof(quoted), "\"%.*s\"", NAME - 3, found != NULL ? found : "");
    problems_add(loader->problems, loader->file,
                 &(struct problem){.line = node->line,
                                   .column = node->column,
                                   .key = key,
                                   .found = found != NULL ? quoted : NULL,
                                   .allowed = allowed,
                                   .nearest = nearest,
                                   .what = what});
}

/* Is it one of the blank-separated words? By code: "Ctrl-M" is Enter. */
static bool has_key(const struct config_words *words, const char *list, int code)
{
    while (*list != '\0') {
        size_t n = strcspn(list, " ");
        if (n > 0 && words->key_code(list, n) == code)
            return true;
        list += n;
        list += strspn(list, " ");
    }
    return false;
}

/* Upper case, F keys and Ctrl: what is not pressed by a slip. */
static bool may_change(const char *word)
{
    return isupper((unsigned char)word[0]) && (word[1] == '\0' || strncmp(word, "Ctrl-", 5) == 0 ||
                                               (word[0] == 'F' && isdigit((unsigned char)word[1])));
}

static bool check_word(const struct loader *loader, const struct config_command *command,
                       const struct toml_node *node, const char *word)
{
    const struct config_words *words = loader->config->words;
    int code = words->key_code(word, strlen(word));
    if (strncmp(word, "Alt-", 4) == 0 || strncmp(word, "Meta-", 5) == 0) {
        complain(loader, node, word, "Alt is Esc and a letter on many lines", spelling, NULL);
        return false;
    }
    for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
        bool same = strcmp(word, kept[i].word) == 0;
        if (same && (code < 0 || !has_key(words, command->keys, code))) {
            complain(loader, node, word, kept[i].why, NULL, NULL);
            return false;
        }
    }
    if (code < 0) {
        complain(loader, node, word, "there is no such key", spelling,
                 value_nearest(word, words->key_names, words->nkey_names));
        return false;
    }
    if (command->changes && !may_change(word)) {
        complain(loader, node, word, "lower case never changes a server",
                 "an upper-case letter, an F key or one with Ctrl", NULL);
        return false;
    }
    return true;
}

static bool check_words(const struct loader *loader, const struct config_command *command,
                        const struct toml_node *node)
{
    char *copy = mem_strdup(node->string);
    char *save = NULL;
    bool ok = true;
    for (char *w = strtok_r(copy, " \t", &save); w != NULL; w = strtok_r(NULL, " \t", &save))
        ok = check_word(loader, command, node, w) && ok;
    free(copy);
    return ok;
}

static const char *keys_of(const struct config *config, const struct config_command *command)
{
    const char *bound = key_bindings_find(&config->keys, command->name);
    return bound != NULL ? bound : command->keys;
}

/* The first key of `command` that another command has as well; not where both have it by default:
 * the place decides there. */
static void check_conflicts(const struct loader *loader, const struct config_command *command,
                            const struct toml_node *node)
{
    const struct config_words *words = loader->config->words;
    const char *p = node->string;
    while (*p != '\0') {
        size_t n = strcspn(p, " \t");
        int code = n > 0 ? words->key_code(p, n) : -1;
        for (size_t i = 0; code >= 0 && i < words->ncommands; i++) {
            const struct config_command *other = &words->commands[i];
            bool by_default =
                has_key(words, command->keys, code) && has_key(words, other->keys, code);
            if (other == command || by_default ||
                !has_key(words, keys_of(loader->config, other), code))
                continue;
            char what[TEXT];
            char word[NAME];
            (void)snprintf(word, sizeof(word), "%.*s", (int)n, p);
            (void)snprintf(what, sizeof(what),
                           "%s is a key of %s as well: give one of the two another, or \"\"", word,
                           other->name);
            complain(loader, node, word, what, NULL, NULL);
        }
        p += n;
        p += strspn(p, " \t");
    }
}

static void unknown_command(const struct loader *loader, const struct toml_node *node)
{
    const struct config_words *words = loader->config->words;
    const char *names[NAMES_MAX];
    size_t n = 0;
    for (; n < words->ncommands && n < NAMES_MAX; n++)
        names[n] = words->commands[n].name;
    complain(loader, node, NULL, "there is no such command", NULL,
             value_nearest(node->key, names, n));
}

static void bind_one(const struct loader *loader, const struct toml_node *node)
{
    struct key_bindings *b = &loader->config->keys;
    b->items = mem_realloc(b->items, (b->count + 1) * sizeof(*b->items));
    b->items[b->count++] = (struct key_binding){mem_strdup(node->key), mem_strdup(node->string)};
}

void apply_keys(const struct loader *loader, const struct toml_node *table)
{
    const struct config_words *words = loader->config->words;
    for (size_t i = 0; i < table->count; i++) {
        const struct toml_node *node = &table->items[i];
        const struct config_command *command =
            words != NULL ? find_command(words, node->key) : NULL;
        if (node->kind != TOML_STRING)
            complain(loader, node, NULL, "this is of the wrong type", spelling, NULL);
        else if (words != NULL && command == NULL)
            unknown_command(loader, node);
        else if (words == NULL || check_words(loader, command, node))
            bind_one(loader, node);
    }
    for (size_t i = 0; words != NULL && i < table->count; i++) {
        const struct toml_node *node = &table->items[i];
        const struct config_command *command = find_command(words, node->key);
        if (command != NULL && key_bindings_find(&loader->config->keys, command->name) != NULL)
            check_conflicts(loader, command, node);
    }
}

/* ---- printing -------------------------------------------------------------------------------- */

static void put_key(struct strbuf *sb, const char *key)
{
    bool bare = *key != '\0';
    for (const char *p = key; *p != '\0'; p++)
        bare = bare && (isalnum((unsigned char)*p) || *p == '-' || *p == '_');
    if (bare)
        strbuf_puts(sb, key);
    else
        options_quote(sb, key);
}

static void put_binding(struct strbuf *sb, const char *command, const char *keys, const char *help)
{
    put_key(sb, command);
    strbuf_puts(sb, " = ");
    options_quote(sb, keys);
    if (help != NULL)
        strbuf_printf(sb, " # %s", help);
    strbuf_putc(sb, '\n');
}

void keys_print(struct strbuf *sb, const struct config *config)
{
    const struct config_words *words = config->words;
    if (words == NULL && config->keys.count == 0)
        return;
    strbuf_puts(sb,
                "\n# Keys, by command (`:` takes the same names): characters and names with blanks "
                "between, \"\" for none.\n# What changes a server has upper case, F keys or Ctrl: "
                "lower case never does. Not to be bound: Ctrl-S,\n# Ctrl-Q, Ctrl-Z, Ctrl-\\, "
                "Ctrl-A, Ctrl-B, Ctrl-C and Alt.\n[keys]\n");
    for (size_t i = 0; words != NULL && i < words->ncommands; i++)
        put_binding(sb, words->commands[i].name, keys_of(config, &words->commands[i]),
                    words->commands[i].help);
    for (size_t i = 0; words == NULL && i < config->keys.count; i++)
        put_binding(sb, config->keys.items[i].command, config->keys.items[i].keys, NULL);
}

/* ---- columns --------------------------------------------------------------------------------- */

static const struct config_list *find_list(const struct config_words *words, const char *name)
{
    for (size_t i = 0; i < words->nlists; i++)
        if (strcmp(words->lists[i].name, name) == 0)
            return &words->lists[i];
    return NULL;
}

static void check_column(const struct loader *loader, const struct config_list *list,
                         const struct option *option, const struct toml_node *node,
                         const char *word)
{
    char key[NAME];
    char found[NAME];
    for (size_t i = 0; i < list->ncolumns; i++)
        if (strcmp(list->columns[i], word) == 0)
            return;
    struct strbuf allowed;
    strbuf_init(&allowed, TEXT);
    for (size_t i = 0; i < list->ncolumns; i++)
        strbuf_printf(&allowed, "%s%s", i > 0 ? ", " : "one of ", list->columns[i]);
    (void)snprintf(found, sizeof(found), "\"%.*s\"", NAME - 3, word);
    problems_add(loader->problems, loader->file,
                 &(struct problem){.line = node->line,
                                   .column = node->column,
                                   .key = problems_key(option, key, sizeof(key)),
                                   .found = found,
                                   .allowed = allowed.text,
                                   .nearest = value_nearest(word, list->columns, list->ncolumns),
                                   .what = "there is no such column"});
    strbuf_free(&allowed);
}

void apply_columns(const struct loader *loader, const struct option *option,
                   const struct toml_node *node)
{
    const struct config_words *words = loader->config->words;
    const struct config_list *list = words != NULL ? find_list(words, option->key) : NULL;
    if (list == NULL)
        return;
    if (options_is_list(option)) {
        const struct strlist *ids = options_field_const(option, loader->config);
        for (size_t i = 0; i < ids->count; i++)
            check_column(loader, list, option, node, ids->items[i]);
        return;
    }
    const char *text = *(char *const *)options_field_const(option, loader->config);
    char word[NAME];
    size_t n = strcspn(text, " ");
    (void)snprintf(word, sizeof(word), "%.*s", (int)n, text);
    if (word[0] != '\0')
        check_column(loader, list, option, node, word);
    if (text[n] != '\0' && strcmp(text + n, " reversed") != 0) {
        char key[NAME];
        problems_add(loader->problems, loader->file,
                     &(struct problem){.line = node->line,
                                       .column = node->column,
                                       .key = problems_key(option, key, sizeof(key)),
                                       .allowed = "a column, or \"COLUMN reversed\"",
                                       .what = "this is not an order"});
    }
}
