#!/usr/bin/env bash
# deps.sh build|test: installs the Debian packages that are missing; says nothing and asks nobody when none is.
# The one table of packages: first column says what needs it (the lab's own are in tests/stack/lib/deps.sh).
set -euo pipefail

table='
build gcc
build g++
build make
build pkg-config
build libc6-dev
build libncurses-dev
build ncurses-base
build librdkafka-dev
build libpq-dev
build libcurl4-openssl-dev
build libcjson-dev
build libexpat1-dev
build libssl-dev
build libtomlplusplus-dev
build libutf8proc-dev
build libpcre2-dev
build zlib1g-dev
build libzstd-dev
test  libcmocka-dev
test  libvterm-dev
test  ncurses-term
test  clang
test  clang-tidy
test  clang-format
test  libclang-rt-14-dev
test  shellcheck
test  git
test  util-linux
test  python3-venv
test  zstd
'

case ${1:-} in
build) wanted=$(awk '$1 == "build" { print $2 }' <<<"$table") ;;
test) wanted=$(awk 'NF { print $2 }' <<<"$table") ;;
*)
    echo "usage: deps.sh build|test" >&2
    exit 2
    ;;
esac

missing() {
    local package
    for package in $wanted; do
        dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || echo "$package"
    done
}

mapfile -t lacking < <(missing)
[ "${#lacking[@]}" -gt 0 ] || exit 0
install=(apt-get install -y -qq --no-install-recommends "${lacking[@]}")
if [ "$(id -u)" = 0 ]; then
    as_root=(env)
elif sudo -n true 2>/dev/null; then
    as_root=(sudo env)
else
    printf 'deps: neither root nor sudo without a password; please run:\n  sudo apt-get update && sudo %s\n' "${install[*]}" >&2
    exit 1
fi
echo "deps: installing ${lacking[*]}"
"${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get update -qq
"${as_root[@]}" DEBIAN_FRONTEND=noninteractive "${install[@]}" >/dev/null
mapfile -t lacking < <(missing)
[ "${#lacking[@]}" = 0 ] || {
    echo "deps: still missing after the installation: ${lacking[*]}" >&2
    exit 1
}
