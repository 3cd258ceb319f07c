/* metrics.h: THE table of CloudWatch's metrics that are asked for, and how the figures are read.
 *
 * A metric is asked for of every object of hints.h (hint_metrics) whose space and names of
 * dimensions are those of its row. The object of a figure, as cloudwatch_find takes it:
 *
 *   AWS/Kafka         "CLUSTER" and "CLUSTER/BROKER-ID" (metrics_broker)
 *   AWS/KafkaConnect  the connector's name
 *   AWS/DMS           the task's `resource` (last part of its ARN), of a serverless replication the
 *                     ARN (dms_object); the instance's identifier
 *   AWS/RDS           the instance's identifier; the cluster's identifier
 *
 * Names, dimensions and units: AWS's tables of metrics (MSK, MSK Connect, DMS, RDS and Aurora user
 * guides). A figure is minutes late by nature: never show one without its age.
 *
 * Of a DMS Serverless replication the user guide ("AWS DMS serverless replication metrics") names
 * the metrics and their units, not the dimension. Public Terraform of several teams asks for
 * ReplicationConfigId = "ACCOUNT:ID", the ID being the last part of the ARN, or the identifier: so
 * it is looked for in what ListMetrics answers, and never put together here.
 */
#ifndef CDCTOP_MODEL_METRICS_H
#define CDCTOP_MODEL_METRICS_H

#include "model/snap_aws.h"

#define SPACE_KAFKA   "AWS/Kafka"
#define SPACE_CONNECT "AWS/KafkaConnect"
#define SPACE_DMS     "AWS/DMS"
#define SPACE_RDS     "AWS/RDS"

enum metric_unit {
    UNIT_COUNT,
    UNIT_PERCENT,
    UNIT_BYTES,
    UNIT_BYTES_PER_S,
    UNIT_KB_PER_S,
    UNIT_PER_S,
    UNIT_SECONDS,
    UNIT_MS
};

struct metric_row {
    const char *space;
    const char *dims[2]; /* names, in this order; the second NULL: there is one; both: see the
                            values of hints.h */
    const char *name;
    const char *stat;
    enum metric_unit unit;
    int rank; /* 1: rules rest on it; 2: the details show it; 3: left out first */
    const char *use;
};
extern const struct metric_row metric_rows[];
extern const size_t metric_rows_count;

/* NULL: no such metric is asked for. */
const struct metric_row *metric_find(const char *space, const char *name);

/* Is it a metric of something with these dimensions? */
bool metric_covers(const struct metric_row *row, const char *space, const struct kv *dims,
                   size_t ndims);

/* "shop/3" in buf: what one broker's figures are found by. */
enum { METRIC_OBJECT = 160 };
const char *metrics_broker(char *buf, const char *cluster, int32_t id);

/* How old the figure is; UNKNOWN for NULL. now_ms: world_server_now of SOURCE_CLOUDWATCH. */
int64_t metric_age_ms(const struct cw_metric *m, int64_t now_ms);
/* "2m old" in buf of METRIC_AGE bytes; "" for NULL. */
enum { METRIC_AGE = 48 };
const char *metric_age(char *buf, const struct cw_metric *m, int64_t now_ms);
/* "41.2 GB", "83 %", "3m12s" by the metric's unit, in buf of HUMAN_SIZE bytes. */
const char *metric_value(char *buf, const struct cw_metric *m);
/* How fast it moved from the datapoint before to this one, per second; NAN: not known. */
double metric_per_s(const struct cw_metric *m);

/* Into the order that cloudwatch_find expects: whoever fills a snapshot calls it last. */
void cloudwatch_sort(struct cloudwatch_snap *cw);

#endif
