/* options.c: THE option table. The order here is the order in the file. */
#include "config/options.h"

#include "base/mem.h"
#include "theme_names.h"

#include <assert.h>
#include <string.h>

#define G(field) offsetof(struct config, field)
#define P(field) offsetof(struct pipeline_config, field)
#define SECOND   INT64_C(1000)
#define MINUTE   (60 * SECOND)
#define HOUR     (60 * MINUTE)
#define DAY      (24 * HOUR)
#define PETABYTE INT64_C(1000000000000000)

const struct option_section_info option_sections[SECTION_COUNT] = {
    [SECTION_UI] = {"ui",                  "How it looks.",                                           false},
    [SECTION_SORT] = {"ui.sort",
                    "The order that a list begins with: a column, or \"COLUMN reversed\". When "
                      "empty: trouble first. `:save` writes it.",                                     false},
    [SECTION_COLUMNS] = {"ui.columns",
                    "The columns of a list, in their order; the name is always the first. "
                         "When empty: all, as far as there is room. `:save` writes them.",            false},
    [SECTION_ACTIONS] = {"actions",             "What it may do, and what is written down about it.",      false},
    [SECTION_LOG] = {"log",                 "The diary of the program itself.",                        false},
    [SECTION_PIPELINE] = {"pipeline",
                    "One [[pipeline]] with its tables for every pipeline to be watched. A "
                          "server that is left out is found through Kafka Connect where its "
                          "connectors tell; a figure without its server is shown as unknown.",        true },
    [SECTION_POSTGRES] = {"pipeline.postgres",   "The database that is captured.",                          true },
    [SECTION_KAFKA] = {"pipeline.kafka",      "The brokers.",                                            true },
    [SECTION_CONNECT] = {"pipeline.connect",    "The REST interface of Kafka Connect.",                    true },
    [SECTION_S3] = {"pipeline.s3",         "The bucket that the sink writes to.",                     true },
    [SECTION_AWS] =
        {"pipeline.aws",
                    "Who we are at AWS. Only what differs from the AWS CLI's own settings need be given: "
         "environment, profile, container and instance role are found as the CLI finds them.",        true },
    [SECTION_MSK] =
        {"pipeline.msk",
                    "The MSK cluster: its state, and its brokers when bootstrap_servers names none.", true },
    [SECTION_MSKCONNECT] = {"pipeline.mskconnect", "Connectors of MSK Connect.",                              true },
    [SECTION_DMS] = {"pipeline.dms",        "Replication tasks of the Database Migration Service.",    true },
    [SECTION_RDS] = {"pipeline.rds",        "The RDS or Aurora instance behind the database.",         true },
    [SECTION_CLOUDWATCH] = {"pipeline.cloudwatch",
                    "Figures that only CloudWatch has: free storage, task counts, load. "
                            "They are minutes late and cost money.",                                  true },
    [SECTION_LOGS] = {"pipeline.logs",
                    "Why tasks of MSK Connect died, and whether DMS has paused, stands in their "
                      "logs in CloudWatch Logs alone.",                                               true },
    [SECTION_THRESHOLDS] = {"pipeline.thresholds",
                    "From when on a figure is a warning, and from "
                            "when on it is critical.",                                                true },
    [SECTION_JOIN] =
        {"pipeline.join",
                    "Who belongs to whom, where the connectors' own configs do not tell: "
         "a transform renames topics, a value comes from a config provider, a slot is not the "
         "connector's own. Each entry is CONNECTOR=VALUE and stands before what the config says.",    true },
    [SECTION_FINDINGS] = {"pipeline.findings",   "What the diagnosis shall say, and what not.",             true },
};

static const char *const glyph_names[] = {"auto", "unicode", "ascii", NULL};
static const char *const clipboard_names[] = {"auto", "osc52", "file", NULL};
static const char *const level_names[] = {"debug", "info", "warn", "error", NULL};
static const char *const protocols[] = {"PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL", NULL};
static const char *const mechanisms[] = {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "AWS_MSK_IAM",
                                         NULL};
static const char *const logins[] = {"password", "rds-iam", NULL};
static const char *const bootstraps[] = {"auto",      "iam",        "scram",        "tls",
                                         "plaintext", "public-iam", "public-scram", "public-tls",
                                         "vpc-iam",   "vpc-scram",  "vpc-tls",      NULL};
static const char *const addressings[] = {"auto", "path", "virtual", NULL};

/* clang-format off */
const struct option options[] = {
    {SECTION_UI, "interval", OPTION_DURATION, G(interval_ms), 500, HOUR, "2s", NULL,
     "How often every server is asked.", OPTION_CHOICE, NULL},
    {SECTION_UI, "theme", OPTION_THEME, G(theme), 0, 0, "dark", NULL,
     "Colours: a built-in theme (" THEME_NAMES ") or the path of a theme file, which has a slash.", OPTION_CHOICE, NULL},
    {SECTION_UI, "glyphs", OPTION_ENUM, G(glyphs), 0, 0, "auto", NULL,
     "Which characters draw lines and graphs; auto: unicode where locale and terminal have it.", 0, glyph_names},
    {SECTION_UI, "history", OPTION_DURATION, G(history_ms), 0, 7 * DAY, "1h", NULL,
     "How far one can go back in time with [ and save it with :save-incident; 0s: nothing is kept. It is held compressed in memory, "
     "in history_memory at most: a small pipeline needs some 2 MB for an hour.", 0, NULL},
    {SECTION_UI, "history_memory", OPTION_BYTES, G(history_memory), 1000 * 1000, INT64_C(10000000000), "32 MB", NULL, NULL, 0, NULL},
    {SECTION_UI, "mouse", OPTION_BOOL, G(mouse), 0, 0, "false", NULL,
     "Clicks and the wheel go to cdctop; the terminal's own selection then needs Shift. Ctrl-T turns it on and off.", OPTION_CHOICE, NULL},
    {SECTION_UI, "clipboard", OPTION_ENUM, G(clipboard), 0, 0, "auto", NULL,
     "Where y copies to: osc52, the clipboard of the terminal, also through tmux; file, a file of its own that only you can read; auto: a file where the terminal cannot.", 0, clipboard_names},

    {SECTION_SORT, "slots", OPTION_STRING, G(view.sort_slots), 0, 0, "", "retained", NULL, OPTION_CHOICE, NULL},
    {SECTION_SORT, "topics", OPTION_STRING, G(view.sort_topics), 0, 0, "", "lag", NULL, OPTION_CHOICE, NULL},
    {SECTION_SORT, "connectors", OPTION_STRING, G(view.sort_connectors), 0, 0, "", "behind", NULL, OPTION_CHOICE, NULL},
    {SECTION_SORT, "objects", OPTION_STRING, G(view.sort_objects), 0, 0, "", "newest reversed", NULL, OPTION_CHOICE, NULL},
    {SECTION_SORT, "groups", OPTION_STRING, G(view.sort_groups), 0, 0, "", "lag", NULL, OPTION_CHOICE, NULL},
    {SECTION_SORT, "partitions", OPTION_STRING, G(view.sort_partitions), 0, 0, "", "lag", NULL, OPTION_CHOICE, NULL},
    {SECTION_SORT, "snapshots", OPTION_STRING, G(view.sort_snapshots), 0, 0, "", "started", NULL, OPTION_CHOICE, NULL},
    {SECTION_SORT, "tables", OPTION_STRING, G(view.sort_tables), 0, 0, "", "rows", NULL, OPTION_CHOICE, NULL},
    {SECTION_SORT, "files", OPTION_STRING, G(view.sort_files), 0, 0, "", "size", NULL, OPTION_CHOICE, NULL},
    {SECTION_SORT, "messages", OPTION_STRING, G(view.sort_messages), 0, 0, "", "offset reversed", NULL, OPTION_CHOICE, NULL},
    {SECTION_SORT, "records", OPTION_STRING, G(view.sort_records), 0, 0, "", "size", NULL, OPTION_CHOICE, NULL},
    {SECTION_SORT, "pipelines", OPTION_STRING, G(view.sort_pipelines), 0, 0, "", "pipeline", NULL, OPTION_CHOICE, NULL},
    {SECTION_SORT, "history", OPTION_STRING, G(view.sort_history), 0, 0, "", "lasted", NULL, OPTION_CHOICE, NULL},
    {SECTION_SORT, "events", OPTION_STRING, G(view.sort_events), 0, 0, "", "kind", NULL, OPTION_CHOICE, NULL},

    {SECTION_COLUMNS, "slots", OPTION_LIST, G(view.columns_slots), 0, 0, "", "slot,retained,lost", NULL, OPTION_CHOICE, NULL},
    {SECTION_COLUMNS, "topics", OPTION_LIST, G(view.columns_topics), 0, 0, "", "topic,lag,rate", NULL, OPTION_CHOICE, NULL},
    {SECTION_COLUMNS, "connectors", OPTION_LIST, G(view.columns_connectors), 0, 0, "", "connector,state,cause", NULL, OPTION_CHOICE, NULL},
    {SECTION_COLUMNS, "objects", OPTION_LIST, G(view.columns_objects), 0, 0, "", "prefix,newest,size", NULL, OPTION_CHOICE, NULL},
    {SECTION_COLUMNS, "groups", OPTION_LIST, G(view.columns_groups), 0, 0, "", "group,lag,state", NULL, OPTION_CHOICE, NULL},
    {SECTION_COLUMNS, "partitions", OPTION_LIST, G(view.columns_partitions), 0, 0, "", "partition,lag", NULL, OPTION_CHOICE, NULL},
    {SECTION_COLUMNS, "snapshots", OPTION_LIST, G(view.columns_snapshots), 0, 0, "", "connector,state,left", NULL, OPTION_CHOICE, NULL},
    {SECTION_COLUMNS, "tables", OPTION_LIST, G(view.columns_tables), 0, 0, "", "table,done,rows", NULL, OPTION_CHOICE, NULL},
    {SECTION_COLUMNS, "files", OPTION_LIST, G(view.columns_files), 0, 0, "", "age,size,remark,key", NULL, OPTION_CHOICE, NULL},
    {SECTION_COLUMNS, "messages", OPTION_LIST, G(view.columns_messages), 0, 0, "", "offset,op,key,change", NULL, OPTION_CHOICE, NULL},
    {SECTION_COLUMNS, "records", OPTION_LIST, G(view.columns_records), 0, 0, "", "number,op,change", NULL, OPTION_CHOICE, NULL},
    {SECTION_COLUMNS, "pipelines", OPTION_LIST, G(view.columns_pipelines), 0, 0, "", "pipeline,verdict,headline", NULL, OPTION_CHOICE, NULL},
    {SECTION_COLUMNS, "history", OPTION_LIST, G(view.columns_history), 0, 0, "", "rule,state,title", NULL, OPTION_CHOICE, NULL},
    {SECTION_COLUMNS, "events", OPTION_LIST, G(view.columns_events), 0, 0, "", "time,what,text", NULL, OPTION_CHOICE, NULL},

    {SECTION_ACTIONS, "read_only", OPTION_BOOL, G(read_only), 0, 0, "false", NULL,
     "Refuses every action that would change something on a server.", 0, NULL},
    {SECTION_ACTIONS, "audit_log", OPTION_PATH, G(audit_log), 0, 0, "", "~/.local/state/cdctop/audit.jsonl",
     "Where every action is recorded before it is sent, one JSON document a line. When empty: "
     "$XDG_STATE_HOME/cdctop/audit.jsonl, which is ~/.local/state/cdctop/audit.jsonl.", 0, NULL},
    {SECTION_ACTIONS, "syslog", OPTION_BOOL, G(syslog), 0, 0, "false", NULL,
     "Sends the same records to syslog as well.", 0, NULL},
    {SECTION_ACTIONS, "confirm_timeout", OPTION_DURATION, G(confirm_timeout_ms), 5 * SECOND, HOUR, "1m30s", NULL,
     "How long the effect of an action is waited for before it counts as not seen.", 0, NULL},

    {SECTION_LOG, "file", OPTION_PATH, G(log_file), 0, 0, "", "~/.local/state/cdctop/cdctop.log",
     "When empty the log is kept in memory only, for the log view.", 0, NULL},
    {SECTION_LOG, "level", OPTION_ENUM, G(log_level), 0, 0, "info", NULL,
     "What is worth a line.", 0, level_names},

    {SECTION_PIPELINE, "name", OPTION_STRING, P(name), 0, 0, "", "shop",
     "Shown in the header, used by --pipeline. When empty: the name of the database or bucket.", OPTION_LIVE, NULL},
    {SECTION_PIPELINE, "environment", OPTION_STRING, P(environment), 0, 0, "", "lab",
     "Shown in the header, so that nobody mistakes prod for test.", OPTION_LIVE, NULL},

    {SECTION_POSTGRES, "conninfo", OPTION_CONNINFO, P(postgres.conninfo), 0, 0, "",
     "postgresql://cdctop:lab-password-of-cdctop@127.0.0.1:15432/shop",
     "Where the database is: a postgresql:// URL or \"host=… dbname=… user=…\" as for psql. A service "
     "file, ~/.pgpass and PG* variables fill what it leaves open. The role needs LOGIN and pg_monitor.", OPTION_LIVE | OPTION_LOGIN, NULL},
    {SECTION_POSTGRES, "password", OPTION_STRING, P(postgres.password), 0, 0, "", "${env:CDCTOP_PG_PASSWORD}",
     "Used instead of a password inside conninfo.", OPTION_SECRET | OPTION_LOGIN, NULL},
    {SECTION_POSTGRES, "login", OPTION_ENUM, P(postgres.login), 0, 0, "password", NULL,
     "rds-iam: a token of RDS instead of a password, made anew for each connection from the keys of [pipeline.aws]; the role needs rds_iam.", 0, logins},
    {SECTION_POSTGRES, "connect_timeout", OPTION_DURATION, P(postgres.connect_timeout_ms), SECOND, 5 * MINUTE, "5s", NULL,
     "How long a connection may take to come about.", 0, NULL},
    {SECTION_POSTGRES, "statement_timeout", OPTION_DURATION, P(postgres.statement_timeout_ms), 100, 10 * MINUTE, "10s", NULL,
     "How long one query may take.", 0, NULL},

    {SECTION_KAFKA, "bootstrap_servers", OPTION_HOST_PORTS, P(kafka.bootstrap_servers), 0, 0, "", "127.0.0.1:19092",
     "Brokers to begin with.", OPTION_LIVE, NULL},
    {SECTION_KAFKA, "security_protocol", OPTION_ENUM, P(kafka.security_protocol), 0, 0, "PLAINTEXT", NULL,
     "How to talk to the brokers.", 0, protocols},
    {SECTION_KAFKA, "sasl_mechanism", OPTION_ENUM, P(kafka.sasl_mechanism), 0, 0, "SCRAM-SHA-512", NULL,
     "How to log in, with one of the SASL protocols. AWS_MSK_IAM takes the keys of [pipeline.aws].", 0, mechanisms},
    {SECTION_KAFKA, "sasl_username", OPTION_STRING, P(kafka.sasl_username), 0, 0, "", "cdctop",
     "Who logs in, with one of the SASL protocols.", OPTION_LOGIN, NULL},
    {SECTION_KAFKA, "sasl_password", OPTION_STRING, P(kafka.sasl_password), 0, 0, "", "${env:CDCTOP_KAFKA_PASSWORD}",
     "Its password.", OPTION_SECRET | OPTION_LOGIN, NULL},
    {SECTION_KAFKA, "ssl_ca", OPTION_PATH, P(kafka.ssl_ca), 0, 0, "", "/etc/cdctop/kafka-ca.pem",
     "PEM file with the authorities to trust. When empty: those of the system.", 0, NULL},
    {SECTION_KAFKA, "ssl_certificate", OPTION_PATH, P(kafka.ssl_certificate), 0, 0, "", "/etc/cdctop/client.pem",
     "PEM file with our own certificate, where the brokers want one (mTLS).", 0, NULL},
    {SECTION_KAFKA, "ssl_key", OPTION_PATH, P(kafka.ssl_key), 0, 0, "", "/etc/cdctop/client.key",
     "PEM file with its key.", 0, NULL},
    {SECTION_KAFKA, "ssl_key_password", OPTION_STRING, P(kafka.ssl_key_password), 0, 0, "", "${file:/etc/cdctop/client.key.password}",
     "What unlocks the key.", OPTION_SECRET | OPTION_LOGIN, NULL},
    {SECTION_KAFKA, "topics", OPTION_LIST, P(kafka.topics), 0, 0, "", "cdc.*,!*.internal",
     "Patterns of topics to show; one that begins with ! leaves out. When empty: those of the pipeline's connectors.", 0, NULL},
    {SECTION_KAFKA, "groups", OPTION_LIST, P(kafka.groups), 0, 0, "", "billing-*",
     "Patterns of further consumer groups to watch besides the sinks' own.", 0, NULL},
    {SECTION_KAFKA, "timeout", OPTION_DURATION, P(kafka.timeout_ms), 500, 5 * MINUTE, "10s", NULL,
     "How long the brokers may take to answer.", 0, NULL},

    {SECTION_CONNECT, "urls", OPTION_HTTP_URLS, P(connect.urls), 0, 0, "", "http://127.0.0.1:18083",
     "Workers of one Connect cluster; when one does not answer the next one is asked.", OPTION_LIVE, NULL},
    {SECTION_CONNECT, "username", OPTION_STRING, P(connect.username), 0, 0, "", "cdctop",
     "Who logs in, where the workers want basic authentication.", OPTION_LOGIN, NULL},
    {SECTION_CONNECT, "password", OPTION_STRING, P(connect.password), 0, 0, "", "${cmd:pass show connect/cdctop}",
     "Its password.", OPTION_SECRET | OPTION_LOGIN, NULL},
    {SECTION_CONNECT, "ssl_ca", OPTION_PATH, P(connect.ssl_ca), 0, 0, "", "/etc/cdctop/connect-ca.pem",
     "PEM file with the authorities to trust. When empty: those of the system.", 0, NULL},
    {SECTION_CONNECT, "ssl_certificate", OPTION_PATH, P(connect.ssl_certificate), 0, 0, "", "/etc/cdctop/client.pem",
     "PEM file with our own certificate, where the workers want one.", 0, NULL},
    {SECTION_CONNECT, "ssl_key", OPTION_PATH, P(connect.ssl_key), 0, 0, "", "/etc/cdctop/client.key",
     "PEM file with its key.", 0, NULL},
    {SECTION_CONNECT, "connectors", OPTION_LIST, P(connect.connectors), 0, 0, "", "shop-*,!shop-test",
     "Patterns of connectors that belong to this pipeline. When empty: all.", 0, NULL},
    {SECTION_CONNECT, "timeout", OPTION_DURATION, P(connect.timeout_ms), 500, 5 * MINUTE, "10s", NULL,
     "How long a worker may take to answer.", 0, NULL},

    {SECTION_S3, "url", OPTION_S3_URL, P(s3.url), 0, 0, "", "s3://cdc-archive",
     "Bucket (or ARN of an access point), and the prefix below which the sink writes if there is one.", OPTION_LIVE, NULL},
    {SECTION_S3, "region", OPTION_STRING, P(s3.region), 0, 0, "", "us-east-1",
     "When empty: $AWS_REGION, $AWS_DEFAULT_REGION, what the sink's configuration says, else that of [pipeline.aws].", OPTION_LIVE, NULL},
    {SECTION_S3, "endpoint", OPTION_HTTP_URL, P(s3.endpoint), 0, 0, "", "http://127.0.0.1:19000",
     "Of an S3 server that is not AWS. When empty: $AWS_ENDPOINT_URL_S3, $AWS_ENDPOINT_URL, else AWS.", OPTION_LIVE, NULL},
    {SECTION_S3, "addressing", OPTION_ENUM, P(s3.addressing), 0, 0, "auto", NULL,
     "Where the bucket stands in the address; auto: in the path with an endpoint of one's own, else in the host name.", 0, addressings},
    {SECTION_S3, "access_key_id", OPTION_STRING, P(s3.access_key_id), 0, 0, "", "labaccess",
     "When empty: who we are by [pipeline.aws], the environment, the profile, the role of container or instance.", OPTION_LIVE, NULL},
    {SECTION_S3, "secret_access_key", OPTION_STRING, P(s3.secret_access_key), 0, 0, "", "labsecret12345678",
     "Belongs to the access key.", OPTION_SECRET | OPTION_LIVE, NULL},
    {SECTION_S3, "session_token", OPTION_STRING, P(s3.session_token), 0, 0, "", "${env:MY_SESSION_TOKEN}",
     "Belongs to a temporary access key.", OPTION_SECRET, NULL},
    {SECTION_S3, "ssl_ca", OPTION_PATH, P(s3.ssl_ca), 0, 0, "", "/etc/cdctop/s3-ca.pem",
     "PEM file with the authorities to trust. When empty: those of [pipeline.aws].", 0, NULL},
    {SECTION_S3, "timeout", OPTION_DURATION, P(s3.timeout_ms), 500, 5 * MINUTE, "10s", NULL,
     "How long the server may take to answer.", 0, NULL},
    {SECTION_S3, "count_records", OPTION_BOOL, P(s3.count_records), 0, 0, "false", NULL,
     "Reads each new object of up to 4 MB once and counts its lines, so that holes and overlaps of offsets can be told. "
     "It needs the right s3:GetObject, and every GET and its traffic are charged for.", 0, NULL},
    {SECTION_S3, "requester_pays", OPTION_BOOL, P(s3.requester_pays), 0, 0, "false", NULL,
     "The bucket is one whose reader pays: agrees to be charged for every request; without it such a bucket refuses.", 0, NULL},
    {SECTION_S3, "recheck", OPTION_DURATION, P(s3.recheck_ms), SECOND, DAY, "5m", NULL,
     "How often the newest objects are listed again, to see which have been deleted.", 0, NULL},

    {SECTION_AWS, "region", OPTION_STRING, P(aws.region), 0, 0, "", "eu-west-3",
     "When empty: $AWS_REGION, $AWS_DEFAULT_REGION, the profile's, the instance's.", 0, NULL},
    {SECTION_AWS, "profile", OPTION_STRING, P(aws.profile), 0, 0, "", "prod",
     "Of ~/.aws/config and ~/.aws/credentials. When empty: $AWS_PROFILE, else default.", 0, NULL},
    {SECTION_AWS, "access_key_id", OPTION_STRING, P(aws.access_key_id), 0, 0, "", "${env:CDCTOP_KEY_ID}",
     "Keys written here stand before everything else.", 0, NULL},
    {SECTION_AWS, "secret_access_key", OPTION_STRING, P(aws.secret_access_key), 0, 0, "", "${env:CDCTOP_KEY}",
     "Belongs to the access key.", OPTION_SECRET, NULL},
    {SECTION_AWS, "session_token", OPTION_STRING, P(aws.session_token), 0, 0, "", "${env:CDCTOP_TOKEN}",
     "Belongs to a temporary access key.", OPTION_SECRET, NULL},
    {SECTION_AWS, "role_arn", OPTION_STRING, P(aws.role_arn), 0, 0, "", "arn:aws:iam::123456789012:role/cdctop",
     "A role to take on with the keys that were found.", 0, NULL},
    {SECTION_AWS, "external_id", OPTION_STRING, P(aws.external_id), 0, 0, "", "cdctop",
     "What the role's trust policy asks for.", 0, NULL},
    {SECTION_AWS, "endpoint", OPTION_HTTP_URL, P(aws.endpoint), 0, 0, "", "http://127.0.0.1:4566",
     "Of all services, in place of AWS's own. When empty: $AWS_ENDPOINT_URL_KAFKA and the like, $AWS_ENDPOINT_URL, the profile's.", 0, NULL},
    {SECTION_AWS, "ssl_ca", OPTION_PATH, P(aws.ssl_ca), 0, 0, "", "/etc/cdctop/aws-ca.pem",
     "PEM file with the authorities to trust. When empty: $AWS_CA_BUNDLE, the profile's ca_bundle, those of the system.", 0, NULL},
    {SECTION_AWS, "fips", OPTION_BOOL, P(aws.fips), 0, 0, "false", NULL,
     "FIPS endpoints.", 0, NULL},
    {SECTION_AWS, "dualstack", OPTION_BOOL, P(aws.dualstack), 0, 0, "false", NULL,
     "Endpoints that speak IPv6 too.", 0, NULL},
    {SECTION_AWS, "timeout", OPTION_DURATION, P(aws.timeout_ms), 500, 5 * MINUTE, "10s", NULL,
     "How long a service may take to answer.", 0, NULL},
    {SECTION_AWS, "interval", OPTION_DURATION, P(aws.interval_ms), SECOND, HOUR, "20s", NULL,
     "How often MSK Connect and DMS are asked; MSK and RDS, which change rarely, a third as often. While something is under way there it is asked more often.", 0, NULL},

    {SECTION_MSK, "cluster", OPTION_STRING, P(msk.cluster), 0, 0, "", "prod-events",
     "Name or ARN. When empty: MSK is not asked.", 0, NULL},
    {SECTION_MSK, "bootstrap", OPTION_ENUM, P(msk.bootstrap), 0, 0, "auto", NULL,
     "Which of the cluster's listeners is used, and with it how to log in; auto: what [pipeline.kafka] says, else IAM where the cluster has it on.", 0, bootstraps},

    {SECTION_MSKCONNECT, "connectors", OPTION_LIST, P(mskconnect.connectors), 0, 0, "", "shop-*,!shop-test",
     "Patterns of connectors that belong to this pipeline. When empty: MSK Connect is not asked.", 0, NULL},

    {SECTION_DMS, "tasks", OPTION_LIST, P(dms.tasks), 0, 0, "", "shop-*",
     "Patterns of identifiers of replication tasks and serverless replications that belong to this pipeline. When empty: DMS is not asked.", 0, NULL},

    {SECTION_RDS, "instance", OPTION_STRING, P(rds.instance), 0, 0, "", "auto",
     "Identifier of an instance or a cluster; auto: the one that the database's host name belongs to. When empty: RDS is not asked.", 0, NULL},

    {SECTION_CLOUDWATCH, "interval", OPTION_DURATION, P(cloudwatch.interval_ms), 10 * SECOND, DAY, "1m", NULL,
     "How often. CloudWatch has a figure per minute at best.", 0, NULL},
    {SECTION_CLOUDWATCH, "metrics_per_hour", OPTION_INTEGER, P(cloudwatch.metrics_per_hour), 0, INT64_C(100000000), "6_000", NULL,
     "How many figures may be asked for, at $0.01 for 1,000 of them; where that is not enough, it is asked more rarely. 0: CloudWatch is not asked.", 0, NULL},

    {SECTION_LOGS, "read", OPTION_BOOL, P(logs.read), 0, 0, "true", NULL,
     "Needs logs:FilterLogEvents on the log groups of the connectors and tasks.", 0, NULL},
    {SECTION_LOGS, "interval", OPTION_DURATION, P(logs.interval_ms), 10 * SECOND, HOUR, "1m", NULL,
     "How often. A log of MSK Connect is read while one of its connectors has failed, one of DMS always.", 0, NULL},

    {SECTION_THRESHOLDS, "retained_warn", OPTION_BYTES, P(thresholds.retained_warn), 0, PETABYTE, "2 GB", NULL,
     "WAL that one slot keeps from being removed.", 0, NULL},
    {SECTION_THRESHOLDS, "retained_crit", OPTION_BYTES, P(thresholds.retained_crit), 0, PETABYTE, "10 GB", NULL, NULL, 0, NULL},
    {SECTION_THRESHOLDS, "lag_warn", OPTION_INTEGER, P(thresholds.lag_warn), 1, INT64_C(1000000000000), "10_000", NULL,
     "Messages that a consumer group is behind.", 0, NULL},
    {SECTION_THRESHOLDS, "lag_crit", OPTION_INTEGER, P(thresholds.lag_crit), 1, INT64_C(1000000000000), "100_000", NULL, NULL, 0, NULL},
    {SECTION_THRESHOLDS, "lag_time_warn", OPTION_DURATION, P(thresholds.lag_time_warn_ms), 100, 365 * DAY, "1m", NULL,
     "Age of the oldest message that a group has not read.", 0, NULL},
    {SECTION_THRESHOLDS, "lag_time_crit", OPTION_DURATION, P(thresholds.lag_time_crit_ms), 100, 365 * DAY, "10m", NULL, NULL, 0, NULL},
    {SECTION_THRESHOLDS, "end_to_end_warn", OPTION_DURATION, P(thresholds.end_to_end_warn_ms), 100, 365 * DAY, "5s", NULL,
     "From the commit in the database to the end of the pipeline, beyond what the sink waits on purpose: the time until "
     "it closes a file (its rotation) is not counted.", 0, NULL},
    {SECTION_THRESHOLDS, "end_to_end_crit", OPTION_DURATION, P(thresholds.end_to_end_crit_ms), 100, 365 * DAY, "1m", NULL, NULL, 0, NULL},
    {SECTION_THRESHOLDS, "slot_idle_warn", OPTION_DURATION, P(thresholds.slot_idle_warn_ms), 100, 365 * DAY, "5m", NULL,
     "A slot that nobody has read from for so long.", 0, NULL},
    {SECTION_THRESHOLDS, "slot_idle_crit", OPTION_DURATION, P(thresholds.slot_idle_crit_ms), 100, 365 * DAY, "30m", NULL, NULL, 0, NULL},
    {SECTION_THRESHOLDS, "lost_in_warn", OPTION_DURATION, P(thresholds.lost_in_warn_ms), 0, 365 * DAY, "6h", NULL,
     "Time that is left, as things go, until PostgreSQL gives up a slot; here the warning is the larger one.", 0, NULL},
    {SECTION_THRESHOLDS, "lost_in_crit", OPTION_DURATION, P(thresholds.lost_in_crit_ms), 0, 365 * DAY, "1h", NULL, NULL, 0, NULL},
    {SECTION_THRESHOLDS, "disk_full_warn", OPTION_DURATION, P(thresholds.disk_full_warn_ms), 0, 365 * DAY, "24h", NULL,
     "Time that is left, as things go, until the disk of the RDS instance is full; here the warning is the larger one.", 0, NULL},
    {SECTION_THRESHOLDS, "disk_full_crit", OPTION_DURATION, P(thresholds.disk_full_crit_ms), 0, 365 * DAY, "4h", NULL, NULL, 0, NULL},
    {SECTION_THRESHOLDS, "disk_window", OPTION_DURATION, P(thresholds.disk_window_ms), MINUTE, DAY, "1h", NULL,
     "Over how long its fall is looked at; CloudWatch has a figure a minute.", 0, NULL},
    {SECTION_THRESHOLDS, "disk_used_warn", OPTION_PERCENT, P(thresholds.disk_used_warn_pct), 1, 100, "60%", NULL,
     "How much of that disk is used while the WAL that slots keep grows and free space falls.", 0, NULL},
    {SECTION_THRESHOLDS, "disk_used_crit", OPTION_PERCENT, P(thresholds.disk_used_crit_pct), 1, 100, "70%", NULL, NULL, 0, NULL},
    {SECTION_THRESHOLDS, "disk_used_full", OPTION_PERCENT, P(thresholds.disk_used_full_pct), 1, 100, "85%", NULL,
     "How much of it is critical in any case.", 0, NULL},
    {SECTION_THRESHOLDS, "broker_disk_warn", OPTION_PERCENT, P(thresholds.broker_disk_warn_pct), 1, 100, "85%", NULL,
     "How full the disk of a broker of MSK is.", 0, NULL},
    {SECTION_THRESHOLDS, "broker_disk_crit", OPTION_PERCENT, P(thresholds.broker_disk_crit_pct), 1, 100, "95%", NULL, NULL, 0, NULL},
    {SECTION_THRESHOLDS, "worker_busy", OPTION_PERCENT, P(thresholds.worker_busy_pct), 1, 100, "80%", NULL,
     "CPU or memory of the workers of MSK Connect, while the connector falls behind.", 0, NULL},
    {SECTION_THRESHOLDS, "slot_stall", OPTION_DURATION, P(thresholds.slot_stall_ms), 100, 365 * DAY, "5m", NULL,
     "A slot that is read, but of which nothing was confirmed for so long, while the server wrote at least slot_stall_wal.", 0, NULL},
    {SECTION_THRESHOLDS, "slot_stall_wal", OPTION_BYTES, P(thresholds.slot_stall_wal), 0, PETABYTE, "64 MB", NULL, NULL, 0, NULL},
    {SECTION_THRESHOLDS, "slot_pinned", OPTION_DURATION, P(thresholds.slot_pinned_ms), 100, 365 * DAY, "10m", NULL,
     "A slot whose restart_lsn has not moved for so long although its consumer confirms: a transaction is open.", 0, NULL},
    {SECTION_THRESHOLDS, "slot_slow", OPTION_DURATION, P(thresholds.slot_slow_ms), 100, 365 * DAY, "5m", NULL,
     "A slot whose consumer has confirmed less than was written for so long.", 0, NULL},
    {SECTION_THRESHOLDS, "cap_used_warn", OPTION_PERCENT, P(thresholds.cap_used_warn_pct), 1, 100, "50%", NULL,
     "How much of max_slot_wal_keep_size a slot that falls behind has used.", 0, NULL},
    {SECTION_THRESHOLDS, "cap_used_crit", OPTION_PERCENT, P(thresholds.cap_used_crit_pct), 1, 100, "80%", NULL, NULL, 0, NULL},
    {SECTION_THRESHOLDS, "catalog_xmin_warn", OPTION_INTEGER, P(thresholds.catalog_xmin_warn), 1, INT64_C(2000000000), "50_000_000", NULL,
     "Age of a slot's catalog_xmin in transactions: so long is vacuum of the catalogs held back.", 0, NULL},
    {SECTION_THRESHOLDS, "catalog_xmin_crit", OPTION_INTEGER, P(thresholds.catalog_xmin_crit), 1, INT64_C(2000000000), "200_000_000", NULL, NULL, 0, NULL},
    {SECTION_THRESHOLDS, "walsender_flaps", OPTION_INTEGER, P(thresholds.walsender_flaps), 1, 1000, "3", NULL,
     "So many new connections of a slot's reader within walsender_flap_time are a flapping connection.", 0, NULL},
    {SECTION_THRESHOLDS, "walsender_flap_time", OPTION_DURATION, P(thresholds.walsender_flap_ms), SECOND, DAY, "10m", NULL, NULL, 0, NULL},
    {SECTION_THRESHOLDS, "idle_timeout_used", OPTION_PERCENT, P(thresholds.idle_timeout_used_pct), 1, 100, "70%", NULL,
     "How much of idle_replication_slot_timeout (PostgreSQL 18) an idle slot has used.", 0, NULL},
    {SECTION_THRESHOLDS, "restart_recent", OPTION_DURATION, P(thresholds.restart_recent_ms), SECOND, DAY, "15m", NULL,
     "A database that started so recently may be why its connectors do not run.", 0, NULL},
    {SECTION_THRESHOLDS, "gap_shown", OPTION_DURATION, P(thresholds.gap_shown_ms), SECOND, 365 * DAY, "1d", NULL,
     "A gap behind a slot that was made anew is told for so long, unless a new snapshot ends it.", 0, NULL},
    {SECTION_THRESHOLDS, "late_factor_warn", OPTION_PERCENT, P(thresholds.late_factor_warn_pct), 100, 100000, "150%", NULL,
     "Age of the newest object in per cent of the expected rotation, while messages arrive.", 0, NULL},
    {SECTION_THRESHOLDS, "late_factor_crit", OPTION_PERCENT, P(thresholds.late_factor_crit_pct), 100, 100000, "300%", NULL, NULL, 0, NULL},
    {SECTION_THRESHOLDS, "late_grace", OPTION_DURATION, P(thresholds.late_grace_ms), 0, DAY, "1m", NULL,
     "How much later than that an object may come, for upload and listing.", 0, NULL},
    {SECTION_THRESHOLDS, "quiet_after", OPTION_DURATION, P(thresholds.quiet_after_ms), 100, DAY, "1m", NULL,
     "No new record for so long: a file that only a full count closes stays open.", 0, NULL},
    {SECTION_THRESHOLDS, "path_off", OPTION_DURATION, P(thresholds.path_off_ms), MINUTE, 365 * DAY, "2h", NULL,
     "How far the hour in the path of a new object may be from the clock of the sink's time zone.", 0, NULL},
    {SECTION_THRESHOLDS, "small_files_rate", OPTION_INTEGER, P(thresholds.small_files_rate), 1, INT64_C(1000000000), "30", NULL,
     "Objects of one topic in a minute, beyond what the schedule asks for, from which on small ones are a storm.", 0, NULL},
    {SECTION_THRESHOLDS, "small_files_size", OPTION_BYTES, P(thresholds.small_files_size), 1, PETABYTE, "1 MB", NULL,
     "What a small one is.", 0, NULL},
    {SECTION_THRESHOLDS, "hole_settle", OPTION_DURATION, P(thresholds.hole_settle_ms), 0, DAY, "6m", NULL,
     "Age of the object behind a hole in the offsets from which on the missing one is not waited for any more.", 0, NULL},
    {SECTION_THRESHOLDS, "upload_age", OPTION_DURATION, P(thresholds.upload_age_ms), SECOND, 365 * DAY, "24h", NULL,
     "Age of an unfinished multipart upload from which on it is left over.", 0, NULL},

    {SECTION_THRESHOLDS, "slot_late", OPTION_DURATION, P(thresholds.slot_late_ms), 100, 365 * DAY, "3m", NULL,
     "How far the position that a slot has confirmed may lie behind the writes. Debezium confirms once per offset.flush.interval.ms.", 0, NULL},
    {SECTION_THRESHOLDS, "capture_late", OPTION_DURATION, P(thresholds.capture_late_ms), 100, 365 * DAY, "3m", NULL,
     "How far a source connector may lie behind the writes.", 0, NULL},
    {SECTION_THRESHOLDS, "clock_skew", OPTION_DURATION, P(thresholds.clock_skew_ms), 100, DAY, "5s", NULL,
     "How far two clocks may differ before the ages that rest on them are doubted.", 0, NULL},
    {SECTION_THRESHOLDS, "commit_still", OPTION_DURATION, P(thresholds.commit_still_ms), 100, 365 * DAY, "1m", NULL,
     "A sink is stuck when it commits nothing for so long while records wait, beyond three rotations.", 0, NULL},
    {SECTION_THRESHOLDS, "rebalance_polls", OPTION_INTEGER, P(thresholds.rebalance_polls), 1, 10, "3", NULL,
     "In how many of the last ten looks a sink's group may be rebalancing.", 0, NULL},
    {SECTION_THRESHOLDS, "rebalance_count", OPTION_INTEGER, P(thresholds.rebalance_count), 2, 8, "4", NULL,
     "How many rebalances within rebalance_window are a loop.", 0, NULL},
    {SECTION_THRESHOLDS, "rebalance_window", OPTION_DURATION, P(thresholds.rebalance_window_ms), SECOND, DAY, "20m", NULL, NULL, 0, NULL},
    {SECTION_THRESHOLDS, "retention_used_warn", OPTION_PERCENT, P(thresholds.retention_used_pct), 1, 100, "50%", NULL,
     "Age of the oldest record that a sink has not read, of the retention.ms of its topic.", 0, NULL},
    {SECTION_THRESHOLDS, "one_partition_warn", OPTION_PERCENT, P(thresholds.one_partition_pct), 51, 100, "90%", NULL,
     "Share of a sink's lag that is in one of several partitions, when the lag is above lag_warn.", 0, NULL},
    {SECTION_THRESHOLDS, "dlq_window", OPTION_DURATION, P(thresholds.dlq_window_ms), SECOND, DAY, "5m", NULL,
     "Records that came to a dead letter queue within this time are a warning …", 0, NULL},
    {SECTION_THRESHOLDS, "dlq_per_million_crit", OPTION_INTEGER, P(thresholds.dlq_per_million_crit), 0, 1000000, "1000", NULL,
     "… and critical when they are more than so many of a million records of the sink.", 0, NULL},
    {SECTION_THRESHOLDS, "rate_window", OPTION_DURATION, P(thresholds.rate_window_ms), SECOND, 30 * MINUTE, "5m", NULL,
     "The message rate of a topic over this time is compared with what was usual before it.", 0, NULL},
    {SECTION_THRESHOLDS, "rate_over_info", OPTION_PERCENT, P(thresholds.rate_over_info_pct), 101, 100000, "150%", NULL,
     "From which part of the usual rate on that is worth a remark, and from which on it is a warning (0%: never).", 0, NULL},
    {SECTION_THRESHOLDS, "rate_over_warn", OPTION_PERCENT, P(thresholds.rate_over_warn_pct), 0, 100000, "0%", NULL, NULL, 0, NULL},
    {SECTION_THRESHOLDS, "idle_after", OPTION_DURATION, P(thresholds.idle_after_ms), SECOND, 365 * DAY, "10m", NULL,
     "No message in any topic of a source for so long: whether that is well is said.", 0, NULL},
    {SECTION_THRESHOLDS, "event_shown", OPTION_DURATION, P(thresholds.event_ms), SECOND, DAY, "15m", NULL,
     "How long what happened at one moment is said: offsets moved back, records lost, a topic made anew.", 0, NULL},
    {SECTION_THRESHOLDS, "unassigned_warn", OPTION_DURATION, P(thresholds.unassigned_warn_ms), 0, DAY, "2m", NULL,
     "A connector or task that no worker has taken for so long.", 0, NULL},
    {SECTION_THRESHOLDS, "busy_warn", OPTION_DURATION, P(thresholds.busy_warn_ms), 0, DAY, "1m", NULL,
     "Kafka Connect that puts requests off (409, 500 \"Request timed out\", no answer) for so long.", 0, NULL},
    {SECTION_THRESHOLDS, "restart_window", OPTION_DURATION, P(thresholds.restart_window_ms), MINUTE, DAY, "30m", NULL,
     "Three restarts within this time that end in the same root cause: another one will not help.", 0, NULL},
    {SECTION_THRESHOLDS, "capture_still", OPTION_DURATION, P(thresholds.capture_still_ms), SECOND, DAY, "2m", NULL,
     "A running source whose topics and offsets stand still for so long while its captured tables change.", 0, NULL},
    {SECTION_THRESHOLDS, "confirm_still", OPTION_DURATION, P(thresholds.confirm_still_ms), SECOND, DAY, "3m", NULL,
     "A slot that its source confirms nothing to for so long while its topics grow: three times the worker's offset.flush.interval.ms.", 0, NULL},
    {SECTION_THRESHOLDS, "snapshot_stuck", OPTION_DURATION, P(thresholds.snapshot_stuck_ms), 1000, 365 * DAY, "10m", NULL,
     "A snapshot that runs and shows no sign of life for so long.", 0, NULL},
    {SECTION_THRESHOLDS, "signal_unseen", OPTION_DURATION, P(thresholds.signal_unseen_ms), 1000, DAY, "1m", NULL,
     "How long a snapshot that cdctop has signalled may take to show.", 0, NULL},

    {SECTION_JOIN, "slots", OPTION_JOINS, P(join.slots), 0, 0, "", "shop-source=dbz_shop",
     "The replication slot that a source reads.", 0, NULL},
    {SECTION_JOIN, "publications", OPTION_JOINS, P(join.publications), 0, 0, "", "shop-source=dbz_pub",
     "The publication that it reads.", 0, NULL},
    {SECTION_JOIN, "topics", OPTION_JOINS, P(join.topics), 0, 0, "", "shop-source=shop.*,shop-s3=lake.orders,shop-s3=lake.customers",
     "Patterns of the topics that a source writes or a sink reads; several entries for one connector add up, and nothing else counts then.", 0, NULL},
    {SECTION_JOIN, "groups", OPTION_JOINS, P(join.groups), 0, 0, "", "shop-s3=connect-shop-s3",
     "The consumer group of a sink.", 0, NULL},
    {SECTION_JOIN, "prefixes", OPTION_JOINS, P(join.prefixes), 0, 0, "", "shop-s3=archive/topics",
     "The directory of the bucket below which a sink writes its topics.", 0, NULL},

    {SECTION_FINDINGS, "mute", OPTION_MUTES, P(findings.mute), 0, 0, "", "P21 until 2027-01-31: the legacy tables get their keys in January",
     "Rules of which no alarm is wanted, each with a reason: \"RULE: REASON\", \"RULE OBJECT: REASON\", both with \" until YYYY-MM-DD\" before the colon if "
     "it ends by itself. What is muted is still counted, listed and logged.", 0, NULL},
};
/* clang-format on */
const size_t options_count = ARRAY_LEN(options);
static_assert(ARRAY_LEN(options) <= OPTIONS_MAX, "OPTIONS_MAX in options.h is too small");

const struct option *options_find(enum option_section section, const char *key)
{
    for (size_t i = 0; i < options_count; i++) {
        if (options[i].section == section && strcmp(options[i].key, key) == 0)
            return &options[i];
    }
    return NULL;
}

void options_defaults(bool per_pipeline, void *base)
{
    const char *why = NULL;
    for (size_t i = 0; i < options_count; i++) {
        if (option_sections[options[i].section].per_pipeline == per_pipeline &&
            !options_set(&options[i], base, options[i].default_value, &why))
            mem_fatal("a default of the option table does not read");
    }
}
