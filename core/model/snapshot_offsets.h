/* snapshot_offsets.h: how far an incremental snapshot is, read off the connector's offsets: for
 * connectors that send no notifications. Pure.
 *
 * While an incremental snapshot runs, Debezium stores with its offset (once per
 * offset.flush.interval.ms): incremental_snapshot_correlation_id (the signal's id),
 * …_collections (a JSON array of the tables that remain, the current one first), …_primary_key and
 * …_maximum_key of the current table (hex of a Java-serialised Object[]). The keys vanish when it
 * ends, however it ended: that alone is no proof of success.
 */
#ifndef CDCTOP_MODEL_SNAPSHOT_OFFSETS_H
#define CDCTOP_MODEL_SNAPSHOT_OFFSETS_H

#include "model/snapshot_progress.h"

/* State IN_PROGRESS with the remaining tables, or NOT_SEEN. id NULL: any. Strings and arrays go
 * into the arena. */
struct snapshot_progress snapshot_offsets_progress(struct arena *arena,
                                                   const struct connect_connector *connector,
                                                   const char *id);

/* The first element of a serialised Object[] when it is a whole number (Integer, Long, Short,
 * Byte). Reads untrusted bytes: every length is checked, nothing is ever deserialised. */
bool snapshot_offsets_key(const char *hex, int64_t *out);

#endif
