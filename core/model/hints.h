/* hints.h: what the world tells the sources to look at: found by the join, or because someone
 * looks.
 *
 * Built by the UI thread after each join, handed to every source through a mailbox, immutable,
 * owned by the receiver. A source that has no hints yet works from its configuration alone.
 */
#ifndef CDCTOP_MODEL_HINTS_H
#define CDCTOP_MODEL_HINTS_H

#include "base/arena.h"
#include "model/fact.h"
#include "model/snap_connect.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A sink that writes to S3, as its own config tells. */
struct hint_sink {
    const char *connector;
    const char *bucket, *region, *endpoint; /* endpoint NULL: AWS */
    const char *topics_dir;                 /* "topics" */
    const char *layout;                     /* "confluent", "aiven" */
    const char *path_format; /* Confluent: 'year'=yyyy/'month'=MM/…; NULL unknown */
    const char *timezone;
    const char *name_template; /* Aiven: file.name.template */
    const char **topics;
    size_t ntopics;
};

/* What a source connector's role needs in the database. */
struct hint_capture {
    const char *connector;
    const char *role; /* database.user; NULL: not told */
    const char *publication;
    const char *signal_table;    /* as its config has it; NULL */
    const char *heartbeat_table; /* "schema.table"; NULL: none, or not understood */
};

/* Something that CloudWatch has figures of: found by the services of AWS. */
enum { HINT_VALUES = 4 };
struct hint_metrics {
    const char *space;  /* "AWS/RDS" */
    const char *object; /* what its figures are found by: metrics.h */
    struct kv dims[2];  /* name → value, in the order of metrics.h's table */
    size_t ndims;       /* 0: AWS does not publish what its dimension is called. Then a metric that
                           CloudWatch lists is its own where a dimension has one of … */
    const char *values[HINT_VALUES]; /* … these values, the surest first; NULL: no more */
};

/* A log in CloudWatch Logs that may tell why a connector stands. */
struct hint_log {
    enum connect_service service;
    const char *connector;
    const char *group, *stream; /* stream NULL: every one of the group */
    bool wanted;                /* it has failed, or the log alone tells how it stands */
};

struct hints {
    struct arena *arena;
    const char **topics; /* of the pipeline: captured, internal ones that matter, DLQ */
    size_t ntopics;
    bool other_topics;        /* they are not all: nobody tells those of the connectors */
    const char **topic_globs; /* patterns of topics that the configuration gives its connectors */
    size_t ntopic_globs;
    const char **groups; /* consumer groups of the sinks */
    size_t ngroups;
    const char **notification_topics;
    size_t nnotification_topics;
    const char **sample_topics; /* on screen now: newest timestamp and record size wanted */
    size_t nsample_topics;
    const struct hint_sink *sinks;
    size_t nsinks;
    const char **last_topics; /* the newest record is wanted: heartbeats, dead letter queues */
    size_t nlast_topics;
    const struct hint_capture *captures;
    size_t ncaptures;
    const struct hint_metrics *metrics; /* whose figures CloudWatch is asked for */
    size_t nmetrics;
    const struct hint_log *logs;
    size_t nlogs;
    /* Found in a source connector's config: where the database is, if the config does not say. */
    const char *pg_host, *pg_database, *pg_user;
    int pg_port;                   /* 0 unknown */
    const char *bootstrap_servers; /* MSK's, or from the signal or history settings */
    /* How those of MSK want it; NULL: as the configuration has it. */
    const char *kafka_protocol, *kafka_mechanism;
    const char *kafka_unknown; /* why MSK's are not known; NULL: they are, or nobody asked yet */
};

struct hints *hints_new(void);
void hints_free(struct hints *hints); /* NULL is fine */

struct world;
/* Has CloudWatch told of all that it has figures of, by what AWS's services have told so far? */
bool hints_metrics_told(const struct world *world, size_t index);

struct pipeline;
/* Has every log that may tell why something stands been searched, as far as it is to be? */
bool hints_logs_told(const struct world *world, size_t index, const struct pipeline *p);

#endif
