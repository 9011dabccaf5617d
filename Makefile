# `make demo` and `make test` are all that a new user needs; each installs what it needs into .venv.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin

help: ## say what there is
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 10

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14) and "Holdfast needs Python 3.11 to 3.13; set PYTHON")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
		--config-settings editable_mode=compat --editable .
	@touch $@

install: .venv/installed ## install into .venv

demo: .venv/installed ## the whole story on an embedded estate, about three minutes
	$(BIN)/holdfast demo --yes $(DEMO)

test: .venv/installed ## the everyday tests
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not prove" $(TESTS)

prove: .venv/installed ## the long matrices: kill, tamper, attack
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m prove $(TESTS)

bench: .venv/installed ## measure, as ratios against a named limit or peer
	$(BIN)/python -m bench

lint: .venv/installed ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lock: .venv/installed ## make requirements.lock anew from pyproject.toml (needs uv)
	uv pip compile --universal --no-strip-extras --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --extra dev --output-file requirements.lock pyproject.toml

.PHONY: help install demo test prove bench lint lock
