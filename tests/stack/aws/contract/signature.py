"""Signature version 4 in the Authorization header, verified with botocore's own signer, and who may do what."""

import datetime
import fnmatch
import hmac
import json
import pathlib
import re

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from .wire import Fault

ACCOUNT = "123456789012"
SKEW = 300  # seconds; as the services have it
AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})\Z"
)


class User:
    def __init__(self, name, id, secret, token=None, allow=("*",), expired=False, unknown=False, arn=None, until=None):
        self.name, self.id, self.secret, self.token = name, id, secret, token
        self.allow, self.expired, self.unknown, self.until = allow, expired, unknown, until
        self.arn = arn or f"arn:aws:iam::{ACCOUNT}:user/{name}"

    def may(self, operation):
        return any(fnmatch.fnmatchcase(operation, p) for p in self.allow)


def known_users():
    """By key id: the users of users.json."""
    path = pathlib.Path(__file__).parent.parent / "users.json"
    return {u["id"]: User(**u) for u in json.loads(path.read_text())}


def stamp(when):
    return when.strftime("%Y%m%dT%H%M%SZ")


def check_time(text, now):
    try:
        when = datetime.datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    except (TypeError, ValueError):
        raise Fault("IncompleteSignature", f"Date must be in ISO-8601 'basic format'. Got '{text}'.", 400)
    limit = datetime.timedelta(seconds=SKEW)
    if when < now - limit:
        raise Fault(
            "SignatureDoesNotMatch",
            f"Signature expired: {text} is now earlier than {stamp(now - limit)} ({stamp(now)} - 5 min.)",
        )
    if when > now + limit:
        raise Fault(
            "SignatureDoesNotMatch",
            f"Signature not yet current: {text} is still later than {stamp(now + limit)} ({stamp(now)} + 5 min.)",
        )


def expected(request, user, scope, signed):
    """The signature that botocore makes of the same request."""
    date, region, service = scope
    headers = {name: request.headers.get(name, "") for name in signed}
    url = f"http://{request.headers.get('host')}{request.path}" + (f"?{request.query}" if request.query else "")
    theirs = AWSRequest(method=request.method, url=url, headers=headers, data=request.body)
    theirs.context["timestamp"] = request.headers.get("x-amz-date", "")
    auth = SigV4Auth(Credentials(user.id, user.secret), service, region)
    to_sign = auth.string_to_sign(theirs, auth.canonical_request(theirs))
    return auth.signature(to_sign, theirs)


def verify(request, service, region, users, now):
    """The user who signed it; a Fault when nobody did."""
    header = request.headers.get("authorization")
    if not header:
        raise Fault("MissingAuthenticationToken", "Missing Authentication Token")
    match = AUTHORIZATION.match(header)
    if not match:
        raise Fault("IncompleteSignature", "Authorization header is not of the form that AWS4-HMAC-SHA256 has", 400)
    key, date, in_region, in_service, names, signature = match.groups()
    user = users.get(key)
    if user is None or user.unknown:
        raise Fault("InvalidClientTokenId", "The security token included in the request is invalid.")
    when = request.headers.get("x-amz-date")
    check_time(when, now)
    signed = names.split(";")
    for name in ["host", "x-amz-date"] + (["x-amz-security-token"] if user.token else []):
        if name not in signed:
            raise Fault("SignatureDoesNotMatch", f"'{name}' must be a signed header.")
    must = [n for n in request.headers if n.startswith("x-amz-") and n not in signed]
    if must:
        raise Fault(
            "SignatureDoesNotMatch", f"There were headers present in the request which were not signed: {must[0]}"
        )
    if in_region != region or in_service != service or date != when[:8]:
        raise Fault(
            "SignatureDoesNotMatch",
            f"Credential should be scoped to {when[:8]}/{region}/{service}, not {date}/{in_region}/{in_service}.",
        )
    if not hmac.compare_digest(expected(request, user, (date, in_region, in_service), signed), signature):
        raise Fault(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. "
            "Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
        )
    if request.headers.get("x-amz-security-token") != user.token:
        raise Fault("InvalidClientTokenId", "The security token included in the request is invalid.")
    if user.expired or (user.until and now > user.until):
        raise Fault("ExpiredToken", "The security token included in the request is expired")
    return user


def authorize(user, service, operation, resource):
    if operation == "GetCallerIdentity" or user.may(operation):
        return
    action = {"monitoring": "cloudwatch"}.get(service, service) + ":" + operation
    raise Fault(
        "AccessDenied",
        f"User: {user.arn} is not authorized to perform: {action} on resource: {resource} "
        f"because no identity-based policy allows the {action} action",
    )
