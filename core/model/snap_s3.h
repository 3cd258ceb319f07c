/* snap_s3.h: what is seen of a bucket: the newest objects of each topic.
 * Conventions (unknown figures, times, ownership): snapshot.h, which includes this. */
#ifndef CDCTOP_MODEL_SNAP_S3_H
#define CDCTOP_MODEL_SNAP_S3_H

#include "model/fact.h"

struct s3_object {
    const char *key;
    int64_t size;
    int64_t modified_ms;
    int32_t partition;    /* -1 if the key does not tell */
    int64_t start_offset; /* UNKNOWN if the key does not tell */
    int64_t records;      /* lines counted in it; UNKNOWN: not read */
};

/* From this offset on every object of the partition that was ever listed is in `objects`, unless it
 * was deleted: what lies before may have been forgotten, or never looked at. */
struct s3_floor {
    int32_t partition;
    int64_t from;
};

struct s3_prefix { /* where one topic's objects arrive */
    const char *topic;
    const char *path;        /* prefix of the topic: "topics/shop.public.orders/" */
    const char *newest_path; /* the directory of the newest object, "…/hour=14/"; NULL if none */
    const char *layout;      /* "confluent", "aiven", "unknown" */
    struct s3_object *objects; /* newest first, at most S3_OBJECTS_KEPT */
    size_t nobjects;
    int64_t seen, seen_bytes; /* counters since `since_ms`, growing: rates come from them */
    int64_t since_ms;         /* how far back objects were looked at (an hour path, a start) */
    bool complete;            /* false: the walk to the newest key has not ended yet */
    const char *error;        /* of this prefix alone; NULL */
    /* Unfinished multipart uploads below it; UNKNOWN: not asked, or not permitted. */
    int64_t uploads, oldest_upload_ms;
    struct s3_floor *floors;
    size_t nfloors;
};
enum { S3_OBJECTS_KEPT = 200 };

struct s3_snap {
    const char *bucket, *endpoint, *region;
    struct s3_prefix *prefixes; /* by topic */
    size_t nprefixes;
    int64_t requests, keys; /* made and listed since the start */
    int64_t lists, uploads,
        reads;       /* the requests by kind: objects, unfinished uploads, objects read */
    int64_t charged; /* of them to us, by a bucket whose reader pays */
    /* By list price, so an estimate; UNKNOWN: no server of AWS, or not enough seen yet. */
    int64_t usd_micro_per_hour;
};

#endif
