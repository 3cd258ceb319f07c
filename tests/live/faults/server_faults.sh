# shellcheck shell=bash
# Faults of the servers that all lanes share. They are the lab's own: fault.sh breaks and mends them.

lab_fault() { "$LANE_STACK/fault.sh" "$1" "$2" >/dev/null; }
no_answer_of() { ! "answers_$1"; }
both_run() { runs "$(src)" && runs "$(sink)"; }

connect_killed_inject() { lab_fault kill connect; }
connect_killed_seen() { no_answer_of connect; }
connect_killed_repair() {
    lab_fault start connect
    both_run
}
connect_frozen_inject() { lab_fault freeze connect; }
connect_frozen_seen() { no_answer_of connect; }
connect_frozen_repair() {
    lab_fault thaw connect
    both_run
}

kafka_killed_inject() { lab_fault kill kafka; }
kafka_killed_seen() { no_answer_of kafka; }
kafka_killed_repair() {
    lab_fault start kafka
    both_run
}
kafka_frozen_inject() { lab_fault freeze kafka; }
kafka_frozen_seen() { no_answer_of kafka; }
kafka_frozen_repair() {
    lab_fault thaw kafka
    both_run
}

s3_killed_inject() { lab_fault kill s3; }
s3_killed_seen() { no_answer_of s3; }
s3_killed_repair() { lab_fault start s3; }
s3_frozen_inject() { lab_fault freeze s3; }
s3_frozen_seen() { no_answer_of s3; }
s3_frozen_repair() { lab_fault thaw s3; }

internal_topic_inject() { kafka set _connect_offsets cleanup.policy=delete; }
internal_topic_repair() { kafka set _connect_offsets cleanup.policy=compact; }

# A second worker of the same cluster, which takes its share of the work, and leaves.
worker_lost_limits() { echo 'unassigned_warn = "1s"'; }
worker_lost_before() {
    local conf=$LANE_DIR/worker.properties port=$((LAB_PORT_CONNECT + 120))
    sed "s|^listeners=.*|listeners=http://127.0.0.1:$port|" "$LAB_DIR/conf/connect.properties" >"$conf"
    mine proc_start worker java -Xmx384m "${JVM[@]}" "-Dlog4j.configuration=file:$LAB_DIR/conf/log4j.properties" \
        "-Dlab.log=$LANE_DIR/logs/worker.log" -cp "$(kafka_class_path)" org.apache.kafka.connect.cli.ConnectDistributed "$conf"
    wait_for 60 works_at "$port"
    both_run
}
works_at() { # PORT: has that worker something of the lane to do?
    local name
    for name in "$(src)" "$(sink)"; do
        if rest GET "connectors/$name/status" | grep -q "127.0.0.1:$1"; then return 0; fi
    done
    return 1
}
worker_lost_inject() { mine proc_signal worker TERM; }
unassigned() { rest GET "connectors/$1/status" | grep -q UNASSIGNED; }
worker_lost_seen() { unassigned "$(src)" || unassigned "$(sink)"; }
worker_lost_repair() { both_run; }
