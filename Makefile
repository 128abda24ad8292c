# The two commands a newcomer needs are `make demo` and `make test`. Both do their own set-up.
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
# Compiled modules are kept, whatever the environment says: a node is five processes, and the tests start hundreds.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-people demo-event chat test check mutants bench docs parts lock clean

help:
	@echo 'make demo          the node with recorded real input, and its console (AUTO=1: unattended)'
	@echo 'make demo-people   a marathon and its contractors: refused as it happened, then the lawful way (AUTO=1: unattended)'
	@echo 'make demo-event    a conference of two days in a minute: the boards of 2023 refused, then a lawful one (AUTO=1: unattended)'
	@echo 'make chat CHAT=name  one of the example services with posts (starlette, django, flask, split, express)'
	@echo 'make test          every test, with real exporters, servers and browsers (ARGS="-k word")'
	@echo 'make check         a minute: ruff, mypy, import contracts, house rules, every test loads'
	@echo 'make mutants       each small change to what says yes or no is noticed (ARGS="gate/checks", ARGS="--sample 300")'
	@echo 'make bench         speed beside the peer, on the same input in the same run'
	@echo 'make docs          the manual, into site/'
	@echo 'make parts         the Debian packages the tests talk to (root)'
	@echo 'make lock          resolve the lock files (UPGRADE=1: to the newest releases)'
	@echo 'make clean         remove what the commands above made'

setup:
	@$(PYTHON) house/setup.py dev

demo:
	@$(PYTHON) house/setup.py run
	@$(BIN)/sekisho demo $(if $(filter 1,$(AUTO)),--auto) $(ARGS)

demo-people:
	@$(PYTHON) house/setup.py run
	@$(BIN)/sekisho demo --people $(if $(filter 1,$(AUTO)),--auto) $(ARGS)

demo-event:
	@$(PYTHON) house/setup.py run
	@$(BIN)/sekisho demo --event $(if $(filter 1,$(AUTO)),--auto) $(ARGS)

CHAT ?= starlette
PORT ?= 8800

chat:
	@$(PYTHON) house/setup.py dev
	@$(BIN)/python -m examples.services.run $(CHAT) --port $(PORT)

test: setup
	@$(PYTHON) house/parts.py --optional
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

# Every check runs, also after one that failed. Whether every test loads is found out beside the others. What takes long of the house's own
# tests (the manual is built and its examples run, mutants are tried) is left to `make test`.
check: setup
	@failed=; loads=$$(mktemp); trap 'rm -f "$$loads"' EXIT; \
	$(BIN)/python -m pytest --collect-only -qq --tb=short >"$$loads" 2>&1 & loading=$$!; \
	$(BIN)/ruff check --quiet --output-format concise src packages tests house bench lab docs examples && echo 'ruff: clean' || failed="$$failed ruff"; \
	$(BIN)/mypy || failed="$$failed mypy"; \
	$(BIN)/lint-imports --no-logo || failed="$$failed import-contracts"; \
	$(BIN)/python -m house.rules || failed="$$failed house-rules"; \
	$(BIN)/python -m pytest -q --tb=short -n auto --dist worksteal $(QUICK) || failed="$$failed tests/house"; \
	wait $$loading || { grep -A12 '^___* ERROR' "$$loads"; failed="$$failed loading-tests"; }; \
	test -z "$$failed" || { echo "make check: failed in$$failed"; exit 1; }

QUICK := tests/house --ignore tests/house/test_docs.py --ignore tests/house/test_mutants.py

mutants: setup
	@$(BIN)/python -m house.mutants $(ARGS)

bench: setup
	@$(PYTHON) house/parts.py --bench
	@$(BIN)/python -m bench $(ARGS)

docs: setup
	@$(BIN)/python -m mkdocs build --strict --quiet && echo 'site/index.html'

parts:
	@$(PYTHON) house/parts.py

lock: setup
	@$(BIN)/uv pip compile pyproject.toml --group build $(LOCKED) -o requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --group dev $(LOCKED) -c requirements.lock -o requirements-dev.lock

LOCKED := --quiet --universal --python-version 3.11 --generate-hashes $(if $(UPGRADE),--upgrade) \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate

clean:
	rm -rf .venv .demo site build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +
