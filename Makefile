# Two commands are enough: `make run` and `make test`. Needs Python 3.11 or newer, and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: run install install-test test test-sqlite test-postgresql check bench lock clean faults

run: install
	@$(BIN)/lms run --demo-if-empty $(if $(HOST),--host $(HOST)) $(if $(PORT),--port $(PORT))

install: $(VENV)/.installed

install-test: $(VENV)/.installed-test

# The lock is hashed: pip refuses a file that is not exactly the one it names.
$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes --no-deps -r requirements.lock
	$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

# The verifiers of credentials that were not written here come from npm, which comes from pip.
$(VENV)/.installed-test: $(VENV)/.installed requirements-test.lock tests/node/package-lock.json
	$(PIP) install --require-hashes --no-deps -r requirements-test.lock
	@mkdir -p $(VENV)/node && cp tests/node/package.json tests/node/package-lock.json $(VENV)/node
	cd $(VENV)/node && ../bin/npm ci --ignore-scripts --no-audit --no-fund --prefer-offline --fetch-retries=5 --loglevel=error
	@touch $@

# Everything: checks, then the whole suite on SQLite (with the browser journeys), then the same
# suite on PostgreSQL.
test: check test-sqlite test-postgresql

check: install-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.check_migrations

test-sqlite: install-test
	@sh .ci/browser
	$(BIN)/python -m pytest -n auto --dist worksteal

test-postgresql: install-test
	@sh .ci/browser
	$(BIN)/python -m pytest -n auto --dist worksteal --database postgresql

bench: install-test
	@for file in tests/benchmarks/bench_*.py tests/benchmarks/exam_room.py tests/benchmarks/checks.py tests/benchmarks/certificates.py; do $(BIN)/python -m tests.benchmarks.$$(basename $$file .py) || exit 1; done

# The storms of tests/faults, the small ones of `make test` and the large ones, on both databases.
# The full disk is a tmpfs where mounting is allowed.
faults: install-test
	@sh .ci/browser
	$(BIN)/python -m pytest -rP tests/faults tests/faults/large.py
	$(BIN)/python -m pytest -rP tests/faults tests/faults/large.py --database postgresql
	$(BIN)/python -m tests.faults.issuing_kills
	$(BIN)/python -m tests.faults.issuing_kills --database postgresql

# After editing the ranges in pyproject.toml. Locks carry hashes and no addresses.
lock:
	uv pip compile pyproject.toml --upgrade --universal --python-version 3.11 --generate-hashes --no-header -q -o requirements.lock
	uv pip compile pyproject.toml --extra test -c requirements.lock --universal --python-version 3.11 --generate-hashes --no-header -q -o requirements-test.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
