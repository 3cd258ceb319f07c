#!/usr/bin/env python3
"""Writes mskconnect_*.json beside itself: answers of MSK Connect that fit botocore's model of the service.

Names and figures are invented; that each member exists, and has its type, is checked against the model. Times go
over the wire as ISO-8601. Needs: pip install botocore==1.44.5
"""
import datetime
import json
import pathlib

import botocore.session
from botocore.validate import ParamValidator

MODEL = botocore.session.get_session().get_service_model("kafkaconnect")
ARN = "arn:aws:kafkaconnect:eu-west-3:123456789012:"
WHEN = datetime.datetime(2026, 11, 20, 14, 3, 22, tzinfo=datetime.timezone.utc)


def ago(**kw):
    return WHEN - datetime.timedelta(**kw)


def wire(value, shape):
    """As the service writes it: under the names of the wire."""
    if shape.type_name == "structure":
        return {shape.members[k].serialization.get("name", k): wire(v, shape.members[k]) for k, v in value.items()}
    if shape.type_name == "list":
        return [wire(v, shape.member) for v in value]
    return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if isinstance(value, datetime.datetime) else value


def write(name, operation, answer):
    shape = MODEL.operation_model(operation).output_shape
    report = ParamValidator().validate(answer, shape)
    if report.has_errors():
        raise SystemExit(f"{name}: {report.generate_report()}")
    path = pathlib.Path(__file__).with_name(f"mskconnect_{name}.json")
    path.write_text(json.dumps(wire(answer, shape), indent=1) + "\n")


FIXED = {"provisionedCapacity": {"mcuCount": 1, "workerCount": 2}}
SCALED = {
    "autoScaling": {
        "minWorkerCount": 1,
        "maxWorkerCount": 4,
        "mcuCount": 2,
        "scaleInPolicy": {"cpuUtilizationPercentage": 20},
        "scaleOutPolicy": {"cpuUtilizationPercentage": 80},
        "maxAutoscalingTaskCount": 8,
    }
}


def summary(name, state, capacity):
    return {
        "connectorArn": ARN + f"connector/{name}/6bd1f2b7-2",
        "connectorName": name,
        "connectorDescription": "orders to the lake",
        "connectorState": state,
        "creationTime": ago(days=20),
        "currentVersion": "K3P5ROKL5A1OLE",
        "kafkaConnectVersion": "3.7.x",
        "capacity": capacity,
        "kafkaCluster": {
            "apacheKafkaCluster": {
                "bootstrapServers": "b-1.shop.abc.c2.kafka.eu-west-3.amazonaws.com:9098",
                "vpc": {"securityGroups": ["sg-1"], "subnets": ["subnet-1"]},
            }
        },
        "kafkaClusterClientAuthentication": {"authenticationType": "IAM"},
        "kafkaClusterEncryptionInTransit": {"encryptionType": "TLS"},
        "logDelivery": {"workerLogDelivery": {"cloudWatchLogs": {"enabled": True, "logGroup": "/msk-connect/shop"}}},
        "plugins": [{"customPlugin": {"customPluginArn": ARN + "custom-plugin/debezium/11-2", "revision": 3}}],
        "serviceExecutionRoleArn": "arn:aws:iam::123456789012:role/shop-connect",
    }


def operation(number, kind, state, **more):
    arn = ARN + f"connector-operation/shop-source/{number}"
    return {"connectorOperationArn": arn, "connectorOperationType": kind, "connectorOperationState": state} | more


write("list_1", "ListConnectors", {
    "connectors": [summary("shop-source", "RUNNING", FIXED), summary("other", "PAUSED", FIXED)],
    "nextToken": "page/2==",
})
write("list_2", "ListConnectors", {"connectors": [summary("shop-s3", "RUNNING", SCALED)]})
write("source", "DescribeConnector", summary("shop-source", "FAILED", FIXED) | {
    "stateDescription": {
        "code": "UnknownError.Unknown",
        "message": "The last operation failed. org.apache.kafka.connect.errors.ConnectException: no\nCaused by: "
                   "org.postgresql.util.PSQLException: FATAL: password authentication failed for user \"debezium\"",
    },
    "connectorConfiguration": {
        "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
        "database.password": "Sup3r-Secret-Of-A-Sample",
        "database.user": "debezium",
        "slot.name": "dbz",
        "topic.prefix": "shop",
    },
})
write("sink", "DescribeConnector", summary("shop-s3", "RUNNING", SCALED) | {
    "connectorConfiguration": {
        "connector.class": "io.confluent.connect.s3.S3SinkConnector",
        "topics": "shop.public.orders",
        "aws.secret.access.key": "${secretsManager:shop/s3:key}",
    },
})
write("operations", "ListConnectorOperations", {
    "connectorOperations": [
        operation(1, "UPDATE_CONNECTOR_CONFIGURATION", "ROLLBACK_COMPLETE", creationTime=ago(days=3),
                  endTime=ago(days=3, minutes=-9)),
        operation(3, "PAUSE_CONNECTOR", "PAUSE_IN_PROGRESS", creationTime=ago(minutes=1)),
        operation(2, "RESTART_CONNECTOR", "RESTART_FAILED", creationTime=ago(hours=3)),
    ],
})
write("operation", "DescribeConnectorOperation", operation(
    2, "RESTART_CONNECTOR", "RESTART_FAILED", creationTime=ago(hours=3), endTime=ago(hours=2),
    errorInfo={"code": "ConnectorUnhealthy", "message": "The workers did not become healthy: password=hunter2 was refused"},
    operationSteps=[{"stepType": "UPDATE_WORKER_SETTING", "stepState": "FAILED"}]))
