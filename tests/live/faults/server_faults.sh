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
