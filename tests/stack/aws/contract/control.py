"""The control door, /_contract/…, unsigned, on the same port:
PUT  reset                     the usual world, no fault, the clock right, nothing asked
PUT  world    {"dms": {…}}     these services become this; the members that are not given stay those of the usual world
GET  world                     all of it
PUT  set      {"path": ["kafkaconnect", "connectors", "shop-source", "connectorState"], "value": "FAILED"}
                               one thing; an element of a list is named by its number or by any text that it contains
PUT  faults   [{…}, …]         replaces all: see server.py for what one can do
PUT  clock    {"ahead_s": 600} the clock of the services, also in Date
PUT  database {"host": "shop.….rds.amazonaws.com", "server": 5432, "certificate": "….crt", "key": "….key"}
                               an endpoint with IAM login before a real PostgreSQL: database.py; answers {"port": …}
GET  logins                    there, since the reset: token, user, or the code and why it was refused
GET  requests                  what was asked since the reset: service, operation, user, parameters, status, code
GET  violations                requests that broke the model, since the start
"""

import copy
import datetime

from .database import Endpoint
from .scenario import usual


def plain(value):
    """JSON of what has moments in it."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, datetime.datetime):
        return value.timestamp()
    return "bytes" if isinstance(value, bytes) else value


def step(thing, key):
    if isinstance(thing, dict) or isinstance(key, int):
        return thing[key]
    for item in thing:
        if isinstance(item, dict) and key in item.values():
            return item
    raise KeyError(key)


def set_one(world, order):
    thing = world.services
    for key in order["path"][:-1]:
        thing = step(thing, key)
    thing[order["path"][-1]] = order["value"]


def reset(server, _=None):
    server.world.replace(usual())
    server.world.skew = 0
    server.world.users = server.users()
    server.faults, server.asked, server.logins = [], [], []


def put_world(server, services):
    whole = usual()
    for name, members in services.items():
        whole[name].update(copy.deepcopy(members))
    server.world.replace(whole)


def put_clock(server, order):
    server.world.skew = order["ahead_s"]


def put_faults(server, faults):
    server.faults = [dict(f) for f in faults]


def put_database(server, order):
    return {"port": Endpoint(server, order).port}


PUTS = {
    "reset": reset,
    "world": put_world,
    "set": lambda server, order: set_one(server.world, order),
    "faults": put_faults,
    "clock": put_clock,
    "database": put_database,
}
GETS = {
    "world": lambda server: server.world.services,
    "requests": lambda server: server.asked,
    "logins": lambda server: server.logins,
    "violations": lambda server: server.violations,
}


def answer(server, method, name, order):
    """Status and JSON."""
    with server.world.lock:
        if method == "PUT" and name in PUTS:
            try:
                return 200, PUTS[name](server, order) or {}
            except (KeyError, IndexError, TypeError, AttributeError, OSError) as e:
                return 400, {"error": f"{type(e).__name__}: {e}"}
        if method == "GET" and name in GETS:
            return 200, plain(GETS[name](server))
    return 404, {"error": f"no {method} {name}"}
