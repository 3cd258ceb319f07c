/* s3_layout.h: what an object's key says, and where a sink puts its objects. Pure.
 *
 * Confluent: <topics.dir>/<topic>/<path>/<topic>+<partition>+<start, 10 digits>.<ext>
 * Aiven:     file.name.template, by default <topic>-<partition>-<start>, unpadded; padding=true
 *            gives 20 digits; often without an extension.
 * (Recorded from Confluent's S3 sink 10.6 and Aiven's 3.4.)
 *
 * All keys that share everything before the start offset form a lane. Within a lane offsets grow,
 * and where they are padded the keys sort as the offsets do.
 */
#ifndef CDCTOP_SOURCE_S3_LAYOUT_H
#define CDCTOP_SOURCE_S3_LAYOUT_H

#include "model/hints.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { S3_PATH_SIZE = 1100 };

struct s3_key {
    size_t dir_len;    /* of the directory with its '/', 0 at the root */
    size_t lane_len;   /* of all before the offset's digits */
    const char *topic; /* inside the key; not terminated; NULL if the name does not tell */
    size_t topic_len;
    int32_t partition;    /* -1 if the name does not tell */
    int64_t start_offset; /* always told, or this is no data key */
    int digits;           /* of the offset as written */
    bool zero;            /* written with a leading zero and more digits: padded */
    char separator;       /* '+' '-' '_', or 0 */
};

/* False: not a data object (directory marker, foreign file, the .keys/.headers companions). */
bool s3_layout_parse(const char *key, struct s3_key *out);

/* "confluent", "aiven" or "unknown", by the separator. */
const char *s3_layout_name(const struct s3_key *key);

struct s3_plan {             /* where one topic's objects arrive */
    char root[S3_PATH_SIZE]; /* all its keys begin so */
    char time_format[256];   /* %Y %m %d %H %M of the path after root, UTC; "" unknown or none */
    char zone_format[256];   /* the same by the clock of any zone */
    char zone[64];
};

/* False: names too long or a template that begins with what is not known beforehand. */
bool s3_layout_plan(struct s3_plan *plan, const struct hint_sink *sink, const char *topic);

/* root and the directory of that time (UTC) into buf; false when there is no time format. */
bool s3_layout_render(const struct s3_plan *plan, int64_t time_ms, char *buf, size_t size);
/* The same where the zone is not UTC: time_ms is what its clock shows. */
bool s3_layout_render_zone(const struct s3_plan *plan, int64_t time_ms, char *buf, size_t size);

/* True for names like "2026", "year=2026", "dt=2026-11-20", "hour=7": they grow with time. */
bool s3_layout_time_like(const char *name, size_t len);
/* The first number in a name, or -1. */
int64_t s3_layout_number(const char *name, size_t len);

/* A start-after that is just before the key with this offset in its lane: every key of the lane
 * with the offset (padded to width digits; 0: unpadded) sorts after it, every one with the offset
 * before that sorts before it. */
void s3_layout_before(char *buf, size_t size, const char *lane, int64_t offset, int width);

#endif
