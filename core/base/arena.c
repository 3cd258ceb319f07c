#include "base/arena.h"

#include "base/mem.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_MIN = 8 * 1024, BLOCK_MAX = 256 * 1024 };

struct block {
    struct block *next;
    size_t cap;
    size_t used;
    alignas(max_align_t) unsigned char data[];
};

struct arena {
    struct block *head; /* the one being filled */
    size_t used;
};

static struct block *block_new(size_t cap)
{
    struct block *b = mem_alloc(sizeof(*b) + cap);
    b->cap = cap;
    return b;
}

struct arena *arena_new(void)
{
    struct arena *a = mem_alloc(sizeof(*a));
    a->head = block_new(BLOCK_MIN);
    return a;
}

static void free_from(struct block *b)
{
    while (b != NULL) {
        struct block *next = b->next;
        free(b);
        b = next;
    }
}

void arena_free(struct arena *arena)
{
    if (arena == NULL)
        return;
    free_from(arena->head);
    free(arena);
}

void arena_reset(struct arena *arena)
{
    free_from(arena->head->next);
    arena->head->next = NULL;
    memset(arena->head->data, 0, arena->head->used);
    arena->head->used = 0;
    arena->used = 0;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    const size_t align = alignof(max_align_t);
    if (size > SIZE_MAX / 4)
        mem_fatal("arena: absurd size");
    size = (size + align - 1) / align * align;
    struct block *b = arena->head;
    if (b->cap - b->used < size) {
        size_t cap = b->cap * 2 < BLOCK_MAX ? b->cap * 2 : BLOCK_MAX;
        b = block_new(size > cap ? size : cap);
        b->next = arena->head;
        arena->head = b;
    }
    void *p = b->data + b->used;
    b->used += size;
    arena->used += size;
    return p;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / 8 / size)
        mem_fatal("arena: absurd array");
    return arena_alloc(arena, count * size);
}

char *arena_strndup(struct arena *arena, const char *s, size_t n)
{
    size_t len = strnlen(s, n);
    char *copy = arena_alloc(arena, len + 1);
    memcpy(copy, s, len);
    return copy;
}

char *arena_strdup(struct arena *arena, const char *s)
{
    return s != NULL ? arena_strndup(arena, s, strlen(s)) : NULL;
}

char *arena_vprintf(struct arena *arena, const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    char *s = arena_alloc(arena, n < 0 ? 1 : (size_t)n + 1);
    if (n >= 0)
        (void)vsnprintf(s, (size_t)n + 1, fmt, again);
    va_end(again);
    return s;
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *s = arena_vprintf(arena, fmt, ap);
    va_end(ap);
    return s;
}

size_t arena_used(const struct arena *arena)
{
    return arena->used;
}

void *arena_push(struct arena *arena, void *array_ptr, size_t *count, size_t *cap, size_t size)
{
    void *array;
    memcpy(&array, array_ptr, sizeof(array));
    if (*count == *cap) {
        size_t more = *cap == 0 ? 8 : *cap * 2;
        void *grown = arena_array(arena, more, size);
        if (*count > 0)
            memcpy(grown, array, *count * size);
        array = grown;
        memcpy(array_ptr, &array, sizeof(array));
        *cap = more;
    }
    return (unsigned char *)array + size * (*count)++;
}
