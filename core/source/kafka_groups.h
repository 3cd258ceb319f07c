/* kafka_groups.h: consumer groups of the Kafka source: states, members, committed offsets.
 *
 * The pipeline's groups are looked up at every poll on kept handles; the others a few at a time, as
 * each costs a connection. Used by the source's thread alone.
 */
#ifndef CDCTOP_SOURCE_KAFKA_GROUPS_H
#define CDCTOP_SOURCE_KAFKA_GROUPS_H

#include "config/config.h"
#include "model/hints.h"
#include "model/snapshot.h"
#include "net/kafkaclient.h"
#include "source/kafka_topics.h"

struct kafka_groups;

struct kafka_groups *kafka_groups_new(void);
void kafka_groups_free(struct kafka_groups *groups); /* NULL is fine */

/* Adds the groups to the snapshot; what could not be read becomes a note. False only when asked to
 * stop. full: list all groups now. */
bool kafka_groups_poll(struct kafka_groups *groups, struct kafkaclient *client,
                       const struct kafkaclient_until *until, const struct kafka_config *cfg,
                       const struct hints *hints, const struct kafka_topics *topics, bool full,
                       struct snapshot *snap, struct err *err);

#endif
