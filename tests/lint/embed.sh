#!/bin/sh
# Prints a C file that holds the given theme files as strings: struct theme_file theme_files[].
set -eu
echo '#include "tui/draw/theme_files.h"'
i=0
for f in "$@"; do
  printf 'static const char text%d[] =\n' "$i"
  sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/    "/' -e 's/$/\\n"/' "$f"
  echo '    ;'
  i=$((i + 1))
done
echo 'const struct theme_file theme_files[] = {'
i=0
for f in "$@"; do
  n=${f##*/}
  printf '    {"%s", text%d},\n' "${n%.toml}" "$i"
  i=$((i + 1))
done
echo '    {0, 0},'
echo '};'
