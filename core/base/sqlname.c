#include "base/sqlname.h"

#include <stdio.h>
#include <string.h>

/* One part of a dotted name into out; returns what follows it, NULL if it is not one. */
static const char *name_part(const char *p, char *out, size_t size)
{
    size_t n = 0;
    bool quoted = *p == '"';
    p += quoted;
    while (*p != '\0' && (quoted || *p != '.')) {
        if (quoted && *p == '"') {
            if (p[1] != '"')
                break;
            p++;
        }
        if (n + 1 >= size)
            return NULL;
        out[n++] = *p++;
    }
    out[n] = '\0';
    if (quoted && *p++ != '"')
        return NULL;
    return n > 0 && (*p == '\0' || *p == '.') ? p : NULL;
}

bool sqlname_parse(const char *text, struct sqlname *name, struct err *err)
{
    char parts[3][SQLNAME_PART];
    int n = 0;
    const char *p = text;
    do {
        p = name_part(n == 0 ? p : p + 1, parts[n], sizeof(parts[n]));
        n++;
    } while (p != NULL && *p == '.' && n < 3);
    if (p == NULL || *p != '\0' || n < 2)
        return err_set(err, ERR_CONFIG, 0, "\"%.100s\" is not a table name like schema.table",
                       text);
    (void)snprintf(name->schema, sizeof(name->schema), "%s", parts[n - 2]);
    (void)snprintf(name->table, sizeof(name->table), "%s", parts[n - 1]);
    return true;
}

static void put_doubled(struct strbuf *sb, const char *text, const char *doubled)
{
    for (; *text != '\0'; text++) {
        if (strchr(doubled, *text) != NULL)
            strbuf_putc(sb, *text);
        strbuf_putc(sb, *text);
    }
}

void sqlname_identifier(struct strbuf *sb, const char *name)
{
    strbuf_putc(sb, '"');
    put_doubled(sb, name, "\"");
    strbuf_putc(sb, '"');
}

void sqlname_plain(struct strbuf *sb, const char *name)
{
    static const char first[] = "abcdefghijklmnopqrstuvwxyz_";
    static const char later[] = "abcdefghijklmnopqrstuvwxyz_0123456789";
    bool plain =
        name[0] != '\0' && strchr(first, name[0]) != NULL && name[strspn(name, later)] == '\0';
    if (plain)
        strbuf_puts(sb, name);
    else
        sqlname_identifier(sb, name);
}

void sqlname_literal(struct strbuf *sb, const char *text)
{
    bool backslash = strchr(text, '\\') != NULL;
    strbuf_puts(sb, backslash ? "E'" : "'");
    put_doubled(sb, text, backslash ? "'\\" : "'");
    strbuf_putc(sb, '\'');
}
