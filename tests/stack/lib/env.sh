# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here is used by those who source it
# Settings of the lab, sourced by every script of tests/stack. All may be given in the environment:
#   LAB_DIR        data, logs, pids of one lab           (default: ~/.cache/cdctop/lab)
#   LAB_CACHE      downloads, shared by all labs         (default: ~/.cache/cdctop/lab-cache)
#   LAB_PORT_BASE  added to every part's usual port      (default: 10000; the highest usual port is 9097)
#   LAB_PORT_...   one port by itself, see below
#   LAB_DEBEZIUM   version of Debezium's connector, such as 2.3.4.Final (default: that of pom.xml)
#   LAB_RATE       transactions a second of the write load, 0 for none (default: 5)
# A running lab records ports, rate and Debezium's version in LAB_DIR/run/lab.env: with LAB_DIR alone all scripts find them again.

say() { printf 'lab: %s\n' "$*"; }
die() {
    printf 'lab: %s\n' "$*" >&2
    exit 1
}

LAB_STACK=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache_home=${XDG_CACHE_HOME:-$HOME/.cache}
LAB_DIR=${LAB_DIR:-$cache_home/cdctop/lab}
LAB_CACHE=${LAB_CACHE:-$cache_home/cdctop/lab-cache}
# WIPE=1 deletes what is in there
if [ ! -e "$LAB_DIR/run/lock" ] && [ -n "$(ls -A "$LAB_DIR" 2>/dev/null)" ]; then
    die "LAB_DIR=$LAB_DIR holds something that is no lab; give it a directory of its own"
fi
mkdir -p "$LAB_DIR"/{run,logs,data,conf} "$LAB_CACHE"
touch "$LAB_DIR/run/lock"
LAB_DIR=$(cd "$LAB_DIR" && pwd)
LAB_CACHE=$(cd "$LAB_CACHE" && pwd)
LAB_RATE=${LAB_RATE:-5}
LAB_DEBEZIUM=${LAB_DEBEZIUM:-}

# shellcheck source=/dev/null
if [ -f "$LAB_DIR/run/lab.env" ]; then . "$LAB_DIR/run/lab.env"; fi

# name of the variable, usual port, what listens there
LAB_PORTS=(
    "LAB_PORT_PG 5432 postgres"
    "LAB_PORT_KAFKA 9092 kafka"
    "LAB_PORT_KAFKA_CTRL 9093 kafka"
    "LAB_PORT_KAFKA_SASL 9094 kafka"
    "LAB_PORT_KAFKA_SASLSSL 9095 kafka"
    "LAB_PORT_KAFKA_IAM 9096 kafka"
    "LAB_PORT_KAFKA_MTLS 9097 kafka"
    "LAB_PORT_CONNECT 8083 connect"
    "LAB_PORT_S3 9000 s3"
)
for row in "${LAB_PORTS[@]}"; do
    read -r name usual _ <<<"$row"
    declare -g "$name=${!name:-$((${LAB_PORT_BASE:-10000} + usual))}"
done
unset cache_home row name usual

LAB_S3_KEY=labaccess
LAB_S3_SECRET=labsecret12345678
LAB_S3_BUCKET=cdc-archive
# shellcheck disable=SC2153 # the LAB_PORT_... are assigned by the loop above
LAB_S3_URL=http://127.0.0.1:$LAB_PORT_S3
LAB_CONNECT_URL=http://127.0.0.1:$LAB_PORT_CONNECT

# PostgreSQL refuses to run as root: root starts it as user postgres, who cannot look into root's home directory.
LAB_PG_VERSION=15
LAB_PGBIN=/usr/lib/postgresql/$LAB_PG_VERSION/bin
if [ "$(id -u)" = 0 ]; then
    LAB_AS_PG=(setpriv --reuid=postgres --regid=postgres --init-groups --)
    LAB_PGHOME=/var/lib/cdctop-lab
    LAB_PGDATA=$LAB_PGHOME/data-$(printf %s "$LAB_DIR" | cksum | cut -d' ' -f1)
else
    LAB_AS_PG=()
    LAB_PGHOME=$LAB_CACHE
    LAB_PGDATA=$LAB_DIR/data/postgres
fi

# A cache entry is named after what it is made from, so that a change here never meets old jars.
LAB_JARS=$LAB_CACHE/jars-$(sha256sum "$LAB_STACK/pom.xml" | cut -c1-12)
LAB_PLUGINS=$LAB_JARS/plugins # Debezium
LAB_DISCOVERY=service_load
if [ -n "$LAB_DEBEZIUM" ]; then
    LAB_PLUGINS=$LAB_CACHE/debezium-$LAB_DEBEZIUM
    LAB_DISCOVERY=hybrid_warn # 2.3 is not found by the manifest that service_load wants
fi
LAB_JAVA=$LAB_CACHE/java-$(find "$LAB_STACK/java" "$LAB_STACK/pom.xml" -type f | LC_ALL=C sort | xargs cat | sha256sum | cut -c1-12)

# Whatever else is called java here, the lab wants Debian's 17. To be called again once that has been installed.
use_java() {
    for JAVA_HOME in /usr/lib/jvm/java-17-openjdk-*; do :; done
    export JAVA_HOME
    PATH=$JAVA_HOME/bin:$PATH
}
use_java

# The order in which the parts are started; they are stopped in the opposite one.
LAB_PARTS=(postgres s3 kafka connect load)

# render FILE.in OUT: replaces every @LAB_...@ by the variable of that name
render() {
    local text name
    text=$(<"$1")
    while [[ $text =~ @(LAB_[A-Z0-9_]+)@ ]]; do
        name=${BASH_REMATCH[1]}
        text=${text//"@$name@"/${!name}}
    done
    printf '%s\n' "$text" >"$2"
}

# wait_for SECONDS COMMAND...: until the command succeeds
wait_for() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.2
    done
}
