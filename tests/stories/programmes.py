"""A programme as its owner runs it, and the search for its people's names wherever they must not be."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from chassis.mongo import connect
from contracts.parts import DATABASES
from stories.nestle_waters import expect
from stories.people import PATIENCE_S, Person, client
from stories.programmes.cast import Seat
from tests.kit.databases import everything
from tests.kit.waiting import until
from tests.stories.guests import Guest, letter_to
from tests.stories.running import Running
from tests.stories.topics import everything_in_kafka

CSV = "text/csv; charset=windows-1252"


class Programme:
    """A programme with its owner and the people enrolled in it, by ref."""

    def __init__(self, system: Running, mails: Path, seats: Sequence[Seat], **body: Any) -> None:
        host = str(body["host"])
        contact = {"name": "Claire", "email": "claire@example.org"}
        organisation = {"name": host, "domains": [], "sector": "services", "size": "group", "contact": contact}
        self.owner = client(system.url, organisation, "Claire", body.get("language", "fr"))
        self.body, self.mails, self.url = body, mails, system.url
        self.guests = {seat.ref: Guest(system.url, seat, mails) for seat in seats}
        made = expect(self.owner.post("/api/programmes", body | {"contact": contact}), 201)
        self.id = str(made["id"])
        self.path = f"/api/programmes/{self.id}"

    @property
    def seats(self) -> list[Seat]:
        """Everybody's seat."""
        return [guest.seat for guest in self.guests.values()]

    def send_file(self, content: bytes, kind: str = CSV, query: str = "", by: Person | None = None) -> Any:
        """Enrols people from a file; returns the answer's body."""
        path = f"{self.path}/participants{query}"
        sender = by or self.owner
        return expect(sender.http.post(path, content=content, headers={"Content-Type": kind}), 200)

    def propose(self) -> Any:
        """Asks for a proposal, and waits for it if it takes longer."""
        answer = self.owner.post(f"{self.path}/proposal")
        if answer.status_code == 202:
            answer = until(
                lambda: self.owner.get(f"{self.path}/proposal"), PATIENCE_S, lambda found: found.status_code != 202
            )
        return expect(answer, 200)

    def publish(self, **body: Any) -> Any:
        """Publishes the proposal."""
        return expect(self.owner.post(f"{self.path}/publication", body), 200)

    def letter(self, *words: str) -> str:
        """Waits for a mail to the owner with all these words."""
        return letter_to(self.mails, self.owner.email, *words)

    def enter_all(self, *words: str) -> None:
        """Everybody opens the link in the mail that enrolled them; ``words`` must be in it."""
        for guest in self.guests.values():
            guest.enter(guest.letter(*words))

    def pair_path(self, pair: dict[str, Any]) -> str:
        """The path of a pair."""
        return f"{self.path}/pairs/{pair['mentor']}/{pair['mentee']}"

    def two(self, pair: dict[str, Any]) -> tuple[Guest, Guest]:
        """The mentor and the mentee of a pair."""
        return self.guests[pair["mentor"]], self.guests[pair["mentee"]]

    def pairs(self) -> list[dict[str, Any]]:
        """The pairs as the owner reads them."""
        return list(expect(self.owner.get(f"{self.path}/pairs?limit=200"), 200)["items"])

    def accept(self, pair: dict[str, Any]) -> dict[str, Any]:
        """Both accept; returns the pair as the second of them reads it."""
        for guest in self.two(pair):
            answer = expect(guest.post(f"{self.pair_path(pair)}/answer", {"accepted": True}), 200)
        assert answer["state"] == "active", answer
        return dict(answer)

    def close(self) -> None:
        """Closes the connections."""
        for person in (self.owner, *self.guests.values()):
            person.http.close()


def planted(seats: Iterable[Seat]) -> list[str]:
    """The family names and addresses of these people, which occur nowhere by chance."""
    return [word for seat in seats for word in (seat.family, seat.email)]


def found_in(text: str, words: Sequence[str]) -> list[str]:
    """The words that occur in a text."""
    return [word for word in words if word in text]


def places_with(system: Running, words: Sequence[str]) -> Iterator[str]:
    """Where the words of a programme's people are outside its own database: topics, logs, other services' rows."""
    for message in everything_in_kafka(system.kafka):
        if found := found_in(message, words):
            yield f"in a topic: {found}"
    for log in system.logs.glob("*.log"):
        if found := found_in(log.read_text(errors="replace"), words):
            yield f"in {log.name}: {found}"
    for service in DATABASES:
        if service != "programmes":
            database = connect(system.mongo_uri, f"releve_{service}", app="test")
            for name, rows in everything(database).items():
                if found := [word for row in rows for word in found_in(str(row), words)]:
                    yield f"in {name} of {service}: {found}"
            database.client.close()


def strangers_read_by(guest: Guest, partners: Iterable[Guest], everybody: Iterable[Guest]) -> list[str]:
    """The names and addresses, in a guest's mails and answers, of people who are not their partners."""
    mine = {guest.ref, *(partner.ref for partner in partners)}
    words = planted(other.seat for other in everybody if other.ref not in mine)
    texts = [*guest.heard, *(letter.as_string() for letter in guest.letters())]
    return [word for text in texts for word in found_in(text, words)]
