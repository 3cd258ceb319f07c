#!/usr/bin/env python3
"""Writes dms_*.json beside itself: answers of DMS that fit botocore's model of the service.

Figures and names are invented; that each member exists, and has its type, is checked against the
model. Times go over the wire as seconds since 1970. Needs: pip install botocore==1.44.5
"""
import datetime
import json
import pathlib

import botocore.session
from botocore.validate import ParamValidator

MODEL = botocore.session.get_session().get_service_model("dms")
ARN = "arn:aws:dms:eu-west-3:123456789012:"
WHEN = datetime.datetime(2026, 11, 20, 14, 3, 22, 500000, tzinfo=datetime.timezone.utc)


def ago(**kw):
    return WHEN - datetime.timedelta(**kw)


def wire(value):
    if isinstance(value, dict):
        return {k: wire(v) for k, v in value.items()}
    if isinstance(value, list):
        return [wire(v) for v in value]
    return value.timestamp() if isinstance(value, datetime.datetime) else value


def write(name, operation, answer):
    report = ParamValidator().validate(answer, MODEL.operation_model(operation).output_shape)
    if report.has_errors():
        raise SystemExit(f"{name}: {report.generate_report()}")
    path = pathlib.Path(__file__).with_name(f"dms_{name}.json")
    path.write_text(json.dumps(wire(answer), indent=1) + "\n")


def task(name, status, **more):
    stats = {"FullLoadProgressPercent": 100, "ElapsedTimeMillis": 5400000, "TablesLoaded": 12,
             "TablesLoading": 0, "TablesQueued": 0, "TablesErrored": 0,
             "FreshStartDate": ago(days=9), "StartDate": ago(days=2),
             "FullLoadStartDate": ago(days=9), "FullLoadFinishDate": ago(days=9, hours=-1)}
    stats.update(more.pop("stats", {}))
    if status == "ready":
        stats = {k: v for k, v in stats.items() if not k.endswith("Date")}
    base = {"ReplicationTaskIdentifier": name, "SourceEndpointArn": ARN + "endpoint:PGSOURCE",
            "TargetEndpointArn": ARN + "endpoint:MSKTARGET", "ReplicationInstanceArn": ARN + "rep:INSTANCE1",
            "MigrationType": "full-load-and-cdc", "Status": status,
            "ReplicationTaskCreationDate": ago(days=10), "ReplicationTaskStartDate": ago(days=2),
            "RecoveryCheckpoint": "checkpoint:V1#27#0000004D/1A2B3C40#0#0#*#0#1",
            "ReplicationTaskArn": ARN + "task:" + name.upper().replace("-", ""),
            "ReplicationTaskStats": stats}
    base.update(more)
    return base


write("tasks_1", "DescribeReplicationTasks", {"Marker": "page-2", "ReplicationTasks": [
    task("shop-cdc", "running"),
    task("shop-orders", "stopped", StopReason="Stop Reason FATAL_ERROR",
         LastFailureMessage="Last Error Task error notification received from subtask 0, thread 0 "
         "Error executing source loop; Stream component failed at subtask 0; password=hunter2",
         stats={"StopDate": ago(minutes=20), "TablesErrored": 1})]})
write("tasks_2", "DescribeReplicationTasks", {"ReplicationTasks": [
    task("shop-new", "ready", stats={"FullLoadProgressPercent": 0, "TablesLoaded": 0}),
    task("other-team", "running")]})
write("replications", "DescribeReplications", {"Replications": [{
    "ReplicationConfigIdentifier": "shop-serverless", "ReplicationConfigArn": ARN + "replication-config:SHOPSERVERLESS",
    "SourceEndpointArn": ARN + "endpoint:PGSLOT", "TargetEndpointArn": ARN + "endpoint:MSKTARGET",
    "ReplicationType": "full-load-and-cdc", "Status": "running",
    "ProvisionData": {"ProvisionState": "provisioned", "ProvisionedCapacityUnits": 4, "DateProvisioned": ago(days=1)},
    "FailureMessages": ["first failure", "second failure"],
    "ReplicationStats": {"FullLoadProgressPercent": 40, "TablesLoaded": 4, "TablesLoading": 2, "TablesQueued": 6,
                         "TablesErrored": 0, "StartDate": ago(hours=1), "FullLoadStartDate": ago(hours=1)},
    "StartReplicationType": "start-replication", "ReplicationCreateTime": ago(days=3)}]})
write("configs", "DescribeReplicationConfigs", {"ReplicationConfigs": [{
    "ReplicationConfigIdentifier": "shop-serverless", "ReplicationConfigArn": ARN + "replication-config:SHOPSERVERLESS",
    "ReplicationType": "full-load-and-cdc", "ComputeConfig": {"MinCapacityUnits": 2, "MaxCapacityUnits": 16}}]})
write("endpoints", "DescribeEndpoints", {"Endpoints": [
    {"EndpointIdentifier": "shop-aurora", "EndpointType": "source", "EngineName": "aurora-postgresql",
     "Username": "dms", "ServerName": "shop.cluster-abc.eu-west-3.rds.amazonaws.com", "Port": 5432,
     "DatabaseName": "shop", "ExtraConnectionAttributes": "captureDDLs=N;password=hunter2;", "Status": "active",
     "EndpointArn": ARN + "endpoint:PGSOURCE", "SslMode": "require",
     "PostgreSQLSettings": {"DatabaseName": "shop", "ServerName": "shop.cluster-abc.eu-west-3.rds.amazonaws.com",
                            "Username": "dms", "Password": "hunter2", "PluginName": "test-decoding"}},
    {"EndpointIdentifier": "shop-aurora-slot", "EndpointType": "source", "EngineName": "aurora-postgresql",
     "Username": "dms", "ServerName": "shop.cluster-abc.eu-west-3.rds.amazonaws.com", "Port": 5432,
     "DatabaseName": "shop", "EndpointArn": ARN + "endpoint:PGSLOT",
     "PostgreSQLSettings": {"SlotName": "dms_shop", "HeartbeatEnable": True, "HeartbeatFrequency": 5,
                            "CaptureDdls": True, "PluginName": "pglogical"}},
    {"EndpointIdentifier": "shop-msk", "EndpointType": "target", "EngineName": "kafka",
     "EndpointArn": ARN + "endpoint:MSKTARGET",
     "KafkaSettings": {"Broker": "b-1.shop.kafka.eu-west-3.amazonaws.com:9098", "Topic": "dms.shop",
                       "MessageFormat": "json", "SecurityProtocol": "sasl-ssl", "SaslUsername": "dms",
                       "SaslPassword": "hunter2"}}]})
write("instances", "DescribeReplicationInstances", {"ReplicationInstances": [
    {"ReplicationInstanceIdentifier": "shop-dms", "ReplicationInstanceClass": "dms.r6i.large",
     "ReplicationInstanceStatus": "available", "AllocatedStorage": 100, "MultiAZ": False, "EngineVersion": "3.6.1",
     "ReplicationInstanceArn": ARN + "rep:INSTANCE1",
     "ReplicationInstancePrivateIpAddresses": ["10.0.7.21"], "ReplicationInstancePublicIpAddresses": []}]})


def table(name, state="Table completed", **more):
    base = {"SchemaName": "public", "TableName": name, "Inserts": 120, "Deletes": 3, "Updates": 40, "Ddls": 0,
            "AppliedInserts": 118, "AppliedDeletes": 3, "AppliedUpdates": 39, "AppliedDdls": 0,
            "FullLoadRows": 50000, "FullLoadCondtnlChkFailedRows": 0, "FullLoadErrorRows": 0,
            "FullLoadStartTime": ago(days=9), "FullLoadEndTime": ago(days=9), "FullLoadReloaded": False,
            "LastUpdateTime": ago(seconds=40), "TableState": state, "ValidationPendingRecords": 0,
            "ValidationFailedRecords": 0, "ValidationSuspendedRecords": 0, "ValidationState": "Not enabled"}
    base.update(more)
    return base


write("tables", "DescribeTableStatistics", {
    "ReplicationTaskArn": ARN + "task:SHOPCDC", "TableStatistics": [
        table("orders"), table("order_items", ValidationState="Mismatched records", ValidationFailedRecords=7),
        table("refunds", "Table error", FullLoadErrorRows=2)]})
write("replication_tables", "DescribeReplicationTableStatistics", {
    "ReplicationConfigArn": ARN + "replication-config:SHOPSERVERLESS", "ReplicationTableStatistics": [
        table("orders", "Full load")]})
