"""RDS: instances, clusters (Aurora's with their members), events, in the members that the model has of them."""

import datetime

from .wire import Fault
from .world import operation, page


def listed(world, op, p, items, name):
    size = p.get("MaxRecords", 100)
    if not 20 <= size <= 100:
        raise Fault("InvalidParameterValue", "MaxRecords must be from 20 to 100.")
    some, marker = page(items, min(size, world.services["rds"]["page"]), p.get("Marker"))
    return {name: world.shaped(op.output_shape.members[name], some)} | ({"Marker": marker} if marker else {})


def filtered(p, items, names):
    for f in p.get("Filters", []):
        member = names.get(f["Name"])
        if member is None:
            raise Fault("InvalidParameterValue", f"Unrecognized filter name: {f['Name']}")
        items = [i for i in items if i.get(member) in f["Values"]]
    return items


@operation("rds")
def DescribeDBInstances(world, op, p):
    items = world.services["rds"]["instances"]
    name = p.get("DBInstanceIdentifier")
    if name is not None:
        items = [i for i in items if i["DBInstanceIdentifier"] == name.lower()]
        if not items:  # Invented: the text.
            raise Fault("DBInstanceNotFoundFault", f"DBInstance {name} not found.")
    names = {
        "db-cluster-id": "DBClusterIdentifier",
        "db-instance-id": "DBInstanceIdentifier",
        "dbi-resource-id": "DbiResourceId",
        "engine": "Engine",
    }
    return listed(world, op, p, filtered(p, items, names), "DBInstances")


@operation("rds")
def DescribeDBClusters(world, op, p):
    items = world.services["rds"]["clusters"]
    name = p.get("DBClusterIdentifier")
    if name is not None:
        items = [i for i in items if i["DBClusterIdentifier"] == name.lower()]
        if not items:  # Invented: the text.
            raise Fault("DBClusterNotFoundFault", f"DBCluster {name} not found.")
    names = {
        "db-cluster-id": "DBClusterIdentifier",
        "db-cluster-resource-id": "DbClusterResourceId",
        "engine": "Engine",
    }
    return listed(world, op, p, filtered(p, items, names), "DBClusters")


@operation("rds")
def DescribeEvents(world, op, p):
    if "SourceIdentifier" in p and "SourceType" not in p:
        # From the documentation: the type must be given with the identifier.
        raise Fault("InvalidParameterCombination", "SourceType must be given with SourceIdentifier.")
    end = p.get("EndTime", world.now())
    start = p.get("StartTime", end - datetime.timedelta(minutes=p.get("Duration", 60)))
    items = [
        e
        for e in world.services["rds"]["events"]
        if start <= world.time(e["Date"]) <= end
        and p.get("SourceType", e["SourceType"]) == e["SourceType"]
        and p.get("SourceIdentifier", e["SourceIdentifier"]) == e["SourceIdentifier"]
    ]
    return listed(world, op, p, items, "Events")


@operation("rds")
def DescribePendingMaintenanceActions(world, op, p):
    """Those of the scenario."""
    items = world.services["rds"].get("maintenance", [])
    for f in p.get("Filters", []):
        if f["Name"] not in ("db-cluster-id", "db-instance-id"):
            raise Fault("InvalidParameterValue", f"Unrecognized filter name: {f['Name']}")
        kind = ":cluster:" if f["Name"] == "db-cluster-id" else ":db:"
        items = [
            i
            for i in items
            if kind in i["ResourceIdentifier"] and i["ResourceIdentifier"].split(":")[-1] in f["Values"]
        ]
    return listed(world, op, p, items, "PendingMaintenanceActions")
