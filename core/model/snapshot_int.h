/* snapshot_int.h: what the join of a snapshot's witnesses shares with its feed; snapshot_status.h
 * is the door for everybody else. */
#ifndef CDCTOP_MODEL_SNAPSHOT_INT_H
#define CDCTOP_MODEL_SNAPSHOT_INT_H

#include "model/feed.h"
#include "model/snapshot_status.h"

/* The topic of "schema.table" with its bounds over all partitions; NULL when it is not watched. */
const struct kafka_topic *snapshot_topic_of(struct arena *arena, const struct snapshot_witness *w,
                                            const char *table, int64_t *begin, int64_t *end);

/* Names of series, in buf of FEED_KEY bytes: where a topic ended when the snapshot began … */
const char *snapshot_base_key(char *buf, const char *topic, const char *key);
/* … and what is remembered of the snapshot itself. */
const char *snapshot_own_key(char *buf, const char *what, const struct snapshot_witness *w,
                             const struct snapshot_status *s);

/* Fills fraction, tables_left and rows_left: by rows where they are known, else all tables alike.
 */
void snapshot_weigh(struct snapshot_status *s);

#endif
