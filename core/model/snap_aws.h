/* snap_aws.h: what is seen of AWS itself: who we are there, what we may not, what asking costs; the
 * MSK cluster, the RDS instance, CloudWatch's figures. Managed connectors are in snap_connect.h.
 * Conventions (unknown figures, times, ownership): snapshot.h, which includes this.
 *
 * Names and shapes: the services' own models (botocore 1.44). A word of a service that is new to us
 * (a state, a type) is kept as it came.
 */
#ifndef CDCTOP_MODEL_SNAP_AWS_H
#define CDCTOP_MODEL_SNAP_AWS_H

#include "model/fact.h"

/* ---- SOURCE_AWS: the account and the way to it ---- */

struct aws_denied {                  /* a call that IAM refused, the newest of its kind */
    const char *service, *operation; /* "kafka", "GetBootstrapBrokers" */
    const char *action;              /* what a policy must allow: "kafka:GetBootstrapBrokers" */
    const char *resource;            /* ARN, or "*" */
    const char *message;             /* as the service said it */
    int64_t at_ms;                   /* our wall clock */
};

struct aws_spent { /* calls of one kind since the start */
    const char *service, *operation;
    int64_t calls, errors, throttled; /* throttled are among errors */
    int64_t units;     /* what is paid for: metrics of GetMetricData, keys or bytes are not; 0 */
    int64_t usd_micro; /* list price of all of them, in millionths of a dollar; UNKNOWN: free or
                          not known */
};

struct aws_snap {
    const char *account, *arn, *user_id; /* GetCallerIdentity; NULL: not answered */
    const char *region, *partition;      /* partition "aws", "aws-cn", "aws-us-gov" */
    const char *credentials;   /* where they come from: "profile prod, role arn:aws:iam::…" */
    int64_t expires_ms;        /* UNKNOWN: they do not, or nobody says */
    const char *refresh_error; /* the last attempt to renew them; NULL: it went well */
    int64_t skew_ms;           /* AWS's clock ahead of ours, by the Date header; UNKNOWN */
    struct aws_denied *denied;
    size_t ndenied;
    struct aws_spent *spent;
    size_t nspent;
    int64_t spent_since_ms;     /* our wall clock */
    int64_t usd_micro_per_hour; /* at the pace of the last minutes; UNKNOWN */
};

/* ---- SOURCE_MSK: one cluster ---- */

struct msk_node {
    int32_t id;           /* broker; -1: a controller */
    const char *instance; /* "kafka.m7g.large" */
    const char *endpoint; /* the first one */
    const char *address;  /* in the client's VPC */
    const char *version;  /* Kafka's */
};

struct msk_snap {
    const char *name, *arn;
    const char *type; /* "PROVISIONED", "SERVERLESS" */
    const char *state, *state_code, *state_message;
    const char *operation_arn; /* what is being done to it now; NULL */
    const char *kafka_version, *instance, *storage_mode, *monitoring; /* NULL where serverless */
    const char *client_broker;   /* encryption in transit: "TLS", "TLS_PLAINTEXT" … */
    const char *customer_action; /* "CRITICAL_ACTION_REQUIRED" …; NULL */
    const char *public_access;   /* "DISABLED", "SERVICE_PROVIDED_EIPS"; NULL */
    int64_t brokers, volume_gib; /* UNKNOWN where serverless */
    int64_t created_ms;
    enum tri iam, scram, mutual_tls, unauthenticated; /* ways to log in that are on */
    struct kv *bootstraps; /* "iam" → "b-1…:9098,b-2…": every kind that the cluster has on */
    size_t nbootstraps;
    bool bootstraps_read; /* false: bootstraps is not an answer */
    const char *wanted;   /* the kind that is used, a key of bootstraps; NULL: none fits */
    struct msk_node *nodes;
    size_t nnodes;
    bool nodes_read; /* false: nodes is not an answer */
};

/* ---- SOURCE_RDS: the instance, or the cluster, behind the DSN ---- */

struct rds_instance {
    const char *id, *arn, *status, *class_name;
    const char *zone;
    enum tri writer;        /* of a cluster; TRI_UNKNOWN elsewhere */
    const char *replica_of; /* a read replica's source; NULL */
    const char *host;
    int port;
    const char *resource_id;                  /* DbiResourceId, for rds-db:connect */
    int64_t allocated_gib, max_allocated_gib; /* UNKNOWN: Aurora; no autoscaling */
    const char *storage_type;
    enum tri multi_az, iam_login;
    const char *certificate;     /* CACertificateIdentifier */
    int64_t certificate_ends_ms; /* of the server's own */
    int64_t backup_days;         /* 0: there are no automated backups */
    int64_t restorable_ms;       /* up to when it can be restored */
    const char *maintenance_window;
    struct kv *pending; /* PendingModifiedValues; of a secret one no value */
    size_t npending;
    struct kv *parameter_groups; /* name → "in-sync", "pending-reboot" …; also the cluster's */
    size_t nparameter_groups;
};

struct rds_event {
    int64_t at_ms;
    const char *source;     /* identifier of the instance or cluster */
    const char *categories; /* "failover, availability"; "" */
    const char *message;
};

struct rds_maintenance {
    const char *object;      /* identifier of the instance or cluster */
    const char *action;      /* "os-upgrade" … */
    const char *description; /* NULL */
    int64_t apply_ms;        /* when it will be done; UNKNOWN: nobody has said */
    bool forced;             /* then, whatever the window */
};

struct rds_snap {
    const char *host;    /* of the DSN, that was looked for; NULL: it is not known */
    const char *cluster; /* Aurora's (or a Multi-AZ cluster's) identifier; NULL */
    const char *cluster_arn, *cluster_resource_id, *cluster_status, *writer_host, *reader_host;
    const char *role; /* what that host is: "instance", "read replica", "writer", "reader",
                         "writer endpoint", "reader endpoint", "custom endpoint"; NULL: none of
                         theirs (a CNAME, a proxy, a tunnel) */
    const char *engine, *version; /* "aurora-postgresql" */
    enum tri iam_login;
    int64_t backup_days;                    /* of the cluster; UNKNOWN: see the instance */
    const char *secret_arn, *secret_status; /* of the managed master password; NULL */
    struct rds_instance *instances;         /* the writer first */
    size_t ninstances;
    struct rds_event *events; /* of the last day, newest first */
    size_t nevents;
    bool events_read; /* false: they are no answer */
    struct rds_maintenance *maintenance;
    size_t nmaintenance;
    bool maintenance_read;
};

/* Aurora has one volume that grows by itself: no free space of an instance tells anything. */
bool rds_is_aurora(const struct rds_snap *rds);
/* GiB as bytes; UNKNOWN for what is unknown, negative or beyond any disk. */
int64_t rds_bytes(int64_t gib);
/* The instance that the DSN's host is or leads to, else the writer, else the only one; NULL. */
const struct rds_instance *rds_behind(const struct rds_snap *rds);

/* ---- SOURCE_CLOUDWATCH: figures, each with its own time ---- */

struct cw_metric {
    const char *space;  /* "AWS/RDS" */
    const char *name;   /* "FreeStorageSpace" */
    const char *object; /* whose: metrics.h tells how each is called */
    const char *stat;   /* "Average" … */
    double value;       /* in the service's own unit (metrics.h); NAN: no datapoint */
    int64_t at_ms;      /* of that datapoint: CloudWatch is minutes late */
    double before;      /* of the datapoint at before_ms, at least ten minutes earlier; NAN */
    int64_t before_ms;
};

struct cloudwatch_snap {
    struct cw_metric *metrics; /* by space, name, object; none without a datapoint */
    size_t nmetrics;
    int64_t asked_per_hour; /* metrics, at the pace of now */
    int64_t left_out;       /* for the sake of the budget */
    int64_t period_s;
    int64_t objects; /* of so many all is told that there is; -1: not yet; 0: not from CloudWatch */
};

/* NULL: not asked for, or it has no datapoint. Ages, units and trends: metrics.h. */
const struct cw_metric *cloudwatch_find(const struct cloudwatch_snap *cw, const char *space,
                                        const char *name, const char *object);

#endif
