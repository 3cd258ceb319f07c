/* feed.h: what each new snapshot adds to the series of its pipeline.
 *
 * The names of the series, by source (a gauge may fall, a counter starts anew when it falls):
 *
 *   postgres  wal; started (postmaster); polled; system; moved (times it was another server)
 *             retained|confirmed|unconfirmed|restart SLOT; inactive SLOT (since when, 0: it is not)
 *             trail SLOT (unconfirmed, spaced: reaches further back); sender SLOT (backend_start)
 *             spill SLOT (bytes); see feed_gap.c for gap_* CONNECTOR
 *             changes SCHEMA.TABLE (moves every 10 s at best: the source keeps the rows so long)
 *
 *   kafka     hw TOPIC/PARTITION; end TOPIC; committed GROUP; at GROUP TOPIC/PARTITION (committed,
 *             of the first 512 partitions); lag GROUP (messages);
 *             behind GROUP (ms, the worst partition's time lag);
 *             total TOPIC (as end, but a point per quarter of thresholds.rate_window: it reaches
 *             back thirty such windows)
 *
 *   connect   offset CONNECTOR (LSN); ahead CONNECTOR (bytes that its slot is ahead of it)
 *             rows CONNECTOR (of DMS: all that its tables have seen)
 *
 *   s3        objects TOPIC
 *
 *   cloudwatch  NAME SPACE OBJECT (feed_metric_key), a point per datapoint, at the datapoint's time
 *
 *   kafka and connect, of a running snapshot, by its id or the time it began (a point per change):
 *             snapshot_seen|snapshot_tables|snapshot_rows|snapshot_type CONNECTOR KEY;
 *             snapshot_base TOPIC KEY
 */
#ifndef CDCTOP_MODEL_FEED_H
#define CDCTOP_MODEL_FEED_H

#include "model/world.h"

enum { FEED_KEY = 300 };

/* "WHAT NAME" in buf of FEED_KEY bytes. */
const char *feed_key(char *buf, const char *what, const char *name);

/* What the newest point of a series says; NAN without one. */
double feed_newest(const struct series_store *store, const char *what, const char *name);

/* Is a slot that a connector goes on with newer than the connector's offset? */
void feed_gap_postgres(struct world_pipeline *p, const struct snapshot *snap);
void feed_gap_connect(struct world_pipeline *p, const struct snapshot *snap);

void feed_postgres(struct world_pipeline *p, const struct snapshot *snap);
void feed_kafka(struct world_pipeline *p, const struct snapshot *snap);
void feed_connect(struct world_pipeline *p, const struct snapshot *snap);
void feed_cloudwatch(struct world_pipeline *p, const struct snapshot *snap);
/* The series of a metric, in buf of FEED_KEY bytes. */
const char *feed_metric_key(char *buf, const char *space, const char *name, const char *object);
void feed_s3(struct world_pipeline *p, const struct snapshot *snap);
/* After one of Kafka or Connect was taken. */
void feed_snapshots(struct world_pipeline *p, const struct snapshot *snap);

#endif
