#include "base/secrets.h"

#include "base/mem.h"
#include "base/strbuf.h"

#include <string.h>
#include <strings.h>

enum { CUT_SLACK = 4096 };

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s);
    size_t m = strlen(end);
    return n >= m && strcasecmp(s + n - m, end) == 0;
}

bool secrets_key(const char *key)
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
                                        "authorization",
                                        "license"};
    static const char *const ends[] = {".key", "_key", "apikey", "api-key",
                                       ".pwd", "_pwd", ".pass",  "_pass"};
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

/* If a URL with user and password begins at s ("://" there): where its password is. A comma, quotes
 * and the like may be part of it: it ends at the last @ before a blank or the next URL. */
static bool url_password(const char *s, size_t *start, size_t *end)
{
    const char *next = strstr(s + 3, "://");
    size_t token = strcspn(s, " \t\r\n\"<>");
    if (next != NULL && (size_t)(next - s) < token)
        token = (size_t)(next - s);
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

/* jdbc:oracle:thin:USER/PASSWORD@…: s is at "thin:". */
static bool thin_password(const char *s, size_t *start, size_t *end)
{
    const char *at = memrchr(s, '@', strcspn(s, " \t\r\n\"<>"));
    const char *slash = at != NULL ? memchr(s, '/', (size_t)(at - s)) : NULL;
    if (slash == NULL)
        return false;
    *start = (size_t)(slash + 1 - s);
    *end = (size_t)(at - s);
    return *end > *start;
}

/* The length of an unquoted value: to a separator. What also occurs in passwords ends it only where
 * a list, a call or a map written as text goes on: "{password=x, user=y}". */
static size_t bare_value(const char *s)
{
    size_t n = 0;
    for (; s[n] != '\0' && strchr(" \t\r\n&;\"", s[n]) == NULL; n++) {
        if (strchr(",)}", s[n]) != NULL && (s[n + 1] == '\0' || strchr(" \t\r\n,)}", s[n + 1])))
            break;
    }
    return n;
}

/* Behind the name of a secret: the length of "=" or of JSON's '":"' (perhaps inside a JSON string:
 * '\":\"'), to where the value or its opening quote stands; 0 if it is neither. */
static size_t pair_separator(const char *s)
{
    if (s[0] == '=')
        return 1;
    if (s[0] != '"' && s[0] != '\\')
        return 0;
    size_t n = strspn(s, "\\\" ");
    if (s[n] != ':')
        return 0;
    n += 1 + strspn(s + n + 1, " \\");
    return s[n] == '"' ? n : 0;
}

/* The length of a value that is quoted or in braces: to `stop`, over what a backslash protects. */
static size_t quoted_value(const char *s, char stop)
{
    size_t n = 0;
    while (s[n] != '\0' && s[n] != stop)
        n += s[n] == '\\' && s[n + 1] != '\0' ? 2 : 1;
    return n;
}

/* If "password=", "password":" or the like begins at s: where its value is. */
static bool pair_password(const char *s, size_t *start, size_t *end)
{
    static const char *const names[] = {"password", "passwd",  "pwd",        "passphrase",
                                        "secret",   "token",   "accountkey", "accesskey",
                                        "apikey",   "api_key", "secretkey"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        size_t n = strlen(names[i]);
        size_t between = strncasecmp(s, names[i], n) == 0 ? pair_separator(s + n) : 0;
        if (between == 0)
            continue;
        const char *value = s + n + between;
        char quote = *value == '"' || *value == '\'' ? *value : *value == '{' ? '}' : '\0';
        value += quote != '\0';
        *start = (size_t)(value - s);
        *end = *start + (quote != '\0' ? quoted_value(value, quote) : bare_value(value));
        return *end > *start;
    }
    return false;
}

/* Kafka's own word about a setting: "Invalid value VALUE for configuration KEY: …". */
static bool refused_value(const char *s, size_t *start, size_t *end)
{
    static const char head[] = "Invalid value ";
    static const char middle[] = " for configuration ";
    if (strncmp(s, head, sizeof(head) - 1) != 0)
        return false;
    const char *at = strstr(s, middle);
    if (at == NULL)
        return false;
    char key[200];
    size_t n = strcspn(at + sizeof(middle) - 1, ": \t\r\n");
    if (n >= sizeof(key))
        return false;
    memcpy(key, at + sizeof(middle) - 1, n);
    key[n] = '\0';
    *start = sizeof(head) - 1;
    *end = (size_t)(at - s);
    return secrets_key(key) && *end > *start;
}

static bool find_password(const char *s, size_t *start, size_t *end)
{
    if (strncmp(s, "://", 3) == 0)
        return url_password(s, start, end);
    if (strncmp(s, "thin:", 5) == 0)
        return thin_password(s, start, end);
    if (s[0] == 'I' && refused_value(s, start, end))
        return true;
    return pair_password(s, start, end);
}

const char *secrets_mask_text(struct arena *arena, const char *text)
{
    struct strbuf sb;
    strbuf_init(&sb, strlen(text) * 2 + sizeof(SECRETS_MASK));
    bool changed = false;
    for (const char *s = text; *s != '\0';) {
        size_t start;
        size_t end;
        if (!find_password(s, &start, &end)) {
            strbuf_putc(&sb, *s++);
            continue;
        }
        strbuf_add(&sb, s, start);
        bool reference = s[start] == '$' && s[start + 1] == '{';
        if (reference)
            strbuf_add(&sb, s + start, end - start);
        else
            strbuf_puts(&sb, SECRETS_MASK);
        changed = changed || !reference;
        s += end;
    }
    const char *result = changed ? arena_strdup(arena, sb.text) : text;
    mem_wipe(sb.text, sb.len);
    strbuf_free(&sb);
    return result;
}

char *secrets_masked(struct arena *arena, const char *text, size_t max)
{
    char *some = mem_strndup(text, max + CUT_SLACK);
    const char *masked = secrets_mask_text(arena, some);
    size_t n = strnlen(masked, max);
    while (n > 0 && ((unsigned char)masked[n] & 0xC0) == 0x80)
        n--;
    char *result = arena_strndup(arena, masked, n);
    mem_wipe_free(some);
    return result;
}

/* A password of one of the known forms that is no reference. */
static bool holds_password(const char *text)
{
    for (const char *s = text; *s != '\0';) {
        size_t start, end;
        if (!find_password(s, &start, &end)) {
            s++;
            continue;
        }
        if (strncmp(s + start, "${", 2) != 0)
            return true;
        s += end;
    }
    return false;
}

bool secrets_literal(const char *key, const char *value, const char *masked)
{
    /* What only names a way to log in is masked, for nobody needs to see it, but gives nothing
     * away. */
    static const char *const words[] = {"true", "false", "USER_INFO", "SASL_INHERIT", "URL"};
    if (masked == value || strspn(value, "*") == strlen(value))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (strcmp(value, words[i]) == 0)
            return false;
    }
    if (strstr(value, "LoginModule ") != NULL) /* masked whole, whatever it holds */
        return holds_password(value);
    return !ends_with(key, ".type") && !ends_with(key, ".source");
}

const char *secrets_mask(struct arena *arena, const char *key, const char *value)
{
    if (value[0] == '\0' || is_reference(value))
        return value;
    static const char *const telling[] = {"LoginModule ", "PRIVATE KEY-----", "Bearer ",
                                          "Basic ",       "Authorization:",   "authorization:"};
    for (size_t i = 0; i < ARRAY_LEN(telling); i++) {
        if (strstr(value, telling[i]) != NULL)
            return SECRETS_MASK;
    }
    if (secrets_key(key))
        return SECRETS_MASK;
    return secrets_mask_text(arena, value);
}
