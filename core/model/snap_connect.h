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

/* Who runs a connector. The three sources that tell of some (Kafka Connect, MSK Connect, DMS) all
 * give a connect_snap; a DMS task counts as a source that writes to topics. */
enum connect_service { SERVICE_CONNECT, SERVICE_MSK_CONNECT, SERVICE_DMS, SERVICE_COUNT };

struct msk_operation {      /* of a connector, newest first */
    const char *arn, *type; /* "RESTART_CONNECTOR" … */
    const char *state;      /* "RESTART_IN_PROGRESS" … as the service says it */
    const char *error_code, *error_message;
    int64_t created_ms, ended_ms; /* ended UNKNOWN: it is under way */
};

/* What MSK Connect tells beside state and config. There is no state of single tasks. */
struct msk_connector {
    const char *arn;
    const char *current_version; /* of its description: updates and deletion must name it */
    const char *state_code, *state_message;
    const char *description, *connect_version; /* "3.7.x" */
    int64_t created_ms;
    bool autoscaled;
    int64_t mcu, workers;                        /* provisioned; mcu per worker in both */
    int64_t min_workers, max_workers, max_tasks; /* autoscaled; UNKNOWN */
    const char **plugins;                        /* ARNs of custom plugins */
    size_t nplugins;
    const char *log_group; /* worker logs in CloudWatch; NULL: off */
    const char *role_arn, *bootstrap_servers, *authentication; /* "IAM", "NONE" */
    const char *encryption;                                    /* to its brokers: "TLS" … */
    struct msk_operation *operations;
    size_t noperations;
    bool described;                  /* false: only what the list tells is known */
    enum tri can_restart, can_pause; /* offered here; TRI_UNKNOWN: not asked yet */
};

struct dms_table {
    const char *schema, *name, *state, *validation;
    int64_t inserts, deletes, updates, ddls; /* since the task's start, read from the source */
    int64_t applied;                         /* changes applied to the target; UNKNOWN */
    int64_t loaded, load_errors;             /* rows of the full load */
    int64_t pending, failed, suspended;      /* of validation; UNKNOWN: it is off */
    int64_t updated_ms;                      /* when this row of statistics was made */
    int64_t load_ended_ms;                   /* of its last full load */
};

struct dms_task {
    const char *arn, *id;
    const char *resource; /* last part of the ARN: a task's name in CloudWatch */
    bool serverless;
    const char *migration; /* "full-load", "cdc", "full-load-and-cdc" */
    const char *status;    /* "running", "stopped", "failed" …: a text, no fixed set */
    const char *stop_reason, *failure; /* NULL: none */
    const char *checkpoint, *cdc_start;
    int64_t load_percent, tables_loaded, tables_loading, tables_queued, tables_errored;
    int64_t fresh_start_ms, started_ms, stopped_ms, load_started_ms, load_finished_ms;
    const char *instance, *instance_class, *instance_status, *engine_version;
    int64_t storage_gib;
    const char *provision_state; /* serverless */
    int64_t capacity_units;      /* serverless, now; UNKNOWN */
    int64_t min_units, max_units;
    int64_t deprovision_ms; /* serverless: when DMS takes its capacity away; UNKNOWN: not set */
    const char **addresses; /* of the instance: what its sessions come from */
    size_t naddresses;
    const char *source_engine, *source_host, *source_database, *source_user;
    const char *slot;   /* of PostgreSQL, if its endpoint names one; NULL: DMS makes its own */
    const char *plugin; /* that its endpoint asks for; NULL: not told */
    enum tri heartbeat; /* HeartbeatEnable */
    enum tri capture_ddls;
    const char *target_engine, *target_topic, *target_brokers;
    struct dms_table *tables;
    size_t ntables, tables_total;
    bool tables_read;
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
    enum connect_service service;
    const struct msk_connector *msk; /* of MSK Connect alone */
    const struct dms_task *dms;      /* of DMS alone */
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
    bool topics_untold; /* topic tracking is switched off (topic.tracking.enable) */
    /* What it says to requests beside the list while it puts them off (409, 500, no answer), and
     * since when without a break (monotonic); NULL: it does not. */
    const char *busy;
    int64_t busy_since_ms;
};

#endif
