/* The body of a list answer, of objects or of uploads, and of an error. */
#include "net/s3list.h"
#include "net/s3xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct s3list_page page;
    struct s3list_query query = {.prefix = ""}, next;
    struct err err = ERR_INIT;
    const char *body = (const char *)data;
    if (s3xml_read_page(body, size, arena, &page, &err))
        (void)s3list_next(arena, &query, &page, &next);
    struct s3list_uploads uploads;
    (void)s3xml_read_uploads(body, size, arena, &uploads, &err);
    (void)s3list_error(403, body, size, "bucket", "us-east-1", NULL, &err);
    arena_free(arena);
    return 0;
}
