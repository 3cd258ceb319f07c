/* pgconn.h: one session with a PostgreSQL server (pgconn.c is the only file that sees libpq).
 *
 * Straight-line calls for source and action threads: each waits in poll() on the socket and on a
 * stop fd, until a deadline. After a time-out, a stop or a lost connection the session is not
 * usable any more (pgconn_usable) and can only be closed; an error of a statement leaves it usable.
 * Nothing is ever cancelled on the server (libpq's cancel blocks): the server's own
 * statement_timeout ends what we no longer wait for.
 *
 * Every statement is its own transaction: nothing stays open between two calls. The session is
 * read-only with statement, lock and idle time-outs. They are SET after connecting, because poolers
 * and proxies refuse the `options` start-up parameter. Behind a pooler (the server process is not
 * the one we logged in to) a SET would stay behind on a connection that others use next: there
 * each statement without parameters carries the settings in a transaction of its own instead.
 *
 * Names do resolve in the calling thread and may block as long as the resolver does.
 */
#ifndef CDCTOP_NET_PGCONN_H
#define CDCTOP_NET_PGCONN_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pgconn;

/* All borrowed for the call of pgconn_open. NULL and "" mean not given. */
struct pgconn_params {
    const char *conninfo; /* keywords, URL or database name; what it leaves out: PG* environment */
    const char *password; /* secret; before any in conninfo or environment */
    const char *sslmode;  /* also before any there */
    /* Taken only where conninfo is empty and the environment does not say: */
    const char *host, *database, *user;
    int port;                     /* 0: not given */
    bool read_write;              /* for actions; otherwise the session is read-only */
    int64_t connect_timeout_ms;   /* 0: only the deadline */
    int64_t statement_timeout_ms; /* the server's; 0: 3 s */
};

/* An answer. Lives in the arena that was handed to pgconn_query. */
struct pgrows {
    size_t nrows;
    size_t ncols;
    const char **names; /* ncols */
    const char **cells; /* nrows * ncols, row by row; NULL is SQL's NULL; cut at PGCONN_CELL */
    bool cut;           /* there were more than PGCONN_ROWS rows or PGCONN_BYTES */
};
enum {
    PGCONN_ROWS = 5000,
    PGCONN_COLUMNS = 200, /* more is ERR_TOOBIG */
    PGCONN_CELL = 4096,
    PGCONN_BYTES = 16 * 1024 * 1024, /* of a whole answer */
};

/* NULL with *err set: ERR_DNS, ERR_REFUSED, ERR_TLS, ERR_AUTH, ERR_TIMEOUT, ERR_STOPPED, ERR_CONFIG
 * (the connection string), ERR_NOTFOUND (the database) … The text never holds the password. */
struct pgconn *pgconn_open(const struct pgconn_params *params, int64_t deadline_ms, int stop_fd,
                           struct err *err);
void pgconn_close(struct pgconn *conn); /* NULL is fine; does not block */

/* Until when and on which fd the following queries wait. */
void pgconn_until(struct pgconn *conn, int64_t deadline_ms, int stop_fd);

/* One statement with text parameters ($1 …, NULL is SQL's NULL). NULL with *err set on failure. */
struct pgrows *pgconn_query(struct pgconn *conn, struct arena *arena, const char *sql,
                            const char *const *params, int nparams, struct err *err);

bool pgconn_usable(const struct pgconn *conn);
bool pgconn_pooled(const struct pgconn *conn); /* a pooler or proxy stands between */

/* Of the session; never NULL, valid until pgconn_close. host may be a socket directory. */
const char *pgconn_host(const struct pgconn *conn);
const char *pgconn_database(const struct pgconn *conn);
const char *pgconn_user(const struct pgconn *conn);
int pgconn_port(const struct pgconn *conn);
/* "TLSv1.3"; NULL: the session is not encrypted. */
const char *pgconn_tls(const struct pgconn *conn);
/* When the server's certificate ends; -1 unknown. */
int64_t pgconn_certificate_ends_ms(const struct pgconn *conn);

/* True if the environment alone names a server (PGHOST, PGHOSTADDR, PGSERVICE). */
bool pgconn_environment(void);

/* The column's number or -1; a column that this version lacks reads as NULL everywhere below. */
int pgrows_column(const struct pgrows *rows, const char *name);
const char *pgrows_text(const struct pgrows *rows, size_t row, int column);
int64_t pgrows_int(const struct pgrows *rows, size_t row, int column, int64_t if_null);
uint64_t pgrows_lsn(const struct pgrows *rows, size_t row, int column); /* LSN_NONE if NULL */
int pgrows_bool(const struct pgrows *rows, size_t row, int column);     /* 1, 0; -1 if NULL */

#endif
