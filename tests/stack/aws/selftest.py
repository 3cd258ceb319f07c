"""The contract server itself, asked by botocore, whose models it is made of: as TAP. Its clients read
every answer, walk every list to its end, see every fault. A server of its own: what is wrong on purpose here is no
violation of the tests."""

import datetime
import json
import sys
import tempfile
import threading
import urllib.request

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError, ResponseStreamingError
from contract import scenario, server
from contract.database import verify_token
from contract.signature import known_users
from contract.wire import Fault

USERS = {u.name: u for u in known_users().values()}
contract = server.Contract(0)
URL = f"http://127.0.0.1:{contract.server_address[1]}"
SESSION = botocore.session.Session()  # one: it keeps the models that it has read
threading.Thread(target=contract.serve_forever, daemon=True).start()


PLENTY_S = 60  # for an answer that comes


def client(service, user="admin", **more):
    u = USERS[user]
    config = Config(
        retries={"total_max_attempts": 1}, read_timeout=more.pop("read_timeout", PLENTY_S), parameter_validation=False
    )
    return SESSION.create_client(
        service,
        region_name=more.pop("region", scenario.REGION),
        endpoint_url=URL,
        aws_access_key_id=u.id,
        aws_secret_access_key=more.pop("secret", u.secret),
        aws_session_token=more.pop("token", u.token),
        config=config,
    )


def control(name, order):
    request = urllib.request.Request(f"{URL}/_contract/{name}", json.dumps(order).encode(), method="PUT")
    urllib.request.urlopen(request, timeout=PLENTY_S).read()


def fails(code, function, *args, **kwargs):
    try:
        function(*args, **kwargs)
    except ClientError as e:
        if e.response["Error"]["Code"] not in (code if isinstance(code, tuple) else (code,)):
            raise AssertionError(f"{e.response['Error']} instead of {code}") from e
        return e.response
    raise AssertionError(f"no {code}")


def walk(service, operation, key, **kwargs):
    return [i for page in client(service).get_paginator(operation).paginate(**kwargs) for i in page[key]]


def every_list_comes_whole_in_small_pages():
    usual = scenario.usual()
    connectors = walk("kafkaconnect", "list_connectors", "connectors")
    assert len(connectors) == len(usual["kafkaconnect"]["connectors"])
    assert {c["connectorState"] for c in connectors} == {"RUNNING", *scenario.CONNECTOR_STATES}
    clusters = walk("kafka", "list_clusters_v2", "ClusterInfoList")
    assert {c["State"] for c in clusters} == {"ACTIVE", *scenario.CLUSTER_STATES}
    arn = clusters[0]["ClusterArn"]
    assert len(walk("kafka", "list_nodes", "NodeInfoList", ClusterArn=arn)) == 4
    assert len(client("kafka").get_bootstrap_brokers(ClusterArn=arn)) == 15  # 14 kinds, and the metadata
    tasks = walk("dms", "describe_replication_tasks", "ReplicationTasks", WithoutSettings=True)
    assert {t["Status"] for t in tasks} == {"running", *scenario.TASK_STATUSES}
    tables = walk(
        "dms", "describe_table_statistics", "TableStatistics", ReplicationTaskArn=tasks[0]["ReplicationTaskArn"]
    )
    assert {t["TableState"] for t in tables} == set(scenario.TABLE_STATES)
    assert len(walk("dms", "describe_replication_instances", "ReplicationInstances")) == 2
    assert len(walk("dms", "describe_endpoints", "Endpoints")) == 3
    assert len(walk("rds", "describe_db_instances", "DBInstances")) == 4
    members = walk("rds", "describe_db_clusters", "DBClusters")[0]["DBClusterMembers"]
    assert [m["IsClusterWriter"] for m in members] == [True, False]
    assert len(walk("rds", "describe_events", "Events", SourceIdentifier="shop", SourceType="db-instance")) == 5
    assert len(walk("cloudwatch", "list_metrics", "Metrics")) == len(usual["monitoring"]["metrics"])
    group = "/msk-connect/shop"
    assert len(walk("logs", "filter_log_events", "events", logGroupName=group)) == len(usual["logs"]["groups"][group])
    killed = walk("logs", "filter_log_events", "events", logGroupName=group, filterPattern='?"being killed" ?"no such"')
    assert ["shop-failed-0" in e["message"] for e in killed] == [True, False]


def times_survive_the_wire():
    now = datetime.datetime.now(datetime.timezone.utc)
    arn = scenario.arn("kafkaconnect", f"connector/shop-source/{scenario.ID}")
    created = client("kafkaconnect").describe_connector(connectorArn=arn)["creationTime"]
    assert abs((now - created).total_seconds() - 20 * 86400) < 60, created
    task = client("dms").describe_replication_tasks()["ReplicationTasks"][0]
    assert abs((now - task["ReplicationTaskStats"]["StartDate"]).total_seconds() - 7300) < 60
    event = client("rds").describe_events()["Events"][0]
    assert abs((now - event["Date"]).total_seconds() - 600) < 60


def who_signs_wrongly_is_refused():
    for service, operation in (
        ("kafka", "list_clusters_v2"),
        ("dms", "describe_endpoints"),
        ("rds", "describe_db_clusters"),
    ):
        bad = ("InvalidSignatureException", "SignatureDoesNotMatch")
        unknown = ("UnrecognizedClientException", "InvalidClientTokenId")

        def call(**more):
            getattr(client(service, **more), operation)()

        call()
        call(user="session")
        fails(bad, call, secret="wrong")
        fails(bad, call, region="us-east-1")
        fails(unknown, call, user="session", token="wrong")
        fails(unknown, call, user="unknown")
        fails(("ExpiredTokenException", "ExpiredToken"), call, user="expired")
        fails(("AccessDeniedException", "AccessDenied"), call, user="nobody")
        for ahead in (-400, 400):
            control("clock", {"ahead_s": ahead})
            fails(bad, call)
        control("clock", {"ahead_s": 200})
        call()
        control("clock", {"ahead_s": 0})


def what_the_model_lacks_is_refused():
    fails("BadRequestException", client("kafkaconnect").list_connectors, maxResults=101)
    fails("ValidationException", client("dms").start_replication_task, ReplicationTaskArn="x")
    fails(
        "ValidationException",
        client("dms").start_replication_task,
        ReplicationTaskArn="x",
        StartReplicationTaskType="y",
    )
    fails("InvalidParameterValueException", client("dms").describe_endpoints, MaxRecords=5)
    fails("InvalidParameterValueException", client("dms").describe_endpoints, Filters=[{"Name": "x", "Values": ["y"]}])
    assert len(contract.violations) == 3, contract.violations


def a_connector_is_restarted_paused_and_resumed():
    mc = client("kafkaconnect")
    control("set", {"path": ["kafkaconnect", "operation_s"], "value": 0.2})
    arn = mc.list_connectors(connectorNamePrefix="shop-s3")["connectors"][0]["connectorArn"]

    def follow(answer, during, after, state):
        assert mc.describe_connector(connectorArn=arn)["connectorState"] == during
        seen = "…_IN_PROGRESS"
        while seen.endswith("_IN_PROGRESS"):
            seen = mc.describe_connector_operation(connectorOperationArn=answer["connectorOperationArn"])[
                "connectorOperationState"
            ]
        assert seen == after, seen
        assert mc.describe_connector(connectorArn=arn)["connectorState"] == state

    follow(mc.restart_connector(connectorArn=arn, onlyFailedTasks=True), "RESTARTING", "RESTART_COMPLETE", "RUNNING")
    follow(mc.pause_connector(connectorArn=arn), "PAUSING", "PAUSE_COMPLETE", "PAUSED")
    fails("ConflictException", mc.pause_connector, connectorArn=arn)
    follow(mc.resume_connector(connectorArn=arn), "RESUMING", "RESUME_COMPLETE", "RUNNING")
    fails("ConflictException", mc.resume_connector, connectorArn=arn)
    assert len(walk("kafkaconnect", "list_connector_operations", "connectorOperations", connectorArn=arn)) == 3
    control("set", {"path": ["kafkaconnect", "operation_ends"], "value": "FAILED"})
    follow(mc.pause_connector(connectorArn=arn), "PAUSING", "PAUSE_FAILED", "RUNNING")
    failed = arn.replace("shop-s3", "shop-failed")
    assert mc.describe_connector(connectorArn=failed)["stateDescription"]["message"]
    fails("BadRequestException", mc.restart_connector, connectorArn=failed)
    fails(
        "BadRequestException",
        mc.update_connector,
        connectorArn=arn,
        currentVersion="old",
        connectorConfiguration={"a": "b"},
    )
    fails("NotFoundException", mc.describe_connector, connectorArn="arn:aws:kafkaconnect:x")
    fails(("AccessDeniedException",), client("kafkaconnect", "reader").restart_connector, connectorArn=arn)
    control("set", {"path": ["kafkaconnect", "offered"], "value": []})
    fails("UnknownOperationException", mc.restart_connector, connectorArn=arn)


def a_task_is_stopped_and_started():
    dms = client("dms")
    control("set", {"path": ["dms", "step_s"], "value": 0.2})

    def arn_of(name):
        filters = [{"Name": "replication-task-id", "Values": [name]}]
        return dms.describe_replication_tasks(Filters=filters)["ReplicationTasks"][0]["ReplicationTaskArn"]

    def wait(name, status):
        filters = [{"Name": "replication-task-id", "Values": [name]}]
        while (t := dms.describe_replication_tasks(Filters=filters)["ReplicationTasks"][0])["Status"] != status:
            assert t["Status"] in ("starting", "stopping")
        return t

    arn = arn_of("shop-cdc")
    table = [{"SchemaName": "public", "TableName": "orders"}]
    dms.reload_tables(ReplicationTaskArn=arn, TablesToReload=table, ReloadOption="data-reload")
    fails(
        "ResourceNotFoundFault",
        dms.reload_tables,
        ReplicationTaskArn=arn,
        TablesToReload=[{"SchemaName": "a", "TableName": "b"}],
    )
    dms.stop_replication_task(ReplicationTaskArn=arn)
    assert wait("shop-cdc", "stopped")["StopReason"] == "Stop Reason NORMAL"
    fails("InvalidResourceStateFault", dms.stop_replication_task, ReplicationTaskArn=arn)
    fails("InvalidResourceStateFault", dms.reload_tables, ReplicationTaskArn=arn, TablesToReload=table)
    fails(
        "InvalidResourceStateFault",
        dms.start_replication_task,
        ReplicationTaskArn=arn,
        StartReplicationTaskType="start-replication",
    )
    dms.start_replication_task(ReplicationTaskArn=arn, StartReplicationTaskType="resume-processing")
    wait("shop-cdc", "running")
    ready = arn_of("shop-ready")
    fails(
        "InvalidResourceStateFault",
        dms.start_replication_task,
        ReplicationTaskArn=ready,
        StartReplicationTaskType="resume-processing",
    )
    dms.start_replication_task(ReplicationTaskArn=ready, StartReplicationTaskType="start-replication")
    wait("shop-ready", "running")
    config = dms.describe_replication_configs()["ReplicationConfigs"][0]["ReplicationConfigArn"]
    assert dms.describe_replications()["Replications"][0]["Status"] == "running"
    assert dms.describe_replication_table_statistics(ReplicationConfigArn=config)["ReplicationTableStatistics"]
    dms.reload_replication_tables(ReplicationConfigArn=config, TablesToReload=table)
    dms.stop_replication(ReplicationConfigArn=config)


def figures_come_late_and_in_parts():
    cw = client("cloudwatch")
    now = datetime.datetime.now(datetime.timezone.utc)
    path = ["monitoring", "metrics", "CDCLatencySource", "status"]
    control("set", {"path": path, "value": "PartialData"})

    def query(i, metric):
        dims = [{"Name": k, "Value": str(v)} for k, v in metric["Dimensions"].items()]
        what = {"Namespace": metric["Namespace"], "MetricName": metric["MetricName"], "Dimensions": dims}
        return {"Id": f"m{i}", "MetricStat": {"Metric": what, "Period": 60, "Stat": "Average"}}

    queries = [query(i, m) for i, m in enumerate(scenario.usual()["monitoring"]["metrics"])]
    hour = {"StartTime": now - datetime.timedelta(hours=1), "EndTime": now}
    pages = list(cw.get_paginator("get_metric_data").paginate(MetricDataQueries=queries, **hour))
    assert len(pages) > 3, len(pages)
    found, partial = {}, []
    for r in (r for page in pages for r in page["MetricDataResults"]):
        found.setdefault(r["Id"], []).extend(zip(r["Timestamps"], r["Values"]))
        partial += [r["Id"]] if r["StatusCode"] == "PartialData" else []
    assert len(partial) == 1
    assert all(55 <= len(v) <= 61 for v in found.values()), {k: len(v) for k, v in found.items()}
    newest = max(t for t, _ in found[partial[0]])
    # Late by three minutes of the server's clock, which stood somewhere between our two looks at ours.
    assert 180 <= (datetime.datetime.now(datetime.timezone.utc) - newest).total_seconds()
    assert (now - newest).total_seconds() < 180 + 60
    fails(("ValidationError", "ValidationException"), cw.get_metric_data, MetricDataQueries=queries * 20, **hour)


def faults_are_what_they_say():
    patient, hasty = client("kafkaconnect"), client("kafkaconnect", read_timeout=1)

    def with_fault(**fault):
        control("faults", [fault])
        return (hasty if fault["kind"] == "hang" else patient).list_connectors

    fails("TooManyRequestsException", with_fault(kind="throttle", times=1))
    patient.list_connectors()
    control("faults", [{"kind": "throttle", "service": "dms"}])
    fails("ThrottlingException", client("dms").describe_endpoints)
    fails("InternalServerErrorException", with_fault(kind="error", code="InternalServerErrorException"))
    fails("500", with_fault(kind="http500"))
    for kind in ("hang", "half", "reset", "garbage", "html"):
        try:
            if "connectors" not in with_fault(kind=kind)():
                continue  # botocore makes a message of what it cannot read
        except (
            ReadTimeoutError,
            EndpointConnectionError,
            ResponseStreamingError,
            botocore.exceptions.BotoCoreError,
            ValueError,
        ):
            continue
        raise AssertionError(f"{kind}: an answer")
    with_fault(kind="latency", ms=100)()


def a_role_is_assumed_and_ends():
    sts = client("sts")
    assert sts.get_caller_identity()["Arn"].endswith(":user/admin")
    arn = scenario.sts()["roles"][2]["arn"]
    c = sts.assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    USERS["role"] = type(
        "User", (), {"id": c["AccessKeyId"], "secret": c["SecretAccessKey"], "token": c["SessionToken"]}
    )
    assert ":assumed-role/cdctop-short/test" in client("sts", "role").get_caller_identity()["Arn"]
    control("clock", {"ahead_s": 10})
    fails("ExpiredToken", client("sts", "role").get_caller_identity)
    external = scenario.sts()["roles"][1]["arn"]
    fails("AccessDenied", sts.assume_role, RoleArn=external, RoleSessionName="test")
    sts.assume_role(RoleArn=external, RoleSessionName="test", ExternalId="shop")


def secrets_are_given():
    sm = client("secretsmanager")
    assert json.loads(sm.get_secret_value(SecretId="shop/db")["SecretString"])["password"] == scenario.DB_PASSWORD
    assert sm.get_secret_value(SecretId="shop/binary")["SecretBinary"] == b"\0\1\2\3\4"
    fails("ResourceNotFoundException", sm.get_secret_value, SecretId="nothing")


def tokens_of_databases_are_verified():
    """Those of botocore are taken; with any part changed they are not."""
    place, users, now = "shop.x.eu-west-3.rds.amazonaws.com:5432", contract.world.users, contract.world.now()

    def token(user="session", region=scenario.REGION):
        return client("rds", user, region=region).generate_db_auth_token(*place.split(":"), "cdctop", region)

    def refused(code, token, place=place, role="cdctop", later=0):
        try:
            verify_token(token, place, role, users, now + datetime.timedelta(seconds=later))
        except Fault as f:
            assert f.code == code, f"{f.code} instead of {code}"
        else:
            raise AssertionError(f"no {code}")

    for user in "admin", "session":
        assert verify_token(token(user), place, "cdctop", users, now).name == user
    verify_token(token(), place, "cdctop", users, now + datetime.timedelta(seconds=800))
    refused("ExpiredToken", token(), later=1000)
    refused("NotYetCurrent", token(), later=-400)
    refused("WrongPlace", token(), place="localhost:5432")
    refused("WrongUser", token(), role="other")
    refused("WrongScope", token(region="us-east-1"))
    refused("SignatureDoesNotMatch", token().replace("Expires=900", "Expires=899"))
    refused("InvalidExpires", token().replace("Expires=900", "Expires=9000"))
    refused("IncompleteSignature", token() + "&more=1")
    refused("IncompleteSignature", "a password")
    refused("AccessDenied", token("reader"))
    refused("ExpiredCredentials", token("expired"))
    refused("InvalidClientTokenId", token("unknown"))


TESTS = [
    every_list_comes_whole_in_small_pages,
    times_survive_the_wire,
    who_signs_wrongly_is_refused,
    what_the_model_lacks_is_refused,
    a_connector_is_restarted_paused_and_resumed,
    a_task_is_stopped_and_started,
    figures_come_late_and_in_parts,
    faults_are_what_they_say,
    a_role_is_assumed_and_ends,
    secrets_are_given,
    tokens_of_databases_are_verified,
]
bad = 0
print(f"1..{len(TESTS)}")
for number, test in enumerate(TESTS, 1):
    control("reset", {})
    contract.violations.clear()
    try:
        test()
        print(f"ok {number} - {test.__name__}")
    except Exception as e:  # noqa: BLE001  a test that fails in any way
        line = e.__traceback__.tb_next.tb_lineno if e.__traceback__.tb_next else 0
        print(f"# line {line}: {type(e).__name__}: {e}\nnot ok {number} - {test.__name__}")
        bad += 1
sys.exit(bad > 0)
