#!/usr/bin/env bash
# versitygw.sh: prints the program of versitygw, an S3 server that verifies signatures and clocks, when there is one:
# ${XDG_CACHE_HOME:-~/.cache}/cdctop/versitygw-VERSION. `versitygw.sh build` makes it with Go where that is installed
# (some two minutes, once). The tests go without where it is missing.
set -euo pipefail
version=v1.8.0
cache=${XDG_CACHE_HOME:-$HOME/.cache}/cdctop
program=$cache/versitygw-$version

if [ "${1:-}" = build ] && [ ! -x "$program" ] && command -v go >/dev/null; then
    mkdir -p "$cache"
    dir=$(mktemp -d)
    trap 'rm -rf "$dir"' EXIT
    GOBIN=$dir GOMODCACHE=$dir/mod GOCACHE=$dir/cache GOFLAGS=-modcacherw GOTOOLCHAIN=local timeout 900 nice -n 19 go install \
        "github.com/versity/versitygw/cmd/versitygw@$version" >"$dir/log" 2>&1 && mv "$dir/versitygw" "$program"
fi
[ ! -x "$program" ] || echo "$program"
