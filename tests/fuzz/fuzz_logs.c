/* What CloudWatch Logs answers, and what its lines are taken for. */
#include "source/logs_parse.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_line(void *arg, const struct logs_line *line)
{
    struct arena *arena = arena_new();
    struct logs_meaning m;
    for (int s = 0; s < SERVICE_COUNT; s++) {
        if (!logs_understand((enum connect_service)s, line->text, &m))
            continue;
        *(size_t *)arg += m.name_len;
        /* What a line names stands in it. */
        if (m.name != NULL && (m.name < line->text ||
                               m.name + m.name_len > line->text + strlen(line->text) || m.task < 0))
            abort();
        (void)logs_cause(arena, m.kind, line->text);
    }
    (void)logs_begins_entry(line->text);
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct err err = ERR_INIT;
    const char *next;
    size_t named = 0;
    (void)logs_parse(arena, (const char *)data, size, read_line, &named, &next, &err);
    arena_free(arena);
    return 0;
}
