#!/usr/bin/env bash
# load.sh PORT RATE: the lab's steady writes, about RATE transactions a second (sql/load.sql) to the database shop, until
# ended. One session that repeats itself; after an outage it connects again.
set -euo pipefail

port=$1 rate=$2
load=$(dirname "${BASH_SOURCE[0]}")/sql/load.sql
export PGPASSWORD=lab-password-of-dbz PGCONNECT_TIMEOUT=3 PGAPPNAME=lab-load

child=
trap 'kill "$child" 2>/dev/null; exit 0' TERM INT
while :; do
    { grep -v '^--' "$load" && awk -v rate="$rate" 'BEGIN { printf "\\watch %.3f\n", 1 / rate }'; } |
        psql -qX -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$port" -U dbz shop >/dev/null &
    child=$!
    wait "$child" || true
    sleep 1
done
