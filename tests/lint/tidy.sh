#!/usr/bin/env bash
# tidy.sh FILE…: clang-tidy over the files, one process for each core, in TIDY_CFLAGS or TIDY_CXXFLAGS. A file whose
# preprocessed text, flags and settings were clean before is not read again: the cache holds empty files, by hash.
# TIDY_NOTES=1: all that it says.
set -uo pipefail

cache=${XDG_CACHE_HOME:-$HOME/.cache}/cdctop/tidy
mkdir -p "$cache"

one() {
    local file=$1 flags compiler hash out
    case $file in
    *.cpp) compiler=clang++ && read -ra flags <<<"$TIDY_CXXFLAGS" ;;
    *) compiler=clang && read -ra flags <<<"$TIDY_CFLAGS" ;;
    esac
    hash=$({
        cat .clang-tidy
        printf '%s\n' "$file" "${flags[@]}"
        "$compiler" "${flags[@]}" -E "$file" 2>&1
    } | sha256sum | cut -c1-40)
    [ ! -e "$cache/$hash" ] || return 0
    if out=$(clang-tidy --quiet "$file" -- "${flags[@]}" 2>&1); then
        touch "$cache/$hash"
    else
        # the analyzer's way to a fault is long: TIDY_NOTES=1 shows it
        grep -E "${TIDY_NOTES:+.|}(error|warning): " <<<"$out"
        return 1
    fi
}

if [ "${1:-}" = --one ]; then
    one "$2"
    exit
fi
find "$cache" -type f -mtime +30 -delete
printf '%s\0' "$@" | xargs -0 -n 1 -P "$(nproc)" "$0" --one
