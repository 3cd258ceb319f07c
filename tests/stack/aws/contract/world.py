"""What the services have: a dictionary by service (scenario.py has the usual one), which tests replace over the control
door; and what all services need of it: its clock, times, pages, and what goes on by itself.

A time in a scenario is a number: seconds since 1970, or, when it is not positive, since the scenario was put in place.
"""

import base64
import datetime
import threading
import uuid

from .wire import Fault

HANDLERS = {}


def operation(service):
    """Makes a function, named like the operation, its handler."""

    def add(function):
        HANDLERS[service, function.__name__] = function
        return function

    return add


class World:
    def __init__(self):
        self.lock = threading.RLock()
        self.skew = 0
        self.replace({})

    def replace(self, services):
        self.services = services
        self.since = datetime.datetime.now(datetime.timezone.utc).timestamp()
        self.coming = []

    def now(self):
        return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=self.skew)

    def time(self, value):
        """A scenario's time as a moment."""
        if isinstance(value, datetime.datetime):
            return value
        moment = value if value > 0 else self.since + value
        return datetime.datetime.fromtimestamp(moment, datetime.timezone.utc)

    def shaped(self, shape, value):
        """The members of a scenario's object that the shape has, with its times as moments."""
        if shape.type_name == "structure":
            return {n: self.shaped(m, value[n]) for n, m in shape.members.items() if value.get(n) is not None}
        if shape.type_name == "list":
            return [self.shaped(shape.member, v) for v in value]
        return self.time(value) if shape.type_name == "timestamp" else value

    def later(self, seconds, function, may=lambda: True):
        """Something that goes on by itself: it happens with the first request after that time for which it may. Invented:
        how long."""
        self.coming.append((self.now() + datetime.timedelta(seconds=seconds), may, function))
        self.tick()

    def tick(self):
        now = self.now()
        due = [c for c in self.coming if c[0] <= now and c[1]()]
        self.coming = [c for c in self.coming if c not in due]
        for _, _, function in sorted(due, key=lambda c: c[0]):
            function()


def page(items, size, token):
    """The items of one page, and the token of the next one or None. Invented: what a token looks like."""
    start = 0
    if token is not None:
        try:
            start = int(base64.b64decode(token, validate=True).decode().split("/")[1])
        except (ValueError, IndexError):
            raise Fault("ValidationError", "The pagination token is not valid.")
    end = start + max(1, size)
    return items[start:end], base64.b64encode(f"next/{end}/+==".encode()).decode() if end < len(items) else None


def made_up_id():
    return str(uuid.uuid4())
