# Needs only make and Python 3.11 or later: pip installs everything else into .venv.
PYTHON ?= python3
BOOTSTRAP = $(PYTHON) deploy/local/bootstrap.py

.DEFAULT_GOAL := help
.PHONY: help run demo story mails events test test-rest test-queries test-long test-tools test-dates test-faults test-containers bench bench-compare bench-posting bench-deadlines bench-age bench-behind bench-clients bench-scaling bench-contention bench-pairing bench-pages bench-ranking evaluate-answers evaluate-fairness evaluate-matching evaluate-leaks security freeze contracts parts dlq-list dlq-show dlq-replay dlq-drop migrate backup restore rotate-keys renew-certificates load capacity bench-costs images up down rehearse lint lock sbom audit pin clean

help:  ## list these commands
	@sed -nE 's/^([a-z-]+):  ## (.*)/  make \1\t\2/p' Makefile | expand -t 14

run:  ## start everything on this machine (RELEVE_PORT, RELEVE_DATA) until Ctrl-C
	@$(BOOTSTRAP) run deploy/local/run.py up

demo:  ## start everything, play the story of Nestlé Waters, stop; status 0 only if every step held
	@$(BOOTSTRAP) run deploy/local/run.py demo

story:  ## play that story on the system of `make run`
	@$(BOOTSTRAP) run deploy/local/run.py story

# test processes, each with engines of its own: on two cores a third one uses the time that the others wait
WORKERS ?= 3

mails:  ## show the mails of `make run`, decoded, newest last (TO=thomas LAST=5)
	@$(BOOTSTRAP) run -m deploy.local.mails $(if $(TO),--to "$(TO)") $(if $(LAST),--last "$(LAST)")

events:  ## follow the events of `make run`, one line each (TYPE=quote PROJECT=id SERVICE=quotes ALL=1)
	@$(BOOTSTRAP) run -m deploy.local.events $(if $(TYPE),--type "$(TYPE)") $(if $(PROJECT),--project "$(PROJECT)") \
		$(if $(SERVICE),--service "$(SERVICE)") $(if $(ALL),--all)

test:  ## run the tests on the real engines, without those of test-rest (ARGS="-k envoy" selects from all)
	@$(BOOTSTRAP) test -m pytest -n $(WORKERS) $(if $(ARGS),$(ARGS),--part quick)

test-rest:  ## run the longer tests: simulated histories, restores, stops, stalls, monitoring, every page
	@$(BOOTSTRAP) test -m pytest -n $(WORKERS) --part slow $(ARGS)

test-queries:  ## have MongoDB explain every query of stores and chassis: no scan, no sort in memory (five minutes)
	@$(BOOTSTRAP) test -m pytest -n 0 tests/integration/test_queries.py $(ARGS)

test-long:  ## run every test, with 5 000 generated API requests instead of 600 and 2 000 simulated histories instead of 20
	@RELEVE_TEST_CASES=5500 RELEVE_TEST_HISTORIES=2000 $(BOOTSTRAP) test -m pytest -n $(WORKERS) $(ARGS)

TOOLS = prometheus wrk gcc libc6-dev chromium fonts-liberation fonts-noto-color-emoji

test-tools:  ## install Debian packages that some tests need, as root; without them those tests are skipped with a message
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $(TOOLS) >/dev/null; \
		then echo "$(TOOLS): installed"; else echo "$(TOOLS): cannot be installed here; their tests are skipped"; fi

test-dates:  ## run tests and the demo with clocks on other dates, including 29 February (ARGS=--whole for every test)
	@$(BOOTSTRAP) test -m tests.clocks $(ARGS)

# how often each fault is injected; the printed seed repeats the same faults
TIMES ?= 20

test-faults:  ## kill, cut off and fill up every part under load, and check that nothing is lost (TIMES=1, ARGS="--seed 7 --kinds kafka --client confluent-kafka")
	@$(BOOTSTRAP) test -m tests.faults.run --times $(TIMES) $(ARGS)

bench-deadlines:  ## end ten thousand of a million windows simultaneously while a worker is killed (ARGS="--pending 100000")
	@$(BOOTSTRAP) test -m benchmarks.deadlines $(ARGS)

bench-age:  ## compare a post and pages with a million projects stored and with a thousand (ARGS="--stored 100000 --write docs/measurements/age.md")
	@$(BOOTSTRAP) test -m benchmarks.age $(ARGS)

bench-behind:  ## measure a consumer with a backlog of a hundred thousand events (ARGS="--events 10000")
	@$(BOOTSTRAP) test -m benchmarks.behind $(ARGS)

bench-clients:  ## compare the two libraries for Kafka: processor time a message, latency, memory, recovery (ARGS="--write docs/measurements/clients.md" keeps the figures)
	@$(BOOTSTRAP) test -m benchmarks.clients $(ARGS)

bench-contention:  ## compare one busy client with two hundred, alternating (ARGS="--direct" bypasses the gateway)
	@$(BOOTSTRAP) test -m benchmarks.contention $(ARGS)

bench-pairing:  ## pair 20 with 20 and 2 000 with 2 000 people on one core (ARGS="--write docs/measurements/pairing.md" keeps the figures)
	@$(BOOTSTRAP) test -m benchmarks.pairing $(ARGS)

bench-ranking:  ## rank a hundred thousand mentors on one core: time, memory, rebuild, one changed profile (ARGS="--write docs/measurements/ranking.md" keeps the figures)
	@$(BOOTSTRAP) test -m benchmarks.shelf $(ARGS)

bench-pages:  ## measure weight, calls and first byte of every page, and look at each in Chromium (ARGS="--rounds 5", ARGS="--under 50000" while projects arrive)
	@$(BOOTSTRAP) test -m benchmarks.pages $(ARGS)

bench:  ## measure five routes against bare floors on the same engines, into docs/measurements (ARGS="--gateway"; needs wrk)
	@$(BOOTSTRAP) test -m benchmarks.bench $(ARGS)

bench-compare:  ## measure the same routes at two commits by turns (A=main~5 B=main)
	@$(BOOTSTRAP) test -m benchmarks.compare $(A) $(B) $(ARGS)

bench-scaling:  ## compare one HTTP process on one core with two on two (ARGS="--turns 3"; needs wrk)
	@$(BOOTSTRAP) test -m benchmarks.scaling $(ARGS)

bench-posting:  ## measure starts, memory and the path of an event (ARGS="--write docs/measurements/posting.md" keeps the figures)
	@$(BOOTSTRAP) test -m benchmarks.thread $(ARGS)

security:  ## print who may call which route, what the leak scan finds, and whether times tell anything (ARGS="timing")
	@$(BOOTSTRAP) test -m tests.security $(ARGS)

evaluate-answers:  ## five quotes in time, in virtual time: waves by the model against the fixed twenty (ARGS="--write docs/measurements/answers.md" keeps the figures)
	@$(BOOTSTRAP) test -m benchmarks.answers $(ARGS)

evaluate-fairness:  ## fair exposure against greedy, in virtual time (ARGS="--write docs/measurements/fairness.md" keeps the figures)
	@$(BOOTSTRAP) test -m benchmarks.fairness $(ARGS)

evaluate-matching:  ## how well mentors are found, by nDCG@12 on the labelled set (ARGS="--write docs/measurements/matching.md" keeps figures and plots)
	@$(BOOTSTRAP) test -m benchmarks.matching $(ARGS)

evaluate-leaks:  ## measure the leak scan on the labelled corpus (ARGS=--failures lists them, ARGS=--aside: the part set aside)
	@$(BOOTSTRAP) test -m tests.leaks $(ARGS)

freeze:  ## record additions to events (refuses changes that would break their consumers)
	@$(BOOTSTRAP) test -m tests.contract.frozen

contracts:  ## build the API's OpenAPI and its page (build/api), and the AsyncAPI document of the events
	@$(BOOTSTRAP) run -m deploy.gateway.openapi
	@$(BOOTSTRAP) run -m contracts.asyncapi

parts:  ## regenerate what is derived from contracts/parts.py: containers, Prometheus, the API documents
	@$(MAKE) --no-print-directory contracts
	@$(BOOTSTRAP) run -m deploy.derive

dlq-list:  ## list dead letters (SERVICE=quotes for one service, ALL=1 for replayed and dropped ones too)
	@$(BOOTSTRAP) run -m deploy.dlq list $(SERVICE) $(if $(ALL),--all)

dlq-show:  ## show one dead letter with its payload (SERVICE=quotes AT=0:12)
	@$(BOOTSTRAP) run -m deploy.dlq show $(SERVICE) $(AT)

dlq-replay:  ## publish dead letters again (SERVICE=quotes AT=0:12, or AT=all; FORCE=1 for those that would fail again)
	@$(BOOTSTRAP) run -m deploy.dlq replay $(SERVICE) $(if $(filter all,$(AT)),--all,$(AT)) $(if $(FORCE),--force)

dlq-drop:  ## drop dead letters that need no further action (SERVICE=quotes AT="0:12 0:13")
	@$(BOOTSTRAP) run -m deploy.dlq drop $(SERVICE) $(AT)

migrate:  ## migrate every service's data to this version before the start (each service also does so when it starts)
	@$(BOOTSTRAP) run -m deploy.migrate

# in containers TO, FROM and ERASED are under /backups, which is this machine's folder RELEVE_BACKUPS
BACKUP = $(if $(CONTAINERS),mkdir -p "$${RELEVE_BACKUPS:-backups}" && $(STACK) run --rm --no-deps --user "$$(id -u):$$(id -g)" backup,$(BOOTSTRAP) run -m deploy.backup)

KEY_SET = $(if $(KEY),export RELEVE_BACKUP_KEY_FILE="$(abspath $(KEY))" && )

backup:  ## copy all data into a new folder while everything runs (TO=folder; ERASED=file lists erased accounts; KEY=file; CONTAINERS=1)
	@$(KEY_SET)$(BACKUP) take $(if $(TO),--to "$(TO)") $(if $(ERASED),--erased "$(ERASED)") \
		$(foreach service,$(SERVICE),--service $(service))

restore:  ## restore a backup into an empty system (FROM=folder RELEVE_DATA=newfolder; KEY=file opens it; ERASED=file erases again)
	@$(KEY_SET)$(BACKUP) restore $(if $(FROM),--from "$(FROM)") $(if $(ERASED),--erased "$(ERASED)")

rotate-keys:  ## rotate the master keys while everything runs (DRY=1 shows what would happen; RETIRE=1 removes old versions; CONTAINERS=1)
	@$(BOOTSTRAP) run -m deploy.rotate $(if $(CONTAINERS),--containers "$(STACK)") $(if $(DRY),--dry-run) $(if $(RETIRE),--retire)

renew-certificates:  ## renew the certificates inside a running system that are due (SMALL=1)
	@$(BOOTSTRAP) run -m deploy.renew

load:  ## send 100 to 100 000 projects a day, then more, through the gateway (ARGS="--soak 30", "--url https://…", "--help")
	@$(BOOTSTRAP) load -m tests.load $(ARGS)

# compose's own variables and RELEVE_… are taken from the environment (docs/operations.md)
COMPOSE ?= docker compose
STACK = $(COMPOSE) $(if $(LOCAL),--env-file deploy/images/local.env) $(if $(SMALL),--env-file deploy/small.env) \
	-f deploy/compose.yaml $(if $(SMALL),-f deploy/compose.small.yaml) $(if $(RELEVE_SMTP),,--profile trial)

capacity:  ## compute what a number of projects a day needs, from measured costs (PROJECTS="10000 1000000")
	@$(BOOTSTRAP) run -m deploy.capacity $(PROJECTS)

bench-costs:  ## measure what a project costs: processor, messages, bytes (ARGS="--write docs/measurements/costs.json" keeps the figures)
	@$(BOOTSTRAP) test -m benchmarks.costs $(ARGS)

images:  ## build the images (LOCAL=1: without a registry, on a local base, engine images too)
	@$(BOOTSTRAP) run -m deploy.images $(if $(LOCAL),--local) $(if $(RELEVE_VERSION),--version $(RELEVE_VERSION))

up:  ## start everything in containers, with TLS (SMALL=1: one broker and one member; LOCAL=1: images built here)
	@$(BOOTSTRAP) run -m deploy.prepare
	@$(STACK) up --detach --wait

down:  ## stop and remove the containers; their data stays (DATA=gone: remove it too)
	@$(STACK) --profile monitoring down $(if $(filter gone,$(DATA)),--volumes)

rehearse:  ## rehearse on a container engine: play, break, scale, upgrade, roll back (ARGS=--small, --keep)
	@$(BOOTSTRAP) run -m tests.rehearsal $(ARGS)

test-containers:  ## run integration tests and stories on engines of testcontainers (RELEVE_IMAGE_MONGO, RELEVE_IMAGE_KAFKA)
	@$(BOOTSTRAP) test -m tests.containers -n $(WORKERS) $(ARGS)

lint:  ## check style, types and import contracts (ruff, mypy, import-linter)
	@$(BOOTSTRAP) test -m ruff check .
	@$(BOOTSTRAP) test -m mypy chassis contracts deploy services web stories benchmarks tests
	@$(BOOTSTRAP) test -c "from importlinter.cli import lint_imports_command; lint_imports_command()"

lock:  ## update the lock files of all dependencies (needs uv)
	@deploy/lock.sh
	@$(BOOTSTRAP) test -m deploy.local.jars

sbom:  ## list the packages of each image and of the embedded default (CycloneDX, build/sbom)
	@$(BOOTSTRAP) test -m deploy.supply sbom

audit:  ## look for known vulnerabilities in all locked packages (needs a registry with vulnerability data)
	@$(BOOTSTRAP) test -m deploy.supply audit

pin:  ## pull the engines' images and print their digests as settings (RELEVE_IMAGE_…)
	@$(BOOTSTRAP) test -m deploy.supply pin

clean:  ## remove generated files and .venv; the data in .releve stays
	@rm -rf .venv build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
