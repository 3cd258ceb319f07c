/* s3_peek.h: a look into an object because a person asks: its first bytes, unpacked if need be. */
#ifndef CDCTOP_SOURCE_S3_PEEK_H
#define CDCTOP_SOURCE_S3_PEEK_H

#include "config/config.h"
#include "model/peek.h"
#include "source/s3_topics.h"

struct aws;

/* Fills body, gzip and cut of the answer to its own request. aws may be NULL. */
bool s3_peek(struct aws *aws, const struct s3_config *cfg, const struct s3_place *place,
             int64_t deadline_ms, int stop_fd, struct peek_answer *answer, struct err *err);

#endif
