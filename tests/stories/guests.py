"""Participants of a programme without an account, who act through the links in their mails."""

import re
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from stories.nestle_waters import expect
from stories.people import PATIENCE_S, Person
from stories.programmes.cast import Seat
from tests.kit.waiting import until
from tests.stories.mails import mails_to, text_of

LINK = re.compile(r"https?://\S+/pair#(\S+)")


class Guest(Person):
    """Somebody enrolled in a programme: reads mails, opens the link in one, and acts with the pass that it gives."""

    def __init__(self, url: str, seat: Seat, mails: Path) -> None:
        super().__init__(url, "participant", seat.name, seat.locale, email=seat.email)
        self.seat, self.ref, self._mails = seat, seat.ref, mails
        self.programme = ""

    def letters(self) -> list[EmailMessage]:
        """The mails so far, oldest first."""
        return mails_to(self._mails, self.email)

    def letter(self, *words: str) -> str:
        """Waits for a mail with all these words, and returns the newest: its subject and text."""
        return letter_to(self._mails, self.email, *words)

    def enter(self, letter: str, *, joined: bool = False) -> None:
        """Opens the link in a mail, and uses the pass from now on. Who ``joined`` by a link learns their ref."""
        link = LINK.search(letter)
        assert link, letter
        got = expect(self.call("POST", "/api/programmes/passes", {"token": link[1]}), 201)
        assert joined or got["ref"] == self.ref
        self.ref = str(got["ref"])
        self.programme = got["programme_id"]
        self.http.headers["Authorization"] = f"Bearer {got['access_token']}"

    @property
    def path(self) -> str:
        """The programme's path."""
        return f"/api/programmes/{self.programme}"

    def agree(self) -> None:
        """Agrees to take part."""
        expect(self.post(f"{self.path}/agreement"), 200)

    def pairs(self) -> list[dict[str, Any]]:
        """The guest's own pairs."""
        return list(expect(self.get(f"{self.path}/pairs"), 200)["items"])


def letter_to(mails: Path, address: str, *words: str) -> str:
    """Waits for a mail with all these words, and returns the newest: its subject and text, without line breaks."""

    def found() -> str:
        texts = [" ".join(text_of(mail).split()) for mail in mails_to(mails, address)]
        return next((text for text in reversed(texts) if all(word in text for word in words)), "")

    return until(found, PATIENCE_S, what=f"a mail to {address} with {words}")
