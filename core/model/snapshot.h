/* snapshot.h: what one source saw at one time.
 *
 * A snapshot owns an arena in which everything it points to lives. It is filled by one source
 * thread, immutable once published, and has exactly one owner: the source until it is put into the
 * mailbox, then the world. snapshot_free takes all of it.
 *
 * Conventions for every figure: int64_t UNKNOWN (and a NULL string) means "not known": the server
 * said NULL, this version has no such column, or the right to read it is missing. 0 is a value.
 * Times are milliseconds since 1970 by the clock of the server that said them; bytes are bytes.
 * All strings are as the server gave them, capped in length, NOT yet safe for a terminal.
 */
#ifndef CDCTOP_MODEL_SNAPSHOT_H
#define CDCTOP_MODEL_SNAPSHOT_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UNKNOWN INT64_MIN

enum source_kind { SOURCE_POSTGRES, SOURCE_KAFKA, SOURCE_CONNECT, SOURCE_S3, SOURCE_KIND_COUNT };

/* Three-valued facts: a column that this server version does not have is neither yes nor no. */
enum tri { TRI_UNKNOWN = -1, TRI_NO = 0, TRI_YES = 1 };

struct kv {
    const char *key;
    const char *value; /* NULL: the server's NULL */
};

/* Something that the source could not read, and the exact remedy ("GRANT pg_monitor TO viewer"). */
struct note {
    const char *what;
    const char *fix; /* NULL if none is known */
};

struct notes {
    struct note *items;
    size_t count, cap;
};

/* ---- PostgreSQL -------------------------------------------------------------------------------
 */

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

/* What can pin restart_lsn or catalog_xmin: old transactions and prepared ones. */
struct pg_holder {
    int pid;         /* 0: a prepared transaction */
    const char *gid; /* of a prepared transaction */
    const char *user, *application_name, *client_addr, *state, *query, *wait;
    int64_t xact_start_ms;
    int64_t xid_age, xmin_age;
};

struct pg_publication {
    const char *name;
    bool all_tables, insert, update, delete_, truncate;
};

struct pg_table { /* a table that a publication publishes */
    const char *publication, *schema, *name;
    char replica_identity; /* d, n, f, i; '?' unknown */
    enum tri has_pk;
    int64_t live_rows; /* reltuples: an estimate; UNKNOWN if never analysed */
    int64_t changes;   /* n_tup_ins + n_tup_upd + n_tup_del since the statistics' reset */
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
    const char *wal_level;
    struct pg_slot *slots;
    size_t nslots;
    struct pg_walsender *walsenders;
    size_t nwalsenders;
    struct pg_holder *holders; /* oldest first */
    size_t nholders;
    struct pg_publication *publications;
    size_t npublications;
    struct pg_table *tables; /* capped; tables_total says how many there are */
    size_t ntables, tables_total;
    struct kv *settings; /* pg_settings that matter, value with unit */
    size_t nsettings;
};

/* ---- Kafka ------------------------------------------------------------------------------------
 */

struct kafka_partition {
    int32_t id;
    int32_t leader; /* -1: none */
    int replicas, isr;
    int64_t begin, end;   /* log start offset, high watermark; UNKNOWN when not read this time */
    int64_t newest_ms;    /* timestamp of the last record; UNKNOWN unless asked for (see hints) */
    int64_t record_bytes; /* average size of sampled records (key + value); UNKNOWN: an estimate */
};

struct kafka_topic {
    const char *name;
    const char *error; /* the broker's own word, NULL if fine */
    struct kafka_partition *partitions;
    size_t npartitions;
};

struct kafka_offset {
    const char *topic;
    int32_t partition;
    int64_t committed; /* UNKNOWN: nothing committed */
};

struct kafka_group {
    const char *name;
    const char *state;         /* Stable, Empty, PreparingRebalance, …; NULL if not listed */
    const char *protocol_type; /* "consumer" for sinks, "connect" for the workers */
    int members;               /* -1 unknown */
    struct kafka_offset *offsets;
    size_t noffsets;
    bool offsets_read; /* false: offsets is not an answer */
};

struct kafka_broker {
    int32_t id;
    const char *host;
    int port;
};

/* A Debezium notification read from the sink notification topic (Debezium 2.3 to 3.x). */
struct dbz_notification {
    const char *topic;          /* the notification topic it came from */
    const char *id;             /* the signal's id for incremental snapshots, else random */
    const char *aggregate_type; /* "Incremental Snapshot", "Initial Snapshot" */
    const char *type; /* STARTED, IN_PROGRESS, TABLE_SCAN_COMPLETED, COMPLETED, ABORTED, … */
    struct kv *data;  /* additional_data */
    size_t ndata;
    int64_t offset;  /* in its topic: they are ordered by it */
    int64_t time_ms; /* record timestamp */
};

struct kafka_snap {
    const char *cluster_id;
    struct kafka_broker *brokers;
    size_t nbrokers;
    struct kafka_topic *topics; /* those that match the patterns, by name */
    size_t ntopics;
    size_t topics_visible;      /* in the whole cluster; 0 may mean an ACL */
    struct kafka_group *groups; /* of the pipeline first, then others as they are walked */
    size_t ngroups;
    struct dbz_notification *notifications; /* oldest first, the newest few hundred */
    size_t nnotifications;
};

/* ---- Kafka Connect ----------------------------------------------------------------------------
 */

struct connect_task {
    int id;
    const char *state, *worker;
    const char *trace; /* NULL if none */
    const char *cause; /* the last "Caused by:" of the trace, one line; NULL if none */
};

struct connect_offset { /* one source partition (or topic partition of a sink) and its position */
    const char *partition; /* as compact text: {"server":"shop"} or "topic 3" */
    const char *topic;     /* sinks only */
    int32_t number;        /* sinks only, else -1 */
    struct kv *values;     /* lsn, lsn_commit, txId, file, pos, gtids, snapshot, kafka_offset … */
    size_t nvalues;
};

struct connect_connector {
    const char *name, *type /* "source", "sink" */, *state, *worker;
    const char *trace, *cause; /* of the connector itself */
    const char *class_name;    /* connector.class */
    struct connect_task *tasks;
    size_t ntasks;
    struct kv *config; /* sorted by key; values of secrets are already masked as "********" */
    size_t nconfig;
    const char **topics; /* GET /connectors/N/topics, or NULL where tracking is off */
    size_t ntopics;
    struct connect_offset *offsets;
    size_t noffsets;
    bool offsets_read;  /* false: offsets is not an answer (old version, or it did not come) */
    int64_t offsets_ms; /* our wall clock when they were read */
    uint64_t lsn;       /* source PostgreSQL: lsn_commit, else lsn_proc, else lsn; LSN_NONE */
    int64_t source_ms;  /* ts_usec of the source offset, ms; UNKNOWN */
};

struct connect_snap {
    const char *url; /* the worker that answered */
    const char *version, *kafka_cluster_id;
    struct connect_connector *connectors; /* by name */
    size_t nconnectors;
    struct connect_url {
        const char *url;
        const char *error; /* NULL: fine or not tried */
    } * urls;
    size_t nurls;
};

/* ---- S3 ---------------------------------------------------------------------------------------
 */

struct s3_object {
    const char *key;
    int64_t size;
    int64_t modified_ms;
    int32_t partition;    /* -1 if the key does not tell */
    int64_t start_offset; /* UNKNOWN if the key does not tell */
};

struct s3_prefix { /* where one topic's objects arrive */
    const char *topic;
    const char *path;        /* prefix of the topic: "topics/shop.public.orders/" */
    const char *newest_path; /* the directory of the newest object, "…/hour=14/"; NULL if none */
    const char *layout;      /* "confluent", "aiven", "unknown" */
    struct s3_object *objects; /* newest first, at most S3_OBJECTS_KEPT */
    size_t nobjects;
    int64_t seen, seen_bytes; /* counters since `since_ms`, growing: rates come from them */
    int64_t since_ms;         /* how far back objects were looked at (an hour path, a start) */
    bool complete;            /* false: the walk to the newest key has not ended yet */
    const char *error;        /* of this prefix alone; NULL */
};
enum { S3_OBJECTS_KEPT = 200 };

struct s3_snap {
    const char *bucket, *endpoint, *region;
    struct s3_prefix *prefixes; /* by topic */
    size_t nprefixes;
    int64_t requests, keys; /* made and listed since the start: the cost */
};

/* ---- the snapshot itself ----------------------------------------------------------------------
 */

struct snapshot {
    struct arena *arena;
    enum source_kind kind;
    int64_t mono_ms;   /* our monotonic clock when the poll ended */
    int64_t wall_ms;   /* our wall clock then */
    int64_t server_ms; /* the server's clock at the same moment; UNKNOWN */
    int64_t took_us;
    struct notes notes;
    union {
        struct pg_snap pg;
        struct kafka_snap kafka;
        struct connect_snap connect;
        struct s3_snap s3;
    };
};

struct snapshot *snapshot_new(enum source_kind kind);
void snapshot_free(struct snapshot *snap); /* NULL is fine */

/* printf-style text for both; fix may be NULL. */
void snapshot_note(struct snapshot *snap, const char *fix, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

const char *source_kind_name(enum source_kind kind);  /* "postgres", as in JSON and config */
const char *source_kind_title(enum source_kind kind); /* "PostgreSQL" */

/* NULL if there is none. */
const struct kafka_topic *kafka_find_topic(const struct kafka_snap *kafka, const char *name);
const struct kafka_partition *kafka_find_partition(const struct kafka_snap *kafka,
                                                   const char *topic, int32_t id);

/* Value for key in a kv array, NULL if absent. */
const char *kv_find(const struct kv *items, size_t n, const char *key);

#endif
