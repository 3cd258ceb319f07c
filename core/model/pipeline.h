/* pipeline.h: the join: slot ↔ source connector ↔ topics ↔ sink ↔ group ↔ prefix, from the
 * connectors' own configs, with verdicts by the thresholds. What views, reports and rules read.
 *
 * pipeline_join is a pure function of the world. Rows point into the snapshots and into the arena
 * that was given: both must outlive them. Rows are sorted by name; a view sorts as it likes.
 */
#ifndef CDCTOP_MODEL_PIPELINE_H
#define CDCTOP_MODEL_PIPELINE_H

#include "model/hints.h"
#include "model/world.h"

struct snapshot_status;

enum verdict {               /* in rising order of loudness */
               VERDICT_NONE, /* nothing to judge: not configured */
               VERDICT_OK,
               VERDICT_INFO,    /* worth a word, no alarm: paused on purpose, snapshot running */
               VERDICT_UNKNOWN, /* the evidence is missing or old */
               VERDICT_WARN,
               VERDICT_CRIT,
               VERDICT_COUNT
};
const char *verdict_name(enum verdict v); /* "ok", "warning" … as in JSON */

enum { SPARK_MAX = 40 };

/* How it is known whose a slot is. DMS does not tell which slot it made for a task. */
enum slot_claim {
    CLAIM_NAMED,   /* the owner's config names it, or cdctop's does */
    CLAIM_SESSION, /* a session of the owner reads it: its user, or where it comes from */
    CLAIM_FITS,    /* nobody else's, of its database, by a plugin that it uses: it may be */
};

/* Behind the owner's name: "" where it is certain, ", by who reads it" … */
const char *slot_claim_text(enum slot_claim claim);

/* A source slot: every source row carries how trustworthy it is. */
struct row_base {
    const char *name;
    enum verdict verdict;
    const char *why; /* one line, operator's words; "" when ok */
    bool stale;      /* its source is STALE or FAILING: dim it */
};

struct slot_row {
    struct row_base base;
    const struct pg_slot *slot;
    const struct connect_connector *owner; /* NULL: no connector that we see names it */
    enum slot_claim claim;                 /* of the owner */
    int64_t behind;                        /* bytes not confirmed */
    int64_t retained;                      /* bytes of WAL kept for it */
    double retained_rate;                  /* bytes/s growth; NAN */
    double confirmed_rate;
    int64_t lost_in_ms;     /* projected; UNKNOWN: not shrinking, unlimited or too few samples */
    struct projection lost; /* the same as a range; known with lost_in_ms … */
    int lost_samples;       /* … and from how many samples */
    int64_t idle_ms;        /* inactive for; UNKNOWN when active */
    bool idle_at_least;     /* the server did not tell since when: seen by us, so ≥ */
    const char *state;      /* "active", "idle 2d", "lost", "unreserved" … */
};

struct topic_row {
    struct row_base base;
    const struct kafka_topic *topic;
    int64_t messages;                 /* end - begin over all partitions; UNKNOWN */
    double per_s;                     /* messages/s; NAN */
    double bytes_per_s;               /* estimate from sampled records; NAN */
    const char *group;                /* the sink's; NULL */
    const struct connector_row *sink; /* that reads it; NULL */
    int64_t lag;                      /* of that group; UNKNOWN */
    int64_t lag_ms;                   /* UNKNOWN */
    bool lag_ms_more;                 /* "more than" lag_ms */
    bool never_committed; /* the group has no offset for it: lag counts from the beginning */
    int64_t newest_ms;    /* server time of the newest record; UNKNOWN */
    int leaderless, under_replicated; /* partitions */
    double spark[SPARK_MAX];          /* messages/s, oldest first; NAN unknown */
    int nspark;
    int64_t spark_span_ms;
};

struct group_row {
    struct row_base base;
    const struct kafka_group *group;
    const char *connector; /* NULL: not a sink that we see */
    int64_t lag, lag_ms;
    bool lag_ms_more;
    const char *trend; /* Burrow's word: "OK", "WARN", "STALL", "STOP", "REWIND", "" */
};

/* Its base.name is that of its connector; where two services have one of the same name, that of the
 * later service has its own behind it: "orders@mskconnect". Names of rows differ. */
struct connector_row {
    struct row_base base;
    const struct group_row *group; /* of a sink; NULL: not told */
    const struct connect_connector *connector;
    const struct connector_facts *facts; /* model/connector_facts.h */
    /* Managed services tell of no task: their counts come from CloudWatch, minutes late, as of
     * tasks_ms (UNKNOWN: of now), or not at all: then tasks_known is false and all three are 0. */
    bool tasks_known;
    int running, failed, tasks;
    int64_t tasks_ms;
    int64_t behind_bytes; /* source PostgreSQL: slot's unconfirmed bytes; UNKNOWN */
    int64_t behind_ms;    /* source: age of its newest source timestamp; UNKNOWN */
    bool behind_ms_more;  /* "more than" behind_ms: what is remembered does not reach back */
    int64_t lag;          /* sink: messages; UNKNOWN */
    const char *cause;    /* root cause of the first failed task; "" */
    int failed_task;      /* its id; -1 */
    const struct snapshot_status
        *snapshot; /* source: the newest one seen, snapshot_status.h; NULL */
};

#define DUE_NEVER INT64_MAX

struct prefix_row {
    struct row_base base;
    const struct s3_prefix *prefix;
    const char *connector; /* the sink that writes here; NULL */
    const char *label;     /* short: "orders/…/hour=14" */
    int64_t newest_age_ms; /* UNKNOWN: none */
    int64_t due_ms;        /* expected rotation; UNKNOWN; DUE_NEVER: will not rotate by itself */
    int64_t late_ms;       /* beyond due and grace while records wait; 0 not late; UNKNOWN */
    int64_t waiting;       /* records of the topic that no object holds yet; UNKNOWN */
    int64_t size;          /* of the newest object */
    double objects_per_s;  /* NAN */
    double spark[SPARK_MAX];
    int nspark;
    int64_t spark_span_ms;
};

enum hop_id { HOP_SOURCE, HOP_SLOT, HOP_CAPTURE, HOP_TOPICS, HOP_SINK, HOP_OBJECTS, HOP_COUNT };

struct hop {
    const char *title;  /* "source" */
    const char *name;   /* "orders-db" */
    const char *figure; /* "18.4 MB behind" */
    const char *brief;  /* the figure for narrow strips: "18.4 MB" */
    const char *word;   /* "ok", "1 of 3 failed" */
    /* Freshness: how long ago, by that server's own clock, data was last seen to have come so far,
     * and how old that may be while the hop before is fresh. UNKNOWN: cannot be told. */
    int64_t age_ms;
    bool age_more; /* "more than" */
    int64_t budget_ms;
    bool late;
    enum verdict verdict;
};

struct pipeline {
    const char *name, *environment;
    const char *route; /* "PostgreSQL 15 → Kafka → S3" */
    struct hop hops[HOP_COUNT];
    int first_late;        /* first hop that is late while the one before it is fresh; -1 */
    int first_bad;         /* hop of the first trouble in the way of the data; -1 */
    int64_t end_to_end_ms; /* age of the newest data at the far end; UNKNOWN */
    bool end_to_end_more;  /* "more than" */
    bool end_to_end_late;
    enum verdict end_to_end; /* OK, WARN, CRIT by the thresholds, on top of the rotation */
    struct slot_row *slots;
    size_t nslots;
    bool slots_told; /* a fresh answer of PostgreSQL: what is not in slots does not exist */
    struct topic_row *topics;
    size_t ntopics;
    struct group_row *groups;
    size_t ngroups;
    struct connector_row *connectors;
    size_t nconnectors;
    struct prefix_row *prefixes;
    size_t nprefixes;
};

struct pipeline *pipeline_join(const struct world *world, size_t index, struct arena *arena);

/* What the sources should look at, from the join. The caller owns it. sample_topics: what is on the
 * screen now (may be NULL). */
struct hints *pipeline_hints(const struct world *world, size_t index,
                             const struct pipeline *pipeline, const char *const *sample_topics,
                             size_t nsample);

/* An entry of [pipeline.join] that names a connector which is not there: the *at-th, which is
 * advanced; NULL at the end. */
const char *pipeline_join_unknown(const struct join_config *given, const struct pipeline *p,
                                  size_t *at);

/* Does the sink read what the source writes, as far as topics and their names tell? */
bool pipeline_feeds(const struct pipeline *p, const struct connector_row *source,
                    const struct connector_row *sink);

/* What may be in open files: lag, but no trouble. A sink to S3 commits closed files only: its
 * flush.size for every partition of that topic; of all topics that it reads. 0: another sink. */
int64_t pipeline_open_records(const struct topic_row *topic, const struct connector_row *sink);
int64_t pipeline_open_records_of(const struct pipeline *p, const struct connector_row *sink);

/* The slot that it owns, by the best claim; NULL. */
const struct slot_row *pipeline_slot_of(const struct pipeline *p, const struct connector_row *c);

/* The row of the slot's owner; NULL. */
const struct connector_row *pipeline_owner(const struct pipeline *p, const struct slot_row *slot);

/* States as Kafka Connect writes them, "RUNNING"; DMS says the same in lower case. */
bool pipeline_state_is(const struct connect_connector *c, const char *state);
/* Does it say RUNNING, and every task with it, as far as its tasks are told? */
bool pipeline_runs(const struct connector_row *row);
/* The same of at least one task. */
bool pipeline_runs_partly(const struct connector_row *row);
/* "2 of 3 tasks running", "tasks not told"; of DMS: "12 tables loaded, 1 in error". */
const char *pipeline_tasks_text(struct arena *arena, const struct connector_row *row);

const struct slot_row *pipeline_slot(const struct pipeline *p, const char *name);
const struct group_row *pipeline_group(const struct pipeline *p, const char *name);
const struct topic_row *pipeline_topic(const struct pipeline *p, const char *name);
const struct connector_row *pipeline_connector(const struct pipeline *p, const char *name);
const struct prefix_row *pipeline_prefix(const struct pipeline *p, const char *topic);

#endif
