#!/usr/bin/env bash
# snapshots.sh [VERSION...]: an incremental snapshot on each of these versions of Debezium, signalled by `cdctop do snapshot`
# and watched by `cdctop status --json --watch`, and one that leaves a table out. A lab of its own per version, wiped
# afterwards; about a minute and a half each. CDCTOP=path of the program, ROWS=rows of the table, LAB_PORT_BASE as usual.
# Prints a line per version: rows, seconds, how many documents had a percentage and how many an ETA.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
stack=$here/../stack
CDCTOP=${CDCTOP:-$here/../../build/cdctop}
ROWS=${ROWS:-100000}
export LAB_PORT_BASE=${LAB_PORT_BASE:-21000} LAB_RATE=2
versions=("$@")
[ $# -gt 0 ] || versions=(2.3.4.Final 2.7.4.Final 3.7.0.Final)
top=${TMPDIR:-/tmp}/cdctop-snapshots-$$
failed=0
watcher=

complain() {
    printf 'FAILED: Debezium %s: %s\n' "$LAB_DEBEZIUM" "$1"
    failed=1
}

stop_lab() {
    if [ -n "$watcher" ]; then kill "$watcher" 2>/dev/null || true; fi
    watcher=
    WIPE=1 "$stack/lab.sh" down >/dev/null
}

sql() { PGPASSWORD=postgres psql -qAtX -v ON_ERROR_STOP=1 -h 127.0.0.1 -p $((LAB_PORT_BASE + 5432)) -U postgres shop -c "$1"; }

prepare() {
    sql "create table public.big(id serial primary key, a text);
         insert into public.big(a) select repeat('x', 100) from generate_series(1, $ROWS);
         create table public.bare(a text); insert into public.bare values ('x');
         analyze public.big; analyze public.bare;
         alter table public.big owner to dbz; alter table public.bare owner to dbz;
         grant select on public.big, public.bare to cdctop;
         alter publication dbz_pub add table public.big, public.bare"
    local tables
    tables=$("$stack/connector.sh" config shop-source | jq -r '."table.include.list"')
    "$stack/connector.sh" set shop-source "table.include.list=$tables,public.big,public.bare"
    sleep 2
    "$stack/connector.sh" wait shop-source "RUNNING RUNNING" 60
}

snapshot_once() {
    local config=$1 out=$2 start=$SECONDS
    "$CDCTOP" status --json --watch --config "$config" >"$out.watch" 2>"$out.errors" &
    watcher=$!
    sleep 5
    "$CDCTOP" "do" snapshot --connector shop-source public.big --yes shop-source --config "$config" >"$out.do" 2>&1 ||
        complain "do snapshot: $(tail -1 "$out.do")"
    grep -q '^completed: ' "$out.do" || complain "do snapshot says: $(tail -1 "$out.do")"
    sleep 4
    kill "$watcher" || true
    wait "$watcher" 2>/dev/null || true
    watcher=
    local of='.snapshots[] | select(.connector == "shop-source" and .type == "incremental" and (.tables[0].name == "public.big"))'
    local running percents etas
    running=$(jq -c "$of | select(.state == \"running\")" "$out.watch" | wc -l)
    percents=$(jq -c "$of | select(.state == \"running\" and .percent != null and .tables[0].rows != null)" "$out.watch" | wc -l)
    etas=$(jq -c "$of | select(.eta_low_s != null and .rows_per_s > 0)" "$out.watch" | wc -l)
    [ "$running" -ge 1 ] || complain "never seen running"
    [ "$percents" -ge 1 ] || complain "no document had a percentage"
    [ "$running" -lt 8 ] || [ "$etas" -ge 1 ] || complain "no document had an ETA"
    jq -se "[.[] | $of] | last | .state == \"completed\" and .percent == 100 and .tables[0].rows == $ROWS" "$out.watch" >/dev/null ||
        complain "the last document does not show it completed"
    jq -se '[.[] | .findings[] | select(.id == "N02" or .id == "N03" or .id == "N04")] == []' "$out.watch" >/dev/null ||
        complain "a snapshot that went well was cried about"
    printf '%-12s %7s rows %4s s  %3s documents while it ran, %3s with a percentage, %3s with an ETA\n' \
        "$LAB_DEBEZIUM" "$ROWS" $((SECONDS - start - 9)) "$running" "$percents" "$etas"
}

# Signalled past cdctop, which would refuse it: a table without a key is left out, and that is said.
left_out() {
    local config=$1 i
    sql "insert into public.debezium_signal values ('bare-1', 'execute-snapshot', '{\"type\":\"incremental\",\"data-collections\":[\"public.bare\"]}')"
    for ((i = 0; i < 15; i++)); do
        # its exit code tells of the warning that is waited for
        if { "$CDCTOP" status --json --config "$config" || true; } | jq -e 'any(.findings[]; .id == "N04")' >/dev/null; then return; fi
        sleep 1
    done
    complain "N04 does not say that public.bare was left out"
}

for LAB_DEBEZIUM in "${versions[@]}"; do
    export LAB_DEBEZIUM LAB_DIR=$top/$LAB_DEBEZIUM
    mkdir -p "$LAB_DIR"
    trap stop_lab EXIT
    "$stack/lab.sh" up >"$top/up.out" 2>&1 || { tail -5 "$top/up.out"; complain "the lab does not start"; continue; }
    config=$("$stack/lab.sh" config)
    prepare
    snapshot_once "$config" "$top/$LAB_DEBEZIUM.out"
    left_out "$config"
    stop_lab
done
trap - EXIT
[ "$failed" != 0 ] || rm -rf "$top"
exit "$failed"
