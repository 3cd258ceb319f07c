# shellcheck shell=bash
# The faults: name | lane | ids that may be the headline | its object | recommended action | what is broken, how it is repaired.
# A>B: A that explains B. @src, @sink, @slot, @pub, @topic, @quiet, @group are the lane's own; * stands for anything, - for
# none. The lanes fa to fd run beside each other, each with a pipeline of its own; fs comes last, when nobody else needs the
# servers that it takes away.
# How each fault is made: NAME_limits (thresholds lowered for it), NAME_before, NAME_inject, NAME_seen (the evidence is
# observable), NAME_repair in *_faults.sh.

# What FAULT_QUICK=1 leaves out, for the sake of time: their likes are in.
# shellcheck disable=SC2034 # used by run.sh
SLOW=' connect_killed kafka_frozen s3_killed worker_lost '

# shellcheck disable=SC2034 # used by run.sh
TABLE=$(grep -v '^$' <<'EOF'
pg_killed           | fa | Z01     | postgres | -         | PostgreSQL killed
pg_back_task_dead   | fa | P16     | *        | restart   | PostgreSQL is back, the source task is not
pg_frozen           | fa | Z01     | postgres | -         | PostgreSQL frozen
walsender_killed    | fa | P28     | @slot    | *         | the walsender killed again and again
source_paused       | fa | P05     | @src     | resume    | source paused while WAL piles up
source_stopped      | fa | P05     | @src     | resume    | source stopped while WAL piles up
slot_dropped        | fa | P13     | @src     | *         | slot dropped behind a stopped source
slot_recreated      | fa | P14     | *        | *         | slot dropped and made anew by hand: a silent gap
slot_unreserved     | fa | P02     | @slot    | *         | WAL of the slot beyond max_slot_wal_keep_size
slot_lost           | fa | P01     | @slot    | *         | slot invalidated by a checkpoint
no_tasks            | fa | P01     | @slot    | *         | connector RUNNING without tasks: its slot is lost
long_transaction    | fa | P09     | @slot    | *         | a transaction stays open for long
prepared_transaction | fa | P09    | @slot    | *         | a prepared transaction that nobody ends
orphan_slot         | fa | P03     | faults_orphan | drop-slot | a slot that nobody reads
slot_quota          | fa | P24     | *        | *         | all replication slots are taken
wal_level           | fa | P25     | *        | *         | wal_level lowered and the server restarted
clock_skew          | fa | E02     | *        | *         | the database's clock is a minute ahead
password_changed    | fa | P27     | *        | restart   | the source's password changed in the database

idle_tables         | fb | P07     | @slot    | *         | captured tables idle, another database writes, no heartbeat
heartbeat_ineffective | fb | P08   | *        | *         | heartbeat table not in the publication
unpublished_table   | fb | P20     | *        | *         | a captured table is left out of the publication
no_publication      | fb | P19     | *        | *         | publication dropped
no_primary_key      | fb | P22     | public.nokey | *     | a captured table without a primary key
identity_nothing    | fb | P22     | public.orders | *     | REPLICA IDENTITY NOTHING on a captured table
second_connector    | fb | P12     | *        | *         | a second connector on the same slot
signal_unpublished  | fb | N03,P33 | *        | *         | a signal written into an unpublished table
snapshot_no_key     | fb | N04     | @src     | *         | incremental snapshot of a table without a key
snapshot_stopped    | fb | N04     | @src     | *         | an incremental snapshot stopped half-way
record_too_large    | fb | C08     | @src     | restart   | a row larger than max.request.size
restart_in_vain     | fb | C06,C08>C06 | @src     | *         | three restarts of a task that fails each time the same way (C06 under its cause)
decoding_spill      | fb | P11,P10 | *        | *         | a large transaction spills to disk

sink_paused         | fc | C22     | @sink    | resume    | sink paused while messages wait
sink_stopped        | fc | C22     | @sink    | resume    | sink stopped while messages wait
poison_record       | fc | C07     | @sink    | restart   | a record that is no JSON kills the sink's task
tombstone           | fc | S08     | @sink    | restart   | a DELETE with tombstone kills the sink's task
converter_mismatch  | fc | C07     | @sink    | restart   | sink expects schemas that the source does not write
s3_secret           | fc | S03     | @sink    | restart   | wrong S3 secret
bucket_gone         | fc | S03     | *        | *         | bucket removed
never_rotates       | fc | S01     | *        | *         | no rotation that fires: the tail stays in memory
small_files         | fc | S06     | *        | *         | flush.size 1: a storm of small files
hole_in_archive     | fc | S07     | *        | *         | the sink goes on behind records that it never wrote
wrong_hour          | fc | S05     | *        | *         | the sink's time zone puts objects into another hour
sink_config         | fc | C01,C02 | @sink    | *         | a path.format that nobody understands

topic_recreated     | fd | K12     | *        | *         | a topic deleted and made anew
offsets_back        | fd | K07     | *        | *         | group offsets moved back
retention_overrun   | fd | K03     | *        | *         | the log truncated before the sink has read it
dead_letters        | fd | C09     | *        | *         | records go to the dead letter queue
no_dead_letters     | fd | C10     | @sink    | *         | errors.tolerance = all without a dead letter queue
consumer_lag        | fd | K10     | @sink    | *         | more is written than the sink can read
rebalance_loop      | fd | K05     | *        | *         | a member joins and leaves the sink's group all the time
isr_too_small       | fd | K02     | *        | *         | min.insync.replicas above the replicas: producers are refused

connect_killed      | fs | Z01,C05 | *        | -         | Kafka Connect killed
connect_frozen      | fs | Z01,C05 | *        | -         | Kafka Connect frozen
kafka_killed        | fs | Z01     | kafka    | -         | Kafka killed
kafka_frozen        | fs | Z01     | kafka    | -         | Kafka frozen
s3_killed           | fs | Z01     | s3       | -         | the S3 server killed
s3_frozen           | fs | Z01     | s3       | -         | the S3 server frozen
internal_topic      | fs | C21     | *        | *         | Connect's offsets topic no longer compacted
worker_lost         | fs | C03     | *        | *         | one of two workers ends
EOF
)
