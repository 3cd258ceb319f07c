#!/usr/bin/env bash
# venv.sh: prints the python of the virtual environment with botocore and moto, which it makes when there is none yet:
# ${XDG_CACHE_HOME:-~/.cache}/cdctop/aws-venv-HASH, the hash being that of requirements.txt, so nothing is ever mended.
set -euo pipefail
cd "$(dirname "$0")"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/cdctop
venv=$cache/aws-venv-$({
    cat requirements.txt
    python3 -c 'import sys; print(sys.version_info[:2])'
} | sha256sum | cut -c1-12)

if [ ! -x "$venv/bin/python" ]; then
    mkdir -p "$cache"
    exec 8>"$venv.lock"
    flock 8
    if [ ! -x "$venv/bin/python" ]; then # whole or not at all; only its python is used, never its scripts
        rm -rf "$venv.part"
        trap 'rm -rf "$venv.part"' EXIT
        echo "aws: installing botocore and moto to $venv" >&2
        python3 -m venv "$venv.part" >&2
        "$venv.part/bin/python" -m pip install --quiet --disable-pip-version-check --no-input -r requirements.txt >&2
        "$venv.part/bin/python" -m compileall -q "$venv.part/lib" >/dev/null 2>&1 || true
        mv "$venv.part" "$venv"
        trap - EXIT
    fi
fi
echo "$venv/bin/python"
