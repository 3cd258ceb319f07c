/* servers.h: where the servers of one pipeline are, and how to log in there; config.h includes it.
 * Conventions and ownership are told there, ranges and defaults in options.c. */
#ifndef CDCTOP_CONFIG_SERVERS_H
#define CDCTOP_CONFIG_SERVERS_H

#include "config/view.h"

#include <stdbool.h>
#include <stdint.h>

struct postgres_config {
    char *conninfo; /* libpq keyword string or URL, without password where one was split off */
    char *password; /* secret */
    char *login;    /* password rds-iam */
    int64_t connect_timeout_ms, statement_timeout_ms;
};

struct kafka_config {
    struct strlist bootstrap_servers; /* "host:port" */
    char *security_protocol;          /* PLAINTEXT SSL SASL_PLAINTEXT SASL_SSL */
    char *sasl_mechanism;             /* PLAIN SCRAM-SHA-256 SCRAM-SHA-512 AWS_MSK_IAM */
    char *sasl_username;
    char *sasl_password; /* secret */
    char *ssl_ca, *ssl_certificate, *ssl_key;
    char *ssl_key_password; /* secret */
    struct strlist topics;  /* globs; "!glob" excludes; empty: the pipeline's own, from Connect */
    struct strlist groups;  /* globs of further groups to watch */
    int64_t timeout_ms;
};

struct connect_config {
    struct strlist urls;
    char *username;
    char *password; /* secret */
    char *ssl_ca, *ssl_certificate, *ssl_key;
    struct strlist connectors; /* globs; empty: all */
    int64_t timeout_ms;
};

struct s3_config {
    char *url; /* s3://bucket[/prefix]; the bucket may be an access point's ARN (base/s3url.h) */
    char *region;
    char *endpoint;   /* "": AWS */
    char *addressing; /* auto path virtual */
    char *access_key_id;
    char *secret_access_key; /* secret */
    char *session_token;     /* secret */
    char *ssl_ca;
    int64_t timeout_ms;
    bool count_records, requester_pays;
    int64_t recheck_ms;
};

/* Who we are at AWS, and where it is. What is left open comes from the environment, the shared
 * files of the AWS CLI, a container's or an instance's role (aws/creds.c). */
struct aws_config {
    char *region;
    char *profile;
    char *access_key_id;
    char *secret_access_key; /* secret */
    char *session_token;     /* secret */
    char *role_arn, *external_id;
    char *endpoint; /* of all services; "": AWS's own */
    char *ssl_ca;
    bool fips, dualstack;
    int64_t timeout_ms;
    int64_t interval_ms; /* how often the services are asked */
    bool identify; /* who we are is asked for S3's sake alone: for `check`, no option of the file */
};

struct msk_config {
    char *cluster;   /* name or ARN; "": none */
    char *bootstrap; /* auto iam scram tls plaintext public-iam … vpc-iam … */
};

struct mskconnect_config {
    struct strlist connectors; /* globs; empty: MSK Connect is not asked */
};

struct dms_config {
    struct strlist tasks; /* globs of identifiers; empty: DMS is not asked */
};

struct rds_config {
    char *instance; /* instance or cluster; "auto": that of the DSN's host; "": RDS is not asked */
};

struct logs_config {
    bool read;
    int64_t interval_ms; /* how often, while something there has failed */
};

struct cloudwatch_config {
    int64_t interval_ms;
    int64_t metrics_per_hour; /* asked for at most; 0: CloudWatch is not asked */
};

#endif
