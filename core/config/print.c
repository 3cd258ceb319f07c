/* print.c: a configuration as the commented file that would bring it about. */
#include "config/print.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "base/utf8.h"
#include "config/conninfo.h"
#include "config/load.h"
#include "config/secretref.h"

#include <stdlib.h>
#include <string.h>

enum print_mode { PRINT_PLAIN, PRINT_MASKED, PRINT_DRAFT };
enum { PRINT_WIDTH = 98, PRINT_MAX = 8 * 1024 * 1024 };

static const char preamble[] =
    "# Configuration of cdctop. The first of these files that exists is read, and no other:\n"
    "#   --config FILE, $CDCTOP_CONFIG, $XDG_CONFIG_HOME/cdctop/config.toml (which is\n"
    "#   ~/.config/cdctop/config.toml), /etc/cdctop/config.toml\n"
    "# `cdctop --print-config` prints what is in force. Flags win over the file, the file wins "
    "over\n"
    "# the environment. Relative paths start at the directory of the file; ~/ is the home "
    "directory.\n"
    "#\n"
    "# Any value may come from elsewhere: \"${env:NAME}\", \"${file:PATH}\" (without its last line "
    "break),\n"
    "# \"${cmd:PROGRAM ARGUMENTS}\" (no shell; 10 seconds); a login also from AWS Secrets Manager, "
    "when it\n"
    "# is needed: \"${secret:NAME#key}\", the member `key` of the JSON text that the secret NAME "
    "(or "
    "ARN)\n"
    "# holds, \"${secret:NAME}\", all of it. A plain ${ is written $${. Secrets had better: one "
    "that "
    "is\n"
    "# written out in a file that others can read is warned about.\n";

/* Words of `text` behind "# ", broken at PRINT_WIDTH. */
static void comment(struct strbuf *sb, const char *text)
{
    int column = 1;
    strbuf_putc(sb, '#');
    while (*text != '\0') {
        size_t n = strcspn(text, " ");
        char word[200];
        (void)utf8_clean(word, sizeof(word) < n + 1 ? sizeof(word) : n + 1, text, false);
        int width = utf8_width(word);
        if (column + 1 + width > PRINT_WIDTH) {
            strbuf_puts(sb, "\n#");
            column = 1;
        }
        strbuf_putc(sb, ' ');
        strbuf_puts(sb, word);
        column += 1 + width;
        text += n;
        text += strspn(text, " ");
    }
    strbuf_putc(sb, '\n');
}

/* "From 500ms to 1h, default 2s." */
static void facts(struct strbuf *sb, const struct option *option)
{
    char allowed[256];
    const char *rest = options_allowed(option, allowed, sizeof(allowed));
    bool has_default = *option->default_value != '\0';
    bool is_number = option->type == OPTION_DURATION || option->type == OPTION_BYTES ||
                     option->type == OPTION_PERCENT || option->type == OPTION_INTEGER;
    if (is_number) {
        char *such_as = strstr(allowed, ", such as");
        if (such_as != NULL)
            *such_as = '\0';
        rest = strstr(allowed, " from ") != NULL ? strstr(allowed, " from ") + 1 : allowed;
    }
    if (is_number || option->type == OPTION_ENUM || option->type == OPTION_BOOL)
        strbuf_printf(sb, " (%s%s%s)", rest, has_default ? "; default " : "",
                      has_default ? option->default_value : "");
    else if (has_default)
        strbuf_printf(sb, " (default %s)", option->default_value);
}

static void print_help(struct strbuf *sb, const struct option *option)
{
    struct strbuf text;
    if (option->help == NULL)
        return;
    strbuf_init(&text, 2048);
    strbuf_puts(&text, option->help);
    facts(&text, option);
    comment(sb, text.text);
    strbuf_free(&text);
}

/* A list example is written with commas in the table. */
static char *example_toml(const struct option *option)
{
    struct pipeline_config pipeline = {0};
    struct config config = {0};
    void *base = option_sections[option->section].per_pipeline ? (void *)&pipeline : &config;
    const char *why;
    char *toml = NULL;
    if (strncmp(option->example, "${", 2) == 0)
        return mem_printf("\"%s\"", option->example);
    if (options_is_list(option)) {
        if (options_set(option, base, option->example, &why))
            toml = options_toml(option, base, false);
        options_clear(option, base);
        return toml != NULL ? toml : mem_strdup("[]");
    }
    return mem_printf("\"%s\"", option->example);
}

/* "${env:NAME}" or "${secret:NAME#key}", and nothing else that a configuration would act upon. */
static bool is_reference(const char *value)
{
    size_t n;
    if (secretref_whole(value))
        return true;
    if (value == NULL || strncmp(value, "${env:", 6) != 0)
        return false;
    n = strspn(value + 6, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    return n > 0 && strcmp(value + 6 + n, "}") == 0;
}

/* The field as text; NULL for lists and figures. */
static const char *text_of(const struct option *option, const void *base)
{
    return option->type == OPTION_STRING ? *(char *const *)options_field_const(option, base) : NULL;
}

static char *draft_toml(const struct option *option, const void *base)
{
    const char *text = text_of(option, base);
    if (is_reference(text))
        return mem_printf("\"%s\"", text);
    return (option->flags & OPTION_SECRET) ? NULL : options_toml(option, base, true);
}

static void print_example(struct strbuf *sb, const struct option *option, enum print_mode mode)
{
    char *example = example_toml(option);
    /* Passwords of the lab are no example for a configuration of somebody else. */
    if (mode != PRINT_PLAIN && (option->flags & OPTION_SECRET) && strstr(example, "${") == NULL)
        strbuf_printf(sb, "#%s = \"${env:NAME}\"\n", option->key);
    else
        strbuf_printf(sb, "#%s = %s\n", option->key, example);
    free(example);
}

static void print_option(struct strbuf *sb, const struct option *option, const void *base,
                         enum print_mode mode)
{
    char *toml = mode == PRINT_DRAFT ? draft_toml(option, base)
                                     : options_toml(option, base, mode == PRINT_MASKED);
    print_help(sb, option);
    if (toml == NULL && option->example != NULL) {
        if (mode == PRINT_DRAFT && (option->flags & OPTION_LIVE))
            strbuf_puts(sb, "# Not found: write it here if it is needed, in place of this "
                            "example.\n");
        print_example(sb, option, mode);
    } else {
        strbuf_printf(sb, "%s = %s\n", option->key, toml != NULL ? toml : "\"\"");
    }
    mem_wipe_free(toml);
}

static void print_section(struct strbuf *sb, enum option_section section, const void *base,
                          enum print_mode mode)
{
    const struct option_section_info *info = &option_sections[section];
    strbuf_putc(sb, '\n');
    comment(sb, info->title);
    strbuf_printf(sb, section == SECTION_PIPELINE ? "[[%s]]\n" : "[%s]\n", info->name);
    for (size_t i = 0; i < options_count; i++) {
        if (options[i].section == section)
            print_option(sb, &options[i], base, mode);
    }
}

/* `heading`: lines; NULL: none */
static char *print_all(const struct config *config, enum print_mode mode, const char *heading)
{
    struct strbuf sb;
    strbuf_init(&sb, PRINT_MAX);
    while (heading != NULL && *heading != '\0') {
        size_t n = strcspn(heading, "\n");
        char *line = mem_strndup(heading, n);
        comment(&sb, line);
        free(line);
        heading += n;
        heading += *heading == '\n';
    }
    strbuf_puts(&sb, preamble);
    for (size_t s = 0; s < SECTION_COUNT; s++) {
        if (!option_sections[s].per_pipeline)
            print_section(&sb, (enum option_section)s, config, mode);
    }
    keys_print(&sb, config);
    for (size_t i = 0; i < config->npipelines; i++) {
        for (size_t s = 0; s < SECTION_COUNT; s++) {
            if (option_sections[s].per_pipeline)
                print_section(&sb, (enum option_section)s, &config->pipelines[i], mode);
        }
    }
    return strbuf_take(&sb);
}

/* The pipeline of the example, with nothing set that its rows do not say. */
static void fill_example(struct pipeline_config *pipeline)
{
    const char *why;
    options_defaults(true, pipeline);
    for (size_t i = 0; i < options_count; i++) {
        if ((options[i].flags & OPTION_LIVE) &&
            !options_set(&options[i], pipeline, options[i].example, &why))
            mem_fatal("an example of the option table does not read");
    }
}

char *config_example(const struct config_words *words)
{
    struct pipeline_config pipeline = {0};
    struct config config = {.pipelines = &pipeline, .npipelines = 1, .words = words};
    options_defaults(false, &config);
    fill_example(&pipeline);
    char *text = print_all(&config, PRINT_PLAIN, NULL);
    options_free(true, &pipeline);
    options_free(false, &config);
    return text;
}

char *config_draft(const struct config *config, const char *heading)
{
    return print_all(config, PRINT_DRAFT, heading);
}

/* Nothing is configured: what could be written. */
static char *print_without_pipelines(const struct config *config)
{
    struct pipeline_config pipeline = {0};
    struct config copy = *config;
    copy.pipelines = &pipeline;
    copy.npipelines = 1;
    fill_example(&pipeline);
    char *text = print_all(&copy, PRINT_PLAIN, NULL);
    options_free(true, &pipeline);
    return text;
}

char *config_print(const struct config *config)
{
    if (config->npipelines == 0 && *config->path == '\0')
        return print_without_pipelines(config);
    /* Passwords were split off; what else is secret inside an address is masked in a copy. */
    struct config copy = *config;
    copy.pipelines = mem_calloc(config->npipelines, sizeof(*copy.pipelines));
    for (size_t i = 0; i < config->npipelines; i++) {
        copy.pipelines[i] = config->pipelines[i];
        copy.pipelines[i].postgres.conninfo = mem_strdup(config->pipelines[i].postgres.conninfo);
        if (!secretref_whole(copy.pipelines[i].postgres.conninfo))
            conninfo_mask(copy.pipelines[i].postgres.conninfo);
    }
    char *text = print_all(&copy, PRINT_MASKED, NULL);
    for (size_t i = 0; i < config->npipelines; i++)
        mem_wipe_free(copy.pipelines[i].postgres.conninfo);
    free(copy.pipelines);
    return text;
}
