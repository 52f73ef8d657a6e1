# `make demo` shows the console, `make test` proves it; both set themselves up in .venv when needed.

BIN := .venv/bin
JOBS ?= 2
PYTEST := $(BIN)/python -m pytest

.PHONY: help demo test check format lint types layers prove reliability bench bench-quick soak pictures clean

help: ## what can be made (this list)
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

demo: .venv/.installed ## the console on an embedded, simulated estate
	@$(BIN)/sreconsole demo

test: .venv/.installed-dev .cache/debian/.fetched ## all tests but the long proofs
	@$(PYTEST) -q -m "not prove" -n $(JOBS) --dist worksteal

check: format lint types layers test ## what must hold before a commit: format, lint, types, layers, tests

format: .venv/.installed-dev ## the format is ruff's (`.venv/bin/ruff format .` makes it so)
	@$(BIN)/ruff format --check .

lint: .venv/.installed-dev
	@$(BIN)/ruff check --quiet .

types: .venv/.installed-dev
	@$(BIN)/mypy --no-error-summary

layers: .venv/.installed-dev
	@$(BIN)/lint-imports --no-logo

prove: .venv/.installed-dev .cache/debian/.fetched ## the long proofs: more examples, more faults
	@$(PYTEST) -q -m prove -n $(JOBS) --dist worksteal --timeout 1800

reliability: .venv/.installed-dev .cache/debian/.fetched ## bad days, and the page about them: docs/reliability.md
	@rm -rf .cache/bad_days
	@$(PYTEST) -q tests/bad_days --deselect tests/bad_days/test_page.py -n $(JOBS) --dist worksteal --timeout 1800
	@$(BIN)/python -m tests.bad_days.page

truth: .venv/.installed-dev .cache/debian/.fetched ## the figures against a known past, every setting, into docs/truth.md
	@$(BIN)/python -m tests.truth.matrix

bench: .venv/.installed-dev .cache/debian/.fetched ## measure into bench/results.md (45 min, the first time 10 more)
	@$(BIN)/python -m bench.run

bench-quick: .venv/.installed-dev .cache/debian/.fetched ## the same in small; fails where a count misses its target
	@$(BIN)/python -m bench.run --quick

soak: .venv/.installed-dev .cache/debian/.fetched ## a night in front of the console: make soak MINUTES=480
	@$(BIN)/python -m bench.soak --minutes $(or $(MINUTES),10)

pictures: .venv/.installed-dev ## photograph the real program into docs/pictures
	@$(BIN)/python -m docs.pictures

clean: ## remove what can be made again
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.installed: pyproject.toml constraints.txt .ci/venv
	@.ci/venv

.venv/.installed-dev: pyproject.toml constraints.txt .ci/venv
	@.ci/venv dev

# Servers for the tests, unpacked from Debian's packages into the checkout: no root, nothing is enabled.
.cache/debian/.fetched: tests/servers/fetch.py | .venv/.installed-dev
	@$(BIN)/python -m tests.servers.fetch >/dev/null
	@mkdir -p $(@D) && touch $@
