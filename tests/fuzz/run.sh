#!/usr/bin/env bash
# run.sh SECONDS BINARY…: each fuzz target for that long, as many at once as there are cores; one TAP line each and last
# "N passed, N failed". Seeds are in tests/fuzz/corpus/NAME; what is found on the way is kept beside the binary.
set -uo pipefail

# On a machine that is busy elsewhere an input may have to wait for its turn: a hang is what takes far longer.
one() {
    local seconds=$1 bin=$2 name=${2##*/} seeds dirs log
    name=${name#fuzz_}
    seeds=tests/fuzz/corpus/$name
    dirs=("${bin%/*}/corpus-$name")
    mkdir -p "${dirs[0]}" "${bin%/*}/found"
    [ ! -d "$seeds" ] || dirs+=("$seeds")
    log=$(mktemp)
    if "$bin" -max_total_time="$seconds" -timeout=100 -rss_limit_mb=1024 -max_len=65536 -verbosity=1 \
        -artifact_prefix="${bin%/*}/found/$name-" "${dirs[@]}" </dev/null >"$log" 2>&1 &&
        runs=$(grep -oE 'Done [0-9]+ runs' "$log") && [ "${runs//[^0-9]/}" -gt 0 ]; then
        echo "ok - fuzz $name: ${runs#Done }"
    else
        printf '%s\nnot ok - fuzz %s\n' "$(tail -c 8000 "$log")" "$name"
    fi
    rm -f "$log"
}

if [ "$1" = --one ]; then
    one "$2" "$3"
    exit
fi
seconds=$1
shift
[ $# -gt 0 ] || { echo "0 passed, 0 failed" && exit 0; }
out=$(printf '%s\0' "$@" | xargs -0 -n 1 -P "$(nproc)" "$0" --one "$seconds")
printf '%s\n' "$out"
passed=$(grep -c '^ok ' <<<"$out")
failed=$(($# - passed))
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
