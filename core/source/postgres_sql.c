#include "source/postgres_sql.h"

#include "base/mem.h"
#include "model/pg_session.h"

#include <assert.h>
#include <stdio.h>

/* Times are asked for in milliseconds since 1970, so that neither DateStyle nor TimeZone matter. */
#define EPOCH_MS(expr) "(extract(epoch from " expr ") * 1000)::bigint"
#define ISO_TEXT(expr) "to_char(" expr " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"

/* clang-format off */
static const struct pg_column probe_columns[] = {
    {.name = "version_num", .sql = "current_setting('server_version_num')"},
    {.name = "version", .sql = "current_setting('server_version')"},
    /* Aurora says so by this function alone; its WAL functions behave differently. */
    {.name = "is_aurora", .sql = "to_regproc('pg_catalog.aurora_version') IS NOT NULL"},
    {.name = "wal_level", .sql = "current_setting('wal_level')"},
    {.name = "rds_logical", .sql = "current_setting('rds.logical_replication', true)"},
    {.name = "quoted_user", .sql = "quote_ident(current_user)"},
    {.name = "database", .sql = "current_database()"},
};

/* In the order of the server's own view. */
static const struct pg_column slot_columns[] = {
    {.name = "slot_name", .sql = "s.slot_name", .shown = true},
    {.name = "plugin", .sql = "s.plugin", .shown = true},
    {.name = "slot_type", .sql = "s.slot_type", .shown = true},
    {.name = "datoid", .sql = "s.datoid", .shown = true},
    {.name = "database", .sql = "s.database", .shown = true},
    {.name = "temporary", .sql = "s.temporary", .shown = true},
    {.name = "active", .sql = "s.active", .shown = true},
    {.name = "active_pid", .sql = "s.active_pid", .shown = true},
    {.name = "xmin", .sql = "s.xmin", .shown = true},
    {.name = "catalog_xmin", .sql = "s.catalog_xmin", .shown = true},
    {.name = "restart_lsn", .sql = "s.restart_lsn", .shown = true},
    {.name = "confirmed_flush_lsn", .sql = "s.confirmed_flush_lsn", .shown = true},
    {.name = "wal_status", .sql = "s.wal_status", .shown = true},
    {.name = "safe_wal_size", .sql = "s.safe_wal_size", .shown = true},
    {.name = "two_phase", .sql = "s.two_phase", .since = 140000, .shown = true},
    {.name = "two_phase_at", .sql = "s.two_phase_at", .since = 180000, .shown = true},
    {.name = "inactive_since",
     .sql = ISO_TEXT("s.inactive_since"),
     .since = 170000,
     .shown = true},
    {.name = "conflicting", .sql = "s.conflicting", .since = 160000, .shown = true},
    {.name = "invalidation_reason",
     .sql = "s.invalidation_reason",
     .since = 170000,
     .shown = true},
    {.name = "failover", .sql = "s.failover", .since = 170000, .shown = true},
    {.name = "synced", .sql = "s.synced", .since = 170000, .shown = true},
    /* How much vacuum is held back: ages are only known on the server. */
    {.name = "xmin_age", .sql = "age(s.xmin)"},
    {.name = "catalog_xmin_age", .sql = "age(s.catalog_xmin)"},
    {.name = "inactive_since_ms", .sql = EPOCH_MS("s.inactive_since"), .since = 170000},
    /* Transactions too large for logical_decoding_work_mem go to disk and slow the decoding. */
    {.name = "spill_txns", .sql = "t.spill_txns", .since = 140000},
    {.name = "spill_bytes", .sql = "t.spill_bytes", .since = 140000},
    {.name = "total_txns", .sql = "t.total_txns", .since = 140000},
    {.name = "total_bytes", .sql = "t.total_bytes", .since = 140000},
};

static const struct pg_column walsender_columns[] = {
    {.name = "pid"},
    {.name = "usename"},
    {.name = "application_name"},
    {.name = "client_addr"},
    {.name = "state"},
    {.name = "sent_lsn"},
    {.name = "write_lsn"},
    {.name = "flush_lsn"},
    {.name = "replay_lsn"},
    {.name = "backend_start_ms", .sql = EPOCH_MS("backend_start")},
    {.name = "reply_ms", .sql = EPOCH_MS("reply_time")},
};

/* Names and types as in the second half of the UNION in holders_from. */
static const struct pg_column holder_columns[] = {
    {.name = "pid"},
    {.name = "gid", .sql = "NULL::text"},
    {.name = "usename", .sql = "usename::text"},
    {.name = "application_name"},
    {.name = "client_addr", .sql = "client_addr::text"},
    {.name = "state"},
    {.name = "query", .sql = "left(query, 200)"},
    {.name = "wait", .sql = "wait_event_type || '/' || wait_event"},
    {.name = "xact_start_ms", .sql = EPOCH_MS("xact_start")},
    {.name = "xid_age", .sql = "age(backend_xid)"},
    {.name = "xmin_age", .sql = "age(backend_xmin)"},
    {.name = "backend_start_ms", .sql = EPOCH_MS("backend_start")},
    {.name = "backend_type"},
    {.name = "superuser", .sql = "(SELECT rolsuper FROM pg_roles WHERE oid = usesysid)"},
    {.name = "may_signal", .sql = PG_SESSION_MAY_SIGNAL("usesysid")},
};

static const char holders_from[] =
    "FROM pg_stat_activity"
    " WHERE (backend_xid IS NOT NULL OR backend_xmin IS NOT NULL) AND pid <> pg_backend_pid()"
    " UNION ALL SELECT 0, gid, owner::text, NULL, NULL, 'prepared', 'PREPARE TRANSACTION in '"
    " || database::text, NULL, " EPOCH_MS("prepared") ", age(transaction), NULL::int,"
    " NULL::bigint, NULL, NULL::boolean, NULL::boolean FROM pg_prepared_xacts"
    " ORDER BY 9 NULLS LAST LIMIT 20";

/* Behind a fail-over in_recovery changes under an open session, rights change under any: asked each
 * time. A standby's position is what it has received, or replayed from an archive. */
static const struct pg_column position_columns[] = {
    {.name = "lsn_now",
     .sql = "CASE WHEN pg_is_in_recovery() THEN"
            " greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())"
            " ELSE pg_current_wal_lsn() END"},
    {.name = "in_recovery", .sql = "pg_is_in_recovery()"},
    {.name = "now_ms", .sql = EPOCH_MS("clock_timestamp()")},
    {.name = "started_ms", .sql = EPOCH_MS("pg_postmaster_start_time()")},
    {.name = "is_monitor", .sql = "pg_has_role(current_user, 'pg_monitor', 'USAGE')"},
    {.name = "reads_stats", .sql = "pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')"},
};

static const struct pg_column setting_columns[] = {
    {.name = "name"},
    {.name = "setting"},                         /* in `unit`: for computing */
    {.name = "unit"},
    {.name = "said", .sql = "current_setting(name)"}, /* "256MB": for people */
};

/* Only what decides about slots, WAL and decoding; names that a version lacks have no row. */
static const char settings_from[] =
    "FROM pg_settings WHERE name IN ('wal_level', 'max_replication_slots', 'max_wal_senders',"
    " 'max_slot_wal_keep_size', 'wal_keep_size', 'wal_sender_timeout', 'logical_decoding_work_mem',"
    " 'idle_replication_slot_timeout', 'max_wal_size', 'wal_segment_size',"
    " 'max_prepared_transactions', 'hot_standby_feedback', 'sync_replication_slots',"
    " 'synchronized_standby_slots', 'rds.logical_replication') ORDER BY name";

static const struct pg_column publication_columns[] = {
    {.name = "pubname"},   {.name = "puballtables"}, {.name = "pubinsert"},
    {.name = "pubupdate"}, {.name = "pubdelete"},    {.name = "pubtruncate"},
    /* Decoding looks at the catalog of then: a slot behind this does not see the publication. */
    {.name = "row_xid", .sql = "xmin"},
};

static const struct pg_column table_columns[] = {
    {.name = "pubname", .sql = "p.pubname"},
    {.name = "schemaname", .sql = "p.schemaname"},
    {.name = "tablename", .sql = "p.tablename"},
    {.name = "replident", .sql = "c.relreplident"},
    {.name = "has_pk",
     .sql = "EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)"},
    /* Never analysed is 0 rows in 0 pages until 13, and -1 since. */
    {.name = "live_rows",
     .sql = "CASE WHEN c.relpages > 0 THEN c.reltuples::bigint END",
     .until = 140000},
    {.name = "live_rows",
     .sql = "CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint END",
     .since = 140000},
    /* Tells a quiet table from a connector that does not deliver. A partitioned table has no
     * counters of its own. */
    {.name = "changes",
     .sql = "CASE WHEN c.relkind <> 'p' THEN pg_stat_get_tuples_inserted(c.oid)"
            " + pg_stat_get_tuples_updated(c.oid) + pg_stat_get_tuples_deleted(c.oid) END"},
    {.name = "total", .sql = "count(*) OVER ()"},
};

static const char tables_from[] =
    "FROM pg_publication_tables p JOIN pg_namespace n ON n.nspname = p.schemaname"
    " JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = p.tablename"
    " ORDER BY 1, 2, 3 LIMIT 2000";

/* clang-format on */

#define COLUMNS(a) .columns = (a), .ncolumns = ARRAY_LEN(a)

static const struct pg_query_text queries[] = {
    [PGQ_PROBE] = {.title = "server",            .relation = "", COLUMNS(probe_columns), .from = ""},
    [PGQ_SLOTS] = {.title = "replication slots",
                   .relation = "pg_replication_slots",
                   COLUMNS(slot_columns),
                   .from = "FROM pg_replication_slots s ORDER BY s.slot_name",
                   .from_14 = "FROM pg_replication_slots s"
                              " LEFT JOIN pg_stat_replication_slots t ON t.slot_name = s.slot_name"
                              " ORDER BY s.slot_name"},
    [PGQ_WALSENDERS] = {.title = "walsenders",
                   .relation = "pg_stat_replication",
                   COLUMNS(walsender_columns),
                   .from = "FROM pg_stat_replication ORDER BY pid"                                                      },
    [PGQ_HOLDERS] = {.title = "open transactions",
                   .relation = "pg_stat_activity, pg_prepared_xacts",
                   COLUMNS(holder_columns),
                   .from = holders_from                                                         },
    [PGQ_POSITION] = {.title = "WAL position",
                   .relation = "",
                   COLUMNS(position_columns),
                   .from = ""                                                       },
    [PGQ_SETTINGS] = {.title = "settings",
                   .relation = "pg_settings",
                   COLUMNS(setting_columns),
                   .from = settings_from                                                        },
    [PGQ_PUBLICATIONS] = {.title = "publications",
                   .relation = "pg_publication",
                   COLUMNS(publication_columns),
                   .from = "FROM pg_publication ORDER BY pubname"                                                    },
    [PGQ_TABLES] = {.title = "published tables",
                   .relation = "pg_publication_tables",
                   COLUMNS(table_columns),
                   .from = tables_from                                                          },
};
static_assert(ARRAY_LEN(queries) == PGQ_COUNT, "a row per query");

const struct pg_query_text *postgres_query(enum pg_query query)
{
    return &queries[query];
}

bool postgres_has_column(const struct pg_column *column, int version_num)
{
    return version_num >= column->since && (column->until == 0 || version_num < column->until);
}

static void put_column(struct strbuf *sb, const struct pg_column *column, const char *sql)
{
    strbuf_puts(sb, sb->len > 7 ? ", " : " ");
    if (sql != NULL)
        strbuf_printf(sb, "%s AS %s", sql, column->name);
    else
        strbuf_puts(sb, column->name);
}

void postgres_sql(struct strbuf *sb, enum pg_query query, int version_num)
{
    const struct pg_query_text *q = &queries[query];
    strbuf_reset(sb);
    strbuf_puts(sb, "SELECT");
    for (size_t i = 0; i < q->ncolumns; i++) {
        if (postgres_has_column(&q->columns[i], version_num))
            put_column(sb, &q->columns[i], q->columns[i].sql);
    }
    bool newer = version_num >= 140000 && q->from_14 != NULL;
    strbuf_printf(sb, " %s", newer ? q->from_14 : q->from);
}

void postgres_position_sql(struct strbuf *sb, enum pg_position position)
{
    /* A reader of Aurora has a volume and no WAL: it refuses the functions of a standby. */
    static const char aurora[] =
        "CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_current_wal_lsn() END";
    const struct pg_query_text *q = &queries[PGQ_POSITION];
    if (position == PG_POSITION_ORDINARY) {
        postgres_sql(sb, PGQ_POSITION, PG_OLDEST);
        return;
    }
    strbuf_reset(sb);
    strbuf_puts(sb, "SELECT");
    for (size_t i = 0; i < q->ncolumns; i++)
        put_column(sb, &q->columns[i],
                   i > 0                            ? q->columns[i].sql
                   : position == PG_POSITION_AURORA ? aurora
                                                    : "NULL");
}
