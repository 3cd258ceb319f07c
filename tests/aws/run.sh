#!/usr/bin/env bash
# run.sh BINARY…: tests/aws against a contract server and moto of their own, on free ports of loopback. They get
#   CDCTOP             the program
#   AWS_CONTRACT_URL   tests/stack/aws/contract: what it does is told in tests/aws/rig.h and by its files' heads
#   AWS_MOTO_URL       moto with authentication: what it has is told in tests/stack/aws/moto_run.py; AWS_MOTO_KEY and
#                      AWS_MOTO_SECRET of a user who may do everything, AWS_MOTO_READER_… of one who only reads
#   AWS_S3_SERVERS     S3 servers that verify signatures, a line each: name, URL, key, secret, and whether they refuse a wrong
#                      clock and another region than theirs: "skew,region" or "-"
#   AWS_RUN_DIR        where all of this run is written, and looked through for secrets at its end; the same as TEST_RUN_DIR
# Both end with the run. A request that broke a service's model, and a secret that was written anywhere, are failures.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
stack=$here/../stack/aws
export CDCTOP=${CDCTOP:-build/cdctop}
# Nothing of whoever runs this counts.
unset "${!AWS_@}"
export AWS_EC2_METADATA_DISABLED=true AWS_CONFIG_FILE=/nonexistent AWS_SHARED_CREDENTIALS_FILE=/nonexistent

AWS_RUN_DIR=$(mktemp -d /tmp/cdctop-run.XXXXXX)
export AWS_RUN_DIR TEST_RUN_DIR=$AWS_RUN_DIR
pids=()
# shellcheck disable=SC2317 # called by the trap
finish() {
    [ "${#pids[@]}" = 0 ] || kill "${pids[@]}" 2>/dev/null || true
    wait "${pids[@]}" 2>/dev/null || true
    rm -rf "$AWS_RUN_DIR"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# wait_for WHAT PID COMMAND…: until the command ends well, at most some five minutes on a machine that is busy elsewhere
wait_for() {
    local what=$1 pid=$2
    shift 2
    for _ in {1..3000}; do
        if "$@" >/dev/null 2>&1; then return 0; fi
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    echo "aws: $what does not answer" >&2
    cat "$AWS_RUN_DIR/servers/"*.log >&2
    exit 1
}

python=$("$stack/venv.sh")
export AWS_PYTHON=$python
mkdir -p "$AWS_RUN_DIR/servers"
export PYTHONPATH=$stack PYTHONDONTWRITEBYTECODE=1
"$python" -c 'import json, contract.scenario; print(json.dumps(contract.scenario.SECRETS))' >"$AWS_RUN_DIR/servers/secrets.json"
"$python" "$stack/moto_run.py" "$AWS_RUN_DIR/servers/moto.json" >"$AWS_RUN_DIR/servers/moto.log" 2>&1 &
pids+=("$!")
moto=$!
"$python" -m contract "$AWS_RUN_DIR/servers/contract.port" >"$AWS_RUN_DIR/servers/contract.log" 2>&1 &
pids+=("$!")
wait_for 'the contract server' "$!" test -s "$AWS_RUN_DIR/servers/contract.port"
AWS_CONTRACT_URL=http://127.0.0.1:$(<"$AWS_RUN_DIR/servers/contract.port")
export AWS_CONTRACT_URL
wait_for moto "$moto" test -s "$AWS_RUN_DIR/servers/moto.json"
of_moto() { "$python" -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$AWS_RUN_DIR/servers/moto.json" "$1"; }
AWS_MOTO_URL=$(of_moto url) AWS_MOTO_KEY=$(of_moto key) AWS_MOTO_SECRET=$(of_moto secret)
AWS_MOTO_READER_KEY=$(of_moto reader_key) AWS_MOTO_READER_SECRET=$(of_moto reader_secret)
export AWS_MOTO_URL AWS_MOTO_KEY AWS_MOTO_SECRET AWS_MOTO_READER_KEY AWS_MOTO_READER_SECRET
export AWS_S3_SERVERS="moto $AWS_MOTO_URL $AWS_MOTO_KEY $AWS_MOTO_SECRET -"

# A server that is wanted only if it is there.
gateway=$("$stack/versitygw.sh")
if [ -n "$gateway" ]; then
    mkdir -p "$AWS_RUN_DIR/servers/versitygw/cdc-lake/topics/shop.public.orders/partition=0"
    echo '{}' >"$AWS_RUN_DIR/servers/versitygw/cdc-lake/topics/shop.public.orders/partition=0/shop.public.orders+0+0.json"
    ROOT_ACCESS_KEY=AKIAVERSITYGW0000001 ROOT_SECRET_KEY=versitygw-Secret-key-1 "$gateway" --port 127.0.0.1:0 \
        --region eu-west-3 posix "$AWS_RUN_DIR/servers/versitygw" >"$AWS_RUN_DIR/servers/versitygw.log" 2>&1 &
    pids+=("$!")
    wait_for versitygw "$!" "$python" "$stack/port_of.py" "$!"
    port=$("$python" "$stack/port_of.py" "$!")
    AWS_S3_SERVERS+=$'\n'"versitygw http://127.0.0.1:$port AKIAVERSITYGW0000001 versitygw-Secret-key-1 skew,region"
fi

TEST_TIMEOUT=${TEST_TIMEOUT:-180} sh tests/run-bins.sh --look-through "$@" "$here/violations.py"
