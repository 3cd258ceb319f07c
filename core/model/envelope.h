/* envelope.h: what a record's value is: a change as Debezium writes it, a tombstone, JSON, text,
 * bytes. Pure.
 *
 * Debezium's envelope is known by its members, with or without the schema part around it. What it
 * does not carry must not look like data: under REPLICA IDENTITY DEFAULT the row before an update
 * is null and that before a delete holds the key alone, the other columns being null as if they had
 * been so, or 0, "", false, 1970 where a column may not be null; a large value that an update left
 * alone comes as "__debezium_unavailable_value". (Recorded from Debezium 2.7.4; see the samples in
 * the tests.)
 */
#ifndef CDCTOP_MODEL_ENVELOPE_H
#define CDCTOP_MODEL_ENVELOPE_H

#include "base/arena.h"
#include "model/fact.h"
#include "model/peek.h"

enum envelope_kind {
    ENVELOPE_TOMBSTONE, /* no value: compaction may remove the key */
    ENVELOPE_EMPTY,     /* a value of no bytes */
    ENVELOPE_CHANGE,
    ENVELOPE_JSON,
    ENVELOPE_TEXT,
    ENVELOPE_REGISTRY, /* framed for a schema registry, and not JSON inside */
    ENVELOPE_BINARY,
};

enum cell_state {
    CELL_ABSENT, /* there is no row, or the row has no such column */
    CELL_VALUE,
    CELL_NULL,
    CELL_UNSENT, /* the database did not send it: not known */
    CELL_TOAST,  /* not sent because the update left it as it was */
};

struct envelope_cell {
    enum cell_state state;
    const char *text; /* CELL_VALUE: without quotes and escapes; else a word for it */
};

enum column_change { COLUMN_SAME, COLUMN_CHANGED, COLUMN_ADDED, COLUMN_REMOVED, COLUMN_UNTOLD };

struct envelope_column {
    const char *name;
    bool key;
    enum column_change change;
    struct envelope_cell before, after;
};

struct envelope {
    enum envelope_kind kind;
    const char *word;    /* "create", "tombstone", "json": what one calls it */
    const char *key;     /* in short: "id=1"; NULL: there is none */
    const char *summary; /* what changed, or the value, in short */
    bool cut;            /* the value is not all here */
    int64_t schema_id;   /* in the frame of a schema registry; UNKNOWN: none */
    /* ENVELOPE_CHANGE */
    char op;              /* c u d r t m */
    const char *table;    /* "public.orders"; NULL */
    const char *position; /* in the database's terms: "0/1AD1A18"; NULL */
    struct kv *facts;     /* where it came from, to be listed */
    size_t nfacts;
    int64_t source_ms, read_ms;      /* committed in the database, read by Debezium; UNKNOWN */
    struct envelope_column *columns; /* keys, then what changed, then the rest */
    size_t ncolumns;
    const char *before_note; /* why the row before is not, or not wholly, here; NULL */
};

/* Never NULL; lives in the arena and borrows nothing. identity: the table's replica identity now;
 * 'f' (FULL): nulls before a change are nulls; 0: not known. */
const struct envelope *envelope_read(struct arena *arena, const struct peek_bytes *key,
                                     const struct peek_bytes *value, char identity);

/* No text: NUL, bytes that are no UTF-8 (but for a character cut off at the end), many controls. */
bool envelope_is_binary(const char *data, size_t n);
/* What a file begins with: "Avro container", "Parquet", "gzip", "zstd"; NULL: nothing known. */
const char *envelope_magic(const char *data, size_t n);

#endif
