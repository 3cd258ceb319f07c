/* Everything that MSK Connect sends: each input is read as every body. */
#include "aws/mskconnect.h"
#include "source/connect_parse.h"
#include "source/msk_connect_parse.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new();
    const char *body = (const char *)data;
    struct mskc_list list = {0};
    struct msk_operation *ops = NULL, one = {0};
    size_t n = 0;
    const char *next;
    for (int page = 0; page < 2; page++)
        (void)mskc_parse_list(a, body, size, NULL, &list, &next, NULL);
    if (list.count > CONNECT_MAX_CONNECTORS)
        abort();
    for (size_t i = 0; i < list.count; i++) {
        struct connect_connector *c = &list.items[i];
        (void)mskc_parse_connector(a, body, size, c, NULL);
        if (c->name == NULL || c->msk == NULL || c->msk->arn == NULL)
            abort();
        free(mskconnect_path(c->msk->arn, "/restart"));
    }
    struct connect_connector shop = {.name = "shop-source"};
    (void)mskc_parse_connector(a, body, size, &shop, NULL);
    (void)mskc_parse_operations(a, body, size, &ops, &n, NULL);
    if (n > MSKC_MAX_OPERATIONS)
        abort();
    (void)mskc_parse_operation(a, body, size, &one, NULL);
    arena_free(a);
    return 0;
}
