#!/usr/bin/env bash
# soak.sh: healthy load in the lab that LAB_DIR names: steady writes, bulk loads, idle spells, log switches, checkpoints, a
# planned pause of source and of sink, a restart. cdctop must not say a word above a remark: the first document that does fails
# it and is printed. Ends with "N passed, N failed".
#   SOAK_SECONDS, or SOAK_MINUTES   how long (default: 60 min)
# Without LAB_DIR it takes a lab of its own and wipes it afterwards.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ -z "${LAB_DIR:-}" ]; then
    cache=${XDG_CACHE_HOME:-$HOME/.cache}/cdctop
    export LAB_DIR=$cache/lab-faults LAB_CACHE=$cache/lab-cache LAB_PORT_BASE=${FAULT_LAB_BASE:-21000}
    trap 'WIPE=1 "$here/../../stack/lab.sh" down' EXIT
    "$here/../../stack/lab.sh" up || exit 1
fi
# shellcheck source=lane.sh
. "$here/lane.sh"

length=${SOAK_SECONDS:-$((${SOAK_MINUTES:-60} * 60))}
passed=0 failed=0
keep_begin

# Each is what a healthy pipeline sees in its days.
nothing_special() { sleep 5; }
bulk_load() {
    sql "insert into orders (note) select 'bulk' from generate_series(1, 5000)"
    sleep 3
    sql "delete from orders where note = 'bulk'"
}
idle_spell() {
    lane_load_stop
    sleep 8
    lane_load_start
}
log_switch() { sql 'select pg_switch_wal()' checkpoint >/dev/null; }
large_transaction() {
    sql 'begin; update orders set n = n + 1 where id > (select max(id) from orders) - 12000; select pg_sleep(2); commit' >/dev/null
}
planned_pause() {
    pause "$1"
    sleep 5
    resume "$1"
    runs "$1"
}
pause_of_sink() { planned_pause "$(sink)"; }
pause_of_source() { planned_pause "$(src)"; }
restart_of_sink() { restart "$(sink)"; }
other_database() { sql -d other 'create table t (x text)' "insert into t select 'x' from generate_series(1, 30000)" 'drop table t'; }
tasks=(nothing_special bulk_load log_switch idle_spell pause_of_sink large_transaction pause_of_source other_database restart_of_sink)

# loud FILE: what was louder than a remark
loud() { awk -F'\t' '$7 != "-" { print $7 " " $8 }' "$1" | sort | uniq -c | sort -rn; }

trap 'exit 143' INT TERM HUP
lane_up so "$((LAB_PORT_CONNECT + 110))"
trap 'lane_down >/dev/null 2>&1; if [ -n "${cache:-}" ]; then WIPE=1 "$LANE_STACK/lab.sh" down; fi' EXIT
sleep 6 # the first snapshot
# The program's own thresholds, but for one that is a promise to somebody: on a busy machine a bulk load takes its time.
out=$LANES_KEPT/soak
watch_plain=1
watch_start "$out" 'end_to_end_warn = "30s"'
end=$((SECONDS + length)) round=0
while [ "$SECONDS" -lt "$end" ]; do
    task=${tasks[round % ${#tasks[@]}]}
    before=$(wc -l <"$out")
    "$task"
    sleep 2
    if tail -n "+$((before + 1))" "$out" | awk -F'\t' '$7 != "-" { loud = 1 } END { exit !loud }'; then
        failed=$((failed + 1))
        printf 'not ok %d - %s\n' "$((round + 1))" "$task"
        tail -n "+$((before + 1))" "$out" | awk -F'\t' '$7 != "-"' | head -n 3
        jq -c 'select([.findings[] | select(.severity | IN("warning", "critical", "unknown"))] != [])' "$out.json" | tail -n 1
    else
        passed=$((passed + 1))
        printf 'ok %d - %s\n' "$((round + 1))" "$task"
    fi
    round=$((round + 1))
done
watch_stop
documents=$(wc -l <"$out")
if [ "$documents" -ge "$((length / 2))" ]; then
    passed=$((passed + 1))
    printf 'ok %d - %d documents in %d s\n' "$((round + 1))" "$documents" "$length"
else
    failed=$((failed + 1))
    printf 'not ok %d - only %d documents in %d s\n' "$((round + 1))" "$documents" "$length"
fi
while IFS= read -r line; do
    printf '%s\n' "$line"
    if [[ $line == 'ok'* ]]; then passed=$((passed + 1)); fi
    if [[ $line == 'not ok'* ]]; then failed=$((failed + 1)); fi
done < <(look_through "$((passed + failed + 1))")
loud "$out"
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" != 0 ] || rm -rf "$LANES_KEPT"
[ "$failed" = 0 ]
