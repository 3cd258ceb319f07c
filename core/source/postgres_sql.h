/* postgres_sql.h: every statement that the PostgreSQL source sends: its columns, since and until
 * which server version they exist, and why they are asked for.
 *
 * The column list is built from server_version_num; nothing is tried and caught. Readers look
 * columns up by name in the answer (pgrows_column): one that this version lacks reads as NULL.
 */
#ifndef CDCTOP_SOURCE_POSTGRES_SQL_H
#define CDCTOP_SOURCE_POSTGRES_SQL_H

#include "base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>

enum { PG_OLDEST = 130000 }; /* server_version_num */

enum pg_query {
    PGQ_PROBE,        /* once per connection */
    PGQ_SLOTS,        /* each refresh, with the decoding spill of 14+ */
    PGQ_WALSENDERS,   /* each refresh */
    PGQ_HOLDERS,      /* each refresh: old and prepared transactions */
    PGQ_POSITION,     /* each refresh, after the slots: no slot is then ahead of it */
    PGQ_PUBLICATIONS, /* each refresh: few, and whether one exists decides about a failed task */
    PGQ_SETTINGS,     /* rarely */
    PGQ_TABLES,       /* rarely: what the publications publish */
    PGQ_COUNT
};

struct pg_column {
    const char *name;
    const char *sql;  /* NULL: the name itself */
    int since, until; /* server_version_num; 0: always. until is the first without it */
    bool shown;       /* a column of the server's own view: part of the details */
};

struct pg_query_text {
    const char *title;    /* for notes: "walsenders" */
    const char *relation; /* the view whose GRANT is missing when it is denied */
    const struct pg_column *columns;
    size_t ncolumns;
    const char *from;    /* from FROM on */
    const char *from_14; /* the same from 14 on; NULL: no difference */
};

const struct pg_query_text *postgres_query(enum pg_query query);

/* True if this server version has the column. */
bool postgres_has_column(const struct pg_column *column, int version_num);

/* The statement for this version onto sb. */
void postgres_sql(struct strbuf *sb, enum pg_query query, int version_num);

/* Position for servers where the ordinary one fails: Aurora has its WAL functions only with
 * wal_level=logical, and on readers not at all. */
enum pg_position { PG_POSITION_ORDINARY, PG_POSITION_AURORA, PG_POSITION_NONE };
void postgres_position_sql(struct strbuf *sb, enum pg_position position);

#endif
