# `make help` explains itself. Everything lives in .venv; nothing else is installed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO_HOME ?= var/demo
DEMO_DATE ?= 2026-06-30
JOBS ?= 2

export TOUCHLEDGER_HOME ?= $(CURDIR)/var
export PYTHONPATH :=

.DEFAULT_GOAL := help
.PHONY: help env demo metrics docs scratch test test-quick bench-truth lint format lock airflow env-file check-containers clean

help: ## Show what can be made
	@awk 'BEGIN {FS = ":.*## "} /^[a-z][a-z-]*:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.ready: requirements-dev.lock pyproject.toml
	$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else f"Python 3.11 to 3.13 is needed, this is {v[0]}.{v[1]}: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

env: $(VENV)/.ready ## Make the environment in .venv from the hashed lock file

demo: env ## Simulate a company, run its night, and show what came of it
	rm -rf $(DEMO_HOME)
	TOUCHLEDGER_HOME=$(CURDIR)/$(DEMO_HOME) $(BIN)/touchledger demo --accounts 200 --out $(DEMO_HOME)/landing --end-date $(DEMO_DATE)
	TOUCHLEDGER_HOME=$(CURDIR)/$(DEMO_HOME) $(BIN)/touchledger run --date $(DEMO_DATE)
	TOUCHLEDGER_HOME=$(CURDIR)/$(DEMO_HOME) $(BIN)/touchledger report

METRICS ?= win_rate
GROUP_BY ?= metric_time__month,opportunity__lead_source

metrics: export TOUCHLEDGER_TARGET = published
metrics: export TOUCHLEDGER_PUBLISHED = $(CURDIR)/$(DEMO_HOME)/published
metrics: env ## Ask MetricFlow about the demo's published marts (METRICS=…, GROUP_BY=…)
	cd dbt_project && $(CURDIR)/$(BIN)/dbt --quiet parse
	cd dbt_project && $(CURDIR)/$(BIN)/mf query --metrics $(METRICS) --group-by $(GROUP_BY) --order $(GROUP_BY)

scratch: env ## Build one model against the demo's published marts, in a file of its own (MODEL=…)
	@test -n "$(MODEL)" || { echo "which model? make scratch MODEL=mart_owner_months" >&2; exit 2; }
	$(BIN)/touchledger scratch $(MODEL) --home $(DEMO_HOME)

DOCS ?= var/docs

docs: export TOUCHLEDGER_TARGET = published
docs: export TOUCHLEDGER_PUBLISHED = $(CURDIR)/$(DEMO_HOME)/published
docs: export DBT_SEND_ANONYMOUS_USAGE_STATS = false
docs: env ## Document every model and mart on one page, var/docs/index.html, from the demo's publication
	cd dbt_project && $(CURDIR)/$(BIN)/dbt --quiet docs generate --static --target-path $(abspath $(DOCS))/target
	cp $(DOCS)/target/static_index.html $(DOCS)/index.html

test: env ## Run every test that needs no outside service
	$(BIN)/python -m pytest -n $(JOBS) tests

test-quick: env ## Run the tests that take seconds
	$(BIN)/python -m pytest -n $(JOBS) -m "not slow" tests

SEEDS ?= 20

bench-truth: env ## Measure every model against worlds whose truth is known (SEEDS=20)
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements-bench.lock
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.attribution_truth --seeds $(SEEDS)

lint: env ## Check style, imports and the dbt project's SQL
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/sqlfluff lint dbt_project
	$(BIN)/touchledger contracts

format: env ## Put code and SQL into the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/sqlfluff fix dbt_project

AIRFLOW = PATH="$(CURDIR)/$(BIN):$$PATH" PYTHONPATH="$(CURDIR)" AIRFLOW_HOME="$(TOUCHLEDGER_HOME)/airflow" \
	AIRFLOW__CORE__DAGS_FOLDER="$(CURDIR)/dags" AIRFLOW__CORE__LOAD_EXAMPLES=False AIRFLOW__API__HOST=127.0.0.1 \
	PYTHONUNBUFFERED=1 $(BIN)/airflow

airflow: env ## Run Airflow on this machine (http://localhost:8080), without containers
	$(AIRFLOW) db migrate
	$(AIRFLOW) pools set warehouse 1 "One writer at a time"
	$(AIRFLOW) standalone

env-file: ## Write .env with random secrets, for docker-compose
	$(PYTHON) docker/make_env.py

check-containers: ## Bring docker-compose.yml up, run one demo night in it, take it down
	DOCKER_BUILDKIT=0 $(PYTHON) docker/check.py

LOCK = uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml

lock: ## Resolve the lock files again (needs uv)
	$(LOCK) --extra test --extra lint --extra plots --extra metrics -o requirements-dev.lock
	$(LOCK) -c requirements-dev.lock -o requirements.lock
	$(LOCK) --extra postgres -c requirements-dev.lock -o requirements-postgres.lock
	$(LOCK) --extra bench -c requirements-dev.lock -o requirements-bench.lock

clean: ## Remove everything that was made here
	rm -rf $(VENV) var dbt_project/target dbt_project/logs
