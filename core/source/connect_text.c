#include "source/connect_text.h"

#include "base/mem.h"
#include "base/strbuf.h"

#include <string.h>
#include <strings.h>

enum { CAUSE_MAX = 1024 };

/* ---- cause ---- */

/* The length of a leading Java class name with a package that is an exception's ("a.b.FooException"
 * before ':' or the end), 0 if there is none; *base is where its own name begins. */
static size_t exception_class(const char *s, size_t n, size_t *base)
{
    size_t len = 0;
    *base = 0;
    for (; len < n; len++) {
        char c = s[len];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '_' || c == '$';
        if (c == '.')
            *base = len + 1;
        else if (!word)
            break;
    }
    if (*base == 0 || *base == len || (len < n && s[len] != ':'))
        return 0;
    return len;
}

static void put_short(struct strbuf *out, const char *s, size_t n)
{
    size_t base;
    size_t len;
    while ((len = exception_class(s, n, &base)) > 0) {
        size_t stop = len;
        while (stop < n && (s[stop] == ':' || s[stop] == ' '))
            stop++;
        strbuf_add(out, s + base, stop - base);
        s += stop;
        n -= stop;
    }
    strbuf_add(out, s, n);
}

static bool is_frame(const char *line)
{
    return line[0] == '\t' || strncmp(line, " at ", 4) == 0 || strncmp(line, "Caused by:", 10) == 0;
}

static void trim_end(struct strbuf *sb)
{
    while (sb->len > 0 && strchr(" \r\t", sb->text[sb->len - 1]) != NULL)
        sb->text[--sb->len] = '\0';
}

char *connect_cause(struct arena *arena, const char *trace)
{
    if (trace == NULL || trace[0] == '\0')
        return NULL;
    const char *found = trace;
    for (const char *line = trace; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, "Caused by:", 10) == 0)
            found = line + 10 + strspn(line + 10, " ");
    }
    struct strbuf sb;
    strbuf_init(&sb, CAUSE_MAX);
    put_short(&sb, found, strcspn(found, "\n"));
    trim_end(&sb);
    /* A message that begins on the next line ("DebeziumException: \nThe …"). */
    const char *next = strchr(found, '\n');
    if (next != NULL && sb.len > 0 && sb.text[sb.len - 1] == ':' && !is_frame(next + 1)) {
        strbuf_putc(&sb, ' ');
        strbuf_add(&sb, next + 1, strcspn(next + 1, "\n"));
        trim_end(&sb);
    }
    char *cause = sb.len > 0 ? arena_strdup(arena, sb.text) : NULL;
    strbuf_free(&sb);
    return cause;
}

/* ---- secrets ---- */

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s);
    size_t m = strlen(end);
    return n >= m && strcasecmp(s + n - m, end) == 0;
}

bool connect_secret_key(const char *key)
{
    static const char *const parts[] = {"password",
                                        "passwd",
                                        "passphrase",
                                        "secret",
                                        "token",
                                        "credential",
                                        "private.key",
                                        "privatekey",
                                        "sasl.jaas.config",
                                        "account.key",
                                        "basic.auth.user.info",
                                        "authorization"};
    static const char *const ends[] = {".key", "_key", "apikey", "api-key", ".pwd"};
    /* Names of classes and of places, which an operator needs and which hold no secret. */
    if (ends_with(key, ".class") || ends_with(key, ".provider"))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (strcasestr(key, parts[i]) != NULL)
            return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        if (ends_with(key, ends[i]))
            return true;
    }
    return false;
}

/* The whole value is "${provider:…}", once or several times. */
static bool is_reference(const char *value)
{
    if (value[0] == '\0')
        return false;
    while (value[0] == '$' && value[1] == '{') {
        size_t n = strcspn(value, "}");
        if (value[n] == '\0' || memchr(value, ':', n) == NULL)
            return false;
        value += n + 1;
    }
    return value[0] == '\0';
}

/* If a URL with user and password begins at s ("://" there): where its password is. */
static bool url_password(const char *s, size_t *start, size_t *end)
{
    size_t token = strcspn(s, " \t\r\n,\"'<>");
    const char *at = memrchr(s, '@', token);
    if (at == NULL)
        return false;
    const char *colon = memchr(s + 3, ':', token - 3);
    if (colon == NULL || colon > at)
        return false;
    *start = (size_t)(colon + 1 - s);
    *end = (size_t)(at - s);
    return *end > *start;
}

/* If "password=" or the like begins at s: where its value is. */
static bool pair_password(const char *s, size_t *start, size_t *end)
{
    static const char *const names[] = {
        "password=",   "passwd=",    "pwd=",    "passphrase=", "secret=",   "token=",
        "accountkey=", "accesskey=", "apikey=", "api_key=",    "secretkey="};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        size_t n = strlen(names[i]);
        if (strncasecmp(s, names[i], n) != 0)
            continue;
        char quote = s[n] == '"' || s[n] == '\'' ? s[n] : '\0';
        *start = n + (quote != '\0');
        char stops[] = {quote, '\0'};
        *end = *start + strcspn(s + *start, quote != '\0' ? stops : " \t\r\n&;,\"')}");
        return *end > *start;
    }
    return false;
}

const char *connect_mask_text(struct arena *arena, const char *text)
{
    struct strbuf sb;
    strbuf_init(&sb, strlen(text) * 2 + sizeof(CONNECT_MASK));
    bool changed = false;
    for (const char *s = text; *s != '\0';) {
        size_t start;
        size_t end;
        bool hit = s[0] == ':' && s[1] == '/' && s[2] == '/' ? url_password(s, &start, &end)
                                                             : pair_password(s, &start, &end);
        if (!hit) {
            strbuf_putc(&sb, *s++);
            continue;
        }
        strbuf_add(&sb, s, start);
        bool reference = s[start] == '$' && s[start + 1] == '{';
        if (reference)
            strbuf_add(&sb, s + start, end - start);
        else
            strbuf_puts(&sb, CONNECT_MASK);
        changed = changed || !reference;
        s += end;
    }
    const char *result = changed ? arena_strdup(arena, sb.text) : text;
    mem_wipe(sb.text, sb.len);
    strbuf_free(&sb);
    return result;
}

const char *connect_mask(struct arena *arena, const char *key, const char *value)
{
    if (value[0] == '\0' || is_reference(value))
        return value;
    if (connect_secret_key(key) || strstr(value, "LoginModule ") != NULL ||
        strstr(value, "PRIVATE KEY-----") != NULL)
        return CONNECT_MASK;
    return connect_mask_text(arena, value);
}
