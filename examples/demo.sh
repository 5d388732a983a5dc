#!/bin/sh
# The tour of README: index the example vault, ask it, compile an idea, show what was written.
# Works on a copy in build/demo; the example itself stays as it is. BIN is the folder of the programs.
set -eu
cd "$(dirname "$0")/.."
BIN=${BIN:-$PWD/.venv/bin}
work=$PWD/build/demo
rm -rf "$work"
mkdir -p "$work/home"
cp -R examples/vault "$work/vault"
# Its own home: the person's settings are not read, their list of vaults is not changed.
export XDG_CONFIG_HOME="$work/home/config" XDG_STATE_HOME="$work/home/state"
cd "$work"

show() {
    printf '\n\033[1m$ vaultc'
    for word in "$@"; do case $word in *[!A-Za-z0-9_./=-]*) printf ' "%s"' "$word" ;; *) printf ' %s' "$word" ;; esac; done
    printf '\033[0m\n'
    "$BIN/vaultc" "$@"
}

show index vault
show search "датчик влажности" --vault vault -n 3
show ask "How many amps does the dehumidifier draw?" --vault vault || test $? -eq 1
