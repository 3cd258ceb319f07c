#!/usr/bin/env bash
# selftest.sh: the contract server's own test, see selftest.py.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
PYTHONPATH=$here PYTHONDONTWRITEBYTECODE=1 exec "$("$here/venv.sh")" "$here/selftest.py"
