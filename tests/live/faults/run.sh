#!/usr/bin/env bash
# run.sh [FAULT...]: breaks pipelines in the lab that LAB_DIR names, one fault after the other in each of four lanes and then
# the servers that all lanes share, and sees what cdctop says: the headline within 15 s of the evidence being observable, the
# recommended action, and silence after the repair. Without FAULT: all. Ends with "N passed, N failed".
#   table.sh       the faults and what is expected      *_faults.sh   how each is made, seen and repaired
#   FAULT_QUICK=1   without those that table.sh calls slow
#   FAULT_AGAIN=N   up to so many that fail are done once more (8), and what fails then a last time with nothing beside it
#   FAULT_LANES    lanes to run (default: "fa fb fc fd fs")       FAULT_KEEP=1   leaves the lanes' pipelines up
#   LAB_DIR/lanes/table.md   the table as README.md has it     LAB_DIR/lanes/kept   what was said, if something failed
#   FAULT_PORTS    the lanes' PostgreSQL servers listen on this port and the next ones (default: Connect's + 100)
# Without LAB_DIR it takes a lab of its own and wipes it afterwards.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
usual=${XDG_CACHE_HOME:-$HOME/.cache}/cdctop
if [ -z "${LAB_DIR:-}" ]; then
    export LAB_DIR=$usual/lab-faults LAB_CACHE=$usual/lab-cache LAB_PORT_BASE=${FAULT_LAB_BASE:-21000}
    trap 'WIPE=1 "$here/../../stack/lab.sh" down' EXIT
    "$here/../../stack/lab.sh" up || exit 1
elif [ "$LAB_DIR" -ef "$usual/lab" ]; then
    echo "faults break servers: name a lab of your own with LAB_DIR, not the usual one" >&2
    exit 1
fi
# shellcheck source=lane.sh
. "$here/lane.sh"
# shellcheck source=table.sh
. "$here/table.sh"
for file in "$here"/*_faults.sh; do
    # shellcheck source=/dev/null
    . "$file"
done

DETECT_S=15 SEEN_S=60 SILENT_S=60
results=$LAB_DIR/lanes/results
keep_begin

# What a name of the table stands for in this lane
name_of() {
    case $1 in
    @src) src ;; @sink) sink ;; @slot) slot ;; @pub) pub ;; @group) group ;; @topic) topic ;; @quiet) topic quiet ;;
    *) echo "$1" ;;
    esac
}

has() { declare -F "$1" >/dev/null; }

# headline FILE SINCE_MS UNTIL_MS IDS OBJECT: waits; prints time, severity, remedy and title of the first that fits
headline() {
    local answer
    while :; do
        answer=$(awk -F'\t' -v OFS='\t' -v since="$2" -v ids=",$4," -v object="$5" '
            function named(    i, n, e) {
                if (index(ids, "," $2 ",")) return 1
                n = split($9, e, ",")
                for (i = 1; i <= n; i++) if (index(ids, "," $2 ">" e[i] ",")) return 1
                return 0
            }
            $1 >= since && (object == "*" || object == $4) && named() { print $1, $2, $3, $5, $8; exit }' "$1")
        if [ -n "$answer" ]; then
            printf '%s\n' "$answer"
            return 0
        fi
        [ "$(now_ms)" -lt "$3" ] || return 1
        sleep 0.2
    done
}

heard() { # FILE SINCE_MS: what was said instead
    awk -F'\t' -v since="$2" '$1 >= since { n[$2 " " $4 " [" $7 "] " $8]++ } END { for (t in n) print n[t] "x " t }' "$1" |
        sort -rn | head -n 6 | sed 's/^/#     /'
}

# one NAME IDS OBJECT REMEDY: prints a line of the results: name, ok or not, headline, seconds, why
one() {
    local fault=$1 ids=$2 object remedy=$4 file=$LANES_KEPT/$1 injected seen line at id severity got title took silent
    local limits=() verdict=ok why='' since
    object=$(name_of "$3")
    while [ -e "$file" ]; do file+=-again; done
    if has "${fault}_limits"; then mapfile -t limits < <("${fault}_limits"); fi
    if has "${fault}_before"; then "${fault}_before"; fi
    since=$(now_ms)
    watch_start "$file" "${limits[@]}"
    if ! quiet "$file" 45 "$since" >/dev/null; then
        heard "$file" "$((since + 30000))" >&2
        verdict=not why='not silent before the fault'
    fi
    injected=$(now_ms)
    "${fault}_inject" || { verdict=not why="${why:-the fault could not be made}"; }
    if has "${fault}_seen" && ! wait_for "$SEEN_S" "${fault}_seen"; then verdict=not why="${why:-it did not become observable}"; fi
    seen=$(now_ms)
    if line=$(headline "$file" "$injected" "$((seen + DETECT_S * 1000))" "$ids" "$object"); then
        IFS=$'\t' read -r at id severity got title <<<"$line"
        took=$(((at - seen) / 100))
        [ "$took" -ge 0 ] || took=0
        took=$((took / 10)).$((took % 10))
        if [ "$remedy" != '*' ] && [ "$got" != "$remedy" ]; then verdict=not why="${why:-recommends $got, not $remedy}"; fi
    else
        id=- severity=- took=- title=- got=-
        verdict=not why="${why:-no headline $ids on $object within $DETECT_S s}"
        heard "$file" "$injected" >&2
    fi
    if has "${fault}_repair"; then "${fault}_repair" || note "$fault: the repair failed"; fi
    since=$(now_ms)
    if ! silent=$(quiet "$file" "$SILENT_S" "$since"); then
        heard "$file" "$((since + (SILENT_S - 10) * 1000))" >&2
        silent=- verdict=not why="${why:-not silent after the repair}"
    fi
    watch_stop
    printf '%s\t' "$fault" "$verdict" "$id" "$severity" "$took" "$silent" "$got" "$title"
    printf '%s\n' "$why"
}

picked() {
    if [ "${FAULT_QUICK:-0}" = 1 ] && [[ $SLOW == *" $1 "* ]]; then return 1; fi
    [ "${#wanted[@]}" = 0 ] || [[ " ${wanted[*]} " == *" $1 "* ]]
}

# Prints the faults of a lane: name, ids, object, remedy
faults_of() {
    local fault lane rest
    while IFS='|' read -r fault lane rest; do
        read -r fault <<<"$fault"
        read -r lane <<<"$lane"
        if [ "$lane" = "$1" ] && picked "$fault"; then printf '%s|%s\n' "$fault" "$rest"; fi
    done <<<"$TABLE"
}

# The faults of one lane, one after the other.
run_lane() {
    local fault ids object remedy
    while IFS='|' read -r fault ids object remedy _; do
        read -r ids <<<"$ids"
        read -r object <<<"$object"
        read -r remedy <<<"$remedy"
        note "$fault"
        one "$fault" "$ids" "$object" "$remedy" | tee -a "$results" | awk -F'\t' '{ print "# " $1 ": " $2 " " $9 }'
    done < <(faults_of "$1")
}

# The README's table, from the results and the table of faults.
markdown() {
    local fault what id took silent got limits
    printf '| what is broken | headline | after | action | silent after | thresholds lowered for it |\n|---|---|---|---|---|---|\n'
    while IFS='|' read -r fault _ _ _ _ what; do
        read -r fault <<<"$fault"
        read -r what <<<"$what"
        IFS=$'\t' read -r _ _ id _ took silent got _ < <(grep -P "^$fault\t" "$results") || continue
        limits=
        if has "${fault}_limits"; then limits=$("${fault}_limits" | sed 's/ = "*/ /; s/"//' | paste -sd, | sed 's/,/, /g'); fi
        printf '| %s | %s | %s s | %s | %s s | %s |\n' "$what" "$id" "$took" "${got/#-/–}" "$silent" "${limits:-–}"
    done <<<"$TABLE"
}

lane_number() { case $1 in fa) echo 0 ;; fb) echo 1 ;; fc) echo 2 ;; fd) echo 3 ;; *) echo 4 ;; esac; }

whole_lane() {
    trap 'exit 143' INT TERM HUP
    [ "${FAULT_KEEP:-0}" = 1 ] || trap 'watch_stop; lane_down >/dev/null 2>&1' EXIT
    lane_up "$1" "$((ports + $(lane_number "$1")))" && run_lane "$1"
}

table_of_results() {
    printf '\n%-22s %-8s %7s %7s %-10s %s\n' fault headline seconds silent action says
    awk -F'\t' '{ printf "%-22s %-8s %7s %7s %-10s %s\n", $1, $3, $5, $6, $7, $8 }' "$results"
    echo
}

tap() {
    local n=0 failed=0 fault verdict id took silent why line
    while IFS=$'\t' read -r fault verdict id _ took silent _ _ why; do
        n=$((n + 1))
        if [ "$verdict" = ok ]; then
            printf 'ok %d - %s: %s after %s s, silent %s s after the repair%s\n' "$n" "$fault" "$id" "$took" "$silent" \
                "$(if [[ $again == *" $fault "* ]]; then echo ' (not at the first try)'; fi)"
        else
            printf 'not ok %d - %s: %s\n' "$n" "$fault" "$why"
            failed=$((failed + 1))
        fi
    done <"$results"
    while IFS= read -r line; do
        printf '%s\n' "$line"
        if [[ $line != '#'* ]]; then n=$((n + 1)); fi
        if [[ $line == 'not ok'* ]]; then failed=$((failed + 1)); fi
    done < <(look_through "$((n + 1))")
    [ "$failed" != 0 ] || rm -rf "$LANES_KEPT"
    printf '%d passed, %d failed\n' "$((n - failed))" "$failed"
    [ "$failed" = 0 ] && [ "$n" -gt 0 ]
}

# The four lanes beside each other, then the servers that they share.
all_lanes() {
    local lane
    pids=()
    for lane in ${FAULT_LANES:-fa fb fc fd}; do
        if [ "$lane" = fs ] || [ -z "$(faults_of "$lane")" ]; then continue; fi
        (whole_lane "$lane") &
        pids+=("$!")
        [ -z "$alone" ] || wait "$!"
    done
    [ "${#pids[@]}" = 0 ] || wait "${pids[@]}"
    note "the lanes took $SECONDS s"
    if [[ " ${FAULT_LANES:-fs} " == *" fs "* ]] && [ -n "$(faults_of fs)" ]; then
        (whole_lane fs) &
        pids=("$!")
        wait "$!"
    fi
}

# A machine that is busy elsewhere makes a server late: what failed is done once more, in lanes that are made anew. Whatever is
# wrong with a rule fails again.
once_more() { # [alone]: one lane after the other
    alone=${1:-}
    local failed
    mapfile -t failed < <(awk -F'\t' '$2 != "ok" { print $1 }' "$results")
    if [ "${#failed[@]}" = 0 ] || [ "${#failed[@]}" -gt "${FAULT_AGAIN:-8}" ]; then return; fi
    note "once more: ${failed[*]}"
    awk -F'\t' '$2 == "ok"' "$results" >"$results.ok"
    mv "$results.ok" "$results"
    wanted=("${failed[@]}")
    again+=" ${failed[*]} "
    all_lanes
}

wanted=("$@")
again='' alone=''
ports=${FAULT_PORTS:-$((LAB_PORT_CONNECT + 100))}
: >"$results"
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; wait; exit 143' INT TERM HUP
expected=$(for lane in ${FAULT_LANES:-fa fb fc fd fs}; do faults_of "$lane"; done | wc -l)
all_lanes
once_more
once_more alone
table_of_results
markdown >"$LAB_DIR/lanes/table.md"
[ "$(wc -l <"$results")" = "$expected" ] || printf '%s\tnot\t-\t-\t-\t-\t-\t-\t%s\n' all "$expected faults were to be run" >>"$results"
note "took $SECONDS s"
tap
