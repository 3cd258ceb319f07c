/* s3_topics.h: which bucket is watched and which topics in it: from the configuration, from the
 * sinks that the hints tell of, else by looking. */
#ifndef CDCTOP_SOURCE_S3_TOPICS_H
#define CDCTOP_SOURCE_S3_TOPICS_H

#include "source/s3_walk.h"

enum { S3_TOPICS_MAX = 256 };

struct s3_place { /* owned strings; "" what nobody told */
    char bucket[256], prefix[S3_PATH_SIZE], endpoint[512], region[64];
    char own[128]; /* AWS's endpoint in that region, where there is no other: s3_topics_settle */
    char ca[512];  /* file with the authorities to trust: the same */
};

/* Configuration wins, then the first sink with a bucket (with this bucket, where the configuration
 * names one). False when nobody tells a bucket, or *err when the URL is none. */
bool s3_topics_place(const struct pipeline_config *cfg, const struct hints *hints,
                     struct s3_place *place, struct err *err);

struct aws;

/* What neither configuration nor sink told of endpoint, region and authorities is that of all AWS
 * calls. Not from the UI thread: aws_region. aws NULL is fine. */
void s3_topics_settle(struct s3_place *place, struct aws *aws);

struct s3_topics {
    struct s3_topic **items; /* by name */
    size_t count;
    size_t refused;  /* that were over the limit */
    bool from_hints; /* a sink told them */
};
void s3_topics_free(struct s3_topics *topics);

/* Makes the topics those of the sinks that write to this bucket; those that stay keep what they
 * know. False when no sink does. */
bool s3_topics_sync(struct s3_topics *topics, const struct hints *hints,
                    const struct s3_place *place);

/* Looks for topics below the prefix (default "topics/", else the root); adds what is new. */
bool s3_topics_discover(struct s3_topics *topics, struct s3_io *io, const struct s3_place *place,
                        struct err *err);

#endif
