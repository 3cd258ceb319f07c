/* calls.h: THE table of the AWS calls that we make: service, operation, how it goes over the wire,
 * which right it needs, what it costs. The README's policies and `cdctop check` come from it.
 */
#ifndef CDCTOP_AWS_CALLS_H
#define CDCTOP_AWS_CALLS_H

#include <stdbool.h>
#include <stdint.h>

enum aws_service {
    AWS_STS,
    AWS_SECRETS,
    AWS_KAFKA,
    AWS_KAFKACONNECT,
    AWS_DMS,
    AWS_RDS,
    AWS_CLOUDWATCH,
    AWS_LOGS,
    AWS_S3,
    AWS_SERVICE_COUNT
};

enum aws_protocol { AWS_REST_JSON, AWS_JSON_1_0, AWS_JSON_1_1, AWS_QUERY, AWS_REST_XML };

struct aws_service_info {
    const char *name;     /* as IAM, signature and host name have it */
    const char *endpoint; /* the environment's: AWS_ENDPOINT_URL_<this> */
    enum aws_protocol protocol;
    const char *target;  /* before the operation in X-Amz-Target; NULL */
    const char *version; /* of the query protocol; NULL */
};
extern const struct aws_service_info aws_services[AWS_SERVICE_COUNT];

enum aws_call {
    STS_GET_CALLER_IDENTITY,
    STS_ASSUME_ROLE,
    SECRETS_GET_VALUE,
    MSK_LIST_CLUSTERS,
    MSK_DESCRIBE_CLUSTER,
    MSK_GET_BOOTSTRAP,
    MSK_LIST_NODES,
    MSKC_LIST,
    MSKC_DESCRIBE,
    MSKC_LIST_OPERATIONS,
    MSKC_DESCRIBE_OPERATION,
    MSKC_RESTART,
    MSKC_PAUSE,
    MSKC_RESUME,
    DMS_TASKS,
    DMS_TABLES,
    DMS_INSTANCES,
    DMS_ENDPOINTS,
    DMS_START,
    DMS_STOP,
    DMS_RELOAD,
    DMS_REPLICATIONS,
    DMS_REPLICATION_TABLES,
    DMS_REPLICATION_CONFIGS,
    DMS_START_REPLICATION,
    DMS_STOP_REPLICATION,
    DMS_RELOAD_REPLICATION,
    RDS_INSTANCES,
    RDS_CLUSTERS,
    RDS_EVENTS,
    RDS_MAINTENANCE,
    CW_LIST_METRICS,
    CW_GET_DATA,
    LOGS_FILTER,
    S3_LIST, /* of S3's requests alone; net/s3list.h sends them */
    S3_LIST_UPLOADS,
    S3_GET,
    AWS_CALL_COUNT
};

struct aws_call_info {
    enum aws_service service;
    const char *operation; /* as the service's model names it */
    const char *method;
    const char *action; /* "kafka:ListClustersV2": the right; NULL: none is needed */
    bool changes;       /* it changes something: never sent again by itself */
    int64_t nano_usd;   /* list price of one call, or of one unit where it has units; 0: free */
};
extern const struct aws_call_info aws_calls[AWS_CALL_COUNT];

#endif
