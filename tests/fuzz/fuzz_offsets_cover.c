/* Objects with any offsets, counts and sizes: what is told of them must be consistent. */
#include "model/offsets_cover.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { EACH = 12 };

/* Eight bytes of an object's twelve, spread so that small and huge figures both come. */
static int64_t figure(const uint8_t *p, int shift)
{
    uint64_t v;
    memcpy(&v, p, sizeof(v));
    return (int64_t)(v >> (shift & 63) & INT64_MAX);
}

static void check(const struct cover *c)
{
    int64_t last = -1;
    for (size_t i = 0; i < c->nholes; i++) {
        const struct cover_hole *h = &c->holes[i];
        if (h->from < last || h->to <= h->from || h->records <= 0 || h->records > h->to - h->from ||
            h->before == NULL || h->after == NULL || h->after->start_offset != h->to)
            abort();
        last = h->to;
    }
    if (c->cannot_tell != NULL && c->nholes > 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const dirs[] = {"a/x", "b/x", "x", "hour=14/x"};
    struct s3_object objects[S3_OBJECTS_KEPT];
    struct s3_floor floors[] = {
        {0, 0 },
        {1, 10}
    };
    struct s3_prefix prefix = {
        .objects = objects, .complete = true, .floors = floors, .nfloors = 2};
    if (size < 2)
        return 0;
    struct cover_rules rules = {.most = data[0] == 0 ? UNKNOWN : data[0], .scattered = data[1] & 1};
    for (size_t at = 2; at + EACH <= size && prefix.nobjects < S3_OBJECTS_KEPT; at += EACH) {
        const uint8_t *p = data + at;
        objects[prefix.nobjects++] = (struct s3_object){
            .key = dirs[p[8] & 3],
            .partition = p[8] >> 2 & 1,
            .start_offset = figure(p, p[9]),
            .records = p[10] == 0     ? UNKNOWN
                       : p[10] == 255 ? figure(p, p[9] / 2)
                                      : p[10],
            .size = p[11] == 0 ? UNKNOWN : p[11],
        };
    }
    struct arena *arena = arena_new();
    struct covers all = offsets_cover(&prefix, &rules, arena);
    for (size_t i = 0; i < all.count; i++)
        check(&all.items[i]);
    arena_free(arena);
    return 0;
}
