/* kafka_read.h: what the Kafka source reads as records: the newest one of partitions on the screen,
 * and Debezium's notifications. Used by the source's thread alone.
 */
#ifndef CDCTOP_SOURCE_KAFKA_READ_H
#define CDCTOP_SOURCE_KAFKA_READ_H

#include "model/hints.h"
#include "model/snapshot.h"
#include "net/kafkaclient.h"
#include "source/kafka_topics.h"

enum { KAFKA_READ_SAMPLES = 20, KAFKA_READ_TAIL = 500, KAFKA_READ_KEPT = 300 };

/* Looks up timestamp and size of the newest record of up to KAFKA_READ_SAMPLES partitions whose end
 * moved since; *turn remembers where to go on. Errors become a note. */
void kafka_read_samples(struct kafka_topics *topics, struct kafkaclient *client,
                        const struct kafkaclient_until *until, const struct hints *hints,
                        size_t *turn, struct snapshot *snap);

struct kafka_notes;
struct kafka_notes *kafka_notes_new(void);
void kafka_notes_free(struct kafka_notes *notes); /* NULL is fine */

/* Reads on where the last poll ended (at first: the last KAFKA_READ_TAIL records of each
 * notification topic) and copies the newest KAFKA_READ_KEPT notifications into the snapshot, oldest
 * first. Errors become a note. Needs the end offsets of this poll. */
void kafka_notes_poll(struct kafka_notes *notes, struct kafkaclient *client,
                      const struct kafkaclient_until *until, const struct hints *hints,
                      const struct kafka_topics *topics, struct snapshot *snap);

#endif
