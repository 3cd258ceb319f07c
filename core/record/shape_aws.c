/* shape_aws.c: the fields of what is seen of AWS's own services. */
#include "record/shape_int.h"

/* clang-format off */
#define OPERATION(F, T)                                                                      \
    F(T, STR, arn, NAME) F(T, STR, type, KEEP) F(T, STR, state, KEEP)                        \
    F(T, STR, error_code, KEEP) F(T, STR, error_message, TEXT)                               \
    F(T, I64, created_ms, KEEP) F(T, I64, ended_ms, KEEP)
SHAPE(static, operation, struct msk_operation, OPERATION)

#define MSK_CONNECTOR(F, T)                                                                  \
    F(T, STR, arn, NAME) F(T, STR, current_version, WHOLE)                                   \
    F(T, STR, state_code, KEEP) F(T, STR, state_message, TEXT) F(T, STR, description, TEXT)  \
    F(T, STR, connect_version, KEEP) F(T, I64, created_ms, KEEP) F(T, BOOL, autoscaled, KEEP) \
    F(T, I64, mcu, KEEP) F(T, I64, workers, KEEP) F(T, I64, min_workers, KEEP)               \
    F(T, I64, max_workers, KEEP) F(T, I64, max_tasks, KEEP)                                  \
    F(T, STRS, plugins, NAME, nplugins) F(T, STR, log_group, NAME) F(T, STR, role_arn, NAME) \
    F(T, STR, bootstrap_servers, NAME) F(T, STR, authentication, KEEP)                       \
    F(T, STR, encryption, KEEP)                                                               \
    F(T, ROWS, operations, KEEP, noperations, &operation) F(T, BOOL, described, KEEP)        \
    F(T, TRI, can_restart, KEEP) F(T, TRI, can_pause, KEEP)
SHAPE(, shape_msk_connector, struct msk_connector, MSK_CONNECTOR)

#define DMS_TABLE(F, T)                                                                      \
    F(T, NAME, schema, NAME) F(T, NAME, name, NAME) F(T, STR, state, KEEP)                   \
    F(T, STR, validation, KEEP) F(T, I64, inserts, KEEP) F(T, I64, deletes, KEEP)            \
    F(T, I64, updates, KEEP) F(T, I64, ddls, KEEP) F(T, I64, applied, KEEP)                  \
    F(T, I64, loaded, KEEP) F(T, I64, load_errors, KEEP) F(T, I64, pending, KEEP)            \
    F(T, I64, failed, KEEP) F(T, I64, suspended, KEEP) F(T, I64, updated_ms, KEEP) \
    F(T, I64, load_ended_ms, KEEP)
SHAPE(static, dms_table, struct dms_table, DMS_TABLE)

#define DMS_TASK(F, T)                                                                       \
    F(T, STR, arn, NAME) F(T, STR, id, NAME) F(T, STR, resource, WHOLE)                      \
    F(T, BOOL, serverless, KEEP) F(T, STR, migration, KEEP) F(T, STR, status, KEEP)          \
    F(T, STR, stop_reason, KEEP) F(T, STR, failure, TEXT)                                    \
    F(T, STR, checkpoint, KEEP) F(T, STR, cdc_start, KEEP)                                   \
    F(T, I64, load_percent, KEEP) F(T, I64, tables_loaded, KEEP)                             \
    F(T, I64, tables_loading, KEEP) F(T, I64, tables_queued, KEEP)                           \
    F(T, I64, tables_errored, KEEP) F(T, I64, fresh_start_ms, KEEP)                          \
    F(T, I64, started_ms, KEEP) F(T, I64, stopped_ms, KEEP) F(T, I64, load_started_ms, KEEP) \
    F(T, I64, load_finished_ms, KEEP) F(T, STR, instance, NAME)                              \
    F(T, STR, instance_class, KEEP) F(T, STR, instance_status, KEEP)                         \
    F(T, STR, engine_version, KEEP) F(T, I64, storage_gib, KEEP)                             \
    F(T, STR, provision_state, KEEP) F(T, I64, capacity_units, KEEP)                         \
    F(T, I64, min_units, KEEP) F(T, I64, max_units, KEEP) F(T, I64, deprovision_ms, KEEP)    \
    F(T, STRS, addresses, NAME, naddresses)                                                  \
    F(T, STR, source_engine, KEEP) F(T, STR, source_host, NAME)                              \
    F(T, STR, source_database, NAME) F(T, STR, source_user, NAME)                            \
    F(T, STR, slot, NAME) F(T, STR, plugin, KEEP) F(T, TRI, heartbeat, KEEP)                 \
    F(T, TRI, capture_ddls, KEEP)                                                            \
    F(T, STR, target_engine, KEEP) F(T, STR, target_topic, NAME)                             \
    F(T, STR, target_brokers, NAME) F(T, ROWS, tables, KEEP, ntables, &dms_table)            \
    F(T, SIZE, tables_total, KEEP) F(T, BOOL, tables_read, KEEP)
SHAPE(, shape_dms_task, struct dms_task, DMS_TASK)

#define DENIED(F, T)                                                                         \
    F(T, NAME, service, KEEP) F(T, NAME, operation, KEEP) F(T, STR, action, KEEP)            \
    F(T, STR, resource, NAME) F(T, STR, message, TEXT) F(T, I64, at_ms, KEEP)
SHAPE(static, denied, struct aws_denied, DENIED)

#define SPENT(F, T)                                                                          \
    F(T, NAME, service, KEEP) F(T, NAME, operation, KEEP) F(T, ZERO, calls, KEEP)            \
    F(T, ZERO, errors, KEEP) F(T, ZERO, throttled, KEEP) F(T, ZERO, units, KEEP)             \
    F(T, I64, usd_micro, KEEP)
SHAPE(static, spent, struct aws_spent, SPENT)

#define AWS(F, T)                                                                            \
    F(T, STR, account, WHOLE) F(T, STR, arn, NAME) F(T, STR, user_id, WHOLE)                 \
    F(T, STR, region, KEEP) F(T, STR, partition, KEEP) F(T, STR, credentials, NAME)          \
    F(T, I64, expires_ms, KEEP) F(T, STR, refresh_error, TEXT) F(T, I64, skew_ms, KEEP)      \
    F(T, ROWS, denied, KEEP, ndenied, &denied) F(T, ROWS, spent, KEEP, nspent, &spent)       \
    F(T, I64, spent_since_ms, KEEP) F(T, I64, usd_micro_per_hour, KEEP)
SHAPE(, shape_aws, struct aws_snap, AWS)

#define NODE(F, T)                                                                           \
    F(T, I32, id, KEEP) F(T, STR, instance, KEEP) F(T, STR, endpoint, NAME)                  \
    F(T, STR, address, NAME) F(T, STR, version, KEEP)
SHAPE(static, node, struct msk_node, NODE)

#define MSK(F, T)                                                                            \
    F(T, STR, name, NAME) F(T, STR, arn, NAME) F(T, STR, type, KEEP) F(T, STR, state, KEEP)  \
    F(T, STR, state_code, KEEP) F(T, STR, state_message, TEXT) F(T, STR, operation_arn, NAME) \
    F(T, STR, kafka_version, KEEP) F(T, STR, instance, KEEP) F(T, STR, storage_mode, KEEP)   \
    F(T, STR, monitoring, KEEP) F(T, STR, client_broker, KEEP)                               \
    F(T, STR, customer_action, KEEP) F(T, STR, public_access, KEEP)                          \
    F(T, I64, brokers, KEEP) F(T, I64, volume_gib, KEEP)                                     \
    F(T, I64, created_ms, KEEP) F(T, TRI, iam, KEEP) F(T, TRI, scram, KEEP)                  \
    F(T, TRI, mutual_tls, KEEP) F(T, TRI, unauthenticated, KEEP)                                    \
    F(T, KVS, bootstraps, NAME, nbootstraps) F(T, BOOL, bootstraps_read, KEEP)               \
    F(T, STR, wanted, KEEP)                                                                  \
    F(T, ROWS, nodes, KEEP, nnodes, &node) F(T, BOOL, nodes_read, KEEP)
SHAPE(, shape_msk, struct msk_snap, MSK)

#define INSTANCE(F, T)                                                                       \
    F(T, NAME, id, NAME) F(T, STR, arn, NAME) F(T, STR, status, KEEP)                        \
    F(T, STR, class_name, KEEP) F(T, STR, zone, KEEP) F(T, TRI, writer, KEEP)                \
    F(T, STR, replica_of, NAME) F(T, STR, host, NAME) F(T, INT, port, KEEP)                  \
    F(T, STR, resource_id, WHOLE) F(T, I64, allocated_gib, KEEP)                             \
    F(T, I64, max_allocated_gib, KEEP) F(T, STR, storage_type, KEEP)                         \
    F(T, TRI, multi_az, KEEP) F(T, TRI, iam_login, KEEP) F(T, STR, certificate, KEEP)        \
    F(T, I64, certificate_ends_ms, KEEP) F(T, I64, backup_days, KEEP)                        \
    F(T, I64, restorable_ms, KEEP) F(T, STR, maintenance_window, KEEP)                       \
    F(T, KVS, pending, NAME, npending) F(T, KVS, parameter_groups, NAME, nparameter_groups)
SHAPE(static, instance, struct rds_instance, INSTANCE)

#define EVENT(F, T)                                                                          \
    F(T, I64, at_ms, KEEP) F(T, STR, source, NAME) F(T, STR, categories, KEEP)               \
    F(T, STR, message, TEXT)
SHAPE(static, event, struct rds_event, EVENT)

#define MAINTENANCE(F, T)                                                                    \
    F(T, STR, object, NAME) F(T, STR, action, KEEP) F(T, STR, description, TEXT)             \
    F(T, I64, apply_ms, KEEP) F(T, BOOL, forced, KEEP)
SHAPE(static, maintenance, struct rds_maintenance, MAINTENANCE)

#define RDS(F, T)                                                                            \
    F(T, STR, host, NAME) F(T, STR, cluster, NAME) F(T, STR, cluster_arn, NAME)              \
    F(T, STR, cluster_resource_id, WHOLE) F(T, STR, cluster_status, KEEP)                    \
    F(T, STR, writer_host, NAME) F(T, STR, reader_host, NAME) F(T, STR, role, KEEP)          \
    F(T, STR, engine, KEEP) F(T, STR, version, KEEP) F(T, TRI, iam_login, KEEP)              \
    F(T, I64, backup_days, KEEP) F(T, STR, secret_arn, NAME) F(T, STR, secret_status, KEEP)  \
    F(T, ROWS, instances, KEEP, ninstances, &instance)                                       \
    F(T, ROWS, events, KEEP, nevents, &event) F(T, BOOL, events_read, KEEP)                  \
    F(T, ROWS, maintenance, KEEP, nmaintenance, &maintenance)                                \
    F(T, BOOL, maintenance_read, KEEP)
SHAPE(, shape_rds, struct rds_snap, RDS)

#define METRIC(F, T)                                                                         \
    F(T, NAME, space, KEEP) F(T, NAME, name, KEEP) F(T, NAME, object, NAME)                  \
    F(T, STR, stat, KEEP) F(T, F64, value, KEEP) F(T, I64, at_ms, KEEP)                      \
    F(T, F64, before, KEEP) F(T, I64, before_ms, KEEP)
SHAPE(static, metric, struct cw_metric, METRIC)

#define CLOUDWATCH(F, T)                                                                     \
    F(T, ROWS, metrics, KEEP, nmetrics, &metric) F(T, I64, asked_per_hour, KEEP)             \
    F(T, I64, left_out, KEEP) F(T, I64, period_s, KEEP) F(T, I64, objects, KEEP)
SHAPE(, shape_cloudwatch, struct cloudwatch_snap, CLOUDWATCH)

#define LOG_EVENT(F, T)                                                                      \
    F(T, INT, kind, KEEP) F(T, INT, task, KEEP) F(T, I64, at_ms, KEEP)                       \
    F(T, NAME, text, TRACE) F(T, STR, cause, TRACE)
SHAPE(static, log_event, struct log_event, LOG_EVENT)

#define LOG_TAIL(F, T)                                                                       \
    F(T, INT, service, KEEP) F(T, NAME, connector, NAME) F(T, NAME, group, NAME)             \
    F(T, STR, stream, NAME) F(T, I64, from_ms, KEEP) F(T, I64, to_ms, KEEP)                  \
    F(T, BOOL, wanted, KEEP) F(T, BOOL, searching, KEEP) F(T, STR, error, TEXT)              \
    F(T, ROWS, events, KEEP, nevents, &log_event)
SHAPE(static, log_tail, struct log_tail, LOG_TAIL)

#define LOGS(F, T) F(T, ROWS, tails, KEEP, ntails, &log_tail)
SHAPE(, shape_logs, struct logs_snap, LOGS)
