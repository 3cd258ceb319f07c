#include "net/pgtarget.h"

#include "base/mem.h"
#include "net/pgerror.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

enum { PORT = 5432 };

static const char *value_of(const PQconninfoOption *options, const char *key)
{
    for (const PQconninfoOption *o = options; o != NULL && o->keyword != NULL; o++) {
        if (strcmp(o->keyword, key) == 0)
            return o->val != NULL ? o->val : "";
    }
    return "";
}

static bool given(const char *s)
{
    return s != NULL && s[0] != '\0';
}

static char *first_of(const char *a, const char *b, const char *c)
{
    return mem_strdup(given(a) ? a : given(b) ? b : given(c) ? c : "");
}

bool pgtarget_of(const struct pgconn_params *params, struct pgtarget *out, struct err *err)
{
    PQconninfoOption *own = NULL, *rest = PQconndefaults();
    char *why = NULL;
    bool has = given(params->conninfo);
    *out = (struct pgtarget){0};
    /* A text without = that is no URL is the name of a database. */
    if (has && (strchr(params->conninfo, '=') != NULL || strstr(params->conninfo, "://") != NULL)) {
        own = PQconninfoParse(params->conninfo, &why);
        if (own == NULL) {
            (void)pgerror_conninfo(err, why);
            PQfreemem(why);
            PQconninfoFree(rest);
            return false;
        }
    }
    /* As pgconn_open has it: what was found elsewhere fills what conninfo and environment leave. */
    bool found = !has && getenv("PGSERVICE") == NULL;
    const char *user = found && getenv("PGUSER") == NULL ? params->user : NULL;
    const char *port = value_of(own, "port");
    out->host =
        first_of(value_of(own, "host"), value_of(rest, "host"), found ? params->host : NULL);
    out->user = given(user) ? mem_strdup(user)
                            : first_of(value_of(own, "user"), value_of(rest, "user"), NULL);
    out->sslmode = first_of(value_of(own, "sslmode"), value_of(rest, "sslmode"), NULL);
    out->sslrootcert = first_of(value_of(own, "sslrootcert"), value_of(rest, "sslrootcert"), NULL);
    out->port = (int)strtol(given(port) ? port : value_of(rest, "port"), NULL, 10);
    if (found && params->port > 0 && getenv("PGPORT") == NULL)
        out->port = params->port;
    if (out->port <= 0)
        out->port = PORT;
    PQconninfoFree(own);
    PQconninfoFree(rest);
    return true;
}

void pgtarget_free(struct pgtarget *target)
{
    free(target->host);
    free(target->user);
    free(target->sslmode);
    free(target->sslrootcert);
    *target = (struct pgtarget){0};
}
