/* What RDS answers, in each of the four forms. */
#include "base/arena.h"
#include "source/rds_parse.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static rds_parse_fn *const parsers[] = {rds_parse_clusters, rds_parse_instances,
                                            rds_parse_events, rds_parse_maintenance};
    struct arena *arena = arena_new();
    struct rds_snap snap = {.host = "shop.example"};
    struct rds_lists lists = {.arena = arena, .snap = &snap};
    for (size_t i = 0; i < sizeof(parsers) / sizeof(parsers[0]); i++) {
        const char *marker = NULL;
        (void)parsers[i](&lists, (const char *)data, size, &marker, NULL);
    }
    rds_parse_finish(&lists);
    (void)rds_behind(&snap);
    arena_free(arena);
    return 0;
}
