#include "action/pg_signal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SQL_MAX = 256 * 1024 };

static void put_table(struct strbuf *sb, const struct sqlname *name)
{
    sqlname_identifier(sb, name->schema);
    strbuf_putc(sb, '.');
    sqlname_identifier(sb, name->table);
}

/* ---- the signal -------------------------------------------------------------------------------
 */

/* values NULL: with parameters instead of literals. The one builder for sending and for showing. */
static void put_insert(struct strbuf *sb, const struct sqlname *name, const char *const *values)
{
    strbuf_puts(sb, "INSERT INTO ");
    put_table(sb, name);
    strbuf_puts(sb, " (id, type, data) VALUES (");
    for (int i = 0; i < 3; i++) {
        strbuf_puts(sb, i > 0 ? ", " : "");
        if (values != NULL)
            sqlname_literal(sb, values[i]);
        else
            strbuf_printf(sb, "$%d", i + 1);
    }
    strbuf_putc(sb, ')');
}

bool pg_signal_sql(struct strbuf *sb, const char *table, const char *id, const char *type,
                   const char *data_json, struct err *err)
{
    struct sqlname name;
    if (!sqlname_parse(table, &name, err))
        return false;
    put_insert(sb, &name, (const char *const[]){id, type, data_json});
    return true;
}

bool pg_signal_insert(const struct pg_call *call, const char *table, const char *id,
                      const char *type, const char *data_json, struct err *err)
{
    struct sqlname name;
    if (!sqlname_parse(table, &name, err))
        return false;
    struct pgconn *conn = pg_call_open(call, true, err);
    if (conn == NULL)
        return false;
    struct arena *arena = arena_new();
    struct strbuf sql;
    strbuf_init(&sql, SQL_MAX);
    put_insert(&sql, &name, NULL);
    const char *params[] = {id, type, data_json};
    bool ok = pgconn_query(conn, arena, sql.text, params, 3, err) != NULL;
    if (!ok)
        err_wrap(err, "signal into %s.%s", name.schema, name.table);
    strbuf_free(&sql);
    arena_free(arena);
    pgconn_close(conn);
    return ok;
}

/* ---- looking before ---------------------------------------------------------------------------
 */

/* INSERT may be granted on the table or on each of the columns. */
static const char signal_sql[] =
    "WITH t AS (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p')),"
    " a AS (SELECT a.attname, a.atttypmod, a.attrelid, a.attnum, y.typname FROM pg_attribute a"
    " JOIN t ON t.oid = a.attrelid JOIN pg_type y ON y.oid = a.atttypid"
    " WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attname IN ('id', 'type', 'data'))"
    " SELECT EXISTS (SELECT 1 FROM t) AS found,"
    " (SELECT count(*) FROM a) = 3 AS has_columns,"
    " has_schema_privilege($1, 'USAGE') AS may_use,"
    " (SELECT bool_and(has_column_privilege(attrelid, attnum, 'INSERT')) FROM a) AS may_insert,"
    " (SELECT atttypmod - 4 FROM a WHERE attname = 'data' AND typname = 'varchar'"
    " AND atttypmod > 4) AS data_max,"
    " EXISTS (SELECT 1 FROM pg_publication WHERE pubname = $3) AS has_publication,"
    " EXISTS (SELECT 1 FROM pg_publication p JOIN pg_publication_tables pt USING (pubname)"
    " WHERE pubname = $3 AND p.pubinsert AND pt.schemaname = $1 AND pt.tablename = $2)"
    " AS published,"
    " pg_is_in_recovery() AS in_recovery, quote_ident(current_user) AS quoted_user";

/* has_schema_privilege is an error for a schema that does not exist: asked first. */
static const char schema_sql[] =
    "SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $1) AS found";

static void fault(struct pg_signal_facts *facts, const char *fix, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void fault(struct pg_signal_facts *facts, const char *fix, const char *fmt, ...)
{
    if (facts->nfaults == PG_SIGNAL_FAULTS)
        return;
    struct pg_signal_fault *f = &facts->faults[facts->nfaults++];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(f->what, sizeof(f->what), fmt, ap);
    va_end(ap);
    (void)snprintf(f->fix, sizeof(f->fix), "%s", fix);
}

static enum tri fact(const struct pgrows *rows, const char *column)
{
    return (enum tri)pgrows_bool(rows, 0, pgrows_column(rows, column));
}

static void fault_missing_table(struct pg_signal_facts *facts, const struct sqlname *name)
{
    struct strbuf fix;
    strbuf_init(&fix, sizeof(facts->faults[0].fix) - 1);
    strbuf_puts(&fix, "CREATE TABLE ");
    put_table(&fix, name);
    strbuf_puts(&fix, " (id varchar(64) PRIMARY KEY, type varchar(32) NOT NULL, data text)");
    facts->exists = TRI_NO;
    fault(facts, fix.text, "the signal table %s.%s does not exist", name->schema, name->table);
    strbuf_free(&fix);
}

static void fault_no_right(struct pg_signal_facts *facts, const struct sqlname *name,
                           const struct pgrows *rows, bool schema)
{
    const char *user = pgrows_text(rows, 0, pgrows_column(rows, "quoted_user"));
    struct strbuf fix;
    strbuf_init(&fix, sizeof(facts->faults[0].fix) - 1);
    strbuf_puts(&fix, schema ? "GRANT USAGE ON SCHEMA " : "GRANT INSERT ON ");
    if (schema)
        sqlname_identifier(&fix, name->schema);
    else
        put_table(&fix, name);
    strbuf_printf(&fix, " TO %s", user != NULL ? user : "?");
    fault(facts, fix.text, "%s may not %s %s%s%s", user != NULL ? user : "this user",
          schema ? "use the schema" : "insert into", name->schema, schema ? "" : ".",
          schema ? "" : name->table);
    strbuf_free(&fix);
}

static void judge(struct pg_signal_facts *facts, const struct sqlname *name,
                  const char *publication, const struct pgrows *rows)
{
    bool has_publication = fact(rows, "has_publication") == TRI_YES;
    facts->exists = fact(rows, "found");
    facts->in_recovery = fact(rows, "in_recovery");
    if (facts->in_recovery == TRI_YES)
        fault(facts, "", "this server is a standby: signals are inserted on the primary");
    if (facts->exists != TRI_YES) {
        fault_missing_table(facts, name);
        return;
    }
    facts->has_columns = fact(rows, "has_columns");
    facts->may_insert = fact(rows, "may_insert");
    facts->data_max = (int)pgrows_int(rows, 0, pgrows_column(rows, "data_max"), -1);
    if (facts->has_columns != TRI_YES)
        fault(facts, "", "%s.%s has not the columns id, type and data", name->schema, name->table);
    if (fact(rows, "may_use") != TRI_YES) {
        facts->may_insert = TRI_NO;
        fault_no_right(facts, name, rows, true);
    } else if (facts->may_insert != TRI_YES && facts->has_columns == TRI_YES) {
        fault_no_right(facts, name, rows, false);
    }
    if (publication[0] == '\0')
        return;
    facts->published = fact(rows, "published");
    if (facts->published == TRI_YES)
        return;
    struct strbuf fix;
    strbuf_init(&fix, sizeof(facts->faults[0].fix) - 1);
    if (has_publication) {
        strbuf_puts(&fix, "ALTER PUBLICATION ");
        sqlname_identifier(&fix, publication);
        strbuf_puts(&fix, " ADD TABLE ");
        put_table(&fix, name);
        fault(facts, fix.text,
              "publication %s does not publish inserts into %s.%s: the connector "
              "would never see the signal",
              publication, name->schema, name->table);
    } else {
        fault(facts, "", "there is no publication %s", publication);
    }
    strbuf_free(&fix);
}

bool pg_signal_check(const struct pg_call *call, const char *table, const char *publication,
                     struct pg_signal_facts *facts, struct err *err)
{
    struct sqlname name;
    *facts = (struct pg_signal_facts){.exists = TRI_UNKNOWN,
                                      .has_columns = TRI_UNKNOWN,
                                      .may_insert = TRI_UNKNOWN,
                                      .published = TRI_UNKNOWN,
                                      .in_recovery = TRI_UNKNOWN,
                                      .data_max = -1};
    if (!sqlname_parse(table, &name, err))
        return false;
    struct pgconn *conn = pg_call_open(call, false, err);
    if (conn == NULL)
        return false;
    struct arena *arena = arena_new();
    const char *params[] = {name.schema, name.table, publication != NULL ? publication : ""};
    struct pgrows *rows = pgconn_query(conn, arena, schema_sql, params, 1, err);
    bool ok = rows != NULL;
    if (ok && fact(rows, "found") != TRI_YES) {
        fault_missing_table(facts, &name);
    } else if (ok) {
        rows = pgconn_query(conn, arena, signal_sql, params, 3, err);
        ok = rows != NULL;
        if (ok)
            judge(facts, &name, params[2], rows);
    }
    arena_free(arena);
    pgconn_close(conn);
    return ok;
}

static const char table_sql[] =
    "SELECT c.relreplident AS replident,"
    " EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary) AS has_pk,"
    " CASE WHEN c.relpages > 0 OR (c.reltuples = 0"
    " AND current_setting('server_version_num')::int >= 140000) THEN c.reltuples::bigint END"
    " AS live_rows,"
    " EXISTS (SELECT 1 FROM pg_publication_tables pt WHERE pt.pubname = $3"
    " AND pt.schemaname = $1 AND pt.tablename = $2) AS published"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p')";

static bool check_table(struct pgconn *conn, struct arena *arena, const char *table,
                        const char *publication, struct pg_table_facts *facts, struct err *err)
{
    struct sqlname name;
    *facts = (struct pg_table_facts){.exists = TRI_NO,
                                     .has_pk = TRI_UNKNOWN,
                                     .published = TRI_UNKNOWN,
                                     .replica_identity = '?',
                                     .live_rows = UNKNOWN};
    if (!sqlname_parse(table, &name, NULL))
        return true;
    const char *params[] = {name.schema, name.table, publication};
    struct pgrows *rows = pgconn_query(conn, arena, table_sql, params, 3, err);
    if (rows == NULL)
        return false;
    if (rows->nrows == 0)
        return true;
    const char *identity = pgrows_text(rows, 0, pgrows_column(rows, "replident"));
    facts->exists = TRI_YES;
    facts->has_pk = fact(rows, "has_pk");
    if (publication[0] != '\0')
        facts->published = fact(rows, "published");
    if (identity != NULL && identity[0] != '\0')
        facts->replica_identity = identity[0];
    facts->live_rows = pgrows_int(rows, 0, pgrows_column(rows, "live_rows"), UNKNOWN);
    return true;
}

bool pg_tables_check(const struct pg_call *call, const char *const *tables, size_t n,
                     const char *publication, struct pg_table_facts *facts, struct err *err)
{
    struct pgconn *conn = pg_call_open(call, false, err);
    bool ok = conn != NULL;
    struct arena *arena = arena_new();
    for (size_t i = 0; i < n && ok; i++) {
        arena_reset(arena);
        ok = check_table(conn, arena, tables[i], publication != NULL ? publication : "", &facts[i],
                         err);
    }
    arena_free(arena);
    pgconn_close(conn);
    return ok;
}
