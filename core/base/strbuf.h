/* strbuf.h: a growing string that demands a maximum.
 *
 * `text` is always a valid C string (never NULL after init); `len` excludes the NUL. What would go
 * beyond `max` is dropped and `overflow` set: the writer need not check each append, the reader
 * checks once. Plain struct on the stack: strbuf_init … strbuf_free.
 */
#ifndef CDCTOP_BASE_STRBUF_H
#define CDCTOP_BASE_STRBUF_H

#include <stdbool.h>
#include <stddef.h>

struct strbuf {
    char *text;
    size_t len;
    size_t cap;
    size_t max; /* bytes, without the NUL */
    bool overflow;
};

void strbuf_init(struct strbuf *sb, size_t max);
void strbuf_free(struct strbuf *sb);
void strbuf_reset(struct strbuf *sb);

/* Each returns false when something had to be dropped. */
bool strbuf_add(struct strbuf *sb, const void *data, size_t n);
bool strbuf_puts(struct strbuf *sb, const char *s);
bool strbuf_putc(struct strbuf *sb, char c);
bool strbuf_printf(struct strbuf *sb, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Hands the text to the caller (free() it) and leaves the buffer as after init. */
char *strbuf_take(struct strbuf *sb);

#endif
