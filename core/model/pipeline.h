/* pipeline.h: the join: slot ↔ source connector ↔ topics ↔ sink ↔ group ↔ prefix, from the
 * connectors' own configs, with verdicts by the thresholds. What views, reports and rules read.
 *
 * pipeline_join is a pure function of the world. Rows point into the snapshots and into the arena
 * that was given: both must outlive them. Rows are sorted by name; a view sorts as it likes.
 */
#ifndef CDCTOP_MODEL_PIPELINE_H
#define CDCTOP_MODEL_PIPELINE_H

#include "model/hints.h"
#include "model/rows.h"
#include "model/world.h"

enum hop_id { HOP_SOURCE, HOP_SLOT, HOP_CAPTURE, HOP_TOPICS, HOP_SINK, HOP_OBJECTS, HOP_COUNT };

struct hop {
    const char *title;  /* "source" */
    const char *name;   /* "orders-db" */
    const char *figure; /* "18.4 MB behind" */
    const char *brief;  /* the figure for narrow strips: "18.4 MB" */
    const char *tight;  /* … and in six columns: "18MB"; NULL: as brief */
    const char *word;   /* "ok", "1 of 3 failed" */
    const char *curt;   /* the word for narrow strips: "1 failed"; NULL: as word */
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
