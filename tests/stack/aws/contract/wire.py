"""What goes over the wire, by the services' own models: which operation a request means, its parameters, whether they
hold, how an answer or an error is written. Protocols: rest-json, json 1.0 and 1.1, query.

Strict where the services are: a member that the model does not have, a value outside an enum, a missing one, a text
where a number belongs: each is a problem of its own.
"""

import base64
import datetime
import json
import re
import urllib.parse
import xml.sax.saxutils

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

# The directory of botocore's data, and what our table of calls speaks: CloudWatch has three protocols.
SERVICES = {
    "kafka": "kafka",
    "kafkaconnect": "kafkaconnect",
    "dms": "dms",
    "rds": "rds",
    "monitoring": "cloudwatch",
    "secretsmanager": "secretsmanager",
    "sts": "sts",
    "logs": "logs",
}


class Fault(Exception):
    """An error that the service answers."""

    def __init__(self, code, message, status=None, **members):
        super().__init__(message)
        self.code, self.message, self.status, self.members = code, message, status, members


class Service:
    def __init__(self, name):
        self.name = name  # as the signature has it
        self.model = ServiceModel(Loader().load_service_model(SERVICES[name], "service-2"), SERVICES[name])
        meta = self.model.metadata
        protocols = meta.get("protocols", [meta["protocol"]])
        self.protocol = "json" if "json" in protocols else meta["protocol"]
        self.target = meta.get("targetPrefix")
        self.json_version = meta.get("jsonVersion", "1.0")
        self.version = meta["apiVersion"]
        self.routes = []
        if self.protocol == "rest-json":
            self.routes = [self._route(self.model.operation_model(n)) for n in self.model.operation_names]

    @staticmethod
    def _route(op):
        names = re.findall(r"\{(\w+)\+?\}", op.http["requestUri"])
        uri = op.http["requestUri"].split("?")[0]
        pattern = re.sub(r"\\\{\w+\\\}", "([^/]+)", re.escape(uri))
        return op.http["method"], re.compile(pattern + r"\Z"), names, op


class Call:
    """A request whose operation is known."""

    def __init__(self, service, op, uri=None, form=None):
        self.service, self.op, self.uri, self.form = service, op, uri or {}, form


def find_call(services, request):
    """The operation that a request means; None when no service has it."""
    target = request.headers.get("x-amz-target")
    if target:
        prefix, _, name = target.partition(".")
        for s in services.values():
            if s.target == prefix and name in s.model.operation_names:
                return Call(s, s.model.operation_model(name))
        return None
    if "x-www-form-urlencoded" in request.headers.get("content-type", ""):
        form = dict(urllib.parse.parse_qsl(request.body.decode(), keep_blank_values=True))
        for s in services.values():
            if form.get("Version") == s.version and form.get("Action") in s.model.operation_names:
                return Call(s, s.model.operation_model(form["Action"]), form=form)
        return None
    for s in services.values():
        for method, pattern, names, op in s.routes:
            match = pattern.match(request.path)
            if match and method == request.method:
                return Call(s, op, dict(zip(names, map(urllib.parse.unquote, match.groups()))))
    return None


# ---- reading ----------------------------------------------------------------------------------------------------


class Reader:
    def __init__(self):
        self.problems = []

    def problem(self, text):
        self.problems.append(text)

    def text_value(self, shape, text, where):
        """A scalar that came as text: in a path, a query, a form."""
        try:
            if shape.type_name in ("integer", "long"):
                return int(text)
            if shape.type_name in ("float", "double"):
                return float(text)
            if shape.type_name == "boolean":
                return {"true": True, "false": False}[text]
            if shape.type_name == "timestamp":
                return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
            if shape.type_name == "blob":
                return base64.b64decode(text, validate=True)
        except (KeyError, ValueError):
            self.problem(f"{where}: {text!r} is no {shape.type_name}")
            return None
        return text

    def json_value(self, shape, value, where):
        kind = shape.type_name
        if kind == "structure" and isinstance(value, dict):
            names = {m.serialization.get("name", n): (n, m) for n, m in shape.members.items()}
            out = {}
            for key, v in value.items():
                if key in names:
                    out[names[key][0]] = self.json_value(names[key][1], v, f"{where}.{key}")
                else:
                    self.problem(f"{where}: the model has no member {key!r}")
            return out
        if kind == "list" and isinstance(value, list):
            return [self.json_value(shape.member, v, f"{where}[{i}]") for i, v in enumerate(value)]
        if kind == "map" and isinstance(value, dict):
            return {k: self.json_value(shape.value, v, f"{where}.{k}") for k, v in value.items()}
        if kind == "timestamp":
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                return datetime.datetime.fromtimestamp(value, datetime.timezone.utc)
            if shape.serialization.get("timestampFormat") == "iso8601" and isinstance(value, str):
                return self.text_value(shape, value, where)
            self.problem(f"{where}: a time goes over this wire as a number, not {value!r}")
        if kind == "blob" and isinstance(value, str):
            return self.text_value(shape, value, where)
        return value

    def form_value(self, shape, form, prefix):
        """Takes what belongs to the prefix out of the form."""
        if shape.type_name == "structure":
            out = {}
            for name, m in shape.members.items():
                key = m.serialization.get("name", name)
                v = self.form_value(m, form, f"{prefix}.{key}" if prefix else key)
                if v is not None:
                    out[name] = v
            return out or None
        if shape.type_name == "list":
            item = (
                "" if shape.serialization.get("flattened") else "." + shape.member.serialization.get("name", "member")
            )
            out = []
            while True:
                v = self.form_value(shape.member, form, f"{prefix}{item}.{len(out) + 1}")
                if v is None:
                    return out or None
                out.append(v)
        if shape.type_name == "map":
            return None
        return self.text_value(shape, form.pop(prefix), prefix) if prefix in form else None

    def rest(self, call, request):
        params, body, by_query = {}, {}, {}
        shape = call.op.input_shape
        for name, m in shape.members.items():
            at = m.serialization.get("location")
            wire = m.serialization.get("name", name)
            if at == "uri":
                params[name] = self.text_value(m, call.uri[wire], wire)
            elif at == "querystring":
                by_query[wire] = (name, m)
            elif at is None:
                body[wire] = (name, m)
        for key, value in urllib.parse.parse_qsl(
            request.query, keep_blank_values=True, strict_parsing=bool(request.query)
        ):
            if key not in by_query:
                self.problem(f"the model has no parameter {key!r} in the query")
            elif by_query[key][0] in params:
                self.problem(f"{key!r} is twice in the query")
            else:
                params[by_query[key][0]] = self.text_value(by_query[key][1], value, key)
        if request.body and not body:
            self.problem("this operation has no body")
        elif request.body:
            for key, v in self.json_object(request).items():
                if key in body:
                    params[body[key][0]] = self.json_value(body[key][1], v, key)
                else:
                    self.problem(f"the model has no member {key!r}")
        return params

    def json_object(self, request):
        try:
            value = json.loads(request.body)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            self.problem("the body is no JSON object")
            return {}
        return value

    def read(self, call, request):
        shape, service = call.op.input_shape, call.service
        if service.protocol == "rest-json":
            return self.rest(call, request)
        if call.form is not None:
            form = dict(call.form)
            del form["Action"], form["Version"]
            params = (self.form_value(shape, form, "") if shape else None) or {}
            for key in form:
                self.problem(f"the model has no parameter {key!r}")
            return params
        want = f"application/x-amz-json-{service.json_version}"
        if request.headers.get("content-type") != want:
            self.problem(f"content-type is {request.headers.get('content-type')!r}, not {want!r}")
        return self.json_value(shape, self.json_object(request), "") if shape else {}


def fits(pattern, value):
    """A pattern of the models is meant for the whole value; those in a dialect that Python lacks are left out."""
    try:
        return pattern is None or re.fullmatch(pattern, value) is not None
    except re.error:
        return True


def check_shape(shape, value, where, problems):
    """What ParamValidator leaves out: enums, upper limits, patterns."""
    kind = shape.type_name
    meta = shape.metadata
    if kind == "structure" and isinstance(value, dict):
        for name, v in value.items():
            if name in shape.members:
                check_shape(shape.members[name], v, f"{where}.{name}", problems)
    elif kind == "list" and isinstance(value, list):
        for i, v in enumerate(value):
            check_shape(shape.member, v, f"{where}[{i}]", problems)
    elif kind == "map" and isinstance(value, dict):
        for k, v in value.items():
            check_shape(shape.value, v, f"{where}.{k}", problems)
    elif kind == "string" and isinstance(value, str):
        if shape.enum and value not in shape.enum:
            problems.append(f"{where}: {value!r} is none of {', '.join(shape.enum)}")
        if not fits(meta.get("pattern"), value):
            problems.append(f"{where}: {value!r} does not match {meta['pattern']}")
    size = len(value) if isinstance(value, (str, list)) else value
    if "max" in meta and isinstance(size, (int, float)) and size > meta["max"]:
        problems.append(f"{where}: more than {meta['max']}")


def check(shape, value):
    """All that is wrong with a value by its model."""
    if shape is None:
        return [] if not value else ["there are no members"]
    report = ParamValidator().validate(value, shape)
    problems = [report.generate_report()] if report.has_errors() else []
    check_shape(shape, value, "", problems)
    return problems


def read_request(call, request):
    """The parameters and all that is wrong with them."""
    reader = Reader()
    params = reader.read(call, request)
    return params, reader.problems + check(call.op.input_shape, params)


# ---- writing ----------------------------------------------------------------------------------------------------


def iso(when):
    return when.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def time_out(shape, when, default):
    if (shape.serialization.get("timestampFormat") or default) == "iso8601":
        return iso(when)
    return round(when.timestamp(), 3)


def json_out(shape, value, times):
    kind = shape.type_name
    if kind == "structure":
        return {
            shape.members[n].serialization.get("name", n): json_out(shape.members[n], v, times)
            for n, v in value.items()
        }
    if kind == "list":
        return [json_out(shape.member, v, times) for v in value]
    if kind == "map":
        return {k: json_out(shape.value, v, times) for k, v in value.items()}
    if kind == "timestamp":
        return time_out(shape, value, times)
    if kind == "blob":
        return base64.b64encode(value).decode()
    return value


def xml_out(shape, value, name):
    kind = shape.type_name
    if kind == "structure":
        inner = "".join(
            xml_out(shape.members[n], v, shape.members[n].serialization.get("name", n)) for n, v in value.items()
        )
    elif kind == "list":
        item = shape.member.serialization.get("name", "member")
        if shape.serialization.get("flattened"):
            return "".join(xml_out(shape.member, v, name) for v in value)
        inner = "".join(xml_out(shape.member, v, item) for v in value)
    elif kind == "map":
        inner = "".join(
            f"<entry><key>{xml.sax.saxutils.escape(k)}</key>{xml_out(shape.value, v, 'value')}</entry>"
            for k, v in value.items()
        )
    elif kind == "timestamp":
        inner = iso(value)
    elif kind == "boolean":
        inner = "true" if value else "false"
    else:
        inner = xml.sax.saxutils.escape(str(value))
    return f"<{name}>{inner}</{name}>"


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body


def write_answer(call, result, request_id):
    """Fails when the result is not what the model says: then this server is wrong."""
    shape, op = call.op.output_shape, call.op
    problems = check(shape, result)
    if problems:
        raise AssertionError(f"{op.name}: this server's own answer is wrong: {problems}")
    headers = {"x-amzn-requestid": request_id}
    if call.form is not None:
        wrapper = shape.serialization.get("resultWrapper", op.name + "Result") if shape else None
        inner = xml_out(shape, result, wrapper) if shape else ""
        space = call.service.model.metadata.get("xmlNamespace", "")
        body = (
            f'<{op.name}Response xmlns="{space}">{inner}'
            f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{op.name}Response>"
        )
        return Answer(200, headers | {"content-type": "text/xml"}, body.encode())
    rest = call.service.protocol == "rest-json"
    kind = "application/json" if rest else f"application/x-amz-json-{call.service.json_version}"
    body = json.dumps(json_out(shape, result, "unixTimestamp")) if shape else "{}"
    return Answer(op.http.get("responseCode", 200), headers | {"content-type": kind}, body.encode())


def model_error(call, code):
    """The status and the wire's code of an error that the operation's model has; None: it has no such."""
    for shape in call.op.error_shapes:
        error = shape.metadata.get("error", {})
        if code in (shape.name, error.get("code")):
            return error.get("httpStatusCode", 400), error.get("code", shape.name), shape
    return None


# How each protocol names what is not in the models: those of the signature, of IAM and of throttling [aws.md 1]; their
# texts are invented.
COMMON = {
    "AccessDenied": {"json": ("AccessDeniedException", 400), "rest-json": ("AccessDeniedException", 403)},
    "Throttling": {"json": ("ThrottlingException", 400), "rest-json": ("TooManyRequestsException", 429)},
    "SignatureDoesNotMatch": {
        "json": ("InvalidSignatureException", 400),
        "rest-json": ("InvalidSignatureException", 403),
    },
    "InvalidClientTokenId": {
        "json": ("UnrecognizedClientException", 400),
        "rest-json": ("UnrecognizedClientException", 403),
    },
    "ExpiredToken": {"json": ("ExpiredTokenException", 400), "rest-json": ("ExpiredTokenException", 403)},
    "MissingAuthenticationToken": {
        "json": ("MissingAuthenticationTokenException", 400),
        "rest-json": ("MissingAuthenticationTokenException", 403),
    },
    "ValidationError": {"json": ("ValidationException", 400), "rest-json": ("BadRequestException", 400)},
    "UnknownOperation": {"json": ("UnknownOperationException", 400), "rest-json": ("UnknownOperationException", 404)},
}


def write_error(call, fault, request_id):
    protocol = "query" if call is None or call.form is not None else call.service.protocol
    code, status = fault.code, fault.status
    if code in COMMON and protocol in COMMON[code]:
        code, usual = COMMON[code][protocol]
        status = status or usual
    known = model_error(call, code) if call else None
    if known:
        status, code = status or known[0], known[1]
    status = status or (403 if code in COMMON and code != "Throttling" else 400)
    headers = {"x-amzn-requestid": request_id}
    if protocol == "query":
        text = xml.sax.saxutils.escape(fault.message)
        body = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{text}</Message></Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
        return Answer(status, headers | {"content-type": "text/xml"}, body.encode())
    # IAM writes "Message", the services "message": whoever reads them must know both.
    body = {"Message" if code == "AccessDeniedException" else "message": fault.message} | fault.members
    if protocol == "rest-json":
        headers["x-amzn-errortype"] = code + ":http://internal.amazon.com/coral/com.amazon.coral.service/"
        kind = "application/json"
    else:
        body["__type"] = f"com.amazonaws.{call.service.name}#{code}"
        kind = f"application/x-amz-json-{call.service.json_version}"
    return Answer(status, headers | {"content-type": kind}, json.dumps(body).encode())
