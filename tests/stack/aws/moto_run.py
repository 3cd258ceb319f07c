"""moto with authentication: `moto_run.py JSON_FILE` serves on a free port of loopback until it is ended, and writes
{"url", "key", "secret", "reader_key", "reader_secret"} there when it can be asked: the one user may do everything, the
other one only read. moto verifies signatures with botocore; it does not look at clocks.

What is there at first (names that tests look for):
  S3       bucket shop-lake: objects under raw/ with odd characters (ODD below), 25 more under pages/
  Secrets  shop/db {"username", "password"}, shop/plain, shop/rotated; `moto_run.py put-secret URL KEY SECRET NAME TEXT` replaces one
  STS      role arn:aws:iam::123456789012:role/cdctop
  RDS      instance shop (PostgreSQL), cluster shop-aurora with members shop-aurora-1 and -2
  CloudWatch  AWS/RDS FreeStorageSpace of shop; Logs: /msk-connect/shop, where task 0 of shop-s3 has died
"""

import json
import os
import sys
import threading
import time
import urllib.request

import boto3

REGION = "eu-west-3"
DB_PASSWORD = "moto-db-Passw0rd-8Lm3"
PLAIN = "moto-plain-Passw0rd-2Hs6"
ODD = [
    "space here",
    "plus+plus",
    "percent%25",
    "amp&eq=",
    "é日本",
    "quote'\"",
    "tilde~-_.",
    "semi;colon:at@",
    "star*(par)!",
    "a//b",
]
ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
READ = ["*:Describe*", "*:List*", "*:Get*", "s3:*Head*", "logs:FilterLogEvents"]


def clients(url, key, secret):
    session = boto3.session.Session(key, secret, region_name=REGION)
    return lambda service: session.client(service, endpoint_url=url)


def users(client):
    iam = client("iam")
    read = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": READ, "Resource": "*"}]}
    keys = []
    for name, policy in (("admin", ALL), ("reader", read)):
        iam.create_user(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
        k = iam.create_access_key(UserName=name)["AccessKey"]
        keys += [k["AccessKeyId"], k["SecretAccessKey"]]
    iam.create_role(RoleName="cdctop", AssumeRolePolicyDocument=json.dumps(ALL))
    iam.put_role_policy(RoleName="cdctop", PolicyName="p", PolicyDocument=json.dumps(ALL))
    return keys


def fill(client):
    s3 = client("s3")
    s3.create_bucket(Bucket="shop-lake", CreateBucketConfiguration={"LocationConstraint": REGION})
    for name in ODD:
        s3.put_object(Bucket="shop-lake", Key=f"raw/{name}/file 1+2.json", Body=b"{}\n")
    for i in range(25):
        s3.put_object(Bucket="shop-lake", Key=f"pages/{i:04d}.json", Body=b"{}\n")
    sm = client("secretsmanager")
    sm.create_secret(Name="shop/db", SecretString=json.dumps({"username": "debezium", "password": DB_PASSWORD}))
    sm.create_secret(Name="shop/plain", SecretString=PLAIN)
    sm.create_secret(Name="shop/rotated", SecretString="{}")
    rds = client("rds")
    usual = {"DBInstanceClass": "db.m7g.large"}
    rds.create_db_instance(
        DBInstanceIdentifier="shop",
        Engine="postgres",
        AllocatedStorage=200,
        MasterUsername="postgres",
        MasterUserPassword=DB_PASSWORD,
        **usual,
    )
    rds.create_db_cluster(
        DBClusterIdentifier="shop-aurora",
        Engine="aurora-postgresql",
        MasterUsername="postgres",
        MasterUserPassword=DB_PASSWORD,
    )
    for i in (1, 2):
        rds.create_db_instance(
            DBInstanceIdentifier=f"shop-aurora-{i}",
            DBClusterIdentifier="shop-aurora",
            Engine="aurora-postgresql",
            **usual,
        )
    dims = [{"Name": "DBInstanceIdentifier", "Value": "shop"}]
    data = {"MetricName": "FreeStorageSpace", "Dimensions": dims, "Value": 40e9, "Unit": "Bytes"}
    client("cloudwatch").put_metric_data(Namespace="AWS/RDS", MetricData=[data | {"Timestamp": time.time() - 120}])
    logs = client("logs")
    logs.create_log_group(logGroupName="/msk-connect/shop")
    logs.create_log_stream(logGroupName="/msk-connect/shop", logStreamName="worker-1")
    lines = [
        "[2026-11-27 05:10:00,123] INFO Committing offsets (org.apache.kafka.connect:120)",
        "[2026-11-27 05:10:00,123] ERROR WorkerSinkTask{id=shop-s3-0} Task threw an uncaught and unrecoverable exception. "
        "Task is being killed and will not recover until manually restarted (org.apache.kafka.connect.runtime.WorkerTask:234)",
        "org.apache.kafka.connect.errors.ConnectException: Exiting WorkerSinkTask due to unrecoverable exception.",
        "Caused by: java.net.UnknownHostException: shop-lake.s3.amazonaws.com",
        "[2026-11-27 05:10:00,124] INFO Stopping task (org.apache.kafka.connect.runtime.Worker:900)",
    ]
    events = [{"timestamp": int(time.time() * 1000) - 60000, "message": f"[Worker-0bb8] {line}"} for line in lines]
    logs.put_log_events(logGroupName="/msk-connect/shop", logStreamName="worker-1", logEvents=events)


def serve(path):
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "false"
    from moto.moto_server.threaded_moto_server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    url = "http://127.0.0.1:%d" % server.get_host_and_port()[1]
    client = clients(url, "any", "any")
    key, secret, reader_key, reader_secret = users(client)
    fill(client)
    # From here on every request is verified.
    reset = urllib.request.Request(url + "/moto-api/reset-auth", b"0", {"content-type": "text/plain"}, method="POST")
    urllib.request.urlopen(reset, timeout=300).read()  # moto begins to think only now
    out = {"url": url, "key": key, "secret": secret, "reader_key": reader_key, "reader_secret": reader_secret}
    with open(path + ".new", "w") as f:
        json.dump(out, f)
    with open(path + ".secrets.json", "w") as f:
        json.dump([secret, reader_secret, DB_PASSWORD, PLAIN], f)
    os.replace(path + ".new", path)
    threading.Event().wait()


if sys.argv[1] == "put-secret":
    url, key, secret, name, text = sys.argv[2:]
    manager = clients(url, key, secret)("secretsmanager")
    manager.put_secret_value(SecretId=name, SecretString=text)
else:
    serve(sys.argv[1])
