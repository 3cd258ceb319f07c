#!/bin/sh
# Runs cmocka programs one after the other and prints, last, "N passed, N failed" over all of them.
# CMOCKA_MESSAGE_OUTPUT=TAP makes each test a line "ok …" or "not ok …"; a program that dies counts
# as one failure of its own.
passed=0 failed=0
for bin in "$@"; do
  out=$(CMOCKA_MESSAGE_OUTPUT=TAP timeout "${TEST_TIMEOUT:-300}" "$bin" 2>&1); rc=$?
  ok=$(printf '%s\n' "$out" | grep -c '^ok ')
  bad=$(printf '%s\n' "$out" | grep -c '^not ok ')
  [ "$rc" -ne 0 ] && [ "$bad" -eq 0 ] && bad=1
  passed=$((passed + ok)) failed=$((failed + bad))
  if [ "$bad" -ne 0 ] || [ "$rc" -ne 0 ]; then
    printf '%s\n--- %s: exit %s\n' "$out" "$bin" "$rc"
  else
    printf '%-50s %3s ok\n' "${bin##*/}" "$ok"
  fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
