# Two commands do everything from a fresh checkout: `make demo` and `make test`. `make check` is the quick half of the latter.
VENV ?= .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
PYTEST_ARGS ?=
WORKERS ?= -n logical --maxprocesses 4 --dist loadfile --max-worker-restart 0

.PHONY: demo test check light lint format style types layers dependencies commands bench docs setup lock clean

demo: setup  ## Index the example vault, ask it, compile an idea, show what was written
	@BIN="$(abspath $(BIN))" sh examples/demo.sh

test: setup lint  ## All checks and all tests, the real model too
	$(BIN)/python -m pytest $(WORKERS) $(PYTEST_ARGS)

check: $(STAMPS)/dev  ## All checks, and the tests that start no llama.cpp, Chroma or box; builds no llama.cpp
	@$(MAKE) --no-print-directory -j 2 lint light

# Beside the checks, of which mypy keeps one core busy.
light: $(STAMPS)/dev
	$(BIN)/python -m pytest $(WORKERS) -m "not bench and not gpu and not native" $(PYTEST_ARGS)

lint: format style types layers dependencies commands

format: $(STAMPS)/dev
	$(BIN)/ruff format --check

style: $(STAMPS)/dev
	$(BIN)/ruff check

types: $(STAMPS)/dev
	$(BIN)/mypy

layers: $(STAMPS)/dev  ## Imports go down only (pyproject.toml, importlinter)
	$(BIN)/lint-imports

dependencies: $(STAMPS)/dev
	$(BIN)/deptry src

commands: $(STAMPS)/dev  ## docs/commands.md says what --help says; what README shows is a test
	$(BIN)/cog --check -I docs docs/commands.md

docs: setup  ## Rewrite the generated parts of README and docs
	$(BIN)/cog -r -I docs README.md docs/commands.md

bench: setup  ## Measurements: make bench CASE=startup
	$(BIN)/python -m benchmarks.run $(CASE)

setup: $(STAMPS)/dev $(STAMPS)/llama $(STAMPS)/node

lock:  ## Rewrite requirements/*.lock (needs uv)
	sh requirements/compile.sh

$(STAMPS)/venv:
	sh requirements/install.sh venv "$(VENV)"

$(STAMPS)/llama: $(STAMPS)/venv requirements/llama.lock
	sh requirements/install.sh llama "$(VENV)"

$(STAMPS)/dev: $(STAMPS)/venv requirements/dev.lock requirements/starter.lock pyproject.toml
	sh requirements/install.sh dev "$(VENV)"

# Only for the test that gives our diagrams to the real Mermaid parser; skipped where there is no npm.
$(STAMPS)/node: $(STAMPS)/venv tests/mermaid/package-lock.json
	sh requirements/install.sh node "$(VENV)"

clean:
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache tests/mermaid/node_modules
