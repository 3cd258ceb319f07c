#!/bin/sh
# run-bins.sh [--look-through] PROGRAM…: runs cmocka programs one after the other and prints, last, "N passed, N failed"
# over all of them.
# CMOCKA_MESSAGE_OUTPUT=TAP makes each test a line "ok …" or "not ok …" after a plan "1..N" per group. A program that
# dies, hangs, prints fewer results than it planned, or runs no test at all counts as one failure of its own.
# TEST_TIMEOUT: seconds for one program. NO_SKIP=1: a skipped test is a failure, for everything it needs must be there;
# but for what a machine forbids and nobody can install: such a test says "# forbidden here: WHY" before it is skipped.
# --look-through: what cdctop writes meanwhile and what the programs say is kept in TEST_RUN_DIR (one of this run, if none is
# set), and looked through for secrets by tests/after.py at the end.
passed=0 failed=0
log=$(mktemp) || exit 1
own=
trap 'rm -rf "$log" $own' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

look=
if [ "${1:-}" = --look-through ]; then
  shift
  look=1
  # shellcheck disable=SC3045 # every sh of Debian has it
  ulimit -S -c 0 # a core is a failure of cdctop alone: keep_cores lets it try
  if [ -z "${TEST_RUN_DIR:-}" ]; then
    own=$(mktemp -d /tmp/cdctop-run.XXXXXX) || exit 1
    TEST_RUN_DIR=$own
    export TEST_RUN_DIR
  fi
  set -- "$@" "$(dirname "$0")/after.py"
fi

for bin in "$@"; do
  limit=${TEST_TIMEOUT:-300}
  start=$(date +%s)
  CMOCKA_MESSAGE_OUTPUT=TAP timeout -k 5 "$limit" "$bin" </dev/null >"$log" 2>&1
  rc=$?
  took=$(($(date +%s) - start))
  [ -z "$look" ] || cp "$log" "$TEST_RUN_DIR/${bin##*/}.log"
  # LC_ALL=C: a failing test may print any bytes
  counts=$(LC_ALL=C awk '/^(not )?ok .*# SKIP/ { skip++; next } /^ok / { ok++ } /^not ok / { bad++ }
      /^1\.\.[0-9]+$/ { plan += substr($0, 4) } END { print ok + 0, bad + 0, skip + 0, plan + 0 }' "$log")
  read -r ok bad skip plan <<COUNTS
$counts
COUNTS
  why=
  if [ "$rc" -eq 124 ] || [ "$rc" -eq 137 ]; then
    why="does not end within $limit s" bad=$((bad + 1))
  elif [ "$((ok + bad + skip))" -eq 0 ]; then
    why="ran no test (exit $rc)" bad=1
  elif [ "$((ok + bad + skip))" -ne "$plan" ]; then
    why="planned $plan tests, reported $((ok + bad + skip)) (exit $rc)" bad=$((bad + 1))
  elif [ "$rc" -ne 0 ] && [ "$bad" -eq 0 ]; then
    why="exit $rc although every test passed" bad=1
  fi
  forbidden=$(LC_ALL=C grep -c '^# forbidden here: ' "$log")
  if [ "${NO_SKIP:-0}" = 1 ] && [ "$skip" -gt "$forbidden" ]; then
    why="${why:+$why; }$skip skipped" bad=$((bad + skip - forbidden))
  fi
  passed=$((passed + ok)) failed=$((failed + bad))
  if [ "$bad" -ne 0 ]; then
    tail -c 30000 "$log"
    printf '\n--- %s: %s failed%s\n' "$bin" "$bad" "${why:+: $why}"
  else
    printf '%-44s %4s ok%s %5s s\n' "${bin##*/}" "$ok" "$([ "$skip" -eq 0 ] || echo ", $skip skipped")" "$took"
    [ "$forbidden" -eq 0 ] || LC_ALL=C grep '^# forbidden here: ' "$log" | sort -u
  fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
