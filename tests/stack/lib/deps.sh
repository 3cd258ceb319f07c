# shellcheck shell=bash
# What the lab needs: Debian packages, then jars from Maven Central, then its own two jars built from java/.

LAB_PACKAGES=(openjdk-17-jdk-headless maven "postgresql-$LAB_PG_VERSION" curl jq openssl ca-certificates xz-utils libfaketime)

missing_packages() {
    local package
    for package in "${LAB_PACKAGES[@]}"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || echo "$package"
    done
}

# Debian's server package starts a cluster of its own on port 5432. Whoever asks for a lab did not ask for that.
apt_install() {
    local conf=/etc/postgresql-common/createcluster.conf
    apt-get update -qq
    if printf '%s\n' "$@" | grep -q '^postgresql-'; then
        apt-get install -y -qq --no-install-recommends postgresql-common
        cp -p "$conf" "$conf.lab-saved"
        printf '\ncreate_main_cluster = false\n' >>"$conf"
        trap 'mv -f '"$conf.lab-saved $conf" EXIT
    fi
    apt-get install -y -qq --no-install-recommends "$@"
}

deps_packages() {
    local missing as_root=()
    mapfile -t missing < <(missing_packages)
    [ "${#missing[@]}" -gt 0 ] || return 0
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || die "neither root nor sudo here; please run: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    say "installing Debian packages: ${missing[*]}"
    if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        bash -c "set -euo pipefail; $(declare -f apt_install); apt_install \"\$@\"" lab "${missing[@]}" \
        >"$LAB_CACHE/apt.out" 2>&1; then
        cat "$LAB_CACHE/apt.out" >&2
        die "the installation failed; please run: apt-get install ${missing[*]}"
    fi
    use_java
}

# Quiet unless it fails.
maven() {
    mvn -B -q --no-transfer-progress "$@" >"$LAB_CACHE/maven.out" 2>&1 && return
    cat "$LAB_CACHE/maven.out" >&2
    die "the download from Maven Central failed; what came is kept, so try again"
}

deps_jars() {
    local dir
    [ ! -f "$LAB_JARS/complete" ] || return 0
    say "downloading Kafka, Kafka Connect, Debezium and the S3 server from Maven Central (150 MB)"
    dir=$(mktemp -d "$LAB_CACHE/tmp.XXXXXX")
    maven -f "$LAB_STACK/pom.xml" "-Dlab.out=$dir" package
    touch "$dir/complete"
    rm -rf "$dir/target" "$LAB_JARS"
    mv "$dir" "$LAB_JARS"
}

# Another version of Debezium than that of pom.xml.
deps_debezium() {
    local dir
    if [ -z "$LAB_DEBEZIUM" ] || [ -f "$LAB_PLUGINS/complete" ]; then return 0; fi
    say "downloading Debezium $LAB_DEBEZIUM from Maven Central (30 MB)"
    dir=$(mktemp -d "$LAB_CACHE/tmp.XXXXXX")
    maven org.apache.maven.plugins:maven-dependency-plugin:3.6.1:unpack "-DoutputDirectory=$dir" "-DmarkersDirectory=$dir/.markers" \
        "-Dartifact=io.debezium:debezium-connector-postgres:$LAB_DEBEZIUM:tar.gz:plugin"
    [ -d "$dir/debezium-connector-postgres" ] || die "no Debezium came, see $LAB_CACHE/maven.out"
    touch "$dir/complete"
    rm -rf "$LAB_PLUGINS"
    mv "$dir" "$LAB_PLUGINS"
}

# compile OUT.jar SOURCE-DIR...
compile() {
    local out=$1 classes
    shift
    classes=$(mktemp -d "$LAB_CACHE/tmp.XXXXXX")
    find "$@" -name '*.java' -print0 |
        xargs -0 javac -Xlint:all,-classfile,-processing -Werror -d "$classes" -cp "$LAB_JARS/kafka/*"
    if [ -d "$classes/io/confluent" ]; then # Connect finds its plugins by this file
        mkdir -p "$classes/META-INF/services"
        echo io.confluent.connect.s3.S3SinkConnector >"$classes/META-INF/services/org.apache.kafka.connect.sink.SinkConnector"
    fi
    mkdir -p "$(dirname "$out")"
    jar cf "$out" -C "$classes" .
    rm -rf "$classes"
}

deps_java() {
    local java=$LAB_STACK/java
    [ ! -f "$LAB_JAVA/complete" ] || return 0
    say "building the S3 sink and the IAM login of the broker"
    compile "$LAB_JAVA/plugins/s3-sink/s3-sink.jar" "$java/common" "$java/s3sink"
    compile "$LAB_JAVA/broker/msk-auth.jar" "$java/common" "$java/mskauth"
    touch "$LAB_JAVA/complete"
}

# cache_locked COMMAND...: one at a time, for labs that share the cache may be started at the same moment
cache_locked() (
    flock 8
    rm -rf "$LAB_CACHE"/tmp.* # of a run that was broken off
    "$@"
) 8>"$LAB_CACHE/lock"

deps_all() {
    deps_packages
    cache_locked deps_jars
    cache_locked deps_debezium
    cache_locked deps_java
}
