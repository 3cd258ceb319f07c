#!/usr/bin/env bash
# golden.sh PROGRAM…: writes the goldens anew by these test programs, and shows what differs from what is committed: the
# files, and of each the first lines. `make golden` runs it; what it shows is looked at before it is committed.
set -euo pipefail

goldens=tests/screen/golden
for program in "$@"; do
    UPDATE_GOLDEN=1 "$program" >/dev/null 2>&1 || echo "$program fails, whatever its goldens say" >&2
done
git --no-pager diff --stat -- "$goldens"
git diff --name-only -- "$goldens" | while read -r file; do
    printf '\n%s\n' "$file"
    git diff --unified=0 -- "$file" | awk '/^@@/ { seen = 1; next } seen && n < 8 { print "  " $0; n++ }'
done
git ls-files --others --exclude-standard -- "$goldens" | sed 's/^/new: /'
