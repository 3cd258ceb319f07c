/* connector_facts.h: what a connector's config says about the pipeline: its slot, its topics, its
 * group, its bucket, its rotation.
 *
 * Pure: from struct connect_connector alone, no I/O. Defaults of the connectors are filled in where
 * their documentation states them (Debezium 2.x and 3.x, Confluent's S3 sink 10.x, Aiven's 3.x), so
 * a string is NULL only where there is no default or the role has no such setting. Strings point
 * into the snapshot or into the arena that was given; secrets are masked there already.
 */
#ifndef CDCTOP_MODEL_CONNECTOR_FACTS_H
#define CDCTOP_MODEL_CONNECTOR_FACTS_H

#include "base/arena.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct javaregex;

enum connector_role {
    CONNECTOR_OTHER, /* neither type nor class tells */
    CONNECTOR_SOURCE_POSTGRES,
    CONNECTOR_SOURCE_MYSQL,
    CONNECTOR_SOURCE_MARIADB,
    CONNECTOR_SOURCE_DMS, /* a replication task: it is no connector of Debezium's */
    CONNECTOR_SOURCE_OTHER,
    CONNECTOR_SINK_S3_CONFLUENT,
    CONNECTOR_SINK_S3_AIVEN,
    CONNECTOR_SINK_S3_OTHER, /* a class named …S3SinkConnector: read as Confluent's, defaults unsure
                              */
    CONNECTOR_SINK_JDBC,
    CONNECTOR_SINK_OTHER,
    CONNECTOR_ROLE_COUNT
};

struct fact_list { /* split at commas, trimmed, empty ones left out */
    const char **items;
    size_t count;
};

/* A transform that gives records another topic: names on both sides of it differ. */
struct connector_rename {
    const char *name;    /* "route" of transforms.route.type */
    const char *type;    /* class */
    const char *pattern; /* Java pattern; NULL where the class has none (EventRouter) */
    const char *replacement;
};

struct connector_facts {
    const struct connect_connector *connector;
    enum connector_role role;
    bool source, sink;

    /* Sources of Debezium. */
    const char *topic_prefix;    /* topic.prefix, or database.server.name before 2.0 */
    const char *topic_delimiter; /* "." */
    const char *slot_name, *publication_name, *plugin; /* PostgreSQL */
    const char *db_host, *db_name, *db_user;
    int db_port;
    struct fact_list tables_include, tables_exclude;   /* Java patterns on schema.table */
    struct fact_list schemas_include, schemas_exclude; /* on the schema (MySQL: database) */
    const char *snapshot_mode;
    int64_t incremental_chunk;        /* rows */
    const char *signal_table;         /* signal.data.collection; NULL: none */
    struct fact_list signal_channels; /* "source", "kafka", "jmx", "file" */
    const char *signal_topic;         /* NULL unless the kafka channel is on */
    const char *signal_bootstrap;
    struct fact_list notification_channels; /* "sink", "log", "jmx" */
    const char *notification_topic;         /* NULL unless the sink channel is on */
    int64_t heartbeat_ms;                   /* 0: off */
    const char *heartbeat_topic;            /* NULL when off */
    bool heartbeat_query;                   /* heartbeat.action.query is set */
    const char *heartbeat_table; /* "schema.table" that it writes; NULL: not understood */
    bool tombstones;
    bool read_only; /* incremental snapshots without a signal table */

    /* DMS: KafkaSettings.Topic. Mapping rules may send tables elsewhere: they are not read. */
    const char *default_topic;

    /* Sinks. */
    struct fact_list topics;  /* topics */
    const char *topics_regex; /* NULL: topics are listed */
    bool topics_regex_unread; /* a pattern that we do not understand: the tracked topics are used */
    const char *group_id;
    const char *errors_tolerance; /* "none", "all" */
    const char *dlq_topic;        /* NULL: none */

    /* Sinks to S3. */
    const char *bucket, *region, *endpoint; /* endpoint NULL: AWS */
    const char *layout;                     /* "confluent", "aiven" */
    const char *topics_dir;                 /* Confluent; "topics" */
    const char *file_delim;                 /* Confluent; "+" */
    const char *partitioner;                /* class without package: "TimeBasedPartitioner" */
    /* Joda pattern of the directory below the topic; NULL: partition=N (DefaultPartitioner), a
     * field's value, or not known: see partitioner. */
    const char *path_format;
    int64_t partition_duration_ms; /* UNKNOWN */
    const char *locale, *timezone;
    const char *timestamp_source; /* timestamp.extractor or timestamp.source */
    int64_t flush_size;           /* records; UNKNOWN: not set */
    int64_t rotate_interval_ms;   /* by record time; -1 off; UNKNOWN where the sink has none */
    int64_t rotate_schedule_ms;   /* by the wall clock; -1 off; UNKNOWN where the sink has none */
    const char *null_values;      /* behavior.on.null.values: "fail", "ignore", "write" */
    const char *name_template;    /* Aiven: with aws.s3.prefix before it */
    const char *name_prefix;      /* Aiven: aws.s3.prefix, "" if none */
    int64_t file_max_records;     /* Aiven; 0: no limit */

    struct connector_rename *renames; /* of RegexRouter, ByLogicalTableRouter, EventRouter … */
    size_t nrenames;

    /* Given by cdctop's configuration: then these alone say which topics it writes or reads. */
    struct fact_list topic_globs;

    struct javaregex *topics_match; /* compiled topics_regex */
    struct javaregex **include_match, **exclude_match, **schema_in_match, **schema_ex_match;
};

/* Never NULL. Both c and the arena must outlive the facts. */
struct connector_facts *connector_facts_of(const struct connect_connector *c, struct arena *arena);

const char *connector_role_name(enum connector_role role); /* "PostgreSQL source" */
bool connector_role_is_s3(enum connector_role role);

/* Sink: does it read this topic (before its transforms)? By topics, by topics.regex, or, where that
 * pattern is not understood, by the topics that Connect has seen it use. */
bool connector_facts_topic_matches(const struct connector_facts *facts, const char *topic);

/* Source: does this topic come from it? Connect's own record where there is one, else the prefix,
 * the heartbeat and the notification topic. A source that renames topics is known by the record
 * alone. */
bool connector_facts_produces(const struct connector_facts *facts, const char *topic);

/* Source: is schema.table captured, by the include and exclude lists (case-insensitive, as Debezium
 * does)? TRI_UNKNOWN when a pattern is not understood. */
enum tri connector_facts_captures(const struct connector_facts *facts, const char *schema,
                                  const char *table);

/* The topic of a captured table: prefix.schema.table; in the arena. NULL without a prefix. */
const char *connector_facts_table_topic(const struct connector_facts *facts, struct arena *arena,
                                        const char *schema, const char *table);

/* Does this DMS task read from PostgreSQL? */
bool connector_facts_dms_postgres(const struct dms_task *task);

/* Is it one of the topics that cdctop's configuration gives this connector? */
bool connector_facts_given(const struct connector_facts *facts, const char *topic);

/* An element of one of the lists. */
bool fact_list_has(const struct fact_list *list, const char *item);

#endif
