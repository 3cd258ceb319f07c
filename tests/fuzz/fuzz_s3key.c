/* Keys of objects, and the templates and date patterns of sinks. */
#include "base/mem.h"
#include "source/s3_layout.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = mem_strndup((const char *)data, size);
    struct s3_key k;
    if (s3_layout_parse(text, &k)) {
        char before[S3_PATH_SIZE + 64];
        char *lane = mem_strndup(text, k.lane_len);
        s3_layout_before(before, sizeof(before), lane, k.start_offset, k.zero ? k.digits : 0);
        free(lane);
    }
    (void)s3_layout_time_like(text, strlen(text));
    (void)s3_layout_number(text, strlen(text));
    struct hint_sink sinks[] = {
        {.layout = "aiven",   .name_template = text, .timezone = "UTC"},
        { .layout = "confluent", .topics_dir = text,   .path_format = text, .timezone = "UTC"},
    };
    for (size_t i = 0; i < ARRAY_LEN(sinks); i++) {
        struct s3_plan plan;
        char dir[S3_PATH_SIZE];
        if (s3_layout_plan(&plan, &sinks[i], "topic"))
            (void)s3_layout_render(&plan, INT64_C(1795183402000), dir, sizeof(dir));
    }
    free(text);
    return 0;
}
