# shellcheck shell=bash
# Faults of topics and groups.

topic_recreated_inject() {
    lane_load_stop
    sleep 3
    kafka delete "$(topic)"
    sleep 1
    kafka create "$(topic)"
    lane_load_start
    sleep 2
}
topic_recreated_repair() {
    stop "$(sink)"
    forget "$(sink)"
    new_archive
}

offsets_back_inject() {
    sink_from "$(topic)" 3
    resume "$(sink)"
    runs "$(sink)"
}
offsets_back_repair() { sleep 3; }

retention_overrun_inject() {
    sink_from "$(topic)" 3
    kafka trim "$(topic)"
}
retention_overrun_repair() { new_archive; }

poison_some() { (for i in 1 2 3 4 5 6; do
    printf 'k\tno JSON %s\n' "$i" | kafka send "$(topic quiet)"
    sleep 1
done) & poison_pid=$!; }

dead_letters_before() {
    kafka create "$LANE-dlq"
    set_options "$(sink)" errors.tolerance=all "errors.deadletterqueue.topic.name=$LANE-dlq" \
        errors.deadletterqueue.topic.replication.factor=1 errors.deadletterqueue.context.headers.enable=true
    runs "$(sink)"
}
dead_letters_inject() { poison_some; }
dead_letters_repair() {
    wait "$poison_pid"
    sleep 1
    set_options "$(sink)" errors.tolerance= errors.deadletterqueue.topic.name= errors.deadletterqueue.topic.replication.factor= \
        errors.deadletterqueue.context.headers.enable=
    skip_bad
    kafka delete "$LANE-dlq"
}

no_dead_letters_inject() { set_options "$(sink)" errors.tolerance=all; }
no_dead_letters_repair() {
    set_options "$(sink)" errors.tolerance=
    runs "$(sink)"
}

consumer_lag_limits() { printf '%s\n' 'lag_warn = 3000' 'lag_crit = 1_000_000' 'small_files_rate = 5000'; }
consumer_lag_before() { set_options "$(sink)" flush.size=20 consumer.override.max.poll.records=20 && runs "$(sink)"; }
consumer_lag_inject() { sql "insert into orders (note) select 'bulk' from generate_series(1, 60000)"; }
consumer_lag_repair() {
    set_options "$(sink)" flush.size=5000 consumer.override.max.poll.records=
    runs "$(sink)"
    sql "truncate orders"
    sql "insert into orders (id, note) values (5, 'changes')"
    sleep 5
    set_options "$(sink)" flush.size=500 "topics.dir=topics-$RANDOM" # the storm of small files stays behind
    runs "$(sink)"
}

rebalance_loop_inject() {
    kafka churn "$(group)" "$(topic)" 25 &
    sleep 4
}
rebalance_loop_repair() {
    wait_for 30 no_jobs
    restart "$(sink)"
}
no_jobs() { ! pgrep -P "$BASHPID" -f churn >/dev/null; }

isr_too_small_inject() { kafka set "$(topic)" min.insync.replicas=2; }
isr_too_small_repair() {
    kafka set "$(topic)" min.insync.replicas=1
    restart "$(src)"
}
