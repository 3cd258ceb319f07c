#!/usr/bin/env bash
# run.sh BENCH PROGRAM: the bench against the lab in LAB_DIR if one runs there, else against the tests' own lab, which is
# started for it and wiped afterwards. Servers are frozen for a while: no bench on a lab that others look at.
set -euo pipefail

bench=$1
export CDCTOP=$2
cache=${XDG_CACHE_HOME:-$HOME/.cache}/cdctop
if [ -n "${LAB_DIR:-}" ] && [ "$LAB_DIR" -ef "$cache/lab" ]; then
    echo "bench: it freezes servers, so it does not run on the usual lab: leave LAB_DIR out" >&2
    exit 1
fi
if [ -z "${LAB_DIR:-}" ]; then
    export LAB_DIR=$cache/test-lab LAB_CACHE=$cache/lab-cache LAB_PORT_BASE=${TEST_LAB_BASE:-23000}
    mkdir -p "$cache"
    exec 7>"$cache/test-lab.lock"
    flock 7
    trap 'WIPE=1 tests/stack/lab.sh down >/dev/null 7>&-' EXIT
    tests/stack/lab.sh up >&2 7>&-
fi
set -a
# shellcheck source=/dev/null
. "$LAB_DIR/run/lab.env"
set +a
thaw() { for part in postgres kafka connect s3; do tests/stack/fault.sh thaw "$part" 7>&- || true; done; }
status=0
"$bench" 7>&- || status=$?
thaw >/dev/null 2>&1
exit "$status"
