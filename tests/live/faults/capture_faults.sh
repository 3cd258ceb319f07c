# shellcheck shell=bash
# Faults of what is captured: publication, tables, heartbeats, signals, snapshots, the source's records.

other_writes() { # for a minute at most
    rm -f "$LANE_DIR/run/enough"
    (
        end=$((SECONDS + 60))
        sql -d other 'set client_min_messages = warning' 'create table if not exists noise (t text)'
        while [ "$SECONDS" -lt "$end" ] && [ ! -e "$LANE_DIR/run/enough" ]; do
            sql -d other "insert into noise select repeat('x', 500) from generate_series(1, 400)"
            sleep 0.5
        done
    ) &
}

idle_limits() { printf '%s\n' 'slot_stall = "8s"' 'slot_stall_wal = "1 MB"'; }
idle_tables_limits() { idle_limits; }
idle_tables_before() {
    set_options "$(src)" heartbeat.interval.ms= heartbeat.action.query=
    runs "$(src)"
}
idle_tables_inject() {
    lane_load_stop
    other_writes
    sleep 8
}
idle_tables_repair() {
    set_options "$(src)" heartbeat.interval.ms=1000 \
        'heartbeat.action.query=insert into public.heartbeat values (1, now()) on conflict (id) do update set ts = excluded.ts'
    touch "$LANE_DIR/run/enough"
    lane_load_start
    runs "$(src)"
}

heartbeat_ineffective_limits() { idle_limits; }
heartbeat_ineffective_inject() {
    lane_load_stop
    sql "alter publication $(pub) drop table heartbeat"
    other_writes
    sleep 8
}
heartbeat_ineffective_repair() {
    touch "$LANE_DIR/run/enough"
    sql "alter publication $(pub) add table heartbeat"
    lane_load_start
}

unpublished_table_inject() {
    sql "alter publication $(pub) drop table orders"
    sleep 3
}
unpublished_table_repair() { sql "alter publication $(pub) add table orders"; }

no_publication_inject() {
    sql "drop publication $(pub)"
    rest POST "connectors/$(src)/restart?includeTasks=true" >/dev/null
}
no_publication_seen() { is "$(src)" 'RUNNING FAILED' || is "$(src)" FAILED; }
no_publication_repair() {
    sql "create publication $(pub) for table orders, quiet, debezium_signal, heartbeat"
    # decoding reads the catalogue as it was then: rows from before the publication was there cannot be decoded with it
    begin_anew
}

include() { # TABLE...: what the source captures
    local IFS=,
    set_options "$(src)" "table.include.list=$*"
    runs "$(src)"
}
usual_tables=(public.orders public.quiet public.debezium_signal public.heartbeat)

no_primary_key_inject() {
    sql 'create table nokey (a int, b text)' 'alter table nokey owner to dbz' "insert into nokey values (1, 'a')" \
        "update nokey set b = 'b'" "alter publication $(pub) add table nokey"
    include "${usual_tables[@]}" public.nokey
}
no_primary_key_repair() {
    include "${usual_tables[@]}"
    sql 'drop table nokey'
}

identity_nothing_inject() { sql 'alter table orders replica identity nothing'; }
identity_nothing_repair() { sql 'alter table orders replica identity full'; }

second_connector_inject() {
    rest PUT "connectors/$LANE-second/config" -d "$(source_config | jq '."topic.prefix" += "second"')" >/dev/null
}
second_connector_seen() { is "$LANE-second" 'RUNNING FAILED' || grep -q "is active for PID" "$LAB_DIR/logs/connect.log"; }
second_connector_repair() { delete "$LANE-second"; }

signal() { sql "insert into debezium_signal values ('$LANE-$EPOCHSECONDS-$RANDOM', '$1', '$2')"; }
snapshot_of() { signal execute-snapshot "{\"data-collections\": [\"$1\"], \"type\": \"incremental\"}"; }

signal_unpublished_inject() {
    sql "alter publication $(pub) drop table debezium_signal"
    snapshot_of public.quiet
    sleep 5
}
signal_unpublished_repair() {
    sql "alter publication $(pub) add table debezium_signal"
    snapshot_of public.quiet
    sleep 2
}

snapshot_no_key_before() {
    sql 'create table nokey (a int, b text)' 'alter table nokey owner to dbz' 'alter table nokey replica identity full' \
        'insert into nokey select 1 from generate_series(1, 10)' "alter publication $(pub) add table nokey"
    include "${usual_tables[@]}" public.nokey
}
snapshot_no_key_inject() { snapshot_of public.nokey; }
snapshot_no_key_seen() { said NO_PRIMARY_KEY; }
snapshot_no_key_repair() {
    include "${usual_tables[@]}"
    sql 'drop table nokey'
    snapshot_of public.quiet
}

# said WORD: is it in the last notifications?
said() { "$KAFKA_TOOL" "$BROKERS" tail "$LANE-notifications" 5 | grep -q "$1"; }

snapshot_stopped_inject() {
    sql "insert into orders (note) select 'bulk' from generate_series(1, 15000)"
    sleep 6
    snapshot_of public.orders
    wait_for 10 said IN_PROGRESS
    signal stop-snapshot '{"type": "incremental", "data-collections": ["public.orders"]}'
}
snapshot_stopped_seen() { said ABORTED; }
snapshot_stopped_repair() {
    sql "delete from orders where note = 'bulk'"
    snapshot_of public.quiet
    sleep 3
}

record_too_large_inject() { sql "insert into quiet (note) values (repeat('large', 400000))"; }
record_too_large_seen() { is "$(src)" 'RUNNING FAILED'; }
record_too_large_repair() {
    set_options "$(src)" producer.override.max.request.size=9000000 producer.override.compression.type=gzip
    runs "$(src)"
    restart "$(src)"
    sleep 4
    set_options "$(src)" producer.override.max.request.size= producer.override.compression.type=
    runs "$(src)"
}

# It runs for a moment each time, as those do that look as if the restart had helped.
restart_in_vain_inject() {
    record_too_large_inject
    for _ in 1 2 3; do
        wait_for 20 record_too_large_seen
        sleep 1
        rest POST "connectors/$(src)/restart?includeTasks=true&onlyFailed=true" >/dev/null
        sleep 2
    done
}
restart_in_vain_seen() { record_too_large_seen; }
restart_in_vain_repair() { record_too_large_repair; }

decoding_spill_limits() { printf '%s\n' 'slot_slow = "3s"' 'slot_stall = "4s"'; }
decoding_spill_before() {
    sql "alter system set logical_decoding_work_mem = '64kB'" 'select pg_reload_conf()' >/dev/null
    restart "$(src)"
}
decoding_spill_inject() {
    # decoding keeps the changes of all tables until the commit tells which of them are published
    sql 'create table if not exists uncaptured (note text)'
    (for _ in 1 2 3 4 5 6; do
        sql "insert into uncaptured select repeat('s', 200) from generate_series(1, 60000)"
    done) &
}
decoding_spill_seen() { sql_is t "select spill_bytes > 1000000 from pg_stat_replication_slots where slot_name = '$(slot)'"; }
decoding_spill_repair() {
    sql 'alter system reset logical_decoding_work_mem' 'select pg_reload_conf()' 'drop table uncaptured' >/dev/null
}
