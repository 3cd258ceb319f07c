#!/usr/bin/env bash
# lab.sh deps|up|down|status|config: the real pipeline on loopback, PostgreSQL -> Debezium on Kafka Connect -> Kafka -> S3 sink
# -> S3 server, with a steady write load. Settings are in lib/env.sh. Nothing but packages is touched outside LAB_DIR and
# LAB_CACHE (and, when root runs it, /var/lib/cdctop-lab).
#   deps    installs packages, downloads and builds jars; returns at once when all is there
#   up      starts what is not running
#   down    stops all by recorded pids; WIPE=1 deletes the data as well
#   status  one line for each part; exit 0 only if all of them answer
#   config  prints the path of a cdctop configuration for this lab: the example, or a copy with this lab's ports
set -euo pipefail

# shellcheck source=lib/all.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/all.sh"

parts_to_start() {
    local part
    for part in "${LAB_PARTS[@]}"; do
        if [ "$part" = load ] && [ "$LAB_RATE" = 0 ]; then continue; fi
        proc_pid "$part" >/dev/null || echo "$part"
    done
}

# check_ports PART...: all of their ports must be free before anything is started
check_ports() {
    local row name part holder taken=0
    for row in "${LAB_PORTS[@]}"; do
        read -r name _ part <<<"$row"
        [[ " $* " == *" $part "* ]] || continue
        if holder=$(port_holder "${!name}"); then
            printf 'lab: port %s, wanted for %s, is taken by %s; choose another with %s or move all with LAB_PORT_BASE\n' \
                "${!name}" "$part" "$holder" "$name" >&2
            taken=1
        fi
    done
    [ "$taken" = 0 ] || die "nothing was started"
}

record_ports() {
    local row name
    for row in "${LAB_PORTS[@]}"; do
        read -r name _ <<<"$row"
        printf '%s=%s\n' "$name" "${!name}"
    done >"$LAB_DIR/run/lab.env"
    printf 'LAB_RATE=%s\nLAB_DEBEZIUM=%s\n' "$LAB_RATE" "$LAB_DEBEZIUM" >>"$LAB_DIR/run/lab.env"
}

put_connectors() {
    local name
    for name in shop-source shop-s3; do
        render "$LAB_STACK/conf/$name.json.in" "$LAB_DIR/conf/$name.json"
        "$LAB_STACK/connector.sh" create "$name" "$LAB_DIR/conf/$name.json" >/dev/null
    done
}

# Objects there: rows have gone all the way. The first ones come when 500 rows of the first snapshot are in one file.
pipeline_flows() { "$LAB_STACK/s3.sh" GET "/$LAB_S3_BUCKET?list-type=2&max-keys=1" | grep -q '<Key>'; }

lab_up() {
    local started part
    # a start that was broken off while the tables were being made: once more from the beginning
    [ -f "$LAB_PGDATA/complete" ] || part_stop postgres
    mapfile -t started < <(parts_to_start)
    if [ -f "$LAB_DIR/run/lab.env" ] && [ "${#started[@]}" -ge "${#LAB_PARTS[@]}" ]; then
        rm "$LAB_DIR/run/lab.env" # of a lab that ended without lab-down: today's settings hold, not its
        exec "$0" up
    fi
    if [ "${#started[@]}" = 0 ]; then
        say "already running in $LAB_DIR"
        lab_status
        return
    fi
    check_ports "${started[@]}"
    deps_all
    record_ports
    render "$LAB_STACK/conf/log4j.properties.in" "$LAB_DIR/conf/log4j.properties"
    render "$LAB_STACK/conf/tools-log4j.properties.in" "$LAB_DIR/conf/tools-log4j.properties"
    for part in "${started[@]}"; do
        case $part in
        connect) say "waiting for Kafka" && part_wait kafka 60 ;;
        load) say "waiting for Kafka Connect" && part_wait connect 90 ;;
        esac
        say "starting $part"
        part_start "$part"
    done
    for part in "${LAB_PARTS[@]}"; do
        if [ "$part" != load ]; then part_wait "$part" 90; fi
    done
    PGPASSWORD=postgres psql -qX -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$LAB_PORT_PG" -U postgres -f "$LAB_STACK/sql/passwords.sql"
    put_connectors
    say "waiting for the first object in S3"
    wait_for 60 pipeline_flows || die "no object came within 60 s, see $LAB_DIR/logs/connect.log"
    say "the pipeline runs (after $SECONDS s)"
    lab_status
}

lab_down() {
    local i
    for ((i = ${#LAB_PARTS[@]} - 1; i >= 0; i--)); do
        if proc_pid "${LAB_PARTS[i]}" >/dev/null; then say "stopping ${LAB_PARTS[i]}"; fi
        part_stop "${LAB_PARTS[i]}"
    done
    rm -f "$LAB_DIR/run/lab.env"
    if [ "${WIPE:-0}" = 1 ]; then
        rm -rf "$LAB_PGDATA" "$LAB_DIR"/{data,logs,conf,tls}
        say "data wiped"
    fi
    say "stopped"
}

lab_status() {
    local part pid answer all=0
    printf '%-9s %8s %6s  %s\n' PART PID PORT ANSWER
    for part in "${LAB_PARTS[@]}"; do
        if [ "$part" = load ] && [ "$LAB_RATE" = 0 ]; then
            pid=- answer='off'
        elif ! pid=$(proc_pid "$part"); then
            pid=- answer='not running'
        elif [ "$(proc_stat "$pid" 1)" = T ]; then
            answer=frozen
        elif "answers_$part"; then
            answer=ok
        else
            answer='no answer'
        fi
        if [ "$answer" != ok ] && [ "$answer" != off ]; then all=1; fi
        printf '%-9s %8s %6s  %s\n' "$part" "$pid" "$(part_port "$part")" "$answer"
    done
    return "$all"
}

lab_config() {
    local example row name usual edits=()
    example=$(cd "$LAB_STACK/../.." && pwd)/config.example.toml
    for row in "${LAB_PORTS[@]}"; do
        read -r name usual _ <<<"$row"
        edits+=(-e "s/127\.0\.0\.1:$((10000 + usual))\b/127.0.0.1:${!name}/g")
    done
    (umask 077 && sed "${edits[@]}" "$example" >"$LAB_DIR/conf/cdctop.toml") # it holds passwords
    if cmp -s "$example" "$LAB_DIR/conf/cdctop.toml"; then echo "$example"; else echo "$LAB_DIR/conf/cdctop.toml"; fi
}

exec 9>"$LAB_DIR/run/lock"
case ${1:-} in
deps) deps_all ;;
up) flock 9 && lab_up ;;
down) flock 9 && lab_down ;;
status) lab_status ;;
config) lab_config ;;
*) die "usage: lab.sh deps|up|down|status|config" ;;
esac
