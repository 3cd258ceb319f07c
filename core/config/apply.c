/* apply.c: the tree of a file into the configuration, by the option table. Never stops at a
 * mistake: all of them are wanted at once. */
#include "base/mem.h"
#include "base/utf8.h"
#include "config/conninfo.h"
#include "config/expand.h"
#include "config/load.h"
#include "config/values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FOUND_SIZE = 160, KEY_SIZE = 200 };

static const char *const kind_names[TOML_KIND_COUNT] = {
    [TOML_TABLE] = "a table",       [TOML_ARRAY] = "a list",
    [TOML_STRING] = "text",         [TOML_INTEGER] = "a whole number",
    [TOML_FLOAT] = "a fraction",    [TOML_BOOLEAN] = "true or false",
    [TOML_TIME] = "a date or time",
};

/* What stands there, as far as it may be shown: never a secret, nor what may hold one. */
static const char *found_text(const struct option *option, const struct toml_node *node, char *buf)
{
    char clean[80];
    bool hidden = option == NULL || (option->flags & OPTION_SECRET) != 0 ||
                  option->type == OPTION_CONNINFO || option->type == OPTION_HTTP_URLS ||
                  option->type == OPTION_HTTP_URL ||
                  (node->kind == TOML_STRING && strchr(node->string, '@') != NULL);
    if (hidden && node->kind != TOML_TABLE && node->kind != TOML_ARRAY)
        (void)snprintf(buf, FOUND_SIZE, "%s (not shown)", kind_names[node->kind]);
    else if (node->kind == TOML_STRING)
        (void)snprintf(buf, FOUND_SIZE, "\"%s\"",
                       utf8_clean(clean, sizeof(clean), node->string, false));
    else if (node->kind == TOML_INTEGER)
        (void)snprintf(buf, FOUND_SIZE, "%lld", (long long)node->integer);
    else if (node->kind == TOML_FLOAT)
        (void)snprintf(buf, FOUND_SIZE, "%g", node->real);
    else if (node->kind == TOML_BOOLEAN)
        (void)snprintf(buf, FOUND_SIZE, "%s", node->boolean ? "true" : "false");
    else
        (void)snprintf(buf, FOUND_SIZE, "%s", kind_names[node->kind]);
    return buf;
}

static void bad_value(const struct loader *loader, const struct option *option,
                      const struct toml_node *node, const char *what, bool say_allowed)
{
    char key[KEY_SIZE], found[FOUND_SIZE], allowed[256];
    const char *nearest = NULL;
    if (option->type == OPTION_ENUM && node->kind == TOML_STRING) {
        size_t count = 0;
        while (option->choices[count] != NULL)
            count++;
        nearest = value_nearest(node->string, option->choices, count);
    }
    problems_add(
        loader->problems, loader->file,
        &(struct problem){
            .line = node->line,
            .column = node->column,
            .key = problems_key(option, key, sizeof(key)),
            .found = found_text(option, node, found),
            .allowed = say_allowed ? options_allowed(option, allowed, sizeof(allowed)) : NULL,
            .nearest = nearest,
            .what = what,
        });
}

static enum expand_quoting quoting_for(const struct option *option, const char *text)
{
    if (option->type == OPTION_HTTP_URLS || option->type == OPTION_HTTP_URL)
        return EXPAND_URL;
    if (option->type != OPTION_CONNINFO)
        return EXPAND_PLAIN;
    return conninfo_is_url(text) ? EXPAND_URL : EXPAND_CONNINFO;
}

/* The text of a scalar after ${…}; NULL after a problem. malloc'd. */
static char *scalar_text(const struct loader *loader, const struct option *option,
                         const struct toml_node *node, bool *expanded)
{
    bool percent_or_bytes = option->type == OPTION_PERCENT || option->type == OPTION_BYTES;
    *expanded = false;
    if (node->kind == TOML_INTEGER && (option->type == OPTION_INTEGER || percent_or_bytes))
        return mem_printf("%lld", (long long)node->integer);
    if (node->kind == TOML_BOOLEAN && option->type == OPTION_BOOL)
        return mem_strdup(node->boolean ? "true" : "false");
    if (node->kind != TOML_STRING) {
        bad_value(loader, option, node, "this is of the wrong type", true);
        return NULL;
    }
    struct expand ctx = {
        .dir = loader->dir,
        .inert = loader->inert,
        .login = (option->flags & OPTION_LOGIN) != 0,
        .quoting = quoting_for(option, node->string),
        .cmd_timeout_ms = EXPAND_CMD_MS,
    };
    char *text = expand_text(&ctx, node->string);
    *expanded = ctx.expanded;
    if (text == NULL)
        bad_value(loader, option, node, ctx.why, false);
    if (text != NULL && !ctx.expanded &&
        (option->type == OPTION_BOOL || option->type == OPTION_INTEGER)) {
        bad_value(loader, option, node, "this is of the wrong type (leave the quotes away)", true);
        mem_wipe_free(text);
        return NULL;
    }
    if (text != NULL && (option->type == OPTION_PATH ||
                         (option->type == OPTION_THEME && strchr(text, '/') != NULL))) {
        char *path = expand_path(loader->dir, text);
        free(text);
        text = path;
    }
    return text;
}

static bool set_scalar(const struct loader *loader, const struct option *option,
                       const struct toml_node *node, void *base, bool append, bool *expanded)
{
    const char *why = NULL;
    char *text = scalar_text(loader, option, node, expanded);
    if (text == NULL)
        return false;
    bool ok =
        append ? options_append(option, base, text, &why) : options_set(option, base, text, &why);
    if (!ok)
        bad_value(loader, option, node, why != NULL ? why : "this is not a value for it", true);
    mem_wipe_free(text);
    return ok;
}

static void set_option(const struct loader *loader, const struct option *option,
                       const struct toml_node *node, void *base, struct origin *origin)
{
    bool expanded = false, any_literal = false, ok = true;
    if (node->kind == TOML_ARRAY && options_is_list(option)) {
        options_clear(option, base);
        for (size_t i = 0; i < node->count; i++) {
            ok &= set_scalar(loader, option, &node->items[i], base, true, &expanded);
            any_literal |= !expanded;
        }
    } else {
        ok = set_scalar(loader, option, node, base, false, &expanded);
        any_literal = !expanded;
    }
    if (origin != NULL) {
        size_t i = (size_t)(option - options);
        origin->at[i].line = node->line;
        origin->at[i].column = node->column;
        origin->at[i].literal = any_literal;
        origin->broken[option->section] |= !ok;
    }
}

/* The nearest key of this section or table below it; else a table, else a key of elsewhere, which
 * stands in the wrong place. */
static const char *nearest_key(enum option_section section, const char *word, char *buf,
                               size_t size)
{
    const char *names[OPTIONS_MAX + SECTION_COUNT + 1];
    size_t count = 0;
    const char *own = section < SECTION_COUNT ? option_sections[section].name : "";
    for (size_t i = 0; i < options_count; i++) {
        if (options[i].section == section)
            names[count++] = options[i].key;
    }
    size_t own_len = strlen(own);
    if (own_len == 0)
        names[count++] = "keys";
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        const char *name = option_sections[i].name;
        if (own_len == 0 && strchr(name, '.') == NULL)
            names[count++] = name;
        if (own_len > 0 && strncmp(name, own, own_len) == 0 && name[own_len] == '.')
            names[count++] = name + own_len + 1;
    }
    const char *near = value_nearest(word, names, count);
    if (near != NULL)
        return near;
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        const char *dot = strchr(option_sections[i].name, '.');
        if (dot != NULL && strcmp(dot + 1, word) == 0)
            return option_sections[i].name;
    }
    const char *keys[OPTIONS_MAX];
    for (size_t i = 0; i < options_count; i++)
        keys[i] = options[i].key;
    near = value_nearest(word, keys, options_count);
    for (size_t i = 0; i < options_count && near != NULL; i++) {
        if (strcmp(options[i].key, near) == 0)
            return problems_key(&options[i], buf, size);
    }
    return NULL;
}

static void unknown_key(const struct loader *loader, enum option_section section,
                        const struct toml_node *node)
{
    char key[KEY_SIZE], near[KEY_SIZE];
    const char *own = section < SECTION_COUNT ? option_sections[section].name : "";
    (void)snprintf(key, sizeof(key), "%s%s%s", own, *own != '\0' ? "." : "", node->key);
    const char *what = node->kind == TOML_TABLE ? "there is no such table" : "there is no such key";
    problems_add(loader->problems, loader->file,
                 &(struct problem){.line = node->key_line,
                                   .column = node->key_column,
                                   .key = key,
                                   .nearest = nearest_key(section, node->key, near, sizeof(near)),
                                   .what = what});
}

static void wrong_shape(const struct loader *loader, const struct toml_node *node, const char *name,
                        const char *allowed)
{
    problems_add(loader->problems, loader->file,
                 &(struct problem){.line = node->key_line,
                                   .column = node->key_column,
                                   .key = name,
                                   .found = kind_names[node->kind],
                                   .allowed = allowed,
                                   .what = "this is of the wrong type"});
}

/* "postgres" below "pipeline": the section, or SECTION_COUNT. */
static enum option_section find_section(const char *parent, const char *key)
{
    char name[64];
    (void)snprintf(name, sizeof(name), "%s%s%.40s", parent, *parent != '\0' ? "." : "", key);
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        if (strcmp(option_sections[i].name, name) == 0)
            return (enum option_section)i;
    }
    return SECTION_COUNT;
}

static void apply_section(const struct loader *loader, enum option_section section,
                          const struct toml_node *table, void *base, struct origin *origin)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct toml_node *node = &table->items[i];
        const struct option *option = options_find(section, node->key);
        enum option_section below = find_section(option_sections[section].name, node->key);
        if (option != NULL && (section == SECTION_SORT || section == SECTION_COLUMNS)) {
            set_option(loader, option, node, base, origin);
            apply_columns(loader, option, node);
        } else if (option != NULL)
            set_option(loader, option, node, base, origin);
        else if (below != SECTION_COUNT && node->kind == TOML_TABLE)
            apply_section(loader, below, node, base, origin);
        else if (below != SECTION_COUNT)
            wrong_shape(loader, node, option_sections[below].name, "a table");
        else
            unknown_key(loader, section, node);
        if (origin != NULL && option == NULL &&
            (below == SECTION_COUNT || node->kind != TOML_TABLE))
            origin->broken[section] = true;
    }
}

struct pipeline_config *apply_new_pipeline(struct loader *loader, int line, int column)
{
    struct config *config = loader->config;
    size_t n = config->npipelines + 1;
    config->pipelines = mem_realloc(config->pipelines, n * sizeof(*config->pipelines));
    loader->origins = mem_realloc(loader->origins, n * sizeof(*loader->origins));
    struct pipeline_config *pipeline = &config->pipelines[n - 1];
    memset(pipeline, 0, sizeof(*pipeline));
    memset(&loader->origins[n - 1], 0, sizeof(*loader->origins));
    loader->origins[n - 1].line = line;
    loader->origins[n - 1].column = column;
    options_defaults(true, pipeline);
    config->npipelines = n;
    return pipeline;
}

static void apply_pipelines(struct loader *loader, const struct toml_node *node)
{
    enum { PIPELINES_MAX = 200 };
    static const char *const shape =
        "[[pipeline]] with double brackets, once before the tables of each pipeline";
    if (node->kind != TOML_ARRAY) {
        wrong_shape(loader, node, "pipeline", shape);
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        const struct toml_node *item = &node->items[i];
        if (item->kind != TOML_TABLE || i >= PIPELINES_MAX) {
            wrong_shape(loader, item, "pipeline",
                        i >= PIPELINES_MAX ? "at most 200 pipelines" : shape);
            return;
        }
        struct pipeline_config *pipeline = apply_new_pipeline(loader, item->line, item->column);
        apply_section(loader, SECTION_PIPELINE, item, pipeline,
                      &loader->origins[loader->config->npipelines - 1]);
    }
}

void apply_document(struct loader *loader, const struct toml_node *root)
{
    for (size_t i = 0; i < root->count; i++) {
        const struct toml_node *node = &root->items[i];
        enum option_section section = find_section("", node->key);
        if (section == SECTION_PIPELINE)
            apply_pipelines(loader, node);
        else if (strcmp(node->key, "keys") == 0 && node->kind == TOML_TABLE)
            apply_keys(loader, node);
        else if (strcmp(node->key, "keys") == 0)
            wrong_shape(loader, node, "keys", "a table");
        else if (section == SECTION_COUNT)
            unknown_key(loader, SECTION_COUNT, node);
        else if (node->kind == TOML_TABLE)
            apply_section(loader, section, node, loader->config, NULL);
        else
            wrong_shape(loader, node, option_sections[section].name, "a table");
    }
}
