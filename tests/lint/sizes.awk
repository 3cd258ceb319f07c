# sizes.awk: prints "file:line: name: N lines" for every function longer than `max`. Relies on clang-format: a function's
# body stands between "{" and "}" in the first column.
FNR == 1 { open = 0; head = "" }
/^[A-Za-z_].*\(/ { head = $0; at = FNR }
/^\{$/ && head != "" { open = 1; next_is = at }
/^\}/ {
    n = FNR - next_is + 1
    if (open && n > max) {
        name = head
        sub(/\(.*/, "", name)
        sub(/^.*[ *]/, "", name)
        print FILENAME ":" next_is ": " name ": " n " lines"
    }
    open = 0
    head = ""
}
