/* load.h: what the files of this directory share while a configuration comes about. Nobody outside
 * core/config and its tests includes it.
 */
#ifndef CDCTOP_CONFIG_LOAD_H
#define CDCTOP_CONFIG_LOAD_H

#include "config/config.h"
#include "config/options.h"
#include "config/toml.h"

#include <stdbool.h>
#include <stddef.h>

/* Where the value of each option of one pipeline stands (line 0: not in a file). */
struct origin {
    int line, column; /* of the [[pipeline]] itself */
    struct {
        int line, column;
        bool literal; /* written out, not ${…} */
    } at[OPTIONS_MAX];
    /* Something in it did not read: what is missing there is no mistake of its own. */
    bool broken[SECTION_COUNT];
};

struct loader {
    struct config *config;
    struct config_problems *problems;
    struct origin *origins; /* one per pipeline, in step with config->pipelines */
    const char *file;       /* for messages; NULL: no file */
    char *dir;              /* relative paths in the file start here */
    bool others_read;       /* group or others may read the file */
    bool inert;             /* untrusted text: no files, no commands */
};

/* A problem before it is a sentence; everything borrowed, everything optional but `what`. */
struct problem {
    bool warning;
    int line, column;
    const char *key, *found, *allowed, *nearest;
    const char *what;
};

/* problems.c: composes the sentence and keeps it. Beyond 200 the errors are only counted. */
void problems_add(struct config_problems *problems, const char *file, const struct problem *draft);
/* At the option's value, else at its pipeline, else nowhere. */
void problems_option(const struct loader *loader, const struct origin *origin,
                     const struct option *option, bool warning, const char *what);
void problems_sort(struct config_problems *problems); /* as they stand in the file */
const char *problems_key(const struct option *option, char *buf, size_t size);

/* search.c: the text of the file to use. *path is "" when there is none and none was demanded.
 * False when one cannot be read (a problem is added). Both malloc'd; *text NULL without a file. */
bool search_config(const char *wanted, struct config_problems *problems, char **path, char **text,
                   size_t *n, bool *others_read);

/* apply.c: the tree into loader->config; problems for all that is wrong. */
void apply_document(struct loader *loader, const struct toml_node *root);
struct pipeline_config *apply_new_pipeline(struct loader *loader, int line, int column);

uint64_t config_text_hash(const char *text, size_t n); /* never 0 */

/* keys.c: [keys]; the columns that an option of a list names; what of it is printed. */
void apply_keys(const struct loader *loader, const struct toml_node *table);
void apply_columns(const struct loader *loader, const struct option *option,
                   const struct toml_node *node);
void key_bindings_free(struct key_bindings *bindings);
struct strbuf;
void keys_print(struct strbuf *sb, const struct config *config);

/* merge.c: command line, then environment. */
void merge_flags(struct loader *loader, const struct config_flags *flags);
void merge_environment(struct loader *loader);

/* check.c: what only shows when everything is together: secrets split off and judged, pairs that
 * contradict each other, names. */
void check_settled(struct loader *loader);

/* config.c: a document in memory instead of a file: for tests and fuzzing. `inert` refuses
 * ${file:…} and ${cmd:…}. No search, no environment. */
struct config *config_load_text(const char *text, size_t n, bool inert,
                                struct config_problems *problems);
struct config *config_load_text_with(const struct config_words *words, const char *text, size_t n,
                                     struct config_problems *problems);

#endif
