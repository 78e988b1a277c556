# Everything that people and CI run. `make build` and `make test` need nothing but Python 3.11 or newer.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
NEWER := $(VENV)-newer
QUICK := pytest -m "not torture" --numprocesses 2 --dist loadfile --no-loadscope-reorder
PROCESSES ?= 2
TARGET ?= duckdb
# The night that the demo shop is built for, after nights one and two months before: there are moves, histories, and outcomes of
# what was predicted.
AS_OF ?= 2025-06-30
before = $(shell $(PYTHON) -c 'import datetime as d; print(d.date.fromisoformat("$(AS_OF)") - d.timedelta($(1)))')
NIGHTS ?= $(call before,61) $(call before,31) $(AS_OF)

export TESSERA_TARGET := $(TARGET)
# Where an image keeps Python from writing down what it compiled, each command would compile dbt anew, which takes longer than it runs.
export PYTHONDONTWRITEBYTECODE :=
export DBT_TARGET_PATH ?= target/$(TARGET)

EVERY ?= 7
CUSTOMERS ?= 1200

# uv installs in seconds what takes pip more than a minute, but does not read pip's settings: pip serves whoever names an index there.
export UV_SYSTEM_CERTS := 1
export UV_LINK_MODE := copy
comma := ,
define install
	$(PYTHON) -m venv $(1)
	{ ! $(1)/bin/pip config list | grep -q '\.index-url' && $(1)/bin/pip install --quiet --constraint constraints.txt uv \
		&& $(1)/bin/uv pip install --quiet --python $(1)/bin/python --constraint constraints.txt --editable '$(2)'; } \
		|| $(1)/bin/pip install --quiet --constraint constraints.txt --editable '$(2)'
endef

.PHONY: build demo replay test test-library lint lint-python lint-sql conventions manifest torture newer docs env clean help

build: demo ## Make the environment, the demo shop and three nights of the whole product, the last with its data tests
	$(BIN)/tessera replay $(NIGHTS) --test

demo: $(VENV)/.made ## Generate the demo shop into the target's raw schema
	$(BIN)/tessera demo --target $(TARGET) --as-of $(AS_OF) --customers $(CUSTOMERS)

replay: $(VENV)/.made ## Play past nights again: make replay FROM=2025-01-05 TO=2025-06-29 EVERY=7
	$(BIN)/tessera replay $(FROM) $(TO) --every $(EVERY)

test: env ## Everything that CI runs: lint is among the tests, so that both cores work until the end
	$(BIN)/$(QUICK)

test-library: env ## The tests of the library alone, without dbt, in a minute
	$(BIN)/$(QUICK) tests/library

torture: env newer ## The long forms of the tests, and the quick ones on the newer pair
	$(BIN)/pytest -m torture

newer: $(NEWER)/.made ## The quick tests on the newest DuckDB and dbt-core that are supported
	$(NEWER)/bin/$(QUICK) --ignore tests/project/test_lint.py

docs: env ## The documentation as a site, in target/site
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

lint: env ## All that lint says, as make test has it too
	$(MAKE) lint-python conventions lint-sql

lint-python:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lint-sql:
	$(BIN)/python tests/lint.py lint models tests analyses --processes $(PROCESSES) --disable-progress-bar

conventions: manifest ## Folders, names, YAML and code of models, as dbt-bouncer.yml has them
	$(BIN)/dbt-bouncer run

# What it parses, lint-sql need not parse again, whose templater names the profile. The tests parse for both themselves.
manifest:
	$(BIN)/dbt --quiet parse --profile tessera --target duckdb --target-path target/duckdb

env: $(VENV)/.dev ## The environment with all that people and CI need

# What the product needs, with its pictures and its dashboard; tests and linters come on top.
$(VENV)/.made: pyproject.toml constraints.txt
	$(call install,$(VENV),.[bi$(comma)pictures])
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt
	$(call install,$(VENV),.[bi$(comma)pictures$(comma)dev])
	touch $(VENV)/.made $@

$(NEWER)/.made: pyproject.toml constraints.txt requirements-newer.txt
	$(call install,$(NEWER),.[dev])
	$(NEWER)/bin/pip install --quiet --no-deps --requirement requirements-newer.txt
	touch $@

clean: ## Remove what was made
	rm -rf target logs tessera.duckdb $(VENV) $(NEWER)

help: ## This list
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14
