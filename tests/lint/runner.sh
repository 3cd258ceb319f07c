#!/bin/sh
# Does tests/run-bins.sh really see what goes wrong? Each case is a program that behaves in one way, and the last line
# that the runner must print for it.
set -u
unset NO_SKIP
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
n=0

# check TITLE EXPECTED-LAST-LINE EXPECTED-STATUS SCRIPT; $limit seconds for it
limit=60
check() {
  n=$((n + 1))
  printf '#!/bin/sh\n%s\n' "$4" >"$dir/prog"
  chmod +x "$dir/prog"
  out=$(TEST_TIMEOUT=$limit sh tests/run-bins.sh "$dir/prog" 2>&1)
  rc=$?
  last=$(printf '%s\n' "$out" | tail -n 1)
  if [ "$last" = "$2" ] && [ "$rc" -eq "$3" ]; then
    echo "ok $n - runner: $1"
  else
    echo "not ok $n - runner: $1: got '$last', exit $rc"
  fi
}

check 'all good' '2 passed, 0 failed' 0 'printf "1..2\nok 1 - a\nok 2 - b\n"'
check 'a failure' '1 passed, 1 failed' 1 'printf "1..2\nok 1 - a\nnot ok 2 - b\n"; exit 1'
check 'a failure with exit 0' '0 passed, 1 failed' 1 'printf "1..1\nnot ok 1 - a\n"'
check 'a crash between two tests' '1 passed, 1 failed' 1 'printf "1..2\nok 1 - a\n"; kill -SEGV $$'
check 'an early exit 0' '1 passed, 1 failed' 1 'printf "1..2\nok 1 - a\n"'
check 'a sanitizer report after the last test' '1 passed, 1 failed' 1 'printf "1..1\nok 1 - a\n"; exit 66'
check 'no test at all' '0 passed, 1 failed' 1 ':'
check 'an empty group' '0 passed, 1 failed' 1 'echo 1..0'
limit=1
check 'a hang' '0 passed, 1 failed' 1 'exec sleep 60'
limit=60
check 'a program that cannot be run' '0 passed, 1 failed' 1 'exec /does/not/exist'
check 'a skipped test is no pass' '1 passed, 0 failed' 0 'printf "1..2\nok 1 - a\nnot ok 2 # SKIP b\n"'
check 'two groups' '2 passed, 0 failed' 0 'printf "1..1\nok 1 - a\n1..1\nok 1 - b\n"'
NO_SKIP=1 && export NO_SKIP
check 'a skipped test where none may be' '1 passed, 1 failed' 1 'printf "1..2\nok 1 - a\nnot ok 2 # SKIP b\n"'
check 'a test that the machine forbids' '1 passed, 0 failed' 0 \
  'printf "1..2\nok 1 - a\n# forbidden here: it\nnot ok 2 # SKIP b\n"'
check 'another one skipped beside it' '1 passed, 1 failed' 1 \
  'printf "1..3\nok 1 - a\n# forbidden here: it\nnot ok 2 # SKIP b\nnot ok 3 # SKIP c\n"'
