/* postgres_read.h: from the server's rows to struct pg_snap. Pure: no connection, no clock.
 *
 * Each reader takes the answer to one statement of postgres_sql.h and fills its part of the
 * snapshot; texts are copied into the snapshot's arena, so that rows may live elsewhere (the rarely
 * asked ones are kept between polls). Columns that the answer lacks become UNKNOWN or NULL.
 */
#ifndef CDCTOP_SOURCE_POSTGRES_READ_H
#define CDCTOP_SOURCE_POSTGRES_READ_H

#include "model/snapshot.h"
#include "net/pgconn.h"

void postgres_read_slots(struct snapshot *snap, const struct pgrows *rows);
void postgres_read_walsenders(struct snapshot *snap, const struct pgrows *rows);
void postgres_read_holders(struct snapshot *snap, const struct pgrows *rows);
/* Also the server's clock. True if the user may see other users' activity. */
bool postgres_read_position(struct snapshot *snap, const struct pgrows *rows);
void postgres_read_settings(struct snapshot *snap, const struct pgrows *rows);
void postgres_read_publications(struct snapshot *snap, const struct pgrows *rows);
void postgres_read_tables(struct snapshot *snap, const struct pgrows *rows);

/* What follows from several answers: retained and unconfirmed bytes, the walsender of each slot. */
void postgres_join(struct snapshot *snap);

/* A setting in bytes or milliseconds from pg_settings' number and unit ("8kB", "MB", "min");
 * negative numbers (unlimited, off) stay as they are; UNKNOWN for a unit we do not know. */
int64_t postgres_setting(int64_t number, const char *unit);

#endif
