# shellcheck shell=bash
# A lane: a pipeline of its own for the fault tests, beside the others in one lab: a PostgreSQL server with its write load,
# a source and a sink connector, a bucket, and a cdctop that watches all that and nothing else.
#   lane_up NAME PORT, lane_down      LANE, LANE_DIR and LANE_PORT name the lane of this (sub)shell
# Kafka, Connect and S3 are the lab's, which LAB_DIR names. Sourced by run.sh and soak.sh.

LANE_STACK=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../stack" && pwd)
# shellcheck source=../../stack/lib/all.sh
. "$LANE_STACK/lib/all.sh"
CDCTOP=${CDCTOP:-build/cdctop}
KAFKA_TOOL=${KAFKA_TOOL:-build/tests/live/faults/kafka_tool}
BROKERS=127.0.0.1:$LAB_PORT_KAFKA

now_ms() { local t=${EPOCHREALTIME/./}; echo "${t%???}"; }
kafka() { "$KAFKA_TOOL" "$BROKERS" "$@"; }
note() { printf '# %s: %s\n' "${LANE:-all}" "$*" >&2; }

# ---- the lane's own server

# proc_… of the lab's library, with the records in the lane's directory
mine() { LAB_DIR=$LANE_DIR "$@"; }

# sql [-d DATABASE] STATEMENT...: as superuser
sql() {
    local db=shop
    if [ "$1" = -d ]; then db=$2 && shift 2; fi
    PGPASSWORD=postgres PGCONNECT_TIMEOUT=3 psql -qXtA -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$LANE_PORT" -U postgres "$db" \
        "${@/#/-c}"
}
sql_is() { [ "$(sql "$2" 2>/dev/null)" = "$1" ]; }

lane_data() { printf '%s/lane-%s\n' "$LAB_PGHOME" "$(printf %s "$LANE_DIR" | cksum | cut -d' ' -f1)"; }

LANE_ENV=() # words before the server's: env NAME=VALUE
# lane_pg_start [OPTION...]: further words for postgres
# shellcheck disable=SC2120
lane_pg_start() {
    local data
    data=$(lane_data)
    if [ ! -f "$data/PG_VERSION" ]; then
        mkdir -p "$LAB_PGHOME"
        mine pg_init "$LAB_PGBIN" "$data"
    fi
    rm -f "$data/postmaster.pid"
    mine proc_start postgres "${LAB_AS_PG[@]}" "${LANE_ENV[@]}" "$LAB_PGBIN/postgres" -D "$data" -p "$LANE_PORT" \
        -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c wal_level=logical -c fsync=off -c shared_buffers=32MB -c min_wal_size=32MB \
        -c max_wal_size=64MB -c max_replication_slots=6 -c max_prepared_transactions=4 -c wal_sender_timeout=20s "$@"
    wait_for 30 pg_answers "$LANE_PORT" || die "PostgreSQL of lane $LANE does not answer, see $LANE_DIR/logs/postgres.out"
}

lane_seed() {
    sql -d postgres "create role dbz login replication password 'lab-password-of-dbz'" "create role cdctop login replication password 'lab-password-of-cdctop'" \
        'grant pg_monitor to cdctop' 'create database shop owner dbz' 'create database other'
    sql 'grant all on schema public to dbz' 'set role dbz' \
        'create table orders (id bigserial primary key, note text, n int not null default 0)' \
        'create table quiet (id serial primary key, note text)' \
        'alter table orders replica identity full' 'alter table quiet replica identity full' \
        'create table debezium_signal (id varchar(64) primary key, type varchar(32) not null, data varchar(2048))' \
        'create table heartbeat (id int primary key, ts timestamptz)' \
        'grant insert on debezium_signal to cdctop' \
        "insert into orders (note) select 'seed' from generate_series(1, 600)" \
        "insert into quiet (note) select 'seed' from generate_series(1, 20)" 'reset role' \
        "create publication pub_$LANE for table orders, quiet, debezium_signal, heartbeat"
}

# A few rows a second, until ended.
lane_load_start() {
    # shellcheck disable=SC2016 # expanded by the inner shell
    mine proc_start load bash -c 'export PGPASSWORD=lab-password-of-dbz PGCONNECT_TIMEOUT=3
        child=; trap "kill \$child 2>/dev/null; exit 0" TERM
        while :; do
            printf "insert into orders (note) select \x27live\x27 from generate_series(1, 3)\\;\nupdate orders set n = n + 1 where id = 5\n\\watch 0.4\n" |
                psql -qX -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$0" -U dbz shop >/dev/null & child=$!
            wait "$child"; sleep 0.5
        done' "$LANE_PORT"
}
lane_load_stop() { mine proc_stop load TERM 5; }

# ---- its connectors

rest() { # METHOD PATH [CURL OPTION...]; 409 means that the worker is busy with the last change
    local method=$1 path=$2 i code
    shift 2
    for ((i = 0; i < 40; i++)); do
        code=$(curl -sS -m 30 -o "$LANE_DIR/run/answer" -w '%{http_code}' -X "$method" -H 'Content-Type: application/json' \
            "$LAB_CONNECT_URL/$path" "$@" 2>/dev/null) || code=0
        [ "$code" = 409 ] || break
        sleep 0.5
    done
    [ "$code" -lt 300 ] && [ "$code" -gt 0 ] && cat "$LANE_DIR/run/answer"
}

states() { rest GET "connectors/$1/status" | jq -r '[.connector.state, .tasks[].state] | join(" ")'; }
is() { [ "$(states "$1")" = "$2" ]; }
runs() { wait_for 40 is "$1" 'RUNNING RUNNING' || note "$1 is '$(states "$1")'"; }
set_options() { # NAME KEY=VALUE...; KEY= removes one
    local name=$1 config pair
    shift
    config=$(rest GET "connectors/$name/config") || return
    for pair in "$@"; do
        config=$(jq --arg k "${pair%%=*}" --arg v "${pair#*=}" 'if $v == "" then del(.[$k]) else .[$k] = $v end' <<<"$config")
    done
    rest PUT "connectors/$name/config" -d "$config" >/dev/null
}
pause() { rest PUT "connectors/$1/pause" >/dev/null; }
resume() { rest PUT "connectors/$1/resume" >/dev/null; }
stop() { rest PUT "connectors/$1/stop" >/dev/null && wait_for 20 is "$1" STOPPED; }
restart() { rest POST "connectors/$1/restart?includeTasks=true" >/dev/null && runs "$1"; }
forget() { rest DELETE "connectors/$1/offsets" >/dev/null; } # of a stopped one
delete() { rest DELETE "connectors/$1" >/dev/null; }

source_config() {
    jq -n --arg lane "$LANE" --arg port "$LANE_PORT" '{
        "connector.class": "io.debezium.connector.postgresql.PostgresConnector", "tasks.max": "1",
        "database.hostname": "127.0.0.1", "database.port": $port, "database.user": "dbz", "database.password": "lab-password-of-dbz",
        "database.dbname": "shop", "topic.prefix": $lane, "plugin.name": "pgoutput", "slot.name": "dbz_\($lane)",
        "slot.max.retries": "2", "slot.retry.delay.ms": "2000",
        "publication.name": "pub_\($lane)", "publication.autocreate.mode": "disabled",
        "table.include.list": "public.orders,public.quiet,public.debezium_signal,public.heartbeat",
        "snapshot.mode": "initial", "snapshot.fetch.size": "500", "incremental.snapshot.chunk.size": "50",
        "heartbeat.interval.ms": "1000",
        "heartbeat.action.query": "insert into public.heartbeat values (1, now()) on conflict (id) do update set ts = excluded.ts",
        "signal.data.collection": "public.debezium_signal", "signal.enabled.channels": "source",
        "notification.enabled.channels": "sink", "notification.sink.topic.name": "\($lane)-notifications",
        "tombstones.on.delete": "false", "poll.interval.ms": "300",
        "topic.creation.default.replication.factor": "1", "topic.creation.default.partitions": "1" }'
}

sink_config() {
    jq -n --arg lane "$LANE" --arg url "$LAB_S3_URL" --arg key "$LAB_S3_KEY" --arg secret "$LAB_S3_SECRET" '{
        "connector.class": "io.confluent.connect.s3.S3SinkConnector", "tasks.max": "1",
        "topics.regex": "\($lane)\\.public\\.(orders|quiet)",
        "key.converter": "org.apache.kafka.connect.storage.StringConverter",
        "storage.class": "io.confluent.connect.s3.storage.S3Storage",
        "format.class": "io.confluent.connect.s3.format.json.JsonFormat",
        "partitioner.class": "io.confluent.connect.storage.partitioner.TimeBasedPartitioner",
        "path.format": "'"'year'=YYYY/'month'=MM/'day'=dd/'hour'=HH"'", "partition.duration.ms": "3600000",
        "timestamp.extractor": "Record", "timezone": "UTC", "locale": "en-US", "topics.dir": "topics",
        "s3.bucket.name": "cdc-\($lane)", "s3.region": "us-east-1", "store.url": $url,
        "aws.access.key.id": $key, "aws.secret.access.key": $secret,
        "flush.size": "500", "rotate.schedule.interval.ms": "3000",
        "consumer.override.metadata.max.age.ms": "2000", "consumer.override.auto.offset.reset": "earliest" }'
}

# The name of everything in the lane
src() { echo "$LANE-source"; }
sink() { echo "$LANE-s3"; }
slot() { echo "dbz_$LANE"; }
pub() { echo "pub_$LANE"; }
topic() { echo "$LANE.public.${1:-orders}"; }
group() { echo "connect-$LANE-s3"; }
# shellcheck disable=SC2153
bucket_dir() { echo "$LAB_DIR/data/s3/cdc-$LANE"; }
commits() { rest GET "connectors/$(sink)/offsets" | jq -r '[.offsets[].offset.kafka_offset // 0] | add // 0'; }
slot_is() { sql_is "$1" "select coalesce($2::text, '') from pg_replication_slots where slot_name = '$(slot)'"; }
slot_active() { slot_is true active; }
slot_idle() { sql_is 0 "select count(*) from pg_replication_slots where slot_name = '$(slot)' and active"; }

lane_up() {
    LANE=$1 LANE_PORT=$2 LANE_DIR=$LAB_DIR/lanes/$1
    if [ -d "$LANE_DIR" ]; then lane_down >/dev/null 2>&1; fi # what a run that was broken off has left
    mkdir -p "$LANE_DIR"/{run,logs}
    # shellcheck disable=SC2119
    lane_pg_start
    lane_seed
    mkdir -p "$(bucket_dir)" && chmod 700 "$(bucket_dir)"
    rest PUT "connectors/$(src)/config" -d "$(source_config)" >/dev/null || die "$(src): $(<"$LANE_DIR/run/answer")"
    rest PUT "connectors/$(sink)/config" -d "$(sink_config)" >/dev/null || die "$(sink): $(<"$LANE_DIR/run/answer")"
    lane_load_start
    runs "$(src)"
    runs "$(sink)"
}

lane_down() {
    local name
    for name in "$(src)" "$(sink)"; do
        stop "$name" && forget "$name"
        delete "$name"
    done
    for name in "$(topic)" "$(topic quiet)" "$(topic debezium_signal)" "$(topic heartbeat)" "$LANE-notifications" \
        "__debezium-heartbeat.$LANE"; do
        kafka delete "$name"
    done
    lane_load_stop
    mine proc_stop postgres INT 10
    rm -rf "$(lane_data)" "$(bucket_dir)"
}

# ---- the program that watches it

# What cdctop says in a run is kept there, to be looked through for secrets at its end.
LANES_KEPT=$LAB_DIR/lanes/kept
keep_begin() { rm -rf "$LANES_KEPT" && mkdir -p "$LANES_KEPT"; }
# look_through N: TAP lines for each search, numbered from N on, and what was found
look_through() {
    TEST_RUN_DIR=$LANES_KEPT "$LANE_STACK/../after.py" | awk -v n="$1" '
        /^#/ { print }
        sub(/^ok [0-9]+ - /, "") { print "ok " n++ " - " $0; next }
        sub(/^not ok [0-9]+ - /, "") { print "not ok " n++ " - " $0 }'
}

# lane_config [THRESHOLD...]: lines of the configuration that take the place of the usual ones
lane_config() {
    local line given=" $*" known
    # What happened at one moment is said for as long as silence is waited for, not for minutes.
    local usual=('retained_warn = "256 MB"' 'retained_crit = "512 MB"' 'end_to_end_warn = "20s"' 'lag_time_warn = "30s"'
        'event_shown = "10s"' 'walsender_flap_time = "20s"' 'dlq_window = "8s"' 'rebalance_window = "20s"' 'hole_settle = "2s"'
        'late_grace = "15s"' 'small_files_rate = 200')
    if [ "${watch_plain:-0}" = 1 ]; then usual=(); fi
    known=$("$CDCTOP" --print-config)
    cat <<EOF
[ui]
interval = "500ms"
[log]
file = "$LANES_KEPT/log"
level = "debug"
[actions]
read_only = true
[[pipeline]]
name = "$LANE"
[pipeline.postgres]
conninfo = "postgresql://cdctop:lab-password-of-cdctop@127.0.0.1:$LANE_PORT/shop"
connect_timeout = "2s"
statement_timeout = "2s"
[pipeline.kafka]
bootstrap_servers = ["$BROKERS"]
timeout = "3s"
[pipeline.connect]
urls = ["$LAB_CONNECT_URL"]
connectors = ["$LANE-*"]
timeout = "3s"
[pipeline.s3]
url = "s3://cdc-$LANE"
region = "us-east-1"
endpoint = "$LAB_S3_URL"
access_key_id = "$LAB_S3_KEY"
secret_access_key = "$LAB_S3_SECRET"
timeout = "3s"
[pipeline.thresholds]
EOF
    for line in "${usual[@]}" "$@"; do
        if ! grep -q "^#*${line%% *} " <<<"$known"; then
            note "no threshold ${line%% *}"
        elif [[ $given == *" ${line%% *} ="* ]] && [[ " ${usual[*]} " == *" $line "* ]]; then
            continue
        else
            printf '%s\n' "$line"
        fi
    done
}

# A line for each document: time, then id, severity, object, remedy and its target of the headline, the ids of all that is
# louder than a remark, the title, the ids of what it explains.
# shellcheck disable=SC2016 # jq's own
LINE='[((.time[0:19] + "Z" | fromdate) * 1000 + (.time[20:23] | tonumber)),
    .headline.id // "-", .headline.severity // "-", .headline.object // "-", .headline.remedy // "-",
    .headline.remedy_target // "-",
    ([.findings[] | select(.severity | IN("warning", "critical", "unknown")) | .id] | join(",") | if . == "" then "-" else . end),
    .headline.title // "-", ([.headline.explains[]?.id] | join(","))] | @tsv'

# watch_start FILE [THRESHOLD...]: documents go to FILE.json, their lines to FILE. With watch_plain=1 no threshold is lowered.
watch_start() {
    local out=$1
    shift
    (umask 077 && lane_config "$@" >"$LANE_DIR/cdctop.toml")
    : >"$out"
    "$CDCTOP" status --watch --wait 5 --config "$LANE_DIR/cdctop.toml" 2>"$out.err" \
        > >(tee "$out.json" | jq --unbuffered -r "$LINE" >>"$out") &
    watch_pid=$!
    sleep 0.3
    kill -0 "$watch_pid" 2>/dev/null || note "cdctop ended: $(<"$out.err")"
}
watch_pid=
watch_stop() {
    [ -n "$watch_pid" ] || return 0
    kill "$watch_pid" 2>/dev/null
    wait "$watch_pid" 2>/dev/null || true
}

# quiet FILE SECONDS SINCE_MS: until for 3 s nothing is louder than a remark; prints the seconds it took
quiet() {
    local end=$((SECONDS + $2)) answer
    while [ "$SECONDS" -lt "$end" ]; do
        answer=$(awk -F'\t' -v since="$3" '$1 >= since { if ($7 == "-") { if (!first) first = $1; last = $1 } else first = 0 }
            END { if (first && last - first >= 3000) printf "%.1f", (first - since) / 1000 }' "$1")
        if [ -n "$answer" ]; then
            printf '%s\n' "$answer"
            return 0
        fi
        sleep 0.4
    done
    return 1
}
