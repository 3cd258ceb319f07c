/* feed.h: what each new snapshot adds to the series of its pipeline.
 *
 * The names of the series, by source (a gauge may fall, a counter starts anew when it falls):
 *   postgres  wal; retained|confirmed|unconfirmed|restart|inactive SLOT;
 *             changes SCHEMA.TABLE (moves every 10 s at best: the source keeps the rows so long)
 *   kafka     hw TOPIC/PARTITION; end TOPIC; committed GROUP; at GROUP TOPIC/PARTITION (committed,
 *             of the first 512 partitions); lag GROUP (messages);
 *             behind GROUP (ms, the worst partition's time lag);
 *             total TOPIC (as end, but a point per quarter of thresholds.rate_window: it reaches
 *             back thirty such windows)
 *   connect   offset CONNECTOR (LSN)
 *   s3        objects TOPIC
 *   kafka and connect, of a running snapshot, by its id or the time it began (a point per change):
 *             snapshot_seen|snapshot_tables|snapshot_rows CONNECTOR KEY; snapshot_base TOPIC KEY
 */
#ifndef CDCTOP_MODEL_FEED_H
#define CDCTOP_MODEL_FEED_H

#include "model/world.h"

enum { FEED_KEY = 300 };

/* "WHAT NAME" in buf of FEED_KEY bytes. */
const char *feed_key(char *buf, const char *what, const char *name);

void feed_postgres(struct world_pipeline *p, const struct snapshot *snap);
void feed_kafka(struct world_pipeline *p, const struct snapshot *snap);
void feed_connect(struct world_pipeline *p, const struct snapshot *snap);
void feed_s3(struct world_pipeline *p, const struct snapshot *snap);
/* After one of Kafka or Connect was taken. */
void feed_snapshots(struct world_pipeline *p, const struct snapshot *snap);

#endif
