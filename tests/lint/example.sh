#!/bin/sh
# The example in the tree and the one in the program are the same text, which starts without a complaint.
set -u
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
env -i PATH="$PATH" HOME="$dir" XDG_CONFIG_HOME="$dir" "$PROGRAM" --print-config >"$dir/printed" 2>&1 || echo "--print-config fails"
diff -u config.example.toml "$dir/printed" | head -40
