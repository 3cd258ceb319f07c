#include "source/postgres_tables.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/sqlname.h"
#include "model/pg_session.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    SQL_MAX = 64 * 1024,
    CAPTURES_MAX = 200, /* connectors that are looked after */
    TEXT_MAX = 256,
    QUERY_MAX = 800,
    OFTEN_MS = 10000,
    RARELY_MS = 60000,
    QUICK_MS = 100 /* an answer that took no longer may be asked for often */
};

struct kept { /* the latest answer to one statement */
    struct arena *arena;
    struct pgrows *rows; /* NULL: none, or err says why */
    struct err err;
    char *sql; /* what was asked; NULL: nothing */
    int64_t at_ms, took_ms;
};

struct postgres_tables {
    struct kept kept[PGT_COUNT];
};

/* Whose right to read is missing when a statement is denied. */
static const struct {
    const char *title, *relation;
    bool always; /* each refresh */
} catalogs[] = {
    [PGT_RELATIONS] = {"user tables",          "pg_class, pg_namespace, pg_index", false},
    [PGT_LOGINS] = {"roles of connectors",  "pg_roles",                         false},
    [PGT_GRANTS] = {"rights of connectors", "pg_class, pg_publication_tables",  false},
    [PGT_BLOCKED] = {"sessions that wait",   "pg_stat_activity, pg_locks",       true },
};
static_assert(ARRAY_LEN(catalogs) == PGT_COUNT, "a row per statement");

/* ---- statements ---- */

/* A partitioned table has no counters and nothing out of line of its own. What lies in the TOAST
 * table says whether UPDATEs really leave values out, not only that they could. */
static void relations_sql(struct strbuf *sb, int version_num)
{
    strbuf_puts(
        sb, "SELECT n.nspname AS schemaname, c.relname AS tablename, c.relkind, c.relispartition,"
            " c.relreplident AS replident, EXISTS (SELECT 1 FROM pg_index i"
            " WHERE i.indrelid = c.oid AND i.indisprimary) AS has_pk,"
            " c.reltoastrelid <> 0 OR (c.relkind = 'p' AND EXISTS (SELECT 1 FROM pg_attribute a"
            " WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
            " AND a.attstorage IN ('x', 'e'))) AS toastable, ");
    /* Never analysed is 0 rows in 0 pages until 13, and -1 since. */
    strbuf_puts(sb,
                version_num < 140000 ? "CASE WHEN c.relpages > 0" : "CASE WHEN c.reltuples >= 0");
    strbuf_puts(
        sb, " THEN c.reltuples::bigint END AS live_rows,"
            " CASE WHEN c.relkind = 'r' THEN pg_stat_get_tuples_inserted(c.oid) END AS inserted,"
            " CASE WHEN c.relkind = 'r' THEN pg_stat_get_tuples_updated(c.oid)"
            " + pg_stat_get_tuples_deleted(c.oid) END AS rewrites,"
            " CASE WHEN c.reltoastrelid <> 0 THEN pg_stat_get_live_tuples(c.reltoastrelid) END"
            " AS toasted, count(*) OVER () AS total"
            " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'"
            " AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')"
            " ORDER BY 1, 2 LIMIT 2000");
}

static size_t captures_of(const struct hints *hints)
{
    if (hints == NULL)
        return 0;
    return hints->ncaptures < CAPTURES_MAX ? hints->ncaptures : CAPTURES_MAX;
}

/* RDS gives the right to replicate by membership. */
static bool logins_sql(struct strbuf *sb, const struct hints *hints)
{
    size_t n = 0;
    strbuf_puts(sb, "SELECT x.role, r.rolname IS NOT NULL AS found, r.rolcanlogin AS can_login,"
                    " r.rolreplication OR r.rolsuper OR EXISTS (SELECT 1 FROM pg_roles g"
                    " WHERE g.rolname = 'rds_replication'"
                    " AND pg_has_role(r.oid, g.oid, 'MEMBER')) AS replication,"
                    " CASE WHEN isfinite(r.rolvaliduntil)"
                    " THEN (extract(epoch from r.rolvaliduntil) * 1000)::bigint END"
                    " AS valid_until_ms FROM (VALUES ");
    for (size_t i = 0; i < captures_of(hints); i++) {
        if (hints->captures[i].role == NULL)
            continue;
        strbuf_puts(sb, n++ > 0 ? "), (" : "(");
        sqlname_literal(sb, hints->captures[i].role);
        strbuf_puts(sb, "::text");
    }
    strbuf_puts(sb, ")) x(role) LEFT JOIN pg_roles r ON r.rolname = x.role GROUP BY 1, 2, 3, 4, 5,"
                    " r.oid ORDER BY 1");
    return n > 0;
}

static void put_or_null(struct strbuf *sb, const char *text)
{
    if (text != NULL)
        sqlname_literal(sb, text);
    else
        strbuf_puts(sb, "NULL");
}

static size_t put_wanted(struct strbuf *sb, const struct hint_capture *c, const char *table)
{
    struct sqlname name;
    if (table == NULL || !sqlname_parse(table, &name, NULL))
        return 0;
    const char *const cells[] = {c->role, c->publication, name.schema, name.table};
    for (size_t i = 0; i < ARRAY_LEN(cells); i++) {
        strbuf_puts(sb, i > 0 ? ", " : "");
        put_or_null(sb, cells[i]);
        strbuf_puts(sb, "::text");
    }
    strbuf_puts(sb, "), (");
    return 1;
}

/* The right may be on the table or on each column; without USAGE of the schema it is worth nothing.
 * A role that does not exist has NULL for all of them. */
static bool grants_sql(struct strbuf *sb, const struct hints *hints)
{
    size_t n = 0;
    strbuf_puts(sb, "SELECT DISTINCT x.role, x.pub AS publication, x.sch AS schemaname,"
                    " x.tab AS tablename, c.oid IS NOT NULL AS found,"
                    " has_schema_privilege(r.oid, s.oid, 'USAGE') AS usage,"
                    " has_any_column_privilege(r.oid, c.oid, 'INSERT') AS may_insert,"
                    " has_any_column_privilege(r.oid, c.oid, 'UPDATE') AS may_update,"
                    " c.oid IS NOT NULL AND EXISTS (SELECT 1 FROM pg_publication_tables p"
                    " WHERE p.pubname = x.pub AND p.schemaname = x.sch AND p.tablename = x.tab)"
                    " AS published FROM (VALUES (");
    for (size_t i = 0; i < captures_of(hints); i++) {
        const struct hint_capture *c = &hints->captures[i];
        n += put_wanted(sb, c, c->signal_table);
        n += put_wanted(sb, c, c->heartbeat_table);
    }
    strbuf_puts(sb,
                "NULL, NULL, NULL, NULL)) x(role, pub, sch, tab)"
                " LEFT JOIN pg_roles r ON r.rolname = x.role"
                " LEFT JOIN pg_namespace s ON s.nspname = x.sch"
                " LEFT JOIN pg_class c ON c.relnamespace = s.oid AND c.relname = x.tab"
                " AND c.relkind IN ('r', 'p', 'v') WHERE x.tab IS NOT NULL ORDER BY 1, 2, 3, 4");
    return n > 0;
}

/* pg_blocking_pids stops all lock traffic for a moment: only for a few, the longest waiting. */
static void blocked_sql(struct strbuf *sb, int version_num)
{
    const char *since = version_num >= 140000 ? "(SELECT min(l.waitstart) FROM pg_locks l"
                                                " WHERE l.pid = a.pid AND NOT l.granted)"
                                              : "NULL::timestamptz";
    strbuf_printf(
        sb,
        "SELECT a.pid, (b.pids)[1] AS blocker, a.application_name, a.query,"
        " o.usename AS blocker_user, left(o.query, 200) AS blocker_query,"
        " (extract(epoch from clock_timestamp() - %s) * 1000)::bigint AS waits_ms,"
        " o.pid AS by_pid, o.application_name AS by_app, o.client_addr AS by_client,"
        " o.state AS by_state, o.backend_type AS by_type,"
        " (extract(epoch from o.backend_start) * 1000)::bigint AS by_start_ms,"
        " (extract(epoch from o.xact_start) * 1000)::bigint AS by_xact_ms,"
        " (SELECT rolsuper FROM pg_roles WHERE oid = o.usesysid) AS by_superuser,"
        " " PG_SESSION_MAY_SIGNAL(
            "o.usesysid") " AS by_may_signal"
                          " FROM (SELECT pid, application_name, left(query, 200) AS query,"
                          " pg_blocking_pids(pid) AS pids FROM (SELECT * FROM pg_stat_activity"
                          " WHERE wait_event_type = 'Lock' ORDER BY query_start LIMIT 10) w"
                          " OFFSET 0) a CROSS JOIN LATERAL (SELECT a.pids) b"
                          " LEFT JOIN pg_stat_activity o ON o.pid = (b.pids)[1]"
                          " WHERE cardinality(b.pids) > 0 ORDER BY 7 DESC NULLS LAST, 1",
        since);
}

bool postgres_tables_sql(struct strbuf *sb, enum postgres_catalog what, int version_num,
                         const struct hints *hints)
{
    strbuf_reset(sb);
    switch (what) {
    case PGT_RELATIONS: relations_sql(sb, version_num); return true;
    case PGT_LOGINS: return logins_sql(sb, hints);
    case PGT_GRANTS: return grants_sql(sb, hints);
    case PGT_BLOCKED: blocked_sql(sb, version_num); return true;
    case PGT_COUNT: break;
    }
    return false;
}

/* ---- asking ---- */

struct postgres_tables *postgres_tables_new(void)
{
    struct postgres_tables *t = mem_alloc(sizeof(*t));
    for (int i = 0; i < PGT_COUNT; i++)
        t->kept[i].arena = arena_new();
    return t;
}

static void drop(struct kept *k)
{
    arena_reset(k->arena);
    err_clear(&k->err);
    k->rows = NULL;
    free(k->sql);
    k->sql = NULL;
}

void postgres_tables_forget(struct postgres_tables *tables)
{
    for (int i = 0; i < PGT_COUNT; i++)
        drop(&tables->kept[i]);
}

void postgres_tables_free(struct postgres_tables *tables)
{
    if (tables == NULL)
        return;
    postgres_tables_forget(tables);
    for (int i = 0; i < PGT_COUNT; i++)
        arena_free(tables->kept[i].arena);
    free(tables);
}

static bool due(const struct kept *k, enum postgres_catalog what, const char *sql)
{
    if (catalogs[what].always || k->sql == NULL || strcmp(k->sql, sql) != 0)
        return true;
    bool quick = k->rows != NULL && k->took_ms <= QUICK_MS;
    return clock_mono_ms() - k->at_ms >= (quick ? OFTEN_MS : RARELY_MS);
}

bool postgres_tables_ask(struct postgres_tables *tables, struct pgconn *conn, int version_num,
                         const struct hints *hints, bool full, struct err *err)
{
    struct strbuf sql;
    strbuf_init(&sql, SQL_MAX);
    for (int i = 0; i < PGT_COUNT && pgconn_usable(conn); i++) {
        struct kept *k = &tables->kept[i];
        enum postgres_catalog what = (enum postgres_catalog)i;
        if (!postgres_tables_sql(&sql, what, version_num, hints) || sql.overflow) {
            drop(k);
            continue;
        }
        if (!full && !due(k, what, sql.text))
            continue;
        drop(k);
        int64_t began_ms = clock_mono_ms();
        k->rows = pgconn_query(conn, k->arena, sql.text, NULL, 0, &k->err);
        k->at_ms = clock_mono_ms();
        k->took_ms = k->at_ms - began_ms;
        k->sql = mem_strdup(sql.text);
        if (!pgconn_usable(conn) && err != NULL)
            *err = k->err;
    }
    strbuf_free(&sql);
    return pgconn_usable(conn);
}

/* ---- reading ---- */

struct row {
    struct arena *arena;
    const struct pgrows *rows;
    size_t i;
};

static const char *text(const struct row *r, const char *column, size_t max)
{
    const char *s = pgrows_text(r->rows, r->i, pgrows_column(r->rows, column));
    return s != NULL ? arena_strndup(r->arena, s, max) : NULL;
}

static int64_t number(const struct row *r, const char *column)
{
    return pgrows_int(r->rows, r->i, pgrows_column(r->rows, column), UNKNOWN);
}

static enum tri fact(const struct row *r, const char *column)
{
    return (enum tri)pgrows_bool(r->rows, r->i, pgrows_column(r->rows, column));
}

static char letter(const struct row *r, const char *column, const char *known)
{
    const char *s = pgrows_text(r->rows, r->i, pgrows_column(r->rows, column));
    return s != NULL && s[0] != '\0' && strchr(known, s[0]) != NULL ? s[0] : '?';
}

static void read_relation(struct pg_snap *pg, const struct row *r)
{
    int64_t total = number(r, "total");
    if (total > (int64_t)pg->relations_total)
        pg->relations_total = (size_t)total;
    int64_t inserted = number(r, "inserted");
    struct pg_relation one = {
        .schema = text(r, "schemaname", TEXT_MAX),
        .name = text(r, "tablename", TEXT_MAX),
        .kind = letter(r, "relkind", "rp"),
        .replica_identity = letter(r, "replident", "dnfi"),
        .has_pk = fact(r, "has_pk"),
        .toastable = fact(r, "toastable"),
        .partition = fact(r, "relispartition") == TRI_YES,
        .live_rows = number(r, "live_rows"),
        .changes = UNKNOWN,
        .rewrites = number(r, "rewrites"),
        .toasted = number(r, "toasted"),
    };
    if (inserted != UNKNOWN && one.rewrites != UNKNOWN)
        one.changes = inserted + one.rewrites;
    if (one.schema != NULL && one.name != NULL)
        pg->relations[pg->nrelations++] = one;
}

static void read_login(struct pg_snap *pg, const struct row *r)
{
    struct pg_login one = {
        .role = text(r, "role", TEXT_MAX),
        .exists = fact(r, "found"),
        .can_login = fact(r, "can_login"),
        .replication = fact(r, "replication"),
        .valid_until_ms = number(r, "valid_until_ms"),
    };
    if (one.role != NULL)
        pg->logins[pg->nlogins++] = one;
}

static void read_grant(struct pg_snap *pg, const struct row *r)
{
    struct pg_grant one = {
        .role = text(r, "role", TEXT_MAX),
        .publication = text(r, "publication", TEXT_MAX),
        .schema = text(r, "schemaname", TEXT_MAX),
        .table = text(r, "tablename", TEXT_MAX),
        .exists = fact(r, "found"),
        .usage = fact(r, "usage"),
        .insert = fact(r, "may_insert"),
        .update = fact(r, "may_update"),
        .published = fact(r, "published"),
    };
    if (one.schema != NULL && one.table != NULL)
        pg->grants[pg->ngrants++] = one;
}

static void read_blocked(struct pg_snap *pg, const struct row *r)
{
    struct pg_blocked *b = &pg->blocked[pg->nblocked++];
    *b = (struct pg_blocked){
        .pid = (int)pgrows_int(r->rows, r->i, pgrows_column(r->rows, "pid"), 0),
        .blocker = (int)pgrows_int(r->rows, r->i, pgrows_column(r->rows, "blocker"), 0),
        .application_name = text(r, "application_name", TEXT_MAX),
        .query = text(r, "query", QUERY_MAX),
        .blocker_user = text(r, "blocker_user", TEXT_MAX),
        .blocker_query = text(r, "blocker_query", QUERY_MAX),
        .waits_ms = number(r, "waits_ms"),
    };
    b->by = (struct pg_session){
        .pid = (int)pgrows_int(r->rows, r->i, pgrows_column(r->rows, "by_pid"), 0),
        .backend_start_ms = number(r, "by_start_ms"),
        .xact_start_ms = number(r, "by_xact_ms"),
        .user = b->blocker_user,
        .application_name = text(r, "by_app", TEXT_MAX),
        .client_addr = text(r, "by_client", TEXT_MAX),
        .state = text(r, "by_state", TEXT_MAX),
        .query = b->blocker_query,
        .type = text(r, "by_type", TEXT_MAX),
        .superuser = fact(r, "by_superuser"),
        .may_signal = fact(r, "by_may_signal"),
    };
}

void postgres_tables_rows(struct snapshot *snap, enum postgres_catalog what,
                          const struct pgrows *rows)
{
    static void (*const readers[])(struct pg_snap *, const struct row *) = {
        [PGT_RELATIONS] = read_relation,
        [PGT_LOGINS] = read_login,
        [PGT_GRANTS] = read_grant,
        [PGT_BLOCKED] = read_blocked,
    };
    static_assert(ARRAY_LEN(readers) == PGT_COUNT, "a reader per statement");
    struct pg_snap *pg = &snap->pg;
    size_t n = rows->nrows;
    switch (what) {
    case PGT_RELATIONS:
        pg->relations = arena_array(snap->arena, n, sizeof(*pg->relations));
        pg->relations_total = n;
        break;
    case PGT_LOGINS: pg->logins = arena_array(snap->arena, n, sizeof(*pg->logins)); break;
    case PGT_GRANTS: pg->grants = arena_array(snap->arena, n, sizeof(*pg->grants)); break;
    case PGT_BLOCKED: pg->blocked = arena_array(snap->arena, n, sizeof(*pg->blocked)); break;
    case PGT_COUNT: return;
    }
    for (size_t i = 0; i < n; i++)
        readers[what](pg, &(struct row){snap->arena, rows, i});
}

void postgres_tables_read(const struct postgres_tables *tables, struct snapshot *snap,
                          const char *quoted_user)
{
    for (int i = 0; i < PGT_COUNT; i++) {
        const struct kept *k = &tables->kept[i];
        if (k->rows != NULL)
            postgres_tables_rows(snap, (enum postgres_catalog)i, k->rows);
        if (k->rows != NULL || k->sql == NULL)
            continue;
        const char *fix = NULL;
        if (k->err.kind == ERR_DENIED)
            fix = arena_printf(snap->arena, "GRANT SELECT ON %s TO %s", catalogs[i].relation,
                               quoted_user);
        snapshot_note(snap, fix, "%s not read: %s", catalogs[i].title, k->err.text);
    }
}
