# Everything that people and CI run. `make build` and `make test` need nothing but Python 3.11 or newer.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
TARGET ?= duckdb
# The night that the demo shop is built for.
AS_OF ?= 2025-06-30
VARS := --vars '{as_of: "$(AS_OF)"}'

export TESSERA_TARGET := $(TARGET)
export DBT_TARGET_PATH ?= target/$(TARGET)

.PHONY: build demo test lint torture env clean

build: env demo ## Make the environment, the demo shop and the whole product (the unit tests of the SQL are in make test)
	$(BIN)/dbt build --exclude-resource-type unit_test $(VARS)

demo: env ## Generate the demo shop into the target's raw schema
	$(BIN)/tessera demo --target $(TARGET) --as-of $(AS_OF)

test: lint ## Everything that CI runs
	$(BIN)/pytest -m "not torture" --numprocesses 2 --dist loadfile --no-loadscope-reorder

torture: env ## The long forms of the tests
	$(BIN)/pytest -m torture

lint: env
	$(BIN)/ruff check .
	$(BIN)/python tests/lint.py lint models tests analyses --processes 2 --disable-progress-bar

env: $(VENV)/.made

$(VENV)/.made: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

clean:
	rm -rf target logs tessera.duckdb $(VENV)
