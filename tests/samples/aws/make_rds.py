#!/usr/bin/env python3
"""Writes rds_*.xml beside itself: answers of RDS that fit botocore's model of the service.

Figures and names are invented; that each member exists, and has its type, is checked against the model, which also
says how lists and results are named in XML. Needs: pip install botocore==1.44.5
"""
import datetime
import pathlib
import xml.sax.saxutils

import botocore.session
from botocore.validate import ParamValidator

MODEL = botocore.session.get_session().get_service_model("rds")
ARN = "arn:aws:rds:eu-west-3:123456789012:"
WHEN = datetime.datetime(2026, 11, 20, 14, 3, 22, tzinfo=datetime.timezone.utc)
NAME = ".abcdefghijkl.eu-west-3.rds.amazonaws.com"


def ago(**kw):
    return WHEN - datetime.timedelta(**kw)


def out(shape, value, name):
    kind = shape.type_name
    if kind == "structure":
        inner = "".join(out(shape.members[k], v, shape.members[k].serialization.get("name", k)) for k, v in value.items())
    elif kind == "list":
        inner = "".join(out(shape.member, v, shape.member.serialization.get("name", "member")) for v in value)
    elif kind == "timestamp":
        inner = value.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    elif kind == "boolean":
        inner = "true" if value else "false"
    else:
        inner = xml.sax.saxutils.escape(str(value))
    return f"<{name}>{inner}</{name}>"


def write(name, operation, answer):
    op = MODEL.operation_model(operation)
    report = ParamValidator().validate(answer, op.output_shape)
    if report.has_errors():
        raise SystemExit(f"{name}: {report.generate_report()}")
    inner = out(op.output_shape, answer, op.output_shape.serialization["resultWrapper"])
    space = MODEL.metadata["xmlNamespace"]
    text = (
        f'<?xml version="1.0"?>\n<{operation}Response xmlns="{space}">{inner}'
        f"<ResponseMetadata><RequestId>0a1b2c3d</RequestId></ResponseMetadata></{operation}Response>\n"
    )
    pathlib.Path(__file__).with_name(f"rds_{name}.xml").write_text(text)


def instance(name, **more):
    base = {
        "DBInstanceIdentifier": name, "DBInstanceClass": "db.m7g.large", "Engine": "postgres",
        "DBInstanceStatus": "available", "MasterUsername": "postgres", "DBName": "shop",
        "Endpoint": {"Address": name + NAME, "Port": 5432, "HostedZoneId": "Z2"}, "AllocatedStorage": 100,
        "InstanceCreateTime": ago(days=400), "PreferredBackupWindow": "03:00-03:30", "BackupRetentionPeriod": 7,
        "DBParameterGroups": [{"DBParameterGroupName": "shop-pg17", "ParameterApplyStatus": "in-sync"}],
        "AvailabilityZone": "eu-west-3a", "PreferredMaintenanceWindow": "sun:04:00-sun:04:30",
        "PendingModifiedValues": {}, "LatestRestorableTime": ago(minutes=4), "MultiAZ": True, "EngineVersion": "17.4",
        "StorageType": "gp3", "DbiResourceId": "db-ABCDEFGHIJKLMNOP", "CACertificateIdentifier": "rds-ca-rsa2048-g1",
        "DBInstanceArn": ARN + "db:" + name, "IAMDatabaseAuthenticationEnabled": True,
        "CertificateDetails": {"CAIdentifier": "rds-ca-rsa2048-g1", "ValidTill": WHEN + datetime.timedelta(days=200)},
    }  # fmt: skip
    base.update(more)
    return base


write("instance", "DescribeDBInstances", {"DBInstances": [instance(
    "shop", MaxAllocatedStorage=500,
    PendingModifiedValues={"DBInstanceClass": "db.m7g.xlarge", "MasterUserPassword": "****", "MultiAZ": False},
    DBParameterGroups=[{"DBParameterGroupName": "shop-pg17", "ParameterApplyStatus": "pending-reboot"}],
    MasterUserSecret={"SecretArn": "arn:aws:secretsmanager:eu-west-3:123456789012:secret:rds!db-1-AbCdEf",
                      "SecretStatus": "active"})]})  # fmt: skip
write("replica", "DescribeDBInstances", {"DBInstances": [instance(
    "shop-ro", ReadReplicaSourceDBInstanceIdentifier="shop", IAMDatabaseAuthenticationEnabled=False)]})  # fmt: skip
member = {"Engine": "aurora-postgresql", "EngineVersion": "16.6", "AllocatedStorage": 1, "StorageType": "aurora",
          "DBClusterIdentifier": "shop-aurora", "MultiAZ": False}  # fmt: skip
write("members_1", "DescribeDBInstances", {"Marker": "page+2/=", "DBInstances": [instance("shop-aurora-2", **member)]})
write("members_2", "DescribeDBInstances", {"DBInstances": [instance("shop-aurora-1", **member)]})
write("cluster", "DescribeDBClusters", {"DBClusters": [{
    "DBClusterIdentifier": "shop-aurora", "DBClusterParameterGroup": "shop-aurora16", "Status": "available",
    "Endpoint": "shop-aurora.cluster-abcdefghijkl.eu-west-3.rds.amazonaws.com",
    "ReaderEndpoint": "shop-aurora.cluster-ro-abcdefghijkl.eu-west-3.rds.amazonaws.com",
    "CustomEndpoints": ["reports.cluster-custom-abcdefghijkl.eu-west-3.rds.amazonaws.com"],
    "MultiAZ": True, "Engine": "aurora-postgresql", "EngineVersion": "16.6", "Port": 5432, "BackupRetentionPeriod": 7,
    "DBClusterMembers": [
        {"DBInstanceIdentifier": "shop-aurora-1", "IsClusterWriter": True,
         "DBClusterParameterGroupStatus": "pending-reboot", "PromotionTier": 1},
        {"DBInstanceIdentifier": "shop-aurora-2", "IsClusterWriter": False,
         "DBClusterParameterGroupStatus": "in-sync", "PromotionTier": 1}],
    "DbClusterResourceId": "cluster-ABCDEFGHIJKLMNOP", "DBClusterArn": ARN + "cluster:shop-aurora",
    "IAMDatabaseAuthenticationEnabled": True,
    "MasterUserSecret": {"SecretArn": "arn:aws:secretsmanager:eu-west-3:123456789012:secret:rds!cluster-1-AbCdEf",
                         "SecretStatus": "rotating"}}]})  # fmt: skip
write("events", "DescribeEvents", {"Events": [
    {"SourceIdentifier": "shop", "SourceType": "db-instance", "Message": "Backing up DB instance",
     "EventCategories": ["backup"], "Date": ago(hours=11), "SourceArn": ARN + "db:shop"},
    {"SourceIdentifier": "shop", "SourceType": "db-instance", "Message": "Multi-AZ instance failover started.",
     "EventCategories": ["failover"], "Date": ago(minutes=6), "SourceArn": ARN + "db:shop"},
    {"SourceIdentifier": "shop", "SourceType": "db-instance", "Message": "Multi-AZ instance failover completed",
     "EventCategories": ["failover", "availability"], "Date": ago(minutes=5), "SourceArn": ARN + "db:shop"}]})  # fmt: skip
write("maintenance", "DescribePendingMaintenanceActions", {"PendingMaintenanceActions": [
    {"ResourceIdentifier": ARN + "db:shop", "PendingMaintenanceActionDetails": [
        {"Action": "os-upgrade", "Description": "New Operating System update is available",
         "CurrentApplyDate": WHEN + datetime.timedelta(days=2)},
        {"Action": "ca-certificate-rotation", "ForcedApplyDate": WHEN + datetime.timedelta(days=40)}]}]})  # fmt: skip
