#include "config/expand.h"

#include "base/mem.h"
#include "base/strbuf.h"
#include "base/utf8.h"
#include "config/secretref.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void say(struct expand *ctx, const char *what, const char *name, const char *why)
{
    char clean[120];
    (void)snprintf(ctx->why, sizeof(ctx->why), "%s %s: %s", what,
                   utf8_clean(clean, sizeof(clean), name, false), why);
}

char *expand_path(const char *dir, const char *path)
{
    const char *home = getenv("HOME");
    if (strncmp(path, "~/", 2) == 0 && home != NULL && *home != '\0')
        return mem_printf("%s%s", home, path + 1);
    if (*path == '/' || dir == NULL || *path == '\0')
        return mem_strdup(path);
    return mem_printf("%s/%s", dir, path);
}

static char *from_env(struct expand *ctx, const char *name)
{
    const char *value = getenv(name);
    if (value == NULL)
        say(ctx, "environment variable", name, "it is not set");
    else if (strlen(value) > EXPAND_MAX_BYTES)
        say(ctx, "environment variable", name, "it is longer than 64 KB");
    else
        return mem_strdup(value);
    return NULL;
}

static char *from_file(struct expand *ctx, const char *name)
{
    char *path = expand_path(ctx->dir, name), *data = NULL;
    size_t used = 0;
    ssize_t n;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        say(ctx, "file", path, strerror(errno));
        goto out;
    }
    data = mem_alloc(EXPAND_MAX_BYTES + 2);
    while ((n = read(fd, data + used, EXPAND_MAX_BYTES + 1 - used)) > 0)
        used += (size_t)n;
    if (n == 0 && used <= EXPAND_MAX_BYTES && memchr(data, 0, used) == NULL)
        goto out;
    say(ctx, "file", path,
        n < 0                     ? strerror(errno)
        : used > EXPAND_MAX_BYTES ? "it is larger than 64 KB"
                                  : "it holds a NUL byte");
    mem_wipe(data, EXPAND_MAX_BYTES + 1);
    free(data);
    data = NULL;
out:
    if (fd >= 0)
        (void)close(fd);
    free(path);
    return data;
}

int expand_words(char *text, char **argv)
{
    int count = 0;
    char *to = text;
    for (char *from = text; *from != '\0';) {
        while (isspace((unsigned char)*from))
            from++;
        if (*from == '\0')
            break;
        if (count == EXPAND_MAX_WORDS)
            return -1;
        argv[count++] = to;
        char quote = 0;
        for (; *from != '\0' && (quote != 0 || !isspace((unsigned char)*from)); from++) {
            if (quote == 0 && (*from == '\'' || *from == '"'))
                quote = *from;
            else if (*from == quote)
                quote = 0;
            else
                *to++ = *from;
        }
        if (quote != 0)
            return -1;
        if (*from != '\0')
            from++;
        *to++ = '\0';
    }
    argv[count] = NULL;
    return count;
}

static char *from_cmd(struct expand *ctx, const char *line)
{
    char *argv[EXPAND_MAX_WORDS + 1], why[160], *value = NULL;
    char *words = mem_strdup(line);
    int count = expand_words(words, argv);
    if (count < 0)
        say(ctx, "reference", "${cmd:…}", "a quote is not closed, or there are more than 64 words");
    else if (count == 0)
        say(ctx, "reference", "${cmd:…}", "the program is missing");
    else if ((value = expand_run(argv, ctx->cmd_timeout_ms, -1, why, sizeof(why))) == NULL)
        say(ctx, "command", argv[0], why);
    mem_wipe_free(words);
    return value;
}

#define SECRET "secret:"

/* It stays where it is until somebody logs in. */
static char *from_secret(struct expand *ctx, const char *name)
{
    const char *bad = ctx->login
                          ? secretref_bad(name)
                          : "it may only stand in a login: conninfo, username, sasl_username, "
                            "password, sasl_password, ssl_key_password";
    if (bad == NULL)
        return mem_printf("${" SECRET "%s}", name);
    say(ctx, "reference", name - strlen(SECRET), bad);
    return NULL;
}

static const struct {
    const char *prefix;
    char *(*get)(struct expand *ctx, const char *name);
    bool touches; /* reads files or runs programs */
    bool lines;   /* one trailing line break goes */
} expanders[] = {
    {"env:",  from_env,    false, false},
    {"file:", from_file,   true,  true },
    {"cmd:",  from_cmd,    true,  true },
    {SECRET,  from_secret, false, false},
};

static char *fetch(struct expand *ctx, const char *reference)
{
    for (size_t i = 0; i < ARRAY_LEN(expanders); i++) {
        size_t n = strlen(expanders[i].prefix);
        if (strncmp(reference, expanders[i].prefix, n) != 0)
            continue;
        if (reference[n] == '\0') {
            say(ctx, "reference", reference, "nothing stands behind the colon");
            return NULL;
        }
        if (ctx->inert && expanders[i].touches) {
            say(ctx, "reference", reference, "not allowed here");
            return NULL;
        }
        char *value = expanders[i].get(ctx, reference + n);
        size_t len = value != NULL ? strlen(value) : 0;
        if (expanders[i].lines && len > 0 && value[len - 1] == '\n')
            value[--len] = '\0';
        if (expanders[i].lines && len > 0 && value[len - 1] == '\r')
            value[--len] = '\0';
        return value;
    }
    say(ctx, "reference", reference,
        "it must be ${env:NAME}, ${file:PATH} or ${cmd:PROGRAM}, in a login also "
        "${secret:NAME#key}");
    return NULL;
}

/* In a URL a reference needs encoding where a user or password (an @ follows) or a parameter
 * stands; ${env:HOSTS} behind the @ must keep its colons and commas. */
static bool needs_encoding(const char *before, size_t n, const char *after)
{
    if (memchr(before, '?', n) != NULL)
        return true;
    for (; *after != '\0' && *after != '/' && *after != '?'; after++) {
        if (*after == '@')
            return true;
        if (after[0] == '$' && after[1] == '{')
            after += strcspn(after, "}") - (strchr(after, '}') == NULL);
    }
    return false;
}

void expand_put(struct strbuf *sb, const char *value, enum expand_quoting quoting)
{
    for (; *value != '\0'; value++) {
        if (quoting == EXPAND_URL && !isalnum((unsigned char)*value) &&
            strchr("-._~", *value) == NULL)
            strbuf_printf(sb, "%%%02X", (unsigned)(unsigned char)*value);
        else if (quoting == EXPAND_CONNINFO &&
                 (isspace((unsigned char)*value) || *value == '\\' || *value == '\''))
            strbuf_printf(sb, "\\%c", *value);
        else
            strbuf_putc(sb, *value);
    }
}

static bool expand_reference(struct expand *ctx, struct strbuf *sb, const char *text,
                             const char **at)
{
    const char *open = *at, *close = strchr(open, '}');
    if (close == NULL) {
        (void)snprintf(ctx->why, sizeof(ctx->why),
                       "${ without a closing } (write $${ for a "
                       "plain one)");
        return false;
    }
    char *reference = mem_strndup(open + 2, (size_t)(close - open - 2));
    char *value = fetch(ctx, reference);
    bool secret = strncmp(reference, SECRET, strlen(SECRET)) == 0;
    mem_wipe_free(reference);
    if (value == NULL)
        return false;
    enum expand_quoting quoting = ctx->quoting;
    /* The whole value from elsewhere is a whole address, not a part of one. */
    if ((open == text && close[1] == '\0') ||
        (quoting == EXPAND_URL && !secret &&
         !needs_encoding(text, (size_t)(open - text), close + 1)))
        quoting = EXPAND_PLAIN;
    expand_put(sb, value, quoting);
    mem_wipe_free(value);
    ctx->expanded = true;
    *at = close + 1;
    return true;
}

char *expand_text(struct expand *ctx, const char *text)
{
    struct strbuf sb;
    bool ok = true;
    strbuf_init(&sb, (size_t)4 * EXPAND_MAX_BYTES);
    ctx->expanded = false;
    ctx->why[0] = '\0';
    for (const char *p = text; *p != '\0' && ok;) {
        if (p[0] == '$' && p[1] == '$' && p[2] == '{') {
            strbuf_puts(&sb, "${");
            p += 3;
        } else if (p[0] == '$' && p[1] == '{') {
            ok = expand_reference(ctx, &sb, text, &p);
        } else {
            strbuf_putc(&sb, *p++);
        }
    }
    if (ok && sb.overflow) {
        (void)snprintf(ctx->why, sizeof(ctx->why), "the value is longer than 256 KB");
        ok = false;
    }
    if (ok)
        return strbuf_take(&sb);
    mem_wipe(sb.text, sb.len);
    strbuf_free(&sb);
    return NULL;
}
