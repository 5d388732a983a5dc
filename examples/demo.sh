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

say() { printf '\n\033[1m# %s\033[0m\n' "$*"; }
show() {
    printf '\n\033[1m$ vaultc'
    for word in "$@"; do
        case $word in *" "*) printf ' "%s"' "$word" ;; *) printf ' %s' "$word" ;; esac
    done
    printf '\033[0m\n'
    "$BIN/vaultc" "$@" 2>&1
}

say "A vault of notes, Russian and English"
show index vault

say "Two questions, answered by the starter model (135M parameters, on this processor), checked against the notes"
show ask "When does the night ferry leave?"
show ask "Сколько воды качает насос?"

say "Where do the notes disagree? No model is asked"
show ask "find contradictions" >contradictions.txt
head -n 21 contradictions.txt
echo "   …"
tail -n 1 contradictions.txt

say "An idea note becomes an architecture, pseudocode, code and tests"
show compile "Ideas/Tide clock.md" --out tide-clock

say "The tests of the generated package, run once more"
(cd tide-clock && "$BIN/python" -m pytest -q -p no:randomly -p no:cacheprovider 2>&1 | tail -n 3)

say "From one generated line back to the words it came from"
line=$(grep -n 'speed <= 180' tide-clock/tide_clock/model.py | head -n 1 | cut -d: -f1)
show trace "tide-clock/tide_clock/model.py:${line:-1}"

say "Where to look"
cat <<EOF
build/demo/vault/Ideas/Tide clock.architecture.md   open build/demo/vault in Obsidian, or read it here
build/demo/vault/Ideas/Tide clock.canvas            the same as a canvas
build/demo/tide-clock/                              the package, its tests, and vaultc.map.json
build/demo/vault/.vaultc/runs/                      every prompt and every answer of the model
EOF
