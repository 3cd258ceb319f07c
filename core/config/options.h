/* options.h: THE option table: every key of the configuration file, once.
 *
 * Parsing, ranges, defaults, `--print-config` and config.example.toml all come from it. To add an
 * option: a field in config.h, a row here.
 */
#ifndef CDCTOP_CONFIG_OPTIONS_H
#define CDCTOP_CONFIG_OPTIONS_H

#include "config/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_section {
    SECTION_UI,
    SECTION_SORT,
    SECTION_COLUMNS,
    SECTION_ACTIONS,
    SECTION_LOG,
    SECTION_PIPELINE,
    SECTION_POSTGRES,
    SECTION_KAFKA,
    SECTION_CONNECT,
    SECTION_S3,
    SECTION_AWS,
    SECTION_MSK,
    SECTION_MSKCONNECT,
    SECTION_DMS,
    SECTION_RDS,
    SECTION_CLOUDWATCH,
    SECTION_LOGS,
    SECTION_THRESHOLDS,
    SECTION_JOIN,
    SECTION_FINDINGS,
    SECTION_COUNT
};

struct option_section_info {
    const char *name;  /* "pipeline.kafka": as in the file and in messages */
    const char *title; /* for the comment above it */
    bool per_pipeline; /* its offsets are into struct pipeline_config, else struct config */
};

extern const struct option_section_info option_sections[SECTION_COUNT];

enum option_type {
    OPTION_STRING,
    OPTION_PATH,  /* ~/ and, in a file, relative to that file's directory */
    OPTION_THEME, /* a name, or a path when it has a slash */
    OPTION_BOOL,
    OPTION_ENUM,
    OPTION_INTEGER,
    OPTION_DURATION, /* int64_t milliseconds */
    OPTION_BYTES,    /* int64_t */
    OPTION_PERCENT,  /* int64_t */
    OPTION_CONNINFO, /* libpq keyword string or URL */
    OPTION_S3_URL,
    OPTION_HTTP_URL,
    OPTION_LIST, /* struct strlist of names */
    OPTION_HTTP_URLS,
    OPTION_HOST_PORTS,
    OPTION_MUTES, /* struct strlist, each as mute_parse reads it */
    OPTION_JOINS, /* struct strlist, each "connector=value" */
    OPTION_TYPE_COUNT
};

enum { OPTIONS_MAX = 200 }; /* rows in the table at most */
enum {
    OPTION_SECRET = 1,
    OPTION_LIVE = 2,   /* its example is in force in config.example.toml */
    OPTION_CHOICE = 4, /* how somebody likes it: `:save` writes it */
    OPTION_LOGIN = 8,  /* ${secret:…} may stand in it */
};

struct option {
    enum option_section section;
    const char *key;
    enum option_type type;
    size_t offset;
    int64_t min, max;          /* of the number types, in their unit; 0, 0: any from 0 */
    const char *default_value; /* as written in a file */
    const char *example;       /* what to write when there is no default; NULL: none needed */
    const char *help;          /* one or two sentences; NULL: as the row before */
    unsigned flags;
    const char *const *choices; /* OPTION_ENUM: NULL-terminated */
};

extern const struct option options[];
extern const size_t options_count;

const struct option *options_find(enum option_section section, const char *key);

/* Sets the field of `base` (struct config or struct pipeline_config) from text. Lists are replaced
 * by the text split at commas. False leaves the field as it was and *why says what is wrong (a
 * static string, possibly NULL when options_allowed says it all). */
bool options_set(const struct option *option, void *base, const char *text, const char **why);
/* Appends to a list option. */
bool options_append(const struct option *option, void *base, const char *text, const char **why);
/* The field of one into the same field of another. */
void options_copy(const struct option *option, const void *from, void *to);
void options_clear(const struct option *option, void *base); /* empties a list */
void options_defaults(bool per_pipeline, void *base);
void options_free(bool per_pipeline, void *base); /* frees the fields, wipes secrets */

bool options_is_list(const struct option *option);

/* "a duration from 500ms to 1h, such as "2s"": what may stand there. Returns buf. */
const char *options_allowed(const struct option *option, char *buf, size_t size);

/* The field as TOML ("2s" quoted, lists in brackets), or NULL when it is empty. malloc'd. */
char *options_toml(const struct option *option, const void *base, bool mask);

/* Text in double quotes, as TOML has it. */
struct strbuf;
void options_quote(struct strbuf *sb, const char *text);

void *options_field(const struct option *option, void *base);
const void *options_field_const(const struct option *option, const void *base);

#endif
