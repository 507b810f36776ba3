"""The stage for histories of people who leave: the market and accounts on a real mongod, in virtual time."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from chassis.mongo import Document as Row
from chassis.mongo import connect
from chassis.unit import Unit
from services.accounts import store
from services.accounts.model import register
from tests.histories.history import PROFILE
from tests.kit.databases import empty
from tests.kit.examples import ORGANISATION
from tests.kit.market import Market
from tests.kit.services import Running
from tests.simulation.clock import VirtualClock
from tests.simulation.stage import quiet_logs

MENTORS = [f"mentor-{number}" for number in range(1, 5)]
COLLEAGUES = ["client-1", "client-2"]
"""Two people of one organisation."""
ALONE = "client-3"
CLIENTS = [*COLLEAGUES, ALONE]


@dataclass(frozen=True)
class DepartureStage:
    """The services, their clock, and the stored rows of the people who have signed up, by collection."""

    world: Market
    accounts: Running
    clock: VirtualClock
    known: Mapping[str, Sequence[Row]]

    @classmethod
    @contextmanager
    def on(cls, mongo_uri: str) -> Iterator["DepartureStage"]:
        """Creates databases for this stage, dropped afterwards."""
        clock = VirtualClock()
        world = Market(mongo_uri, clock)
        accounts = Running("accounts", connect(mongo_uri, "departures_accounts", app="test"), clock=clock)
        try:
            with quiet_logs():
                yield cls(world, accounts, clock, _sign_up(world, accounts))
        finally:
            world.close()
            accounts.drop()

    @property
    def services(self) -> list[Running]:
        """All services of the stage."""
        return [*self.world.services.values(), self.accounts]

    def clear(self) -> None:
        """Resets the stage to the first moment of a history."""
        self.clock.restart()
        for service in self.services:
            empty(service.database, self.known)


def _sign_up(world: Market, accounts: Running) -> dict[str, list[Row]]:
    for client in (COLLEAGUES[0], ALONE):
        assert world.projects.call(client, "PUT", "/api/organisations/me", ORGANISATION).status_code < 300
    colleague = {"members": {"account": COLLEAGUES[1], "role": "member"}}
    world.projects.database.organisations.update_one({"members.account": COLLEAGUES[0]}, {"$push": colleague})
    for account in MENTORS:
        assert world.matching.call(account, "PUT", "/api/mentors/me", PROFILE).status_code == 200

    def open_accounts(unit: Unit) -> None:
        for account in [*CLIENTS, *MENTORS]:
            wish = {"email": f"{account}@example.org", "role": account.partition("-")[0]}
            wish |= {"display_name": account, "locale": "fr"}
            store.save_account(unit, *register(account, wish, "no hash", unit.now))

    accounts.work.run(open_accounts)
    stored = {
        "organisations": world.projects.database.organisations,
        "profiles": world.matching.database.profiles,
        "accounts": accounts.database.accounts,
    }
    return {name: list(rows.find()) for name, rows in stored.items()}
