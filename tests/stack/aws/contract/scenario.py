"""The usual world: a shop's pipeline at AWS, with something in every state. Names are what tests look for.

MSK            shop-events (provisioned, all listeners), shop-serverless, one cluster in each further state
MSK Connect    shop-source and shop-s3 run; shop-STATE (small letters) in each further state
DMS            shop-cdc runs, with a table in each state; shop-STATUS in each further status; shop-serverless-cdc
RDS            shop (PostgreSQL, writer alone), cluster shop-aurora with writer shop-aurora-1 and reader shop-aurora-2
Secrets        shop/db {username, password}, shop/kafka, shop/plain (no JSON), shop/binary
"""

import json

from .signature import ACCOUNT

REGION = "eu-west-3"
ID = "6bd1f2b7-6d6c-4b4c-9b32-0d2a1c6a7f11-2"
# What must never be seen anywhere; run.sh looks for these, too.
DB_PASSWORD = "contract-db-Passw0rd-7Yq2"
KAFKA_PASSWORD = "contract-kafka-Passw0rd-9Zt4"
PLAIN_SECRET = "contract-plain-Passw0rd-3Kd8"
CONNECTOR_PASSWORD = "contract-connector-Passw0rd-5Ws1"
SECRETS = [DB_PASSWORD, KAFKA_PASSWORD, PLAIN_SECRET, CONNECTOR_PASSWORD]

CLUSTER_STATES = ["CREATING", "DELETING", "FAILED", "HEALING", "MAINTENANCE", "REBOOTING_BROKER", "UPDATING"]
CONNECTOR_STATES = ["CREATING", "UPDATING", "DELETING", "FAILED", "PAUSED", "RESTARTING", "PAUSING", "RESUMING"]
# From the documentation of the members Status and TableState; the model has no enums for them.
TASK_STATUSES = [
    "creating", "deleting", "failed", "failed-move", "modifying", "moving", "ready", "starting", "stopped", "stopping", "testing",
]  # fmt: skip
TABLE_STATES = [
    "Table does not exist", "Before load", "Full load", "Table completed", "Table cancelled", "Table error",
    "Table is being reloaded",
]  # fmt: skip


def arn(service, rest):
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


# ---- MSK


def brokers(name, port, n=3, prefix=""):
    return ",".join(f"b-{i}{prefix}.{name}.a1b2c3.c2.kafka.{REGION}.amazonaws.com:{port}" for i in range(1, n + 1))


def provisioned(name, state):
    return {
        "ClusterArn": arn("kafka", f"cluster/{name}/{ID}"),
        "ClusterName": name,
        "ClusterType": "PROVISIONED",
        "State": state,
        "CurrentVersion": "K3P5ROKL5A1OLE",
        "CreationTime": -40 * 86400,
        "Tags": {"team": "shop"},
        "Provisioned": {
            "BrokerNodeGroupInfo": {
                "BrokerAZDistribution": "DEFAULT",
                "ClientSubnets": ["subnet-1", "subnet-2", "subnet-3"],
                "InstanceType": "kafka.m7g.large",
                "StorageInfo": {"EbsStorageInfo": {"VolumeSize": 500}},
                "ConnectivityInfo": {"PublicAccess": {"Type": "SERVICE_PROVIDED_EIPS"}},
            },
            "CurrentBrokerSoftwareInfo": {"KafkaVersion": "3.7.x", "ConfigurationRevision": 1},
            "ClientAuthentication": {
                "Sasl": {"Scram": {"Enabled": True}, "Iam": {"Enabled": True}},
                "Tls": {"Enabled": True},
                "Unauthenticated": {"Enabled": True},
            },
            "EncryptionInfo": {"EncryptionInTransit": {"ClientBroker": "TLS_PLAINTEXT", "InCluster": True}},
            "EnhancedMonitoring": "PER_TOPIC_PER_BROKER",
            "NumberOfBrokerNodes": 3,
            "StorageMode": "LOCAL",
            "CustomerActionStatus": "NONE",
        },
        "Bootstrap": {
            "BootstrapBrokerString": brokers(name, 9092),
            "BootstrapBrokerStringTls": brokers(name, 9094),
            "BootstrapBrokerStringSaslScram": brokers(name, 9096),
            "BootstrapBrokerStringSaslIam": brokers(name, 9098),
            "BootstrapBrokerStringPublicTls": brokers(name, 9194, prefix="-public"),
            "BootstrapBrokerStringPublicSaslScram": brokers(name, 9196, prefix="-public"),
            "BootstrapBrokerStringPublicSaslIam": brokers(name, 9198, prefix="-public"),
            "BootstrapBrokerStringVpcConnectivityTls": brokers(name, 14001, prefix=".vpc"),
            "BootstrapBrokerStringVpcConnectivitySaslScram": brokers(name, 14002, prefix=".vpc"),
            "BootstrapBrokerStringVpcConnectivitySaslIam": brokers(name, 14003, prefix=".vpc"),
            "BootstrapBrokerStringIpv6": brokers(name, 9092, prefix=".ipv6"),
            "BootstrapBrokerStringTlsIpv6": brokers(name, 9094, prefix=".ipv6"),
            "BootstrapBrokerStringSaslScramIpv6": brokers(name, 9096, prefix=".ipv6"),
            "BootstrapBrokerStringSaslIamIpv6": brokers(name, 9098, prefix=".ipv6"),
        },
        "Nodes": [
            {
                "NodeType": "BROKER",
                "NodeARN": arn("kafka", f"broker/{name}/{ID}/{i}"),
                "InstanceType": "m7g.large",
                "AddedToClusterTime": "2026-10-18T09:00:00Z",
                "BrokerNodeInfo": {
                    "BrokerId": float(i),
                    "ClientSubnet": f"subnet-{i}",
                    "ClientVpcIpAddress": f"10.0.{i}.17",
                    "CurrentBrokerSoftwareInfo": {"KafkaVersion": "3.7.x", "ConfigurationRevision": 1},
                    "Endpoints": [f"b-{i}.{name}.a1b2c3.c2.kafka.{REGION}.amazonaws.com"],
                },
            }
            for i in range(1, 4)
        ]
        + [{"ControllerNodeInfo": {"Endpoints": [f"c-1.{name}.a1b2c3.c2.kafka.{REGION}.amazonaws.com"]}}],
    }


def serverless(name):
    return {
        "ClusterArn": arn("kafka", f"cluster/{name}/{ID}"),
        "ClusterName": name,
        "ClusterType": "SERVERLESS",
        "State": "ACTIVE",
        "CurrentVersion": "K2EUQ1WTGCTBG2",
        "CreationTime": -9 * 86400,
        "Serverless": {
            "VpcConfigs": [{"SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]}],
            "ClientAuthentication": {"Sasl": {"Iam": {"Enabled": True}}},
        },
        "Bootstrap": {"BootstrapBrokerStringSaslIam": f"boot-x1y2z3.c1.kafka-serverless.{REGION}.amazonaws.com:9098"},
    }


def kafka():
    clusters = [provisioned("shop-events", "ACTIVE"), serverless("shop-serverless")]
    for state in CLUSTER_STATES:
        c = provisioned("shop-" + state.lower().replace("_", "-"), state)
        if state == "FAILED":
            # Invented: code and text.
            c["StateInfo"] = {
                "Code": "INSUFFICIENT_CAPACITY",
                "Message": "There is no capacity for this instance type.",
            }
        if state in ("HEALING", "UPDATING"):
            c["ActiveOperationArn"] = arn("kafka", f"cluster-operation/{c['ClusterName']}/{ID}")
        clusters.append(c)
    return {"page": 2, "clusters": clusters}


# ---- MSK Connect


def connector(name, state, config, **more):
    return {
        "connectorArn": arn("kafkaconnect", f"connector/{name}/{ID}"),
        "connectorName": name,
        "connectorDescription": "of the shop",
        "connectorState": state,
        "creationTime": -20 * 86400,
        "currentVersion": "K3P5ROKL5A1OLE",
        "kafkaConnectVersion": "3.7.x",
        "capacity": {"provisionedCapacity": {"mcuCount": 1, "workerCount": 2}},
        "kafkaCluster": {
            "apacheKafkaCluster": {
                "bootstrapServers": brokers("shop-events", 9098),
                "vpc": {"securityGroups": ["sg-1"], "subnets": ["subnet-1", "subnet-2"]},
            }
        },
        "kafkaClusterClientAuthentication": {"authenticationType": "IAM"},
        "kafkaClusterEncryptionInTransit": {"encryptionType": "TLS"},
        "logDelivery": {"workerLogDelivery": {"cloudWatchLogs": {"enabled": True, "logGroup": "/msk-connect/shop"}}},
        "plugins": [
            {"customPlugin": {"customPluginArn": arn("kafkaconnect", f"custom-plugin/debezium/{ID}"), "revision": 3}}
        ],
        "workerConfiguration": {
            "workerConfigurationArn": arn("kafkaconnect", f"worker-configuration/json/{ID}"),
            "revision": 2,
        },
        "serviceExecutionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/shop-connect",
        "networkType": "IPV4",
        "connectorConfiguration": config,
    } | more


SOURCE = {
    "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
    "tasks.max": "1",
    "database.hostname": "shop.abcdefghijkl.eu-west-3.rds.amazonaws.com",
    "database.port": "5432",
    "database.user": "debezium",
    "database.password": CONNECTOR_PASSWORD,
    "database.dbname": "shop",
    "topic.prefix": "shop",
    "slot.name": "dbz_shop",
    "publication.name": "dbz_shop",
    "plugin.name": "pgoutput",
    "table.include.list": "public.orders,public.customers",
}
SINK = {
    "connector.class": "io.confluent.connect.s3.S3SinkConnector",
    "tasks.max": "2",
    "topics": "shop.public.orders,shop.public.customers",
    "s3.bucket.name": "shop-lake",
    "s3.region": REGION,
    "topics.dir": "raw",
    "flush.size": "1000",
    "rotate.interval.ms": "60000",
    "format.class": "io.confluent.connect.s3.format.json.JsonFormat",
    "storage.class": "io.confluent.connect.s3.storage.S3Storage",
}


def kafkaconnect():
    scaled = {
        "autoScaling": {
            "minWorkerCount": 1,
            "maxWorkerCount": 4,
            "mcuCount": 2,
            "scaleInPolicy": {"cpuUtilizationPercentage": 20},
            "scaleOutPolicy": {"cpuUtilizationPercentage": 80},
        }
    }
    connectors = [
        connector("shop-source", "RUNNING", SOURCE),
        connector("shop-s3", "RUNNING", SINK, capacity=scaled),
    ]
    for state in CONNECTOR_STATES:
        c = connector("shop-" + state.lower(), state, dict(SOURCE, **{"slot.name": "dbz_" + state.lower()}))
        if state == "FAILED":
            # Invented: code and text.
            c["stateDescription"] = {
                "code": "UnknownError.Unknown",
                "message": "The last operation failed. Retry the operation. Error: FATAL: password authentication failed",
            }
        connectors.append(c)
    return {
        "page": 3,
        "connectors": connectors,
        "operations": [],
        "offered": ["RestartConnector", "PauseConnector", "ResumeConnector"],
        "not_offered": "unknown",
        "operation_s": 1,
        "operation_ends": "COMPLETE",
    }


# ---- DMS


def table(name, state, **more):
    return {
        "SchemaName": "public",
        "TableName": name,
        "Inserts": 1200,
        "Updates": 340,
        "Deletes": 12,
        "Ddls": 1,
        "AppliedInserts": 1190,
        "AppliedUpdates": 338,
        "AppliedDeletes": 12,
        "AppliedDdls": 1,
        "FullLoadRows": 50000,
        "FullLoadErrorRows": 0,
        "FullLoadCondtnlChkFailedRows": 0,
        "FullLoadStartTime": -7200,
        "FullLoadEndTime": -7000,
        "FullLoadReloaded": False,
        "LastUpdateTime": -15,
        "TableState": state,
        "ValidationState": "Validated",
        "ValidationPendingRecords": 0,
        "ValidationFailedRecords": 0,
        "ValidationSuspendedRecords": 0,
    } | more


def task(name, status, serial, **more):
    return {
        "ReplicationTaskArn": arn("dms", f"task:SHOPTASK{serial:02d}AAAAAAAAAAAA"),
        "ReplicationTaskIdentifier": name,
        "SourceEndpointArn": arn("dms", "endpoint:SHOPSOURCE"),
        "TargetEndpointArn": arn("dms", "endpoint:SHOPKAFKA"),
        "ReplicationInstanceArn": arn("dms", "rep:SHOPINSTANCE"),
        "MigrationType": "full-load-and-cdc",
        "TableMappings": json.dumps({"rules": []}),
        "ReplicationTaskSettings": json.dumps({"Logging": {"EnableLogging": True}}),
        "Status": status,
        "ReplicationTaskCreationDate": -30 * 86400,
        "ReplicationTaskStartDate": -7300,
        "CdcStartPosition": "checkpoint:V1#1#0/1A2B3C4D#*#0#0",
        "RecoveryCheckpoint": "checkpoint:V1#42#00000003/0000000000000000#0#0#*#0#0",
        "ReplicationTaskStats": {
            "FullLoadProgressPercent": 100,
            "ElapsedTimeMillis": 7200000,
            "TablesLoaded": 5,
            "TablesLoading": 1,
            "TablesQueued": 1,
            "TablesErrored": 1,
            "FreshStartDate": -7300,
            "StartDate": -7300,
            "FullLoadStartDate": -7250,
            "FullLoadFinishDate": -7000,
        },
        "Tables": [table("orders", "Table completed"), table("customers", "Table completed")],
    } | more


def tasks():
    tables = [table(f"t{i}", state) for i, state in enumerate(TABLE_STATES)]
    tables += [
        table("orders", "Table completed"),
        table("customers", "Table completed", ValidationState="Mismatched records", ValidationFailedRecords=3),
        table("payments", "Table completed", ValidationState="Error", ValidationSuspendedRecords=2),
        table("audit", "Table completed", ValidationState="No primary key"),
    ]
    made = [task("shop-cdc", "running", 0, Tables=tables)]
    for i, status in enumerate(TASK_STATUSES):
        t = task("shop-" + status, status, i + 1)
        if status == "failed":
            t["StopReason"] = "Stop Reason FATAL_ERROR Error Level FATAL"
            # Invented: the text.
            t["LastFailureMessage"] = (
                "Last Error Failed to connect to the source: password authentication failed. [1020401]"
            )
        if status == "stopped":
            t["StopReason"] = "Stop Reason NORMAL"
            t["ReplicationTaskStats"]["StopDate"] = -600
        if status in ("ready", "creating", "testing"):
            del t["ReplicationTaskStats"], t["ReplicationTaskStartDate"], t["RecoveryCheckpoint"], t["Tables"]
        made.append(t)
    return made


def postgres_endpoint(serial, name, **settings):
    return {
        "EndpointArn": arn("dms", f"endpoint:{serial}"),
        "EndpointIdentifier": name,
        "EndpointType": "source",
        "EngineName": "postgres",
        "EngineDisplayName": "PostgreSQL",
        "ServerName": "shop.abcdefghijkl.eu-west-3.rds.amazonaws.com",
        "Port": 5432,
        "DatabaseName": "shop",
        "Username": "dms",
        "Status": "active",
        "SslMode": "require",
        "PostgreSQLSettings": {"DatabaseName": "shop", "Port": 5432, "PluginName": "test-decoding"} | settings,
    }


def dms():
    replication = {
        "ReplicationConfigArn": arn("dms", "replication-config:SHOPSERVERLESS"),
        "ReplicationConfigIdentifier": "shop-serverless-cdc",
        "SourceEndpointArn": arn("dms", "endpoint:SHOPSOURCE2"),
        "TargetEndpointArn": arn("dms", "endpoint:SHOPKAFKA"),
        "ReplicationType": "cdc",
        "Status": "running",
        "ProvisionData": {"ProvisionState": "provisioned", "ProvisionedCapacityUnits": 4, "DateProvisioned": -86400},
        "ReplicationStats": {
            "FullLoadProgressPercent": 100,
            "TablesLoaded": 2,
            "FreshStartDate": -86000,
            "StartDate": -86000,
        },
        "StartReplicationType": "start-replication",
        "ReplicationCreateTime": -5 * 86400,
        "ReplicationUpdateTime": -86400,
        "ComputeConfig": {"MinCapacityUnits": 1, "MaxCapacityUnits": 8, "MultiAZ": False},
        "ReplicationSettings": "{}",
        "TableMappings": json.dumps({"rules": []}),
        "ReplicationConfigCreateTime": -5 * 86400,
        "ReplicationConfigUpdateTime": -86400,
        "Tables": [table("orders", "Table completed")],
    }
    kafka_endpoint = {
        "EndpointArn": arn("dms", "endpoint:SHOPKAFKA"),
        "EndpointIdentifier": "shop-kafka",
        "EndpointType": "target",
        "EngineName": "kafka",
        "EngineDisplayName": "Kafka",
        "Status": "active",
        "KafkaSettings": {
            "Broker": brokers("shop-events", 9096),
            "Topic": "dms.shop",
            "MessageFormat": "json",
            "SecurityProtocol": "sasl-ssl",
            "SaslUsername": "dms",
            "SaslMechanism": "scram-sha-512",
        },
    }
    instance = {
        "ReplicationInstanceArn": arn("dms", "rep:SHOPINSTANCE"),
        "ReplicationInstanceIdentifier": "shop-dms",
        "ReplicationInstanceClass": "dms.c6i.large",
        "ReplicationInstanceStatus": "available",
        "AllocatedStorage": 100,
        "InstanceCreateTime": -60 * 86400,
        "AvailabilityZone": REGION + "a",
        "MultiAZ": False,
        "EngineVersion": "3.6.1",
        "PendingModifiedValues": {},
    }
    full = dict(
        instance,
        ReplicationInstanceArn=arn("dms", "rep:SHOPFULL"),
        ReplicationInstanceIdentifier="shop-dms-full",
        ReplicationInstanceStatus="storage-full",
    )
    return {
        "page": 5,
        "step_s": 1,
        "tasks": tasks(),
        "instances": [instance, full],
        "endpoints": [
            postgres_endpoint("SHOPSOURCE", "shop-source", SlotName="dms_shop"),
            postgres_endpoint("SHOPSOURCE2", "shop-source-no-slot"),
            kafka_endpoint,
        ],
        "replications": [replication],
    }


# ---- RDS


def instance(name, engine, **more):
    return {
        "DBInstanceIdentifier": name,
        "DBInstanceClass": "db.m7g.large",
        "Engine": engine,
        "EngineVersion": "16.4",
        "DBInstanceStatus": "available",
        "Endpoint": {"Address": f"{name}.abcdefghijkl.{REGION}.rds.amazonaws.com", "Port": 5432},
        "AvailabilityZone": REGION + "a",
        "MultiAZ": False,
        "IAMDatabaseAuthenticationEnabled": True,
        "DbiResourceId": "db-" + name.upper().replace("-", ""),
        "CACertificateIdentifier": "rds-ca-rsa2048-g1",
        "DBParameterGroups": [{"DBParameterGroupName": "shop-pg16", "ParameterApplyStatus": "in-sync"}],
        "DBInstanceArn": arn("rds", f"db:{name}"),
        "PendingModifiedValues": {},
    } | more


def rds():
    storage = {"AllocatedStorage": 200, "MaxAllocatedStorage": 1000, "StorageType": "gp3"}
    secret = {"SecretArn": arn("secretsmanager", "secret:rds!db-1-AbCdEf"), "SecretStatus": "active"}
    waiting = [{"DBParameterGroupName": "shop-pg16", "ParameterApplyStatus": "pending-reboot"}]
    aurora = {"DBClusterIdentifier": "shop-aurora", "StorageType": "aurora", "AllocatedStorage": 1}
    return {
        "page": 2,
        "instances": [
            instance("shop", "postgres", **storage, MasterUserSecret=secret),
            instance(
                "shop-replica",
                "postgres",
                **storage,
                ReadReplicaSourceDBInstanceIdentifier="shop",
                DBParameterGroups=waiting,
                PendingModifiedValues={"DBInstanceClass": "db.m7g.xlarge", "AllocatedStorage": 400},
            ),
            instance("shop-aurora-1", "aurora-postgresql", **aurora),
            instance("shop-aurora-2", "aurora-postgresql", **aurora),
        ],
        "clusters": [
            {
                "DBClusterIdentifier": "shop-aurora",
                "DBClusterArn": arn("rds", "cluster:shop-aurora"),
                "DbClusterResourceId": "cluster-SHOPAURORA",
                "Status": "available",
                "Engine": "aurora-postgresql",
                "EngineVersion": "16.4",
                "Endpoint": f"shop-aurora.cluster-abcdefghijkl.{REGION}.rds.amazonaws.com",
                "ReaderEndpoint": f"shop-aurora.cluster-ro-abcdefghijkl.{REGION}.rds.amazonaws.com",
                "Port": 5432,
                "MultiAZ": True,
                "IAMDatabaseAuthenticationEnabled": True,
                "DBClusterMembers": [
                    {
                        "DBInstanceIdentifier": f"shop-aurora-{i}",
                        "IsClusterWriter": i == 1,
                        "DBClusterParameterGroupStatus": "in-sync",
                        "PromotionTier": 1,
                    }
                    for i in (1, 2)
                ],
            }
        ],
        "events": [
            {
                "SourceIdentifier": "shop",
                "SourceType": "db-instance",
                "Message": f"Event {i} of the shop's instance",
                "EventCategories": ["notification"],
                "Date": -600 * i,
                "SourceArn": arn("rds", "db:shop"),
            }
            for i in range(1, 6)
        ],
    }


# ---- CloudWatch, logs, secrets, roles


def metric(namespace, name, value, late_s=60, **dims):
    return {"Namespace": namespace, "MetricName": name, "Dimensions": dims, "value": value, "late_s": late_s}


def monitoring():
    metrics = [
        metric("AWS/RDS", "FreeStorageSpace", 40e9, DBInstanceIdentifier="shop"),
        metric("AWS/RDS", "ReplicationSlotDiskUsage", 6e9, DBInstanceIdentifier="shop"),
        metric("AWS/RDS", "TransactionLogsDiskUsage", 7e9, DBInstanceIdentifier="shop"),
        metric("AWS/RDS", "OldestReplicationSlotLag", 5.5e9, DBInstanceIdentifier="shop"),
        metric("AWS/RDS", "CPUUtilization", 31.5, DBInstanceIdentifier="shop"),
        metric("AWS/RDS", "AuroraReplicaLag", 19.0, DBInstanceIdentifier="shop-aurora-2"),
        metric("AWS/RDS", "VolumeBytesUsed", 90e9, DBClusterIdentifier="shop-aurora"),
    ]
    for name in ("shop-source", "shop-s3", "shop-paused", "shop-failed"):
        errored = 1 if name == "shop-failed" else 0
        for what, value in (
            ("RunningTaskCount", 1 - errored), ("ErroredTaskCount", errored), ("WorkerCount", 2), ("CpuUtilization", 22.0),
            ("MemoryUtilization", 61.0), ("SourceRecordPollRate", 130.0), ("SinkRecordSendRate", 128.0),
        ):  # fmt: skip
            metrics.append(metric("AWS/KafkaConnect", what, value, ConnectorName=name))
    task = {"ReplicationInstanceIdentifier": "shop-dms", "ReplicationTaskIdentifier": "SHOPTASK00AAAAAAAAAAAA"}
    for what, value in (("CDCLatencySource", 3.0), ("CDCLatencyTarget", 5.0), ("CDCIncomingChanges", 12.0)):
        metrics.append(metric("AWS/DMS", what, value, late_s=180, **task))
    metrics.append(metric("AWS/DMS", "FreeStorageSpace", 60e9, ReplicationInstanceIdentifier="shop-dms"))
    # The names are the user guide's; the dimension is none of AWS's documents, but what public Terraform asks for.
    for what, value in (
        ("CDCLatencySource", 4.0), ("CDCLatencyTarget", 9.0), ("CDCThroughputRowsTarget", 77.0),
        ("CapacityUtilization", 41.0), ("CPUUtilization", 23.0),
    ):  # fmt: skip
        metrics.append(metric("AWS/DMS", what, value, late_s=120, ReplicationConfigId=f"{ACCOUNT}:SHOPSERVERLESS"))
    for what, value in (("ActiveControllerCount", 1), ("OfflinePartitionsCount", 0), ("KafkaDataLogsDiskUsed", 42.0)):
        metrics.append(metric("AWS/Kafka", what, value, **{"Cluster Name": "shop-events"}))
    for broker in (1, 2, 3):
        for what, value in (
            ("KafkaDataLogsDiskUsed", 40.0 + broker),
            ("UnderReplicatedPartitions", 0),
            ("CpuUser", 12.0),
        ):
            metrics.append(metric("AWS/Kafka", what, value, **{"Cluster Name": "shop-events", "Broker ID": broker}))
    return {"page": 10, "metrics": metrics}


def secret(name, **value):
    return {"Name": name, "ARN": arn("secretsmanager", f"secret:{name}-AbCdEf"), "CreatedDate": -86400} | value


def secretsmanager():
    return {
        "secrets": [
            secret("shop/db", SecretString=json.dumps({"username": "debezium", "password": DB_PASSWORD, "port": 5432})),
            secret("shop/kafka", SecretString=json.dumps({"username": "shop", "password": KAFKA_PASSWORD})),
            secret("shop/plain", SecretString=PLAIN_SECRET),
            secret("shop/binary", SecretBinary="AAECAwQ="),
        ]
    }


# A trace as a sink of Confluent gives it when S3 refuses it (recorded: Kafka Connect 3.9.1, kafka-connect-s3 10.6.18).
DENIED_TRACE = """org.apache.kafka.connect.errors.ConnectException: Exiting WorkerSinkTask due to unrecoverable exception.
\tat org.apache.kafka.connect.runtime.WorkerSinkTask.deliverMessages(WorkerSinkTask.java:636)
\tat org.apache.kafka.connect.runtime.WorkerSinkTask.poll(WorkerSinkTask.java:345)
\tat java.base/java.lang.Thread.run(Thread.java:840)
Caused by: org.apache.kafka.connect.errors.ConnectException: User: arn:aws:sts::123456789012:assumed-role/shop-connect/msk \
is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::shop-lake/raw/x" because no identity-based policy \
allows the s3:PutObject action (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied; Request ID: 4442587FB7D0; \
S3 Extended Request ID: hostidexample=; Proxy: null)
\tat io.confluent.connect.s3.util.S3ErrorUtils.throwConnectException(S3ErrorUtils.java:84)
\t... 12 more"""
LOGIN_TRACE = f"""org.apache.kafka.connect.errors.ConnectException: Error configuring an instance of PostgresConnectorTask \
of postgresql://debezium:{CONNECTOR_PASSWORD}@shop:5432/shop
\tat io.debezium.connector.common.BaseSourceTask.start(BaseSourceTask.java:248)
Caused by: org.postgresql.util.PSQLException: FATAL: password authentication failed for user "debezium"
\tat org.postgresql.core.v3.ConnectionFactoryImpl.doAuthentication(ConnectionFactoryImpl.java:693)"""
KILLED = (
    "Task threw an uncaught and unrecoverable exception. Task is being killed and will not recover until manually "
    "restarted (org.apache.kafka.connect.runtime.WorkerTask:234)"
)


def worker_log(stream, ago_s, *entries):
    """Lines of an MSK Connect worker: each is an event behind the worker's name, those of a trace too."""
    out = []
    for entry in entries:
        for line in entry.split("\n"):
            out.append({"logStreamName": stream, "ago_s": ago_s, "message": f"[Worker-0bb8afa0b01391c41] {line}"})
    return out


def entry(level, text):
    return f"[2026-11-27 05:10:00,123] {level} {text}"


def logs():
    quiet = entry("INFO", "WorkerSourceTask{id=shop-source-0} Committing offsets (org.apache.kafka.connect:120)")
    denied = entry("ERROR", "[shop-s3|task-1] WorkerSinkTask{id=shop-s3-1} " + KILLED) + "\n" + DENIED_TRACE
    login = entry("ERROR", "[shop-failed|task-0] WorkerSourceTask{id=shop-failed-0} " + KILLED) + "\n" + LOGIN_TRACE
    return {
        "page": 3,
        "groups": {
            "/msk-connect/shop": worker_log("worker-2", 26 * 3600, login, quiet)
            + worker_log("worker-1", 40 * 60, quiet, denied, quiet)
            + worker_log("worker-1", 30, quiet),
            "dms-tasks-shop-dms": [
                {
                    "logStreamName": "dms-task-SHOPTASK00AAAAAAAAAAAA",
                    "ago_s": 30,
                    "message": "2026-11-27T05:10:00 [SOURCE_CAPTURE  ]E:  lost connection  (postgres_endpoint_wal.c:840)",
                }
            ],
        },
    }


def sts():
    return {
        "roles": [
            {"arn": f"arn:aws:iam::{ACCOUNT}:role/cdctop", "allow": ["*"]},
            {"arn": f"arn:aws:iam::{ACCOUNT}:role/cdctop-external", "external_id": "shop", "allow": ["*"]},
            {"arn": f"arn:aws:iam::{ACCOUNT}:role/cdctop-short", "allow": ["*"], "for_s": 5},
        ]
    }


def usual():
    services = (kafka, kafkaconnect, dms, rds, monitoring, secretsmanager, logs, sts)
    return {f.__name__: f() for f in services}
