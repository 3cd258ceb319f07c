#!/usr/bin/env bash
# Connectors of the running lab (LAB_DIR says which lab):
#   connector.sh create NAME FILE        creates or replaces it from a JSON file of its configuration
#   connector.sh set NAME KEY=VALUE...   changes options of its configuration; KEY= removes one
#   connector.sh config NAME             prints its configuration
#   connector.sh status NAME             prints "CONNECTOR-STATE TASK-STATE..."
#   connector.sh trace NAME              prints the traces of its tasks
#   connector.sh wait NAME STATES [S]    waits until status says exactly STATES, e.g. "RUNNING FAILED" (default 30 s)
#   connector.sh pause|resume|stop|restart|delete NAME
# A bad S3 secret, for example: connector.sh set shop-s3 aws.secret.access.key=wrong
set -euo pipefail

# shellcheck source=lib/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/env.sh"

api() {
    local method=$1 path=$2
    shift 2
    curl -sS --fail-with-body -m 30 -X "$method" \
        -H 'Content-Type: application/json' "$@" "$LAB_CONNECT_URL/connectors/$path"
}

put_config() { # 409 while the worker is busy with the last change
    local i
    for ((i = 0; i < 40; i++)); do
        if api PUT "$1/config" -d "$2" >"$LAB_DIR/run/answer"; then return; fi
        grep -q '"error_code":409' "$LAB_DIR/run/answer" || break
        sleep 0.5
    done 2>/dev/null
    die "$1: $(<"$LAB_DIR/run/answer")"
}

states() { api GET "$1/status" | jq -r '[.connector.state, .tasks[].state] | join(" ")'; }
has_states() { [ "$(states "$1")" = "$2" ]; }

set_options() {
    local name=$1 config pair
    shift
    config=$(api GET "$name/config")
    for pair in "$@"; do
        config=$(jq --arg k "${pair%%=*}" --arg v "${pair#*=}" 'if $v == "" then del(.[$k]) else .[$k] = $v end' <<<"$config")
    done
    put_config "$name" "$config"
}

[ $# -ge 2 ] || die "usage: connector.sh create|set|config|status|trace|wait|pause|resume|stop|restart|delete NAME ..."
case $1 in
create) put_config "$2" "$(<"$3")" ;;
set) set_options "${@:2}" ;;
config) api GET "$2/config" | jq . ;;
status) states "$2" ;;
trace) api GET "$2/status" | jq -r '.tasks[].trace // empty' ;;
wait) wait_for "${4:-30}" has_states "$2" "$3" || die "$2 is '$(states "$2")', not '$3'" ;;
pause | resume | stop) api PUT "$2/$1" ;;
restart) api POST "$2/restart?includeTasks=true" ;;
delete) api DELETE "$2" ;;
*) die "connector.sh: unknown command '$1'" ;;
esac
