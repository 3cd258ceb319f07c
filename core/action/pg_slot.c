#include "action/pg_slot.h"

#include "base/lsn.h"
#include "base/sqlname.h"

#include <stdio.h>
#include <string.h>

enum { SQL_MAX = 4000 };

/* Aurora refuses to tell a position while wal_level is not logical, and on its readers: a slot that
 * is left over there must be found all the same. `synced` (17+) is read through to_jsonb: one text
 * for every version, NULL where there is none. others: what the other slots keep; WAL older than
 * that goes when this one is dropped. */
static const char look_sql[] =
    "SELECT s.slot_name, s.plugin, s.slot_type, s.database, s.temporary, s.active, s.active_pid,"
    " s.restart_lsn, s.confirmed_flush_lsn, s.wal_status,"
    " (to_jsonb(s) ->> 'synced')::boolean AS synced, pg_is_in_recovery() AS in_recovery,"
    " current_setting('server_version_num') AS version_num,"
    " CASE WHEN to_regproc('pg_catalog.aurora_version') IS NOT NULL"
    " AND (pg_is_in_recovery() OR current_setting('wal_level') <> 'logical') THEN NULL"
    " WHEN pg_is_in_recovery()"
    " THEN greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())"
    " ELSE pg_current_wal_lsn() END AS lsn_now,"
    " (SELECT min(o.restart_lsn) FROM pg_replication_slots o WHERE o.slot_name <> s.slot_name)"
    " AS others,"
    " (SELECT a.application_name FROM pg_stat_activity a WHERE a.pid = s.active_pid) AS active_app"
    " FROM pg_replication_slots s WHERE s.slot_name = $1";

static void put_drop(struct strbuf *sb, const char *literal)
{
    strbuf_puts(sb, "SELECT pg_drop_replication_slot(");
    if (literal != NULL)
        sqlname_literal(sb, literal);
    else
        strbuf_puts(sb, "$1");
    strbuf_puts(sb, ")");
}

void pg_slot_drop_sql(struct strbuf *sb, const char *name)
{
    put_drop(sb, name);
}

static const char *text(const struct pgrows *rows, const char *column)
{
    const char *s = pgrows_text(rows, 0, pgrows_column(rows, column));
    return s != NULL ? s : "";
}

static enum tri fact(const struct pgrows *rows, const char *column)
{
    return (enum tri)pgrows_bool(rows, 0, pgrows_column(rows, column));
}

static uint64_t lsn(const struct pgrows *rows, const char *column)
{
    return pgrows_lsn(rows, 0, pgrows_column(rows, column));
}

static int64_t distance(uint64_t from, uint64_t to)
{
    if (from == LSN_NONE || to == LSN_NONE)
        return UNKNOWN;
    return to > from ? (int64_t)(to - from) : 0;
}

static void fill(struct pg_slot_facts *f, const struct pgconn *conn, const struct pgrows *rows)
{
    (void)snprintf(f->name, sizeof(f->name), "%s", text(rows, "slot_name"));
    (void)snprintf(f->database, sizeof(f->database), "%s", text(rows, "database"));
    (void)snprintf(f->plugin, sizeof(f->plugin), "%s", text(rows, "plugin"));
    (void)snprintf(f->type, sizeof(f->type), "%s", text(rows, "slot_type"));
    (void)snprintf(f->wal_status, sizeof(f->wal_status), "%s", text(rows, "wal_status"));
    (void)snprintf(f->active_app, sizeof(f->active_app), "%s", text(rows, "active_app"));
    (void)snprintf(f->server, sizeof(f->server), "%s:%d/%s", pgconn_host(conn), pgconn_port(conn),
                   pgconn_database(conn));
    f->active = fact(rows, "active");
    f->temporary = fact(rows, "temporary");
    f->in_recovery = fact(rows, "in_recovery");
    /* Before 17 no slot is ever synced. */
    bool has_synced = pgrows_int(rows, 0, pgrows_column(rows, "version_num"), 0) >= 170000;
    f->synced = has_synced ? fact(rows, "synced") : TRI_NO;
    f->active_pid = (int)pgrows_int(rows, 0, pgrows_column(rows, "active_pid"), 0);
    f->restart_lsn = lsn(rows, "restart_lsn");
    f->confirmed_flush_lsn = lsn(rows, "confirmed_flush_lsn");
    f->lsn_now = lsn(rows, "lsn_now");
    f->retained = distance(f->restart_lsn, f->lsn_now);
    f->unconfirmed = distance(f->confirmed_flush_lsn, f->lsn_now);
    uint64_t others = lsn(rows, "others");
    f->frees = distance(f->restart_lsn, others != LSN_NONE ? others : f->lsn_now);
}

static bool look(struct pgconn *conn, const char *name, struct pg_slot_facts *facts,
                 struct err *err)
{
    struct arena *arena = arena_new();
    const char *params[] = {name};
    struct pgrows *rows = pgconn_query(conn, arena, look_sql, params, 1, err);
    bool ok = rows != NULL && rows->nrows == 1;
    memset(facts, 0, sizeof(*facts));
    if (ok)
        fill(facts, conn, rows);
    else if (rows != NULL)
        (void)err_set(err, ERR_NOTFOUND, 0, "there is no replication slot \"%s\"", name);
    arena_free(arena);
    return ok;
}

bool pg_slot_look(const struct pg_call *call, const char *name, struct pg_slot_facts *facts,
                  struct err *err)
{
    struct pgconn *conn = pg_call_open(call, false, err);
    bool ok = conn != NULL && look(conn, name, facts, err);
    pgconn_close(conn);
    return ok;
}

bool pg_slot_exists(const struct pg_call *call, const char *name, bool *exists, struct err *err)
{
    struct pg_slot_facts facts;
    struct err why = ERR_INIT;
    *exists = pg_slot_look(call, name, &facts, &why);
    /* A database that does not exist is ERR_NOTFOUND too, but has no slot to speak of. */
    if (*exists || (why.kind == ERR_NOTFOUND && strstr(why.text, "replication slot") != NULL))
        return true;
    if (err != NULL)
        *err = why;
    return false;
}

bool pg_slot_may_drop(const struct pg_slot_facts *f, struct err *err)
{
    if (f->in_recovery == TRI_YES)
        return err_set(err, ERR_DENIED, 0,
                       "%s is a standby: a slot of a standby is not dropped here", f->server);
    if (strcmp(f->type, "logical") != 0)
        return err_set(err, ERR_DENIED, 0,
                       "slot \"%s\" is a %s slot: it belongs to a standby or a backup, not to CDC",
                       f->name, f->type[0] != '\0' ? f->type : "unknown");
    if (f->temporary == TRI_YES)
        return err_set(err, ERR_DENIED, 0,
                       "slot \"%s\" is temporary: it goes with the session that made it", f->name);
    if (f->synced == TRI_YES)
        return err_set(err, ERR_DENIED, 0,
                       "slot \"%s\" is kept in step with a slot of the primary: drop it there",
                       f->name);
    if (f->active == TRI_YES)
        return err_set(err, ERR_CONFLICT, 0, "slot \"%s\" is in use by process %d%s%s%s", f->name,
                       f->active_pid, f->active_app[0] != '\0' ? " (" : "", f->active_app,
                       f->active_app[0] != '\0' ? ")" : "");
    if (f->active != TRI_NO || f->temporary != TRI_NO || f->synced != TRI_NO ||
        f->in_recovery != TRI_NO)
        return err_set(err, ERR_DENIED, 0,
                       "the server does not tell enough about slot \"%s\" to drop it", f->name);
    return true;
}

static bool drop(struct pgconn *conn, const char *name, struct err *err)
{
    struct arena *arena = arena_new();
    struct strbuf sql;
    strbuf_init(&sql, SQL_MAX);
    put_drop(&sql, NULL);
    const char *params[] = {name};
    bool ok = pgconn_query(conn, arena, sql.text, params, 1, err) != NULL;
    strbuf_free(&sql);
    arena_free(arena);
    return ok;
}

bool pg_slot_drop(const struct pg_call *call, const char *name, struct pg_slot_facts *facts,
                  struct err *err)
{
    struct pg_slot_facts own;
    struct pg_slot_facts *f = facts != NULL ? facts : &own;
    struct pgconn *conn = pg_call_open(call, true, err);
    bool ok = conn != NULL && look(conn, name, f, err) && pg_slot_may_drop(f, err) &&
              drop(conn, name, err);
    pgconn_close(conn);
    return ok;
}
