"""MSK Connect. A connector of the scenario is what DescribeConnector has of it. Beside the connectors:
"offered"      which of RestartConnector, PauseConnector, ResumeConnector this region has; "not_offered" how it says
               no to the others: "unknown" (404, UnknownOperationException) or "gateway" (403, as a gateway in front
               of the service does). Both are invented: the service as it was before is nowhere described.
"operation_s"  how long an operation takes (invented), and longer until somebody has seen it under way, both itself and in
               its connector's state: so a test sees it on a slow machine, too. 0: it is over at once.
"operation_ends" COMPLETE or FAILED
"""

from .signature import ACCOUNT
from .wire import Fault
from .world import made_up_id, operation, page

# What an operation is called, what a connector is called meanwhile, and afterwards.
STEPS = {
    "RESTART": ("RESTARTING", "RUNNING"),
    "PAUSE": ("PAUSING", "PAUSED"),
    "RESUME": ("RESUMING", "RUNNING"),
    "UPDATE": ("UPDATING", "RUNNING"),
}


def mine(world):
    return world.services["kafkaconnect"]


def find(world, arn):
    for c in mine(world)["connectors"]:
        if c["connectorArn"] == arn:
            return c
    raise Fault("NotFoundException", f"Connector with ARN {arn} not found.")  # Invented: the text.


def offered(world, name):
    if name in mine(world)["offered"]:
        return
    if mine(world)["not_offered"] == "gateway":
        raise Fault("MissingAuthenticationToken", "Missing Authentication Token")
    raise Fault("UnknownOperation", "")


def begin(world, connector, what, kind=None):
    """Starts an operation that ends by itself."""
    before, (during, after) = connector["connectorState"], STEPS[what]
    name = connector["connectorName"]
    # Invented: the form of this ARN.
    arn = f"arn:aws:kafkaconnect:eu-west-3:{ACCOUNT}:connector-operation/{name}/{made_up_id()}"
    record = {
        "connectorArn": connector["connectorArn"],
        "connectorOperationArn": arn,
        "connectorOperationType": kind or f"{what}_CONNECTOR",
        "connectorOperationState": f"{what}_IN_PROGRESS",
        "creationTime": world.now(),
        "seen": False,
    }
    mine(world).setdefault("operations", []).insert(0, record)
    connector["connectorState"], connector["seen"] = during, False
    end, takes = mine(world)["operation_ends"], mine(world)["operation_s"]

    def finish():
        record["connectorOperationState"] = f"{what}_{end}"
        record["endTime"] = world.now()
        connector["connectorState"] = after if end == "COMPLETE" else before
        if end == "FAILED":
            # Invented: code and text.
            record["errorInfo"] = {
                "code": "ConnectorUnhealthy",
                "message": "The workers did not become healthy in time.",
            }

    world.later(takes, finish, lambda: takes == 0 or (connector["seen"] and record["seen"]))
    return {"connectorArn": connector["connectorArn"], "connectorOperationArn": arn}


def seen(things):
    for thing in things:
        thing["seen"] = True
    return things


@operation("kafkaconnect")
def ListConnectors(world, op, p):
    prefix = p.get("connectorNamePrefix", "")
    fitting = [c for c in mine(world)["connectors"] if c["connectorName"].startswith(prefix)]
    some, token = page(fitting, min(p.get("maxResults", 100), mine(world)["page"]), p.get("nextToken"))
    return world.shaped(op.output_shape, {"connectors": seen(some), "nextToken": token})


@operation("kafkaconnect")
def DescribeConnector(world, op, p):
    return world.shaped(op.output_shape, seen([find(world, p["connectorArn"])])[0])


@operation("kafkaconnect")
def RestartConnector(world, op, p):
    offered(world, op.name)
    connector = find(world, p["connectorArn"])
    if connector["connectorState"] != "RUNNING":
        # The model has no ConflictException here. Invented: that it is this one, and the text.
        raise Fault(
            "BadRequestException", f"Connector is in state {connector['connectorState']} and cannot be restarted."
        )
    return begin(world, connector, "RESTART")


@operation("kafkaconnect")
def PauseConnector(world, op, p):
    offered(world, op.name)
    connector = find(world, p["connectorArn"])
    if connector["connectorState"] != "RUNNING":  # Invented: the text.
        raise Fault("ConflictException", f"Connector is in state {connector['connectorState']} and cannot be paused.")
    return begin(world, connector, "PAUSE")


@operation("kafkaconnect")
def ResumeConnector(world, op, p):
    offered(world, op.name)
    connector = find(world, p["connectorArn"])
    if connector["connectorState"] != "PAUSED":  # Invented: the text.
        raise Fault("ConflictException", f"Connector is in state {connector['connectorState']} and cannot be resumed.")
    return begin(world, connector, "RESUME")


def current(connector, version):
    if version is not None and version != connector["currentVersion"]:
        # Invented: which error a stale version gives, and its text.
        raise Fault("BadRequestException", f"This operation is not valid for version {version} of the connector.")


@operation("kafkaconnect")
def UpdateConnector(world, op, p):
    connector = find(world, p["connectorArn"])
    current(connector, p["currentVersion"])
    worker = {"capacity", "plugins", "workerConfiguration", "useDefaultWorkerConfiguration"} & set(p)
    if bool(worker) == ("connectorConfiguration" in p):
        raise Fault("BadRequestException", "Either the configuration or the worker settings must be given, not both.")
    connector.update({k: p[k] for k in ("connectorConfiguration", "capacity") if k in p})
    connector["currentVersion"] = "K" + made_up_id()[:12].upper()
    kind = "UPDATE_WORKER_SETTING" if worker else "UPDATE_CONNECTOR_CONFIGURATION"
    result = begin(world, connector, "UPDATE", kind)
    return result | {"connectorState": connector["connectorState"]}


@operation("kafkaconnect")
def DeleteConnector(world, op, p):
    connector = find(world, p["connectorArn"])
    current(connector, p.get("currentVersion"))
    connector["connectorState"] = "DELETING"
    world.later(mine(world)["operation_s"], lambda: mine(world)["connectors"].remove(connector))
    return {"connectorArn": connector["connectorArn"], "connectorState": "DELETING"}


@operation("kafkaconnect")
def ListConnectorOperations(world, op, p):
    find(world, p["connectorArn"])
    fitting = [o for o in mine(world).get("operations", []) if o["connectorArn"] == p["connectorArn"]]
    some, token = page(fitting, min(p.get("maxResults", 100), mine(world)["page"]), p.get("nextToken"))
    return world.shaped(op.output_shape, {"connectorOperations": seen(some), "nextToken": token})


@operation("kafkaconnect")
def DescribeConnectorOperation(world, op, p):
    for o in mine(world).get("operations", []):
        if o["connectorOperationArn"] == p["connectorOperationArn"]:
            return world.shaped(op.output_shape, seen([o])[0])
    raise Fault("NotFoundException", "The connector operation was not found.")  # Invented: the text.
