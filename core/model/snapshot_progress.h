/* snapshot_progress.h: how far a Debezium snapshot is, from its notifications. Pure.
 *
 * What the notifications do not say plainly (observed with 2.3 to 3.7):
 *  - An incremental snapshot keeps the signal's id; initial and blocking ones have a random id per
 *    notification, and both call themselves "Initial Snapshot".
 *  - COMPLETED alone is no success: stop-snapshot sends COMPLETED with the snapshot's id and then
 *    ABORTED with a random one; a table without primary key, or an unknown one, is "scanned" with a
 *    status of its own and COMPLETED follows.
 *  - A connector that restarts without a snapshot sends SKIPPED.
 *  - An unknown signal or bad JSON sends nothing at all: NOT_SEEN stays.
 */
#ifndef CDCTOP_MODEL_SNAPSHOT_PROGRESS_H
#define CDCTOP_MODEL_SNAPSHOT_PROGRESS_H

#include "model/snapshot.h"

enum snapshot_state {
    SNAPSHOT_NOT_SEEN,
    SNAPSHOT_STARTED,
    SNAPSHOT_IN_PROGRESS,
    SNAPSHOT_PAUSED,
    SNAPSHOT_RESUMED,
    SNAPSHOT_ABORTED,
    SNAPSHOT_STOPPED,   /* by a stop-snapshot signal: COMPLETED and at once ABORTED */
    SNAPSHOT_COMPLETED, /* look at `failed` too */
    SNAPSHOT_SKIPPED,
    SNAPSHOT_STATE_COUNT
};

enum snapshot_table_state { TABLE_WAITING, TABLE_READING, TABLE_DONE, TABLE_FAILED };

struct snapshot_table {
    const char *name; /* "public.orders" */
    enum snapshot_table_state state;
    const char *status; /* SUCCEEDED, NO_PRIMARY_KEY, UNKNOWN_SCHEMA …; NULL: not scanned yet */
    int64_t rows;       /* scanned; while it is read an estimate or UNKNOWN */
    int64_t total;      /* rows that it has, told by Debezium 3.x; else an estimate or UNKNOWN */
    const char *last_key, *maximum_key; /* incremental, as Debezium prints them; NULL */
    double fraction; /* 0 to 1: done of this table; NAN where the keys do not tell (an estimate) */
};

struct snapshot_progress {
    enum snapshot_state state;
    const char *id;             /* of the incremental snapshot; NULL */
    const char *aggregate_type; /* "Incremental Snapshot", "Initial Snapshot"; NULL: not seen */
    int64_t started_ms, updated_ms, ended_ms; /* record times; UNKNOWN */
    struct snapshot_table *tables;
    size_t ntables;
    int current;         /* index of the table that is read; -1 */
    int done;            /* tables finished, whatever their status */
    int failed;          /* tables with a status other than SUCCEEDED */
    int64_t rows;        /* scanned in finished tables */
    double fraction;     /* of the whole, tables counting alike; NAN; an estimate */
    const char *signals; /* as in the query */
};

struct snapshot_query {
    const char *connector; /* connector_name = topic.prefix of the source; NULL: any */
    const char *id;        /* signal id of an incremental snapshot; NULL: the newest snapshot */
    int64_t since_ms;      /* only what is newer (record time); UNKNOWN: all */
    const char *signals;   /* the signal table: announced with the others, but never read; NULL */
};

/* notes oldest first. Never fails; strings point into the notes, arrays into the arena. */
struct snapshot_progress snapshot_progress_build(struct arena *arena,
                                                 const struct dbz_notification *notes, size_t n,
                                                 const struct snapshot_query *query);

/* Runs or waits for a resume: it will send more. */
bool snapshot_progress_running(const struct snapshot_progress *progress);

const char *snapshot_state_name(enum snapshot_state state); /* "running", "paused" */

#endif
