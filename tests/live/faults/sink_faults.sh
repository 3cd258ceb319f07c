# shellcheck shell=bash
# Faults of the sink and of what it writes.

sink_failed() { is "$(sink)" 'RUNNING FAILED' || is "$(sink)" FAILED; }
sink_mend() { # OPTION=VALUE...
    set_options "$(sink)" "$@"
    restart "$(sink)"
}
# Past what the sink cannot read: its offsets go to the end.
skip_bad() {
    stop "$(sink)"
    kafka trim "$(topic quiet)"
    wait_for 5 no_members
    forget "$(sink)"
    resume "$(sink)"
    runs "$(sink)"
}
no_members() { [ "$(states "$(sink)")" = STOPPED ]; }
quiet_row() { sql "insert into quiet (note) values ('row')"; }

sink_paused_limits() { echo 'lag_warn = 200'; }
more_orders() { sql "insert into orders (note) select 'more' from generate_series(1, 500)"; }
sink_paused_inject() {
    pause "$(sink)"
    more_orders
}
sink_paused_seen() { is "$(sink)" 'PAUSED PAUSED'; }
sink_paused_repair() {
    resume "$(sink)"
    runs "$(sink)"
}
sink_stopped_limits() { sink_paused_limits; }
sink_stopped_inject() {
    stop "$(sink)"
    more_orders
}
sink_stopped_repair() { sink_paused_repair; }

poison_record_inject() { printf 'k\tthis is no JSON\n' | kafka send "$(topic quiet)"; }
poison_record_seen() { sink_failed; }
poison_record_repair() { skip_bad; }

# What Debezium sends behind a DELETE when tombstones.on.delete is true, as it is by default.
tombstone_before() { set_options "$(src)" tombstones.on.delete=true && runs "$(src)"; }
tombstone_inject() { sql 'delete from quiet where id = (select max(id) from quiet)'; }
tombstone_seen() { sink_failed; }
tombstone_repair() {
    set_options "$(src)" tombstones.on.delete=false
    sink_mend behavior.on.null.values=ignore
    runs "$(src)"
}

converter_mismatch_inject() {
    set_options "$(sink)" value.converter=org.apache.kafka.connect.json.JsonConverter value.converter.schemas.enable=true
}
converter_mismatch_seen() { sink_failed; }
converter_mismatch_repair() { sink_mend value.converter= value.converter.schemas.enable=; }

s3_secret_inject() { set_options "$(sink)" aws.secret.access.key=wrong; }
s3_secret_seen() { sink_failed; }
s3_secret_repair() { sink_mend "aws.secret.access.key=$LAB_S3_SECRET"; }

bucket_gone_inject() { mv "$(bucket_dir)" "$LANE_DIR/bucket"; }
bucket_gone_seen() { sink_failed; }
bucket_gone_repair() {
    mv "$LANE_DIR/bucket" "$(bucket_dir)"
    restart "$(sink)"
}

never_rotates_limits() { printf '%s\n' 'end_to_end_warn = "5s"' 'lag_time_warn = "5s"' 'late_grace = "2s"'; }
never_rotates_inject() {
    set_options "$(sink)" rotate.schedule.interval.ms= flush.size=100000
    runs "$(sink)"
    quiet_row
    lane_load_stop
    sleep 5
}
never_rotates_repair() {
    set_options "$(sink)" rotate.schedule.interval.ms=3000 flush.size=500
    lane_load_start
    runs "$(sink)"
}

small_files_inject() {
    set_options "$(sink)" flush.size=1
    runs "$(sink)"
    sql "insert into orders (note) select 'storm' from generate_series(1, 150)"
    sleep 5
}
small_files_repair() {
    set_options "$(sink)" flush.size=500
    runs "$(sink)"
}
small_files_limits() { echo 'small_files_rate = 40'; }

hole_in_archive_inject() {
    local file
    file=$(find "$(bucket_dir)" -name "$(topic)+0+*.json" | sort | tail -n 3 | head -n 1)
    rm "$file"
}
hole_in_archive_repair() { true; }

wrong_hour_inject() {
    set_options "$(sink)" timezone=Asia/Tokyo
    runs "$(sink)"
    sleep 4
}
wrong_hour_repair() {
    set_options "$(sink)" timezone=UTC
    runs "$(sink)"
    find "$(bucket_dir)" -path "*hour=$(TZ=Asia/Tokyo date +%H)*" -name '*.json' -delete
}

restart_in_vain_inject() {
    local i
    printf 'k\tthis is no JSON\n' | kafka send "$(topic quiet)"
    for i in 1 2 3; do
        wait_for 20 sink_failed
        sleep 1.5
        rest POST "connectors/$(sink)/restart?includeTasks=true&onlyFailed=true" >/dev/null
        sleep "1.$i"
    done
    wait_for 20 sink_failed
}
restart_in_vain_repair() { skip_bad; }

sink_config_inject() { set_options "$(sink)" "path.format='year'=QQQQQ{bad"; }
sink_config_seen() { sink_failed; }
sink_config_repair() { sink_mend "path.format='year'=YYYY/'month'=MM/'day'=dd/'hour'=HH"; }
