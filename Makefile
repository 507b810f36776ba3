# Only make and Python 3.11 or later are needed: everything else is installed into .venv by pip.
PYTHON ?= python3
BOOTSTRAP = $(PYTHON) deploy/local/bootstrap.py

.DEFAULT_GOAL := help
.PHONY: help run demo story mails events test test-long test-tools test-dates test-faults test-containers bench bench-deadlines bench-behind bench-contention freeze contracts parts dlq-list dlq-show dlq-replay dlq-drop migrate backup restore load images up down rehearse lint lock clean

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

mails:  ## the mails that `make run` sent, decoded, newest last (TO=thomas LAST=5)
	@$(BOOTSTRAP) run -m deploy.local.mails $(if $(TO),--to "$(TO)") $(if $(LAST),--last "$(LAST)")

events:  ## every event of `make run` as it comes, one line each (TYPE=quote PROJECT=id SERVICE=quotes ALL=1)
	@$(BOOTSTRAP) run -m deploy.local.events $(if $(TYPE),--type "$(TYPE)") $(if $(PROJECT),--project "$(PROJECT)") \
		$(if $(SERVICE),--service "$(SERVICE)") $(if $(ALL),--all)

test:  ## run every test, with the real engines (ARGS="-k envoy" for some of them)
	@$(BOOTSTRAP) test -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

test-long:  ## every test, with 5 000 made-up requests on the API instead of 600, and 2 000 simulated histories instead of 100
	@RELEVE_TEST_CASES=5500 RELEVE_TEST_HISTORIES=2000 $(BOOTSTRAP) test -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

TOOLS = prometheus gcc libc6-dev

test-tools:  ## install what some tests need of Debian, as root: without it they are skipped, and say so
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $(TOOLS) >/dev/null; \
		then echo "$(TOOLS): installed"; else echo "$(TOOLS): cannot be installed here; their tests are skipped"; fi

test-dates:  ## tests and the demo with clocks on other dates, 29 February among them (ARGS=--whole for every test)
	@$(BOOTSTRAP) test -m tests.clocks $(ARGS)

# each fault so many times; the seed is printed, and makes the same faults again
TIMES ?= 20

test-faults:  ## kill, cut and fill up everything under load, and see that nothing is lost (TIMES=1, ARGS="--seed 7 --kinds kafka")
	@$(BOOTSTRAP) test -m tests.faults.run --times $(TIMES) $(ARGS)

bench-deadlines:  ## a million windows wait and ten thousand end at once, while a worker is killed (ARGS="--pending 100000")
	@$(BOOTSTRAP) test -m benchmarks.deadlines $(ARGS)

bench-behind:  ## a consumer that is a hundred thousand events behind (ARGS="--events 10000")
	@$(BOOTSTRAP) test -m benchmarks.behind $(ARGS)

bench-contention:  ## one client in a hurry against two hundred, by turns (ARGS="--direct" without the gateway)
	@$(BOOTSTRAP) test -m benchmarks.contention $(ARGS)

bench:  ## measure starts, memory and the way of an event (ARGS="--write docs/measurements/posting.md" to keep the figures)
	@$(BOOTSTRAP) test -m benchmarks.thread $(ARGS)

freeze:  ## record what was added to events (refuses what would break their readers)
	@$(BOOTSTRAP) test -m tests.contract.frozen

contracts:  ## build the API's OpenAPI and its page (build/api), and the AsyncAPI document of the events
	@$(BOOTSTRAP) run -m deploy.gateway.openapi
	@$(BOOTSTRAP) run -m contracts.asyncapi

parts:  ## write anew what is derived from contracts/parts.py: containers, Prometheus, the documents
	@$(MAKE) --no-print-directory contracts
	@$(BOOTSTRAP) run -m deploy.derive

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

# in containers TO, FROM and ERASED are under /backups, which is the folder RELEVE_BACKUPS of this machine
BACKUP = $(if $(CONTAINERS),mkdir -p "$${RELEVE_BACKUPS:-backups}" && $(STACK) run --rm --no-deps --user "$$(id -u):$$(id -g)" backup,$(BOOTSTRAP) run -m deploy.backup)

backup:  ## copy all data into a new folder while everything runs (TO=folder; ERASED=file lists who was erased; CONTAINERS=1)
	@$(BACKUP) take $(if $(TO),--to "$(TO)") $(if $(ERASED),--erased "$(ERASED)") \
		$(foreach service,$(SERVICE),--service $(service))

restore:  ## bring a backup back into an empty system (FROM=folder RELEVE_DATA=newfolder; ERASED=file erases again)
	@$(BACKUP) restore $(if $(FROM),--from "$(FROM)") $(if $(ERASED),--erased "$(ERASED)")

load:  ## 100 to 100 000 projects a day, then more, through the gateway (ARGS="--soak 30", "--url https://…", "--help")
	@$(BOOTSTRAP) load -m tests.load $(ARGS)

# compose's own variables and RELEVE_… are taken from the environment (docs/operations.md)
COMPOSE ?= docker compose
STACK = $(COMPOSE) $(if $(LOCAL),--env-file deploy/images/local.env) $(if $(SMALL),--env-file deploy/small.env) \
	-f deploy/compose.yaml $(if $(SMALL),-f deploy/compose.small.yaml) $(if $(RELEVE_SMTP),,--profile trial)

images:  ## build the images (LOCAL=1: without a registry, on a base made here, and the engines' too)
	@$(BOOTSTRAP) run -m deploy.images $(if $(LOCAL),--local) $(if $(RELEVE_VERSION),--version $(RELEVE_VERSION))

up:  ## start everything in containers, with TLS (SMALL=1: one broker and one member; LOCAL=1: images built here)
	@$(BOOTSTRAP) run -m deploy.prepare
	@$(STACK) up --detach --wait

down:  ## end the containers; their data stays (DATA=gone: with their data)
	@$(STACK) --profile monitoring down $(if $(filter gone,$(DATA)),--volumes)

rehearse:  ## try all that on a real engine: play, break, scale, upgrade, roll back (ARGS=--small, --keep)
	@$(BOOTSTRAP) run -m tests.rehearsal $(ARGS)

test-containers:  ## integration tests and stories on engines of testcontainers (RELEVE_IMAGE_MONGO, RELEVE_IMAGE_KAFKA)
	@$(BOOTSTRAP) test -m tests.containers -n $(WORKERS) --dist loadfile $(ARGS)

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
