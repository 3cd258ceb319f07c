/* pg_call.h: a short session of its own for one action on a PostgreSQL server. */
#ifndef CDCTOP_ACTION_PG_CALL_H
#define CDCTOP_ACTION_PG_CALL_H

#include "config/config.h"
#include "model/hints.h"
#include "net/pgconn.h"

#include <stdint.h>

struct aws;

/* Where, and how long the caller waits. All borrowed. */
struct pg_call {
    const struct postgres_config *cfg;
    struct aws *aws;           /* for secrets and tokens; NULL: none */
    const struct hints *hints; /* where the database is if cfg does not say; may be NULL */
    int64_t deadline_ms;       /* monotonic */
    int stop_fd;               /* -1: none */
};

/* A session for one call; with writes only if asked for. pgconn_close it. NULL with *err set. */
struct pgconn *pg_call_open(const struct pg_call *call, bool read_write, struct err *err);

#endif
