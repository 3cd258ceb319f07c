# layers.awk: prints "file:line: what" for every include that tests/lint/layers.txt or system.txt does not allow.
# First two files: the tables; then the sources, named from the root of the tree.
FILENAME == ARGV[1] {
    if ($0 ~ /^[^#]/ && NF > 1) {
        nrows++
        row[nrows] = $1
        for (i = 2; i <= NF; i++)
            allow[nrows] = allow[nrows] " " $i
    }
    next
}
FILENAME == ARGV[2] {
    if ($0 ~ /^[^#]/ && NF > 1) {
        ndoors++
        door[ndoors] = $1
        for (i = 2; i <= NF; i++)
            keys[ndoors] = keys[ndoors] " " $i
    }
    next
}
FNR == 1 {
    best = 0
    for (i = 1; i <= nrows; i++)
        if (index(FILENAME, row[i]) == 1 && (best == 0 || length(row[i]) > length(row[best])))
            best = i
    if (best == 0)
        print FILENAME ":1: in no layer of layers.txt"
}
match($0, /^[ \t]*#[ \t]*include[ \t]*"[^"]+"/) {
    name = $0
    sub(/^[^"]*"/, "", name)
    sub(/".*/, "", name)
    n = split(allow[best], list, " ")
    ok = 0
    for (i = 1; i <= n; i++)
        if (name == list[i] || index(name, list[i] "/") == 1 || name == list[i] ".h" || index(name, list[i] "_") == 1)
            ok = 1
    if (!ok)
        print FILENAME ":" FNR ": " row[best] " may not include \"" name "\""
}
match($0, /^[ \t]*#[ \t]*include[ \t]*<[^>]+>/) {
    name = $0
    sub(/^[^<]*</, "", name)
    sub(/>.*/, "", name)
    for (d = 1; d <= ndoors; d++) {
        if (name !~ ("^(" door[d] ")$"))
            continue
        ok = 0
        n = split(keys[d], list, " ")
        for (i = 1; i <= n; i++)
            if (FILENAME ~ ("^(" list[i] ")$"))
                ok = 1
        if (!ok)
            print FILENAME ":" FNR ": <" name "> belongs to" keys[d] " alone"
    }
}
