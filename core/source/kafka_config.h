/* kafka_config.h: the configuration of topics, of the pipeline's and of Connect's own ones. Used by
 * the source's thread alone.
 *
 * Kafka does not tell which topics a Connect cluster keeps its offsets in. Its three topics are
 * known by their names: the same word before and after "offsets", "configs" and "status", and one
 * partition in the second one, as Connect demands. A single topic of such a name proves nothing.
 */
#ifndef CDCTOP_SOURCE_KAFKA_CONFIG_H
#define CDCTOP_SOURCE_KAFKA_CONFIG_H

#include "model/snapshot.h"
#include "net/kafkaclient.h"

/* What is remembered between two readings. */
struct kafka_configs;
struct kafka_configs *kafka_configs_new(void);
void kafka_configs_free(struct kafka_configs *configs); /* NULL is fine */

/* With each new metadata: which topics of the cluster are Connect's own. */
void kafka_configs_internals(struct kafka_configs *configs, const struct kafkaclient_meta *meta);

/* Fills the configuration of the snapshot's topics (publish them first) and its list of internal
 * topics. Asks the brokers every ten seconds, for the first KAFKACLIENT_CONFIGS_MAX that were read
 * longest ago; full: now. Errors become a note. */
void kafka_configs_poll(struct kafka_configs *configs, struct kafkaclient *client,
                        const struct kafkaclient_until *until, bool full, struct snapshot *snap);

/* For tests: is `name` one of the three, given the topics of the cluster? */
bool kafka_configs_is_internal(const struct kafkaclient_meta *meta, const char *name);

#endif
