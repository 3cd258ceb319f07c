#include "base/strbuf.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static char empty[1];

void strbuf_init(struct strbuf *sb, size_t max)
{
    *sb = (struct strbuf){.text = empty, .max = max};
}

void strbuf_free(struct strbuf *sb)
{
    if (sb->cap != 0)
        free(sb->text);
    strbuf_init(sb, sb->max);
}

void strbuf_reset(struct strbuf *sb)
{
    sb->len = 0;
    sb->overflow = false;
    if (sb->cap != 0)
        sb->text[0] = '\0';
}

static void grow(struct strbuf *sb, size_t need)
{
    if (need + 1 <= sb->cap)
        return;
    size_t cap = sb->cap == 0 ? 64 : sb->cap * 2;
    while (cap < need + 1)
        cap *= 2;
    sb->text = mem_realloc(sb->cap != 0 ? sb->text : NULL, cap);
    sb->cap = cap;
}

bool strbuf_add(struct strbuf *sb, const void *data, size_t n)
{
    size_t room = sb->max - sb->len;
    bool fits = n <= room;
    if (!fits) {
        n = room;
        sb->overflow = true;
    }
    grow(sb, sb->len + n);
    memcpy(sb->text + sb->len, data, n);
    sb->len += n;
    sb->text[sb->len] = '\0';
    return fits;
}

bool strbuf_puts(struct strbuf *sb, const char *s)
{
    return strbuf_add(sb, s, strlen(s));
}

bool strbuf_putc(struct strbuf *sb, char c)
{
    return strbuf_add(sb, &c, 1);
}

bool strbuf_printf(struct strbuf *sb, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *text = mem_vprintf(fmt, ap);
    va_end(ap);
    bool fits = strbuf_puts(sb, text);
    free(text);
    return fits;
}

char *strbuf_take(struct strbuf *sb)
{
    char *text = sb->cap != 0 ? sb->text : mem_strdup("");
    strbuf_init(sb, sb->max);
    return text;
}
