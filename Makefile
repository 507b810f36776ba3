# Only make and Python 3.11 or later are needed: everything else is installed into .venv by pip.
PYTHON ?= python3
BOOTSTRAP = $(PYTHON) deploy/local/bootstrap.py

.DEFAULT_GOAL := help
.PHONY: help run demo story test test-long bench freeze contracts dlq-list dlq-show dlq-replay dlq-drop migrate lint lock clean

help:  ## what one can do here
	@sed -nE 's/^([a-z-]+):  ## (.*)/  make \1\t\2/p' Makefile | expand -t 14

run:  ## start everything on this machine (RELEVE_PORT, RELEVE_DATA) until Ctrl-C
	@$(BOOTSTRAP) run deploy/local/run.py up

demo:  ## start everything, play the story of Nestlé Waters, stop
	@$(BOOTSTRAP) run deploy/local/run.py demo

story:  ## play that story against what `make run` runs
	@$(BOOTSTRAP) run deploy/local/run.py story

# two test processes, each with engines of its own: the suite waits more than it works
WORKERS ?= 2

test:  ## run every test, with the real engines (ARGS="-k envoy" for some of them)
	@$(BOOTSTRAP) test -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

test-long:  ## every test, with 5 000 made-up requests on the API instead of 600
	@RELEVE_TEST_CASES=5500 $(BOOTSTRAP) test -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

bench:  ## measure starts, memory and the way of an event (ARGS="--write docs/benchmarks.md" to keep the figures)
	@$(BOOTSTRAP) test -m benchmarks.thread $(ARGS)

freeze:  ## record what was added to events (refuses what would break their readers)
	@$(BOOTSTRAP) test -m tests.contract.frozen

contracts:  ## build the merged OpenAPI and the docs page, and the AsyncAPI document of the events
	@$(BOOTSTRAP) run -m deploy.gateway.openapi
	@$(BOOTSTRAP) run -m contracts.asyncapi

dlq-list:  ## what services could not handle (SERVICE=quotes for one of them, ALL=1 for what was done with it too)
	@$(BOOTSTRAP) run -m deploy.dlq list $(SERVICE) $(if $(ALL),--all)

dlq-show:  ## one dead letter with its payload (SERVICE=quotes AT=0:12)
	@$(BOOTSTRAP) run -m deploy.dlq show $(SERVICE) $(AT)

dlq-replay:  ## publish dead letters again (SERVICE=quotes AT=0:12, or AT=all; FORCE=1 for those that would come back)
	@$(BOOTSTRAP) run -m deploy.dlq replay $(SERVICE) $(if $(filter all,$(AT)),--all,$(AT)) $(if $(FORCE),--force)

dlq-drop:  ## put dead letters aside for good (SERVICE=quotes AT="0:12 0:13")
	@$(BOOTSTRAP) run -m deploy.dlq drop $(SERVICE) $(AT)

migrate:  ## bring every service's data to this version before they start (each does it itself when it starts)
	@$(BOOTSTRAP) run -m deploy.migrate

lint:  ## look for faults without running anything
	@$(BOOTSTRAP) test -m ruff check .
	@$(BOOTSTRAP) test -m mypy chassis contracts deploy services stories benchmarks
	@$(BOOTSTRAP) test -c "from importlinter.cli import lint_imports_command; lint_imports_command()"

lock:  ## lock every dependency anew (needs uv)
	@deploy/lock.sh
	@$(BOOTSTRAP) test -m deploy.local.jars

clean:  ## remove what can be made again; the data in .releve stays
	@rm -rf .venv build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
