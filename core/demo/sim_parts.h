/* sim_parts.h: what a simulated pipeline is made of; sim.h, which includes this, makes it one. */
#ifndef CDCTOP_DEMO_SIM_PARTS_H
#define CDCTOP_DEMO_SIM_PARTS_H

#include "base/arena.h"
#include "demo/scenario.h"
#include "model/fact.h"

enum {
    SIM_TICK_MS = 250,
    SIM_MARKS = 96,
    SIM_OBJECTS = 200,
    SIM_NOTES = 240,
    SIM_TASKS = 100,
    SIM_MINUTES = 20,
    SIM_OPERATIONS = 16
};

enum sim_state { SIM_RUNNING, SIM_PAUSED, SIM_STOPPED, SIM_FAILED, SIM_RESTARTING };

struct sim_fault { /* why a task died; trace ends with cause */
    const char *cause, *trace;
};

struct sim_task {
    enum sim_state state;
    int64_t since_ms;
    const struct sim_fault *fault; /* of FAILED */
};

struct sim_object {
    int64_t start, records, size, time_ms;
    int32_t partition;
    int32_t hour; /* since 1970, of its path */
};

struct sim_mark { /* how many records a topic had at a time */
    int64_t time_ms;
    double sum;
};

struct sim_part {
    int32_t leader;
    int replicas, isr;
    double share; /* of the topic's records */
    double due;   /* fractions of a record that are still to come */
    int64_t begin, end, newest_ms;
    /* Of the sink that reads it. */
    int64_t position;  /* read up to here */
    int64_t committed; /* and this is where the open file begins */
    int64_t opened_ms; /* since when the file is open; 0: it is not */
    double due_read;
};

struct sim_topic {
    const char *name;
    bool hidden; /* it does not exist: DMS has none of the kind */
    struct sim_part *parts;
    int nparts;
    int64_t record; /* bytes of one */
    double per_s;   /* on average, for what lies before the demo */
    struct sim_mark marks[SIM_MARKS];
    int nmarks;
    int sink;                   /* -1 */
    struct sim_object *objects; /* ring, the newest before `next` */
    int nobjects, next;
    int64_t seen, seen_bytes;
};

/* What CloudWatch counted in one minute. */
struct sim_minute {
    int64_t at_ms; /* its beginning */
    double free_storage, slot_lag, wal_s;
    int *running, *errored; /* tasks: of the sources, then of the sinks */
};

/* What MSK Connect was asked for. */
struct sim_operation {
    const char *connector, *type;
    int number;
    int64_t began_ms, ends_ms;
};

struct sim_table {
    const struct scenario_table *made;
    double rate; /* rows a second now */
    double due;
    int64_t rows, changes;
    int64_t reloaded_ms; /* DMS: when that was asked for; 0: never */
    double pending;      /* changes in the WAL that the source has not read */
    int topic;           /* -1 */
};

/* A snapshot of Debezium's, of either kind. */
struct sim_shot {
    bool runs, paused, blocking, initial;
    char id[80];
    int tables[64]; /* indexes into the source's */
    int ntables, current;
    const char *list;    /* of tables, as notifications have it */
    int64_t done, total; /* rows of the present table */
    int64_t chunk_done;  /* that were told of */
    double due;
};

struct sim_source {
    const struct scenario_source *made;
    const char *name, *prefix, *slot_name;
    struct sim_table *tables; /* the captured ones, then heartbeat and signal */
    int ntables, heartbeat, signal;
    int slot; /* -1: it has none now */
    enum sim_state state;
    struct sim_task task;
    bool frozen; /* RUNNING, but nobody reads: the reader is gone */
    bool hung;   /* it reads and nothing comes of it */
    bool has_offset, in_snapshot;
    uint64_t read, emitted, stored; /* positions in the WAL */
    int64_t stored_ms, connect_ms;  /* when it tries again */
    int64_t beat_ms;                /* heartbeat.interval.ms; 0: none */
    int64_t beat_next_ms, flush_next_ms;
    int beat_topic, note_topic;
    struct sim_shot shot;
    const char *reason; /* DMS: why it stands, its last failure; NULL */
    const char *failure;
    struct kv *config;
    size_t nconfig;
};

struct sim_sink {
    const struct scenario_sink *made;
    const char *name, *source;
    enum sim_state state;
    struct sim_task tasks[SIM_TASKS];
    int ntasks;
    int64_t rotate_ms;
    bool denied; /* S3 refuses PutObject */
    bool storm;  /* members come and go */
    int64_t settle_ms;
    int *topics;
    int ntopics;
    struct kv *config;
    size_t nconfig;
};

struct sim_slot {
    const char *name, *plugin, *user;
    int source; /* -1: somebody else's */
    bool active, lost, dropped;
    int pid;
    int64_t since_ms; /* of the present reader, or of its absence */
    uint64_t restart, confirmed;
    uint64_t candidate; /* restart goes there once confirmed has passed it */
    uint32_t catalog_xmin;
};

struct sim_holder {
    int pid;
    const char *user, *app, *query;
    int64_t began_ms;
    uint64_t lsn;
    uint32_t xid;
};

struct sim_note {
    const char *topic, *connector;
    char id[80], type[32];
    bool incremental;
    char table[80]; /* current or scanned; "" */
    const char *tables;
    int64_t last_key, maximum, rows; /* UNKNOWN */
    int64_t offset, time_ms;
};

#endif
