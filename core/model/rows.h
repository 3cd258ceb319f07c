/* rows.h: what a pipeline is made of, a row each: slots, topics, groups, connectors, prefixes.
 * pipeline.h, which includes this, tells where they come from and how long they live. */
#ifndef CDCTOP_MODEL_ROWS_H
#define CDCTOP_MODEL_ROWS_H

#include "model/connector_facts.h"
#include "model/series.h"
#include "model/snapshot.h"

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
    /* Of a managed one: its service's log of it, NULL: none was read; and its deaths there that
     * still hold, newest first. */
    const struct log_tail *logged;
    const struct log_event *died;
    size_t ndied;
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

#endif
