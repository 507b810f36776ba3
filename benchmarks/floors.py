"""The floors: what a bare Flask application does a second, under the same server and driver, on the same mongod.

`python -m benchmarks.floors <MongoDB URI> <port> <threads>` serves it. It checks, logs and traces nothing. Its threads
are as many as those of the services.
"""

import random
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask
from pymongo.client_session import ClientSession
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from chassis.http.serve import serve
from chassis.ids import new_id
from chassis.inside import Inside
from chassis.mongo import close_before_fork, connect
from deploy.local.ports import free_port
from deploy.local.process import Process
from deploy.local.system import ROOT, System
from stories.nestle_waters import BRIEF

FLOORS = ("bare", "find", "insert", "transaction")
"""The routes: nothing; one document read; one inserted for a majority, with its journal; two in a transaction."""
DATABASE = "benchmark_floors"
STORED = 1_000
"""Documents among which the read chooses."""
THREADS = 32


@dataclass(frozen=True)
class Listening:
    """Where the floors listen (`chassis.http.serve.Listening`)."""

    http_port: int
    http_threads: int
    http_host: str = "127.0.0.1"
    tls: Inside = field(default_factory=Inside)


def create() -> Flask:
    """The application, from this process's arguments; the server's child calls it."""
    app, database = Flask("floors", static_folder=None), connect(sys.argv[1], DATABASE, app="floors")

    @app.get("/bare")
    def bare() -> dict[str, str]:
        return {"id": "bare"}

    @app.get("/find")
    def find() -> dict[str, str]:
        found = database["stored"].find_one({"_id": random.randrange(STORED)})
        return {"brief": found["brief"] if found else ""}

    @app.post("/insert")
    def insert() -> tuple[dict[str, str], int]:
        row = new_id()
        database["inserted"].insert_one({"_id": row, "brief": BRIEF})
        return {"id": row}, 201

    @app.post("/transaction")
    def transaction() -> tuple[dict[str, str], int]:
        row = new_id()

        def both(session: ClientSession) -> None:
            database["inserted"].insert_one({"_id": row, "brief": BRIEF}, session=session)
            database["beside"].insert_one({"_id": row, "brief": BRIEF}, session=session)

        with database.client.start_session() as session:
            session.with_transaction(both, ReadConcern("snapshot"), WriteConcern("majority"))
        return {"id": row}, 201

    return app


@contextmanager
def floors(system: System, folder: Path) -> Iterator[int]:
    """Serves the floors on the system's mongod during the block, and gives their port."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.floors", system.mongo_uri, str(port), str(THREADS)]
    process = Process("floors", command, folder / "floors.log", cwd=ROOT)
    process.start()
    try:
        process.wait_until(lambda: _answers(port), 30)
        yield port
    finally:
        process.stop()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def main() -> None:
    """Stores what is read, and serves until a signal."""
    database = connect(sys.argv[1], DATABASE, app="floors")
    database["stored"].delete_many({})
    database["stored"].insert_many({"_id": number, "brief": BRIEF} for number in range(STORED))
    for name in ("inserted", "beside"):
        database[name].delete_many({})  # creates it: a transaction need not
    close_before_fork(database)
    serve("benchmarks.floors:create", Listening(int(sys.argv[2]), int(sys.argv[3])))


if __name__ == "__main__":
    main()
