#!/usr/bin/env python3
"""The last test of tests/aws/run.sh, as TAP: over all that the run left behind, no request broke its service's model, no
secret was written anywhere, no core was dumped. AWS_RUN_DIR, AWS_CONTRACT_URL: as run.sh sets them."""

import base64
import json
import os
import pathlib
import sys
import urllib.parse
import urllib.request

RUN = pathlib.Path(os.environ["AWS_RUN_DIR"])
STACK = pathlib.Path(__file__).resolve().parent.parent / "stack" / "aws"


def violations():
    with urllib.request.urlopen(os.environ["AWS_CONTRACT_URL"] + "/_contract/violations", timeout=10) as answer:
        return [f"{v['service']} {v['operation']}: {v['problems']}" for v in json.load(answer)]


def known_secrets():
    """Keys, tokens, passwords, each also as a URL or base64 would have it."""
    users = json.loads((STACK / "users.json").read_text())
    plain = {u[k] for u in users for k in ("secret", "token") if k in u}
    for path in (RUN / "servers").glob("*secrets.json"):
        plain |= set(json.loads(path.read_text()))
    for s in sorted(plain):
        yield s
        yield urllib.parse.quote(s, safe="")
        yield base64.b64encode(s.encode()).decode().rstrip("=")[:-1]


def written():
    """All files that cdctop and its tests wrote."""
    return [p for p in RUN.rglob("*") if p.is_file() and RUN / "servers" not in p.parents]


def secrets():
    found, secrets = [], [s.encode() for s in known_secrets()]
    for path in written():
        data = path.read_bytes()
        found += [f"{path.relative_to(RUN)}: {s.decode()[:6]}…" for s in secrets if s in data]
    return found


def cores():
    return [str(p) for p in written() if p.name.startswith("core") or p.read_bytes()[:4] == b"\x7fELF"]


CHECKS = {
    "every request was what its service's model has": violations,
    "no secret is in what was written": secrets,
    "no core was dumped": cores,
}
bad = 0
print(f"1..{len(CHECKS)}")
for number, (title, check) in enumerate(CHECKS.items(), 1):
    problems = check()
    for p in problems:
        print(f"# {p}")
    print(f"{'not ok' if problems else 'ok'} {number} - {title}")
    bad += bool(problems)
sys.exit(bad > 0)
