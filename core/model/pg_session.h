/* pg_session.h: a session that others wait for: whose old transaction slots cannot pass, or that
 * holds a lock; and whether it may be ended.
 */
#ifndef CDCTOP_MODEL_PG_SESSION_H
#define CDCTOP_MODEL_PG_SESSION_H

#include "model/snapshot.h"

/* Of a role's oid: may our own role end its sessions? For statements on pg_stat_activity. */
#define PG_SESSION_MAY_SIGNAL(oid)                             \
    "(pg_has_role(current_user, 'pg_signal_backend', 'USAGE')" \
    " OR pg_has_role(current_user, " oid ", 'USAGE'))"

enum { PG_SESSION_WHY = 300 };

/* The session with that pid among those that hold something back; false: there is none. */
bool pg_session_find(const struct pg_snap *pg, int pid, struct pg_session *out);

/* The transaction that slots wait for: the oldest that has written, else the oldest that reads.
 * It may be a prepared one, without a session. NULL: none is open. */
const struct pg_holder *pg_session_pin(const struct pg_snap *pg);

/* Why that session must not be ended, in buf; NULL: it may. our_user: who would have to be granted
 * the right. */
const char *pg_session_refusal(const struct pg_session *session, const char *our_user, char *buf,
                               size_t size);

#endif
