#include "config/conninfo.h"

#include "base/hex.h"
#include "base/mem.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* One keyword with its value, as offsets into the text. */
struct pair {
    size_t start, end; /* all of it; in a URL without the separator */
    size_t key, key_len;
    size_t value, value_len; /* raw: without the outer quotes, with escapes */
};

enum pair_result { PAIR_END, PAIR_FOUND, PAIR_BAD };

bool conninfo_is_url(const char *conninfo)
{
    return strncmp(conninfo, "postgresql://", 13) == 0 || strncmp(conninfo, "postgres://", 11) == 0;
}

static size_t skip_space(const char *s, size_t i)
{
    while (isspace((unsigned char)s[i]))
        i++;
    return i;
}

/* key = value, key='va\'lue': as libpq reads it. */
static enum pair_result next_keyword(const char *s, size_t *pos, struct pair *pair)
{
    size_t i = skip_space(s, *pos);
    if (s[i] == '\0')
        return PAIR_END;
    pair->start = pair->key = i;
    while (s[i] != '\0' && s[i] != '=' && !isspace((unsigned char)s[i]))
        i++;
    pair->key_len = i - pair->key;
    i = skip_space(s, i);
    if (s[i] != '=' || pair->key_len == 0)
        return PAIR_BAD;
    i = skip_space(s, i + 1);
    bool quoted = s[i] == '\'';
    i += quoted;
    pair->value = i;
    while (s[i] != '\0' && (quoted ? s[i] != '\'' : !isspace((unsigned char)s[i])))
        i += s[i] == '\\' && s[i + 1] != '\0' ? 2 : 1;
    pair->value_len = i - pair->value;
    /* libpq takes "a='b'c=d" for two pairs; a slip in quoting is the likelier reason. */
    if (quoted && (s[i] != '\'' || (s[i + 1] != '\0' && !isspace((unsigned char)s[i + 1]))))
        return PAIR_BAD;
    *pos = pair->end = i + quoted;
    return PAIR_FOUND;
}

/* key=value&…: pos 0 begins behind the question mark. */
static enum pair_result next_parameter(const char *s, size_t *pos, struct pair *pair)
{
    size_t i = *pos;
    if (i == 0)
        i = strcspn(s, "?");
    if (s[i] == '\0')
        return PAIR_END;
    i++;
    pair->start = pair->key = i;
    i += strcspn(s + i, "&");
    pair->end = *pos = i;
    const char *equals = memchr(s + pair->key, '=', i - pair->key);
    if (equals == NULL)
        return PAIR_BAD;
    pair->value = (size_t)(equals - s) + 1;
    pair->key_len = pair->value - 1 - pair->key;
    pair->value_len = i - pair->value;
    return PAIR_FOUND;
}

static enum pair_result next_pair(const char *s, size_t *pos, struct pair *pair)
{
    return conninfo_is_url(s) ? next_parameter(s, pos, pair) : next_keyword(s, pos, pair);
}

static bool key_is(const char *s, const struct pair *pair, const char *key)
{
    return pair->key_len == strlen(key) && strncmp(s + pair->key, key, pair->key_len) == 0;
}

/* libpq reads a connection string in place of a database name: a password could hide there. */
static bool is_nested(const char *s, const struct pair *pair)
{
    return key_is(s, pair, "dbname") &&
           (memchr(s + pair->value, '=', pair->value_len) != NULL ||
            memmem(s + pair->value, pair->value_len, "//", 2) != NULL ||
            memmem(s + pair->value, pair->value_len, "%3", 2) != NULL);
}

static bool key_is_secret(const char *s, const struct pair *pair)
{
    return is_nested(s, pair) || memmem(s + pair->key, pair->key_len, "password", 8) != NULL ||
           memmem(s + pair->key, pair->key_len, "secret", 6) != NULL ||
           memmem(s + pair->key, pair->key_len, "scram_", 6) != NULL;
}

/* USER[:PASSWORD]@ of any URL. False when there is none. */
struct userinfo {
    size_t user, user_len, password, password_len, end; /* end: behind the @ */
    bool has_password;
};

static bool find_userinfo(const char *url, struct userinfo *info)
{
    const char *begin = strstr(url, "://");
    if (begin == NULL)
        return false;
    begin += 3;
    size_t n = strcspn(begin, "/?");
    const char *at = memrchr(begin, '@', n);
    if (at == NULL)
        return false;
    const char *colon = memchr(begin, ':', (size_t)(at - begin));
    const char *user_end = colon != NULL ? colon : at;
    *info = (struct userinfo){.user = (size_t)(begin - url),
                              .user_len = (size_t)(user_end - begin),
                              .end = (size_t)(at - url) + 1,
                              .has_password = colon != NULL};
    if (colon != NULL) {
        info->password = (size_t)(colon - url) + 1;
        info->password_len = (size_t)(at - colon) - 1;
    }
    return true;
}

static char *decode(const char *s, size_t n, bool url)
{
    char *out = mem_alloc(n + 1);
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        if (url && s[i] == '%' && i + 2 < n && hex_digit(s[i + 1]) >= 0 &&
            hex_digit(s[i + 2]) >= 0) {
            out[used++] = (char)(hex_digit(s[i + 1]) * 16 + hex_digit(s[i + 2]));
            i += 2;
        } else if (!url && s[i] == '\\' && i + 1 < n) {
            out[used++] = s[++i];
        } else {
            out[used++] = s[i];
        }
    }
    return out;
}

static const char *bad_url(const char *url)
{
    static const char *const encode =
        "in a URL @ / ? % inside a user or password are written %40 %2F %3F %25";
    const char *begin = strstr(url, "://") + 3;
    size_t n = strcspn(begin, "/?");
    const char *path_end = begin + strcspn(begin, "?");
    const char *at = memrchr(begin, '@', n), *first = memchr(begin, '@', n);
    if (at != first || (at == NULL && memchr(begin, '@', (size_t)(path_end - begin)) != NULL))
        return encode;
    const char *host = at != NULL ? at + 1 : begin;
    for (const char *end = begin + n; host < end;) {
        size_t len = strcspn(host, ",/?");
        const char *colon = memrchr(host, ':', len), *bracket = memrchr(host, ']', len);
        for (const char *p = colon;
             p != NULL && (bracket == NULL || p > bracket) && ++p < host + len;) {
            if (!isdigit((unsigned char)*p))
                return at != NULL ? "the port must be a number" : encode;
        }
        host += len + (host + len < end);
    }
    for (const char *p = url; *p != '\0'; p++) {
        if (isspace((unsigned char)*p))
            return "a URL must not contain blanks";
        if (*p == '%' && (hex_digit(p[1]) < 0 || hex_digit(p[2]) < 0))
            return "% must be followed by two hexadecimal digits";
    }
    return NULL;
}

const char *conninfo_bad(const char *conninfo)
{
    struct pair pair;
    size_t pos = 0;
    enum pair_result result;
    if (!conninfo_is_url(conninfo) && strstr(conninfo, "://") != NULL &&
        strchr(conninfo, '=') == NULL)
        return "it must begin with postgresql:// or be keywords";
    const char *bad = conninfo_is_url(conninfo) ? bad_url(conninfo) : NULL;
    if (bad != NULL)
        return bad;
    while ((result = next_pair(conninfo, &pos, &pair)) == PAIR_FOUND) {
        if (is_nested(conninfo, &pair))
            return "dbname must be a name: give the connection string in it alone";
    }
    if (result == PAIR_END)
        return NULL;
    return conninfo_is_url(conninfo) ? "after ? it must go on with KEYWORD=VALUE&…"
                                     : "it must be KEYWORD=VALUE pairs, quotes closed";
}

static void cut(char *s, size_t from, size_t to)
{
    size_t len = strlen(s);
    memmove(s + from, s + to, len - to + 1);
    mem_wipe(s + len - (to - from), to - from);
}

char *conninfo_split_password(char **conninfo)
{
    char *s = *conninfo, *password = NULL;
    bool url = conninfo_is_url(s);
    struct userinfo info;
    if (url && find_userinfo(s, &info) && info.has_password) {
        password = decode(s + info.password, info.password_len, true);
        cut(s, info.password - 1, info.end - 1);
    }
    struct pair pair;
    for (size_t pos = 0; next_pair(s, &pos, &pair) == PAIR_FOUND;) {
        if (!key_is(s, &pair, "password"))
            continue;
        mem_wipe_free(password);
        password = decode(s + pair.value, pair.value_len, url);
        /* One separator goes with it: the one before it, or the next one's for the first. */
        size_t from = pair.start, to = pair.end;
        if (url && s[to] == '&')
            to++;
        else if (from > 0)
            from--;
        else
            to = skip_space(s, to);
        cut(s, from, to);
        pos = url && from == pair.start ? from - 1 : from;
    }
    return password;
}

char *conninfo_get(const char *conninfo, const char *keyword)
{
    struct pair pair;
    bool url = conninfo_is_url(conninfo);
    char *found = NULL;
    for (size_t pos = 0; next_pair(conninfo, &pos, &pair) == PAIR_FOUND;) {
        if (key_is(conninfo, &pair, keyword)) {
            free(found);
            found = decode(conninfo + pair.value, pair.value_len, url);
        }
    }
    if (found != NULL || !url)
        return found;
    const char *host = strstr(conninfo, "://") + 3;
    size_t n = strcspn(host, "/?");
    if (strcmp(keyword, "dbname") == 0 && host[n] == '/')
        return decode(host + n + 1, strcspn(host + n + 1, "?"), true);
    const char *at = memrchr(host, '@', n);
    if (at != NULL) {
        n -= (size_t)(at + 1 - host);
        host = at + 1;
    }
    if (strcmp(keyword, "host") == 0 && n > 0)
        return decode(host, n < strcspn(host, ":,") ? n : strcspn(host, ":,"), true);
    return NULL;
}

bool conninfo_has_secret(const char *conninfo)
{
    struct userinfo info;
    struct pair pair;
    if (conninfo_is_url(conninfo) && find_userinfo(conninfo, &info) && info.has_password &&
        info.password_len > 0)
        return true;
    for (size_t pos = 0; next_pair(conninfo, &pos, &pair) == PAIR_FOUND;) {
        if (key_is_secret(conninfo, &pair) && pair.value_len > 0)
            return true;
    }
    return false;
}

bool conninfo_split_userinfo(char **url, char **username, char **password)
{
    struct userinfo info;
    char *s = *url;
    if (!find_userinfo(s, &info))
        return false;
    *username = decode(s + info.user, info.user_len, true);
    *password = info.has_password ? decode(s + info.password, info.password_len, true) : NULL;
    cut(s, info.user, info.end);
    return true;
}

static void mask_url(char *url)
{
    struct userinfo info;
    struct pair pair;
    if (find_userinfo(url, &info) && info.has_password)
        memset(url + info.password, '*', info.password_len);
    for (size_t pos = 0; next_parameter(url, &pos, &pair) == PAIR_FOUND;) {
        if (key_is_secret(url, &pair))
            memset(url + pair.value, '*', pair.value_len);
    }
}

void conninfo_mask(char *text)
{
    size_t pos = 0;
    struct pair pair;
    enum pair_result result;
    if (conninfo_is_url(text)) {
        if (conninfo_bad(text) == NULL)
            mask_url(text);
        else
            memset(text, '*', strlen(text));
        return;
    }
    if (strncasecmp(text, "http://", 7) == 0 || strncasecmp(text, "https://", 8) == 0) {
        for (char *item = text; item != NULL;) {
            char *comma = strchr(item, ',');
            if (comma != NULL)
                *comma = '\0';
            mask_url(item);
            if (comma != NULL)
                *comma = ',';
            item = comma != NULL ? comma + 1 : NULL;
        }
        return;
    }
    while ((result = next_keyword(text, &pos, &pair)) == PAIR_FOUND) {
        if (key_is_secret(text, &pair))
            memset(text + pair.value, '*', pair.value_len);
    }
    if (result == PAIR_BAD)
        memset(text, '*', strlen(text));
}
