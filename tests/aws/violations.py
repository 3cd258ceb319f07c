#!/usr/bin/env python3
"""The last test of tests/aws/run.sh, as TAP: no request of the run broke its service's model. AWS_CONTRACT_URL: as run.sh sets
it."""

import json
import os
import sys
import urllib.request

with urllib.request.urlopen(os.environ["AWS_CONTRACT_URL"] + "/_contract/violations", timeout=60) as answer:
    problems = json.load(answer)
print("1..1")
for v in problems:
    print(f"# {v['service']} {v['operation']}: {v['problems']}")
print(f"{'not ok' if problems else 'ok'} 1 - every request was what its service's model has")
sys.exit(bool(problems))
