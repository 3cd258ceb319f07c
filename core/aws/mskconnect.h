/* mskconnect.h: MSK Connect on the wire, for the source that reads it and the actions that change
 * it.
 *
 * Shapes: the model of kafkaconnect 2021-09-14 in botocore 1.44. An ARN goes into a path as one
 * segment, percent-encoded.
 */
#ifndef CDCTOP_AWS_MSKCONNECT_H
#define CDCTOP_AWS_MSKCONNECT_H

#include <stdbool.h>

/* Percent-encoded, as one segment of a path or one value of a query. malloc'd. */
char *mskconnect_encode(const char *text);
/* "/v1/connectors/arn%3Aaws%3A…/restart": `rest` as it stands, may be "". malloc'd. */
char *mskconnect_path(const char *arn, const char *rest);
/* The same of an operation: "/v1/connectorOperations/arn%3A…". */
char *mskconnect_operation_path(const char *arn);

/* Of an operation's state: has it come to its end, and was that the one that was wanted? A rollback
 * that is complete has undone an update. */
bool mskconnect_ended(const char *state);
bool mskconnect_succeeded(const char *state);

#endif
