/* What the traces of connectors and tasks mean: the one table of fragments.
 *
 * The last "Caused by:" decides; only where no row fits it is the whole trace searched, for some
 * libraries put their own exception below the telling one (Jackson below "Converting byte[]").
 * Texts of Debezium's PostgreSQL source 2.7, its MariaDB source 2.7, Confluent's S3 sink 10.6 and
 * Aiven's 3.4 are recorded; those of the JDBC sinks and of MSK's IAM login come from their sources.
 */
#include "diagnosis/rules.h"

#include "base/mem.h"

#include <string.h>

#define LOST      "its slot is lost: stop it, delete its offsets, drop the slot, then a new snapshot"
#define AWAY      "its database was away; once that answers, restart: Connect never does so by itself"
#define DOWN      "see that its database is up (Connect never restarts it by itself), then restart"
#define LOGIN     "mend database.user or database.password, then restart once: retries may lock it out"
#define FORBIDDEN "give its role s3:PutObject (and the KMS key) first; a restart alone fails again"
#define NO_BUCKET "mend s3.bucket.name or create the bucket, then restart"
#define EXPIRED                                                                                \
    "give it a role (or keys) that its provider renews by itself instead of a session token, " \
    "then restart"
#define NO_KEYS "give it a role or aws.access.key.id and aws.secret.access.key, then restart"
#define KMS_STATE                                                                             \
    "the key is disabled, deleted or pending: enable it (aws kms enable-key) or encrypt the " \
    "bucket with another one, then restart"
#define REGION_OF                                                                                  \
    "set s3.region (aws.s3.region) to the bucket's: aws s3api get-bucket-location tells it; then " \
    "restart"
#define ROLE_TRUST                                                                              \
    "the role's trust policy must let it in (sts:AssumeRole, or AssumeRoleWithWebIdentity for " \
    "IRSA), then restart"
#define CONVERT                                                                                    \
    "align key and value converters (and schemas.enable) with its topics' records, then restart; " \
    "errors.tolerance = all with a dead letter queue lets single bad records by"
#define TOO_LARGE                                                                               \
    "raise producer.override.max.request.size and the topic's max.message.bytes, or leave out " \
    "the "                                                                                      \
    "column, then restart"
#define KAFKA_RIGHTS \
    "permit its principal the cluster, topic and group (MSK: kafka-cluster:*), then restart"
#define PURGED                                                                           \
    "snapshot.mode = when_needed, then restart: a new snapshot; keep the binlog longer " \
    "(binlog retention hours)"
#define HISTORY                                                                                \
    "snapshot.mode = recovery (schema_only_recovery) if no DDL came since, then restart; the " \
    "history topic needs retention.ms = -1 and cleanup.policy = delete"
#define SERVER_ID  "give each connector a database.server.id of its own, then restart"
#define ROW_FORMAT "set binlog_format = ROW and binlog_row_image = FULL, then restart"
#define EVOLVE     "alter the table or set auto.evolve = true, then restart"
#define TOMBSTONE_JDBC \
    "delete.enabled = true with pk.mode = record_key, or drop the tombstones, then restart"
#define CONTENTION "lower tasks.max and batch.size, raise the retries, then restart"

/* The codes of S3 stand before the bare status: every one of them comes with a 403. */
/* Version 14 of the formatter crashes on tables with macros in them. */
/* clang-format off */
static const struct trace_meaning table[] = {
    {"S03", "SignatureDoesNotMatch", NULL, SIDE_SINK, "has a wrong S3 secret key",
     "mend aws.secret.access.key, then restart"},
    {"S03", "InvalidAccessKeyId", NULL, SIDE_SINK, "has an unknown S3 access key",
     "mend aws.access.key.id, then restart"},
    {"S03", "Non-existent S3 bucket", NULL, SIDE_SINK, "writes to a bucket that does not exist",
     NO_BUCKET},
    {"S03", "NoSuchBucket", NULL, SIDE_SINK, "writes to a bucket that does not exist", NO_BUCKET},
    {"S04", "ExpiredToken", NULL, SIDE_SINK, "has an expired S3 token", EXPIRED},
    {"S04", "The security token included in the request is expired", NULL, SIDE_SINK,
     "has an expired S3 token", EXPIRED},
    {"S04", "The provided token has expired", NULL, SIDE_SINK, "has an expired S3 token", EXPIRED},
    {"S04", "TokenRefreshRequired", NULL, SIDE_SINK, "has an expired S3 token", EXPIRED},
    {"S04", "RequestTimeTooSkewed", NULL, SIDE_SINK, "signs for S3 by a wrong clock",
     "set the clock of its worker (chronyc tracking): 15 minutes is all that S3 forgives; then "
     "restart"},
    {"S03", "Unable to load AWS credentials", NULL, SIDE_SINK, "finds no AWS credentials", NO_KEYS},
    {"S03", "Unable to load credentials from any of the providers", NULL, SIDE_SINK,
     "finds no AWS credentials", NO_KEYS},
    {"S03", "The security token included in the request is invalid", NULL, SIDE_SINK,
     "has an invalid S3 token", "mend its keys: the token does not belong to them; then restart"},
    {"S03", "sts:AssumeRole", NULL, SIDE_SINK, "may not take its role", ROLE_TRUST},
    {"S03", "kms:", "is not authorized to perform", SIDE_SINK, "may not use the bucket's KMS key",
     "permit its role kms:GenerateDataKey and kms:Decrypt first; a restart alone fails again"},
    {"S03", "KMS.DisabledException", NULL, SIDE_SINK, "finds the bucket's KMS key disabled", KMS_STATE},
    {"S03", "KMS.KMSInvalidStateException", NULL, SIDE_SINK,
     "finds the bucket's KMS key unusable", KMS_STATE},
    {"S03", "KMS.NotFoundException", NULL, SIDE_SINK, "finds no such KMS key",
     "the key must be in the bucket's region and account (s3.sse.kms.key.id), then restart"},
    {"S03", "refers to a customer master key", NULL, SIDE_SINK, "may not use the bucket's KMS key",
     "permit its role kms:GenerateDataKey and kms:Decrypt on that key, in its own policy and in the key's"},
    {"S03", "PermanentRedirect", NULL, SIDE_SINK, "asks for its bucket in the wrong region", REGION_OF},
    {"S03", "AuthorizationHeaderMalformed", "expecting", SIDE_SINK,
     "asks for its bucket in the wrong region", REGION_OF},
    {"S03", "explicit deny", NULL, SIDE_SINK, "is denied S3 by a policy",
     "find the Deny (bucket policy, service control policy, VPC endpoint): no Allow outweighs it"},
    {"S03", "AccessDenied", NULL, SIDE_SINK, "may not write to S3", FORBIDDEN},
    {"S03", "Status Code: 403", NULL, SIDE_SINK, "may not write to S3", FORBIDDEN},
    {"S03", "HTTP 403", NULL, SIDE_SINK, "may not write to S3", FORBIDDEN},
    {"S08", "Null valued records are not writeable", NULL, SIDE_SINK, "died of a tombstone",
     "behavior.on.null.values = ignore (or tombstones.on.delete = false), then restart"},

    {"P12", "is active for PID", NULL, SIDE_POSTGRES, "finds its slot in use by another",
     "another consumer holds its slot: end that one, or wait for wal_sender_timeout, then "
     "restart"},
    {"P24", "all replication slots are in use", NULL, SIDE_POSTGRES, "finds no free slot",
     "drop a stale slot or raise max_replication_slots, then restart"},
    {"P24", "number of requested standby connections exceeds", NULL, SIDE_POSTGRES,
     "finds no free walsender", "end one that is not needed or raise max_wal_senders, then restart"},
    {"P01", "can no longer get changes", NULL, SIDE_POSTGRES, "has lost its slot", LOST},
    {"P01", "can no longer access replication", NULL, SIDE_POSTGRES, "has lost its slot", LOST},
    {"P25", "logical decoding requires wal_level", NULL, SIDE_POSTGRES, "finds wal_level too low",
     "set wal_level = logical (RDS: rds.logical_replication = 1), restart the server, then this"},
    {"P19", "publication", "does not exist", SIDE_POSTGRES, "finds no publication",
     "create the publication or mend publication.name, then restart"},
    {"P19", "Publication autocreation is disabled", NULL, SIDE_POSTGRES, "finds no publication",
     "create the publication or mend publication.name, then restart"},
    {"P27", "password authentication failed", NULL, SIDE_ANY, "cannot log in to its database", LOGIN},
    {"P27", "PAM authentication failed", NULL, SIDE_ANY, "cannot log in to its database",
     "renew its IAM token or mend database.password, then restart"},
    {"P27", "no pg_hba.conf entry", NULL, SIDE_ANY, "is not let in by its database",
     "let its host and user in by pg_hba.conf, then restart"},
    {"P27", "must be superuser or replication", NULL, SIDE_POSTGRES, "may not read the WAL",
     "give its role REPLICATION (RDS: rds_replication), then restart"},
    {"P27", "permission denied to start WAL sender", NULL, SIDE_POSTGRES, "may not read the WAL",
     "give its role REPLICATION (RDS: rds_replication), then restart"},
    {"P27", "is not permitted to log in", NULL, SIDE_ANY, "is not let in by its database",
     "ALTER ROLE … LOGIN for its role, then restart once"},
    {"P27", "FATAL: role", "does not exist", SIDE_ANY, "has no role in its database",
     "create the role or mend database.user, then restart once"},
    {NULL, "permission denied for", NULL, SIDE_POSTGRES, NULL,
     "GRANT its role what the message names (SELECT for a snapshot), then restart"},
    {"P27", "Access denied for user", NULL, SIDE_ANY, "cannot log in to its database", LOGIN},
    {"P13", "replication slot", "does not exist", SIDE_POSTGRES, "finds no slot",
     "see whether its slot still exists: a new one skips what was written in between"},

    {"M01", "Could not find first log file name", NULL, SIDE_MYSQL,
     "needs binlogs that are purged", PURGED},
    {"M01", "purged required binary logs", NULL, SIDE_MYSQL, "needs binlogs that are purged", PURGED},
    {"M01", "required binlog files have been purged", NULL, SIDE_MYSQL,
     "needs binlogs that are purged", PURGED},
    {"M01", "no longer available on the server", NULL, SIDE_MYSQL, "needs binlogs that are purged",
     PURGED},
    {"M03", "not configured to use a ROW binlog_format", NULL, SIDE_MYSQL,
     "finds a binlog without rows", ROW_FORMAT},
    {"M03", "not configured to use a FULL binlog_row_image", NULL, SIDE_MYSQL,
     "finds a binlog without whole rows", ROW_FORMAT},
    {"M04", "db history topic is missing", NULL, SIDE_MYSQL, "has lost its schema history", HISTORY},
    {"M04", "db history topic or its content is fully or partially missing", NULL, SIDE_MYSQL,
     "has lost its schema history", HISTORY},
    {"M05", "with the same server_uuid/server_id", NULL, SIDE_MYSQL,
     "has the server id of another connector", SERVER_ID},

    {"C14", "Too many connects", NULL, SIDE_ANY, "connects to Kafka too often",
     "raise reconnect.backoff.ms and restart one after the other, never all at once"},
    {"C13", "SaslAuthenticationException", "Access denied", SIDE_ANY, "is not let in by Kafka",
     KAFKA_RIGHTS},
    {"C13", "SaslAuthenticationException", NULL, SIDE_ANY, "cannot log in to Kafka",
     "mend its login to Kafka (sasl.jaas.config), then restart"},
    {"C13", "TopicAuthorizationException", NULL, SIDE_ANY, "may not use its topic", KAFKA_RIGHTS},
    {"C13", "GroupAuthorizationException", NULL, SIDE_ANY, "may not use its group", KAFKA_RIGHTS},
    {"C13", "ClusterAuthorizationException", NULL, SIDE_ANY, "may not use the cluster", KAFKA_RIGHTS},
    {"C08", "RecordTooLargeException", NULL, SIDE_ANY, "has a record that is too large", TOO_LARGE},
    {"C07", "JsonConverter with schemas.enable", NULL, SIDE_ANY,
     "reads records that its converter does not understand", CONVERT},
    {"C07", "Converting byte[] to Kafka Connect data failed", NULL, SIDE_ANY,
     "reads records that its converter does not understand", CONVERT},
    {"C07", "Failed to deserialize data for topic", NULL, SIDE_ANY,
     "reads records that its converter does not understand", CONVERT},
    {"C20", "Couldn't commit processed log positions", NULL, SIDE_SOURCE,
     "cannot confirm what it has read",
     "raise offset.flush.timeout.ms, look at the brokers, then restart"},
    {"C20", "Failed to flush, timed out", NULL, SIDE_SOURCE, "cannot store its offsets",
     "raise offset.flush.timeout.ms, look at the brokers, then restart"},

    {"J01", "missing fields", "auto-evolution is disabled", SIDE_SINK,
     "finds columns missing in its table", EVOLVE},
    {"J01", "Cannot ALTER", "to add missing field", SIDE_SINK, "finds columns missing in its table",
     "add the column by hand, with a default or NULL allowed, then restart"},
    {"J01", "is missing and auto-creation is disabled", NULL, SIDE_SINK, "finds its table missing",
     "create the table or set auto.create = true, then restart"},
    {"J02", "delete.enabled=false", "non-null", SIDE_SINK, "died of a tombstone", TOMBSTONE_JDBC},
    {"J02", "delete.enabled", "null value", SIDE_SINK, "died of a tombstone", TOMBSTONE_JDBC},
    {"J03", "deadlock detected", NULL, SIDE_SINK, "fights over locks in its database", CONTENTION},
    {"J03", "Deadlock found", NULL, SIDE_SINK, "fights over locks in its database", CONTENTION},
    {"J03", "Lock wait timeout exceeded", NULL, SIDE_SINK, "fights over locks in its database",
     CONTENTION},
    {"J03", "Exceeded max retries", NULL, SIDE_SINK, "has no retries left at its database",
     CONTENTION},

    {NULL, "replication slot", NULL, SIDE_POSTGRES, NULL,
     "see whether its slot still exists: a new one skips what was written in between"},
    {"P16", "terminating connection", NULL, SIDE_POSTGRES, "lost its database", AWAY},
    {"P16", "Couldn't obtain encoding", NULL, SIDE_POSTGRES, "lost its database", AWAY},
    {"P16", "connection attempt failed", NULL, SIDE_POSTGRES, "does not reach its database", DOWN},
    {"P16", "Connection refused", NULL, SIDE_POSTGRES, "does not reach its database", DOWN},
    {NULL, "Connection refused", NULL, SIDE_ANY, NULL,
     "see that its server is up (Connect never restarts it by itself), then restart"},
    {NULL, "UnknownHostException", NULL, SIDE_ANY, NULL,
     "mend the host name or its name server, then restart"},
};
/* clang-format on */

static bool fits(const struct trace_meaning *m, const char *text)
{
    return strstr(text, m->fragment) != NULL && (m->also == NULL || strstr(text, m->also) != NULL);
}

static bool on_side(const struct trace_meaning *m, const struct connector_facts *facts)
{
    switch (m->side) {
    case SIDE_SOURCE: return !facts->sink;
    case SIDE_SINK: return facts->sink;
    case SIDE_POSTGRES: return facts->role == CONNECTOR_SOURCE_POSTGRES;
    case SIDE_MYSQL:
        return facts->role == CONNECTOR_SOURCE_MYSQL || facts->role == CONNECTOR_SOURCE_MARIADB;
    default: return true;
    }
}

/* facts NULL: of no connector in particular. */
static const struct trace_meaning *find(const char *text, const struct connector_facts *facts)
{
    for (size_t i = 0; text != NULL && i < ARRAY_LEN(table); i++) {
        if ((facts == NULL || on_side(&table[i], facts)) && fits(&table[i], text))
            return &table[i];
    }
    return NULL;
}

const struct trace_meaning *trace_meaning(const char *text)
{
    return find(text, NULL);
}

bool rule_trace_means(const char *text, const char *id)
{
    const struct trace_meaning *m = trace_meaning(text);
    return m != NULL && m->id != NULL && strcmp(m->id, id) == 0;
}

const char *rule_cause_advice(const char *cause)
{
    const struct trace_meaning *m = trace_meaning(cause);
    return m != NULL ? m->advice
                     : "Connect does not restart it by itself: mend the cause, then restart";
}

static bool failed(const char *state)
{
    return state != NULL && strcmp(state, "FAILED") == 0;
}

const struct trace_meaning *rule_trace_of(const struct connector_row *c)
{
    const struct connect_connector *conn = c->connector;
    const struct trace_meaning *m = NULL;
    for (int whole = 0; m == NULL && whole < 2; whole++) {
        for (size_t i = 0; m == NULL && i < conn->ntasks; i++) {
            if (failed(conn->tasks[i].state))
                m = find(whole ? conn->tasks[i].trace : conn->tasks[i].cause, c->facts);
        }
        if (m == NULL && failed(conn->state))
            m = find(whole ? conn->trace : conn->cause, c->facts);
        for (size_t i = 0; m == NULL && i < c->ndied; i++)
            m = find(whole ? c->died[i].text : c->died[i].cause, c->facts);
    }
    return m;
}

bool rule_trace_says(const struct connector_row *c, const char *id)
{
    const struct trace_meaning *m = rule_trace_of(c);
    return m != NULL && m->id != NULL && strcmp(m->id, id) == 0;
}
