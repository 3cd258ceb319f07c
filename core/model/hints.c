#include "model/hints.h"

#include "base/mem.h"

#include <stdlib.h>

struct hints *hints_new(void)
{
    struct hints *h = mem_alloc(sizeof(*h));
    h->arena = arena_new();
    return h;
}

void hints_free(struct hints *hints)
{
    if (hints == NULL)
        return;
    arena_free(hints->arena);
    free(hints);
}
