# shellcheck shell=bash
# The parts of the lab: for each one start_PART, answers_PART (a real answer, not just an open port: the kernel accepts
# connections for a frozen process too), and how it is stopped.

JVM=(-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData)

kafka_class_path() { printf '%s\n' "$LAB_JARS/kafka/*:$LAB_JAVA/broker/*"; }

# pg_init BIN DATA: a new cluster with superuser postgres, password postgres
pg_init() {
    if [ "$(id -u)" = 0 ]; then install -d -o postgres -g postgres -m 700 "$2"; fi
    # shellcheck disable=SC2016 # expanded by the inner shell, whose pipe the server's user may read
    (cd / && "${LAB_AS_PG[@]}" bash -c '"$0/initdb" -D "$1" -A scram-sha-256 -U postgres --pwfile=<(echo postgres) \
        --no-sync -E UTF8 --locale=C' "$1" "$2") >"$LAB_DIR/logs/initdb.out" 2>&1 ||
        die "initdb failed, see $LAB_DIR/logs/initdb.out"
}

# pg_answers PORT
pg_answers() { "$LAB_PGBIN/pg_isready" -q -t 2 -h 127.0.0.1 -p "$1"; }

start_postgres() {
    if [ ! -f "$LAB_PGDATA/complete" ]; then
        rm -rf "$LAB_PGDATA"
        mkdir -p "$(dirname "$LAB_PGDATA")"
        pg_init "$LAB_PGBIN" "$LAB_PGDATA"
        echo "include_if_exists 'lab.conf'" >>"$LAB_PGDATA/postgresql.conf"
    fi
    render "$LAB_STACK/conf/postgresql.conf.in" "$LAB_PGDATA/lab.conf"
    chmod 644 "$LAB_PGDATA/lab.conf"
    rm -f "$LAB_PGDATA/postmaster.pid" # of a killed server; that ours does not run any more has been looked at
    proc_start postgres "${LAB_AS_PG[@]}" "$LAB_PGBIN/postgres" -D "$LAB_PGDATA"
    [ ! -f "$LAB_PGDATA/complete" ] || return 0
    wait_for 30 answers_postgres || die "PostgreSQL does not answer, see $LAB_DIR/logs/postgres.out"
    PGPASSWORD=postgres psql -qX -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$LAB_PORT_PG" -U postgres -f "$LAB_STACK/sql/seed.sql"
    touch "$LAB_PGDATA/complete"
}

answers_postgres() { pg_answers "$LAB_PORT_PG"; }

start_s3() {
    # the mode is the bucket's ACL: with 755 s3proxy lets anonymous readers in
    mkdir -p "$LAB_DIR/data/s3/$LAB_S3_BUCKET"
    chmod 700 "$LAB_DIR/data/s3" "$LAB_DIR/data/s3/$LAB_S3_BUCKET"
    render "$LAB_STACK/conf/s3proxy.conf.in" "$LAB_DIR/conf/s3proxy.conf"
    proc_start s3 java -Xmx80m "${JVM[@]}" -DLOG_LEVEL=warn -jar "$LAB_JARS/tools/s3proxy-jar-with-dependencies.jar" \
        --properties "$LAB_DIR/conf/s3proxy.conf"
}

answers_s3() { curl -s -m 2 -o /dev/null "$LAB_S3_URL/"; }

start_kafka() {
    local conf=$LAB_DIR/conf/kraft.properties tools="-Dlog4j.configuration=file:$LAB_DIR/conf/tools-log4j.properties"
    tls_make
    render "$LAB_STACK/conf/kraft.properties.in" "$conf"
    if [ ! -f "$LAB_DIR/data/kafka/meta.properties" ]; then
        java -Xmx96m "${JVM[@]}" "$tools" -cp "$(kafka_class_path)" kafka.tools.StorageTool format \
            -t 4L6g3nShT-eMCtK--X86sw -c "$conf" \
            --add-scram 'SCRAM-SHA-512=[name=alice,password=alice-secret]' \
            --add-scram 'SCRAM-SHA-256=[name=alice,password=alice-secret]' >"$LAB_DIR/logs/kafka-format.out" 2>&1 ||
            die "Kafka's storage cannot be formatted, see $LAB_DIR/logs/kafka-format.out"
    fi
    proc_start kafka java -Xmx224m -Xms96m "${JVM[@]}" "-Dlog4j.configuration=file:$LAB_DIR/conf/log4j.properties" \
        "-Dlab.log=$LAB_DIR/logs/kafka.log" -cp "$(kafka_class_path)" kafka.Kafka "$conf"
}

# ApiVersions, version 0, by hand: length 10, key 18, version 0, correlation id 1, no client id
answers_kafka() {
    # shellcheck disable=SC2016 # expanded by the inner shell
    [ "$(timeout 2 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$0" && printf "\0\0\0\12\0\22\0\0\0\0\0\1\377\377" >&3 && head -c 8 <&3 | wc -c' \
        "$LAB_PORT_KAFKA" 2>/dev/null)" = 8 ]
}

start_connect() {
    render "$LAB_STACK/conf/connect.properties.in" "$LAB_DIR/conf/connect.properties"
    proc_start connect java -Xmx384m -Xms128m "${JVM[@]}" "-Dlog4j.configuration=file:$LAB_DIR/conf/log4j.properties" \
        "-Dlab.log=$LAB_DIR/logs/connect.log" -cp "$(kafka_class_path)" \
        org.apache.kafka.connect.cli.ConnectDistributed "$LAB_DIR/conf/connect.properties"
}

answers_connect() { curl -sf -m 3 -o /dev/null "$LAB_CONNECT_URL/connectors"; }

start_load() { proc_start load "$LAB_STACK/load.sh" "$LAB_PORT_PG" "$LAB_RATE"; }

answers_load() { proc_pid load >/dev/null; }

part_port() {
    case $1 in
    postgres) echo "$LAB_PORT_PG" ;;
    s3) echo "$LAB_PORT_S3" ;;
    kafka) echo "$LAB_PORT_KAFKA" ;;
    connect) echo "$LAB_PORT_CONNECT" ;;
    *) echo - ;;
    esac
}

part_start() { "start_$1"; }

# part_wait PART SECONDS
part_wait() {
    wait_for "$2" "answers_$1" && return
    proc_pid "$1" >/dev/null || die "$1 ended by itself, see $LAB_DIR/logs/$1.out"
    die "$1 does not answer after $2 s, see $LAB_DIR/logs/$1.{out,log}"
}

part_stop() {
    case $1 in
    postgres) proc_stop postgres INT 15 ;; # fast: does not wait for clients to leave
    *) proc_stop "$1" TERM 15 ;;
    esac
}

part_exists() {
    local part
    for part in "${LAB_PARTS[@]}"; do [ "$part" != "$1" ] || return 0; done
    die "no part is called '$1'; there are: ${LAB_PARTS[*]}"
}
