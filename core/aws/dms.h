/* dms.h: what is asked of DMS: the bodies of its requests, and the aws command that does the same.
 *
 * Names of operations and members: botocore's model of dms-2016-01-01. A serverless replication is
 * named by the ARN of its configuration and has operations of its own.
 */
#ifndef CDCTOP_AWS_DMS_H
#define CDCTOP_AWS_DMS_H

#include "aws/aws.h"

enum dms_verb {
    DMS_VERB_START,      /* the first run */
    DMS_VERB_RESUME,     /* from where it stopped */
    DMS_VERB_RELOAD_ALL, /* every table of the target is loaded anew */
    DMS_VERB_STOP,
    DMS_VERB_RELOAD, /* some tables, while it runs */
    DMS_VERB_COUNT
};

struct dms_order {
    enum dms_verb verb;
    const char *arn;
    bool serverless;
    const char *const *tables; /* RELOAD: "schema.table" */
    size_t ntables;
    bool validate; /* RELOAD: compare again only */
};

enum aws_call dms_order_call(const struct dms_order *order);
/* JSON; malloc'd. NULL and *err: a table that is not "schema.table". */
char *dms_order_body(const struct dms_order *order, struct err *err);
/* "aws dms stop-replication-task …": appended. */
void dms_order_command(struct strbuf *out, const struct dms_order *order);
bool dms_order_send(struct aws_client *client, const struct dms_order *order, int64_t deadline_ms,
                    int stop_fd, struct err *err);

/* The status now, as DMS says it, into out. ERR_NOTFOUND: there is no such task. */
bool dms_status(struct aws_client *client, const char *arn, bool serverless, int64_t deadline_ms,
                int stop_fd, char *out, size_t size, struct err *err);

/* "schema.table" at its first dot. *schema is malloc'd, *table points into the text. */
bool dms_split(const char *text, char **schema, const char **table);

#endif
