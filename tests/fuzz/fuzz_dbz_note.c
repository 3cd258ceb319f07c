/* Debezium notifications: any bytes, one record per line; what parses goes through the progress. */
#include "model/dbz_note.h"
#include "model/snapshot_progress.h"

#include <string.h>

enum { NOTES = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct dbz_notification notes[NOTES];
    size_t n = 0;
    const char *p = (const char *)data;
    while (size > 0 && n < NOTES) {
        const char *newline = memchr(p, '\n', size);
        size_t len = newline != NULL ? (size_t)(newline - p) : size;
        if (dbz_note_parse(arena, p, len, &notes[n], NULL))
            n++;
        p += len;
        size -= len;
        if (size > 0) {
            p++;
            size--;
        }
    }
    struct snapshot_query query = {.since_ms = UNKNOWN};
    struct snapshot_progress progress = snapshot_progress_build(arena, notes, n, &query);
    if (n > 0 && notes[0].id != NULL) {
        query.id = notes[0].id;
        query.connector = dbz_note_get(&notes[0], "connector_name");
        progress = snapshot_progress_build(arena, notes, n, &query);
    }
    arena_free(arena);
    return 0;
}
