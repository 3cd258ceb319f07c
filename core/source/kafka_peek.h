/* kafka_peek.h: a look into a topic because a person asks: at offsets, without a group. */
#ifndef CDCTOP_SOURCE_KAFKA_PEEK_H
#define CDCTOP_SOURCE_KAFKA_PEEK_H

#include "model/peek.h"
#include "net/kafkaclient.h"

/* Fills records, parts and note of the answer to its own request. What transactions have not
 * committed is shown as well. False: nothing could be read, *err says why. */
bool kafka_peek(struct kafkaclient *client, const struct kafkaclient_until *until,
                struct peek_answer *answer, struct err *err);

#endif
