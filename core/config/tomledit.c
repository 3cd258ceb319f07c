#include "config/tomledit.h"

#include "base/mem.h"
#include "base/strbuf.h"
#include "config/toml.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_MAX_BYTES = 1024, TEXT_MAX = TOML_MAX_BYTES + 64 * 1024 };

/* A key with its value as they stand in the text, or a header. Offsets in bytes. */
struct item {
    bool header, array;           /* "[a.b]"; "[[a]]" */
    char path[PATH_MAX_BYTES];    /* of a header: its own; of a key: behind that of its table */
    size_t value, value_end, end; /* end: behind its last line, the line break included */
};

struct scan {
    const char *text;
    size_t n, at;
};

static char peek(const struct scan *s, size_t ahead)
{
    return s->at + ahead < s->n ? s->text[s->at + ahead] : '\0';
}

static void skip_blanks(struct scan *s)
{
    while (peek(s, 0) == ' ' || peek(s, 0) == '\t')
        s->at++;
}

static void skip_line(struct scan *s)
{
    while (s->at < s->n && s->text[s->at] != '\n')
        s->at++;
    s->at += s->at < s->n;
}

/* Behind the string that begins here: "…", '…' and the long forms of both. */
static void skip_string(struct scan *s)
{
    char quote = peek(s, 0);
    bool longer = peek(s, 1) == quote && peek(s, 2) == quote;
    s->at += longer ? 3 : 1;
    while (s->at < s->n) {
        char c = peek(s, 0);
        if (c == '\\' && quote == '"') {
            s->at += 2;
        } else if (longer && c == quote && peek(s, 1) == quote && peek(s, 2) == quote) {
            s->at += 3;
            while (peek(s, 0) == quote) /* up to two quotes may stand before the end */
                s->at++;
            return;
        } else {
            s->at++;
            if (!longer && (c == quote || c == '\n'))
                return;
        }
    }
}

/* "a . 'b.c'" as a.b.c; a part that holds a dot or a quote cannot be ours: it becomes "?". */
static void read_path(struct scan *s, char *path, const char *ends)
{
    size_t used = 0;
    path[0] = '\0';
    while (s->at < s->n && strchr(ends, peek(s, 0)) == NULL && peek(s, 0) != '\n') {
        char c = peek(s, 0);
        size_t from = s->at;
        size_t len = 1;
        const char *piece = &s->text[from];
        bool odd = false;
        if (c == '"' || c == '\'') {
            skip_string(s);
            piece++;
            len = s->at > from + 2 ? s->at - from - 2 : 0;
            for (size_t i = 0; i < len; i++)
                odd = odd || strchr(".\"'\\", piece[i]) != NULL;
            odd = odd || len == 0;
        } else {
            s->at++;
            if (c == ' ' || c == '\t')
                continue;
        }
        if (odd) {
            piece = "?";
            len = 1;
        }
        if (used + len + 1 < PATH_MAX_BYTES) {
            memcpy(path + used, piece, len);
            used += len;
            path[used] = '\0';
        }
    }
}

/* Behind the value that begins here: brackets are balanced, strings and comments in them skipped.
 */
static void skip_value(struct scan *s)
{
    int depth = 0;
    while (s->at < s->n) {
        char c = peek(s, 0);
        if (c == '"' || c == '\'') {
            skip_string(s);
            continue;
        }
        if (depth == 0 && (c == '\n' || c == '#'))
            return;
        if (c == '#') {
            skip_line(s);
            continue;
        }
        depth += (c == '[' || c == '{') - (c == ']' || c == '}');
        s->at++;
    }
}

/* The next header or key; false at the end. */
static bool next_item(struct scan *s, struct item *it)
{
    memset(it, 0, sizeof(*it));
    for (;;) {
        skip_blanks(s);
        if (s->at >= s->n)
            return false;
        if (peek(s, 0) != '#' && peek(s, 0) != '\n' && peek(s, 0) != '\r')
            break;
        skip_line(s);
    }
    if (peek(s, 0) == '[') {
        it->header = true;
        it->array = peek(s, 1) == '[';
        s->at += it->array ? 2 : 1;
        read_path(s, it->path, "]");
        skip_line(s);
        it->end = s->at;
        return true;
    }
    read_path(s, it->path, "=");
    s->at += peek(s, 0) == '=';
    skip_blanks(s);
    it->value = s->at;
    skip_value(s);
    it->value_end = s->at;
    while (it->value_end > it->value && isspace((unsigned char)s->text[it->value_end - 1]))
        it->value_end--;
    skip_line(s);
    it->end = s->at;
    return true;
}

/* Where the change goes. */
struct place {
    size_t from, to;             /* these bytes are replaced */
    char before[PATH_MAX_BYTES]; /* the key as it has to be written; "": the value alone */
    bool own_line, new_section;
};

static bool begins(const char *path, const char *head)
{
    size_t n = strlen(head);
    return strncmp(path, head, n) == 0 && path[n] == '.';
}

/* table: where the item stands; "" at the top. */
static void full_path(char *out, const char *table, const char *path)
{
    (void)snprintf(out, PATH_MAX_BYTES, "%.*s%s%.*s", PATH_MAX_BYTES / 2 - 2, table,
                   table[0] != '\0' ? "." : "", PATH_MAX_BYTES / 2 - 2, path);
}

static bool find_place(const char *text, size_t n, const struct toml_change *c, struct place *place,
                       struct err *err)
{
    struct scan s = {text, n, n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0};
    struct item it;
    char table[PATH_MAX_BYTES] = "";
    char want[PATH_MAX_BYTES];
    bool in_array = false;
    bool found = false;
    full_path(want, c->section, c->key);
    *place = (struct place){.from = n, .to = n, .own_line = true, .new_section = true};
    (void)snprintf(place->before, sizeof(place->before), "%s", c->key);
    while (next_item(&s, &it)) {
        char full[PATH_MAX_BYTES];
        if (it.header) {
            in_array = it.array;
            (void)snprintf(table, sizeof(table), "%s", it.path);
        }
        bool here = !in_array && strcmp(table, c->section) == 0;
        if (it.header && here) { /* the end of its section: behind its last key */
            *place = (struct place){.from = it.end, .to = it.end, .own_line = true};
            (void)snprintf(place->before, sizeof(place->before), "%s", c->key);
            found = true;
        }
        if (it.header || in_array)
            continue;
        full_path(full, table, it.path);
        if (strcmp(full, want) == 0) {
            *place = (struct place){.from = it.value, .to = it.value_end};
            return true;
        }
        if (strcmp(full, c->section) == 0 || begins(want, full))
            return err_set(err, ERR_CONFIG, 0,
                           "[%s] is written as an inline table there: put %s = %s into it by hand",
                           c->section, c->key, c->value);
        if (here) {
            place->from = place->to = it.end;
        } else if (!found && begins(full, c->section) &&
                   (table[0] == '\0' || begins(c->section, table))) {
            /* "ui.theme = …": a section of dotted keys has no header, and may have none. */
            const char *rest = c->section + (table[0] != '\0' ? strlen(table) + 1 : 0);
            *place = (struct place){.from = it.end, .to = it.end, .own_line = true};
            full_path(place->before, rest, c->key);
        }
    }
    return true;
}

static bool uses_crlf(const char *text, size_t n)
{
    const char *lf = memchr(text, '\n', n);
    return lf != NULL && lf > text && lf[-1] == '\r';
}

static char *apply(const char *text, size_t n, const struct toml_change *c,
                   const struct place *place)
{
    const char *eol = uses_crlf(text, n) ? "\r\n" : "\n";
    struct strbuf sb;
    strbuf_init(&sb, TEXT_MAX);
    strbuf_add(&sb, text, place->from);
    if (place->own_line && place->from > 0 && text[place->from - 1] != '\n')
        strbuf_puts(&sb, eol);
    if (place->new_section)
        strbuf_printf(&sb, "%s[%s]%s", place->from > 0 ? eol : "", c->section, eol);
    if (place->own_line)
        strbuf_printf(&sb, "%s = %s%s", place->before, c->value, eol);
    else
        strbuf_puts(&sb, c->value);
    strbuf_add(&sb, text + place->to, n - place->to);
    return strbuf_take(&sb);
}

/* ---- is it what was asked for? --------------------------------------------------------------- */

static bool same(const struct toml_node *old, const struct toml_node *fresh, const char *except);

/* The first part of the path is that key. */
static bool on_path(const char *path, const char *key)
{
    size_t n = path != NULL ? strcspn(path, ".") : 0;
    return path != NULL && strlen(key) == n && strncmp(key, path, n) == 0;
}

static bool same_table(const struct toml_node *old, const struct toml_node *fresh,
                       const char *except)
{
    for (size_t i = 0; i < old->count; i++) {
        const struct toml_node *x = &old->items[i];
        const struct toml_node *y = toml_get(fresh, x->key);
        bool on = on_path(except, x->key);
        const char *rest = on && except != NULL ? strchr(except, '.') : NULL;
        if (on && rest == NULL)
            continue; /* the value itself */
        if (y == NULL || !same(x, y, rest != NULL ? rest + 1 : NULL))
            return false;
    }
    for (size_t i = 0; i < fresh->count; i++) {
        const char *key = fresh->items[i].key;
        if (toml_get(old, key) == NULL && !on_path(except, key))
            return false;
    }
    return true;
}

/* But for what lies on the path. */
static bool same(const struct toml_node *a, const struct toml_node *b, const char *except)
{
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case TOML_TABLE: return same_table(a, b, except);
    case TOML_ARRAY:
        for (size_t i = 0; i < a->count && a->count == b->count; i++)
            if (!same(&a->items[i], &b->items[i], NULL))
                return false;
        return a->count == b->count;
    case TOML_STRING: return strcmp(a->string, b->string) == 0;
    case TOML_INTEGER: return a->integer == b->integer;
    case TOML_FLOAT: return !(a->real < b->real) && !(a->real > b->real); /* nan is itself */
    case TOML_BOOLEAN: return a->boolean == b->boolean;
    default: return true; /* times are not looked into */
    }
}

static const struct toml_node *at_path(const struct toml_node *root, const char *path)
{
    while (root != NULL && root->kind == TOML_TABLE && *path != '\0') {
        size_t n = strcspn(path, ".");
        char *key = mem_strndup(path, n);
        root = toml_get(root, key);
        free(key);
        path += n + (path[n] == '.');
    }
    return *path == '\0' ? root : NULL;
}

static bool is_what_was_asked(const struct toml_node *old, const struct toml_node *fresh,
                              const struct toml_change *c)
{
    char path[PATH_MAX_BYTES];
    char *line = mem_printf("x = %s", c->value);
    struct toml_error error;
    struct toml_node *value = toml_parse_text(line, strlen(line), &error);
    full_path(path, c->section, c->key);
    const struct toml_node *got = at_path(fresh, path);
    bool ok = value != NULL && got != NULL && same(toml_get(value, "x"), got, NULL) &&
              same(old, fresh, path);
    toml_free(value);
    free(line);
    return ok;
}

char *tomledit_set(const char *text, size_t n, const struct toml_change *change, struct err *err)
{
    struct toml_error error;
    struct place place;
    char *out = NULL;
    struct toml_node *old = toml_parse_text(text, n, &error);
    if (old != NULL && memchr(text, '\0', n) != NULL) {
        toml_free(old);
        old = NULL;
        error = (struct toml_error){.line = 1, .text = "it holds a NUL character"};
    }
    if (old == NULL) {
        err_set(err, ERR_CONFIG, 0, "line %d: %s", error.line, error.text);
        return NULL;
    }
    if (find_place(text, n, change, &place, err)) {
        out = apply(text, n, change, &place);
        struct toml_node *fresh = toml_parse_text(out, strlen(out), &error);
        if (fresh == NULL || !is_what_was_asked(old, fresh, change)) {
            err_set(err, ERR_CONFIG, 0, "%s.%s cannot be written into it safely: do it by hand",
                    change->section, change->key);
            mem_wipe_free(out);
            out = NULL;
        }
        toml_free(fresh);
    }
    toml_free(old);
    return out;
}
