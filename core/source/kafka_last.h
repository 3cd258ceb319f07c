/* kafka_last.h: single records that the Kafka source reads for their time: the newest one of
 * heartbeat topics and dead letter queues, and the oldest one that a sink has not committed. Used
 * by the source's thread alone.
 */
#ifndef CDCTOP_SOURCE_KAFKA_LAST_H
#define CDCTOP_SOURCE_KAFKA_LAST_H

#include "model/hints.h"
#include "model/snapshot.h"
#include "net/kafkaclient.h"
#include "source/kafka_topics.h"

enum {
    KAFKA_LAST_MAX = 64,           /* partitions of heartbeat and dead letter topics */
    KAFKA_UNREAD_MAX = 200,        /* partitions that lag */
    KAFKA_UNREAD_PER_POLL = 10,    /* a record each, and its batch travels */
    KAFKA_UNREAD_AFTER_MS = 20000, /* so long a partition lags before it is looked at, and again */
};

struct kafka_lasts;
struct kafka_lasts *kafka_lasts_new(void);
void kafka_lasts_free(struct kafka_lasts *lasts); /* NULL is fine */

/* Reads what moved since and fills snap->kafka.lasts and .unread. A topic whose newest record could
 * not be read this time is left out: an older one would pass for a dead heartbeat. Needs the
 * offsets of this poll and the groups of the snapshot. Errors become a note. */
void kafka_lasts_poll(struct kafka_lasts *lasts, struct kafkaclient *client,
                      const struct kafkaclient_until *until, const struct hints *hints,
                      const struct kafka_topics *topics, struct snapshot *snap);

#endif
