/* path_time.h: the time that a directory stands for, by the sink's pattern, and what clock a time
 * zone may show. Pure. */
#ifndef CDCTOP_MODEL_PATH_TIME_H
#define CDCTOP_MODEL_PATH_TIME_H

#include <stdbool.h>
#include <stdint.h>

struct path_time {          /* as if the directory were named in UTC */
    int64_t from_ms, to_ms; /* to is exclusive: the end of the hour, or of the day */
};

/* path: what follows the topic's own directory, "year=2026/month=11/day=20/hour=14/t+0+1.json".
 * format: Joda pattern, "'year'=YYYY/'month'=MM/'day'=dd/'hour'=HH". False when the pattern has no
 * year, month and day, has letters that are not read here, or the path does not follow it. */
bool path_time_read(const char *format, const char *path, struct path_time *out);

/* How far the clocks of a zone may be ahead of UTC, ms. Exact for UTC and for fixed offsets; of a
 * named zone all that its part of the world has had (no database is read); NULL: UTC. */
void path_time_zone(const char *zone, int64_t *low_ms, int64_t *high_ms);

#endif
