#!/bin/sh
# `make install` with DESTDIR and PREFIX puts what it must where it must, with the right modes, and nothing else.
set -u
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0
is() { # TITLE GOT EXPECTED
  if [ "$2" = "$3" ]; then
    passed=$((passed + 1)) && echo "ok - $1"
  else
    failed=$((failed + 1)) && printf 'not ok - %s:\n%s\ninstead of\n%s\n' "$1" "$2" "$3"
  fi
}
make -s install DESTDIR="$dir/stage" PREFIX=/opt/x >/dev/null
is 'make install succeeds' "$?" 0
is 'the files and their modes' "$(cd "$dir" && find stage -type f -printf '%m %p\n' | LC_ALL=C sort)" '644 stage/opt/x/share/doc/cdctop/LICENSE
644 stage/opt/x/share/doc/cdctop/README.md
644 stage/opt/x/share/doc/cdctop/config.example.toml
755 stage/opt/x/bin/cdctop'
is 'the installed program runs' "$("$dir/stage/opt/x/bin/cdctop" --version 2>&1 | cut -d' ' -f1)" cdctop
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
