#include "source/postgres_read.h"

#include "base/lsn.h"
#include "base/mem.h"
#include "source/postgres_sql.h"

#include <string.h>

enum { NAME_MAX_BYTES = 256, QUERY_MAX_BYTES = 800 };

/* One row being read, so that a field is one short line. */
struct row {
    struct arena *arena;
    const struct pgrows *rows;
    size_t i;
};

static const char *text(const struct row *r, const char *column)
{
    const char *s = pgrows_text(r->rows, r->i, pgrows_column(r->rows, column));
    return s != NULL ? arena_strndup(r->arena, s, NAME_MAX_BYTES) : NULL;
}

static int64_t number(const struct row *r, const char *column)
{
    return pgrows_int(r->rows, r->i, pgrows_column(r->rows, column), UNKNOWN);
}

static int pid(const struct row *r, const char *column)
{
    return (int)pgrows_int(r->rows, r->i, pgrows_column(r->rows, column), 0);
}

static uint64_t lsn(const struct row *r, const char *column)
{
    return pgrows_lsn(r->rows, r->i, pgrows_column(r->rows, column));
}

static enum tri fact(const struct row *r, const char *column)
{
    return (enum tri)pgrows_bool(r->rows, r->i, pgrows_column(r->rows, column));
}

static void read_details(struct pg_slot *slot, const struct row *r)
{
    const struct pg_query_text *q = postgres_query(PGQ_SLOTS);
    slot->columns = arena_array(r->arena, q->ncolumns, sizeof(*slot->columns));
    for (size_t i = 0; i < q->ncolumns; i++) {
        const struct pg_column *column = &q->columns[i];
        if (!column->shown || pgrows_column(r->rows, column->name) < 0)
            continue;
        struct kv *kv = &slot->columns[slot->ncolumns++];
        kv->key = column->name;
        kv->value = text(r, column->name);
    }
}

static void read_slot(struct pg_slot *slot, const struct row *r)
{
    slot->name = text(r, "slot_name");
    slot->plugin = text(r, "plugin");
    slot->type = text(r, "slot_type");
    slot->database = text(r, "database");
    slot->wal_status = text(r, "wal_status");
    slot->invalidation_reason = text(r, "invalidation_reason");
    slot->temporary = fact(r, "temporary");
    slot->active = fact(r, "active");
    slot->two_phase = fact(r, "two_phase");
    slot->conflicting = fact(r, "conflicting");
    slot->failover = fact(r, "failover");
    slot->synced = fact(r, "synced");
    slot->active_pid = pid(r, "active_pid");
    slot->restart_lsn = lsn(r, "restart_lsn");
    slot->confirmed_flush_lsn = lsn(r, "confirmed_flush_lsn");
    slot->safe_wal_size = number(r, "safe_wal_size");
    slot->xmin_age = number(r, "xmin_age");
    slot->catalog_xmin_age = number(r, "catalog_xmin_age");
    slot->inactive_since_ms = number(r, "inactive_since_ms");
    slot->spill_txns = number(r, "spill_txns");
    slot->spill_bytes = number(r, "spill_bytes");
    slot->total_txns = number(r, "total_txns");
    slot->total_bytes = number(r, "total_bytes");
    slot->retained = UNKNOWN;
    slot->unconfirmed = UNKNOWN;
    read_details(slot, r);
}

void postgres_read_slots(struct snapshot *snap, const struct pgrows *rows)
{
    struct pg_snap *pg = &snap->pg;
    pg->slots = arena_array(snap->arena, rows->nrows, sizeof(*pg->slots));
    for (size_t i = 0; i < rows->nrows; i++) {
        struct row r = {snap->arena, rows, i};
        if (text(&r, "slot_name") != NULL) /* everything is found by its name */
            read_slot(&pg->slots[pg->nslots++], &r);
    }
}

void postgres_read_walsenders(struct snapshot *snap, const struct pgrows *rows)
{
    struct pg_snap *pg = &snap->pg;
    pg->walsenders = arena_array(snap->arena, rows->nrows, sizeof(*pg->walsenders));
    pg->nwalsenders = rows->nrows;
    for (size_t i = 0; i < rows->nrows; i++) {
        struct row r = {snap->arena, rows, i};
        struct pg_walsender *w = &pg->walsenders[i];
        w->pid = pid(&r, "pid");
        w->user = text(&r, "usename");
        w->application_name = text(&r, "application_name");
        w->client_addr = text(&r, "client_addr");
        w->state = text(&r, "state");
        w->sent_lsn = lsn(&r, "sent_lsn");
        w->write_lsn = lsn(&r, "write_lsn");
        w->flush_lsn = lsn(&r, "flush_lsn");
        w->replay_lsn = lsn(&r, "replay_lsn");
        w->backend_start_ms = number(&r, "backend_start_ms");
        w->reply_ms = number(&r, "reply_ms");
        /* Before the first reply the server hands out uninitialised memory as a time. */
        if (w->backend_start_ms == UNKNOWN || w->reply_ms < w->backend_start_ms)
            w->reply_ms = UNKNOWN;
    }
}

void postgres_read_holders(struct snapshot *snap, const struct pgrows *rows)
{
    struct pg_snap *pg = &snap->pg;
    pg->holders = arena_array(snap->arena, rows->nrows, sizeof(*pg->holders));
    pg->nholders = rows->nrows;
    for (size_t i = 0; i < rows->nrows; i++) {
        struct row r = {snap->arena, rows, i};
        struct pg_holder *h = &pg->holders[i];
        h->pid = pid(&r, "pid");
        h->gid = text(&r, "gid");
        h->user = text(&r, "usename");
        h->application_name = text(&r, "application_name");
        h->client_addr = text(&r, "client_addr");
        h->state = text(&r, "state");
        const char *query = pgrows_text(rows, i, pgrows_column(rows, "query"));
        if (query != NULL && strcmp(query, "<insufficient privilege>") != 0)
            h->query = arena_strndup(snap->arena, query, QUERY_MAX_BYTES);
        h->wait = text(&r, "wait");
        h->xact_start_ms = number(&r, "xact_start_ms");
        h->xid_age = number(&r, "xid_age");
        h->xmin_age = number(&r, "xmin_age");
        h->backend_start_ms = number(&r, "backend_start_ms");
        h->type = text(&r, "backend_type");
        h->superuser = fact(&r, "superuser");
        h->may_signal = fact(&r, "may_signal");
    }
}

bool postgres_read_position(struct snapshot *snap, const struct pgrows *rows)
{
    struct row r = {snap->arena, rows, 0};
    snap->pg.lsn_now = lsn(&r, "lsn_now");
    snap->pg.in_recovery = fact(&r, "in_recovery");
    snap->pg.is_monitor = fact(&r, "is_monitor");
    snap->pg.started_ms = number(&r, "started_ms");
    snap->server_ms = number(&r, "now_ms");
    return fact(&r, "reads_stats") == TRI_YES;
}

int64_t postgres_setting(int64_t number, const char *unit)
{
    static const struct {
        const char *unit;
        int64_t factor;
    } units[] = {
        {"B",    1               },
        {"kB",   1024            },
        {"8kB",  8192            },
        {"16kB", 16384           },
        {"32kB", 32768           },
        {"MB",   1024 * 1024     },
        {"GB",   1024L * 1048576L},
        {"ms",   1               },
        {"s",    1000            },
        {"min",  60000           },
    };
    if (number == UNKNOWN || number < 0 || unit == NULL || unit[0] == '\0')
        return number;
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        if (strcmp(unit, units[i].unit) == 0)
            return number > INT64_MAX / units[i].factor ? INT64_MAX : number * units[i].factor;
    }
    return UNKNOWN;
}

void postgres_read_settings(struct snapshot *snap, const struct pgrows *rows)
{
    struct pg_snap *pg = &snap->pg;
    const struct {
        const char *name;
        int64_t *value;
    } wanted[] = {
        {"max_slot_wal_keep_size",        &pg->max_slot_wal_keep_size          },
        {"max_replication_slots",         &pg->max_replication_slots           },
        {"max_wal_senders",               &pg->max_wal_senders                 },
        {"wal_sender_timeout",            &pg->wal_sender_timeout_ms           },
        {"idle_replication_slot_timeout", &pg->idle_replication_slot_timeout_ms},
    };
    pg->settings = arena_array(snap->arena, rows->nrows, sizeof(*pg->settings));
    pg->nsettings = rows->nrows;
    for (size_t i = 0; i < rows->nrows; i++) {
        struct row r = {snap->arena, rows, i};
        struct kv *kv = &pg->settings[i];
        kv->key = text(&r, "name");
        kv->value = text(&r, "said");
        const char *unit = pgrows_text(rows, i, pgrows_column(rows, "unit"));
        for (size_t w = 0; w < ARRAY_LEN(wanted); w++) {
            if (kv->key != NULL && strcmp(kv->key, wanted[w].name) == 0)
                *wanted[w].value = postgres_setting(number(&r, "setting"), unit);
        }
    }
    pg->wal_level = kv_find(pg->settings, pg->nsettings, "wal_level");
}

void postgres_read_publications(struct snapshot *snap, const struct pgrows *rows)
{
    struct pg_snap *pg = &snap->pg;
    pg->publications = arena_array(snap->arena, rows->nrows, sizeof(*pg->publications));
    for (size_t i = 0; i < rows->nrows; i++) {
        struct row r = {snap->arena, rows, i};
        if (text(&r, "pubname") == NULL)
            continue;
        pg->publications[pg->npublications++] = (struct pg_publication){
            .name = text(&r, "pubname"),
            .all_tables = fact(&r, "puballtables") == TRI_YES,
            .insert = fact(&r, "pubinsert") == TRI_YES,
            .update = fact(&r, "pubupdate") == TRI_YES,
            .delete_ = fact(&r, "pubdelete") == TRI_YES,
            .truncate = fact(&r, "pubtruncate") == TRI_YES,
            .row_xid = number(&r, "row_xid"),
        };
    }
}

void postgres_read_tables(struct snapshot *snap, const struct pgrows *rows)
{
    struct pg_snap *pg = &snap->pg;
    pg->tables = arena_array(snap->arena, rows->nrows, sizeof(*pg->tables));
    pg->tables_total = rows->nrows;
    for (size_t i = 0; i < rows->nrows; i++) {
        struct row r = {snap->arena, rows, i};
        if (text(&r, "pubname") == NULL || text(&r, "schemaname") == NULL ||
            text(&r, "tablename") == NULL)
            continue;
        const char *identity = pgrows_text(rows, i, pgrows_column(rows, "replident"));
        pg->tables[pg->ntables++] = (struct pg_table){
            .publication = text(&r, "pubname"),
            .schema = text(&r, "schemaname"),
            .name = text(&r, "tablename"),
            .replica_identity =
                identity != NULL && identity[0] != '\0' && strchr("dnfi", identity[0]) != NULL
                    ? identity[0]
                    : '?',
            .has_pk = fact(&r, "has_pk"),
            .live_rows = number(&r, "live_rows"),
            .changes = number(&r, "changes"),
        };
        int64_t total = number(&r, "total");
        if (total > (int64_t)pg->tables_total)
            pg->tables_total = (size_t)total;
    }
}

/* Bytes from `from` to `to`; UNKNOWN if either is. A position taken from another timeline may be
 * behind: that is 0 bytes, not 18 exabytes. */
static int64_t distance(uint64_t from, uint64_t to)
{
    if (from == LSN_NONE || to == LSN_NONE)
        return UNKNOWN;
    if (to <= from)
        return 0;
    return to - from > INT64_MAX ? INT64_MAX : (int64_t)(to - from);
}

void postgres_join(struct snapshot *snap)
{
    struct pg_snap *pg = &snap->pg;
    for (size_t i = 0; i < pg->nslots; i++) {
        struct pg_slot *slot = &pg->slots[i];
        slot->retained = distance(slot->restart_lsn, pg->lsn_now);
        slot->unconfirmed = distance(slot->confirmed_flush_lsn, pg->lsn_now);
        for (size_t w = 0; w < pg->nwalsenders && slot->active_pid != 0; w++) {
            if (pg->walsenders[w].pid == slot->active_pid)
                slot->walsender = &pg->walsenders[w];
        }
    }
}
