#!/usr/bin/env bash
# Records of the running lab's topics (LAB_DIR says which lab), with Kafka's own tools:
#   topic.sh send TOPIC       one record for each line KEY<TAB>VALUE of standard input; a VALUE of NULL is a tombstone
#   topic.sh read TOPIC [N]   prints key, value, partition, offset and time of all records, or of the first N
#   topic.sh delete TOPIC
set -euo pipefail

here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=lib/env.sh
. "$here/lib/env.sh"
# shellcheck source=lib/parts.sh
. "$here/lib/parts.sh"

# tool CLASS ARGUMENT...
tool() {
    local class=$1
    shift
    java -Xmx96m "${JVM[@]}" "-Dlog4j.configuration=file:$LAB_DIR/conf/tools-log4j.properties" -cp "$(kafka_class_path)" \
        "$class" --bootstrap-server "127.0.0.1:$LAB_PORT_KAFKA" --topic "$topic" "$@"
}

[ $# -ge 2 ] || die "usage: topic.sh send|read|delete TOPIC"
topic=$2
case $1 in
send) tool kafka.tools.ConsoleProducer --property parse.key=true --property null.marker=NULL ;;
read)
    limit=(--timeout-ms 3000)
    if [ $# -gt 2 ]; then limit+=(--max-messages "$3"); fi
    tool org.apache.kafka.tools.consumer.ConsoleConsumer --from-beginning "${limit[@]}" \
        --property print.key=true --property print.partition=true --property print.offset=true \
        --property print.timestamp=true 2>/dev/null || [ $# -le 2 ] # running into the time-out is the end of the topic
    ;;
delete) tool org.apache.kafka.tools.TopicCommand --delete ;;
*) die "topic.sh: unknown command '$1'" ;;
esac
