"""The contract server: AWS as its services' own models have it, for tests. `python -m contract PORT_FILE [PORT]`, with
tests/stack/aws as the working directory or in PYTHONPATH; it writes its port to PORT_FILE when it listens.

  wire.py       requests and answers by botocore's models       signature.py  who signed, and who may
  world.py      what is there, time, pages                      scenario.py   the usual world
  msk.py connect.py dms.py cloudwatch.py rds.py others.py       the services
  database.py   endpoints of databases with IAM login           control.py    the control door: scenario, faults, clock …
What it must invent (how long things take, texts, ARNs of operations, some codes) says so where it stands.
"""

import sys

from .server import serve

if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0)
