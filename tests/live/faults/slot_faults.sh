# shellcheck shell=bash
# Faults of the database server and of the slot.

# dead_since: the lane's server gives no answer
pg_gone() { ! PGCONNECT_TIMEOUT=1 pg_answers "$LANE_PORT"; }

# A new snapshot: what was recorded of the slot is worthless.
begin_anew() {
    stop "$(src)"
    forget "$(src)"
    wait_for 10 slot_idle
    sql "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '$(slot)'" >/dev/null
    resume "$(src)"
    runs "$(src)" && wait_for 20 slot_active
}

# wal MEGABYTES: so much WAL that nobody captures
wal() {
    sql -d other 'set client_min_messages = warning' 'create table if not exists filler (t text)' \
        "insert into filler select repeat('x', 1000) from generate_series(1, $1 * 900)" 'truncate filler' \
        'select pg_switch_wal()' >/dev/null
}

pg_killed_inject() { mine proc_signal postgres KILL; }
pg_killed_seen() { pg_gone; }
pg_killed_repair() {
    lane_pg_start
    sleep 2
    restart "$(src)"
}

# Debezium gives up a database that is away for more than some ten seconds.
pg_back_task_dead_inject() {
    mine proc_stop postgres INT 10
    wait_for 40 is "$(src)" 'RUNNING FAILED'
    lane_pg_start
}
pg_back_task_dead_seen() { slot_idle; }
pg_back_task_dead_repair() { restart "$(src)"; }

pg_frozen_inject() { mine proc_signal postgres STOP; }
pg_frozen_seen() { pg_gone; }
pg_frozen_repair() {
    mine proc_signal postgres CONT
    sleep 1
    restart "$(src)"
}

walsender_killed_limits() { printf '%s\n' 'walsender_flaps = 2' 'walsender_flap_time = "40s"'; }
walsender_killed_inject() {
    for _ in 1 2; do
        sql "select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '$(slot)' and active" >/dev/null
        sleep 1
        wait_for 20 slot_active
        sleep 1.5
    done
}
walsender_killed_repair() { sleep 15; } # by itself: it only has to stay

source_paused_limits() { printf '%s\n' 'retained_warn = "20 MB"' 'slot_idle_warn = "3s"'; }
source_paused_inject() { pause "$(src)" && wal 30; }
source_paused_seen() { is "$(src)" 'PAUSED PAUSED'; }
source_paused_repair() {
    resume "$(src)"
    runs "$(src)"
    sql checkpoint
}

source_stopped_limits() { source_paused_limits; }
source_stopped_inject() { stop "$(src)" && wal 30; }
source_stopped_seen() { slot_idle; }
source_stopped_repair() { source_paused_repair; }

slot_dropped_inject() {
    stop "$(src)"
    wait_for 10 slot_idle
    sql "select pg_drop_replication_slot('$(slot)')" >/dev/null
}
slot_dropped_repair() { begin_anew; }

slot_recreated_inject() {
    slot_dropped_inject
    sleep 2 # as long as a person needs at least
    sql "insert into orders (note) select 'lost' from generate_series(1, 500)" \
        "select pg_create_logical_replication_slot('$(slot)', 'pgoutput')" >/dev/null
    resume "$(src)"
    wait_for 20 slot_active
}
slot_recreated_repair() { begin_anew; }

keep_size() { sql "alter system set max_slot_wal_keep_size = '$1'" 'select pg_reload_conf()' >/dev/null; }

slot_unreserved_inject() {
    pause "$(src)"
    wal 20
    sql checkpoint # none shall still run, or come by itself: it would take the slot away for good
    keep_size 1MB
}
slot_unreserved_seen() { slot_is unreserved wal_status; }
slot_unreserved_repair() {
    keep_size -1
    resume "$(src)"
    runs "$(src)"
    sleep 3
    sql checkpoint
}

slot_lost_inject() {
    stop "$(src)"
    wal 40
    keep_size 1MB
    wal 20
    sql checkpoint
}
slot_lost_seen() { slot_is lost wal_status; }
slot_lost_repair() {
    keep_size -1
    begin_anew
}

# With a lost slot Debezium says RUNNING, without a task, for as long as it looks for its slot in vain.
no_tasks_inject() {
    slot_lost_inject
    resume "$(src)"
}
no_tasks_seen() { is "$(src)" RUNNING; }
no_tasks_repair() { slot_lost_repair; }

long_transaction_limits() { echo 'slot_pinned = "8s"'; }
long_transaction_inject() {
    PGPASSWORD=lab-password-of-dbz PGAPPNAME=nightly-report psql -qX -h 127.0.0.1 -p "$LANE_PORT" -U dbz shop \
        -c "begin; insert into quiet (note) values ('open'); select pg_sleep(90)" >/dev/null 2>&1 &
    sleep 10
}
long_transaction_repair() {
    sql "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'nightly-report'" >/dev/null
}

prepared_transaction_limits() { long_transaction_limits; }
prepared_transaction_inject() {
    sql "begin; insert into quiet (note) values ('prepared'); prepare transaction 'forgotten'"
    sleep 10
}
prepared_transaction_repair() { sql "rollback prepared 'forgotten'"; }

orphan_slot_limits() { printf '%s\n' 'slot_idle_warn = "2s"' 'slot_idle_crit = "4s"'; }
orphan_slot_inject() {
    sql "select pg_create_logical_replication_slot('faults_orphan', 'pgoutput')" >/dev/null
    sleep 4
}
orphan_slot_repair() { sql "select pg_drop_replication_slot('faults_orphan')" >/dev/null; }

slot_quota_inject() {
    sql "select pg_create_physical_replication_slot('faults_' || n) from generate_series(1, 5) n" >/dev/null
}
slot_quota_repair() {
    sql "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_type = 'physical'" >/dev/null
}

# A server with logical slots does not start at a lower level: the slot goes first, as it does when a copy is restored.
wal_level_inject() {
    slot_dropped_inject
    mine proc_stop postgres INT 10
    lane_pg_start -c wal_level=replica
}
wal_level_repair() {
    mine proc_stop postgres INT 10
    lane_pg_start
    begin_anew
}

# A server whose clock is ahead, as a virtual machine's is that was suspended.
clock_skew_inject() {
    local lib
    lib=$(find /usr/lib -name libfaketime.so.1 | head -n 1)
    mine proc_stop postgres INT 10
    # shellcheck disable=SC2034 # lane_pg_start's
    local LANE_ENV=(env "LD_PRELOAD=$lib" FAKETIME=+60s)
    lane_pg_start
}
clock_skew_repair() {
    mine proc_stop postgres INT 10
    lane_pg_start
    restart "$(src)"
}

password_changed_inject() {
    sql "alter role dbz password 'rotated'"
    rest POST "connectors/$(src)/restart?includeTasks=true" >/dev/null
    lane_load_stop
}
password_changed_seen() { is "$(src)" 'RUNNING FAILED' || is "$(src)" 'FAILED'; }
password_changed_repair() {
    sql "alter role dbz password 'lab-password-of-dbz'"
    lane_load_start
    restart "$(src)"
}
