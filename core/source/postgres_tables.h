/* postgres_tables.h: what could be captured, and what the connectors' roles may do: the user tables
 * of the database, logins, rights on signal and heartbeat tables, and who waits for whose lock.
 *
 * Reads of the catalog take longer than a look at the slots: they are asked every 10 s while they
 * are quick, every 60 s where they are not, and at once when the hints change; in between the
 * server's rows are kept and read into each snapshot. All of the catalog that is read here is open
 * to everybody unless somebody took that right away: a note then names the GRANT.
 */
#ifndef CDCTOP_SOURCE_POSTGRES_TABLES_H
#define CDCTOP_SOURCE_POSTGRES_TABLES_H

#include "base/strbuf.h"
#include "model/hints.h"
#include "model/snapshot.h"
#include "net/pgconn.h"

enum postgres_catalog { PGT_RELATIONS, PGT_LOGINS, PGT_GRANTS, PGT_BLOCKED, PGT_COUNT };

struct postgres_tables;

struct postgres_tables *postgres_tables_new(void);
void postgres_tables_free(struct postgres_tables *tables);   /* NULL is fine */
void postgres_tables_forget(struct postgres_tables *tables); /* the session is another one */

/* Asks what is due, everything if full. hints may be NULL. False with *err only when the session is
 * not usable any more; a statement that failed is remembered for the note. */
bool postgres_tables_ask(struct postgres_tables *tables, struct pgconn *conn, int version_num,
                         const struct hints *hints, bool full, struct err *err);

/* What was asked last into the snapshot, which gets copies; quoted_user for the GRANTs of notes. */
void postgres_tables_read(const struct postgres_tables *tables, struct snapshot *snap,
                          const char *quoted_user);

/* ---- pure, for the above and for tests ---- */

/* The statement onto sb. False: there is nothing to ask (no hints that need it). */
bool postgres_tables_sql(struct strbuf *sb, enum postgres_catalog what, int version_num,
                         const struct hints *hints);
void postgres_tables_rows(struct snapshot *snap, enum postgres_catalog what,
                          const struct pgrows *rows);

#endif
