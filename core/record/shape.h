/* shape.h: the fields of everything that a recording holds, once: the writer, the reader, the
 * redaction and their tests all go by these tables.
 *
 * A field that is added to a snapshot's struct without a row here does not compile: each list of
 * rows is also used as the struct's initializer, which then lacks one (shape_int.h).
 */
#ifndef CDCTOP_RECORD_SHAPE_H
#define CDCTOP_RECORD_SHAPE_H

#include "model/ledger.h"
#include "model/world.h"

#include <stddef.h>

/* How a field is written; what is in brackets stands for "not said" and is left out. */
enum field_type {
    FIELD_BOOL, /* true [false] */
    FIELD_INT,  /* int, [0] */
    FIELD_I32,
    FIELD_SIZE,
    FIELD_I64,  /* a number, beyond ±2^53 its digits in quotes; [UNKNOWN: null] */
    FIELD_ZERO, /* int64_t that is never UNKNOWN, [0] */
    FIELD_F64,  /* a fraction [NAN: null] */
    FIELD_LSN,  /* "16/B374D848" [LSN_NONE: null] */
    FIELD_TRI,  /* true, false, [TRI_UNKNOWN: null] */
    FIELD_CHAR, /* "d" ['\0': ""] */
    FIELD_STR,  /* [NULL: null] */
    FIELD_NAME, /* a string that is never NULL [""] */
    FIELD_TEXT, /* char[] inside the struct [""] */
    FIELD_STRS, /* array of strings and its count [empty] */
    FIELD_KVS,  /* array of struct kv: an object [empty] */
    FIELD_ROW,  /* pointer to one struct [NULL: null] */
    FIELD_PART, /* one struct inside the struct */
    FIELD_ROWS, /* array of structs and its count [empty] */
};

/* What --redact does with it. */
enum redact_kind {
    REDACT_KEEP,   /* a figure, or a word of the server's own */
    REDACT_NAME,   /* made-up words in place of those that are not common */
    REDACT_WHOLE,  /* one made-up word in its place */
    REDACT_TEXT,   /* left out */
    REDACT_TRACE,  /* the names of the exceptions alone */
    REDACT_CONFIG, /* FIELD_KVS: by the key */
};

struct field {
    const char *name;
    enum field_type type;
    enum redact_kind redact;
    size_t offset, count; /* count: offset of the number of elements */
    size_t size;          /* FIELD_TEXT: of the array */
    const struct shape *of;
};

struct shape {
    const char *name; /* of the struct */
    size_t size;
    const struct field *fields;
    size_t nfields;
};

extern const struct shape shape_pg, shape_kafka, shape_connect, shape_s3;
extern const struct shape shape_aws, shape_msk, shape_rds, shape_cloudwatch, shape_logs;
extern const struct shape shape_msk_connector, shape_dms_task; /* parts of shape_connect */
extern const struct shape shape_report; /* polls, failures, times: all but error and snapshot */
extern const struct shape shape_head;   /* of struct snapshot what every kind has */
extern const struct shape shape_ledger; /* an action and how it stands */

/* What is in the union of a snapshot of that kind. */
const struct shape *shape_of(enum source_kind kind);
void *shape_part(struct snapshot *snap);
const void *shape_part_const(const struct snapshot *snap);

/* Every field as if it had not been said. */
void shape_clear(const struct shape *shape, void *row);

#endif
