/* snap_pg.h: what is seen of a PostgreSQL server: slots, walsenders, publications.
 * Conventions (unknown figures, times, ownership): snapshot.h, which includes this. */
#ifndef CDCTOP_MODEL_SNAP_PG_H
#define CDCTOP_MODEL_SNAP_PG_H

#include "model/fact.h"

struct pg_walsender { /* a row of pg_stat_replication, joined by pid = slot.active_pid */
    int pid;
    const char *user, *application_name, *client_addr, *state;
    uint64_t sent_lsn, write_lsn, flush_lsn, replay_lsn; /* LSN_NONE if NULL */
    int64_t backend_start_ms;
    int64_t reply_ms; /* garbage (1999) until the first reply: UNKNOWN then */
};

struct pg_slot { /* a row of pg_replication_slots */
    const char *name, *plugin, *type /* "logical", "physical" */, *database;
    const char *wal_status;          /* reserved, extended, unreserved, lost; NULL unknown */
    const char *invalidation_reason; /* 17+ */
    enum tri temporary, active, two_phase, conflicting, failover, synced;
    int active_pid;       /* 0: none */
    uint64_t restart_lsn; /* LSN_NONE if NULL */
    uint64_t confirmed_flush_lsn;
    int64_t safe_wal_size; /* bytes until it is lost, may be negative; UNKNOWN if unlimited */
    int64_t xmin_age, catalog_xmin_age; /* transactions */
    int64_t inactive_since_ms;          /* 17+ */
    int64_t retained;                   /* lsn_now - restart_lsn, bytes */
    int64_t unconfirmed;                /* lsn_now - confirmed_flush_lsn, bytes */
    int64_t spill_txns, spill_bytes, total_txns, total_bytes; /* 14+, pg_stat_replication_slots */
    const struct pg_walsender *walsender;                     /* NULL if inactive or not readable */
    struct kv *columns; /* every column as text, in the server's order: for the details */
    size_t ncolumns;
};

/* Who a pid is: it may be another session's a moment later, with backend_start it is this one. */
struct pg_session {
    int pid;
    int64_t backend_start_ms, xact_start_ms;
    const char *user, *application_name, *client_addr, *state, *query;
    const char *type;    /* backend_type: "client backend", "walsender" … */
    enum tri superuser;  /* its user is one */
    enum tri may_signal; /* our own role may end it, were it no superuser's */
};

/* What can pin restart_lsn or catalog_xmin: old transactions and prepared ones. */
struct pg_holder {
    int pid;         /* 0: a prepared transaction */
    const char *gid; /* of a prepared transaction */
    const char *user, *application_name, *client_addr, *state, *query, *wait;
    int64_t xact_start_ms;
    int64_t xid_age, xmin_age;
    int64_t backend_start_ms; /* this and the rest as in pg_session */
    const char *type;
    enum tri superuser, may_signal;
};

struct pg_publication {
    const char *name;
    bool all_tables, insert, update, delete_, truncate;
    int64_t row_xid; /* of the transaction that wrote its row last (32 bits, wraps); UNKNOWN */
};

struct pg_table { /* a table that a publication publishes */
    const char *publication, *schema, *name;
    char replica_identity; /* d, n, f, i; '?' unknown */
    enum tri has_pk;
    int64_t live_rows; /* reltuples: an estimate; UNKNOWN if never analysed */
    int64_t changes;   /* n_tup_ins + n_tup_upd + n_tup_del since the statistics' reset */
};

/* A user table of the database, published or not: what could be captured. */
struct pg_relation {
    const char *schema, *name;
    char kind;             /* 'r' table, 'p' partitioned */
    char replica_identity; /* d, n, f, i; '?' unknown */
    enum tri has_pk, toastable;
    bool partition;    /* of a partitioned table, which is captured in its stead */
    int64_t live_rows; /* reltuples: an estimate; UNKNOWN if never analysed */
    int64_t changes;   /* as in pg_table */
    int64_t rewrites;  /* n_tup_upd + n_tup_del of these */
    int64_t toasted;   /* pieces of values stored out of line, est.; UNKNOWN */
};

/* A role that a connector logs in with (database.user of its config): may it do its work? */
struct pg_login {
    const char *role;
    enum tri exists, can_login, replication /* rolreplication, or member of rds_replication */;
    int64_t valid_until_ms; /* of its password; UNKNOWN: for ever */
};

/* May the role of a connector write there? Signal and heartbeat tables. */
struct pg_grant {
    const char *role, *schema, *table, *publication;
    enum tri exists;
    enum tri usage;          /* of the schema */
    enum tri insert, update; /* without regard to usage; the table's or some column's */
    enum tri published;      /* by that publication */
};

/* A session that waits for another one's lock. */
struct pg_blocked {
    int pid, blocker; /* the first of pg_blocking_pids() */
    const char *application_name, *query, *blocker_user, *blocker_query;
    int64_t waits_ms;     /* UNKNOWN before 14 */
    struct pg_session by; /* the blocker; pid 0: it could not be read */
};

struct pg_snap {
    int version_num;                    /* 150018 */
    const char *version;                /* "15.18" */
    const char *host, *database, *user; /* the session's own */
    int port;
    enum tri in_recovery, is_monitor;
    int64_t started_ms;             /* pg_postmaster_start_time() */
    uint64_t lsn_now;               /* LSN_NONE if it could not be read */
    int64_t max_slot_wal_keep_size; /* bytes; -1 unlimited; UNKNOWN */
    int64_t max_replication_slots, max_wal_senders, wal_sender_timeout_ms;
    int64_t idle_replication_slot_timeout_ms; /* 18+; 0 off; UNKNOWN */
    const char *wal_level;
    struct pg_slot *slots;
    size_t nslots;
    bool slots_denied; /* it may not read them: slots is no answer */
    struct pg_walsender *walsenders;
    size_t nwalsenders;
    struct pg_holder *holders; /* oldest first */
    size_t nholders;
    struct pg_publication *publications;
    size_t npublications;
    struct pg_table *tables; /* capped; tables_total says how many there are */
    size_t ntables, tables_total;
    int64_t tables_mono_ms;        /* our monotonic clock when tables was read; 0: in this poll */
    struct pg_relation *relations; /* by schema and name; capped */
    size_t nrelations, relations_total;
    struct pg_login *logins; /* of the roles in the hints */
    size_t nlogins;
    struct pg_grant *grants;
    size_t ngrants;
    struct pg_blocked *blocked;
    size_t nblocked;
    int64_t timeline;              /* UNKNOWN: not readable */
    const char *system_identifier; /* of the cluster; NULL: not readable */
    struct kv *settings;           /* pg_settings that matter, value with unit */
    size_t nsettings;
};

#endif
