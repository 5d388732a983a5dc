# Two commands do everything from a fresh checkout: `make demo` and `make test`.
VENV ?= .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
PYTEST_ARGS ?=

.PHONY: demo test lint bench docs accept setup lock clean

demo: setup  ## Index the example vault, ask it, compile an idea, show what was written
	@BIN="$(abspath $(BIN))" sh examples/demo.sh

test: setup lint  ## All checks and all tests, the real model too
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: setup  ## Format, style, types, layers, dependencies, generated docs
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry src
	$(BIN)/cog --check -I docs README.md docs/commands.md

docs: setup  ## Rewrite the generated parts of README and docs
	$(BIN)/cog -r -I docs README.md docs/commands.md

accept: setup  ## Rewrite golden files; read the result in the diff
	VAULTC_ACCEPT=1 $(BIN)/python -m pytest tests $(PYTEST_ARGS)

bench: setup  ## Measurements: make bench CASE=startup
	$(BIN)/python -m benchmarks.run $(CASE)

setup: $(STAMPS)/dev $(STAMPS)/node

lock:  ## Rewrite requirements/*.lock (needs uv)
	sh requirements/compile.sh

$(STAMPS)/venv:
	sh requirements/install.sh venv "$(VENV)"

$(STAMPS)/llama: $(STAMPS)/venv requirements/llama.lock
	sh requirements/install.sh llama "$(VENV)"

$(STAMPS)/dev: $(STAMPS)/llama requirements/dev.lock requirements/starter.lock pyproject.toml
	sh requirements/install.sh dev "$(VENV)"

# Only for the test that gives our diagrams to the real Mermaid parser; skipped where there is no npm.
$(STAMPS)/node: $(STAMPS)/venv tests/mermaid/package-lock.json
	sh requirements/install.sh node "$(VENV)"

clean:
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache tests/mermaid/node_modules
