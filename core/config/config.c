/* config.c: the way of a configuration: search, parse, apply, merge, check. */
#include "config/config.h"

#include "base/hash.h"
#include "base/mem.h"
#include "config/conninfo.h"
#include "config/load.h"
#include "config/secretref.h"

#include <stdlib.h>
#include <string.h>

void config_free(struct config *config)
{
    if (config == NULL)
        return;
    for (size_t i = 0; i < config->npipelines; i++)
        options_free(true, &config->pipelines[i]);
    free(config->pipelines);
    options_free(false, config);
    key_bindings_free(&config->keys);
    free(config->path);
    free(config);
}

static struct config *new_config(const char *path)
{
    struct config *config = mem_alloc(sizeof(*config));
    config->path = mem_strdup(path);
    options_defaults(false, config);
    return config;
}

/* False when it is not even TOML. */
static bool read_text(struct loader *loader, const char *text, size_t n)
{
    struct toml_error error;
    struct toml_node *root = toml_parse_text(text, n, &error);
    if (root == NULL) {
        problems_add(
            loader->problems, loader->file,
            &(struct problem){.line = error.line, .column = error.column, .what = error.text});
        return false;
    }
    apply_document(loader, root);
    toml_free(root);
    return true;
}

static struct config *finish(struct loader *loader)
{
    check_settled(loader);
    problems_sort(loader->problems);
    free(loader->origins);
    free(loader->dir);
    if (loader->problems->errors == 0)
        return loader->config;
    config_free(loader->config);
    return NULL;
}

static char *directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return mem_strdup(".");
    return mem_strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

struct config *config_load(const struct config_flags *flags, struct config_problems *problems)
{
    char *path = NULL, *text = NULL;
    size_t n = 0;
    struct loader loader = {.problems = problems};
    *problems = (struct config_problems){0};
    bool found = true;
    if (flags->no_file && flags->config_path == NULL)
        path = mem_strdup("");
    else
        found = search_config(flags->config_path, problems, &path, &text, &n, &loader.others_read);
    loader.config = new_config(path);
    loader.config->words = flags->words;
    if (found && text != NULL) {
        loader.config->text_hash = config_text_hash(text, n);
        loader.file = path;
        loader.dir = directory_of(path);
        found = read_text(&loader, text, n);
        mem_wipe(text, n);
    }
    free(text);
    /* Without the file nothing is known about its pipelines: one mistake, said once. */
    if (found) {
        merge_flags(&loader, flags);
        merge_environment(&loader);
    }
    struct config *config = finish(&loader);
    free(path);
    return config;
}

struct config *config_of_text(const char *text, size_t n, const struct config_flags *flags,
                              struct config_problems *problems)
{
    struct loader loader = {.problems = problems, .inert = true};
    *problems = (struct config_problems){0};
    loader.config = new_config("");
    loader.config->words = flags->words;
    if (read_text(&loader, text, n))
        merge_flags(&loader, flags);
    return finish(&loader);
}

uint64_t config_text_hash(const char *text, size_t n)
{
    return hash_not_0(hash_more(HASH_START, text, n));
}

static struct config *load_text(const struct config_words *words, const char *text, size_t n,
                                bool inert, struct config_problems *problems)
{
    struct loader loader = {.problems = problems, .file = "text", .inert = inert};
    *problems = (struct config_problems){0};
    loader.config = new_config("");
    loader.config->words = words;
    (void)read_text(&loader, text, n);
    return finish(&loader);
}

struct config *config_load_text(const char *text, size_t n, bool inert,
                                struct config_problems *problems)
{
    return load_text(NULL, text, n, inert, problems);
}

struct config *config_load_text_with(const struct config_words *words, const char *text, size_t n,
                                     struct config_problems *problems)
{
    return load_text(words, text, n, true, problems);
}

bool config_has_postgres(const struct pipeline_config *pipeline)
{
    return *pipeline->postgres.conninfo != '\0';
}

bool config_has_kafka(const struct pipeline_config *pipeline)
{
    return pipeline->kafka.bootstrap_servers.count > 0;
}

bool config_has_connect(const struct pipeline_config *pipeline)
{
    return pipeline->connect.urls.count > 0;
}

bool config_has_s3(const struct pipeline_config *pipeline)
{
    return *pipeline->s3.url != '\0';
}

static bool has_secret(const struct pipeline_config *pipeline)
{
    struct secretref ref;
    for (size_t i = 0; i < options_count; i++) {
        if ((options[i].flags & OPTION_LOGIN) == 0)
            continue;
        const char *text = *(char *const *)options_field_const(&options[i], pipeline);
        if (text != NULL && secretref_next(text, &ref))
            return true;
    }
    return false;
}

bool config_has_aws(const struct pipeline_config *pipeline)
{
    return has_secret(pipeline) || *pipeline->msk.cluster != '\0' ||
           pipeline->mskconnect.connectors.count > 0 || pipeline->dms.tasks.count > 0 ||
           *pipeline->rds.instance != '\0' ||
           strcmp(pipeline->kafka.sasl_mechanism, "AWS_MSK_IAM") == 0 ||
           strcmp(pipeline->postgres.login, "rds-iam") == 0;
}

void config_scrub_argv(int argc, char **argv)
{
    static const char *const flags[] = {"--pg", "--connect"};
    for (int i = 1; i < argc; i++) {
        for (size_t k = 0; k < ARRAY_LEN(flags); k++) {
            size_t n = strlen(flags[k]);
            if (strcmp(argv[i], flags[k]) == 0 && i + 1 < argc) {
                conninfo_mask(argv[++i]);
                break;
            }
            if (strncmp(argv[i], flags[k], n) == 0 && argv[i][n] == '=') {
                conninfo_mask(argv[i] + n + 1);
                break;
            }
        }
    }
}
