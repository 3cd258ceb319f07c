/* postgres_identity.h: which server is it? Identifier of the cluster and timeline: after a restore,
 * a failover or on a clone a connector's offset is of another history.
 *
 * pg_control_system() and pg_control_checkpoint() may be closed to us (managed servers): that is no
 * error and leaves no note, and it is not asked again in the same session.
 */
#ifndef CDCTOP_SOURCE_POSTGRES_IDENTITY_H
#define CDCTOP_SOURCE_POSTGRES_IDENTITY_H

#include "model/snapshot.h"
#include "net/pgconn.h"

struct pg_identity { /* zero-initialise; clear `known` and `closed` with a new connection */
    bool known, closed;
    int64_t timeline;
    char system[32];
};

/* Asks where it is due. False only when the connection is gone; *err says why. */
bool postgres_identity_ask(struct pg_identity *id, struct pgconn *conn, struct err *err);

/* Into the snapshot: UNKNOWN and NULL where it is not known. */
void postgres_identity_put(const struct pg_identity *id, struct snapshot *snap);

#endif
