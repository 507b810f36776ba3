"""A sound programme for the evidence of `tests.faults.sound`, and the faults that tests plant in it."""

from typing import Any

from tests.faults.sound import CLIENT, Book, digest, moment
from tests.kit.oracle.programmes import AGREEMENT, ANSWER, PUBLICATION

PROGRAMME = "programme-1"
REFS = {"r1": "e1", "r2": "e2"}
"""Mentors' refs, and their mentees'."""


def email_of(ref: str) -> str:
    """The address of a participant; the word in it is planted."""
    return f"zqparticipant{ref}@example.org"


def add_programme(book: Book) -> None:
    """Two pairs: published, told by mail and accepted."""
    limits = {"capacity": 1, "mentee_capacity": 1}
    book.row("programmes", "programmes", _id=PROGRAMME, state="running", rules=limits)
    for ref in (*REFS, *REFS.values()):
        word = f"Zqparticipant{ref}"
        email, account = email_of(ref), f"participant-{ref}"
        book.people.append({"account": account, "role": "participant", "email": email, "secrets": [word, email]})
        side = "mentor" if ref in REFS else "mentee"
        known = {"programme": PROGRAMME, "ref": ref, "name": word, "email": email, "side": side}
        book.row("programmes", "participants", _id=f"p-{ref}", state="agreed", agreed_at=moment(book.at), **known)
        _tell(book, "enrolled", ref)
        book.answer(account, "POST", AGREEMENT, got={"programme_id": PROGRAMME, "ref": ref}, heard=word)
    book.publish("programmes", "programme.published", PROGRAMME, participants=4)
    book.answer(CLIENT, "POST", PUBLICATION, got={"programme_id": PROGRAMME})
    for mentor, mentee in REFS.items():
        answers = {"mentor": "accepted", "mentee": "accepted"}
        pair: dict[str, Any] = {"mentor": f"p-{mentor}", "mentee": f"p-{mentee}", "answers": answers}
        pair |= {"programme": PROGRAMME, "state": "active", "published": True}
        book.row("programmes", "pairs", _id=f"{PROGRAMME}:{mentor}", **pair)
        for ref, other in ((mentor, mentee), (mentee, mentor)):
            _tell(book, "pair-published", ref, f" avec Zqparticipant{other}")
            got = {"programme_id": PROGRAMME, "ref": ref, "mentor_ref": mentor, "mentee_ref": mentee}
            book.answer(f"participant-{ref}", "POST", ANSWER, got=got, heard=f"Zqparticipant{other}")


def _tell(book: Book, kind: str, ref: str, words: str = "") -> None:
    id = digest(f"{kind} {ref}")[:24]
    book.row("programmes", "messages", _id=id, kind=kind, participant=f"p-{ref}", programme=PROGRAMME)
    requested = [{"message_id": id, "kind": kind, "account": None}]
    book.publish("programmes", "messages.requested", f"p-{ref}", programme=PROGRAMME, messages=requested)
    text = f"{kind}{words}\nhttps://releve.example/pair#{id}"
    mail = {"to": email_of(ref), "message_id": f"<{id}.email@x>", "notification": "", "text": text}
    book.mails.append(mail)


def _pair(book: Book) -> dict[str, Any]:
    return book.find("programmes", "pairs", f"{PROGRAMME}:r1")


# lost


def lose_agreement(book: Book) -> None:
    book.find("programmes", "participants", "p-r1")["agreed_at"] = None


def lose_answer(book: Book) -> None:
    _pair(book)["answers"] = {"mentor": "accepted", "mentee": None}


def lose_publication(book: Book) -> None:
    book.find("programmes", "programmes", PROGRAMME)["state"] = "proposed"


def lose_request(book: Book) -> None:
    book.row("programmes", "messages", _id="never requested", kind="nudge", participant="p-r1", programme=PROGRAMME)


# doubled


def pair_twice(book: Book) -> None:
    book.row("programmes", "pairs", **{**_pair(book), "_id": f"{PROGRAMME}:other", "mentor": "p-r2"})


def publish_twice(book: Book) -> None:
    book.publish("programmes", "programme.published", PROGRAMME, participants=4)


def request_twice(book: Book) -> None:
    event = next(event for event in book.messages if event.name == "messages.requested")
    book.publish("programmes", "messages.requested", event.subject, **event.payload)


def mail_participant_twice(book: Book) -> None:
    mail = next(mail for mail in book.mails if mail["to"] == email_of("r1"))
    again = {"message_id": "<another@x>", "text": mail["text"] + "-with-another-token"}
    book.mails.append(mail | again)


# unsound


def leave_in_a_pair(book: Book) -> None:
    book.find("programmes", "participants", "p-e2")["state"] = "left"


# leaks


def name_in_topic(book: Book) -> None:
    book.publish("programmes", "messages.requested", "p-x", programme=PROGRAMME, messages=[
        {"message_id": "m-x", "kind": "zqparticipantr1", "account": None},
    ])  # fmt: skip


def name_in_log(book: Book) -> None:
    book.logs.append({"file": "programmes-http.log", "line": email_of("e1")})


def name_in_notify(book: Book) -> None:
    book.row("notify", "deliveries", _id="x.email", notification_id=None, state="sent", to=email_of("e1"))


def name_in_anothers_mail(book: Book) -> None:
    mail = next(mail for mail in book.mails if mail["to"] == email_of("r1"))
    mail["text"] += " Zqparticipante2"


def name_in_anothers_answer(book: Book) -> None:
    book.answer("participant-r1", "GET", "/api/programmes/{programme_id}/pairs", heard="Zqparticipantr2")


PLANTED = {
    "lost": (lose_agreement, lose_answer, lose_publication, lose_request),
    "doubled": (pair_twice, publish_twice, request_twice),
    "mail-doubled": (mail_participant_twice,),
    "pair-unsound": (leave_in_a_pair,),
    "leak": (name_in_topic, name_in_log, name_in_notify, name_in_anothers_mail, name_in_anothers_answer),
}
"""Faults by the kind of the finding that reports them."""
