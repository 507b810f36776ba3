"""Renews the certificates inside a running system: `python -m deploy.renew`, or `make renew-certificates`.

It issues every certificate that is missing or due (`deploy.authority`), then restarts the containers that still hold an
older one: members and brokers one by one, each once all others follow; services by new containers beside the old ones,
as in a rollout; the gateway last, which takes about two seconds. Cut off, run it again: it goes on where it stopped.
"""

import hashlib
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from contracts.parts import PARTS
from deploy.authority import BROKERS, MEMBERS
from deploy.docker import ROOT, DockerError, compose_command, docker
from deploy.prepare import FOLDER, certify
from deploy.rollout import PROJECT
from deploy.stack import Stack, wait

MOUNTED = "/run/secrets/inside_certificate"
WHOLE = """
import os
from chassis.settings import Settings, environment
from chassis.mongo import connect
settings = Settings.read("accounts", environment(os.environ))
client = connect(settings.mongo_uri, "admin", app="renew").client
hosts = client.admin.command("hello")["hosts"]
kinds = [one.server_type_name for one in client.topology_description.server_descriptions().values()]
admin = settings.broker.admin()
topics = admin.describe_topics([name for name in admin.list_topics() if name.startswith("releve.accounts")])
lagging = [1 for topic in topics for one in topic["partitions"] if len(one["isr_nodes"]) < len(one["replica_nodes"])]
print(sum(kind in ("RSPrimary", "RSSecondary") for kind in kinds) == len(hosts) and topics and not lagging and "whole")
"""
"""Run in a container of accounts: prints `whole` if every member follows and every replica of its topics is in sync."""
Say = Callable[[str], None]


def renew(stack: Stack, secrets: Path, say: Say = print) -> list[str]:
    """Renews what is due; returns the services whose containers were replaced or restarted. Raises DockerError."""
    for name in certify(secrets, datetime.now(UTC)):
        say(f"{name} is new")
    done: list[str] = []
    for engine in (*MEMBERS, *BROKERS):
        for container in _outdated(stack, secrets, engine):
            wait(lambda: _whole(stack), f"all engines are in sync before {engine} restarts")
            docker("restart", container)
            stack.wait_healthy(engine)
            wait(lambda: _whole(stack), f"{engine} is in sync again")
            done.append(engine)
            say(f"{engine} is restarted")
    for part in PARTS:
        if any(_outdated(stack, secrets, process) for process in part.processes):
            stack.replace(part.name)
            done.append(part.name)
            say(f"{part.name} is replaced")
    for name in ("exporter", "gateway"):
        for container in _outdated(stack, secrets, name):
            docker("restart", container)
            stack.wait_healthy(name)
            done.append(name)
            say(f"{name} is restarted")
    return done


def _outdated(stack: Stack, secrets: Path, service: str) -> list[str]:
    """The containers of a service that hold another certificate than the file."""
    wanted = hashlib.sha256((secrets / f"{service}_tls").read_bytes()).hexdigest()
    return [one for one in stack.containers(service) if docker("exec", one, "sha256sum", MOUNTED).split()[0] != wanted]


def _whole(stack: Stack) -> bool:
    try:
        return docker("exec", stack.containers("accounts-worker")[0], "python", "-c", WHOLE).strip() == "whole"
    except (DockerError, IndexError):  # a member that restarts cuts connections
        return False


def main() -> int:
    """Returns 0, or 1 after printing one error line; what is not renewed yet goes on with its old certificate."""
    files = [ROOT / "deploy/compose.yaml", *([ROOT / "deploy/compose.small.yaml"] if os.environ.get("SMALL") else [])]
    secrets = Path(os.environ.get("RELEVE_SECRETS") or FOLDER)
    try:
        done = renew(Stack(compose_command(), PROJECT, files, {}), secrets)
    except (DockerError, OSError, ValueError) as error:
        print(f"The certificates are not all renewed: {error}", file=sys.stderr)
        return 1
    print(f"Renewed: {', '.join(done) or 'nothing is due'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
