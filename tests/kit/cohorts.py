"""A programme whose owner enrols people over HTTP."""

from typing import Any

from werkzeug.test import TestResponse

from services.programmes.model.programme import Organiser
from tests.kit.programmes import OWNER, Programmes


class Cohort:
    """One programme, and its owner who enrols people."""

    def __init__(self, programmes: Programmes, **changes: Any) -> None:
        self.programmes = programmes
        self.id = programmes.create(**changes)
        self.path = f"/api/programmes/{self.id}"

    def enrol(self, *people: dict[str, Any], who: str = OWNER, query: str = "", **headers: str) -> TestResponse:
        return self.programmes.call(who, "POST", f"{self.path}/participants{query}", list(people), **headers)

    def upload(self, raw: bytes, query: str = "", content_type: str = "text/csv") -> TestResponse:
        sent = self.programmes.signer.header(OWNER) | {"Content-Type": content_type}
        path = f"{self.path}/participants{query}"
        return self.programmes.app.test_client().post(path, data=raw, headers=sent)

    def refs(self, who: str = OWNER) -> list[str]:
        items = self.programmes.get(who, f"{self.path}/participants")["items"]
        return sorted(item["ref"] for item in items)

    def state(self) -> str:
        return str(self.programmes.get(OWNER, self.path)["state"])

    def set_state(self, state: str) -> None:
        self.programmes.database.programmes.update_one({"_id": self.id}, {"$set": {"state": state}})

    def token_of(self, ref: str, kind: str = "enrolled") -> str:
        """The token of the first mail of this kind to somebody."""
        person = self.programmes.database.participants.find_one({"programme": self.id, "ref": ref})
        assert person
        return self.programmes.token(self.programmes.messages(kind, participant=person["_id"])[0]["_id"])

    def told(self, kind: str = "enrolled") -> list[str]:
        """The references of those who were sent a message of this kind."""
        people = {row["_id"]: row["ref"] for row in self.programmes.database.participants.find()}
        return sorted(people[row["participant"]] for row in self.programmes.messages(kind, programme=self.id))

    def organiser(self, account: str, organisation: str) -> None:
        one = vars(Organiser(account, organisation))
        self.programmes.database.programmes.update_one({"_id": self.id}, {"$push": {"organisers": one}})
