#include "source/postgres_identity.h"

#include <stdio.h>

/* Without the right to call a function the whole statement fails: asked for first. */
static const char may_sql[] =
    "SELECT has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')"
    " AND has_function_privilege('pg_catalog.pg_control_checkpoint()', 'EXECUTE') AS may";
static const char identity_sql[] = "SELECT s.system_identifier AS system, c.timeline_id AS timeline"
                                   " FROM pg_control_system() s, pg_control_checkpoint() c";

static struct pgrows *ask(struct pgconn *conn, struct arena *arena, const char *sql,
                          struct err *err)
{
    return pgconn_query(conn, arena, sql, NULL, 0, err);
}

bool postgres_identity_ask(struct pg_identity *id, struct pgconn *conn, struct err *err)
{
    if (id->closed)
        return true;
    struct arena *arena = arena_new();
    struct pgrows *may = id->known ? NULL : ask(conn, arena, may_sql, err);
    bool allowed = id->known || (may != NULL && may->nrows > 0 &&
                                 pgrows_bool(may, 0, pgrows_column(may, "may")) == 1);
    struct pgrows *rows = allowed ? ask(conn, arena, identity_sql, err) : NULL;
    id->known = rows != NULL && rows->nrows > 0;
    id->closed = !id->known;
    if (id->known) {
        const char *system = pgrows_text(rows, 0, pgrows_column(rows, "system"));
        id->timeline = pgrows_int(rows, 0, pgrows_column(rows, "timeline"), UNKNOWN);
        (void)snprintf(id->system, sizeof(id->system), "%s", system != NULL ? system : "");
    }
    arena_free(arena);
    return pgconn_usable(conn);
}

void postgres_identity_put(const struct pg_identity *id, struct snapshot *snap)
{
    bool known = id->known && id->system[0] != '\0';
    snap->pg.timeline = known ? id->timeline : UNKNOWN;
    snap->pg.system_identifier = known ? arena_strdup(snap->arena, id->system) : NULL;
}
