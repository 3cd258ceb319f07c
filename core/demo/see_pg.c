/* see_pg.c: what the simulated PostgreSQL tells. */
#include "base/clock.h"
#include "base/lsn.h"
#include "base/mem.h"
#include "demo/sim_int.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_WAL_SIZE = 1024 * 1024 * 1024, DAYS_UP = 41 };
#define DAY_MS INT64_C(86400000)

static int64_t wal_left(const struct sim *sim, const struct sim_slot *slot)
{
    if (sim->made->keep == 0)
        return UNKNOWN;
    return sim->made->keep - (int64_t)(sim->lsn - slot->restart);
}

static const char *wal_status(const struct sim *sim, const struct sim_slot *slot)
{
    int64_t left = wal_left(sim, slot);
    return slot->lost                                          ? "lost"
           : left != UNKNOWN && left <= 0                      ? "unreserved"
           : sim->lsn - slot->restart > (uint64_t)MAX_WAL_SIZE ? "extended"
                                                               : "reserved";
}

static const struct pg_walsender *sender_of(const struct sim *sim, struct arena *a,
                                            const struct sim_slot *slot)
{
    struct pg_walsender *w = arena_alloc(a, sizeof(*w));
    uint64_t sent = slot->source >= 0 ? sim->sources[slot->source].read : sim->lsn;
    *w = (struct pg_walsender){
        .pid = slot->pid,
        .user = arena_strdup(a, slot->user),
        .application_name = slot->source < 0                       ? arena_strdup(a, slot->name)
                            : sim->sources[slot->source].made->dms ? ""
                                                                   : "Debezium Streaming",
        .client_addr = slot->source >= 0 ? "10.0.4.11" : "10.0.3.17",
        .state = "streaming",
        .sent_lsn = sent,
        .write_lsn = slot->confirmed,
        .flush_lsn = slot->confirmed,
        .replay_lsn = slot->confirmed,
        .backend_start_ms = sim_wall(sim, slot->since_ms),
        .reply_ms = sim_wall(sim, sim->now_ms) - 400,
    };
    return w;
}

static void put_columns(struct arena *a, struct pg_slot *s, const struct sim_slot *slot)
{
    char restart[LSN_TEXT], confirmed[LSN_TEXT], since[40];
    const char *yes_no[] = {"f", "t"};
    struct kv columns[] = {
        {"slot_name",                         s->name                      },
        {"plugin",                            s->plugin                    },
        {"slot_type",                         s->type                      },
        {"datoid",                            "16402"                      },
        {"database",                          s->database                  },
        {"temporary",                         "f"                          },
        {"active",                            yes_no[slot->active]         },
        {"active_pid",                        slot->active ? arena_printf(a, "%d", slot->pid) : NULL},
        {"xmin",                  NULL                                              },
        {"catalog_xmin",              slot->lost ? NULL : arena_printf(a,"%u", slot->catalog_xmin)},
        {"restart_lsn",
         slot->lost ? NULL : arena_strdup(a,                 lsn_text(slot->restart, restart, sizeof(restart)))},
        {"confirmed_flush_lsn",
         arena_strdup(a,                                                    lsn_text(slot->confirmed, confirmed, sizeof(confirmed)))},
        {"wal_status",             s->wal_status                  },
        {"safe_wal_size",
         s->safe_wal_size == UNKNOWN ? NULL : arena_printf(a,                                            "%lld", (long long)s->safe_wal_size)},
        {"two_phase",           "f"},
        {"inactive_since",
         slot->active ? NULL
                      : arena_strdup(a,                                                     clock_iso_ms(s->inactive_since_ms, since, sizeof(since)))},
        {"conflicting",                                   "f"                               },
        {"invalidation_reason",                             s->invalidation_reason},
        {"failover",                         "f"                                        },
        {"synced",                    "f"                                     },
    };
    s->ncolumns = ARRAY_LEN(columns);
    s->columns = arena_array(a, s->ncolumns, sizeof(*s->columns));
    memcpy(s->columns, columns, sizeof(columns));
}

static void put_slot(const struct sim *sim, struct arena *a, struct pg_slot *s,
                     const struct sim_slot *slot)
{
    *s = (struct pg_slot){
        .name = arena_strdup(a, slot->name),
        .plugin = arena_strdup(a, slot->plugin),
        .type = "logical",
        .database = arena_strdup(a, sim->made->database),
        .wal_status = wal_status(sim, slot),
        .invalidation_reason = slot->lost ? "wal_removed" : NULL,
        .temporary = TRI_NO,
        .active = slot->active ? TRI_YES : TRI_NO,
        .two_phase = TRI_NO,
        .conflicting = TRI_NO,
        .failover = TRI_NO,
        .synced = TRI_NO,
        .active_pid = slot->active ? slot->pid : 0,
        .restart_lsn = slot->lost ? LSN_NONE : slot->restart,
        .confirmed_flush_lsn = slot->confirmed,
        .safe_wal_size = slot->lost ? UNKNOWN : wal_left(sim, slot),
        .xmin_age = UNKNOWN,
        .catalog_xmin_age = slot->lost ? UNKNOWN : (int64_t)(sim->xid - slot->catalog_xmin),
        .inactive_since_ms = slot->active ? UNKNOWN : sim_wall(sim, slot->since_ms),
        .retained = slot->lost ? UNKNOWN : (int64_t)(sim->lsn - slot->restart),
        .unconfirmed = (int64_t)(sim->lsn - slot->confirmed),
        .spill_txns = 0,
        .spill_bytes = 0,
        .total_txns = (int64_t)(slot->confirmed / 4096),
        .total_bytes = (int64_t)(slot->confirmed / 2),
        .walsender = slot->active ? sender_of(sim, a, slot) : NULL,
    };
    put_columns(a, s, slot);
}

static int slot_by_name(const void *a, const void *b)
{
    return strcmp(((const struct pg_slot *)a)->name, ((const struct pg_slot *)b)->name);
}

static void put_slots(const struct sim *sim, struct snapshot *snap)
{
    struct pg_snap *pg = &snap->pg;
    pg->slots = arena_array(snap->arena, (size_t)sim->nslots, sizeof(*pg->slots));
    pg->walsenders = arena_array(snap->arena, (size_t)sim->nslots, sizeof(*pg->walsenders));
    for (int i = 0; i < sim->nslots; i++) {
        if (sim->slots[i].dropped)
            continue;
        struct pg_slot *s = &pg->slots[pg->nslots++];
        put_slot(sim, snap->arena, s, &sim->slots[i]);
        if (s->walsender != NULL)
            pg->walsenders[pg->nwalsenders++] = *s->walsender;
    }
    qsort(pg->slots, pg->nslots, sizeof(*pg->slots), slot_by_name);
}

static void put_holders(const struct sim *sim, struct snapshot *snap)
{
    struct pg_snap *pg = &snap->pg;
    pg->nholders = (size_t)sim->nholders;
    pg->holders = arena_array(snap->arena, pg->nholders, sizeof(*pg->holders));
    for (int i = 0; i < sim->nholders; i++) {
        const struct sim_holder *h = &sim->holders[i];
        pg->holders[i] = (struct pg_holder){.pid = h->pid,
                                            .user = arena_strdup(snap->arena, h->user),
                                            .application_name = arena_strdup(snap->arena, h->app),
                                            .client_addr = "10.0.7.4",
                                            .state = "idle in transaction",
                                            .query = arena_strdup(snap->arena, h->query),
                                            .wait = "Client/ClientRead",
                                            .xact_start_ms = sim_wall(sim, h->began_ms),
                                            .xid_age = (int64_t)(sim->xid - h->xid),
                                            .xmin_age = (int64_t)(sim->xid - h->xid),
                                            .backend_start_ms = sim_wall(sim, h->began_ms) - 900,
                                            .type = "client backend",
                                            .superuser = TRI_NO,
                                            .may_signal = TRI_YES};
    }
}

/* ---- what the connectors capture ------------------------------------------------------------- */

static void put_tables(const struct sim *sim, struct snapshot *snap)
{
    struct pg_snap *pg = &snap->pg;
    size_t n = 0;
    for (int i = 0; i < sim->nsources; i++)
        n += (size_t)sim->sources[i].ntables;
    pg->tables = arena_array(snap->arena, n, sizeof(*pg->tables));
    pg->relations = arena_array(snap->arena, n, sizeof(*pg->relations));
    for (int i = 0; i < sim->nsources; i++) {
        const struct sim_source *s = &sim->sources[i];
        bool copy = i > 0 && s->made == sim->sources[i - 1].made; /* it captures the same tables */
        int tables = s->made->dms ? s->heartbeat : s->ntables;    /* those behind are Debezium's */
        for (int t = 0; !copy && t < tables; t++) {
            const struct sim_table *table = &s->tables[t];
            const char *name = arena_strdup(snap->arena, table->made->name);
            enum tri key = table->made->key ? TRI_YES : TRI_NO;
            pg->tables[pg->ntables++] = (struct pg_table){.publication = s->made->publication,
                                                          .schema = "public",
                                                          .name = name,
                                                          .replica_identity = 'f',
                                                          .has_pk = key,
                                                          .live_rows = table->rows,
                                                          .changes = table->changes};
            pg->relations[pg->nrelations++] = (struct pg_relation){.schema = "public",
                                                                   .name = name,
                                                                   .kind = 'r',
                                                                   .replica_identity = 'f',
                                                                   .has_pk = key,
                                                                   .toastable = TRI_NO,
                                                                   .live_rows = table->rows,
                                                                   .changes = table->changes,
                                                                   .rewrites = table->changes / 3,
                                                                   .toasted = 0};
        }
    }
    pg->tables_total = pg->ntables;
    pg->relations_total = pg->nrelations;
}

static int relation_by_name(const void *a, const void *b)
{
    return strcmp(((const struct pg_relation *)a)->name, ((const struct pg_relation *)b)->name);
}

/* Helpers of several sources have one name: each is there once. */
static void sort_tables(struct pg_snap *pg)
{
    size_t kept = 0;
    qsort(pg->relations, pg->nrelations, sizeof(*pg->relations), relation_by_name);
    for (size_t i = 0; i < pg->nrelations; i++) {
        if (kept == 0 || strcmp(pg->relations[kept - 1].name, pg->relations[i].name) != 0)
            pg->relations[kept++] = pg->relations[i];
    }
    pg->nrelations = pg->relations_total = kept;
}

static void put_rights(const struct sim *sim, struct snapshot *snap)
{
    static const char *const written[] = {"debezium_signal", "heartbeat"};
    struct pg_snap *pg = &snap->pg;
    pg->npublications = 1;
    pg->publications = arena_array(snap->arena, 1, sizeof(*pg->publications));
    pg->publications[0] = (struct pg_publication){.name = sim->sources[0].made->publication,
                                                  .insert = true,
                                                  .update = true,
                                                  .delete_ = true,
                                                  .truncate = true,
                                                  .row_xid = UNKNOWN};
    pg->nlogins = 1;
    pg->logins = arena_array(snap->arena, 1, sizeof(*pg->logins));
    pg->logins[0] = (struct pg_login){"debezium", TRI_YES, TRI_YES, TRI_YES, UNKNOWN};
    pg->ngrants = ARRAY_LEN(written);
    pg->grants = arena_array(snap->arena, pg->ngrants, sizeof(*pg->grants));
    for (size_t i = 0; i < pg->ngrants; i++)
        pg->grants[i] = (struct pg_grant){.role = "debezium",
                                          .schema = "public",
                                          .table = written[i],
                                          .publication = sim->sources[0].made->publication,
                                          .exists = TRI_YES,
                                          .usage = TRI_YES,
                                          .insert = TRI_YES,
                                          .update = TRI_YES,
                                          .published = TRI_YES};
}

static void put_settings(const struct sim *sim, struct snapshot *snap)
{
    struct pg_snap *pg = &snap->pg;
    int64_t keep = sim->made->keep;
    struct kv settings[] = {
        {"idle_replication_slot_timeout",     "0"               },
        {"logical_decoding_work_mem",         "64MB"            },
        {"max_replication_slots",
         arena_printf(snap->arena,                                "%lld", (long long)sim->made->max_slots)},
        {"max_slot_wal_keep_size",
         keep > 0 ? arena_printf(snap->arena,                     "%lldMB", (long long)(keep / 1000000)) : "-1"},
        {"max_wal_senders", arena_printf(snap->arena,"%lld", (long long)sim->made->max_slots)},
        {"max_wal_size",                                   "1GB"                                    },
        {"wal_level",                             "logical"                        },
        {"wal_sender_timeout",                      "1min"},
    };
    pg->nsettings = ARRAY_LEN(settings);
    pg->settings = arena_array(snap->arena, pg->nsettings, sizeof(*pg->settings));
    memcpy(pg->settings, settings, sizeof(settings));
}

struct snapshot *sim_see_pg(const struct sim *sim)
{
    struct snapshot *snap = snapshot_new(SOURCE_POSTGRES);
    struct pg_snap *pg = &snap->pg;
    int64_t now = sim_wall(sim, sim->now_ms);
    snapshot_tls(snap, true, "TLSv1.3", now + 200 * DAY_MS);
    *pg = (struct pg_snap){
        .version_num = 170004,
        .version = "17.4",
        .host = arena_printf(snap->arena, "%s-db.internal", sim->made->database),
        .database = arena_strdup(snap->arena, sim->made->database),
        .user = "cdctop",
        .port = 5432,
        .in_recovery = TRI_NO,
        .is_monitor = TRI_YES,
        .started_ms = sim->base_ms - DAYS_UP * DAY_MS,
        .lsn_now = sim->lsn,
        .max_slot_wal_keep_size = sim->made->keep > 0 ? sim->made->keep : -1,
        .max_replication_slots = sim->made->max_slots,
        .max_wal_senders = sim->made->max_slots,
        .wal_sender_timeout_ms = 60000,
        .idle_replication_slot_timeout_ms = UNKNOWN,
        .wal_level = "logical",
        .timeline = 1,
        .system_identifier = "7439018273645512043",
    };
    put_slots(sim, snap);
    put_holders(sim, snap);
    put_tables(sim, snap);
    sort_tables(pg);
    put_rights(sim, snap);
    put_settings(sim, snap);
    return snap;
}
