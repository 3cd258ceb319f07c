/* snap_connect.h: what is seen of a Connect cluster: connectors, tasks, offsets.
 * Conventions (unknown figures, times, ownership): snapshot.h, which includes this. */
#ifndef CDCTOP_MODEL_SNAP_CONNECT_H
#define CDCTOP_MODEL_SNAP_CONNECT_H

#include "model/fact.h"

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
    const char **literals; /* keys whose secret is written out, not ${provider:…} */
    size_t nliterals;
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
        int64_t since_ms;  /* it has answered with errors since (monotonic); 0 */
    } * urls;
    size_t nurls;
    /* What it says to requests beside the list while it puts them off (409, 500, no answer), and
     * since when without a break (monotonic); NULL: it does not. */
    const char *busy;
    int64_t busy_since_ms;
};

#endif
