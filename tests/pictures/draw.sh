#!/usr/bin/env bash
# draw.sh [--check]: the README's pictures, drawn by the program itself (PROGRAM) from its demo: the same bytes on
# every machine. --check draws them elsewhere and says which of those in the tree are not what the program draws now.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "${PROGRAM:-build/cdctop}")
dir=$here
if [ "${1:-}" = --check ]; then
    dir=$(mktemp -d)
    trap 'rm -rf "$dir"' EXIT
fi

# draw NAME FLAG…: no configuration, locale or terminal of this machine has a say
draw() {
    env -i HOME=/nonexistent "$program" --dump=svg "${@:2}" >"$dir/$1.svg"
}

draw overview --demo=incident --at 5m
draw finding --demo=incident --at 5m --keys '5<Enter>'
draw restart --demo=incident --at 5m --keys '3R'
draw narrow --demo=incident --at 5m --size 80x24 --theme light

[ "$dir" != "$here" ] || exit 0
for file in "$dir"/*.svg "$here"/*.svg; do
    name=${file##*/}
    cmp -s "$dir/$name" "$here/$name" || echo "tests/pictures/$name is not what the program draws: make pictures"
done | sort -u
