/* connector_config.h: the configuration of a connector as one would create it anew from. */
#ifndef CDCTOP_REPORT_CONNECTOR_CONFIG_H
#define CDCTOP_REPORT_CONNECTOR_CONFIG_H

#include "model/snap_connect.h"

/* JSON that a terminal may see, malloc'd: for Kafka Connect the body of POST /connectors; for MSK
 * Connect the members of CreateConnector that are known here (its subnets, security groups and
 * worker configuration are not). Secrets are masked: *masked tells how many have to be put back. */
char *connector_config_json(const struct connect_connector *c, size_t *masked);

#endif
