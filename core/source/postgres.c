/* The PostgreSQL source: one read-only session, a few small statements per refresh, others now
 * and then. What is asked and why stands in postgres_sql.c and postgres_tables.c. */
#include "aws/login.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/lsn.h"
#include "base/mem.h"
#include "source/postgres_identity.h"
#include "source/postgres_read.h"
#include "source/postgres_sql.h"
#include "source/postgres_tables.h"
#include "source/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a user changes by hand should show soon: it is asked for often while that costs nothing. */
enum { SQL_MAX = 16 * 1024, OFTEN_MS = 10000, RARELY_MS = 60000, QUICK_MS = 100 };
/* What is asked rarely is kept as the server's rows and read into each snapshot. */
enum { RARE_FIRST = PGQ_SETTINGS, RARE_COUNT = PGQ_COUNT - PGQ_SETTINGS };

struct postgres {
    const struct postgres_config *cfg; /* borrowed: outlives the source */
    struct pgconn *conn;
    /* Of the present connection, from the probe: */
    struct arena *session; /* owns the texts here */
    int version_num;
    const char *version, *quoted_user, *database;
    bool aurora, aurora_without_wal;
    char found[400]; /* the hints that it was made from */
    /* What changes rarely, from rare_ms on; NULL: could not be read, rare_error says why. */
    struct arena *rare;
    struct pgrows *rare_rows[RARE_COUNT];
    struct err rare_error[RARE_COUNT];
    int64_t rare_ms, rare_took_ms;
    struct postgres_tables *tables;
    struct pg_identity identity;
};

static void disconnect(struct postgres *s)
{
    pgconn_close(s->conn);
    s->conn = NULL;
    s->rare_ms = -1;
    postgres_tables_forget(s->tables);
    s->identity.known = s->identity.closed = false;
}

static bool probe(struct postgres *s, struct err *err)
{
    struct strbuf sql;
    strbuf_init(&sql, SQL_MAX);
    postgres_sql(&sql, PGQ_PROBE, PG_OLDEST);
    arena_reset(s->session);
    struct pgrows *rows = pgconn_query(s->conn, s->session, sql.text, NULL, 0, err);
    strbuf_free(&sql);
    if (rows == NULL)
        return false;
    s->version_num = (int)pgrows_int(rows, 0, pgrows_column(rows, "version_num"), 0);
    const char *version = pgrows_text(rows, 0, pgrows_column(rows, "version"));
    s->version = arena_strndup(s->session, version != NULL ? version : "?",
                               version != NULL ? strcspn(version, " ") : 1);
    s->quoted_user = pgrows_text(rows, 0, pgrows_column(rows, "quoted_user"));
    s->database = pgrows_text(rows, 0, pgrows_column(rows, "database"));
    if (s->version_num < PG_OLDEST)
        return err_set(err, ERR_UNSUPPORTED, 0, "PostgreSQL %s: 13 or newer is needed", s->version);
    const char *wal_level = pgrows_text(rows, 0, pgrows_column(rows, "wal_level"));
    s->aurora = pgrows_bool(rows, 0, pgrows_column(rows, "is_aurora")) == 1;
    s->aurora_without_wal = s->aurora && (wal_level == NULL || strcmp(wal_level, "logical") != 0);
    return true;
}

/* Where the connectors' configs say the database is: when that changes, the session is of the wrong
 * server. */
static void describe_hints(const struct postgres *s, const struct hints *h, char *out, size_t size)
{
    out[0] = '\0';
    if (h != NULL && s->cfg->conninfo[0] == '\0')
        (void)snprintf(out, size, "%s:%d/%s/%s", h->pg_host != NULL ? h->pg_host : "", h->pg_port,
                       h->pg_database != NULL ? h->pg_database : "",
                       h->pg_user != NULL ? h->pg_user : "");
}

static void disconnect_if_moved(struct postgres *s, const struct hints *hints)
{
    char now[sizeof(s->found)];
    describe_hints(s, hints, now, sizeof(now));
    if (s->conn != NULL && strcmp(now, s->found) != 0)
        disconnect(s);
    memcpy(s->found, now, sizeof(now));
}

static bool connect_now(struct postgres *s, const struct poll_ctx *ctx, struct err *err)
{
    const struct hints *h = ctx->hints;
    struct pgconn_params params = {
        .host = h != NULL ? h->pg_host : NULL,
        .database = h != NULL ? h->pg_database : NULL,
        .user = h != NULL ? h->pg_user : NULL,
        .port = h != NULL ? h->pg_port : 0,
        .connect_timeout_ms = s->cfg->connect_timeout_ms,
        .statement_timeout_ms = s->cfg->statement_timeout_ms,
    };
    s->conn = login_postgres(ctx->aws, s->cfg, &params, ctx->deadline_ms, ctx->stop_fd, err);
    if (s->conn == NULL)
        return false;
    if (!probe(s, err)) {
        disconnect(s);
        return false;
    }
    log_put(LOG_INFO, "postgres: connected to %s:%d/%s, version %s%s", pgconn_host(s->conn),
            pgconn_port(s->conn), s->database, s->version,
            pgconn_pooled(s->conn) ? ", through a pooler" : "");
    return true;
}

static struct pgrows *ask(struct postgres *s, struct arena *arena, enum pg_query query,
                          struct err *err)
{
    struct strbuf sql;
    strbuf_init(&sql, SQL_MAX);
    if (query == PGQ_POSITION)
        postgres_position_sql(&sql, s->aurora_without_wal ? PG_POSITION_NONE
                                    : s->aurora           ? PG_POSITION_AURORA
                                                          : PG_POSITION_ORDINARY);
    else
        postgres_sql(&sql, query, s->version_num);
    struct pgrows *rows = pgconn_query(s->conn, arena, sql.text, NULL, 0, err);
    strbuf_free(&sql);
    if (rows == NULL)
        err_wrap(err, "%s", postgres_query(query)->title);
    return rows;
}

/* What a denied or failed statement leaves in the snapshot instead of its rows. */
static void note_failure(struct postgres *s, struct snapshot *snap, enum pg_query query,
                         const struct err *why)
{
    const char *fix = NULL;
    if (why->kind == ERR_DENIED && postgres_query(query)->relation[0] != '\0')
        fix = arena_printf(snap->arena, "GRANT SELECT ON %s TO %s", postgres_query(query)->relation,
                           s->quoted_user);
    snapshot_note(snap, fix, "not read: %s", why->text);
}

/* A statement that this user may not run leaves a note; so does any other failure of one that the
 * slots can do without. False only when the poll has failed. */
static bool ask_often(struct postgres *s, struct snapshot *snap, enum pg_query query,
                      struct pgrows **rows, struct err *err)
{
    struct err why = ERR_INIT;
    *rows = ask(s, snap->arena, query, &why);
    if (*rows != NULL)
        return true;
    bool needed = query == PGQ_SLOTS || query == PGQ_POSITION;
    if (!pgconn_usable(s->conn) || (needed && why.kind != ERR_DENIED)) {
        if (err != NULL)
            *err = why;
        return false;
    }
    note_failure(s, snap, query, &why);
    return true;
}

static bool ask_rare(struct postgres *s, struct err *err)
{
    int64_t began_ms = clock_mono_ms();
    s->rare_ms = -1;
    arena_reset(s->rare);
    for (int i = 0; i < RARE_COUNT; i++) {
        err_clear(&s->rare_error[i]);
        s->rare_rows[i] = ask(s, s->rare, (enum pg_query)(RARE_FIRST + i), &s->rare_error[i]);
        if (!pgconn_usable(s->conn)) {
            if (err != NULL)
                *err = s->rare_error[i];
            return false;
        }
    }
    s->rare_ms = clock_mono_ms();
    s->rare_took_ms = s->rare_ms - began_ms;
    return postgres_identity_ask(&s->identity, s->conn, err);
}

static void read_rare(struct postgres *s, struct snapshot *snap)
{
    static void (*const readers[RARE_COUNT])(struct snapshot *, const struct pgrows *) = {
        [PGQ_SETTINGS - RARE_FIRST] = postgres_read_settings,
        [PGQ_TABLES - RARE_FIRST] = postgres_read_tables,
    };
    snap->pg.max_slot_wal_keep_size = UNKNOWN;
    snap->pg.max_replication_slots = UNKNOWN;
    snap->pg.max_wal_senders = UNKNOWN;
    snap->pg.wal_sender_timeout_ms = UNKNOWN;
    snap->pg.idle_replication_slot_timeout_ms = UNKNOWN;
    postgres_identity_put(&s->identity, snap);
    for (int i = 0; i < RARE_COUNT; i++) {
        if (s->rare_rows[i] != NULL)
            readers[i](snap, s->rare_rows[i]);
        else
            note_failure(s, snap, (enum pg_query)(RARE_FIRST + i), &s->rare_error[i]);
    }
}

static void read_session(const struct postgres *s, struct snapshot *snap)
{
    struct pg_snap *pg = &snap->pg;
    const char *tls = pgconn_tls(s->conn);
    snapshot_tls(snap, tls != NULL, tls, pgconn_certificate_ends_ms(s->conn));
    pg->version_num = s->version_num;
    pg->version = arena_strdup(snap->arena, s->version);
    pg->host = arena_strdup(snap->arena, pgconn_host(s->conn));
    pg->port = pgconn_port(s->conn);
    pg->database = arena_strdup(snap->arena, s->database);
    pg->user = arena_strdup(snap->arena, pgconn_user(s->conn));
    pg->in_recovery = TRI_UNKNOWN;
    pg->is_monitor = TRI_UNKNOWN;
    pg->started_ms = UNKNOWN;
    pg->lsn_now = LSN_NONE;
}

static bool ask_all(struct postgres *s, struct snapshot *snap, const struct poll_ctx *ctx,
                    struct err *err)
{
    struct pgrows *slots, *walsenders, *holders, *position, *publications;
    if (!ask_often(s, snap, PGQ_SLOTS, &slots, err) ||
        !ask_often(s, snap, PGQ_WALSENDERS, &walsenders, err) ||
        !ask_often(s, snap, PGQ_HOLDERS, &holders, err) ||
        !ask_often(s, snap, PGQ_POSITION, &position, err) ||
        !ask_often(s, snap, PGQ_PUBLICATIONS, &publications, err))
        return false;
    bool due = ctx->full || s->rare_ms < 0 ||
               clock_mono_ms() - s->rare_ms >= (s->rare_took_ms <= QUICK_MS ? OFTEN_MS : RARELY_MS);
    if (due && !ask_rare(s, err))
        return false;
    if (!postgres_tables_ask(s->tables, s->conn, s->version_num, ctx->hints, ctx->full, err))
        return false;
    read_session(s, snap);
    snap->pg.slots_denied = slots == NULL;
    if (slots != NULL)
        postgres_read_slots(snap, slots);
    if (walsenders != NULL)
        postgres_read_walsenders(snap, walsenders);
    if (holders != NULL)
        postgres_read_holders(snap, holders);
    if (publications != NULL)
        postgres_read_publications(snap, publications);
    if (position != NULL && !postgres_read_position(snap, position))
        snapshot_note(
            snap, arena_printf(snap->arena, "GRANT pg_monitor TO %s", s->quoted_user),
            "what other users' sessions do (state, query, since when, walsender positions) is "
            "hidden from %s",
            s->quoted_user);
    if (s->aurora_without_wal)
        snapshot_note(snap, "set rds.logical_replication to 1 and reboot",
                      "Aurora tells no WAL position while wal_level is not logical");
    read_rare(s, snap);
    postgres_tables_read(s->tables, snap, s->quoted_user);
    postgres_join(snap);
    return true;
}

static bool pg_configured(const struct pipeline_config *cfg, const struct hints *hints)
{
    return cfg->postgres.conninfo[0] != '\0' || pgconn_environment() ||
           (hints != NULL && hints->pg_host != NULL && hints->pg_host[0] != '\0');
}

static void *pg_open(const struct pipeline_config *cfg, struct err *err)
{
    (void)err;
    struct postgres *s = mem_alloc(sizeof(*s));
    s->cfg = &cfg->postgres;
    s->session = arena_new();
    s->rare = arena_new();
    s->tables = postgres_tables_new();
    s->rare_ms = -1;
    return s;
}

static struct snapshot *pg_poll(void *self, const struct poll_ctx *ctx, struct err *err)
{
    struct postgres *s = self;
    struct snapshot *snap = NULL;
    struct err why = ERR_INIT;
    bool ok = false;
    disconnect_if_moved(s, ctx->hints);
    /* A session that was fine last time may have died since (restart, idle time-out in between):
     * one fresh connection tells what is true now. */
    for (int attempt = 0; attempt < 2 && !ok; attempt++) {
        bool reused = s->conn != NULL;
        if (!reused && !connect_now(s, ctx, &why))
            break;
        pgconn_until(s->conn, ctx->deadline_ms, ctx->stop_fd);
        snap = snapshot_new(SOURCE_POSTGRES);
        ok = ask_all(s, snap, ctx, &why);
        if (ok)
            break;
        snapshot_free(snap);
        snap = NULL;
        disconnect(s);
        if (!reused || why.kind == ERR_TIMEOUT || why.kind == ERR_STOPPED)
            break;
    }
    if (!ok && err != NULL)
        *err = why;
    return snap;
}

static void pg_close(void *self)
{
    struct postgres *s = self;
    pgconn_close(s->conn);
    arena_free(s->session);
    arena_free(s->rare);
    postgres_tables_free(s->tables);
    free(s);
}

const struct source_ops source_postgres = {
    .name = "postgres",
    .kind = SOURCE_POSTGRES,
    .configured = pg_configured,
    .open = pg_open,
    .poll = pg_poll,
    .close = pg_close,
};
