"""MSK: clusters, their bootstrap strings, their nodes. A cluster of the scenario is what DescribeClusterV2 has of it, and
beside it "Bootstrap" and "Nodes": what GetBootstrapBrokers and ListNodes answer."""

from .wire import Fault
from .world import operation, page


def find(world, arn):
    for c in world.services["kafka"]["clusters"]:
        if c["ClusterArn"] == arn:
            return c
    # Invented: the text.
    raise Fault("NotFoundException", f"The cluster {arn} was not found.", invalidParameter="clusterArn")


@operation("kafka")
def ListClustersV2(world, op, p):
    name, kind = p.get("ClusterNameFilter"), p.get("ClusterTypeFilter")
    all_of_them = [
        c
        for c in world.services["kafka"]["clusters"]
        # The model's words: "the prefix of the name".
        if (name is None or c["ClusterName"].startswith(name)) and (kind is None or c["ClusterType"] == kind)
    ]
    some, token = page(all_of_them, min(p.get("MaxResults", 100), world.services["kafka"]["page"]), p.get("NextToken"))
    return world.shaped(op.output_shape, {"ClusterInfoList": some, "NextToken": token})


@operation("kafka")
def DescribeClusterV2(world, op, p):
    return world.shaped(op.output_shape, {"ClusterInfo": find(world, p["ClusterArn"])})


@operation("kafka")
def GetBootstrapBrokers(world, op, p):
    cluster = find(world, p["ClusterArn"])
    if cluster["State"] == "CREATING":
        # Invented: that it is this error.
        raise Fault("ConflictException", "The cluster is still being created.")
    return world.shaped(op.output_shape, cluster.get("Bootstrap", {}))


@operation("kafka")
def ListNodes(world, op, p):
    nodes = find(world, p["ClusterArn"]).get("Nodes", [])
    some, token = page(nodes, min(p.get("MaxResults", 100), world.services["kafka"]["page"]), p.get("NextToken"))
    return world.shaped(op.output_shape, {"NodeInfoList": some, "NextToken": token})
