/* kafkaclient.h: what we ask of Kafka, over the calls of librdkafka that come back.
 *
 * Only calls that return within their own time-out on a hung broker are used: metadata,
 * offsets_for_times, list_groups, committed on a never-subscribed handle, assign + poll, and of the
 * admin calls DescribeConfigs for topics (measured: kafkaclient_config.c). The
 * admin calls that look up a coordinator abort the process there, and query_watermark_offsets does
 * not return. librdkafka cannot be interrupted, so every call is cut into slices of 1 to 2 s with a
 * look at the stop descriptor between them.
 *
 * A client is used by one thread at a time. Nothing it does can print: the library's log goes to
 * base/log. Nothing is ever joined, committed or created on the cluster.
 */
#ifndef CDCTOP_NET_KAFKACLIENT_H
#define CDCTOP_NET_KAFKACLIENT_H

#include "base/arena.h"
#include "base/err.h"
#include "config/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kafkaclient;
struct rd_kafka_message_s;

/* How long a call may take: a monotonic deadline and a descriptor that says "give up". */
struct kafkaclient_until {
    int64_t deadline_ms;
    int stop_fd; /* -1: none */
};

/* True (and *err) when the descriptor says "give up". */
bool kafkaclient_stopped(const struct kafkaclient_until *until, struct err *err);

#define KAFKACLIENT_NONE INT64_MIN /* no such offset, or not answered */

struct kafkaclient_broker {
    int32_t id;
    const char *host;
    int port;
};

struct kafkaclient_part {
    int32_t id;
    int32_t leader; /* -1: none */
    int replicas, isr;
};

struct kafkaclient_topic {
    const char *name;
    const char *error; /* the broker's word; NULL if fine */
    struct kafkaclient_part *parts;
    size_t nparts;
};

struct kafkaclient_meta { /* lives in the arena it was read into */
    const char *cluster_id;
    struct kafkaclient_broker *brokers;
    size_t nbrokers;
    struct kafkaclient_topic *topics; /* all that this user may see */
    size_t ntopics;
};

struct kafkaclient_offset {
    const char *topic; /* borrowed */
    int32_t partition;
    int32_t leader; /* in: who is asked (edges only) */
    int64_t offset; /* out: KAFKACLIENT_NONE where there is no answer */
};

enum kafkaclient_edge { KAFKACLIENT_BEGIN, KAFKACLIENT_END };

struct kafkaclient_group {
    const char *name, *state, *protocol_type;
    int members;
};

struct kafkaclient_record { /* valid during the callback */
    const char *topic;
    int32_t partition;
    int64_t offset;
    int64_t time_ms;         /* KAFKACLIENT_NONE if it has none */
    const char *key, *value; /* value NULL: a tombstone */
    size_t key_len, value_len;
    const struct rd_kafka_message_s *message;
};

/* The last header of that name: its bytes, not NUL-terminated, valid during the callback. */
bool kafkaclient_header(const struct kafkaclient_record *record, const char *name,
                        const char **value, size_t *len);
/* The header at that place, value NULL: Kafka's null; false after the last. */
bool kafkaclient_header_at(const struct kafkaclient_record *record, size_t i, const char **name,
                           const char **value, size_t *len);

/* What is set for a topic: KAFKACLIENT_NONE and NULL where it was not read. */
struct kafkaclient_topic_config {
    const char *topic; /* in: borrowed */
    bool read;
    bool denied; /* this user may not DescribeConfigs */
    int64_t retention_ms, retention_bytes, max_message_bytes, min_insync;
    const char *cleanup_policy; /* in the arena */
};

struct kafkaclient_range {
    const char *topic;
    int32_t partition;
    int64_t from, upto; /* upto is the first one not wanted */
    bool read;          /* out: all that is there of it was */
};

/* Called per record; false ends the whole read. */
typedef bool kafkaclient_record_fn(void *user, const struct kafkaclient_record *record);

/* A token for OAUTHBEARER, malloc'd (it is wiped after use), and when it ends by our wall clock.
 * Called from any thread, also from one of the library ahead of the end of the token before; must
 * come back by the deadline, and soon after stop_fd became readable. NULL and *err. */
typedef char *kafkaclient_token_fn(void *ctx, int64_t deadline_ms, int stop_fd, int64_t *expires_ms,
                                   struct err *err);

/* How to log in, where it is not as the configuration has it. What is NULL is the configuration's.
 */
struct kafkaclient_login {
    const char *security_protocol, *mechanism, *username, *password, *key_password;
    kafkaclient_token_fn *token; /* for mechanism AWS_MSK_IAM */
    void *ctx;                   /* outlives the client */
    int stop_fd;                 /* for tokens that a caller waits for; -1: none */
};

/* Prepares; connects nowhere yet. bootstrap NULL: the configuration's. cfg is borrowed for the
 * client's life, login (NULL: all as configured) is copied. NULL and *err when the configuration
 * cannot work (missing CA file, no token). */
struct kafkaclient *kafkaclient_new(const struct kafka_config *cfg, const char *bootstrap,
                                    const struct kafkaclient_login *login, struct err *err);

/* Never blocks: threads of their own end the library's handles. A token that is being made is given
 * up first: afterwards nobody calls the token function any more. NULL is fine. */
void kafkaclient_close(struct kafkaclient *client);

/* Serves the library's callbacks and closes handles that nobody used for a minute. Once a poll. */
void kafkaclient_tidy(struct kafkaclient *client);

bool kafkaclient_metadata(struct kafkaclient *client, const struct kafkaclient_until *until,
                          struct arena *arena, struct kafkaclient_meta *meta, struct err *err);

/* Log start offset or high watermark of each partition: one call per leader and 1,000 partitions,
 * so that a hung leader loses only its own. False only if none was answered. *stale becomes true
 * when some were not (the metadata should be read again) and is left alone otherwise. */
bool kafkaclient_edges(struct kafkaclient *client, const struct kafkaclient_until *until,
                       enum kafkaclient_edge edge, struct kafkaclient_offset *parts, size_t n,
                       bool *stale, struct err *err);

/* The offset of each partition's first record of that time or later, in the same way; NONE also
 * where there is no such record. */
bool kafkaclient_times(struct kafkaclient *client, const struct kafkaclient_until *until,
                       int64_t time_ms, struct kafkaclient_offset *parts, size_t n, bool *stale,
                       struct err *err);

/* Groups of all brokers. *partial: some broker did not answer, what came is given. */
bool kafkaclient_groups(struct kafkaclient *client, const struct kafkaclient_until *until,
                        struct arena *arena, struct kafkaclient_group **groups, size_t *ngroups,
                        bool *partial, struct err *err);

/* Committed offsets of a group. keep: its handle stays open for the next time (at most
 * KAFKACLIENT_KEPT, the least used goes). */
enum { KAFKACLIENT_KEPT = 16 };
bool kafkaclient_committed(struct kafkaclient *client, const struct kafkaclient_until *until,
                           const char *group, bool keep, struct kafkaclient_offset *parts, size_t n,
                           struct err *err);

/* Configuration of up to KAFKACLIENT_CONFIGS_MAX topics (more are not asked for), within 2 s, on a
 * handle of its own. A topic that is unknown or not permitted stays unread. */
enum { KAFKACLIENT_CONFIGS_MAX = 200 };
bool kafkaclient_topic_configs(struct kafkaclient *client, const struct kafkaclient_until *until,
                               struct arena *arena, struct kafkaclient_topic_config *topics,
                               size_t n, struct err *err);

/* Reads the ranges through fn, all at once; records of one partition come in order. Ends at the
 * end of every range or partition. True also when the time ran out after something was read. */
bool kafkaclient_read(struct kafkaclient *client, const struct kafkaclient_until *until,
                      struct kafkaclient_range *ranges, size_t n, kafkaclient_record_fn *fn,
                      void *user, struct err *err);

#endif
