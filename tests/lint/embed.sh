#!/bin/sh
# embed.sh FILE…: a C file that holds the given theme files as strings: struct theme_file theme_files[].
# embed.sh --names FILE…: a header that names them, for help and options: THEME_NAMES "dark, light, …".
set -eu
if [ "$1" = --names ]; then
  shift
  list=
  for f in "$@"; do
    n=${f##*/}
    list="$list${list:+, }${n%.toml}"
  done
  echo "#define THEME_NAMES \"$list\""
  exit
fi
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
