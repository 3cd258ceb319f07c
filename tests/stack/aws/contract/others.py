"""STS, Secrets Manager and CloudWatch Logs, as far as a pipeline needs them; moto has more of them."""

import base64
import datetime
import re

from .signature import ACCOUNT, User
from .wire import Fault
from .world import made_up_id, operation, page


@operation("sts")
def GetCallerIdentity(world, op, p):
    return {"UserId": "AIDA" + world.user.id[4:], "Account": ACCOUNT, "Arn": world.user.arn}


@operation("sts")
def AssumeRole(world, op, p):
    """A role of the scenario: {"arn": …, "external_id": …, "allow": […], "for_s": 900}. for_s may be shorter than any
    that STS gives (invented), so that an expiry can be seen."""
    for role in world.services["sts"]["roles"]:
        if role["arn"] != p["RoleArn"] or role.get("external_id") != p.get("ExternalId"):
            continue
        until = world.now() + datetime.timedelta(seconds=role.get("for_s", p.get("DurationSeconds", 3600)))
        name, session = role["arn"].split("/")[-1], p["RoleSessionName"]
        serial = made_up_id().replace("-", "").upper()
        key, secret, token = "ASIA" + serial[:16], "role/" + made_up_id(), "FwoGroleToken/" + made_up_id() + "=="
        arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}"
        world.users[key] = User(name, key, secret, token, tuple(role.get("allow", ("*",))), arn=arn, until=until)
        return {
            "Credentials": {"AccessKeyId": key, "SecretAccessKey": secret, "SessionToken": token, "Expiration": until},
            "AssumedRoleUser": {"AssumedRoleId": f"AROA{serial[:17]}:{session}", "Arn": arn},
        }
    raise Fault(
        "AccessDenied",
        f"User: {world.user.arn} is not authorized to perform: sts:AssumeRole on resource: {p['RoleArn']}",
    )


@operation("secretsmanager")
def GetSecretValue(world, op, p):
    for s in world.services["secretsmanager"]["secrets"]:
        if p["SecretId"] in (s["Name"], s["ARN"]):
            out = dict(s, VersionStages=["AWSCURRENT"], VersionId=s.get("VersionId", "0" * 32))
            if isinstance(out.get("SecretBinary"), str):
                out["SecretBinary"] = base64.b64decode(out["SecretBinary"])
            return world.shaped(op.output_shape, out)
    raise Fault("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")


def matches(pattern, text):
    """Terms, those in quotes as they stand, that must all be there; with '-' before one it must not; where some have '?'
    one of these is enough (the service's guide, "Filter pattern syntax": then it ignores the others)."""
    terms = re.findall(r'([?-]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))', pattern)
    terms = [(sign, quoted or bare) for sign, quoted, bare in terms]
    any_of = [t for sign, t in terms if sign == "?"]
    if any_of:
        return any(t in text for t in any_of)
    return all((t in text) == (sign != "-") for sign, t in terms)


@operation("logs")
def FilterLogEvents(world, op, p):
    """Events of the scenario: {"group": [{"logStreamName": …, "ago_s": 30, "message": …}]}."""
    name = p.get("logGroupName") or p.get("logGroupIdentifier", "").split(":")[-1]
    groups, names = world.services["logs"]["groups"], p.get("logStreamNames")
    if names and "logStreamNamePrefix" in p:
        raise Fault("InvalidParameterException", "logStreamNames and logStreamNamePrefix are mutually exclusive.")
    if p.get("startTime", 0) > p.get("endTime", 1 << 60):
        raise Fault("InvalidParameterException", "endTime must not be before startTime.")
    if name not in groups:
        raise Fault("ResourceNotFoundException", "The specified log group does not exist.")
    if names and not set(names) <= {e["logStreamName"] for e in groups[name]}:
        raise Fault("ResourceNotFoundException", "The specified log stream does not exist.")
    events = []
    for i, e in enumerate(groups[name]):
        when = int((world.since - e["ago_s"]) * 1000)
        if not p.get("startTime", 0) <= when <= p.get("endTime", 1 << 60):
            continue
        if names and e["logStreamName"] not in names or not e["logStreamName"].startswith(p.get("logStreamNamePrefix", "")):
            continue
        if matches(p.get("filterPattern", ""), e["message"]):
            events.append(
                {
                    "logStreamName": e["logStreamName"],
                    "timestamp": when,
                    "message": e["message"],
                    "ingestionTime": when + 900,
                    "eventId": f"{i:056d}",
                }
            )
    events.sort(key=lambda e: e["timestamp"])
    some, token = page(events, min(p.get("limit", 10000), world.services["logs"]["page"]), p.get("nextToken"))
    return {"events": some, "searchedLogStreams": []} | ({"nextToken": token} if token else {})
