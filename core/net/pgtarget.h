/* pgtarget.h: where a session of these parameters would go, and as whom: what conninfo, PG*
 * variables and a service file say together, without connecting. */
#ifndef CDCTOP_NET_PGTARGET_H
#define CDCTOP_NET_PGTARGET_H

#include "base/err.h"
#include "net/pgconn.h"

#include <stdbool.h>

struct pgtarget { /* texts are never NULL; "": nothing says it */
    char *host;   /* the name, also where hostaddr says where to go; several with commas */
    char *user;
    char *sslmode, *sslrootcert;
    int port; /* of the first host */
};

/* False and ERR_CONFIG: the conninfo is not one. */
bool pgtarget_of(const struct pgconn_params *params, struct pgtarget *out, struct err *err);
void pgtarget_free(struct pgtarget *target);

#endif
