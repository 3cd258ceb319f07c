/* snap_kafka.h: what is seen of a Kafka cluster: topics, groups, notifications.
 * Conventions (unknown figures, times, ownership): snapshot.h, which includes this. */
#ifndef CDCTOP_MODEL_SNAP_KAFKA_H
#define CDCTOP_MODEL_SNAP_KAFKA_H

#include "model/fact.h"

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
    /* Its configuration; UNKNOWN or NULL where it was not read. */
    int64_t retention_ms; /* -1: for ever */
    int64_t retention_bytes, max_message_bytes, min_insync;
    const char *cleanup_policy; /* "delete", "compact", "compact,delete" */
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

/* The newest record of a topic that was asked for (hints: heartbeat topics, dead letter queues). */
struct kafka_last {
    const char *topic;
    int64_t time_ms;       /* its timestamp; UNKNOWN: the topic is empty */
    const char *exception; /* __connect.errors.exception.class.name; NULL */
    const char *message;   /* __connect.errors.exception.message; NULL */
    const char *connector; /* __connect.errors.connector.name; NULL */
};

/* The oldest record that a sink's group has not committed, of partitions that lag. */
struct kafka_unread {
    const char *group, *topic;
    int32_t partition;
    int64_t offset;  /* the committed one when it was looked up */
    int64_t time_ms; /* of that record */
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
    struct kafka_last *lasts;
    size_t nlasts;
    /* The topics in which a Connect cluster keeps offsets, configs and status, as far as their
     * names tell: name and configuration only, no partitions. */
    struct kafka_topic *internals;
    size_t ninternals;
    struct kafka_unread *unread;
    size_t nunread;
};

/* NULL if there is none. */
const struct kafka_topic *kafka_find_topic(const struct kafka_snap *kafka, const char *name);
const struct kafka_group *kafka_find_group(const struct kafka_snap *kafka, const char *name);
const struct kafka_partition *kafka_find_partition(const struct kafka_snap *kafka,
                                                   const char *topic, int32_t id);

#endif
