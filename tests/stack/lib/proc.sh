# shellcheck shell=bash
# Processes of the lab, known by what was recorded when they were started: pid and start time in LAB_DIR/run/PART.pid.
# A pid alone may belong to somebody else by now; pid and start time together do not.

# proc_stat PID N: field N of /proc/PID/stat counted from the state (1: state, 2: parent, 20: start time)
proc_stat() {
    local stat fields
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
    read -ra fields <<<"${stat##*) }"
    printf '%s\n' "${fields[$(($2 - 1))]}"
}

# proc_start PART COMMAND...: in a session of its own, output to LAB_DIR/logs/PART.out
proc_start() {
    local part=$1 log=$LAB_DIR/logs/$1.out pid
    shift
    if [ -f "$log" ] && [ "$(stat -c %s "$log")" -gt 4000000 ]; then mv "$log" "$log.1"; fi
    (cd / && exec setsid "$@") </dev/null >>"$log" 2>&1 9>&- &
    pid=$!
    printf '%s %s\n' "$pid" "$(proc_stat "$pid" 20)" >"$LAB_DIR/run/$part.pid"
}

# proc_pid PART: prints the pid if that very process is still there
proc_pid() {
    local pid born
    [ -f "$LAB_DIR/run/$1.pid" ] || return 1
    read -r pid born <"$LAB_DIR/run/$1.pid" || return 1
    [ -n "$born" ] && [ "$(proc_stat "$pid" 20)" = "$born" ] || return 1
    [ "$(proc_stat "$pid" 1)" != Z ] || return 1
    printf '%s\n' "$pid"
}

# proc_tree PID: the process and all below it, parents first
proc_tree() {
    cat /proc/[0-9]*/stat 2>/dev/null | awk -v root="$1" '
        { pid = $1; sub(/^.*[)] /, ""); children[$2] = children[$2] " " pid }
        END {
            queue[n = 1] = root
            for (i = 1; i <= n; i++) {
                print queue[i]
                split(children[queue[i]], list, " ")
                for (k = 1; k in list; k++) queue[++n] = list[k]
            }
        }'
}

# proc_signal PART SIGNAL: to the part's process and its children
proc_signal() {
    local pid pids
    pid=$(proc_pid "$1") || return 1
    mapfile -t pids < <(proc_tree "$pid")
    kill -s "$2" "${pids[@]}" 2>/dev/null || true
}

proc_gone() { ! proc_pid "$1"; }

# proc_stop PART SIGNAL SECONDS: asks with the signal, then insists with SIGKILL
proc_stop() {
    local part=$1 pid pids
    if pid=$(proc_pid "$part"); then
        mapfile -t pids < <(proc_tree "$pid")
        kill -s "$2" "$pid" 2>/dev/null || true
        kill -s CONT "${pids[@]}" 2>/dev/null || true # a frozen process hears nothing but SIGKILL
        if ! wait_for "$3" proc_gone "$part"; then
            say "$part (pid $pid) did not stop within $3 s: SIGKILL"
            proc_signal "$part" KILL
            wait_for 10 proc_gone "$part" || die "$part (pid $pid) cannot be killed"
        fi
    fi
    rm -f "$LAB_DIR/run/$part.pid"
}

# port_inode PORT: inode of the socket that listens on the port; fails if there is none
port_inode() {
    awk -v port="$(printf ':%04X' "$1")" '
        $4 == "0A" && substr($2, length($2) - 4) == port { print $10; found = 1; exit }
        END { exit !found }' /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

# port_holder PORT: "pid (command)" of who listens there, as far as we may see it
port_holder() {
    local inode fd pid
    inode=$(port_inode "$1") || return 1
    fd=$(find /proc/[0-9]*/fd -lname "socket:\[$inode\]" -print -quit 2>/dev/null) || true
    [ -n "$fd" ] || { echo "another user's process"; return; }
    pid=${fd#/proc/}
    pid=${pid%%/*}
    printf 'pid %s (%s)\n' "$pid" "$(tr '\0' ' ' <"/proc/$pid/cmdline" | cut -c1-60)"
}
