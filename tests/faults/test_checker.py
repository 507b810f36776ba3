"""The checker finds nothing in a sound run, and reports each planted fault as its kind."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from contracts.topics import dead_letters_of
from tests.faults.sound import (
    AWARDED,
    CANCELLED,
    CLIENT,
    MENTORS,
    SECRETS,
    UNFILLED,
    WINDOW_S,
    Book,
    digest,
    moment,
    quote,
    sound,
)
from tests.faults.sound_programme import PLANTED as IN_PROGRAMMES
from tests.faults.sound_programme import add_programme
from tests.kit.oracle.checker import KINDS, check, lateness
from tests.kit.oracle.evidence import Message

QUOTE_1 = f"quote-{AWARDED}-{MENTORS[0]}"
QUOTE_2 = f"quote-{AWARDED}-{MENTORS[1]}"
QUOTE_3 = f"quote-{AWARDED}-{MENTORS[2]}"


def drop(book: Book, service: str, collection: str, id: str) -> None:
    book.stores[service][collection].remove(book.find(service, collection, id))


def remove_event(book: Book, name: str, subject: str) -> None:
    """Removes an event from topic, outbox and inbox, as if it had never happened."""
    gone = {event.id for event in book.messages if (event.name, event.subject) == (name, subject)}
    book.messages[:] = [event for event in book.messages if event.id not in gone]
    for service in book.stores.values():
        service["outbox"] = [row for row in service.get("outbox", []) if row["_id"] not in gone]


def unpublish(book: Book, name: str, subject: str) -> None:
    """Leaves an event in its outbox and in no topic."""
    book.messages[:] = [event for event in book.messages if (event.name, event.subject) != (name, subject)]


def remove_notifications(book: Book, *kinds: str, project: str) -> None:
    """Removes notifications, as if they were never made."""
    rows = book.stores["notify"]["notifications"]
    rows[:] = [row for row in rows if (row["kind"] in kinds, row["project_id"]) != (True, project)]


def find(book: Book, name: str, subject: str) -> Message:
    return next(event for event in book.messages if (event.name, event.subject) == (name, subject))


def change(book: Book, event: Message, **changes: object) -> None:
    book.messages[book.messages.index(event)] = replace(event, **changes)  # type: ignore[arg-type]


def payload(event: Message, **changes: object) -> dict[str, object]:
    return {**event.payload, **changes}


# acknowledged, but missing


def lose_project(book: Book) -> None:
    for service, collection in (("projects", "projects"), ("projects", "vault/clients"), ("quotes", "rounds")):
        drop(book, service, collection, UNFILLED)
    for name in ("project.posted", "mentors.invited", "window.closed"):
        remove_event(book, name, UNFILLED)
    remove_notifications(book, "invited", "project-unfilled", "round-over", project=UNFILLED)


def lose_document(book: Book) -> None:
    drop(book, "projects", "projects", UNFILLED)


def lose_round(book: Book) -> None:
    drop(book, "quotes", "rounds", UNFILLED)


def lose_quote(book: Book) -> None:
    drop(book, "quotes", "quotes", QUOTE_2)


def lose_slot(book: Book) -> None:
    book.find("quotes", "rounds", AWARDED)["slots"].pop()


def lose_revision(book: Book) -> None:
    book.find("quotes", "quotes", QUOTE_1)["receipt"]["digest"] = digest(QUOTE_1)
    book.find("quotes", "rounds", AWARDED)["slots"][0]["digest"] = digest(QUOTE_1)


def change_quote(book: Book) -> None:
    book.find("quotes", "quotes", QUOTE_2)["receipt"]["digest"] = digest("of nobody")
    book.find("quotes", "rounds", AWARDED)["slots"][1]["digest"] = digest("of nobody")


def lose_withdrawal(book: Book) -> None:
    book.find("quotes", "quotes", QUOTE_3)["state"] = "sealed"


def withdraw_by_itself(book: Book) -> None:
    book.find("quotes", "quotes", f"quote-{CANCELLED}-{MENTORS[0]}")["state"] = "withdrawn"


def lose_award(book: Book) -> None:
    book.find("projects", "projects", AWARDED).update(state="choosing", quote_id=None)


def lose_order(book: Book) -> None:
    drop(book, "projects", "orders", AWARDED)


def lose_cancellation(book: Book) -> None:
    book.find("quotes", "rounds", CANCELLED)["reason"] = "deadline"


def lose_settlement(book: Book) -> None:
    remove_event(book, "quotes.settled", CANCELLED)


def lose_published_quote(book: Book) -> None:
    submitted = [event for event in book.messages if event.name == "quote.submitted"]
    event = next(event for event in submitted if event.payload["quote_id"] == QUOTE_2)
    book.messages.remove(event)
    drop(book, "quotes", "outbox", event.id)
    rows = book.stores["notify"]["notifications"]
    rows.remove(next(row for row in rows if row["kind"] == "quote-received" and row["data"] == {"received": 2}))


def lose_published_withdrawal(book: Book) -> None:
    remove_event(book, "quote.withdrawn", AWARDED)


def close_without_a_quote(book: Book) -> None:
    event = find(book, "window.closed", AWARDED)
    kept = [quote for quote in event.payload["quotes"] if quote["quote_id"] != QUOTE_2]
    change(book, event, payload=payload(event, quotes=kept))
    told = next(row for row in book.stores["notify"]["notifications"] if row["kind"] == "window-ended")
    told["data"]["quotes"] = len(kept)
    book.notify("round-over", MENTORS[1], AWARDED)


def lose_review(book: Book) -> None:
    book.answer(MENTORS[0], "POST", "/api/projects/{project_id}/completion", AWARDED)


def lose_completion(book: Book) -> None:
    book.find("projects", "projects", AWARDED)["reviews"].append({"by": "client"})
    book.answer(CLIENT, "POST", "/api/projects/{project_id}/completion", AWARDED)


def lose_claim(book: Book) -> None:
    remove_event(book, "slot.claimed", AWARDED)


def lose_decline(book: Book) -> None:
    book.find("matching", "shortlists", AWARDED)["declined"].clear()


def lose_account(book: Book) -> None:
    drop(book, "accounts", "accounts", MENTORS[3])


def lose_profile(book: Book) -> None:
    drop(book, "matching", "profiles", MENTORS[3])


def lose_organisation(book: Book) -> None:
    drop(book, "projects", "organisations", "org-1")


def lose_reading(book: Book) -> None:
    id = book.stores["notify"]["notifications"][0]["_id"]
    route = "/api/notifications/{notification_id}/read"
    book.answer(MENTORS[0], "POST", route, got={"notification_id": id})


def keep_in_outbox(book: Book) -> None:
    unpublish(book, "account.registered", MENTORS[3])
    book.people.pop()


def forget_cause(book: Book) -> None:
    event = find(book, "slot.claimed", AWARDED)
    drop(book, "quotes", "outbox", event.id)


def pass_over(book: Book) -> None:
    book.inboxes["matching"].remove(find(book, "quote.submitted", AWARDED).id)


# doubled


def award_twice(book: Book) -> None:
    book.publish("projects", "project.awarded", AWARDED, **find(book, "project.awarded", AWARDED).payload)


def post_twice(book: Book) -> None:
    row = book.find("projects", "projects", UNFILLED)
    book.row("projects", "projects", **{**row, "_id": "project-4"})


def open_twice(book: Book) -> None:
    book.row("quotes", "rounds", **book.find("quotes", "rounds", UNFILLED))


def claim_twice(book: Book) -> None:
    book.publish("quotes", "slot.claimed", AWARDED, **find(book, "slot.claimed", AWARDED).payload)


def invite_twice(book: Book) -> None:
    book.publish("matching", "mentors.invited", AWARDED, **find(book, "mentors.invited", AWARDED).payload)


def quote_twice(book: Book) -> None:
    row = book.find("quotes", "quotes", QUOTE_2)
    book.row("quotes", "quotes", **{**row, "_id": "quote-again", "outcome": "not_chosen"})


def hold_two_slots(book: Book) -> None:
    slots = book.find("quotes", "rounds", AWARDED)["slots"]
    slots.append({"account": MENTORS[1], "quote_id": None, "digest": None})


def accept_two(book: Book) -> None:
    book.find("quotes", "quotes", QUOTE_2)["outcome"] = "accepted"


def number_twice(book: Book) -> None:
    book.row("projects", "orders", _id=CANCELLED, organisation="org-1", number=1)


def answer_twice(book: Book) -> None:
    first = next(one for one in book.attempts if one["route"] == "/api/quotes")
    second = next(one for one in book.attempts if one["route"] == "/api/quotes" and one is not first)
    second["wish"] = first["wish"]


def number_two_events_alike(book: Book) -> None:
    event = find(book, "slot.claimed", AWARDED)
    change(book, event, sequence=find(book, "quote.submitted", AWARDED).sequence)


# windows


def take_a_sixth(book: Book) -> None:
    """The six quotes are published and stored consistently while the window is open, so nothing else is wrong."""
    posted = find(book, "project.posted", UNFILLED)
    never_end(book)
    for number in range(1, 7):
        quote(book, UNFILLED, f"mentor-{number + 10}", min(number, 5))
    book.at = posted.at - 290


def never_end(book: Book) -> None:
    remove_event(book, "window.closed", UNFILLED)
    remove_notifications(book, "project-unfilled", "round-over", project=UNFILLED)
    book.find("projects", "projects", UNFILLED)["state"] = "collecting"
    book.find("quotes", "rounds", UNFILLED)["reason"] = None


def collect_still(book: Book) -> None:
    book.find("projects", "projects", UNFILLED)["state"] = "collecting"


def end_twice(book: Book) -> None:
    book.publish("quotes", "window.closed", UNFILLED, **find(book, "window.closed", UNFILLED).payload)


def end_early(book: Book) -> None:
    event = find(book, "window.closed", UNFILLED)
    change(book, event, at=event.at - 1)


def end_as_full(book: Book) -> None:
    event = find(book, "window.closed", AWARDED)
    change(book, event, payload=payload(event, reason="full"))


def end_without_its_extension(book: Book) -> None:
    event = find(book, "project.posted", UNFILLED)
    change(book, event, payload=payload(event, auto_extend=True))


# notifications


def miss_end(book: Book) -> None:
    remove_notifications(book, "window-ended", project=AWARDED)


def miss_invitation(book: Book) -> None:
    rows = book.stores["notify"]["notifications"]
    rows.remove(next(row for row in rows if row["kind"] == "invited"))


def miss_outcome(book: Book) -> None:
    remove_notifications(book, "not-chosen", project=AWARDED)


def miss_acceptance(book: Book) -> None:
    remove_notifications(book, "chosen", project=AWARDED)


def miss_cancellation(book: Book) -> None:
    remove_notifications(book, "project-cancelled", project=CANCELLED)


def miss_count(book: Book) -> None:
    remove_notifications(book, "quote-received", project=CANCELLED)


def notify_twice(book: Book) -> None:
    row = next(row for row in book.stores["notify"]["notifications"] if row["kind"] == "window-ended")
    book.row("notify", "notifications", **{**row, "_id": "another"})


def notify_of_a_lost_choice(book: Book) -> None:
    left = {"account": MENTORS[1], "quotes": 0, "choose_until": None}
    book.publish("projects", "project.reopened", AWARDED, **left)
    book.notify("choice-reopened", CLIENT, AWARDED, quotes=0)


def keep_news_of_the_erased(book: Book) -> None:
    book.publish("accounts", "account.erased", MENTORS[1], role="mentor")


def miss_completion(book: Book) -> None:
    book.publish("projects", "project.completed", AWARDED, account=MENTORS[0], client=CLIENT)
    book.notify("project-completed", CLIENT, AWARDED)


def miss_reviews(book: Book) -> None:
    book.publish("projects", "reviews.shown", AWARDED, account=MENTORS[0], reviews=2)
    book.notify("review-shown", CLIENT, AWARDED, reviews=2)


def miss_moderation(book: Book) -> None:
    event = find(book, "project.cancelled", CANCELLED)
    change(book, event, payload=payload(event, by="moderation"))


def remind_of_a_claim(book: Book, *, ends: float = 60) -> None:
    """A mentor claims a slot, and is reminded a second later."""
    book.at += 1
    until = moment(book.at + ends)
    book.publish("quotes", "slot.claimed", UNFILLED, account=MENTORS[3], expires_at=f"{until:%Y-%m-%dT%H:%M:%S.000Z}")
    book.at += 1
    book.notify("claim-ending", MENTORS[3], UNFILLED, until=until)


def remind_of_no_claim(book: Book) -> None:
    book.notify("claim-ending", MENTORS[3], UNFILLED, until=moment(book.at + 60))


def remind_too_late(book: Book) -> None:
    remind_of_a_claim(book, ends=1)


def remind_after_the_end(book: Book) -> None:
    remind_of_a_claim(book)
    event = find(book, "slot.claimed", UNFILLED)
    change(book, find(book, "window.closed", UNFILLED), at=event.at + 0.5)


def remind_twice(book: Book) -> None:
    remind_of_a_claim(book)
    (row,) = [row for row in book.stores["notify"]["notifications"] if row["kind"] == "claim-ending"]
    book.row("notify", "notifications", **{**row, "_id": "another"})


def notify_without_cause(book: Book) -> None:
    book.notify("chosen", MENTORS[1], AWARDED)


def mail_twice(book: Book) -> None:
    book.mails.append({**book.mails[0], "message_id": "<another@x>"})


def deliver_twice(book: Book) -> None:
    book.row("notify", "deliveries", **{**book.stores["notify"]["deliveries"][0], "_id": "another.email"})


# planted words in the wrong place


def leak_in_topic(book: Book) -> None:
    event = find(book, "project.posted", AWARDED)
    change(book, event, text=f"{event.text} {SECRETS[0].upper()}")


def leak_in_payload(book: Book) -> None:
    event = find(book, "project.cancelled", CANCELLED)
    change(book, event, payload={"reason": f"Écrire à {SECRETS[1]}."})


def leak_in_log(book: Book) -> None:
    book.logs.append({"file": "quotes-worker.log", "line": f'{{"event":"x","name":"{SECRETS[0]}"}}'})


def leak_in_mail(book: Book) -> None:
    mail = next(mail for mail in book.mails if mail["to"].startswith("mentor"))
    mail["text"] += f" de {SECRETS[0]}"


def leak_in_answer(book: Book) -> None:
    book.answer(MENTORS[1], "GET", "/api/invitations", heard=f"un projet de {SECRETS[0]}")


def leak_account(book: Book) -> None:
    book.answer(MENTORS[1], "GET", "/api/invitations", heard=f"un projet de {CLIENT}")


def reveal_to_another(book: Book) -> None:
    route = "/api/projects/{project_id}/client"
    book.answer(MENTORS[1], "GET", route, AWARDED, heard=f"organisation: {SECRETS[0]}")


def reveal_too_soon(book: Book) -> None:
    seen = next(one for one in book.attempts if one["route"].endswith("/client") and one["status"] == 200)
    seen["answered"] = find(book, "project.awarded", AWARDED).at - 3


def leak_in_database(book: Book) -> None:
    book.row("notify", "people", _id=CLIENT, name=SECRETS[0])


# order


def swap(book: Book) -> None:
    first, second = find(book, "slot.claimed", AWARDED), find(book, "quote.submitted", AWARDED)
    change(book, first, offset=second.offset)
    change(book, second, offset=first.offset)


def leave_a_gap(book: Book) -> None:
    unpublish(book, "mentors.invited", AWARDED)
    remove_notifications(book, "invited", "round-over", project=AWARDED)


def begin_with_two(book: Book) -> None:
    change(book, find(book, "project.posted", UNFILLED), sequence=2)


def scatter(book: Book) -> None:
    event = find(book, "window.closed", AWARDED)
    change(book, event, partition=(event.partition + 1) % 12)


def bury(book: Book) -> None:
    event = find(book, "project.posted", AWARDED)
    book.messages.append(replace(event, topic=dead_letters_of("quotes"), partition=0, offset=0))


def bury_instead(book: Book) -> None:
    bury(book)
    book.inboxes["quotes"].remove(find(book, "project.posted", AWARDED).id)


PLANTED: dict[str, tuple[Callable[[Book], None], ...]] = {
    "lost": (
        *(lose_project, lose_document, lose_round, lose_quote, lose_slot, lose_revision, change_quote),
        *(lose_withdrawal, withdraw_by_itself, lose_award, lose_order, lose_cancellation, lose_claim, lose_decline),
        *(
            lose_settlement,
            lose_published_quote,
            lose_published_withdrawal,
            close_without_a_quote,
            lose_review,
            lose_completion,
        ),
        *(lose_account, lose_profile, lose_organisation, lose_reading, keep_in_outbox, forget_cause, pass_over),
    ),
    "doubled": (
        *(award_twice, post_twice, open_twice, claim_twice, invite_twice, quote_twice, number_twice, answer_twice),
        *(hold_two_slots, accept_two, number_two_events_alike),
    ),
    "sixth-quote": (take_a_sixth,),
    "window-never-ended": (never_end, collect_still),
    "window-ended-twice": (end_twice,),
    "window-ended-early": (end_early, end_as_full, end_without_its_extension),
    "notification-missing": (
        *(miss_end, miss_invitation, miss_outcome, miss_acceptance, miss_cancellation, miss_count),
        *(miss_completion, miss_reviews, miss_moderation),
    ),
    "notification-doubled": (notify_twice, remind_twice),
    "notification-unfounded": (
        *(notify_without_cause, notify_of_a_lost_choice, keep_news_of_the_erased),
        *(remind_of_no_claim, remind_too_late, remind_after_the_end),
    ),
    "mail-doubled": (mail_twice, deliver_twice),
    "leak": (
        *(leak_in_topic, leak_in_payload, leak_in_log, leak_in_mail, leak_in_answer, leak_account),
        *(reveal_to_another, reveal_too_soon, leak_in_database),
    ),
    "order": (swap, leave_a_gap, begin_with_two, scatter),
    "dead-letter": (bury, bury_instead),
}
FAULTS = [pytest.param(kind, plant, id=plant.__name__) for kind, plants in PLANTED.items() for plant in plants]
PROGRAMME_FAULTS = [
    pytest.param(kind, plant, id=plant.__name__) for kind, plants in IN_PROGRAMMES.items() for plant in plants
]


def with_programme() -> Book:
    """The sound run with a programme in it."""
    book = sound()
    add_programme(book)
    return book


def test_sound_run_has_no_findings() -> None:
    assert check(sound().evidence) == check(with_programme().evidence) == []


@pytest.mark.parametrize(("kind", "plant"), FAULTS)
def test_planted_fault_is_reported_as_its_kind(kind: str, plant: Callable[[Book], None]) -> None:
    book = sound()
    plant(book)
    found = check(book.evidence)
    assert {finding.kind for finding in found} == {kind}, found


@pytest.mark.parametrize(("kind", "plant"), PROGRAMME_FAULTS)
def test_planted_fault_in_a_programme_is_reported(kind: str, plant: Callable[[Book], None]) -> None:
    book = with_programme()
    plant(book)
    found = check(book.evidence)
    assert {finding.kind for finding in found} == {kind}, found


def test_every_kind_of_finding_is_planted() -> None:
    assert {*PLANTED, *IN_PROGRAMMES} == set(KINDS)


def test_loss_is_dated_by_the_time_of_the_write() -> None:
    book = sound()
    lose_quote(book)
    written = next(one for one in book.attempts if one["got"].get("quote_id") == QUOTE_2)
    assert [finding.at for finding in check(book.evidence)] == [written["answered"]]


# correct behaviour that looks like a fault


def test_reminder_of_a_running_claim_is_no_fault() -> None:
    book = sound()
    remind_of_a_claim(book)
    assert check(book.evidence) == []


def test_message_published_twice_is_no_fault() -> None:
    book = sound()
    book.messages += [replace(event, offset=event.offset + 1_000) for event in book.messages]
    assert check(book.evidence) == []


def test_mail_sent_twice_with_one_message_id_is_no_fault() -> None:
    book = sound()
    book.mails.append(dict(book.mails[0]))
    assert check(book.evidence) == []


def test_client_must_be_told_of_as_many_quotes_as_it_may_choose() -> None:
    book = sound()
    book.find("projects", "projects", AWARDED)["ended"] = {"quotes": 1}
    assert {finding.kind for finding in check(book.evidence)} == {"notification-missing", "notification-unfounded"}


def test_erased_person_without_notifications_is_no_fault() -> None:
    book = sound()
    keep_news_of_the_erased(book)
    rows = book.stores["notify"]["notifications"]
    rows[:] = [row for row in rows if row["account"] != MENTORS[1]]
    assert check(book.evidence) == []


def test_unanswered_revision_may_have_happened() -> None:
    book = sound()
    change_quote(book)
    book.answer(MENTORS[1], "PATCH", "/api/quotes/{quote_id}", AWARDED, status=None, got={"quote_id": QUOTE_2})
    assert check(book.evidence) == []


def test_unanswered_withdrawal_may_have_happened() -> None:
    book = sound()
    withdraw_by_itself(book)
    id = f"quote-{CANCELLED}-{MENTORS[0]}"
    book.answer(MENTORS[0], "DELETE", "/api/quotes/{quote_id}", CANCELLED, status=503, got={"quote_id": id})
    assert check(book.evidence) == []


def test_window_that_is_rightly_open_is_no_fault() -> None:
    book = sound()
    never_end(book)
    last = find(book, "project.posted", UNFILLED)
    assert check(replace(book.evidence, collected_at=last.at + WINDOW_S + 29)) == []
    late = check(replace(book.evidence, collected_at=last.at + WINDOW_S + 31))
    assert {finding.kind for finding in late} == {"window-never-ended"}


def test_lateness_is_counted_from_the_windows_due_time() -> None:
    book = sound()
    event = find(book, "window.closed", UNFILLED)
    change(book, event, at=event.at + 2.5)
    assert lateness(book.evidence) == pytest.approx({AWARDED: 0.0, UNFILLED: 2.5}, abs=0.002)
