/* heartbeat_table.h: which table a heartbeat.action.query writes. */
#ifndef CDCTOP_MODEL_HEARTBEAT_TABLE_H
#define CDCTOP_MODEL_HEARTBEAT_TABLE_H

#include "base/arena.h"

/* "schema.table", in lower case where the statement does not quote it. NULL for all but one INSERT
 * INTO or UPDATE of a table that is named with its schema: a guess would blame the wrong table. */
const char *heartbeat_table(const char *sql, struct arena *arena);

#endif
