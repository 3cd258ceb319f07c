"""HTTP of the contract server, and its faults. A fault of the control door:
  {"kind": …, "service": "kafka", "operation": "ListClustersV2", "times": 2}
Without service or operation: all of them; without times: for ever. The kinds:
  throttle           the service's throttling error
  error              "code", "message", "status" (left out: as the model has it)
  latency            "ms", then the usual answer
  hang               no answer; the connection stays
  half               half of the usual answer, then the connection ends
  reset              the connection ends without an answer
  garbage            bytes with status 200       html     a page of a proxy, status 200 or "status"
  json               "body" instead of the answer, with status 200: well-formed and wrong
  empty              no body, status 200         http500  500 with a text
"""

import email.utils
import http.server
import json
import os
import pathlib
import threading
import traceback

from . import cloudwatch, connect, control, dms, msk, others, rds  # noqa: F401  they register their operations
from .signature import authorize, known_users, verify
from .wire import SERVICES, Answer, Fault, Service, find_call, read_request, write_answer, write_error
from .world import HANDLERS, World, made_up_id

REGION = "eu-west-3"
HTML = b"<html><head><title>Proxy Authentication Required</title></head><body><h1>captive portal</h1></body></html>"
BROKEN = {
    "garbage": lambda f: Answer(200, {"content-type": "application/octet-stream"}, bytes(range(256)) * 64),
    "html": lambda f: Answer(f.get("status", 200), {"content-type": "text/html"}, HTML),
    "json": lambda f: Answer(200, {"content-type": "application/json"}, json.dumps(f["body"]).encode()),
    "empty": lambda f: Answer(200, {}, b""),
    "http500": lambda f: Answer(500, {"content-type": "text/plain"}, b"Internal Server Error"),
}
ERRORS = {
    "throttle": lambda f: Fault("Throttling", "Rate exceeded"),
    "error": lambda f: Fault(f["code"], f.get("message", "made by the test"), f.get("status")),
}


class Request:
    def __init__(self, handler, body):
        self.method, self.body = handler.command, body
        self.path, _, self.query = handler.path.partition("?")
        self.headers = {k.lower(): v.strip() for k, v in handler.headers.items()}


class Contract(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port):
        super().__init__(("127.0.0.1", port), Handler)
        self.services = {name: Service(name) for name in SERVICES}
        self.world, self.violations = World(), []
        self.stopping = threading.Event()
        control.reset(self)

    @staticmethod
    def users():
        return known_users()

    def fault_for(self, service, operation):
        for f in self.faults:
            if (
                f.get("service", service) == service
                and f.get("operation", operation) == operation
                and f.get("times", 1) != 0
            ):
                if "times" in f:
                    f["times"] -= 1
                return f
        return None

    def resource(self, params):
        """What an error of IAM names."""
        return next((str(v) for k, v in params.items() if k.lower().endswith("arn")), "*")

    def work(self, call, request, note, tolerant):
        """The answer to a well-known call, by the services' order: signature, rights, parameters, the thing itself. While a
        fault is on, what a request lacks does not fail the run: it may be any."""
        name, op = call.service.name, call.op
        user = verify(request, name, REGION, self.world.users, self.world.now())
        note["user"] = user.name
        params, problems = read_request(call, request)
        note["params"] = control.plain(params)
        authorize(user, name, op.name, self.resource(params))
        if problems:
            note["problems"] = problems
            if not tolerant:
                self.violations.append(note)
            raise Fault("ValidationError", "; ".join(problems))
        self.world.tick()
        self.world.user = user
        if (name, op.name) not in HANDLERS:
            raise Fault("UnknownOperation", "This server does not have that operation.")
        return HANDLERS[name, op.name](self.world, op, params)

    def answer(self, request):
        """An Answer, and the fault that breaks it or None."""
        request_id = made_up_id()
        call = find_call(self.services, request)
        note = {"service": call.service.name if call else None, "operation": call.op.name if call else None}
        note["path"] = request.path
        with self.world.lock:
            self.asked.append(note)
            fault = self.fault_for(note["service"], note["operation"])
            try:
                if call is None:
                    raise Fault("UnknownOperation", "", 404)
                if fault and fault["kind"] in ERRORS:
                    raise ERRORS[fault["kind"]](fault)
                result = write_answer(call, self.work(call, request, note, fault is not None), request_id)
            except Fault as f:
                note["code"] = f.code
                result = write_error(call, f, request_id)
            except Exception as e:  # this server is wrong: the run must fail
                note["problems"] = [f"the contract server itself: {type(e).__name__}: {e}"]
                self.violations.append(note)
                traceback.print_exc()
                result = Answer(500, {"content-type": "text/plain"}, str(e).encode())
            note["status"] = result.status
        if fault and fault["kind"] in BROKEN:
            result = BROKEN[fault["kind"]](fault)
        return result, fault


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server_version, sys_version = "contract", ""

    def log_message(self, *_):
        pass

    def date_time_string(self, timestamp=None):
        return email.utils.format_datetime(self.server.world.now(), usegmt=True)

    def send(self, answer, body_sent=None):
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body if body_sent is None else answer.body[:body_sent])

    def any(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.path.startswith("/_contract/"):
            status, out = control.answer(self.server, self.command, self.path[11:], json.loads(body or b"null"))
            self.send(Answer(status, {"content-type": "application/json"}, json.dumps(out).encode()))
            return
        answer, fault = self.server.answer(Request(self, body))
        kind = fault["kind"] if fault else None
        if kind == "latency":
            self.server.stopping.wait(fault["ms"] / 1000)
        if kind in ("hang", "reset", "half"):
            self.close_connection = True
        if kind == "hang":
            self.hang()
        elif kind == "half":
            self.send(answer, len(answer.body) // 2)
        elif kind != "reset":
            self.send(answer)

    def hang(self):
        """Until the other side goes away."""
        self.connection.settimeout(120)
        try:
            self.connection.recv(1)
        except OSError:
            pass

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = any


def serve(port_file, port):
    server = Contract(port)
    path = pathlib.Path(port_file)
    path.with_suffix(".new").write_text(f"{server.server_address[1]}\n")
    os.replace(path.with_suffix(".new"), path)
    server.serve_forever()
