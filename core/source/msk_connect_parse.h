/* msk_connect_parse.h: MSK Connect's JSON answers into the snapshot's structures.
 *
 * Shapes: the model of kafkaconnect 2021-09-14 in botocore 1.44. Pure; the results live in the
 * arena, everything is capped, secrets are masked on the way in as they are for Kafka Connect.
 * Where a body is not what it should be: false and ERR_PROTOCOL, and nothing has been changed.
 */
#ifndef CDCTOP_SOURCE_MSK_CONNECT_PARSE_H
#define CDCTOP_SOURCE_MSK_CONNECT_PARSE_H

#include "base/err.h"
#include "config/config.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stddef.h>

enum { MSKC_MAX_OPERATIONS = 20, MSKC_MAX_PLUGINS = 50, MSKC_MAX_TOKEN = 8 * 1024 };

struct mskc_list {
    struct connect_connector *items; /* as the list tells them: without config */
    size_t count, cap;
    bool cut; /* there are more than CONNECT_MAX_CONNECTORS */
};

/* One page of ListConnectors; those that match a glob are appended. *next: token of the next page,
 * NULL at the end. */
bool mskc_parse_list(struct arena *arena, const char *body, size_t len, const struct strlist *globs,
                     struct mskc_list *list, const char **next, struct err *err);

/* DescribeConnector into c, which the list has filled before. */
bool mskc_parse_connector(struct arena *arena, const char *body, size_t len,
                          struct connect_connector *c, struct err *err);

/* The first page of ListConnectorOperations, newest first. */
bool mskc_parse_operations(struct arena *arena, const char *body, size_t len,
                           struct msk_operation **operations, size_t *count, struct err *err);

/* DescribeConnectorOperation: the reason why it failed. */
bool mskc_parse_operation(struct arena *arena, const char *body, size_t len,
                          struct msk_operation *operation, struct err *err);

#endif
