#include "aws/calls.h"

#include "base/mem.h"

#include <assert.h>

/* clang-format off */
const struct aws_service_info aws_services[] = {
    [AWS_STS] = {"sts", "STS", AWS_QUERY, NULL, "2011-06-15"},
    [AWS_SECRETS] = {"secretsmanager", "SECRETS_MANAGER", AWS_JSON_1_1, "secretsmanager", NULL},
    [AWS_KAFKA] = {"kafka", "KAFKA", AWS_REST_JSON, NULL, NULL},
    [AWS_KAFKACONNECT] = {"kafkaconnect", "KAFKACONNECT", AWS_REST_JSON, NULL, NULL},
    [AWS_DMS] = {"dms", "DATABASE_MIGRATION_SERVICE", AWS_JSON_1_1, "AmazonDMSv20160101", NULL},
    [AWS_RDS] = {"rds", "RDS", AWS_QUERY, NULL, "2014-10-31"},
    [AWS_CLOUDWATCH] = {"monitoring", "CLOUDWATCH", AWS_JSON_1_0, "GraniteServiceVersion20100801", NULL},
    [AWS_LOGS] = {"logs", "CLOUDWATCH_LOGS", AWS_JSON_1_1, "Logs_20140328", NULL},
    [AWS_S3] = {"s3", "S3", AWS_REST_XML, NULL, NULL},
};
static_assert(ARRAY_LEN(aws_services) == AWS_SERVICE_COUNT, "a row per service");

/* CloudWatch: $0.01 per 1,000 metrics of GetMetricData and per 1,000 ListMetrics; Secrets Manager:
 * $0.05 per 10,000 calls; S3, storage class Standard: $0.005 per 1,000 lists, $0.0004 per 1,000
 * objects read (list prices of us-east-1, November 2026, without transfer). The others are free. */
const struct aws_call_info aws_calls[] = {
    [STS_GET_CALLER_IDENTITY] = {AWS_STS, "GetCallerIdentity", "POST", NULL, false, 0},
    [STS_ASSUME_ROLE] = {AWS_STS, "AssumeRole", "POST", "sts:AssumeRole", false, 0},
    [SECRETS_GET_VALUE] = {AWS_SECRETS, "GetSecretValue", "POST", "secretsmanager:GetSecretValue", false, 5000},
    [MSK_LIST_CLUSTERS] = {AWS_KAFKA, "ListClustersV2", "GET", "kafka:ListClustersV2", false, 0},
    [MSK_DESCRIBE_CLUSTER] = {AWS_KAFKA, "DescribeClusterV2", "GET", "kafka:DescribeClusterV2", false, 0},
    [MSK_GET_BOOTSTRAP] = {AWS_KAFKA, "GetBootstrapBrokers", "GET", "kafka:GetBootstrapBrokers", false, 0},
    [MSK_LIST_NODES] = {AWS_KAFKA, "ListNodes", "GET", "kafka:ListNodes", false, 0},
    [MSKC_LIST] = {AWS_KAFKACONNECT, "ListConnectors", "GET", "kafkaconnect:ListConnectors", false, 0},
    [MSKC_DESCRIBE] = {AWS_KAFKACONNECT, "DescribeConnector", "GET", "kafkaconnect:DescribeConnector", false, 0},
    [MSKC_LIST_OPERATIONS] = {AWS_KAFKACONNECT, "ListConnectorOperations", "GET", "kafkaconnect:ListConnectorOperations", false, 0},
    [MSKC_DESCRIBE_OPERATION] = {AWS_KAFKACONNECT, "DescribeConnectorOperation", "GET", "kafkaconnect:DescribeConnectorOperation", false, 0},
    [MSKC_RESTART] = {AWS_KAFKACONNECT, "RestartConnector", "POST", "kafkaconnect:RestartConnector", true, 0},
    [MSKC_PAUSE] = {AWS_KAFKACONNECT, "PauseConnector", "PUT", "kafkaconnect:PauseConnector", true, 0},
    [MSKC_RESUME] = {AWS_KAFKACONNECT, "ResumeConnector", "PUT", "kafkaconnect:ResumeConnector", true, 0},
    [DMS_TASKS] = {AWS_DMS, "DescribeReplicationTasks", "POST", "dms:DescribeReplicationTasks", false, 0},
    [DMS_TABLES] = {AWS_DMS, "DescribeTableStatistics", "POST", "dms:DescribeTableStatistics", false, 0},
    [DMS_INSTANCES] = {AWS_DMS, "DescribeReplicationInstances", "POST", "dms:DescribeReplicationInstances", false, 0},
    [DMS_ENDPOINTS] = {AWS_DMS, "DescribeEndpoints", "POST", "dms:DescribeEndpoints", false, 0},
    [DMS_START] = {AWS_DMS, "StartReplicationTask", "POST", "dms:StartReplicationTask", true, 0},
    [DMS_STOP] = {AWS_DMS, "StopReplicationTask", "POST", "dms:StopReplicationTask", true, 0},
    [DMS_RELOAD] = {AWS_DMS, "ReloadTables", "POST", "dms:ReloadTables", true, 0},
    [DMS_REPLICATIONS] = {AWS_DMS, "DescribeReplications", "POST", "dms:DescribeReplications", false, 0},
    [DMS_REPLICATION_TABLES] = {AWS_DMS, "DescribeReplicationTableStatistics", "POST", "dms:DescribeReplicationTableStatistics", false, 0},
    [DMS_REPLICATION_CONFIGS] = {AWS_DMS, "DescribeReplicationConfigs", "POST", "dms:DescribeReplicationConfigs", false, 0},
    [DMS_START_REPLICATION] = {AWS_DMS, "StartReplication", "POST", "dms:StartReplication", true, 0},
    [DMS_STOP_REPLICATION] = {AWS_DMS, "StopReplication", "POST", "dms:StopReplication", true, 0},
    [DMS_RELOAD_REPLICATION] = {AWS_DMS, "ReloadReplicationTables", "POST", "dms:ReloadReplicationTables", true, 0},
    [RDS_INSTANCES] = {AWS_RDS, "DescribeDBInstances", "POST", "rds:DescribeDBInstances", false, 0},
    [RDS_CLUSTERS] = {AWS_RDS, "DescribeDBClusters", "POST", "rds:DescribeDBClusters", false, 0},
    [RDS_EVENTS] = {AWS_RDS, "DescribeEvents", "POST", "rds:DescribeEvents", false, 0},
    [RDS_MAINTENANCE] = {AWS_RDS, "DescribePendingMaintenanceActions", "POST", "rds:DescribePendingMaintenanceActions", false, 0},
    [CW_LIST_METRICS] = {AWS_CLOUDWATCH, "ListMetrics", "POST", "cloudwatch:ListMetrics", false, 10000},
    [CW_GET_DATA] = {AWS_CLOUDWATCH, "GetMetricData", "POST", "cloudwatch:GetMetricData", false, 10000},
    [LOGS_FILTER] = {AWS_LOGS, "FilterLogEvents", "POST", "logs:FilterLogEvents", false, 0},
    [S3_LIST] = {AWS_S3, "ListObjectsV2", "GET", "s3:ListBucket", false, 5000},
    [S3_LIST_UPLOADS] = {AWS_S3, "ListMultipartUploads", "GET", "s3:ListBucketMultipartUploads", false, 5000},
    [S3_GET] = {AWS_S3, "GetObject", "GET", "s3:GetObject", false, 400},
};
/* clang-format on */
static_assert(ARRAY_LEN(aws_calls) == AWS_CALL_COUNT, "a row per call");
