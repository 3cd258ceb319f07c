/* offsets_cover.h: which offsets of a partition the objects of a bucket hold: holes and overlaps.
 * Pure.
 *
 * A key tells the first offset of its object, its lines tell how many records follow. Redelivery
 * after a crash makes ranges that overlap and nest, with neighbours like +1097 and +1098 (a sink
 * that never overwrites moves on by one): so a start is compared with the furthest end so far,
 * never with its neighbour's. (Recorded from Confluent's sink 10.6 after kill -9; with neighbours
 * compared there are holes where nothing is missing.)
 *
 * Only what is certain is a hole:
 * - Nothing is told below the floor of a partition, nor before the walk has ended.
 * - Where records may leave no line (tombstones that are ignored, filters, compaction), none is.
 * - Where the record decides the directory, two open files share a stretch of offsets: there the
 *   number of lines must be too small for all of it.
 * - An object that was not counted holds at most what the sink lets a file grow to.
 */
#ifndef CDCTOP_MODEL_OFFSETS_COVER_H
#define CDCTOP_MODEL_OFFSETS_COVER_H

#include "base/arena.h"
#include "model/connector_facts.h"
#include "model/snapshot.h"

struct cover_rules {
    int64_t most;      /* records that one object holds at most; UNKNOWN: no limit */
    bool scattered;    /* the record decides its directory */
    const char *skips; /* why offsets may be missing and nothing is lost; NULL */
};

/* From the sink's own configuration; sink and topic may be NULL. */
struct cover_rules offsets_cover_rules(const struct connector_facts *sink,
                                       const struct kafka_topic *topic);

struct cover_item {
    const struct s3_object *object;
    int64_t end;     /* first offset behind it; UNKNOWN: not counted */
    int64_t overlap; /* records that objects before it hold as well */
    int64_t gap;     /* offsets right before it that no object holds, lost or not */
};

struct cover_hole {
    int64_t from, to; /* the first that is missing, the first that is there again */
    int64_t records;  /* that are missing */
    bool at_least;    /* those and maybe more */
    const struct s3_object *before, *after;
};

struct cover {
    int32_t partition;
    int64_t floor;
    struct cover_item *items; /* by start offset, from the floor on */
    size_t nitems, counted;
    struct cover_hole *holes; /* by offset */
    size_t nholes;
    int64_t missing, overlapping; /* records, over all of them */
    const char *cannot_tell;      /* gaps were seen, but this may explain them; NULL */
};

struct covers {
    struct cover *items; /* one for each partition that has a floor */
    size_t count;
};

/* All live in the arena. */
struct covers offsets_cover(const struct s3_prefix *prefix, const struct cover_rules *rules,
                            struct arena *arena);

/* What is known of one object of the prefix; NULL. */
const struct cover_item *offsets_cover_item(const struct covers *covers, const struct s3_object *o);

#endif
