/* source.h: what every source of facts is: a name, open, poll, close.
 *
 * The runner gives each source a thread of its own: open once (again after close), then poll, wait,
 * poll. poll is straight-line blocking code; it must come back by ctx->deadline_ms
 * (CLOCK_MONOTONIC) and earlier when ctx->stop_fd becomes readable, whatever the server does. It
 * returns a snapshot that the caller owns (and stamps with our clocks), or NULL with *err set. A
 * source never draws and never touches the world.
 *
 * open only prepares (parses, allocates); it must not need the network: connecting belongs into
 * poll, which reconnects by itself after a failure.
 */
#ifndef CDCTOP_SOURCE_SOURCE_H
#define CDCTOP_SOURCE_SOURCE_H

#include "base/err.h"
#include "config/config.h"
#include "model/hints.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stdint.h>

struct aws;

struct poll_ctx {
    int64_t deadline_ms;       /* monotonic */
    int stop_fd;               /* readable: give up now with ERR_STOPPED; -1: none */
    const struct hints *hints; /* borrowed for this poll; may be NULL */
    struct aws *aws;           /* of this pipeline, shared; NULL: none (tests) */
    bool full;                 /* ask also what changes rarely (first poll, every 60 s, Ctrl-R) */
};

struct source_ops {
    const char *name;
    enum source_kind kind;
    bool (*configured)(const struct pipeline_config *cfg, const struct hints *hints);
    void *(*open)(const struct pipeline_config *cfg, struct err *err); /* cfg outlives the source */
    struct snapshot *(*poll)(void *self, const struct poll_ctx *ctx, struct err *err);
    void (*close)(
        void *self); /* must not block: leave a stuck library handle behind if it must be */
    /* How soon after a poll that failed it may be asked again: of AWS, where each call is counted
     * and may be paid for. NULL: at the next interval. */
    int64_t (*least_ms)(const struct pipeline_config *cfg);
};

extern const struct source_ops source_postgres;
extern const struct source_ops source_kafka;
extern const struct source_ops source_connect;
extern const struct source_ops source_s3;
extern const struct source_ops source_aws;
extern const struct source_ops source_msk;
extern const struct source_ops source_msk_connect;
extern const struct source_ops source_dms;
extern const struct source_ops source_rds;
extern const struct source_ops source_cloudwatch;
extern const struct source_ops source_logs;

/* least_ms of the services of AWS: [pipeline.aws] interval. */
int64_t source_least_aws(const struct pipeline_config *cfg);

/* True when the stop fd of this poll is readable or the deadline has passed; sets *err then. */
bool source_give_up(const struct poll_ctx *ctx, struct err *err);

#endif
