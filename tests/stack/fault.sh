#!/usr/bin/env bash
# fault.sh freeze|thaw|kill|stop|start|restart PART: bad days for one part of the running lab (LAB_DIR says which lab).
# PART is postgres, kafka, connect, s3 or load.
#   freeze   SIGSTOP to the process and its children: connections stay open, nothing answers
#   thaw     SIGCONT
#   kill     SIGKILL, as a crash would
#   stop     orderly end      start    starts it again and waits for its answer      restart  both
set -euo pipefail

# shellcheck source=lib/all.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/all.sh"

start() {
    if proc_pid "$1" >/dev/null; then die "$1 is running"; fi
    deps_all
    part_start "$1"
    part_wait "$1" 60
}

[ $# = 2 ] || die "usage: fault.sh freeze|thaw|kill|stop|start|restart ${LAB_PARTS[*]}"
part_exists "$2"
case $1 in
freeze | thaw | kill) proc_pid "$2" >/dev/null || die "$2 is not running" ;;&
freeze) proc_signal "$2" STOP ;;
thaw) proc_signal "$2" CONT ;;
kill)
    proc_signal "$2" KILL
    wait_for 10 proc_gone "$2" || die "$2 cannot be killed"
    ;;
stop) part_stop "$2" ;;
start) start "$2" ;;
restart) part_stop "$2" && start "$2" ;;
*) die "fault.sh: unknown command '$1'" ;;
esac
