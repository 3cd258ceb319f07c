/* pg_signal.h: Debezium's signal table: can a signal be sent through it, and sending one.
 *
 * Debezium reads rows (id, type, data) of the table that signal.data.collection names, through its
 * publication like any other change. A row in a table that is not published is never seen by it.
 * Blocking; for the action worker.
 * Table names: see sqlname_parse.
 */
#ifndef CDCTOP_ACTION_PG_SIGNAL_H
#define CDCTOP_ACTION_PG_SIGNAL_H

#include "action/pg_call.h"
#include "base/sqlname.h"
#include "model/snapshot.h"

#include <stddef.h>

enum { PG_SIGNAL_FAULTS = 6 };

struct pg_signal_fault {
    char what[240]; /* "dbz_pub does not publish public.debezium_signal: …" */
    char fix[400];  /* the statement that mends it; "" if there is none */
};

struct pg_signal_facts {
    enum tri exists, has_columns, may_insert, published, in_recovery;
    int data_max; /* characters that the data column takes; -1 no limit or unknown */
    struct pg_signal_fault faults[PG_SIGNAL_FAULTS]; /* all that stands in the way; none: fine */
    size_t nfaults;
};

/* publication NULL or "": not checked (published stays TRI_UNKNOWN). True: *facts is the server's
 * answer, whether a signal is possible or not. False: it could not be asked. */
bool pg_signal_check(const struct pg_call *call, const char *table, const char *publication,
                     struct pg_signal_facts *facts, struct err *err);

/* Inserts one signal. True: the row is committed. */
bool pg_signal_insert(const struct pg_call *call, const char *table, const char *id,
                      const char *type, const char *data_json, struct err *err);

/* The same statement with its values as literals: for previews. False with ERR_CONFIG for a bad
 * table name. */
bool pg_signal_sql(struct strbuf *sb, const char *table, const char *id, const char *type,
                   const char *data_json, struct err *err);

struct pg_table_facts {
    enum tri exists, has_pk, published; /* published TRI_UNKNOWN without a publication */
    char replica_identity;              /* d, n, f, i; '?' unknown */
    int64_t live_rows;                  /* est.; UNKNOWN if never analysed */
};

/* One facts per table. A name that cannot be parsed is a table that does not exist. */
bool pg_tables_check(const struct pg_call *call, const char *const *tables, size_t n,
                     const char *publication, struct pg_table_facts *facts, struct err *err);

#endif
