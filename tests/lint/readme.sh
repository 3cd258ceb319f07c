#!/usr/bin/env bash
# shellcheck disable=SC2016 # the backquotes below are Markdown's
# What README.md names must be there: make targets, files of the tree, flags and subcommands of the program.
set -u
text=$(<README.md)

while read -r target; do
    grep -qE "^$target:" Makefile tests/test.mk tests/stack/lab.mk || echo "README.md: there is no 'make $target'"
done < <(grep -oE '`make [a-z-]+' <<<"$text" | cut -d' ' -f2 | sort -u)

while read -r path; do
    [ -e "${path%/}" ] || compgen -G "$path" >/dev/null || echo "README.md: there is no $path"
done < <(grep -oE '`(core|tui|tests|themes)/[A-Za-z0-9_./*-]*`' <<<"$text" | tr -d '`' | sort -u)

help=$("$PROGRAM" --help 2>&1)
while read -r flag; do
    grep -qF -- "$flag" <<<"$help" || echo "README.md: --help does not know $flag"
done < <(grep -oE '`cdctop [^`]*`' <<<"$text" | grep -oE -- '--[a-z0-9-]+' | sort -u)

for word in 'make lab' 'config.example.toml' '--read-only' 'audit' 'status --json'; do
    grep -qF -- "$word" <<<"$text" || echo "README.md does not mention $word"
done
