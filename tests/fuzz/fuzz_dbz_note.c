/* Debezium notifications: any bytes, one record per line; what parses goes through the progress. */
#include "model/dbz_note.h"
#include "model/snapshot_progress.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NOTES = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever notifications claim: shares are shares, and nothing is counted below nothing. */
static void check(const struct snapshot_progress *p)
{
    if ((!isnan(p->fraction) && (p->fraction < 0 || p->fraction > 1)) || p->rows < 0)
        abort();
    for (size_t i = 0; i < p->ntables; i++) {
        double f = p->tables[i].fraction;
        if (!isnan(f) && (f < 0 || f > 1))
            abort();
    }
}

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
    check(&progress);
    if (n > 0 && notes[0].id != NULL) {
        query.id = notes[0].id;
        query.connector = dbz_note_get(&notes[0], "connector_name");
        progress = snapshot_progress_build(arena, notes, n, &query);
        check(&progress);
    }
    arena_free(arena);
    return 0;
}
