#!/bin/sh
# Install the programs that `python -m benchmarks.run peers` compares with, each in an environment of its own.
# Usage: sh benchmarks/peers/setup.sh FOLDER [obsidiantools|llamaindex|langchain|qmd ...]
# FOLDER should lie outside the project: it takes about 2 GB. This is the only step that needs a network.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ $# -ge 1 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
mkdir -p "$1"
root=$(cd "$1" && pwd)
shift
[ $# -ge 1 ] || set -- obsidiantools llamaindex langchain qmd

for peer in "$@"; do
    printf '==> %s\n' "$peer"
    case $peer in
    obsidiantools | llamaindex | langchain)
        [ -x "$root/$peer/bin/python" ] || python3 -m venv "$root/$peer"
        "$root/$peer/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements-$peer.txt"
        "$root/$peer/bin/python" -m pip freeze --all --exclude-editable >"$root/$peer/versions.txt"
        ;;
    qmd)
        mkdir -p "$root/qmd"
        cp "$here/qmd/package.json" "$root/qmd/"
        # No scripts: one of them would look for a build of llama.cpp, and only the search by words is measured.
        (cd "$root/qmd" && npm install --silent --no-audit --no-fund --ignore-scripts)
        # Of the scripts only node's own is needed: it puts the binary in place. SQLite comes ready made.
        (cd "$root/qmd" && npm rebuild --silent node)
        "$root/qmd/node_modules/node/bin/node" "$root/qmd/node_modules/@tobilu/qmd/bin/qmd" --help >"$root/qmd/help.txt"
        ;;
    *)
        printf 'no peer is named %s\n' "$peer" >&2
        exit 2
        ;;
    esac
done
