/* peek.h: the records of a topic or the beginning of an object, looked at because a person asks.
 *
 * Everything in an answer is foreign bytes, bounded by the limits below, and not yet safe for a
 * terminal. Nothing of it is kept, logged or recorded.
 *
 * Who answers fills records (peek_merge chooses them from those of several partitions) or body;
 * peek_answer_read makes of the bytes what a person reads: the engine sees to it.
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
    PEEK_HEADERS_MAX = 64,        /* of one record */
    PEEK_EDGES_MAX = 256,         /* partitions in one request or answer */
};

enum peek_kind { PEEK_TOPIC, PEEK_OBJECT };
enum peek_from {
    PEEK_NEWEST, /* the newest records */
    PEEK_OFFSET, /* from that offset on; below 0: so many before the end */
    PEEK_TIME,   /* from the first record of that time or later on */
    PEEK_BEFORE, /* the newest ones before the edges: the page before an answer's parts[].from */
    PEEK_AFTER,  /* the oldest ones from the edges on: the page after an answer's parts[].upto */
};

struct peek_edge {
    int32_t partition;
    int64_t offset;
};

struct peek_request {
    enum peek_kind kind;
    size_t pipeline;
    const char *name; /* topic, or key of the object */
    enum peek_from from;
    int32_t partition; /* -1: all of them */
    int64_t offset;    /* PEEK_OFFSET */
    int64_t time_ms;   /* PEEK_TIME: since 1970 */
    int count;         /* records wanted, at most PEEK_RECORDS_MAX */
    char identity;     /* replica identity of the table that fills it, as PostgreSQL says; 0 */
    const struct peek_edge *edges; /* PEEK_BEFORE, PEEK_AFTER: one for each partition */
    size_t nedges;
};
struct peek_request *peek_request_copy(const struct peek_request *request); /* malloc'd */
void peek_request_free(struct peek_request *request);
/* Towards the beginning: the newest records that fit, not the oldest. */
bool peek_backward(const struct peek_request *request);

struct peek_bytes {
    const char *data; /* a NUL stands behind it; NULL: there is none (a tombstone's value) */
    size_t n;         /* of data, at most PEEK_BYTES_MAX (a body: PEEK_OBJECT_MAX) */
    int64_t size;     /* of the whole; UNKNOWN: more than n, nobody knows how much */
};

struct peek_record {
    int32_t partition; /* of an object's record: -1 */
    int64_t offset;    /* of an object's record: its number in the object, from 0 */
    int64_t time_ms;   /* UNKNOWN */
    struct peek_bytes key, value;
    struct kv *headers; /* values as text, bounded */
    size_t nheaders;
    const struct envelope *envelope; /* by peek_answer_read */
};

/* What an answer covers of one partition: every record from `from` to before `upto` is in it. */
struct peek_part {
    int32_t partition;
    int64_t begin, end; /* of the log */
    int64_t from, upto;
};

/* Malloc'd with an arena of its own; moves with the pointer. */
struct peek_answer {
    struct arena *arena;
    unsigned id; /* of the request */
    struct peek_request *request;
    struct err err; /* kind ERR_NONE: it worked */
    int64_t took_ms;
    int64_t at_ms;               /* wall clock of the backend: when it came */
    struct peek_record *records; /* by time, oldest first; each partition's by offset */
    size_t nrecords;
    struct peek_part *parts; /* PEEK_TOPIC, by partition */
    size_t nparts;
    const char *note; /* what is not in it, and why; NULL */
    /* PEEK_OBJECT */
    struct peek_bytes body; /* size: of the object as it is stored */
    bool gzip;              /* body was decompressed */
    bool cut;               /* there is more of the object than body */
    bool read;              /* peek_answer_read was here */
};
struct peek_answer *peek_answer_new(unsigned id, const struct peek_request *request);
void peek_answer_free(struct peek_answer *answer); /* NULL is fine */

/* A copy in the arena, cut at PEEK_BYTES_MAX. data NULL: there is none. */
struct peek_bytes peek_bytes_copy(struct arena *arena, const char *data, size_t n);

/* Makes records of an object's body (one a line, or the elements of a JSON array; a binary one has
 * none), and reads the envelope of each record. Once is enough. */
void peek_answer_read(struct peek_answer *answer);

/* ---- choosing records from several partitions ------------------------------------------------ */

struct peek_lane { /* what was read of one partition, in one stretch */
    struct peek_part *part;
    struct peek_record *records; /* by offset */
    size_t n;
    int64_t from, upto; /* all there is between these was read */
    bool more;          /* there is something beyond (below from if backward, else from upto on) */
};

/* Puts at most `count` records into answer->records and sets from and upto of each part: backward
 * the newest of those read, else the oldest, never leaving one out in between. True: there are
 * `count`, or nothing is left to read. False: the lanes that peek_lane_used have to be read further
 * to tell; the records that could be told stand in the answer. */
bool peek_merge(struct peek_answer *answer, const struct peek_lane *lanes, size_t nlanes,
                bool backward, size_t count);
/* All of its records were chosen, and there are more. */
bool peek_lane_used(const struct peek_lane *lane, bool backward);

#endif
