"""One organisation, project, quote, mentor and account for all tests, and the contract's examples in the present.

Bodies are constants: a test changes them with ``PROJECT | {"budget": …}``. Events for a running service must be
current: `live_example` moves an example of the contract to now.
"""

import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from chassis.events import rfc3339
from contracts.events import CONTRACT
from stories import nestle_waters
from stories.people import in_days

CLIENT = "the-client"
WINDOW = timedelta(hours=48)
ORGANISATION: dict[str, Any] = nestle_waters.ORGANISATION
PROJECT: dict[str, Any] = {
    "title": "Accompagner nos équipes",
    "brief": "Que de jeunes professionnels accompagnent nos équipes marketing au CRM.",
    "topics": ["crm"],
    "languages": ["fr"],
    "window": "PT48H",
}
TERMS: dict[str, Any] = {
    "price": {"amount": 120_000, "currency": "EUR"},
    "days": 3,
    "starts_on": in_days(30),
    "valid_until": in_days(90),
    "proposal": "Deux ateliers par équipe, puis un suivi chaque semaine. " * 5,
}
ACCEPTED: dict[str, Any] = {
    "price": {"amount": 390_000, "currency": "EUR"},
    "days": 6.5,
    "starts_on": TERMS["starts_on"],
    "valid_until": TERMS["valid_until"],
    "proposal": "Un diagnostic d'une demi-journée, puis six ateliers « pratiques » : 10 € de matériel, où l'on œuvre.",
    "digest": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
}
"""The data of ``quote.accepted`` about a quote, except its owner and time."""
PROFILE: dict[str, Any] = {
    "display_name": "Thomas",
    "headline": "Freelance, business intelligence",
    "school": "ESSEC",
    "bio": "Je forme des équipes au CRM depuis trois ans.",
    "skills": ["crm", "social-networks"],
    "languages": ["fr"],
    "day_rate": {"amount": 50_000, "currency": "EUR"},
    "excluded_organisations": [],
}
EMAIL = "Thomas.Martin@example.org"
PASSWORD = "une phrase que lui seul connaît"
REGISTRATION: dict[str, Any] = {
    "email": EMAIL,
    "password": PASSWORD,
    "role": "mentor",
    "display_name": "Thomas",
    "locale": "fr",
}

EXAMPLES = Path(__file__).parents[2] / "contracts" / "examples"
PROJECT_FOR = datetime(2026, 11, 23, 9, tzinfo=UTC)
"""The moment at which the examples' project was posted."""
INSTANT = re.compile(r"\A\d{4}-\d\d-\d\dT[\d:.]+Z\Z")
DAY = re.compile(r"\A\d{4}-\d\d-\d\d\Z")


def live_example(name: str, now: datetime) -> dict[str, Any]:
    """The example of an event as JSON values, with every time and date moved so that its present is ``now``.

    Raises FileNotFoundError if the contract has no such event.
    """
    data: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text())
    moved: dict[str, Any] = _moved(data, now - PROJECT_FOR)
    return moved


def _moved(value: Any, by: timedelta) -> Any:
    if isinstance(value, dict):
        return {key: _moved(item, by) for key, item in value.items()}
    if isinstance(value, list):
        return [_moved(item, by) for item in value]
    if isinstance(value, str) and INSTANT.match(value):
        return rfc3339(datetime.fromisoformat(value) + by)
    if isinstance(value, str) and DAY.match(value):
        return (date.fromisoformat(value) + timedelta(days=by.days + 1)).isoformat()
    return value


def mentor(project_id: str, number: int) -> str:
    """The account of a project's mentor with this number."""
    return f"{project_id}-m{number}"


def card(account: str) -> dict[str, str]:
    """A mentor as events name one: the account, and a card id derived from it."""
    return {"account": account, "mentor_id": f"card-{account}"}


def posted_data(client: str = CLIENT, **changes: Any) -> dict[str, Any]:
    """The data of ``project.posted`` as a handler receives it: the contract's example with changes."""
    example = live_example("project.posted", datetime.now(UTC))
    loaded = CONTRACT.load("project.posted", example | {"client": client, "clients": [client]})
    return {**loaded, "window": WINDOW, "budget": None, **changes}
