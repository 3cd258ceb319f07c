#include "base/mem.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void (*fatal_hook)(void);

void mem_on_fatal(void (*hook)(void))
{
    fatal_hook = hook;
}

_Noreturn void mem_fatal(const char *what)
{
    if (fatal_hook != NULL)
        fatal_hook();
    (void)fprintf(stderr, "cdctop: %s\n", what);
    abort();
}

void *mem_alloc(size_t size)
{
    return mem_calloc(1, size);
}

void *mem_calloc(size_t count, size_t size)
{
    void *p = calloc(count != 0 ? count : 1, size != 0 ? size : 1);
    if (p == NULL)
        mem_fatal("out of memory");
    return p;
}

void *mem_realloc(void *p, size_t size)
{
    void *q = realloc(p, size != 0 ? size : 1);
    if (q == NULL)
        mem_fatal("out of memory");
    return q;
}

char *mem_strndup(const char *s, size_t n)
{
    size_t len = strnlen(s, n);
    char *copy = mem_alloc(len + 1);
    memcpy(copy, s, len);
    return copy;
}

char *mem_strdup(const char *s)
{
    return s != NULL ? mem_strndup(s, strlen(s)) : NULL;
}

bool mem_same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool mem_is(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

char *mem_vprintf(const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    char *s = mem_alloc(n < 0 ? 1 : (size_t)n + 1);
    if (n >= 0)
        (void)vsnprintf(s, (size_t)n + 1, fmt, again);
    va_end(again);
    return s;
}

char *mem_printf(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *s = mem_vprintf(fmt, ap);
    va_end(ap);
    return s;
}

void mem_wipe(void *p, size_t n)
{
    /* A plain memset before free is a dead store that the compiler may remove. */
    if (p != NULL)
        OPENSSL_cleanse(p, n);
}

void mem_keep_crypto(void)
{
    (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
}

void mem_wipe_free(char *secret)
{
    if (secret == NULL)
        return;
    mem_wipe(secret, strlen(secret));
    free(secret);
}
