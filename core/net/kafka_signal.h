/* kafka_signal.h: one record to a Debezium signal topic. */
#ifndef CDCTOP_NET_KAFKA_SIGNAL_H
#define CDCTOP_NET_KAFKA_SIGNAL_H

#include "net/kafkaclient.h"

/* bootstrap and login: as for kafkaclient_new. Sends with acks=all and waits for the delivery
 * report. Refuses (ERR_NOTFOUND) a topic that does not exist: nothing is created. When the time
 * runs out after the record was handed over, ERR_TIMEOUT says that it is not known whether it
 * arrived. */
bool kafka_send_signal(const struct kafka_config *cfg, const char *bootstrap,
                       const struct kafkaclient_login *login, const char *topic, const char *key,
                       const char *value_json, const struct kafkaclient_until *until,
                       struct err *err);

#endif
