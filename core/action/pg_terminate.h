/* pg_terminate.h: looking at one session of a PostgreSQL server and ending it.
 *
 * Blocking; for the action worker. A pid is only a number: with backend_start it is a session, and
 * both are asked for again in the session that ends it, just before and in the very statement.
 */
#ifndef CDCTOP_ACTION_PG_TERMINATE_H
#define CDCTOP_ACTION_PG_TERMINATE_H

#include "action/pg_call.h"
#include "base/strbuf.h"

/* Refuses what pg_session_refusal refuses, and one whose backend_start is not started_ms.
 * ERR_DENIED names the GRANT that is missing, ERR_NOTFOUND: it has ended by itself, ERR_CONFLICT:
 * the pid is another session's now. *gone: it was seen to be gone; false: it has the signal and
 * still runs. */
bool pg_terminate(const struct pg_call *call, int pid, int64_t started_ms, bool *gone,
                  struct err *err);

/* The statement as it is sent, with its values: for previews. */
void pg_terminate_sql(struct strbuf *sb, int pid, int64_t started_ms);

#endif
