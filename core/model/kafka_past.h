/* kafka_past.h: what happened to offsets at one moment and is gone from the next snapshot: offsets
 * moved back, records that retention took before they were read, a topic begun anew.
 *
 * Filled by feed_kafka from two snapshots in a row. One entry per group, topic and partition and
 * kind; times are monotonic milliseconds.
 */
#ifndef CDCTOP_MODEL_KAFKA_PAST_H
#define CDCTOP_MODEL_KAFKA_PAST_H

#include "model/series.h"
#include "model/snapshot.h"

enum { KAFKA_PAST_MAX = 128 };

enum kafka_event_kind {
    KAFKA_REWOUND, /* committed went from `from` back to `to` */
    KAFKA_LOST,    /* committed stood at `from` when the log began at `to` only */
    KAFKA_ANEW,    /* the end went from `from` back to `to`: another log under the same name */
    KAFKA_EVENT_COUNT
};

struct kafka_event {
    enum kafka_event_kind kind;
    const char *group; /* NULL for KAFKA_ANEW; both malloc'd */
    const char *topic;
    int32_t partition;
    int64_t from, to;
    int64_t mono_ms; /* when it was seen last */
};

struct kafka_past {
    struct kafka_event items[KAFKA_PAST_MAX];
    size_t count;
};

/* To be called before the newer snapshot's ends are pushed to the series. before may be NULL.
 * now_ms is of the newer snapshot. */
void kafka_past_feed(struct kafka_past *past, const struct series_store *series,
                     const struct kafka_snap *before, const struct kafka_snap *now, int64_t now_ms);
void kafka_past_clear(struct kafka_past *past);

#endif
