/* kafka_topics.h: the Kafka source's table of topics and what is remembered per partition.
 *
 * Built anew from each metadata answer; what was learned about a partition (log start, newest
 * record, record sizes) is carried over by name. Owned and used by the source's thread alone.
 */
#ifndef CDCTOP_SOURCE_KAFKA_TOPICS_H
#define CDCTOP_SOURCE_KAFKA_TOPICS_H

#include "config/config.h"
#include "model/hints.h"
#include "model/snapshot.h"
#include "net/kafkaclient.h"

enum { KAFKA_TOPICS_MAX = 2000, KAFKA_PARTITIONS_MAX = 20000 };

struct kafka_part {
    int32_t id, leader;
    int replicas, isr;
    int64_t begin, end;     /* UNKNOWN: not read */
    int64_t last_end;       /* the newest that was ever read; UNKNOWN */
    int64_t newest_ms;      /* timestamp of the record before newest_end; UNKNOWN */
    int64_t newest_end;     /* the end for which newest_ms was looked up; UNKNOWN */
    int64_t bytes, sampled; /* of sampled records: sum and number */
    int back;               /* how far before the end the next sample begins */
};

struct kafka_topic_state {
    const char *name, *error;
    struct kafka_part *parts;
    size_t nparts;
};

struct kafka_topics {
    struct arena *arena;
    const char *cluster_id;
    struct kafka_broker *brokers;
    size_t nbrokers;
    struct kafka_topic_state *items; /* by name */
    size_t count, partitions;
    size_t visible; /* topics in the cluster that this user sees */
    size_t matched; /* of them wanted: more than count when capped */
};

/* old may be NULL and stays the caller's. */
struct kafka_topics *kafka_topics_build(const struct kafkaclient_meta *meta,
                                        const struct kafka_config *cfg, const struct hints *hints,
                                        const struct kafka_topics *old);
void kafka_topics_free(struct kafka_topics *topics); /* NULL is fine */

struct kafka_topic_state *kafka_topics_find(const struct kafka_topics *topics, const char *name);

/* Does one of the topics that the hints name not exist? */
bool kafka_topics_lack(const struct kafka_topics *topics, const struct hints *hints);

/* Asks for the ends (and begins) of all partitions. False if nothing was answered. *stale: the
 * metadata should be read again. */
bool kafka_topics_read_edges(struct kafka_topics *topics, struct kafkaclient *client,
                             const struct kafkaclient_until *until, enum kafkaclient_edge edge,
                             bool *stale, struct err *err);

/* True when some partition's log start is not known although its end is. */
bool kafka_topics_lack_begin(const struct kafka_topics *topics);

/* Partitions without a leader. */
size_t kafka_topics_leaderless(const struct kafka_topics *topics);

void kafka_topics_publish(const struct kafka_topics *topics, struct snapshot *snap);

#endif
