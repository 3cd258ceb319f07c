#!/usr/bin/env bash
# run.sh BINARY…: live tests against the lab that LAB_DIR names (default: the usual one). Gives them what they need:
#   LAB_DIR, LAB_PORT_PG, LAB_PORT_KAFKA… (all that the lab recorded), CDCTOP (the program)
# Tests that break servers do so only with LAB_FAULTS=1, which says that this lab belongs to them.
set -euo pipefail

# The usual lab is somebody's: servers are broken only in one that was named for it.
usual=${XDG_CACHE_HOME:-$HOME/.cache}/cdctop/lab
if [ "${LAB_FAULTS:-0}" = 1 ] && { [ -z "${LAB_DIR:-}" ] || [ "$LAB_DIR" -ef "$usual" ]; }; then
    echo "LAB_FAULTS=1 breaks servers: name a lab of your own with LAB_DIR, not the usual one" >&2
    exit 1
fi
LAB_DIR=${LAB_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/cdctop/lab}
[ -f "$LAB_DIR/run/lab.env" ] || {
    echo "no lab runs in $LAB_DIR: start one with 'make lab-up'" >&2
    exit 1
}
set -a
# shellcheck source=/dev/null
. "$LAB_DIR/run/lab.env"
set +a
export LAB_DIR CDCTOP=${CDCTOP:-build/cdctop}
exec sh tests/run-bins.sh --look-through "$@"
