/* kafka_signal.h: one record to a Debezium signal topic. */
#ifndef CDCTOP_NET_KAFKA_SIGNAL_H
#define CDCTOP_NET_KAFKA_SIGNAL_H

#include "base/err.h"
#include "config/config.h"

#include <stdint.h>

/* Sends with acks=all and waits for the delivery report. Refuses (ERR_NOTFOUND) a topic that does
 * not exist: nothing is created. When the time runs out after the record was handed over,
 * ERR_TIMEOUT says that it is not known whether it arrived. deadline_ms is monotonic; stop_fd -1:
 * none. */
bool kafka_send_signal(const struct kafka_config *cfg, const char *topic, const char *key,
                       const char *value_json, int64_t deadline_ms, int stop_fd, struct err *err);

#endif
