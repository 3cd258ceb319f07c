"""Endpoints of RDS with IAM login, each before a real PostgreSQL: TLS, then the token as the password, verified like every
signature here, then that server's own answers. The control door opens them, `GET logins` tells what became of each login.

Who is a member of rds_iam, the server's own pg_hba.conf tells: a line for +rds_iam lets in without a password, and where
the server does so, the token is asked for instead. Everybody else logs in to the server itself.
What is said to a refused client is PostgreSQL's own text for its method pam, whatever the reason; so does RDS.
"""

import datetime
import hmac
import select
import socket
import ssl
import struct
import threading
import traceback
import types
import urllib.parse

from .scenario import REGION
from .signature import ACCOUNT, SKEW, authorize, expected, stamp
from .wire import Fault

LONGEST = 900  # seconds that a token may be good for
START_UP, SSL, GSS = 196608, 80877103, 80877104
LET_IN = struct.pack("!cII", b"R", 8, 0)  # AuthenticationOk
ASK_PASSWORD = struct.pack("!cII", b"R", 8, 3)  # AuthenticationCleartextPassword
MEMBERS = {
    "Action",
    "DBUser",
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
}


def parts_of(token):
    """The place before the query, the query as it was signed, its members."""
    place, _, query = token.partition("/?")
    pairs = urllib.parse.parse_qsl(query, keep_blank_values=True)
    asked = dict(pairs)
    if len(asked) != len(pairs) or set(asked) - {"X-Amz-Security-Token"} != MEMBERS:
        raise Fault("IncompleteSignature", f"a token has not these members: {sorted(asked)}")
    signed = "&".join(p for p in query.split("&") if not p.startswith("X-Amz-Signature="))
    return place, signed, asked


def check_age(asked, now):
    made, lasts = asked["X-Amz-Date"], asked["X-Amz-Expires"]
    if not lasts.isdigit() or not 1 <= int(lasts) <= LONGEST:
        raise Fault("InvalidExpires", f"a token lasts {LONGEST} s at most")
    try:
        when = datetime.datetime.strptime(made, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    except ValueError:
        raise Fault("IncompleteSignature", f"no time: {made}")
    age = (now - when).total_seconds()
    if age > int(lasts):
        raise Fault("ExpiredToken", f"made at {made}, it is {stamp(now)}")
    if age < -SKEW:
        raise Fault("NotYetCurrent", f"made at {made}, it is {stamp(now)}")


def verify_token(token, place, role, users, now):
    """The user of AWS whose token lets that role in at that place; a Fault where it does not."""
    at, query, asked = parts_of(token)
    if at != place:
        raise Fault("WrongPlace", f"the token is of {at}, this is {place}")
    if asked["Action"] != "connect" or asked["DBUser"] != role:
        raise Fault("WrongUser", f"the token is of {asked['DBUser']}, not of {role}")
    if asked["X-Amz-Algorithm"] != "AWS4-HMAC-SHA256" or asked["X-Amz-SignedHeaders"] != "host":
        raise Fault("IncompleteSignature", "not signed as tokens are")
    key, *scope = asked["X-Amz-Credential"].split("/")
    user = users.get(key)
    if user is None or user.unknown:
        raise Fault("InvalidClientTokenId", "The security token included in the request is invalid.")
    if scope != [asked["X-Amz-Date"][:8], REGION, "rds-db", "aws4_request"]:
        raise Fault("WrongScope", f"the token is of {'/'.join(scope)}, this is {REGION}")
    check_age(asked, now)
    headers = {"host": at, "x-amz-date": asked["X-Amz-Date"]}
    request = types.SimpleNamespace(method="GET", path="/", query=query, headers=headers, body=b"")
    if not hmac.compare_digest(expected(request, user, scope[:3], ["host"]), asked["X-Amz-Signature"]):
        raise Fault("SignatureDoesNotMatch", "The request signature we calculated does not match.")
    if asked.get("X-Amz-Security-Token") != user.token:
        raise Fault("InvalidClientTokenId", "The security token included in the request is invalid.")
    if user.expired or (user.until and now > user.until):
        raise Fault("ExpiredCredentials", "The security token included in the request is expired")
    authorize(user, "rds-db", "connect", f"arn:aws:rds-db:{REGION}:{ACCOUNT}:dbuser:db-MADEUP/{role}")
    return user


# ---- PostgreSQL's protocol, as much of it as a login has


def exactly(sock, n):
    got = b""
    while len(got) < n:
        more = sock.recv(n - len(got))
        if not more:
            raise ConnectionError("it ended")
        got += more
    return got


def first_packet(sock):
    """Its code, and all of it."""
    head = exactly(sock, 8)
    length, code = struct.unpack("!II", head)
    if not 8 <= length <= 10000:
        raise ConnectionError("that is not PostgreSQL")
    return code, head + exactly(sock, length - 8)


def message(sock):
    head = exactly(sock, 5)
    length = struct.unpack("!I", head[1:])[0]
    if not 4 <= length <= 65535:
        raise ConnectionError("that is not PostgreSQL")
    return head + exactly(sock, length - 4)


def refusal(text):
    told = (b"S", "FATAL"), (b"V", "FATAL"), (b"C", "28000"), (b"M", text)
    fields = b"".join(k + v.encode() + b"\0" for k, v in told)
    return struct.pack("!cI", b"E", len(fields) + 5) + fields + b"\0"


def relay(client, server):
    """Both ways until one of them ends."""
    while True:
        ready = isinstance(client, ssl.SSLSocket) and client.pending() and [client]
        for sock in ready or select.select([client, server], [], [])[0]:
            data = sock.recv(65536)
            if not data:
                return
            (server if sock is client else client).sendall(data)


class Endpoint:
    """{"host": its name, "server": the port of PostgreSQL, "certificate", "key": files}"""

    def __init__(self, contract, order):
        self.contract, self.host, self.server = contract, order["host"], ("127.0.0.1", order["server"])
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(order["certificate"], order["key"])
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        sockets = [client]
        try:
            self.session(client, sockets)
        except OSError:  # the client did not like the certificate, or somebody went away
            pass
        except Exception as e:  # this endpoint is wrong
            traceback.print_exc()
            self.note(None, None, Fault("Broken", f"the endpoint itself: {type(e).__name__}: {e}"))
        finally:
            for sock in sockets:
                sock.close()

    def session(self, client, sockets):
        code, packet = first_packet(client)
        while code in (SSL, GSS):
            client.sendall(b"S" if code == SSL else b"N")
            if code == SSL:
                client = self.tls.wrap_socket(client, server_side=True)
                sockets.append(client)
            code, packet = first_packet(client)
        server = socket.create_connection(self.server)
        sockets.append(server)
        server.sendall(packet)
        if code == START_UP and not self.log_in(client, server, packet):
            return
        relay(client, server)  # also where it is a request to cancel

    def log_in(self, client, server, packet):
        asked = packet[8:].rstrip(b"\0").decode().split("\0")
        role, database = (dict(zip(asked[::2], asked[1::2])).get(k, "") for k in ("user", "database"))
        first = message(server)
        if first == LET_IN:  # a member of rds_iam
            if not isinstance(client, ssl.SSLSocket):
                who = f'host "127.0.0.1", user "{role}", database "{database}", no encryption'
                client.sendall(refusal(f"pg_hba.conf rejects connection for {who}"))
                return False
            client.sendall(ASK_PASSWORD)
            if not self.takes(message(client)[5:].rstrip(b"\0").decode(), role):
                client.sendall(refusal(f'PAM authentication failed for user "{role}"'))
                return False
        client.sendall(first)
        return True

    def takes(self, token, role):
        world = self.contract.world
        with world.lock:
            try:
                user = verify_token(token, f"{self.host}:{self.port}", role, world.users, world.now())
            except Fault as f:
                self.note(token, None, f)
                return False
            self.note(token, user, None)
            return True

    def note(self, token, user, fault):
        self.contract.logins.append(
            {"token": token, "user": user and user.name, "code": fault and fault.code, "why": fault and str(fault)}
        )
