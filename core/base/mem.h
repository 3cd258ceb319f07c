/* mem.h: allocation that does not return NULL, and memory for secrets.
 *
 * When memory runs out the process ends with a message: every foreign size is capped before it is
 * allocated, so what fails here is the machine, not a request. mem_on_fatal lets the terminal be
 * restored first.
 */
#ifndef CDCTOP_BASE_MEM_H
#define CDCTOP_BASE_MEM_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

void *mem_alloc(size_t size); /* zeroed; free() it */
void *mem_calloc(size_t count, size_t size);
void *mem_realloc(void *p, size_t size);
char *mem_strdup(const char *s); /* NULL stays NULL */
char *mem_strndup(const char *s, size_t n);
bool mem_same(const char *a, const char *b); /* the same text; NULL and NULL alone are */
bool mem_is(const char *a, const char *b);   /* the same text; NULL is no text */
char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *mem_vprintf(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));

/* Overwrites, then frees. For anything that held a password, a key or a token. NULL is fine. */
void mem_wipe_free(char *secret);
void mem_wipe(void *p, size_t n);

/* Before anything else: OpenSSL does not take itself down in exit(). Threads of libraries that are
 * still closing their TLS connections then would crash. */
void mem_keep_crypto(void);

/* Prints to standard error and aborts the process, after the hook ran. */
_Noreturn void mem_fatal(const char *what);
void mem_on_fatal(void (*hook)(void));

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
