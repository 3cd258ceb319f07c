/* fields.c: what an option type is: how its text is read into a field, and how the field is written
 * back. One row per type at the end. */
#include "base/mem.h"
#include "base/strbuf.h"
#include "config/mute.h"
#include "config/options.h"
#include "config/secretref.h"
#include "config/values.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct field_type {
    const char *name; /* "a duration": for messages */
    const char *such_as;
    bool (*set)(const struct option *option, void *field, const char *text, const char **why);
    const char *(*print)(char *buf, int64_t n); /* numbers only */
    bool (*read)(const char *text, int64_t *n); /* numbers only */
    const char *(*bad)(const char *text);       /* addresses only */
    bool list, quoted;
};

static const struct field_type field_types[OPTION_TYPE_COUNT];

void *options_field(const struct option *option, void *base)
{
    return (char *)base + option->offset;
}

const void *options_field_const(const struct option *option, const void *base)
{
    return (const char *)base + option->offset;
}

bool options_is_list(const struct option *option)
{
    return field_types[option->type].list;
}

static void replace_string(char **field, const char *text, size_t n)
{
    mem_wipe_free(*field);
    *field = mem_strndup(text, n);
}

static bool set_string(const struct option *option, void *field, const char *text, const char **why)
{
    (void)option;
    for (const char *p = text; *p != '\0'; p++) {
        if (((unsigned char)*p < ' ' && *p != '\t') || *p == 0x7f) {
            *why = "it must not contain control characters or line breaks";
            return false;
        }
    }
    replace_string(field, text, strlen(text));
    return true;
}

static bool set_home_path(const struct option *option, void *field, const char *text,
                          const char **why)
{
    const char *home = getenv("HOME");
    if (strncmp(text, "~/", 2) != 0 || home == NULL || *home == '\0')
        return set_string(option, field, text, why);
    char *path = mem_printf("%s%s", home, text + 1);
    bool ok = set_string(option, field, path, why);
    free(path);
    return ok;
}

static bool set_bool(const struct option *option, void *field, const char *text, const char **why)
{
    (void)option, (void)why;
    return value_bool(text, field);
}

static bool set_enum(const struct option *option, void *field, const char *text, const char **why)
{
    (void)why;
    for (size_t i = 0; option->choices[i] != NULL; i++) {
        if (strcmp(option->choices[i], text) == 0) {
            replace_string(field, text, strlen(text));
            return true;
        }
    }
    return false;
}

static bool set_number(const struct option *option, void *field, const char *text, const char **why)
{
    int64_t n;
    (void)why;
    if (!field_types[option->type].read(text, &n) || n < option->min || n > option->max)
        return false;
    memcpy(field, &n, sizeof(n));
    return true;
}

static bool set_address(const struct option *option, void *field, const char *text,
                        const char **why)
{
    size_t n = strlen(text);
    if (n > 0 && (*why = field_types[option->type].bad(text)) != NULL)
        return false;
    /* A trailing slash means nothing, but would double when a path is appended. */
    while (n > 0 && text[n - 1] == '/')
        n--;
    replace_string(field, text, n);
    return true;
}

static bool list_add(const struct option *option, struct strlist *list, const char *text, size_t n,
                     const char **why)
{
    while (n > 0 && isspace((unsigned char)*text)) {
        text++;
        n--;
    }
    while (n > 0 && (isspace((unsigned char)text[n - 1]) ||
                     (option->type == OPTION_HTTP_URLS && text[n - 1] == '/')))
        n--;
    if (n == 0)
        return true;
    char *item = mem_strndup(text, n);
    const char *(*bad)(const char *) = field_types[option->type].bad;
    char *checked = NULL;
    if (bad != NULL && (*why = bad(item)) != NULL) {
        mem_wipe_free(item);
        return false;
    }
    if (!set_string(option, &checked, item, why)) {
        mem_wipe_free(item);
        return false;
    }
    mem_wipe_free(item);
    list->items = mem_realloc(list->items, (list->count + 1) * sizeof(*list->items));
    list->items[list->count++] = checked;
    return true;
}

static void list_free(struct strlist *list)
{
    for (size_t i = 0; i < list->count; i++)
        mem_wipe_free(list->items[i]);
    free(list->items);
    *list = (struct strlist){0};
}

static bool list_add_all(const struct option *option, struct strlist *list, const char *text,
                         const char **why)
{
    for (const char *p = text;; p++) {
        size_t n = strcspn(p, ",");
        if (!list_add(option, list, p, n, why))
            return false;
        p += n;
        if (*p == '\0')
            return true;
    }
}

static bool set_list(const struct option *option, void *field, const char *text, const char **why)
{
    struct strlist fresh = {0};
    if (!list_add_all(option, &fresh, text, why)) {
        list_free(&fresh);
        return false;
    }
    list_free(field);
    *(struct strlist *)field = fresh;
    return true;
}

bool options_set(const struct option *option, void *base, const char *text, const char **why)
{
    *why = NULL;
    return field_types[option->type].set(option, options_field(option, base), text, why);
}

bool options_append(const struct option *option, void *base, const char *text, const char **why)
{
    *why = NULL;
    return list_add_all(option, options_field(option, base), text, why);
}

void options_clear(const struct option *option, void *base)
{
    if (field_types[option->type].list)
        list_free(options_field(option, base));
}

void options_copy(const struct option *option, const void *from, void *to)
{
    const struct field_type *type = &field_types[option->type];
    const void *src = options_field_const(option, from);
    void *dst = options_field(option, to);
    const char *why;
    if (type->list) {
        const struct strlist *list = src;
        options_clear(option, to);
        for (size_t i = 0; i < list->count; i++)
            (void)list_add(option, dst, list->items[i], strlen(list->items[i]), &why);
    } else if (option->type == OPTION_BOOL) {
        memcpy(dst, src, sizeof(bool));
    } else if (type->print != NULL) {
        memcpy(dst, src, sizeof(int64_t));
    } else {
        const char *text = *(char *const *)src;
        replace_string(dst, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
    }
}

void options_free(bool per_pipeline, void *base)
{
    for (size_t i = 0; i < options_count; i++) {
        const struct option *option = &options[i];
        if (option_sections[option->section].per_pipeline != per_pipeline)
            continue;
        if (field_types[option->type].list)
            options_clear(option, base);
        else if (field_types[option->type].print == NULL && option->type != OPTION_BOOL) {
            char **field = options_field(option, base);
            mem_wipe_free(*field);
            *field = NULL;
        }
    }
}

const char *options_allowed(const struct option *option, char *buf, size_t size)
{
    const struct field_type *type = &field_types[option->type];
    char low[VALUE_SIZE], high[VALUE_SIZE];
    struct strbuf sb;
    strbuf_init(&sb, size - 1);
    if (option->type == OPTION_ENUM) {
        strbuf_puts(&sb, "one of");
        for (size_t i = 0; option->choices[i] != NULL; i++)
            strbuf_printf(&sb, "%s %s", i == 0 ? "" : ",", option->choices[i]);
    } else if (type->print != NULL) {
        strbuf_printf(&sb, "%s from %s to %s", type->name, type->print(low, option->min),
                      type->print(high, option->max));
    } else {
        strbuf_puts(&sb, type->name);
    }
    if (type->such_as != NULL)
        strbuf_printf(&sb, ", such as %s", type->such_as);
    memcpy(buf, sb.text, sb.len + 1);
    strbuf_free(&sb);
    return buf;
}

/* "${" must survive being read again. */
/* With login, references to secrets stay what they are. */
static void quote(struct strbuf *sb, const char *s, bool login)
{
    struct secretref ref;
    strbuf_putc(sb, '"');
    for (; *s != '\0'; s++) {
        if (login && *s == '$' && secretref_next(s, &ref) && ref.at == s) {
            strbuf_add(sb, s, ref.len);
            s += ref.len - 1;
        } else if (*s == '"' || *s == '\\')
            strbuf_printf(sb, "\\%c", *s);
        else if ((unsigned char)*s < ' ' || *s == 0x7f)
            strbuf_printf(sb, "\\u%04X", (unsigned)(unsigned char)*s);
        else if (*s == '$' && s[1] == '{')
            strbuf_puts(sb, "$$");
        else
            strbuf_putc(sb, *s);
    }
    strbuf_putc(sb, '"');
}

void options_quote(struct strbuf *sb, const char *text)
{
    quote(sb, text, false);
}

static void toml_list(struct strbuf *sb, const struct strlist *list)
{
    strbuf_putc(sb, '[');
    for (size_t i = 0; i < list->count; i++) {
        strbuf_puts(sb, i == 0 ? "" : ", ");
        options_quote(sb, list->items[i]);
    }
    strbuf_putc(sb, ']');
}

char *options_toml(const struct option *option, const void *base, bool mask)
{
    const struct field_type *type = &field_types[option->type];
    const void *field = options_field_const(option, base);
    char number[VALUE_SIZE];
    struct strbuf sb;
    strbuf_init(&sb, 256 * 1024);
    if (type->list) {
        const struct strlist *list = field;
        if (list->count > 0)
            toml_list(&sb, list);
    } else if (type->print != NULL) {
        int64_t n;
        memcpy(&n, field, sizeof(n));
        strbuf_printf(&sb, type->quoted ? "\"%s\"" : "%s", type->print(number, n));
    } else if (option->type == OPTION_BOOL) {
        strbuf_puts(&sb, *(const bool *)field ? "true" : "false");
    } else {
        const char *s = *(char *const *)field;
        bool hidden = mask && (option->flags & OPTION_SECRET) && !secretref_whole(s);
        if (s != NULL && *s != '\0')
            quote(&sb, hidden ? "********" : s, (option->flags & OPTION_LOGIN) != 0);
    }
    if (sb.len > 0)
        return strbuf_take(&sb);
    strbuf_free(&sb);
    return NULL;
}

static const char *bad_mute(const char *text)
{
    struct mute mute;
    return mute_parse(text, &mute);
}

/* clang-format off */
static const struct field_type field_types[OPTION_TYPE_COUNT] = {
    [OPTION_STRING] = {.name = "text in one line", .set = set_string},
    [OPTION_PATH] = {.name = "a path", .set = set_home_path},
    [OPTION_THEME] = {.name = "the name of a theme or a path", .set = set_home_path},
    [OPTION_BOOL] = {.name = "true or false", .set = set_bool},
    [OPTION_ENUM] = {.name = "a word", .set = set_enum},
    [OPTION_INTEGER] = {.name = "a whole number",
                        .set = set_number,
                        .print = value_print_integer,
                        .read = value_integer},
    [OPTION_DURATION] = {.name = "a duration",
                         .such_as = "\"500ms\", \"2s\" or \"1h30m\"",
                         .set = set_number,
                         .print = value_print_duration,
                         .read = value_duration,
                         .quoted = true},
    [OPTION_BYTES] = {.name = "a size",
                      .such_as = "\"512 MiB\" or \"10 GB\"",
                      .set = set_number,
                      .print = value_print_bytes,
                      .read = value_bytes,
                      .quoted = true},
    [OPTION_PERCENT] = {.name = "per cent",
                        .such_as = "\"150%\"",
                        .set = set_number,
                        .print = value_print_percent,
                        .read = value_percent,
                        .quoted = true},
    [OPTION_CONNINFO] = {.name = "a PostgreSQL URL or keywords",
                         .such_as = "postgresql://USER@HOST:5432/DATABASE or \"host=HOST "
                                    "dbname=DATABASE\"",
                         .set = set_string},
    [OPTION_S3_URL] = {.name = "a bucket",
                       .such_as = "s3://BUCKET or s3://BUCKET/PREFIX",
                       .set = set_address,
                       .bad = value_bad_s3_url},
    [OPTION_HTTP_URL] = {.name = "a URL",
                         .such_as = "https://HOST:9000",
                         .set = set_address,
                         .bad = value_bad_http_url},
    [OPTION_LIST] = {.name = "a list of patterns",
                     .such_as = "[\"orders-*\", \"!*-test\"]",
                     .set = set_list,
                     .list = true},
    [OPTION_HTTP_URLS] = {.name = "a list of URLs",
                          .such_as = "[\"http://HOST:8083\"]",
                          .set = set_list,
                          .bad = value_bad_http_url,
                          .list = true},
    [OPTION_HOST_PORTS] = {.name = "a list of HOST:PORT",
                           .such_as = "[\"kafka-1:9092\", \"kafka-2:9092\"]",
                           .set = set_list,
                           .bad = value_bad_host_port,
                           .list = true},
    [OPTION_MUTES] = {.name = "a list of mutes",
                      .such_as = "[\"P21 until 2027-01-31: REASON\"]",
                      .set = set_list,
                      .bad = bad_mute,
                      .list = true},
    [OPTION_JOINS] = {.name = "a list of CONNECTOR=VALUE",
                      .such_as = "[\"shop-s3=connect-shop-s3\"]",
                      .set = set_list,
                      .bad = value_bad_join,
                      .list = true},
};
/* clang-format on */
static_assert(OPTION_TYPE_COUNT == 17, "a new option type needs a row here");
