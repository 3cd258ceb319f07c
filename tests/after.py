#!/usr/bin/env python3
"""The last test of a run, as TAP: in all that cdctop wrote during it no secret stands that was known there, and no core was
dumped. TEST_RUN_DIR: what was kept of the run (tests/unit/keep.h, tests/run-bins.sh --look-through, tests/live/faults). Its
folder servers/ is passed over, for what servers write is theirs.

Known are the lines of tests/secrets.txt, the users of tests/stack/aws/users.json and what servers/*secrets.json lists. Each is
looked for as it is and as URLs, JSON and base64 have it; of a long one its beginning is enough, for texts are cut. So are
signatures, which a token or a request consists of. Compressed files are opened; the terminal's own words, and the program's
own examples, are left out."""

import base64
import gzip
import json
import os
import pathlib
import re
import subprocess
import sys
import urllib.parse

TESTS = pathlib.Path(__file__).resolve().parent
RUN = pathlib.Path(os.environ["TEST_RUN_DIR"])
BEGINNING = 16
SIGNATURE = re.compile(rb"Signature(?:=|%3D)[0-9a-f]{64}", re.IGNORECASE)
EXAMPLE = (TESTS.parent / "config.example.toml").read_bytes()
# What --print-config and init print of their own: all of it, and a line by itself that is commented out
LOGINS = [line for line in EXAMPLE.splitlines() if line.startswith((b"conninfo = ", b"secret_access_key = "))]
EXAMPLES = [EXAMPLE, *(b"\n#" + line + b"\n" for line in LOGINS)]
TERMINAL = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[ -/]*[0-~])")


def known():
    """The secrets as they are."""
    lines = (TESTS / "secrets.txt").read_text().splitlines()
    plain = {line for line in lines if line and not line.startswith("#")}
    users = json.loads((TESTS / "stack" / "aws" / "users.json").read_text())
    plain |= {u[k] for u in users for k in ("secret", "token") if k in u}
    for path in (RUN / "servers").glob("*secrets.json"):
        plain |= set(json.loads(path.read_text()))
    return sorted(plain)


def in_base64(text):
    """What of its base64 does not depend on what stands before and after it."""
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + text)
        whole = whole[-(-before * 8 // 6) : (before + len(text)) * 8 // 6]
        yield whole
        yield whole.translate(bytes.maketrans(b"+/", b"-_"))


def forms(secret):
    """As it may stand in a file."""
    url = urllib.parse.quote(secret, safe="").encode()
    lower = re.sub(rb"%..", lambda m: m[0].lower(), url)
    plain = {secret.encode(), url, lower, urllib.parse.quote(url, safe="").encode(), secret.replace("/", "\\/").encode()}
    for text in plain:
        yield text[:BEGINNING]
    for text in (secret.encode(), url):
        yield from (b[: BEGINNING + 4] for b in in_base64(text))


def needles():
    """Form → what it is; the token of a login is a signed URL in base64."""
    found = {form: f"{secret[:6]}…" for secret in known() for form in forms(secret)}
    return found | {form: "a signed URL in base64" for form in in_base64(b"X-Amz-Signature=")}


def written():
    """All files that cdctop and its tests wrote."""
    return (p for p in RUN.rglob("*") if p.is_file() and not p.is_symlink() and RUN / "servers" not in p.parents)


def contents(path):
    """The bytes of a file, and those that are hidden in them."""
    data = path.read_bytes()
    if data[:4] == b"\x28\xb5\x2f\xfd":  # one that was broken off gives what is there
        data = subprocess.run(["zstd", "-dcq"], input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    elif data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    for example in EXAMPLES:
        data = data.replace(example, b"\n")
    yield data
    if b"\x1b" in data:
        yield TERMINAL.sub(b"", data)


def secrets():
    found, sought = set(), needles()
    for path in written():
        for data in contents(path):
            found |= {f"{path}: {what}" for form, what in sought.items() if form in data}
            if SIGNATURE.search(data):
                found.add(f"{path}: a signature")
    return sorted(found)


def cores():
    """In what was written, and where the tests were started."""
    beside = [p for p in pathlib.Path().glob("core*") if p.is_file()]
    return [str(p) for p in [*written(), *beside] if p.name.startswith("core") or p.open("rb").read(4) == b"\x7fELF"]


def something():
    return [] if any(True for _ in written()) else ["nothing was kept of this run"]


CHECKS = {
    "what the run wrote is there to be looked through": something,
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
