/* arena.h: a bump allocator: many small things that live and die together.
 *
 * Every snapshot owns one; every frame has a scratch one that is reset, not freed. Memory from an
 * arena is zeroed, aligned for any type and valid until arena_reset or arena_free. An arena is used
 * by one thread at a time.
 */
#ifndef CDCTOP_BASE_ARENA_H
#define CDCTOP_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena);  /* NULL is fine */
void arena_reset(struct arena *arena); /* keeps the first block for the next use */

void *arena_alloc(struct arena *arena, size_t size);
void *arena_array(struct arena *arena, size_t count, size_t size);
char *arena_strdup(struct arena *arena, const char *s); /* NULL stays NULL */
char *arena_strndup(struct arena *arena, const char *s, size_t n);
char *arena_printf(struct arena *arena, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

char *arena_vprintf(struct arena *arena, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

/* Bytes handed out since the last reset: for :about and for tests of growth. */
size_t arena_used(const struct arena *arena);

/* Grows an array that lives in the arena: returns room for one more element at index *count and
 * counts it. The old copy stays behind until the arena goes: for arrays built once. */
void *arena_push(struct arena *arena, void *array_ptr, size_t *count, size_t *cap, size_t size);

#endif
