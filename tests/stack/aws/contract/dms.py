"""DMS: tasks, tables, instances, endpoints, and the serverless replications. A task of the scenario is what
DescribeReplicationTasks has of it, and beside it "Tables": what DescribeTableStatistics answers; a replication is what
DescribeReplications and DescribeReplicationConfigs have, with "Tables" too. "step_s" is how long starting, stopping and
reloading take (invented)."""

import datetime

from .wire import Fault
from .world import operation, page

# What the model's documentation allows as filters, and the member that each one looks at.
TASK_FILTERS = {
    "replication-task-arn": "ReplicationTaskArn",
    "replication-task-id": "ReplicationTaskIdentifier",
    "migration-type": "MigrationType",
    "endpoint-arn": ("SourceEndpointArn", "TargetEndpointArn"),
    "replication-instance-arn": "ReplicationInstanceArn",
}
TABLE_FILTERS = {"schema-name": "SchemaName", "table-name": "TableName", "table-state": "TableState"}
INSTANCE_FILTERS = {
    "replication-instance-arn": "ReplicationInstanceArn",
    "replication-instance-id": "ReplicationInstanceIdentifier",
    "replication-instance-class": "ReplicationInstanceClass",
    "engine-version": "EngineVersion",
}
ENDPOINT_FILTERS = {
    "endpoint-arn": "EndpointArn",
    "endpoint-type": "EndpointType",
    "endpoint-id": "EndpointIdentifier",
    "engine-name": "EngineName",
}
REPLICATION_FILTERS = {
    "replication-config-arn": "ReplicationConfigArn",
    "replication-config-id": "ReplicationConfigIdentifier",
}


def mine(world):
    return world.services["dms"]


def listed(world, op, p, items, name, filters, most=100):
    """One page of the items that the filters let through."""
    for f in p.get("Filters", []):
        members = filters.get(f["Name"])
        if members is None:
            # Invented: the text. The documentation lists the names.
            raise Fault("InvalidParameterValueException", f"Unrecognized filter name: {f['Name']}")
        members = members if isinstance(members, tuple) else (members,)
        items = [i for i in items if any(i.get(m) in f["Values"] for m in members)]
    size = p.get("MaxRecords", 100)
    if not 20 <= size <= most:
        raise Fault("InvalidParameterValueException", f"MaxRecords must be between 20 and {most}.")
    some, marker = page(items, min(size, mine(world)["page"]), p.get("Marker"))
    return {name: world.shaped(op.output_shape.members[name], some)} | ({"Marker": marker} if marker else {})


def find(items, key, arn):
    for i in items:
        if i[key] == arn:
            return i
    raise Fault("ResourceNotFoundFault", f"{arn} was not found.")  # Invented: the text.


def task_of(world, p):
    return find(mine(world)["tasks"], "ReplicationTaskArn", p["ReplicationTaskArn"])


def replication_of(world, p):
    return find(mine(world)["replications"], "ReplicationConfigArn", p["ReplicationConfigArn"])


def bad_state(what, thing):
    # Invented: the text.
    raise Fault("InvalidResourceStateFault", f"{what} is currently in the {thing['Status']} state and cannot do this.")


@operation("dms")
def DescribeReplicationTasks(world, op, p):
    tasks = mine(world)["tasks"]
    if p.get("WithoutSettings"):
        tasks = [{k: v for k, v in t.items() if k != "ReplicationTaskSettings"} for t in tasks]
    return listed(world, op, p, tasks, "ReplicationTasks", TASK_FILTERS)


@operation("dms")
def DescribeTableStatistics(world, op, p):
    tables = task_of(world, p).get("Tables", [])
    answer = listed(world, op, p, tables, "TableStatistics", TABLE_FILTERS, 500)
    return answer | {"ReplicationTaskArn": p["ReplicationTaskArn"]}


@operation("dms")
def DescribeReplicationInstances(world, op, p):
    return listed(world, op, p, mine(world)["instances"], "ReplicationInstances", INSTANCE_FILTERS)


@operation("dms")
def DescribeEndpoints(world, op, p):
    return listed(world, op, p, mine(world)["endpoints"], "Endpoints", ENDPOINT_FILTERS)


# The user guide's states of a serverless replication that starts, as public programs spell them.
SERVERLESS_STEPS = (
    "initializing",
    "preparing_metadata_resources",
    "testing_connection",
    "fetching_metadata",
    "calculating_capacity",
    "provisioning_capacity",
    "replication_starting",
)


def start(world, thing, stats, words=("starting",)):
    """Invented: how long each word stands (together one step)."""
    thing["Status"] = words[0]
    for gone in ("StopReason", "LastFailureMessage", "FailureMessages", "ReplicationDeprovisionTime"):
        thing.pop(gone, None)
    step = mine(world)["step_s"]

    def runs():
        thing["Status"] = "running"
        thing.setdefault(stats, {})["StartDate"] = world.now()

    for i, word in enumerate(words[1:], 1):
        world.later(step * i / len(words), lambda word=word: thing.update(Status=word))
    world.later(step, runs)


def stop(world, thing, stats):
    thing["Status"] = "stopping"

    def stopped():
        thing["Status"] = "stopped"
        thing["StopReason"] = "Stop Reason NORMAL"
        thing.setdefault(stats, {})["StopDate"] = world.now()
        if "ProvisionData" in thing:
            # The user guide says 48 hours; invented: that this member tells it from the stop on.
            thing["ReplicationLastStopTime"] = world.now()
            thing["ReplicationDeprovisionTime"] = world.now() + datetime.timedelta(hours=48)

    world.later(mine(world)["step_s"], stopped)


def reload(world, tables, validate_only):
    """Invented: that a reload ends after one step, and with what counts."""
    for t in tables:
        t["TableState"] = "Table is being reloaded" if not validate_only else t["TableState"]
        t["ValidationState"] = "Pending records" if validate_only else t.get("ValidationState")

    def done():
        for t in tables:
            t["TableState"] = "Table completed"
            if not validate_only:
                t["FullLoadReloaded"] = True
                t["FullLoadEndTime"] = world.now()
            else:
                t["ValidationState"] = "Validated"

    world.later(mine(world)["step_s"], done)


def check_start(thing, kind, stats):
    ran = "FreshStartDate" in thing.get(stats, {})
    if thing["Status"] not in ("ready", "created", "stopped", "failed"):
        bad_state("The task", thing)
    # By the documentation a task starts for the first time with start-replication. Invented: that these errors say no.
    if kind == "start-replication" and ran:
        raise Fault(
            "InvalidResourceStateFault", "start-replication is valid only for tasks that run for the first time."
        )
    if kind != "start-replication" and not ran:
        raise Fault("InvalidResourceStateFault", f"{kind} is not valid for a task that never ran.")


@operation("dms")
def StartReplicationTask(world, op, p):
    task = task_of(world, p)
    check_start(task, p["StartReplicationTaskType"], "ReplicationTaskStats")
    start(world, task, "ReplicationTaskStats")
    if p["StartReplicationTaskType"] != "resume-processing":
        task.setdefault("ReplicationTaskStats", {})["FreshStartDate"] = world.now()
        reload(world, task.get("Tables", []), False)
    return {"ReplicationTask": world.shaped(op.output_shape.members["ReplicationTask"], task)}


@operation("dms")
def StopReplicationTask(world, op, p):
    task = task_of(world, p)
    if task["Status"] not in ("running", "starting"):
        bad_state("The task", task)
    stop(world, task, "ReplicationTaskStats")
    return {"ReplicationTask": world.shaped(op.output_shape.members["ReplicationTask"], task)}


def chosen(tables, p):
    """The tables to reload."""
    found = []
    for want in p["TablesToReload"]:
        same = [t for t in tables if (t["SchemaName"], t["TableName"]) == (want["SchemaName"], want["TableName"])]
        if not same:
            raise Fault("ResourceNotFoundFault", f"Table {want['SchemaName']}.{want['TableName']} was not found.")
        found += same
    return found


@operation("dms")
def ReloadTables(world, op, p):
    task = task_of(world, p)
    if task["Status"] != "running":
        bad_state("The task", task)
    reload(world, chosen(task.get("Tables", []), p), p.get("ReloadOption") == "validate-only")
    return {"ReplicationTaskArn": p["ReplicationTaskArn"]}


@operation("dms")
def DescribeReplications(world, op, p):
    return listed(world, op, p, mine(world)["replications"], "Replications", REPLICATION_FILTERS)


@operation("dms")
def DescribeReplicationConfigs(world, op, p):
    return listed(world, op, p, mine(world)["replications"], "ReplicationConfigs", REPLICATION_FILTERS)


@operation("dms")
def DescribeReplicationTableStatistics(world, op, p):
    tables = replication_of(world, p).get("Tables", [])
    answer = listed(world, op, p, tables, "ReplicationTableStatistics", TABLE_FILTERS, 500)
    return answer | {"ReplicationConfigArn": p["ReplicationConfigArn"]}


@operation("dms")
def StartReplication(world, op, p):
    replication = replication_of(world, p)
    if p["StartReplicationType"] not in ("start-replication", "resume-processing", "reload-target"):
        raise Fault("InvalidParameterValueException", "The start type is not valid.")
    check_start(replication, p["StartReplicationType"], "ReplicationStats")
    start(world, replication, "ReplicationStats", SERVERLESS_STEPS)
    if p["StartReplicationType"] != "resume-processing":
        replication.setdefault("ReplicationStats", {})["FreshStartDate"] = world.now()
    return {"Replication": world.shaped(op.output_shape.members["Replication"], replication)}


@operation("dms")
def StopReplication(world, op, p):
    replication = replication_of(world, p)
    if replication["Status"] not in ("running", "starting"):
        bad_state("The replication", replication)
    stop(world, replication, "ReplicationStats")
    return {"Replication": world.shaped(op.output_shape.members["Replication"], replication)}


@operation("dms")
def ReloadReplicationTables(world, op, p):
    replication = replication_of(world, p)
    if replication["Status"] != "running":
        bad_state("The replication", replication)
    reload(world, chosen(replication.get("Tables", []), p), p.get("ReloadOption") == "validate-only")
    return {"ReplicationConfigArn": p["ReplicationConfigArn"]}
