/* peek.h: the records of a topic or the beginning of an object, looked at because a person asks.
 *
 * Everything in an answer is foreign bytes, bounded by the limits below, and not yet safe for a
 * terminal. Nothing of it is kept, logged or recorded.
 */
#ifndef CDCTOP_MODEL_PEEK_H
#define CDCTOP_MODEL_PEEK_H

#include "base/arena.h"
#include "base/err.h"
#include "model/fact.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PEEK_RECORDS_MAX = 200,       /* records in one answer */
    PEEK_BYTES_MAX = 64 * 1024,   /* of one key or value: what is longer is cut */
    PEEK_OBJECT_MAX = 256 * 1024, /* of an object, after decompression */
};

enum peek_kind { PEEK_TOPIC, PEEK_OBJECT };
enum peek_from { PEEK_NEWEST, PEEK_OFFSET, PEEK_TIME };

struct peek_request {
    enum peek_kind kind;
    size_t pipeline;
    const char *name; /* topic, or key of the object */
    enum peek_from from;
    int32_t partition; /* -1: all of them */
    int64_t offset;    /* PEEK_OFFSET */
    int64_t time_ms;   /* PEEK_TIME: since 1970 */
    int count;         /* records wanted, at most PEEK_RECORDS_MAX */
};
struct peek_request *peek_request_copy(const struct peek_request *request); /* malloc'd */
void peek_request_free(struct peek_request *request);

struct peek_bytes {
    const char *data; /* NULL: there is none (a tombstone's value) */
    size_t n;         /* of data, at most PEEK_BYTES_MAX */
    int64_t size;     /* of the whole */
};

struct peek_record {
    int32_t partition;
    int64_t offset;
    int64_t time_ms; /* UNKNOWN */
    struct peek_bytes key, value;
    struct kv *headers; /* values as text, bounded */
    size_t nheaders;
};

/* Malloc'd with an arena of its own; moves with the pointer. */
struct peek_answer {
    struct arena *arena;
    unsigned id; /* of the request */
    struct peek_request *request;
    struct err err; /* kind ERR_NONE: it worked */
    int64_t took_ms;
    struct peek_record *records; /* by time, oldest first */
    size_t nrecords;
    /* PEEK_OBJECT */
    struct peek_bytes body; /* size: of the object as it is stored */
    bool gzip;              /* body was decompressed */
};
struct peek_answer *peek_answer_new(unsigned id, const struct peek_request *request);
void peek_answer_free(struct peek_answer *answer); /* NULL is fine */

#endif
