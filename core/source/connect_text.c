#include "source/connect_text.h"

#include "base/secrets.h"
#include "base/strbuf.h"

#include <string.h>

enum { CAUSE_MAX = 1024, CUT_SLACK = 4096 };

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
    strbuf_init(&sb, CAUSE_MAX + CUT_SLACK);
    put_short(&sb, found, strcspn(found, "\n"));
    trim_end(&sb);
    /* A message that begins on the next line ("DebeziumException: \nThe …"). */
    const char *next = strchr(found, '\n');
    if (next != NULL && sb.len > 0 && sb.text[sb.len - 1] == ':' && !is_frame(next + 1)) {
        strbuf_putc(&sb, ' ');
        strbuf_add(&sb, next + 1, strcspn(next + 1, "\n"));
        trim_end(&sb);
    }
    char *cause = sb.len > 0 ? secrets_masked(arena, sb.text, CAUSE_MAX) : NULL;
    strbuf_free(&sb);
    return cause;
}
