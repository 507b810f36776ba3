"""One programme of the load: a client enrols six people without accounts, who act through the links in their mails."""

import asyncio
import email
import email.policy
import random
import re
from pathlib import Path
from typing import Any

from tests.faults.people import Answer, Person, Wire

PAIRS = 3
PROGRAMME = "/api/programmes/{programme_id}"
PAIR = PROGRAMME + "/pairs/{mentor_ref}/{mentee_ref}"
READY_WITHIN_S = 180.0
"""How long a proposal or a mail may take, through any fault, seconds."""
LOOK_S = 2.0
LINK = re.compile(r"https?://\S+/pair#(\S+)")
REASON = "Une nouvelle mission prend tout son temps."


class Guest(Person):
    """A participant without an account. ``words`` are planted: only their own programme and pair may read them."""

    def __init__(self, wire: Wire, side: str, ref: str, word: str, mails: Path) -> None:
        super().__init__(wire, "participant", f"Ana {word}", [word])
        self.side, self.ref, self.email, self._mails = side, ref, f"{word.lower()}@example.org", mails
        self._programme = ""

    @property
    def row(self) -> dict[str, Any]:
        """The guest as the client enrols them."""
        skill = {"offers": ["crm"]} if self.side == "mentor" else {"wants": ["crm"]}
        row = {"ref": self.ref, "name": self.name, "email": self.email, "side": self.side, "organisation": "Réseau"}
        return {**row, "languages": ["fr"], **skill}

    def enrolled(self, programme: str) -> None:
        """From now on the ledger knows the guest."""
        self._programme, self.id = programme, f"{programme}:{self.ref}"
        self._wire.ledger.person(self.id, self.role, self.email, [*self.words, self.email])

    async def of_mine(self, method: str, route: str, body: Any = None, **ids: Any) -> Answer:
        """Sends a request about the guest's own programme."""
        return await self.ask(method, route, body, programme_id=self._programme, ref=self.ref, **ids)

    async def enter(self) -> bool:
        """Waits for the first mail, and opens the link in it."""
        return await self._sign_in()

    async def _sign_in(self) -> bool:
        token = await self._link()
        self._token = ""
        answer = await self.ask("POST", "/api/programmes/passes", {"token": token}) if token else Answer(0)
        if answer.done:
            self._hold(answer.body["access_token"])
        return answer.done

    async def _link(self) -> str:
        clock = asyncio.get_running_loop()
        patience = clock.time() + READY_WITHIN_S
        while clock.time() < patience:
            for path in sorted(self._mails.glob(f"*-{self.email}.eml"), reverse=True):
                message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
                body = message.get_body(("plain",))
                if body and (found := LINK.search(body.get_content())):
                    return found[1]
            await asyncio.sleep(LOOK_S)
        return ""


class Cohort:
    """One programme from its draft to its end. The seed decides who answers what."""

    def __init__(self, wire: Wire, owner: Person, words: list[str], mails: Path, seed: str) -> None:
        self._owner, self._chance = owner, random.Random(f"{seed} cohort")
        sides = ("mentor", "mentee") * PAIRS
        self._guests = [
            Guest(wire, side, f"{side[-1]}{place}", word, mails)
            for place, (side, word) in enumerate(zip(sides, words, strict=True))
        ]
        self._by_ref = {guest.ref: guest for guest in self._guests}
        self._id = ""

    async def play(self) -> None:
        """Enrols, proposes, publishes; the guests agree, answer and meet; one pair ends, then the programme."""
        body = {"name": "Cohorte", "kind": "pairing", "purpose": "Apprendre ensemble.", "host": "Réseau"}
        made = await self._owner.ask("POST", "/api/programmes", body | {"organisations": ["Réseau"]})
        if not made.done:
            return
        self._id = made.body["id"]
        for guest in self._guests:
            guest.enrolled(self._id)
        if not (await self._ask("POST", "/participants", [guest.row for guest in self._guests])).done:
            return
        pairs = await self._proposed()
        if not pairs or not (await self._ask("POST", "/publication", {})).done:
            return
        await asyncio.gather(*(self._act(guest) for guest in self._guests))
        first = self._chance.choice(pairs)
        await self._of_pair(self._owner, first, "/end", {"reason": REASON, "rematch": True})
        await self._ask("POST", "/closing", {})

    async def _ask(self, method: str, route: str, body: Any = None) -> Answer:
        return await self._owner.ask(method, PROGRAMME + route, body, programme_id=self._id)

    async def _proposed(self) -> list[dict[str, Any]]:
        """The proposed pairs; asks for them until they are ready."""
        answer = await self._ask("POST", "/proposal", {})
        clock = asyncio.get_running_loop()
        patience = clock.time() + READY_WITHIN_S
        while answer.done and "pairs" not in answer.body and clock.time() < patience:
            await asyncio.sleep(LOOK_S / 2)
            answer = await self._ask("GET", "/proposal")
        return list(answer.body.get("pairs", [])) if answer.done else []

    async def _act(self, guest: Guest) -> None:
        """Agrees, then answers the pair; a mentor logs a session."""
        if not await guest.enter():
            return
        await guest.of_mine("POST", PROGRAMME + "/agreement", {})
        page = await guest.of_mine("GET", PROGRAMME + "/pairs")
        for pair in page.body["items"] if page.done else ():
            await self._of_pair(guest, pair, "/answer", {"accepted": self._chance.random() < 0.85})

    async def _of_pair(self, person: Person, pair: dict[str, Any], route: str, body: Any) -> Answer:
        known: dict[str, Any] = {"mentor_ref": _ref(pair["mentor"]), "mentee_ref": _ref(pair["mentee"])}
        known |= {"programme_id": self._id, "ref": person.ref if isinstance(person, Guest) else ""}
        return await person.ask("POST", PAIR + route, body, **known)


def _ref(person: Any) -> str:
    """A person of a pair is shown by ref, or as an object with their ref."""
    return str(person["ref"] if isinstance(person, dict) else person)
