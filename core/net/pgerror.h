/* pgerror.h: what a PostgreSQL failure means, as an error kind and in an operator's words.
 *
 * Pure text work, apart from libpq so that it can be tested without a server. Sources of fact:
 * PostgreSQL's errcodes.txt (appendix A of its manual) and the texts of libpq 13 to 18.
 */
#ifndef CDCTOP_NET_PGERROR_H
#define CDCTOP_NET_PGERROR_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* The kind for a five-character SQLSTATE; ERR_SERVER for what is not in the table. */
enum err_kind pgerror_kind(const char *sqlstate);

/* Sets *err from an SQLSTATE and the server's primary message: "login refused: password
 * authentication failed for user "viewer" (28P01)". Both may be NULL. Returns false. */
bool pgerror_set(struct err *err, const char *sqlstate, const char *message);

/* Sets *err from what libpq says about a connection that could not be made (PQerrorMessage with
 * PQERRORS_VERBOSE, so that the SQLSTATE is in it). Several attempts may stand in one text: the
 * first that carries an SQLSTATE counts, because a second one without TLS only repeats it worse.
 * Returns false. */
bool pgerror_connect(struct err *err, const char *text);

/* Sets ERR_CONFIG for a connection string that libpq cannot parse. libpq quotes the offending
 * piece, which can be a piece of a password: everything between quotes is left out. Returns false.
 */
bool pgerror_conninfo(struct err *err, const char *text);

#endif
