#!/usr/bin/env bash
# run-all.sh: the whole test command, from a clean checkout to "N passed, N failed". `make test` runs it.
# Downloads and the lab of the tests live in ${XDG_CACHE_HOME:-~/.cache}/cdctop; the lab is stopped and wiped at the end.
#   FUZZ_SECONDS    for each fuzz target (default 6)
#   TEST_LAB_BASE   port base of the tests' own lab (default 23000)
#   SOAK_SECONDS    of healthy load that must raise nothing (default 50)
#   ONLY            sections to run, for example "unit pty" (default: all)
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
cache=${XDG_CACHE_HOME:-$HOME/.cache}/cdctop
mkdir -p "$cache"
log=$(mktemp)
passed=0 failed=0
failures=()
export NO_SKIP=1

heading() { printf '\n== %s (%d s)\n' "$1" "$SECONDS"; }

wanted() { [ -z "${ONLY:-}" ] || [[ " $ONLY " == *" $1 "* ]]; }

# section NAME TITLE COMMAND…: a command that ends with "N passed, N failed"; it fails once more if it does not say so,
# or says that all is well and yet exits badly
section() {
    local name=$1 title=$2 rc line
    shift 2
    wanted "$name" || return 0
    heading "$title"
    "$@" </dev/null 2>&1 | tee "$log"
    rc=${PIPESTATUS[0]}
    line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1)
    if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
        passed=$((passed + BASH_REMATCH[1]))
        failed=$((failed + BASH_REMATCH[2]))
        if [ "${BASH_REMATCH[2]}" = 0 ] && [ "$rc" != 0 ]; then failed=$((failed + 1)); fi
    else
        echo "($title did not come to its end)"
        failed=$((failed + 1))
        rc=1
    fi
    [ "$rc" = 0 ] || failures+=("$title")
}

# step TITLE COMMAND…: must succeed; counts as a failure if not
step() {
    local title=$1
    shift
    heading "$title"
    if ! "$@" </dev/null; then
        failed=$((failed + 1))
        failures+=("$title")
        return 1
    fi
}

finish() {
    rm -f "$log"
    echo
    [ "${#failures[@]}" = 0 ] || printf 'failed: %s\n' "${failures[@]}"
    printf 'took %d s\n' "$SECONDS"
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
    exit
}

lab() {
    env -u ONLY "LAB_DIR=$cache/test-lab" LAB_CACHE="$cache/lab-cache" LAB_PORT_BASE="${TEST_LAB_BASE:-23000}" "$@"
}

# One lab for the tests of this user: a second test run waits for the first one's.
live() {
    wanted live || wanted faults || wanted soak || return 0
    exec 7>"$cache/test-lab.lock"
    flock -n 7 || { echo "waiting for the lab of another test run" && flock 7; }
    trap 'lab WIPE=1 tests/stack/lab.sh down >/dev/null 2>&1 7>&-' EXIT
    lab WIPE=1 tests/stack/lab.sh down >/dev/null 2>&1 7>&- # what a killed run may have left
    if step 'lab: start the real pipeline' lab tests/stack/lab.sh up 7>&-; then
        # Some wait mostly for servers that they start for themselves.
        beside kept live lab LAB_FAULTS=1 make -s live-own 7>&-
        own=$group
        section live 'live tests' lab LAB_FAULTS=1 make -s live-lab 7>&-
        wait "$own"
        section live 'live tests with servers of their own' replay live
        section soak 'healthy load' lab SOAK_SECONDS="${SOAK_SECONDS:-50}" make -s soak 7>&-
        section faults 'faults' lab FAULT_QUICK=1 make -s faults 7>&-
    fi
    step 'lab: stop and wipe' lab WIPE=1 tests/stack/lab.sh down 7>&-
    trap - EXIT
    exec 7>&-
}

# Sections that need no server run with a lower priority beside those that wait for theirs, or use one core alone; what they
# say is shown afterwards. What has deadlines gets its share even then: nobody is stopped, and only what has none comes last.
quiet_dir=$(mktemp -d)
groups=()
# shellcheck disable=SC2317 # called by beside
kept() {
    local name=$1
    shift
    wanted "$name" || return 0
    "$@" </dev/null >"$quiet_dir/$name.log" 2>&1
    echo $? >"$quiet_dir/$name.rc"
}
# quietly PRIORITY NAME COMMAND…
# shellcheck disable=SC2317 # called by beside
quietly() { kept "$2" nice -n "$1" "${@:3}"; }
# beside COMMAND…: in a process group of its own, $group, so that it can be ended as a whole
beside() {
    set -m
    (
        set +m
        trap - EXIT
        "$@"
    ) &
    group=$!
    set +m
    groups+=("$group")
}
# shellcheck disable=SC2317 # called by beside
without_servers() {
    quietly 19 lint make -s lint
    quietly 10 asan env TEST_TIMEOUT=900 make -s -j2 SAN=address,undefined unit
    quietly 10 tsan env TEST_TIMEOUT=900 make -s -j2 SAN=thread threaded
    quietly 19 fuzz make -s -j2 fuzz FUZZ_SECONDS="${FUZZ_SECONDS:-6}"
}
# shellcheck disable=SC2317 # called by traps
stop_groups() {
    for group in "${groups[@]}"; do
        kill -- "-$group" 2>/dev/null
    done
}
# shellcheck disable=SC2317 # called by section
replay() {
    cat "$quiet_dir/$1.log"
    return "$(cat "$quiet_dir/$1.rc")"
}

trap 'stop_groups; exit 130' INT
trap 'stop_groups; exit 143' TERM HUP

step 'dependencies' tests/deps.sh test || finish
# What the section aws needs comes meanwhile.
tests/stack/aws/venv.sh >/dev/null 2>&1 &
step 'build' make -s -j2 all test-bins || finish
# The servers like those of AWS are waited for more than they work.
beside quietly 5 aws env TEST_TIMEOUT=600 make -s aws
aws=$group
beside without_servers
quiet=$group
section unit 'unit and screen tests' make -s unit
section vectors 'signing vectors' make -s vectors
section install 'install' make -s install-test
section pty 'pty tests' make -s pty
wait "$aws"
section aws 'tests against servers like those of AWS' replay aws
live
heading 'what ran beside them'
wait "$quiet"
section lint 'lint' replay lint
section asan 'unit and screen tests under AddressSanitizer and UBSan' replay asan
section tsan 'threaded tests under ThreadSanitizer' replay tsan
section fuzz 'fuzz' replay fuzz
rm -rf "$quiet_dir"
finish
