/* pg_slot.h: looking at one replication slot and dropping it, each over a session of its own.
 *
 * Blocking; for the action worker. The checks here are those that only the server can answer, and
 * they are made in the session that drops, just before it does. Who owns the slot and whether its
 * connector is stopped is the executor's business.
 */
#ifndef CDCTOP_ACTION_PG_SLOT_H
#define CDCTOP_ACTION_PG_SLOT_H

#include "action/pg_call.h"
#include "base/strbuf.h"
#include "model/snapshot.h"

enum { PG_NAME = 64 }; /* NAMEDATALEN of an unmodified server, with the NUL */

struct pg_slot_facts {
    char name[PG_NAME], database[PG_NAME], plugin[PG_NAME];
    char type[16];        /* "logical", "physical" */
    char wal_status[16];  /* "" unknown */
    char active_app[128]; /* who uses it, by application_name; "" nobody or not readable */
    char server[200];     /* "db1:5432/shop" */
    enum tri active, temporary, synced, in_recovery;
    int active_pid;
    uint64_t restart_lsn, confirmed_flush_lsn, lsn_now; /* LSN_NONE: unknown */
    int64_t retained;                                   /* bytes; UNKNOWN */
    int64_t unconfirmed; /* bytes that its consumer has not confirmed: what is lost; UNKNOWN */
    int64_t frees;       /* est. bytes of WAL that only this slot keeps, gone after the next
                            checkpoint; 0 if another slot keeps as much; UNKNOWN */
};

/* Whether there is such a slot. True: *exists is the server's answer. */
bool pg_slot_exists(const struct pg_call *call, const char *name, bool *exists, struct err *err);

/* ERR_NOTFOUND if there is no such slot. */
bool pg_slot_look(const struct pg_call *call, const char *name, struct pg_slot_facts *facts,
                  struct err *err);

/* Pure: false with ERR_CONFLICT or ERR_DENIED and the reason if this slot may not be dropped:
 * active, physical, temporary, synced, on a standby, or a fact that is not known. */
bool pg_slot_may_drop(const struct pg_slot_facts *facts, struct err *err);

/* Looks again, refuses as pg_slot_may_drop does, drops. *facts is what it looked like just before
 * (also when refused); may be NULL. ERR_CONFLICT: became active in between. ERR_DENIED: wants the
 * REPLICATION attribute. */
bool pg_slot_drop(const struct pg_call *call, const char *name, struct pg_slot_facts *facts,
                  struct err *err);

/* The statement as it is sent, with the name as a literal: for previews. */
void pg_slot_drop_sql(struct strbuf *sb, const char *name);

#endif
