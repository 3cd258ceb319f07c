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
    new_archive
}
# What was lost stays lost: the objects from here on go to another place.
new_archive() {
    set_options "$(sink)" "topics.dir=topics-$RANDOM"
    resume "$(sink)"
    runs "$(sink)"
}
# sink_from TOPIC OFFSET: the sink goes on there when it is resumed
sink_from() {
    stop "$(sink)"
    rest PATCH "connectors/$(sink)/offsets" -d "$(jq -n --arg t "$1" --argjson o "$2" \
        '{offsets: [{partition: {kafka_topic: $t, kafka_partition: 0}, offset: {kafka_offset: $o}}]}')" >/dev/null
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
# Where the sink goes on depends on which files it has closed: it may meet the tombstone once more.
tombstone_repair() {
    local i
    set_options "$(src)" tombstones.on.delete=false
    runs "$(src)"
    for ((i = 0; i < 5; i++)); do
        sink_mend behavior.on.null.values=ignore
        quiet_row # behind the tombstone
        sleep 5
        set_options "$(sink)" behavior.on.null.values=
        wait_for 20 is "$(sink)" 'RUNNING RUNNING' && sleep 3 && is "$(sink)" 'RUNNING RUNNING' && return
    done
    note "$(sink) is '$(states "$(sink)")'"
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

never_rotates_limits() { echo 'quiet_after = "4s"'; }
never_rotates_inject() {
    set_options "$(sink)" rotate.schedule.interval.ms= flush.size=1000000
    runs "$(sink)"
    quiet_row
    sleep 4
}
never_rotates_repair() {
    set_options "$(sink)" rotate.schedule.interval.ms=3000 flush.size=500
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
    new_archive
}
small_files_limits() { echo 'small_files_rate = 100'; }

topic_reaches() { [ "$(kafka ends "$(topic)" | cut -d' ' -f2)" -ge "$1" ]; }
# The sink goes on behind records that it has not written.
hole_in_archive_inject() {
    local end
    sleep 4
    stop "$(sink)"
    read -r _ end < <(kafka ends "$(topic)")
    more_orders
    more_orders
    wait_for 30 topic_reaches "$((end + 1000))"
    sink_from "$(topic)" "$((end + 950))"
    resume "$(sink)"
    runs "$(sink)"
}
hole_in_archive_seen() { [ "$(commits)" -gt 1 ]; }
hole_in_archive_repair() { new_archive; }

wrong_hour_inject() {
    set_options "$(sink)" timezone=Asia/Tokyo
    runs "$(sink)"
    sleep 4
}
wrong_hour_repair() {
    set_options "$(sink)" timezone=UTC
    new_archive
}

sink_config_inject() { set_options "$(sink)" "path.format='year'=QQQQQ{bad"; }
sink_config_seen() { sink_failed; }
sink_config_repair() { sink_mend "path.format='year'=YYYY/'month'=MM/'day'=dd/'hour'=HH"; }
