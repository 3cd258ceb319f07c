/* shape_rest.c: the fields of what is seen of Kafka, Connect and S3, and of what every report has.
 */
#include "record/shape_int.h"

/* clang-format off */
#define PARTITION(F, T)                                                                      \
    F(T, I32, id, KEEP) F(T, I32, leader, KEEP) F(T, INT, replicas, KEEP) F(T, INT, isr, KEEP) \
    F(T, I64, begin, KEEP) F(T, I64, end, KEEP)                                              \
    F(T, I64, newest_ms, KEEP) F(T, I64, record_bytes, KEEP)
SHAPE(static, partition, struct kafka_partition, PARTITION)

#define TOPIC(F, T)                                                                          \
    F(T, NAME, name, NAME) F(T, STR, error, KEEP)                                            \
    F(T, I64, retention_ms, KEEP) F(T, I64, retention_bytes, KEEP)                           \
    F(T, I64, max_message_bytes, KEEP) F(T, I64, min_insync, KEEP)                           \
    F(T, STR, cleanup_policy, KEEP) F(T, ROWS, partitions, KEEP, npartitions, &partition)
SHAPE(static, topic, struct kafka_topic, TOPIC)

#define OFFSET(F, T) \
    F(T, NAME, topic, NAME) F(T, I32, partition, KEEP) F(T, I64, committed, KEEP)
SHAPE(static, offset, struct kafka_offset, OFFSET)

#define GROUP(F, T)                                                                          \
    F(T, NAME, name, NAME) F(T, STR, state, KEEP) F(T, STR, protocol_type, KEEP)             \
    F(T, INT, members, KEEP) F(T, ROWS, offsets, KEEP, noffsets, &offset)                    \
    F(T, BOOL, offsets_read, KEEP)
SHAPE(static, group, struct kafka_group, GROUP)

#define BROKER(F, T) F(T, I32, id, KEEP) F(T, STR, host, NAME) F(T, INT, port, KEEP)
SHAPE(static, broker, struct kafka_broker, BROKER)

#define NOTIFICATION(F, T)                                                                   \
    F(T, NAME, topic, NAME) F(T, STR, id, NAME) F(T, STR, aggregate_type, KEEP)              \
    F(T, STR, type, KEEP) F(T, KVS, data, NAME, ndata)                                       \
    F(T, ZERO, offset, KEEP) F(T, I64, time_ms, KEEP)
SHAPE(static, notification, struct dbz_notification, NOTIFICATION)

#define LAST(F, T)                                                                           \
    F(T, NAME, topic, NAME) F(T, I64, time_ms, KEEP) F(T, STR, exception, TRACE)             \
    F(T, STR, message, TEXT) F(T, STR, connector, NAME)
SHAPE(static, last, struct kafka_last, LAST)

#define UNREAD(F, T)                                                                         \
    F(T, NAME, group, NAME) F(T, NAME, topic, NAME) F(T, I32, partition, KEEP)               \
    F(T, I64, offset, KEEP) F(T, I64, time_ms, KEEP)
SHAPE(static, unread, struct kafka_unread, UNREAD)

#define KAFKA(F, T)                                                                          \
    F(T, STR, cluster_id, WHOLE) F(T, ROWS, brokers, KEEP, nbrokers, &broker)                \
    F(T, ROWS, topics, KEEP, ntopics, &topic) F(T, SIZE, topics_visible, KEEP)               \
    F(T, ROWS, groups, KEEP, ngroups, &group)                                                \
    F(T, ROWS, notifications, KEEP, nnotifications, &notification)                           \
    F(T, ROWS, lasts, KEEP, nlasts, &last) F(T, ROWS, internals, KEEP, ninternals, &topic)   \
    F(T, ROWS, unread, KEEP, nunread, &unread)
SHAPE(, shape_kafka, struct kafka_snap, KAFKA)

#define TASK(F, T)                                                                           \
    F(T, INT, id, KEEP) F(T, NAME, state, KEEP) F(T, STR, worker, NAME)                     \
    F(T, STR, trace, TRACE) F(T, STR, cause, TRACE)
SHAPE(static, task, struct connect_task, TASK)

#define SOURCE_OFFSET(F, T)                                                                  \
    F(T, NAME, partition, NAME) F(T, STR, topic, NAME) F(T, I32, number, KEEP)               \
    F(T, KVS, values, NAME, nvalues)
SHAPE(static, source_offset, struct connect_offset, SOURCE_OFFSET)

#define CONNECTOR(F, T)                                                                      \
    F(T, NAME, name, NAME) F(T, STR, type, KEEP) F(T, NAME, state, KEEP)                     \
    F(T, STR, worker, NAME) F(T, STR, trace, TRACE) F(T, STR, cause, TRACE)                 \
    F(T, STR, class_name, KEEP) F(T, ROWS, tasks, KEEP, ntasks, &task)                       \
    F(T, KVS, config, CONFIG, nconfig) F(T, STRS, literals, KEEP, nliterals)                 \
    F(T, STRS, topics, NAME, ntopics)                                                        \
    F(T, ROWS, offsets, KEEP, noffsets, &source_offset) F(T, BOOL, offsets_read, KEEP)       \
    F(T, I64, offsets_ms, KEEP) F(T, LSN, lsn, KEEP) F(T, I64, source_ms, KEEP)             \
    F(T, INT, service, KEEP) F(T, ROW, msk, KEEP, &shape_msk_connector)                      \
    F(T, ROW, dms, KEEP, &shape_dms_task)
SHAPE(static, connector, struct connect_connector, CONNECTOR)

#define URL(F, T) F(T, NAME, url, NAME) F(T, STR, error, TEXT) F(T, ZERO, since_ms, KEEP)
SHAPE(static, url, struct connect_url, URL)

#define CONNECT(F, T)                                                                        \
    F(T, STR, url, NAME) F(T, STR, version, KEEP) F(T, STR, kafka_cluster_id, WHOLE)        \
    F(T, ROWS, connectors, KEEP, nconnectors, &connector) F(T, ROWS, urls, KEEP, nurls, &url) \
    F(T, BOOL, topics_untold, KEEP) F(T, STR, busy, TEXT) F(T, ZERO, busy_since_ms, KEEP)
SHAPE(, shape_connect, struct connect_snap, CONNECT)

#define OBJECT(F, T)                                                                         \
    F(T, NAME, key, NAME) F(T, ZERO, size, KEEP) F(T, ZERO, modified_ms, KEEP)                 \
    F(T, I32, partition, KEEP) F(T, I64, start_offset, KEEP) F(T, I64, records, KEEP)
SHAPE(static, object, struct s3_object, OBJECT)

#define FLOOR(F, T) F(T, I32, partition, KEEP) F(T, ZERO, from, KEEP)
SHAPE(static, floor_, struct s3_floor, FLOOR)

#define PREFIX(F, T)                                                                         \
    F(T, NAME, topic, NAME) F(T, NAME, path, NAME) F(T, STR, newest_path, NAME)              \
    F(T, STR, layout, KEEP) F(T, ROWS, objects, KEEP, nobjects, &object)                     \
    F(T, ZERO, seen, KEEP) F(T, ZERO, seen_bytes, KEEP) F(T, I64, since_ms, KEEP)            \
    F(T, BOOL, complete, KEEP) F(T, STR, error, TEXT)                                        \
    F(T, I64, uploads, KEEP) F(T, I64, oldest_upload_ms, KEEP)                               \
    F(T, ROWS, floors, KEEP, nfloors, &floor_)
SHAPE(static, prefix, struct s3_prefix, PREFIX)

#define S3(F, T)                                                                             \
    F(T, STR, bucket, NAME) F(T, STR, endpoint, NAME) F(T, STR, region, KEEP)               \
    F(T, ROWS, prefixes, KEEP, nprefixes, &prefix)                                           \
    F(T, ZERO, requests, KEEP) F(T, ZERO, keys, KEEP)                                        \
    F(T, ZERO, lists, KEEP) F(T, ZERO, uploads, KEEP) F(T, ZERO, reads, KEEP)                 \
    F(T, ZERO, charged, KEEP) F(T, I64, usd_micro_per_hour, KEEP)
SHAPE(, shape_s3, struct s3_snap, S3)

#define NOTE(F, T) F(T, NAME, what, TEXT) F(T, STR, fix, TEXT)
SHAPE(static, note, struct note, NOTE)

/* The arena, the kind and the union have their own places; wholly covered otherwise. */
#define HEAD(F, T)                                                                           \
    F(T, SKIP, arena) F(T, SKIP, kind)                                                       \
    F(T, ZERO, mono_ms, KEEP) F(T, ZERO, wall_ms, KEEP) F(T, I64, server_ms, KEEP)           \
    F(T, ZERO, took_us, KEEP) F(T, ZERO, every_ms, KEEP) F(T, TRI, encrypted, KEEP) F(T, STR, tls, KEEP)                \
    F(T, I64, certificate_ends_ms, KEEP)
#define HEAD_NOTES(F, T) HEAD(F, T) F(T, NOTES, notes)
#define ROW_NOTES(T, member)                                                                 \
    {.name = #member, .type = FIELD_ROWS, .offset = offsetof(T, notes.items),               \
     .count = offsetof(T, notes.count), .of = &note},
static_assert(sizeof((const struct snapshot){HEAD(PROBE, ) {NULL, 0, 0}, {.pg = {.port = 0}}}),
              "a row for every member");
static_assert(sizeof((const struct notes){NULL, 0, 0}), "a row for every member");
SHAPE_PART(, shape_head, struct snapshot, HEAD_NOTES)

#define REPORT(F, T)                                                                         \
    F(T, ZERO, mono_ms, KEEP) F(T, ZERO, took_us, KEEP)                                      \
    F(T, ZERO, polls, KEEP) F(T, ZERO, failures, KEEP) F(T, INT, fails, KEEP)
static_assert(sizeof((const struct report){NULL, {ERR_NONE, 0, ""}, 0, 0, 0, 0, 0}),
              "a row for every member");
SHAPE_PART(, shape_report, struct report, REPORT)

/* kind and verb are one: the verb is written, and looked up again. */
#define LEDGER(F, T)                                                                         \
    F(T, INT, id, KEEP) F(T, SKIP, kind) F(T, SKIP, verb) F(T, SKIP, state)                  \
    F(T, ZERO, wall_ms, KEEP) F(T, ZERO, mono_ms, KEEP)                                      \
    F(T, I64, accepted_mono_ms, KEEP) F(T, I64, ended_mono_ms, KEEP)                         \
    F(T, TEXT, target, NAME) F(T, TEXT, signal_id, NAME) F(T, TEXT, table, NAME)             \
    F(T, BOOL, blocking, KEEP) F(T, BOOL, by_topic, KEEP) F(T, TEXT, text, TEXT)
SHAPE(, shape_ledger, struct ledger_entry, LEDGER)
/* clang-format on */
