#include "model/snapshot_progress.h"

#include "base/mem.h"
#include "model/dbz_note.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TABLES_MAX = 2000 };

static const char *const state_names[] = {
    [SNAPSHOT_NOT_SEEN] = "not seen",   [SNAPSHOT_STARTED] = "started",
    [SNAPSHOT_IN_PROGRESS] = "running", [SNAPSHOT_PAUSED] = "paused",
    [SNAPSHOT_RESUMED] = "resumed",     [SNAPSHOT_ABORTED] = "aborted",
    [SNAPSHOT_STOPPED] = "stopped",     [SNAPSHOT_COMPLETED] = "completed",
    [SNAPSHOT_SKIPPED] = "skipped",
};
static_assert(ARRAY_LEN(state_names) == SNAPSHOT_STATE_COUNT, "a name per state");

static const struct {
    const char *type;
    enum snapshot_state state;
} types[] = {
    {"STARTED",                   SNAPSHOT_STARTED    },
    {"DATA_COLLECTIONS_RESOLVED", SNAPSHOT_STARTED    },
    {"IN_PROGRESS",               SNAPSHOT_IN_PROGRESS},
    {"TABLE_SCAN_COMPLETED",      SNAPSHOT_IN_PROGRESS},
    {"PAUSED",                    SNAPSHOT_PAUSED     },
    {"RESUMED",                   SNAPSHOT_RESUMED    },
    {"ABORTED",                   SNAPSHOT_ABORTED    },
    {"COMPLETED",                 SNAPSHOT_COMPLETED  },
    {"SKIPPED",                   SNAPSHOT_SKIPPED    },
};

static enum snapshot_state state_of(const struct dbz_notification *note)
{
    const char *type = dbz_note_type(note);
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (strcmp(types[i].type, type) == 0)
            return types[i].state;
    }
    return SNAPSHOT_NOT_SEEN; /* a type of a later version: no news */
}

static bool is_incremental(const struct dbz_notification *note)
{
    return mem_is(note->aggregate_type, "Incremental Snapshot");
}

static bool wanted(const struct dbz_notification *note, const struct snapshot_query *q)
{
    if (q->since_ms != UNKNOWN && note->time_ms != UNKNOWN && note->time_ms < q->since_ms)
        return false;
    const char *connector = dbz_note_get(note, "connector_name");
    return q->connector == NULL || connector == NULL || mem_is(connector, q->connector);
}

static bool ended(enum snapshot_state state)
{
    return state == SNAPSHOT_ABORTED || state == SNAPSHOT_STOPPED || state == SNAPSHOT_COMPLETED ||
           state == SNAPSHOT_SKIPPED;
}

static size_t first_with_id(const struct dbz_notification *notes, size_t n,
                            const struct snapshot_query *q, const char *id)
{
    size_t i = 0;
    while (i < n && (!wanted(&notes[i], q) || !mem_is(notes[i].id, id)))
        i++;
    return i;
}

/* Does this note begin another snapshot than the one that notes[start] began? */
static bool begins_another(const struct dbz_notification *start, bool start_ended,
                           const struct dbz_notification *note)
{
    enum snapshot_state state = state_of(note);
    if (is_incremental(note)) /* of one whose STARTED may have fallen out of the list */
        return !ended(state) && !mem_is(note->id, start->id);
    /* A restart says SKIPPED of the initial snapshot while an incremental one goes on. */
    if (state == SNAPSHOT_SKIPPED)
        return start_ended;
    return strcmp(dbz_note_type(note), "STARTED") == 0;
}

/* Where the newest snapshot begins; n if there is none. */
static size_t find_newest(const struct dbz_notification *notes, size_t n,
                          const struct snapshot_query *q)
{
    size_t start = n;
    bool over = false;
    for (size_t i = 0; i < n; i++) {
        enum snapshot_state state = state_of(&notes[i]);
        if (!wanted(&notes[i], q) || state == SNAPSHOT_NOT_SEEN)
            continue;
        if (start == n || begins_another(&notes[start], over, &notes[i])) {
            start = is_incremental(&notes[i]) ? first_with_id(notes, n, q, notes[i].id) : i;
            start = start < n ? start : i; /* an id may be missing */
            over = ended(state);
        } else if (mem_is(notes[i].aggregate_type, notes[start].aggregate_type)) {
            over = ended(state);
        }
    }
    return start;
}

static struct snapshot_table *table_of(struct arena *arena, struct snapshot_progress *p,
                                       size_t *cap, const char *name, size_t len)
{
    for (size_t i = 0; i < p->ntables; i++) {
        if (strlen(p->tables[i].name) == len && memcmp(p->tables[i].name, name, len) == 0)
            return &p->tables[i];
    }
    if (len == 0 || p->ntables == TABLES_MAX ||
        (p->signals != NULL && strlen(p->signals) == len && memcmp(p->signals, name, len) == 0))
        return NULL;
    struct snapshot_table *t = arena_push(arena, &p->tables, &p->ntables, cap, sizeof(*p->tables));
    *t = (struct snapshot_table){.name = arena_strndup(arena, name, len),
                                 .rows = UNKNOWN,
                                 .total = UNKNOWN,
                                 .fraction = NAN};
    return t;
}

/* data_collections: "public.orders,public.customers". Tables that were done leave the list. */
static void take_list(struct arena *arena, struct snapshot_progress *p, size_t *cap,
                      const char *list)
{
    while (list != NULL && *list != '\0') {
        size_t len = strcspn(list, ",");
        (void)table_of(arena, p, cap, list, len);
        list += len;
        list += *list == ',';
    }
}

/* No table has more; what a notification claims beyond it is not a count of rows. */
#define ROWS_MAX INT64_C(1000000000000000)

/* One integer, not negative: what the common surrogate key looks like. At most a Java long. */
static bool plain_key(const char *text, int64_t *out)
{
    if (text == NULL || *text < '0' || *text > '9')
        return false;
    char *end;
    errno = 0;
    long long v = strtoll(text, &end, 10);
    *out = v;
    return errno == 0 && *end == '\0';
}

static double fraction_of(const struct dbz_notification *note, const struct snapshot_table *t)
{
    int64_t a, b;
    /* 3.x counts chunks, which holds for every kind of key. */
    if (plain_key(dbz_note_get(note, "chunk_index"), &a) &&
        plain_key(dbz_note_get(note, "total_chunks"), &b) && b >= 1)
        return fmin((double)a / (double)b, 1.0);
    if (plain_key(t->last_key, &a) && plain_key(t->maximum_key, &b) && b > 0)
        return fmin((double)a / (double)b, 1.0);
    return NAN;
}

/* 3.x counts the rows of a table before it reads them. */
static void take_total(const struct dbz_notification *note, struct snapshot_table *t)
{
    int64_t rows;
    if (plain_key(dbz_note_get(note, "total_rows"), &rows) && rows <= ROWS_MAX)
        t->total = rows;
}

/* An empty table is read, too. */
static bool read_well(const char *status)
{
    return status == NULL || mem_is(status, "SUCCEEDED") || mem_is(status, "EMPTY");
}

static void take_table(struct arena *arena, struct snapshot_progress *p, size_t *cap,
                       const struct dbz_notification *note)
{
    take_list(arena, p, cap, dbz_note_get(note, "data_collections"));
    const char *current = dbz_note_get(note, "current_collection_in_progress");
    const char *scanned = dbz_note_get(note, "scanned_collection");
    if (current != NULL) {
        struct snapshot_table *t = table_of(arena, p, cap, current, strlen(current));
        if (t != NULL && t->state < TABLE_DONE) {
            t->state = TABLE_READING;
            t->last_key = dbz_note_get(note, "last_processed_key");
            t->maximum_key = dbz_note_get(note, "maximum_key");
            t->fraction = fraction_of(note, t);
            take_total(note, t);
        }
    }
    if (scanned != NULL) {
        struct snapshot_table *t = table_of(arena, p, cap, scanned, strlen(scanned));
        int64_t rows;
        if (t == NULL)
            return;
        t->status = dbz_note_get(note, "status");
        t->state = read_well(t->status) ? TABLE_DONE : TABLE_FAILED;
        t->fraction = 1.0;
        if (plain_key(dbz_note_get(note, "total_rows_scanned"), &rows) && rows <= ROWS_MAX)
            t->rows = rows;
    }
}

/* stop-snapshot: COMPLETED with the snapshot's id, then at once ABORTED with a random one. */
static bool is_late_abort(const struct snapshot_progress *p, const struct dbz_notification *note)
{
    return p->state == SNAPSHOT_COMPLETED && state_of(note) == SNAPSHOT_ABORTED &&
           mem_is(p->aggregate_type, note->aggregate_type);
}

static bool belongs(const struct snapshot_progress *p, const struct dbz_notification *note)
{
    if (!mem_is(note->aggregate_type, p->aggregate_type))
        return false;
    return !is_incremental(note) || mem_is(note->id, p->id) || state_of(note) == SNAPSHOT_ABORTED;
}

static void sum_up(struct snapshot_progress *p)
{
    double sum = 0;
    bool known = p->ntables > 0;
    p->current = -1;
    for (size_t i = 0; i < p->ntables; i++) {
        struct snapshot_table *t = &p->tables[i];
        p->done += t->state >= TABLE_DONE;
        p->failed += t->state == TABLE_FAILED;
        if (t->rows != UNKNOWN)
            p->rows += t->rows;
        if (t->state == TABLE_READING) {
            if (p->current < 0 && !ended(p->state))
                p->current = (int)i;
            known = known &&
                    (!isnan(t->fraction) || !mem_is(p->aggregate_type, "Incremental Snapshot"));
        }
        sum += isnan(t->fraction) ? 0 : t->fraction;
    }
    p->fraction = known ? sum / (double)p->ntables : NAN;
}

struct snapshot_progress snapshot_progress_build(struct arena *arena,
                                                 const struct dbz_notification *notes, size_t n,
                                                 const struct snapshot_query *query)
{
    struct snapshot_progress p = {.state = SNAPSHOT_NOT_SEEN,
                                  .started_ms = UNKNOWN,
                                  .updated_ms = UNKNOWN,
                                  .ended_ms = UNKNOWN,
                                  .current = -1,
                                  .signals = query->signals,
                                  .fraction = NAN};
    size_t cap = 0;
    size_t start = query->id != NULL ? first_with_id(notes, n, query, query->id)
                                     : find_newest(notes, n, query);
    if (start == n)
        return p;
    p.aggregate_type = notes[start].aggregate_type;
    p.id = is_incremental(&notes[start]) ? notes[start].id : NULL;
    p.started_ms = notes[start].time_ms;
    for (size_t i = start; i < n; i++) {
        const struct dbz_notification *note = &notes[i];
        enum snapshot_state state = state_of(note);
        if (!wanted(note, query) || state == SNAPSHOT_NOT_SEEN)
            continue;
        if (ended(p.state) && is_incremental(note) && !ended(state))
            break; /* another one: what is aborted after this is that one */
        if (!belongs(&p, note))
            continue;
        bool late = is_late_abort(&p, note);
        if (ended(p.state) && !late)
            break;
        if (late)
            state = SNAPSHOT_STOPPED;
        take_table(arena, &p, &cap, note);
        p.state = state;
        p.updated_ms = note->time_ms;
        if (ended(state))
            p.ended_ms = note->time_ms;
    }
    sum_up(&p);
    return p;
}

bool snapshot_progress_running(const struct snapshot_progress *progress)
{
    return progress->state != SNAPSHOT_NOT_SEEN && !ended(progress->state);
}

const char *snapshot_state_name(enum snapshot_state state)
{
    return (unsigned)state < SNAPSHOT_STATE_COUNT ? state_names[state] : "unknown";
}
