#!/bin/sh
# embed.sh HEADER STRUCT ARRAY FILE…: a C file that holds the given TOML files as strings: struct STRUCT ARRAY[], which
# HEADER declares.
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
header=$1 type=$2 array=$3
shift 3
printf '#include "%s"\n' "$header"
i=0
for f in "$@"; do
  printf 'static const char text%d[] =\n' "$i"
  sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/    "/' -e 's/$/\\n"/' "$f"
  echo '    ;'
  i=$((i + 1))
done
printf 'const struct %s %s[] = {\n' "$type" "$array"
i=0
for f in "$@"; do
  n=${f##*/}
  printf '    {"%s", text%d},\n' "${n%.toml}" "$i"
  i=$((i + 1))
done
echo '    {0, 0},'
echo '};'
