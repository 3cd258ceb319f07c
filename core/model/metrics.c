#include "model/metrics.h"

#include "base/human.h"
#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
#define CLUSTER {"Cluster Name", NULL}
#define BROKER {"Cluster Name", "Broker ID"}
#define CONNECTOR {"ConnectorName", NULL}
#define TASK {"ReplicationInstanceIdentifier", "ReplicationTaskIdentifier"}
#define DMS_INSTANCE {"ReplicationInstanceIdentifier", NULL}
#define REPLICATION {NULL, NULL}
#define DB {"DBInstanceIdentifier", NULL}
#define DB_CLUSTER {"DBClusterIdentifier", NULL}

const struct metric_row metric_rows[] = {
    {SPACE_KAFKA, CLUSTER, "ActiveControllerCount", "Maximum", UNIT_COUNT, 2, "cluster details"},
    {SPACE_KAFKA, CLUSTER, "OfflinePartitionsCount", "Maximum", UNIT_COUNT, 1, "K02"},
    {SPACE_KAFKA, CLUSTER, "GlobalPartitionCount", "Maximum", UNIT_COUNT, 3, "cluster details"},
    {SPACE_KAFKA, CLUSTER, "GlobalTopicCount", "Maximum", UNIT_COUNT, 3, "cluster details"},
    {SPACE_KAFKA, BROKER, "KafkaDataLogsDiskUsed", "Maximum", UNIT_PERCENT, 1, "disk of a broker"},
    {SPACE_KAFKA, BROKER, "CpuUser", "Average", UNIT_PERCENT, 1, "load of a broker"},
    {SPACE_KAFKA, BROKER, "CpuSystem", "Average", UNIT_PERCENT, 1, "load of a broker"},
    {SPACE_KAFKA, BROKER, "UnderReplicatedPartitions", "Maximum", UNIT_COUNT, 2, "K02"},
    {SPACE_KAFKA, BROKER, "UnderMinIsrPartitionCount", "Maximum", UNIT_COUNT, 1, "K02"},
    {SPACE_KAFKA, BROKER, "ConnectionCount", "Maximum", UNIT_COUNT, 2, "C14"},
    {SPACE_KAFKA, BROKER, "HeapMemoryAfterGC", "Maximum", UNIT_PERCENT, 3, "cluster details"},
    {SPACE_KAFKA, BROKER, "BytesInPerSec", "Average", UNIT_BYTES_PER_S, 3, "cluster details"},
    {SPACE_KAFKA, BROKER, "BytesOutPerSec", "Average", UNIT_BYTES_PER_S, 3, "cluster details"},
    {SPACE_CONNECT, CONNECTOR, "RunningTaskCount", "Maximum", UNIT_COUNT, 1, "C15"},
    {SPACE_CONNECT, CONNECTOR, "ErroredTaskCount", "Maximum", UNIT_COUNT, 1, "C15"},
    {SPACE_CONNECT, CONNECTOR, "WorkerCount", "Maximum", UNIT_COUNT, 2, "connector details"},
    {SPACE_CONNECT, CONNECTOR, "CpuUtilization", "Average", UNIT_PERCENT, 1, "C19"},
    {SPACE_CONNECT, CONNECTOR, "MemoryUtilization", "Average", UNIT_PERCENT, 1, "C19"},
    {SPACE_CONNECT, CONNECTOR, "SourceRecordPollRate", "Average", UNIT_PER_S, 2, "connector details"},
    {SPACE_CONNECT, CONNECTOR, "SourceRecordWriteRate", "Average", UNIT_PER_S, 2, "connector details"},
    {SPACE_CONNECT, CONNECTOR, "SinkRecordReadRate", "Average", UNIT_PER_S, 2, "connector details"},
    {SPACE_CONNECT, CONNECTOR, "SinkRecordSendRate", "Average", UNIT_PER_S, 2, "connector details"},
    {SPACE_CONNECT, CONNECTOR, "RebalanceCompletedTotal", "Maximum", UNIT_COUNT, 3, "connector details"},
    {SPACE_CONNECT, CONNECTOR, "RebalanceTimeSinceLast", "Minimum", UNIT_MS, 3, "connector details"},
    {SPACE_CONNECT, CONNECTOR, "TaskStartupSuccessPercentage", "Average", UNIT_PERCENT, 3, "connector details"},
    {SPACE_DMS, TASK, "CDCLatencySource", "Maximum", UNIT_SECONDS, 1, "D04, D05"},
    {SPACE_DMS, TASK, "CDCLatencyTarget", "Maximum", UNIT_SECONDS, 1, "D04, D05"},
    {SPACE_DMS, TASK, "CDCIncomingChanges", "Maximum", UNIT_COUNT, 1, "D05"},
    {SPACE_DMS, TASK, "CDCChangesMemorySource", "Maximum", UNIT_COUNT, 3, "connector details"},
    {SPACE_DMS, TASK, "CDCChangesMemoryTarget", "Maximum", UNIT_COUNT, 3, "connector details"},
    {SPACE_DMS, TASK, "CDCChangesDiskSource", "Maximum", UNIT_COUNT, 2, "D06"},
    {SPACE_DMS, TASK, "CDCChangesDiskTarget", "Maximum", UNIT_COUNT, 2, "D06"},
    {SPACE_DMS, TASK, "CDCThroughputRowsSource", "Average", UNIT_PER_S, 2, "connector details"},
    {SPACE_DMS, TASK, "CDCThroughputRowsTarget", "Average", UNIT_PER_S, 2, "connector details"},
    {SPACE_DMS, TASK, "CDCThroughputBandwidthTarget", "Average", UNIT_KB_PER_S, 3, "connector details"},
    {SPACE_DMS, REPLICATION, "CDCLatencySource", "Maximum", UNIT_SECONDS, 1, "D04, D05"},
    {SPACE_DMS, REPLICATION, "CDCLatencyTarget", "Maximum", UNIT_SECONDS, 1, "D04, D05"},
    {SPACE_DMS, REPLICATION, "CDCIncomingChanges", "Maximum", UNIT_COUNT, 1, "D05"},
    {SPACE_DMS, REPLICATION, "CapacityUtilization", "Maximum", UNIT_PERCENT, 1, "D02, D04, D05"},
    {SPACE_DMS, REPLICATION, "CPUUtilization", "Average", UNIT_PERCENT, 2, "D04, D05"},
    {SPACE_DMS, REPLICATION, "CDCThroughputRowsSource", "Average", UNIT_PER_S, 2, "connector details"},
    {SPACE_DMS, REPLICATION, "CDCThroughputRowsTarget", "Average", UNIT_PER_S, 2, "connector details"},
    {SPACE_DMS, REPLICATION, "CDCThroughputBandwidthTarget", "Average", UNIT_KB_PER_S, 3, "connector details"},
    {SPACE_DMS, REPLICATION, "FullLoadThroughputRowsTarget", "Average", UNIT_PER_S, 3, "connector details"},
    {SPACE_DMS, DMS_INSTANCE, "FreeStorageSpace", "Minimum", UNIT_BYTES, 1, "D02, D06"},
    {SPACE_DMS, DMS_INSTANCE, "FreeableMemory", "Minimum", UNIT_BYTES, 2, "D02"},
    {SPACE_DMS, DMS_INSTANCE, "SwapUsage", "Maximum", UNIT_BYTES, 2, "D02"},
    {SPACE_DMS, DMS_INSTANCE, "CPUUtilization", "Average", UNIT_PERCENT, 2, "connector details"},
    {SPACE_RDS, DB, "FreeStorageSpace", "Minimum", UNIT_BYTES, 1, "P35"},
    {SPACE_RDS, DB, "FreeLocalStorage", "Minimum", UNIT_BYTES, 2, "source details"},
    {SPACE_RDS, DB, "ReplicationSlotDiskUsage", "Maximum", UNIT_BYTES, 1, "P35"},
    {SPACE_RDS, DB, "OldestReplicationSlotLag", "Maximum", UNIT_BYTES, 1, "P35"},
    {SPACE_RDS, DB, "TransactionLogsDiskUsage", "Maximum", UNIT_BYTES, 1, "P35"},
    {SPACE_RDS, DB, "TransactionLogsGeneration", "Average", UNIT_BYTES_PER_S, 2, "source details"},
    {SPACE_RDS, DB, "MaximumUsedTransactionIDs", "Maximum", UNIT_COUNT, 2, "P17"},
    {SPACE_RDS, DB, "CPUUtilization", "Average", UNIT_PERCENT, 2, "source details"},
    {SPACE_RDS, DB, "DatabaseConnections", "Maximum", UNIT_COUNT, 3, "source details"},
    {SPACE_RDS, DB, "ReplicaLag", "Maximum", UNIT_SECONDS, 2, "source details"},
    {SPACE_RDS, DB, "AuroraReplicaLag", "Maximum", UNIT_MS, 2, "source details"},
    {SPACE_RDS, DB_CLUSTER, "VolumeBytesUsed", "Maximum", UNIT_BYTES, 2, "source details"},
    {SPACE_RDS, DB_CLUSTER, "AuroraVolumeBytesLeftTotal", "Minimum", UNIT_BYTES, 1, "P35"},
};
/* clang-format on */
const size_t metric_rows_count = ARRAY_LEN(metric_rows);

const struct metric_row *metric_find(const char *space, const char *name)
{
    for (size_t i = 0; i < metric_rows_count; i++) {
        if (strcmp(metric_rows[i].name, name) == 0 && strcmp(metric_rows[i].space, space) == 0)
            return &metric_rows[i];
    }
    return NULL;
}

bool metric_covers(const struct metric_row *row, const char *space, const struct kv *dims,
                   size_t ndims)
{
    size_t n = row->dims[0] == NULL ? 0 : row->dims[1] == NULL ? 1 : 2;
    if (n != ndims || strcmp(row->space, space) != 0)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(row->dims[i], dims[i].key) != 0)
            return false;
    }
    return true;
}

const char *metrics_broker(char *buf, const char *cluster, int32_t id)
{
    (void)snprintf(buf, METRIC_OBJECT, "%.140s/%d", cluster, (int)id);
    return buf;
}

int64_t metric_age_ms(const struct cw_metric *m, int64_t now_ms)
{
    if (m == NULL || m->at_ms == UNKNOWN)
        return UNKNOWN;
    return now_ms > m->at_ms ? now_ms - m->at_ms : 0;
}

const char *metric_age(char *buf, const struct cw_metric *m, int64_t now_ms)
{
    char age[HUMAN_SIZE];
    int64_t ms = metric_age_ms(m, now_ms);
    if (ms == UNKNOWN)
        buf[0] = '\0';
    else
        (void)snprintf(buf, METRIC_AGE, "%s old", human_age_ms(age, ms));
    return buf;
}

static int64_t whole(double v)
{
    return isnan(v) ? HUMAN_UNKNOWN : v > 9e18 ? INT64_MAX : v < -9e18 ? -INT64_MAX : llround(v);
}

const char *metric_value(char *buf, const struct cw_metric *m)
{
    const struct metric_row *row = m != NULL ? metric_find(m->space, m->name) : NULL;
    double v = m != NULL ? m->value : NAN;
    switch (row != NULL ? row->unit : UNIT_COUNT) {
    case UNIT_COUNT: return human_count(buf, whole(v));
    case UNIT_PERCENT: return human_percent(buf, v / 100);
    case UNIT_BYTES: return human_bytes(buf, whole(v));
    case UNIT_BYTES_PER_S: return human_byte_rate(buf, v);
    case UNIT_KB_PER_S: return human_byte_rate(buf, v * 1000);
    case UNIT_SECONDS: return human_duration_ms(buf, whole(v * 1000));
    case UNIT_MS: return human_duration_ms(buf, whole(v));
    case UNIT_PER_S: break;
    }
    return human_rate(buf, v);
}

double metric_per_s(const struct cw_metric *m)
{
    if (m == NULL || isnan(m->value) || isnan(m->before) || m->at_ms <= m->before_ms)
        return NAN;
    return (m->value - m->before) * 1000 / (double)(m->at_ms - m->before_ms);
}

/* ---- in their order -------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    const struct cw_metric *x = a;
    const struct cw_metric *y = b;
    int c = strcmp(x->space, y->space);
    c = c != 0 ? c : strcmp(x->name, y->name);
    return c != 0 ? c : strcmp(x->object, y->object);
}

void cloudwatch_sort(struct cloudwatch_snap *cw)
{
    if (cw->nmetrics > 1)
        qsort(cw->metrics, cw->nmetrics, sizeof(*cw->metrics), by_name);
}

const struct cw_metric *cloudwatch_find(const struct cloudwatch_snap *cw, const char *space,
                                        const char *name, const char *object)
{
    struct cw_metric key = {.space = space, .name = name, .object = object};
    if (object == NULL || cw->nmetrics == 0)
        return NULL;
    return bsearch(&key, cw->metrics, cw->nmetrics, sizeof(key), by_name);
}
