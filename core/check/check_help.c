/* What checks of several files ask, and how names get into the texts that people copy. */
#include "base/mem.h"
#include "check/checks.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NAMES_MAX = 8, NAMES_BYTES = 4000, ALL_NAMES_BYTES = 1024 * 1024 };

static bool plain_ident(const char *name)
{
    /* The words of SQL that tables are really called. */
    static const char *const reserved[] = {
        "all",    "analyze", "any",    "array",  "as",      "asc",     "both",
        "case",   "check",   "column", "create", "desc",    "default", "do",
        "else",   "end",     "false",  "for",    "foreign", "from",    "grant",
        "group",  "having",  "in",     "into",   "limit",   "not",     "null",
        "offset", "on",      "only",   "or",     "order",   "primary", "references",
        "select", "some",    "table",  "then",   "to",      "true",    "union",
        "unique", "user",    "using",  "when",   "where",   "window",  "with"};
    if (strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(name) || name[0] == '\0' ||
        (name[0] >= '0' && name[0] <= '9'))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(reserved); i++) {
        if (strcmp(name, reserved[i]) == 0)
            return false;
    }
    return true;
}

/* `text` between two of `quote`, with `escape` before each quote in it. */
static const char *quoted(struct check_run *run, const char *text, char quote, const char *escape)
{
    struct strbuf sb;
    strbuf_init(&sb, NAMES_BYTES);
    strbuf_putc(&sb, quote);
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == quote)
            strbuf_puts(&sb, escape);
        strbuf_putc(&sb, *p);
    }
    strbuf_putc(&sb, quote);
    const char *copy = arena_strdup(run->arena, sb.text);
    strbuf_free(&sb);
    return copy;
}

const char *check_ident(struct check_run *run, const char *name)
{
    return plain_ident(name) ? name : quoted(run, name, '"', "\"");
}

const char *check_table(struct check_run *run, const char *schema, const char *name)
{
    return arena_printf(run->arena, "%s.%s", check_ident(run, schema), check_ident(run, name));
}

const char *check_dotted(struct check_run *run, const char *dotted)
{
    const char *dot = strchr(dotted, '.');
    if (dot == NULL)
        return check_ident(run, dotted);
    return check_table(run, arena_strndup(run->arena, dotted, (size_t)(dot - dotted)), dot + 1);
}

const char *check_word(struct check_run *run, const char *text)
{
    size_t plain =
        strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/:,=@");
    return text[0] != '\0' && text[plain] == '\0' ? text : quoted(run, text, '\'', "'\\'");
}

const char *check_string(struct check_run *run, const char *text)
{
    struct strbuf sb;
    strbuf_init(&sb, NAMES_BYTES);
    strbuf_putc(&sb, '"');
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '"' || *p == '\\')
            strbuf_printf(&sb, "\\%c", *p);
        else if ((unsigned char)*p < ' ')
            strbuf_printf(&sb, "\\u%04x", (unsigned)(unsigned char)*p);
        else
            strbuf_putc(&sb, *p);
    }
    strbuf_putc(&sb, '"');
    const char *copy = arena_strdup(run->arena, sb.text);
    strbuf_free(&sb);
    return copy;
}

void check_names_init(struct check_names *names)
{
    strbuf_init(&names->few, NAMES_BYTES);
    strbuf_init(&names->many, ALL_NAMES_BYTES);
    names->count = 0;
}

void check_names_add(struct check_names *names, const char *name)
{
    const char *comma = names->count > 0 ? ", " : "";
    if (names->count++ < NAMES_MAX)
        strbuf_printf(&names->few, "%s%.200s", comma, name);
    strbuf_printf(&names->many, "%s%s", comma, name);
}

const char *check_names_end(struct check_names *names, struct check_run *run)
{
    if (names->count > NAMES_MAX)
        strbuf_printf(&names->few, " and %zu more", names->count - NAMES_MAX);
    const char *copy = arena_strdup(run->arena, names->few.text);
    names->all = arena_strdup(run->arena, names->many.text);
    strbuf_free(&names->few);
    strbuf_free(&names->many);
    return copy;
}

/* ---- the world ------------------------------------------------------------------------------- */

const struct connector_row *check_next_pg_source(const struct check_run *run, size_t *at)
{
    while (*at < run->p->nconnectors) {
        const struct connector_row *c = &run->p->connectors[(*at)++];
        if (c->facts->role == CONNECTOR_SOURCE_POSTGRES)
            return c;
    }
    return NULL;
}

const struct connector_row *check_next_sink(const struct check_run *run, size_t *at)
{
    while (*at < run->p->nconnectors) {
        const struct connector_row *c = &run->p->connectors[(*at)++];
        if (c->facts->sink)
            return c;
    }
    return NULL;
}

const char *check_config(const struct connector_row *c, const char *key)
{
    const char *value = kv_find(c->connector->config, c->connector->nconfig, key);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

bool check_is_rds(const struct pg_snap *pg)
{
    return kv_find(pg->settings, pg->nsettings, "rds.logical_replication") != NULL;
}

const struct pg_publication *check_publication(const struct pg_snap *pg, const char *name)
{
    for (size_t i = 0; name != NULL && i < pg->npublications; i++) {
        if (strcmp(pg->publications[i].name, name) == 0)
            return &pg->publications[i];
    }
    return NULL;
}

bool check_published(const struct pg_snap *pg, const struct pg_publication *pub, const char *schema,
                     const char *table)
{
    if (pub->all_tables)
        return true;
    for (size_t i = 0; i < pg->ntables; i++) {
        const struct pg_table *t = &pg->tables[i];
        if (strcmp(t->publication, pub->name) == 0 && strcmp(t->schema, schema) == 0 &&
            strcmp(t->name, table) == 0)
            return true;
    }
    return false;
}

const struct pg_grant *check_grant(const struct pg_snap *pg, const struct connector_facts *f,
                                   const char *dotted)
{
    for (size_t i = 0; f->db_user != NULL && dotted != NULL && i < pg->ngrants; i++) {
        const struct pg_grant *g = &pg->grants[i];
        size_t n = strlen(g->schema);
        bool publication = g->publication == NULL || f->publication_name == NULL ||
                           strcmp(g->publication, f->publication_name) == 0;
        if (publication && strcmp(g->role, f->db_user) == 0 && strncmp(dotted, g->schema, n) == 0 &&
            dotted[n] == '.' && strcmp(dotted + n + 1, g->table) == 0)
            return g;
    }
    return NULL;
}

static bool is_loopback(const char *host, size_t n)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "::1", "[::1]"};
    if (n == 0 || host[0] == '/') /* a socket */
        return true;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (strlen(names[i]) == n && strncasecmp(host, names[i], n) == 0)
            return true;
    }
    return n > 4 && strncmp(host, "127.", 4) == 0;
}

bool check_is_local(const char *address)
{
    const char *host = strstr(address, "://");
    host = host != NULL ? host + 3 : address;
    const char *at = strchr(host, '@');
    host = at != NULL ? at + 1 : host;
    if (host[0] == '[')
        return is_loopback(host, strcspn(host, "]") + 1);
    bool bare6 = strchr(host, ':') != strrchr(host, ':');
    return is_loopback(host, bare6 ? strlen(host) : strcspn(host, ":/"));
}
