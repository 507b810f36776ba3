"""Of an acceptance and a departure of one of its two sides exactly one wins, in any interleaving."""

from concurrent.futures import ThreadPoolExecutor

from chassis.ids import new_id
from tests.kit.answers import outcome
from tests.kit.examples import ORGANISATION, PROJECT, card
from tests.kit.market import Market, quote_of
from tests.kit.racing import TIMES, Balance, at_once, side_by_side

BETWEEN = {"mentor": "mentor-left", "client": "unauthenticated"}
"""What the loser's client is told, by who left."""


def _choosing(market: Market) -> tuple[str, str, str]:
    """A client with a project, and the mentor of its only quote."""
    client, mentor = f"client-{new_id()}", f"mentor-{new_id()}"
    assert market.projects.call(client, "PUT", "/api/organisations/me", ORGANISATION).status_code < 300
    project = str(market.projects.call(client, "POST", "/api/projects", PROJECT).get_json()["id"])
    quotes = [{"quote_id": quote_of(mentor), **card(mentor)}]
    closed = {"reason": "full", "closed_at": market.projects.now, "quotes": quotes, "digests": []}
    market.projects.hear("window.closed", project, **closed)
    return client, mentor, project


def _race(market: Market, side: str) -> None:
    """A hundred close races: an award stands if and only if the person stays."""
    balance, projects = Balance(), market.projects

    def race(_number: int, pool: ThreadPoolExecutor) -> None:
        client, mentor, project = _choosing(market)
        departure = new_id()

        def accept() -> str:
            path = f"/api/projects/{project}/acceptance"
            return outcome(projects.call(client, "POST", path, {"quote_id": quote_of(mentor)}))

        def leave() -> str:
            projects.hear("departure.asked", mentor if side == "mentor" else client, departure=departure)
            return str(projects.outbox(departure)[0]["name"])

        accepted, answer = at_once(pool, accept, leave, lead=balance.lead)
        state = (projects.database.projects.find_one({"_id": project}) or {})["state"]
        won = accepted == "200"
        balance.won("acceptance" if won else "departure", first=won)
        assert answer == ("departure.refused" if won else "departure.granted")
        assert (accepted, state) == ("200" if won else BETWEEN[side], "awarded" if won else "choosing")

    side_by_side(TIMES, race)
    balance.assert_both_won()


def test_acceptance_and_departure_of_its_mentor_cannot_both_win(market: Market) -> None:
    _race(market, "mentor")


def test_acceptance_and_departure_of_its_client_cannot_both_win(market: Market) -> None:
    _race(market, "client")
