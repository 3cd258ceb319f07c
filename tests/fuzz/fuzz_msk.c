/* Everything that MSK sends: each input is read as every body, and a listener is chosen of it. */
#include "aws/msk.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char auto_[] = "auto", none[] = "", plain[] = "PLAINTEXT";
    struct pipeline_config cfg = {
        .msk = {.cluster = none,       .bootstrap = auto_},
        .kafka = { .sasl_mechanism = none,
                .security_protocol = plain,
                .sasl_username = none,
                .ssl_certificate = none}
    };
    struct arena *arena = arena_new();
    const char *body = (const char *)data;
    const char *next = NULL;
    struct msk_search search = {.name = "shop-events"};
    struct msk_snap msk = {0};
    struct msk_list list = {0};
    (void)msk_parse_list(arena, body, size, &search, &next, NULL);
    (void)msk_parse_all(arena, body, size, &list, &next, NULL);
    for (size_t i = 0; i < list.count; i++)
        if (list.items[i].name == NULL || list.items[i].arn == NULL)
            abort();
    (void)msk_parse_cluster(arena, body, size, &msk, NULL);
    for (int i = 0; i < 2; i++) {
        (void)msk_parse_bootstraps(arena, body, size, &msk, NULL);
        (void)msk_parse_nodes(arena, body, size, &msk, &next, NULL);
    }
    const char *wanted = msk_wanted(&msk, &cfg);
    if (wanted != NULL && kv_find(msk.bootstraps, msk.nbootstraps, wanted) == NULL)
        abort();
    if (list.count > MSK_LIST_MAX || msk.nnodes > MSK_NODES_MAX ||
        msk_kinds_on(arena, &msk)[0] == '\0')
        abort();
    arena_free(arena);
    return 0;
}
