#!/usr/bin/env python3
"""Does tests/after.py find what it is there for? Each case is a run that left one file behind, and the one complaint that must
come of it. Prints what is not so, and last how many cases there were."""

import base64
import gzip
import os
import pathlib
import subprocess
import tempfile
import urllib.parse

TESTS = pathlib.Path(__file__).resolve().parent.parent
KEY = b"labmsksecret0000000000000000000000000001"
TOKEN = "lab/session+token=="
URL = urllib.parse.quote(TOKEN, safe="").encode()
EXAMPLE = (TESTS.parent / "config.example.toml").read_bytes()
CONNINFO = next(line for line in EXAMPLE.splitlines() if line.startswith(b"conninfo = "))


def basic(login):
    return b"Authorization: Basic " + base64.b64encode(login)


def zstd(data):
    return subprocess.run(["zstd", "-qc"], input=data, stdout=subprocess.PIPE, check=True).stdout


# What the file is called, what is in it, what the complaint begins with ("": there is none)
CASES = {
    "what is harmless": ("a/log", b"POST /connectors/shop-s3 by AKIALABMSK0000000001 with ********", ""),
    "the example of --print-config": ("said", b"\n" + EXAMPLE, ""),
    "an example that init comments out": ("said", b"[pipeline.postgres]\n#" + CONNINFO + b"\n", ""),
    "one that is in force": ("said", b"[pipeline.postgres]\n" + CONNINFO + b"\n", "said: lab-pa…"),
    "a key": ("a/log", b"signed with " + KEY, "a/log: labmsk…"),
    "a password in a URL": ("log", b'{"dsn":"postgresql://cdctop:lab-password-of-cdctop@h/shop"}', "log: lab-pa…"),
    "a token": ("log", TOKEN.encode(), "log: lab/se…"),
    "a token as a URL has it": ("log", b"X-Amz-Security-Token=" + URL + b"&X", "log: lab/se…"),
    "in small letters": ("log", URL.lower(), "log: lab/se…"),
    "as a URL in a URL has it": ("log", urllib.parse.quote(URL).encode(), "log: lab/se…"),
    "as JSON may have it": ("log", b'"lab\\/session+token=="', "log: lab/se…"),
    "a login in base64": ("log", basic(b"alice:alice-secret"), "log: alice-…"),
    "behind a longer name": ("log", basic(b"alice2:alice-secret"), "log: alice-…"),
    "and another": ("log", basic(b"alice33:alice-secret"), "log: alice-…"),
    "a URL in base64": ("log", base64.urlsafe_b64encode(b"?token=" + URL + b"&X"), "log: lab/se…"),
    "the beginning of one that was cut": ("log", KEY[:17] + "…".encode(), "log: labmsk…"),
    "a signed request": ("log", b"Credential=A/B, Signature=" + b"7f" * 32, "log: a signature"),
    "the token of a login": ("log", base64.urlsafe_b64encode(b"https://h/?X-Amz-Signature=7f"), "log: a signed URL"),
    "one that is drawn piece by piece": ("drawn", b"\x1b[1mlabmsk\x1b[0m\x1b(B" + KEY[6:], "drawn: labmsk…"),
    "a compressed recording": ("a.zst", zstd(KEY), "a.zst: labmsk…"),
    "one that was broken off": ("a.zst", zstd(KEY) + zstd(os.urandom(999))[:500], "a.zst: labmsk…"),
    "a compressed object": ("a.gz", gzip.compress(KEY), "a.gz: labmsk…"),
    "a core": ("core.7", b"\x7fELF", "core.7"),
    "nothing but what servers wrote": ("servers/log", KEY, "nothing was kept"),
}


def complaints(run):
    told = subprocess.run(TESTS / "after.py", env=os.environ | {"TEST_RUN_DIR": str(run)}, stdout=subprocess.PIPE, text=True)
    said = [line[2:].removeprefix(f"{run}/") for line in told.stdout.splitlines() if line.startswith("# ")]
    return said if bool(said) == bool(told.returncode) else [f"exit {told.returncode} and {said}"]


def case(title, name, data, wanted, servers=None):
    with tempfile.TemporaryDirectory() as run:
        path = pathlib.Path(run, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        if servers is not None:
            pathlib.Path(run, "servers").mkdir()
            pathlib.Path(run, "servers", "secrets.json").write_text(servers)
        said = complaints(run)
    if len(said) != bool(wanted) or (wanted and not said[0].startswith(wanted)):
        print(f"{title}: {said}, not {wanted!r}")


def unused():
    """A secret that no test has any more would be looked for in vain."""
    texts = b"".join(p.read_bytes() for p in TESTS.rglob("*") if p.suffix in {".c", ".h", ".sh", ".sql", ".java", ".in"})
    for secret in (TESTS / "secrets.txt").read_text().splitlines():
        if secret and not secret.startswith("#") and secret.encode() not in texts:
            print(f"{secret} of tests/secrets.txt stands in no test")


for title, (name, data, wanted) in CASES.items():
    case(title, name, data, wanted)
case("one that the servers of the run made up", "log", b"made-in-this-run-4711", "log: made-i…", '["made-in-this-run-4711"]')
unused()
print(f"{len(CASES) + 1} cases")
