#!/usr/bin/env bash
# check.sh: does the lab's S3 sink do what Confluent's does? Starts a lab of its own, because S3 is killed and frozen under
# it, and wipes it afterwards. Prints one line for each property, ends with "N passed, N failed".
#   LAB_CHECK_DIR, LAB_CHECK_BASE   take the place of LAB_DIR and LAB_PORT_BASE
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export LAB_DIR=${LAB_CHECK_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/cdctop/lab-check}
export LAB_PORT_BASE=${LAB_CHECK_BASE:-22000} LAB_RATE=0
"$here/lab.sh" up
trap 'WIPE=1 "$here/lab.sh" down' EXIT
# shellcheck source=lib/env.sh
. "$here/lib/env.sh"

passed=0 failed=0

# check WHAT COMMAND...: the command must succeed within 30 s
check() {
    local what=$1
    shift
    if wait_for 30 "$@"; then
        passed=$((passed + 1))
        printf 'ok      %s\n' "$what"
    else
        failed=$((failed + 1))
        printf 'FAILED  %s\n' "$what"
    fi
}

# sink NAME OPTION=VALUE...: the lab's sink, on the topic NAME alone, without any rotation but what the options say
sink() {
    local name=$1
    shift
    : | "$here/topic.sh" send "$name"
    jq --arg t "$name" '."topics" = $t | del(."topics.regex", ."rotate.schedule.interval.ms") | ."flush.size" = "10"' \
        "$LAB_DIR/conf/shop-s3.json" >"$LAB_DIR/run/$name.json"
    "$here/connector.sh" create "$name" "$LAB_DIR/run/$name.json" >/dev/null
    if [ $# -gt 0 ]; then "$here/connector.sh" set "$name" "$@" >/dev/null; fi
}

# send TOPIC FIRST LAST: records {"n":FIRST} to {"n":LAST}
send() { seq "$2" "$3" | sed 's/.*/k&\t{"n":&}/' | "$here/topic.sh" send "$1"; }

is() { "$here/connector.sh" wait "$1" "$2" 1; }
committed() { curl -sS -m 5 "$LAB_CONNECT_URL/connectors/$1/offsets" | jq -r '.offsets[0].offset.kafka_offset // "-"'; }
has_committed() { [ "$(committed "$1")" = "$2" ]; }
keys() { "$here/s3.sh" GET "/$LAB_S3_BUCKET?list-type=2&prefix=topics%2F$1%2F" | grep -o '<Key>[^<]*' | cut -c6-; }
has_key() { keys "$1" | grep -q "^topics/$1/year=20[0-9][0-9]/month=[01][0-9]/day=[0-3][0-9]/hour=[0-2][0-9]/$1+0+$2\.json$"; }
has_keys() { [ "$(keys "$1" | wc -l)" = "$2" ]; }
rows() { keys "$1" | sed 's/=/%3D/g; s/+/%2B/g' | while read -r key; do "$here/s3.sh" GET "/$LAB_S3_BUCKET/$key"; done; }
has_rows() { [ "$(rows "$1" | jq .n)" = "$(seq 1 "$2")" ]; }
last_cause() { "$here/connector.sh" trace "$1" | grep '^Caused by: ' | tail -n 1 | grep -qF "$2"; }
first_line() { "$here/connector.sh" trace "$1" | sed -n 1p | grep -qF "$2"; }
drop() { "$here/connector.sh" delete "$1"; }

open_files_and_rotation() {
    sink c-size
    send c-size 1 14
    check 'flush.size closes a file, named after its first offset' has_key c-size 0000000000
    check 'only the closed file is committed: the open one is lag' has_committed c-size 10
    sleep 5
    check 'a quiet topic keeps its tail in memory' has_keys c-size 1
    send c-size 15 20
    check 'the next file starts where the last one ended' has_key c-size 0000000010
    check 'every record is there once, one a line' has_rows c-size 20
    drop c-size

    sink c-time flush.size=1000 rotate.interval.ms=2000
    send c-time 1 3
    sleep 6
    check 'rotate.interval.ms does not fire without a newer record' has_keys c-time 0
    send c-time 4 4
    check 'rotate.interval.ms closes the file when one comes' has_committed c-time 3
    drop c-time

    sink c-wall flush.size=1000 rotate.schedule.interval.ms=3000
    send c-wall 1 3
    check 'rotate.schedule.interval.ms fires without a newer record' has_committed c-wall 3
    "$here/connector.sh" set c-wall rotate.schedule.interval.ms=12000 >/dev/null
    check 'after a change of options it runs' is c-wall 'RUNNING RUNNING'
    sleep $((13 - $(date +%s) % 12)) # just past one scheduled time, long before the next
    send c-wall 4 6
    "$here/connector.sh" pause c-wall
    check 'a paused connector keeps its open file' has_committed c-wall 3
    check 'the schedule fires while the connector is paused' has_committed c-wall 6
    check 'and it is paused' is c-wall 'PAUSED PAUSED'
    drop c-wall
}

redelivery() {
    sink c-again rotate.schedule.interval.ms=3000
    send c-again 1 5
    check 'a file is closed' has_key c-again 0000000000
    "$here/connector.sh" stop c-again
    wait_for 10 is c-again STOPPED
    curl -sSf -o /dev/null -X DELETE "$LAB_CONNECT_URL/connectors/c-again/offsets"
    "$here/connector.sh" resume c-again
    check 'delivered again, it does not overwrite but begins one record later' has_key c-again 0000000001
    check 'and goes on' has_committed c-again 5
    drop c-again
}

tombstones() {
    sink c-fail
    printf 'a\t{"n":1}\na\tNULL\n' | "$here/topic.sh" send c-fail
    check 'a tombstone kills the task' is c-fail 'RUNNING FAILED'
    check 'with the words of the real one' last_cause c-fail "Null valued records are not writeable with current behavior.on.null.values 'settings."
    drop c-fail

    sink c-skip behavior.on.null.values=ignore flush.size=2
    printf 'a\t{"n":1}\na\tNULL\na\t{"n":2}\n' | "$here/topic.sh" send c-skip
    check 'or is skipped when it is to be ignored' has_committed c-skip 3
    check 'and its offset is missing between two lines' has_rows c-skip 2
    drop c-skip
}

refusals() {
    sink c-secret aws.secret.access.key=wrong
    check 'a wrong secret: task FAILED' is c-secret 'RUNNING FAILED'
    check 'last cause: SignatureDoesNotMatch' last_cause c-secret 'Error Code: SignatureDoesNotMatch;'
    drop c-secret
    sink c-bucket s3.bucket.name=no-such-bucket
    check 'a missing bucket: task FAILED' is c-bucket 'RUNNING FAILED'
    check 'its trace says so in the first line' first_line c-bucket 'ConnectException: Non-existent S3 bucket: no-such-bucket'
    drop c-bucket
    sink c-host store.url=http://no-such-host.invalid
    check 'an unknown host: task FAILED' is c-host 'RUNNING FAILED'
    check 'last cause: UnknownHostException' last_cause c-host 'java.net.UnknownHostException: no-such-host.invalid'
    drop c-host
}

outages() {
    sink c-out
    send c-out 1 10
    check 'before the outage it commits' has_committed c-out 10
    "$here/fault.sh" kill s3
    send c-out 11 30
    sleep 12
    check 'S3 down: RUNNING all the same' is c-out 'RUNNING RUNNING'
    check 'and nothing is committed' has_committed c-out 10
    "$here/fault.sh" start s3
    check 'S3 back: it recovers by itself' has_committed c-out 30
    "$here/fault.sh" freeze s3
    send c-out 31 40
    sleep 14
    check 'S3 frozen: RUNNING all the same' is c-out 'RUNNING RUNNING'
    "$here/fault.sh" thaw s3
    check 'S3 thawed: it recovers by itself' has_committed c-out 40
    check 'nothing lost, nothing twice' has_rows c-out 40
    drop c-out
}

open_files_and_rotation
redelivery
tombstones
refusals
outages
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
