#!/usr/bin/env bash
# lint.sh: the rules of the house, one TAP line each, and last "N passed, N failed". Run by `make lint`, which sets
# TIDY_CFLAGS and TIDY_CXXFLAGS, and PROGRAM to the built program. What breaks a rule is printed above its line.
set -uo pipefail

n=0 failed=0
# check TITLE COMMAND…: passes when the command ends well and prints nothing
check() {
    local title=$1 out rc
    shift
    out=$("$@" 2>&1)
    rc=$?
    n=$((n + 1))
    if [ "$rc" = 0 ] && [ -z "$out" ]; then
        echo "ok $n - $title"
    else
        printf '%s\nnot ok %s - %s\n' "$out" "$n" "$title"
        failed=$((failed + 1))
    fi
}

sources() { find "$@" -name '*.c' -o -name '*.h' -o -name '*.cpp' | LC_ALL=C sort; }
mapfile -t product < <(sources core tui)
mapfile -t product_c < <(sources core tui | grep -E '\.(c|cpp)$')
mapfile -t headers < <(sources core tui | grep '\.h$')
mapfile -t all < <(sources core tui tests)
mapfile -t all_c < <(sources core tui tests | grep -E '\.(c|cpp)$')
mapfile -t scripts < <(find tests .ci -type f \( -name '*.sh' -o -path '.ci/*' \) | LC_ALL=C sort)
mapfile -t texts < <(
    find core tui themes tests .ci -type f ! -path '*/samples/*' ! -path '*/vectors/*' ! -path '*/corpus/*' | LC_ALL=C sort
    ls Makefile README.md config.example.toml 2>/dev/null
)

layers() { awk -f tests/lint/layers.awk tests/lint/layers.txt tests/lint/system.txt "${product[@]}"; }
longer_functions() { awk -v max="$1" -f tests/lint/sizes.awk "${@:2}"; }
longer_files() { wc -l "${@:2}" | awk -v max="$1" '$2 != "total" && $1 > max { print $2 ": " $1 " lines" }'; }
# none REGEX FILE…: no line of the files matches
none() { ! grep -nIHE "$@"; }
curses_symbols() { nm -u "$1" | grep -wE 'initscr|newterm|endwin|wrefresh|doupdate|waddn?w?str|wgetch'; }
core_alone() {
    [ -x "$CORE_ALONE" ] || { echo "$CORE_ALONE was not linked" && return 1; }
    "$CORE_ALONE" || echo "$CORE_ALONE fails"
    if ldd "$CORE_ALONE" | grep -E 'curses|tinfo'; then return 1; fi
}
guards() {
    local file
    for file in "$@"; do
        grep -q "^#ifndef CDCTOP_" "$file" || echo "$file: no include guard CDCTOP_…_H"
    done
}
head_comments() {
    local file
    for file in "$@"; do
        [ "$(head -c 2 "$file")" = "/*" ] || echo "$file: does not begin by saying what it is"
    done
}
formatted() {
    local out
    out=$(clang-format --dry-run -Werror "$@" 2>&1) || awk -F: '/ error: / && !seen[$1]++ { print $1 ":" $2 }' <<<"$out"
}
executable() {
    local file
    for file in "${scripts[@]}"; do
        [ "$(head -c 2 "$file")" != '#!' ] || [ -x "$file" ] || echo "$file: begins with #! but is not executable"
    done
}
# The lists of core files in the tests' own make rules must not drift from what is there: every test is built.
tests_named() {
    local file
    for file in tests/*/*.c; do
        grep -q 'int main(' "$file" || continue
        case ${file##*/} in
        test_*.c | fuzz_*.c | bench.c | diagnose.c | history.c | large.c | day.c | sigv4_vectors.c | core_alone.c) ;;
        *) echo "$file: a program that no rule builds" ;;
        esac
    done
}

themes() {
    local out
    out=$("$THEMES" 2>&1) || grep -vE '^\[' <<<"$out"
}

top_level() {
    git ls-files 2>/dev/null | cut -d/ -f1 | sort -u |
        grep -vxE '\..*|core|tests|themes|tui|LICENSE|Makefile|README\.md|config\.example\.toml'
    true
}

runner() {
    local out
    out=$(tests/lint/runner.sh)
    printf '%s\n' "$out" | grep -v '^ok '
    [ "$(printf '%s\n' "$out" | grep -c '^ok ')" = 15 ] || echo "tests/lint/runner.sh did not run all of its cases"
}

look_through() {
    local out
    out=$(tests/lint/after.py 2>&1)
    [ "$out" = '25 cases' ] || printf '%s\n' "$out"
}

check 'layers: nobody includes what is above or beside his own' layers
check 'core links and runs without ncurses' core_alone
check 'no function is longer than 100 lines' longer_functions 100 "${product_c[@]}" "${all_c[@]}"
check 'no source file of the program is longer than 500 lines' longer_files 500 "${product_c[@]}"
check 'no file is longer than 800 lines' longer_files 800 "${all[@]}"
check 'no header is longer than 200 lines' longer_files 200 "${headers[@]}"
check 'headers have guards' guards "${headers[@]}"
check 'headers say what they are' head_comments "${headers[@]}"
check 'no banned function, in tests and C++ either' \
    none '\b(strcpy|strcat|strncpy|strncat|sprintf|vsprintf|strtok|gets|atoi|atol|atoll)[[:space:]]*\(' "${all[@]}"
check 'no shell is started by the program with system() or popen()' none '\b(system|popen)[[:space:]]*\(' "${product[@]}"
check 'no typedef but for function types' none '^[[:space:]]*typedef[[:space:]]+(struct|enum|union|unsigned|int|char)\b[^(]*;' "${product[@]}"
check 'nothing left unfinished by its own words' \
    none '\b([T]ODO|[F]IXME|[X]XX|[H]ACK)\b|[n]ot (yet )?implemented|[p]laceholder' "${texts[@]}"
check 'no path of one machine' none '(^|[^A-Za-z0-9_.}])/(work|root|home|Users)/' "${texts[@]}"
check 'no trailing blanks, no tabs in C' none $'[ \t]+$|^\t' "${all[@]}"
check 'every test program is built by a rule' tests_named
check 'nothing else at the top level' top_level
check 'formatted by clang-format' formatted "${all[@]}"
check 'clang-tidy' tests/lint/tidy.sh "${product_c[@]}"
check 'shellcheck' shellcheck -x -P SCRIPTDIR -P SCRIPTDIR/.. "${scripts[@]}"
check 'scripts are executable' executable
if [ -f README.md ]; then check 'README.md is true' tests/lint/readme.sh; fi
check 'every theme is whole, can be read and tells verdicts apart' themes
check 'the pictures of the README are what the program draws' tests/pictures/draw.sh --check
if [ -f config.example.toml ]; then check 'config.example.toml is what --print-config prints' tests/lint/example.sh; fi
check 'what a run leaves behind is looked through well' look_through
check 'the test runner sees what goes wrong' runner

echo
echo "for information, functions of more than 60 lines:"
longer_functions 60 "${product_c[@]}"
echo
echo "$((n - failed)) passed, $failed failed"
[ "$failed" = 0 ]
